"""Intraday bars around an announcement, kept before the source drops them.

A source serves bars of a minute for a month and never again. `jobs.minutes.capture_plan` decides what is due.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence

from sqlite_utils import Database

from eventstudy.archive import answers as archive
from eventstudy.config.model import Config
from eventstudy.database import reading
from eventstudy.database.connection import transaction
from eventstudy.errors import MalformedAnswer, SourceError, UnknownSymbol, UnreadableFile
from eventstudy.instants import stamp
from eventstudy.prices import open_source
from eventstudy.prices.source import Source
from eventstudy.records import Event
from eventstudy.store import states
from eventstudy.store.ledger import Run
from jobs.minutes import standing, standing_plan
from jobs.minutes.capture_plan import Capture, Collected, Done, Place, done_before, due, given, planned, recent
from jobs.pull import fetch, symbols_for

# Kinds of source that have intraday bars; what one really has it says itself, when it is opened.
_WITH_BARS = ("yahoo", "files")


def captures_due(config: Config, events: Sequence[Event], now: dt.datetime) -> list[Capture]:
    """The captures that a pass over `events` would ask for, by the database as it is on the disk."""
    done: dict[Place, Done] = {}
    there: Collected = {}
    if config.database.is_file() and config.database.stat().st_size:
        with contextlib.closing(reading.connect(config.database)) as connection:
            done, there = done_before(connection), standing_plan.collected(connection)
    settings, deep = planned(config)
    offered = {
        name: (source.bar,) if source.kind == "files" else settings.bars
        for name, source in config.sources.items()
        if source.kind in _WITH_BARS
    }
    endless = _endless(config, deep)
    young = recent(settings, events, now, endless)
    return due(settings, young, lambda event: symbols_for(config, event), offered, done, now, deep, there, endless)


def _endless(config: Config, deep: Mapping[str, int]) -> set[str]:
    """Files of whose bars, or of what is made of them, a study is: they drop none, however old the announcement."""
    files = {name: (source.bar,) for name, source in config.sources.items() if source.kind == "files"}
    return {name for name, sizes in files.items() if any(given(bar, sizes) for bar in deep)}


def capture(
    config: Config,
    db: Database,
    record: Run,
    events: Sequence[Event],
    *,
    now: Callable[[], dt.datetime],
    stop: Callable[[], bool],
    talk: Callable[[str], None],
    opener: Callable[[str], Source] | None = None,
    is_whole: bool = True,
) -> list[str]:
    """Capture what is due of `events`; return what went wrong that may pass, a sentence each.

    A capture that failed for a reason that may pass is due again in the next pass; any other answer closes it.

    Parameters
    ----------
    opener : callable, optional
        Opens a source by its name; by default as the settings describe it.
    is_whole : bool
        Whether the pass goes over all events: only then the bars of every asset are collected.
    """
    settings, deep = planned(config)
    opener = opener or (lambda name: open_source(name, config.sources[name], now))
    endless = _endless(config, deep)
    young = recent(settings, events, now(), endless)
    is_collecting = is_whole and bool(settings.standing)
    if not young and not is_collecting:
        return []
    sources = {name: opener(name) for name in config.sources}
    offered = {name: source.facts.bars for name, source in sources.items()}
    troubles = []
    if is_collecting:
        troubles = standing.collect(config, db, record, sources, offered, now=now, stop=stop, talk=talk)
    there = standing_plan.collected(db.conn)
    for item in due(
        settings, young, lambda e: symbols_for(config, e), offered, done_before(db.conn), now(), deep, there, endless
    ):
        if stop():
            break
        talk(f"{item.bar} bars of {item.symbol} from {item.source}")
        fault = _one(db, record, sources[item.source], item, now)
        if fault is not None and (fault.transient or isinstance(fault, (UnknownSymbol, UnreadableFile))):
            record.note("capture", f"{item.source}:{item.symbol}:{item.bar}", "failed", str(fault))
            troubles.append(f"bars of {item.bar} for {item.event_id}: {fault}")
    return troubles


def renew(
    config: Config,
    db: Database,
    record: Run,
    names: Collection[str],
    *,
    now: Callable[[], dt.datetime],
    talk: Callable[[str], None],
) -> list[str]:
    """Ask files that changed again for the bars that announcements were given; return what went wrong, a sentence each.

    An announcement that they bear on is looked at in the same pass.
    """
    troubles = []
    for name in sorted(names):
        asked_before = db.conn.execute(
            "select symbol, bar, min(asked_from), max(asked_to), json_group_array(event_id) from captures "
            "where source = ? group by symbol, bar",
            (name,),
        ).fetchall()
        if not asked_before:
            continue
        source = open_source(name, config.sources[name], now)
        for symbol, bar, first, last, events in asked_before:
            talk(f"{bar} bars of {symbol} from {name}, which changed")
            asked = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
            try:
                snapshot = fetch(source, symbol, asked, bar)
                with transaction(db) as connection:
                    record.ensure(connection)
                    if archive.save(connection, snapshot, asked=asked, fetched_at=now()):
                        why = f"{bar} bars of {symbol} came"
                        states.put_pending(connection, [(event_id, why) for event_id in json.loads(events)])
            except (SourceError, sqlite3.IntegrityError) as error:
                record.note("capture", f"{name}:{symbol}:{bar}", "failed", str(error))
                troubles.append(f"bars of {bar} of {symbol}: {error}")
    return troubles


def _one(
    db: Database, record: Run, source: Source, item: Capture, now: Callable[[], dt.datetime]
) -> SourceError | None:
    """Ask, store, and write down that it is done, as one unit of work; return what was wrong."""
    snapshot, fault = None, None
    try:
        snapshot = fetch(source, item.symbol, (item.start, item.end), item.bar)
    except SourceError as error:
        fault = error
    try:
        with transaction(db) as connection:
            record.ensure(connection)
            if fault is None or not fault.transient:
                asked = (item.start, item.end)
                rows = archive.save(connection, snapshot, asked=asked, fetched_at=now()) if snapshot else 0
                _close(connection, item, rows, now(), None if fault is None else str(fault))
                if rows:
                    states.put_pending(connection, [(item.event_id, f"{item.bar} bars of {item.symbol} came")])
    except (SourceError, sqlite3.IntegrityError) as error:
        return MalformedAnswer(f"bars that cannot be: {error}", source=item.source, symbol=item.symbol)
    if snapshot is not None:
        record.note("capture", f"{item.source}:{item.symbol}:{item.bar}", "ok", f"{rows} new or revised bars")
    return fault


def _close(connection: sqlite3.Connection, item: Capture, rows: int, now: dt.datetime, reason: str | None) -> None:
    connection.execute(
        "insert or replace into captures values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (*item.place, item.due_at, stamp(now), item.start.isoformat(), item.end.isoformat(), rows, reason),
    )
