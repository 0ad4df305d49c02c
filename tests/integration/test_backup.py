"""`eventstudy backup` and `restore`: a copy is sound or there is none, and a restored one replaces without losing."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import os
import signal
import sqlite3
import warnings
from pathlib import Path

import pytest

from eventstudy.store import backup, ledger
from tests.support.command import eventstudy
from tests.support.passes import NOW, dump, faults, pages, rows, run, write_config


@pytest.fixture
def path(tmp_path, clock):
    found = write_config(tmp_path)
    run(found)
    return found


def change(database, sql):
    connection = sqlite3.connect(database)
    connection.execute(sql)
    connection.commit()
    connection.close()


def names(folder):
    return sorted(p.name for p in folder.iterdir())


def test_a_backup_holds_what_the_database_holds(tmp_path, path):
    done = eventstudy("backup", "--config", path)
    copy = tmp_path / "backups" / "es-20261120T233000Z.db"
    assert (done.code, done.out) == (0, f"{copy}\n")
    assert dump(copy) == dump(tmp_path / "es.db")
    assert names(tmp_path / "backups") == [copy.name]


def test_the_newest_few_are_kept_and_nothing_else_is_touched(tmp_path, path, clock):
    folder = tmp_path / "safe"
    folder.mkdir()
    strangers = ["other-20200101T000000Z.db", "es-notes.db", "es-20200101T000000Z.db.txt"]
    for name in strangers:
        (folder / name).write_text("mine")
    for day in range(4):
        clock(NOW + dt.timedelta(days=day))
        assert eventstudy("backup", "--config", path, "--to", folder, "--keep", 2).code == 0
    assert names(folder) == sorted([*strangers, "es-20261122T233000Z.db", "es-20261123T233000Z.db"])


def test_what_a_backup_would_write_and_drop_is_said_before(tmp_path, path, clock):
    assert eventstudy("backup", "--config", path, "--dry-run").code == 0
    assert not (tmp_path / "backups").exists()
    eventstudy("backup", "--config", path)
    old = tmp_path / "backups" / "es-20261120T233000Z.db"
    clock(NOW + dt.timedelta(days=1))
    new = str(old).replace("20261120", "20261121")
    for is_dry in (True, False):
        done = eventstudy("backup", "--config", path, "--keep", 1, "--json", *(["--dry-run"] if is_dry else []))
        said = json.loads(done.out)
        assert (said["file"], said["dropped"], said["dry_run"]) == (new, [str(old)], is_dry)
        assert [str(copy) for copy in (tmp_path / "backups").iterdir()] == [str(old) if is_dry else new]


def test_a_database_that_is_not_sound_makes_no_backup_and_drops_none(tmp_path, path, clock):
    assert eventstudy("backup", "--config", path, "--keep", 1).code == 0
    change(tmp_path / "es.db", "delete from events where event_id = 'visit'")
    clock(NOW + dt.timedelta(days=1))
    done = eventstudy("backup", "--config", path, "--keep", 1)
    assert (done.code, done.out) == (1, "")
    assert "eventstudy restore" in done.err
    assert names(tmp_path / "backups") == ["es-20261120T233000Z.db"]


def test_no_database_no_backup(tmp_path, clock):
    done = eventstudy("backup", "--config", write_config(tmp_path))
    assert (done.code, names(tmp_path)) == (1, ["config.yaml"])


def test_a_restored_backup_is_what_was_backed_up_and_nothing_is_lost(tmp_path, path):
    database = tmp_path / "es.db"
    before = dump(database)
    eventstudy("backup", "--config", path)
    database.write_bytes(damaged := database.read_bytes()[:5000])
    (tmp_path / "es.db-journal").write_text("hot")
    copy = tmp_path / "backups" / "es-20261120T233000Z.db"
    assert eventstudy("restore", copy, "--config", path).code == 0
    assert (dump(database), faults(database)) == (before, [])
    assert (tmp_path / "es.db.replaced-20261120T233000Z").read_bytes() == damaged
    assert (tmp_path / "es.db.replaced-20261120T233000Z-journal").read_text() == "hot"
    assert not (tmp_path / "es.db-journal").exists()
    assert dump(copy) == before
    assert run(path).results_written == 0


def test_what_was_kept_is_never_overwritten(tmp_path, path):
    eventstudy("backup", "--config", path)
    copy = tmp_path / "backups" / "es-20261120T233000Z.db"
    (tmp_path / "es.db.replaced-20261120T233000Z").write_text("precious")
    before = dump(tmp_path / "es.db")
    assert eventstudy("restore", copy, "--config", path).code == 1
    assert (tmp_path / "es.db.replaced-20261120T233000Z").read_text() == "precious"
    assert dump(tmp_path / "es.db") == before


def test_without_a_file_the_newest_sound_backup_is_restored(tmp_path, path, clock):
    for day in range(3):
        clock(NOW + dt.timedelta(days=day))
        change(tmp_path / "es.db", f"update events set place = 'Day {day}' where event_id = 'visit'")
        assert eventstudy("backup", "--config", path).code == 0
    newest = tmp_path / "backups" / "es-20261122T233000Z.db"
    newest.write_bytes(newest.read_bytes()[:9000])
    (tmp_path / "es.db").write_bytes(b"nonsense " * 1000)
    dry = eventstudy("restore", "--config", path, "--dry-run")
    assert (dry.code, "es-20261121T233000Z.db is sound" in dry.out) == (0, True)
    done = eventstudy("restore", "--config", path)
    assert (done.code, str(newest) in done.err) == (0, True)
    assert rows(tmp_path / "es.db", "select place from events where event_id = 'visit'") == [("Day 1",)]


def test_without_a_file_the_folder_of_the_settings_is_looked_at(tmp_path):
    path = with_backups(tmp_path, tmp_path / "copies")
    run(path)
    before = dump(tmp_path / "es.db")
    (tmp_path / "es.db").unlink()
    assert eventstudy("restore", "--config", path).code == 0
    assert dump(tmp_path / "es.db") == before


@pytest.mark.parametrize("has_folder", [False, True])
def test_without_a_file_and_without_a_backup_nothing_changes(tmp_path, path, has_folder):
    if has_folder:
        (tmp_path / "backups").mkdir()
    before = dump(tmp_path / "es.db"), names(tmp_path)
    done = eventstudy("restore", "--config", path)
    assert (done.code, done.out, len(done.err.splitlines())) == (1, "", 1)
    assert "backups" in done.err
    assert "name the file of" in done.err
    assert (dump(tmp_path / "es.db"), names(tmp_path)) == before


def test_a_backup_is_restored_where_no_database_is(tmp_path, path):
    eventstudy("backup", "--config", path)
    before = dump(tmp_path / "es.db")
    (tmp_path / "es.db").unlink()
    assert eventstudy("restore", tmp_path / "backups" / "es-20261120T233000Z.db", "--config", path).code == 0
    assert dump(tmp_path / "es.db") == before


def test_a_dry_run_changes_nothing(tmp_path, path):
    eventstudy("backup", "--config", path)
    change(tmp_path / "es.db", "update events set title = 'new'")
    before = dump(tmp_path / "es.db"), names(tmp_path)
    done = eventstudy("restore", tmp_path / "backups" / "es-20261120T233000Z.db", "--config", path, "--dry-run")
    assert (done.code, "2 events" in done.out) == (0, True)
    assert (dump(tmp_path / "es.db"), names(tmp_path)) == before
    said = json.loads(eventstudy("restore", "--config", path, "--dry-run", "--json").out)
    assert (said["events"], said["kept"], said["dry_run"]) == (2, None, True)
    assert (dump(tmp_path / "es.db"), names(tmp_path)) == before


@pytest.mark.parametrize("damage", ["half", "text", "orphan", "missing", "itself"])
def test_what_is_no_sound_backup_is_refused(tmp_path, path, damage):
    eventstudy("backup", "--config", path)
    copy = tmp_path / "backups" / "es-20261120T233000Z.db"
    if damage == "half":
        copy.write_bytes(copy.read_bytes()[: copy.stat().st_size // 2])
    elif damage == "text":
        copy.write_text("nonsense " * 1000)
    elif damage == "orphan":
        change(copy, "delete from events where event_id = 'visit'")
    elif damage == "missing":
        copy.unlink()
    else:
        copy = tmp_path / "es.db"
    before = dump(tmp_path / "es.db"), names(tmp_path)
    for options in ([], ["--dry-run"]) if damage != "itself" else ([],):
        done = eventstudy("restore", copy, "--config", path, *options)
        assert (done.code, done.out, len(done.err.splitlines())) == (1, "", 1)
    assert (dump(tmp_path / "es.db"), names(tmp_path)) == before


def test_restore_is_refused_while_a_pass_runs_and_backup_is_not(tmp_path, path):
    with ledger.lock(tmp_path / "es.db"):
        assert eventstudy("backup", "--config", path).code == 0
        done = eventstudy("restore", tmp_path / "backups" / "es-20261120T233000Z.db", "--config", path)
    assert done.code == 4
    assert not list(tmp_path.glob("*.replaced*"))
    assert pages(tmp_path / "reports")


@pytest.mark.parametrize("content", [b"nonsense " * 1000, b"SQLite format 3\0" + b"x" * 5000])
def test_a_run_on_a_database_that_is_none_names_the_remedy_and_changes_nothing(tmp_path, path, content):
    (tmp_path / "es.db").write_bytes(content)
    done = eventstudy("run", "--config", path)
    assert (done.code, len(done.err.splitlines())) == (1, 1)
    assert "`eventstudy restore`" in done.err
    assert (tmp_path / "es.db").read_bytes() == content


def with_backups(tmp_path, folder):
    return write_config(tmp_path, ("schedule:", f"backups: {{folder: {folder}, keep: 2}}\nschedule:"))


def test_every_good_pass_leaves_a_backup_when_the_settings_say_where(tmp_path):
    path = with_backups(tmp_path, tmp_path / "copies")
    for day in range(4):
        if day < 3:  # the last night brings nothing new, and leaves no further copy of the same
            path.write_text(path.read_text("utf-8").replace("A visit", "A visit again", 1), "utf-8")
        assert run(path, now=lambda day=day: NOW + dt.timedelta(days=day)).exit_code == 0
    assert names(tmp_path / "copies") == ["es-20261121T233000Z.db", "es-20261122T233000Z.db"]
    assert dump(tmp_path / "copies" / "es-20261122T233000Z.db") == dump(tmp_path / "es.db")


def test_a_pass_over_a_part_leaves_none(tmp_path):
    run(with_backups(tmp_path, tmp_path / "copies"), only=["visit"])
    assert not (tmp_path / "copies").exists()


def test_a_backup_that_cannot_be_made_is_named_and_the_results_stay(tmp_path):
    (tmp_path / "copies").write_text("a file in the way")
    result = run(with_backups(tmp_path, tmp_path / "copies"))
    assert (result.exit_code, result.results_written) == (3, 2)
    assert "no backup was made: " in result.troubles[-1]


def test_copies_from_a_time_that_is_still_to_come_do_not_outlive_the_new_one(tmp_path, path):
    folder = tmp_path / "backups"
    folder.mkdir()
    for day in (1, 2, 3):
        (folder / f"es-2031010{day}T000000Z.db").write_bytes(b"made under a wrong clock")
    done = eventstudy("backup", "--config", path, "--keep", 3)
    assert Path(done.out.strip()).exists()
    assert len(names(folder)) == 3
    assert eventstudy("backup", "--config", path, "--keep", 1).code == 0
    assert names(folder) == ["es-20261120T233000Z.db"]


def test_a_copy_of_another_database_is_no_backup_of_this_one(tmp_path):
    path = with_backups(tmp_path, tmp_path / "copies")
    run(path)
    (tmp_path / "copies" / "es-20261120T233000Z.db").rename(tmp_path / "copies" / "es-test-20261120T233000Z.db")
    later = tmp_path / "copies" / "es-test-20261120T233000Z.db"
    os.utime(later, (NOW.timestamp() + 1e9,) * 2)
    run(path, now=lambda: NOW + dt.timedelta(days=1))
    assert "es-20261121T233000Z.db" in names(tmp_path / "copies")


def test_in_write_ahead_mode_what_is_in_the_log_alone_is_backed_up_too(tmp_path):
    path = with_backups(tmp_path, tmp_path / "copies")
    run(path)
    keeper = sqlite3.connect(tmp_path / "es.db")  # as a replicator does: the log is not folded in while it looks
    keeper.execute("pragma journal_mode = wal")
    keeper.execute("select * from events").fetchall()
    path.write_text(path.read_text("utf-8").replace("A visit", "A visit again", 1), "utf-8")
    run(path, now=lambda: NOW + dt.timedelta(days=1))
    copy = tmp_path / "copies" / "es-20261121T233000Z.db"
    assert rows(copy, "select title from events where event_id = 'visit'") == [("A visit again",)]
    assert run(path, now=lambda: NOW + dt.timedelta(days=2)).exit_code == 0
    assert len(names(tmp_path / "copies")) == 2  # nothing new, no further copy
    keeper.close()


def test_a_restore_that_is_killed_before_its_end_leaves_a_whole_database(tmp_path, path, monkeypatch):
    """With a transaction that is in the log alone, and one that was broken off: neither lost nor made permanent."""
    eventstudy("backup", "--config", path)
    (copy,) = (tmp_path / "backups").iterdir()
    database = tmp_path / "es.db"
    before = dump(database)
    assert any("A visit" in line for line in before)
    after = [line.replace("'A visit'", "'Committed'") if '"events"' in line else line for line in before]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        connection = sqlite3.connect(database, isolation_level=None)
        connection.execute("pragma cache_size = 5")
        connection.execute("update events set title = 'Committed' where event_id = 'visit'")
        connection.execute("begin immediate")
        connection.execute("update bar_versions set close = close * 2")
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert database.with_name("es.db-wal").stat().st_size > 0

    class Killed(BaseException):
        pass

    def replace(*_):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", replace)
        with pytest.raises(Killed):
            backup.restore(copy, database, now=NOW)
    assert (dump(database), faults(database)) == (sorted(after), [])
    later = NOW + dt.timedelta(seconds=1)
    assert backup.restore(copy, database, now=later) is not None
    assert dump(database) == before


@pytest.mark.parametrize(
    ("command", "step"), [("backup", "_copy"), ("restore", "verify"), ("restore", "shutil.copyfileobj")]
)
def test_a_kill_leaves_nothing_half_written_under_a_name_of_its_own(tmp_path, path, monkeypatch, command, step):
    database = tmp_path / "es.db"
    backup.back_up(database, tmp_path / "backups", keep=3, now=NOW)
    (copy,) = (tmp_path / "backups").iterdir()
    whole = {database.read_bytes(), copy.read_bytes()}
    calls = itertools.count()

    def dies(*given):
        if step == "shutil.copyfileobj":
            given[1].write(given[0].read(5000))
            given[1].flush()
        elif step == "_copy":
            given[1].write_bytes(b"half")
        elif next(calls) == 0:
            return 0  # the backup is looked at first
        os.kill(os.getpid(), signal.SIGKILL)
        return None

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        monkeypatch.setattr(step if "." in step else f"eventstudy.store.backup.{step}", dies)
        later = NOW + dt.timedelta(seconds=1)
        if command == "backup":
            backup.back_up(database, tmp_path / "backups", keep=3, now=later)
        else:
            backup.restore(copy, database, now=later)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    files = [file for file in tmp_path.rglob("*.db*") if not file.name.startswith(".")]
    found = {file for file in files if not file.name.endswith(("-wal", "-shm", ".lock", ".json"))}
    assert {database, copy} <= found
    assert all(file.read_bytes() in whole for file in found)
    later = NOW + dt.timedelta(seconds=2)
    backup.restore(copy, database, now=later)
    backup.back_up(database, tmp_path / "backups", keep=3, now=later)
    assert not list(tmp_path.rglob(".*tmp*"))
