"""Which tests mean something for the dates, number and correlation of the events at hand (methods.md D and E1)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from eventstudy.inference.effect import effective_n, size_of_z
from eventstudy.inference.panel import Panel
from eventstudy.inference.volatility import t_variance
from eventstudy.registry.tests import SignificanceTest, group_tests

TOLERABLE_SIZE = 0.075  # true size of a nominal 5 % test up to which correlation is passed over
FEWEST_CLUSTERS = 20
FEWEST_PERIODS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """What decides which tests are valid.

    Attributes
    ----------
    n_events, n_dates, n_days : int
        Events, distinct announcement days, and distinct calendar days inside the windows.
    common_date_share : float
        Share of the events on the most frequent date.
    rbar : float
        Mean correlation between the cumulative abnormal returns of two events.
    rbar_between : float
        The part of `rbar` that comes from overlapping windows of different dates.
    n_effective : float
        N / (1 + (N - 1) r̄): independent events worth as much; infinite where that is not positive.
    dispersion_ratio : float
        Cross-sectional variance of SCAR over what estimation windows and r̄ predict; 1 = no rise; NaN if unknown.
    has_placebo : bool
        Whether placebo dates were estimated.
    """

    n_events: int
    n_dates: int
    n_days: int
    common_date_share: float
    rbar: float
    rbar_between: float
    n_effective: float
    dispersion_ratio: float
    has_placebo: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Validity:
    """Whether one test is valid for a design, and why or why not."""

    name: str
    is_valid: bool
    reason: str


def describe_design(panel: Panel) -> Design:
    """Count dates and measure the dependence between the events."""
    if panel.n == 0:
        return Design(
            n_events=0,
            n_dates=0,
            n_days=0,
            common_date_share=math.nan,
            rbar=math.nan,
            rbar_between=math.nan,
            n_effective=0.0,
            dispersion_ratio=math.nan,
            has_placebo=panel.placebo is not None,
        )
    _, per_date = np.unique(panel.batch.day0, return_counts=True)
    days = panel.batch.days[panel.batch.rows, panel.batch.columns(panel.window)]
    correlation, rbar = panel.correlation, panel.correlation.mean
    same_date = float((per_date * (per_date - 1)).sum()) / max(panel.n * (panel.n - 1), 1)
    return Design(
        n_events=panel.n,
        n_dates=per_date.size,
        n_days=np.unique(days[days >= 0]).size,
        common_date_share=float(per_date.max()) / panel.n,
        rbar=rbar,
        rbar_between=correlation.residual * max(correlation.overlap - same_date, 0.0),
        n_effective=effective_n(panel.n, rbar),
        dispersion_ratio=_dispersion_ratio(panel, rbar),
        has_placebo=panel.placebo is not None,
    )


def validity(panel: Panel) -> tuple[Validity, ...]:
    """Judge every test of a group for the design of `panel`, in the order in which results list them."""
    design = describe_design(panel)
    return tuple(_judge(test, design) for test in group_tests().values())


def _judge(test: SignificanceTest, design: Design) -> Validity:
    if design.n_events < test.valid_from:
        objection: str | None = f"{design.n_events} events, at least {test.valid_from} are needed"
    else:
        objection = next((found for need in test.needs if (found := NEEDS[need](design)) is not None), None)
    return Validity(name=test.name, is_valid=objection is None, reason=objection or test.holds_for)


def _dispersion_ratio(panel: Panel, rbar: float) -> float:
    if panel.n < 2 or rbar >= 1 or (panel.df <= 2).any():
        return math.nan
    return float(panel.scar.var(ddof=1) / ((1 - rbar) * t_variance(panel.df).mean()))


def independent(design: Design) -> str | None:
    """Object when correlation moves the size of a test that ignores it."""
    size = _size(1 + (design.n_events - 1) * design.rbar)
    if size <= TOLERABLE_SIZE:
        return None
    return (
        f"the events are correlated (mean {design.rbar:.2f}, worth {design.n_effective:.1f} independent ones): "
        f"a nominal 5 % test would reject a true null {100 * size:.0f} % of the time"
    )


def dates_apart(design: Design) -> str | None:
    """Object when windows of different dates overlap, for tests that allow for correlation within a date only."""
    total = 1 + (design.n_events - 1) * design.rbar
    within = 1 + (design.n_events - 1) * (design.rbar - design.rbar_between)
    size = _size(total / within if within > 0 else 1.0)
    if size <= TOLERABLE_SIZE:
        return None
    return (
        "windows of different dates overlap, which the test does not allow for: "
        f"a nominal 5 % test would reject a true null {100 * size:.0f} % of the time"
    )


def _size(inflation: float) -> float:
    """True size of a nominal 5 % z test whose variance is too small by the factor `inflation`."""
    return size_of_z(inflation) if inflation > 0 else 0.0


def stable_variance(design: Design) -> str | None:
    """Object when SCARs are more dispersed than the estimation windows predict, beyond chance."""
    chance = 1 + 2 * math.sqrt(2 / max(design.n_events - 1, 1))
    if not design.dispersion_ratio > chance:
        return None
    return (
        f"the variance rose at the event, by a factor of about {design.dispersion_ratio:.1f}, "
        "and the test takes it from the estimation window"
    )


def common_date(design: Design) -> str | None:
    """Object when the events do not share one date."""
    return None if design.n_dates == 1 else f"the events have {design.n_dates} dates, the test needs one"


def clusters(design: Design) -> str | None:
    """Object when there are few dates to cluster by."""
    if design.n_dates >= FEWEST_CLUSTERS:
        return None
    return f"{design.n_dates} dates are too few clusters, about {FEWEST_CLUSTERS} are needed"


def periods(design: Design) -> str | None:
    """Object when the windows cover few calendar days."""
    if design.n_days >= FEWEST_PERIODS:
        return None
    return f"the windows cover {design.n_days} calendar days, about {FEWEST_PERIODS} are needed"


def placebo_dates(design: Design) -> str | None:
    """Object when no placebo dates were estimated."""
    return None if design.has_placebo else "no placebo dates were estimated"


# What a test's entry may name among its needs.
NEEDS: dict[str, Callable[[Design], str | None]] = {
    need.__name__: need
    for need in (independent, dates_apart, stable_variance, common_date, clusters, periods, placebo_dates)
}
