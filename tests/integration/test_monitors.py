"""What nobody may be left in the dark about: damage, copies that fail, passes that could not begin."""

from __future__ import annotations

import contextlib
import datetime as dt
import errno
import json
import sqlite3
import threading

import pytest

from eventstudy.config.load import load_config
from eventstudy.errors import Damaged, SourceDown, StoreError
from eventstudy.prices.ecb import EcbSource
from eventstudy.store import backup, ledger
from eventstudy.store.sync import gather
from jobs import nightly, scheduler
from tests.support.command import eventstudy
from tests.support.passes import NOW, beat, rows, run, write_config

DAY = dt.timedelta(days=1)


# --- copies, word to somebody -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("when", "told"), [("failures", 3), ("changes", 1)])
def test_a_copy_that_fails_is_told_of_and_written_down(tmp_path, when, told):
    (tmp_path / "copies").write_text("a file in the way")
    tell = tmp_path / "tell"
    path = write_config(
        tmp_path,
        ("schedule:", f"backups: {{folder: {tmp_path}/copies, keep: 2}}\nschedule:"),
        ("schedule:", f"notify: {{command: [sh, -c, 'cat >> {tell}'], when: {when}}}\nschedule:"),
    )
    for night in range(3):
        assert run(path, now=lambda at=NOW + night * DAY: at).exit_code == 3
        run(path, now=lambda at=NOW + night * DAY: at + DAY / 2, only=["visit"])  # as the scheduler looks at one event
    assert tell.read_text().count("no backup was made") == told
    assert rows(tmp_path / "es.db", "select step from run_steps where status = 'failed'") == [("backup",)]
    assert "no backup was made" in (tmp_path / "reports" / "digest.html").read_text("utf-8")
    run(path, now=lambda: NOW + 3 * DAY)
    assert "no backup was made" in eventstudy("status", "--config", path).out
    (tmp_path / "copies").unlink()
    assert run(path, now=lambda: NOW + 4 * DAY).exit_code == 0
    lasting = "select count(*) from notices where step = 'backup' and ended_at is null and kind = 'failure'"
    assert rows(tmp_path / "es.db", lasting) == [(0,)]
    assert ("WHAT GOES WELL AGAIN" in tell.read_text()) == (when == "changes")


def test_a_folder_of_copies_that_cannot_be_written_is_the_same_trouble_every_night(tmp_path, monkeypatch):
    path = write_config(tmp_path, ("schedule:", f"backups: {{folder: {tmp_path}/copies, keep: 2}}\nschedule:"))
    real = backup._copy
    # root may write everywhere but where there is no folder
    monkeypatch.setattr(backup, "_copy", lambda source, target: real(source, target.parent / "none" / target.name))
    troubles = {run(path, now=lambda night=night: NOW + night * DAY).troubles[0] for night in range(3)}
    (said,) = troubles
    assert said.startswith(f"no backup was made: {tmp_path}/copies/none: unable to open database; check the path")


def test_a_copy_that_is_damaged_on_its_way_is_no_damage_of_the_database(tmp_path, monkeypatch):
    path = write_config(tmp_path, ("schedule:", f"backups: {{folder: {tmp_path}/copies, keep: 2}}\nschedule:"))
    real = backup._copy

    def spoilt(source, target):
        real(source, target)
        content = target.read_bytes()
        target.write_bytes(content[:8192] + b"\xa5" * (len(content) - 8192))

    monkeypatch.setattr(backup, "_copy", spoilt)
    result = run(path)
    assert (result.status, result.exit_code) == ("ok", 3)
    assert "is not what stands there" in result.troubles[0]
    assert list((tmp_path / "copies").iterdir()) == []


# --- damage ----------------------------------------------------------------------------------------------------------


