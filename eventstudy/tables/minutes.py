"""Bars of less than a day in a table that is read as one of days: what size they have, and what to write."""

from __future__ import annotations

import numpy as np
import pandas as pd

from eventstudy.bar_sizes import MINUTES
from eventstudy.errors import DataError
from eventstudy.records import Int64Array
from eventstudy.tables.table import Table

LOOKED_AT = 5000  # rows
FEWEST = 4  # times of a day: there are fixings at two or three
OFTEN = 0.02  # share of all distances
MINUTE = 60 * 10**9
STARTS = ("start", "timestamp", "datetime", "time")  # what a column of starts is called that is no role of days


def refuse_bars(table: Table) -> None:
    """Refuse a table with many times of each day, for what is asked of it are days.

    Raises
    ------
    DataError
        With the size of the bars, and what to write to study them.
    """
    starts = _starts(table)
    days, counts = np.unique(starts // (1440 * MINUTE), return_counts=True)
    if not days.size or np.median(counts) < FEWEST:
        return
    gaps, counts = np.unique(np.diff(starts) // MINUTE, return_counts=True)
    apart = int(gaps[np.argmax(counts >= OFTEN * counts.sum())])
    size = next((name for name, minutes in MINUTES.items() if apart and minutes % apart == 0), None)
    told = next((name for name, minutes in MINUTES.items() if minutes == apart), f"{apart} minutes")
    remedy = {
        "flag": "write --bar {size}",
        "key": "write bar: {size} in the settings of the source, and study them with bar: {size} in a study",
        "frame": 'write bar="{size}"',
    }[table.options.voice]
    first = np.datetime64(int(starts[0]), "ns").astype("datetime64[m]")
    raise DataError(
        f"these are bars of {told}, and prices of days are asked for",
        where=table.name,
        value=f"{first}, then {np.datetime64(int(starts[1]), 'ns').astype('datetime64[m]')}",
        remedy=remedy.format(size=size) if size else "give one price a day",
    )


def _starts(table: Table) -> Int64Array:
    """The first times of a table in order, each once, in nanoseconds of the clock that they are written by."""
    roles, names = table.roles(), [name.lower() for name in table.header]
    column = roles.get("date") or next((table.header[names.index(name)] for name in STARTS if name in names), None)
    cells = (table.cells(column) if column is not None else table.frame.iloc[:, 0]).head(LOOKED_AT)
    if isinstance(cells.dtype, pd.DatetimeTZDtype):
        cells = cells.dt.tz_localize(None)
    if not pd.api.types.is_datetime64_dtype(cells.dtype):
        text = cells.astype(str)
        if "time" in roles and roles["time"] != column:
            text = text + " " + table.cells(roles["time"]).head(LOOKED_AT).astype(str)
        if not text.head(1).str.contains(r"\d:\d\d").any():
            return np.empty(0, dtype=np.int64)
        # an offset changes with the seasons, and bears neither on days nor on distances within one
        text = text.str.replace(r"(?<=:\d\d)(\.\d+)?\s*(Z|UTC|[+-]\d\d:?\d\d)$", "", regex=True)
        cells = pd.to_datetime(text, errors="coerce", format="mixed", dayfirst=not text.iloc[0][:4].isdigit())
    found = cells.dropna().to_numpy().astype("datetime64[ns]").astype(np.int64)
    starts: Int64Array = np.unique(found)
    return starts if (starts % (1440 * MINUTE)).any() else starts[:0]
