"""Columns of a table that explain the moves of a collection's events."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from eventstudy.config.model import CollectionConfig
from eventstudy.errors import DataError
from eventstudy.tables.options import Options
from eventstudy.tables.reading import read_table


def characteristics(settings: CollectionConfig, event_ids: Sequence[str]) -> pd.DataFrame:
    """The columns of `regress` for some events, a row each; what the table does not know of an event is missing.

    Raises
    ------
    DataError
        When the table cannot be read, or lacks one of the columns.
    """
    if settings.characteristics is None:
        return pd.DataFrame(index=range(len(event_ids)))
    where = f"collections[{settings.id}].characteristics"
    try:
        table = read_table(settings.characteristics, Options(), as_text=True)
    except OSError as error:
        problem = f"cannot be read: {error.strerror or error}"
        remedy = "check the path"
        raise DataError(problem, where=where, value=str(settings.characteristics), remedy=remedy) from None
    frame = table.frame.set_axis(list(table.header), axis=1)
    for name in ("event_id", *settings.regress):
        if name not in frame.columns:
            known = ", ".join(map(str, frame.columns))
            raise DataError("there is no such column", where=where, value=name, remedy=f"columns are {known}")
    twice = frame["event_id"][frame["event_id"].duplicated()]
    if twice.size:
        raise DataError("this event stands twice", where=where, value=str(twice.iloc[0]), remedy="keep one row")
    by_event = frame.set_index("event_id")[list(settings.regress)]
    return by_event.reindex(list(event_ids)).reset_index(drop=True)
