"""One pass: sync events → pull prices → study → store → report → backup → heartbeat. Knows no scheduler."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlite_utils import Database

from eventstudy import __version__, ledger
from eventstudy.config import Config, content_hash
from eventstudy.errors import SourceError, StoreError
from eventstudy.feeds import Gathered, keep
from eventstudy.prices.assets import PriceBook
from eventstudy.records import Event
from eventstudy.report.publish import publish_event, publish_index
from eventstudy.store import backup, beside, write
from eventstudy.store.database import open_database, transaction, translated
from jobs import night
from jobs.captures import capture
from jobs.pull import Faults, Key, pull, spans, symbols_for
from jobs.unit import Desk, Outcome, study_and_store

NUMERICS = ("numpy", "scipy", "pandas", "statsmodels", "currencyconverter", "yfinance", "exchange_calendars")


@dataclass(slots=True)
class PassResult:
    """What a pass did.

    Attributes
    ----------
    status : str
        ``ok``, ``partial``, ``failed``, or ``interrupted`` when it was asked to stop.
    exit_code : int
        0; 3 when an event was skipped or failed, or a price could not be asked for; 5 when a source was down.
    outcomes : dict of str to (str, str or None)
        Event id → status and reason.
    troubles : list of str
        What went wrong beside the events: sources that failed, pages that could not be written.
    pages : dict of str to Path
        Event id → its report; the index under ``""``.
    results_written : int
    is_whole : bool
        Whether the pass was to go over all events.
    """

    status: str = "ok"
    exit_code: int = 0
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)
    pages: dict[str, Path] = field(default_factory=dict)
    results_written: int = 0
    is_whole: bool = True

    @property
    def is_good(self) -> bool:
        """Whether it went over all events, no source was down, and not everything failed."""
        return self.is_whole and self.status in ("ok", "partial") and self.exit_code != SourceError.exit_code


def run(
    config: Config,
    events: Sequence[Event],
    *,
    now: Callable[[], dt.datetime],
    trigger: str,
    only: Sequence[str] | None = None,
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
        Ids of the events to study; all that have been announced when None.
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
    with ledger.lock(config.database):
        db = open_database(config.database)
        try:
            with translated(config.database):
                return _pass(config, events, db, now, trigger, only, gathered, stop, talk)
        finally:
            db.close()


PLAN = ("event", "announced", "what", "symbols")


def plan(
    config: Config, events: Sequence[Event], now: dt.datetime, only: Sequence[str] | None = None
) -> list[tuple[str, str, str, str]]:
    """What a pass would look at, a row of `PLAN` per event; reads and writes nothing."""
    return [
        (
            event.event_id,
            f"{event.announced_at:%Y-%m-%d %H:%M}Z",
            "study, unless up to date" if event.latest <= now else "wait: not announced yet",
            f"{len(symbols_for(config, event))} to pull",
        )
        for event in _wanted(events, only)
    ]


def _pass(
    config: Config,
    events: Sequence[Event],
    db: Database,
    now: Callable[[], dt.datetime],
    trigger: str,
    only: Sequence[str] | None,
    gathered: Gathered | None,
    stop: Callable[[], bool],
    talk: Callable[[str], None],
) -> PassResult:
    started = now()
    ledger.close_interrupted(db, started)
    record = ledger.Run(
        trigger=trigger,
        started_at=started,
        code_version=__version__,
        config_hash=content_hash(config.model_dump(mode="json")),
        versions=library_versions(),
    )
    wanted = _wanted(events, only)
    due = [event for event in wanted if event.latest <= started]
    outcome = PassResult(is_whole=only is None)
    _sync(db, config, events, started)
    keep(db, events, gathered, started)
    for problem in gathered.problems if gathered else ():
        outcome.troubles.append(str(problem))
        record.note("events", getattr(problem, "where", "") or type(problem).__name__, "failed", str(problem))
    asked = spans(config, due, started)
    faults = pull(config, db, record, asked, now=now, stop=stop, talk=talk)
    outcome.troubles += [str(fault) for fault in faults.values() if fault.transient]
    outcome.troubles += capture(config, db, record, wanted, now=now, stop=stop, talk=talk)
    context = [event for event in events if event.kind == "context"]
    desk = Desk(
        config=config,
        db=db,
        record=record,
        book=PriceBook(config, db.conn),
        context=context,
        faults=faults,
        now=started,
    )
    for event in wanted:
        if stop():
            outcome.troubles.append("the pass was asked to stop; the next one does the rest")
            outcome.status = "interrupted"
            break
        if event not in due:
            outcome.outcomes[event.event_id] = ("pending", "not announced yet")
            continue
        talk(event.title)
        outcome.outcomes[event.event_id] = study_and_store(desk, event)
    outcome.results_written = record.results_written
    _close(config, db, record, outcome, faults, asked, now)
    return outcome


def _close(
    config: Config,
    db: Database,
    record: ledger.Run,
    outcome: PassResult,
    faults: Faults,
    asked: Collection[Key],
    now: Callable[[], dt.datetime],
) -> None:
    """Publish, then write down how it went: pages first, so that one that cannot be written is in the ledger."""
    _publish_events(config, record, outcome)
    counts = {
        name: sum(status in group for status, _ in outcome.outcomes.values())
        for name, group in (("ok", ("ok", "partial")), ("skipped", ("skipped",)), ("failed", ("failed",)))
    }
    is_bad = bool(counts["skipped"] + counts["failed"] + len(outcome.troubles))
    if outcome.status != "interrupted":
        outcome.status = "ok" if not is_bad else "partial" if counts["ok"] else "failed"
        outcome.exit_code = SourceError.exit_code if _is_down(faults, asked) else 3 if is_bad else 0
    record.finish(db, now(), outcome.status, counts)
    outcome.troubles += night.publish(config)
    try:
        outcome.pages[""] = publish_index(config.database, config.reports)
    except OSError as error:
        raise StoreError(f"{config.reports}: {error.strerror or error}; results are stored, pages are not") from error
    _tell(config, record, outcome)
    _back_up(config, outcome, now())
    _beat(config.database, outcome, counts, now())


def _tell(config: Config, record: ledger.Run, outcome: PassResult) -> None:
    """Tell of a pass over all events; who cannot be told is a trouble of the pass."""
    if not outcome.is_whole:
        return
    untold = night.tell(config, record, outcome.troubles, is_bad=outcome.exit_code != 0)
    outcome.troubles += untold
    outcome.exit_code = outcome.exit_code or (3 if untold else 0)


def _back_up(config: Config, outcome: PassResult, now: dt.datetime) -> None:
    """Copy the database after a good pass, if the settings say where; a copy that fails leaves the results as good."""
    if config.backups is None or not outcome.is_good:
        return
    try:
        backup.back_up(config.database, config.backups.folder, keep=config.backups.keep, now=now)
    except StoreError as error:
        outcome.troubles.append(f"no backup was made: {error}")
        outcome.exit_code = 3


def _beat(database: Path, outcome: PassResult, counts: Mapping[str, int], now: dt.datetime) -> None:
    """Write the heartbeat; only a pass over all events that worked counts as good for a monitor."""
    try:
        before = beside.heartbeat(database)
    except StoreError:
        before = None  # a damaged heartbeat is replaced
    last_good = now if outcome.is_good else before.last_good if before else None
    beside.beat(
        database,
        beside.Heartbeat(
            finished_at=now, status=outcome.status, exit_code=outcome.exit_code, events=counts, last_good=last_good
        ),
    )


def _wanted(events: Sequence[Event], only: Sequence[str] | None) -> list[Event]:
    return [event for event in events if event.kind != "context" and (only is None or event.event_id in only)]


def _sync(db: Database, config: Config, events: Sequence[Event], now: dt.datetime) -> None:
    """Write the events and studies as they are now; keep an event's outcome until it is studied again."""
    known = {row[0]: (row[1], row[2]) for row in db.execute("select event_id, status, reason from events")}
    with transaction(db) as connection:
        for position, study in enumerate(config.studies):
            spec = study.to_spec().to_dict()
            write.put_study(connection, study.id, position, study.title or study.id, spec, content_hash(spec))
        write.retire_studies(connection, [study.id for study in config.studies])
        for event in events:
            outcome = known.get(event.event_id, ("context", None))
            if event.kind == "context":
                outcome = ("context", None)
                write.forget_missing(connection, event.event_id, ())
            elif outcome[0] == "context":
                outcome = ("pending", "not studied yet" if event.latest <= now else "not announced yet")
            write.put_event(connection, event, *outcome)


def _is_down(faults: Faults, asked: Collection[Key]) -> bool:
    """Whether a source gave nothing at all, for reasons that may pass."""
    silent = {key for key, fault in faults.items() if fault.transient}
    return any({key for key in asked if key[0] == source} <= silent for source, _ in silent)


def _publish_events(config: Config, record: ledger.Run, outcome: PassResult) -> None:
    """Write the page of every event that was looked at; one that fails is named and stops no other."""
    for event_id in outcome.outcomes:
        try:
            outcome.pages[event_id] = publish_event(config.database, config.reports, event_id)
        except Exception as error:  # noqa: BLE001  # a page that cannot be made must not take the others with it
            outcome.troubles.append(f"the page of {event_id}: {type(error).__name__}: {error}")
            record.note("report", event_id, "failed", f"{type(error).__name__}: {error}")


def library_versions() -> dict[str, str]:
    """Versions of the libraries that numbers depend on."""
    return {name: importlib.metadata.version(name) for name in NUMERICS}
