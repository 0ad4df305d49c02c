"""`eventstudy schedule` as a process: it runs the pass, it stops when told, it is alone."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from eventstudy.store import heartbeat as heartbeats
from tests.support.command import eventstudy
from tests.support.passes import rows, write_config

ROOT = Path(__file__).parents[2]


class Scheduler:
    """A running `eventstudy schedule` and what it says."""

    def __init__(self, path: Path, *arguments: str, **environ: str) -> None:
        self.log = path.with_name("schedule.log")
        with self.log.open("w") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "eventstudy", "schedule", "--config", str(path), *arguments],
                stderr=file,
                stdout=file,
                cwd=ROOT,
                env={**os.environ, **environ},
            )

    def says(self, text: str, seconds: float = 30.0) -> str:
        """Wait until the log holds `text`, and return the log."""
        return wait(lambda: self.log.read_text("utf-8"), lambda log: text in log, seconds)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=30)


def wait(look: Callable[[], str], good: Callable[[str], bool], seconds: float) -> str:
    end = time.monotonic() + seconds
    while not good(found := look()):
        assert time.monotonic() < end, found
        time.sleep(0.05)
    return found


@pytest.fixture(autouse=True)
def ordinary_signals() -> Iterator[None]:
    """Programs that are started here begin as in a terminal; what the tests run under, nohup say, may ignore some."""
    before = {number: signal.getsignal(number) for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM)}
    ignored = [number for number, handler in before.items() if handler is signal.SIG_IGN]
    for number in ignored:
        signal.signal(number, signal.SIG_DFL)
    yield
    for number in ignored:
        signal.signal(number, signal.SIG_IGN)


@pytest.fixture
def schedule() -> Iterator[Callable[..., Scheduler]]:
    with contextlib.ExitStack() as running:

        def start(*arguments: object, **environ: str) -> Scheduler:
            scheduler = Scheduler(*arguments, **environ)  # type: ignore[arg-type]  # passed through
            running.callback(scheduler.process.wait)
            running.callback(scheduler.process.kill)
            return scheduler

        yield start


@pytest.mark.long
@pytest.mark.slow
def test_a_trigger_seconds_away_runs_the_pass_and_sigterm_ends_it_well(tmp_path, schedule):
    path = write_config(tmp_path)
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=12)  # a busy machine takes some of them to start
    scheduler = schedule(path, EVENTSTUDY_SCHEDULE__AT=f"{soon:%H:%M:%S}")
    scheduler.says("next pass at")
    wait(lambda: str(heartbeats.next_pass(tmp_path / "es.db")), lambda at: at == f"{soon:%Y-%m-%d %H:%M:%S+00:00}", 5)
    second = eventstudy("schedule", "--config", path)
    assert (second.code, second.out) == (4, "")
    assert "another schedule is active" in second.err
    assert "pid " in second.err
    log = scheduler.says("pass finished: ok, 2 results written, exit code 0")
    assert scheduler.stop() == 0
    assert rows(tmp_path / "es.db", "select trigger, status from runs") == [("schedule", "ok")]
    assert rows(tmp_path / "es.db", "select count(*) from reactions where status = 'ok'") == [(6,)]
    assert (tmp_path / "reports" / "visit.html").exists()
    assert (tmp_path / "es.db.heartbeat.json").exists()
    assert heartbeats.next_pass(tmp_path / "es.db") is None
    assert "Traceback" not in log
    assert scheduler.log.read_text("utf-8").rstrip().endswith("stopped")


@pytest.mark.long
@pytest.mark.slow
def test_a_signal_during_a_pass_ends_it_after_the_event_at_hand(tmp_path, schedule):
    scheduler = schedule(sixty_events(tmp_path), "--now")
    database = tmp_path / "es.db"
    wait(lambda: studied(database), bool, 30)
    assert scheduler.stop(signal.SIGINT) == 0
    log = scheduler.log.read_text("utf-8")
    assert "finishing the event at hand" in log
    assert "Traceback" not in log
    assert rows(database, "select status from runs") == [("interrupted",)]
    ((done,),) = rows(database, "select count(distinct event_id) from analyses")
    assert 0 < done < 62


def sixty_events(folder: Path) -> Path:
    event = '  - {{id: e{0}, title: Event {0}, announced_at: "2022-{1:02}-15T07:00Z", assets: [USDCNY, EURUSD]}}\n'
    return write_config(folder, more="".join(event.format(i, 1 + i % 12) for i in range(60)))


@pytest.mark.slow
@pytest.mark.parametrize(
    "number",
    [signal.SIGTERM, *(pytest.param(other, marks=pytest.mark.long) for other in (signal.SIGINT, signal.SIGHUP))],
)
def test_a_run_that_is_asked_to_stop_ends_after_the_event_at_hand(tmp_path, number):
    path, database = sixty_events(tmp_path), tmp_path / "es.db"
    command = [sys.executable, "-m", "eventstudy", "run", "--config", str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        wait(lambda: studied(database), bool, 30)
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 3
    assert f"{number.name}: finishing the event at hand" in said
    assert "Traceback" not in said
    assert rows(database, "select status, finished_at is not null from runs") == [("interrupted", 1)]
    beat = heartbeats.heartbeat(database)
    assert beat is not None
    assert (beat.status, beat.exit_code) == ("interrupted", 3)
    assert "interrupted" in eventstudy("status", "--config", path).out
    assert eventstudy("run", "--config", path).code == 0
    assert rows(database, "select count(distinct event_id) from analyses") == [(62,)]


@pytest.mark.long
@pytest.mark.slow
def test_a_schedule_ends_on_sighup_unless_it_was_ignored_at_the_start(tmp_path, schedule):
    scheduler = schedule(write_config(tmp_path))
    scheduler.says("next pass at")
    assert scheduler.stop(signal.SIGHUP) == 0
    assert "SIGHUP: finishing the event at hand" in scheduler.log.read_text("utf-8")
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        scheduler = schedule(tmp_path / "config.yaml")
    finally:
        signal.signal(signal.SIGHUP, before)
    scheduler.says("next pass at")
    scheduler.process.send_signal(signal.SIGHUP)
    assert scheduler.stop() == 0
    assert "SIGHUP" not in scheduler.log.read_text("utf-8")


def studied(database: Path) -> str:
    """Ids of events with results; empty while the database is being made."""
    try:
        return ", ".join(event for (event,) in rows(database, "select distinct event_id from analyses"))
    except sqlite3.OperationalError:
        return ""


class SignalAtImport:
    """Sends SIGTERM when `jobs.scheduler`, with all that it loads, is asked for."""

    def find_spec(self, name, *_):
        if name == "jobs.scheduler":
            os.kill(os.getpid(), signal.SIGTERM)


def test_a_signal_that_comes_while_libraries_are_loaded_ends_the_schedule_well(tmp_path, monkeypatch, capfd):
    def die(number, _frame):
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, die)
    monkeypatch.delitem(sys.modules, "jobs.scheduler", raising=False)
    monkeypatch.delattr("jobs.scheduler", raising=False)
    monkeypatch.setattr(sys, "meta_path", [SignalAtImport(), *sys.meta_path])
    try:
        assert eventstudy("schedule", "--now", "--config", write_config(tmp_path)).code == 0
    finally:
        signal.signal(signal.SIGTERM, before)
    assert "SIGTERM: finishing the event at hand" in capfd.readouterr().err
    assert not (tmp_path / "es.db").exists()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("zone: UTC", "zone: Mars/Olympus", "schedule.zone: "),
        ("zone: UTC", "zone: ../../etc/passwd", "schedule.zone: "),
        ("days: mon-sun", "days: foo-bar", "schedule.days: "),
        ('at: "23:30"', 'at: "24:30"', "schedule.at: "),
    ],
    ids=["zone", "path", "days", "at"],
)
def test_a_schedule_that_cannot_be_is_one_line(tmp_path, old, new, says):
    done = eventstudy("schedule", "--config", write_config(tmp_path, (old, new)))
    assert (done.code, done.out) == (1, "")
    assert says in done.err
    assert len(done.err.splitlines()) == 1
    assert not (tmp_path / "es.db").exists()


ENDLESS = """
import sys, threading
from pathlib import Path
from jobs import nightly, scheduler
from jobs.signals import on_stop
nightly.run = lambda *_, **__: (print("begun", flush=True), threading.Event().wait(60))
with on_stop() as stop:
    sys.exit(scheduler.serve(Path(sys.argv[1]), stop, at_once=True))
"""


@pytest.mark.slow
def test_a_pass_that_does_not_end_is_left_behind_with_exit_code_1(tmp_path):
    path = write_config(tmp_path, ("schedule: {", "schedule: {drain_seconds: 1, "))
    with subprocess.Popen([sys.executable, "-c", ENDLESS, str(path)], cwd=ROOT, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout.readline() == b"begun\n"
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=20) == 1
        finally:
            process.kill()
