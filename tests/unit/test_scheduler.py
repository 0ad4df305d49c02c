"""The wiring of the scheduler, without waiting for it."""

from __future__ import annotations

import datetime as dt
import threading
import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from eventstudy.config.load import load_config
from eventstudy.config.model import ScheduleConfig
from eventstudy.database import beside
from eventstudy.database.connection import open_database, transaction
from eventstudy.errors import ConfigError, LockHeld
from eventstudy.events.build import from_config
from eventstudy.instants import stamp
from eventstudy.store import ledger, retries, write
from jobs import nightly, scheduler, scheduler_triggers
from tests.support.feeds import drop
from tests.support.passes import write_config


def next_after(schedule: ScheduleConfig, moment: str) -> dt.datetime | None:
    return scheduler.trigger_of(schedule).get_next_fire_time(None, dt.datetime.fromisoformat(moment))


def test_the_time_is_of_the_zone_and_seconds_count():
    schedule = ScheduleConfig(at="22:15:30", zone="Europe/Berlin", days="mon-fri")
    found = next_after(schedule, "2023-03-17T22:00:00+00:00")  # Friday 23:00 in Berlin: Monday is next
    assert found == dt.datetime(2023, 3, 20, 22, 15, 30, tzinfo=ZoneInfo("Europe/Berlin"))


@pytest.mark.parametrize(("at", "zone"), [("25:00", "UTC"), ("23:30", "Nowhere/At-All")])
def test_what_cannot_be_is_refused(at, zone):
    with pytest.raises((ConfigError, ValueError)):
        scheduler.trigger_of(ScheduleConfig(at=at, zone=zone))


@pytest.fixture
def service(tmp_path):
    """A service that was never started, with its jobs in it; `write_config` again to change its settings."""
    path = write_config(tmp_path)
    waiting = BackgroundScheduler(timezone=dt.UTC, executors={"default": ThreadPoolExecutor(1)})
    waiting.start(paused=True)
    yield scheduler.Service(path, load_config(path, environ={}), threading.Event(), waiting)
    waiting.shutdown(wait=False)


def next_run(service: scheduler.Service, job_id: str = scheduler.JOB_ID) -> str:
    return f"{service.scheduler.get_job(job_id).next_run_time:%H:%M}"


def test_a_new_time_in_the_settings_counts_from_the_next_pass(tmp_path, monkeypatch, service):
    monkeypatch.setattr(nightly, "run", lambda *_, **__: nightly.PassResult())
    write_config(tmp_path, ('at: "23:30"', 'at: "21:05"'))
    service.nightly()
    assert next_run(service) == "21:05"


@pytest.mark.parametrize("broken", ["version: 1\nstud", "", "\x00"])
def test_settings_that_break_are_logged_and_the_schedule_stays(tmp_path, service, caplog, broken):
    whole = (tmp_path / "config.yaml").read_text("utf-8")
    (tmp_path / "config.yaml").write_text(broken, encoding="utf-8")
    service.nightly()
    assert "the pass did not run" in caplog.text
    service.look()
    assert "new events were not read" in caplog.text
    waits = service.scheduler.get_job(scheduler.JOB_ID).next_run_time - scheduler.utc_now()
    assert waits < dt.timedelta(minutes=1)  # it is tried again soon, and not only the next night
    (tmp_path / "config.yaml").write_text(whole, encoding="utf-8")
    job = service.scheduler.get_job(scheduler.JOB_ID)
    assert f"{job.trigger.get_next_fire_time(None, scheduler.utc_now()):%H:%M}" == "23:30"


