"""Reading a table of prices from a CSV or Parquet file: every cell is a number, blank, or an error with its line."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from eventstudy.errors import DataError

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
GROUPED = re.compile(r"[+-]?\d{1,3}([ ,.'\u00a0\u202f]\d{3})+([.,]\d+)?")
COMMA = re.compile(r"[+-]?\d+,\d+")
BLANKS = ("", "nan", "na", "n/a", "null", "none", "-")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}|\d{8}", re.ASCII)
YEARS = range(1700, 2200)  # a price before or after is a slip, and would not fit into nanoseconds
SEPARATORS = ";\t|"
PARQUET = (".parquet", ".pq")
# What each column is called where the settings do not say; the role itself is a name too.
ALIASES: dict[str, tuple[str, ...]] = {
    "date": ("datetime", "time", "timestamp"),
    "symbol": ("ticker", "asset"),
    "open": (),
    "high": (),
    "low": (),
    "close": ("price",),
    "volume": (),
    "adjusted": ("adj close", "adj_close", "adjclose", "adjusted close"),
    "dividend": ("dividends",),
    "split": ("splits", "stock splits"),
}
NOT_PRICES = ("volume", "dividend", "split")  # may be zero


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a file.

    Attributes
    ----------
    where : str
        Name of the file and number of the line.
    moment : date or datetime
        A datetime has a zone.
    cells : dict of str to str
        The other cells by column, as written.
    """

    where: str
    moment: dt.date
    cells: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One file.

    Attributes
    ----------
    name, digest : str
        Name of the file, and the beginning of the SHA-256 of its bytes.
    header : tuple of str
        Columns beside the date.
    roles : dict of str to str
        Which column is what.
    rows : tuple of Row
        In the order of the file.
    """

    name: str
    digest: str
    header: tuple[str, ...]
    roles: dict[str, str]
    rows: tuple[Row, ...]


def read_sheet(path: Path, columns: Mapping[str, str], zone: str) -> Sheet:
    """Read one file; the date is in the column of that role, else in the first.

    Parameters
    ----------
    path : Path
    columns : mapping of str to str
        Role → name of its column.
    zone : str
        IANA zone of times that are written without an offset.

    Raises
    ------
    DataError
        When the file is no table, or a date cannot be read.
    """
    is_parquet = path.suffix.lower() in PARQUET
    lines = _parquet(path) if is_parquet else _csv(path)
    _, header = next(lines)
    named = [name for name in header if name]
    twice = next((name for name in named if named.count(name) > 1), None)
    if twice:
        raise DataError("a column stands twice", where=path.name, value=twice, remedy="rename one of the two")
    roles = by_role(columns, header, path.name)
    key = roles.pop("date", header[0])
    place = header.index(key)
    rows = []
    for count, cells in lines:
        where = f"{path.name}, {'row' if is_parquet else 'line'} {count}"
        if len(cells) != len(header):
            raise DataError(f"{len(cells)} cells under {len(header)} columns", where=where, remedy="correct the line")
        rows.append(
            Row(
                where=where,
                moment=_moment(cells[place], zone, where),
                cells={name: cell for name, cell in zip(header, cells, strict=True) if name and name != key},
            )
        )
    return Sheet(
        name=path.name,
        digest=hashlib.sha256(path.read_bytes()).hexdigest()[:12],
        header=tuple(name for name in named if name != key),
        roles=roles,
        rows=tuple(rows),
    )


def number(cell: str, where: str, column: str, role: str = "close") -> float:
    """The number in a cell; NaN where it is blank.

    Raises
    ------
    DataError
        For anything else: text, a thousands separator, a decimal comma, a price of zero or below.
    """
    text = cell.strip()
    if NUMBER.fullmatch(text) and 0 < (value := float(text)) < math.inf:
        return value
    if text.lower() in BLANKS:
        return math.nan
    place = f"{where}, {column}"
    if not NUMBER.fullmatch(text):
        if GROUPED.fullmatch(text):
            raise DataError("a thousands separator", where=place, value=text, remedy="write 1234.5")
        if COMMA.fullmatch(text):
            raise DataError("a decimal comma", where=place, value=text, remedy="write 1234.5")
        raise DataError("not a number", where=place, value=text, remedy="write 1234.5, or leave it blank")
    value = float(text)
    if not math.isfinite(value):
        raise DataError("too large", where=place, value=text, remedy="correct it, or leave it blank")
    if value < 0 or (value == 0 and role not in NOT_PRICES):
        what = "a negative number" if value < 0 else "a price of zero"
        raise DataError(what, where=place, value=text, remedy="correct it, or leave it blank")
    return value


def _csv(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Number and cells of every line that is not empty; the header first."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            separator = _separator(first)
            file.seek(0)
            reader = csv.reader(file, delimiter=separator, strict=True)
            is_empty = True
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    is_empty = False
                    yield reader.line_num, [cell.strip() for cell in cells]
    except UnicodeDecodeError as error:
        raise DataError("not UTF-8 text", where=path.name, remedy="save it as CSV in UTF-8") from error
    except csv.Error as error:
        raise DataError(f"not CSV ({error})", where=path.name, remedy="save it as CSV in UTF-8") from error
    if is_empty:
        raise DataError("the file is empty", where=path.name, remedy="give a header and rows")


def _separator(header: str) -> str:
    """The comma, unless the first line has none and another separator."""
    return next((mark for mark in SEPARATORS if mark in header and "," not in header), ",")


def _parquet(path: Path) -> Iterator[tuple[int, list[str]]]:
    import pandas as pd

    try:
        frame = pd.read_parquet(path)
    except ImportError:
        raise DataError(
            "Parquet needs pyarrow, which is not installed",
            where=path.name,
            remedy="install eventstudy-service[parquet], or give CSV",
        ) from None
    except (ValueError, OSError) as error:
        raise DataError(f"not a Parquet file ({error})", where=path.name, remedy="write it again") from error
    if not isinstance(frame.index, pd.RangeIndex):
        frame = frame.reset_index()
    yield 0, [str(name).strip() for name in frame.columns]
    columns = [[_text(value) for value in frame.iloc[:, i].tolist()] for i in range(frame.shape[1])]
    for row, cells in enumerate(zip(*columns, strict=True), start=1):
        yield row, list(cells)


def _text(value: Any) -> str:
    """A cell of a frame as it would stand in a CSV file."""
    import pandas as pd

    if value is None or value is pd.NA or value != value:  # noqa: PLR0124  # NaN and NaT are not equal to themselves
        return ""
    if isinstance(value, dt.datetime) and value.tzinfo is None and value.time() == dt.time():
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, dt.date) else str(value).strip()


def _moment(text: str, zone: str, where: str) -> dt.date:
    try:
        found = dt.date.fromisoformat(text) if DAY.fullmatch(text) else dt.datetime.fromisoformat(text)
        if found.year not in YEARS:
            raise ValueError
    except ValueError:
        raise DataError(
            "not a date or time", where=where, value=text, remedy="write 2023-03-17, or 2023-03-17T16:00+00:00"
        ) from None
    if not isinstance(found, dt.datetime) or found.tzinfo is not None:
        return found
    moment = found.replace(tzinfo=ZoneInfo(zone))
    if moment.astimezone(dt.UTC).astimezone(moment.tzinfo).replace(tzinfo=None) != found:
        raise DataError(
            f"the clocks of {zone} leapt over this time", where=where, value=text, remedy="correct it, or set the zone"
        )
    return moment


def by_role(columns: Mapping[str, str], header: Sequence[str], where: str) -> dict[str, str]:
    """The column of each role: as the settings map it, else the first that has one of its names, in any case.

    Raises
    ------
    DataError
        When the settings name a column that is not there.
    """
    found = {}
    lower = {name.lower(): name for name in reversed(header)}
    for role, aliases in ALIASES.items():
        name = columns.get(role) or next((lower[alias] for alias in (role, *aliases) if alias in lower), None)
        if name is not None and name not in header:
            shown = ", ".join(header[:8])
            raise DataError(
                "there is no such column", where=f"{where}, columns.{role}", value=name, remedy=f"columns are {shown}"
            )
        if name is not None:
            found[role] = name
    return found
