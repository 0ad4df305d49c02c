"""Nights on which the machine, the network, a source or the clock misbehaves: nothing lost, nothing made up."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import os
import resource
import signal
import sqlite3
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from eventstudy.errors import SourceDown, StoreError
from eventstudy.prices import open_source
from jobs import pull
from tests.support import passes
from tests.support.command import eventstudy
from tests.support.passes import NOW, Down, dump, results, rows, run, write_config

FRESH = '  - {id: fresh, title: Fresh, announced_at: "2026-11-11T07:00Z", assets: [USDCNY]}\n'
DAY = dt.timedelta(days=1)


@pytest.fixture
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What a pass stores when nothing goes wrong."""
    folder = tmp_path_factory.mktemp("undisturbed")
    run(write_config(folder))
    return results(folder / "es.db")


def in_a_child(work: Callable[[], int]) -> int:
    """Exit code of `work` in a process of its own, whose limits and rights are lost with it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of threads, which numpy stops at a fork
        child = os.fork()
    if child == 0:
        code = 99
        try:
            code = work()
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def told(path: Path) -> int:
    """0 when a pass runs, 1 when it ends with the error that people are shown."""
    try:
        run(path)
    except StoreError:
        return 1
    return 0


# --- the disk --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.05, 0.3, 0.6, 0.9])
def test_a_disk_that_fills_up_at_any_point_loses_nothing(tmp_path, tmp_path_factory, share):
    enough = tmp_path_factory.mktemp("enough")
    run(write_config(enough))
    undisturbed, room = results(enough / "es.db"), int(share * (enough / "es.db").stat().st_size)
    path = write_config(tmp_path)

    def work() -> int:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
        return told(path)

    assert in_a_child(work) == 1
    assert passes.faults(tmp_path / "es.db") == []
    assert run(path, now=lambda: NOW + 2 * DAY).exit_code == 0
    assert results(tmp_path / "es.db") == undisturbed


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that other users can reach."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.parametrize("has_run", [False, True], ids=["new", "old"])
def test_a_folder_without_rights_is_one_clear_error_and_stays_as_it_was(folder, has_run):
    path = write_config(folder)
    if has_run:
        run(path)
        path = write_config(folder, ("title: A visit,", "title: Another visit,"))
    before = {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}
    folder.chmod(0o555)

    def work() -> int:
        if os.geteuid() == 0:
            os.setuid(65534)  # rights do not bind the superuser
        return told(path)

    assert in_a_child(work) == 1
    folder.chmod(0o755)
    assert {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()} == before


# --- the database ----------------------------------------------------------------------------------------------------


def test_a_reader_in_the_middle_of_a_question_keeps_nobody_waiting(tmp_path, undisturbed):
    path = write_config(tmp_path)
    run(path, only=["meeting"])
    with contextlib.closing(sqlite3.connect(tmp_path / "es.db", isolation_level=None)) as reader:
        reader.execute("begin")
        before = reader.execute("select count(*) from bars").fetchone()
        assert run(path).exit_code == 0
        assert reader.execute("select count(*) from bars").fetchone() == before
    assert results(tmp_path / "es.db") == undisturbed


def test_a_damaged_database_is_told_never_written_and_restored_on_request(tmp_path):
    path = write_config(tmp_path)
    run(path)
    assert eventstudy("backup", "--config", path).code == 0
    (copy,) = (tmp_path / "backups").iterdir()
    good = dump(tmp_path / "es.db")
    with (tmp_path / "es.db").open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 8 * 4096)
    damaged = (tmp_path / "es.db").read_bytes()
    for _ in range(2):
        done = eventstudy("run", "--config", path)
        assert (done.code, len(done.err.splitlines())) == (1, 1)
        assert "`eventstudy restore`" in done.err
        assert (tmp_path / "es.db").read_bytes() == damaged
    assert eventstudy("restore", copy, "--config", path).code == 0
    assert dump(tmp_path / "es.db") == good
    (kept,) = (p for p in tmp_path.glob("es.db.replaced-*") if p.name.endswith("Z"))  # beside it its log
    assert kept.read_bytes() == damaged
    assert run(path).exit_code == 0


# --- the network, and sources that lie -------------------------------------------------------------------------------


@pytest.fixture
def source(monkeypatch):
    """Put a source of the test's making, which is given the real one, in the place of the real one."""

    def replace(make: Callable[[object], object]) -> None:
        monkeypatch.setattr(pull, "open_source", lambda *a: make(open_source(*a)))

    return replace


