"""One process against a cluster on this machine: seconds, bytes, and whether the averages are the same to the last bit.

    python bench/cluster.py [--symbols 200] [--years 20] [--events 100000] [--workers 1 2]

What came out of the sizes that stand here is in docs/cluster.md.
"""

from __future__ import annotations

import argparse
import json
import resource
import time

import numpy as np
import pandas as pd

import eventstudy as es
from eventstudy.study.document import averaged


def tables(symbols: int, years: int, n_events: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(1)
    days = pd.bdate_range("2004-01-01", periods=years * 252)
    market = rng.normal(0, 0.01, days.size)
    logs = np.cumsum(market[:, None] + rng.normal(0, 0.015, (days.size, symbols)), axis=0)
    names = [f"S{i:05d}" for i in range(symbols)]
    prices = pd.DataFrame(100 * np.exp(logs), columns=names)
    prices.insert(0, "MKT", 100 * np.exp(np.cumsum(market)))
    prices.insert(0, "date", days)
    events = pd.DataFrame(
        {
            "event_id": [f"e{i}" for i in range(n_events)],
            "asset": np.array(names)[rng.integers(0, symbols, n_events)],
            "date": days[rng.integers(270, days.size - 15, n_events)],
        }
    )
    return prices, events


def seconds() -> float:
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--symbols", type=int, default=200)
    parser.add_argument("--years", type=int, default=20)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2])
    options = parser.parse_args()
    prices, events = tables(options.symbols, options.years, options.events)
    spec = es.StudySpec(windows=[(0, 0), (0, 1), (-1, 1)])
    alone = None
    for n in [0, *options.workers]:
        cpu, wall = seconds(), time.perf_counter()
        cluster = f"local:{n}" if n else None
        found = es.run_study(prices, events, spec, benchmark="MKT", cluster=cluster, with_events=False)
        text = json.dumps(averaged(found)["aggregate"])
        alone = alone or text
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
        print(
            f"{cluster or 'one process':12} {time.perf_counter() - wall:6.1f} s wall {seconds() - cpu:6.1f} s CPU "
            f"{memory:5.2f} GiB here, the same to the last bit: {text == alone}",
            flush=True,
        )


if __name__ == "__main__":
    main()
