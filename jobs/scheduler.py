"""APScheduler wiring, and nothing else: when a pass runs, and how the process ends."""

from __future__ import annotations

import contextlib
import datetime as dt
import gc
import logging
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apscheduler.events import EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobEvent
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from eventstudy import ledger
from eventstudy.config import Config, ScheduleConfig
from eventstudy.config_file import load_config
from eventstudy.errors import ConfigError, EventStudyError
from eventstudy.feeds import gather
from eventstudy.store import beside
from jobs import nightly

log = logging.getLogger("eventstudy.schedule")

JOB_ID = "nightly"


def serve(
    config_path: Path, *, at_once: bool = False, company: contextlib.AbstractContextManager[object] | None = None
) -> int:
    """Run the nightly pass on its schedule until SIGTERM or SIGINT; return the exit code.

    Parameters
    ----------
    config_path : Path
        Read again before every pass: new events are picked up then, and a new time counts from the next pass on.
    at_once : bool
        Also run one pass now.
    company : context manager, optional
        Entered once the scheduler is known to be alone, and left at the end: what is to live as long.

    Raises
    ------
    ConfigError
        When the settings are wrong at the start; later, a pass with wrong settings is logged and left out.
    LockHeld
        When another scheduler serves the same database.
    """
    gc.enable()  # the command line does without; a process that runs for months does not
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    config = load_config(config_path)
    trigger = trigger_of(config.schedule)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stopper(stop))
    with ledger.lock(config.database, "schedule"), company or contextlib.nullcontext():
        scheduler = BackgroundScheduler(timezone=dt.UTC)
        scheduler.add_listener(_listen, EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)
        scheduler.add_job(
            _job,
            trigger,
            args=(scheduler, config_path, stop, config.database),
            id=JOB_ID,
            # APScheduler drops a job that is a second late by default (agronholm/apscheduler#182)
            misfire_grace_time=config.schedule.grace_minutes * 60,
            coalesce=True,
            max_instances=1,
        )
        if at_once:
            scheduler.modify_job(JOB_ID, next_run_time=dt.datetime.now(dt.UTC))
        scheduler.start()
        _announce(scheduler, config.database)
        stop.wait()
        # a trigger that comes due during shutdown would log a traceback (agronholm/apscheduler#985)
        scheduler.pause()
        scheduler.shutdown(wait=True)
    log.info("stopped")
    return 0


def one_pass(config_path: Path, stop: threading.Event) -> Config | None:
    """One scheduled pass; an error is logged and the schedule goes on. Return the settings, None when unreadable."""
    config = None
    try:
        config = load_config(config_path)
        gathered = gather(config, dt.datetime.now(dt.UTC), file=config_path.name, ask=True)
        for note in gathered.notes:
            log.info("%s", note)
        result = nightly.run(
            config,
            gathered.events,
            now=lambda: dt.datetime.now(dt.UTC),
            trigger="schedule",
            gathered=gathered,
            stop=stop.is_set,
            talk=log.debug,
        )
    except EventStudyError as error:
        log.error("the pass did not run: %s", error)  # noqa: TRY400  # an expected error needs no traceback
        return config
    except Exception:
        log.exception("the pass broke off; the next one does the rest")
        return config
    for trouble in result.troubles:
        log.warning("%s", trouble)
    for event_id, (status, reason) in result.outcomes.items():
        if status in ("skipped", "failed"):
            log.warning("%s: %s: %s", event_id, status, reason)
    log.info(
        "pass finished: %s, %d results written, exit code %d", result.status, result.results_written, result.exit_code
    )
    return config


def trigger_of(schedule: ScheduleConfig) -> CronTrigger:
    """The cron trigger of the settings, in their zone.

    Raises
    ------
    ConfigError
        For a zone or a day that does not exist.
    """
    try:
        zone = ZoneInfo(schedule.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigError(
            "unknown time zone",
            where="schedule.zone",
            value=schedule.zone,
            remedy="use an IANA name such as Europe/Berlin",
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


def _job(scheduler: BackgroundScheduler, config_path: Path, stop: threading.Event, database: Path) -> None:
    """Run a pass, then keep to the schedule as it stands in the settings now."""
    if stop.is_set():
        return
    config = one_pass(config_path, stop)
    if stop.is_set():
        return
    if config is not None:
        _reschedule(scheduler, config.schedule)
    _announce(scheduler, database)


def _reschedule(scheduler: BackgroundScheduler, schedule: ScheduleConfig) -> None:
    try:
        trigger = trigger_of(schedule)
    except ConfigError as error:
        log.error("the schedule stays as it was: %s", error)  # noqa: TRY400  # an expected error needs no traceback
        return
    if repr(trigger) != repr(scheduler.get_job(JOB_ID).trigger):
        scheduler.reschedule_job(JOB_ID, trigger=trigger)


def _announce(scheduler: BackgroundScheduler, database: Path) -> None:
    """Say when the next pass is, in the log and to `eventstudy status`."""
    next_run = scheduler.get_job(JOB_ID).next_run_time
    log.info("next pass at %s", next_run)
    try:
        beside.announce(database, next_run)
    except OSError as error:
        log.warning("`eventstudy status` will not know the next pass: %s", error)


def _stopper(stop: threading.Event) -> Callable[[int, FrameType | None], None]:
    def ask_to_stop(number: int, _frame: FrameType | None) -> None:
        log.info("%s: finishing the event at hand", signal.Signals(number).name)
        stop.set()

    return ask_to_stop


def _listen(event: JobEvent) -> None:
    words = {EVENT_JOB_MISSED: "a start was missed", EVENT_JOB_MAX_INSTANCES: "the last pass is still running"}
    log.error("%s: %s", event.job_id, words[event.code])
