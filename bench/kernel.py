"""How fast the kernels are, beside a loop over statsmodels in the same process.

Run ``python bench/kernel.py``. Times vary with the machine; the ratios say what matters.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from eventstudy.models.batch import batches, fit_batch
from statsmodels.regression.linear_model import OLS

from eventstudy.abnormal import abnormal_returns, cumulate
from eventstudy.records import Float64Array, Int64Array, Sample, StudySpec, Window
from eventstudy.registry.models import MODELS

Run = Callable[[Float64Array, Float64Array, Int64Array, Int64Array], None]

SESSIONS, ASSETS = 5_000, 2_000
SPEC = StudySpec(
    estimation=Window(-260, -11), event_window=Window(-10, 10), windows=(Window(0, 0), Window(0, 1), Window(-10, 10))
)


def loop(y: Float64Array, x: Float64Array, rows: Int64Array, assets: Int64Array) -> None:
    """One event at a time: ordinary least squares, its forecast, and the CAR of three windows."""
    for row, asset in zip(rows, assets, strict=True):
        est = slice(row + SPEC.estimation.start, row + SPEC.estimation.end + 1)
        evt = slice(row + SPEC.event_window.start, row + SPEC.event_window.end + 1)
        fit = OLS(y[est, asset], np.column_stack([np.ones(est.stop - est.start), x[est]])).fit()
        design = np.column_stack([np.ones(evt.stop - evt.start), x[evt]])
        forecast = fit.get_prediction(design)
        ar = y[evt, asset] - forecast.predicted_mean
        ar / forecast.se_obs
        for window in SPEC.windows:
            inside = slice(window.start + 10, window.end + 11)
            shift = design[inside].sum(axis=0)
            ar[inside].sum() / np.sqrt(fit.scale * window.length + shift @ fit.cov_params() @ shift)


def vectorised(y: Float64Array, x: Float64Array, rows: Int64Array, assets: Int64Array) -> None:
    """The kernel behind the models, a few thousand events at a time."""
    tau = np.arange(SPEC.estimation.start, SPEC.event_window.end + 1)
    for part in np.array_split(np.arange(rows.size), max(1, rows.size // 1024)):
        days = rows[part, None] + tau
        sample = Sample(
            tau=tau,
            y=y[days, assets[part, None]],
            x=x[days][:, :, None],
            estimation=SPEC.estimation,
            event_window=SPEC.event_window,
        )
        fit = MODELS[SPEC.model](sample, SPEC)
        abnormal = abnormal_returns(sample, fit)
        for window in SPEC.windows:
            cumulate(fit, abnormal, window, is_log=True)


def in_parts(y: Float64Array, x: Float64Array, rows: Int64Array, assets: Int64Array) -> None:
    """The kernel; its answers are looked at part by part and dropped."""
    assert sum(part.events.size for part in batches(y, x, rows, assets, SPEC)) == rows.size


def at_once(y: Float64Array, x: Float64Array, rows: Int64Array, assets: Int64Array) -> None:
    """The same, with all answers kept in the order of the events."""
    fit_batch(y, x, rows, assets, SPEC)


def timed(run: Run, *arguments: Any) -> float:
    started = time.perf_counter()
    run(*arguments)
    return time.perf_counter() - started


def main() -> None:
    rng = np.random.default_rng(1)
    x = 0.01 * rng.standard_normal(SESSIONS)
    y = x[:, None] + 0.02 * rng.standard_normal((SESSIONS, ASSETS))
    holes = y.copy()
    holes[rng.random(y.shape) < 0.02] = np.nan
    cases: list[tuple[str, Run, int, Float64Array]] = [
        ("statsmodels, one event at a time", loop, 500, y),
        ("models.linear, chunks of 1,024", vectorised, 20_000, y),
        ("models.batch, 100,000 events", in_parts, 100_000, y),
        ("models.batch, 1,000,000 events", in_parts, 1_000_000, y),
        ("models.batch, 1,000,000 events, all kept", at_once, 1_000_000, y),
        ("models.batch, 1,000,000 events, 2 % missing", in_parts, 1_000_000, holes),
    ]
    print(f"{SESSIONS:,} sessions x {ASSETS:,} assets, 250-day estimation, AR and SAR of 21 days, CAR of 3 windows")
    slowest = None
    for name, run, events, panel in cases:
        rows, assets = rng.integers(260, SESSIONS - 10, events), rng.integers(0, ASSETS, events)
        rate = events / min(timed(run, panel, x, rows, assets) for _ in range(2))
        slowest = slowest or rate
        print(f"{name:45s}{rate:14,.0f} events/s {rate / slowest:10,.0f} x")


if __name__ == "__main__":
    main()
