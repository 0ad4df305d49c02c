"""What a pass would do, from the ledger and the settings alone: reads, and writes nothing."""

from __future__ import annotations

import bisect
import contextlib
import datetime as dt
import functools
import hashlib
import importlib.metadata
import json
import os
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eventstudy import __version__
from eventstudy.config.minutes import ClockStudyConfig
from eventstudy.config.model import Config, StudyConfig, content_hash
from eventstudy.database import connection as database
from eventstudy.database import reading
from eventstudy.database.faults import translate
from eventstudy.errors import Damaged, StoreError
from eventstudy.events import releases
from eventstudy.instants import stamp
from eventstudy.prices.assets import currencies, symbols_of
from eventstudy.records import Event
from eventstudy.store import cursors, ledger, notices, states
from eventstudy.store.states import EventState
from eventstudy.store.write import EVENT_COLUMNS, event_row
from jobs import files
from jobs.collections.step import is_due

NUMERICS = ("numpy", "scipy", "pandas", "statsmodels", "currencyconverter", "yfinance", "exchange_calendars")

# Five sessions take seven calendar days; the rest is for holidays. One day more than a pull asks for (jobs/pull.py), so
# that the last of the prices that an event is pulled for have come before it is settled.
CALENDAR_DAYS_PER_SESSION = 1.6
HOLIDAYS = dt.timedelta(days=11)

