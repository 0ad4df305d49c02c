"""Daily prices in a table: what `eventstudy prices import` takes and, as CSV, `eventstudy prices export` gives."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zoneinfo
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eventstudy import atomic
from eventstudy.archive.bars import DAILY, FIELDS, Bars
from eventstudy.calendars import at_local_time, named_calendar
from eventstudy.config.calendar_names import resolved
from eventstudy.errors import DataError, InputError
from eventstudy.instants import stamp_of
from eventstudy.records import Float64Array, InstantArray, SessionArray, Snapshot
from eventstudy.tables.content import Content
from eventstudy.tables.dates import YEARS
from eventstudy.tables.options import Options
from eventstudy.tables.reading import read_table, table_of
from eventstudy.tables.roles import BESIDE, plain, role_of
from eventstudy.tables.table import Table

REQUIRED = ("date", "close")
COLUMNS = ("date", *FIELDS, "priced_at")
FARTHEST = 3  # days between a date and the instant of its price, anywhere in the world and over a long weekend


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """When the prices of a file were taken, where its column ``priced_at`` does not say it.

    Attributes
    ----------
    calendar : str or None
        The close of every session of a calendar, by its name.
    at : time
        Else this time of day …
    zone : str
        … in this zone.
    """

    calendar: str | None = None
    at: dt.time = dt.time(0)
    zone: str = "UTC"

    def instants(self, sessions: SessionArray) -> tuple[InstantArray, str]:
        """UTC instants of the prices of `sessions`, and the rule in words."""
        if self.calendar is not None:
            first, last = (day.astype("datetime64[D]").item() for day in (sessions.min(), sessions.max()))
            known, closes = named_calendar(self.calendar).sessions(first, last)
            strange = sessions[~np.isin(sessions, known)]
            if strange.size:
                raise DataError(
                    f"{strange[0]} is no session of {self.calendar}",
                    where="date",
                    remedy="take its row out, or name another calendar or a time of day",
                )
            return closes[np.searchsorted(known, sessions)], f"priced at the close of {self.calendar}"
        if self.at == dt.time(0):
            rule = f"priced at the midnight of {self.zone} that ends the day"
            return at_local_time(sessions + 1, self.at, self.zone), rule
        return at_local_time(sessions, self.at, self.zone), f"priced at {self.at:%H:%M} {self.zone}"


def clock(calendar: str | None, at: str, zone: str) -> Clock:
    """The clock that three texts describe.

    Raises
    ------
    InputError
        When one of them is no calendar, time or zone.
    """
    try:
        time = dt.time.fromisoformat(at)
    except ValueError:
        time = None
    if time is None or time.tzinfo is not None:
        raise InputError("not a time of day", where="--at", value=at, remedy="write 16:00, and its zone as --zone")
    try:
        zoneinfo.ZoneInfo(zone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise InputError("unknown time zone", where="--zone", value=zone, remedy="write Europe/London") from None
    return Clock(calendar=None if calendar is None else resolved(calendar), at=time, zone=zone)


def read(
    path: Path,
    *,
    source: str,
    symbol: str,
    currency: str,
    clock: Clock,
    today: dt.date,
    options: Options | None = None,
) -> Snapshot:
    """The daily bars of a file; see `parse`.

    Raises
    ------
    DataError
        Also when the file cannot be read.
    """
    try:
        table = read_table(path, options, as_text=True)
    except OSError as error:
        raise DataError(
            error.strerror or str(error), where=str(path), remedy="check the path and its rights"
        ) from error
    return _snapshot(table, source=source, symbol=symbol, currency=currency, clock=clock, today=today)


def save(path: Path, text: str) -> None:
    """Write an exported text.

    Raises
    ------
    DataError
        When the file cannot be written.
    """
    try:
        atomic.put(path, text.encode())
    except OSError as error:
        raise DataError(
            error.strerror or str(error), where=str(path), remedy="check the path and its rights"
        ) from error


def parse(text: str, *, where: str, source: str, symbol: str, currency: str, clock: Clock, today: dt.date) -> Snapshot:
    """The daily bars of a text with a line of names: ``date``, ``close`` and any other of `COLUMNS`.

    Raises
    ------
    DataError
        For a column that is missing or unknown, for a cell that is no date or no number, and for a date after `today`;
        names the line.
    """
    content = Content(name=where, data=text.removeprefix("\ufeff").encode(), kind="text")
    table = table_of(content, Options(), as_text=True)
    return _snapshot(table, source=source, symbol=symbol, currency=currency, clock=clock, today=today)


def _snapshot(table: Table, *, source: str, symbol: str, currency: str, clock: Clock, today: dt.date) -> Snapshot:
    where = table.name
    places = _places(table)
    if not len(table):
        raise DataError("there is no price", where=where, remedy="add a row")
    if "symbol" in places:
        table = _only(table, places["symbol"], symbol)
    stamps = table.stamps(places["date"])
    if not stamps.are_dates:
        row = int(np.flatnonzero(stamps.seconds)[0])
        raise DataError(
            "a date with a time of day",
            where=f"{table.place(row)}, column date",
            value=table.frame.iloc[row, places["date"]],
            remedy="write the date of the session, and the instant of its price in a column priced_at",
        )
    sessions = stamps.days
    columns = {name: _numbers(table, places[name]) for name in FIELDS if name in places}
    if "priced_at" in places:
        times = [
            _instant(cell, f"{table.place(row)}, priced_at")
            for row, cell in enumerate(table.frame.iloc[:, places["priced_at"]].tolist())
        ]
        instants, rule = np.array(times, dtype="datetime64[ns]"), "priced when the file says"
    else:
        try:
            instants, rule = clock.instants(sessions)
        except DataError as error:
            raise DataError(error.problem, where=f"{where}, {error.where}", remedy=error.remedy) from error
    _check_days(sessions, instants, table)
    _check_past(sessions, today, table)
    return Snapshot(
        source=source,
        symbol=symbol,
        currency=currency,
        version="csv",
        bar=DAILY,
        sessions=sessions,
        instants=instants,
        close=columns.pop("close"),
        dividends=columns.pop("dividend", np.full(len(table), np.nan)),
        splits=columns.get("split"),
        open=columns.get("open"),
        high=columns.get("high"),
        low=columns.get("low"),
        volume=columns.get("volume"),
        adjusted=columns.get("adjusted"),
        notes=(f"imported from a file; {rule}", *table.notes, *stamps.notes),
        calendar=clock.calendar or "",
    )


def _places(table: Table) -> dict[str, int]:
    """Position of each column; those that exports have beside prices are passed over."""
    given = {name: role for role, name in table.roles_given().items()}
    out: dict[str, int] = {}
    for i, name in enumerate(table.header):
        key = given.get(name) or (name if name in COLUMNS else role_of(name) or "")
        if key not in (*COLUMNS, "symbol"):
            if plain(name) in BESIDE or "close" in given.values():
                continue  # of a column of prices that is named, the others are not
            key = ""
        if not key or key in out:
            raise DataError(
                "a column that is unknown or stands twice",
                where=f"{table.name}, line 1",
                value=name,
                remedy=f"known are {', '.join(COLUMNS)}; or {table.options.mapping('close', 'NAME')}",
            )
        out[key] = i
    for name in REQUIRED:
        if name not in out:
            problem = f"there is no column {name}"
            raise DataError(problem, where=f"{table.name}, line 1", remedy=table.options.mapping(name, "NAME"))
    return out


def _only(table: Table, column: int, symbol: str) -> Table:
    """The rows of one symbol; all of them, where there is no other."""
    cells = table.frame.iloc[:, column].astype("str").str.strip()
    names = sorted(set(cells.tolist()))
    if len(names) == 1:
        return table
    if symbol not in names:
        raise DataError(
            "none of the symbols is this one", where=table.name, value=symbol, remedy=f"they are {', '.join(names[:8])}"
        )
    return table.where((cells == symbol).to_numpy())


def _numbers(table: Table, column: int) -> Float64Array:
    """Numbers, zero, negative or infinite, as an archive may hold them; NaN where there is none."""
    cells = table.frame.iloc[:, column]
    infinite = cells.isin(("inf", "-inf")).to_numpy()
    found = table.where(~infinite).numbers([column])[:, 0]
    too_large = np.flatnonzero(np.isinf(found))
    if too_large.size:
        row = int(np.flatnonzero(~infinite)[int(too_large[0])])
        where = f"{table.place(row)}, column {table.header[column]}"
        raise DataError("not a number", where=where, value=cells.iloc[row], remedy="write 1234.5, or leave it blank")
    out = np.empty(len(cells))
    out[~infinite] = found
    out[infinite] = cells[infinite].astype(float)
    return out


def _check_past(sessions: SessionArray, today: dt.date, table: Table) -> None:
    """Refuse a price of a day that is still to come, wherever it is that day first."""
    ahead = np.flatnonzero(sessions > np.datetime64(today) + 1)
    if ahead.size:
        row = int(ahead[0])
        where = f"{table.place(row)}, date"
        raise DataError("a day that is still to come", where=where, value=str(sessions[row]), remedy="correct the year")


def _check_days(sessions: SessionArray, instants: InstantArray, table: Table) -> None:
    """Refuse a price that was taken on quite another day than its date."""
    far = np.flatnonzero(np.abs(instants.astype("datetime64[D]") - sessions) > np.timedelta64(FARTHEST, "D"))
    if far.size:
        row = int(far[0])
        raise DataError(
            "not of this day",
            where=f"{table.place(row)}, priced_at",
            value=f"{instants[row]}",
            remedy=f"it is more than {FARTHEST} days from the date {sessions[row]}",
        )


def written(bars: Bars) -> str:
    """Daily bars as CSV text with all `COLUMNS`; `parse` gives the same numbers back, to the last digit."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    instants = bars.instants.astype("datetime64[s]").astype(np.int64).tolist()
    for session, values, instant in zip(bars.sessions, bars.values.tolist(), instants, strict=True):
        writer.writerow([session, *("" if np.isnan(v) else repr(v) for v in values), stamp_of(instant)])
    return out.getvalue()


def _instant(cell: object, where: str) -> np.datetime64:
    text = cell if isinstance(cell, str) else ""
    try:
        moment = dt.datetime.fromisoformat(text.strip()).astimezone(dt.UTC) if _has_zone(text) else None
    except (ValueError, OverflowError):
        moment = None
    if moment is None or moment.year not in YEARS:
        raise DataError("not an instant with a zone", where=where, value=text, remedy="write 2023-03-17T20:00:00Z")
    return np.datetime64(moment.replace(tzinfo=None), "s")


def _has_zone(text: str) -> bool:
    return dt.datetime.fromisoformat(text.strip()).tzinfo is not None
