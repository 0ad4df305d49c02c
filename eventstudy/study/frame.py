"""A table of prices or returns, checked cell by cell: what is wrong is named, and never becomes a return."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from eventstudy.errors import DataError
from eventstudy.records import Float64Array, SessionArray
from eventstudy.spec import Returns

Values = Literal["prices", "returns"]
Missing = Literal["drop", "lump"]


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
    """

    sessions: SessionArray
    names: tuple[str, ...]
    returns: Float64Array
    levels: Float64Array | None
    kind: Returns
    warnings: tuple[str, ...]

    def column(self, name: str) -> int:
        """Position of an asset.

        Raises
        ------
        DataError
            When there is no such column.
        """
        if name not in self.names:
            shown = ", ".join(self.names[:8]) + (" …" if len(self.names) > 8 else "")
            raise DataError("there is no such column", where="prices", value=name, remedy=f"columns are {shown}")
        return self.names.index(name)


def read_market(frame: pd.DataFrame, values: Values, kind: Returns) -> Market:
    """Check a table shaped like ``prices.csv`` and turn it into returns.

    Parameters
    ----------
    frame : DataFrame
        A date column first (or dates as the index), then one column per asset; blank = missing.
    values : {"prices", "returns"}
    kind : {"simple", "log"}
        Kind of the returns to compute, or of those given.

    Raises
    ------
    DataError
        When there is no date column, no asset, or a cell that is neither number nor blank.
    """
    warnings: list[str] = []
    dates, table = _split(frame)
    numbers = np.column_stack([_numbers(table[name], name, dates) for name in table.columns])
    sessions, numbers = _ordered(dates, numbers, warnings)
    names = tuple(str(name) for name in table.columns)
    numbers = _finite(sessions, names, numbers, warnings)
    if values == "returns":
        if kind == "simple":
            _blank(sessions, names, numbers, numbers <= -1.0, "a simple return of -100 % or less", warnings)
        return Market(
            sessions=sessions, names=names, returns=numbers, levels=None, kind=kind, warnings=tuple(warnings)
        )
    _blank(sessions, names, numbers, numbers <= 0.0, "a price that is zero or negative", warnings)
    returns = np.full_like(numbers, np.nan)
    growth = numbers[1:] / numbers[:-1]
    returns[1:] = np.log(growth) if kind == "log" else growth - 1.0
    return Market(sessions=sessions, names=names, returns=returns, levels=numbers, kind=kind, warnings=tuple(warnings))


def _split(frame: pd.DataFrame) -> tuple[SessionArray, pd.DataFrame]:
    if isinstance(frame.index, pd.DatetimeIndex):
        raw, table = frame.index.to_series(), frame
    elif frame.shape[1] and str(frame.columns[0]).strip().lower() in ("date", "session", "day"):
        raw, table = frame.iloc[:, 0], frame.iloc[:, 1:]
    else:
        first = str(frame.columns[0]) if frame.shape[1] else ""
        raise DataError("the first column is not called date", where="prices", value=first, remedy="name it date")
    if table.shape[1] == 0 or not len(table):
        raise DataError("holds no prices", where="prices", remedy="give a date column and one column per asset")
    if len(set(map(str, table.columns))) < table.shape[1]:
        raise DataError("two columns have the same name", where="prices", remedy="rename one")
    return parse_dates(raw, "prices"), table


def parse_dates(raw: pd.Series, where: str) -> SessionArray:
    """Dates of a column as datetime64[D].

    Raises
    ------
    DataError
        With the row, for the first one that is not an ISO date.
    """
    found = pd.to_datetime(raw, errors="coerce", format="ISO8601") if raw.dtype == object or raw.dtype == "str" else raw
    try:
        stamps = pd.DatetimeIndex(found)
    except (TypeError, ValueError):
        raise DataError("not a date", where=where, value=str(raw.iloc[0]), remedy="write 2023-03-17") from None
    if stamps.hasnans:
        row = int(np.flatnonzero(stamps.isna())[0])
        raise DataError("not a date", where=f"{where}, row {row + 2}", value=raw.iloc[row], remedy="write 2023-03-17")
    if stamps.tz is not None:
        stamps = stamps.tz_localize(None)
    return stamps.to_numpy().astype("datetime64[D]")


def _numbers(column: pd.Series, name: object, dates: SessionArray) -> Float64Array:
    if pd.api.types.is_bool_dtype(column.dtype):
        raise DataError("holds true and false, not numbers", where=f"prices, column {name}", remedy="mend the column")
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.to_numpy(dtype=float, na_value=np.nan)
    text = column.astype("str").str.strip()
    blank = column.isna() | text.isin(["", "nan", "NaN", "NA", "N/A", "None", "null"])
    found = pd.to_numeric(text.where(~blank), errors="coerce")
    wrong = np.flatnonzero(found.isna().to_numpy() & ~blank.to_numpy())
    if wrong.size:
        row = int(wrong[0])
        raise DataError(
            "not a number",
            where=f"prices, column {name}, {dates[row]}",
            value=text.iloc[row],
            remedy="leave a missing value blank",
        )
    return found.to_numpy(dtype=float)


def _ordered(
    dates: SessionArray, numbers: Float64Array, warnings: list[str]
) -> tuple[SessionArray, Float64Array]:
    """Sort by date; of rows with one date, keep what they agree on."""
    order = np.argsort(dates, kind="stable")
    if (order[1:] < order[:-1]).any():
        warnings.append("prices: the dates were not in order; they have been sorted")
    dates, numbers = dates[order], numbers[order]
    unique, first, count = np.unique(dates, return_index=True, return_counts=True)
    if unique.size == dates.size:
        return dates, numbers.copy()
    out = numbers[first].copy()
    for i in np.flatnonzero(count > 1):
        rows = numbers[first[i] : first[i] + count[i]]
        known = np.isfinite(rows).any(axis=0)
        with np.errstate(invalid="ignore"):
            low = np.where(np.isfinite(rows), rows, np.inf).min(axis=0)
            high = np.where(np.isfinite(rows), rows, -np.inf).max(axis=0)
        out[i] = np.where(known & (low == high), low, np.nan)
        fate = "agree and count once" if (low == high)[known].all() else "disagree; the values in dispute count as missing"
        warnings.append(f"prices: {unique[i]} stands {count[i]} times; the rows {fate}")
    return unique, out


def _finite(
    sessions: SessionArray, names: Sequence[str], numbers: Float64Array, warnings: list[str]
) -> Float64Array:
    _blank(sessions, names, numbers, np.isinf(numbers), "an infinite value", warnings)
    return numbers


def _blank(
    sessions: SessionArray,
    names: Sequence[str],
    numbers: Float64Array,
    wrong: np.ndarray,
    what: str,
    warnings: list[str],
) -> None:
    """Set the wrong cells missing, in place, and say where they were."""
    for j in np.flatnonzero(wrong.any(axis=0)):
        rows = np.flatnonzero(wrong[:, j])
        more = f" and on {rows.size - 1} more days" if rows.size > 1 else ""
        warnings.append(f"{names[j]}: {what} on {sessions[rows[0]]}{more}; counted as missing")
    numbers[wrong] = np.nan
