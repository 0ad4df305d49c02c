"""Crashes: at every transaction and page of a pass in turn, and by SIGKILL at moments of no one's choosing."""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import shutil
import signal
import sqlite3
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from eventstudy import ledger
from eventstudy.report import publish
from eventstudy.store import backup, beside, read
from eventstudy.store import database as store
from jobs import nightly, pull, unit
from tests.support import passes
from tests.support.passes import dump, rows, run, write_config


class Crash(BaseException):
    """Not an Exception: nothing in the program may catch it."""


class FaultPoint:
    """Counts side effects and breaks off in the middle of the `at`-th."""

    def __init__(self, at: int) -> None:
        self.at, self.seen = at, 0

    def reached(self) -> None:
        self.seen += 1
        if self.seen == self.at:
            raise Crash

    @contextlib.contextmanager
    def transaction(self, db) -> Iterator[sqlite3.Connection]:
        with store.transaction(db) as connection:
            yield connection
            self.reached()  # everything written, nothing committed

    def before(self, real: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, with the side effect that it begins with counted."""

        def counted(*given: Any, **named: Any) -> Any:
            self.reached()
            return real(*given, **named)

        return counted


def config_of(folder: Path) -> Path:
    """The small settings, with everything on that has a side effect."""
    return write_config(folder, ("schedule:", f"backups: {{folder: {folder}/copies}}\nschedule:"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a pass in which nothing went wrong."""
    folder = tmp_path_factory.mktemp("undisturbed")
    run(config_of(folder))
    return folder


@pytest.fixture
def undisturbed(whole: Path) -> dict[str, list[str]]:
    """What a pass stores when nothing goes wrong."""
    return passes.results(whole / "es.db")


def check(folder: Path, undisturbed: dict[str, list[str]]) -> None:
    """Sound, and each unit of work wholly there or not at all."""
    assert passes.faults(folder / "es.db") == []
    found = passes.results(folder / "es.db")
    for unit_of_work in ("visit", "meeting"):
        for table in ("analyses", "windows", "tests", "daily", "joint"):
            whole = [line for line in undisturbed[table] if f"'{unit_of_work}'" in line]
            here = [line for line in found[table] if f"'{unit_of_work}'" in line]
            assert here in ([], whole)
    for page in (folder / "reports").glob("*.html"):
        assert page.read_text("utf-8").rstrip().endswith("</html>")


def test_a_crash_at_every_side_effect_in_turn_loses_nothing(tmp_path, monkeypatch, undisturbed, whole):
    for n in itertools.count(1):
        folder = tmp_path / str(n)
        folder.mkdir()
        path = config_of(folder)
        point = FaultPoint(n)
        with monkeypatch.context() as patch:
            for module in (nightly, pull, unit, ledger):
                patch.setattr(module, "transaction", point.transaction)
            patch.setattr(publish, "put", point.before(publish.put))
            patch.setattr(backup, "back_up", point.before(backup.back_up))
            patch.setattr(beside, "beat", point.before(beside.beat))
            try:
                run(path)
            except Crash:
                check(folder, undisturbed)
            else:
                break
        assert run(path).exit_code == 0
        assert passes.results(folder / "es.db") == undisturbed
        assert passes.states(folder / "es.db") == passes.states(whole / "es.db")
        assert rows(folder / "es.db", "select count(*) from runs where status = 'running'") == [(0,)]
        for page in (whole / "reports").glob("*.html"):
            ours = folder / "reports" / page.name
            assert (
                page.name == "index.html" or page.name.startswith("digest") or ours.read_bytes() == page.read_bytes()
            )  # which names the last run
        assert dump(folder / "copies" / "es-20261120T233000Z.db") == dump(folder / "es.db")
        before = dump(folder / "es.db")
        assert run(path).studied == []
        assert dump(folder / "es.db") == before
        shutil.rmtree(folder)
    # sync, two pulls, their prices noted, two events, two pages and their note, the end of the run, the index and its
    # mark, the copy, the heartbeat: the crashes did happen
    assert n >= 14


def killed_after(path: Path, seconds: float) -> bool:
    """Start a pass in a process of its own and SIGKILL it; return whether it was still at work."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of threads, which numpy stops at a fork
        child = os.fork()
    if child == 0:
        try:
            run(path)
        finally:
            os._exit(0)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def test_sigkill_at_any_moment_loses_nothing(tmp_path, undisturbed):
    chance = random.Random(17)
    folder = tmp_path / "trial"
    folder.mkdir()
    path = write_config(folder)
    began = time.monotonic()
    run(path)
    whole = time.monotonic() - began
    shutil.rmtree(folder)
    hits = 0
    for _ in range(10):
        folder.mkdir()
        write_config(folder)
        hits += killed_after(path, chance.uniform(0.0, whole))
        if (folder / "es.db").exists() and rows(folder / "es.db", "select 1 from sqlite_schema where name = 'bars'"):
            check(folder, undisturbed)
            read.query(folder / "es.db", "reactions")
        assert run(path).exit_code == 0
        assert passes.results(folder / "es.db") == undisturbed
        assert passes.faults(folder / "es.db") == []
        shutil.rmtree(folder)
    assert hits >= 5


def test_a_reader_rolls_back_what_a_killed_writer_left(tmp_path):
    run(write_config(tmp_path))
    database = tmp_path / "es.db"
    before = read.query(database, "select sum(close) from bars")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        connection = sqlite3.connect(database, isolation_level=None)
        connection.execute("pragma cache_size = 5")  # so that changed pages reach the file before any commit
        connection.execute("begin immediate")
        connection.execute("update bar_versions set close = close * 2")
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    assert database.with_name("es.db-journal").stat().st_size > 0
    assert read.query(database, "select sum(close) from bars") == before


def test_a_process_killed_while_it_made_the_file_does_not_spoil_it(tmp_path):
    """The empty table of migrations is there, and no migration yet."""
    connection = sqlite3.connect(tmp_path / "es.db")
    connection.execute(
        "create table _sqlite_migrations (id integer primary key, migration_set text, name text, applied_at text)"
    )
    connection.close()
    assert run(write_config(tmp_path)).exit_code == 0


def test_a_busy_commit_leaves_no_transaction_open(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "BUSY_SECONDS", 0.05)
    db = store.open_database(tmp_path / "es.db")
    reader = sqlite3.connect(tmp_path / "es.db", isolation_level=None)
    reader.execute("begin")
    reader.execute("select * from runs").fetchall()
    with pytest.raises(sqlite3.OperationalError, match="locked"), store.transaction(db) as connection:
        connection.execute("insert into studies values ('a', 0, 'a', '{}', '')")
    reader.execute("commit")
    with store.transaction(db) as connection:
        connection.execute("insert into studies values ('b', 0, 'b', '{}', '')")
    assert db.execute("select study_id from studies").fetchall() == [("b",)]
    reader.close()
    db.close()
