"""Row kernels shared by the tests: ranks, medians and sums over events, a day per column.

Every function takes a block of events, so that memory does not grow with their number.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from eventstudy.records import Float64Array, Int64Array

FAR = 1e300  # stands for a missing value in a sort: after every return, and finite
BLOCK = 512  # events read at a time: about 1 MB for 250 days, which stays in the cache
ROWS = 256  # of them, where several arrays of that size would not


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
        total = scores.sum(axis=0)
        if not np.isnan(total).any():
            return cls(total=total, count=np.full(total.size, len(scores)))
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """The columns of every row in the order of their values.

    Attributes
    ----------
    values : Float64Array
        Shape (n, T), as given; NaN = missing.
    columns : Int64Array
        Shape (n, T), missing values last.
    count : Int64Array
        Shape (T,), rows with a value in that column.
    present : Int64Array
        Shape (n,), values in that row.
    is_doubtful : array of bool
        Shape (n,), rows in which two values are, or may be, equal: their order says nothing.
    """

    values: Float64Array
    columns: Int64Array
    count: Int64Array
    present: Int64Array
    is_doubtful: NDArray[np.bool_]

    @classmethod
    def of(cls, values: Float64Array) -> Ordered:
        """Sort every row.

        The column of every value is written into the lowest bits of its mantissa, so that a plain sort, which
        processors do many numbers at a time, carries the columns along.
        """
        n, width = values.shape
        low = _column_bits(width)
        keys = np.empty((n, width))
        bits, present = keys.view(np.int64), np.full(n, width)
        np.add(values, 0.0, out=keys)  # -0.0 becomes 0.0
        missing = np.isnan(values)
        if has_holes := bool(missing.any()):
            keys[missing] = FAR
            present -= missing.sum(axis=1)
        bits &= ~low
        bits |= np.arange(width)
        keys.sort(axis=1)
        is_doubtful = np.zeros(n, dtype=np.bool_)
        flat = bits.ravel()
        if has_holes or (flat[1:] ^ flat[:-1]).view(np.uint64).min(initial=low + 1) <= low:  # else none are alike
            equal = (bits[:, 1:] ^ bits[:, :-1]).view(np.uint64) <= low
            equal[np.arange(1, width) >= present[:, None]] = False  # missing values are all alike
            is_doubtful = np.asarray(equal.any(axis=1))
        bits &= low
        count = n - missing.sum(axis=0) if has_holes else np.full(width, n)
        return cls(values=values, columns=bits, count=count, present=present, is_doubtful=is_doubtful)

    def medians(self) -> Float64Array:
        """Median of the values present in every row, NaN for an empty row."""
        rows = np.arange(len(self.columns))
        low = self.columns[rows, np.maximum(self.present - 1, 0) // 2]
        high = self.columns[rows, np.minimum(self.present // 2, self.columns.shape[1] - 1)]
        found: Float64Array = (self.values[rows, low] + self.values[rows, high]) / 2.0
        if self.is_doubtful.any():
            found[self.is_doubtful] = row_medians(self.values[self.is_doubtful])
        return found

    def rank_sum(self, extra: int = 1, shift: float = 0.5, first: int | None = None) -> DailySum:
        """Sum over events of rank / (T_i + `extra`) - `shift`, T_i the days present (Corrado & Zivney 1992).

        Parameters
        ----------
        first : int, optional
            Rank the first columns among themselves; all when None.
        """
        first = self.columns.shape[1] if first is None else first
        total = self._sure_rank_sum(extra, first)
        if self.is_doubtful.any():
            tied = self.values[self.is_doubtful, :first]
            total += DailySum.of(midranks(tied) / (np.isfinite(tied).sum(axis=1) + extra)[:, None]).total
        return DailySum(total=total - shift * self.count[:first], count=self.count[:first])

    def _sure_rank_sum(self, extra: int, first: int) -> Float64Array:
        """Sum of rank / (T_i + `extra`) over the rows without doubt; shape (first,)."""
        width = self.columns.shape[1]
        present, columns = self.present, self.columns
        if first < width:
            present = present - np.isfinite(self.values[:, first:]).sum(axis=1)
        total: Float64Array
        if (present == first).all():
            columns = columns[~self.is_doubtful] if self.is_doubtful.any() else columns
            chosen = columns[columns < first] if first < width else columns.ravel()
            total = np.bincount(chosen, np.tile(np.arange(1.0, first + 1), len(columns)), first) / (first + extra)
        else:  # what this gives to later columns means nothing
            scores = np.cumsum(columns < first, axis=1) * (1.0 / (present + extra))[:, None]
            scores[np.arange(width) >= self.present[:, None]] = 0.0
            scores[self.is_doubtful] = 0.0
            total = np.bincount(columns.ravel(), scores.ravel(), width)[:first].astype(np.float64)
        return total


def sign_sum(ordered: Ordered) -> DailySum:
    """Sum over events of the signs about their median."""
    median = ordered.medians()[:, None]
    above, below = (ordered.values > median).view(np.uint8), (ordered.values < median).view(np.uint8)
    kind = np.uint16 if len(above) < 1 << 16 else np.int64
    total = above.sum(axis=0, dtype=kind).astype(float) - below.sum(axis=0, dtype=kind)
    return DailySum(total=total, count=ordered.count)


def score_sums(
    values: Float64Array, first: int | None = None, loops: ModuleType | None = None
) -> tuple[DailySum, DailySum]:
    """Sums over events of two scores, from one sort.

    Parameters
    ----------
    first : int, optional
        How many columns are ranked among themselves.
    loops : module, optional
        The compiled loops to use.

    Returns
    -------
    DailySum
        Of rank / (T_i + 1) - ½, T_i the days present.
    DailySum
        Of rank / (T_i + 2) of the `first` columns among themselves; of the sign about the median when None.
    """
    if loops is None:
        ordered = Ordered.of(values)
        other = sign_sum(ordered) if first is None else ordered.rank_sum(extra=2, shift=0.0, first=first)
        return ordered.rank_sum(), other
    n, width = values.shape
    low, keys, present = _column_bits(width), np.empty((n, width)), np.empty(n, dtype=np.int64)
    loops.sort_keys(values, keys, low, present)
    keys.sort(axis=1)
    is_doubtful = np.empty(n, dtype=np.bool_)
    ranks, among_first = np.zeros(width), np.zeros(first or 0)
    signs = np.zeros(width if first is None else 0, dtype=np.int64)
    loops.add_scores(keys.view(np.int64), low, present, is_doubtful, ranks, among_first, signs)
    count = np.full(width, n - np.count_nonzero(is_doubtful))
    if (present < width).any():
        count -= np.isnan(values[~is_doubtful]).sum(axis=0)
    total = signs.astype(float) if first is None else among_first
    found = DailySum(total=ranks - 0.5 * count, count=count), DailySum(total=total, count=count[: total.size])
    if not is_doubtful.any():
        return found
    rest = score_sums(values[is_doubtful], first)
    return found[0] + rest[0], found[1] + rest[1]


def _column_bits(width: int) -> int:
    """Mask of the lowest bits, as many as the number of a column takes."""
    return int((1 << (width - 1).bit_length()) - 1)


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


def positive_share(values: Float64Array, length: int, loops: ModuleType | None = None) -> Float64Array:
    """Share of positive sums of `length` consecutive present values, per row; zero is not positive.

    Returns
    -------
    Float64Array
        Shape (n,), NaN where a row has no such sum.
    """
    if loops:
        share = np.empty(len(values))
        loops.positive_share(np.ascontiguousarray(values), length, share)
        return share
    n_sums = max(values.shape[1] - length + 1, 0)
    if not n_sums:
        return np.full(len(values), np.nan)
    shares = []
    for start in range(0, max(len(values), 1), ROWS):
        some = values[start : start + ROWS]
        sums = some if length == 1 else moving_sums(close_up(some), length)
        counted = n_sums - np.isnan(sums).sum(axis=1)
        with np.errstate(invalid="ignore"):
            shares.append(np.count_nonzero(sums > 0, axis=1) / counted)
    return np.concatenate(shares)


def sum_and_share(values: Float64Array, loops: ModuleType | None = None) -> tuple[DailySum, Float64Array]:
    """Sum over events, and the share of each that is positive, shape (n,); NaN for none."""
    if not loops:
        return DailySum.of(values), positive_share(values, 1)
    found = DailySum(total=np.zeros(values.shape[1]), count=np.zeros(values.shape[1], dtype=np.int64))
    share = np.empty(len(values))
    loops.add_days(values, found.total, found.count, share)
    return found, share


def moving_sums(values: Float64Array, length: int) -> Float64Array:
    """Sums of `length` consecutive columns, from sums of 1, 2, 4, … columns; shape (n, T - length + 1).

    All rows are taken as one, and what reaches from one into the next is cut off: a long row is added up faster.
    """
    piece = np.ascontiguousarray(values).ravel()
    whole = np.zeros(piece.size)
    out, power, start = whole[: piece.size - length + 1], 1, 0
    while True:
        if length & power:
            out += piece[start : start + out.size]
            start += power
        if start == length:
            return whole.reshape(values.shape)[:, : values.shape[1] - length + 1]
        piece = piece[:-power] + piece[power:]
        power *= 2
