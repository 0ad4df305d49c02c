"""Intraday bars around an announcement, kept before the source drops them.

A source serves bars of a minute for a month and never again. What is due is decided by `due`, from the settings and
from what was captured before; `capture` asks for it and stores it.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from sqlite_utils import Database

from eventstudy.config import CapturesConfig, Config
from eventstudy.errors import MalformedAnswer, SourceError, UnknownSymbol
from eventstudy.ledger import Run
from eventstudy.prices import archive, open_source
from eventstudy.prices.source import Source
from eventstudy.records import Event, Snapshot
from eventstudy.store.beside import stamp
from eventstudy.store.database import transaction
from jobs.pull import Key, symbols_for

# Days that bars of each size are served for; Yahoo's walls, which other free sources share or undercut.
WALL_DAYS: Mapping[str, int] = {"1m": 30, "5m": 60, "15m": 60, "30m": 60, "1h": 730}

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_DAY = dt.timedelta(days=1)

Place = tuple[str, str, str, str]  # event, source, symbol, bar
Done = tuple[str, dt.date]  # newest due_at that is done, and the last day that was asked for then


class Facts(Protocol):
    """What a source can give."""

    @property
    def bars(self) -> Collection[str]:
        """Sizes of bars."""
        ...


@runtime_checkable
class BarSource(Protocol):
    """A source that gives bars of more than one size."""

    @property
    def facts(self) -> Facts:
        """What it can give."""
        ...

    def fetch(self, symbol: str, start: dt.date, end: dt.date, *, bar: str) -> Snapshot:
        """Bars of `symbol` in [start, end], both included."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """Bars to ask for, from the day `start` to the day `end`."""

    event_id: str
    source: str
    symbol: str
    bar: str
    due_at: str
    start: dt.date
    end: dt.date

    @property
    def place(self) -> Place:
        """What it is of, whenever it is done."""
        return self.event_id, self.source, self.symbol, self.bar


def due(
    settings: CapturesConfig,
    events: Sequence[Event],
    symbols: Callable[[Event], Sequence[Key]],
    bars: Mapping[str, Collection[str]],
    done: Mapping[Place, Done],
    now: dt.datetime,
) -> list[Capture]:
    """What should be captured now, in the order of the events.

    Each announcement has moments: `after` it, and once the last of its days is over. The newest moment that has come
    is due unless it is done; one that could not be done stays due until the wall. No day is asked for again once it
    was over when it was asked for.

    Parameters
    ----------
    settings : CapturesConfig
    events : sequence of Event
    symbols : callable
        (source, symbol) of everything that the studies of an event rest on.
    bars : mapping
        Source → sizes of bars that it gives.
    done : mapping
        What was captured before.
    now : datetime
        UTC.
    """
    out = []
    for event in events:
        for bar in settings.bars:
            wall = now - dt.timedelta(days=WALL_DAYS[bar])
            if event.kind == "context" or not wall < event.latest <= now:
                continue
            moment = _moment(settings, event, now)
            first = max(event.earliest.date() - settings.days * _DAY, wall.date() + _DAY)
            last = min(event.latest.date() + settings.days * _DAY, now.date())
            if moment is None:
                continue
            for source, symbol in symbols(event):
                known = done.get((event.event_id, source, symbol, bar), ("", dt.date.min))
                start = max(first, known[1])
                if bar in bars.get(source, ()) and moment > known[0] and start <= last:
                    out.append(
                        Capture(
                            event_id=event.event_id,
                            source=source,
                            symbol=symbol,
                            bar=bar,
                            due_at=moment,
                            start=start,
                            end=last,
                        )
                    )
    return out


def capture(
    config: Config,
    db: Database,
    record: Run,
    events: Sequence[Event],
    *,
    now: Callable[[], dt.datetime],
    stop: Callable[[], bool],
    talk: Callable[[str], None],
    opener: Callable[[str], Source | BarSource] | None = None,
) -> list[str]:
    """Capture what is due of `events`; return what went wrong that may pass, a sentence each.

    A capture that failed for a reason that may pass is due again in the next pass; any other answer closes it.

    Parameters
    ----------
    opener : callable, optional
        Opens a source by its name; by default as the settings describe it.
    """
    settings = config.captures
    opener = opener or (lambda name: open_source(name, config.sources[name], now))
    oldest = now() - dt.timedelta(days=max((WALL_DAYS[bar] for bar in settings.bars), default=0))
    recent = [event for event in events if event.latest > oldest]
    if not recent:
        return []
    sources = {name: source for name in config.sources if isinstance(source := opener(name), BarSource)}
    offered = {name: source.facts.bars for name, source in sources.items()}
    troubles = []
    for item in due(settings, recent, lambda e: symbols_for(config, e), offered, _done(db.conn), now()):
        if stop():
            break
        talk(f"{item.bar} bars of {item.symbol} from {item.source}")
        fault = _one(db, record, sources[item.source], item, now)
        if fault is not None and (fault.transient or isinstance(fault, UnknownSymbol)):
            record.note("capture", f"{item.source}:{item.symbol}:{item.bar}", "failed", str(fault))
            troubles.append(f"bars of {item.bar} for {item.event_id}: {fault}")
    return troubles


def _one(
    db: Database, record: Run, source: BarSource, item: Capture, now: Callable[[], dt.datetime]
) -> SourceError | None:
    """Ask, store, and write down that it is done, as one unit of work; return what was wrong."""
    snapshot, fault = None, None
    try:
        snapshot = source.fetch(item.symbol, item.start, item.end, bar=item.bar)
    except SourceError as error:
        fault = error
    except Exception as error:  # noqa: BLE001  # an adapter that stumbles over an answer must not end the pass
        fault = MalformedAnswer(f"{type(error).__name__}: {error}", source=item.source, symbol=item.symbol)
    try:
        with transaction(db) as connection:
            record.ensure(connection)
            if fault is None or not fault.transient:
                asked = (item.start, item.end)
                rows = archive.save(connection, snapshot, asked=asked, fetched_at=now()) if snapshot else 0
                _close(connection, item, rows, now(), None if fault is None else str(fault))
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


def _done(connection: sqlite3.Connection) -> dict[Place, Done]:
    found = connection.execute(
        "select event_id, source, symbol, bar, max(due_at), asked_to from captures group by 1, 2, 3, 4"
    )
    return {(e, s, y, b): (due_at, dt.date.fromisoformat(to)) for e, s, y, b, due_at, to in found}


def _moment(settings: CapturesConfig, event: Event, now: dt.datetime) -> str | None:
    """The newest moment of `event` that has come, as text that sorts; None when the first is still to come."""
    over = dt.datetime.combine(event.latest.date() + (settings.days + 1) * _DAY, dt.time(), dt.UTC)
    moments = [*(event.latest + _length(span) for span in settings.after), over]
    return max((stamp(moment) for moment in moments if moment <= now), default=None)


def _length(span: str) -> dt.timedelta:
    return dt.timedelta(**{_UNITS[span[-1]]: int(span[:-1])})
