"""What docs/operations.md promises of the program as a whole, where no other test holds it."""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
import threading
import time
from pathlib import Path

import pytest

from eventstudy.config.model import NotifyConfig
from eventstudy.database.connection import open_database, transaction
from eventstudy.errors import LockHeld
from eventstudy.store import heartbeat as heartbeats
from eventstudy.store import ledger
from jobs import plan
from jobs.notify import send
from tests.support.command import eventstudy
from tests.support.passes import NOW, dump, faults, loaded, rows, run, write_config


def test_another_version_computes_every_result_again_and_once(tmp_path, monkeypatch):
    path = write_config(tmp_path)
    run(path)
    for module in ("jobs.plan", "jobs.study_step", "jobs.nightly"):
        monkeypatch.setattr(f"{module}.__version__", "99.0")
    assert run(path).results_written == 2
    assert rows(tmp_path / "es.db", "select distinct code_version from analyses") == [("99.0",)]
    assert run(path).results_written == 0


def test_another_version_of_a_library_makes_every_event_due(tmp_path, monkeypatch):
    path = write_config(tmp_path)
    run(path)
    monkeypatch.setattr(plan, "versions_of_libraries", lambda: {"numpy": "99"})
    reasons = {item.reason for item in plan.read_plan(*loaded(path), NOW).items}
    assert reasons == {"event, settings, context or versions changed"}


def test_a_pass_that_was_stopped_is_made_up_for(tmp_path):
    run(write_config(tmp_path), stop=lambda: True)
    assert heartbeats.heartbeat(tmp_path / "es.db").last_whole is None


def test_a_second_run_is_refused_at_once_also_when_there_is_nothing_to_do(tmp_path):
    path = write_config(tmp_path)
    run(path)
    assert plan.is_idle(*loaded(path), NOW)
    with ledger.lock(tmp_path / "es.db"):
        with pytest.raises(LockHeld):
            run(path)
        assert eventstudy("run", "--config", path).code == 4


def test_in_write_ahead_mode_all_is_as_before(tmp_path):
    path = write_config(tmp_path, ("schedule:", f"backups: {{folder: {tmp_path}/copies}}\nschedule:"))
    run(path)
    connection = sqlite3.connect(tmp_path / "es.db")
    assert connection.execute("pragma journal_mode = wal").fetchone() == ("wal",)
    path.write_text(path.read_text("utf-8").replace("A visit", "Another visit"), "utf-8")
    assert run(path, now=lambda: NOW + dt.timedelta(days=1)).results_written == 1
    assert eventstudy("status", "--config", path).code == 0
    assert eventstudy("query", "select count(*) from reactions", "--config", path).code == 0
    assert eventstudy("backup", "--config", path).code == 0
    newest = max((tmp_path / "copies").iterdir())
    assert dump(newest) == dump(tmp_path / "es.db")
    assert eventstudy("restore", newest, "--config", path).code == 0
    connection.close()
    assert faults(tmp_path / "es.db") == []


def test_a_backup_can_be_made_while_a_transaction_is_at_work(tmp_path):
    path = write_config(tmp_path)
    run(path)
    before = dump(tmp_path / "es.db")
    writer = sqlite3.connect(tmp_path / "es.db", isolation_level=None)
    writer.execute("begin immediate")
    writer.execute("update events set title = 'half'")
    assert eventstudy("backup", "--config", path).code == 0
    writer.execute("rollback")
    writer.close()
    assert dump(next((tmp_path / "backups").iterdir())) == before


def test_another_writer_is_waited_for(tmp_path):
    db = open_database(tmp_path / "es.db")
    other = sqlite3.connect(tmp_path / "es.db", isolation_level=None, check_same_thread=False)
    other.execute("begin immediate")
    other.execute("insert into studies (study_id, position, title, spec, config_hash) values ('a', 0, 'a', '{}', '')")
    threading.Timer(0.3, lambda: other.execute("commit")).start()
    with transaction(db) as connection:
        assert connection.execute("select count(*) from studies").fetchone() == (1,)
        connection.execute(
            "insert into studies (study_id, position, title, spec, config_hash) values ('b', 1, 'b', '{}', '')"
        )
    db.close()
    other.close()


def test_a_program_that_takes_too_long_is_ended_with_its_children(tmp_path):
    mark = tmp_path / "pid"
    command = ("sh", "-c", f"sleep 60 & echo $! > {mark}; exec sleep 60")
    send(NotifyConfig(command=command, timeout=0.5), "words", {})
    child = int(mark.read_text("ascii"))
    for _ in range(500):
        if not _is_alive(child):
            return
        time.sleep(0.01)
    pytest.fail("the child lives on")


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text("ascii").split()[2] != "Z"
    except (ProcessLookupError, FileNotFoundError):
        return False
