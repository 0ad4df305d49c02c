"""Silent faults: answers that look well and are false. Every verdict is held against that of an honest source.

Two years run side by side through the same nights and corrections, one of them with a source that at some answers
begins to lie about a symbol, for one night, some nights, or for good. After every night each published verdict must be
that of the honest year, or none. A verdict may differ where days of its estimation window were left out with a note,
and its cumulative abnormal return is that of the honest year to within a quarter of its standard error.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import random
import sqlite3
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from eventstudy.config.load import load_config
from eventstudy.events.build import from_config
from eventstudy.records import Snapshot
from jobs import nightly, pull
from tests.soak.world import INDEX, PlainSource, Size, World, write_settings

KINDS = (
    "another symbol's prices",
    "× 100",
    "a split not applied",
    "a frozen price",
    "a hole",
    "dates a day off",
    "a live quote as close",
    "another currency",
    "yesterday's answer again",
    "a missing dividend",
)
BARS = ("open", "high", "low", "close", "adjusted")
NOT_COMPUTABLE = "not computable"
LIVE = np.timedelta64(3, "h")  # before the close a live quote was taken, which it tells: an answer knows its last trade
PAYOUT, EX_EVERY = 0.04, 40  # a dividend of 4 %, every 40 sessions
NIGHTS = (1, 3, 8, 10**6)  # how long a fault stands; the last is for good


@dataclasses.dataclass(frozen=True)
class Lie:
    """A fault of one symbol: what, about which session, of which days, from and until which night."""

    kind: str
    session: np.datetime64
    length: int
    since: int
    until: int
    other: str


class SilentSource(PlainSource):
    """The world with whole bars and dividends; a share of its answers starts a fault of the symbol that was asked for.

    Attributes
    ----------
    hit : Counter
        Answers that were false, by kind.
    lies : dict of str to Lie
        What is wrong with a symbol now.
    past : dict of str to set of str
        All kinds that a symbol has had.
    """

    def __init__(
        self, world: World, lying: float, chance: random.Random, now: Callable[[], dt.datetime], kinds: tuple[str, ...]
    ) -> None:
        super().__init__(world, 0.0, chance, now)
        self.lying, self.kinds, self.night = lying, kinds, 0
        self.hit: Counter[str] = Counter()
        self.lies: dict[str, Lie] = {}
        self.past: dict[str, list[str]] = {}

    def fetch(self, symbol: str, start: dt.date, end: dt.date, *, bar: str = "1d") -> Snapshot:
        assert bar == "1d"
        given = self.whole(symbol, start, end)
        lie = self.lies.get(symbol)
        if lie is not None and lie.until <= self.night:
            del self.lies[symbol]
            lie = None
        if lie is None and self.chance.random() < self.lying:
            lie = Lie(
                kind=self.chance.choice(self.kinds),
                session=given.sessions[-self.chance.randint(1, min(6, given.sessions.size))],
                length=self.chance.randint(3, 12),
                since=self.night,
                until=self.night + self.chance.choice(NIGHTS),
                other=self.chance.choice([name for name in self.world.closes if name != symbol]),
            )
            self.lies[symbol] = lie
            self.past.setdefault(symbol, []).append(lie.kind)
        if lie is None:
            return given
        told = self.lie(given, lie, start, end)
        self.hit[lie.kind] += not _same(told, given)
        return told

    def about(self, symbol: str) -> str:
        """The kind of fault that bears on results of `symbol`: its own or its benchmark's, the newest that stands."""
        newest = sorted((-self.lies[name].since, name) for name in {symbol, INDEX} & self.lies.keys())
        standing = [self.lies[name].kind for _, name in newest]
        over = [self.past[name][-1] for name in (symbol, INDEX) if name in self.past]
        return next(iter([*standing, *over]), "")

    def whole(self, symbol: str, start: dt.date, end: dt.date) -> Snapshot:
        """An honest answer, with the bars and the dividends of the symbol."""
        plain = PlainSource.fetch(self, symbol, start, end)
        place = np.searchsorted(self.world.sessions, plain.sessions)
        closes, first = self.world.closes[symbol], sum(map(ord, symbol)) % EX_EVERY
        is_ex = (np.arange(closes.size) % EX_EVERY == first) & (np.arange(closes.size) > 0) & (symbol != INDEX)
        quoted = np.round(closes * np.cumprod(np.where(is_ex, 1.0 - PAYOUT, 1.0)), 4)
        before = np.concatenate((quoted[:1], quoted[:-1]))
        paid = np.where(is_ex, PAYOUT * before, 0.0)
        adjusted = np.cumprod((quoted + paid) / before) * quoted[0]
        return dataclasses.replace(
            plain,
            close=quoted[place],
            open=quoted[place],
            high=quoted[place] * 1.01,
            low=quoted[place] * 0.99,
            volume=np.full(place.size, 1e6),
            adjusted=adjusted[place],
            dividends=paid[place],
            splits=np.ones(place.size),
        )

    def lie(self, given: Snapshot, lie: Lie, start: dt.date, end: dt.date) -> Snapshot:  # noqa: PLR0911
        """What is told instead of `given`."""
        later = given.sessions >= lie.session
        run = later & (np.cumsum(later) <= lie.length)
        match lie.kind:
            case "another symbol's prices":
                return dataclasses.replace(self.whole(lie.other, start, end), symbol=given.symbol)
            case "× 100":
                return _times(given, np.where(run, 100.0, 1.0))
            case "a split not applied":
                at = given.sessions == lie.session
                return dataclasses.replace(_times(given, np.where(later, 1.0, 4.0)), splits=np.where(at, 4.0, 1.0))
            case "a frozen price":
                frozen = np.flatnonzero(run)
                place = np.arange(given.sessions.size)
                place[frozen] = frozen[0] if frozen.size else 0
                return dataclasses.replace(given, **{name: getattr(given, name)[place] for name in BARS})
            case "a hole":
                return _keep(given, given.sessions != lie.session)
            case "dates a day off":
                day = np.timedelta64(1, "D")
                return dataclasses.replace(given, sessions=given.sessions - day, instants=given.instants - day)
            case "a live quote as close":
                is_live = given.sessions == lie.session
                live = _times(given, 1.0 + 0.012 * np.where(is_live, 1 - 2 * (lie.length % 2), 0))
                return dataclasses.replace(live, instants=given.instants - np.where(is_live, LIVE, 0 * LIVE))
            case "another currency":
                return dataclasses.replace(_times(given, np.full(later.size, 0.8)), currency="GBP")
            case "yesterday's answer again":
                return _keep(given, given.sessions < max(lie.session, given.sessions[min(1, later.size - 1)]))
            case _:
                return dataclasses.replace(given, dividends=np.zeros(later.size))


