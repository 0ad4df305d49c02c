"""Did the announcement move prices more than usual, whichever way (methods.md C7)."""

from __future__ import annotations

import math

import numpy as np

from eventstudy.inference.laws import Hypothesis, f_sf, mean_log_f
from eventstudy.records import Alternative, Float64Array, Inference
from eventstudy.sums import row_sum

BEAVER_U = Hypothesis(
    name="beaver_u",
    null="the variance of the abnormal return is that of the estimation window, and its mean is zero",
    distribution="F",
    source="Beaver 1968",
)
LOG_U = Hypothesis(
    name="log_u_t",
    null="the mean log squared standardised abnormal return is that of the F law",
    distribution="t",
    source="Beaver 1968, in logs over events; exact mean for normal errors",
)


def beaver_u(sar: float, df: float) -> Inference:
    """U = AR² / Var(AR) against F(1, df): a large move of either sign.

    Parameters
    ----------
    sar : float
        Standardised abnormal return.
    df : float
        Degrees of freedom of the event's t law; infinite where it is normal.
    """
    u = sar**2
    return BEAVER_U.report(
        u, f_sf(u, 1, df), 1, df=None if math.isinf(df) else df, details=[("df_numerator", 1), ("df_denominator", df)]
    )


def log_u_t(sar: Float64Array, df: Float64Array, alternative: Alternative = "two-sided") -> Inference:
    """Mean over events of ln U less its expectation under F(1, df), over its cross-sectional standard error.

    Events must be independent. Fat tails count as volatility; placebo days are the check.

    Parameters
    ----------
    sar, df : Float64Array
        Shape (N,); NaN and zero SAR are left out.
    """
    usable = np.isfinite(sar) & (sar != 0)
    n = int(usable.sum())
    if n < 2:
        return LOG_U.refuse(f"{n} usable events, 2 are needed", n)
    excess = np.log(sar[usable] ** 2) - mean_log_f(df[usable])
    spread = float(excess.std(ddof=1))
    statistic = float(excess.mean()) / (spread / math.sqrt(n)) if spread > 0 else math.nan
    return LOG_U.symmetric(statistic, n - 1, n, alternative)


def log_variance_ratio(ar: Float64Array, s2: Float64Array) -> Float64Array:
    """AVAR = ln(mean over the window of AR² / s²) (Landsman & Maydew 2002).

    Parameters
    ----------
    ar : Float64Array
        Shape (N, L), abnormal returns of the window's days; NaN = missing.
    s2 : Float64Array
        Shape (N,), residual variance.

    Returns
    -------
    Float64Array
        Shape (N,); NaN where no day is present or nothing moved.
    """
    present = np.isfinite(ar)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = row_sum(np.where(present, ar**2, 0.0)) / (present.sum(axis=1) * s2)
        return np.where(ratio > 0, np.log(ratio), np.nan)


def variance_ratio(sar: Float64Array, df: Float64Array) -> float:
    """Event-induced variance: mean SAR² over the mean of df / (df - 2); 1 = as in the estimation window.

    Parameters
    ----------
    sar, df : Float64Array
        Shape (N,), standardised abnormal returns, NaN = missing, and degrees of freedom; NaN when some df ≤ 2.
    """
    usable = np.isfinite(sar)
    if not usable.any() or (df[usable] <= 2).any():
        return math.nan
    return float((sar[usable] ** 2).mean() / t_variance(df[usable]).mean())


def t_variance(df: Float64Array) -> Float64Array:
    """Variance df / (df - 2) of the t law; 1 where df is infinite."""
    with np.errstate(invalid="ignore"):
        return np.where(np.isinf(df), 1.0, df / (df - 2))
