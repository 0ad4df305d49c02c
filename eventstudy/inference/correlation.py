"""Mean correlation between events, and how much of it reaches a mean of cumulative abnormal returns.

Kolari & Pynnönen 2010; for windows that overlap in part, Kolari, Pape & Pynnönen 2018.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from eventstudy.inference.daily import BLOCK
from eventstudy.order import stable_order
from eventstudy.parallel import in_order
from eventstudy.records import Float64Array, Int64Array, Rows
from eventstudy.sums import row_dot, row_sum

PAIRWISE_LIMIT = 1500  # events up to which pairs with missing days are correlated one by one
FEWEST_COMMON_DAYS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTable:
    """Calendar numbers of the sessions around n events of one list of sessions, made when they are asked for.

    Is indexed like an array of shape (n, width) by rows, and by columns that are an int or a slice of step 1.

    Attributes
    ----------
    numbers : NDArray
        Calendar number of every session; -1 beyond the ends.
    starts : Int64Array
        Shape (n,), place in `numbers` of each event's first column.
    width : int
    is_consecutive : bool
        Whether the numbers are places in a list of sessions, so that those of an event follow one another.
    """

    numbers: NDArray[np.integer]
    starts: Int64Array
    width: int
    is_consecutive: bool = False

    def __getitem__(self, key: Any) -> NDArray[np.integer]:
        rows, columns = key if isinstance(key, tuple) else (key, slice(None))
        if isinstance(columns, slice):
            first, last, _ = columns.indices(self.width)
            return sliding_window_view(self.numbers, last - first)[self.starts[rows] + first]
        return self.numbers[self.starts[rows] + range(self.width)[columns]]

    def part(self, columns: slice) -> DayTable:
        """The table of some columns."""
        first, last, _ = columns.indices(self.width)
        return replace(self, starts=self.starts + first, width=last - first)

    def of(self, rows: Int64Array) -> DayTable:
        """The table of some rows."""
        return replace(self, starts=self.starts[rows])

    def by_place(self) -> DayTable:
        """The table with places for numbers, which are equal where those are; itself where no one calendar has them."""
        known = np.flatnonzero(self.numbers >= 0)
        if not known.size or not (np.diff(self.numbers[known[0] : known[-1] + 1]) > 0).all():
            return self
        places = np.where(self.numbers >= 0, np.arange(self.numbers.size), -1)
        return replace(self, numbers=places, is_consecutive=True)


DayNumbers = NDArray[np.integer] | DayTable


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossCorrelation:
    """Dependence between the events of a panel.

    Attributes
    ----------
    residual : float
        Mean correlation of estimation residuals on common calendar days, over pairs whose windows overlap.
    overlap : float
        Mean over all pairs of the share of the window that the two have in common: 1 on one common date, 0 when
        no two windows touch.
    """

    residual: float
    overlap: float

    @property
    def mean(self) -> float:
        """Mean correlation r̄ between the cumulative abnormal returns of two events."""
        return self.residual * self.overlap


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DateGroups:
    """Events by their date, and sums over those of a date by calendar day of their estimation windows.

    Attributes
    ----------
    members : Int64Array
        Shape (N,), positions of the events, date by date.
    starts : Int64Array
        Shape (G,), where each date begins among them.
    first_days : Int64Array
        Shape (G,), calendar number of the first column of each date's `moments`.
    moments : Float64Array
        Shape (2, G, days): sum of the standardised residuals z, and number of z. The mean square of an event's z is 1,
        so that their number is also the sum of z².
    """

    members: Int64Array
    starts: Int64Array
    first_days: Int64Array
    moments: Float64Array

    @property
    def sizes(self) -> Int64Array:
        """Events of each date, shape (G,)."""
        return np.diff(np.append(self.starts, self.members.size))


def align(residuals: Float64Array, days: NDArray[np.integer]) -> Float64Array:
    """Rearrange residuals to a column per calendar day; shape (N, days that any event has), NaN = missing."""
    calendar, place = np.unique(days, return_inverse=True)
    out = np.full((len(days), calendar.size), np.nan)
    np.put_along_axis(out, place.reshape(days.shape), residuals, axis=1)
    return out[:, np.isfinite(out).any(axis=0)]


def mean_pairwise(values: Float64Array) -> float:
    """Mean over pairs of rows of the Pearson correlation on the columns that both have.

    Pairs with fewer than three common columns, or without variation, are left out; 0 when no pair is left.
    """
    present = np.isfinite(values).astype(float)
    x = np.where(present > 0, values, 0.0)
    count = present @ present.T
    total = x @ present.T  # [i, j]: sum of row i over the columns of j
    square = (x * x) @ present.T
    with np.errstate(invalid="ignore", divide="ignore"):
        covariance = x @ x.T - total * total.T / count
        spread = square - total**2 / count
        r = covariance / np.sqrt(spread * spread.T)
    upper = np.triu_indices(len(values), 1)
    found = r[upper][count[upper] >= FEWEST_COMMON_DAYS]
    found = found[np.isfinite(found)]
    return float(found.mean()) if found.size else 0.0


def group_by_date(
    residuals: Rows,
    estimation_days: DayNumbers,
    rows: Int64Array,
    day0: Int64Array,
    loops: ModuleType | None = None,
) -> DateGroups:
    """Standardise residuals and add them up over the events of each date, in the order of the dates.

    Parameters
    ----------
    residuals, estimation_days
        Shape (n, L1); missing residuals are NaN, days without a session -1.
    rows, day0
        Shape (N,): the events meant, and their dates.
    loops : module, optional
        The compiled loops to use.
    """
    order, starts = dates_of(day0)
    parts = whole_dates(starts, order.size, BLOCK)
    ends = np.append(starts[1:], order.size)
    table = estimation_days if isinstance(estimation_days, DayTable) and estimation_days.is_consecutive else None

    def work(dates: slice) -> tuple[Int64Array, Float64Array]:
        begin = starts[dates][0]
        held = rows[order[begin : ends[dates][-1]]]
        days = estimation_days[held] if table is None else table.starts[held]
        return added_by_date(residuals[held], days, starts[dates] - begin, loops)

    return date_groups(order, starts, list(in_order(work, parts)))


def dates_of(day0: Int64Array) -> tuple[Int64Array, Int64Array]:
    """Positions of events date by date, and where each date begins among them."""
    order = stable_order(day0)
    return order, np.flatnonzero(np.diff(day0[order], prepend=day0.min() - 1))


def whole_dates(starts: Int64Array, n: int, size: int) -> list[slice]:
    """Consecutive dates, as many at a time as have some `size` of the `n` events."""
    ends = np.append(starts[1:], n)
    cuts = [0, *np.unique(np.searchsorted(ends, np.arange(size, n, size)) + 1).tolist(), starts.size]
    return [slice(low, high) for low, high in itertools.pairwise(cuts) if low < high]


def date_groups(order: Int64Array, starts: Int64Array, sums: Sequence[tuple[Int64Array, Float64Array]]) -> DateGroups:
    """What `added_by_date` gives for all dates, a part of them at a time, put together."""
    first_days, moments = zip(*sums, strict=True)
    width = max(part.shape[2] for part in moments)
    missing = (width - part.shape[2] for part in moments)
    padded = [np.pad(part, ((0, 0), (0, 0), (0, n))) if n else part for part, n in zip(moments, missing, strict=True)]
    return DateGroups(
        members=order, starts=starts, first_days=np.concatenate(first_days), moments=np.concatenate(padded, axis=1)
    )


def added_by_date(
    e: Float64Array, days: NDArray[np.integer], starts: Int64Array, loops: ModuleType | None
) -> tuple[Int64Array, Float64Array]:
    """First day and moments of the dates that start at `starts` among residuals; changes them.

    Parameters
    ----------
    days : NDArray
        Shape of `e`; or (n,), the first day, where the days of each event follow one another.
    """
    group = np.repeat(np.arange(starts.size), np.diff(np.append(starts, len(e))))
    if days.ndim == 1:
        moments = np.zeros((2, starts.size, e.shape[1]))
        if loops:
            loops.add_by_date(e, group, moments)
        else:
            present = _standardise(e)
            np.add.reduceat(e, starts, out=moments[0])
            np.add.reduceat(present, starts, dtype=np.float64, out=moments[1])
        return days[starts].astype(np.int64), moments
    is_dated, present = days >= 0, _standardise(e)
    firsts = np.where(is_dated, days, np.iinfo(days.dtype).max).min(axis=1)
    low = np.minimum.reduceat(firsts, starts).astype(np.int64)
    width = int((np.maximum.reduceat(days.max(axis=1), starts) - low).max()) + 1
    cells = (np.where(is_dated, days - low[group, None], 0) + (group * width)[:, None]).ravel().astype(np.int64)
    moments = np.empty((2, starts.size, width))
    for target, values in zip(moments, (e, present), strict=True):
        target[:] = np.bincount(cells, (values * is_dated).ravel(), starts.size * width).reshape(target.shape)
    return low, moments


def _standardise(e: Float64Array) -> NDArray[np.bool_]:
    """Centre every row on 0 with mean square 1, in place; return which cells count.

    A missing cell, and every cell of a row that does not vary, becomes 0 and does not count.
    """
    present = np.isfinite(e)
    is_complete = bool(present.all())
    count = np.full(len(e), float(e.shape[1])) if is_complete else present.sum(axis=1).astype(float)
    if not is_complete:
        e[~present] = 0.0
    with np.errstate(invalid="ignore", divide="ignore"):
        e -= (row_sum(e) / count)[:, None]
        if not is_complete:
            e[~present] = 0.0
        scale = np.sqrt(row_dot(e, e) / count)
    flat = ~(scale > 0)
    e *= (1.0 / np.where(flat, 1.0, scale))[:, None]
    if flat.any():
        present[flat] = False
        e[flat] = 0.0
    return present


def correlation_by_overlap(
    groups: DateGroups, windows: DayNumbers, loops: ModuleType | None = None
) -> CrossCorrelation:
    """Estimate the dependence between events in time linear in their number.

    Goes through the calendar; on each day the events whose window holds it form all their pairs at once. With S the
    sum, Q the sum of squares and C the number of z over those events on one estimation day, S² - Q is the sum of
    z_i z_j over ordered pairs, and C² - C their number. So pairs count as often as their windows share a day. Where all
    share one window and no day is missing this is the identity r̄ = (N mean_t z̄_t² - 1) / (N - 1).

    Parameters
    ----------
    windows : DayNumbers
        Shape (N, L), calendar number of the days of the window, -1 = no session. Events of one date are taken to
        share the days between the first and the last that any of them has.
    loops : module, optional
        The compiled loops to use.
    """
    days, firsts, lasts = _days_of(groups, windows)
    columns = groups.first_days - groups.first_days.min()
    totals = groups.moments[1].sum(axis=1)
    arguments = (days, firsts, lasts, groups.sizes, columns, totals, groups.moments)
    products, pairs, shared, present = (loops.overlap if loops else _day_by_day)(*arguments)
    residual = products / pairs if pairs > 0.5 else 0.0  # a count, up to rounding
    return CrossCorrelation(residual=residual, overlap=shared / ((groups.members.size - 1) * present))


def _days_of(groups: DateGroups, windows: DayNumbers) -> tuple[Int64Array, Int64Array, Int64Array]:
    """Every day of a window, in order; and the first and last of each date's, shape (G,)."""
    if isinstance(windows, DayTable) and windows.is_consecutive:
        known = np.flatnonzero(windows.numbers >= 0)
        start = windows.starts[groups.members[groups.starts]]
        firsts, lasts = np.maximum(start, known[0]), np.minimum(start + windows.width - 1, known[-1])
        change = np.bincount(firsts, minlength=windows.numbers.size + 1).astype(np.int64)
        change -= np.bincount(lasts + 1, minlength=change.size)
        return np.flatnonzero(np.cumsum(change)), firsts, lasts
    held = windows[groups.members]
    dated = np.where(held < 0, np.iinfo(held.dtype).max, held)
    firsts = np.minimum.reduceat(dated.min(axis=1), groups.starts).astype(np.int64)
    lasts = np.maximum.reduceat(held.max(axis=1), groups.starts).astype(np.int64)
    days = np.unique(np.concatenate([held[groups.starts].astype(np.int64).ravel(), firsts, lasts]))
    return days[(days >= 0) & (days < np.iinfo(held.dtype).max)], firsts, lasts


