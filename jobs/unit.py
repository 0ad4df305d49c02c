"""The unit of work: one event under every study, in one transaction."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

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
Returns = ReturnSeries | EventStudyError


@dataclass(slots=True, kw_only=True)
class Desk:
    """What every unit of work of a pass shares.

    Attributes
    ----------
    config : Config
    db : Database
    record : Run
    book : PriceBook
        Prices as they are after the pull.
    context : sequence of Event
        Scheduled releases that may explain a move.
    faults : dict
        (source, symbol) → what was wrong with it in this pass.
    now : datetime
        UTC instant at which the pass began.
    """

    config: Config
    db: Database
    record: Run
    book: PriceBook
    context: Sequence[Event]
    faults: Faults
    now: dt.datetime
    known: dict[tuple[str, str | None, str], Returns] = field(default_factory=dict)

    def returns(self, asset: str, study: StudyConfig) -> Returns:
        """Returns of `asset` as `study` sees them, or the error that stands in their place; each made once a pass."""
        key = (asset, study.benchmark, study.returns)
        if key not in self.known:
            self.known[key] = self._returns(asset, study)
        return self.known[key]

    def _returns(self, asset: str, study: StudyConfig) -> Returns:
        fault = next(
            (self.faults[key] for key in sorted(needs(self.config, [asset], study)) if key in self.faults), None
        )
        if fault is not None:
            return fault
        try:
            prices = self.book.series(asset)
            benchmark = self.book.series(study.benchmark, explains=asset) if study.benchmark else None
            return return_series(prices, benchmark, study.returns)
        except (SourceError, CannotEstimate) as error:
            return error


def study_and_store(desk: Desk, event: Event) -> Outcome:
    """Bring the stored results of `event` up to date and return its status and reason.

    A result is recomputed when code version, settings or inputs differ from what is stored; but an asset's result
    stays while a source that it rests on has a fault. This is the one place where an event's error is caught, so that
    one bad event never stops the others.
    """
    try:
        outcome = _refresh(desk, event)
    except Exception as error:  # noqa: BLE001  # whatever it is, it is the event's reason
        outcome = ("failed", f"{type(error).__name__}: {error}")
        _put_outcome(desk, event, outcome)
    if outcome[0] in ("skipped", "failed"):
        desk.record.note("study", event.event_id, *outcome)
    return outcome


def needs(config: Config, assets: Sequence[str], study: StudyConfig) -> frozenset[tuple[str, str]]:
    """Every (source, symbol) that one study of `assets` rests on."""
    names = (*assets, *((study.benchmark,) if study.benchmark else ()))
    return frozenset().union(*(symbols_of(config, name) for name in names))


def _refresh(desk: Desk, event: Event) -> Outcome:
    stored = write.stored_inputs(desk.db.conn, event.event_id)
    found = write.stored_reactions(desk.db.conn, event.event_id)
    kept = [study.id for study in desk.config.studies]
    stale = []
    for study in desk.config.studies:
        at_fault = [asset for asset in event.assets if needs(desk.config, [asset], study) & set(desk.faults)]
        if any((study.id, asset) in found for asset in at_fault):
            continue
        series = {asset: desk.returns(asset, study) for asset in event.assets}
        inputs = inputs_of(event, study.to_spec(), series, desk.context)
        key = (__version__, _settings_hash(desk.config, study, event), inputs)
        if stored.get(study.id) != key:
            stale.append((study, series, key))
    is_patient = desk.now - event.latest <= PATIENCE
    if not stale and set(stored) <= set(kept):
        outcome = write.outcome_of(desk.db.conn, event.event_id, patient=is_patient)
        _put_outcome(desk, event, outcome)
        return outcome
    results = [(s, key, study_event(event, s.id, s.to_spec(), series, desk.context)) for s, series, key in stale]
    with transaction(desk.db) as connection:
        run_id = desk.record.ensure(connection)
        write.forget_missing(connection, event.event_id, kept)
        for study, key, result in results:
            write.put_result(
                connection,
                result,
                titles={asset: desk.config.assets[asset].title for asset in event.assets},
                method={asset: method_line(study.to_spec(), asset) for asset in event.assets},
                provenance={asset: _provenance(desk.config, connection, asset, study) for asset in event.assets},
                key=key,
                run_id=run_id,
            )
        outcome = write.outcome_of(connection, event.event_id, patient=is_patient)
        write.put_event(connection, event, *outcome)
    desk.record.results_written += len(results)
    return outcome


def _put_outcome(desk: Desk, event: Event, outcome: Outcome) -> None:
    with transaction(desk.db) as connection:
        if write.put_event(connection, event, *outcome):
            desk.record.ensure(connection)


def _provenance(
    config: Config, connection: sqlite3.Connection, asset: str, study: StudyConfig
) -> list[dict[str, str | int]]:
    """The newest snapshot of every symbol that the result rests on."""
    names = ("source", "symbol", "version", "fetched_at", "content_hash", "snapshot_id")
    rows = (
        connection.execute(
            f"select {', '.join(names)} from snapshots "  # noqa: S608  # the names are the ones above
            "where source = ? and symbol = ? order by snapshot_id desc limit 1",
            key,
        ).fetchone()
        for key in sorted(needs(config, [asset], study))
    )
    return [dict(zip(names, row, strict=True)) for row in rows if row]


def _settings_hash(config: Config, study: StudyConfig, event: Event) -> str:
    """Hash of the settings that bear on one study of one event, so that an unrelated change recomputes nothing."""
    names = {*event.assets, *((study.benchmark,) if study.benchmark else ())}
    assets: Mapping[str, object] = {name: config.assets[name].model_dump(mode="json") for name in sorted(names)}
    return content_hash(study.to_spec().to_dict(), assets)
