"""A database of the first schema, with prices in it, becomes one of the second with nothing lost."""

from __future__ import annotations

import datetime as dt
import sqlite3

import pytest
from sqlite_utils import Database

from eventstudy.archive import answers as archive
from eventstudy.archive.coverage import covered
from eventstudy.archive.verify import verify
from eventstudy.database import connection as store
from eventstudy.database.connection import open_database, transaction
from eventstudy.database.migrations import migrations
from tests.support.passes import faults

KEY = ("ecb", "USDCNY", "1d")
SNAPSHOT = "insert into snapshots values (?, ?, ?, '1d', ?, ?, ?, 3, ?, 'hash', 'CNY', 'v', '[\"a note\"]')"
BAR = "insert into bars values (?, ?, '1d', ?, ?, ?, ?, ?)"


@pytest.fixture
def old(tmp_path):
    """Three answers of two series: one finished long before it was asked for, one of the same day, one revision."""
    path = tmp_path / "es.db"
    connection = sqlite3.connect(path, isolation_level=None)
    migrations.apply(Database(connection), stop_before="m0002_prices")
    ask = [
        (1, "ecb", "USDCNY", "2023-03-01", "2023-03-31", "2023-06-01T10:00:00+00:00", 2),
        (2, "ecb", "EURUSD", "2023-03-01", "2023-03-07", "2023-03-07T18:00:00+00:00", 2),
        (3, "ecb", "USDCNY", "2023-03-01", "2023-03-31", "2023-07-01T10:00:00+00:00", 1),
    ]
    connection.executemany(SNAPSHOT, ask)
    bars = [
        ("ecb", "USDCNY", "2023-03-01", 1, "2023-03-01T13:15:00+00:00", 6.9, 0.0),
        ("ecb", "USDCNY", "2023-03-30", 1, "2023-03-30T12:15:00+00:00", None, 0.0),
        ("ecb", "USDCNY", "2023-03-30", 3, "2023-03-30T12:15:00+00:00", 6.88, 0.25),
        ("ecb", "EURUSD", "2023-03-03", 2, "2023-03-03T13:15:00+00:00", 1.06, 0.0),
        ("ecb", "EURUSD", "2023-03-06", 2, "2023-03-06T13:15:00+00:00", 1.0646, 0.0),
    ]
    connection.executemany(BAR, bars)
    connection.close()
    return path, bars


COLUMNS = "source, symbol, session, snapshot_id, instant, close, dividend"


def test_every_row_is_carried_over(old):
    path, bars = old
    db = open_database(path)
    assert sorted(map(str, db.execute(f"select {COLUMNS} from bars").fetchall())) == sorted(map(str, bars))
    assert db.execute("select count(*) from snapshots").fetchone() == (3,)
    assert db.execute(
        "select session, previous_close, close from price_revisions where previous_fetched_at is not null"
    ).fetchall() == [("2023-03-30", None, 6.88)]
    db.close()
    assert faults(path) == []


def test_the_past_reads_as_before(old):
    db = open_database(old[0])
    june, july = (dt.datetime(2023, month, 15, tzinfo=dt.UTC) for month in (6, 7))
    then = archive.load(db.conn, "ecb", "USDCNY", asset="x", as_of=june)
    assert str(then.prices.tolist()) == "[6.9, nan]"
    now = archive.load(db.conn, "ecb", "USDCNY", asset="x", as_of=july)
    assert now.prices[-1] == 6.88
    assert now.notes == ("a note",)
    db.close()


def test_what_was_settled_is_not_asked_for_again_and_nothing_is_broken(old):
    db = open_database(old[0])
    assert covered(db.conn, KEY) == [(dt.date(2023, 3, 1), dt.date(2023, 3, 31))]
    # asked for up to the same day: only up to its last session
    assert covered(db.conn, ("ecb", "EURUSD", "1d")) == [(dt.date(2023, 3, 1), dt.date(2023, 3, 6))]
    assert [f for f in verify(db.conn, {}) if f.is_broken] == []
    db.close()


def test_a_migration_that_breaks_off_leaves_the_old_schema(old, monkeypatch):
    path, bars = old
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("create table series (stranger text)")  # the new schema cannot be made beside it
    with pytest.raises(sqlite3.OperationalError, match="series"):
        migrations.apply(Database(connection))
    assert len(connection.execute("select * from bars").fetchall()) == len(bars)
    connection.execute("drop table series")
    connection.close()
    monkeypatch.setattr(store, "BUSY_SECONDS", 0.1)
    db = open_database(path)
    with transaction(db) as inside:
        assert inside.execute("select count(*) from bar_versions").fetchone() == (len(bars),)
    db.close()
