"""`eventstudy query`: everything can be read, nothing can be done."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from eventstudy.database import reading
from eventstudy.errors import InputError, StoreError
from tests.support import passes
from tests.support.command import eventstudy

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("query")
    passes.run(passes.write_config(folder))
    return folder / "es.db"


@pytest.mark.parametrize(
    "sql",
    [
        "insert into studies (study_id, position, title, spec, config_hash) values ('x', 0, 'x', '{}', '')",
        "update events set title = 'x'",
        "delete from events",
        "with gone as (select 1) delete from events",
        "replace into studies values ('x', 0, 'x', '{}', '')",
        "drop table events",
        "alter table events rename to others",
        "create table t (x)",
        "create temp table t (x)",
        "attach 'other.db' as other",
        "detach main",
        "pragma writable_schema = 1",
        "pragma table_info(events)",
        "select * from pragma_table_info('events')",
        "vacuum",
        "vacuum into 'other.db'",
        "begin immediate",
        "savepoint s",
        "reindex",
        "analyze",
        "explain delete from events",
        "select load_extension('x')",
        "select writefile('other.db', 'x')",
        "select readfile('/etc/passwd')",
        "select edit('x')",
        "select fts3_tokenizer('x')",
        "select 1; select 2",
        "select 1; drop table events",
        "",
        ";",
        "-- nothing",
        "no such thing",
        "no_such_table",
        "select no_such_column from events",
        "select randomblob(9999999999)",
    ],
)
def test_what_is_not_one_select_is_refused(database, sql):
    names = {path.name for path in database.parent.iterdir()} | {"es.db-wal", "es.db-shm"}  # where readers meet
    before = database.read_bytes()
    with pytest.raises(InputError, match="query: "):
        passes.answer(database, sql)
    assert database.read_bytes() == before
    assert {path.name for path in database.parent.iterdir()} <= names
    assert database.with_name("es.db-wal").stat().st_size == 0


def test_a_hostile_name_is_only_a_name(tmp_path):
    """An asset called like an attack, from the settings to the answer."""
    name = "'; drop table events;--"
    path = passes.write_config(
        tmp_path,
        ("  EURUSD: {source: ecb}", f'  "{name}": {{source: ecb, symbol: EURUSD}}'),
        ("assets: [USDCNY, EURUSD]", f'assets: ["{name}"]'),
        ("title: A visit", 'title: "<script>alert(1)</script>"'),
    )
    assert passes.run(path).exit_code == 0
    found = passes.answer(tmp_path / "es.db", "select asset, title, status from reactions where event_id = 'visit'")
    assert found[0] == (name, "<script>alert(1)</script>", "ok")
    for page in (tmp_path / "reports").glob("*.html"):
        text = page.read_text("utf-8")
        assert "<script>alert" not in text.lower()
    assert passes.rows(tmp_path / "es.db", "select count(*) from events") == [(2,)]


def test_stored_text_cannot_steer_the_terminal(database):
    done = eventstudy("query", "select char(27) || '[31m' || char(155) || char(8238) as x", "--db", database)
    assert done.out.splitlines()[-1] == "\ufffd[31m\ufffd\ufffd"


def test_common_table_expressions_and_values_are_reading(database):
    assert passes.answer(database, "with a as (select 1 as x) select x from a;") == [(1,)]
    count = "with recursive t(i) as (select 1 union all select i + 1 from t where i < 9) select max(i) from t"
    assert passes.answer(database, count) == [(9,)]
    assert passes.answer(database, "values (1), (2)") == [(1,), (2,)]


def test_a_bare_name_is_the_whole_table(database):
    assert passes.answer(database, "events") == passes.rows(database, "select * from events")
    done = eventstudy("query", "daily_reactions", "--limit", 3, "--json", "--db", database)
    assert len(json.loads(done.out)["rows"]) == 3


def test_no_statement_lists_the_names(database):
    done = eventstudy("query", "--db", database, "--json")
    names = [row["name"] for row in json.loads(done.out)["rows"]]
    assert {"reactions", "daily_reactions", "collections", "latest_runs", "price_revisions", "events"} <= set(names)
    assert not [name for name in names if name.startswith(("_", "sqlite_"))]
    for name in names:
        passes.answer(database, name)


STRANGE = (
    "select 9e999 as big, -9e999 as small, null as none, 1.5 as x, "
    "'a,\"b\"\n' as t, cast(x'ff41' as text) as bad, 1 as x"
)


def test_json_is_valid_whatever_is_stored(database):
    def refuse(constant):
        raise AssertionError(f"{constant} is no JSON")

    answer = json.loads(eventstudy("query", STRANGE, "--db", database, "--json").out, parse_constant=refuse)
    assert answer["schema"] == "eventstudy.query/1"
    assert answer["columns"] == ["big", "small", "none", "x", "t", "bad", "x:1"]
    assert answer["rows"] == [
        {"big": None, "small": None, "none": None, "x": 1.5, "t": 'a,"b"\n', "bad": "\ufffdA", "x:1": 1}
    ]


def test_csv_comes_back_as_it_went(database):
    out = eventstudy("query", STRANGE, "--db", database, "--format", "csv").out
    head, row = csv.reader(io.StringIO(out))
    assert head == ["big", "small", "none", "x", "t", "bad", "x:1"]
    assert row == ["inf", "-inf", "", "1.5", 'a,"b"\n', "\ufffdA", "1"]


def test_the_table_is_one_line_a_row(database):
    out = eventstudy("query", STRANGE, "--db", database).out
    assert len(out.splitlines()) == 3
    assert 'a,"b"\ufffd' in out


def test_ctrl_c_stops_a_statement_that_would_never_end(database):
    endless = "with recursive t(i) as (select 1 union all select i + 1 from t) select count(*) from t"
    process = subprocess.Popen(
        [sys.executable, "-m", "eventstudy", "query", "--db", str(database), endless],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        # tests that a shell runs in the background were told to ignore it, and hand that on
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509  # no threads here
    )
    try:
        time.sleep(1.0)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    finally:
        process.kill()  # else it would go on for ever
    assert (process.returncode, out) == (130, b"")
    assert b"Stopped." in err
    assert b"Traceback" not in err


@pytest.mark.parametrize(
    "words",
    [
        ["reactions", "--format", "csv"],
        ["strongest"],
        ["with recursive t(i) as (select 1 union all select i + 1 from t) select i from t", "--format", "csv"],
    ],
    ids=["some", "few", "endless"],
)
def test_a_reader_that_closes_the_pipe_has_what_it_wanted(database, words):
    process = subprocess.Popen(
        [sys.executable, "-m", "eventstudy", "query", *words, "--db", str(database)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )
    process.stdout.close()
    with process.stderr as errors:
        assert (process.wait(timeout=60), errors.read()) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_disk_that_is_full_is_an_error(database):
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "eventstudy", "query", "events", "--db", str(database)],
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
            cwd=ROOT,
        )
    assert done.returncode == 1
    assert b"No space left on device" in done.stderr


def test_an_output_that_the_shell_closed_is_no_error(database):
    line = shlex.join([sys.executable, "-m", "eventstudy", "query", "--list"])
    done = subprocess.run(f"{line} >&-", shell=True, capture_output=True, timeout=60, check=False, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("content", [b"", b"not a database" * 100, None], ids=["empty", "text", "foreign"])
def test_a_file_that_is_no_results_database_is_one_line(tmp_path, content):
    if content is None:
        sqlite3.connect(tmp_path / "es.db").execute("create table t (x)")
    else:
        (tmp_path / "es.db").write_bytes(content)
    done = eventstudy("query", "runs", "--db", tmp_path / "es.db")
    assert (done.code, done.out) == (1, "")
    assert "is not a results database" in done.err
    assert len(done.err.splitlines()) == 1


def test_half_a_database_is_one_line(database, tmp_path):
    whole = database.read_bytes()
    (tmp_path / "es.db").write_bytes(whole[: len(whole) // 2])
    done = eventstudy("query", "select sum(close), count(*) from bars", "--db", tmp_path / "es.db")
    assert done.code == 1
    assert "malformed" in done.err
    assert len(done.err.splitlines()) == 1


def test_a_read_only_file_in_a_read_only_folder_can_be_read(database, tmp_path):
    folder = tmp_path / "shelf"
    folder.mkdir()
    shutil.copy(database, folder / "es.db")
    (folder / "es.db").chmod(0o444)
    folder.chmod(0o555)
    try:
        assert passes.answer(folder / "es.db", "select count(*) from events") == [(2,)]
    finally:
        folder.chmod(0o755)


@pytest.mark.parametrize(
    "line", ["database: {}", "database: '{}'", 'database: "{}"  # mine', "database:   {}   # mine"]
)
def test_the_database_of_the_settings_is_found_however_it_is_written(database, tmp_path, line):
    (tmp_path / "config.yaml").write_text(f"version: 1\n{line.format(database)}\nreports: x\n", encoding="utf-8")
    done = eventstudy("query", "select count(*) as n from events", "--config", tmp_path / "config.yaml", "--json")
    assert json.loads(done.out)["rows"] == [{"n": 2}]


def test_the_environment_names_the_database(database, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("EVENTSTUDY_DATABASE", str(database))
    assert eventstudy("query", "select count(*) from events").code == 0


def test_a_database_that_is_not_there_is_not_made(tmp_path):
    with pytest.raises(StoreError):
        reading.connect(tmp_path / "es.db")
    assert list(tmp_path.iterdir()) == []


def test_a_database_that_another_program_holds_is_not_called_broken(tmp_path, database):
    copy = Path(shutil.copy(database, tmp_path / "es.db"))
    with contextlib.closing(sqlite3.connect(copy, isolation_level=None)) as holder:
        holder.execute("pragma locking_mode = exclusive")  # else readers go on beside it
        holder.execute("begin exclusive")
        with pytest.raises(StoreError, match="another program holds it") as caught:
            reading.connect(copy, patience=0.1)
    assert "restore" not in str(caught.value)


def test_functions_that_give_tables_are_answered(database):
    with reading.select(database, "select sum(value) from json_each('[1, 2]')") as answer:
        assert list(answer.rows) == [(3,)]


def test_bytes_in_json_are_as_sqlite_utils_has_them(database):
    done = eventstudy("query", "select x'00ff' as b, 1 as n", "--db", database, "--json")
    assert json.loads(done.out)["rows"] == [{"b": {"$base64": True, "encoded": "AP8="}, "n": 1}]
