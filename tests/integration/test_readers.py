"""Readers beside the writer: neither stops the other, and only the holder of the lock writes or folds the log in."""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import http.client
import json
import logging
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest

from eventstudy.database import connection as store
from eventstudy.database import files, reading
from eventstudy.errors import Damaged, StoreError
from eventstudy.store import backup, by_hand, ledger
from tests.integration.test_browse import browsing
from tests.support import passes
from tests.support.command import eventstudy
from tests.support.passes import NOW, dump, rows, run, write_config

ROOT = Path(__file__).parents[2]

CARTESIAN = "select count(*) from " + ", ".join(f"tests t{i}" for i in range(12))
ENDLESS = "with recursive t(i) as (select 1 union all select i + 1 from t) select count(*) from t"
READS_FOR_EVER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("begin")
print(*connection.execute("select title from events where event_id = 'visit'").fetchone(), flush=True)
sys.stdin.readline()
print(*connection.execute("select title from events where event_id = 'visit'").fetchone(), flush=True)
"""
HOLDS_TO_WRITE = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("begin immediate")
connection.execute("delete from cursors")
print("holds", flush=True)
sys.stdin.readline()
"""


@contextlib.contextmanager
def foreign(program: str, database: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Another program on the database, and the line that it printed when it had begun; it goes on after one of ours."""
    line = [sys.executable, "-c", program, str(database)]
    process = subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("readers")
    run(write_config(folder))
    return folder / "es.db"


def test_a_pass_beside_a_reader_that_never_lets_go_is_like_any_other(tmp_path):
    path = write_config(tmp_path, ("schedule:", f"backups: {{folder: {tmp_path}/copies}}\nschedule:"))
    run(path)
    path.write_text(path.read_text("utf-8").replace("A visit", "Another visit"), "utf-8")
    with foreign(READS_FOR_EVER, tmp_path / "es.db") as (reader, seen):
        assert seen == "A visit"
        done = eventstudy("run", "--config", path)
        assert (done.code, done.err) == (0, "")
        copy = max((tmp_path / "copies").iterdir())
        for file in (tmp_path / "es.db", copy):
            assert passes.answer(file, "select title from events where event_id = 'visit'") == [("Another visit",)]
        size = files.log_bytes(tmp_path / "es.db")
        assert size > 0
        found = json.loads(eventstudy("status", "--config", path, "--json").out)
        assert found["log_bytes"] == size
        assert "not in the file of the database yet" in eventstudy("doctor", "--config", path).out
        reader.stdin.write("go on\n")
        reader.stdin.flush()
        assert reader.stdout.readline().strip() == "A visit"  # as it was when the reader began
    assert eventstudy("run", "--config", path).code == 0
    assert files.log_bytes(tmp_path / "es.db") == 0
    assert "log        empty" in eventstudy("status", "--config", path).out
    assert passes.faults(tmp_path / "es.db") == []


def test_a_large_log_says_who_holds_it(tmp_path, monkeypatch):
    path = write_config(tmp_path)
    run(path)
    monkeypatch.setattr("eventstudy.database.faults.LARGE_LOG", 1)
    path.write_text(path.read_text("utf-8").replace("A visit", "Another visit"), "utf-8")
    with foreign(READS_FOR_EVER, tmp_path / "es.db") as (reader, _):
        run(path)
        out = eventstudy("status", "--config", path).out
        found = eventstudy("doctor", "--config", path)
    assert "stop that program, and the next pass folds it in" in out
    assert "note  its log" in found.out
    assert found.code == 0
    if Path("/proc/locks").exists():
        assert f"pid {reader.pid}" in out


@pytest.mark.slow
def test_a_query_without_an_end_beside_a_pass_and_both_finish(tmp_path):
    path = write_config(tmp_path)
    run(path)
    path.write_text(path.read_text("utf-8").replace("A visit", "Another visit"), "utf-8")
    line = [sys.executable, "-m", "eventstudy", "query", CARTESIAN, "--timeout", "4", "--db", tmp_path / "es.db"]
    query = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)
    try:
        assert run(path).exit_code == 0
        assert query.poll() is None  # it went on all the time
        out, err = query.communicate(timeout=30)
    finally:
        query.kill()
    assert (query.returncode, out) == (1, "")
    assert err == "Error: no answer within 4 seconds; ask for less, or allow more time with --timeout\n"


# --- who writes, and who folds in --------------------------------------------------------------------------------


def is_locked(database: Path) -> bool:
    """Whether somebody holds the lock of passes; this process counts as anybody else."""
    with files.lock_file(database, "run").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def test_whoever_may_write_or_fold_in_holds_the_lock(tmp_path, monkeypatch, clock):
    """SQLite before 3.51.3 can damage a database when two connections write or fold in at once: here only one may."""
    path = write_config(tmp_path)
    database = tmp_path / "es.db"
    opened: list[tuple[str, bool, str]] = []
    real = sqlite3.connect

    def connect(name, *given, **named):
        is_ours = str(database) == str(name) or str(name).startswith(f"{database.as_uri()}?")
        if is_ours:
            kind = named.get("factory", sqlite3.Connection).__name__
            opened.append((str(name), is_locked(database), kind))
        return real(name, *given, **named)

    monkeypatch.setattr(sqlite3, "connect", connect)
    for words in (
        "run",
        "run --all",
        "status",
        "digest",
        "doctor",
        "query events",
        "events list",
        "events show visit",
        "report visit",
        "backup",
        "restore",
        "prices show EURUSD",
    ):
        assert eventstudy(*words.split(), "--config", path).code == 0, words
    edit = ("events", "add", "By hand", "--at", "2023-03-17T07:00Z", "--asset", "EURUSD", "--id", "hand")
    assert eventstudy(*edit, "--config", path).code == 0
    assert eventstudy("events", "edit", "hand", "--title", "Edited", "--config", path).code == 0
    assert eventstudy("events", "retire", "hand", "--reason", "a mistake", "--config", path).code == 0
    assert {kind for name, _, kind in opened if "mode=ro" in name} == {"Reader"}
    able = [(has_lock, kind) for name, has_lock, kind in opened if "mode=ro" not in name]
    assert (True, "Connection") in able
    assert all(has_lock or kind == "_Checker" for has_lock, kind in able)


def killed_writer(database: Path) -> None:
    """A transaction that is in the log alone, of a process that was killed inside the next one."""
    with foreign(HOLDS_TO_WRITE.replace("delete from cursors", "update events set place = 'x'"), database) as (one, _):
        one.stdin.write("go on\n")
    line = "connection.execute('commit'); connection.execute('begin immediate')\nprint('holds', flush=True)"
    program = HOLDS_TO_WRITE.replace("delete from cursors", "update events set place = 'kept'")
    with foreign(
        program.replace("print('holds', flush=True)", "").replace('print("holds", flush=True)', line), database
    ) as (
        process,
        _,
    ):
        process.send_signal(signal.SIGKILL)
        process.wait()


@pytest.mark.parametrize("reader", ["query", "status", "digest", "doctor", "verify", "page"])
def test_no_reader_folds_in_what_a_killed_writer_left(tmp_path, reader):
    path = write_config(tmp_path)
    run(path)
    database, log = tmp_path / "es.db", tmp_path / "es.db-wal"
    killed_writer(database)
    files = database.read_bytes(), log.read_bytes()
    assert files[1]
    if reader == "verify":
        assert backup.verify(database) == 2
    elif reader == "query":
        assert passes.answer(database, "select distinct place from events") == [("kept",)]
    elif reader == "page":
        assert eventstudy("events", "show", "visit", "--config", path).code == 0
    else:
        assert eventstudy(reader, "--config", path).code == 0
    assert (database.read_bytes(), log.read_bytes()) == files


# --- the writer is patient ---------------------------------------------------------------------------------------


def test_another_writer_is_named_and_waited_for(database, tmp_path, monkeypatch, caplog):
    shutil.copy(database, tmp_path / "es.db")
    monkeypatch.setattr(store, "NOTICE_SECONDS", 0.1)
    db = store.open_database(tmp_path / "es.db")
    with foreign(HOLDS_TO_WRITE, tmp_path / "es.db") as (holder, _), caplog.at_level(logging.WARNING):
        threading.Timer(1.5, holder.kill).start()
        with store.transaction(db) as connection:
            connection.execute("delete from cursors")
    db.close()
    (said,) = caplog.messages
    assert "waiting up to 300 seconds" in said
    if Path("/proc/locks").exists():
        assert f"pid {holder.pid}" in said


def test_a_command_that_writes_events_waits_for_the_pass(tmp_path, monkeypatch):
    path = write_config(tmp_path)
    run(path)
    add = ("events", "add", "By hand", "--at", "2023-03-17T07:00Z", "--asset", "EURUSD", "--config", path)
    held = contextlib.ExitStack()
    held.enter_context(ledger.lock(tmp_path / "es.db"))
    threading.Timer(0.5, held.close).start()
    assert eventstudy(*add).code == 0
    monkeypatch.setattr(by_hand, "BUSY_SECONDS", 0.1)
    with ledger.lock(tmp_path / "es.db"):
        done = eventstudy(*add, "--id", "another")
    assert (done.code, done.err.count("\n")) == (4, 1)
    assert rows(tmp_path / "es.db", "select count(*) from events") == [(3,)]


# --- limits ------------------------------------------------------------------------------------------------------


def query(database: Path, sql: str, *options: str) -> subprocess.CompletedProcess[str]:
    """`eventstudy query` in a process of its own, which it may have to end."""
    line = [sys.executable, "-m", "eventstudy", "query", sql, *options, "--db", str(database)]
    return subprocess.run(line, capture_output=True, text=True, timeout=60, check=False, cwd=ROOT)


@pytest.mark.parametrize(
    ("sql", "seconds", "says"),
    [
        (ENDLESS, "0.5", "no answer within 0.5 seconds; ask for less, or allow more time with --timeout"),
        (CARTESIAN, "0.5", "no answer within 0.5 seconds"),
        ("select zeroblob(900000000)", "30", "a value has at most 50 MB"),
        ("select " + ", ".join(["zeroblob(40000000)"] * 100), "30", "more than 500 MB of memory is needed"),
        # a single step of SQLite's, which cannot be broken off
        ("select instr(hex(zeroblob(20000000)), hex(zeroblob(9000000)) || '1')", "0.5", "no answer within 0.5 seconds"),
    ],
    ids=["recursive", "cartesian", "value", "row", "step"],
)
@pytest.mark.parametrize("style", ["table", "csv", "json"])
def test_a_statement_that_asks_for_too_much_ends_in_a_line(database, sql, seconds, says, style):
    done = query(database, sql, "--timeout", seconds, "--format", style)
    assert (done.returncode, done.stdout) == (1, "")
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


def test_rows_come_as_they_are_found(database):
    """The first ones are there though the last one never is."""
    endless = "with recursive t(i) as (select 1 union all select i + 1 from t) select i from t"
    line = [sys.executable, "-m", "eventstudy", "query", endless, "--format", "csv", "--db", str(database)]
    process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT)
    try:
        assert [process.stdout.readline() for _ in range(3)] == ["i\n", "1\n", "2\n"]
    finally:
        process.kill()
        process.communicate()


def test_a_table_ends_somewhere_and_says_so(database, monkeypatch):
    monkeypatch.setattr("eventstudy.cli.query.ELSEWHERE", 5)
    done = eventstudy("query", "daily_reactions", "--db", database)
    assert (done.code, len(done.out.splitlines())) == (0, 7)
    assert done.err == "The first 5 rows; --limit N shows more, --format csv all of them.\n"
    assert eventstudy("query", "daily_reactions", "--db", database, "--limit", 5).err == ""


def test_every_reader_has_a_deadline(database, monkeypatch):
    with contextlib.closing(reading.connect(database, seconds=0.05)) as connection:
        with pytest.raises(sqlite3.OperationalError, match="interrupted"):
            connection.execute(ENDLESS).fetchone()
        assert connection.is_late


# --- folders that cannot be written ------------------------------------------------------------------------------


def as_nobody(work) -> str:
    """What `work` returns, or raises, in a process whose rights count."""
    source, sink = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            if os.getuid() == 0:
                os.setuid(65534)
            try:
                said = str(work())
            except Exception as error:  # noqa: BLE001  # it is told
                said = f"{type(error).__name__}: {error}"
            os.write(sink, said.encode())
        finally:
            os._exit(0)
    os.close(sink)
    with os.fdopen(source, encoding="utf-8") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return said


@pytest.fixture
def shelf(database) -> Iterator[Path]:
    """A folder that cannot be written, under one that everybody may enter, with a copy of the database."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        folder = Path(name, "shelf")
        folder.mkdir()
        with contextlib.closing(reading.connect(database)) as connection:
            connection.execute("vacuum into ?", (str(folder / "es.db"),))
        with contextlib.closing(sqlite3.connect(folder / "es.db")) as connection:
            assert connection.execute("pragma journal_mode = wal").fetchone() == ("wal",)
        folder.chmod(0o555)
        yield folder
        folder.chmod(0o755)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_folder_that_cannot_be_written_can_be_read(shelf):
    count = "select count(*) from events"
    assert as_nobody(lambda: passes.answer(shelf / "es.db", count)) == "[(2,)]"
    assert as_nobody(lambda: backup.verify(shelf / "es.db")) == "2"
    assert [path.name for path in shelf.iterdir()] == ["es.db"]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_what_changes_while_it_is_read_without_a_lock_is_no_answer(shelf):
    def read() -> object:
        with contextlib.closing(reading.connect(shelf / "es.db")) as connection:
            os.write(ready[1], b"x")
            os.read(go_on[0], 1)
            return connection.execute("select count(*) from events").fetchone()

    def change() -> None:
        os.read(ready[0], 1)
        os.utime(shelf / "es.db", (0, 0))  # as another program's transaction does, among other things
        os.write(go_on[1], b"x")

    ready, go_on = os.pipe(), os.pipe()
    threading.Thread(target=change).start()
    assert "changed while it was read" in as_nobody(read)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_log_in_a_folder_that_cannot_be_written_says_what_to_do(shelf):
    shelf.chmod(0o755)
    killed_writer(shelf / "es.db")
    (shelf / "es.db-shm").unlink()
    shelf.chmod(0o555)
    assert "copy both to one that can be written" in as_nobody(lambda: passes.answer(shelf / "es.db", "events"))


# --- damage, links, restore --------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 99])
def test_a_database_that_is_cut_off_is_damage_and_no_new_start(tmp_path, size):
    path = write_config(tmp_path)
    run(path)
    os.truncate(tmp_path / "es.db", size)
    (tmp_path / "es.db.heartbeat.json").unlink()
    done = eventstudy("run", "--config", path)
    assert (done.code, done.err.count("\n")) == (1, 1)
    assert f"is cut off after {size} byte" in done.err
    assert (tmp_path / "es.db").stat().st_size == size
    with pytest.raises(Damaged):
        reading.connect(tmp_path / "es.db")


def test_a_link_to_the_database_stays_one(tmp_path):
    real = tmp_path / "real"
    real.mkdir()
    (tmp_path / "es.db").symlink_to(real / "es.db")
    path = write_config(tmp_path, ("schedule:", f"backups: {{folder: {tmp_path}/copies}}\nschedule:"))
    assert run(path).exit_code == 0
    before = dump(real / "es.db")
    with contextlib.closing(sqlite3.connect(real / "es.db")) as connection, connection:
        connection.execute("update events set title = 'changed'")
    assert eventstudy("restore", "--config", path).code == 0
    assert (tmp_path / "es.db").is_symlink()
    assert dump(real / "es.db") == before
    assert run(path, now=lambda: NOW + dt.timedelta(days=1)).results_written == 0


@pytest.mark.long
def test_restore_asks_for_the_end_of_a_reader_that_keeps_rows_in_the_log(tmp_path, clock):
    path = write_config(tmp_path)
    run(path)
    assert eventstudy("backup", "--config", path).code == 0
    with foreign(READS_FOR_EVER, tmp_path / "es.db"):
        path.write_text(path.read_text("utf-8").replace("A visit", "Another visit"), "utf-8")
        run(path)
        before = passes.answer(tmp_path / "es.db", "events")
        (copy,) = (tmp_path / "backups").iterdir()
        with pytest.raises(StoreError, match="reads an old state of it; stop that program"):
            backup.restore(copy, tmp_path / "es.db", now=NOW)
        assert passes.answer(tmp_path / "es.db", "events") == before
    assert backup.restore(copy, tmp_path / "es.db", now=NOW + dt.timedelta(seconds=1)) is not None
    assert passes.answer(tmp_path / "es.db", "select title from events where event_id = 'visit'") == [("A visit",)]


# --- browse ------------------------------------------------------------------------------------------------------


def asked(address: str, path: str, host: str | None) -> tuple[int, str]:
    """Status and body of an answer to a question under the name `host`; None is the address itself."""
    name, _, port = address.removeprefix("http://").rpartition(":")
    connection = http.client.HTTPConnection(name, int(port), timeout=30)
    try:
        connection.request("GET", path, headers={} if host is None else {"Host": host.replace("PORT", port)})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


@pytest.mark.long
@pytest.mark.slow
def test_browse_answers_under_its_own_names_within_its_limits_and_beside_passes(tmp_path):
    pytest.importorskip("datasette")
    path = write_config(tmp_path)
    run(path)

    def sql(text: str) -> str:
        return "/es.json?" + urllib.parse.urlencode({"sql": text, "_shape": "array"})

    with browsing(path) as address:
        for host in (None, "localhost:PORT", "LOCALHOST:PORT", "127.0.0.1:PORT", "[::1]:PORT"):
            assert asked(address, "/es.json", host)[0] == 200
        for host in (
            "evil.example:PORT",
            "evil.example",
            "localhost",
            "127.0.0.1:1",
            "localhost:PORT.evil.example",
            "",
        ):
            status, body = asked(address, sql("select title from events"), host)
            assert (status, "visit" in body) == (400, False)
        for text, says in (
            ("select zeroblob(900000000)", "too big"),
            ("with recursive t(i) as (select 1 union all select i + 1 from t) select zeroblob(9000000) from t", "MB"),
            (ENDLESS, "interrupted"),
            ("select load_extension('x')", "not authorized"),
        ):
            status, body = asked(address, sql(text), None)
            assert (status, says in body.lower() or says in body) == (400, True), body
        assert asked(address, "/es/events?_size=5", None)[0] == 200  # it is there still
        path.write_text(path.read_text("utf-8").replace("A visit", "Another visit"), "utf-8")
        began = time.monotonic()
        assert run(path).exit_code == 0
        assert time.monotonic() - began < 30
        assert files.log_bytes(tmp_path / "es.db") == 0  # nothing was held
        assert "Another visit" in asked(address, sql("select title from events"), None)[1]
