"""APScheduler wiring, and nothing else: when a pass runs, and how the process ends."""

from __future__ import annotations

import contextlib
import datetime as dt
import gc
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from apscheduler.events import EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger

from eventstudy.config.load import load_config
from eventstudy.config.model import Config, NotifyConfig
from eventstudy.database import files, reading
from eventstudy.errors import ConfigError, EventStudyError
from eventstudy.events.folder import is_read
from eventstudy.records import Event
from eventstudy.store import heartbeat, ledger
from eventstudy.store.sync import gather
from jobs import nightly
from jobs.account import accounted
from jobs.due import Due, due_passes
from jobs.scheduler_triggers import every, reschedule, trigger_of

log = logging.getLogger("eventstudy.schedule")

JOB_ID, SINGLE_ID, LOOK_ID = "nightly", "single", "look"
CLOCK_SECONDS = 15.0
CLOCK_STEP_SECONDS = 30.0
PAUSE = dt.timedelta(minutes=1)
LONGEST_PAUSE = dt.timedelta(minutes=30)


def serve(
    config_path: Path,
    stop: threading.Event,
    *,
    at_once: bool = False,
    company: contextlib.AbstractContextManager[object] | None = None,
) -> int:
    """Run passes on their schedule until told to stop; return the exit code.

    Parameters
    ----------
    config_path : Path
        Read again before every pass: new events are picked up then, and a new time counts from the next pass on.
    stop : threading.Event
        As of `jobs.signals.on_stop`.
    at_once : bool
        Also run one pass now. A nightly pass that was missed while nothing ran is made up for in any case, once.
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
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # what it warns of, `_listen` says
    config = load_config(config_path)
    trigger_of(config.schedule)
    with ledger.lock(config.database, "schedule"), company or contextlib.nullcontext():
        service = Service(config_path, config, stop)
        service.start(at_once=at_once)
        service.watch_clock()
        if not service.drain():
            log.error("the pass did not end within %d s; what it had not stored, the next one does", service.patience)
            logging.shutdown()
            os._exit(1)  # its thread cannot be stopped otherwise; every unit of work is whole or not there at all
    log.info("stopped")
    return 0


class Service:
    """The jobs of a running scheduler: the nightly pass, the next pass over single events, and the look for new ones.

    Parameters
    ----------
    config_path : Path
    config : Config
        As it is at the start.
    stop : threading.Event
        Set when the process is to end.
    scheduler : BackgroundScheduler, optional
        One that is not started yet.
    """

    def __init__(
        self, config_path: Path, config: Config, stop: threading.Event, scheduler: BackgroundScheduler | None = None
    ) -> None:
        self.path, self.stop, self.database = config_path, stop, config.database
        self.patience = config.schedule.drain_seconds
        # one worker: passes exclude each other anyway, and one that comes due meanwhile waits its turn
        self.scheduler = scheduler or BackgroundScheduler(timezone=dt.UTC, executors={"default": ThreadPoolExecutor(1)})
        self.since = utc_now()
        self._busy = threading.Lock()
        self._seen: object = None
        self._known: tuple[Config, tuple[Event, ...]] = (config, ())
        self._due: Due | None = None
        self._failing: tuple[dt.datetime, int] | None = None  # since when nightly passes do not start, and how many
        self.scheduler.add_listener(_listen, EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)
        self.scheduler.add_job(
            self.nightly,
            trigger_of(config.schedule),
            id=JOB_ID,
            # APScheduler drops a job that is a second late by default (agronholm/apscheduler#182)
            misfire_grace_time=config.schedule.grace_minutes * 60,
            coalesce=True,
            max_instances=1,
        )
        self.scheduler.add_job(
            self.look,
            every(config),
            id=LOOK_ID,
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )

    def start(self, *, at_once: bool = False) -> None:
        """Start the jobs; make up for what was missed since the last whole pass, which the heartbeat tells."""
        whole = _last_whole(self.database)
        if whole is None:
            at_once = at_once or _is_broken_off(self.database)  # the very first pass was killed
        elif whole > self.since + dt.timedelta(seconds=CLOCK_STEP_SECONDS):
            log.warning("the last pass ended at %s, which is to come: the clock was ahead; a pass runs now", whole)
            at_once = True
        elif whole < self.since:
            self.since = whole
            missed = self.scheduler.get_job(JOB_ID).trigger.get_next_fire_time(None, whole + dt.timedelta(seconds=1))
            if missed is not None and missed <= utc_now():
                log.info("the pass of %s was missed; it runs now", missed)
                at_once = True
        self.scheduler.start(paused=True)
        if at_once:
            self.scheduler.modify_job(JOB_ID, next_run_time=utc_now())
        if not at_once:
            self._look()
        self.announce()
        self.scheduler.resume()

    def watch_clock(self) -> None:
        """Wait until told to stop. A thread that sleeps does not notice that the clock was set, or that all slept."""
        before = utc_now().timestamp() - time.monotonic()
        while not self.stop.wait(CLOCK_SECONDS):
            after = utc_now().timestamp() - time.monotonic()
            if abs(after - before) > CLOCK_STEP_SECONDS:
                log.warning("the clock was set by %+.0f s", after - before)
                self.clock_was_set(is_back=after < before)
            before = after

    def clock_was_set(self, *, is_back: bool) -> None:
        """Work out again what is next, as the clock says now."""
        if is_back:
            self.since = min(self.since, utc_now())
            # else they would wait until the clock is where it was before
            self.scheduler.reschedule_job(JOB_ID, trigger=self.scheduler.get_job(JOB_ID).trigger)
            self.scheduler.reschedule_job(LOOK_ID, trigger=every(self._known[0]))
        self.scheduler.modify_job(LOOK_ID, next_run_time=utc_now())
        self.scheduler.wakeup()
        self.announce()

    def nightly(self) -> None:
        """Run a pass over all that is due, then keep to the schedule as it stands in the settings now."""
        self._run(None)

    def single(self) -> None:
        """Run a pass over the events whose moment has come."""
        config, events = self._known
        now = utc_now()
        due = {item.event_id: item.why for item in due_passes(config, events, self.since) if item.at <= now}
        for event_id, why in due.items():
            log.info("%s: %s", event_id, why)
        if due:
            self._run(list(due))

    def look(self) -> None:
        """Read the events again if they may have changed, and set the time of the next pass over single ones."""
        with self._busy:
            if not self.stop.is_set():
                self._look()

    def _look(self) -> None:
        try:
            self._read()
        except EventStudyError as error:
            log.error("new events were not read: %s", error)  # noqa: TRY400  # an expected error needs no traceback
        self._plan(utc_now())

    def announce(self) -> None:
        """Say what is next, in the log and to `eventstudy status`."""
        next_run = self.scheduler.get_job(JOB_ID).next_run_time
        log.info("next pass at %s", next_run and next_run.isoformat(" ", "seconds"))
        self._tell(next_run)

    def drain(self) -> bool:
        """Let the event at hand finish; return False when that takes longer than the settings allow."""
        self.stop.set()
        # a trigger that comes due during shutdown would log a traceback (agronholm/apscheduler#985)
        self.scheduler.pause()
        if not self._busy.acquire(timeout=self.patience):
            return False
        self._busy.release()
        self.scheduler.shutdown(wait=True)
        return True

    def _run(self, only: list[str] | None) -> None:
        # held to the end: a job that asks for a lock of the scheduler's while that shuts down would wait for ever
        with self._busy:
            if self.stop.is_set():
                return
            began = utc_now()
            config, is_done = one_pass(self.path, self.stop, only, self.database, self._known[0].notify)
            if self.stop.is_set():
                return
            if config is not None:
                self.patience = config.schedule.drain_seconds
                reschedule(self.scheduler, config.schedule, JOB_ID)
            if only is None:
                self._try_again(began, is_done)
            if is_done:
                self.since = began
            with contextlib.suppress(EventStudyError):  # the pass has said it
                self._read()
            # what could not be done now must not be tried without a pause
            self._plan(began if is_done else utc_now() + PAUSE)
            self.announce()

    def _try_again(self, began: dt.datetime, is_done: bool) -> None:
        """A nightly pass that could not run runs again soon, after growing pauses, and not only the next night."""
        if is_done:
            self._failing = None
            return
        since, times = self._failing or (began, 0)
        again = utc_now() + min(PAUSE * 2**times, LONGEST_PAUSE)
        if again - since > dt.timedelta(minutes=self._known[0].schedule.grace_minutes):
            log.error("no pass could run since %s; the next one is tried at its time", since)
            self._failing = None
            return
        self._failing = (since, times + 1)
        if again < self.scheduler.get_job(JOB_ID).next_run_time:
            self.scheduler.modify_job(JOB_ID, next_run_time=again)

    def _read(self) -> None:
        """Settings and events, if the files that they stand in changed."""
        config = self._known[0]
        seen = (_stamp_of(self.path), files.state(self.database), _feed_files(config))
        if seen != self._seen:
            self._known = known(self.path)
            self._seen = seen

    def _plan(self, earliest: dt.datetime) -> None:
        config, events = self._known
        found = next(iter(due_passes(config, events, self.since)), None)
        if found is None:
            if self.scheduler.get_job(SINGLE_ID):
                self.scheduler.remove_job(SINGLE_ID)
        else:
            self.scheduler.add_job(
                self.single,
                DateTrigger(max(found.at, earliest)),
                id=SINGLE_ID,
                replace_existing=True,
                misfire_grace_time=None,
                max_instances=1,
            )
        if found != self._due:
            self._due = found
            self._tell(self.scheduler.get_job(JOB_ID).next_run_time)

    def _tell(self, next_run: dt.datetime) -> None:
        due = self._due
        try:
            heartbeat.announce(self.database, next_run, (due.at, due.event_id, due.why) if due else None)
        except OSError as error:
            log.warning("`eventstudy status` will not know the next pass: %s", error)


def known(config_path: Path) -> tuple[Config, tuple[Event, ...]]:
    """Settings and events as they are now; feeds on the network are left to the passes."""
    config = load_config(config_path)
    return config, tuple(gather(config, utc_now(), file=config_path.name).events)


def one_pass(
    config_path: Path,
    stop: threading.Event,
    only: Sequence[str] | None,
    database: Path,
    notify: NotifyConfig | None = None,
) -> tuple[Config | None, bool]:
    """One scheduled pass; an error is logged and the schedule goes on.

    Parameters
    ----------
    config_path : Path
    stop : threading.Event
    only : sequence of str or None
        Events to look at; all that is due when None.
    database : Path
        The one that the scheduler holds the lock of; settings that name another are refused.
    notify : NotifyConfig, optional
        Whom to tell when the settings of now cannot be read.

    Returns
    -------
    (Config or None, bool)
        The settings, None when unreadable; and whether the pass ran to its end.
    """
    config = None
    try:
        with accounted(database, utc_now, is_whole=only is None, notify=notify):
            config = load_config(config_path)
            if config.database != database:
                problem = "changed while `eventstudy schedule` runs"
                raise ConfigError(problem, where="database", value=str(config.database), remedy="start it again")
            gathered = gather(config, utc_now(), file=config_path.name, ask=True)
        for note in gathered.notes:
            log.info("%s", note)
        events = gathered.events
        still_known = None if only is None else [event.event_id for event in events if event.event_id in only]
        result = nightly.run(
            config,
            events,
            now=utc_now,
            trigger="schedule",
            only=still_known,
            gathered=gathered,
            stop=stop.is_set,
            talk=log.debug,
        )
    except EventStudyError as error:
        log.error("the pass did not run: %s", error)  # noqa: TRY400  # an expected error needs no traceback
        return config, False
    except Exception:
        log.exception("the pass broke off; the next one does the rest")
        return config, False
    for trouble in result.troubles:
        log.warning("%s", trouble)
    for event_id, (status, reason) in result.outcomes.items():
        if status == "failed" or (status == "skipped" and event_id in result.studied):
            log.warning("%s: %s: %s", event_id, status, reason)
    written = f"{result.results_written} result{'' if result.results_written == 1 else 's'} written"
    log.info("pass finished: %s, %s, exit code %d", result.status, written, result.exit_code)
    return config, True


def utc_now() -> dt.datetime:
    """The present instant."""
    return dt.datetime.now(dt.UTC)


def _last_whole(database: Path) -> dt.datetime | None:
    """When the last pass over all events ended."""
    try:
        beat = heartbeat.heartbeat(database)
    except EventStudyError:
        return None  # damaged; the next pass writes it anew
    return beat.last_whole or beat.last_good if beat else None


def _is_broken_off(database: Path) -> bool:
    try:
        with contextlib.closing(reading.connect(database)) as connection:
            return ledger.is_broken_off(connection)
    except (EventStudyError, sqlite3.Error):
        return False  # there is none, or one that the next pass says more of


def _stamp_of(path: Path) -> object:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _feed_files(config: Config) -> list[object]:
    """What tells that a file of a feed changed."""
    out: list[object] = []
    for path in (feed.path for feed in config.feeds if feed.path is not None):
        files_of = [path]
        with contextlib.suppress(OSError):  # no folder, or one that cannot be read
            files_of += sorted(file for file in path.iterdir() if is_read(file))
        out += [(file.name, _stamp_of(file)) for file in files_of]
    return out


def _listen(event: JobEvent) -> None:
    if event.code == EVENT_JOB_MISSED:
        log.error("the pass of %s was missed by more than schedule.grace_minutes", event.scheduled_run_time)
    else:
        log.error("%s: the last pass is still running", event.job_id)
