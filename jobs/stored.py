"""What the database says of an event that a pass leaves alone, or finds moved."""

from __future__ import annotations

import sqlite3

from eventstudy.events.known import NOT_YET
from eventstudy.records import Event
from eventstudy.store import write
from eventstudy.store.states import EventState
from jobs.outcome import Outcome


def stored_outcome(before: EventState | None) -> Outcome:
    """Status and reason of an event that is left alone."""
    if before is None or before.status == "context":
        return "pending", NOT_YET
    return before.status, before.reason


def holds(connection: sqlite3.Connection, event: Event, before: EventState | None) -> bool:
    """Whether there are results of an announcement at this very time; a clock that went back takes none."""
    if before is None or before.status == "pending" or was_moved(event, before):
        return False
    return write.has_results(connection, event.event_id)


def was_moved(event: Event, before: EventState) -> bool:
    """Whether an announcement has another time than when it was stored."""
    stored = dict(zip(write.EVENT_COLUMNS, before.row, strict=True))
    now = dict(zip(write.EVENT_COLUMNS, write.event_row(event), strict=True))
    return any(stored[name] != now[name] for name in ("earliest", "latest"))
