"""Confidence interval of the mean cumulative abnormal return, from an error that fits the dates of the events."""

from __future__ import annotations

import math
from dataclasses import dataclass

from eventstudy.inference.effect import confidence_interval
from eventstudy.inference.panel import Panel
from eventstudy.inference.parametric import SMALLEST_INFLATION, cluster_t, correlation_inflation
from eventstudy.inference.portfolio import portfolio_t
from eventstudy.records import Inference

FEWEST_CLUSTERS = 20


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

    One common date: the error of the portfolio's CAR, or else the cross-sectional error corrected for r̄ (Kolari &
    Pynnönen 2010). Twenty or more dates: clustered by date. Otherwise cross-sectional. The cross-sectional error
    alone is never used for one date, where it is far too small (methods.md D, Intervals).
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
    if panel.batch.has_common_date:
        return _one_date(panel)
    clustered = cluster_t(panel)
    details = dict(clustered.details)
    if clustered.reason is None and details["clusters"] >= FEWEST_CLUSTERS:
        return details["se"], _df(clustered), "clustered by date"
    return _cross_sectional(panel), panel.n - 1, "cross-sectional"


def _one_date(panel: Panel) -> tuple[float, float, str] | None:
    portfolio = portfolio_t(panel)
    if portfolio.reason is None:
        return dict(portfolio.details)["se"], _df(portfolio), "portfolio"
    rbar, inflation = panel.correlation.mean, correlation_inflation(panel)
    if inflation < SMALLEST_INFLATION or rbar >= 1:
        return None
    scale = math.sqrt(inflation / (1 - rbar))
    return _cross_sectional(panel) * scale, panel.n - 1, "cross-sectional, corrected for correlation"


def _cross_sectional(panel: Panel) -> float:
    return float(panel.car.std(ddof=1)) / math.sqrt(panel.n)


def _df(found: Inference) -> float:
    return math.inf if found.df is None else found.df
