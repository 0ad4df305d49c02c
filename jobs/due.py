"""When the next pass over some events is due: set times after each announcement, and attempts that failed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from eventstudy.config.model import Config
from eventstudy.database import reading
from eventstudy.errors import StoreError
from eventstudy.records import Event
from eventstudy.store import states


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A pass over one event that is due at a time.

    Attributes
    ----------
    at : datetime
        UTC.
    event_id : str
    why : str
    """

    at: dt.datetime
    event_id: str
    why: str


def due_passes(config: Config, events: Sequence[Event], since: dt.datetime) -> list[Due]:
    """Everything due after `since`, the soonest first.

    Parameters
    ----------
    config : Config
    events : sequence of Event
        All known events.
    since : datetime
        UTC; up to here all was done.
    """
    found = [
        *_announced(config, events, since),
        *_retries(config.database, {event.event_id for event in events}, since),
    ]
    return sorted(found, key=lambda due: (due.at, due.event_id))


def _announced(config: Config, events: Sequence[Event], since: dt.datetime) -> Iterator[Due]:
    for event in events:
        if event.kind == "context":
            continue
        for after in config.schedule.after:
            if event.latest + after > since:
                yield Due(at=event.latest + after, event_id=event.event_id, why=f"{_span(after)} after it came out")


def _retries(path: Path, known: set[str], since: dt.datetime) -> Iterator[Due]:
    if not path.is_file():
        return
    try:
        connection = reading.connect(path)
    except StoreError:
        return  # the pass itself says what is wrong with it
    try:
        for event_id, at in states.next_attempts(connection):
            moment = dt.datetime.fromisoformat(at)
            if event_id in known and moment > since:
                yield Due(at=moment, event_id=event_id, why="another attempt")
    finally:
        connection.close()


def _span(span: dt.timedelta) -> str:
    """A span as settings write it."""
    seconds = int(span.total_seconds())
    unit = next(unit for unit in ("d", "h", "m", "s") if seconds % _SECONDS[unit] == 0)
    return f"{seconds // _SECONDS[unit]}{unit}"


_SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1}
