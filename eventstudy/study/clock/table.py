"""Bars and announcements as tables: long or wide, checked, and given out symbol by symbol."""

from __future__ import annotations

import copy
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import pandas as pd

from eventstudy.errors import DataError
from eventstudy.records import Float64Array, Int64Array

DAY = 86_400_000_000_000  # nanoseconds
EARLIER = 200 * DAY  # before the first announcement: sixty sessions, those passed over, and those of their paces
LATER = 14 * DAY  # after the last one: the session after it
SYMBOLS_AT_ONCE = 8  # whose bars are in memory together
EVER: tuple[int, int] = (-(2**62), 2**62)  # a span for which everything is read
Span = tuple[int, int]  # the first and the last announcement, UTC nanoseconds
FIELDS = ("open", "high", "low", "close", "volume")
START_REMEDY = "write the start of each bar with its offset, for example 2023-03-22T14:00:00-04:00 or …Z"
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

    @property
    def confirming(self) -> str:
        """How a person confirms a bar in doubt, with ``{symbol}`` and ``{start}``; empty where `confirm` does."""
        ...

    def at_once(self, span: Span) -> int:
        """How many symbols are read together."""
        ...

    def rows(self, symbols: Sequence[str], span: Span) -> Iterator[tuple[str, Rows]]:
        """The rows of some symbols, those at least that announcements in `span` are studied by."""
        ...


class FiledBars(BarTable, Protocol):
    """Bars of a table or of files, of which others may have a part."""

    @property
    def where(self) -> str:
        """Who reads them, for people."""
        ...

    def part(self, symbols: AbstractSet[str]) -> BarTable:
        """No more than some symbols, to be sent to another process."""
        ...

    def read_for(self, runs: Sequence[tuple[Sequence[str], Span]]) -> int:
        """Bytes of files that are read for some runs of symbols, each for its span."""
        ...

    def sent_for(self, symbols: AbstractSet[str]) -> int:
        """Bytes of bars that go to another process for some symbols."""
        ...

    def digests(self, symbols: AbstractSet[str]) -> dict[str, str]:
        """What tells whether bars of some symbols are the same as before."""
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
        frame = frame.reset_index(drop=True).rename(columns=lambda name: str(name).strip())
        if frame.empty:
            raise DataError("there is no bar", where=where, remedy="add rows: symbol, start, open … close")
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

    @property
    def confirming(self) -> str:
        """Bars of files are confirmed by the setting."""
        return ""

    def at_once(self, span: Span) -> int:  # noqa: ARG002
        """One: all are in memory."""
        return 1

    def rows(self, symbols: Sequence[str], span: Span) -> Iterator[tuple[str, Rows]]:  # noqa: ARG002
        """The rows of some symbols."""
        for symbol in symbols:
            if symbol in self._rows:
                yield symbol, self._rows[symbol]

    @property
    def where(self) -> str:
        """Here, and sent."""
        return "read by this process, which sends those of some symbols"

    def part(self, symbols: AbstractSet[str]) -> FrameBars:
        """No more than some symbols."""
        rows = {symbol: rows for symbol, rows in self._rows.items() if symbol in symbols}
        found = copy.copy(self)
        vars(found).update(warnings=[], _rows=rows)
        return found

    def read_for(self, runs: Sequence[tuple[Sequence[str], Span]]) -> int:  # noqa: ARG002
        """Nothing: they are here."""
        return 0

    def sent_for(self, symbols: AbstractSet[str]) -> int:
        """Bytes of the bars of some symbols."""
        some = [rows for symbol, rows in self._rows.items() if symbol in symbols]
        return sum(rows.starts.nbytes * (1 + len(rows.columns)) for rows in some)

    def digests(self, symbols: AbstractSet[str]) -> dict[str, str]:
        """Hash of the bars of each symbol."""
        return {symbol: _hash(rows) for symbol, rows in self._rows.items() if symbol in symbols}


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
        empty = np.flatnonzero(raw.isna().to_numpy())
        if empty.size:
            raise DataError("there is no time", where=f"{where}, line {int(empty[0]) + 2}", remedy=START_REMEDY)
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


def _hash(rows: Rows) -> str:
    hashed = hashlib.sha256(rows.starts.tobytes())
    for name, values in rows.columns.items():
        hashed.update(name.encode() + values.tobytes())
    return hashed.hexdigest()


def _numbers(column: pd.Series, where: str) -> Float64Array:
    found = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float, na_value=np.nan)
    lost = ~np.isfinite(found) & column.notna().to_numpy() & (column.astype("str").str.strip() != "").to_numpy()
    if lost.any():
        row = int(np.flatnonzero(lost)[0])
        place = f"line {int(column.index[row]) + 2}, column {column.name}"
        raise DataError("not a number", where=f"{where}, {place}", value=str(column.iloc[row]), remedy="leave it blank")
    return found


def _is_same(a: float, b: float) -> bool:
    return bool(a == b or (np.isnan(a) and np.isnan(b)))
