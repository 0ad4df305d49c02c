"""Bars and announcements as tables: long or wide, checked, and given out symbol by symbol."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd

from eventstudy.errors import DataError, EventStudyError, InputError
from eventstudy.events.build import parse_when
from eventstudy.records import Float64Array, Int64Array
from eventstudy.study.clock.bars import MINUTE, SIZES, Bars, make_bars
from eventstudy.study.clock.hours import Flags, Market
from eventstudy.study.clock.plain import instant
from eventstudy.study.clock.reaction import ClockEvent

DAY = 86_400_000_000_000  # nanoseconds
EARLIER = 200 * DAY  # before the first announcement: sixty sessions, those passed over, and those of their paces
LATER = 14 * DAY  # after the last one: the session after it
SYMBOLS_AT_ONCE = 8  # whose bars are in memory together
EVER: tuple[int, int] = (-(2**62), 2**62)  # a span for which everything is read
Span = tuple[int, int]  # the first and the last announcement, UTC nanoseconds
FIELDS = ("open", "high", "low", "close", "volume")
START_REMEDY = "write the start of each bar with its offset, for example 2023-03-22T14:00:00-04:00 or …Z"
OFTEN = 0.02  # share of all distances between bars
MOST_OFF = 0.02  # share of rows that start off the grid of bars: more are no live quotes
_HAS_ZONE = re.compile(r"(?:Z|[+-]\d{2}:?\d{2})\s*$", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The rows of one symbol as given: starts in UTC nanoseconds, increasing, and the columns that there are.

    `is_cut`: whether there are earlier ones, which were not read.
    """

    starts: Int64Array
    columns: Mapping[str, Float64Array]
    is_cut: bool = False


class BarTable(Protocol):
    """Bars of many symbols, read a few symbols at a time."""

    warnings: list[str]

    @property
    def symbols(self) -> frozenset[str]:
        """Names of all symbols."""
        ...

    def at_once(self, span: Span) -> int:
        """How many symbols are read together."""
        ...

    def rows(self, symbols: Sequence[str], span: Span) -> Iterator[tuple[str, Rows]]:
        """The rows of some symbols, those at least that announcements in `span` are studied by."""
        ...


class FrameBars:
    """Bars in a frame: long (``symbol, start, open, high, low, close, volume``) or wide (start, then closes).

    Parameters
    ----------
    frame : DataFrame
    where : str
        Names the table in errors.
    """

    def __init__(self, frame: pd.DataFrame, where: str = "bars") -> None:
        self.warnings: list[str] = []
        self._rows: dict[str, Rows] = {}
        frame = frame.rename(columns=lambda name: str(name).strip())
        lower = {name.lower(): name for name in frame.columns}
        if "symbol" in lower and "start" in lower:
            frame = frame.rename(columns={lower[name]: name for name in ("symbol", "start", *FIELDS) if name in lower})
            if "close" not in frame.columns:
                raise DataError("there is no column close", where=where, remedy="add the closing price of each bar")
            starts = read_starts(frame["start"], where)
            symbols = frame["symbol"].astype("str").str.strip()
            for symbol, index in frame.groupby(symbols, sort=True).indices.items():
                columns = {name: _numbers(frame[name].iloc[index], where) for name in FIELDS if name in frame.columns}
                self._keep(str(symbol), starts[index], columns, where)
        else:
            if frame.shape[1] < 2:
                raise DataError("there is no symbol", where=where, remedy="columns are symbol, start, open … close")
            starts = read_starts(frame.iloc[:, 0], where)
            for name in frame.columns[1:]:
                self._keep(str(name), starts, {"close": _numbers(frame[name], where)}, where)

    def _keep(self, symbol: str, starts: Int64Array, columns: dict[str, Float64Array], where: str) -> None:
        self._rows[symbol] = ordered(symbol, starts, columns, self.warnings, where)

    @property
    def symbols(self) -> frozenset[str]:
        """Names of all symbols."""
        return frozenset(self._rows)

    def at_once(self, span: Span) -> int:  # noqa: ARG002
        """How many symbols are given out together."""
        return SYMBOLS_AT_ONCE

    def rows(self, symbols: Sequence[str], span: Span) -> Iterator[tuple[str, Rows]]:  # noqa: ARG002
        """The rows of some symbols."""
        for symbol in symbols:
            if symbol in self._rows:
                yield symbol, self._rows[symbol]


