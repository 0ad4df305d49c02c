"""Row kernels shared by the tests: ranks, medians and sums over events, a day per column.

Every function takes a block of events, so that memory does not grow with their number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy.records import Float64Array, Int64Array

FAR = 1e300  # stands for a missing value in a sort: after every return, and finite
BLOCK = 1024  # events read at a time: about 2 MB for 250 days, which stays in cache


@dataclass(frozen=True, slots=True, kw_only=True)
class DailySum:
    """Sum over events of a score, day by day of event time.

    Attributes
    ----------
    total : Float64Array
        Shape (T,).
    count : Int64Array
        Shape (T,), events with a score on that day.
    """

    total: Float64Array
    count: Int64Array

    def __add__(self, other: DailySum) -> DailySum:
        return DailySum(total=self.total + other.total, count=self.count + other.count)

    @property
    def mean(self) -> Float64Array:
        """Mean score per day; NaN on a day without events."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(self.count > 0, self.total / self.count, np.nan)

    @classmethod
    def of(cls, scores: Float64Array) -> DailySum:
        """Sum `scores`, shape (n, T), over events; NaN = no score."""
        present = np.isfinite(scores)
        return cls(total=np.where(present, scores, 0.0).sum(axis=0), count=present.sum(axis=0))


def midranks(values: Float64Array) -> Float64Array:
    """Rank every row from 1, ties sharing the mean of their ranks.

    Parameters
    ----------
    values : Float64Array
        Shape (n, T), NaN = missing; stays NaN and is not counted.
    """
    missing = np.isnan(values)
    # NaN slows the sort down to half its speed, and infinity ends up in the same place.
    order = np.argsort(np.where(missing, np.inf, values), axis=1)
    order += np.arange(len(values))[:, None] * values.shape[1]
    ordered = values.ravel()[order]
    position = np.broadcast_to(np.arange(1.0, values.shape[1] + 1), values.shape)
    tied = ordered[:, 1:] == ordered[:, :-1]
    rows = tied.any(axis=1)
    if rows.any():
        position = position.copy()
        position[rows] = _shared_positions(tied[rows])
    ranks = np.empty(values.size)
    ranks[order.ravel()] = position.ravel()
    return np.where(missing, np.nan, ranks.reshape(values.shape))


def _shared_positions(tied: np.ndarray) -> Float64Array:
    """Mean position of each run of ties; ``tied[:, j]`` says that sorted items j and j + 1 are equal."""
    n, last = tied.shape
    index = np.arange(last + 1)
    starts = np.concatenate([np.ones((n, 1), bool), ~tied], axis=1)
    ends = np.concatenate([~tied, np.ones((n, 1), bool)], axis=1)
    first = np.maximum.accumulate(np.where(starts, index, 0), axis=1)
    final = np.minimum.accumulate(np.where(ends, index, last)[:, ::-1], axis=1)[:, ::-1]
    shared: Float64Array = (first + final) / 2.0 + 1.0
    return shared


def rank_score_sum(values: Float64Array, extra: int = 1, shift: float = 0.5) -> DailySum:
    """Sum over events of rank / (T_i + `extra`) - `shift`, T_i the days present; no row is put back in its order.

    The column of every value is written into the lowest bits of its mantissa, so that a plain sort, which processors
    do many numbers at a time, carries the columns along. Rows in which two values then look equal, as ties do, take
    the exact route of `midranks`. Uniform scores of Corrado & Zivney 1992 are the default.
    """
    width = values.shape[1]
    low = (1 << (width - 1).bit_length()) - 1
    missing = np.isnan(values)
    keys = np.where(missing, FAR, values)
    keys += 0.0  # -0.0 becomes 0.0
    bits = keys.view(np.int64)
    bits &= ~low
    bits |= np.arange(width)
    keys.sort(axis=1)
    present = width - missing.sum(axis=1)
    equal = ((bits[:, 1:] ^ bits[:, :-1]) & ~low) == 0
    position = np.arange(1.0, width + 1)
    is_complete = bool((present == width).all())
    if not is_complete:
        equal[position[1:] > present[:, None]] = False  # missing values are all alike
    sound = ~equal.any(axis=1)
    columns, scale = bits[sound] & low, 1.0 / (present[sound] + extra)
    scores = np.broadcast_to(position, columns.shape) if is_complete else position * scale[:, None]
    if not is_complete:
        scores[position > present[sound, None]] = 0.0
    total: Float64Array = np.bincount(columns.ravel(), scores.ravel(), width).astype(np.float64)
    if is_complete:
        total = total / (width + extra)
    total -= shift * (~missing[sound]).sum(axis=0)
    if not sound.all():
        tied = midranks(values[~sound]) / (present[~sound] + extra)[:, None] - shift
        total += DailySum.of(tied).total
    return DailySum(total=total, count=len(values) - missing.sum(axis=0))


def sign_scores(values: Float64Array) -> Float64Array:
    """Sign of every value about the median of its row (Corrado & Zivney 1992)."""
    return np.sign(values - row_medians(values)[:, None])


def row_medians(values: Float64Array) -> Float64Array:
    """Median of the values present in every row, NaN for an empty row."""
    ordered = np.sort(values, axis=1)  # NaN last
    present = np.isfinite(values).sum(axis=1)
    low = np.maximum(present - 1, 0) // 2
    high = np.minimum(present // 2, values.shape[1] - 1)
    rows = np.arange(len(values))
    medians: Float64Array = (ordered[rows, low] + ordered[rows, high]) / 2.0
    return medians


def close_up(values: Float64Array) -> Float64Array:
    """Move missing values to the end of their row, keeping the order of the others."""
    missing = np.isnan(values)
    if not missing.any():
        return values
    closed: Float64Array = np.take_along_axis(values, np.argsort(missing, axis=1, kind="stable"), axis=1)
    return closed


def positive_share(values: Float64Array, length: int) -> Float64Array:
    """Share of positive sums of `length` consecutive present values, per row; zero is not positive.

    Returns
    -------
    Float64Array
        Shape (n,), NaN where a row has no such sum.
    """
    closed = close_up(values) if length > 1 else values
    n_sums = max(values.shape[1] - length + 1, 0)
    sums = np.zeros((len(values), n_sums))
    for offset in range(length):
        sums += closed[:, offset : offset + n_sums]
    counted = np.isfinite(sums).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(counted > 0, (sums > 0).sum(axis=1) / counted, np.nan)
