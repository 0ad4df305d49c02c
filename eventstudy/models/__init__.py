"""Expected-return models: name → function ``(Sample, StudySpec) -> Fit``, and how much of the past each one needs."""

from __future__ import annotations

from collections.abc import Callable

from eventstudy.models.asynchronous import VARIANTS as DIMSON_VARIANTS
from eventstudy.models.asynchronous import fit_dimson, fit_scholes_williams
from eventstudy.models.garch import fit_egarch, fit_garch
from eventstudy.models.linear import (
    fit_comparison_mean,
    fit_constant_mean,
    fit_factor,
    fit_market,
    fit_market_adjusted,
    fit_peer,
)
from eventstudy.models.robust import fit_huber, fit_theil_sen
from eventstudy.models.thin import fit_trade_to_trade
from eventstudy.records import Fit, Sample, StudySpec

MODELS: dict[str, Callable[[Sample, StudySpec], Fit]] = {
    "constant-mean": fit_constant_mean,
    "market-adjusted": fit_market_adjusted,
    "market": fit_market,
    "factor": fit_factor,
    "scholes-williams": fit_scholes_williams,
    "dimson": fit_dimson,
    "garch": fit_garch,
    "egarch": fit_egarch,
    "huber": fit_huber,
    "theil-sen": fit_theil_sen,
    "trade-to-trade": fit_trade_to_trade,
    "peer": fit_peer,
    "comparison-mean": fit_comparison_mean,
}

WITH_BENCHMARK = frozenset(
    {
        "market",
        "market-adjusted",
        "scholes-williams",
        "dimson",
        "garch",
        "egarch",
        "huber",
        "theil-sen",
        "trade-to-trade",
    }
)
# Models of the benchmark's neighbouring days, or of returns that have no price.
NOT_LUMPED = ("scholes-williams", "dimson", "factor")
VOLATILITY = ("garch", "egarch")
VARIANTS = {"dimson": DIMSON_VARIANTS, "peer": ("regression",)}


def reach(spec: StudySpec) -> tuple[int, int]:
    """Sessions that the model of `spec` reads before the estimation window and after the event window.

    A sample that reaches less far loses the days concerned; one that reaches further changes nothing.
    """
    if spec.model == "dimson":
        last = spec.event_window.end if spec.variant == "distributed" else spec.estimation.end
        return spec.lags, max(0, last + spec.leads - spec.event_window.end)
    if spec.model == "comparison-mean":
        return 0, max(0, -spec.estimation.start - spec.event_window.end)
    return 0, 0
