"""A table of prices or returns, checked cell by cell: what is wrong is named, and never becomes a return."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.errors import DataError
from eventstudy.evidence.untraded import unmoved_rows
from eventstudy.hints import hint
from eventstudy.parallel import in_order
from eventstudy.records import Float64Array, Int64Array, SessionArray
from eventstudy.spec import Returns
from eventstudy.study.units import HIGHEST_CODE, SCALE, Units, is_no_return
from eventstudy.tables.bars import Fields, by_day
from eventstudy.tables.reading import of_frame
from eventstudy.tables.shapes import Values, Wide, wide
from eventstudy.tables.table import Table

SESSIONS, ASSETS = 64, 16  # laid out, or turned into returns, at a time: what stays in the cache
LEAP = 0.5
BIG_CHANGE = 0.02  # of a yield or spread in a session: two percentage points
# Added to a turnover in percent before its logarithm is taken, so that a day without trade has one (methods.md C7;
# Ajinkya & Jain 1989, Cready & Ramanan 1991).
NO_TRADE = 0.000255
# Of a column of returns that is taken for prices: the share below zero, and how often the sign turns.
BELOW_ZERO, TURNS = 0.2, 0.2

Extremes = tuple[Float64Array, Float64Array]  # lowest and highest number of each column; NaN for none


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """Returns of many assets on one list of sessions.

    Attributes
    ----------
    sessions : SessionArray
        Shape (T,), strictly increasing.
    names : tuple of str
        Length S.
    returns : Float64Array
        Shape (T, S), decimal; NaN = missing.
    levels : Float64Array or None
        Shape (T, S), prices; None when returns were given.
    kind : {"simple", "log"}
    warnings : tuple of str
        What was found and what was done about it.
    signed : frozenset of str
        Columns of prices that look like returns.
    is_bad : NDArray of bool
        Shape (T, S), where a price was given that cannot be one, and counts as missing; empty when returns were given.
    calendars : mapping of str to SessionArray
        Sessions of the venues that events name, as far as the table reaches.
    risk_free : str or None
        Column whose return `returns` of the assets are in excess of.
    priced : NDArray of bool or None
        See `is_priced`, where there are fewer columns here than in the table.
    bars : mapping of str to mapping of str to Float64Array
        Of a column of prices with more than these: its fields by their role, shape (T,) each.
    unmoved : Int64Array
        Rows in which no price of the table moved, where that is no chance.
    """

    sessions: SessionArray
    names: tuple[str, ...]
    returns: Float64Array
    levels: Float64Array | None
    kind: Returns
    warnings: tuple[str, ...]
    signed: frozenset[str] = frozenset()
    is_bad: NDArray[np.bool_] = field(default_factory=lambda: np.zeros((0, 0), dtype=bool))
    calendars: Mapping[str, SessionArray] = field(default_factory=dict)
    risk_free: str | None = None
    priced: NDArray[np.bool_] | None = None
    bars: Mapping[str, Fields] = field(default_factory=dict)
    unmoved: Int64Array = field(default_factory=lambda: np.zeros(0, dtype=np.int64))

    @property
    def is_priced(self) -> NDArray[np.bool_]:
        """Sessions on which anything has a price, or what was given for one; shape (T,)."""
        if self.priced is not None:
            return self.priced
        assert self.levels is not None  # of prices
        return np.asarray(np.isfinite(self.levels).any(axis=1) | self.is_bad.any(axis=1))

    def part(self, columns: Int64Array) -> Market:
        """The market of some columns, on the sessions of all."""
        return replace(
            self,
            names=tuple(self.names[j] for j in columns.tolist()),
            returns=np.asfortranarray(self.returns[:, columns]),
            levels=None if self.levels is None else np.asfortranarray(self.levels[:, columns]),
            is_bad=self.is_bad[:, columns] if self.is_bad.size else self.is_bad,
            priced=self.is_priced if self.calendars and self.levels is not None else None,
            warnings=(),
        )

    def with_own_sessions(self) -> NDArray[np.bool_]:
        """Which columns may have sessions that are not the rows of the table, shape (S,): those that lack a price.

        With a calendar any may, since the table may have rows that are none of its sessions.
        """
        if self.levels is None:
            return np.zeros(len(self.names), dtype=bool)
        if self.calendars:
            return np.ones(len(self.names), dtype=bool)
        return np.asarray(~np.isfinite(self.levels).all(axis=0))

    def some_returns(self, columns: Sequence[int]) -> Float64Array:
        """Returns of some columns, not to be written to: those that follow one another are not copied."""
        is_run = len(columns) > 0 and list(columns) == list(range(columns[0], columns[0] + len(columns)))
        return self.returns[:, columns[0] : columns[0] + len(columns)] if is_run else self.returns[:, columns]

    def column(self, name: str, where: str = "prices") -> int:
        """Position of an asset; `where` names the option or column that asks for it.

        Raises
        ------
        DataError
            When there is no such column.
        """
        if name not in self.names:
            shown = ", ".join(self.names[:8]) + (" …" if len(self.names) > 8 else "")
            remedy = hint(name, self.names, f"columns are {shown}")
            raise DataError("there is no such column", where=where, value=name, remedy=remedy)
        return self.names.index(name)


def read_market(
    frame: pd.DataFrame | Table, values: Values, kind: Returns, where: str = "prices", units: Units | None = None
) -> Market:
    """Check a table shaped like ``prices.csv`` and turn it into returns.

    Parameters
    ----------
    frame : DataFrame or Table
        A date column first (or dates as the index), then one column per asset, or any other shape that
        `eventstudy.tables.shapes` knows; blank = missing.
    values : {"prices", "returns", "volume", "changes"}
        ``volume`` is turnover in percent of the shares outstanding; what is studied is ln(volume + 0.000255).
        ``changes``: levels, such as yields and spreads, of which the change from the session before is studied.
    kind : {"simple", "log"}
        Kind of the returns to compute, or of those given.
    where : str
        Names the table in errors.
    units : {"decimal", "percent", "basis-points"} or None
        Of returns and levels, which are made decimals.

    Raises
    ------
    DataError
        When there is no date column, no asset, or a cell that is neither number nor blank.
    """
    found = wide(frame if isinstance(frame, Table) else of_frame(frame, where), values)
    if values == "prices":
        return market_of(checked_prices(found, where), kind)
    warnings = list(found.notes)
    names = found.names
    sessions, numbers, _, (low, high) = _ordered(found.days, found.numbers, where, warnings)
    blank = partial(_blank, sessions, names, numbers, warnings=warnings)
    blank(np.isinf(low) | np.isinf(high), np.isinf, "an infinite value")
    if values == "returns":
        blank(low <= HIGHEST_CODE, is_no_return, "a vendor's code for a missing return")
        if units is not None and units != "decimal":
            numbers /= SCALE[units]
            low, high = low / SCALE[units], high / SCALE[units]
        if kind == "simple":
            blank(low <= -1.0, lambda column: column <= -1.0, "a simple return of -100 % or less")
        _leaps(sessions, names, numbers, (low, high), "is it one?", warnings)
        return Market(
            sessions=sessions,
            names=names,
            returns=numbers,
            levels=None,
            kind=kind,
            warnings=tuple(warnings),
            unmoved=unmoved_rows(numbers),
        )
    if values == "volume":
        blank(low < 0.0, lambda column: column < 0.0, "a negative volume")
        logs = np.log(numbers + NO_TRADE)
        return Market(sessions=sessions, names=names, returns=logs, levels=None, kind=kind, warnings=tuple(warnings))
    return _changes(sessions, names, numbers, kind, units, warnings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """Prices of a table by day, without those that cannot be one.

    Attributes
    ----------
    sessions : SessionArray
        Shape (T,), strictly increasing.
    names : tuple of str
    numbers : Float64Array
        Shape (T, S); NaN = missing.
    is_bad : NDArray of bool
    signed : frozenset of str
    bars : mapping
        As of ``Market``.
    notes : tuple of str
        What was recognised.
    infinite, impossible : tuple of str
        What counts as missing, by column.
    """

    sessions: SessionArray
    names: tuple[str, ...]
    numbers: Float64Array
    is_bad: NDArray[np.bool_]
    signed: frozenset[str]
    bars: Mapping[str, tuple[SessionArray, Fields]]
    notes: tuple[str, ...]
    infinite: tuple[str, ...]
    impossible: tuple[str, ...]


def checked_prices(found: Wide, where: str = "prices") -> Checked:
    """Prices by day, and what is wrong with them."""
    notes, infinite, impossible = list(found.notes), list[str](), list[str]()
    names = found.names
    sessions, numbers, is_disputed, (low, high) = _ordered(found.days, found.numbers, where, notes)
    is_blank = np.isnan(numbers) & ~is_disputed
    _blank(sessions, names, numbers, np.isinf(low) | np.isinf(high), np.isinf, "an infinite value", infinite)
    signed = frozenset(names[j] for j in np.flatnonzero(low < 0.0).tolist() if _turns(numbers[:, j]))
    what = "a price that is zero or negative"
    _blank(sessions, names, numbers, low <= 0.0, lambda column: column <= 0.0, what, impossible)
    return Checked(
        sessions=sessions,
        names=names,
        numbers=numbers,
        is_bad=np.isnan(numbers) & ~is_blank,
        signed=signed,
        bars=found.bars,
        notes=tuple(notes),
        infinite=tuple(infinite),
        impossible=tuple(impossible),
    )


def market_of(found: Checked, kind: Returns) -> Market:
    """The market of checked prices."""
    warnings = [*found.notes, *found.infinite, *found.impossible]
    sessions, numbers, is_bad = found.sessions, found.numbers, found.is_bad
    kept = _traded(sessions, numbers, is_bad, warnings)
    if not kept.all():
        sessions, numbers, is_bad = sessions[kept], numbers[kept], is_bad[kept]
    returns = returns_of(numbers, kind)
    _leaps(sessions, found.names, returns, _extremes(returns), "is it a split?", warnings)
    return Market(
        sessions=sessions,
        names=found.names,
        returns=returns,
        levels=numbers,
        kind=kind,
        warnings=tuple(warnings),
        signed=found.signed,
        is_bad=is_bad,
        bars={name: by_day(fields, days, sessions) for name, (days, fields) in found.bars.items()},
        unmoved=unmoved_rows(returns),
    )


def _changes(
    sessions: SessionArray,
    names: tuple[str, ...],
    levels: Float64Array,
    kind: Returns,
    units: Units | None,
    warnings: list[str],
) -> Market:
    """Changes of levels from one session to the next, decimal; a level that is missing costs those on both sides."""
    if units is None:
        raise DataError(
            "changes of what? 4.25 may be a yield in percent, and 120 a spread in basis points",
            where="units",
            remedy="write --units percent, basis-points or decimal",
        )
    empty = np.isnan(levels).all(axis=1)
    if empty.any():
        warnings.append(f"prices: nothing has a level on {sessions[empty][0]}; counted as no session")
        sessions, levels = sessions[~empty], levels[~empty]
    returns = np.full_like(levels, np.nan)
    returns[1:] = (levels[1:] - levels[:-1]) / SCALE[units]
    _leaps(sessions, names, returns, _extremes(returns), "is it a slip of the pen?", warnings, BIG_CHANGE)
    return Market(sessions=sessions, names=names, returns=returns, levels=None, kind=kind, warnings=tuple(warnings))


def _turns(column: Float64Array) -> bool:
    """Whether numbers change their sign as returns do, and no price does."""
    known = column[np.isfinite(column)] < 0.0
    return known.size > 1 and known.mean() > BELOW_ZERO and bool((known[1:] != known[:-1]).mean() > TURNS)


def growth(now: Float64Array, before: Float64Array, kind: Returns) -> Float64Array:
    """Return from the prices `before` to the prices `now`."""
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        ratio = now / before  # of two absurd prices: 0 or infinite, and then no return
        found = np.log(ratio) if kind == "log" else ratio - 1.0
    return np.where(np.isfinite(found), found, np.nan)


def returns_of(prices: Float64Array, kind: Returns) -> Float64Array:
    """Return of every session from the one before, laid out as `prices`; NaN in the first."""
    returns = np.empty_like(prices)
    returns[:1] = np.nan

    def work(start: int) -> None:
        some = prices[:, start : start + ASSETS]
        returns[1:, start : start + ASSETS] = growth(some[1:], some[:-1], kind)

    for _ in in_order(work, range(0, prices.shape[1], ASSETS)):
        pass
    return returns


def _ordered(
    dates: SessionArray, numbers: Float64Array, where: str, warnings: list[str]
) -> tuple[SessionArray, Float64Array, NDArray[np.bool_], Extremes]:
    """Sort by date; of rows with one date, keep what they agree on, and say where they do not.

    With the lowest and the highest number of every column.
    """
    if (dates[1:] > dates[:-1]).all():
        is_disputed = np.zeros((1, 1), dtype=bool)
    else:
        dates, numbers, is_disputed = _by_date(dates, numbers, where, warnings)
    numbers = _by_asset(numbers)
    return dates, numbers, is_disputed, _extremes(numbers)


def _by_asset(numbers: Float64Array) -> Float64Array:
    """A copy with the numbers of an asset side by side, as they will be read."""
    out = np.empty(numbers.shape, order="F")

    def work(start: int) -> None:
        out[start : start + SESSIONS] = numbers[start : start + SESSIONS]

    for _ in in_order(work, range(0, len(numbers), SESSIONS)):
        pass
    return out


def _extremes(numbers: Float64Array) -> Extremes:
    """The lowest and the highest number of every column."""

    def work(start: int) -> Extremes:
        some = numbers[:, start : start + ASSETS]
        return np.fmin.reduce(some), np.fmax.reduce(some)

    lowest, highest = zip(*in_order(work, range(0, numbers.shape[1], ASSETS)), strict=True)
    return np.concatenate(lowest), np.concatenate(highest)


def _by_date(
    dates: SessionArray, numbers: Float64Array, where: str, warnings: list[str]
) -> tuple[SessionArray, Float64Array, NDArray[np.bool_]]:
    """Rows in the order of their dates, each date once; and where rows of one date disagree."""
    _refuse_swapped(dates, where)
    order = np.argsort(dates, kind="stable")
    if (order[1:] < order[:-1]).any():
        warnings.append(f"{where}: the dates were not in order; they have been sorted")
    dates, numbers = dates[order], numbers[order]
    unique, first, count = np.unique(dates, return_index=True, return_counts=True)
    if unique.size == dates.size:
        return dates, numbers, np.zeros((1, 1), dtype=bool)
    out = numbers[first]
    is_disputed = np.zeros(out.shape, dtype=bool)
    for i in np.flatnonzero(count > 1).tolist():
        rows = numbers[first[i] : first[i] + count[i]]
        known = ~np.isnan(rows).all(axis=0)
        low = np.where(np.isnan(rows), np.inf, rows).min(axis=0)
        high = np.where(np.isnan(rows), -np.inf, rows).max(axis=0)
        out[i] = np.where(known & (low == high), low, np.nan)
        is_disputed[i] = known & (low != high)
        fate = "agree and count once" if (low == high)[known].all() else "disagree; values in dispute count as missing"
        warnings.append(f"{where}: {unique[i]} stands {count[i]} times; the rows {fate}")
    return unique, out, is_disputed


def _refuse_swapped(dates: SessionArray, where: str) -> None:
    """Refuse dates that stand between two others only when day and month change places."""
    days = dates.astype("datetime64[D]")
    if days.size and days[-1] < days[0]:
        days = days[::-1]
    month = (days.astype("datetime64[M]").astype(int) % 12 + 1).astype(int)
    day = (days - days.astype("datetime64[M]")).astype(int) + 1
    certain = day > 12  # months
    anchors = np.flatnonzero(certain)
    if not anchors.size or (np.diff(days[anchors]) < np.timedelta64(0, "D")).any():
        return
    place = np.searchsorted(anchors, np.arange(days.size))
    low = np.where(place > 0, days[anchors[np.maximum(place - 1, 0)]], np.datetime64("0001-01-01"))
    high = np.where(
        place < anchors.size, days[anchors[np.minimum(place, anchors.size - 1)]], np.datetime64("9999-12-31")
    )
    for i in np.flatnonzero(~certain & ((days < low) | (days > high))).tolist():
        meant = np.datetime64(f"{days[i].astype('datetime64[Y]')}-{day[i]:02}-{month[i]:02}")
        if low[i] <= meant <= high[i]:
            raise DataError(
                "stands out of order, and in order with day and month the other way round",
                where=f"{where}, date",
                value=str(days[i]),
                remedy=f"write {meant} if that is meant, or sort the rows by their dates",
            )


def _traded(
    sessions: SessionArray, numbers: Float64Array, is_bad: NDArray[np.bool_], warnings: list[str]
) -> NDArray[np.bool_]:
    """Rows that are days of trade: not those on which nothing has a price, nor weekends that repeat the day before."""
    has_price = np.isfinite(numbers)
    kept = traded_days(sessions, np.asarray(has_price.any(axis=1)), np.asarray(is_bad.any(axis=1)), warnings)
    weekend = np.flatnonzero(kept & ~np.is_busday(sessions))
    weekend = weekend[weekend > 0]
    if weekend.size and repeats(numbers, is_bad, weekend).all():  # else something trades on weekends
        kept[weekend] = False
        warnings.append(of_weekends(sessions[weekend]))
    return kept


def traded_days(
    sessions: SessionArray, has_price: NDArray[np.bool_], is_bad: NDArray[np.bool_], warnings: list[str]
) -> NDArray[np.bool_]:
    """Days on which anything has a price, or what was given for one; shape (T,), as all arguments."""
    if not has_price.any():
        raise DataError("there is no price", where="prices", remedy="fill in at least one column")
    kept = np.asarray(has_price | is_bad)
    empty = np.flatnonzero(~kept)
    if empty.size:
        more = f" and {empty.size - 1} more days" if empty.size > 1 else ""
        warnings.append(f"prices: nothing has a price on {sessions[empty[0]]}{more}; counted as no session")
    return kept


def repeats(numbers: Float64Array, is_bad: NDArray[np.bool_], rows: Int64Array) -> NDArray[np.bool_]:
    """Whether a day, none of them the first, has no price but the one before it; shape as `rows`."""
    has_price = np.isfinite(numbers)
    last = np.maximum.accumulate(np.where(has_price, np.arange(len(numbers))[:, None], 0), axis=0)[rows - 1]
    before = np.take_along_axis(numbers, last, axis=0)
    return np.asarray((~has_price[rows] | (numbers[rows] == before)).all(axis=1) & ~is_bad[rows].any(axis=1))


def of_weekends(days: SessionArray) -> str:
    """What is said of `days` that are left out."""
    n = days.size
    more = f" and {n - 1} more days of weekends" if n > 1 else ", a day of a weekend,"
    return f"prices: {days[0]}{more} repeat the day before; counted as no session"


def _leaps(
    sessions: SessionArray,
    names: Sequence[str],
    returns: Float64Array,
    extremes: Extremes,
    question: str,
    warnings: list[str],
    limit: float = LEAP,
) -> None:
    """Say where a price moved so much that a split, or a slip of the pen, is likelier than a return (methods.md A8)."""
    low, high = extremes
    for j in np.flatnonzero((low < -limit) | (high > limit)).tolist():
        days = sessions[np.abs(returns[:, j]) > limit]
        if days.size:  # else what was beyond has been set missing
            warnings.append(of_leaps(names[j], days, question, limit))


def of_leaps(name: str, days: SessionArray, question: str = "is it a split?", limit: float = LEAP) -> str:
    """What is said of the days on which an asset moved by more than `limit`."""
    more = f" and on {days.size - 1} more days" if days.size > 1 else ""
    what = f"a {'return' if limit == LEAP else 'change'} beyond ±{limit:.0%}"
    return f"{name}: {what} on {days[0]}{more}; {question}"


def _blank(
    sessions: SessionArray,
    names: Sequence[str],
    numbers: Float64Array,
    may_be: NDArray[np.bool_],
    is_wrong: Callable[[Float64Array], NDArray[np.bool_]],
    what: str,
    warnings: list[str],
) -> None:
    """Set the wrong cells of the columns that may have some missing, in place, and say where they were."""
    for j in np.flatnonzero(may_be).tolist():
        rows = np.flatnonzero(is_wrong(numbers[:, j]))
        if not rows.size:
            continue
        more = f" and on {rows.size - 1} more days" if rows.size > 1 else ""
        warnings.append(f"{names[j]}: {what} on {sessions[rows[0]]}{more}; counted as missing")
        numbers[rows, j] = np.nan
