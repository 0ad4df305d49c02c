"""One event under every study: a part of the unit of work of its block, which fails alone."""

from __future__ import annotations

import datetime as dt
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from sqlite_utils import Database

from eventstudy import __version__
from eventstudy.calendars import to_instant
from eventstudy.config.model import Config, StudyConfig, content_hash
from eventstudy.database.connection import transaction
from eventstudy.database.faults import is_damage
from eventstudy.errors import (
    AlteredPrices,
    CannotEstimate,
    EventStudyError,
    NoDataInRange,
    NumbersDisagree,
    SourceError,
    UnreadableFile,
)
from eventstudy.events import releases
from eventstudy.instants import stamp
from eventstudy.prices.assets import currencies, symbols_of
from eventstudy.records import Event, PriceSeries
from eventstudy.returns import ReturnSeries
from eventstudy.store import ledger, notices, read, states, write
from eventstudy.store.ledger import Run
from eventstudy.study.event import Request, inputs_of, study_events
from eventstudy.study.members import ArchivedReturns
from eventstudy.study.method import method_line
from eventstudy.study.results import EventResult
from jobs.files import is_of_file
from jobs.minutes import step as clock_step
from jobs.minutes.bars import Bars
from jobs.on_cluster import Work, here
from jobs.outcome import Outcome
from jobs.plan import Item
from jobs.pull import CALENDAR_DAYS_PER_SESSION, Faults, moved

BLOCK = 256  # events studied together, which costs a fifth less than 64 do; it bears on no result
WRITTEN = 16  # events written together, a part of a block: what a pass that is killed does again

# An event this young without a price after it is waiting for one, not skipped.
PATIENCE = dt.timedelta(days=10)

Returns = ReturnSeries | EventStudyError
Series = tuple[str, str]  # source and symbol
Key = tuple[str, str, str]  # code version, config hash, input hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """What is new of one event.

    Attributes
    ----------
    stored : mapping
        Study → key of the results that are stored.
    inputs : tuple of str
        Input hash of every study.
    results : tuple
        Study, key and result of each that is not stored as it is now; an error in place of a result that is none.
    """

    stored: Mapping[str, Key]
    inputs: tuple[str, ...]
    results: tuple[tuple[StudyConfig, Key, EventResult | EventStudyError], ...]


@dataclass(slots=True, kw_only=True)
class StudyStep:
    """What every unit of work of a pass shares.

    Attributes
    ----------
    config : Config
    db : Database
    record : Run
    archived : ArchivedReturns
        Of prices as they are after the pull.
    context : callable
        Gives the scheduled releases that may explain the moves of an event.
    faults : dict
        (source, symbol) → what was wrong with it in this pass.
    now : datetime
        UTC instant at which the pass began.
    clock : callable
        Gives the present UTC instant.
    by : callable
        Calls a function of many requests, wherever it computes.
    late : list of str
        What is wrong with prices that should have come by now, of every event that is looked at, or with stored ones.
    bars : Bars or None
        Those of studies by the minute, once one was asked for.
    ahead : dict
        Event → what was computed of it together with others.
    descriptions : Descriptions or None
        Those that the database has; None when they must be read, again or for the first time.
    """

    config: Config
    db: Database
    record: Run
    archived: ArchivedReturns
    context: Callable[[Event], Sequence[Event]]
    faults: Faults
    now: dt.datetime
    clock: Callable[[], dt.datetime]
    by: Callable[[Work, Sequence[Request]], list[EventResult | NumbersDisagree]] = here
    late: list[str] = field(default_factory=list)
    bars: Bars | None = None
    ahead: dict[str, Computed] = field(default_factory=dict)
    descriptions: write.Descriptions | None = None
    _currencies: dict[str, frozenset[str]] = field(default_factory=dict)
    _sound: set[str] = field(default_factory=set)
    _returns: dict[tuple[str, str], Returns] = field(default_factory=dict)
    _needs: dict[tuple[str, ...], list[Series]] = field(default_factory=dict)
    _evidence: dict[tuple[str, ...], list[int]] = field(default_factory=dict)
    _settings: dict[tuple[str, tuple[str, ...]], str] = field(default_factory=dict)

    def returns(self, event: Event, asset: str, study: StudyConfig) -> Returns:
        """Returns of `asset` as `study` sees them, or the error that stands in their place; each made once a pass.

        What is stored is evidence, whether its source answers today or not. But where nothing is stored after the
        announcement, and the source could not say whether there is, its fault is the reason.
        """
        if (study.id, asset) not in self._returns:
            self._returns[study.id, asset] = self._made(asset, study)
        found = self._returns[study.id, asset]
        if not self.faults:
            return found
        fault = next((self.faults[key] for key in self.needs((asset,), study) if key in self.faults), None)
        return fault if fault is not None and not _reaches(found, event) else found

    def _made(self, asset: str, study: StudyConfig) -> Returns:
        found = self.archived.of(asset, study.to_spec())
        if isinstance(found, AlteredPrices) and str(found) not in self.late:
            self.late.append(str(found))
            self.record.note("prices", found.asset, "failed", str(found))
        if isinstance(found, ReturnSeries):
            for name in {asset, *study.explained_by} - self._sound:
                self._sound.add(name)
                self.record.note_good("prices", name)
        return found

    def all_bars(self) -> Bars:
        """Bars of the archive, and what happened to each asset; made once a pass."""
        self.bars = self.bars or Bars.of(self.config, self.db.conn)
        return self.bars

    def needs(self, assets: tuple[str, ...], study: StudyConfig) -> list[Series]:
        """Every (source, symbol) that one study of `assets` rests on, in order."""
        names = (*assets, *study.explained_by)
        if names not in self._needs:
            self._needs[names] = sorted(frozenset().union(*(symbols_of(self.config, name) for name in names)))
        return self._needs[names]

    def currencies(self, asset: str) -> frozenset[str]:
        """The currencies of an asset's price: which releases concern it."""
        if asset not in self._currencies:
            self._currencies[asset] = currencies(self.config, asset)
        return self._currencies[asset]

    def evidence(self, asset: str, study: StudyConfig) -> list[int]:
        """Numbers of the newest answers that a study of one asset rests on."""
        names = (asset, *study.explained_by)
        if names not in self._evidence:
            self._evidence[names] = read.newest_answers(self.db.conn, self.needs((asset,), study))
        return self._evidence[names]

    def settings_hash(self, event: Event, study: StudyConfig) -> str:
        """Hash of the settings that bear on one study of one event: an unrelated change recomputes nothing."""
        names = tuple(sorted({*event.assets, *study.explained_by}))
        if (study.id, names) not in self._settings:
            assets = {name: self.config.assets[name].model_dump(mode="json") for name in names}
            self._settings[study.id, names] = content_hash(study.to_spec().to_dict(), assets, self.config.releases)
        return self._settings[study.id, names]


