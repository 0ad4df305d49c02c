"""Abnormal returns and their exact forecast variances, for a batch of events (methods.md B1, C1-C5)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy.records import Fit, Float64Array, Int64Array, Sample, Window
from eventstudy.sums import quadratic, row_sum


@dataclass(frozen=True, slots=True, kw_only=True)
class Abnormal:
    """Abnormal returns over the event window.

    Attributes
    ----------
    tau : Int64Array
        Shape (L2,).
    returns, ar, se, sar : Float64Array
        Shape (n, L2): return, abnormal return, its forecast standard error (same unit), and their ratio;
        NaN where the return is missing.
    """

    tau: Int64Array
    returns: Float64Array
    ar: Float64Array
    se: Float64Array
    sar: Float64Array

    def columns(self, window: Window) -> slice:
        """Columns of the days of `window` that the event window has."""
        first = int(self.tau[0])
        return slice(max(window.start - first, 0), max(window.end - first + 1, 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cumulated:
    """Abnormal returns cumulated over one window; every array has shape (n,).

    Attributes
    ----------
    window : Window
    n_days : Int64Array
        Non-missing sessions inside the window.
    car, se, scar : Float64Array
        Cumulative abnormal return, its forecast standard error, and their ratio; NaN when no day, or the
        announcement day itself, is missing.
    bhar : Float64Array
        Buy-and-hold abnormal return: product of (1 + R) less product of (1 + expected), simple returns.
    """

    window: Window
    n_days: Int64Array
    car: Float64Array
    se: Float64Array
    scar: Float64Array
    bhar: Float64Array


def abnormal_returns(sample: Sample, fit: Fit) -> Abnormal:
    """AR = R - expected, Var(AR) = s²(base + x'(X'X)^{-1}x)."""
    evt = sample.columns(sample.event_window)
    returns = sample.y[:, evt]
    ar = returns - fit.expected
    variance = quadratic(fit.design, fit.gram_inverse[:, None])
    variance += fit.base
    variance *= fit.s2[:, None]
    se = np.sqrt(variance, out=variance)
    se[~np.isfinite(ar)] = np.nan
    return Abnormal(tau=sample.tau[evt], returns=returns, ar=ar, se=se, sar=ratio(ar, se))


def cumulate(fit: Fit, abnormal: Abnormal, window: Window, *, is_log: bool) -> Cumulated:
    """CAR over `window` with the covariance of the common parameter error.

    Var(CAR) = s²(Σ base + x_W'(X'X)^{-1}x_W) with x_W the sum of the regressors over the days present.

    Parameters
    ----------
    is_log : bool
        Whether returns are logarithmic; BHAR is always stated in simple returns.
    """
    inside = abnormal.columns(window)
    ar = abnormal.ar[:, inside]
    present = np.isfinite(ar)
    n_days = present.sum(axis=1)
    lost = n_days == 0
    if window.start <= 0 <= window.end:
        lost |= ~np.isfinite(abnormal.ar[:, abnormal.tau == 0]).all(axis=1)
    car = np.where(lost, np.nan, row_sum(np.where(present, ar, 0.0)))
    design, base = fit.design[:, inside], fit.base[:, inside]
    if not present.all():
        design, base = np.where(present[:, :, None], design, 0.0), np.where(present, base, 0.0)
    factor = row_sum(base) + quadratic(row_sum(design.swapaxes(1, 2)), fit.gram_inverse)
    se = np.where(lost, np.nan, np.sqrt(fit.s2 * factor))
    actual, expected = abnormal.returns[:, inside], fit.expected[:, inside]
    grow = np.expm1 if is_log else _compound
    with np.errstate(over="ignore", invalid="ignore"):  # the growth of an absurd return is infinite
        bhar = _product(grow(actual), present) - _product(grow(expected), present)
    bhar = np.where(np.isfinite(bhar), bhar, np.nan)
    return Cumulated(
        window=window, n_days=n_days, car=car, se=se, scar=ratio(car, se), bhar=np.where(np.isnan(car), np.nan, bhar)
    )


def ratio(value: Float64Array, se: Float64Array) -> Float64Array:
    """value / se, NaN where the standard error is zero or unknown."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(se > 0, value / se, np.nan)


def _compound(simple: Float64Array) -> Float64Array:
    return simple


def _product(growth: Float64Array, present: np.ndarray) -> Float64Array:
    product: Float64Array = np.ascontiguousarray(np.where(present, 1.0 + growth, 1.0)).prod(axis=1)
    return product
