"""Market models for assets and benchmarks whose prices are not taken at the same time (methods.md B3, B4)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from eventstudy.errors import InputError
from eventstudy.models.least_squares import LeastSquares, forecast, least_squares, with_intercept
from eventstudy.models.linear import benchmark
from eventstudy.records import Fit, Float64Array, Sample, StudySpec
from eventstudy.registry.models import MODELS
from eventstudy.sums import row_dot, row_sum

NO_INSTRUMENT = "the benchmark's autocorrelation leaves the Scholes-Williams beta undefined"


def fit_scholes_williams(sample: Sample, spec: StudySpec) -> Fit:
    """Scholes-Williams 1977: beta = (b(-1) + b(0) + b(+1)) / (1 + 2 rho) over the interior days.

    Interior days have the benchmark on the day before and after inside the estimation window. Each b(j) is the
    slope on the benchmark j days later and rho its first autocorrelation over those days. s² = SSR / (M - 2) over
    all M days. The forecast covariance is that of the instrumental variable z = R_m(t-1) + R_m(t) + R_m(t+1):
    I + 1/n + (x - mean)(x - mean)' S_zz / S_zm², asymptotic. The leverage is that of the market model.
    """
    est, evt = sample.columns(sample.estimation), sample.columns(sample.event_window)
    market = benchmark(sample)
    y, x = sample.y[:, est], market[:, est]
    ols = least_squares(y, x[:, :, None], spec)
    fit = _instrumented(ols, y, x)
    return forecast(fit, spec, names=("alpha", "beta"), design=with_intercept(market[:, evt, None]))


def fit_dimson(sample: Sample, spec: StudySpec) -> Fit:
    """Dimson 1979: regress on the benchmark of ``spec.lags`` days before to ``spec.leads`` days after.

    Days before the estimation window serve as lags, and days after it as leads, where `sample` holds them. With
    ``spec.variant`` "aggregated" (the default) the expected return is alpha + (sum of the slopes) x benchmark of
    the same day, which needs no return after the event window; with "distributed" every slope keeps its own day.
    Leads use later benchmark returns: not for real-time use.
    """
    variants = MODELS["dimson"].variants
    variant = spec.variant or variants[0]
    if variant not in variants:
        raise InputError("unknown variant", where="variant", value=variant, remedy=f"write {' or '.join(variants)}")
    est, evt = sample.columns(sample.estimation), sample.columns(sample.event_window)
    market = benchmark(sample)
    shifted = _shifted(market, spec.lags, spec.leads)
    in_event = (
        shifted[:, evt] if variant == "distributed" else np.repeat(market[:, evt, None], shifted.shape[2], axis=2)
    )
    names = tuple(f"beta[{j:+d}]" if j else "beta[0]" for j in range(-spec.lags, spec.leads + 1))
    fit = least_squares(sample.y[:, est], shifted[:, est], spec)
    return forecast(fit, spec, names=("alpha", *names), design=with_intercept(in_event))


def _shifted(market: Float64Array, lags: int, leads: int) -> Float64Array:
    """Benchmark of `lags` days before to `leads` days after, shape (n, T, lags + leads + 1); NaN beyond the grid."""
    if lags < 0 or leads < 0:
        raise InputError("lags and leads count days", where="lags", value=(lags, leads), remedy="write 0 or more")
    padded = np.pad(market, ((0, 0), (lags, leads)), constant_values=np.nan)
    return np.lib.stride_tricks.sliding_window_view(padded, lags + leads + 1, axis=1)


def _instrumented(ols: LeastSquares, y: Float64Array, x: Float64Array) -> LeastSquares:
    before, now, after = x[:, :-2], x[:, 1:-1], x[:, 2:]
    interior = np.isfinite(y[:, 1:-1]) & np.isfinite(before) & np.isfinite(now) & np.isfinite(after)
    n = interior.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        r = _about_mean(y[:, 1:-1], interior)
        b, c, a = (_about_mean(part, interior) for part in (before, now, after))
        slopes = sum(row_dot(r, part) / row_dot(part, part) for part in (b, c, a))
        beta = slopes / (1.0 + 2.0 * row_dot(b, c) / np.sqrt(row_dot(b, b) * row_dot(c, c)))
        y_mean, x_mean = (row_sum(np.where(interior, part, 0.0)) / n for part in (y[:, 1:-1], now))
        z = b + c + a
        slope_variance = row_dot(z, z) / row_dot(z, c) ** 2
    theta = np.column_stack([y_mean - beta * x_mean, beta])
    residuals = np.where(np.isfinite(ols.residuals), y - theta[:, :1] - beta[:, None] * x, np.nan)
    gram_inverse = np.empty((len(y), 2, 2))
    gram_inverse[:, 0, 0] = 1.0 / np.maximum(n, 1) + x_mean**2 * slope_variance
    gram_inverse[:, 0, 1] = gram_inverse[:, 1, 0] = -x_mean * slope_variance
    gram_inverse[:, 1, 1] = slope_variance
    defined = np.isfinite(gram_inverse).all(axis=(1, 2)) & np.isfinite(beta)
    return replace(
        ols,
        theta=theta,
        gram_inverse=gram_inverse,
        ssr=row_sum(np.nan_to_num(residuals) ** 2),
        r_squared=np.full(len(y), np.nan),
        residuals=residuals,
        reasons=tuple(r or (None if ok else NO_INSTRUMENT) for r, ok in zip(ols.reasons, defined, strict=True)),
    )


def _about_mean(values: Float64Array, used: np.ndarray) -> Float64Array:
    """Deviations from the mean of the days used, 0 elsewhere, shape (n, M)."""
    mean = row_sum(np.where(used, values, 0.0)) / used.sum(axis=1)
    return np.where(used, values - mean[:, None], 0.0)