def _reaches(found: Returns, event: Event) -> bool:
    """Whether there is a return of the asset, and of its benchmark, after the announcement."""
    if isinstance(found, EventStudyError):
        return False
    return found.last_known is not None and bool(found.last_known > to_instant(event.latest))


def study_and_store(step: StudyStep, item: Item) -> Outcome:
    """Bring the stored results of an event up to date and return its status and reason.

    A result is recomputed when code version, settings or inputs differ from what is stored. This is the one place where
    an event's error is caught, so that one bad event never stops the others.
    """
    attempt = Attempt(started=step.clock(), began=time.perf_counter())
    try:
        outcome = _refresh(step, item, attempt)
    except Exception as error:  # whatever it is, it is the event's reason
        if is_damage(error) or isinstance(error, sqlite3.OperationalError):
            raise  # a full disk, or a database that another program holds, is no fault of the event
        outcome = ("failed", f"{type(error).__name__}: {error}")
        attempt.fault, attempt.written, attempt.inputs = outcome[1], 0, None
        step.descriptions = None  # what it wrote is gone
        with transaction(step.db) as connection:
            _put_outcome(connection, step, item, attempt, outcome)
    if attempt.without is not None:
        step.record.note("study", item.event.event_id, "failed", attempt.without)
    elif outcome[0] in ("skipped", "failed"):
        step.record.note("study", item.event.event_id, *outcome)
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
    without : str or None
        The same, where prices end too early; or which window has no number, which asking again does not mend.
    is_over : bool
        Whether no further day can change what it says.
    written : int
        Studies computed anew.
    inputs : str or None
        SHA-256 of the inputs of all studies of the event.
    """

    started: dt.datetime
    began: float
    fault: str | None = None
    without: str | None = None
    is_over: bool = False
    written: int = 0
    inputs: str | None = None


def study_ahead(step: StudyStep, items: Sequence[Item]) -> None:
    """Compute what is new of a block of events together; if that fails, each is studied by itself with its fault."""
    try:
        step.ahead = compute(step, [item.event for item in items])
    except Exception:  # noqa: BLE001  # whatever it is, it is met again by the event that it belongs to
        step.ahead = {}


def compute(step: StudyStep, events: Sequence[Event]) -> dict[str, Computed]:
    """What is new of some events, under every study whose stored results are not those of today's inputs."""
    requests: list[Request] = []
    plans: list[tuple[Event, dict[str, Key], list[str], list[tuple[StudyConfig, Key]]]] = []
    for event in events:
        context = step.context(event)
        stored = write.stored_inputs(step.db.conn, event.event_id)
        hashes, stale = [], []
        remarks = (releases.checked(step.config, event, context),)
        concerned = {asset: step.currencies(asset) for asset in event.assets} if context else {}
        for study in step.config.studies:
            series = {asset: step.returns(event, asset, study) for asset in event.assets}
            inputs = inputs_of(event, study.to_spec(), series, context)
            key = (__version__, step.settings_hash(event, study), inputs)
            hashes.append(inputs)
            if stored.get(study.id) != key:
                stale.append((study, key))
                requests.append(
                    Request(
                        event=event,
                        study_id=study.id,
                        spec=study.to_spec(),
                        series=series,
                        context=context,
                        remarks=remarks,
                        concerned=concerned,
                    )
                )
        plans.append((event, stored, hashes, stale))
    found = iter(step.by(study_events, requests) if requests else ())
    return {
        event.event_id: Computed(
            stored=stored, inputs=tuple(hashes), results=tuple((study, key, next(found)) for study, key in stale)
        )
        for event, stored, hashes, stale in plans
    }


