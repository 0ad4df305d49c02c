"""Prices from files of the user's own: any table that is understood, one file or a folder of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import numpy as np

from eventstudy.calendars import at_local_time, to_instant
from eventstudy.config.sources import SourceConfig
from eventstudy.errors import DataError, NoDataInRange, UnknownSymbol, UnreadableFile
from eventstudy.hints import nearest
from eventstudy.prices.files_read import Rows, Sheet, read_sheet, text_of
from eventstudy.prices.source import BARS, UNFINISHED, SourceFacts, check_question
from eventstudy.records import Float64Array, InstantArray, SessionArray, Snapshot
from eventstudy.tables.content import SUFFIXES, tables_in
from eventstudy.tables.options import Options
from eventstudy.tables.total_return import holds_dividends, implied_dividends

# Columns of a long file beside the close: field of the snapshot → role.
OTHERS = {"open": "open", "high": "high", "low": "low", "volume": "volume", "adjusted": "adjusted", "splits": "split"}
SHOWN = 8
KEPT = 8  # symbols whose bars of less than a day are kept in memory

Chosen = tuple[Sheet, dict[str, int], Rows]  # a file, its columns by role, and its rows of one symbol
# Sessions, starts of bars of less than a day, instants of the prices, their order, and what was done about it.
Clock = tuple[SessionArray, InstantArray | None, InstantArray, slice, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSource:
    """A file, or a folder of files; each is read once in the life of the object, which is one pass.

    In a folder, the file with the name of the symbol holds its bars. Otherwise the symbols are the columns of wide
    files, or stand in the symbol column of long ones.

    Attributes
    ----------
    path : Path
    name : str
    shape : {"wide", "long"} or None
        ``wide``: a date, then one column of prices per symbol. ``long``: one line per date and symbol. None: as each
        file looks.
    columns : mapping of str to str
        Role, such as ``date``, ``close`` or ``symbol``, → name of its column.
    date_format, decimal, sheet : str
        As of `eventstudy.tables.Options`.
    bar : str
        Size of the bars in the files.
    zone : str
        IANA zone of the dates, and of times without an offset.
    has_zone : bool
        Whether somebody said so; else bars of less than a day must have an offset.
    currency : str
        Unit of the prices.
    close_time : time or None
        Local time at which the price of a date was taken; None: at the midnight that ends it.
    voice : {"key", "flag"}
        Where its options are written, for the remedies of errors: in settings, or on a command line.
    now : callable
        The clock that decides whether a bar is finished; returns a tz-aware datetime.
    """

    path: Path
    now: Callable[[], dt.datetime]
    name: str = "files"
    shape: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    date_format: str = ""
    decimal: str = ""
    sheet: str = ""
    bar: str = "1d"
    zone: str = "UTC"
    has_zone: bool = True
    currency: str = ""
    close_time: dt.time | None = None
    voice: Literal["key", "flag"] = "key"
    _sheets: dict[Path, Sheet | DataError] = field(default_factory=dict, repr=False, compare=False)
    _clocks: dict[str, Clock] = field(default_factory=dict, repr=False, compare=False)
    _last_days: dict[str, dt.date] = field(default_factory=dict, repr=False, compare=False)
    _kept: dict[str, Snapshot] = field(default_factory=dict, repr=False, compare=False)

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
            is_file=True,
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
        UnreadableFile
            When there is no such file, or a cell, a date or the order of it is wrong; names the file and the line.
        """
        check_question(self, symbol, start, end, bar)
        try:
            snapshot = self._whole(symbol)
        except DataError as error:
            raise UnreadableFile(str(error), source=self.name, symbol=symbol) from error
        except OSError as error:
            problem = f"{self.path} cannot be read: {error.strerror or error}; mend the path or its rights"
            raise UnreadableFile(problem, source=self.name, symbol=symbol) from error
        return self._cut(snapshot, start, end)

    def _whole(self, symbol: str) -> Snapshot:
        """All of a symbol; of bars of less than a day, which are asked for event by event, the newest few are kept."""
        if symbol not in self._kept:
            found = self._snapshot(symbol, *self._choose(symbol))
            if self.bar == "1d":
                return found
            if len(self._kept) >= KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[symbol] = found
        return self._kept[symbol]

    def sheets(self) -> list[Sheet]:
        """Every file as a table.

        Raises
        ------
        DataError
            For the first that is none, or a folder without any.
        OSError
        """
        return [self._sheet(path) for path in self._paths()]

    def _choose(self, symbol: str) -> Chosen:
        """The file, columns and rows of a symbol."""
        paths = self._paths()
        known: list[str] = []
        found: list[Chosen] = []
        for path in paths:
            if self.path.is_dir() and _is_named(path, symbol):
                sheet = self._sheet(path)
                if sheet.shape != "wide" or symbol in sheet.known:
                    return sheet, sheet.columns(symbol), sheet.rows(symbol)
                roles = sheet.table.roles()
                if "close" in roles:
                    return sheet, {"close": sheet.table.header.index(roles["close"])}, sheet.rows(symbol)
        for path in paths:
            sheet = self._sheet(path)
            known += sheet.known
            if symbol in sheet.known:
                found.append((sheet, sheet.columns(symbol), sheet.rows(symbol)))
        if not found:
            raise UnknownSymbol(
                f"no such symbol in {self.path.name}",
                source=self.name,
                symbol=symbol,
                meant=nearest(symbol, known),
                otherwise=f"known are {', '.join(dict.fromkeys(known[:SHOWN])) or 'none'}",
            )
        if len(found) > 1:
            where = ", ".join(sheet.name for sheet, _, _ in found)
            raise DataError("the symbol stands in several files", where=where, value=symbol, remedy="keep one")
        return found[0]

    def _paths(self) -> list[Path]:
        if not self.path.is_dir():
            return [self.path]
        paths = tables_in(self.path)
        if not paths:
            raise DataError("no file in this folder", where=self.path.name, remedy=f"put {', '.join(SUFFIXES)} there")
        return paths

    def _sheet(self, path: Path) -> Sheet:
        """A file, read once; one that cannot be is not tried again in this pass."""
        if path not in self._sheets:
            options = Options(
                columns=self.columns,
                date_format=self.date_format,
                decimal=self.decimal,
                sheet=self.sheet,
                voice=self.voice,
            )
            try:
                self._sheets[path] = read_sheet(path, options, self.shape, of_days=self.bar == "1d")
            except DataError as error:
                self._sheets[path] = error
        found = self._sheets[path]
        if isinstance(found, DataError):
            raise found
        return found

    def _snapshot(self, symbol: str, sheet: Sheet, columns: Mapping[str, int], rows: Rows) -> Snapshot:
        """All of one symbol, in order of time."""
        if "close" not in columns:
            shown = ", ".join(name for name in sheet.table.header if name)
            raise DataError("no column of prices", where=sheet.name, value=shown, remedy="set columns: {close: …}")
        sessions, starts, instants, order, said = self._clock(sheet, rows)
        notes = [f"{sheet.name}, SHA-256 {sheet.digest}", *sheet.notes]
        values = {role: sheet.numbers(column, rows, role)[order] for role, column in columns.items()}
        paid, said = self._paid(sheet, columns, values, said)
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
            splits=rest.get("splits"),
            reach=(None, self._last_day(sheet)),
            open=rest.get("open"),
            high=rest.get("high"),
            low=rest.get("low"),
            volume=rest.get("volume"),
            adjusted=rest.get("adjusted"),
            notes=(*notes, *said),
        )

    def _paid(
        self, sheet: Sheet, columns: Mapping[str, int], values: dict[str, Float64Array], said: tuple[str, ...]
    ) -> tuple[Float64Array, tuple[str, ...]]:
        """Dividends, as the file states or its adjusted prices imply them, and what was used.

        Where adjusted prices differ from the others by more than dividends, they take the place of these in `values`.
        """
        if "dividend" in values:  # a blank cell says that there is none
            name = sheet.table.label(columns["dividend"])
            if "dividend" not in sheet.table.options.columns and self._holds(values):
                what = f"the prices hold the dividends of the column {name}, by which they do not fall"
                return np.zeros(values["close"].size), (*said, f"{sheet.name}: {what}; not added again")
            return np.nan_to_num(values["dividend"]), (*said, f"{sheet.name}: total returns with the column {name}")
        if "adjusted" not in values or self.bar != "1d":  # the file says nothing of dividends
            return np.full(values["close"].size, np.nan), said
        name = sheet.table.label(columns["adjusted"])
        paid = implied_dividends(values["close"], values["adjusted"])
        if paid is not None:
            n = int((paid > 0).sum())
            what = (
                f"{sheet.name}: total returns from the column {name}, which implies {n} dividend{'' if n == 1 else 's'}"
            )
            return paid, (*said, what)
        share = values["adjusted"] / values["close"]
        for role in ("open", "high", "low"):
            if role in values:
                values[role] = values[role] * share
        values["close"] = values["adjusted"]
        what = f"{sheet.name}: prices are the column {name}, which is adjusted for more than dividends"
        return np.zeros(share.size), (*said, what)

    def _holds(self, values: dict[str, Float64Array]) -> bool:
        """Whether closes of days, in order of time, hold their dividends; a file with adjusted ones says so itself."""
        return self.bar == "1d" and "adjusted" not in values and holds_dividends(values["close"], values["dividend"])

    def _last_day(self, sheet: Sheet) -> dt.date:
        """The last day of a file, whichever symbol has a price there: of later ones it cannot speak."""
        if sheet.name not in self._last_days:
            self._last_days[sheet.name] = sheet.stamps.days.max().item()
        return self._last_days[sheet.name]

    def _clock(self, sheet: Sheet, rows: Rows) -> Clock:
        """Times and order of the rows; the columns of a wide file share them."""
        is_shared = sheet.symbols is None
        if is_shared and sheet.name in self._clocks:
            return self._clocks[sheet.name]
        sessions, starts, instants = self._times(sheet, rows)
        found = (sessions, starts, instants, *_ordered(sheet, rows, sessions if starts is None else starts, instants))
        if is_shared:
            self._clocks[sheet.name] = found
        return found

    def _times(self, sheet: Sheet, rows: Rows) -> tuple[SessionArray, InstantArray | None, InstantArray]:
        """Sessions, starts of bars of less than a day, and instants of the prices."""
        stamps = sheet.stamps
        days, seconds, offsets = stamps.days[rows], stamps.seconds[rows], stamps.offsets[rows]
        zone = ZoneInfo(self.zone)
        if self.bar == "1d" and stamps.are_dates:
            local = days  # midnights are how programs write a date, whatever the offset
            exact = np.full(days.size, np.datetime64("NaT", "ns"))
            is_bare = np.ones(days.size, dtype=bool)
        else:
            moments = [
                self._moment(sheet, int(row), day, second, offset, zone)
                for row, day, second, offset in zip(
                    rows, days.tolist(), seconds.tolist(), offsets.tolist(), strict=True
                )
            ]
            local = np.array([moment.date() for moment in moments], dtype="datetime64[D]")
            exact = np.array([to_instant(moment) for moment in moments], dtype="datetime64[ns]")
            is_bare = np.array([moment.time() == dt.time() for moment in moments], dtype=bool)
        if self.bar != "1d":
            starts = np.where(np.isnat(exact), at_local_time(local, dt.time(), self.zone), exact)
            return local, starts, starts + np.timedelta64(BARS[self.bar]).astype("timedelta64[ns]")
        self._refuse_weekends(sheet, rows, days, local)
        if self.close_time is None:
            closes = at_local_time(local + 1, dt.time(), self.zone)
        else:
            closes = at_local_time(local, self.close_time, self.zone)
        return local, None, np.where(is_bare, closes, exact)

    def _moment(
        self, sheet: Sheet, row: int, day: dt.date, second: int, offset: int | None, zone: ZoneInfo
    ) -> dt.datetime:
        """The stamp of a row in the zone of the source."""
        plain = dt.datetime.combine(day, dt.time()) + dt.timedelta(seconds=second)
        if offset is not None:
            return plain.replace(tzinfo=dt.timezone(dt.timedelta(seconds=offset))).astimezone(zone)
        if self.bar != "1d" and not self.has_zone:
            raise DataError(
                "a time without a zone",
                where=sheet.table.place(row),
                value=str(plain),
                remedy="write it with its offset, or set `zone` of the source, for example America/New_York",
            )
        moment = plain.replace(tzinfo=zone)
        if moment.astimezone(dt.UTC).astimezone(zone).replace(tzinfo=None) != plain:
            raise DataError(
                f"the clocks of {self.zone} leapt over this time",
                where=sheet.table.place(row),
                value=str(plain),
                remedy="correct it, or set the zone",
            )
        return moment

    def _refuse_weekends(self, sheet: Sheet, rows: Rows, days: SessionArray, local: SessionArray) -> None:
        """A weekday that the zone turns into a weekend was a date, or belongs to another zone."""
        moved = np.flatnonzero((local != days) & np.is_busday(days) & ~np.is_busday(local))
        if moved.size:
            i = int(moved[0])
            raise DataError(
                f"in {self.zone} this is {local[i]}, a day of the weekend",
                where=sheet.table.place(int(rows[i])),
                value=text_of(sheet.table.frame.iloc[int(rows[i]), sheet.table.date_column()]),
                remedy="write the dates of the sessions, without a time, or correct zone: in the settings",
            )

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
        date_format=settings.date_format,
        decimal=settings.decimal,
        sheet=settings.sheet,
        bar=settings.bar,
        zone=settings.zone,
        has_zone="zone" in settings.model_fields_set,
        currency=settings.currency,
        close_time=None if closing is None else dt.time.fromisoformat(closing),
        now=now,
    )


