"""Bars of every asset, collected in each pass before the source drops them: reference sessions of tomorrow's news."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable, Collection, Mapping

from sqlite_utils import Database

from eventstudy.archive import answers as archive
from eventstudy.archive.arrange import SETTLED
from eventstudy.calendars import session_date
from eventstudy.config.model import Config
from eventstudy.database.connection import transaction
from eventstudy.errors import MalformedAnswer, SourceError, UnknownSymbol
from eventstudy.instants import stamp
from eventstudy.prices.source import Source
from eventstudy.records import Snapshot
from eventstudy.store import states
from eventstudy.store.ledger import Run
from jobs.minutes.standing_plan import Standing, collected, due, words_of_loss
from jobs.pull import fetch

NEXT_SESSION = dt.timedelta(days=8)  # a window into the next session may still be open for so long


def collect(
    config: Config,
    db: Database,
    record: Run,
    sources: Mapping[str, Source],
    offered: Mapping[str, Collection[str]],
    *,
    now: Callable[[], dt.datetime],
    stop: Callable[[], bool],
    talk: Callable[[str], None],
) -> list[str]:
    """Ask for what came since the last pass; return what went wrong, or was lost, a sentence each."""
    troubles = []
    for item in due(config, offered, collected(db.conn), now()):
        if stop():
            break
        talk(f"{item.bar} bars of {item.symbol} from {item.source}, as they come")
        fault = _one(db, record, sources[item.source], item, now)
        subject = ":".join(item.place)
        if fault is not None and (fault.transient or isinstance(fault, UnknownSymbol)):
            record.note("capture", subject, "failed", str(fault))
            troubles.append(f"{item.bar} bars: {fault}")
        elif item.lost is not None:
            record.note("capture", subject, "failed", words_of_loss(item))
            troubles.append(words_of_loss(item))
    return troubles


def _one(
    db: Database, record: Run, source: Source, item: Standing, now: Callable[[], dt.datetime]
) -> SourceError | None:
    snapshot, fault = None, None
    try:
        snapshot = fetch(source, item.symbol, (item.start, item.end), item.bar)
    except SourceError as error:
        fault = error
    if fault is not None and (fault.transient or isinstance(fault, UnknownSymbol)):
        return fault
    before = collected(db.conn).get(item.place)
    first = before[0] if before and item.lost is None else item.start
    there = first, _last_there(item, snapshot, now())
    try:
        if snapshot is None and before == there:
            return fault
        with transaction(db) as connection:
            asked = (item.start, item.end)
            rows = archive.save(connection, snapshot, asked=asked, fetched_at=now()) if snapshot else 0
            if before != there:
                connection.execute(
                    "insert or replace into standing_captures values (?, ?, ?, ?, ?)",
                    (*item.place, *map(dt.date.isoformat, there)),
                )
            if rows:
                record.ensure(connection)
                since = dt.datetime.combine(item.start, dt.time(), dt.UTC) - NEXT_SESSION
                why = f"{item.bar} bars of {item.symbol} came"
                states.put_pending(connection, [(event, why) for event in _since(connection, since, now())])
    except (SourceError, sqlite3.IntegrityError) as error:
        return MalformedAnswer(f"bars that cannot be: {error}", source=item.source, symbol=item.symbol)
    if snapshot is not None and rows:
        record.note("capture", ":".join(item.place), "ok", f"{rows} new or revised bars")
    return fault


def _last_there(item: Standing, snapshot: Snapshot | None, fetched_at: dt.datetime) -> dt.date:
    """The day that the next question begins with: an answer may lack bars of the last days."""
    last = session_date(snapshot.sessions.max()) if snapshot is not None and snapshot.sessions.size else item.start
    return min(item.end, max(last, item.start, fetched_at.date() - SETTLED))


def _since(connection: sqlite3.Connection, since: dt.datetime, now: dt.datetime) -> list[str]:
    """Announcements that new bars can bear on."""
    found = connection.execute(
        "select event_id from events where kind <> 'context' and latest between ? and ?", (stamp(since), stamp(now))
    )
    return [event_id for (event_id,) in found]
