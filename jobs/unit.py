"""The unit of work: one event under every study, in one transaction."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Mapping, Sequence

from sqlite_utils import Database

from eventstudy import __version__
from eventstudy.config import Config, StudyConfig, content_hash
from eventstudy.errors import CannotEstimate, EventStudyError, SourceError
from eventstudy.ledger import Run
from eventstudy.prices.assets import PriceBook, symbols_of
from eventstudy.records import Event
from eventstudy.returns import ReturnSeries, return_series
from eventstudy.store import write
from eventstudy.store.database import transaction
from eventstudy.study.event import inputs_of, study_event
from eventstudy.study.method import method_line
from jobs.pull import Faults

# An event this young without a price after it is waiting for one, not skipped.
PATIENCE = dt.timedelta(days=10)

Outcome = tuple[str, str | None]


def study_and_store(
    config: Config, db: Database, record: Run, book: PriceBook, event: Event, context: Sequence[Event], faults: Faults, now: dt.datetime
) -> Outcome:
    """Bring the stored results of `event` up to date and return its status and reason.

    A result is recomputed when code version, settings or inputs differ from what is stored; but what is stored
    stays while a source that it needs has a fault. This is the one place where an event's error is caught, so that
    one bad event never stops the others.
    """
    try:
        outcome = _refresh(config, db, record, book, event, context, faults, now)
    except Exception as error:
        outcome = ("failed", f"{type(error).__name__}: {error}")
        with transaction(db) as connection:
            if write.put_event(connection, event, *outcome):
                record.ensure(connection)
    if outcome[0] in ("skipped", "failed"):
        record.note("study", event.event_id, *outcome)
    return outcome


def _refresh(
    config: Config, db: Database, record: Run, book: PriceBook, event: Event, context: Sequence[Event], faults: Faults, now: dt.datetime
) -> Outcome:
    stored = write.stored_inputs(db.conn, event.event_id)
    kept = [study.id for study in config.studies]
    stale = []
    for study in config.studies:
        if study.id in stored and _needs(config, event, study) & set(faults):
            continue
        series = {asset: _series(config, book, asset, study, faults) for asset in event.assets}
        inputs = inputs_of(event, study.to_spec(), series, context)
        key = (__version__, _settings_hash(config, study, event), inputs)
        if stored.get(study.id) != key:
            stale.append((study, series, key))
    patient = now - event.latest <= PATIENCE
    if not stale and set(stored) <= set(kept):
        return write.outcome_of(db.conn, event.event_id, patient=patient)
    results = [(s, key, study_event(event, s.id, s.to_spec(), series, context)) for s, series, key in stale]
    with transaction(db) as connection:
        run_id = record.ensure(connection)
        write.forget_missing(connection, event.event_id, kept)
        for study, key, result in results:
            write.put_result(
                connection,
                result,
                titles={asset: config.assets[asset].title for asset in event.assets},
                method={asset: method_line(study.to_spec(), asset) for asset in event.assets},
                provenance={asset: _provenance(config, connection, asset, study) for asset in event.assets},
                key=key,
                run_id=run_id,
            )
        outcome = write.outcome_of(connection, event.event_id, patient=patient)
        write.put_event(connection, event, *outcome)
    record.results_written += len(results)
    return outcome


def _needs(config: Config, event: Event, study: StudyConfig) -> set[tuple[str, str]]:
    """Every (source, symbol) that one study of one event rests on."""
    names = (*event.assets, *((study.benchmark,) if study.benchmark else ()))
    return set().union(*(symbols_of(config, name) for name in names))


def _series(
    config: Config, book: PriceBook, asset: str, study: StudyConfig, faults: Faults
) -> ReturnSeries | EventStudyError:
    """Returns of `asset` as `study` sees them, or the error that stands in their place."""
    try:
        for name in filter(None, (asset, study.benchmark)):
            fault = next((faults[key] for key in sorted(symbols_of(config, name)) if key in faults), None)
            if fault is not None:
                return fault
        prices = book.series(asset)
        benchmark = book.series(study.benchmark, explains=asset) if study.benchmark else None
        return return_series(prices, benchmark, study.returns)
    except (SourceError, CannotEstimate) as error:
        return error


def _provenance(
    config: Config, connection: sqlite3.Connection, asset: str, study: StudyConfig
) -> list[dict[str, str | int]]:
    """The newest snapshot of every symbol that the result rests on."""
    names = ("source", "symbol", "version", "fetched_at", "content_hash", "snapshot_id")
    symbols: set[tuple[str, str]] = set().union(*(symbols_of(config, n) for n in (asset, study.benchmark) if n))
    rows = (
        connection.execute(
            f"select {', '.join(names)} from snapshots where source = ? and symbol = ? order by snapshot_id desc limit 1",
            key,
        ).fetchone()
        for key in sorted(symbols)
    )
    return [dict(zip(names, row, strict=True)) for row in rows if row]


def _settings_hash(config: Config, study: StudyConfig, event: Event) -> str:
    """Hash of the settings that bear on one study of one event, so that an unrelated change recomputes nothing."""
    names = {*event.assets, *((study.benchmark,) if study.benchmark else ())}
    assets: Mapping[str, object] = {name: config.assets[name].model_dump(mode="json") for name in sorted(names)}
    return content_hash(study.to_spec().to_dict(), assets)