def read_starts(raw: pd.Series, where: str) -> Int64Array:
    """UTC nanoseconds of a column of starts.

    Raises
    ------
    DataError
        For a start without an offset, or one that is no time.
    """
    if isinstance(raw.dtype, pd.DatetimeTZDtype):
        found = raw.dt.tz_convert("UTC")
    elif pd.api.types.is_datetime64_dtype(raw.dtype):
        raise DataError("times without a zone", where=f"{where}, column {raw.name}", remedy=START_REMEDY)
    else:
        text = raw.astype("str").str.strip()
        naive = np.flatnonzero(~text.str.contains(_HAS_ZONE).to_numpy(dtype=bool))
        if naive.size:
            row = int(naive[0])
            raise DataError(
                "a time without a zone", where=f"{where}, line {row + 2}", value=text.iloc[row], remedy=START_REMEDY
            )
        found = pd.to_datetime(text, utc=True, format="ISO8601", errors="coerce")
    lost = np.flatnonzero(found.isna().to_numpy())
    if lost.size:
        row = int(lost[0])
        raise DataError("not a time", where=f"{where}, line {row + 2}", value=str(raw.iloc[row]), remedy=START_REMEDY)
    instants: Int64Array = found.dt.tz_localize(None).to_numpy().astype("datetime64[ns]").astype(np.int64)
    return instants


def ordered(
    symbol: str,
    starts: Int64Array,
    columns: dict[str, Float64Array],
    warnings: list[str],
    where: str,
    *,
    is_cut: bool = False,
) -> Rows:
    """Rows of one symbol in the order of time; of two with one start, the same ones count once.

    Raises
    ------
    DataError
        When two rows with one start say different things.
    """
    if (starts[1:] > starts[:-1]).all():
        return Rows(starts=starts, columns=columns, is_cut=is_cut)
    order = np.argsort(starts, kind="stable")
    if (order[1:] < order[:-1]).any():
        warnings.append(f"{where}: the bars of {symbol} were not in the order of time; they have been sorted")
    starts = starts[order]
    columns = {name: values[order] for name, values in columns.items()}
    twice = np.flatnonzero(starts[1:] == starts[:-1]) + 1
    for i in twice.tolist():
        if any(not _is_same(values[i], values[i - 1]) for values in columns.values()):
            raise DataError(
                f"two bars of {symbol} start at the same time and differ",
                where=where,
                value=str(np.datetime64(int(starts[i]), "ns"))[:19] + "Z",
                remedy="keep one of them",
            )
    if twice.size:
        warnings.append(f"{where}: {twice.size} bars of {symbol} stand twice; they count once")
    kept = np.ones(starts.size, dtype=bool)
    kept[twice] = False
    return Rows(starts=starts[kept], columns={name: values[kept] for name, values in columns.items()}, is_cut=is_cut)


def bars_of(symbol: str, rows: Rows, market: Market, bar: str, warnings: list[str]) -> Bars:
    """The bars of a symbol at the size that is studied; coarser ones are made of finer ones, and that is said.

    Raises
    ------
    DataError
        When the bars of the file are longer, or overlap.
    """
    size = SIZES[bar] * MINUTE
    inside = market.is_inside(rows.starts)
    rows = _on_grid(symbol, rows, bar, inside, warnings)
    spacing = usual_spacing(rows.starts[market.is_inside(rows.starts)])
    if spacing is not None and spacing > size and _is_one(rows.starts[market.is_inside(rows.starts)] % spacing):
        raise DataError(
            f"the bars of {symbol} are {_minutes(spacing)} apart",
            where="bar",
            value=bar,
            remedy=f"write {_named(spacing)}, or give finer bars",
        )
    if spacing is not None and spacing < size:
        if size % spacing:
            raise DataError(
                f"no bar of {bar} can be made of bars of {symbol}, which are {_minutes(spacing)} apart",
                where="bar",
                value=bar,
                remedy=f"write {_named(spacing)}",
            )
        warnings.append(f"{symbol}: bars of {bar} were made of bars of {_named(spacing)}")
        rows = _coarser(rows, size, market)
    return make_bars(symbol, market, size, rows.starts, rows.columns)


