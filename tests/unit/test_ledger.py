"""The lock and the rows of a run."""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys

import pytest

from eventstudy.database.connection import open_database, transaction
from eventstudy.errors import LockHeld, StoreError
from eventstudy.store import ledger
from tests.support.passes import NOW

HOLD = """\
import sys, pathlib
from eventstudy.store import ledger
with ledger.lock(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.mark.slow
def test_the_lock_of_a_killed_process_is_free(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "es.db")], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with contextlib.closing(process.stdout), contextlib.closing(process.stdin):
        assert process.stdout.readline() == b"held\n"
        with (
            pytest.raises(LockHeld, match=rf"another run is active on .*es\.db \(pid {process.pid}\)"),
            ledger.lock(tmp_path / "es.db"),
        ):
            pass
        process.send_signal(signal.SIGKILL)
        process.wait()
    with ledger.lock(tmp_path / "es.db"):
        assert (tmp_path / "es.db.run.lock").read_text() == f"pid {os.getpid()}"


def test_a_run_and_a_schedule_do_not_shut_each_other_out(tmp_path):
    database = tmp_path / "es.db"
    with ledger.lock(database, "schedule"), ledger.lock(database), pytest.raises(LockHeld, match="another schedule"):
        ledger.lock(database, "schedule").__enter__()


def test_a_lock_that_cannot_be_written_is_a_store_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="check the path"), ledger.lock(tmp_path / "file" / "es.db"):
        pass


@pytest.fixture
def db(tmp_path):
    found = open_database(tmp_path / "es.db")
    yield found
    found.close()


def new_run():
    return ledger.Run(trigger="test", started_at=NOW, code_version="0", config_hash="", versions={})


COUNTS = {"ok": 1, "skipped": 2, "failed": 3}


def test_a_run_without_news_leaves_no_row(db):
    record = new_run()
    record.note("study", "x", "ok")
    record.finish(db, NOW, "ok", COUNTS)
    assert db.execute("select count(*) from runs").fetchone() == (0,)


def test_what_goes_wrong_is_news_until_it_goes_well_again(db):
    for reason, count in (("why", 1), ("why", 1), ("why else", 2)):
        record = new_run()
        record.note("events", "x", "failed", reason)
        record.finish(db, NOW, "partial", COUNTS)
        assert db.execute("select count(*) from runs").fetchone() == (count,)
    for _ in range(2):
        record = new_run()
        record.note_good("events", "x")
        record.finish(db, NOW, "ok", COUNTS)
    assert db.execute("select run_id, kind, reason, ended_at is null from notices").fetchall() == [
        (1, "failure", "why", 0),
        (2, "failure", "why else", 0),
        (3, "repair", "why else", 1),
    ]


def test_a_run_is_closed_with_its_steps(db):
    record = new_run()
    with transaction(db) as connection:
        first = record.ensure(connection)
    with transaction(db) as connection:
        assert record.ensure(connection) == first
    record.note("pull", "ecb:X", "ok", "3 new or revised rows")
    record.finish(db, NOW, "partial", COUNTS)
    assert db.execute("select status, finished_at, events_ok, events_skipped, events_failed from runs").fetchall() == [
        ("partial", "2026-11-20T23:30:00Z", 1, 2, 3)
    ]
    assert db.execute("select step, subject, status, reason from run_steps").fetchall() == [
        ("pull", "ecb:X", "ok", "3 new or revised rows")
    ]


def test_a_row_that_was_rolled_back_is_written_again_or_not_missed(db):
    record = new_run()
    with contextlib.suppress(ZeroDivisionError), transaction(db) as connection:
        record.ensure(connection)
        _ = 1 / 0
    record.finish(db, NOW, "failed", COUNTS)
    assert db.execute("select count(*) from runs").fetchone() == (0,)
    with transaction(db) as connection:
        record.ensure(connection)
    record.finish(db, NOW, "failed", COUNTS)
    assert db.execute("select count(*) from runs").fetchone() == (1,)


def test_what_a_killed_process_left_open_is_closed(db):
    with transaction(db) as connection:
        new_run().ensure(connection)
    assert ledger.close_interrupted(db, NOW) == 1
    assert db.execute("select status from runs").fetchall() == [("interrupted",)]
    assert ledger.close_interrupted(db, NOW) == 0


def test_the_ledger_knows_no_other_status(db):
    with transaction(db) as connection:
        new_run().ensure(connection)
    with pytest.raises(sqlite3.IntegrityError):
        db.execute("update runs set status = 'fine'")
