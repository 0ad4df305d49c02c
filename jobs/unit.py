"""The unit of work: one event under every study, in one transaction."""

from __future__ import annotations

import datetime as dt
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from sqlite_utils import Database

from eventstudy import __version__
from eventstudy.archive.book import PriceBook
from eventstudy.calendars import to_instant
from eventstudy.config.model import Config, StudyConfig, content_hash
from eventstudy.database.connection import transaction
from eventstudy.database.faults import is_damage
from eventstudy.errors import CannotEstimate, EventStudyError, NoDataInRange, SourceError, UnreadableFile
from eventstudy.instants import stamp
from eventstudy.prices.assets import symbols_of
from eventstudy.records import Event, PriceSeries
from eventstudy.returns import ReturnSeries, return_series
from eventstudy.store import ledger, retries, states, write
from eventstudy.store.ledger import Run
from eventstudy.study.event import inputs_of, study_event
from eventstudy.study.method import method_line
from jobs.outcome import Outcome
from jobs.plan import Item
from jobs.pull import CALENDAR_DAYS_PER_SESSION, Faults, moved

# An event this young without a price after it is waiting for one, not skipped.
PATIENCE = dt.timedelta(days=10)

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
    context : callable
        Gives the scheduled releases that may explain the moves of an event.
    faults : dict
        (source, symbol) → what was wrong with it in this pass.
    now : datetime
        UTC instant at which the pass began.
    clock : callable
        Gives the present UTC instant.
    late : list of str
        What is wrong with prices that should have come by now, of every event that is looked at.
    """

    config: Config
    db: Database
    record: Run
    book: PriceBook
    context: Callable[[Event], Sequence[Event]]
    faults: Faults
    now: dt.datetime
    clock: Callable[[], dt.datetime]
    known: dict[tuple[str, str | None, str], Returns] = field(default_factory=dict)
    late: list[str] = field(default_factory=list)

    def returns(self, event: Event, asset: str, study: StudyConfig) -> Returns:
        """Returns of `asset` as `study` sees them, or the error that stands in their place; each made once a pass.

        What is stored is evidence, whether its source answers today or not. But where nothing is stored after the
        announcement, and the source could not say whether there is, its fault is the reason.
        """
        key = (asset, study.benchmark, study.returns)
        if key not in self.known:
            self.known[key] = self._returns(asset, study)
        found = self.known[key]
        needed = sorted(needs(self.config, [asset], study))
        fault = next((self.faults[key] for key in needed if key in self.faults), None)
        return fault if fault is not None and not _reaches(found, event) else found

    def _returns(self, asset: str, study: StudyConfig) -> Returns:
        try:
            prices = self.book.series(asset)
            benchmark = self.book.series(study.benchmark, explains=asset) if study.benchmark else None
            return return_series(prices, benchmark, study.returns)
        except (SourceError, CannotEstimate) as error:
            return error


def _reaches(found: Returns, event: Event) -> bool:
    """Whether there is a return of the asset, and of its benchmark, after the announcement."""
    if isinstance(found, EventStudyError):
        return False
    known = np.isfinite(found.y) & np.isfinite(found.x).all(axis=1)
    return bool((found.instants[known] > to_instant(event.latest)).any())


def study_and_store(desk: Desk, item: Item) -> Outcome:
    """Bring the stored results of an event up to date and return its status and reason.

    A result is recomputed when code version, settings or inputs differ from what is stored. This is the one place where
    an event's error is caught, so that one bad event never stops the others.
    """
    attempt = Attempt(started=desk.clock(), began=time.perf_counter())
    try:
        outcome = _refresh(desk, item, attempt)
    except Exception as error:  # whatever it is, it is the event's reason
        if is_damage(error) or isinstance(error, sqlite3.OperationalError):
            raise  # a full disk, or a database that another program holds, is no fault of the event
        outcome = ("failed", f"{type(error).__name__}: {error}")
        attempt.fault, attempt.written, attempt.inputs = outcome[1], 0, None
        with transaction(desk.db) as connection:
            if write.is_as_stored(connection, item.event):
                _put_outcome(connection, desk, item, attempt, outcome)
    if attempt.cut is not None:
        desk.record.note("study", item.event.event_id, "failed", attempt.cut)
    elif outcome[0] in ("skipped", "failed"):
        desk.record.note("study", item.event.event_id, *outcome)
    return outcome


@dataclass(slots=True, kw_only=True)
class Attempt:
    """One look at one event.

    Attributes
    ----------
    started : datetime
        UTC.
    began : float
        The same on the clock that seconds are counted with.
    fault : str or None
        Why it failed, in a way that asking again may mend.
    cut : str or None
        The same, where prices end too early.
    written : int
        Studies computed anew.
    inputs : str or None
        SHA-256 of the inputs of all studies of the event.
    """

    started: dt.datetime
    began: float
    fault: str | None = None
    cut: str | None = None
    written: int = 0
    inputs: str | None = None


def needs(config: Config, assets: Sequence[str], study: StudyConfig) -> frozenset[tuple[str, str]]:
    """Every (source, symbol) that one study of `assets` rests on."""
    names = (*assets, *((study.benchmark,) if study.benchmark else ()))
    return frozenset().union(*(symbols_of(config, name) for name in names))


def _refresh(desk: Desk, item: Item, attempt: Attempt) -> Outcome:
    event = item.event
    context = desk.context(event)
    stored = write.stored_inputs(desk.db.conn, event.event_id)
    kept = [study.id for study in desk.config.studies]
    stale, hashes = [], []
    for study in desk.config.studies:
        series = {asset: desk.returns(event, asset, study) for asset in event.assets}
        inputs = inputs_of(event, study.to_spec(), series, context)
        key = (__version__, _settings_hash(desk.config, study, event), inputs)
        hashes.append(inputs)
        if stored.get(study.id) != key:
            stale.append((study, series, key))
    attempt.inputs = content_hash(hashes)
    attempt.fault = _passing_fault(desk, event) or _nothing_at_all(desk, item)
    results = [(s, key, study_event(event, s.id, s.to_spec(), series, context)) for s, series, key in stale]
    with transaction(desk.db) as connection:
        if not write.is_as_stored(connection, event):
            return ("pending", "it was changed while the pass ran; the next one studies it")
        if results or not set(stored) <= set(kept):
            run_id = desk.record.ensure(connection)
            write.forget_missing(connection, event.event_id, kept, run_id=run_id)
            attempt.written = len(results)
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
        outcome = write.outcome_of(connection, event.event_id, patient=desk.now - event.latest <= PATIENCE)
        if attempt.fault is None and desk.now >= item.open_until and (cut := _cut_short(connection, desk, event)):
            attempt.fault = attempt.cut = cut
            desk.late.append(f"{event.event_id}: {cut}")
        _put_outcome(connection, desk, item, attempt, outcome)
    desk.record.results_written += len(results)
    return outcome


def _passing_fault(desk: Desk, event: Event) -> str | None:
    """What is wrong, for reasons that may pass, with a source that some study of the event rests on."""
    keys = sorted(frozenset().union(*(needs(desk.config, event.assets, study) for study in desk.config.studies)))
    return next((str(desk.faults[key]) for key in keys if key in desk.faults and desk.faults[key].transient), None)


def _is_to_mend(desk: Desk, event: Event) -> bool:
    """Whether a file that some study of the event rests on could not be read: it is read again in every pass."""
    keys = frozenset().union(*(needs(desk.config, event.assets, study) for study in desk.config.studies))
    return any(isinstance(desk.faults.get(key), UnreadableFile) for key in keys)


def _nothing_at_all(desk: Desk, item: Item) -> str | None:
    """What a source answered that had no price at all of an asset, when the event no longer waits for its first one.

    A source that is ill may say so of a symbol that it has; after some attempts it is believed.
    """
    if desk.now < item.open_until:
        return None
    found = (desk.returns(item.event, asset, study) for study in desk.config.studies for asset in item.event.assets)
    return next((str(series) for series in found if isinstance(series, NoDataInRange)), None)


def _put_outcome(connection: sqlite3.Connection, desk: Desk, item: Item, attempt: Attempt, outcome: Outcome) -> None:
    """Write how an event came out of an attempt, whether it is tried again, and what the next pass must know."""
    event_id = item.event.event_id
    is_news = write.put_event(connection, item.event, *outcome) or attempt.written > 0
    failures = 0
    if attempt.fault is None:
        is_news |= retries.clear(connection, event_id)
    else:
        is_news = True
        failures = retries.fail(connection, desk.config.retry, event_id, attempt.started, attempt.fault)
    is_settled = (
        attempt.fault is None
        and not _is_to_mend(desk, item.event)
        and (desk.now >= item.open_until or _is_complete(connection, desk, event_id))
    )
    states.put(connection, event_id, item.key, stamp(item.open_until), is_settled=is_settled, is_news=is_news)
    if is_news:
        run_id = desk.record.ensure(connection)
    if attempt.written or attempt.fault:
        ledger.put_attempt(
            connection,
            run_id=run_id,
            event_id=event_id,
            started_at=attempt.started,
            seconds=time.perf_counter() - attempt.began,
            outcome=outcome if attempt.fault is None else ("failed", attempt.fault),
            failures=failures,
            results_written=attempt.written,
            state_key=item.key,
            input_hash=attempt.inputs,
        )


def _cut_short(connection: sqlite3.Connection, desk: Desk, event: Event) -> str | None:
    """Which prices end before the windows do, though these are over; None for none.

    A source that went silent says no more than that it has nothing newer. After some attempts it is believed, and of
    prices that were over before the estimation window began it is believed at once.
    """
    for study in desk.config.studies:
        alive = moved(event.earliest.date(), int(study.estimation.start * CALENDAR_DAYS_PER_SESSION))
        for asset in event.assets:
            if _reaches(desk.returns(event, asset, study), event):
                continue
            for name in filter(None, (asset, study.benchmark)):
                prices = _prices(desk, name, asset)
                if prices is None or prices.instants[-1] > to_instant(event.latest):
                    continue
                if prices.sessions[-1] >= np.datetime64(alive, "D"):
                    return f"prices of {name} end on {prices.sessions[-1]}, before the announcement"
        early = connection.execute(
            "select a.asset, max(d.session) from analyses a join daily d using (analysis_id) where a.study_id = ? "
            "and a.event_id = ? and a.status = 'ok' and d.ar is not null group by a.analysis_id having max(d.tau) < ? "
            "order by a.position",
            (study.id, event.event_id, study.event_window.end),
        ).fetchall()
        for asset, end in early:
            for name in filter(None, (asset, study.benchmark)):
                prices = _prices(desk, name, asset)
                if prices is not None and prices.sessions[-1] <= np.datetime64(end, "D"):
                    return f"prices of {name} end on {prices.sessions[-1]}, before the windows do"
    return None


def _prices(desk: Desk, name: str, asset: str) -> PriceSeries | None:
    """Prices of an asset, or of its benchmark; None where there are none, which is a fault of its own."""
    try:
        return desk.book.series(name, explains=None if name == asset else asset)
    except (SourceError, CannotEstimate):
        return None


def _is_complete(connection: sqlite3.Connection, desk: Desk, event_id: str) -> bool:
    """Whether every asset has a result, and a return on the last session of its event window, in every reading."""
    reached = {
        (study, status, last)
        for study, status, last in connection.execute(
            "select study_id, status, (select max(tau) from daily d where d.analysis_id = a.analysis_id "
            "and d.return is not null) from analyses a where event_id = ?",
            (event_id,),
        )
    }
    ends = {study.id: study.event_window.end for study in desk.config.studies}
    return {study for study, _, _ in reached} == set(ends) and all(
        status == "ok" and last == ends[study] for study, status, last in reached
    )


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
