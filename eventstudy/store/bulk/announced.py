"""The announcements of a table of events, as the results database has them."""

from __future__ import annotations

import datetime as dt
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import pandas as pd

from eventstudy.errors import EventStudyError, InputError
from eventstudy.events.build import parse_when
from eventstudy.events.known import fields_of
from eventstudy.instants import stamp
from eventstudy.records import Event, InstantArray
from eventstudy.store.write import EVENT_COLUMNS, event_row, put_rows

EVENTS = 5_000  # at a time
ORIGIN = "report"  # given on the command line: no feed has it, and no pass misses it
_NEVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
# Of `event_versions`, after the place; what changed follows.
_VERSION = ("title", "earliest", "latest", "stated", "zone", "kind", "assets", "url", "note", "tags", "claims")
_PARTS = re.compile("[|;]")


def announcements(
    event_ids: Sequence[str], assets: Sequence[str], days: InstantArray, frame: pd.DataFrame
) -> Iterator[Event]:
    """Each announcement once, with all of its assets, in the order of the table.

    Parameters
    ----------
    event_ids, assets : sequence of str
        Of every row.
    days : InstantArray
        Event day 0 of every row, NaT where it has none: when it was announced, to the day, where nothing says more.
    frame : DataFrame
        The rows; ``announced_at``, ``zone``, ``title``, ``kind``, ``tags``, ``url`` and ``note`` need not be there.
    """
    rows: dict[str, list[int]] = {}
    for i, event_id in enumerate(event_ids):
        rows.setdefault(event_id, []).append(i)
    cells = {name: _texts(frame, name) for name in ("announced_at", "zone", "title", "kind", "tags", "url", "note")}
    known = days.astype("datetime64[D]").astype(str).tolist()
    for event_id, places in rows.items():
        i = places[0]
        earliest, latest = _when(cells["announced_at"][i], cells["zone"][i], known[i])
        yield Event(
            event_id=event_id,
            title=cells["title"][i] or event_id,
            earliest=earliest,
            latest=latest,
            kind=cells["kind"][i] or "announcement",
            assets=tuple(dict.fromkeys(assets[k] for k in places)),
            url=cells["url"][i],
            note=cells["note"][i],
            tags=tuple(part for part in map(str.strip, _PARTS.split(cells["tags"][i])) if part),
            zone=cells["zone"][i],
        )


def put(
    connection: sqlite3.Connection, events: Iterable[tuple[Event, tuple[str, str | None]]], now: dt.datetime
) -> int:
    """Insert the events that are new, each with its status and reason, and their first version; return how many.

    Raises
    ------
    InputError
        When one is stored already, and is another.
    """
    columns = ", ".join(EVENT_COLUMNS)
    stored = {row[0]: row for row in connection.execute(f"select {columns} from events")}  # noqa: S608  # names of ours
    seen, events, count = stamp(now), iter(events), 0
    while some := list(islice(events, EVENTS)):
        fresh = []
        for event, state in some:
            row, old = event_row(event), stored.get(event.event_id)
            if old is None:
                fresh.append((event, (*row, *state)))
            elif old != row:
                differs = [name for name, a, b in zip(EVENT_COLUMNS, old, row, strict=True) if a != b]
                raise InputError(
                    f"the database has this event with another {differs[0]}",
                    where="events",
                    value=event.event_id,
                    remedy="give it another id, or write into another database",
                )
        connection.executemany(
            f"insert into events ({columns}, status, reason, origin) "  # noqa: S608  # names of ours
            f"values ({', '.join('?' * (len(EVENT_COLUMNS) + 2))}, '{ORIGIN}')",
            [row for _, row in fresh],
        )
        versions = (
            (event.event_id, 1, seen, ORIGIN, "", *(fields[name] for name in _VERSION), "[]")
            for event, fields in ((event, fields_of(event)) for event, _ in fresh)
        )
        put_rows(connection, "event_versions", versions)
        count += len(fresh)
    return count


def _when(stated: str, zone: str, day: str) -> tuple[dt.datetime, dt.datetime]:
    """Earliest and latest instant of an announcement; of one that nobody can read, the beginning of 1970."""
    try:
        if stated:
            return parse_when(stated, zone or None, "announced_at")
        return (_NEVER, _NEVER) if day == "NaT" else parse_when(day, zone or "UTC", "date")
    except EventStudyError:
        return _NEVER, _NEVER


def _texts(frame: pd.DataFrame, name: str) -> list[str]:
    """Cells of a column as text; empty where blank, or where there is no such column."""
    if name not in frame.columns:
        return [""] * len(frame)
    column = frame[name]
    blank = column.isna().to_numpy()
    cells = [value.isoformat() if isinstance(value, dt.datetime) else str(value).strip() for value in column]
    return ["" if is_blank else cell for cell, is_blank in zip(cells, blank.tolist(), strict=True)]