@pytest.mark.parametrize("answers", [0, 1])
def test_a_network_that_goes_half_way_costs_what_was_not_pulled_until_it_is_back(
    tmp_path, source, monkeypatch, undisturbed, answers
):
    path = write_config(tmp_path)
    given = []

    def gone(symbol: str) -> SourceDown:
        return SourceDown("connection reset", source="ecb", symbol=symbol)

    class Fading(Down):
        def fetch(self, symbol, *rest, **options):
            if len(given) >= answers:
                raise gone(symbol)
            given.append(symbol)
            return self._real.fetch(symbol, *rest, **options)

    source(lambda real: Fading(real, gone))
    assert run(path).exit_code == (5 if answers == 0 else 3)
    ((made_up,),) = rows(
        tmp_path / "es.db", "select count(*) from reactions where car is not null and asset not in (?)", *given or [""]
    )
    assert made_up == 0
    monkeypatch.undo()
    assert run(path, now=lambda: NOW + 2 * DAY).exit_code == 0
    assert results(tmp_path / "es.db") == undisturbed


class Lying:
    """A source whose answers lose what `keeps` does not keep."""

    def __init__(self, real, keeps) -> None:
        self.real, self.keeps, self.name, self.version = real, keeps, real.name, real.version

    def fetch(self, symbol, *rest, **options):
        found = self.real.fetch(symbol, *rest, **options)
        kept = self.keeps(symbol, found.sessions)
        arrays = ("sessions", "instants", "close", "dividends")
        return dataclasses.replace(found, **{name: getattr(found, name)[kept] for name in arrays})


LIES = {
    "empty": lambda _symbol, sessions: sessions < sessions[0],
    "stale": lambda _symbol, sessions: sessions < sessions[-20],
    "half of the symbols": lambda symbol, sessions: (sessions < sessions[0]) | (symbol == "USDCNY"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_source_that_leaves_things_out_never_makes_a_result_and_the_truth_mends_it(
    tmp_path, tmp_path_factory, source, monkeypatch, lie
):
    """At a time when the event is young, as it is on the night when this matters."""
    when = dt.datetime(2023, 3, 20, 23, 30, tzinfo=dt.UTC)
    path = write_config(tmp_path)
    source(lambda real: Lying(real, LIES[lie]))
    run(path, now=lambda: when)
    told = dict(rows(tmp_path / "es.db", "select asset, verdict from reactions where event_id = 'visit' group by 1"))
    assert told["EURUSD"] == "not computable"
    assert (told["USDCNY"] == "not computable") == (lie != "half of the symbols")
    monkeypatch.undo()
    run(path, now=lambda: when + 2 * DAY)
    whole = tmp_path_factory.mktemp("whole")
    run(write_config(whole), now=lambda: when + 2 * DAY)
    found, expected = (
        rows(f / "es.db", "select event_id, asset, window_end, car, verdict from reactions order by 1, 2, 3")
        for f in (tmp_path, whole)
    )
    assert found == expected


# --- the clock -------------------------------------------------------------------------------------------------------


def test_a_clock_that_was_set_back_loses_nothing_and_is_told(tmp_path):
    path = write_config(tmp_path, more=FRESH)
    run(path)
    before = results(tmp_path / "es.db")
    back = run(path, now=lambda: NOW - 15 * DAY)  # before one of the events was announced
    assert back.outcomes["visit"] == ("ok", None)
    assert results(tmp_path / "es.db") == before
    run(path, now=lambda: NOW + DAY)
    assert passes.faults(tmp_path / "es.db") == []
    assert rows(tmp_path / "es.db", "select count(*) from retry_queue") == [(0,)]


def test_two_nights_that_were_missed_leave_what_every_night_would_have_left(tmp_path):
    ends = []
    for name, nights in (("every", range(10)), ("some", [0, 1, 4, 5, 8, 9])):
        (tmp_path / name).mkdir()
        path = write_config(tmp_path / name, ("2023-03-17T07:00Z", "2023-03-15T07:00Z"))
        start = dt.datetime(2023, 3, 16, 23, 30, tzinfo=dt.UTC)
        for night in nights:
            run(path, now=lambda night=night, start=start: start + night * DAY)
        found = results(tmp_path / name / "es.db")
        ends.append([found[table] for table in ("events", "windows", "tests", "daily")])
    assert ends[0] == ends[1]


def test_a_clock_that_goes_back_in_a_pass_is_named(tmp_path: Path) -> None:
    path = write_config(tmp_path)
    times = iter([NOW + DAY])
    back = run(path, now=lambda: next(times, NOW))
    assert back.exit_code == 3
    assert [trouble.partition(";")[0] for trouble in back.troubles] == [
        "the clock went back in the pass, from 2026-11-21T23:30:00Z to 2026-11-20T23:30:00Z"
    ]
    stored = results(tmp_path / "es.db")
    assert run(path, now=lambda: NOW + 2 * DAY).exit_code == 0
    assert results(tmp_path / "es.db") == stored
