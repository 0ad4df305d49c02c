"""Confidence interval of the mean cumulative abnormal return, from an error that fits the dates of the events."""

from __future__ import annotations

import math
from dataclasses import dataclass

from eventstudy.inference.effect import confidence_interval
from eventstudy.inference.panel import Panel
from eventstudy.inference.parametric import correlation_inflation
from eventstudy.inference.portfolio import portfolio_t


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanInterval:
    """Interval CAAR ± t · se; decimal returns.

    Attributes
    ----------
    low, high : float
        Infinite on one side for a one-sided alternative.
    se, df : float
        Standard error and degrees of freedom of its t law.
    basis : str
        Where the standard error comes from.
    """

    low: float
    high: float
    se: float
    df: float
    basis: str


def mean_interval(panel: Panel) -> MeanInterval | None:
    """Interval of the CAAR at level 1 - alpha of the study; None when no error can be estimated.

    One common date: the error of the portfolio's CAR. Otherwise, or where there is no such portfolio, the
    cross-sectional error corrected for r̄ as in the adjusted BMP test (Kolari & Pynnönen 2010), and never made smaller
    by it. The cross-sectional error alone is far too small for one date (methods.md D, Intervals).
    """
    found = _error(panel)
    if found is None or not (math.isfinite(found[0]) and found[0] > 0):
        return None
    se, df, basis = found
    spec = panel.batch.spec
    low, high = confidence_interval(float(panel.car.mean()), se, df, spec.alpha, spec.alternative)
    return MeanInterval(low=low, high=high, se=se, df=df, basis=basis)


def _error(panel: Panel) -> tuple[float, float, str] | None:
    """Standard error, degrees of freedom and basis."""
    if panel.n == 0:
        return None
    if panel.n == 1:
        return float(panel.se[0]), float(panel.df[0]), "forecast error of the single event"
    portfolio = portfolio_t(panel)
    if portfolio.reason is None:
        return dict(portfolio.details)["se"], math.inf if portfolio.df is None else portfolio.df, "portfolio"
    rbar = panel.correlation.mean
    if rbar >= 1:
        return None
    cross = float(panel.car.std(ddof=1)) / math.sqrt(panel.n)
    scale = math.sqrt(max(correlation_inflation(panel) / (1 - rbar), 1.0))
    return cross * scale, panel.n - 1, "cross-sectional, corrected for correlation"