def _refresh(step: StudyStep, item: Item, attempt: Attempt) -> Outcome:
    event = item.event
    kept = [study.id for study in step.config.all_studies]
    computed = step.ahead.pop(event.event_id, None) or compute(step, [event])[event.event_id]
    stored = computed.stored
    clocked = clock_step.NOTHING
    if step.config.clock_studies:
        clocked = clock_step.compute(step.all_bars(), event, step.context(event), stored)
    attempt.inputs = content_hash((*computed.inputs, *clocked.inputs))
    attempt.fault = _passing_fault(step, event) or _nothing_at_all(step, item)
    results: list[tuple[StudyConfig, Key, EventResult]] = []
    for study, key, result in computed.results:
        if isinstance(result, EventStudyError):
            raise result
        results.append((study, key, result))
    with transaction(step.db) as connection:
        if results or clocked.found or not set(stored) <= set(kept):
            run_id = step.record.ensure(connection)
            write.forget_missing(connection, event.event_id, kept, run_id=run_id)
            attempt.written = len(results) + len(clocked.found)
            describe = step.descriptions = step.descriptions or write.Descriptions(connection)
        if entries := entries_of(step, event, results, clocked):
            write.put_results(connection, entries, describe=describe, run_id=run_id)
        outcome = write.outcome_of(connection, event.event_id, patient=step.now - event.latest <= PATIENCE)
        attempt.is_over = step.now >= item.open_until or _is_complete(connection, step, event.event_id)
        if attempt.fault is None and step.now >= item.open_until:
            attempt.fault = attempt.without = _cut_short(connection, step, event)
        if attempt.fault is None and attempt.is_over and outcome[0] not in ("skipped", "failed"):  # which say why
            attempt.without = write.refused_window(connection, event.event_id)
        if attempt.without:
            step.late.append(f"{event.event_id}: {attempt.without}")
        _put_outcome(connection, step, item, attempt, outcome)
    step.record.results_written += attempt.written
    return outcome


def entries_of(
    step: StudyStep, event: Event, results: Iterable[tuple[StudyConfig, Key, EventResult]], clocked: clock_step.Computed
) -> list[write.Entry]:
    """What studies found of an event, with their methods and the answers that they rest on."""
    entries = [
        write.Entry(
            result=result,
            titles={asset: step.config.assets[asset].title for asset in event.assets},
            method={asset: method_line(study.to_spec(), asset) for asset in event.assets},
            provenance={asset: step.evidence(asset, study) for asset in event.assets},
            key=key,
        )
        for study, key, result in results
    ]
    return entries + [clock_step.entry_of(step.db.conn, step.all_bars(), found) for found in clocked.found]


def _passing_fault(step: StudyStep, event: Event) -> str | None:
    """What is wrong, for reasons that may pass, with a source that some study of the event rests on."""
    if not step.faults:
        return None
    keys = sorted({key for study in step.config.studies for key in step.needs(event.assets, study)})
    return next((str(step.faults[key]) for key in keys if key in step.faults and step.faults[key].transient), None)


def _is_to_mend(step: StudyStep, event: Event) -> bool:
    """Whether a file that some study of the event rests on could not be read: it is read again in every pass."""
    keys = (key for study in step.config.studies for key in step.needs(event.assets, study))
    return bool(step.faults) and any(isinstance(step.faults.get(key), UnreadableFile) for key in keys)


