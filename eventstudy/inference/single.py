"""Tests of one event and asset (methods.md D1, D2, D5h, D18)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from eventstudy.inference.laws import Hypothesis, empirical_p, empirical_ps
from eventstudy.records import Alternative, Float64Array, Inference
from eventstudy.registry.tests import TESTS

FEWEST_PLACEBOS = 19  # below it no p can reach 0.05
NOT_ESTIMATED = "not estimated for this model, or for so many events, unless asked for by name"
MISSING_SHARE = 0.1  # placebo dates on which more of the assets have no return are left out


T = Hypothesis.of(TESTS["t"])
SAMPLE_QUANTILE = Hypothesis.of(TESTS["sample_quantile"])
PLACEBO = Hypothesis.of(TESTS["placebo"])
MAX_T = Hypothesis.of(TESTS["max_t_placebo"])
HAC_Z = Hypothesis.of(TESTS["hac_z"])


@dataclass(frozen=True, slots=True, kw_only=True)
class EventWindow:
    """One event over one window, as its tests see it.

    Attributes
    ----------
    car, se, df : float
        Cumulative abnormal return and its forecast standard error, decimal returns, and degrees of freedom.
    n_estimation, n_days : int
        Estimation days, and days present in the window.
    residuals : Float64Array
        Shape (M_window,), estimation residuals; NaN = missing.
    placebo : Float64Array or None
        Shape (B,), the CAR re-estimated at every placebo date; None where that was not done.
    hac_variance : float or None
        Variance of the CAR that is robust to serial correlation; None where it was not estimated.
    alternative : {"two-sided", "greater", "less"}
    """

    car: float
    se: float
    df: float
    n_estimation: int
    n_days: int
    residuals: Float64Array
    placebo: Float64Array | None
    hac_variance: float | None
    alternative: Alternative


def t_of(event: EventWindow) -> Inference:
    """`t_test` of one event and window."""
    return t_test(event.car, event.se, event.df, n=event.n_estimation, alternative=event.alternative)


def sample_quantile_of(event: EventWindow) -> Inference:
    """`sample_quantile` of one event and window."""
    return sample_quantile(event.car, event.residuals, event.n_days, event.alternative)


def placebo_of(event: EventWindow) -> Inference:
    """`placebo` of one event and window."""
    if event.placebo is None:
        return PLACEBO.refuse(NOT_ESTIMATED, 0)
    return placebo(event.car, event.placebo, event.alternative)


def hac_z_of(event: EventWindow) -> Inference:
    """`hac_z` of one event and window."""
    if event.hac_variance is None:
        return HAC_Z.refuse("the model is not fitted by least squares of returns over one session", event.n_estimation)
    return hac_z(event.car, event.hac_variance, event.n_estimation, event.alternative)


def t_test(
    car: float, se: float, df: float, *, n: int, alternative: Alternative = "two-sided", hypothesis: Hypothesis = T
) -> Inference:
    """CAR / se against t(df), exact for independent normal errors (methods.md D1).

    Parameters
    ----------
    car, se : float
        Cumulative abnormal return and its forecast standard error, decimal returns.
    df : float
        Degrees of freedom M - k; infinite where the model's law is normal.
    n : int
        Estimation days.
    hypothesis : Hypothesis
        What is tested, where it is not the CAR of one asset.
    """
    if not (math.isfinite(car) and math.isfinite(se)):
        return hypothesis.refuse("there is no abnormal return to test", n)
    if se <= 0:
        return hypothesis.refuse("the estimated standard error is zero", n)
    return hypothesis.symmetric(car / se, df, n, alternative)


def hac_z(car: float, variance: float, n: int, alternative: Alternative = "two-sided") -> Inference:
    """CAR over the root of a serial-correlation robust variance of CAR, normal law (methods.md D5h).

    Parameters
    ----------
    variance : float
        Variance of the CAR, squared decimal returns.
    """
    if not math.isfinite(car) or not variance > 0:
        return HAC_Z.refuse("the variance of the cumulative abnormal return is zero or unknown", n)
    return HAC_Z.symmetric(car / math.sqrt(variance), math.inf, n, alternative)


def sample_quantile(
    car: float, residuals: Float64Array, length: int, alternative: Alternative = "two-sided"
) -> Inference:
    """Rank of the CAR among all sums of `length` consecutive estimation residuals (methods.md D2).

    p = (1 + number of sums at least as extreme) / (1 + B) with B = M - length + 1. Residuals understate forecast
    error, so the test is slightly oversized for few estimation days.

    Parameters
    ----------
    residuals : Float64Array
        Shape (M_window,), estimation residuals in session order. NaN = missing: such days are closed up, as they
        are in the CAR, so "consecutive" means consecutive days present.
    length : int
        Days present in the event's window.
    """
    present = residuals[np.isfinite(residuals)]
    if not math.isfinite(car):
        return SAMPLE_QUANTILE.refuse("there is no abnormal return to test", present.size)
    if not 1 <= length <= present.size:
        reason = f"{present.size} estimation days with returns hold no sum of {length} days"
        return SAMPLE_QUANTILE.refuse(reason, 0)
    sums: Float64Array = np.convolve(present, np.ones(length), "valid")
    return SAMPLE_QUANTILE.report(car, empirical_p(sums, car, alternative), sums.size)


def placebo(
    statistic: float, placebo_statistics: Float64Array, alternative: Alternative = "two-sided", *, n: int | None = None
) -> Inference:
    """Rank of a statistic among the same statistic at placebo dates (methods.md D18); their number is a detail.

    Parameters
    ----------
    n : int, optional
        Events behind the statistic; the placebo dates for that of a single event.
    placebo_statistics : Float64Array
        Shape (B,), re-estimated at every placebo date; NaN where that was not possible, and then not counted.
    """
    draws = placebo_statistics[np.isfinite(placebo_statistics)]
    n = draws.size if n is None else n
    if not math.isfinite(statistic):
        return PLACEBO.refuse("there is no statistic to compare", n)
    if draws.size < FEWEST_PLACEBOS:
        return PLACEBO.refuse(f"{draws.size} placebo dates, {FEWEST_PLACEBOS} are needed to reach p = 0.05", n)
    p = empirical_p(draws, statistic, alternative)
    return PLACEBO.report(statistic, p, n, details=[("placebo_days", draws.size)])


def max_t_placebo(statistics: Float64Array, placebo: Float64Array) -> tuple[Inference, Float64Array]:
    """Largest |statistic| among assets against its largest value at placebo dates; two-sided (methods.md D18).

    Parameters
    ----------
    statistics : Float64Array
        Shape (N,); an asset whose value is NaN takes no part.
    placebo : Float64Array
        Shape (B, N): a row per placebo date, the whole cross-section moved together, NaN = not estimated. A date
        on which more than a tenth of the assets are missing is left out.

    Returns
    -------
    Inference
        Joint test that no asset reacted.
    Float64Array
        Shape (N,), family-wise adjusted p-values (single step); NaN where there is none.
    """
    adjusted = np.full(statistics.shape, np.nan)
    taking_part = np.isfinite(statistics)
    if not taking_part.any():
        return MAX_T.refuse("no asset has a statistic", 0), adjusted
    magnitude = np.abs(placebo[:, taking_part])
    missing = np.isnan(magnitude).sum(axis=1) / magnitude.shape[1]
    maxima = np.fmax.reduce(magnitude, axis=1)[missing <= MISSING_SHARE]
    if maxima.size < FEWEST_PLACEBOS:
        reason = f"{maxima.size} placebo dates with (nearly) all assets, {FEWEST_PLACEBOS} are needed to reach p = 0.05"
        return MAX_T.refuse(reason, int(taking_part.sum())), adjusted
    observed = np.abs(statistics[taking_part])
    adjusted[taking_part] = empirical_ps(maxima, observed)
    joint = MAX_T.report(
        float(observed.max()),
        float(adjusted[taking_part].min()),
        observed.size,
        details=[("placebo_days", maxima.size)],
    )
    return joint, adjusted
