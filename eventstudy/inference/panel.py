"""What an aggregate test sees: the events of one group with a cumulative abnormal return over one window."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, wraps

import numpy as np
from numpy.typing import NDArray

from eventstudy.abnormal import Abnormal, Cumulated
from eventstudy.errors import CannotEstimate
from eventstudy.inference.batch import Batch, Elsewhere, run_of
from eventstudy.inference.correlation import PAIRWISE_LIMIT, CrossCorrelation, DayNumbers, correlation_by_overlap
from eventstudy.inference.daily import DailySum
from eventstudy.inference.laws import Hypothesis
from eventstudy.records import Fit, Float64Array, Inference, Int64Array, Sample, StudySpec, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Placebo:
    """The whole cross-section re-estimated at placebo dates, for one window (methods.md D18).

    Attributes
    ----------
    car, scar : Float64Array
        Shape (B, n): a row per placebo date, a column per event of the batch; decimal returns, and CAR over its
        standard error; NaN where an event could not be estimated at that date.
    """

    car: Float64Array
    scar: Float64Array


@dataclass(frozen=True, kw_only=True)
class Panel:
    """Events of one group with a cumulative abnormal return over one window.

    Attributes
    ----------
    batch : Batch
        The N events, with everything that does not depend on the window.
    window : Window
    car, se, scar : Float64Array
        Shape (N,), finite: cumulative abnormal return, forecast standard error (decimal returns), and their ratio.
    n_days : Int64Array
        Shape (N,), days present in the window.
    df : Float64Array
        Shape (N,), degrees of freedom of the event's t law; inf = normal.
    placebo : Placebo or None
        Columns are these N events.
    """

    batch: Batch
    window: Window
    car: Float64Array
    se: Float64Array
    scar: Float64Array
    n_days: Int64Array
    df: Float64Array
    placebo: Placebo | None = None

    @cached_property
    def correlation(self) -> CrossCorrelation:
        """Dependence between the events.

        Up to 1,500 events of one date: the mean pairwise correlation on the days that both have. Otherwise by the
        overlap of their windows; both agree where no day is missing.
        """
        batch = self.batch
        if self.n < 2:
            return CrossCorrelation(residual=0.0, overlap=0.0)
        if batch.has_common_date and self.n <= PAIRWISE_LIMIT:
            return CrossCorrelation(residual=batch.pairwise_correlation, overlap=1.0)
        return correlation_by_overlap(batch.date_groups, batch.window_days(self.window), batch.loops)

    @cached_property
    def cumulative_rank_sums(self) -> DailySum | None:
        """Scores of GRANK without adjustment for correlation; None when the standardised CARs do not vary."""
        return self.batch.cumulative_rank_sums(self.window) if self.window in self.batch.scores else None

    @property
    def scar_deviation(self) -> float:
        """Cross-sectional standard deviation of the standardised CARs; 0 for fewer than two events."""
        return deviation_of(self.scar)

    @property
    def n(self) -> int:
        """Number of events N."""
        return self.car.size

    @property
    def columns(self) -> slice:
        """Columns of the event window that belong to the window."""
        return self.batch.abnormal.columns(self.window)


def deviation_of(scar: Float64Array) -> float:
    """Cross-sectional standard deviation (N - 1); 0 for fewer than two events."""
    return float(scar.std(ddof=1)) if scar.size > 1 else 0.0


def build_panels(
    spec: StudySpec,
    fit: Fit,
    abnormal: Abnormal,
    cumulated: Sequence[Cumulated],
    *,
    tau: Int64Array,
    days: DayNumbers,
    sample: Sample | None = None,
    firms: Int64Array | None = None,
    members: NDArray[np.bool_] | None = None,
    counted: Sequence[NDArray[np.bool_]] | None = None,
    placebos: Mapping[Window, Placebo] | None = None,
    elsewhere: Elsewhere | None = None,
) -> tuple[Panel, ...]:
    """One panel per element of `cumulated`; windows with the same usable events share their batch.

    Parameters
    ----------
    tau, days, sample, firms, elsewhere
        See ``Batch``.
    members : array of bool, optional
        Shape (n,), the events of the group; None = all. Events without a finite CAR and standard error are left out.
    counted : sequence of array of bool, optional
        Shape (n,) each, per window the events that count in it; None = all.
    placebos : mapping, optional
        By window; columns are the n events.
    """
    chosen = []
    for position, measure in enumerate(cumulated):
        usable = np.isfinite(measure.scar) & (fit.df > 0)
        if counted is not None:
            usable &= counted[position]
        chosen.append(np.flatnonzero(usable if members is None else usable & members))
    batches: dict[bytes, Batch] = {}
    for rows in chosen:
        same = [m for m, other in zip(cumulated, chosen, strict=True) if np.array_equal(rows, other)]
        spreads = ((m.window, m.scar[rows], deviation_of(m.scar[rows])) for m in same)
        scores = {window: scar / spread for window, scar, spread in spreads if spread > 0}
        batch = Batch(
            spec=spec,
            fit=fit,
            abnormal=abnormal,
            rows=rows,
            tau=tau,
            days=days,
            sample=sample,
            firms=firms,
            scores=scores,
            elsewhere=elsewhere,
        )
        batches.setdefault(rows.tobytes(), batch)
    panels = []
    for measure, rows in zip(cumulated, chosen, strict=True):
        draws, run = (placebos or {}).get(measure.window), run_of(rows)
        panels.append(
            Panel(
                batch=batches[rows.tobytes()],
                window=measure.window,
                car=measure.car[run],
                se=measure.se[run],
                scar=measure.scar[run],
                n_days=measure.n_days[run],
                df=fit.df[run],
                placebo=None if draws is None else Placebo(car=draws.car[:, run], scar=draws.scar[:, run]),
            )
        )
    return tuple(panels)


def requires(hypothesis: Hypothesis) -> Callable[[Callable[[Panel], Inference]], Callable[[Panel], Inference]]:
    """Give a test its reason for panels with too few events, and where it raises ``CannotEstimate``."""

    def decorate(test: Callable[[Panel], Inference]) -> Callable[[Panel], Inference]:
        @wraps(test)
        def guarded(panel: Panel) -> Inference:
            if panel.n < hypothesis.fewest:
                return hypothesis.refuse(f"{panel.n} usable events, {hypothesis.fewest} are needed", panel.n)
            try:
                return test(panel)
            except CannotEstimate as reason:
                return hypothesis.refuse(str(reason), panel.n)

        return guarded

    return decorate
