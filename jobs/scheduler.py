"""APScheduler wiring, and nothing else: when a pass runs, and how the process ends."""

from __future__ import annotations

import datetime as dt
import logging
import signal
import threading
from pathlib import Path
from types import FrameType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobEvent
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from eventstudy import ledger
from eventstudy.config import ScheduleConfig, load_config
from eventstudy.errors import ConfigError, EventStudyError
from eventstudy.events import from_config
from jobs import nightly

log = logging.getLogger("eventstudy.schedule")

JOB_ID = "nightly"


def serve(config_path: Path, *, at_once: bool = False) -> int:
    """Run the nightly pass on its schedule until SIGTERM or SIGINT; return the exit code.

    Parameters
    ----------
    config_path : Path
        Read again before every pass, so that new events are picked up.
    at_once : bool
        Also run one pass now.

    Raises
    ------
    LockHeld
        When another scheduler serves the same database.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    config = load_config(config_path)
    stop = threading.Event()

    def ask_to_stop(number: int, _frame: FrameType | None) -> None:
        log.info("%s: finishing the event at hand", signal.Signals(number).name)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask_to_stop)
    with ledger.lock(config.database.with_name(f"{config.database.name}.schedule")):
        scheduler = BackgroundScheduler(timezone=dt.UTC)
        scheduler.add_listener(_listen, EVENT_JOB_ERROR | EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)
        scheduler.add_job(
            one_pass,
            trigger_of(config.schedule),
            args=(config_path, stop),
            id=JOB_ID,
            # APScheduler drops a job that is a second late by default (agronholm/apscheduler#182)
            misfire_grace_time=config.schedule.grace_minutes * 60,
            coalesce=True,
            max_instances=1,
        )
        if at_once:
            scheduler.modify_job(JOB_ID, next_run_time=dt.datetime.now(dt.UTC))
        scheduler.start()
        log.info("next pass at %s", scheduler.get_job(JOB_ID).next_run_time)
        stop.wait()
        # a trigger that comes due during shutdown would log a traceback (agronholm/apscheduler#985)
        scheduler.pause()
        scheduler.shutdown(wait=True)
    log.info("stopped")
    return 0


def one_pass(config_path: Path, stop: threading.Event) -> None:
    """One scheduled pass; an error is logged and the schedule goes on."""
    if stop.is_set():
        return
    try:
        config = load_config(config_path)
        events = from_config(config, config_path.name)
        result = nightly.run(
            config, events, now=lambda: dt.datetime.now(dt.UTC), trigger="schedule", stop=stop.is_set, talk=log.debug
        )
    except EventStudyError as error:
        log.error("the pass did not run: %s", error)
        return
    for event_id, (status, reason) in result.outcomes.items():
        if reason:
            log.warning("%s: %s: %s", event_id, status, reason)
    log.info("pass finished: %s, %d results written, exit code %d", result.status, result.results_written, result.exit_code)


def trigger_of(schedule: ScheduleConfig) -> CronTrigger:
    """The cron trigger of the settings, in their zone."""
    try:
        zone = ZoneInfo(schedule.zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise ConfigError(
            "unknown time zone", where="schedule.zone", value=schedule.zone, remedy="use an IANA name such as Europe/Berlin"
        ) from None
    hour, minute, *second = schedule.at.split(":")
    try:
        return CronTrigger(
            day_of_week=schedule.days, hour=hour, minute=minute, second=second[0] if second else "0", timezone=zone
        )
    except ValueError:
        raise ConfigError(
            "not days of the week", where="schedule.days", value=schedule.days, remedy="write for example mon-fri"
        ) from None


def _listen(event: JobEvent) -> None:
    words = {EVENT_JOB_MISSED: "a start was missed", EVENT_JOB_MAX_INSTANCES: "the last pass is still running"}
    log.error("%s: %s", event.job_id, words.get(event.code) or getattr(event, "exception", "error"))
