"""What is stored of events and their results, row by row: standard library only."""

from __future__ import annotations

import sqlite3

from eventstudy.database.reading import Row, rows
from eventstudy.errors import InputError


def live(connection: sqlite3.Connection) -> str:
    """The condition that passes look at an event; a database that is yet to be migrated has no others.

    Not at one that was retired, that stood in the settings and does no longer, or that its feed lost before it came.
    """
    has_it = connection.execute("select 1 from pragma_table_info('events') where name = 'retired_at'").fetchone()
    if not has_it:
        return "true"
    return (
        "(retired_at is null and (missing_since is null or (origin <> 'config' "
        "and substr(missing_since, 1, 19) >= substr(latest, 1, 19))))"
    )


def event(connection: sqlite3.Connection, event_id: str) -> Row:
    """One event.

    Raises
    ------
    InputError
        When it is not stored.
    """
    found = rows(connection, "select * from events where event_id = ?", (event_id,))
    if not found:
        raise InputError(
            "no such event is stored", where="event", value=event_id, remedy="see `eventstudy query events`"
        )
    return found[0]


def analyses(connection: sqlite3.Connection, event_id: str) -> list[Row]:
    """Every stored analysis of an event, studies and assets in their order."""
    return rows(
        connection,
        "select a.*, s.title as study_title, s.spec from analyses a join studies s using (study_id) "
        "where event_id = ? order by s.position, a.position",
        (event_id,),
    )


def windows(connection: sqlite3.Connection, analysis_id: int) -> list[Row]:
    """Windows of an analysis, the primary one first, then in the order of the study."""
    return rows(
        connection,
        "select * from window_results where analysis_id = ? "
        "order by is_primary desc, window_end - window_start, window_start desc",
        (analysis_id,),
    )


def tests(connection: sqlite3.Connection, analysis_id: int, start: int, end: int) -> list[Row]:
    """Tests of one window."""
    return rows(
        connection,
        "select * from tests where analysis_id = ? and window_start = ? and window_end = ?",
        (analysis_id, start, end),
    )


def daily(connection: sqlite3.Connection, analysis_id: int) -> list[Row]:
    """Sessions of the event window."""
    return rows(connection, "select * from daily where analysis_id = ? order by tau", (analysis_id,))


def joint_tests(connection: sqlite3.Connection, event_id: str) -> list[Row]:
    """Tests over the assets together."""
    return rows(connection, "select * from joint_tests where event_id = ?", (event_id,))