def _day_by_day(
    days: Int64Array,
    firsts: Int64Array,
    lasts: Int64Array,
    sizes: Int64Array,
    columns: Int64Array,
    totals: Float64Array,
    moments: Float64Array,
) -> tuple[float, float, int, int]:
    """Products and pairs of residuals, pairs of events, and events, summed over the days; as the compiled loop."""
    arriving, leaving = defaultdict(list), defaultdict(list)
    for place, (first, last) in enumerate(zip(firsts.tolist(), lasts.tolist(), strict=True)):
        arriving[first].append(place)
        leaving[last].append(place)
    width = moments.shape[2]
    starts, counts, own = columns.tolist(), sizes.tolist(), totals.tolist()
    state = np.zeros((2, int(columns.max()) + width))
    inside: dict[int, int] = {}
    active, shared, present, held, products, pairs = 0, 0, 0, 0.0, 0.0, 0.0
    product, pair = 0.0, 0.0  # on one day: that of the day before, as long as no window begins or ends
    went: list[int] = []
    for day in days.tolist():
        came = arriving.pop(day, [])
        for place in came:
            inside[place] = start = starts[place]
            state[:, start : start + width] += moments[:, place]
            active += counts[place]
            held += own[place]
        if active < 2:
            product, pair = 0.0, 0.0
        elif came or went:
            total, number = state[:, min(inside.values()) : max(inside.values()) + width]
            product = float((total * total).sum()) - held
            pair = float((number * number).sum()) - held
        products += product
        pairs += pair
        shared += active * (active - 1)
        present += active
        went = leaving.pop(day, [])
        for place in went:
            start = inside.pop(place)
            state[:, start : start + width] -= moments[:, place]
            active -= counts[place]
            held -= own[place]
    return products, pairs, shared, present
