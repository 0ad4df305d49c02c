"""A made-up market: symbols whose prices are known for every day, announcements about them, and a source that fails."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import random
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from eventstudy.errors import MalformedAnswer, NoDataInRange, RateLimited, SourceDown
from eventstudy.records import Snapshot

FIRST_NIGHT = dt.datetime(2025, 1, 6, 23, 30, tzinfo=dt.UTC)  # a Monday
# Calendar days of prices before it: twice the estimation window, for placebo days, and holidays.
BEFORE = 260
INDEX = "INDEX"
CLOSE = dt.timedelta(hours=21)
FAULTS = ("down", "rate", "malformed", "nothing", "stale")


@dataclasses.dataclass(frozen=True)
class Size:
    """How large the world is."""

    nights: int = 250
    events: int = 2000
    symbols: int = 100
    seed: int = 20260105

    @property
    def names(self) -> list[str]:
        return [f"S{i:03}" for i in range(self.symbols)]

    def night(self, number: int) -> dt.datetime:
        """Weekday nights one after the other; 0 is the first."""
        weeks, days = divmod(number, 5)
        return FIRST_NIGHT + dt.timedelta(weeks=weeks, days=days)


class World:
    """Prices of every symbol on every weekday, some of which are corrected later."""

    def __init__(self, size: Size) -> None:
        self.size = size
        first = FIRST_NIGHT.date() - dt.timedelta(days=BEFORE)
        last = size.night(size.nights + 10).date()
        days = np.arange(first, last, dtype="datetime64[D]")
        self.sessions = days[np.is_busday(days)]
        rng = np.random.default_rng(size.seed)
        market = rng.normal(0.0003, 0.01, self.sessions.size)
        self.closes = {INDEX: _path(market)}
        for name in size.names:
            self.closes[name] = _path(rng.uniform(0.5, 1.5) * market + rng.normal(0.0, 0.015, self.sessions.size))
        self.revised: list[tuple[str, np.datetime64]] = []

    def revise(self, chance: random.Random, now: dt.datetime) -> str:
        """Correct one of the last five closes of some symbol by a tenth of a percent; return the symbol."""
        past = int(np.searchsorted(self.sessions, np.datetime64(now.date())))
        name, place = chance.choice(self.size.names), past - chance.randint(1, 5)
        self.closes[name][place] *= 1.001
        self.revised.append((name, self.sessions[place]))
        return name

    def snapshot(self, source: str, symbol: str, start: dt.date, end: dt.date, now: dt.datetime) -> Snapshot:
        """What an honest source would say at `now`."""
        instants = self.sessions.astype("datetime64[ns]") + np.timedelta64(CLOSE)
        inside = (self.sessions >= np.datetime64(start)) & (self.sessions <= np.datetime64(end))
        keep = inside & (instants <= np.datetime64(now.replace(tzinfo=None)))
        if not keep.any():
            raise NoDataInRange("no session in these dates", source=source, symbol=symbol)
        return Snapshot(
            source=source,
            symbol=symbol,
            currency="USD",
            version="world 1",
            sessions=self.sessions[keep],
            instants=instants[keep],
            close=self.closes[symbol][keep].copy(),
            dividends=np.zeros(int(keep.sum())),
        )


def _path(returns: np.ndarray) -> np.ndarray:
    return np.round(100.0 * np.exp(np.cumsum(returns)), 4)


@dataclasses.dataclass(frozen=True)
class Facts:
    """What the source can give: days."""

    bars: frozenset[str] = frozenset({"1d"})
    is_file: bool = False


class PlainSource:
    """The world as a source in this process, which goes wrong at `share` of the calls.

    Attributes
    ----------
    bars : mapping
        Size of a bar → symbol → all of its bars.
    told : Counter
        Faults so far, by kind, and calls in all.
    """

    def __init__(
        self,
        world: World,
        share: float,
        chance: random.Random,
        now: Callable[[], dt.datetime],
        bars: Mapping[str, Mapping[str, Snapshot]] | None = None,
    ) -> None:
        self.bars = bars or {}
        self.name, self.version, self.facts = "world", "world 1", Facts(frozenset({"1d", *self.bars}))
        self.world, self.share, self.chance, self.now = world, share, chance, now
        self.told: Counter[str] = Counter()

    def refresh(self, symbol: str) -> None:
        """Nothing to do: the world itself is asked."""

    def fetch(self, symbol: str, start: dt.date, end: dt.date, *, bar: str = "1d") -> Snapshot:
        self.told["calls"] += 1
        kind = self.chance.choice(FAULTS) if self.chance.random() < self.share else ""
        about = {"source": self.name, "symbol": symbol}
        if kind:
            self.told[kind] += 1
        if kind == "down":
            raise SourceDown("no route to host", **about)
        if kind == "rate":
            raise RateLimited("slow down", **about)
        if kind == "malformed":
            raise MalformedAnswer("half an answer", **about)
        if kind == "nothing":
            raise NoDataInRange("no session in these dates", **about)
        found = self._snapshot(symbol, start, end, bar)
        if kind == "stale" and found.sessions.size > 3:  # the last sessions are not there yet
            return cut(found, slice(None, -3))
        return found

    def _snapshot(self, symbol: str, start: dt.date, end: dt.date, bar: str) -> Snapshot:
        if bar == "1d":
            found = self.world.snapshot(self.name, symbol, start, end, self.now())
            return dataclasses.replace(found, calendar="XNYS") if self.bars else found  # whose sessions the bars are of
        given, now = self.bars[bar][symbol], np.datetime64(self.now().replace(tzinfo=None))
        first, last = np.searchsorted(given.sessions, [np.datetime64(start), np.datetime64(end) + 1])
        last = min(last, np.searchsorted(given.instants, now, side="right"))
        if first >= last:
            raise NoDataInRange("no bar in these dates", source=self.name, symbol=symbol)
        return cut(given, slice(first, last))


def cut(found: Snapshot, rows: slice) -> Snapshot:
    """Some rows of an answer."""
    values = {field.name: getattr(found, field.name) for field in dataclasses.fields(found)}
    return dataclasses.replace(found, **{name: v[rows] for name, v in values.items() if isinstance(v, np.ndarray)})


def write_settings(folder: Path, size: Size, source: dict[str, object]) -> Path:
    """The settings of the world, with its announcements spread evenly over the nights, in `folder`."""
    chance = random.Random(size.seed)
    assets = "\n".join(f"  {name}: {{source: world}}" for name in (INDEX, *size.names))
    events = []
    for i in range(size.events):
        day = size.night(i * size.nights // size.events).date()
        at = f"{day}T{chance.randint(7, 20):02}:{chance.randint(0, 59):02}Z"
        asset = chance.choice(size.names)
        events.append(f'  - {{id: e{i:05}, title: Event {i} of {asset}, announced_at: "{at}", assets: [{asset}]}}')
    text = f"""\
version: 1
database: {folder}/es.db
reports: {folder}/reports
sources: {{world: {json.dumps(source)}}}
assets:
{assets}
studies:
  - id: market
    model: market
    benchmark: {INDEX}
    returns: log
    estimation: [-60, -11]
    event_window: [-1, 1]
    windows: [[0, 0], [0, 1]]
captures: {{bars: []}}
events:
{chr(10).join(events)}
"""
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return path
