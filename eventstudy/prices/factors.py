"""Daily factors in the layout of Kenneth French's data library: text around a table of percent.

Nothing of his is shipped: the reader takes a file of the user's own, CSV or the zip that he offers, or its address.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from eventstudy.calendars import at_local_time, session_date
from eventstudy.config.sources import SourceConfig
from eventstudy.errors import (
    DataError,
    MalformedAnswer,
    NoDataInRange,
    UnknownSymbol,
    UnreadableFile,
    without_secrets,
)
from eventstudy.hints import nearest
from eventstudy.prices.download import download
from eventstudy.prices.source import SourceFacts, check_question
from eventstudy.records import Float64Array, SessionArray, Snapshot
from eventstudy.tables.content import unpack

MISSING = (-99.99, -999.0)
# Of a day, in percent, and in the usual moves of its column: the American market moved by 17 at most since 1926.
WILD, WILD_TIMES = 25.0, 40.0
MARKET = "Mkt"  # the whole market, not in excess: Mkt-RF + RF
BASE = 100.0  # level before the first day of the file
YEAR_OR_MONTH = re.compile(r"\d{4}|\d{6}")
DAY = re.compile(r"\d{8}|\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{4}")  # however it is written
IS_URL = re.compile(r"https?://")


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorTable:
    """Daily factors.

    Attributes
    ----------
    sessions : SessionArray
        Shape (n,), strictly increasing.
    returns : dict of str to Float64Array
        Simple returns by name, decimals (0.01 = 1 %), shape (n,); NaN = missing.
    """

    sessions: SessionArray
    returns: dict[str, Float64Array]


def looks_like_factors(head: bytes) -> bool:
    """Whether a file begins as Kenneth French's do: a zip, or prose, a line of names with none for the day, a day."""
    lines = head.decode("utf-8-sig", errors="replace").splitlines()
    pairs = itertools.pairwise(lines[1:])
    return head.startswith(b"PK") or any(_header(line) and re.match(r"\s*\d{4,8},", below) for line, below in pairs)


def read_factors(data: bytes, where: str) -> FactorTable:
    """Take a file apart: prose, a line of names, one line per day in percent, and a copyright at the end.

    Parameters
    ----------
    data : bytes
        The CSV, or a zip with it.
    where : str
        Names the file in errors.

    Raises
    ------
    DataError
        When there is no such table, with the number of the line that is wrong.
    """
    text = unpack(data, where).data.decode(errors="replace")
    lines = text.splitlines()
    start = next((i for i, line in enumerate(lines) if (names := _header(line))), None)
    if start is None:
        raise DataError(
            "no table of factors: no line such as ',Mkt-RF,SMB,HML,RF'", where=where, remedy="give the daily CSV file"
        )
    names = _header(lines[start])
    if len(set(names)) < len(names):
        raise DataError("a factor stands twice", where=f"{where}, line {start + 1}", value=lines[start])
    days: list[str] = []
    rows: list[list[float]] = []
    for number, line in enumerate(lines[start + 1 :], start=start + 2):
        cells = [cell.strip() for cell in line.split(",")]
        if not any(cells) or not re.fullmatch(r"\d+", cells[0]):
            _check_end(lines, number - 1, where)  # the table ends with a blank line, or at the copyright
            break
        days.append(_day(cells[0], f"{where}, line {number}", days))
        rows.append(_percent(cells[1:], names, f"{where}, line {number}"))
    if not rows:
        raise DataError("no day of factors", where=f"{where}, line {start + 2}", remedy="give the daily CSV file")
    table = np.array(rows)
    table[np.isin(table, MISSING)] = np.nan
    if (wild := wild_day(table)) is not None:
        i, j = wild
        problem = f"{names[j]} moved as no factor does in a day"
        remedy = "correct it, or fetch the file again"
        raise DataError(problem, where=f"{where}, line {start + 2 + i}", value=f"{table[i, j]:g} %", remedy=remedy)
    found = {name: table[:, i] / 100.0 for i, name in enumerate(names)}
    if {"Mkt-RF", "RF"} <= found.keys() and MARKET not in found:
        found[MARKET] = found["Mkt-RF"] + found["RF"]
    return FactorTable(sessions=np.array(days, dtype="datetime64[D]"), returns=found)


def wild_day(percent: Float64Array) -> tuple[int, int] | None:
    """Row and column of the first return, shape (n, k) in percent, that no factor has in a day; None without any."""
    size = np.nan_to_num(np.abs(percent))
    found = np.argwhere(size > np.maximum(WILD, WILD_TIMES * np.median(size, axis=0)))
    return (int(found[0, 0]), int(found[0, 1])) if found.size else None


def _check_end(lines: Sequence[str], end: int, where: str) -> None:
    """Refuse a table that ends, at the line before position `end`, while days follow it that no header stands above."""
    for number, line in enumerate(lines[end:], start=end + 1):
        if _header(line):
            return  # another table
        first = line.split(",")[0].strip()
        if DAY.fullmatch(first):
            problem = "a day after the end of the table, or not written as the others"
            remedy = f"write it as 20230317, and take out what stands in line {end + 1}"
            raise DataError(problem, where=f"{where}, line {number}", value=first, remedy=remedy)


def _header(line: str) -> list[str]:
    """Names of the factors, when this is the line that has them: its first cell, above the dates, is empty."""
    first, *names = (cell.strip() for cell in line.split(","))
    is_header = first == "" and len(names) >= 1 and all(re.match(r"[A-Za-z]", n) for n in names)
    return names if is_header else []