ACTIONS = STUDY, WAIT, KEEP = "study", "wait", "keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One event in a plan.

    Attributes
    ----------
    event : Event
    action : str
        ``study``; ``wait`` for its announcement, or for the next attempt; or ``keep`` what is stored.
    reason : str
        Why.
    key : str
        SHA-256 of the event, and of the settings, versions and context that bear on it.
    open_until : datetime
        UTC; further sessions may change its results until then.
    """

    event: Event
    action: str
    reason: str
    key: str
    open_until: dt.datetime


@dataclass(slots=True, kw_only=True)
class Plan:
    """What a pass would do.

    Attributes
    ----------
    items : list of Item
        Every event of the pass, in its order.
    recent : list of Event
        Settled so lately that their prices are asked for again.
    again : list of Event
        All whose prices are asked for again, settled or not: recent ones, open ones, and those asked for by name.
    reread : list of Event
        Those that rest on files which changed.
    files : dict of str to str
        Sources whose files changed; see `jobs.files.changed`.
    unsynced : list of Event
        Not stored as they are now, context included.
    pages : list of str
        Events whose page is missing, or older than what it shows.
    states : mapping
        What is stored.
    down : dict of str to str
        Sources that gave nothing when they were last asked → when an event is to ask them again.
    awaited : dict of str to (str, str)
        Event id → what was wrong with its last attempt, for other reasons, and when it is tried again.
    """

    items: list[Item] = field(default_factory=list)
    recent: list[Event] = field(default_factory=list)
    again: list[Event] = field(default_factory=list)
    reread: list[Event] = field(default_factory=list)
    files: dict[str, str] = field(default_factory=dict)
    unsynced: list[Event] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    states: Mapping[str, EventState] = field(default_factory=dict)
    down: dict[str, str] = field(default_factory=dict)
    awaited: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def due(self) -> list[Item]:
        """The events to study."""
        return [item for item in self.items if item.action == STUDY]

    @property
    def has_events(self) -> bool:
        """Whether there is anything to do for events."""
        return bool(self.recent or self.reread or self.unsynced or self.pages or self.due)


def read_plan(
    config: Config,
    events: Sequence[Event],
    now: dt.datetime,
    *,
    only: Collection[str] | None = None,
    is_full: bool = False,
) -> Plan:
    """The plan, from the database as it is on the disk; without one, everything is new. Parameters as of `make`.

    Raises
    ------
    Damaged
        When it is not what was written.
    """
    with _opened(config) as connection:
        return make(config, events, connection, now, only=only, is_full=is_full)


@contextlib.contextmanager
def _opened(config: Config) -> Iterator[sqlite3.Connection | None]:
    """The database for reading; None where there is none, or it is hardly begun."""
    try:
        connection = reading.connect(config.database, database.BUSY_SECONDS) if config.database.is_file() else None
    except Damaged:
        raise
    except StoreError:
        connection = None  # whoever opens it for writing says what is wrong
    with contextlib.closing(connection) if connection is not None else contextlib.nullcontext():
        try:
            yield connection
        except sqlite3.DatabaseError as error:
            raise translate(config.database, error) from error


def make(
    config: Config,
    events: Sequence[Event],
    connection: sqlite3.Connection | None,
    now: dt.datetime,
    *,
    only: Collection[str] | None = None,
    is_full: bool = False,
) -> Plan:
    """Plan a pass.

    Parameters
    ----------
    config : Config
    events : sequence of Event
        All known events.
    connection : sqlite3.Connection or None
        The results database; None when there is none yet.
    now : datetime
        UTC instant at which the pass begins.
    only : collection of str, optional
        Ids of the events to look at, due or not.
    is_full : bool
        Look at every event that has been announced, due or not.
    """
    known = states.event_states(connection) if connection is not None else {}
    changes = changed_prices(config, connection, known)
    written = pages_in(config.reports)
    key_of = _keys(config, events)
    ahead = _ahead(config)
    plan = Plan(states=known, files=files.changed(config, connection) if only is None else {})
    down = notices.silent_sources(connection) & set(config.sources) if connection is not None else set()
    for event in events:
        before = known.get(event.event_id)
        row = event_row(event)
        is_stored = before is not None and before.row == row
        if event.kind == "context":
            # one that was edited by hand has its results still
            if before is None or not is_stored or before.status != "context" or before.state_key is not None:
                plan.unsynced.append(event)
            continue
        key = key_of(event, row)
        open_until = event.latest + ahead
        is_wanted = is_full or (only is not None and event.event_id in only)
        action, why = _decide(config, event, before, key, open_until, now, is_wanted, changes.get(event.event_id))
        # one that waits for its announcement has no look of its own that would write its state; a clock was ahead
        is_early = event.latest > now and before is not None and before.status in ("skipped", "failed")
        is_behind = before is None or before.status == "context" or (action == WAIT and before.state_key != key)
        is_behind |= is_early
        if is_behind or not is_stored:
            plan.unsynced.append(event)
        if only is not None and event.event_id not in only:
            continue
        is_young = now - open_until <= dt.timedelta(days=config.revisions.days)
        if only is None and action == KEEP and is_young:
            plan.recent.append(event)
        # one that failed asks again whatever an answer settled: that may have been the failure
        if action == STUDY and (is_young or is_wanted or (before is not None and before.failures)):
            plan.again.append(event)
        if action != STUDY and (before is None or before.is_page_due or event.event_id not in written):
            plan.pages.append(event.event_id)
        plan.items.append(Item(event=event, action=action, reason=why, key=key, open_until=open_until))
        if before is not None and action == WAIT and event.latest <= now:  # its next attempt is not due yet
            silent = down and down & {source for source, _ in symbols_needed(config, event.assets)}
            for source in silent:
                plan.down.setdefault(source, why)
            if not silent:
                plan.awaited[event.event_id] = (before.fault or "", why)
    plan.again += plan.recent
    plan.reread = list(_resting_on(config, plan, now)) if plan.files else []
    return plan


def _resting_on(config: Config, plan: Plan, now: dt.datetime) -> Iterator[Event]:
    """Events that were announced and rest on files which changed."""
    of_assets = functools.cache(functools.partial(symbols_needed, config))
    for item in plan.items:
        if item.event.latest <= now and any(source in plan.files for source, _ in of_assets(item.event.assets)):
            yield item.event


def _ahead(config: Config) -> dt.timedelta:
    """How long after an announcement a session of its windows, or a first price that it waits for, may still come."""
    ahead = max((study.ahead for study in config.studies), default=0)
    return dt.timedelta(days=int(max(ahead, 0) * CALENDAR_DAYS_PER_SESSION)) + HOLIDAYS


def context_near(config: Config, events: Sequence[Event]) -> Callable[[Event], list[Event]]:
    """A function that finds the context events that an event's windows can hold."""
    context = sorted((e for e in events if e.kind == "context"), key=lambda e: (e.earliest, e.event_id))
    starts = [e.earliest for e in context]
    longest = max((e.latest - e.earliest for e in context), default=dt.timedelta())
    back = max((-study.event_window.start for study in config.studies), default=0)
    before = dt.timedelta(days=int(max(back, 0) * CALENDAR_DAYS_PER_SESSION)) + HOLIDAYS
    ahead = _ahead(config)
    of_asset = functools.cache(functools.partial(currencies, config))

    def bears_on(release: Event, event: Event) -> bool:
        """Whether it may move a price of the event's, and is another piece of news."""
        return not release.concerns or (
            any(release.concerns in of_asset(asset) for asset in event.assets)
            and releases.is_other_news(event, release)
        )

    def near(event: Event) -> list[Event]:
        if not context:
            return context
        first, last = event.earliest - before, event.latest + ahead
        found = context[bisect.bisect_left(starts, first - longest) : bisect.bisect_right(starts, last)]
        return [e for e in found if e.latest >= first and bears_on(e, event)]

    return near


