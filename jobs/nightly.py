"""One pass: sync events → pull prices → study → store → report → heartbeat. Knows no scheduler."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlite_utils import Database

from eventstudy import __version__, ledger
from eventstudy.config import Config, content_hash
from eventstudy.errors import SourceError
from eventstudy.prices.assets import PriceBook, symbols_of
from eventstudy.records import Event
from eventstudy.report.publish import publish_event, publish_index
from eventstudy.store import write
from eventstudy.store.database import open_database, transaction
from jobs.pull import Faults, pull
from jobs.unit import Outcome, study_and_store

NUMERICS = ("numpy", "scipy", "pandas", "statsmodels", "currencyconverter", "yfinance", "exchange_calendars")


@dataclass(slots=True)
class PassResult:
    """What a pass did.

    Attributes
    ----------
    status : str
        ``ok``, ``partial`` or ``failed``.
    exit_code : int
        0, 3 (an event was skipped or failed) or 5 (every source asked was down).
    outcomes : dict of str to (str, str or None)
        Event id → status and reason.
    pages : dict of str to Path
        Event id → its report; the index under ``""``.
    """

    status: str = "ok"
    exit_code: int = 0
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    pages: dict[str, Path] = field(default_factory=dict)
    results_written: int = 0


def run(
    config: Config,
    events: Sequence[Event],
    *,
    now: Callable[[], dt.datetime],
    trigger: str,
    only: Sequence[str] | None = None,
    stop: Callable[[], bool] = lambda: False,
    talk: Callable[[str], None] = lambda text: None,
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
    stop : callable
        Asked between events; True ends the pass after the unit of work at hand.
    talk : callable
        Receives a line of progress.

    Raises
    ------
    LockHeld
        When another run is active.
    """
    with ledger.lock(config.database):
        db = open_database(config.database)
        try:
            return _pass(config, events, db, now, trigger, only, stop, talk)
        finally:
            db.close()


PLAN = ("event", "announced", "what", "symbols")


def plan(
    config: Config, events: Sequence[Event], now: dt.datetime, only: Sequence[str] | None = None
) -> list[tuple[str, str, str, str]]:
    """What a pass would look at, a row of `PLAN` per event; reads and writes nothing."""
    rows = []
    for event in events:
        if event.kind == "context" or (only is not None and event.event_id not in only):
            continue
        names = (*event.assets, *(study.benchmark for study in config.studies if study.benchmark))
        symbols: set[tuple[str, str]] = set().union(*(symbols_of(config, name) for name in names))
        what = "study, unless up to date" if event.latest <= now else "wait: not announced yet"
        rows.append((event.event_id, f"{event.announced_at:%Y-%m-%d %H:%M}Z", what, f"{len(symbols)} to pull"))
    return rows


def _pass(
    config: Config,
    events: Sequence[Event],
    db: Database,
    now: Callable[[], dt.datetime],
    trigger: str,
    only: Sequence[str] | None,
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
    context = [event for event in events if event.kind == "context"]
    wanted = [event for event in events if event.kind != "context" and (only is None or event.event_id in only)]
    due = [event for event in wanted if event.latest <= started]
    outcome = PassResult()
    _sync(db, config, events)
    faults = pull(config, db, record, due, started, now, talk)
    book = PriceBook(config, db.conn)
    for event in wanted:
        if stop():
            record.note("study", event.event_id, "skipped", "the pass was asked to stop")
            break
        if event not in due:
            outcome.outcomes[event.event_id] = ("pending", "not announced yet")
            continue
        talk(event.title)
        outcome.outcomes[event.event_id] = study_and_store(config, db, record, book, event, context, faults, started)
    counts = {
        name: sum(status in group for status, _ in outcome.outcomes.values())
        for name, group in (("ok", ("ok", "partial")), ("skipped", ("skipped",)), ("failed", ("failed",)))
    }
    outcome.status = record.finish(db, now(), counts)
    outcome.results_written = record.results_written
    outcome.exit_code = _exit_code(counts, faults, due)
    outcome.pages = _publish(config, list(outcome.outcomes))
    ledger.beat(config.database, now(), outcome.status, outcome.exit_code, counts)
    return outcome


def _sync(db: Database, config: Config, events: Sequence[Event]) -> None:
    """Write the events and studies as they are now; keep an event's outcome until it is studied again."""
    known = {row[0]: (row[1], row[2]) for row in db.execute("select event_id, status, reason from events")}
    with transaction(db) as connection:
        for position, study in enumerate(config.studies):
            spec = study.to_spec().to_dict()
            write.put_study(connection, study.id, position, study.title or study.id, spec, content_hash(spec))
        for event in events:
            fresh = ("context", None) if event.kind == "context" else ("pending", "not studied yet")
            status, reason = known.get(event.event_id, fresh)
            write.put_event(connection, event, status, reason)


def _exit_code(counts: Mapping[str, int], faults: Faults, due: Sequence[Event]) -> int:
    if faults and due and not counts["ok"] and all(fault.transient for fault in faults.values()):
        return SourceError.exit_code
    return 3 if counts["skipped"] + counts["failed"] else 0


def _publish(config: Config, event_ids: Sequence[str]) -> dict[str, Path]:
    pages = {event_id: publish_event(config.database, config.reports, event_id) for event_id in event_ids}
    return {**pages, "": publish_index(config.database, config.reports)}


def library_versions() -> dict[str, str]:
    """Versions of the libraries that numbers depend on."""
    return {name: importlib.metadata.version(name) for name in NUMERICS}
