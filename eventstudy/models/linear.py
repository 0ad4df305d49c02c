"""Linear expected-return models, for a whole batch of events at once.

Ordinary least squares of an asset's returns on a constant and p benchmark returns over the estimation window,
methods.md B1, and the models that take the benchmark off without estimating anything (B2, B10). Days with a missing
return, on either side, are left out of the fit of that event alone.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from eventstudy.errors import InputError
from eventstudy.models.least_squares import ROUNDING, forecast, least_squares, with_intercept
from eventstudy.records import Fit, Float64Array, Sample, StudySpec
from eventstudy.sums import row_sum


def fit_constant_mean(sample: Sample, spec: StudySpec) -> Fit:
    """Expect the mean of the estimation window (methods.md B2, k = 1)."""
    return fit_least_squares(sample, spec, columns=0)


def fit_market(sample: Sample, spec: StudySpec) -> Fit:
    """Market model: expect alpha + beta times the benchmark (methods.md B1, k = 2)."""
    return fit_least_squares(sample, spec, columns=1)


def fit_factor(sample: Sample, spec: StudySpec) -> Fit:
    """Factor model: a constant and every column of ``sample.x`` (methods.md B5).

    The three-factor, Carhart and five-factor models are this one with 3, 4 and 5 columns; returns are then in
    excess of the risk-free rate, which is the caller's responsibility.
    """
    return fit_least_squares(sample, spec, columns=max(sample.x.shape[2], 1))


def fit_market_adjusted(sample: Sample, spec: StudySpec) -> Fit:
    """Expect the benchmark's return; nothing is estimated in the mean (methods.md B2).

    s² is the variance of R - R_m about its mean with M - 1 degrees of freedom; C is the identity.
    """
    return fit_difference(sample, spec, benchmark(sample))


def fit_peer(sample: Sample, spec: StudySpec) -> Fit:
    """Expect the mean return of the peers, the columns of ``sample.x`` (methods.md B10).

    A peer without a return that day is left out of that day's mean. Peers exposed to the same news absorb the
    effect. With ``spec.variant == "regression"`` the peers' mean is the regressor of a market model instead.
    """
    present = np.isfinite(sample.x)
    if not sample.x.shape[2]:
        raise InputError("the peer model needs at least one peer", where="factors")
    with np.errstate(invalid="ignore"):
        mean = row_sum(np.where(present, sample.x, 0.0)) / present.sum(axis=2)
    if spec.variant == "regression":
        return fit_market(replace(sample, x=mean[:, :, None]), spec)
    return fit_difference(sample, spec, mean)


def fit_comparison_mean(sample: Sample, spec: StudySpec) -> Fit:
    """Expect the mean of comparison days on both sides of the event (methods.md B2; Masulis 1980).

    The days after the event mirror the estimation window, as far as `sample` reaches beyond the event window. The
    mean, s² and M are those of both sides, ``Fit.residuals`` those of the estimation window alone, on its grid.
    Not for real-time use: it looks ahead.
    """
    mirror = (sample.tau >= -sample.estimation.end) & (sample.tau <= -sample.estimation.start)
    after = sample.y[:, mirror & (sample.tau > sample.event_window.end)]
    y = np.concatenate([sample.y[:, sample.columns(sample.estimation)], after], axis=1)
    fit = least_squares(y, np.empty((*y.shape, 0)), spec)
    before = slice(sample.estimation.length)
    fit = replace(fit, residuals=fit.residuals[:, before], leverage=fit.leverage[:, before])
    design = np.ones((len(y), sample.event_window.length, 1))
    return forecast(fit, spec, names=("alpha",), design=design)


def fit_least_squares(sample: Sample, spec: StudySpec, columns: int) -> Fit:
    """Least squares on a constant and the first `columns` columns of ``sample.x``."""
    if sample.x.shape[2] < columns:
        raise InputError(f"the model {spec.model} needs a benchmark or factors", where="benchmark")
    est, evt = sample.columns(sample.estimation), sample.columns(sample.event_window)
    x = sample.x[:, :, :columns]
    fit = least_squares(sample.y[:, est], x[:, est], spec)
    return forecast(fit, spec, names=coefficient_names(spec, columns), design=with_intercept(x[:, evt]))


def fit_difference(sample: Sample, spec: StudySpec, expected: Float64Array) -> Fit:
    """AR = R - expected, with nothing estimated but the variance about the mean difference (M - 1 df).

    Parameters
    ----------
    expected : Float64Array
        Shape (n, T), expected returns on the sample's grid.
    """
    est, evt = sample.columns(sample.estimation), sample.columns(sample.event_window)
    n, width = len(sample.y), sample.event_window.length
    excess = sample.y[:, est] - expected[:, est]
    # What is left of an asset that is its own benchmark is rounding, and must not pass for a small risk.
    excess[np.abs(excess) <= ROUNDING * np.abs(expected[:, est])] = 0.0
    fit = forecast(
        least_squares(excess, np.empty((*excess.shape, 0)), spec), spec, names=("mean",), design=np.ones((n, width, 1))
    )
    lost = np.isnan(fit.s2)[:, None]
    return replace(
        fit,
        names=(),
        theta=np.empty((n, 0)),
        expected=np.where(lost, np.nan, expected[:, evt]),
        design=np.empty((n, width, 0)),
        gram_inverse=np.empty((n, 0, 0)),
        residuals=excess,
        leverage=np.where(np.isfinite(excess), 0.0, np.nan),
    )


def benchmark(sample: Sample) -> Float64Array:
    """Benchmark returns on the sample's grid, shape (n, T).

    Raises
    ------
    InputError
        When the sample has no benchmark.
    """
    if not sample.x.shape[2]:
        raise InputError("the model needs a benchmark", where="benchmark", remedy="name the column of one")
    return sample.x[:, :, 0]


def coefficient_names(spec: StudySpec, columns: int) -> tuple[str, ...]:
    """``alpha``; then ``beta`` for one benchmark, or the names of the factors."""
    if columns == 0:
        return ("alpha",)
    if len(spec.factors) == columns:
        return ("alpha", *spec.factors)
    return ("alpha", "beta") if columns == 1 else ("alpha", *(f"beta{j + 1}" for j in range(columns)))
