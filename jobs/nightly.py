"""One pass: sync events → plan → pull prices → study → store → report → backup → heartbeat. Knows no scheduler."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import sqlite3
from collections.abc import Callable, Sequence

from sqlite_utils import Database

from eventstudy import __version__, atomic
from eventstudy.archive.book import PriceBook
from eventstudy.config.model import Config, content_hash
from eventstudy.database import beside
from eventstudy.database.connection import open_database, prove_sound, transaction, translated
from eventstudy.database.faults import is_damage
from eventstudy.errors import StoreError
from eventstudy.events.gather import Gathered
from eventstudy.events.known import NOT_YET, UNSEEN
from eventstudy.instants import stamp
from eventstudy.records import Event
from eventstudy.report.page import event_answers
from eventstudy.report.publish import INDEX, publish_event, publish_index
from eventstudy.store import backup, ledger, retries, states, write
from eventstudy.store.states import Standing
from eventstudy.store.sync import keep
from jobs import night, plan
from jobs.captures import capture
from jobs.chores import has_chores
from jobs.outcome import Outcome, PassResult, accounted, is_backed_up, kept, proved_sound
from jobs.plan import STUDY, WAIT, Plan
from jobs.pull import Faults, pull, spans, windows
from jobs.unit import Desk, study_and_store

__all__ = ["PassResult", "run"]


def run(
    config: Config,
    events: Sequence[Event],
    *,
    now: Callable[[], dt.datetime],
    trigger: str,
    only: Sequence[str] | None = None,
    is_full: bool = False,
    gathered: Gathered | None = None,
    stop: Callable[[], bool] = lambda: False,
    talk: Callable[[str], None] = lambda _text: None,
) -> PassResult:
    """Run one pass under the lock of the database.

    Parameters
    ----------
    config : Config
    events : sequence of Event
        All known events; those of kind ``context`` explain the others.
    now : callable
        Gives the present UTC instant.
    trigger : str
        Written to the ledger.
    only : sequence of str, optional
        Ids of the events to study, due or not; those of all that are due when None.
    is_full : bool
        Look at every event that has been announced, due or not.
    gathered : Gathered, optional
        Where `events` come from, and what is wrong with their feeds; needless when they are only some of all.
    stop : callable
        Asked between units of work; True ends the pass after the one at hand.
    talk : callable
        Receives a line of progress.

    Raises
    ------
    LockHeld
        When another run is active.
    StoreError
        When the database or the folder of the reports cannot be used.
    """
    account = accounted(config.database, now, is_whole=only is None, notify=config.notify)
    with account, ledger.lock(config.database):
        db = open_database(config.database)
        with contextlib.closing(db), translated(config.database):
            return _pass(config, events, db, now, trigger, only, is_full, gathered, stop, talk)


def _pass(
    config: Config,
    events: Sequence[Event],
    db: Database,
    now: Callable[[], dt.datetime],
    trigger: str,
    only: Sequence[str] | None,
    is_full: bool,
    gathered: Gathered | None,
    stop: Callable[[], bool],
    talk: Callable[[str], None],
) -> PassResult:
    started = now()
    events = _unedited(db, events, gathered)

    def planned() -> Plan:
        return plan.make(config, events, db.conn, started, only=only, is_full=is_full)

    ready = planned()
    problems = gathered.problems if gathered else []
    is_news = bool(problems) or (gathered is not None and gathered.has_news)
    if ready.is_idle and not is_news and not has_chores(config, events, started):
        outcome = kept(ready, config, is_whole=only is None)
        _finish(config, db, None, outcome, now)
        return outcome
    ledger.close_interrupted(db, started)
    for folder in {config.database.parent, config.reports}:
        atomic.sweep(folder)
    night.begin(config, db)
    record = ledger.Run(
        trigger=trigger,
        started_at=started,
        code_version=__version__,
        config_hash=content_hash(config.model_dump(mode="json")),
        versions=plan.versions_of_libraries(),
    )
    _sync(db, config, record, ready, started)
    keep(db, events, gathered, started)
    retired = states.untold_retired(db.conn) if only is None else {}
    for event_id, reason in retired.items():
        record.note("retire", event_id, "ok", reason)
    # that an announcement was called off is news, and so is that a run that broke off is made good
    if retired or (only is None and ledger.is_broken_off(db.conn)):
        with transaction(db) as connection:
            record.ensure(connection)
    _note_problems(db, record, problems)
    asked = spans(config, [*(item.event for item in ready.due), *ready.recent], started)
    again = windows(config, ready.again, started)
    faults = pull(config, db, record, asked, now=now, stop=stop, talk=talk, again=again)
    _note_prices(db, config)
    ready = planned()
    outcome = PassResult(is_whole=only is None)
    outcome.troubles += map(str, problems)
    outcome.troubles += [str(fault) for fault in faults.values() if fault.transient]
    chosen = [event for event in events if only is None or event.event_id in only]
    outcome.troubles += capture(config, db, record, chosen, now=now, stop=stop, talk=talk)
    desk = Desk(
        config=config,
        db=db,
        record=record,
        book=PriceBook(config, db.conn),
        context=plan.context_near(config, events),
        faults=faults,
        now=started,
        clock=now,
    )
    _study(desk, ready, outcome, stop, talk)
    outcome.results_written = record.results_written
    outcome.troubles += desk.late
    _note_down(db, faults)
    _close(config, db, record, ready, outcome, faults, now, stop)
    return outcome


def _note_problems(db: Database, record: ledger.Run, problems: Sequence[Exception]) -> None:
    """Write down what is wrong with the events; other mistakes than those of the last run are news by themselves."""
    for problem in problems:
        record.note("events", getattr(problem, "where", "") or "announcements", "failed", str(problem))
    last = db.conn.execute(
        "select reason from run_steps where step = 'events' and run_id = (select max(run_id) from runs)"
    ).fetchall()
    if {str(problem) for problem in problems} - {reason for (reason,) in last}:
        with transaction(db) as connection:
            record.ensure(connection)


def _unedited(db: Database, events: Sequence[Event], gathered: Gathered | None) -> Sequence[Event]:
    """Without those added by hand that were edited since they were read: the next pass reads them again."""
    added = {event_id for event_id, (origin, _) in gathered.origins.items() if origin == "added"} if gathered else set()
    return [e for e in events if e.event_id not in added or write.is_as_stored(db.conn, e)]


def _study(desk: Desk, ready: Plan, outcome: PassResult, stop: Callable[[], bool], talk: Callable[[str], None]) -> None:
    """Go over the events of the plan, in their order."""
    for item in ready.items:
        if stop():
            outcome.interrupt()
            break
        event_id = item.event.event_id
        if item.action == STUDY:
            talk(item.event.title)
            outcome.studied.append(event_id)
            outcome.outcomes[event_id] = study_and_store(desk, item)
        else:
            outcome.outcomes[event_id] = _kept(ready.standings.get(event_id))


def _note_down(db: Database, faults: Faults) -> None:
    """Remember which sources gave nothing, until they give something."""
    before = set(states.down(db.conn))
    after = (before - faults.answered) | faults.silent
    if after != before:
        with transaction(db) as connection:
            states.put_mark(connection, states.DOWN, json.dumps(sorted(after)))


def _kept(before: Standing | None) -> Outcome:
    """Status and reason of an event that is left alone."""
    if before is None or before.status == "context":
        return "pending", NOT_YET
    return before.status, before.reason


def _note_prices(db: Database, config: Config) -> None:
    """Remember which events the prices that came lately bear on, so that a pass that is killed here loses none."""
    newest = states.newest_snapshot(db.conn)
    if newest <= int(states.mark(db.conn, states.PRICES) or 0):
        return
    changes = plan.changed_prices(config, db.conn, states.standings(db.conn))
    with transaction(db) as connection:
        states.put_changed(connection, changes.items())
        states.put_mark(connection, states.PRICES, str(newest))


def _close(
    config: Config,
    db: Database,
    record: ledger.Run,
    ready: Plan,
    outcome: PassResult,
    faults: Faults,
    now: Callable[[], dt.datetime],
    stop: Callable[[], bool],
) -> None:
    """Publish, then write down how it went: pages first, so that one that cannot be written is in the ledger."""
    _publish_events(config, db, record, ready, outcome, stop)
    outcome.remind(ready)
    outcome.judge(is_down=bool(faults.silent))
    outcome.carry_over({source: why for source, why in ready.down.items() if source not in faults.answered})
    record.finish(db, now(), outcome.status, outcome.counts)
    if told := [subject for step, subject, *_ in record.steps if step == "retire"]:
        with transaction(db) as connection:
            states.put_told(connection, told)
    outcome.add_late([*night.publish(config), *_publish_index(config, db, outcome)])
    _finish(config, db, record, outcome, now)


def _finish(
    config: Config,
    db: Database,
    record: ledger.Run | None,
    outcome: PassResult,
    now: Callable[[], dt.datetime],
) -> None:
    """What every pass ends with: word to whoever wants it, a copy, the heartbeat. One without news has no record."""
    if outcome.is_whole and record is not None:
        outcome.add_late(night.tell(config, db, outcome.troubles, is_bad=outcome.exit_code != 0))
    copied, problem = _back_up(config, outcome, now())
    if problem is not None:
        outcome.add_late([problem])
        if record is not None:
            record.add_late(db, "backup", str(config.backups.folder) if config.backups else "", problem)
        outcome.add_late(night.publish(config))  # the page of the digest is older than that
        is_new = problem != beside.failed_backup(config.database)
        untold = night.tell(config, db, [problem], is_bad=True, is_new=is_new)
        outcome.add_late(untold)
        if is_new and not untold:
            with translated(config.database):
                beside.note_failed_backup(config.database, problem)
    checked_at = now() if copied else proved_sound(config.database, now()) if outcome.is_whole else None
    outcome.beat(config.database, now(), checked_at=checked_at)


def _back_up(config: Config, outcome: PassResult, now: dt.datetime) -> tuple[bool, str | None]:
    """Copy the database after a good pass, if the settings say where: whether it was copied, and why it could not be.

    A copy that fails leaves the results as good.
    """
    if config.backups is None or not outcome.is_good or is_backed_up(config):
        return False, None
    try:
        backup.back_up(config.database, config.backups.folder, keep=config.backups.keep, now=now)
    except StoreError as error:
        if not is_damage(error):
            return False, f"no backup was made: {error}"
        prove_sound(config.database)
        return False, f"no backup was made: what was written to {config.backups.folder} is not what stands there"
    return True, None


def _sync(db: Database, config: Config, record: ledger.Run, ready: Plan, now: dt.datetime) -> None:
    """Write the events and studies as they are now; keep an event's outcome until it is studied again.

    One that moved into the future, or is studied no longer, loses its results, and its verdicts count as changed.
    """
    if not (ready.unsynced or ready.has_chores):
        return
    items = {item.event.event_id: item for item in ready.items}
    with transaction(db) as connection:
        for position, study in enumerate(config.studies):
            spec = study.to_spec().to_dict()
            write.put_study(connection, study.id, position, study.title or study.id, spec, content_hash(spec))
        write.retire_studies(connection, [study.id for study in config.studies])
        for event in ready.unsynced:
            before = ready.standings.get(event.event_id)
            is_early = event.latest > now and not _stands(connection, event, before)
            if is_early:
                retries.clear(connection, event.event_id)
                # what is stored of another time goes, reasons why there is no result included
                if before is not None and _was_moved(event, before) and write.stored_inputs(connection, event.event_id):
                    write.forget_missing(connection, event.event_id, (), run_id=record.ensure(connection))
            if event.kind == "context":
                write.put_event(connection, event, "context", None)
                continue
            outcome: Outcome = (before.status, before.reason) if before else ("context", None)
            if is_early:
                outcome = ("pending", NOT_YET)
            elif outcome[0] == "context":
                outcome = ("pending", UNSEEN)
            is_news = write.put_event(connection, event, *outcome)
            item = items.get(event.event_id)
            if item is not None and item.action == WAIT:
                until = stamp(item.open_until)
                states.put(connection, event.event_id, item.key, until, is_settled=False, is_news=is_news)
        for event_id, kind in states.outlived(connection, stamp(now)).items():
            write.forget_missing(connection, event_id, (), run_id=record.ensure(connection))
            states.put_page_due(connection, [event_id])
            if kind == "context":
                with contextlib.suppress(OSError):  # it is studied no longer, and its page would say that it is
                    (config.reports / f"{event_id}.html").unlink()
                states.forget_context(connection, event_id)


def _stands(connection: sqlite3.Connection, event: Event, before: Standing | None) -> bool:
    """Whether there are results of an announcement at this very time; a clock that went back takes none."""
    if before is None or before.status == "pending" or _was_moved(event, before):
        return False
    return write.has_results(connection, event.event_id)


def _was_moved(event: Event, before: Standing) -> bool:
    stored = dict(zip(write.EVENT_COLUMNS, before.row, strict=True))
    now = dict(zip(write.EVENT_COLUMNS, write.event_row(event), strict=True))
    return any(stored[name] != now[name] for name in ("earliest", "latest"))


def _publish_events(
    config: Config, db: Database, record: ledger.Run, ready: Plan, outcome: PassResult, stop: Callable[[], bool]
) -> None:
    """Write the pages that are due; one that fails is named and stops no other, one that is left is due still."""
    due = {event_id for event_id, standing in states.standings(db.conn).items() if standing.is_page_due}
    shown = states.asides(db.conn)
    aside = states.pages_due_aside(db.conn, plan.pages_in(config.reports)) if outcome.is_whole else []
    due |= {*ready.pages, *aside}
    done = []
    for event_id in [*outcome.outcomes, *(e for e in aside if e not in outcome.outcomes)]:
        page = config.reports / f"{event_id}.html"
        if event_id in due or (event_id in outcome.studied and not page.exists()):
            if stop():
                outcome.interrupt()
                break
            try:
                page = publish_event(config.database, config.reports, event_id)
                done.append(event_id)
            except Exception as error:  # a page that cannot be made must not take the others with it
                if is_damage(error):
                    raise
                outcome.troubles.append(f"the page of {event_id}: {type(error).__name__}: {error}")
                record.note("report", event_id, "failed", f"{type(error).__name__}: {error}")
                continue
        outcome.pages[event_id] = page
    if done:
        said = event_answers(config.database, done)
        with transaction(db) as connection:
            states.published(connection, said, shown)


def _publish_index(config: Config, db: Database, outcome: PassResult) -> list[str]:
    """Write the index of all events, unless it shows just that already; return what went wrong."""
    pages = plan.pages_in(config.reports)
    outcome.pages[""] = config.reports / f"{INDEX}.html"
    key = states.index_key(db.conn, pages, __version__)
    if INDEX in pages and key == states.mark(db.conn, states.INDEX):
        return []
    try:
        publish_index(config.database, config.reports)
    except OSError as error:
        return [f"{config.reports}: {error.strerror or error}; results are stored, the index of all pages is not"]
    with transaction(db) as connection:
        states.put_mark(connection, states.INDEX, key)
    return []
