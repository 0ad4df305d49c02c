"""What an aggregate test sees: the events of one group, fitted, cumulated over one window, and dated.

A ``Batch`` holds the events and what they share across windows, computed once when first asked for; a ``Panel`` adds
one window. Big arrays stay where the model left them and are read in blocks of events.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, wraps

import numpy as np
from numpy.typing import NDArray

from eventstudy.abnormal import Abnormal, Cumulated
from eventstudy.errors import CannotEstimate
from eventstudy.inference.correlation import CrossCorrelation, DayNumbers, cross_correlation
from eventstudy.inference.daily import BLOCK, DailySum, midranks, rank_scores, sign_scores
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
class Batch:
    """Fitted events of one group.

    Attributes
    ----------
    spec : StudySpec
    fit : Fit
        n events; ``residuals`` has shape (n, L1).
    abnormal : Abnormal
        ``ar`` and ``sar`` have shape (n, L2).
    rows : Int64Array
        Shape (N,), the events of `fit` that take part.
    tau : Int64Array
        Shape (T,), event time of the columns of `days`: from (lead-in and) estimation window to event window.
    days : DayNumbers
        Shape (n, T), calendar number of each event's session (for example days since 1970); -1 where the asset has
        no session. Equal numbers mean the same date. A row shared by all events may be broadcast.
    sample : Sample or None
        Raw returns, same columns as `days`; needed by ``portfolio_t`` and ``mvrm_f`` only.
    """

    spec: StudySpec
    fit: Fit
    abnormal: Abnormal
    rows: Int64Array
    tau: Int64Array
    days: DayNumbers
    sample: Sample | None = None

    def blocks(self) -> Iterator[Int64Array]:
        """Rows of the events, a few thousand at a time."""
        for start in range(0, self.rows.size, BLOCK):
            yield self.rows[start : start + BLOCK]

    def columns(self, window: Window) -> slice:
        """Columns of `days` that hold `window`."""
        first = int(self.tau[0])
        return slice(window.start - first, window.end - first + 1)

    def estimation_sar(self, rows: Int64Array) -> Float64Array:
        """Standardised estimation residuals e / (s √(1 - h)), variance 1 (methods.md C4); shape (len(rows), L1)."""
        with np.errstate(invalid="ignore", divide="ignore"):
            scale = np.sqrt(self.fit.s2[rows, None] * (1.0 - self.fit.leverage[rows]))
            return np.where(scale > 0, self.fit.residuals[rows] / scale, np.nan)

    def daily(self, score: Callable[[Int64Array], Float64Array]) -> DailySum:
        """Sum over events of ``score(rows)``, shape (len(rows), T)."""
        parts = [DailySum.of(score(rows)) for rows in self.blocks()]
        return sum(parts[1:], parts[0])

    @cached_property
    def day0(self) -> Int64Array:
        """Calendar number of the announcement day; shape (N,)."""
        column: Int64Array = self.days[self.rows, -int(self.tau[0])].astype(np.int64)
        return column

    @cached_property
    def has_common_date(self) -> bool:
        """Whether all events share their announcement day."""
        return bool((self.day0 == self.day0[0]).all())

    @cached_property
    def average_residual(self) -> Float64Array:
        """Mean residual over events on each estimation day that has one; shape (≤ L1,), decimal returns."""
        mean = self.daily(lambda rows: self.fit.residuals[rows]).mean
        return mean[np.isfinite(mean)]

    @cached_property
    def average_ar(self) -> Float64Array:
        """Mean abnormal return over events on each day of the event window, NaN for none; shape (L2,)."""
        return self.daily(lambda rows: self.abnormal.ar[rows]).mean

    @cached_property
    def rank_sums(self) -> DailySum:
        """Sum of the uniform rank scores of abnormal returns, estimation then event days (Corrado 1989)."""
        return self.daily(lambda rows: rank_scores(self._joined(rows)))

    @cached_property
    def sign_sums(self) -> DailySum:
        """Sum of the signs about the median of abnormal returns, estimation then event days."""
        return self.daily(lambda rows: sign_scores(self._joined(rows)))

    @cached_property
    def standardised_rank_sums(self) -> DailySum:
        """As `rank_sums` for SAR, those of the event days divided by their cross-sectional deviation."""
        deviation = cross_sectional_deviation(self.abnormal.sar[self.rows])

        def score(rows: Int64Array) -> Float64Array:
            return rank_scores(np.concatenate([self.estimation_sar(rows), self.abnormal.sar[rows] / deviation], axis=1))

        return self.daily(score)

    @cached_property
    def estimation_rank_sums(self) -> DailySum:
        """Sum of rank / (M_i + 2) of the standardised residuals among the estimation days alone; shape (L1,)."""

        def score(rows: Int64Array) -> Float64Array:
            sar = self.estimation_sar(rows)
            shares: Float64Array = midranks(sar) / (np.isfinite(sar).sum(axis=1, keepdims=True) + 2)
            return shares

        return self.daily(score)

    def _joined(self, rows: Int64Array) -> Float64Array:
        return np.concatenate([self.fit.residuals[rows], self.abnormal.ar[rows]], axis=1)


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
        """Dependence between the events."""
        batch = self.batch
        length = batch.spec.estimation.length
        return cross_correlation(
            batch.fit.residuals[:, :length],  # a comparison-period fit has days after the event as well
            batch.days[:, batch.columns(batch.spec.estimation)],
            batch.days[:, batch.columns(self.window)],
            batch.rows,
        )

    @property
    def n(self) -> int:
        """Number of events N."""
        return self.car.size

    @property
    def inside(self) -> NDArray[np.bool_]:
        """Which days of the event window belong to the window; shape (L2,)."""
        tau = self.batch.abnormal.tau
        flags: NDArray[np.bool_] = (tau >= self.window.start) & (tau <= self.window.end)
        return flags


def build_panels(
    spec: StudySpec,
    fit: Fit,
    abnormal: Abnormal,
    cumulated: Sequence[Cumulated],
    *,
    tau: Int64Array,
    days: DayNumbers,
    sample: Sample | None = None,
    members: NDArray[np.bool_] | None = None,
    placebos: Mapping[Window, Placebo] | None = None,
) -> tuple[Panel, ...]:
    """One panel per element of `cumulated`; windows with the same usable events share their batch.

    Parameters
    ----------
    tau, days, sample
        See ``Batch``.
    members : array of bool, optional
        Shape (n,), the events of the group; None = all. Events without a finite CAR and standard error are left out.
    placebos : mapping, optional
        By window; columns are the n events.
    """
    batches: dict[bytes, Batch] = {}
    panels = []
    for measure in cumulated:
        usable = np.isfinite(measure.scar) & (fit.df > 0)
        if members is not None:
            usable &= members
        rows = np.flatnonzero(usable)
        batch = batches.setdefault(
            usable.tobytes(),
            Batch(spec=spec, fit=fit, abnormal=abnormal, rows=rows, tau=tau, days=days, sample=sample),
        )
        draws = (placebos or {}).get(measure.window)
        panels.append(
            Panel(
                batch=batch,
                window=measure.window,
                car=measure.car[rows],
                se=measure.se[rows],
                scar=measure.scar[rows],
                n_days=measure.n_days[rows],
                df=fit.df[rows],
                placebo=None if draws is None else Placebo(car=draws.car[:, rows], scar=draws.scar[:, rows]),
            )
        )
    return tuple(panels)


def requires(
    hypothesis: Hypothesis, events: int = 2
) -> Callable[[Callable[[Panel], Inference]], Callable[[Panel], Inference]]:
    """Give a test its reason for panels with fewer than `events` events, and where it raises ``CannotEstimate``."""

    def decorate(test: Callable[[Panel], Inference]) -> Callable[[Panel], Inference]:
        @wraps(test)
        def guarded(panel: Panel) -> Inference:
            if panel.n < events:
                return hypothesis.refuse(f"{panel.n} usable events, {events} are needed", panel.n)
            try:
                return test(panel)
            except CannotEstimate as reason:
                return hypothesis.refuse(str(reason), panel.n)

        return guarded

    return decorate


def cross_sectional_deviation(values: Float64Array) -> Float64Array:
    """Give the standard deviation (N - 1) over events per day; NaN where fewer than two are present or none varies."""
    present = np.isfinite(values)
    count = present.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(present, values, 0.0).sum(axis=0) / count
        variance = np.where(present, (values - mean) ** 2, 0.0).sum(axis=0) / (count - 1)
    return np.where((count > 1) & (variance > 0), np.sqrt(np.maximum(variance, 0.0)), np.nan)