def _is_named(path: Path, symbol: str) -> bool:
    """Whether a file has the name of a symbol, packed or not."""
    return path.stem == symbol or (path.suffix in (".gz", ".zip") and Path(path.stem).stem == symbol)


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


def _ordered(sheet: Sheet, rows: Rows, labels: SessionArray, instants: InstantArray) -> tuple[slice, tuple[str, ...]]:
    """The rows oldest first; newest first is an order too, anything else is a mistake somewhere.

    `labels` are what may stand once only: the sessions of days, the starts of shorter bars.

    Raises
    ------
    DataError
        When a date stands twice, or the rows are in no order.
    """
    steps = np.diff(instants).astype(np.int64)
    is_falling = bool(steps.size) and int((steps < 0).sum()) * 2 > steps.size
    table, column = sheet.table, sheet.table.date_column()
    order = np.argsort(labels, kind="stable")
    twice = np.flatnonzero(labels[order][1:] == labels[order][:-1])
    if twice.size:
        second = min(int(order[i + 1]) for i in twice.tolist())
        first = int(np.flatnonzero(labels == labels[second])[0])
        raise DataError(
            f"a date stands twice{f', as do {twice.size - 1} more' if twice.size > 1 else ''}",
            where=table.place(int(rows[second])),
            value=text_of(table.frame.iloc[int(rows[second]), column]),
            remedy=f"see also {table.place(int(rows[first]))}, and keep one",
        )
    wrong = np.flatnonzero(steps >= 0 if is_falling else steps <= 0)
    if wrong.size:
        row = int(rows[int(wrong[0]) + 1])
        value = text_of(table.frame.iloc[row, column])
        raise DataError("the dates are in no order", where=table.place(row), value=value, remedy="sort the file")
    if is_falling:
        return slice(None, None, -1), ("the file has the newest date first; turned round",)
    return slice(None), ()
