"""Which tests mean something for the dates, number and correlation of the events at hand (methods.md D and E1)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from eventstudy.inference.dispersion import Dispersion, dispersion, kurtosis
from eventstudy.inference.effect import effective_n, size_of_z
from eventstudy.inference.panel import Panel
from eventstudy.records import Inference
from eventstudy.registry.tests import SignificanceTest, group_tests

TOLERABLE_SIZE = 0.065  # true size of a nominal 5 % test up to which correlation is passed over
FEWEST_CLUSTERS = 20
FEWEST_PERIODS = 20
# Fewest events of which the dispersion shows a doubled variance more often than not (docs/validation.md).
SEEN_FROM = 20
LONG_WINDOW = 0.1  # days of the window per estimation day, from which the error of the fitted model counts
SHORT_WINDOW = 0.05  # the same for tests whose variance is a little too small as well
HAC_DAYS = 200  # estimation days from which a long-run variance over four lags is near its normal law
FAT_TAILS = 0.5  # excess kurtosis of a cumulative abnormal return, as the estimation windows have it
FAT_DAYS = 1.0  # excess kurtosis of the residuals of single days
PLACEBO_WINDOWS = 20  # that stand side by side in the estimation window; overlapping ones say little more
NO_SIGN = 1.0  # of a rise in variance, in standard errors, for tests of the largest move


@dataclass(frozen=True, slots=True, kw_only=True)
class Design:
    """What decides which tests are valid.

    Attributes
    ----------
    n_events, n_dates, n_firms, n_days : int
        Events, distinct announcement days, distinct assets, and distinct calendar days inside the windows.
    n_estimation : int
        Fewest estimation days of an event.
    window_share : float
        Most days of a window per estimation day of its event.
    common_date_share : float
        Share of the events on the most frequent date.
    rbar : float
        Mean correlation between the cumulative abnormal returns of two events.
    rbar_between : float
        The part of `rbar` that comes from overlapping windows of different dates.
    n_effective : float
        N / (1 + (N - 1) r̄): independent events worth as much; infinite where that is not positive.
    dispersion : Dispersion
        How far SCARs scatter, against what the estimation windows predict.
    kurtosis, day_kurtosis : float
        Excess kurtosis of a sum of as many estimation residuals as the window has days, and of single ones; NaN if
        unknown.
    has_placebo : bool
        Whether placebo dates were estimated.
    """

    n_events: int
    n_dates: int
    n_firms: int
    n_days: int
    n_estimation: int
    window_share: float
    common_date_share: float
    rbar: float
    rbar_between: float
    n_effective: float
    dispersion: Dispersion
    kurtosis: float
    day_kurtosis: float
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
            n_firms=0,
            n_days=0,
            n_estimation=0,
            window_share=math.nan,
            common_date_share=math.nan,
            rbar=math.nan,
            rbar_between=math.nan,
            n_effective=0.0,
            dispersion=Dispersion(ratio=math.nan, rise=math.nan, z=math.nan),
            kurtosis=math.nan,
            day_kurtosis=math.nan,
            has_placebo=panel.placebo is not None,
        )
    _, per_date = np.unique(panel.batch.day0, return_counts=True)
    days = panel.batch.days[panel.batch.rows, panel.batch.columns(panel.window)]
    estimation = np.maximum(panel.batch.fit.n_estimation[panel.batch.rows], 1)
    correlation, rbar, tails = panel.correlation, panel.correlation.mean, kurtosis(panel)
    same_date = float((per_date * (per_date - 1)).sum()) / max(panel.n * (panel.n - 1), 1)
    return Design(
        n_events=panel.n,
        n_dates=per_date.size,
        n_firms=np.unique(panel.batch.firm).size,
        n_days=np.unique(days[days >= 0]).size,
        n_estimation=int(estimation.min()),
        window_share=float((panel.n_days / estimation).max()),
        common_date_share=float(per_date.max()) / panel.n,
        rbar=rbar,
        rbar_between=correlation.residual * max(correlation.overlap - same_date, 0.0),
        n_effective=effective_n(panel.n, rbar),
        dispersion=dispersion(panel, rbar, correlation.residual * same_date),
        kurtosis=tails / max(float(np.median(panel.n_days)), 1.0),
        day_kurtosis=tails,
        has_placebo=panel.placebo is not None,
    )


def validity(panel: Panel) -> tuple[Validity, ...]:
    """Judge every test of a group for the design of `panel`, in the order in which results list them."""
    design = describe_design(panel)
    return tuple(_judge(test, design) for test in group_tests().values())


def with_number(judged: Validity, test: Inference) -> Validity:
    """The judgement of a test that was computed: without a number it is not valid, for that reason."""
    return judged if test.reason is None else Validity(name=judged.name, is_valid=False, reason=test.reason)


def _judge(test: SignificanceTest, design: Design) -> Validity:
    if design.n_events < test.valid_from:
        objection: str | None = f"{design.n_events} events, at least {test.valid_from} are needed"
    else:
        objection = next((found for need in test.needs if (found := NEEDS[need](design)) is not None), None)
    return Validity(name=test.name, is_valid=objection is None, reason=objection or test.holds_for)


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
    """Object when SCARs scatter more than the estimation windows predict, or are too few to show it."""
    n, found = design.n_events, design.dispersion
    if n < SEEN_FROM:
        few = "one event is" if n == 1 else f"{n} events are"
        return (
            f"the test takes the variance from the estimation window, and {few} too few to show whether it rose at the "
            f"event ({SEEN_FROM} are needed)"
        )
    if not found.has_risen:
        return None
    return (
        f"the variance rose at the event, by a factor of about {max(found.ratio, 1 + found.rise):.1f}, "
        "and the test takes it from the estimation window"
    )


def short_window(design: Design) -> str | None:
    """Object to long windows, for tests that leave out the error of the fitted model."""
    return _too_long(design, LONG_WINDOW)


def very_short_window(design: Design) -> str | None:
    """Object to fairly long windows, for tests whose variance is a little too small as well."""
    return _too_long(design, SHORT_WINDOW)


def _too_long(design: Design, share: float) -> str | None:
    if not design.window_share > share:
        return None
    return (
        f"the window is {design.window_share:.2f} times as long as the estimation window, and the test leaves out the "
        "error of the fitted model"
    )


def long_estimation(design: Design) -> str | None:
    """Object to few estimation days, for tests with a long-run variance."""
    if design.n_estimation >= HAC_DAYS:
        return None
    return f"{design.n_estimation} estimation days are few for a long-run variance, about {HAC_DAYS} are needed"


def light_tails(design: Design) -> str | None:
    """Object when the estimation residuals have fat tails."""
    if not design.kurtosis > FAT_TAILS:
        return None
    return f"the tails are fat (excess kurtosis {design.kurtosis:.1f} over the window), which misleads the test"


def light_days(design: Design) -> str | None:
    """Object when single days have fat tails, for tests that weight by estimated variances."""
    if not design.day_kurtosis > FAT_DAYS:
        return None
    return f"the daily residuals have fat tails (excess kurtosis {design.day_kurtosis:.1f}), which mislead the test"


def shaped_like_days(design: Design) -> str | None:
    """Object when the tails of single days are much fatter than those of the window that is ranked among them."""
    if not design.day_kurtosis - design.kurtosis > FAT_DAYS:
        return None
    return (
        f"single days have fat tails (excess kurtosis {design.day_kurtosis:.1f}), their sum over the window has not: "
        "it does not rank like one of them"
    )


def steady_variance(design: Design) -> str | None:
    """Object at any sign of a rise in variance, for tests of the largest move."""
    if not design.dispersion.z > NO_SIGN:
        return None
    return "the variance may have risen at the event, to which the largest of many moves is more sensitive than a mean"


def common_date(design: Design) -> str | None:
    """Object when the events do not share one date."""
    return None if design.n_dates == 1 else f"the events have {design.n_dates} dates, the test needs one"


def several_dates(design: Design) -> str | None:
    """Object to events of one date, for tests that divide by a deviation that their correlation makes smaller."""
    if design.n_dates != 1 or design.n_events < 2:
        return None
    return "the events share one date, and their correlation makes the deviation that the test divides by too small"


def clusters(design: Design) -> str | None:
    """Object when there are few dates to cluster by."""
    if design.n_dates >= FEWEST_CLUSTERS:
        return None
    return f"{design.n_dates} dates are too few clusters, about {FEWEST_CLUSTERS} are needed"


def firm_clusters(design: Design) -> str | None:
    """Object when there are few assets to cluster by."""
    if design.n_firms >= FEWEST_CLUSTERS:
        return None
    return f"{design.n_firms} assets are too few clusters, about {FEWEST_CLUSTERS} are needed"


def periods(design: Design) -> str | None:
    """Object when the windows cover few calendar days."""
    if design.n_days >= FEWEST_PERIODS:
        return None
    return f"the windows cover {design.n_days} calendar days, about {FEWEST_PERIODS} are needed"


def placebo_dates(design: Design) -> str | None:
    """Object when no placebo dates were estimated."""
    return None if design.has_placebo else "no placebo dates were estimated"


def placebo_windows(design: Design) -> str | None:
    """Object when few windows stand side by side in the estimation window."""
    if not design.window_share * PLACEBO_WINDOWS > 1:
        return None
    return (
        f"placebo windows overlap: only {1 / design.window_share:.0f} of them stand side by side in the estimation "
        f"window, about {PLACEBO_WINDOWS} are needed"
    )


# What a test's entry may name among its needs.
NEEDS: dict[str, Callable[[Design], str | None]] = {
    need.__name__: need
    for need in (
        independent,
        dates_apart,
        stable_variance,
        short_window,
        very_short_window,
        long_estimation,
        light_tails,
        light_days,
        shaped_like_days,
        steady_variance,
        common_date,
        several_dates,
        clusters,
        firm_clusters,
        periods,
        placebo_dates,
        placebo_windows,
    )
}
