"""Our study beside the Python package published as ``eventstudy`` 0.1a12: the same events, numbers and time.

The peer has our import name, so it runs in an environment of its own, and each side times itself::

    python -m venv /tmp/peer && /tmp/peer/bin/pip install eventstudy==0.1a12
    python bench/peers.py --peer /tmp/peer/bin/python
    python bench/peers.py --peer /tmp/peer/bin/python --plain    # as without the extra [fast]

Each row has events per second by the clock, and the processor time of an event, which other programs on the machine
bear on less; both beside the peer's, which uses one core.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import eventstudy as es
from eventstudy import compiled
from eventstudy.registry.tests import TESTS

SESSIONS, ASSETS, PEER_EVENTS = 5_000, 2_000, 500
ESTIMATION, AROUND = 250, 10

# What runs in the peer's environment; it prints one JSON object.
PEER = """
import json, sys, time
import numpy as np
from eventstudy import Multiple, Single
data = np.load(sys.argv[1])
dates = data["dates"].astype("datetime64[D]")
names = [str(name) for name in data["names"]]
table = data["returns"]
returns = {name: table[:, j] for j, name in enumerate(names)}
Single._save_parameter("returns", {"date": dates, **returns})
started, cpu = time.perf_counter(), time.process_time()
out = []
for asset, day in zip(data["asset"], data["day"]):
    found = Single.market_model(str(asset), "MKT", day.astype("datetime64[D]"), event_window=(-10, 10),
                                estimation_size=250, buffer_size=0)
    out.append(found)
seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
one, all_of_them = out[0], Multiple(out)
first = [one.AR[10], one.CAR[-1], one.var_CAR[-1] ** 0.5, one.df, one.tstat[-1], one.pvalue[-1]]
many = all_of_them.CAAR[-1], all_of_them.var_CAAR[-1] ** 0.5, all_of_them.tstat[-1], all_of_them.pvalue[-1]
times = [seconds / len(out), cpu / len(out)]
print(json.dumps({"times": times, "first": list(map(float, first)), "many": list(map(float, many))}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--peer", type=Path, required=True, help="Python of an environment with eventstudy 0.1a12")
    parser.add_argument("--events", type=int, default=100_000)
    parser.add_argument("--plain", action="store_true", help="without the compiled loops of the extra [fast]")
    options = parser.parse_args()
    if options.plain:
        compiled.WORTH = options.events + 1
    frame, names = _panel()
    rng = np.random.default_rng(2)
    chosen = rng.integers(0, ASSETS, options.events)
    days = rng.integers(ESTIMATION + AROUND + 1, SESSIONS - AROUND - 1, options.events)
    events = pd.DataFrame(
        {
            "event_id": np.arange(options.events).astype(str),
            "asset": [names[j] for j in chosen],
            "date": frame["date"].to_numpy()[days],
        }
    )
    theirs = _peer(options.peer, frame, names, events.head(PEER_EVENTS))
    print(f"{SESSIONS:,} sessions x {ASSETS:,} assets, market model, {ESTIMATION} estimation days, 21-day window")
    _row(f"eventstudy 0.1a12: AR, CAR, t; {PEER_EVENTS:,} events", theirs["times"], theirs["times"])
    analytic = tuple(name for name, test in TESTS.items() if not test.is_resampled)
    if compiled.loops(options.events):
        print("with the compiled loops of the extra [fast], loaded beforehand")
        _study(frame, events.head(compiled.WORTH), analytic)
    for label, tests in (("AR, CAR, t", ("t",)), ("every analytic test", analytic), ("every test", None)):
        found = []
        for _ in range(3):
            started, cpu = time.perf_counter(), time.process_time()
            _study(frame, events, tests)
            found.append((time.perf_counter() - started, time.process_time() - cpu))
        best = [min(times) / options.events for times in zip(*found, strict=True)]
        _row(f"ours: {label}; {options.events:,} events", best, theirs["times"])
    _compare(_study(frame, events.head(1), ("t",)), theirs["first"])
    _compare_average(_study(frame, events.head(PEER_EVENTS), ("time_series_z",)), theirs)


def _panel() -> tuple[pd.DataFrame, list[str]]:
    """Seeded returns with fat tails, and the names of the assets."""
    rng = np.random.default_rng(1)
    market = 0.01 * rng.standard_normal(SESSIONS)
    returns = market[:, None] * rng.uniform(0.5, 1.5, ASSETS) + 0.015 * rng.standard_t(4, (SESSIONS, ASSETS))
    names = [f"S{j:04d}" for j in range(ASSETS)]
    frame = pd.DataFrame(np.column_stack([market, returns]), columns=["MKT", *names])
    frame.insert(0, "date", pd.bdate_range("2000-01-03", periods=SESSIONS))
    return frame, names


def _study(frame: pd.DataFrame, events: pd.DataFrame, tests: tuple[str, ...] | None) -> es.StudyResult:
    spec = es.StudySpec(
        model="market",
        returns="simple",
        estimation=(-ESTIMATION - AROUND, -AROUND - 1),
        event_window=(-AROUND, AROUND),
        windows=[(-AROUND, AROUND)],
        tests=tests,
    )
    result = es.run_study(frame, events, spec, benchmark="MKT", values="returns")
    assert all(group.tests for group in result.groups)  # a test is computed when it is first asked for
    return result


def _row(label: str, times: list[float], peer: list[float]) -> None:
    (clock, cpu), (their_clock, their_cpu) = times, peer
    print(
        f"{label:52s}{1 / clock:9,.0f} events/s {their_clock / clock:6,.1f} x"
        f" {1e6 * cpu:8,.1f} µs of processor {their_cpu / cpu:6,.1f} x",
        flush=True,
    )


def _peer(python: Path, frame: pd.DataFrame, names: list[str], events: pd.DataFrame) -> Any:
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
    return json.loads(done.stdout)


def _compare(result: es.StudyResult, theirs: list[float]) -> None:
    """The first event, side by side; what differs is the peer's variance and degrees of freedom."""
    mine = result.to_dict()["events"][0]
    window = mine["windows"][0]
    test = window["tests"][0]
    ours = [
        ("AR on day 0", mine["days"][AROUND]["ar"], "equal: both are least squares with an intercept"),
        ("CAR[-10,10]", window["car"], "equal"),
        ("s.e. of CAR", window["car_se"], "theirs: root of L SSR/n, without the error of the fitted model"),
        ("degrees of freedom", mine["df"], "theirs: n - 1, but two parameters were estimated"),
        ("t", test["statistic"], "theirs is larger, so it rejects more often than it says"),
        ("p", test["p_value"], "theirs: 1 - cdf, which has no digits left in the far tail"),
    ]
    _print(ours, theirs, "first event")


def _compare_average(result: es.StudyResult, theirs: Any) -> None:
    window = result.to_dict()["aggregate"][0]["windows"][0]
    test = next(test for test in window["tests"] if test["name"] == "time_series_z")
    ours = [
        ("CAAR[-10,10]", window["caar"], "equal"),
        ("s.e. of CAAR", window["caar"] / test["statistic"], "theirs: as above"),
        ("statistic", test["statistic"], "theirs is larger"),
        ("p", test["p_value"], "ours normal; theirs t with the sum of all degrees of freedom"),
    ]
    _print(ours, theirs["many"], f"{PEER_EVENTS} events")


def _print(ours: list[tuple[str, float, str]], theirs: list[float], title: str) -> None:
    print(f"\n{title:20s}{'ours':>16s}{'theirs':>16s}")
    for (name, mine, why), other in zip(ours, theirs, strict=True):
        print(f"{name:20s}{mine:16.10g}{other:16.10g}  {why}")


if __name__ == "__main__":
    main()