def _nothing_at_all(step: StudyStep, item: Item) -> str | None:
    """What a source answered that had no price at all of an asset, when the event no longer waits for its first one.

    A source that is ill may say so of a symbol that it has; after some attempts it is believed. A file is believed at
    once, and read again when it changed.
    """
    if step.now < item.open_until:
        return None
    found = (step.returns(item.event, asset, study) for study in step.config.studies for asset in item.event.assets)
    return next((str(s) for s in found if isinstance(s, NoDataInRange) and not is_of_file(step.config, s.source)), None)


def _put_outcome(
    connection: sqlite3.Connection, step: StudyStep, item: Item, attempt: Attempt, outcome: Outcome
) -> None:
    """Write how an event came out of an attempt, whether it is tried again, and what the next pass must know."""
    event_id = item.event.event_id
    is_news = write.put_event(connection, item.event, *outcome) or attempt.written > 0
    is_news |= attempt.fault is not None or states.succeed(connection, event_id)
    is_settled = attempt.fault is None and not _is_to_mend(step, item.event) and attempt.is_over
    states.put(connection, event_id, item.key, stamp(item.open_until), is_settled=is_settled, is_news=is_news)
    failures = 0
    if attempt.fault is not None:
        failures = states.fail(connection, step.config.retry, event_id, attempt.started, attempt.fault)
    if is_news:
        run_id = step.record.ensure(connection)
    if attempt.written:
        notices.put(connection, "result", (event_id, run_id), stamp(attempt.started), run_id=run_id, event_id=event_id)
    wrong = attempt.without or (outcome[1] if outcome[0] in ("skipped", "failed") else None)
    if wrong is None:
        step.record.note_good("study", event_id)
    elif is_news:
        notices.fail(connection, "study", event_id, wrong, attempt.started, run_id)
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


def _cut_short(connection: sqlite3.Connection, step: StudyStep, event: Event) -> str | None:
    """Which prices end before the windows do, though these are over; None for none.

    A source that went silent says no more than that it has nothing newer. After some attempts it is believed, and of
    prices that were over before the estimation window began it is believed at once.
    """
    for study in step.config.studies:
        alive = moved(event.earliest.date(), int(study.estimation.start * CALENDAR_DAYS_PER_SESSION))
        for asset in event.assets:
            if _reaches(step.returns(event, asset, study), event):
                continue
            for name in (asset, *study.explained_by):
                prices = _prices(step, name, asset)
                if prices is None or prices.instants[-1] > to_instant(event.latest):
                    continue
                if prices.sessions[-1] >= np.datetime64(alive, "D"):
                    return f"prices of {name} end on {prices.sessions[-1]}, before the announcement"
        early = connection.execute(
            "select a.asset, max(d.session) from analyses a join event_days d using (analysis_id) where a.study_id = ? "
            "and a.event_id = ? and a.status = 'ok' and d.return is not null and d.expected is not null "
            "group by a.analysis_id having max(d.tau) < ? order by a.position",
            (study.id, event.event_id, study.event_window.end),
        ).fetchall()
        for asset, end in early:
            for name in (asset, *study.explained_by):
                prices = _prices(step, name, asset)
                if prices is not None and prices.sessions[-1] <= np.datetime64(end, "D"):
                    return f"prices of {name} end on {prices.sessions[-1]}, before the windows do"
    return None


def _prices(step: StudyStep, name: str, asset: str) -> PriceSeries | None:
    """Prices of an asset, or of its benchmark; None where there are none, which is a fault of its own."""
    try:
        return step.archived.book.series(name, explains=None if name == asset else asset)
    except (SourceError, CannotEstimate):
        return None


def _is_complete(connection: sqlite3.Connection, step: StudyStep, event_id: str) -> bool:
    """Whether every asset has a result, and a return on the last session of its event window, in every reading."""
    if step.config.clock_studies and not clock_step.is_complete(connection, step.config, event_id):
        return False
    ends = {study.id: study.event_window.end for study in step.config.studies}
    reached = {
        (study, status, last)
        for study, status, last in connection.execute(
            "select study_id, status, (select max(tau) from daily d where d.analysis_id = a.analysis_id "
            "and d.return is not null) from analyses a where event_id = ?",
            (event_id,),
        )
        if study in ends
    }
    if any(study.ahead > study.event_window.end for study in step.config.studies):  # days after it are read as well
        return False
    return {study for study, _, _ in reached} == set(ends) and all(
        status == "ok" and last == ends[study] for study, status, last in reached
    )
