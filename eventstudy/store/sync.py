"""Events as they stand now, from the settings, feeds and the database; and what of it is written down."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Sequence
from typing import TYPE_CHECKING

from eventstudy.config.model import Config
from eventstudy.database.connection import transaction
from eventstudy.events.gather import Gathered
from eventstudy.events.gather import gather as gather_from
from eventstudy.records import Event
from eventstudy.store import history

if TYPE_CHECKING:
    from sqlite_utils import Database


def gather(config: Config, now: dt.datetime, *, file: str = "config.yaml", ask: bool = False) -> Gathered:
    """As `eventstudy.events.gather.gather`, with what the database of the settings knows; works without one.

    Raises
    ------
    EventError
        For a mistake in the settings themselves.
    StoreError
        When there is a database that cannot be read.
    """
    return gather_from(config, now, history.known_events(config.database), file=file, ask=ask)


def write_down(db: Database, events: Sequence[Event], gathered: Gathered | None, now: dt.datetime) -> None:
    """As `remember`, in a transaction of its own, and in none when there is no news."""
    if gathered is None or gathered.has_news:
        with transaction(db) as connection:
            remember(connection, events, gathered, now)


def remember(
    connection: sqlite3.Connection, events: Sequence[Event], gathered: Gathered | None, now: dt.datetime
) -> None:
    """Write versions and origins of `events`, and what was withdrawn, inside the caller's transaction.

    Parameters
    ----------
    events : sequence of Event
        All of `gathered`, if that is given; those that are not in the table `events` yet are left for the next time.
    gathered : Gathered or None
        None when only some of the events are at hand: nothing is then missing.
    """
    origins = gathered.origins if gathered else {}
    fresh = [event for event in events if gathered is None or event.event_id in gathered.fresh]
    stored = {row[0] for row in connection.execute("select event_id from events")} if fresh else set()
    fresh = [event for event in fresh if event.event_id in stored]
    if fresh:
        entries = [(event, *origins.get(event.event_id, (None, None))) for event in fresh]
        history.put_versions(connection, entries, now)
    if gathered is None:
        return
    history.put_missing(connection, gathered.gone, set(origins) - gathered.gone, now)
    for event_id, reason in gathered.cancelled.items():
        history.retire(connection, event_id, "feed", reason, now)
    retired = {row[0] for row in connection.execute("select event_id from events where retired_by = 'feed'")}
    for event_id in retired & {event.event_id for event in events}:
        history.take_back(connection, event_id, now)
