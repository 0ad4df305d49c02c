"""Pull every price that the due events need into the archive."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from sqlite_utils import Database

from eventstudy.config import Config
from eventstudy.errors import SourceError
from eventstudy.ledger import Run
from eventstudy.prices import archive, open_source
from eventstudy.prices.assets import symbols_of
from eventstudy.records import Event
from eventstudy.store.database import transaction

# Five sessions take seven calendar days; the rest is for holidays.
CALENDAR_DAYS_PER_SESSION = 1.6

Faults = dict[tuple[str, str], SourceError]


def pull(
    config: Config,
    db: Database,
    record: Run,
    due: Sequence[Event],
    started: dt.datetime,
    now: Callable[[], dt.datetime],
    talk: Callable[[str], None],
) -> Faults:
    """Fetch every symbol that the events `due` need; return the faults, which are named and never become a result."""
    ranges: dict[tuple[str, str], tuple[dt.date, dt.date]] = {}
    for event in due:
        reach = _reach(config, event, started)
        names = {*event.assets, *(s.benchmark for s in config.studies if s.benchmark)}
        for key in sorted(frozenset().union(*(symbols_of(config, name) for name in names))):
            old = ranges.get(key, reach)
            ranges[key] = (min(old[0], reach[0]), max(old[1], reach[1]))
    faults: Faults = {}
    sources = {name: open_source(name, config.sources[name], now) for name in {key[0] for key in ranges}}
    for (name, symbol), (start, end) in ranges.items():
        talk(f"{symbol} from {name}")
        try:
            snapshot = sources[name].fetch(symbol, start, end)
        except SourceError as fault:
            faults[name, symbol] = fault
            record.note("pull", f"{name}:{symbol}", "failed", str(fault))
            continue
        with transaction(db) as connection:
            rows = archive.save(connection, snapshot, asked=(start, end), fetched_at=now())
            if rows:
                record.ensure(connection)
                record.note("pull", f"{name}:{symbol}", "ok", f"{rows} new or revised rows")
    if any(fault.transient for fault in faults.values()):
        with transaction(db) as connection:
            record.ensure(connection)
    return faults


def _reach(config: Config, event: Event, now: dt.datetime) -> tuple[dt.date, dt.date]:
    """First and last calendar day whose prices the studies of `event` can use, placebo days included."""
    back = max(-2 * study.estimation.start for study in config.studies)
    ahead = max(study.event_window.end for study in config.studies)
    first = event.earliest.date() - dt.timedelta(days=int(back * CALENDAR_DAYS_PER_SESSION) + 10)
    last = event.latest.date() + dt.timedelta(days=int(ahead * CALENDAR_DAYS_PER_SESSION) + 10)
    return first, min(last, now.date())


