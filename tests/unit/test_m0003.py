"""A database of the first version gets the history of its events, and loses nothing."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlite_utils import Database

from eventstudy.database.connection import known_migrations, open_database
from eventstudy.database.migrations import migrations
from eventstudy.errors import StoreError
from eventstudy.store import history
from tests.support.command import eventstudy
from tests.support.passes import faults, rows

EVENT = "insert into events values (?, 'T', ?, ?, ?, 'announcement', '', 'n', 'Asia/Tokyo', ?, '[\"A\"]', 'ok', null)"
EARLY, LATE, BETWEEN = "2023-03-17T06:00:00Z", "2023-03-17T07:06:00Z", "2023-03-17T07:00:00Z"


def old_database(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """A database as 0.1 made it, with a row in every table that events touch; return what it holds."""
    db = Database(path)
    first, *later = known_migrations()
    assert first == "m0001_results"
    migrations.apply(db, stop_before=later[0])
    db.execute(EVENT, ("exact", BETWEEN, BETWEEN, BETWEEN, "[]"))
    db.execute(EVENT, ("interval", EARLY, EARLY, LATE, "[]"))
    db.execute(EVENT, ("guess", BETWEEN, EARLY, LATE, '["x"]'))
    db.execute(EVENT, ("hand", BETWEEN, BETWEEN, BETWEEN, '["ad-hoc"]'))
    db.execute("insert into studies values ('total', 0, 't', '{}', 'h')")
    db.execute(
        "insert into runs (trigger, started_at, status, code_version, config_hash, versions) "
        "values ('run', '2024-01-01T00:00:00Z', 'ok', '1', 'h', '{}')"
    )
    db.execute(
        "insert into analyses values (1, 'total', 'exact', 'A', 'u', 0, 'main', 'ok', null, null, null, null, "
        "null, null, null, null, null, null, '{}', '{}', '[]', '[]', 'm', '1', 'h', 'i', 1)"
    )
    db.conn.commit()
    db.close()
    return contents(path)


def contents(path: Path) -> dict[str, list[tuple[object, ...]]]:
    columns = "event_id, title, announced_at, earliest, latest, kind, url, note, zone, tags, assets, status, reason"
    found = {name: rows(path, f"select * from {name}") for name in ("studies", "runs", "analyses", "reactions")}
    return {**found, "events": rows(path, f"select {columns} from events order by event_id")}


def test_an_old_database_keeps_all_and_gets_first_versions(tmp_path):
    path = tmp_path / "es.db"
    before = old_database(path)
    assert history.known_events(path) == {}  # not migrated yet, and reading does not migrate
    open_database(path).close()
    assert contents(path) == before
    assert faults(path) == []
    assert rows(path, "select event_id, version, seen_at, origin, stated, changed from event_versions") == [
        ("exact", 1, "2024-01-01T00:00:00Z", "config", BETWEEN, "[]"),
        ("guess", 1, "2024-01-01T00:00:00Z", "config", BETWEEN, "[]"),
        ("hand", 1, "2024-01-01T00:00:00Z", "report", BETWEEN, "[]"),
        ("interval", 1, "2024-01-01T00:00:00Z", "config", None, "[]"),
    ]
    known = history.known_events(path)
    assert known["guess"].event.announced_at.isoformat() == "2023-03-17T07:00:00+00:00"
    assert known["interval"].event.stated is None


def test_a_migration_that_is_killed_leaves_the_old_database(tmp_path):
    path = tmp_path / "es.db"
    before = old_database(path)
    killer = sqlite3.connect(path)
    killer.execute("create table event_versions (x)")  # in its way: the statement that makes the table fails
    killer.commit()
    killer.close()
    with pytest.raises(StoreError, match="event_versions"):
        open_database(path)
    columns = [row[1] for row in rows(path, "pragma table_info(events)")]
    assert "origin" not in columns
    assert contents(path) == before


def test_status_answers_before_the_migration_too(tmp_path):
    old_database(tmp_path / "es.db")
    assert eventstudy("status", "--db", tmp_path / "es.db").code == 0
