"""Market models that a few wild days in the estimation window do not move (methods.md B7).

The coefficients are robust; the variance is not: s² = SSR / (M - 2) and the forecast covariance is that of ordinary
least squares, an approximation. Prefer placebo or rank inference with these models.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from eventstudy.models.least_squares import forecast, least_squares, with_intercept
from eventstudy.models.linear import benchmark
from eventstudy.records import Fit, Float64Array, Sample, StudySpec
from eventstudy.sums import row_sum

HUBER_C = 1.345  # 95 % efficient under normal errors

HUBER_STEPS = 49  # as many as statsmodels takes at most
SETTLED = 1e-14  # of the scale: a step this small changes no digit
MAD = 0.6744897501960817  # median absolute value of the standard normal law

Lines = Callable[[Float64Array, Float64Array], Float64Array]


def fit_huber(sample: Sample, spec: StudySpec) -> Fit:
    """Huber's M-estimator, c = 1.345 with the scale from the median absolute deviation, as in statsmodels' RLM."""
    return _fit_lines(sample, spec, huber_lines)


def fit_theil_sen(sample: Sample, spec: StudySpec) -> Fit:
    """Theil-Sen: median of the slopes of all pairs of days; alpha = median(R) - beta x median(R_m)."""
    return _fit_lines(sample, spec, theil_sen_lines)


def huber_lines(y: Float64Array, x: Float64Array) -> Float64Array:
    """Intercepts and slopes of n events, by iterated reweighting from least squares; shape (n, 2).

    Where more than half of the points lie on one line, the scale goes to zero and that line is the answer.

    Parameters
    ----------
    y, x : Float64Array
        Shape (n, M), NaN = missing on both.
    """
    present = np.isfinite(y)
    y, x = np.where(present, y, 0.0), np.where(present, x, 0.0)
    theta = _weighted_lines(y, x, present.astype(float))
    left = np.arange(len(y))
    for _ in range(HUBER_STEPS):
        error = y[left] - theta[left, :1] - theta[left, 1:] * x[left]
        size = np.where(present[left], np.abs(error), np.nan)
        scale = np.nanmedian(size, axis=1) / MAD
        going = scale > 0
        left, size, scale = left[going], size[going], scale[going]
        if not left.size:
            break
        with np.errstate(divide="ignore"):
            weight = np.where(present[left], np.minimum(1.0, HUBER_C * scale[:, None] / size), 0.0)
        new = _weighted_lines(y[left], x[left], weight)
        moved = np.abs(new - theta[left]) * np.column_stack([np.ones(left.size), np.abs(x[left]).max(axis=1)])
        theta[left] = new
        left = left[moved.max(axis=1) > SETTLED * scale]
        if not left.size:
            break
    return theta


def theil_sen_lines(y: Float64Array, x: Float64Array) -> Float64Array:
    """Intercepts and slopes of n events, shape (n, 2); pairs of days with the same benchmark return do not count.

    Parameters
    ----------
    y, x : Float64Array
        Shape (n, M), NaN = missing on both.
    """
    theta = np.empty((len(y), 2))
    first, second = np.triu_indices(y.shape[1], k=1)
    for i, (own, market) in enumerate(zip(y, x, strict=True)):
        run = market[second] - market[first]
        usable = np.isfinite(run) & (run != 0)
        slope = float(np.median((own[second] - own[first])[usable] / run[usable]))
        theta[i] = float(np.nanmedian(own)) - slope * float(np.nanmedian(market)), slope
    return theta


def _weighted_lines(y: Float64Array, x: Float64Array, weight: Float64Array) -> Float64Array:
    total = weight.sum(axis=1)
    y_mean, x_mean = (weight * y).sum(axis=1) / total, (weight * x).sum(axis=1) / total
    dx = x - x_mean[:, None]
    slope = (weight * dx * (y - y_mean[:, None])).sum(axis=1) / (weight * dx * dx).sum(axis=1)
    return np.column_stack([y_mean - slope * x_mean, slope])


def _fit_lines(sample: Sample, spec: StudySpec, lines: Lines) -> Fit:
    est, evt = sample.columns(sample.estimation), sample.columns(sample.event_window)
    market = benchmark(sample)
    y, x = sample.y[:, est], market[:, est]
    ols = least_squares(y, x[:, :, None], spec)
    theta = np.full((len(y), 2), np.nan)
    usable = np.flatnonzero([reason is None for reason in ols.reasons])
    absent = ~np.isfinite(ols.residuals[usable])
    theta[usable] = lines(np.where(absent, np.nan, y[usable]), np.where(absent, np.nan, x[usable]))
    residuals = np.where(np.isfinite(ols.residuals), y - theta[:, :1] - theta[:, 1:] * x, np.nan)
    fit = replace(
        ols,
        theta=theta,
        ssr=row_sum(np.nan_to_num(residuals) ** 2),
        r_squared=np.full(len(y), np.nan),
        residuals=residuals,
    )
    return forecast(fit, spec, names=("alpha", "beta"), design=with_intercept(market[:, evt, None]))
