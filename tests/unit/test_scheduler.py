"""The wiring of the scheduler, without waiting for it."""

from __future__ import annotations

import datetime as dt
import logging
import threading
from zoneinfo import ZoneInfo

import pytest
from apscheduler.schedulers.background import BackgroundScheduler

from eventstudy import ledger
from eventstudy.config import ScheduleConfig
from eventstudy.errors import ConfigError
from jobs import nightly, scheduler
from tests.support.command import eventstudy
from tests.support.feeds import drop
from tests.support.passes import rows, write_config


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
def waiting():
    """A scheduler that was never started, with the job in it."""
    found = BackgroundScheduler(timezone=dt.UTC)
    found.start(paused=True)
    found.add_job(print, scheduler.trigger_of(ScheduleConfig(at="23:30", days="mon-sun")), id=scheduler.JOB_ID)
    yield found
    found.shutdown(wait=False)


def test_a_new_time_in_the_settings_counts_from_the_next_pass(tmp_path, monkeypatch, waiting):
    monkeypatch.setattr(nightly, "run", lambda *_, **__: nightly.PassResult())
    path = write_config(tmp_path, ('at: "23:30"', 'at: "21:05"'))
    scheduler._job(waiting, path, threading.Event(), tmp_path / "es.db")
    assert (waiting.get_job(scheduler.JOB_ID).next_run_time.strftime("%H:%M")) == "21:05"


@pytest.mark.parametrize("broken", ["version: 1\nstud", "", "\x00"])
def test_settings_that_break_are_logged_and_the_schedule_stays(tmp_path, waiting, caplog, broken):
    path = tmp_path / "config.yaml"
    path.write_text(broken, encoding="utf-8")
    scheduler._job(waiting, path, threading.Event(), tmp_path / "es.db")
    assert waiting.get_job(scheduler.JOB_ID).next_run_time.strftime("%H:%M") == "23:30"
    assert "the pass did not run" in caplog.text


def test_whatever_a_pass_raises_the_schedule_goes_on(tmp_path, monkeypatch, waiting, caplog):
    monkeypatch.setattr(nightly, "run", lambda *_, **__: 1 / 0)
    scheduler._job(waiting, write_config(tmp_path), threading.Event(), tmp_path / "es.db")
    assert "the next one does the rest" in caplog.text
    assert waiting.get_job(scheduler.JOB_ID) is not None


def test_a_zone_that_breaks_later_keeps_the_old_schedule(tmp_path, monkeypatch, waiting, caplog):
    monkeypatch.setattr(nightly, "run", lambda *_, **__: nightly.PassResult())
    monkeypatch.setattr(scheduler, "trigger_of", lambda _: (_ for _ in ()).throw(ConfigError("unknown time zone")))
    scheduler._job(waiting, write_config(tmp_path), threading.Event(), tmp_path / "es.db")
    assert "the schedule stays as it was" in caplog.text


def test_nothing_starts_once_it_was_told_to_stop(tmp_path, monkeypatch, waiting):
    monkeypatch.setattr(nightly, "run", lambda *_, **__: pytest.fail("a pass was started"))
    stop = threading.Event()
    stop.set()
    scheduler._job(waiting, tmp_path / "config.yaml", stop, tmp_path / "es.db")


def test_what_went_wrong_is_in_the_log(tmp_path, monkeypatch, caplog):
    result = nightly.PassResult(status="partial", exit_code=3, troubles=["USDCNY from ecb: down"])
    result.outcomes = {"a": ("failed", "no good"), "b": ("ok", None), "c": ("pending", "not announced yet")}
    monkeypatch.setattr(nightly, "run", lambda *_, **__: result)
    with caplog.at_level(logging.INFO):
        scheduler.one_pass(write_config(tmp_path), threading.Event())
    assert [record.getMessage() for record in caplog.records] == [
        "USDCNY from ecb: down",
        "a: failed: no good",
        "pass finished: partial, 0 results written, exit code 3",
    ]


def test_events_added_while_it_runs_are_in_the_next_pass(tmp_path):
    (tmp_path / "drop").mkdir()
    feed = f"feeds:\n  - {{id: inbox, kind: folder, path: {tmp_path}/drop, assets: [USDCNY]}}\nschedule:"
    path = write_config(tmp_path, ("schedule:", feed))
    stop = threading.Event()
    assert scheduler.one_pass(path, stop) is not None
    drop(tmp_path / "drop", "a.csv", "id,title,announced_at\ndropped,D,2022-05-04T07:00Z\nbad,B,soon\n")
    with ledger.lock(tmp_path / "es.db"):  # a pass may be running: adding does not wait for it
        done = eventstudy(
            *("events", "add", "By hand", "--id", "by-hand", "--at", "2022-05-04T07:00Z", "--asset", "USDCNY"),
            *("--config", path),
        )
    assert done.code == 0
    assert scheduler.one_pass(path, stop) is not None
    found = rows(tmp_path / "es.db", "select event_id, origin, status from events where kind <> 'context' order by 1")
    assert found == [
        ("by-hand", "added", "ok"),
        ("dropped", "inbox", "ok"),
        ("meeting", "config", "ok"),
        ("visit", "config", "ok"),
    ]
