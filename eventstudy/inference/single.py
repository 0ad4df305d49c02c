"""Tests of one event and asset, of many of them at once (methods.md D1, D2, D5h, D18)."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from eventstudy.inference.laws import SLACK, Hypothesis, exceedances
from eventstudy.records import Alternative, Float64Array, Inference, Int64Array
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


@dataclass(frozen=True, slots=True, kw_only=True)
class EventWindows:
    """n events over one window: an `EventWindow` each, with an axis of events first.

    Attributes
    ----------
    car, se, df : Float64Array
    n_estimation, n_days : Int64Array
    residuals : Float64Array
        Shape (n, M_window).
    placebo : Float64Array or None
        Shape (n, B).
    hac_variance : Float64Array or None
    alternative : {"two-sided", "greater", "less"}
    """

    car: Float64Array
    se: Float64Array
    df: Float64Array
    n_estimation: Int64Array
    n_days: Int64Array
    residuals: Float64Array
    placebo: Float64Array | None
    hac_variance: Float64Array | None
    alternative: Alternative

    def one_by_one(self) -> Iterator[EventWindow]:
        """Every event by itself."""
        for i in range(self.car.size):
            yield EventWindow(
                car=float(self.car[i]),
                se=float(self.se[i]),
                df=float(self.df[i]),
                n_estimation=int(self.n_estimation[i]),
                n_days=int(self.n_days[i]),
                residuals=self.residuals[i],
                placebo=None if self.placebo is None else self.placebo[i],
                hac_variance=None if self.hac_variance is None else float(self.hac_variance[i]),
                alternative=self.alternative,
            )


def t_of(events: EventWindows) -> list[Inference]:
    """`t_test` of every event."""
    return t_test(events.car, events.se, events.df, n=events.n_estimation, alternative=events.alternative)


def sample_quantile_of(events: EventWindows) -> list[Inference]:
    """`sample_quantile` of every event."""
    return sample_quantile(events.car, events.residuals, events.n_days, events.alternative)


def placebo_of(events: EventWindows) -> list[Inference]:
    """`placebo` of every event."""
    if events.placebo is None:
        return [PLACEBO.refuse(NOT_ESTIMATED, 0)] * events.car.size
    return placebo(events.car, events.placebo, events.alternative)


def hac_z_of(events: EventWindows) -> list[Inference]:
    """`hac_z` of every event."""
    if events.hac_variance is None:
        reason = "the model is not fitted by least squares of returns over one session"
        return [HAC_Z.refuse(reason, n) for n in events.n_estimation.tolist()]
    return hac_z(events.car, events.hac_variance, events.n_estimation, events.alternative)


def t_test(
    car: Float64Array,
    se: Float64Array,
    df: Float64Array,
    *,
    n: Int64Array,
    alternative: Alternative = "two-sided",
    hypothesis: Hypothesis = T,
) -> list[Inference]:
    """CAR / se against t(df), exact for independent normal errors (methods.md D1).

    Parameters
    ----------
    car, se : Float64Array
        Shape (n,): cumulative abnormal returns and their forecast standard errors, decimal returns.
    df : Float64Array
        Degrees of freedom M - k; infinite where the model's law is normal.
    n : Int64Array
        Estimation days.
    hypothesis : Hypothesis
        What is tested, where it is not the CAR of one asset.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        statistic = car / se
    found = hypothesis.symmetric_all(statistic, df, n, alternative)
    is_unknown = ~(np.isfinite(car) & np.isfinite(se))
    for i in np.flatnonzero(is_unknown | (se <= 0)).tolist():
        why = "there is no abnormal return to test" if is_unknown[i] else "the estimated standard error is zero"
        found[i] = hypothesis.refuse(why, int(n[i]))
    return found


