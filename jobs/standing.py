"""Bars of every asset, collected in each pass before the source drops them: reference sessions of tomorrow's news."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from sqlite_utils import Database

from eventstudy.archive import answers as archive
from eventstudy.config.model import Config
from eventstudy.database.connection import transaction
from eventstudy.errors import MalformedAnswer, SourceError, UnknownSymbol
from eventstudy.instants import stamp
from eventstudy.prices.source import Source
from eventstudy.store import states
from eventstudy.store.ledger import Run
from jobs.capture_plan import WALL_DAYS, Collected

DAY = dt.timedelta(days=1)
NEXT_SESSION = dt.timedelta(days=8)  # a window into the next session may still be open for so long


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Bars of one series to ask for, from the day `start` to the day `end`.

    Attributes
    ----------
    source, symbol, bar : str
    start, end : date
    lost : (date, date) or None
        First and last day that the source has dropped since it was last asked.
    """

    source: str
    symbol: str
    bar: str
    start: dt.date
    end: dt.date
    lost: tuple[dt.date, dt.date] | None = None

    @property
    def place(self) -> tuple[str, str, str]:
        """The series."""
        return self.source, self.symbol, self.bar


def collected(connection: sqlite3.Connection) -> Collected:
    """The days that are there of every series that is collected."""
    found = connection.execute("select source, symbol, bar, collected_from, collected_to from standing_captures")
    return {
        (source, symbol, bar): (dt.date.fromisoformat(first), dt.date.fromisoformat(last))
        for source, symbol, bar, first, last in found
    }


def due(
    config: Config, offered: Mapping[str, Collection[str]], there: Collected, now: dt.datetime
) -> Iterator[Standing]:
    """What to ask for: each series from the last day that is there, whose bars may have grown since, to today."""
    for source, symbol in series_of(config):
        for bar in config.captures.standing:
            if bar not in offered.get(source, ()):
                continue
            oldest = (now - dt.timedelta(days=WALL_DAYS[bar])).date() + DAY
            before = there.get((source, symbol, bar))
            lost = (before[1] + DAY, oldest - DAY) if before and before[1] + DAY < oldest else None
            if lost is not None and not any(day.weekday() < 5 for day in _days(*lost)):
                lost = None
            start = max(oldest, before[1]) if before else oldest
            yield Standing(source=source, symbol=symbol, bar=bar, start=start, end=now.date(), lost=lost)


def series_of(config: Config) -> list[tuple[str, str]]:
    """(source, symbol) of every asset that has a price of its own."""
    return sorted({(a.source, a.symbol or name) for name, a in config.assets.items() if a.source is not None})


def _days(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    while first <= last:
        yield first
        first += DAY


def words_of_loss(item: Standing) -> str:
    """What is gone, and what is still to be had."""
    assert item.lost is not None
    first, last = item.lost
    coarser = next((bar for bar, days in WALL_DAYS.items() if days > WALL_DAYS[item.bar]), None)
    rest = f"; bars of {coarser} are still to be had for {WALL_DAYS[coarser]} days" if coarser else ""
    gone = f"{item.bar} bars of {item.symbol} from {first} to {last} are lost for ever"
    return f"{gone}: {item.source} has dropped them{rest}"


def collect(
    config: Config,
    db: Database,
    record: Run,
    sources: Mapping[str, Source],
    offered: Mapping[str, Collection[str]],
    *,
    now: Callable[[], dt.datetime],
    stop: Callable[[], bool],
    talk: Callable[[str], None],
) -> list[str]:
    """Ask for what came since the last pass; return what went wrong, or was lost, a sentence each."""
    troubles = []
    for item in due(config, offered, collected(db.conn), now()):
        if stop():
            break
        talk(f"{item.bar} bars of {item.symbol} from {item.source}, as they come")
        fault = _one(db, record, sources[item.source], item, now)
        subject = ":".join(item.place)
        if fault is not None and (fault.transient or isinstance(fault, UnknownSymbol)):
            record.note("capture", subject, "failed", str(fault))
            troubles.append(f"{item.bar} bars: {fault}")
        elif item.lost is not None:
            record.note("capture", subject, "failed", words_of_loss(item))
            troubles.append(words_of_loss(item))
    return troubles


def _one(
    db: Database, record: Run, source: Source, item: Standing, now: Callable[[], dt.datetime]
) -> SourceError | None:
    snapshot, fault = None, None
    try:
        snapshot = source.fetch(item.symbol, item.start, item.end, bar=item.bar)
    except SourceError as error:
        fault = error
    except Exception as error:  # noqa: BLE001  # an adapter that stumbles over an answer must not end the pass
        fault = MalformedAnswer(f"{type(error).__name__}: {error}", source=item.source, symbol=item.symbol)
    if fault is not None and (fault.transient or isinstance(fault, UnknownSymbol)):
        return fault
    before = collected(db.conn).get(item.place)
    first = before[0] if before and item.lost is None else item.start
    try:
        if snapshot is None and before == (first, item.end):
            return fault
        with transaction(db) as connection:
            asked = (item.start, item.end)
            rows = archive.save(connection, snapshot, asked=asked, fetched_at=now()) if snapshot else 0
            if before != (first, item.end):
                connection.execute(
                    "insert or replace into standing_captures values (?, ?, ?, ?, ?)",
                    (*item.place, first.isoformat(), item.end.isoformat()),
                )
            if rows:
                record.ensure(connection)
                since = dt.datetime.combine(item.start, dt.time(), dt.UTC) - NEXT_SESSION
                why = f"{item.bar} bars of {item.symbol} came"
                states.put_pending(connection, [(event, why) for event in _since(connection, since, now())])
    except (SourceError, sqlite3.IntegrityError) as error:
        return MalformedAnswer(f"bars that cannot be: {error}", source=item.source, symbol=item.symbol)
    if snapshot is not None and rows:
        record.note("capture", ":".join(item.place), "ok", f"{rows} new or revised bars")
    return fault


def _since(connection: sqlite3.Connection, since: dt.datetime, now: dt.datetime) -> list[str]:
    """Announcements that new bars can bear on."""
    found = connection.execute(
        "select event_id from events where kind <> 'context' and latest between ? and ?", (stamp(since), stamp(now))
    )
    return [event_id for (event_id,) in found]
