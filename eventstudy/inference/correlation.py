"""Mean correlation between events, and how much of it reaches a mean of cumulative abnormal returns.

Kolari & Pynnönen 2010; for windows that overlap in part, Kolari, Pape & Pynnönen 2018.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from eventstudy.inference.daily import BLOCK
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
    """

    numbers: NDArray[np.integer]
    starts: Int64Array
    width: int

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
class DateGroup:
    """Events of one date, and sums over them by calendar day of their estimation windows.

    Attributes
    ----------
    members : Int64Array
        Positions of the events among all N.
    first_day : int
        Calendar number of the first column of `moments`.
    moments : Float64Array
        Shape (3, days): sum of the standardised residuals z, sum of z², and number of z.
    """

    members: Int64Array
    first_day: int
    moments: Float64Array

    def columns(self, origin: int) -> slice:
        """Columns of its days on a calendar that starts at `origin`."""
        start = self.first_day - origin
        return slice(start, start + self.moments.shape[1])


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
) -> tuple[DateGroup, ...]:
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
    if not rows.size:
        return ()
    order = np.argsort(day0, kind="stable")
    starts = np.append(0, np.flatnonzero(np.diff(day0[order])) + 1)
    ends = np.append(starts[1:], order.size)
    # whole dates, until there are enough events for a block
    cuts = [0, *np.unique(np.searchsorted(ends, np.arange(BLOCK, order.size, BLOCK)) + 1), starts.size]

    def work(dates: slice) -> list[DateGroup]:
        first = starts[dates][0]
        members = order[first : ends[dates][-1]]
        held = rows[members]
        return _groups_of(residuals[held], estimation_days[held], members, starts[dates] - first, loops)

    found = in_order(work, [slice(low, high) for low, high in itertools.pairwise(cuts) if low < high])
    return tuple(group for part in found for group in part)


def _groups_of(
    e: Float64Array, days: NDArray[np.integer], members: Int64Array, starts: Int64Array, loops: ModuleType | None
) -> list[DateGroup]:
    """Date groups that start at `starts` among `members`, whose residuals are `e` on `days`; changes `e`."""
    group = np.repeat(np.arange(starts.size), np.diff(np.append(starts, len(e))))
    is_dated = days >= 0
    if is_dated.all():  # the days of an event follow one another
        firsts, lasts = days[:, 0], days[:, -1]
    else:
        firsts = np.where(is_dated, days, np.iinfo(days.dtype).max).min(axis=1)
        lasts = days.max(axis=1)
    low = np.minimum.reduceat(firsts, starts).astype(np.int64)
    widths = np.maximum.reduceat(lasts, starts) - low + 1
    moments = np.zeros((3, starts.size, int(widths.max())))
    if loops:
        loops.add_by_date(e, days, group, low, moments)
    elif np.array_equal(days, days[starts][group]):  # one calendar: the columns are the days of all events of a date
        first, present = days[starts], _standardise(e)
        place = (np.nonzero(first >= 0)[0], (first - low[:, None])[first >= 0])
        for target, values in zip(moments, (e, e * e, present), strict=True):
            target[place] = np.add.reduceat(values, starts, dtype=np.float64)[first >= 0]
    else:
        present = _standardise(e)
        cells = (np.where(is_dated, days - low[group, None], 0) + (group * moments.shape[2])[:, None]).astype(np.int64)
        for target, values in zip(moments, (e, e * e, present), strict=True):
            added = np.bincount(cells.ravel(), (values * is_dated).ravel(), target.size)
            target[:] = added.reshape(target.shape)
    return [
        DateGroup(members=part, first_day=int(low[g]), moments=moments[:, g, : widths[g]])
        for g, part in enumerate(np.split(members, starts[1:]))
    ]


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
    groups: tuple[DateGroup, ...], windows: NDArray[np.integer], loops: ModuleType | None = None
) -> CrossCorrelation:
    """Estimate the dependence between events in time linear in their number.

    Goes through the calendar; on each day the events whose window holds it form all their pairs at once. With S the
    sum and Q the sum of squares of z over those events on one estimation day, S² - Q is the sum of z_i z_j over
    ordered pairs, and C² - C their number. So pairs count as often as their windows share a day. Where all share one
    window and no day is missing this is the identity r̄ = (N mean_t z̄_t² - 1) / (N - 1).

    Parameters
    ----------
    windows : DayNumbers
        Shape (N, L), calendar number of the days of the window, -1 = no session. Events of one date are taken to
        share their window.
    loops : module, optional
        The compiled loops to use.
    """
    members = np.concatenate([group.members for group in groups])
    starts = np.cumsum([0, *(group.members.size for group in groups[:-1])])
    held = windows[members]
    firsts = np.minimum.reduceat(np.where(held < 0, np.iinfo(held.dtype).max, held).min(axis=1), starts)
    lasts = np.maximum.reduceat(held.max(axis=1), starts)
    days = np.unique(held[starts])
    days = days[days >= 0]
    if loops:
        products, pairs, shared, present = _by_loops(loops, groups, days, firsts, lasts)
    else:
        products, pairs, shared, present = _day_by_day(groups, days, firsts.tolist(), lasts.tolist())
    residual = products / pairs if pairs > 0.5 else 0.0  # a count, up to rounding
    return CrossCorrelation(residual=residual, overlap=shared / ((len(windows) - 1) * present))


def _by_loops(
    loops: ModuleType,
    groups: tuple[DateGroup, ...],
    days: NDArray[np.integer],
    firsts: NDArray[np.integer],
    lasts: NDArray[np.integer],
) -> list[float]:
    """Sums of products, pairs, shared days and days present, by the compiled loops."""
    size = np.array([group.members.size for group in groups])
    start = np.array([group.first_day for group in groups])
    width = np.array([group.moments.shape[1] for group in groups])
    column = start - start.min()
    moments = np.concatenate([group.moments.ravel() for group in groups])
    out, state = np.zeros(4), np.zeros((3, int((column + width).max())))
    loops.overlap(days.astype(np.int64), firsts, lasts, size, column, width, moments, state, out)
    found: list[float] = out.tolist()
    return found


def _day_by_day(
    groups: tuple[DateGroup, ...], days: NDArray[np.integer], firsts: list[int], lasts: list[int]
) -> tuple[float, ...]:
    """The same in numpy."""
    arriving, leaving = defaultdict(list), defaultdict(list)
    for place, (first, last) in enumerate(zip(firsts, lasts, strict=True)):
        arriving[first].append(place)
        leaving[last].append(place)
    origin = min(group.first_day for group in groups)
    columns = [group.columns(origin) for group in groups]
    state = np.zeros((3, max(column.stop for column in columns)))
    inside: dict[int, slice] = {}
    active, shared, present, products, pairs = 0, 0, 0, 0.0, 0.0
    product, pair = 0.0, 0.0  # on one day: that of the day before, as long as no window begins or ends
    went: list[int] = []
    for day in days.tolist():
        came = arriving.pop(day, [])
        for place in came:
            inside[place] = columns[place]
            state[:, columns[place]] += groups[place].moments
            active += groups[place].members.size
        if active < 2:
            product, pair = 0.0, 0.0
        elif came or went:
            low = min([column.start for column in inside.values()])
            high = max([column.stop for column in inside.values()])
            total, square, number = state[:, low:high]
            product = float((total * total - square).sum())
            pair = float((number * number - number).sum())
        products += product
        pairs += pair
        shared += active * (active - 1)
        present += active
        went = leaving.pop(day, [])
        for place in went:
            del inside[place]
            state[:, columns[place]] -= groups[place].moments
            active -= groups[place].members.size
    return products, pairs, shared, present
