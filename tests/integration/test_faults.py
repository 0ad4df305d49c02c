"""Crashes: at every transaction and page of a pass in turn, and by SIGKILL at moments of no one's choosing."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import itertools
import os
import random
import shutil
import signal
import sqlite3
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eventstudy.config.load import load_config
from eventstudy.database import connection as store
from eventstudy.database import files
from eventstudy.errors import SourceDown
from eventstudy.prices.ecb import EcbSource
from eventstudy.records import Snapshot
from eventstudy.store import backup
from eventstudy.store.sync import gather
from jobs import nightly, notify, pull
from jobs.minutes import captures
from tests.support import passes
from tests.support.command import eventstudy
from tests.support.passes import NOW, dump, rows, run, write_config


class Crash(BaseException):
    """Not an Exception: nothing in the program may catch it."""


class FaultPoint:
    """Counts side effects and breaks off at the `at`-th."""

    def __init__(self, at: int) -> None:
        self.at, self.seen = at, Counter[str]()

    def reached(self, kind: str) -> None:
        self.seen[kind] += 1
        if self.seen.total() == self.at:
            raise Crash

    @contextlib.contextmanager
    def transaction(self, db) -> Iterator[sqlite3.Connection]:
        with store.transaction(db) as connection:
            yield connection
            self.reached("commit")  # everything written, nothing committed

    def before(self, kind: str, real: Callable[..., Any]) -> Callable[..., Any]:
        """The same function, with the side effect that it begins with counted."""

        def counted(*given: Any, **named: Any) -> Any:
            self.reached(kind)
            return real(*given, **named)

        return counted

    def patch(self, patch: pytest.MonkeyPatch) -> None:
        """Put the point before every side effect that the program has, wherever it is."""
        users = [m for m in list(sys.modules.values()) if getattr(m, "transaction", None) is store.transaction]
        assert {m.__name__ for m in users} >= {"jobs.nightly", "jobs.minutes.captures", "eventstudy.store.sync"}
        for module in users:
            if module is not store:
                patch.setattr(module, "transaction", self.transaction)
        patch.setattr(Path, "replace", self.before("file", Path.replace))
        patch.setattr(backup, "_copy", self.before("copy", backup._copy))
        patch.setattr(notify, "send", self.before("notice", notify.send))
        for module in (pull, captures):
            patch.setattr(module, "open_source", lambda name, *_: Minutes(name, self))


class Minutes:
    """The bundled rates, with bars of five minutes that are made up; a question is a side effect too."""

    def __init__(self, name: str, point: FaultPoint | None = None) -> None:
        self.real, self.point = EcbSource(name=name), point
        self.name, self.version = name, self.real.version
        self.facts = dataclasses.replace(self.real.facts, bars=("1d", "5m"))

    def fetch(self, symbol: str, start: dt.date, end: dt.date, bar: str = "1d") -> Snapshot:
        if self.point is not None:
            self.point.reached("question")
        if bar == "1d":
            return self.real.fetch(symbol, start, end)
        starts = np.datetime64(end, "s") - np.array([600, 300, 0], dtype="timedelta64[s]")
        close = np.array([1.1, 1.2, 1.3])
        return Snapshot(
            source=self.name,
            symbol=symbol,
            currency="USD",
            version=self.version,
            bar=bar,
            sessions=starts.astype("datetime64[D]"),
            starts=starts.astype("datetime64[ns]"),
            instants=(starts + np.timedelta64(300, "s")).astype("datetime64[ns]"),
            close=close,
            dividends=np.zeros(3),
        )


def config_of(folder: Path) -> Path:
    """The small settings, with everything on that has a side effect."""
    (folder / "desk.csv").write_text(
        "id,title,announced_at,assets\ndesk-one,One,2021-05-05T07:00Z,EURUSD\nyoung,Young,2026-11-18T07:00Z,EURUSD\n"
    )
    sections = f"""\
