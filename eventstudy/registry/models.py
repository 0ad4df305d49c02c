"""Expected-return models: what each needs, and where its code is.

A model of another distribution is a `Model` too, named by an entry point of the group ``eventstudy.models``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from eventstudy.registry import Registry, load

if TYPE_CHECKING:
    from eventstudy.records import Fit, Sample
    from eventstudy.spec import StudySpec

Regressors = Literal["none", "benchmark", "factors", "peers"]
Lumped = Literal["never", "allowed", "always"]
Reach = Callable[["StudySpec"], tuple[int, int]]


def _no_further(_spec: StudySpec) -> tuple[int, int]:
    return 0, 0


def _neighbours(spec: StudySpec) -> tuple[int, int]:
    last = spec.event_window.end if spec.variant == "distributed" else spec.estimation.end
    return spec.lags, max(0, last + spec.leads - spec.event_window.end)


def _mirror(spec: StudySpec) -> tuple[int, int]:
    return 0, max(0, -spec.estimation.start - spec.event_window.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One model; call it with a ``Sample`` and a ``StudySpec`` to get the ``Fit``.

    Attributes
    ----------
    name : str
    words : str
        What it expects, for people; ``{benchmark}`` stands for the benchmark's name.
    ordinary : str
        What it takes for ordinary, for the end of a sentence, where that is neither a benchmark nor factors.
    fit : str
        Its code, as ``module:function``.
    regressors : {"none", "benchmark", "factors", "peers"}
        Whose returns explain the asset's: those of the benchmark, of ``spec.factors``, or of the other assets.
    factors : tuple of str
        Columns that stand behind the name of a factor set, as `eventstudy.study.factors` spells them.
    variants : tuple of str
        What ``spec.variant`` may say beside nothing.
    is_iterative : bool
        Searched event by event: too slow to estimate again on every placebo day.
    is_least_squares : bool
        Ordinary least squares, or nothing, estimates the mean.
    has_design_hat : bool
        The hat diagonal of an estimation day is x'(X'X)^{-1}x of its regressors.
    lumped : {"never", "allowed", "always"}
        Whether a return may cover several sessions.
    reach : callable
        Sessions it reads before the estimation window and after the event window. A sample that reaches less far
        loses the days concerned; one that reaches further changes nothing.
    """

    name: str
    words: str
    fit: str
    ordinary: str = ""
    regressors: Regressors = "benchmark"
    factors: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    is_iterative: bool = False
    is_least_squares: bool = False
    has_design_hat: bool = False
    lumped: Lumped = "allowed"
    reach: Reach = _no_further

    def __call__(self, sample: Sample, spec: StudySpec) -> Fit:
        """Fit a batch of events."""
        found: Fit = load(self.fit)(sample, spec)
        return found

    @property
    def needs_benchmark(self) -> bool:
        """Whether it explains returns by those of one benchmark."""
        return self.regressors == "benchmark"

    @property
    def is_plain(self) -> bool:
        """Whether it reads no more than an asset, a benchmark and the days of its windows, once."""
        is_near = self.reach is _no_further and self.lumped != "always"
        return is_near and self.regressors in ("none", "benchmark") and not self.is_iterative


def _factor_set(name: str, words: str, *factors: str) -> Model:
    return Model(
        name=name,
        words=words,
        fit="eventstudy.models.linear:fit_factor",
        regressors="factors",
        factors=factors,
        is_least_squares=True,
        has_design_hat=True,
        lumped="never",
    )


MODELS: Registry[Model] = Registry(
    "model",
    Model,
    Model(
        name="market",
        words="market model (least squares on {benchmark})",
        fit="eventstudy.models.linear:fit_market",
        is_least_squares=True,
        has_design_hat=True,
    ),
    Model(
        name="constant-mean",
        words="constant-mean model (expected return = the asset's own average over the estimation window)",
        fit="eventstudy.models.linear:fit_constant_mean",
        ordinary="their average day",
        regressors="none",
        is_least_squares=True,
        has_design_hat=True,
    ),
    Model(
        name="market-adjusted",
        words="market-adjusted returns (expected return = the return of {benchmark})",
        fit="eventstudy.models.linear:fit_market_adjusted",
        is_least_squares=True,
    ),
    _factor_set("factor", "factor model (least squares on several factors)"),
    _factor_set("ff3", "three-factor model (Fama & French 1993)", "mkt", "smb", "hml"),
    _factor_set("carhart", "four-factor model (Carhart 1997)", "mkt", "smb", "hml", "mom"),
    _factor_set("ff5", "five-factor model (Fama & French 2015)", "mkt", "smb", "hml", "rmw", "cma"),
    Model(
        name="scholes-williams",
        words="market model for prices of different times (Scholes & Williams 1977, on {benchmark})",
        fit="eventstudy.models.asynchronous:fit_scholes_williams",
        lumped="never",
    ),
    Model(
        name="dimson",
        words="market model with leads and lags of {benchmark} (Dimson 1979)",
        fit="eventstudy.models.asynchronous:fit_dimson",
        variants=("aggregated", "distributed"),
        lumped="never",
        reach=_neighbours,
    ),
    Model(
        name="garch",
        words="market model with GARCH(1,1) errors (on {benchmark})",
        fit="eventstudy.models.garch:fit_garch",
        is_iterative=True,
    ),
    Model(
        name="egarch",
        words="market model with EGARCH errors (on {benchmark})",
        fit="eventstudy.models.garch:fit_egarch",
        is_iterative=True,
    ),
    Model(
        name="huber",
        words="market model that a few wild days do not move (Huber's M-estimator, on {benchmark})",
        fit="eventstudy.models.robust:fit_huber",
        is_iterative=True,
    ),
    Model(
        name="theil-sen",
        words="market model with the median of the slopes of all pairs of days (Theil-Sen, on {benchmark})",
        fit="eventstudy.models.robust:fit_theil_sen",
        is_iterative=True,
    ),
    Model(
        name="trade-to-trade",
        words="trade-to-trade market model for thin trading (Maynes & Rumsey 1993, on {benchmark})",
        fit="eventstudy.models.thin:fit_trade_to_trade",
        lumped="always",
    ),
    Model(
        name="peer",
        words="peer portfolio (expected return = the average return of the peers)",
        fit="eventstudy.models.linear:fit_peer",
        regressors="peers",
        variants=("regression",),
    ),
    Model(
        name="comparison-mean",
        words="comparison-period mean (expected return = the asset's own average before and after the event)",
        fit="eventstudy.models.linear:fit_comparison_mean",
        ordinary="their comparison days",
        regressors="none",
        reach=_mirror,
    ),
)