def _day(text: str, where: str, before: list[str]) -> str:
    if YEAR_OR_MONTH.fullmatch(text):
        raise DataError(
            "not a day: these are monthly or yearly factors", where=where, value=text, remedy="give the daily file"
        )
    try:
        day = dt.datetime.strptime(text, "%Y%m%d").replace(tzinfo=dt.UTC).date().isoformat()
    except ValueError:
        raise DataError("not a day", where=where, value=text, remedy="write it as 20230317") from None
    if before and day <= before[-1]:
        raise DataError("the days are out of order, or one stands twice", where=where, value=text, remedy="sort them")
    return day


def _percent(cells: list[str], names: list[str], where: str) -> list[float]:
    if len(cells) != len(names):
        raise DataError(f"{len(cells)} numbers for {len(names)} factors", where=where, remedy="fetch the file again")
    out = []
    for cell, name in zip(cells, names, strict=True):
        try:
            value = float(cell)
        except ValueError:
            raise DataError(f"{name} is not a number", where=where, value=cell, remedy="fetch the file again") from None
        if not np.isfinite(value) or (value <= -100.0 and value not in MISSING):
            raise DataError(f"{name} cannot be a return in percent", where=where, value=cell, remedy="correct it")
        out.append(value)
    return out


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorSource:
    """Each factor of one file as a price: the level of an index that starts at 100 and earns its return.

    Attributes
    ----------
    place : str
        Path or address of the file.
    name : str
    timeout : float
        Seconds for one attempt over the network.
    attempts : int
    """

    place: str
    name: str = "factors"
    timeout: float = 10.0
    attempts: int = 4
    _held: dict[str, FactorTable] = field(default_factory=dict, repr=False, compare=False)

    @property
    def version(self) -> str:
        """The file by its name; its content is in the hash of every snapshot."""
        return f"factor file {self._file}"

    @property
    def _file(self) -> str:
        return without_secrets(self.place).rsplit("/", 1)[-1]

    @property
    def facts(self) -> SourceFacts:
        """One return a day."""
        return SourceFacts(
            bars=("1d",),
            snapshot_time="16:00 America/New_York, the regular close, also on half days",
            delay="as old as the file; Kenneth French updates his monthly, and revises them",
            currency="none: levels of an index that starts at 100",
            calendar="the days of the file: sessions of the New York Stock Exchange",
            is_file=not IS_URL.match(self.place),
        )

    def fetch(self, symbol: str, start: dt.date, end: dt.date, bar: str = "1d") -> Snapshot:
        """Levels of a factor such as ``SMB``, or of the whole market, ``Mkt`` (= Mkt-RF + RF).

        A day without a return is there with a NaN.

        Raises
        ------
        UnknownSymbol
            When the file has no such column.
        NoDataInRange
            When it has no day in the range.
        SourceError
            When the file cannot be read or fetched.
        """
        check_question(self, symbol, start, end, bar)
        table = self._table(symbol)
        if symbol not in table.returns:
            raise UnknownSymbol(
                "no such factor",
                source=self.name,
                symbol=symbol,
                meant=nearest(symbol, table.returns),
                otherwise=f"the file has {', '.join(table.returns)}",
            )
        earned = table.returns[symbol]
        level = np.where(np.isnan(earned), np.nan, BASE * np.cumprod(1.0 + np.nan_to_num(earned)))
        sessions = table.sessions
        inside = (sessions >= np.datetime64(start)) & (sessions <= np.datetime64(end))
        reach = (None, session_date(sessions[-1]))
        if not np.isfinite(level[inside]).any():
            raise NoDataInRange(
                f"no return between {start} and {end}; the file runs from {sessions[0]} to {sessions[-1]}",
                source=self.name,
                symbol=symbol,
                reach=reach,
            )
        return Snapshot(
            source=self.name,
            symbol=symbol,
            currency="",
            version=self.version,
            sessions=sessions[inside],
            instants=at_local_time(sessions[inside], dt.time(16), "America/New_York"),
            close=level[inside],
            dividends=np.zeros(int(inside.sum())),
            notes=(f"{symbol}: index level, {BASE:g} before {sessions[0]}, from the returns of {self.version}",),
            reach=reach,
        )

    def _table(self, symbol: str) -> FactorTable:
        """The file, read once in the life of the object, which is one pass."""
        if "file" not in self._held:
            try:
                if IS_URL.match(self.place):
                    data = download(
                        self.place, timeout=self.timeout, attempts=self.attempts, source=self.name, symbol=symbol
                    )
                else:
                    data = Path(self.place).read_bytes()
                self._held["file"] = read_factors(data, self._file)
            except DataError as error:
                wrong = MalformedAnswer if IS_URL.match(self.place) else UnreadableFile
                raise wrong(str(error), source=self.name, symbol=symbol) from error
            except OSError as error:
                problem = f"{self.place} cannot be read: {error.strerror or error}; mend the path or its rights"
                raise UnreadableFile(problem, source=self.name, symbol=symbol) from error
        return self._held["file"]


def open_factors(name: str, settings: SourceConfig, _now: Callable[[], dt.datetime]) -> FactorSource:
    """The source that the settings describe."""
    return FactorSource(
        name=name, place=settings.url or str(settings.path), timeout=settings.timeout, attempts=settings.attempts
    )
