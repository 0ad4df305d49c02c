"""A table as it was read, without what is none of it, and with one column of dates."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pandas as pd

from eventstudy.errors import DataError
from eventstudy.tables import dates, headings, numbers
from eventstudy.tables.dates import and_more
from eventstudy.tables.roles import REMARKS, plain, role_of
from eventstudy.tables.table import Table

PARTS = (("year", "jahr"), ("month", "monat"), ("day", "tag"))  # of a date in columns of their own


def tidy(table: Table) -> Table:
    """The table without empty rows and columns, failed series, remarks, weekdays and names that stand again below.

    A year, a month and a day in columns of their own are one date, and tables beside each other one table.

    Raises
    ------
    DataError
        When one of several beside each other has a date twice.
    """
    return _on_one_date(_with_date(_without_heads(_trimmed(table))))


def _trimmed(table: Table) -> Table:
    """Without rows in which nothing stands, and without columns of nothing that have no name of their own."""
    frame = table.frame
    names = [table.label(i) for i in range(frame.shape[1])]
    first = {name: i for i, name in reversed(list(enumerate(names)))}
    series = table.owners or table.header
    failed = [i for i, name in enumerate(series) if i > 0 and name[:1] in ("#", "$") and numbers.says_nothing(name)]
    meant = table.options.columns.values()
    remarks = [i for i, name in enumerate(table.header) if i > 0 and name not in meant and REMARKS.fullmatch(name)]
    texts = [i for i, kind in enumerate(frame.dtypes) if not pd.api.types.is_numeric_dtype(kind)]
    weekdays = [i for i in texts if _are_weekdays(frame.iloc[:, i])]
    left = {*failed, *weekdays, *(i for i in remarks if not _has_numbers(frame.iloc[:, i]))}
    left |= {
        i
        for i, name in enumerate(names)
        if i > 0 and (not table.header[i] or first[name] != i) and frame.iloc[:, i].isna().all()
    }
    if left:
        table = table.only([i for i in range(frame.shape[1]) if i not in left])
        frame = table.frame
    if failed:
        note = (
            f"{table.name}: a column called {names[failed[0]]}, as a vendor calls what it could not find, is left out"
        )
        table = replace(table, notes=(*table.notes, note))
    if len(frame) and frame.shape[1]:
        maybe = frame.iloc[:, 0].isna().to_numpy()
        if maybe.any():
            empty = np.zeros(len(frame), dtype=bool)
            empty[maybe] = frame[maybe].isna().all(axis=1)
            table = replace(table, frame=frame[~empty])
    return table


def _are_weekdays(cells: pd.Series) -> bool:
    """Whether a column says which day of the week it was."""
    found = cells.dropna()
    return (
        len(found) > 0 and dates.is_weekday(str(found.iloc[0])) and all(map(dates.is_weekday, map(str, found.unique())))
    )


def _without_heads(table: Table) -> Table:
    """Without the line of names where it stands again, as at the top of every page."""
    frame = table.frame
    if not len(frame) or not table.header[0] or pd.api.types.is_numeric_dtype(frame.iloc[:, 0].dtype):
        return table
    again = np.flatnonzero((frame.iloc[:, 0].astype(object) == table.header[0]).to_numpy(dtype=bool))
    if not again.size:
        return table
    note = f"{table.place(int(again[0]))}: the names stand here again{and_more(again.size)}; left out"
    return replace(table, frame=frame.drop(index=frame.index[again]), notes=(*table.notes, note))


def _with_date(table: Table) -> Table:
    """With one column of dates in place of those of the year, the month and the day."""
    names = [plain(name) for name in table.header]
    places = [next((i for i, name in enumerate(names) if name in words), -1) for words in PARTS]
    if min(places) < 0 or table.owners or "date" in table.options.columns:
        return table
    parts = [pd.to_numeric(table.frame.iloc[:, i], errors="coerce") for i in places]
    if any(part.isna().any() for part in parts):
        return table
    year, month, day = (part.astype(int).astype(str) for part in parts)
    joined = (year + "-" + month + "-" + day).to_numpy(dtype=object)
    kept = [i for i in range(len(names)) if i not in places]
    found = table.only(kept)
    frame = found.frame.set_axis(range(1, len(kept) + 1), axis=1)
    frame.insert(0, 0, joined)
    return replace(found, frame=frame, header=("date", *found.header))


def _has_numbers(cells: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(cells.dtype) and bool(cells.notna().any())


def _on_one_date(table: Table) -> Table:
    """Of tables beside each other, each with dates of its own, one; a row for every date that any of them has.

    Raises
    ------
    DataError
        When one of them has a date twice.
    """
    if not headings.are_side_by_side(table.header) or "date" in table.options.columns:
        return table
    frame, width = table.frame, len(table.header)
    starts = [i for i, name in enumerate(table.header) if role_of(name) == "date"]
    parts, places = [], []
    for start, end in itertools.pairwise([*starts, width]):
        part = frame.iloc[:, start:end].dropna(subset=frame.columns[start])
        again = part.iloc[:, 0].duplicated().to_numpy()
        if again.any():
            row = part.index[again][0]
            where = f"{table.name}, {table.lines(int(row))}"
            raise DataError("a date stands twice", where=where, value=str(part.iloc[:, 0][row]), remedy="keep one")
        places.append(pd.Series(part.index, index=part.iloc[:, 0]))
        parts.append(part.set_index(part.columns[0]))
    whole = pd.concat(parts, axis=1)
    rows = pd.concat(places).groupby(level=0).first()[whole.index]
    whole = whole.reset_index(names=0).set_axis(rows.to_numpy(), axis=0)[[0, *whole.columns]]
    days = pd.Series(dates.parse(whole[0], table.options).days, index=whole[0].to_numpy())
    steps = [np.diff(days[part.index].to_numpy()).astype(float) for part in parts]
    if all(not (step <= 0).any() or not (step >= 0).any() for step in steps):  # else no order, which is refused later
        whole = whole.iloc[np.argsort(days.to_numpy(), kind="stable")]
    kept = [0, *(i for i in range(width) if i not in starts)]
    note = f"{table.name}: {len(starts)} tables beside each other, each with its dates, are joined by them"
    joined = replace(table, frame=frame.iloc[:0]).only(kept)
    return replace(joined, frame=whole.set_axis(range(len(kept)), axis=1), notes=(*table.notes, note))
