"""Prices from files of the user's own: CSV or Parquet, wide or long, one file or a folder of them."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from eventstudy.calendars import at_local_time, to_instant
from eventstudy.config.sources import SourceConfig
from eventstudy.errors import DataError, MalformedAnswer, NoDataInRange, SourceDown, UnknownSymbol
from eventstudy.prices.files_read import PARQUET, Row, Sheet, number, read_sheet
from eventstudy.prices.source import BARS, UNFINISHED, SourceFacts, check_question
from eventstudy.records import Float64Array, InstantArray, SessionArray, Snapshot

KINDS = (".csv", ".txt", ".tsv", *PARQUET)
# Columns of a long file beside the close: field of the snapshot → role.
OTHERS = {"open": "open", "high": "high", "low": "low", "volume": "volume", "adjusted": "adjusted", "splits": "split"}
SHOWN = 8

Chosen = tuple[Sheet, dict[str, str], tuple[Row, ...]]  # a file, its columns by role, and its rows of one symbol

Clock = tuple[SessionArray, InstantArray | None, InstantArray, slice, tuple[str, ...]]  # times, and order of the rows


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSource:
    """A file, or a folder of files; each is read once in the life of the object, which is one pass.

    In a folder, the file with the name of the symbol holds its bars. Otherwise the symbols are the columns of wide
    files, or stand in the symbol column of long ones.

    Attributes
    ----------
    path : Path
    name : str
    shape : {"wide", "long"}
        ``wide``: a date, then one column of prices per symbol. ``long``: one line per date and symbol.
    columns : mapping of str to str
        Role, such as ``date``, ``close`` or ``symbol``, → name of its column.
    bar : str
        Size of the bars in the files.
    zone : str
        IANA zone of the dates, and of times without an offset.
    currency : str
        Unit of the prices.
    close_time : time or None
        Local time at which the price of a date was taken; None: at the midnight that ends it.
    now : callable
        The clock that decides whether a bar is finished; returns a tz-aware datetime.
    """

    path: Path
    now: Callable[[], dt.datetime]
    name: str = "files"
    shape: str = "wide"
    columns: Mapping[str, str] = field(default_factory=dict)
    bar: str = "1d"
    zone: str = "UTC"
    currency: str = ""
    close_time: dt.time | None = None
    _sheets: dict[Path, Sheet] = field(default_factory=dict, repr=False, compare=False)
    _clocks: dict[str, Clock] = field(default_factory=dict, repr=False, compare=False)
    _last_days: dict[str, dt.date | None] = field(default_factory=dict, repr=False, compare=False)

    @property
    def version(self) -> str:
        """The path by its last name; every snapshot has the digest of its own file."""
        return f"files {self.path.name}"

    @property
    def facts(self) -> SourceFacts:
        """What the settings say."""
        closing = f"{self.close_time:%H:%M} {self.zone}" if self.close_time else f"midnight that ends it, {self.zone}"
        return SourceFacts(
            bars=(self.bar,),
            snapshot_time=f"as the file says; of a bare date: {closing}",
            delay="as old as the file",
            currency=self.currency or "not said",
            calendar="the dates of the file",
        )

    def fetch(self, symbol: str, start: dt.date, end: dt.date, bar: str = "1d") -> Snapshot:
        """Bars of `symbol` for sessions in [start, end], both included.

        A date without a price is there with a NaN, where prices stand before and after it.

        Raises
        ------
        UnknownSymbol
            When no file has the symbol.
        NoDataInRange
            When it has no finished price in the range, or the file has bars of another size.
        MalformedAnswer
            When a cell, a date or the order of a file is wrong; names the file and the line.
        SourceDown
            When there is no such file, or it cannot be read.
        """
        check_question(self, symbol, start, end, bar)
        try:
            sheet, roles, rows = self._choose(symbol)
            snapshot = self._snapshot(symbol, sheet, roles, rows)
        except DataError as error:
            raise MalformedAnswer(str(error), source=self.name, symbol=symbol) from error
        except OSError as error:
            problem = f"{self.path} cannot be read: {error.strerror or error}"
            raise SourceDown(problem, source=self.name, symbol=symbol) from error
        return self._cut(snapshot, start, end)

    def _choose(self, symbol: str) -> Chosen:
        """The file, columns and rows of a symbol."""
        paths = self._paths()
        known: list[str] = []
        found: list[Chosen] = []
        for path in paths:
            if self.path.is_dir() and path.stem == symbol:
                sheet = self._sheet(path)
                rows = sheet.rows
                if "symbol" in sheet.roles:
                    rows = tuple(row for row in rows if row.cells[sheet.roles["symbol"]] == symbol)
                return sheet, sheet.roles, rows
        for path in paths:
            sheet = self._sheet(path)
            if self.shape == "wide":
                known += sheet.header
                if symbol in sheet.header:
                    found.append((sheet, {"close": symbol}, sheet.rows))
                continue
            column = sheet.roles.get("symbol")
            names = {row.cells[column] for row in sheet.rows} if column else {path.stem}
            known += sorted(names)
            if symbol in names:
                rows = tuple(row for row in sheet.rows if column is None or row.cells[column] == symbol)
                found.append((sheet, sheet.roles, rows))
        if not found:
            near = difflib.get_close_matches(symbol, known, n=1)
            shown = ", ".join(dict.fromkeys(known[:SHOWN])) or "none"
            remedy = f"did you mean {near[0]!r}?" if near else f"known are {shown}"
            raise UnknownSymbol(f"no such symbol in {self.path.name}; {remedy}", source=self.name, symbol=symbol)
        if len(found) > 1:
            where = ", ".join(sheet.name for sheet, _, _ in found)
            raise DataError("the symbol stands in several files", where=where, value=symbol, remedy="keep one")
        return found[0]

    def _paths(self) -> list[Path]:
        if not self.path.is_dir():
            return [self.path]
        paths = sorted(p for p in self.path.iterdir() if p.suffix.lower() in KINDS and not p.name.startswith("."))
        if not paths:
            raise DataError("no file in this folder", where=self.path.name, remedy=f"put {', '.join(KINDS)} there")
        return paths

    def _sheet(self, path: Path) -> Sheet:
        if path not in self._sheets:
            self._sheets[path] = read_sheet(path, self.columns, self.zone)
        return self._sheets[path]

    def _snapshot(self, symbol: str, sheet: Sheet, roles: Mapping[str, str], rows: tuple[Row, ...]) -> Snapshot:
        """All of one symbol, in order of time."""
        if "close" not in roles:
            raise DataError(
                "no column of prices", where=sheet.name, value=", ".join(sheet.header), remedy="set columns: {close: …}"
            )
        sessions, starts, instants, order, said = self._clock(sheet, rows)
        notes = [f"{sheet.name}, SHA-256 {sheet.digest}"]
        values = {role: _column(rows, name, role)[order] for role, name in roles.items() if role != "symbol"}
        priced = np.flatnonzero(np.isfinite(values["close"]))
        if not priced.size:
            reach = (None, self._last_day(sheet))
            raise NoDataInRange(f"no price in {sheet.name}", source=self.name, symbol=symbol, reach=reach)
        listed = np.zeros(len(rows), dtype=bool)
        listed[priced[0] : priced[-1] + 1] = True  # blanks before the first price are no sessions
        off = listed & _padding(sessions[order], values["close"], values.get("volume"))
        if self.bar == "1d" and off.any():
            listed &= ~off
            said = (*said, f"{off.sum()} rows of weekends without trading, left out")
        rest = {field: values[role][listed] for field, role in OTHERS.items() if role in values}
        if "splits" in rest:
            rest["splits"] = np.where(rest["splits"] > 0, rest["splits"], 1.0)
        # a file without such a column says nothing of dividends; a blank cell says that there is none
        paid = np.nan_to_num(values["dividend"]) if "dividend" in values else np.full(len(rows), np.nan)
        return Snapshot(
            source=self.name,
            symbol=symbol,
            currency=self.currency,
            version=f"{sheet.name} {sheet.digest}",
            bar=self.bar,
            sessions=sessions[order][listed],
            starts=None if starts is None else starts[order][listed],
            instants=instants[order][listed],
            close=values["close"][listed],
            dividends=paid[listed],
            reach=(None, self._last_day(sheet)),
            open=rest.get("open"),
            high=rest.get("high"),
            low=rest.get("low"),
            volume=rest.get("volume"),
            adjusted=rest.get("adjusted"),
            splits=rest.get("splits"),
            notes=(*notes, *said),
        )

    def _last_day(self, sheet: Sheet) -> dt.date | None:
        """The last day of a file, whichever symbol has a price there: of later ones it cannot speak."""
        if sheet.name not in self._last_days:
            days = (row.moment.date() if isinstance(row.moment, dt.datetime) else row.moment for row in sheet.rows)
            self._last_days[sheet.name] = max(days, default=None)
        return self._last_days[sheet.name]

    def _clock(self, sheet: Sheet, rows: tuple[Row, ...]) -> Clock:
        """Times and order of the rows; the columns of a wide file share them."""
        if rows is sheet.rows and sheet.name in self._clocks:
            return self._clocks[sheet.name]
        times = self._times(rows)
        found = (*times, *_ordered(rows, times[0] if self.bar == "1d" else times[2], times[2]))
        if rows is sheet.rows:
            self._clocks[sheet.name] = found
        return found

    def _times(self, rows: tuple[Row, ...]) -> tuple[SessionArray, InstantArray | None, InstantArray]:
        """Sessions, starts of bars of less than a day, and instants of the prices."""
        zone = ZoneInfo(self.zone)
        local = [row.moment.astimezone(zone) if isinstance(row.moment, dt.datetime) else row.moment for row in rows]
        dates = [moment.date() if isinstance(moment, dt.datetime) else moment for moment in local]
        sessions = np.array(dates, dtype="datetime64[D]")
        exact = np.array(
            [to_instant(m) if isinstance(m, dt.datetime) else "NaT" for m in local], dtype="datetime64[ns]"
        )
        if self.bar != "1d":
            midnights = at_local_time(sessions, dt.time(), self.zone)
            starts = np.where(np.isnat(exact), midnights, exact)
            return sessions, starts, starts + np.timedelta64(BARS[self.bar]).astype("timedelta64[ns]")
        # a local midnight is how programs write a bare date
        is_bare = np.array([not isinstance(m, dt.datetime) or m.time() == dt.time() for m in local], dtype=bool)
        if self.close_time is None:
            closes = at_local_time(sessions + 1, dt.time(), self.zone)
        else:
            closes = at_local_time(sessions, self.close_time, self.zone)
        return sessions, None, np.where(is_bare, closes, exact)

    def _cut(self, whole: Snapshot, start: dt.date, end: dt.date) -> Snapshot:
        due = (whole.sessions >= np.datetime64(start)) & (whole.sessions <= np.datetime64(end))
        keep = due & (whole.instants <= to_instant(self.now()))
        if not np.isfinite(whole.close[keep]).any():
            raise NoDataInRange(
                f"no finished price between {start} and {end}; they run from {whole.sessions[0]} to "
                f"{whole.sessions[-1]}",
                source=self.name,
                symbol=whole.symbol,
                reach=whole.reach,
            )
        late = whole.instants[due & ~keep]
        notes = whole.notes
        if late.size:
            notes += (f"{UNFINISHED}, left out: {late.size} bars from {np.datetime_as_string(late[0], 'm')} UTC on",)
        return replace(whole.at(keep), notes=notes)


def open_files(name: str, settings: SourceConfig, now: Callable[[], dt.datetime]) -> FileSource:
    """The source that the settings describe."""
    assert settings.path is not None  # SourceConfig requires it
    closing = settings.close_time
    return FileSource(
        name=name,
        path=settings.path,
        shape=settings.shape,
        columns=settings.columns,
        bar=settings.bar,
        zone=settings.zone,
        currency=settings.currency,
        close_time=None if closing is None else dt.time.fromisoformat(closing),
        now=now,
    )


def _padding(sessions: SessionArray, close: Float64Array, volume: Float64Array | None) -> np.ndarray:
    """Mask of the Saturdays and Sundays on which nothing traded: how vendors fill a list of all calendar days.

    Blank or without volume; where no volume is told also with the close of the row before, if no weekend has another.
    """
    weekend = ~np.is_busday(sessions)
    blank = weekend & ~np.isfinite(close)
    if volume is not None and (volume > 0).any():
        return blank | (weekend & ~(volume > 0))
    known = np.isfinite(close)
    last = np.maximum.accumulate(np.where(known, np.arange(close.size), 0))
    before = close[np.concatenate([[0], last[:-1]])]
    repeated = weekend & known & (close == before)
    return blank | repeated if (repeated | blank)[weekend].all() else blank


def _column(rows: tuple[Row, ...], name: str, role: str) -> Float64Array:
    return np.array([number(row.cells[name], row.where, name, role) for row in rows], dtype=float)


def _ordered(rows: tuple[Row, ...], labels: SessionArray, instants: InstantArray) -> tuple[slice, tuple[str, ...]]:
    """The rows oldest first; newest first is an order too, anything else is a mistake somewhere.

    `labels` are what may stand once only: the sessions of days, the starts of shorter bars.

    Raises
    ------
    DataError
        When a date stands twice, or the rows are in no order.
    """
    steps = np.diff(instants).astype(np.int64)
    is_falling = bool(steps.size) and int((steps < 0).sum()) * 2 > steps.size
    wrong = np.flatnonzero(steps >= 0 if is_falling else steps <= 0)
    seen: dict[object, Row] = {}
    for row, label in zip(rows, labels.tolist(), strict=True):
        if label in seen:
            raise DataError(
                "a date stands twice", where=row.where, value=str(row.moment), remedy=f"see also {seen[label].where}"
            )
        seen[label] = row
    if wrong.size:
        row = rows[int(wrong[0]) + 1]
        raise DataError("the dates are in no order", where=row.where, value=str(row.moment), remedy="sort the file")
    if is_falling:
        return slice(None, None, -1), ("the file has the newest date first; turned round",)
    return slice(None), ()
