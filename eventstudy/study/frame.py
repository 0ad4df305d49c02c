"""A table of prices or returns, checked cell by cell: what is wrong is named, and never becomes a return."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.errors import DataError
from eventstudy.records import Float64Array, SessionArray
from eventstudy.spec import Returns

Values = Literal["prices", "returns", "volume"]

# A calendar day, alone or before a time: the label of a session is the day as written, in whatever zone.
ISO_DAY = re.compile(r"(\d{4}-\d{2}-\d{2}|\d{8})(?:[T ]\d{2}.*)?", re.ASCII)
DATE_REMEDY = "write the date as 2023-03-17"
LEAP = 0.5
# Added to a turnover in percent before its logarithm is taken, so that a day without trade has one (methods.md C7;
# Ajinkya & Jain 1989, Cready & Ramanan 1991).
NO_TRADE = 0.000255
DATE_NAMES = ("date", "session", "day")
BLANKS = ("", "nan", "na", "n/a", "<na>", "none", "null")


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

    def column(self, name: str, where: str = "prices") -> int:
        """Position of an asset; `where` names the option or column that asks for it.

        Raises
        ------
        DataError
            When there is no such column.
        """
        if name not in self.names:
            shown = ", ".join(self.names[:8]) + (" …" if len(self.names) > 8 else "")
            raise DataError("there is no such column", where=where, value=name, remedy=f"columns are {shown}")
        return self.names.index(name)


def read_market(frame: pd.DataFrame, values: Values, kind: Returns, where: str = "prices") -> Market:
    """Check a table shaped like ``prices.csv`` and turn it into returns.

    Parameters
    ----------
    frame : DataFrame
        A date column first (or dates as the index), then one column per asset; blank = missing.
    values : {"prices", "returns", "volume"}
        ``volume`` is turnover in percent of the shares outstanding; what is studied is ln(volume + 0.000255).
    kind : {"simple", "log"}
        Kind of the returns to compute, or of those given.
    where : str
        Names the table in errors.

    Raises
    ------
    DataError
        When there is no date column, no asset, or a cell that is neither number nor blank.
    """
    warnings: list[str] = []
    dates, table = _split(frame, where)
    if all(kind.kind in "fiu" for kind in _numpy_types(table)):
        numbers = table.to_numpy(dtype=float)  # all at once: a column at a time takes seconds for thousands
    else:
        numbers = np.column_stack([_numbers(table.iloc[:, j], where, dates) for j in range(table.shape[1])])
    sessions, numbers = _ordered(dates, numbers, where, warnings)
    names = tuple(str(name).strip() for name in table.columns)
    _blank(sessions, names, numbers, np.isinf(numbers), "an infinite value", warnings)
    if values == "returns":
        if kind == "simple":
            _blank(sessions, names, numbers, numbers <= -1.0, "a simple return of -100 % or less", warnings)
        return Market(sessions=sessions, names=names, returns=numbers, levels=None, kind=kind, warnings=tuple(warnings))
    if values == "volume":
        _blank(sessions, names, numbers, numbers < 0.0, "a negative volume", warnings)
        logs = np.log(numbers + NO_TRADE)
        return Market(sessions=sessions, names=names, returns=logs, levels=None, kind=kind, warnings=tuple(warnings))
    _blank(sessions, names, numbers, numbers <= 0.0, "a price that is zero or negative", warnings)
    sessions, numbers = _traded(sessions, numbers, warnings)
    returns = np.full_like(numbers, np.nan)
    returns[1:] = growth(numbers[1:], numbers[:-1], kind)
    _leaps(sessions, names, returns, warnings)
    return Market(sessions=sessions, names=names, returns=returns, levels=numbers, kind=kind, warnings=tuple(warnings))


def _numpy_types(table: pd.DataFrame) -> list[np.dtype[Any]]:
    """Types of the columns; object in place of one that numpy does not know."""
    return [kind if isinstance(kind, np.dtype) else np.dtype(object) for kind in table.dtypes]


def growth(now: Float64Array, before: Float64Array, kind: Returns) -> Float64Array:
    """Return from the prices `before` to the prices `now`."""
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        ratio = now / before  # of two absurd prices: 0 or infinite, and then no return
        found = np.log(ratio) if kind == "log" else ratio - 1.0
    return np.where(np.isfinite(found), found, np.nan)


def parse_days(raw: pd.Series) -> SessionArray:
    """Calendar days of a column of dates, or of text that begins with one; NaT where there is none."""
    if isinstance(raw.dtype, pd.PeriodDtype):
        raw = raw.dt.to_timestamp()
    if isinstance(raw.dtype, pd.DatetimeTZDtype):
        raw = raw.dt.tz_localize(None)
    if pd.api.types.is_datetime64_dtype(raw.dtype):
        return raw.to_numpy().astype("datetime64[D]")
    return np.array([_day(value) for value in raw.tolist()], dtype="datetime64[D]")


def _day(value: object) -> np.datetime64:
    none = np.datetime64("NaT", "D")
    if isinstance(value, dt.date):  # and so a datetime or a Timestamp, whose text begins with the day; NaT has none
        value = value.isoformat()
    found = ISO_DAY.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        return none
    try:
        return np.datetime64(dt.date.fromisoformat(found[1]), "D")
    except ValueError:
        return none


def _split(frame: pd.DataFrame, where: str) -> tuple[SessionArray, pd.DataFrame]:
    if isinstance(frame.index, pd.DatetimeIndex | pd.PeriodIndex) or _is_date(frame.index.name):
        raw, table = frame.index.to_series(), frame
    elif frame.shape[1] and _is_date(frame.columns[0]):
        raw, table = frame.iloc[:, 0], frame.iloc[:, 1:]
    else:
        first = str(frame.columns[0]) if frame.shape[1] else ""
        raise DataError("the first column is not called date", where=where, value=first, remedy="name it date")
    if table.shape[1] == 0 or not len(table):
        raise DataError("there is no number", where=where, remedy="give a date column and one column per asset")
    names = [str(name).strip() for name in table.columns]
    twice = (
        next((name for i, name in enumerate(names) if name in names[:i]), None)
        if len(set(names)) < len(names)
        else None
    )
    if twice is not None:
        raise DataError("two columns have the same name", where=where, value=twice, remedy="rename one")
    days = parse_days(raw)
    if np.isnat(days).any():
        row = int(np.flatnonzero(np.isnat(days))[0])
        raise DataError("not a date", where=f"{where}, row {row + 2}", value=raw.iloc[row], remedy=DATE_REMEDY)
    return days, table


def _is_date(name: object) -> bool:
    return str(name).strip().lower() in DATE_NAMES


def _numbers(column: pd.Series, where: str, dates: SessionArray) -> Float64Array:
    if pd.api.types.is_bool_dtype(column.dtype):
        raise DataError(
            "true and false are no numbers", where=f"{where}, column {column.name}", remedy="mend the column"
        )
    if pd.api.types.is_numeric_dtype(column.dtype) and not pd.api.types.is_complex_dtype(column.dtype):
        return column.to_numpy(dtype=float, na_value=np.nan)
    text = column.astype("str").str.strip()
    blank = (column.isna() | text.str.lower().isin(BLANKS)).to_numpy()
    found = np.full(len(text), np.nan)
    for row in np.flatnonzero(~blank).tolist():
        number = _plain_number(text.iloc[row])
        if number is None:
            raise DataError(
                "not a number",
                where=f"{where}, column {column.name}, {dates[row]}",
                value=text.iloc[row],
                remedy="write a decimal point and no thousands separator; leave a missing value blank",
            )
        found[row] = number
    return found


def _plain_number(text: str) -> float | None:
    """Read a decimal number; Python's underscores are refused."""
    try:
        return None if "_" in text else float(text)
    except ValueError:
        return None