def usual_spacing(starts: Int64Array) -> int | None:
    """The smallest distance at which bars often follow each other, nanoseconds; None for fewer than two."""
    if starts.size < 2:
        return None
    gaps, count = np.unique(np.diff(starts), return_counts=True)
    return int(gaps[np.argmax(count >= OFTEN * count.sum())])


def _is_one(values: Int64Array) -> bool:
    """Whether all are the same."""
    return not values.size or bool((values == values[0]).all())


def _coarser(rows: Rows, size: int, market: Market) -> Rows:
    """Bars of `size` nanoseconds made of finer ones, counted from each opening; one without any of them is left out.

    Rows that are no bars, and those outside the sessions, stay as they are.
    """
    close, volume = rows.columns["close"], rows.columns.get("volume")
    is_bar = np.isfinite(close) & (close > 0)
    if volume is not None and (volume > 0).any():
        is_bar &= volume != 0
    opens, _, _ = market.intervals
    is_inside = is_bar & market.is_inside(rows.starts)
    begin = opens[np.searchsorted(opens, rows.starts[is_inside], side="right") - 1]
    starts = begin + (rows.starts[is_inside] - begin) // size * size
    unique, first = np.unique(starts, return_index=True)
    beyond = np.append(first[1:], starts.size)
    out: dict[str, Float64Array] = {}
    for name, values in rows.columns.items():
        v = values[is_inside]
        if name in ("open", "close"):
            made = v[first] if name == "open" else v[beyond - 1]
        elif name == "volume":
            made = np.add.reduceat(np.nan_to_num(v), first) if v.size else v
        else:
            made = (np.fmax if name == "high" else np.fmin).reduceat(v, first) if v.size else v
        out[name] = np.concatenate([made, values[~is_inside]])
    joined = np.concatenate([unique, rows.starts[~is_inside]])
    order = np.argsort(joined, kind="stable")
    order = order[np.append(True, joined[order][1:] > joined[order][:-1])]  # a made bar goes before what is none
    return Rows(starts=joined[order], columns={name: values[order] for name, values in out.items()})


def _on_grid(symbol: str, rows: Rows, bar: str, inside: Flags, warnings: list[str]) -> Rows:
    """Rows whose start lies on the grid of bars; a live quote among them does not, and is left out.

    Raises
    ------
    DataError
        When bars overlap: many start off the grid, or bars of two sizes stand in one file.
    """
    spacing = usual_spacing(rows.starts[inside])
    if spacing is None:
        return rows
    # a symbol that is seldom traded has bars far apart that start on the grid of smaller ones
    phase = rows.starts % min(spacing, SIZES[bar] * MINUTE)
    if _is_one(phase):
        return rows
    phases, count = np.unique(phase[inside], return_counts=True)
    is_on = (phase == phases[np.argmax(count)]) | ~inside
    off = rows.starts.size - int(is_on.sum())
    if off > MOST_OFF * rows.starts.size:
        first = int(np.flatnonzero(~is_on)[0])
        raise DataError(
            f"the bars of {symbol} overlap, or do not start on one grid, as that of {instant(rows.starts[first])}",
            where="bar",
            value=bar,
            remedy="give bars of one size that start at full multiples of it",
        )
    if off:
        warnings.append(f"{symbol}: {off} rows start off the grid of bars, as live quotes do; left out")
        return Rows(starts=rows.starts[is_on], columns={name: v[is_on] for name, v in rows.columns.items()})
    return rows


KNOWN = (
    *("event_id", "asset", "announced_at", "earliest", "latest"),
    *("calendar", "zone", "group", "benchmark", "date", "weight"),
)


