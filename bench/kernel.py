"""How fast a study of many events is, beside a loop over statsmodels in the same process.

Run ``python bench/kernel.py``. Times vary with the machine; the ratios say what matters.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pandas as pd
from statsmodels.regression.linear_model import OLS

import eventstudy as es
from eventstudy import compiled

SESSIONS, ASSETS = 5_000, 2_000
SPEC = es.StudySpec(
    returns="simple", estimation=(-260, -11), event_window=(-10, 10), windows=[(0, 0), (0, 1), (-10, 10)], tests=("t",)
)


def loop(returns: pd.DataFrame, events: pd.DataFrame) -> None:
    """One event at a time: ordinary least squares, its forecast, and the CAR of three windows."""
    table = returns.set_index("date")
    x = table["MKT"].to_numpy()
    rows = table.index.get_indexer(events["date"])
    for row, asset in zip(rows, events["asset"], strict=True):
        y = table[asset].to_numpy()
        est = slice(row + SPEC.estimation.start, row + SPEC.estimation.end + 1)
        evt = slice(row + SPEC.event_window.start, row + SPEC.event_window.end + 1)
        fit = OLS(y[est], np.column_stack([np.ones(est.stop - est.start), x[est]])).fit()
        design = np.column_stack([np.ones(evt.stop - evt.start), x[evt]])
        forecast = fit.get_prediction(design)
        ar = y[evt] - forecast.predicted_mean
        ar / forecast.se_obs
        for window in SPEC.windows:
            inside = slice(window.start + 10, window.end + 11)
            shift = design[inside].sum(axis=0)
            ar[inside].sum() / np.sqrt(fit.scale * window.length + shift @ fit.cov_params() @ shift)


def study(returns: pd.DataFrame, events: pd.DataFrame) -> None:
    """The same by `run_study`, with all that it checks."""
    assert es.run_study(returns, events, SPEC, benchmark="MKT", values="returns").n_skipped == 0


def timed(run: Callable[[pd.DataFrame, pd.DataFrame], None], returns: pd.DataFrame, events: pd.DataFrame) -> float:
    started = time.perf_counter()
    run(returns, events)
    return time.perf_counter() - started


def main() -> None:
    rng = np.random.default_rng(1)
    market = 0.01 * rng.standard_normal(SESSIONS)
    values = market[:, None] + 0.02 * rng.standard_normal((SESSIONS, ASSETS))
    names = [f"S{j:04d}" for j in range(ASSETS)]
    dates = pd.bdate_range("2000-01-03", periods=SESSIONS)

    returns = pd.DataFrame(np.column_stack([market, values]), columns=["MKT", *names])
    returns.insert(0, "date", dates)
    cases = [
        ("statsmodels, one event at a time", loop, 500),
        ("run_study, 2,000 events", study, 2_000),
        ("run_study, 100,000 events", study, 100_000),
    ]
    fast = ", compiled loops" if compiled.loops(compiled.WORTH) else ""
    print(f"{SESSIONS:,} sessions x {ASSETS:,} assets, 250-day estimation, AR of 21 days, CAR of 3 windows{fast}")
    slowest = None
    for name, run, n in cases:
        events = pd.DataFrame(
            {
                "event_id": np.arange(n).astype(str),
                "asset": np.array(names)[rng.integers(0, ASSETS, n)],
                "date": dates[rng.integers(261, SESSIONS - 10, n)],
            }
        )
        rate = n / min(timed(run, returns, events) for _ in range(2))
        slowest = slowest or rate
        print(f"{name:45s}{rate:14,.0f} events/s {rate / slowest:10,.0f} x")


if __name__ == "__main__":
    main()
