"""Whatever is changed in the archive behind its back, `verify` tells; and it tells nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from eventstudy.archive import answers as archive
from eventstudy.archive.verify import verify
from eventstudy.database.connection import open_database
from tests.support.series import daily, day, part, span, weekdays

DAYS = weekdays("2023-01-02", 60)
CLOSE = 100.0 * np.exp(np.cumsum(np.random.default_rng(6).normal(0, 0.01, 60)))
SPLITS = np.where(np.arange(60) == 50, 4.0, 1.0)


@pytest.fixture
def connection(tmp_path):
    """Three answers: a history, the same after a split, and one with a bar twice."""
    db = open_database(tmp_path / "a.db")
    whole = daily(DAYS, CLOSE / 4.0, splits=SPLITS)
    twice = part(whole, [*range(45, 59), 59, 59])
    for when, found in ((1, part(daily(DAYS, CLOSE), slice(0, 48))), (2, part(whole, slice(0, 58))), (3, twice)):
        archive.save(db.conn, found, asked=span(found), fetched_at=day(when))
    db.conn.commit()
    yield db.conn
    db.close()


def faults(connection) -> list[str]:
    return [finding.check for finding in verify(connection, {}) if finding.is_broken]


def test_what_was_written_is_sound(connection):
    assert connection.execute("select count(*), count(seal) from snapshots").fetchone() == (3, 3)
    assert connection.execute("select count(*) from rebases").fetchone() == (1,)
    assert connection.execute("select count(*) from bar_flags").fetchone() == (1,)
    assert faults(connection) == []


@pytest.mark.parametrize(
    "change",
    [
        "delete from rebases",
        "update rebases set factor = factor * 2",
        "update rebases set last_label = last_label - 86400",
        "update rebases set why = ''",
        "delete from bar_flags",
        "update snapshots set fetched_at = '2020-01-01T00:00:00Z' where snapshot_id = 2",
        "update snapshots set covered_from = '1990-01-01' where snapshot_id = 3",
        "update snapshots set currency = 'EUR' where snapshot_id = 1",
        "update snapshots set content_hash = 'x' where snapshot_id = 2",
        "update snapshots set row_count = 3 where snapshot_id = 1",
        "update snapshots set notes = '[]', version = '' where snapshot_id = 2",
        "update snapshots set seal = null where snapshot_id = 2",
        "update snapshots set seal = 'x' where snapshot_id = 3",
    ],
)
def test_a_change_behind_its_back_is_a_fault(connection, change):
    connection.execute(change)
    assert "seal" in faults(connection)


def test_an_answer_that_is_taken_out_is_missed(connection):
    connection.execute("pragma foreign_keys = off")
    for table in ("bar_versions", "rebases", "bar_flags", "snapshots"):
        connection.execute(f"delete from {table} where snapshot_id = 2")  # names of ours
    assert "seal" in faults(connection)


def test_answers_from_before_there_were_seals_are_not_judged(connection):
    connection.execute("update snapshots set seal = null")
    assert faults(connection) == []
    found = daily(DAYS, CLOSE / 4.0, splits=SPLITS)
    archive.save(connection, found, asked=span(found), fetched_at=day(9))
    assert faults(connection) == []
