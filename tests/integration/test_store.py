"""The file of the database: made, migrated, or refused with a line that says what to do."""

from __future__ import annotations

import contextlib
import sqlite3
import time

import pytest

from eventstudy import __version__
from eventstudy.database import connection as store
from eventstudy.database.connection import open_database, transaction
from eventstudy.errors import StoreError
from tests.support import passes
from tests.support.command import eventstudy
from tests.support.passes import rows, run, write_config


def other(path, sql):
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(sql)
    connection.close()


def test_a_new_file_is_made_with_everything_in_it(tmp_path):
    db = open_database(tmp_path / "deep" / "down" / "es.db")
    assert db.execute("pragma foreign_keys").fetchone() == (1,)
    assert {"reactions", "daily_reactions"} <= set(db.view_names())
    db.close()
    open_database(tmp_path / "deep" / "down" / "es.db").close()
    assert passes.faults(tmp_path / "deep" / "down" / "es.db") == []


def test_a_newer_database_is_refused_and_left_alone(tmp_path):
    path = write_config(tmp_path)
    run(path)
    other(
        tmp_path / "es.db",
        "insert into _sqlite_migrations (migration_set, name, applied_at) values ('eventstudy', 'm9999_future', '')",
    )
    before = (tmp_path / "es.db").read_bytes()
    done = eventstudy("run", "--config", path)
    assert done.code == 1
    assert done.err.count("\n") == 1
    assert "newer version of eventstudy (m9999_future); upgrade eventstudy" in done.err
    assert (tmp_path / "es.db").read_bytes() == before


@pytest.mark.parametrize("table", ["theirs", "events", "analyses"])
def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path, table):
    other(tmp_path / "es.db", f"create table {table} (x)")
    before = (tmp_path / "es.db").read_bytes()
    with pytest.raises(StoreError, match="database of another program"):
        open_database(tmp_path / "es.db")
    assert (tmp_path / "es.db").read_bytes() == before


def test_a_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / "es.db").write_text("nonsense " * 1000)
    with pytest.raises(StoreError, match="file is not a database; name another file, or put a backup back"):
        open_database(tmp_path / "es.db")


def test_a_file_whose_middle_is_spoilt_is_one_line(tmp_path):
    path = write_config(tmp_path)
    run(path)
    content = bytearray((tmp_path / "es.db").read_bytes())
    content[8192 : len(content) - 4096] = b"\x5a" * (len(content) - 12288)
    (tmp_path / "es.db").write_bytes(content)
    done = eventstudy("run", "--config", path)
    assert done.code == 1
    assert "malformed" in done.err
    assert done.err.count("\n") == 1


def test_half_a_file_is_one_line(tmp_path):
    path = write_config(tmp_path)
    run(path)
    whole = (tmp_path / "es.db").read_bytes()
    (tmp_path / "es.db").write_bytes(whole[: len(whole) // 2])
    done = eventstudy("run", "--config", path)
    assert done.code == 1
    assert done.err.count("\n") == 1


@pytest.mark.parametrize(
    ("database", "says"),
    [("config.yaml/es.db", "check the path"), ("folder", "check the path")],
    ids=["under a file", "a folder"],
)
def test_a_path_that_cannot_be_is_one_line(tmp_path, database, says):
    (tmp_path / "folder").mkdir()
    path = write_config(tmp_path, ("/es.db", f"/{database}"))
    done = eventstudy("run", "--config", path)
    assert (done.code, done.out) == (1, "")
    assert says in done.err
    assert done.err.count("\n") == 1


def test_a_database_that_another_program_holds_is_told_so(tmp_path, monkeypatch):
    path = write_config(tmp_path)
    run(path)
    monkeypatch.setattr(store, "BUSY_SECONDS", 0.05)
    holder = sqlite3.connect(tmp_path / "es.db", isolation_level=None)
    holder.execute("begin exclusive")
    began = time.monotonic()
    done = eventstudy("run", "--config", path)
    holder.close()
    assert done.code == 1
    assert "another program holds it; wait, or stop that program" in done.err
    assert time.monotonic() - began < 5
    assert run(path).exit_code == 0


def test_a_full_disk_is_told_so_and_the_next_run_does_the_rest(tmp_path, monkeypatch):
    path = write_config(tmp_path)
    real = store.open_database

    def small(where):
        db = real(where)
        (pages,) = db.execute("pragma page_count").fetchone()
        db.execute(f"pragma max_page_count = {pages + 1}")
        return db

    with monkeypatch.context() as patch:
        patch.setattr("jobs.nightly.open_database", small)
        done = eventstudy("run", "--config", path)
    assert done.code == 1
    assert "make room on the disk" in done.err
    assert passes.faults(tmp_path / "es.db") == []
    assert run(path).exit_code == 0


def test_a_transaction_is_all_or_nothing(tmp_path):
    db = open_database(tmp_path / "es.db")
    with contextlib.suppress(ZeroDivisionError), transaction(db) as connection:
        connection.execute(
            "insert into studies (study_id, position, title, spec, config_hash) values ('a', 0, 'a', '{}', '')"
        )
        _ = 1 / 0
    assert db.execute("select count(*) from studies").fetchone() == (0,)
    db.close()


@pytest.mark.parametrize(
    "sql",
    [
        "insert into bar_flags values (1, 0, 1, 'duplicate', '')",  # no such series
        # STRICT: not a number
        "insert into studies (study_id, position, title, spec, config_hash) values ('a', 'first', 'a', '{}', '')",
        "insert into studies (study_id, position, title, spec, config_hash) values ('a', 0, 'a', '{', '')",  # not JSON
    ],
)
def test_the_schema_itself_refuses_what_cannot_be(tmp_path, sql):
    db = open_database(tmp_path / "es.db")
    with pytest.raises(sqlite3.IntegrityError):
        db.execute(sql)
    db.close()


def test_every_result_says_where_it_comes_from(tmp_path):
    run(write_config(tmp_path))
    found = rows(tmp_path / "es.db", "select study, code_version, config_hash, input_hash from reactions")
    assert found
    for study, version, *hashes in found:
        assert (study, version) == ("total", __version__)
        assert [len(value) for value in hashes] == [64, 64]


def test_no_number_is_without_a_reason(tmp_path):
    run(write_config(tmp_path, ("assets: [USDCNY, EURUSD]", "assets: [USDCNY, EURUSD, USDRUB]")))
    for table in ("tests", "joint_tests"):
        lacking = f"select count(*) from {table} where (statistic is null) <> (reason is not null)"
        assert rows(tmp_path / "es.db", lacking) == [(0,)]
    assert rows(tmp_path / "es.db", "select count(*) from reactions where car is null and reason is null") == [(0,)]
