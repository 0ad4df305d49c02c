"""What the pages of all events and of one asset read of the results: a row for each event."""

from __future__ import annotations

import sqlite3

from eventstudy.database.reading import Row, rows


def events(connection: sqlite3.Connection) -> list[Row]:
    """Every announcement, the newest first."""
    return rows(connection, "select * from events where kind <> 'context' order by announced_at desc, event_id")


def releases(connection: sqlite3.Connection, most: int) -> tuple[list[Row], int]:
    """The newest scheduled releases that somebody entered, at most so many, and how many there are."""
    where = "from events where kind = 'context' and origin <> 'releases'"
    (total,) = connection.execute(f"select count(*) {where}").fetchone()  # our own words
    return rows(connection, f"select * {where} order by announced_at desc limit ?", (most,)), int(total)


def newest_run(connection: sqlite3.Connection) -> Row | None:
    """The last pass that ended."""
    found = rows(connection, "select * from latest_runs where status <> 'running' order by run_id desc limit 1")
    return found[0] if found else None


def began(connection: sqlite3.Connection) -> str:
    """When the first pass started; empty where there was none."""
    (first,) = connection.execute("select coalesce(min(started_at), '') from runs").fetchone()
    return str(first)


def newest_results(connection: sqlite3.Connection, most: int) -> list[Row]:
    """Events whose results are the newest, at most so many, with the pass; the same numbers are not written again."""
    return rows(
        connection,
        "select e.event_id, e.title, e.announced_at, max(a.run_id) as run_id, r.started_at "
        "from analyses a join events e using (event_id) join runs r using (run_id) where a.run_id > ("
        "select coalesce(min(run_id), 0) - 1 from (select distinct run_id from analyses order by run_id desc limit ?1)"
        ") and e.kind <> 'context' "
        "group by e.event_id order by run_id desc, e.announced_at desc, e.event_id limit ?1",
        (most,),
    )


def assets(connection: sqlite3.Connection) -> list[Row]:
    """Every asset that was studied by the headline study: `asset`, `asset_title` of its newest event, `n_events`."""
    return rows(
        connection,
        "select asset, asset_title, count(*) as n_events, max(a.day0) as newest from analyses a "
        "join studies s using (study_id) where s.position = 0 and a.alignment = 'main' group by asset order by asset",
    )


def reactions_of(connection: sqlite3.Connection, asset: str) -> list[Row]:
    """Every event of an asset by the headline study, the newest first, with its primary window."""
    return rows(
        connection,
        "select r.*, e.zone, e.earliest, e.latest, s.spec, s.title as study_title, a.analysis_id from analyses a "
        "join studies s using (study_id) join events e using (event_id) "
        "join reactions r on r.study = a.study_id and r.event_id = a.event_id and r.asset = a.asset "
        "where a.asset = ? and a.alignment = 'main' and s.position = 0 and coalesce(r.is_primary, 1) "
        "order by e.announced_at desc, a.event_id",
        (asset,),
    )


def assets_since(connection: sqlite3.Connection, run_id: int) -> set[str]:
    """The assets that a pass after `run_id` wrote a result of."""
    return {asset for (asset,) in connection.execute("select distinct asset from analyses where run_id > ?", (run_id,))}


def newest_result(connection: sqlite3.Connection) -> int:
    """Number of the newest pass that wrote a result; 0 when there is none."""
    (found,) = connection.execute("select coalesce(max(run_id), 0) from analyses").fetchone()
    return int(found)