def _times(given: Snapshot, factor: np.ndarray) -> Snapshot:
    return dataclasses.replace(given, **{name: getattr(given, name) * factor for name in BARS})


def _keep(given: Snapshot, kept: np.ndarray) -> Snapshot:
    names = (*BARS, "sessions", "instants", "volume", "dividends", "splits")
    return dataclasses.replace(given, **{name: getattr(given, name)[kept] for name in names})


def _same(one: Snapshot, two: Snapshot) -> bool:
    names = ("sessions", "close", "dividends", "splits")
    return one.currency == two.currency and all(np.array_equal(getattr(one, n), getattr(two, n)) for n in names)


@dataclasses.dataclass
class Silent:
    """What silent faults did, by kind; windows are counted once each."""

    hit: Counter[str]
    refused: dict[str, set[Any]]
    left_out: dict[str, set[Any]]
    wrong: dict[str, dict[Any, str]]
    compared: int = 0

    @property
    def table(self) -> str:
        """Kind of fault × answers hit, verdicts refused, verdicts with days left out, wrong verdicts."""
        lines = [f"{'silent fault':26} {'answers hit':>11} {'refused':>8} {'left out':>9} {'wrong':>6}"]
        for kind in KINDS:
            counts = (len(part.get(kind, ())) for part in (self.refused, self.left_out, self.wrong))
            refused, left_out, wrong = counts
            lines.append(f"{kind:26} {self.hit[kind]:>11} {refused:>8} {left_out:>9} {wrong:>6}")
        return "\n".join(lines)

    @property
    def gaps(self) -> list[str]:
        """The first wrong verdict of every kind that has one: which, when it was told, and what it should be."""
        first = {kind: next(iter(cases.items())) for kind, cases in self.wrong.items()}
        return [f"GAP: {kind}: {'/'.join(map(str, key))}, {what}" for kind, (key, what) in first.items()]

    @property
    def n_wrong(self) -> int:
        return len(set().union(*self.wrong.values())) if self.wrong else 0


def silent_year(folder: Path, size: Size, lying: float = 0.03, kinds: tuple[str, ...] = KINDS) -> Silent:
    """Run the two years in `folder` and compare them after every night."""
    from tests.soak.year import Clock

    sides = []
    for name, share in (("honest", 0.0), ("silent", lying)):
        (folder / name).mkdir()
        config = load_config(write_settings(folder / name, size, {"kind": "yahoo"}), environ={})
        clock = Clock()
        source = SilentSource(World(size), share, random.Random(size.seed + 1), clock, kinds)
        sides.append((config, from_config(config), clock, source, random.Random(size.seed)))
    lies = sides[1][3]
    found = Silent(lies.hit, {}, {}, {})
    real = pull.open_source
    try:
        for number in (*range(size.nights), size.nights + 4, size.nights + 9):
            for config, events, clock, source, chance in sides:
                clock.moment, source.night = size.night(number), number
                if number < size.nights:
                    source.world.revise(chance, clock.moment)
                pull.open_source = lambda *_, source=source: source
                nightly.run(config, events, now=clock, trigger="soak")
            _compare(found, lies, *(_verdicts(side[0].database) for side in sides))
    finally:
        pull.open_source = real
    return found


def _verdicts(database: Path) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    with contextlib.closing(sqlite3.connect(database)) as connection:
        rows = connection.execute(
            "select study_id, event_id, asset, alignment, window_start, window_end, verdict, car, car_se, "
            "texts.text like '%left out%' from window_results join analyses using (analysis_id) "
            "join texts on text_id = notes_id"
        ).fetchall()
    return {row[:6]: row[6:] for row in rows}


def _compare(found: Silent, lies: SilentSource, honest: dict[Any, Any], silent: dict[Any, Any]) -> None:
    """Count every verdict of the honest year that is none in the other, or another."""
    for key, (verdict, car, se, _) in honest.items():
        kind = lies.about(key[2])
        if not kind:
            continue
        if key not in silent or silent[key][0] == NOT_COMPUTABLE:
            if verdict != NOT_COMPUTABLE:
                found.refused.setdefault(kind, set()).add(key)
            continue
        found.compared += 1
        told, told_car, _, is_left_out = silent[key]
        if is_left_out:
            found.left_out.setdefault(kind, set()).add(key)
        is_near = is_left_out and None not in (car, se, told_car) and abs(told_car - car) <= se / 4
        if told != verdict and not is_near:
            what = f"night {lies.night}: {verdict} ({car:.4f}) told as {told} ({told_car:.4f})"
            had = [*lies.past.get(key[2], ()), *(f"{name} of {INDEX}" for name in lies.past.get(INDEX, ()))]
            found.wrong.setdefault(kind, {}).setdefault(key, f"{what}; faults so far: {', '.join(had)}")