def changed_prices(
    config: Config, connection: sqlite3.Connection | None, known: Mapping[str, EventState]
) -> dict[str, str]:
    """Event id → why it must be looked at again, for events that rest on prices that came since passes last saw any.

    Goes by what is stored, so that events which are not part of this pass are not forgotten.
    """
    if connection is None:
        return {}
    seen = int(cursors.cursor(connection, cursors.PRICES) or 0)
    if states.newest_snapshot(connection) <= seen:
        return {}
    moved = states.prices_since(connection, seen)
    back = max((-2 * study.estimation.start for study in config.studies), default=0)
    before = dt.timedelta(days=int(back * CALENDAR_DAYS_PER_SESSION)) + HOLIDAYS
    symbols: dict[str, list[tuple[str, str]]] = {}
    out: dict[str, str] = {}
    for event_id, state in known.items():
        if state.open_until is None:
            continue
        stored = dict(zip(EVENT_COLUMNS, state.row, strict=True))
        if stored["assets"] not in symbols:
            needed = symbols_needed(config, json.loads(stored["assets"]))
            symbols[stored["assets"]] = [key for key in needed if key in moved]
        for key in symbols[stored["assets"]]:
            start = (dt.datetime.fromisoformat(stored["earliest"]) - before).date().isoformat()
            if moved[key][1] >= start and moved[key][0] < state.open_until[:10]:
                out[event_id] = f"prices of {key[1]} revised, or new"
                break
    return out


def symbols_needed(config: Config, assets: Sequence[str]) -> list[tuple[str, str]]:
    """Every (source, symbol) that studies of `assets` rest on; assets that the settings no longer have rest on none."""
    names = {*assets, *(name for study in config.all_studies for name in study.explained_by)} & set(config.assets)
    return sorted(frozenset().union(*(symbols_of(config, name) for name in names)))


@functools.cache
def versions_of_libraries() -> dict[str, str]:
    """Versions of the libraries that numbers depend on."""
    return {name: importlib.metadata.version(name) for name in NUMERICS}


def _decide(
    config: Config,
    event: Event,
    before: EventState | None,
    key: str,
    open_until: dt.datetime,
    now: dt.datetime,
    is_wanted: bool,
    change: str | None,
) -> tuple[str, str]:
    """What to do with one event, and why."""
    if event.latest > now:
        return WAIT, f"not announced before {stamp(event.latest)}"
    if is_wanted:
        why = "asked for"
    elif before is None or before.state_key is None:
        why = "never studied"
    elif before.state_key != key:
        why = "event, settings, context or versions changed"
    elif change or before.pending_reason:
        why = change or before.pending_reason or ""
    elif before.failures:
        return _retry(config, before, now)
    elif not before.is_settled:
        is_open = now < open_until
        why = f"{'window not complete until' if is_open else 'last look: the window ended'} {open_until:%Y-%m-%d}"
    else:
        return KEEP, "finished"
    return STUDY, why


