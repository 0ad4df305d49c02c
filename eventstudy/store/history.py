"""Events as they were and are: where each comes from, its versions, and whether it is gone or retired.

Functions that write run inside a transaction of the caller.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from eventstudy.database import beside, reading
from eventstudy.database import connection as database_file
from eventstudy.events.known import GONE, NOT_SET, NOT_YET, UNSEEN, Known, fields_of
from eventstudy.instants import stamp
from eventstudy.records import Event
from eventstudy.store import states as event_states

# What makes a version, in the order in which a change is told.
FIELDS = ("title", "earliest", "latest", "stated", "zone", "kind", "assets", "url", "note", "tags", "origin")
_TIMES = frozenset({"earliest", "latest", "stated"})

# Why an event waits that passes have again; of a stamp the first nineteen characters sort.
_WAITS = f"iif(substr(latest, 1, 19) > substr(?1, 1, 19), '{NOT_YET}', '{UNSEEN}')"


def known_events(database: Path) -> dict[str, Known]:
    """Every event that is stored, by id; none when there is no database, or one that is yet to be migrated.

    Raises
    ------
    StoreError
        When it cannot be read.
    """
    with _reading(database) as connection:
        return {row["event_id"]: Known(row) for row in _newest(connection)} if connection else {}


def feed_readings(database: Path) -> dict[str, tuple[str, int]]:
    """Feed → fingerprint of what was read at the last pass, and number of events; as `known_events` otherwise."""
    with _reading(database) as connection:
        found = connection.execute("select feed, fingerprint, items from feed_readings") if connection else ()
        return {feed: (fingerprint, items) for feed, fingerprint, items in found}


def put_readings(connection: sqlite3.Connection, readings: Mapping[str, tuple[str, int]]) -> None:
    """Keep the fingerprints of `readings`, and of no other feed."""
    stored = {
        feed: (mark, items)
        for feed, mark, items in connection.execute("select feed, fingerprint, items from feed_readings")
    }
    for feed in stored.keys() - readings.keys():
        connection.execute("delete from feed_readings where feed = ?", (feed,))
    for feed, found in readings.items():
        if stored.get(feed) != found:
            connection.execute("insert or replace into feed_readings values (?, ?, ?)", (feed, *found))


def states(database: Path) -> dict[str, reading.Row]:
    """Status, origin and marks of every event that is stored, by id; as `known_events` otherwise."""
    with _reading(database) as connection:
        if connection is None:
            return {}
        found = reading.rows(
            connection,
            "select event_id, status, reason, origin, place, missing_since, retired_at, retired_by, retired_reason "
            "from events",
        )
    return {row["event_id"]: row for row in found}


def put_versions(
    connection: sqlite3.Connection, entries: Iterable[tuple[Event, str | None, str | None]], now: dt.datetime
) -> dict[str, tuple[str, ...]]:
    """Add a version of every event that is new or changed; return id → what changed, nothing for a new one.

    One that was moved into the future is pending from now on, and the next pass takes the results of its former time.

    Parameters
    ----------
    entries : iterable of (Event, str or None, str or None)
        Events that are in the table `events`, with origin and place; None stands for what is stored.
    """
    entries = list(entries)
    stored = {row["event_id"]: row for row in _newest(connection, [event.event_id for event, _, _ in entries])}
    changed: dict[str, tuple[str, ...]] = {}
    for event, given, place in entries:
        old = stored.get(event.event_id)
        origin = given or (old["origin"] if old else "report" if "ad-hoc" in event.tags else "config")
        where = place if place is not None else old["place"] if old else ""
        row = {**fields_of(event), "origin": origin}
        differs = tuple(name for name in FIELDS if old is None or old[name] != row[name])
        if old is None or old["place"] != where or "origin" in differs:
            connection.execute(
                "update events set origin = ?, place = ? where event_id = ?", (origin, where, event.event_id)
            )
        if not differs:
            continue
        version = old["version"] + 1 if old else 1
        told = differs if old else ()
        row |= {"event_id": event.event_id, "version": version, "seen_at": stamp(now), "place": where}
        names = ", ".join((*row, "changed"))
        marks = ", ".join("?" * (len(row) + 1))
        connection.execute(
            f"insert into event_versions ({names}) values ({marks})",  # noqa: S608  # our own column names
            (*row.values(), json.dumps(told)),
        )
        changed[event.event_id] = told
        connection.execute("update events set version = ? where event_id = ?", (version, event.event_id))
        if _TIMES & set(told) and event.latest > now:
            connection.execute(
                "update events set status = 'pending', reason = ? where event_id = ?", (NOT_YET, event.event_id)
            )
            # even if it is moved back before the next pass
            event_states.put_changed(connection, [(event.event_id, "the announcement was moved")])
    return changed


def mark_missing(
    connection: sqlite3.Connection, gone: Collection[str], found: Collection[str], now: dt.datetime
) -> None:
    """Note which events their feed no longer has, and which it has again."""
    connection.execute(
        "update events set missing_since = ?, reason = iif(status = 'pending', iif(origin = 'config', ?, ?), reason) "
        "where missing_since is null and event_id in (select value from json_each(?))",
        (stamp(now), NOT_SET, GONE, json.dumps(sorted(gone))),
    )
    turned = connection.execute(
        "select event_id from events where missing_since = ? or (missing_since is not null "
        "and event_id in (select value from json_each(?)))",
        (stamp(now), json.dumps(sorted(found))),
    )
    event_states.put_page_due(connection, [event_id for (event_id,) in turned.fetchall()])
    connection.execute(
        f"update events set missing_since = null, reason = iif(status = 'pending', {_WAITS}, reason) "  # noqa: S608  # our own text
        "where missing_since is not null and event_id in (select value from json_each(?2))",
        (stamp(now), json.dumps(sorted(found))),
    )


def retire(connection: sqlite3.Connection, event_id: str, by: str, reason: str, now: dt.datetime) -> bool:
    """Take an event out of further passes; its results and its history stay. Return whether it was in them."""
    cursor = connection.execute(
        "update events set retired_at = ?, retired_by = ?, retired_reason = ?, "
        "reason = iif(status = 'pending', 'retired: ' || ?, reason), "
        "status = iif(status = 'pending', 'skipped', status) where event_id = ? and retired_at is null",
        (stamp(now), by, reason, reason, event_id),
    )
    if cursor.rowcount:
        event_states.put_page_due(connection, [event_id])
        event_states.put_changed(connection, [(event_id, event_states.RETIRED)])
    return cursor.rowcount > 0


def take_back(connection: sqlite3.Connection, event_id: str, now: dt.datetime) -> bool:
    """Let passes have a retired event again; return whether it was retired."""
    cursor = connection.execute(
        "update events set retired_at = null, retired_by = null, retired_reason = null, "  # noqa: S608  # our own text
        "status = iif(reason like 'retired: %', 'pending', status), "
        f"reason = iif(reason like 'retired: %', {_WAITS}, reason) "
        "where event_id = ?2 and retired_at is not null",
        (stamp(now), event_id),
    )
    if cursor.rowcount:
        event_states.put_page_due(connection, [event_id])
        event_states.put_told(connection, [event_id])
    return cursor.rowcount > 0


def take_back_from_feed(connection: sqlite3.Connection, event_id: str, now: dt.datetime) -> bool:
    """As `take_back`, but only what a feed called off."""
    row = connection.execute("select retired_by from events where event_id = ?", (event_id,)).fetchone()
    return row is not None and row[0] == "feed" and take_back(connection, event_id, now)


@contextlib.contextmanager
def _reading(database: Path) -> Iterator[sqlite3.Connection | None]:
    """A connection that reads; None when there is no database, or one that is yet to be migrated."""
    beside.refuse_loss(database)
    if not database.is_file() or database.stat().st_size == 0:
        yield None
        return
    with database_file.translated(database), contextlib.closing(reading.open_reader(database)) as connection:
        is_there = connection.execute("select 1 from sqlite_schema where name = 'event_versions'").fetchone()
        yield connection if is_there else None


def _newest(connection: sqlite3.Connection, event_ids: Sequence[str] | None = None) -> list[reading.Row]:
    """The newest version of every event, or of those named."""
    return reading.rows(
        connection,
        "select v.event_id, v.version, v.title, v.earliest, v.latest, v.stated, v.zone, v.kind, v.assets, v.url, "
        "v.note, v.tags, e.origin, e.place, e.missing_since, e.retired_by "
        "from events e join event_versions v using (event_id, version) "
        "where ?1 is null or event_id in (select value from json_each(?1))",
        (None if event_ids is None else json.dumps(event_ids),),
    )