def hac_z(
    car: Float64Array, variance: Float64Array, n: Int64Array, alternative: Alternative = "two-sided"
) -> list[Inference]:
    """CAR over the root of a serial-correlation robust variance of CAR, normal law (methods.md D5h).

    Parameters
    ----------
    car, variance : Float64Array
        Shape (n,): CARs, and their variances, squared decimal returns.
    n : Int64Array
        Estimation days.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        statistic = car / np.sqrt(variance)
    found = HAC_Z.symmetric_all(statistic, np.full(car.size, math.inf), n, alternative)
    for i in np.flatnonzero(~np.isfinite(car) | ~(variance > 0)).tolist():
        found[i] = HAC_Z.refuse("the variance of the cumulative abnormal return is zero or unknown", int(n[i]))
    return found


def sample_quantile(
    car: Float64Array, residuals: Float64Array, length: Int64Array, alternative: Alternative = "two-sided"
) -> list[Inference]:
    """Rank of each CAR among all sums of as many consecutive estimation residuals (methods.md D2).

    p = (1 + number of sums at least as extreme) / (1 + B) with B = M - length + 1. Residuals understate forecast
    error, so the test is slightly oversized for few estimation days.

    Parameters
    ----------
    car : Float64Array
        Shape (n,).
    residuals : Float64Array
        Shape (n, M_window), estimation residuals in session order. NaN = missing: such days are closed up, as they
        are in the CAR, so "consecutive" means consecutive days present.
    length : Int64Array
        Shape (n,), days present in the event's window.
    """
    is_present = np.isfinite(residuals)
    days = is_present.sum(axis=1)
    at_least, total = np.zeros(car.size, dtype=np.int64), days - length + 1
    for wanted, present in {*zip(length.tolist(), days.tolist(), strict=True)}:
        if 1 <= wanted <= present:
            rows = np.flatnonzero((length == wanted) & (days == present))
            closed_up = residuals[rows][is_present[rows]].reshape(rows.size, present)
            at_least[rows] = exceedances(_sums(closed_up, wanted), car[rows], alternative)
    found = []
    for value, wanted, present, count, sums in zip(
        car.tolist(), length.tolist(), days.tolist(), at_least.tolist(), total.tolist(), strict=True
    ):
        if not math.isfinite(value):
            found.append(SAMPLE_QUANTILE.refuse("there is no abnormal return to test", present))
        elif not 1 <= wanted <= present:
            reason = f"{present} estimation days with returns hold no sum of {wanted} days"
            found.append(SAMPLE_QUANTILE.refuse(reason, 0))
        else:
            found.append(SAMPLE_QUANTILE.report(value, (1 + count) / (1 + sums), sums))
    return found


def _sums(values: Float64Array, length: int) -> Float64Array:
    """Sums of `length` neighbours in each row."""
    width = values.shape[1] - length + 1
    sums = values[:, :width].copy()
    for k in range(1, length):
        sums += values[:, k : k + width]
    return sums


def placebo(
    statistic: Float64Array, draws: Float64Array, alternative: Alternative = "two-sided", *, n: int | None = None
) -> list[Inference]:
    """Rank of each statistic among the same statistic at placebo dates (methods.md D18); their number is a detail.

    Parameters
    ----------
    statistic : Float64Array
        Shape (m,).
    draws : Float64Array
        Shape (m, B), re-estimated at every placebo date; NaN where that was not possible, and then not counted.
    n : int, optional
        Events behind the statistic; the placebo dates for that of a single event.
    """
    totals = np.isfinite(draws).sum(axis=1)
    at_least = exceedances(draws, statistic, alternative)
    found = []
    for value, count, total in zip(statistic.tolist(), at_least.tolist(), totals.tolist(), strict=True):
        behind = total if n is None else n
        if not math.isfinite(value):
            found.append(PLACEBO.refuse("there is no statistic to compare", behind))
        elif total < FEWEST_PLACEBOS:
            reason = f"{total} placebo dates, {FEWEST_PLACEBOS} are needed to reach p = 0.05"
            found.append(PLACEBO.refuse(reason, behind))
        else:
            details = [("placebo_days", total)]
            found.append(PLACEBO.report(value, (1 + count) / (1 + total), behind, details=details))
    return found


def max_t_placebo(statistics: Float64Array, placebo: Float64Array) -> tuple[list[Inference], Float64Array]:
    """Largest |statistic| among assets against its largest value at placebo dates; two-sided (methods.md D18).

    Parameters
    ----------
    statistics : Float64Array
        Shape (m, N), N assets of each of m events; an asset whose value is NaN takes no part.
    placebo : Float64Array
        Shape (m, B, N): a row per placebo date, the whole cross-section moved together, NaN = not estimated. A date
        on which more than a tenth of the assets are missing is left out.

    Returns
    -------
    list of Inference
        Joint test of each event that no asset reacted.
    Float64Array
        Shape (m, N), family-wise adjusted p-values (single step); NaN where there is none.
    """
    taking_part = np.isfinite(statistics)
    n = taking_part.sum(axis=1)
    magnitude = np.where(taking_part[:, None, :], np.abs(placebo), np.nan)
    by_asset = np.moveaxis(magnitude, 2, 0).copy()  # along a short last axis numpy is slow
    missing = (n[:, None] - np.isfinite(by_asset).sum(axis=0)) / np.maximum(n, 1)[:, None]
    maxima = np.where(missing <= MISSING_SHARE, np.fmax.reduce(by_asset), np.nan)
    dates = (~np.isnan(maxima)).sum(axis=1)
    observed = np.abs(statistics)
    bounds = (observed - SLACK * observed)[:, None, :]
    p = (1 + (maxima[:, :, None] >= bounds).sum(axis=1)) / (1 + dates)[:, None]  # NaN is no larger than anything
    is_judged = (n > 0) & (dates >= FEWEST_PLACEBOS)
    adjusted = np.where(taking_part & is_judged[:, None], p, np.nan)
    found = []
    for assets, of_dates, largest, smallest in zip(
        n.tolist(),
        dates.tolist(),
        np.fmax.reduce(observed, axis=1).tolist(),
        np.fmin.reduce(adjusted, axis=1).tolist(),
        strict=True,
    ):
        if not assets:
            found.append(MAX_T.refuse("no asset has a statistic", 0))
        elif of_dates < FEWEST_PLACEBOS:
            dates_known = f"{of_dates} placebo dates with (nearly) all assets"
            found.append(MAX_T.refuse(f"{dates_known}, {FEWEST_PLACEBOS} are needed to reach p = 0.05", assets))
        else:
            found.append(MAX_T.report(largest, smallest, assets, details=[("placebo_days", of_dates)]))
    return found, adjusted
