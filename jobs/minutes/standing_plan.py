"""Which bars of every asset are due to be collected, and what the source has dropped meanwhile; light."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from eventstudy.bar_sizes import MINUTES
from eventstudy.config.model import Config
from jobs.minutes.capture_plan import WALL_DAYS, Collected

DAY = dt.timedelta(days=1)


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


def not_collected(config: Config) -> Iterator[tuple[str, str]]:
    """Source and size of bars of which a study needs more sessions than the source remembers, and no pass collects."""
    dropping = {name for name, source in config.sources.items() if source.kind == "yahoo"}
    sources = sorted({source for source, _ in series_of(config)} & dropping)
    short = [s.bar for s in config.clock_studies if s.reference_sessions > WALL_DAYS[s.bar] * 5 // 7]
    for bar in dict.fromkeys(short):
        if not any(MINUTES[bar] % MINUTES[kept] == 0 for kept in config.captures.standing):
            yield from ((source, bar) for source in sources)


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