def _retry(config: Config, before: EventState, now: dt.datetime) -> tuple[str, str]:
    if before.next_attempt is None:
        return KEEP, f"given up after {before.failures} attempts; `eventstudy run --event` tries again"
    attempt = f"attempt {before.failures + 1} of {config.retry.attempts}"
    # no wait is longer than that: one that is was written down under a clock that was ahead
    if stamp(now) < before.next_attempt <= stamp(now + 2 * config.retry.longest):
        return WAIT, f"{attempt} not before {before.next_attempt}"
    return STUDY, f"{attempt} is due"


def _keys(config: Config, events: Sequence[Event]) -> Callable[[Event, tuple[str, ...]], str]:
    """A function that hashes what the results of an event, and its page, rest on beside prices."""
    near = context_near(config, events)
    shared = content_hash(
        __version__, versions_of_libraries(), [study.model_dump(mode="json") for study in config.all_studies]
    )
    explain = [name for study in config.all_studies for name in study.explained_by]
    settings: dict[tuple[str, ...], str] = {}

    def key_of(event: Event, row: tuple[str, ...]) -> str:
        if event.assets not in settings:
            names = dict(_assets(config, [*event.assets, *explain]))
            settings[event.assets] = content_hash(shared, names)
        context = [(c.event_id, c.title, stamp(c.earliest), stamp(c.latest)) for c in near(event)]
        return hashlib.sha256(repr((settings[event.assets], row, context)).encode()).hexdigest()

    return key_of


def _assets(config: Config, names: Sequence[str]) -> Iterator[tuple[str, object]]:
    """The settings of assets, of their sources, and of what they are made of."""
    for name in names:
        asset = config.assets[name]
        yield name, asset.model_dump(mode="json")
        if asset.source is not None:
            yield f"source {asset.source}", config.sources[asset.source].model_dump(mode="json")
        if asset.basket is not None:
            yield from _assets(config, [*asset.basket.weights, *asset.basket.members])


def is_idle(
    config: Config,
    events: Sequence[Event],
    now: dt.datetime,
    *,
    only: Collection[str] | None = None,
    is_full: bool = False,
) -> bool:
    """Whether a pass would write nothing but its heartbeat; parameters as of `make`."""
    with _opened(config) as connection:
        return (
            connection is not None
            and not make(config, events, connection, now, only=only, is_full=is_full).has_events
            and not _has_other_work(config, connection, now)
        )


def _has_other_work(config: Config, connection: sqlite3.Connection, now: dt.datetime) -> bool:
    """Whether a pass would write something beside events."""
    written = pages_in(config.reports)
    ours = [
        (study.id, position, study.title or study.id, json.dumps(spec))
        for position, (study, spec) in enumerate(specs(config))
    ]
    theirs = connection.execute(
        "select study_id, position, title, spec from studies where position < ? order by position", (len(ours),)
    ).fetchall()
    return (
        theirs != ours
        or states.newest_snapshot(connection) > int(cursors.cursor(connection, cursors.PRICES) or 0)
        or ledger.is_broken_off(connection)
        or states.withdrawn_pages_due(connection, written) != []
        or states.with_stale_results(connection, stamp(now)) != {}
        or notices.without_pass(connection)
        or notices.undelivered(connection, notices.PAGE) != []
        or is_due(config, connection, now)
        or not {"index", "digest"} <= written
        or cursors.cursor(connection, cursors.INDEX) != states.index_key(connection, written, __version__)
    )


def specs(config: Config) -> Iterator[tuple[StudyConfig | ClockStudyConfig, dict[str, Any]]]:
    """Every study with its settings as they are stored; those by the minute as the settings have them."""
    for study in config.studies:
        yield study, study.to_spec().to_dict()
    for clocked in config.clock_studies:
        yield clocked, clocked.model_dump(mode="json", exclude={"id", "title"})


def pages_in(folder: Path) -> set[str]:
    """Names of the pages in a folder, without their suffix; none when there is no such folder."""
    try:
        with os.scandir(folder) as entries:
            return {entry.name.removesuffix(".html") for entry in entries if entry.name.endswith(".html")}
    except OSError:
        return set()
