"""Daily prices as CSV: what `eventstudy prices import` takes and `eventstudy prices export` gives."""

from __future__ import annotations

import csv
import datetime as dt
import io
import zoneinfo
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eventstudy import atomic
from eventstudy.archive.bars import DAILY, FIELDS, Bars
from eventstudy.calendars import at_local_time, named_calendar
from eventstudy.config.calendar_names import resolved
from eventstudy.errors import DataError, InputError
from eventstudy.prices.files_read import DAY, NUMBER, YEARS
from eventstudy.records import InstantArray, SessionArray, Snapshot

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


def read(path: Path, *, source: str, symbol: str, currency: str, clock: Clock, today: dt.date) -> Snapshot:
    """The daily bars of a CSV file; see `parse`.

    Raises
    ------
    DataError
        Also when the file cannot be read, or is not UTF-8.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(str(error), where=str(path), remedy="give a CSV file in UTF-8") from error
    return parse(text, where=str(path), source=source, symbol=symbol, currency=currency, clock=clock, today=today)


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
    """The daily bars of a CSV text with a header: ``date``, ``close`` and any other of `COLUMNS`.

    Raises
    ------
    DataError
        For a column that is missing or unknown, for a cell that is no date or no number, and for a date after `today`;
        names the line.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), restkey="", strict=True)
    header = [name.strip() for name in reader.fieldnames or ()]
    for name in REQUIRED:
        if name not in header:
            raise DataError(f"there is no column {name}", where=f"{where}, line 1", remedy="columns are date, close …")
    for i, name in enumerate(header):
        if name not in COLUMNS or name in header[:i]:
            raise DataError(
                "a column that is unknown or stands twice",
                where=f"{where}, line 1",
                value=name,
                remedy=f"known are {', '.join(COLUMNS)}",
            )
    reader.fieldnames = header
    rows: list[tuple[int, Mapping[str, str]]] = []
    try:
        rows += ((reader.line_num, row) for row in reader)
    except csv.Error as error:
        raise DataError(str(error), where=f"{where}, line {reader.line_num}", remedy="check the quotes") from error
    if not rows:
        raise DataError("there is no price", where=where, remedy="add a row")
    for line, row in rows:
        if "" in row or None in row.values():
            problem = "another number of cells than the header"
            raise DataError(problem, where=f"{where}, line {line}", remedy="write one per column")
    sessions = np.array([_date(row["date"], f"{where}, line {line}, date") for line, row in rows], "datetime64[D]")
    columns = {
        name: np.array([_number(row[name], f"{where}, line {line}, {name}") for line, row in rows])
        for name in FIELDS
        if name in header
    }
    if "priced_at" in header:
        times = [_instant(row["priced_at"], f"{where}, line {line}, priced_at") for line, row in rows]
        instants, rule = np.array(times, dtype="datetime64[ns]"), "priced when the file says"
    else:
        try:
            instants, rule = clock.instants(sessions)
        except DataError as error:
            raise DataError(error.problem, where=f"{where}, {error.where}", remedy=error.remedy) from error
    _check_days(sessions, instants, rows, where)
    _check_past(sessions, today, rows, where)
    return Snapshot(
        source=source,
        symbol=symbol,
        currency=currency,
        version="csv",
        bar=DAILY,
        sessions=sessions,
        instants=instants,
        close=columns.pop("close"),
        dividends=columns.pop("dividend", np.full(len(rows), np.nan)),
        splits=columns.get("split"),
        open=columns.get("open"),
        high=columns.get("high"),
        low=columns.get("low"),
        volume=columns.get("volume"),
        adjusted=columns.get("adjusted"),
        notes=(f"imported from a file; {rule}",),
        calendar=clock.calendar or "",
    )


def _check_past(
    sessions: SessionArray, today: dt.date, rows: Sequence[tuple[int, Mapping[str, str]]], where: str
) -> None:
    """Refuse a price of a day that is still to come, wherever it is that day first."""
    ahead = np.flatnonzero(sessions > np.datetime64(today) + 1)
    if ahead.size:
        line, row = rows[int(ahead[0])]
        where = f"{where}, line {line}, date"
        raise DataError("a day that is still to come", where=where, value=row["date"], remedy="correct the year")


def _check_days(
    sessions: SessionArray, instants: InstantArray, rows: Sequence[tuple[int, Mapping[str, str]]], where: str
) -> None:
    """Refuse a price that was taken on quite another day than its date."""
    far = np.flatnonzero(np.abs(instants.astype("datetime64[D]") - sessions) > np.timedelta64(FARTHEST, "D"))
    if far.size:
        line, row = rows[int(far[0])]
        remedy = f"it is more than {FARTHEST} days from the date {row['date']}"
        raise DataError(
            "not of this day", where=f"{where}, line {line}, priced_at", value=row["priced_at"], remedy=remedy
        )


def written(bars: Bars) -> str:
    """Daily bars as CSV text with all `COLUMNS`; `parse` gives the same numbers back, to the last digit."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    instants = np.datetime_as_string(bars.instants, unit="s")
    for session, values, instant in zip(bars.sessions, bars.values.tolist(), instants, strict=True):
        writer.writerow([session, *("" if np.isnan(v) else repr(v) for v in values), f"{instant}Z"])
    return out.getvalue()


def _date(text: str, where: str) -> dt.date:
    try:
        if DAY.fullmatch(text.strip()) and (day := dt.date.fromisoformat(text.strip())).year in YEARS:
            return day
    except ValueError:
        pass
    raise DataError("not a date", where=where, value=text, remedy="write 2023-03-17")


def _number(text: str, where: str) -> float:
    """The number in a cell, zero, negative or infinite, as an archive may hold it; NaN where it is blank."""
    cell = text.strip()
    if not cell:
        return float("nan")
    if cell in ("inf", "-inf") or (NUMBER.fullmatch(cell) and np.isfinite(float(cell))):
        return float(cell)
    remedy = "write 1234.5, or nothing where there is no number"
    raise DataError("not a number", where=where, value=text, remedy=remedy)


def _instant(text: str, where: str) -> np.datetime64:
    try:
        moment = dt.datetime.fromisoformat(text.strip()).astimezone(dt.UTC) if _has_zone(text) else None
    except (ValueError, OverflowError):
        moment = None
    if moment is None or moment.year not in YEARS:
        raise DataError("not an instant with a zone", where=where, value=text, remedy="write 2023-03-17T20:00:00Z")
    return np.datetime64(moment.replace(tzinfo=None), "s")


def _has_zone(text: str) -> bool:
    return dt.datetime.fromisoformat(text.strip()).tzinfo is not None
