"""The fitted events of one group, and what they share across windows, each computed once when first asked for.

Big arrays stay where the model left them and are read in blocks of events.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from types import ModuleType
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from eventstudy.abnormal import Abnormal
from eventstudy.compiled import loops
from eventstudy.inference.correlation import DateGroups, DayNumbers, DayTable, align, group_by_date, mean_pairwise
from eventstudy.inference.daily import BLOCK, DailySum, score_sums, sum_and_share
from eventstudy.parallel import in_order
from eventstudy.records import Fit, Float64Array, Int64Array, Rows, Sample, StudySpec, Window
from eventstudy.sums import column_moments

POOLED_EVENTS = 256  # whose residuals show how fat the tails are

Result = TypeVar("Result")
BlockWork = Callable[..., Result]  # of a batch, a block of its events, and what goes along with them


class Written(ABC):
    """Residuals that are made where they are wanted, plain or standardised."""

    @abstractmethod
    def write(self, events: Int64Array, out: Float64Array) -> None:
        """Write the residuals of some events into the first columns of `out`."""

    @abstractmethod
    def standardised(self, events: Int64Array, out: Float64Array) -> None:
        """Write e / (s √(1 - h)) of some events into the first columns of `out`."""


class Elsewhere(Protocol):
    """Residuals of the events of a batch that are not here, and who reads them there (`eventstudy.study.spread`)."""

    def each_block(self, batch: Batch, work: BlockWork[Result], along: Sequence[NDArray[Any]]) -> list[Result]:
        """Results of `work` on consecutive blocks of the batch's events, in their order."""
        ...

    def by_date(self, batch: Batch) -> DateGroups:
        """Standardised residuals added up over the events of each date."""
        ...


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
    firms : Int64Array or None
        Shape (n,), number of each event's asset; None where every event has its own.
    scores : mapping
        Window → standardised cumulative abnormal returns over their cross-sectional deviation, shape (N,); without
        the windows in which they do not vary.
    whole : int or None
        Number of events of the group, where those here are a part of them.
    elsewhere : Elsewhere or None
        Who reads residuals in blocks, where they are not here.
    """

    spec: StudySpec
    fit: Fit
    abnormal: Abnormal
    rows: Int64Array
    tau: Int64Array
    days: DayNumbers
    sample: Sample | None = None
    firms: Int64Array | None = None
    scores: Mapping[Window, Float64Array] = field(default_factory=dict)
    whole: int | None = None
    elsewhere: Elsewhere | None = None

    def each_block(self, work: BlockWork[Result], *along: NDArray[Any]) -> list[Result]:
        """Results of `work` on consecutive blocks of the N events, in their order.

        Parameters
        ----------
        work : callable
            The batch, a block of its events, and the elements of `along` that belong to the block; it may be called on
            another machine, with a batch of these events alone, so it is a function of a module.
        along : NDArray
            Shape (N, …) each.
        """
        if self.elsewhere is not None:
            return self.elsewhere.each_block(self, work, along)
        blocks = [slice(start, start + BLOCK) for start in range(0, self.rows.size, BLOCK)]
        return list(in_order(lambda block: work(self, block, *(values[block] for values in along)), blocks))

    def columns(self, window: Window) -> slice:
        """Columns of `days` that hold `window`."""
        first = int(self.tau[0])
        return slice(window.start - first, window.end - first + 1)

    @property
    def loops(self) -> ModuleType | None:
        """The compiled loops, where the events are many enough for them."""
        return loops(self.whole or self.rows.size)

    def estimation_sar(self, block: slice) -> Float64Array:
        """Standardised estimation residuals e / (s √(1 - h)) of a block, variance 1 (methods.md C4); shape (…, L1)."""
        with np.errstate(invalid="ignore", divide="ignore"):
            scale = 1.0 - self.some(self.fit.leverage, block)
            scale *= self.some(self.fit.s2, block)[:, None]
            np.sqrt(scale, out=scale)
            if not scale.all():
                scale[scale == 0] = np.nan
            return np.divide(self.some(self.fit.residuals, block), scale, out=scale)

    def some(self, values: Rows, block: slice) -> Float64Array:
        """Rows of an array of all n events that belong to a block of the N; not to be written to."""
        return values[run_of(self.rows[block])]

    def daily(self, score: BlockWork[Float64Array], *along: NDArray[Any]) -> DailySum:
        """Sum over the N events of what `score` gives for each block, shape (…, T); see `each_block`."""
        return _added(self.each_block(partial(_summed, score), *along))

    @cached_property
    def day0(self) -> Int64Array:
        """Calendar number of the announcement day; shape (N,)."""
        column: Int64Array = self.days[self.rows, -int(self.tau[0])].astype(np.int64)
        return column

    @cached_property
    def firm(self) -> Int64Array:
        """Number of the event's asset; shape (N,)."""
        return np.arange(self.rows.size) if self.firms is None else self.firms[self.rows]

    @cached_property
    def has_common_date(self) -> bool:
        """Whether all events share their announcement day."""
        return bool((self.day0 == self.day0[0]).all())

    @cached_property
    def pairwise_correlation(self) -> float:
        """Mean over pairs of events of the correlation of residuals on the calendar days that both have."""
        residuals, days = self.dated_residuals()
        return mean_pairwise(align(residuals[self.rows], days[self.rows]))

    @cached_property
    def date_groups(self) -> DateGroups:
        """Standardised residuals added up over the events of each date."""
        if self.elsewhere is not None:
            return self.elsewhere.by_date(self)
        residuals, days = self.dated_residuals()
        return group_by_date(residuals, days, self.rows, self.day0, self.loops)

    @cached_property
    def average_residual(self) -> Float64Array:
        """Mean residual over events on each estimation day that has one; shape (≤ L1,), decimal returns."""
        mean = self._residuals[0].mean
        return mean[np.isfinite(mean)]

    @cached_property
    def average_ar(self) -> Float64Array:
        """Mean abnormal return over events on each day of the event window, NaN for none; shape (L2,)."""
        return self.daily(_abnormal).mean

    @cached_property
    def pooled_sar(self) -> Float64Array:
        """Standardised estimation residuals of some hundred events, as far apart as there are more; shape (values,)."""
        step = -(-self.rows.size // POOLED_EVENTS)
        found = self.estimation_sar(slice(None, None, step))
        return found[np.isfinite(found)]

    @cached_property
    def positive_days(self) -> Float64Array:
        """Share of the estimation residuals of every event that is positive; shape (N,)."""
        return self._residuals[1]

    @cached_property
    def _residuals(self) -> tuple[DailySum, Float64Array]:
        """Sum of the estimation residuals, and the share of each event's that is positive, in one pass."""
        sums, shares = zip(*self.each_block(_residuals), strict=True)
        return _added(sums), np.concatenate(shares)

    @cached_property
    def rank_and_sign_sums(self) -> tuple[DailySum, DailySum]:
        """Sums of scores of abnormal returns, estimation then event days, from one sort.

        First the uniform rank scores (Corrado 1989), then the signs about the median (Corrado & Zivney 1992).
        """
        ranks, signs = zip(*self.each_block(_ranks_and_signs), strict=True)
        return _added(ranks), _added(signs)

    @cached_property
    def standardised_rank_sums(self) -> DailySum:
        """As the rank scores for SAR, those of the event days divided by their cross-sectional deviation."""
        return self._standardised[0]

    @cached_property
    def _standardised(self) -> tuple[DailySum, DailySum, dict[Window, DailySum]]:
        """What is made of standardised residuals, in one pass and from one sort.

        Their rank scores with those of the event days; rank / (M_i + 2) among the estimation days alone; and for
        every window of `scores` how it moves these when it counts as one more day, its own score last.
        """
        deviation = cross_sectional_deviation(self.abnormal.sar, run_of(self.rows))
        parts = self.each_block(partial(_standardised, deviation), *self.scores.values())
        all_days, estimation, shifts = zip(*parts, strict=True)
        by_window = (_added(found) for found in zip(*shifts, strict=True))
        return _added(all_days), _added(estimation), dict(zip(self.scores, by_window, strict=True))

    def cumulative_rank_sums(self, event: Float64Array | Window) -> DailySum:
        """Sum of the uniform rank scores of the estimation days and, last, of the window as one more day (GRANK).

        Parameters
        ----------
        event : Float64Array or Window
            Shape (N,), standardised cumulative abnormal return of every event; or the window of `scores`.
        """
        _, estimation, by_window = self._standardised
        shifts = by_window[event] if isinstance(event, Window) else _added(self.each_block(_shifted, event))
        return DailySum(total=shifts.total + np.append(estimation.total, 0.0), count=shifts.count)

    @cached_property
    def _calendar(self) -> DayNumbers:
        """`days`, or places in the calendar that all events share: what says which days are the same."""
        return self.days.by_place() if isinstance(self.days, DayTable) else self.days

    def window_days(self, window: Window) -> DayNumbers:
        """Days of a window of the N events, numbered as in `date_groups`; shape (N, L)."""
        days, columns = self._calendar, self.columns(window)
        return days.of(self.rows).part(columns) if isinstance(days, DayTable) else days[self.rows, columns]

    def dated_residuals(self) -> tuple[Rows, DayNumbers]:
        """Residuals of the estimation window proper (a comparison-period fit has later ones too) and their days."""
        estimation, days = self.spec.estimation, self._calendar
        columns = self.columns(estimation)
        days = days.part(columns) if isinstance(days, DayTable) else days[:, columns]
        is_whole = self.fit.residuals.shape[1] == estimation.length
        return self.fit.residuals if is_whole else self.fit.residuals[:, : estimation.length], days


def run_of(rows: Int64Array) -> slice | Int64Array:
    """Ascending rows as a slice where none is left out between them: then what is taken of an array is no copy."""
    is_run = rows.size > 0 and rows[-1] - rows[0] == rows.size - 1
    return slice(rows[0], rows[-1] + 1) if is_run else rows


def _added(parts: Sequence[DailySum]) -> DailySum:
    return sum(parts[1:], parts[0])


def _summed(score: BlockWork[Float64Array], batch: Batch, block: slice, *along: NDArray[Any]) -> DailySum:
    return DailySum.of(score(batch, block, *along))


def _residuals(batch: Batch, block: slice) -> tuple[DailySum, Float64Array]:
    return sum_and_share(batch.some(batch.fit.residuals, block), batch.loops)


def _abnormal(batch: Batch, block: slice) -> Float64Array:
    return batch.some(batch.abnormal.ar, block)


def _ranks_and_signs(batch: Batch, block: slice) -> tuple[DailySum, DailySum]:
    rows, residuals = batch.rows[block], batch.fit.residuals
    length = residuals.shape[1]
    joined = np.empty((rows.size, length + batch.abnormal.ar.shape[1]))
    joined[:, length:] = batch.some(batch.abnormal.ar, block)
    if isinstance(residuals, Written):
        residuals.write(rows, joined)
    else:
        joined[:, :length] = batch.some(residuals, block)
    return score_sums(joined, loops=batch.loops)


def _standardised(
    deviation: Float64Array, batch: Batch, block: slice, *events: Float64Array
) -> tuple[DailySum, DailySum, list[DailySum]]:
    rows, residuals = batch.rows[block], batch.fit.residuals
    length = residuals.shape[1]
    sar = np.empty((rows.size, length + deviation.size))
    np.divide(batch.some(batch.abnormal.sar, block), deviation, out=sar[:, length:])
    if isinstance(residuals, Written):
        residuals.standardised(rows, sar)
    else:
        sar[:, :length] = batch.estimation_sar(block)
    shifts = [_shift(sar, length, event, batch.loops) for event in events]
    return *score_sums(sar, length, batch.loops), shifts


def _shifted(batch: Batch, block: slice, event: Float64Array) -> DailySum:
    return _shift(batch.estimation_sar(block), batch.fit.residuals.shape[1], event, batch.loops)


def _shift(sar: Float64Array, width: int, event: Float64Array, loops: ModuleType | None) -> DailySum:
    """How the window, as one more day among the first `width` days, moves their rank scores; its own score last."""
    n = len(sar)
    if loops:
        moved, count, own = np.zeros(width), np.zeros(width, dtype=np.int64), np.empty(n)
        loops.window_among_days(sar, event, moved, count, own)
        return DailySum(total=np.append(moved, own.sum()), count=np.append(count, n))
    sar = sar[:, :width]
    here = event[:, None]
    above = sar > here
    higher, same = np.count_nonzero(above, axis=1), 0
    days, count = np.full(n, width), np.full(width, n)
    missing = np.isnan(sar)
    if missing.any():
        days -= missing.sum(axis=1)
        count -= missing.sum(axis=0)
    weight = 1.0 / (days + 2)
    # Placed among the sorted estimation days, the window moves those above it up by one rank.
    if (days == width).all():
        moved = above.view(np.uint8).sum(axis=0, dtype=np.int64) / (width + 2) - 0.5 * count
    else:
        moved = np.einsum("n,nt->t", weight, above.astype(float)) - 0.5 * count
    equal = sar == here
    if equal.any():
        moved += 0.5 * np.einsum("n,nt->t", weight, equal.astype(float))
        same = equal.sum(axis=1)
    own = (1 + days - higher - 0.5 * same) * weight - 0.5
    return DailySum(total=np.append(moved, own.sum()), count=np.append(count, np.int64(n)))


def cross_sectional_deviation(values: Float64Array, rows: slice | Int64Array) -> Float64Array:
    """Standard deviation (N - 1) over some events per day; NaN where fewer than two are present or none varies."""
    count, _, variance = column_moments(values, rows)
    return np.where((count > 1) & (variance > 0), np.sqrt(np.maximum(variance, 0.0)), np.nan)
