"""The fitted events of one group, and what they share across windows, each computed once when first asked for.

Big arrays stay where the model left them and are read in blocks of events.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import numpy as np

from eventstudy.abnormal import Abnormal
from eventstudy.inference.correlation import DateGroup, DayNumbers, align, group_by_date, mean_pairwise
from eventstudy.inference.daily import BLOCK, DailySum, rank_score_sum, sign_scores
from eventstudy.records import Fit, Float64Array, Int64Array, Sample, StudySpec, Window

Result = TypeVar("Result")


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

    def each_block(self, work: Callable[[slice], Result]) -> list[Result]:
        """Results of `work` on consecutive blocks of the N events, in their order.

        Threads help because numpy lets others run while it sorts and computes; the order, and so every sum, is the
        same on any machine.
        """
        blocks = [slice(start, start + BLOCK) for start in range(0, self.rows.size, BLOCK)]
        if len(blocks) == 1:
            return [work(blocks[0])]
        with ThreadPoolExecutor(min(len(blocks), os.cpu_count() or 1)) as pool:
            return list(pool.map(work, blocks))

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
        return self._summed(lambda rows: DailySum.of(score(rows)))

    def _summed(self, part: Callable[[Int64Array], DailySum]) -> DailySum:
        parts = self.each_block(lambda block: part(self.rows[block]))
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
    def pairwise_correlation(self) -> float:
        """Mean over pairs of events of the correlation of residuals on the calendar days that both have."""
        residuals, days = self._dated_residuals()
        return mean_pairwise(align(residuals[self.rows], days[self.rows]))

    @cached_property
    def date_groups(self) -> tuple[DateGroup, ...]:
        """Standardised residuals added up over the events of each date."""
        residuals, days = self._dated_residuals()
        return group_by_date(residuals, days, self.rows, self.day0)

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
        return self._summed(lambda rows: rank_score_sum(self._joined(rows)))

    @cached_property
    def sign_sums(self) -> DailySum:
        """Sum of the signs about the median of abnormal returns, estimation then event days."""
        return self.daily(lambda rows: sign_scores(self._joined(rows)))

    @cached_property
    def standardised_rank_sums(self) -> DailySum:
        """As `rank_sums` for SAR, those of the event days divided by their cross-sectional deviation."""
        deviation = cross_sectional_deviation(self.abnormal.sar[self.rows])

        def score(rows: Int64Array) -> DailySum:
            sar = np.concatenate([self.estimation_sar(rows), self.abnormal.sar[rows] / deviation], axis=1)
            return rank_score_sum(sar)

        return self._summed(score)

    @cached_property
    def estimation_rank_sums(self) -> DailySum:
        """Sum of rank / (M_i + 2) of the standardised residuals among the estimation days alone; shape (L1,)."""
        return self._summed(lambda rows: rank_score_sum(self.estimation_sar(rows), extra=2, shift=0.0))

    def cumulative_rank_sums(self, event: Float64Array) -> DailySum:
        """Sum of the uniform rank scores of the estimation days and, last, of the window as one more day (GRANK).

        Parameters
        ----------
        event : Float64Array
            Shape (N,), standardised cumulative abnormal return of every event.
        """

        def shift(block: slice) -> DailySum:
            sar = self.estimation_sar(self.rows[block])
            here = event[block, None]
            present = np.isfinite(sar)
            above, equal = sar > here, sar == here
            days, higher, same = present.sum(axis=1), above.sum(axis=1), equal.sum(axis=1)
            weight = 1.0 / (days + 2)
            # Placed among the sorted estimation days, the window moves those above it up by one rank.
            moved = weight @ above - 0.5 * present.sum(axis=0)
            if same.any():
                moved += 0.5 * weight @ equal
            own = (1 + days - higher - 0.5 * same) * weight - 0.5
            return DailySum(total=np.append(moved, own.sum()), count=np.append(present.sum(axis=0), np.int64(len(sar))))

        parts = self.each_block(shift)
        shifts = sum(parts[1:], parts[0])
        return DailySum(total=shifts.total + np.append(self.estimation_rank_sums.total, 0.0), count=shifts.count)

    def _dated_residuals(self) -> tuple[Float64Array, DayNumbers]:
        """Residuals of the estimation window proper (a comparison-period fit has later ones too) and their days."""
        estimation = self.spec.estimation
        return self.fit.residuals[:, : estimation.length], self.days[:, self.columns(estimation)]

    def _joined(self, rows: Int64Array) -> Float64Array:
        return np.concatenate([self.fit.residuals[rows], self.abnormal.ar[rows]], axis=1)


def cross_sectional_deviation(values: Float64Array) -> Float64Array:
    """Give the standard deviation (N - 1) over events per day; NaN where fewer than two are present or none varies."""
    present = np.isfinite(values)
    count = present.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(present, values, 0.0).sum(axis=0) / count
        variance = np.where(present, (values - mean) ** 2, 0.0).sum(axis=0) / (count - 1)
    return np.where((count > 1) & (variance > 0), np.sqrt(np.maximum(variance, 0.0)), np.nan)