feeds: [{{id: desk, kind: csv, path: {folder}/desk.csv}}]
notify: {{command: [sh, -c, 'cat >> {folder}/told'], when: changes}}
captures: {{bars: [5m], after: [1h]}}
collections: [{{id: yuan, asset: USDCNY, fewest: 2}}]
backups: {{folder: {folder}/copies}}
schedule:"""
    return write_config(folder, ("schedule:", sections))


def whole_pass(path: Path, now: dt.datetime = NOW) -> nightly.PassResult:
    """A pass over the settings and their feed."""
    config = load_config(path, environ={})
    gathered = gather(config, now, file=path.name)
    return nightly.run(config, gathered.events, now=lambda: now, trigger="test", gathered=gathered)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a pass in which nothing went wrong."""
    folder = tmp_path_factory.mktemp("undisturbed")
    with pytest.MonkeyPatch.context() as patch:
        for module in (pull, captures):
            patch.setattr(module, "open_source", lambda name, *_: Minutes(name))
        assert whole_pass(config_of(folder)).exit_code == 0
    return folder


@pytest.fixture
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What a pass over the small settings alone stores when nothing goes wrong."""
    folder = tmp_path_factory.mktemp("small")
    run(write_config(folder))
    return passes.results(folder / "es.db")


def check(folder: Path, undisturbed: dict[str, list[str]], events: Sequence[str] = ("visit", "meeting")) -> None:
    """Sound, and each unit of work wholly there or not at all."""
    assert passes.faults(folder / "es.db") == []
    found = passes.results(folder / "es.db")
    for unit_of_work in events:
        for table in ("analyses", "windows", "tests", "daily", "joint"):
            whole = [line for line in undisturbed[table] if f"'{unit_of_work}'" in line]
            here = [line for line in found[table] if f"'{unit_of_work}'" in line]
            assert here in ([], whole)
    for page in (folder / "reports").rglob("*.html"):
        assert page.read_text("utf-8").rstrip().endswith("</html>")
    for copy in (folder / "copies").glob("*.db"):
        assert passes.faults(copy) == []


def everything(folder: Path) -> dict[str, Any]:
    """All that a pass leaves, but what names the run or depends on the number of attempts."""
    database = folder / "es.db"
    versions = rows(database, "select * from event_history")
    return {
        **passes.results(database),
        "states": passes.states(database),
        "captures": rows(database, "select * from captures order by 1, 2, 3, 4, 5"),
        "collections": rows(database, "select * from collections order by 1, 7, 8, 9"),
        "collection tests": rows(database, "select * from collection_tests order by 1, 2, 3, 4, 5"),
        "versions": [repr(version).replace(str(folder), "") for version in versions],
        "notices": rows(
            database,
            "select kind, event_id, study_id, step, subject, reason from notices order by 1, 2, 3, 4, 5",
        ),
        "pages": {
            page.name: page.read_bytes()
            for page in (folder / "reports").rglob("*.html")
            if page.name != "index.html" and not page.name.startswith("digest")
        },
    }


@pytest.mark.long
def test_a_crash_at_every_side_effect_in_turn_loses_nothing(tmp_path, monkeypatch, whole):
    undisturbed, expected = passes.results(whole / "es.db"), everything(whole)
    for n in itertools.count(1):
        folder = tmp_path / str(n)
        folder.mkdir()
        path = config_of(folder)
        point = FaultPoint(n)
        with monkeypatch.context() as patch:
            point.patch(patch)
            try:
                whole_pass(path)
            except Crash:
                check(folder, undisturbed, ("visit", "meeting", "desk-one", "young"))
            else:
                break
            point.at = 0
            assert whole_pass(path).exit_code == 0
            assert everything(folder) == expected
            assert rows(folder / "es.db", "select count(*) from runs where status = 'running'") == [(0,)]
            assert dump(folder / "copies" / "es-20261120T233000Z.db") == dump(folder / "es.db")
            assert "A visit" in (folder / "told").read_text("utf-8")
            before = dump(folder / "es.db")
            assert whole_pass(path).studied == ["young"]  # whose first price is still to come
            assert dump(folder / "es.db") == before
        shutil.rmtree(folder)
    # the crashes did happen: at every question, transaction, page, copy, notice and heartbeat
    assert point.seen == {"question": 5, "commit": 24, "file": 14, "copy": 1, "notice": 1}


class Silent(Minutes):
    """A source that gives nothing."""

    def fetch(self, symbol: str, *_: Any, **__: Any) -> Snapshot:
        raise SourceDown("no route to host", source=self.name, symbol=symbol)


@pytest.mark.long
def test_a_crash_in_a_pass_that_makes_good_loses_no_word(tmp_path, monkeypatch):
    """Before it a copy failed, a source gave nothing, and an announcement was retired by hand."""
    folder, before, day = tmp_path / "work", tmp_path / "before", dt.timedelta(days=1)
    folder.mkdir()
    path = config_of(folder)
    (folder / "copies").write_text("a file in the way")
    for night, kind in enumerate((Minutes, Silent)):
        with monkeypatch.context() as patch:
            for module in (pull, captures):
                patch.setattr(module, "open_source", lambda name, *_, kind=kind: kind(name))
            assert whole_pass(path, NOW + night * day).exit_code == (3, 5)[night]
    (folder / "copies").unlink()
    assert eventstudy("events", "retire", "meeting", "--config", path).code == 0
    folder.rename(before)
    expected = None
    for n in itertools.chain([0], itertools.count(1)):
        shutil.copytree(before, folder)
        point = FaultPoint(n)
        with monkeypatch.context() as patch:
            point.patch(patch)
            with contextlib.suppress(Crash):
                whole_pass(path, NOW + 2 * day)
            is_over = n > point.seen.total()
            assert passes.faults(folder / "es.db") == []
            point.at = 0
            whole_pass(path, NOW + 2 * day)
        found = everything(folder)
        expected = expected or found
        assert found == expected, [set(map(repr, found["notices"])) ^ set(map(repr, expected["notices"])), n]
        told = (folder / "told").read_text("utf-8")
        for words in ("A meeting: retired by hand", "ecb: it gave nothing at all", "backup: no backup was made"):
            assert words in " ".join(told.split())
        assert dump(folder / "copies" / "es-20261122T233000Z.db") == dump(folder / "es.db")
        shutil.rmtree(folder)
        if is_over:
            break
    kinds = {(kind, step) for kind, _, _, step, _, _ in expected["notices"]}
    assert kinds >= {("retired", None), ("repair", "source"), ("repair", "backup")}


def test_word_of_a_pass_that_broke_off_is_given_whatever_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(nightly, "capture", lambda *_, **__: 1 / 0)
    for n in itertools.count(1):
        folder = tmp_path / str(n)
        folder.mkdir()
        path = config_of(folder)
        with monkeypatch.context() as patch:
            patch.setattr(pull, "open_source", lambda name, *_: Minutes(name))
            point = FaultPoint(0)
            with pytest.raises(ZeroDivisionError):
                whole_pass(path)
            (folder / "told").unlink()
            with contextlib.closing(sqlite3.connect(folder / "es.db", isolation_level=None)) as connection:
                connection.execute("pragma foreign_keys = on")
                connection.execute("delete from notices where step = 'pass'")
            point.patch(patch)
            point.seen.clear()
            point.at = n
            with pytest.raises((Crash, ZeroDivisionError)) as caught:
                whole_pass(path)
            point.at = 0
            for _ in range(2):
                with pytest.raises(ZeroDivisionError):
                    whole_pass(path)
        # it may be told twice, but never not at all, and not for ever
        assert (folder / "told").read_text("utf-8").count("broke off") in (1, 2)
        if caught.type is ZeroDivisionError:
            break
    assert point.seen["notice"] == 1


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
            passes.answer(folder / "es.db", "reactions")
        assert run(path).exit_code == 0
        assert passes.results(folder / "es.db") == undisturbed
        assert passes.faults(folder / "es.db") == []
        shutil.rmtree(folder)
    assert hits >= 5


def test_a_reader_sees_nothing_of_what_a_killed_writer_left_and_changes_nothing(tmp_path):
    run(write_config(tmp_path))
    database, log = tmp_path / "es.db", tmp_path / "es.db-wal"
    before = passes.answer(database, "select sum(close) from bars")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        connection = sqlite3.connect(database, isolation_level=None)
        connection.execute("pragma cache_size = 5")  # so that changed pages reach the log before any commit
        connection.execute("begin immediate")
        connection.execute("update bar_versions set close = close * 2")
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)
    before_files = database.read_bytes(), log.read_bytes()
    assert before_files[1]
    assert passes.answer(database, "select sum(close) from bars") == before
    assert backup.verify(database) == 2
    assert (database.read_bytes(), log.read_bytes()) == before_files
    assert run(tmp_path / "config.yaml").results_written == 0
    assert (passes.faults(database), files.log_bytes(database)) == ([], 0)


def test_a_process_killed_while_it_made_the_file_does_not_spoil_it(tmp_path):
    """The empty table of migrations is there, and no migration yet."""
    connection = sqlite3.connect(tmp_path / "es.db")
    connection.execute(
        "create table _sqlite_migrations (id integer primary key, migration_set text, name text, applied_at text)"
    )
    connection.close()
    assert run(write_config(tmp_path)).exit_code == 0


def test_a_transaction_that_another_writer_keeps_out_leaves_none_open(tmp_path, monkeypatch):
    monkeypatch.setattr(store, "BUSY_SECONDS", 0.05)
    db = store.open_database(tmp_path / "es.db")
    other = sqlite3.connect(tmp_path / "es.db", isolation_level=None)
    other.execute("begin immediate")
    with pytest.raises(sqlite3.OperationalError, match="locked"), store.transaction(db) as connection:
        connection.execute(
            "insert into studies (study_id, position, title, spec, config_hash) values ('a', 0, 'a', '{}', '')"
        )
    other.execute("commit")
    other.execute("begin")  # a reader of an old state keeps nobody out
    other.execute("select * from runs").fetchall()
    with store.transaction(db) as connection:
        connection.execute(
            "insert into studies (study_id, position, title, spec, config_hash) values ('b', 0, 'b', '{}', '')"
        )
    assert db.execute("select study_id from studies").fetchall() == [("b",)]
    assert other.execute("select count(*) from studies").fetchall() == [(0,)]
    other.close()
    db.close()


def put_studies(db, *names: str) -> None:
    """As a unit of work, or as a part of one."""
    with store.transaction(db) as connection:
        for name in names:
            row = (name, 0, "a title", "{}", "")
            connection.execute(
                "insert into studies (study_id, position, title, spec, config_hash) values (?, ?, ?, ?, ?)", row
            )


def test_a_part_of_a_unit_of_work_is_undone_alone_and_goes_with_the_whole(tmp_path):
    db = store.open_database(tmp_path / "es.db")
    with store.transaction(db):
        put_studies(db, "first")
        with pytest.raises(sqlite3.IntegrityError):
            put_studies(db, "second", "first")
        put_studies(db, "third")
    assert db.execute("select study_id from studies order by 1").fetchall() == [("first",), ("third",)]
    with contextlib.suppress(Crash), store.transaction(db):
        put_studies(db, "fourth")
        raise Crash
    assert db.execute("select count(*) from studies").fetchall() == [(2,)]
    db.close()


def test_a_unit_of_work_that_sqlite_gave_up_in_the_middle_is_not_taken_for_done(tmp_path):
    db = store.open_database(tmp_path / "es.db")
    with contextlib.ExitStack() as whole:
        whole.enter_context(store.transaction(db))
        put_studies(db, "lost")
        db.execute("rollback")  # as SQLite does by itself where a disk is full
        put_studies(db, "held")
        with pytest.raises(sqlite3.OperationalError, match="no transaction"):
            whole.close()
    assert db.execute("select study_id from studies").fetchall() == [("held",)]
    db.close()
