"""What is stored of events and their results, row by row: standard library only."""

from __future__ import annotations

import array
import json
import sqlite3
import sys
from collections.abc import Iterable

from eventstudy.database.reading import Row, rows
from eventstudy.errors import InputError

# The condition that passes look at an event: not at one that was retired, that stood in the settings and does no
# longer, or that its feed lost before it came.
LIVE = "(retired_at is null and (missing_since is null or (origin <> 'config' and missing_since >= latest)))"


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
        "select a.*, n.text as notes, m.text as method, s.title as study_title, s.spec from analyses a "
        "join studies s using (study_id) join texts n on n.text_id = a.notes_id "
        "join texts m on m.text_id = a.method_id where event_id = ? order by s.position, a.position",
        (event_id,),
    )


def answers(connection: sqlite3.Connection, analysis_ids: Iterable[int]) -> list[Row]:
    """The newest answer of every source and symbol that analyses rest on, each once."""
    return rows(
        connection,
        "select distinct source, symbol, version, fetched_at, content_hash from result_answers "
        "where analysis_id in (select value from json_each(?))",
        (json.dumps(list(analysis_ids)),),
    )


def newest_answers(connection: sqlite3.Connection, series: Iterable[tuple[str, str]]) -> list[int]:
    """Numbers of the newest answers of (source, symbol), without those that have none."""
    found = (
        connection.execute("select max(snapshot_id) from snapshots where source = ? and symbol = ?", key).fetchone()[0]
        for key in sorted(series)
    )
    return [number for number in found if number is not None]


def windows(connection: sqlite3.Connection, analysis_id: int) -> list[Row]:
    """Windows of an analysis, the primary one first, then in the order of the study; `placebo` is a tuple of CARs."""
    found = rows(
        connection,
        "select w.*, p.cars as placebo from window_results w left join placebos p "
        "using (analysis_id, window_start, window_end) where analysis_id = ? "
        "order by is_primary desc, window_end - window_start, window_start desc",
        (analysis_id,),
    )
    return [{**row, "placebo": unpacked(row["placebo"] or b"")} for row in found]


def unpacked(cars: bytes) -> tuple[float, ...]:
    """The CARs of a row of `placebos`: little-endian numbers of four bytes, in the order of time."""
    found = array.array("f", cars)
    if sys.byteorder == "big":
        found.byteswap()
    return tuple(found)


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
