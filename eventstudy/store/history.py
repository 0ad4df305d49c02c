"""Events as they were and are: where each comes from, its versions, and whether it is gone or retired.

Functions that write run inside a transaction of the caller.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from eventstudy.database import connection as database_file
from eventstudy.database import files, reading
from eventstudy.database.version import refuse_other
from eventstudy.events.known import GONE, NOT_SET, NOT_YET, UNSEEN, Known, fields_of
from eventstudy.instants import stamp
from eventstudy.records import Event
from eventstudy.store import notices
from eventstudy.store import states as event_states

# What makes a version, in the order in which a change is told.
FIELDS = ("title", "earliest", "latest", "stated", "zone", "kind", "assets", "url", "note", "tags", "claims", "origin")
_TIMES = frozenset({"earliest", "latest", "stated"})

# Why an event waits that passes have again.
_WAITS = f"iif(latest > ?1, '{NOT_YET}', '{UNSEEN}')"


def known_events(database: Path) -> dict[str, Known]:
    """Every event that is stored, by id; none when there is no database, or an empty one.

    Raises
    ------
    StoreError
        When it cannot be read.
    """
    with _reading(database) as connection:
        return {row["event_id"]: Known(row) for row in newest(connection)} if connection else {}


def states(database: Path) -> dict[str, reading.Row]:
    """Status, origin and withdrawal of every event that is stored, by id; as `known_events` otherwise."""
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
    stored = {row["event_id"]: row for row in newest(connection, [event.event_id for event, _, _ in entries])}
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
        changes = differs if old else ()
        row |= {"event_id": event.event_id, "version": version, "seen_at": stamp(now), "place": where}
        names = ", ".join((*row, "changed"))
        values = ", ".join("?" * (len(row) + 1))
        connection.execute(
            f"insert into event_versions ({names}) values ({values})",  # noqa: S608  # our own column names
            (*row.values(), json.dumps(changes)),
        )
        changed[event.event_id] = changes
        if old is not None and _TIMES & set(changes):
            _put_moved(connection, event, old, version, now)
        connection.execute("update events set version = ? where event_id = ?", (version, event.event_id))
        if _TIMES & set(changes) and event.latest > now:
            connection.execute(
                "update events set status = 'pending', reason = ? where event_id = ?", (NOT_YET, event.event_id)
            )
            # even if it is moved back before the next pass
            event_states.put_pending(connection, [(event.event_id, "the announcement was moved")])
    return changed


def _put_moved(connection: sqlite3.Connection, event: Event, old: reading.Row, version: int, now: dt.datetime) -> None:
    """Let it be told that an announcement was moved; of several moves between two passes the whole of them."""
    before, after = [old["earliest"], old["latest"]], [fields_of(event)[name] for name in ("earliest", "latest")]
    earlier = notices.withdraw(connection, "moved", event.event_id)
    before = earlier["from"] if earlier else before
    if before != after and event.kind != "context":
        notices.put(
            connection,
            "moved",
            (event.event_id, version),
            stamp(now),
            event_id=event.event_id,
            payload={"from": before, "to": after},
        )


def put_missing(
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
        "update events set retired_at = ?, retired_by = ?, retired_reason = ?, retired_status = status, "
        "reason = iif(status = 'pending', 'retired: ' || ?, reason), "
        "status = iif(status = 'pending', 'skipped', status) where event_id = ? and retired_at is null",
        (stamp(now), by, reason, reason, event_id),
    )
    if cursor.rowcount:
        (retired_status,) = connection.execute(
            "select retired_status from events where event_id = ?", (event_id,)
        ).fetchone()
        event_states.put_page_due(connection, [event_id])
        if retired_status != "context":
            notices.put(connection, "retired", (event_id, stamp(now)), stamp(now), event_id=event_id, reason=reason)
    return cursor.rowcount > 0


def take_back(connection: sqlite3.Connection, event_id: str, now: dt.datetime) -> bool:
    """Let passes have a retired event again; return whether it was retired."""
    cursor = connection.execute(
        "update events set retired_at = null, retired_by = null, retired_reason = null, "  # noqa: S608  # our own text
        f"reason = iif(retired_status = 'pending' and status <> 'context', {_WAITS}, reason), "
        "status = iif(retired_status = 'pending' and status <> 'context', 'pending', status), retired_status = null "
        "where event_id = ?2 and retired_at is not null",
        (stamp(now), event_id),
    )
    if cursor.rowcount:
        event_states.put_page_due(connection, [event_id])
        notices.withdraw(connection, "retired", event_id)
    return cursor.rowcount > 0


def take_back_from_feed(connection: sqlite3.Connection, event_id: str, now: dt.datetime) -> bool:
    """As `take_back`, but only what a feed called off."""
    row = connection.execute("select retired_by from events where event_id = ?", (event_id,)).fetchone()
    return row is not None and row[0] == "feed" and take_back(connection, event_id, now)


@contextlib.contextmanager
def _reading(database: Path) -> Iterator[sqlite3.Connection | None]:
    """A connection that reads; None when there is no database, or an empty one."""
    files.refuse_loss(database)
    if not database.is_file() or database.stat().st_size == 0:
        yield None
        return
    with database_file.translated(database), contextlib.closing(reading.open_reader(database)) as connection:
        refuse_other(connection, database)
        is_there = connection.execute("select 1 from sqlite_schema where name = 'event_versions'").fetchone()
        yield connection if is_there else None


def newest(connection: sqlite3.Connection, event_ids: Sequence[str] | None = None) -> list[reading.Row]:
    """The newest version of every event, or of those named."""
    return reading.rows(
        connection,
        "select v.event_id, v.version, v.title, v.earliest, v.latest, v.stated, v.zone, v.kind, v.assets, v.url, "
        "v.note, v.tags, v.claims, e.origin, e.place, e.missing_since, e.retired_by "
        "from events e join event_versions v using (event_id, version) "
        "where ?1 is null or event_id in (select value from json_each(?1))",
        (None if event_ids is None else json.dumps(event_ids),),
    )