def read_clock_events(frame: pd.DataFrame, calendar: str | None) -> tuple[list[ClockEvent], list[str], pd.DataFrame]:
    """The announcements of a table, for each the reason why it cannot be studied (empty where it can), and the rest.

    The rest are the columns that have no meaning here, which may explain the moves.

    Parameters
    ----------
    frame : DataFrame
        ``event_id, asset, announced_at``, or ``earliest, latest``; optionally ``calendar, zone, group, benchmark``.
    calendar : str or None
        For events that name none.

    Raises
    ------
    DataError
        When a required column is missing or the table is empty.
    """
    frame = frame.reset_index(drop=True).rename(columns=lambda name: str(name).strip())
    for name in ("event_id", "asset"):
        if name not in frame.columns:
            raise DataError(f"there is no column {name}", where="events", remedy="add it")
    if "announced_at" not in frame.columns and not {"earliest", "latest"} <= set(frame.columns):
        raise DataError(
            "there is neither a column announced_at nor earliest and latest",
            where="events",
            remedy="a study by the minute needs the time of the announcement",
        )
    if not len(frame):
        raise DataError("there is no event", where="events", remedy="add a row")
    events, reasons = [], []
    for i, row in enumerate(frame.to_dict("records")):
        cell = {str(name): _text(value) for name, value in row.items()}
        reason = ""
        earliest = latest = 0
        try:
            earliest, latest = _instants(cell)
        except EventStudyError as error:
            reason = str(error)
        if not cell.get("asset"):
            reason = reason or "no asset is named"
        if not (cell.get("calendar") or calendar):
            reason = reason or "a time needs a calendar; name one with --calendar, for example XNYS"
        events.append(
            ClockEvent(
                event_id=cell.get("event_id") or f"row {i + 2}",
                asset=cell.get("asset") or "",
                earliest=earliest,
                latest=latest,
                zone=cell.get("zone") or "UTC",
                group=cell.get("group"),
                calendar=cell.get("calendar") or calendar,
                benchmark=cell.get("benchmark"),
            )
        )
        reasons.append(reason)
    rest = frame[[name for name in frame.columns if name not in KNOWN]]
    return events, reasons, rest


def _instants(cell: Mapping[str, str | None]) -> tuple[int, int]:
    zone = cell.get("zone")
    if cell.get("announced_at"):
        earliest, latest = parse_when(str(cell["announced_at"]), zone, "announced_at")
    elif cell.get("earliest") and cell.get("latest"):
        earliest = parse_when(str(cell["earliest"]), zone, "earliest")[0]
        latest = parse_when(str(cell["latest"]), zone, "latest")[1]
        if latest < earliest:
            raise InputError("the interval ends before it starts", where="latest", remedy="swap the two")
    else:
        raise InputError("there is no time", where="announced_at", remedy="fill it in, or earliest and latest")
    return nanoseconds(earliest), nanoseconds(latest)


def nanoseconds(moment: dt.datetime) -> int:
    """UTC nanoseconds of a tz-aware datetime."""
    return int(np.datetime64(moment.astimezone(dt.UTC).replace(tzinfo=None), "ns").astype(np.int64))


def _text(value: Any) -> str | None:
    if value is None or pd.isna(value):
        return None
    text = value.isoformat() if isinstance(value, dt.datetime) else str(value)
    return text.strip() or None


def _numbers(column: pd.Series, where: str) -> Float64Array:
    found = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    lost = ~np.isfinite(found) & column.notna().to_numpy() & (column.astype("str").str.strip() != "").to_numpy()
    if lost.any():
        row = int(np.flatnonzero(lost)[0])
        raise DataError(
            "not a number", where=f"{where}, column {column.name}", value=str(column.iloc[row]), remedy="leave it blank"
        )
    return found


def _is_same(a: float, b: float) -> bool:
    return bool(a == b or (np.isnan(a) and np.isnan(b)))


def _minutes(spacing: int) -> str:
    return f"{spacing // MINUTE} minutes" if spacing >= MINUTE else f"{spacing / 1e9:g} seconds"


def _named(size: int) -> str:
    minutes = size // MINUTE
    return next((name for name, m in SIZES.items() if m == minutes), f"{minutes}m")
