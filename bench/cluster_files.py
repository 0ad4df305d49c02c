"""Studies on prices in Parquet files: processor seconds, memory of each process, and a cost model fitted on them.

    python bench/cluster_files.py one FOLDER --symbols 200 --years 20 --events 100000 --cluster local:2
    python bench/cluster_files.py fit FOLDER                      # some sizes, and least squares on them

FOLDER keeps the data.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import psutil

DAYS = 252
A_FILE = 50  # symbols
# symbols, years, events
SIZES = ((50, 20, 20_000), (200, 20, 20_000), (50, 20, 100_000), (200, 20, 100_000))
WHERE = ("none", "local:1", "local:2")


def name(i: int) -> str:
    return f"S{i:05d}"


def data(folder: Path, symbols: int, years: int, n_events: int) -> Path:
    """Prices in files of 50 symbols, and events; made once."""
    out = folder / f"{symbols}x{years}x{n_events}"
    if (out / "events.parquet").exists():
        return out
    (out / "prices").mkdir(parents=True, exist_ok=True)
    days = pd.bdate_range("2004-01-01", periods=years * DAYS)
    market = np.random.default_rng(1).normal(0, 0.01, days.size)
    for first in range(0, symbols, A_FILE):
        rng = np.random.default_rng(first + 2)
        own = range(first, min(first + A_FILE, symbols))
        moves = market[:, None] + rng.normal(0, 0.015, (days.size, len(own)))
        names, columns = [name(i) for i in own], [moves]
        if first == 0:
            names, columns = ["MKT", *names], [market[:, None], moves]
        prices = 100 * np.exp(np.cumsum(np.column_stack(columns), axis=0))
        frame = pd.DataFrame(
            {"symbol": np.repeat(names, days.size), "date": np.tile(days, len(names)), "close": prices.T.ravel()}
        )
        frame.to_parquet(out / "prices" / f"{first:05d}.parquet", index=False, row_group_size=20 * days.size)
    rng = np.random.default_rng(0)
    events = pd.DataFrame(
        {
            "event_id": [f"e{i}" for i in range(n_events)],
            "asset": np.array([name(i) for i in range(symbols)])[rng.integers(0, symbols, n_events)],
            "date": days[rng.integers(270, days.size - 15, n_events)],
        }
    )
    events.to_parquet(out / "events.parquet", index=False)
    return out


def study(folder: Path, cluster: str | None) -> None:
    """One study in this process; prints what it took as JSON."""
    import eventstudy as es
    from eventstudy.study import table  # noqa: F401  # what every study loads first
    from eventstudy.study.rows import write_study

    spec = es.StudySpec(windows=[(0, 0), (0, 1), (-1, 1)])
    events = pd.read_parquet(folder / "events.parquet")
    began, before = time.perf_counter(), [seconds(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    with tempfile.TemporaryDirectory(dir=folder) as name:
        out = Path(name)
        asked = {"benchmark": "MKT", "cluster": cluster, "with_events": False, "folder": out}
        write_study(es.run_study(str(folder / "prices"), events, spec, **asked), out)
        text = (out / "study.json").read_text()
    own, theirs = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(
        json.dumps(
            {
                "wall": time.perf_counter() - began,
                "cpu_asking": seconds(resource.RUSAGE_SELF) - before[0],
                "cpu_workers": seconds(resource.RUSAGE_CHILDREN) - before[1],
                "gib_asking": own.ru_maxrss / 2**20,
                "gib_largest_worker": theirs.ru_maxrss / 2**20,
                "document": hashlib.sha256(text.encode()).hexdigest()[:16],
                "load": os.getloadavg()[0],
            }
        )
    )


def seconds(who: int) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def measured(folder: Path, cluster: str) -> dict[str, float]:
    """One study in a process of its own, whose memory and that of its workers is looked at twice a second.

    What was seen is left in FOLDER/memory-CLUSTER.csv: seconds, process, bytes.
    """
    command = [sys.executable, __file__, "study", str(folder), "--cluster", cluster]
    began, most, seen = time.perf_counter(), 0, ["second,process,bytes"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # ourselves
        while process.poll() is None:
            held = resident(process.pid)
            most = max(most, sum(held.values()))
            seen += [f"{time.perf_counter() - began:.1f},{who},{held[who]}" for who in held]
            time.sleep(0.5)
        assert process.stdout is not None
        said = process.stdout.read()
    (folder / f"memory-{cluster.replace(':', '-')}.csv").write_text("\n".join(seen) + "\n")
    found: dict[str, float] = json.loads(said.splitlines()[-1])
    return {**found, "gib_together": most / 2**30}


def resident(pid: int) -> dict[int, int]:
    """Bytes that a process and all that it started have in memory: PSS, of what n share an nth part each."""
    found = {}
    for process in (psutil.Process(pid), *psutil.Process(pid).children(recursive=True)):
        with contextlib.suppress(psutil.Error, FileNotFoundError, ProcessLookupError):
            found[process.pid] = process.memory_full_info().pss
    return found


def shown(size: tuple[int, int, int], cluster: str, found: dict[str, float]) -> str:
    return (
        f"{size[0]:>6,} symbols × {size[1]} years, {size[2]:>9,} events  {cluster:8} "
        f"CPU {found['cpu_asking']:6.1f} + {found['cpu_workers']:6.1f} s, wall {found['wall']:6.1f} s, "
        f"{found['gib_asking']:.2f} GiB asking, {found['gib_largest_worker']:.2f} GiB the largest worker, "
        f"{found['gib_together']:.2f} GiB together, load {found['load']:.0f}, {found['document']}"
    )


def fit(folder: Path, places: Sequence[str]) -> None:
    """Least squares of processor seconds on what is read, and on events, for each place."""
    for cluster in places:
        rows, asking, workers = [], [], []
        for size in SIZES:
            found = measured(data(folder, *size), cluster)
            print(shown(size, cluster, found), flush=True)
            rows.append([1.0, size[0] * size[1] * DAYS / 1e6, size[2] / 1e6])
            asking.append(found["cpu_asking"])
            workers.append(found["cpu_workers"])
        for who, values in (("asking", asking), ("workers", workers)):
            if any(values):
                a, b, c = np.linalg.lstsq(np.array(rows), np.array(values), rcond=None)[0]
                off = np.abs(np.array(rows) @ [a, b, c] - values).max()
                print(
                    f"{cluster}, {who}: {a:.1f} s + {b:.2f} s a million prices + {c:.1f} s a million events, "
                    f"at most {off:.1f} s off",
                    flush=True,
                )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("one", "fit", "study"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--symbols", type=int, default=200)
    parser.add_argument("--years", type=int, default=20)
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--cluster", choices=WHERE)
    options = parser.parse_args()
    size = options.symbols, options.years, options.events
    if options.what == "study":
        study(options.folder, None if options.cluster == "none" else options.cluster)
    elif options.what == "one":
        for cluster in [options.cluster] if options.cluster else WHERE:
            print(shown(size, cluster, measured(data(options.folder, *size), cluster)), flush=True)
    else:
        fit(options.folder, [options.cluster] if options.cluster else WHERE)


if __name__ == "__main__":
    main()