def _ordered(
    dates: SessionArray, numbers: Float64Array, where: str, warnings: list[str]
) -> tuple[SessionArray, Float64Array]:
    """Sort by date; of rows with one date, keep what they agree on."""
    if (dates[1:] > dates[:-1]).all():
        return dates, np.array(numbers, order="F")  # an asset side by side, as it will be read
    order = np.argsort(dates, kind="stable")
    if (order[1:] < order[:-1]).any():
        warnings.append(f"{where}: the dates were not in order; they have been sorted")
    dates, numbers = dates[order], numbers[order]
    unique, first, count = np.unique(dates, return_index=True, return_counts=True)
    if unique.size == dates.size:
        return dates, numbers.copy()
    out = numbers[first].copy()
    for i in np.flatnonzero(count > 1).tolist():
        rows = numbers[first[i] : first[i] + count[i]]
        known = ~np.isnan(rows).all(axis=0)
        low = np.where(np.isnan(rows), np.inf, rows).min(axis=0)
        high = np.where(np.isnan(rows), -np.inf, rows).max(axis=0)
        out[i] = np.where(known & (low == high), low, np.nan)
        fate = "agree and count once" if (low == high)[known].all() else "disagree; values in dispute count as missing"
        warnings.append(f"{where}: {unique[i]} stands {count[i]} times; the rows {fate}")
    return unique, out


def _traded(sessions: SessionArray, numbers: Float64Array, warnings: list[str]) -> tuple[SessionArray, Float64Array]:
    """Leave out the days on which nothing has a price: weekends and holidays in a list of all calendar days."""
    kept = np.isfinite(numbers).any(axis=1)
    if not kept.any():
        raise DataError("there is no price", where="prices", remedy="fill in at least one column")
    empty = np.flatnonzero(~kept)
    if empty.size:
        more = f" and {empty.size - 1} more days" if empty.size > 1 else ""
        warnings.append(f"prices: nothing has a price on {sessions[empty[0]]}{more}; counted as no session")
    return sessions[kept], numbers[kept]


def _leaps(sessions: SessionArray, names: Sequence[str], returns: Float64Array, warnings: list[str]) -> None:
    """Say where a price moved so much that a split, or a slip of the pen, is likelier than a return (methods.md A8)."""
    leap = np.abs(returns) > LEAP
    for j in np.flatnonzero(leap.any(axis=0)).tolist():
        rows = np.flatnonzero(leap[:, j])
        more = f" and on {rows.size - 1} more days" if rows.size > 1 else ""
        warnings.append(f"{names[j]}: a return beyond ±{LEAP:.0%} on {sessions[rows[0]]}{more}; is it a split?")


def _blank(
    sessions: SessionArray,
    names: Sequence[str],
    numbers: Float64Array,
    wrong: NDArray[np.bool_],
    what: str,
    warnings: list[str],
) -> None:
    """Set the wrong cells missing, in place, and say where they were."""
    if not wrong.any():
        return
    for j in np.flatnonzero(wrong.any(axis=0)).tolist():
        rows = np.flatnonzero(wrong[:, j])
        more = f" and on {rows.size - 1} more days" if rows.size > 1 else ""
        warnings.append(f"{names[j]}: {what} on {sessions[rows[0]]}{more}; counted as missing")
    numbers[wrong] = np.nan