def test_a_night_that_could_not_start_is_tried_again_after_growing_pauses_within_its_grace(tmp_path, service):
    night, tried = dt.datetime(2026, 11, 20, 23, 30, tzinfo=dt.UTC), []
    with time_machine.travel(night, tick=False) as clock, ledger.lock(tmp_path / "es.db"):
        while not tried or tried[-1] < 12 * 60:
            # as the real scheduler has it while the job is at work
            service.scheduler.modify_job(scheduler.JOB_ID, next_run_time=night + dt.timedelta(days=1))
            service.nightly()
            at = service.scheduler.get_job(scheduler.JOB_ID).next_run_time
            tried.append(int((at - scheduler.utc_now()).total_seconds() // 60))
            clock.move_to(at)
    assert tried[:6] == [1, 2, 4, 8, 16, 30]
    assert sum(tried[:-1]) <= 6 * 60  # the grace; then at its own time again


def test_settings_that_name_another_database_are_refused_while_it_runs(tmp_path, service, caplog):
    write_config(tmp_path, (f"database: {tmp_path}/es.db", f"database: {tmp_path}/other.db"))
    service.nightly()
    assert "database: changed while `eventstudy schedule` runs" in caplog.text
    assert not (tmp_path / "other.db").exists()


def test_a_line_added_to_a_file_of_a_watched_folder_is_seen(tmp_path, passes_seen):
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    drop(inbox, "a.csv", "id,title,announced_at\n")
    feed = f"feeds:\n  - {{id: inbox, kind: folder, path: {inbox}, assets: [USDCNY]}}\nschedule:"
    path = write_config(tmp_path, ("schedule:", feed))
    waiting = BackgroundScheduler(timezone=dt.UTC)
    with time_machine.travel(NOON, tick=False):
        waiting.start(paused=True)
        service = scheduler.Service(path, load_config(path, environ={}), threading.Event(), waiting)
        service.look()
        service.look()
        assert waiting.get_job(scheduler.SINGLE_ID) is None
        before = inbox.stat().st_mtime_ns
        drop(inbox, "a.csv", "id,title,announced_at\nsoon,Soon,2026-11-20T12:10Z\n")
        assert inbox.stat().st_mtime_ns == before
        service.look()
        assert next_run(service, scheduler.SINGLE_ID) == "12:25"
    waiting.shutdown(wait=False)


def test_a_heartbeat_from_a_time_to_come_starts_a_pass(tmp_path, passes_seen, caplog):
    path = write_config(tmp_path)
    config = load_config(path, environ={})
    beat(config.database, NOON + dt.timedelta(days=300))
    waiting = BackgroundScheduler(timezone=dt.UTC, executors={"default": ThreadPoolExecutor(1)})
    with time_machine.travel(NOON, tick=False):
        service = scheduler.Service(path, config, threading.Event(), waiting)
        service.start()
        wait_for(passes_seen)
        assert service.drain()
    assert "the clock was ahead" in caplog.text


def test_looks_after_a_clock_went_back(tmp_path, passes_seen):
    path = write_config(tmp_path, more=SOON.format(NOON - dt.timedelta(days=1)))
    waiting = BackgroundScheduler(timezone=dt.UTC)
    with time_machine.travel(NOON, tick=False) as clock:
        waiting.start(paused=True)
        service = scheduler.Service(path, load_config(path, environ={}), threading.Event(), waiting)
        clock.move_to(NOON - dt.timedelta(days=2))
        service.clock_was_set(is_back=True)
        service.look()
        assert f"{waiting.get_job(scheduler.SINGLE_ID).next_run_time:%d %H:%M}" == "19 12:15"
    waiting.shutdown(wait=False)


@pytest.mark.parametrize("seconds", [-3600, 3600])
def test_a_clock_that_is_set_is_noticed(service, monkeypatch, seconds):
    monkeypatch.setattr(scheduler, "CLOCK_SECONDS", 0.01)
    clock, looks, told = scheduler.utc_now, iter([0] * 3), []
    monkeypatch.setattr(scheduler, "utc_now", lambda: clock() + dt.timedelta(seconds=next(looks, seconds)))
    monkeypatch.setattr(service, "clock_was_set", lambda *, is_back: (told.append(is_back), service.stop.set()))
    watching = threading.Thread(target=service.watch_clock, daemon=True)
    watching.start()
    watching.join(10)
    assert told == [seconds < 0]


def test_new_events_are_looked_for_while_it_runs(tmp_path):
    often = ("schedule: {", "schedule: {look: 1s, ")
    path = write_config(tmp_path, often)
    waiting = BackgroundScheduler(timezone=dt.UTC, executors={"default": ThreadPoolExecutor(1)})
    service = scheduler.Service(path, load_config(path, environ={}), threading.Event(), waiting)
    service.start()
    write_config(tmp_path, often, more=SOON.format(dt.datetime.now(dt.UTC) + dt.timedelta(days=1)))
    for _ in range(1000):
        if waiting.get_job(scheduler.SINGLE_ID):
            break
        time.sleep(0.01)
    assert waiting.get_job(scheduler.SINGLE_ID)
    assert service.drain()


def test_whatever_a_pass_raises_the_schedule_goes_on(monkeypatch, service, caplog):
    monkeypatch.setattr(nightly, "run", lambda *_, **__: 1 / 0)
    service.nightly()
    assert "the next one does the rest" in caplog.text
    assert service.scheduler.get_job(scheduler.JOB_ID) is not None


def test_a_zone_that_breaks_later_keeps_the_old_schedule(monkeypatch, service, caplog):
    monkeypatch.setattr(nightly, "run", lambda *_, **__: nightly.PassResult())
    monkeypatch.setattr(
        scheduler_triggers, "trigger_of", lambda _: (_ for _ in ()).throw(ConfigError("unknown time zone"))
    )
    service.nightly()
    assert "the schedule stays as it was" in caplog.text


def test_nothing_starts_once_it_was_told_to_stop(monkeypatch, service):
    monkeypatch.setattr(nightly, "run", lambda *_, **__: pytest.fail("a pass was started"))
    service.stop.set()
    service.nightly()
    service.single()


# --- passes over single events ---------------------------------------------------------------------------------------

SOON = '  - {{id: soon, title: Soon, announced_at: "{:%Y-%m-%dT%H:%M:%SZ}", assets: [USDCNY]}}\n'
NOON = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)


@pytest.fixture
def passes_seen(monkeypatch) -> list[list[str] | None]:
    """Which events each pass was for; the passes themselves do nothing."""
    seen: list[list[str] | None] = []

    def run(*_: object, only: list[str] | None, **__: object) -> nightly.PassResult:
        seen.append(only)
        return nightly.PassResult()

    monkeypatch.setattr(nightly, "run", run)
    return seen


def wait_for(passes: list[list[str] | None]) -> None:
    """Until a pass was seen; counts its waits, for every clock stands still here."""
    for _ in range(1000):
        if passes:
            return
        time.sleep(0.01)
    pytest.fail("no pass was started")


def test_an_event_that_was_added_is_looked_at_at_set_times_after_it_came_out(tmp_path, passes_seen):
    path = write_config(tmp_path)
    waiting = BackgroundScheduler(timezone=dt.UTC)
    with time_machine.travel(NOON, tick=False) as clock:
        waiting.start(paused=True)
        service = scheduler.Service(path, load_config(path, environ={}), threading.Event(), waiting)
        service.look()
        assert waiting.get_job(scheduler.SINGLE_ID) is None
        write_config(tmp_path, more=SOON.format(NOON + dt.timedelta(minutes=10)))  # added while it runs
        service.look()
        for when in ("12:25", "13:10", "12:10"):
            assert next_run(service, scheduler.SINGLE_ID) == when
            clock.move_to(waiting.get_job(scheduler.SINGLE_ID).next_run_time)
            service.single()
        assert waiting.get_job(scheduler.SINGLE_ID) is None
    waiting.shutdown(wait=False)
    assert passes_seen == [["soon"]] * 3


def test_what_could_not_be_done_is_tried_again_after_a_pause(tmp_path, monkeypatch):
    path = write_config(tmp_path, more=SOON.format(NOON - dt.timedelta(minutes=15)))
    monkeypatch.setattr(nightly, "run", lambda *_, **__: (_ for _ in ()).throw(LockHeld("another run is active")))
    waiting = BackgroundScheduler(timezone=dt.UTC)
    with time_machine.travel(NOON - dt.timedelta(minutes=1), tick=False) as clock:
        waiting.start(paused=True)
        service = scheduler.Service(path, load_config(path, environ={}), threading.Event(), waiting)
        service.look()
        clock.move_to(NOON)
        service.single()
        assert next_run(service, scheduler.SINGLE_ID) == "12:01"
    waiting.shutdown(wait=False)


@pytest.mark.parametrize(("nights", "missed"), [(0, False), (1, True), (3, True)])
def test_nights_that_were_missed_are_made_up_for_once(tmp_path, passes_seen, nights, missed):
    path = write_config(tmp_path)
    config = load_config(path, environ={})
    end = dt.datetime(2026, 11, 20, 23, 31, tzinfo=dt.UTC)
    beat(config.database, end)
    waiting = BackgroundScheduler(timezone=dt.UTC, executors={"default": ThreadPoolExecutor(1)})
    with time_machine.travel(end + dt.timedelta(days=nights, hours=9), tick=False):
        service = scheduler.Service(path, config, threading.Event(), waiting)
        service.start()
        wait_for(passes_seen if missed else [None])
        assert next_run(service) == "23:30"
        assert service.drain()
    assert passes_seen == ([None] if missed else [])


def test_a_very_first_night_that_was_killed_is_made_up_for(tmp_path, passes_seen):
    path = write_config(tmp_path)
    db = open_database(tmp_path / "es.db")
    with transaction(db) as connection:
        ledger.Run("run", NOON, "1", "h", {}).ensure(connection)
    db.close()
    waiting = BackgroundScheduler(timezone=dt.UTC, executors={"default": ThreadPoolExecutor(1)})
    with time_machine.travel(NOON, tick=False):
        service = scheduler.Service(path, load_config(path, environ={}), threading.Event(), waiting)
        service.start()
        wait_for(passes_seen)
        assert service.drain()


def beat(database: Path, end: dt.datetime) -> None:
    open_database(database).close()
    found = beside.Heartbeat(finished_at=end, status="failed", exit_code=5, events={}, last_good=None, last_whole=end)
    beside.beat(database, found)


def test_an_attempt_that_failed_is_made_again_when_it_is_due(tmp_path, passes_seen):
    path = write_config(tmp_path)
    config = load_config(path, environ={})
    db = open_database(config.database)
    event = from_config(config)[0]
    with transaction(db) as connection:
        write.put_event(connection, event, "failed", "down")
        retries.fail(connection, config.retry, event.event_id, NOON, "down")
    ((at,),) = db.execute("select next_attempt from retries").fetchall()
    db.close()
    waiting = BackgroundScheduler(timezone=dt.UTC)
    with time_machine.travel(NOON, tick=False) as clock:
        waiting.start(paused=True)
        service = scheduler.Service(path, config, threading.Event(), waiting)
        service.look()
        found = waiting.get_job(scheduler.SINGLE_ID).next_run_time
        assert stamp(found) == at
        clock.move_to(found)
        service.single()
    waiting.shutdown(wait=False)
    assert passes_seen == [[event.event_id]]


# --- clocks ----------------------------------------------------------------------------------------------------------


def test_a_clock_that_is_set_forward_starts_the_pass_and_one_set_back_does_not_delay_it(tmp_path, passes_seen):
    path = write_config(tmp_path)
    waiting = BackgroundScheduler(timezone=dt.UTC, executors={"default": ThreadPoolExecutor(1)})
    with time_machine.travel(NOON, tick=False) as clock:
        service = scheduler.Service(path, load_config(path, environ={}), threading.Event(), waiting)
        service.start()
        assert f"{waiting.get_job(scheduler.JOB_ID).next_run_time:%d %H:%M}" == "20 23:30"
        clock.move_to(NOON - dt.timedelta(days=2))
        service.clock_was_set(is_back=True)
        assert f"{waiting.get_job(scheduler.JOB_ID).next_run_time:%d %H:%M}" == "18 23:30"
        clock.move_to(NOON.replace(day=18, hour=23, minute=45))
        service.clock_was_set(is_back=False)
        wait_for(passes_seen)
        assert service.drain()
    assert passes_seen == [None]


@pytest.mark.parametrize(
    ("at", "day", "runs"),
    [("01:30", "2026-11-01", 1), ("02:30", "2026-03-08", 1), ("23:30", "2026-11-01", 1)],
    ids=["hour that comes twice", "hour that is skipped", "any other hour"],
)
def test_the_night_when_clocks_change_has_its_pass(at, day, runs):
    zone = ZoneInfo("America/New_York")
    trigger = scheduler.trigger_of(ScheduleConfig(at=at, zone="America/New_York", days="mon-sun"))
    moment = dt.datetime.combine(dt.date.fromisoformat(day), dt.time(), zone).astimezone(dt.UTC)
    end, found, before = moment + dt.timedelta(hours=25), [], None
    while (before := trigger.get_next_fire_time(before, moment)) is not None and before < end:
        found.append(before.astimezone(dt.UTC))
        moment = found[-1] + dt.timedelta(seconds=1)
    assert len(found) == runs


def test_a_pass_that_does_not_end_is_not_waited_for_beyond_the_bound(tmp_path, monkeypatch):
    path = write_config(tmp_path)
    goes_on = threading.Event()
    started = threading.Event()

    def endless(*_: object, **__: object) -> nightly.PassResult:
        started.set()
        goes_on.wait(20)
        return nightly.PassResult()

    monkeypatch.setattr(nightly, "run", endless)
    config = load_config(path, environ={"EVENTSTUDY_SCHEDULE__DRAIN_SECONDS": "1"})
    waiting = BackgroundScheduler(timezone=dt.UTC, executors={"default": ThreadPoolExecutor(1)})
    service = scheduler.Service(path, config, threading.Event(), waiting)
    service.start(at_once=True)
    assert started.wait(10)
    service.stop.set()
    assert not service.drain()
    goes_on.set()
    assert service.drain()
