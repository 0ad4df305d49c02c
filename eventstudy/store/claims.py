"""What was said of prices, and what became of it: the tables `assets` and `claims`.

Functions that write run inside a transaction of the caller.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from eventstudy.database.reading import Row, rows
from eventstudy.store import sealed

COLUMNS = (
    *("position", "text", "sentence", "asset", "answer", "because", "claimed", "measured", "unit", "route", "session"),
    *("is_proxy", "reaction", "reaction_because", "details"),
)


def put_assets(connection: sqlite3.Connection, assets: Mapping[str, tuple[str, Mapping[str, Any]]]) -> None:
    """Write what the settings call every asset, and where its prices come from, if it is not what stands there.

    Those that the settings no longer have stay while there are results of them.
    """
    wanted = {(name, title, json.dumps(settings)) for name, (title, settings) in assets.items()}
    stored = set(connection.execute("select asset, title, settings from assets").fetchall())
    for name in {row[0] for row in stored} - assets.keys():
        connection.execute(
            "delete from assets where asset = ?1 and not exists (select 1 from analyses where asset = ?1)", (name,)
        )
    connection.executemany("insert or replace into assets values (?, ?, ?)", sorted(wanted - stored))


def assets(connection: sqlite3.Connection) -> list[Row]:
    """Every asset of the settings, as of the newest pass."""
    return rows(connection, "select asset, title, settings from assets order by asset")


def put_answers(connection: sqlite3.Connection, event_id: str, found: Sequence[Row], checked_at: str) -> bool:
    """Replace the answers to the claims of an event; return whether anything changed but the time."""
    names = ", ".join(COLUMNS)
    wanted = [tuple(row[name] for name in COLUMNS) for row in found]
    stored = connection.execute(
        f"select {names} from claims where event_id = ? order by position",  # noqa: S608  # names of ours
        (event_id,),
    ).fetchall()
    connection.execute("delete from claims where event_id = ?", (event_id,))
    values = ", ".join("?" * (len(COLUMNS) + 2))
    connection.executemany(
        f"insert into claims (event_id, checked_at, {names}) values ({values})",  # noqa: S608  # names of ours
        [(event_id, checked_at, *row) for row in wanted],
    )
    sealed.seal_part(connection, sealed.CLAIMS, event_id)
    return stored != wanted


def to_check(connection: sqlite3.Connection, studied: Iterable[str]) -> list[str]:
    """Events with claims that were studied just now, were never checked, have bars that came since, or lost theirs."""
    found = connection.execute(
        "select event_id from events e where (claims <> '[]' and kind <> 'context' and (event_id in "
        "(select value from json_each(?)) or not exists (select 1 from claims c where c.event_id = e.event_id) "
        "or exists (select 1 from captures t join claims c using (event_id) where t.event_id = e.event_id "
        "and t.new_rows > 0 and t.done_at >= c.checked_at))) "
        "or (claims = '[]' and exists (select 1 from claims c where c.event_id = e.event_id)) order by event_id",
        (json.dumps(sorted(studied)),),
    )
    return [event_id for (event_id,) in found]


def reaction(connection: sqlite3.Connection, event_id: str, asset: str) -> Row | None:
    """The headline result of an asset of an event, over the primary window; None when it was not studied."""
    found = rows(
        connection,
        "select verdict, car, t, p_adjusted, reason, day0, window_start, window_end from reactions "
        "where event_id = ? and asset = ? and is_headline and coalesce(is_primary, 1) = 1",
        (event_id, asset),
    )
    return found[0] if found else None
