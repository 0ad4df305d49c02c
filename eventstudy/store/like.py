"""Stored events near an instant, or on the same subject."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Sequence

from eventstudy.database.reading import rows
from eventstudy.instants import parse, stamp
from eventstudy.records import Event

NEAR = dt.timedelta(days=21)
MOST = 500  # of either kind


def events_like(connection: sqlite3.Connection, moment: dt.datetime, tags: Sequence[str]) -> list[Event]:
    """Events within three weeks of an instant, and the newest ones that have one of the tags."""
    first, last = (stamp(moment + sign * NEAR) for sign in (-1, 1))
    found = rows(
        connection,
        "select * from events where retired_at is null and announced_at between ? and ? order by announced_at limit ?",
        (first, last, MOST),
    )
    found += rows(
        connection,
        "select e.* from events e where retired_at is null and kind <> 'context' and exists (select 1 from "
        "json_each(e.tags) where value in (select value from json_each(?))) order by announced_at desc limit ?",
        (json.dumps(list(tags)), MOST),
    )
    return [
        Event(
            event_id=row["event_id"],
            title=row["title"],
            earliest=parse(row["earliest"]),
            latest=parse(row["latest"]),
            kind=row["kind"],
            assets=tuple(json.loads(row["assets"])),
            tags=tuple(json.loads(row["tags"])),
        )
        for row in {row["event_id"]: row for row in found}.values()
    ]
