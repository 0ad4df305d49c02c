"""Market models that a few wild days in the estimation window do not move (methods.md B7).

The coefficients are robust; the variance is not: s² = SSR / (M - 2) and the forecast covariance is that of ordinary
least squares, an approximation. Prefer placebo or rank inference with these models.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from eventstudy.models.least_squares import forecast, least_squares, with_intercept
from eventstudy.models.linear import benchmark
from eventstudy.records import Fit, Float64Array, Sample, StudySpec
from eventstudy.sums import row_sum

HUBER_C = 1.345  # 95 % efficient under normal errors

_one_at_a_time = threading.Lock()

Line = Callable[[Float64Array, Float64Array], tuple[float, float]]


def fit_huber(sample: Sample, spec: StudySpec) -> Fit:
    """Huber's M-estimator, c = 1.345 with the scale from the median absolute deviation (statsmodels RLM)."""
    return _fit_line(sample, spec, huber_line)


def fit_theil_sen(sample: Sample, spec: StudySpec) -> Fit:
    """Theil-Sen: median of the slopes of all pairs of days; alpha = median(R) - beta x median(R_m)."""
    return _fit_line(sample, spec, theil_sen_line)


def huber_line(y: Float64Array, x: Float64Array) -> tuple[float, float]:
    """Intercept and slope of one event, by iterated reweighting.

    Where more than half of the points lie on one line, the scale goes to zero and that line is the answer.

    Parameters
    ----------
    y, x : Float64Array
        Shape (M,), complete.
    """
    from statsmodels.robust.norms import HuberT
    from statsmodels.robust.robust_linear_model import RLM

    # statsmodels warns when the scale reaches zero; the filters of `warnings` belong to all threads.
    with _one_at_a_time, np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):
        fit = RLM(y, np.column_stack([np.ones(x.size), x]), M=HuberT(HUBER_C), missing="raise").fit()
    return float(fit.params[0]), float(fit.params[1])


def theil_sen_line(y: Float64Array, x: Float64Array) -> tuple[float, float]:
    """Intercept and slope of one event; pairs of days with the same benchmark return do not count.

    Parameters
    ----------
    y, x : Float64Array
        Shape (M,), complete.
    """
    first, second = np.triu_indices(x.size, k=1)
    run = x[second] - x[first]
    slope = float(np.median((y[second] - y[first])[run != 0] / run[run != 0]))
    return float(np.median(y)) - slope * float(np.median(x)), slope


def _fit_line(sample: Sample, spec: StudySpec, line: Line) -> Fit:
    est, evt = sample.columns(sample.estimation), sample.columns(sample.event_window)
    market = benchmark(sample)
    y, x = sample.y[:, est], market[:, est]
    ols = least_squares(y, x[:, :, None], spec)
    theta = np.full((len(y), 2), np.nan)
    for i in (i for i, reason in enumerate(ols.reasons) if reason is None):
        present = np.isfinite(ols.residuals[i])
        theta[i] = line(y[i, present], x[i, present])
    residuals = np.where(np.isfinite(ols.residuals), y - theta[:, :1] - theta[:, 1:] * x, np.nan)
    fit = replace(
        ols,
        theta=theta,
        ssr=row_sum(np.nan_to_num(residuals) ** 2),
        r_squared=np.full(len(y), np.nan),
        residuals=residuals,
    )
    return forecast(fit, spec, names=("alpha", "beta"), design=with_intercept(market[:, evt, None]))
