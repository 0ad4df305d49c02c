"""Pull every price that the due events need into the archive."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable, Mapping, Sequence

from sqlite_utils import Database

from eventstudy.config import Config
from eventstudy.errors import MalformedAnswer, SourceError
from eventstudy.ledger import Run
from eventstudy.prices import archive, open_source
from eventstudy.prices.assets import symbols_of
from eventstudy.prices.source import Source
from eventstudy.records import Event
from eventstudy.store.database import transaction

# Five sessions take seven calendar days; the rest is for holidays.
CALENDAR_DAYS_PER_SESSION = 1.6

Key = tuple[str, str]  # (source, symbol)
Span = tuple[dt.date, dt.date]  # first and last day, both included
Faults = dict[Key, SourceError]


def spans(config: Config, due: Sequence[Event], started: dt.datetime) -> dict[Key, Span]:
    """The days of prices that the studies of the events `due` need of every symbol."""
    out: dict[Key, Span] = {}
    for event in due:
        first, last = _reach(config, event, started)
        for key in symbols_for(config, event):
            old = out.get(key, (first, last))
            out[key] = (min(old[0], first), max(old[1], last))
    return out


def symbols_for(config: Config, event: Event) -> list[Key]:
    """Every (source, symbol) that the studies of `event` rest on, in a fixed order."""
    names = {*event.assets, *(study.benchmark for study in config.studies if study.benchmark)}
    return sorted(frozenset().union(*(symbols_of(config, name) for name in names)))


def pull(
    config: Config,
    db: Database,
    record: Run,
    wanted: Mapping[Key, Span],
    *,
    now: Callable[[], dt.datetime],
    stop: Callable[[], bool],
    talk: Callable[[str], None],
) -> Faults:
    """Fetch what is `wanted`; return the faults, which are named and never become a result."""
    faults: Faults = {}
    sources: dict[str, Source] = {}
    for (name, symbol), span in wanted.items():
        if stop():
            break
        talk(f"{symbol} from {name}")
        if name not in sources:
            sources[name] = open_source(name, config.sources[name], now)
        try:
            rows = _one(db, record, sources[name], symbol, span, now)
        except SourceError as fault:
            faults[name, symbol] = fault
            record.note("pull", f"{name}:{symbol}", "failed", str(fault))
            continue
        if rows:
            record.note("pull", f"{name}:{symbol}", "ok", f"{rows} new or revised rows")
    if any(fault.transient for fault in faults.values()):
        with transaction(db) as connection:
            record.ensure(connection)
    return faults


def _one(db: Database, record: Run, source: Source, symbol: str, span: Span, now: Callable[[], dt.datetime]) -> int:
    """Fetch one symbol and append what is new; return the number of rows written."""
    try:
        snapshot = source.fetch(symbol, *span)
    except SourceError:
        raise
    except Exception as error:  # an adapter that stumbles over an answer must not end the pass
        raise MalformedAnswer(f"{type(error).__name__}: {error}", source=source.name, symbol=symbol) from error
    try:
        with transaction(db) as connection:
            rows = archive.save(connection, snapshot, asked=span, fetched_at=now())
            if rows:
                record.ensure(connection)
    except sqlite3.IntegrityError as error:
        raise MalformedAnswer(f"prices that cannot be: {error}", source=source.name, symbol=symbol) from error
    return rows


def _reach(config: Config, event: Event, now: dt.datetime) -> Span:
    """First and last calendar day whose prices the studies of `event` can use, placebo days included."""
    back = max(-2 * study.estimation.start for study in config.studies)
    ahead = max(study.event_window.end for study in config.studies)
    first = _moved(event.earliest.date(), -int(back * CALENDAR_DAYS_PER_SESSION) - 10)
    last = _moved(event.latest.date(), int(ahead * CALENDAR_DAYS_PER_SESSION) + 10)
    return first, min(last, now.date())


def _moved(day: dt.date, days: int) -> dt.date:
    """`day` moved by `days`, as far as the calendar goes: one event in the year 1 must not end the pass."""
    return dt.date.fromordinal(min(max(day.toordinal() + days, 1), dt.date.max.toordinal()))
