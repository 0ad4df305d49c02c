"""Our study beside the Python package published as ``eventstudy`` 0.1a12: the same events, numbers and time.

The peer has our import name, so it runs in an environment of its own, and each side times itself::

    python -m venv /tmp/peer && /tmp/peer/bin/pip install eventstudy==0.1a12
    python bench/peers.py --peer /tmp/peer/bin/python
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

import eventstudy as es

SESSIONS, ASSETS, PEER_EVENTS = 5_000, 2_000, 500
ESTIMATION, GAP, AROUND = 250, 0, 10

# What runs in the peer's environment; it prints one JSON object.
PEER = """
import json, sys, time
import numpy as np
from eventstudy import Single
data = np.load(sys.argv[1])
dates = data["dates"].astype("datetime64[D]")
names = [str(name) for name in data["names"]]
table = data["returns"]
returns = {name: table[:, j] for j, name in enumerate(names)}
Single._save_parameter("returns", {"date": dates, **returns})
started = time.perf_counter()
out = []
for asset, day in zip(data["asset"], data["day"]):
    found = Single.market_model(str(asset), "MKT", day.astype("datetime64[D]"), event_window=(-10, 10),
                                estimation_size=250, buffer_size=0)
    out.append((found.AR, found.CAR, found.var_CAR, found.tstat, found.pvalue, found.df))
seconds = time.perf_counter() - started
last = [[float(v) for v in np.atleast_1d(x)] for x in out[0]]
print(json.dumps({"rate": len(out) / seconds, "first": last}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", type=Path, required=True, help="Python of an environment with eventstudy 0.1a12")
    parser.add_argument("--events", type=int, default=100_000)
    options = parser.parse_args()
    rng = np.random.default_rng(1)
    market = 0.01 * rng.standard_normal(SESSIONS)
    returns = market[:, None] * rng.uniform(0.5, 1.5, ASSETS) + 0.015 * rng.standard_t(4, (SESSIONS, ASSETS))
    names = [f"S{j:04d}" for j in range(ASSETS)]
    dates = pd.bdate_range("2000-01-03", periods=SESSIONS)
    frame = pd.DataFrame(np.column_stack([market, returns]), columns=["MKT", *names])
    frame.insert(0, "date", dates)
    chosen = rng.integers(0, ASSETS, options.events)
    days = rng.integers(ESTIMATION + AROUND + 1, SESSIONS - AROUND - 1, options.events)
    events = pd.DataFrame(
        {
            "event_id": np.arange(options.events).astype(str),
            "asset": [names[j] for j in chosen],
            "date": dates[days],
        }
    )
    spec = es.StudySpec(
        model="market",
        returns="simple",
        estimation=(-ESTIMATION - AROUND, -AROUND - 1),
        event_window=(-AROUND, AROUND),
        windows=[(-AROUND, AROUND)],
    )
    theirs = _peer(options.peer, frame, names, events.head(PEER_EVENTS))
    started = time.perf_counter()
    result = es.run_study(frame, events, spec, benchmark="MKT", values="returns")
    ours = options.events / (time.perf_counter() - started)
    print(f"{'eventstudy 0.1a12, ' + format(PEER_EVENTS, ',') + ' events':48s}{theirs['rate']:12,.0f} events/s        1 x")
    print(f"{'ours, every test, ' + format(options.events, ',') + ' events':48s}{ours:12,.0f} events/s {ours / theirs['rate']:8,.0f} x")
    _compare(result, theirs["first"])


def _peer(python: Path, frame: pd.DataFrame, names: list[str], events: pd.DataFrame) -> dict[str, list[list[float]]]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "panel.npz"
        np.savez(
            path,
            dates=frame["date"].to_numpy().astype("datetime64[D]").astype(str),
            names=np.array(["MKT", *names]),
            returns=frame.drop(columns="date").to_numpy(),
            asset=events["asset"].to_numpy().astype(str),
            day=events["date"].to_numpy().astype("datetime64[D]"),
        )
        script = Path(folder) / "peer.py"
        script.write_text(PEER, encoding="utf-8")
        done = subprocess.run([python, script, path], capture_output=True, text=True, check=True, cwd=folder)
    found: dict[str, list[list[float]]] = json.loads(done.stdout)
    return found


def _compare(result: es.StudyResult, first: list[list[float]]) -> None:
    """The first event, side by side; what differs is the peer's variance and degrees of freedom."""
    ar, car, var_car, t, p, df = first
    mine = result.to_dict()["events"][0]
    window = mine["windows"][0]
    own = next(test for test in window["tests"] if test["name"] == "t")
    rows = [
        ("AR on day 0", mine["days"][AROUND]["ar"], ar[AROUND], "equal: both are least squares with an intercept"),
        ("CAR[-10,10]", window["car"], car[-1], "equal"),
        ("s.e. of CAR", window["car_se"], var_car[-1] ** 0.5, "theirs: SSR/n, no forecast error"),
        ("degrees of freedom", mine["df"], df[0], "theirs: n - 1; two parameters were estimated"),
        ("t", own["statistic"], t[-1], "theirs is too large, so it rejects too often"),
        ("p", own["p_value"], p[-1], "theirs: 1 - cdf, without precision in the tail"),
    ]
    print(f"\n{'first event':20s}{'ours':>16s}{'theirs':>16s}")
    for name, a, b, why in rows:
        print(f"{name:20s}{a:16.10g}{b:16.10g}  {why}")


if __name__ == "__main__":
    main()