def zeroed(database, name) -> None:
    """Write zeros over the first page of a table or an index."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        (page,) = connection.execute("select rootpage from sqlite_schema where name = ?", (name,)).fetchone()
        (size,) = connection.execute("pragma page_size").fetchone()
    with database.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\0" * size)


def test_damage_that_a_pass_meets_makes_it_a_failed_one(tmp_path, clock):
    path = write_config(tmp_path)
    run(path)
    zeroed(tmp_path / "es.db", "window_tests")
    (tmp_path / "reports" / "visit.html").unlink()  # so that a page is made of what is damaged
    clock(NOW + DAY)
    done = eventstudy("run", "--config", path)
    assert (done.code, "eventstudy restore" in done.err) == (1, True)
    found = beat(tmp_path)
    assert (found.status, found.exit_code, found.last_good) == ("failed", 1, NOW)
    assert "Damaged" in (found.reason or "")
    assert eventstudy("status", "--config", path, "--max-age", "1h").code == 1
    assert eventstudy("doctor", "--config", path).code == 1


def test_an_index_that_does_not_hold_what_its_table_holds_is_damage(tmp_path):
    path = write_config(tmp_path, ("schedule:", f"backups: {{folder: {tmp_path}/copies, keep: 2}}\nschedule:"))
    run(path)
    with contextlib.closing(sqlite3.connect(tmp_path / "es.db", isolation_level=None)) as connection:
        connection.execute("pragma writable_schema = on")
        sql = "create index analyses_by_event on analyses (asset)"  # the pages hold another column
        connection.execute("update sqlite_schema set sql = ? where name = 'analyses_by_event'", (sql,))
    with pytest.raises(Damaged, match="missing from index analyses_by_event"):
        run(path, now=lambda: NOW + 8 * DAY)
    assert eventstudy("backup", "--config", path).code == 1


def test_damage_that_a_copy_would_not_have_is_found_before_it_is_made(tmp_path):
    path = write_config(tmp_path, ("schedule:", f"backups: {{folder: {tmp_path}/copies, keep: 2}}\nschedule:"))
    run(path)
    zeroed(tmp_path / "es.db", "analyses_by_run")  # an index, which a copy makes anew
    path.write_text(path.read_text().replace("title: A visit", "title: Another visit"))
    with pytest.raises(Damaged):
        run(path, now=lambda: NOW + DAY)
    assert (beat(tmp_path).status, beat(tmp_path).last_good) == ("failed", NOW)
    assert eventstudy("backup", "--config", path).code == 1
    assert len(list((tmp_path / "copies").iterdir())) == 1


def test_a_value_that_no_constraint_allows_is_damage(tmp_path):
    path = write_config(tmp_path)
    run(path)
    database = tmp_path / "es.db"
    with contextlib.closing(sqlite3.connect(database)) as connection:
        connection.execute("pragma ignore_check_constraints = on")
        connection.execute("update analyses set alignment = 'mxin' where rowid = 1")
        connection.commit()
    with pytest.raises(Damaged, match="CHECK constraint failed"):
        run(path, now=lambda: NOW + 8 * DAY)
    assert eventstudy("doctor", "--config", path).code == 1


@pytest.mark.parametrize(
    ("table", "commands"),
    [
        ("events", ["status", "digest", "query events", "events list", "run --dry-run", "run"]),
        ("event_states", ["query event_states", "run --dry-run", "run"]),
        ("analyses", ["query analyses", "digest", "run --all"]),
    ],
)
def test_every_command_that_meets_damage_says_so_in_one_line(tmp_path, table, commands):
    path = write_config(tmp_path)
    run(path)
    zeroed(tmp_path / "es.db", table)
    for words in commands:
        done = eventstudy(*words.split(), "--config", path)
        assert (words, done.code, done.err.count("\n")) == (words, 1, 1)
        assert "put a backup back with `eventstudy restore`" in done.err


def test_every_page_is_looked_at_once_a_week_by_passes_without_news_too(tmp_path, clock):
    path = write_config(tmp_path)
    run(path)
    zeroed(tmp_path / "es.db", "window_tests")
    clock(NOW + DAY)
    assert eventstudy("run", "--config", path).code == 0  # looked at yesterday
    clock(NOW + 7 * DAY)
    done = eventstudy("run", "--config", path)
    assert (done.code, "is damaged" in done.err) == (1, True)
    assert beat(tmp_path).last_good == NOW + DAY


def test_a_database_that_is_sound_is_looked_at_and_that_is_noted(tmp_path):
    path = write_config(tmp_path)
    run(path)
    run(path, now=lambda: NOW + DAY)
    assert beat(tmp_path).checked_at == NOW
    run(path, now=lambda: NOW + 8 * DAY)
    assert beat(tmp_path).checked_at == NOW + 8 * DAY
    run(path, now=lambda: NOW)  # a clock that went back
    assert beat(tmp_path).checked_at == NOW


# --- passes that could not begin -------------------------------------------------------------------------------------


def test_a_scheduled_pass_with_broken_settings_leaves_a_trace(tmp_path):
    path = write_config(tmp_path)
    run(path)
    path.write_text(path.read_text() + "nonsense: 1\n")
    assert scheduler.one_pass(path, threading.Event(), None, tmp_path / "es.db") == (None, False)
    found = beat(tmp_path)
    assert (found.status, found.exit_code, found.last_good) == ("failed", 1, NOW)
    assert "nonsense" in (found.reason or "")


def test_a_database_that_another_program_holds_leaves_a_trace(tmp_path, monkeypatch):
    path = write_config(tmp_path)
    run(path)
    monkeypatch.setattr("eventstudy.database.connection.BUSY_SECONDS", 0.1)
    with contextlib.closing(sqlite3.connect(tmp_path / "es.db", isolation_level=None)) as holder:
        holder.execute("begin exclusive")
        assert eventstudy("run", "--config", path).code == 1
    assert "another program holds it" in (beat(tmp_path).reason or "")


def test_a_pass_that_cannot_begin_is_told_once_a_reason(tmp_path):
    box = tmp_path / "box"
    tell = f"notify: {{command: [sh, -c, 'cat >> {box}'], when: failures}}\nschedule:"
    path = write_config(tmp_path, ("schedule:", tell))
    run(path)
    (tmp_path / "es.db").rename(tmp_path / "away.db")
    for night in range(1, 4):
        for only in (["visit"], None):  # the scheduler looks at single events, and of those tells nobody
            with pytest.raises(StoreError, match="is gone"):
                run(path, now=lambda at=NOW + night * DAY: at, only=only)
    assert box.read_text().count("is gone, though a pass finished on it") == 1
    (tmp_path / "away.db").rename(tmp_path / "es.db")
    assert run(path, now=lambda: NOW + 4 * DAY).exit_code == 0
    assert (beat(tmp_path).reason, beat(tmp_path).notified) == (None, None)
    (tmp_path / "es.db").rename(tmp_path / "away.db")
    with pytest.raises(StoreError, match="is gone"):
        run(path, now=lambda: NOW + 5 * DAY)
    assert box.read_text().count("is gone, though a pass finished on it") == 2


def test_what_the_heartbeat_cannot_hold_is_told_once_by_one_process(tmp_path, monkeypatch):
    box = tmp_path / "box"
    tell = f"notify: {{command: [sh, -c, 'cat >> {box}'], when: failures}}\nschedule:"
    path = write_config(tmp_path, ("schedule:", tell))
    run(path)

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("eventstudy.atomic.put", full)
    for attempt in range(3):
        with pytest.raises(StoreError, match="make room on the disk"):
            run(path, now=lambda at=NOW + attempt * DAY: at)
    assert box.read_text().count("No space left on device") == 1


def test_a_lock_that_cannot_be_taken_leaves_a_trace(tmp_path):
    path = write_config(tmp_path)
    run(path)
    (tmp_path / "es.db.run.lock").unlink()
    (tmp_path / "es.db.run.lock").mkdir()
    with pytest.raises(StoreError):
        run(path, now=lambda: NOW + DAY)
    assert "es.db.run.lock" in (beat(tmp_path).reason or "")


def test_a_full_disk_or_a_lock_is_no_fault_of_an_event(tmp_path, monkeypatch):
    path = write_config(tmp_path)

    def full(*_):
        error = sqlite3.OperationalError("database or disk is full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    with monkeypatch.context() as patch:
        patch.setattr("jobs.study_step.study_events", full)
        with pytest.raises(StoreError, match="make room on the disk"):
            run(path)
    assert rows(tmp_path / "es.db", "select * from retry_queue") == []
    assert run(path, now=lambda: NOW + DAY / 24).exit_code == 0  # at once, with room made


def down(self, symbol, *_, **__):
    raise SourceDown("no route to host", source="ecb", symbol=symbol)


def test_a_pass_over_one_event_hides_no_trouble(tmp_path, monkeypatch):
    (tmp_path / "copies").write_text("a file in the way")
    path = write_config(tmp_path, ("schedule:", f"backups: {{folder: {tmp_path}/copies, keep: 2}}\nschedule:"))
    run(path)
    run(path, only=["visit"])
    assert "no backup was made" in " ".join(beat(tmp_path).troubles)
    assert "the announcements went well, something else did not." in " ".join(
        eventstudy("digest", "--config", path).out.split()
    )
    with monkeypatch.context() as patch:
        patch.setattr(EcbSource, "fetch", down)
        run(path, only=["visit"], now=lambda: NOW + DAY)
    assert "no route to host" in " ".join(beat(tmp_path).single_troubles)
    assert "no route to host" in eventstudy("status", "--config", path).out
    run(path, only=["visit"], now=lambda: NOW + 2 * DAY)
    assert beat(tmp_path).single_troubles == ()
    assert "no backup was made" in " ".join(beat(tmp_path).troubles)


def test_a_command_that_is_mistyped_is_no_pass(tmp_path):
    path = write_config(tmp_path)
    run(path)
    before = (tmp_path / "es.db.heartbeat.json").read_bytes()
    assert eventstudy("run", "--config", path, "--event", "vist").code == 2
    assert (tmp_path / "es.db.heartbeat.json").read_bytes() == before


def test_what_cannot_begin_beside_a_pass_at_work_leaves_its_heartbeat_alone(tmp_path):
    path = write_config(tmp_path)
    run(path)
    before = (tmp_path / "es.db.heartbeat.json").read_bytes()
    path.write_text(path.read_text() + "nonsense: 1\n")
    with ledger.lock(tmp_path / "es.db"):
        assert scheduler.one_pass(path, threading.Event(), None, tmp_path / "es.db") == (None, False)
    assert (tmp_path / "es.db.heartbeat.json").read_bytes() == before


def test_a_dry_run_refuses_what_a_run_refuses(tmp_path):
    path = write_config(tmp_path)
    run(path)
    whole = (tmp_path / "es.db").read_bytes()
    (tmp_path / "es.db").write_bytes(b"nonsense " * 1000)
    assert eventstudy("run", "--config", path, "--dry-run").code == 1
    (tmp_path / "es.db").unlink()
    done = eventstudy("run", "--config", path, "--dry-run")
    assert (done.code, "is gone, though" in done.err) == (1, True)
    (tmp_path / "es.db").write_bytes(whole)
    assert eventstudy("run", "--config", path, "--dry-run").code == 0


# --- what is no failure ----------------------------------------------------------------------------------------------


def test_a_mistake_in_a_feed_while_all_events_wait_is_no_failed_pass(tmp_path):
    feed = tmp_path / "desk.csv"
    feed.write_text("id,title,announced_at,assets\none,One,2030-01-01T07:00Z,EURUSD\ntwo,Two,2026-13-01,EURUSD\n")
    path = write_config(tmp_path, ("schedule:", f"feeds: [{{id: desk, kind: csv, path: {feed}}}]\nschedule:"))
    text = path.read_text()
    path.write_text(text[: text.index("events:")] + "events: []\n" + text[text.index("feeds:") :])
    config = load_config(path, environ={})
    gathered = gather(config, NOW, file=path.name)
    result = nightly.run(config, gathered.events, now=lambda: NOW, trigger="test", gathered=gathered)
    assert (result.exit_code, result.status, beat(tmp_path).last_good) == (3, "partial", NOW)


def test_an_event_that_a_clock_ahead_called_skipped_waits_again(tmp_path):
    path = write_config(tmp_path, ("2022-09-15T07:00Z", "2027-03-01T07:00Z"))
    assert run(path).exit_code == 0
    assert run(path, now=lambda: dt.datetime(2027, 5, 1, tzinfo=dt.UTC)).exit_code == 3
    result = run(path, now=lambda: NOW + DAY)
    assert (result.exit_code, result.outcomes["meeting"]) == (0, ("pending", "not announced yet"))
    assert rows(tmp_path / "es.db", "select status, reason from events where event_id = 'meeting'") == [
        ("pending", "not announced yet")
    ]


def test_a_clock_that_is_behind_takes_no_result(tmp_path):
    path = write_config(tmp_path)
    run(path)
    before = rows(tmp_path / "es.db", "select * from analyses")
    result = run(path, now=lambda: dt.datetime(2015, 1, 1, tzinfo=dt.UTC))
    assert (result.exit_code, result.outcomes) == (0, {"meeting": ("ok", None), "visit": ("ok", None)})
    run(path, now=lambda: NOW + DAY)
    assert rows(tmp_path / "es.db", "select * from analyses") == before
    assert rows(tmp_path / "es.db", "select * from verdict_changes") == []


def test_nor_does_it_of_an_event_whose_last_attempt_failed(tmp_path, monkeypatch):
    path = write_config(tmp_path)
    run(path)
    before = rows(tmp_path / "es.db", "select * from analyses")
    path.write_text(path.read_text().replace("title: A visit", "title: Another visit"))
    with monkeypatch.context() as patch:
        patch.setattr("jobs.study_step.study_events", lambda *_: 1 / 0)
        assert run(path, now=lambda: NOW + DAY).exit_code == 3
    run(path, now=lambda: dt.datetime(2015, 1, 1, tzinfo=dt.UTC))
    assert rows(tmp_path / "es.db", "select * from analyses") == before
    assert rows(tmp_path / "es.db", "select event_id from retry_queue") == [("visit",)]


def test_pages_that_a_stopped_pass_leaves_are_made_by_the_next(tmp_path):
    path = write_config(tmp_path)

    def all_is_studied() -> bool:
        return rows(tmp_path / "es.db", "select count(distinct event_id) from analyses") == [(2,)]

    result = run(path, stop=all_is_studied)
    assert (result.status, sorted(result.studied)) == ("interrupted", ["meeting", "visit"])
    assert not (tmp_path / "reports" / "meeting.html").exists()
    assert run(path, now=lambda: NOW + DAY).exit_code == 0
    assert (tmp_path / "reports" / "meeting.html").exists()
    assert (tmp_path / "reports" / "visit.html").exists()


def test_damage_is_never_taken_for_the_fault_of_an_event(tmp_path, monkeypatch):
    path = write_config(tmp_path)

    def corrupt(*_):
        raise Damaged("es.db: database disk image is malformed")

    monkeypatch.setattr("jobs.study_step.study_events", corrupt)
    with pytest.raises(Damaged):
        run(path)
    assert json.loads((tmp_path / "es.db.heartbeat.json").read_text())["status"] == "failed"
