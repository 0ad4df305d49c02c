"""A table of prices, by symbol: every number is one that a price can be, or an error with its line."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.errors import DataError
from eventstudy.records import Float64Array
from eventstudy.tables.content import unpack
from eventstudy.tables.dates import Stamps, and_more
from eventstudy.tables.minutes import refuse_bars
from eventstudy.tables.options import Options
from eventstudy.tables.reading import table_of
from eventstudy.tables.roles import role_of
from eventstudy.tables.shapes import CRSP_NEGATIVE, crsp_prices, is_crsp, shape_of, symbols_of, without_times
from eventstudy.tables.table import Table

NOT_PRICES = ("volume", "dividend", "split")  # may be zero
PRICES = ("open", "high", "low", "close")
ROLES = ("open", "high", "low", "close", "volume", "adjusted", "dividend", "split")

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One file.

    Attributes
    ----------
    name, digest : str
        Name of the file, and the beginning of the SHA-256 of its bytes.
    table : Table
    stamps : Stamps
        Dates and times of all rows.
    shape : {"wide", "long", "fields"}
    symbols : ndarray of object or None
        Shape (n,): the symbol of each row of a long file.
    """

    name: str
    digest: str
    table: Table
    stamps: Stamps
    shape: str
    symbols: NDArray[np.object_] | None

    @property
    def notes(self) -> tuple[str, ...]:
        """What was recognised, and what was done about it."""
        of_vendor: tuple[str, ...] = ()
        if is_crsp(self.table):
            divisor = self.table.roles().get("factor")
            of_vendor = (f"{self.name}: {CRSP_NEGATIVE}" + (f"; prices are divided by {divisor}" if divisor else ""),)
        return (*self.table.notes, *self.stamps.notes, *of_vendor)

    @property
    def known(self) -> Sequence[str]:
        """The symbols that the file names itself."""
        if self.symbols is not None:
            return sorted(set(self.symbols.tolist()))
        if self.table.owners:
            return list(dict.fromkeys(filter(None, self.table.owners)))
        if self.shape == "wide":
            date = self.table.date_column()
            return [name for i, name in enumerate(self.table.header) if i != date and name]
        return [self.table.symbol]

    def rows(self, symbol: str) -> Rows:
        """Positions of the rows of a symbol."""
        return np.arange(len(self.table)) if self.symbols is None else np.flatnonzero(self.symbols == symbol)

    def columns(self, symbol: str) -> dict[str, int]:
        """Role → position of the columns of a symbol."""
        table = self.table
        if self.shape == "wide":
            return {"close": table.header.index(symbol)}
        if table.owners:
            own = [i for i, owner in enumerate(table.owners) if owner == symbol]
            return {role: i for i in reversed(own) if (role := role_of(table.header[i])) in ROLES}
        return {role: table.header.index(name) for role, name in table.roles().items() if role in ROLES}

    def numbers(self, column: int, rows: Rows, role: str) -> Float64Array:
        """Numbers of one column; NaN where there is none.

        Raises
        ------
        DataError
            For text, and for what no price can be; names the first line.
        """
        table = self.table if rows.size == len(self.table) else self.table.where(_mask(rows, len(self.table)))
        found: Float64Array = table.numbers([column])[:, 0]
        if role in PRICES and is_crsp(table):
            found, _ = crsp_prices(table, found)
        checks = {
            "too large": np.isinf(found),
            "a negative number": found < 0,
            "a price of zero": (found == 0) & (role not in NOT_PRICES),
        }
        for problem, wrong in checks.items():
            if wrong.any():
                row = int(np.flatnonzero(wrong)[0])
                cell = table.frame.iloc[row, column]
                raise DataError(
                    f"{problem}{and_more(int(wrong.sum()))}",
                    where=f"{table.place(row)}, column {table.label(column)}",
                    value=cell if isinstance(cell, str) else f"{found[row]:g}",
                    remedy="correct it, or leave it blank",
                )
        return found


def read_sheet(path: Path, options: Options, shape: str | None, *, of_days: bool = True) -> Sheet:
    """Read one file.

    Parameters
    ----------
    path : Path
    options : Options
    shape : {"wide", "long"} or None
        None: as it looks.
    of_days : bool
        Whether prices of days are wanted; else shorter bars.

    Raises
    ------
    DataError
        When the file is no table, holds other bars, or a date cannot be read.
    OSError
    """
    data = path.read_bytes()
    table = table_of(unpack(data, path.name), options, symbol=path.stem.partition(".csv")[0])
    table.check_names()
    if not len(table):
        raise DataError("the file is empty", where=path.name, remedy="give a line of names, and rows")
    if of_days:
        refuse_bars(table)
    date = table.date_column()
    table = _once(table.without_footer(date), date)
    stamps = table.stamps(date)
    seen = shape_of(table)
    if shape == "wide" and not table.owners:
        seen = "wide"
    elif shape == "long" and seen == "wide":
        seen = "long" if "symbol" in table.roles() else "fields"
    if seen == "wide":
        table = without_times(table, date)
    symbols = symbols_of(table) if seen == "long" else None
    return Sheet(
        name=path.name,
        digest=hashlib.sha256(data).hexdigest()[:12],
        table=table,
        stamps=stamps,
        shape=seen,
        symbols=symbols,
    )


def _once(table: Table, date: int) -> Table:
    """Without lines that repeat another to the last cell."""
    symbol = table.roles().get("symbol")
    keys = [date] if symbol is None else [date, table.header.index(symbol)]
    if not table.frame.duplicated(subset=keys).any():
        return table
    again = table.frame.duplicated().to_numpy()
    if not again.any():
        return table
    place = table.place(int(np.flatnonzero(again)[0]))
    note = f"{place}: the same line a second time{and_more(int(again.sum()))}; counts once"
    return replace(table.where(~again), notes=(*table.notes, note))


def text_of(cell: object) -> str:
    """A date as it stands in the file, for errors."""
    return cell.isoformat() if isinstance(cell, pd.Timestamp) else str(cell)


def _mask(rows: Rows, count: int) -> NDArray[np.bool_]:
    out = np.zeros(count, dtype=bool)
    out[rows] = True
    return out
