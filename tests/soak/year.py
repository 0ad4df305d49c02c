"""A year of nights in minutes: ``python -m tests.soak.year``. Prints a table; exit code 1 when a promise was broken.

Every night is a real pass on a real database, at a time that travels. The source is real yfinance, asking a stand-in
server on loopback; or, with ``--plain``, the made-up world in this process. It goes wrong at one call in twenty, a
price is corrected every night, and some passes are told to stop in the middle. At the end nights without faults follow,
and then:

* nothing is lost: every announcement has its result, the same to the byte as in a new database that is studied once
  from the archived prices;
* nothing is out of date: the prices of every event window are those that the source has, corrections included;
* nothing is doubled: a further pass changes no byte, and no price stands twice without having been corrected;
* the database passes the checks of SQLite and its references;
* memory, and the growth of the file per night, are flat.

Then the same nights follow with a source that lies in silence (`tests.soak.silent`): no verdict may be false.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import datetime as dt
import functools
import hashlib
import itertools
import random
import re
import sqlite3
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.archive import answers as archive
from eventstudy.config.load import load_config
from eventstudy.config.model import CapturesConfig
from eventstudy.events.build import from_config
from eventstudy.records import Snapshot
from jobs import nightly, pull
from jobs.minutes import captures
from tests.soak import everything
from tests.soak.silent import silent_year
from tests.soak.world import INDEX, Facts, PlainSource, Size, World, write_settings
from tests.support import passes

# Of the nights, those that are told to stop in the middle.
STOPPED = 0.04
# And with everything on, those that are killed, and that meet a full disk.
KILLED, FULL = 0.06, 0.03
PAGE_BYTES = 4096
# What a source says of each of its answers, of which the archive has all, and a pass those that had come.
OF_AN_ANSWER = re.compile(r'"Yahoo daily bars; [^"]*", ')
# Of a collection, but how often it was looked at, and Holm's p, which counts those by the minute.
AVERAGES = "study, asset, tag, window_start, window_end, n_events, caar, test, statistic, p, input_hash"


class Clock:
    """Stands still unless it is set; a second passes with every look at it."""

    def __init__(self) -> None:
        self.moment = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        self.moment += dt.timedelta(seconds=1)
        return self.moment


@dataclasses.dataclass(frozen=True)
class Night:
    """What one night cost and left."""

    number: int
    status: str
    seconds: float
    cpu: float  # processor seconds, of which the stand-in server has its part
    memory: float  # MB in use
    file: float  # MB of the database
    studied: int


@dataclasses.dataclass
class Soak:
    """The whole of it: nights, what was injected, and every promise that was broken."""

    size: Size
    nights: list[Night] = dataclasses.field(default_factory=list)
    injected: Counter[str] = dataclasses.field(default_factory=Counter)
    broken: list[str] = dataclasses.field(default_factory=list)
    seconds: float = 0.0

    def require(self, is_kept: bool, promise: str) -> None:
        if not is_kept:
            self.broken.append(promise)


def soak(
    folder: Path,
    size: Size,
    *,
    share: float = 0.05,
    plain: bool = False,
    is_all_on: bool = False,
    talk: Callable[[str], None] = print,
) -> Soak:
    """Run all nights in `folder`, then look whether the promises were kept.

    With `is_all_on` there are bars and studies by the minute, collections and claims too, and passes are killed or meet
    a full disk.
    """
    began = time.monotonic()
    found, clock, chance = Soak(size), Clock(), random.Random(size.seed)
    world = World(size)
    bars = everything.bars_of(world) if is_all_on else {}
    with _source(world, share, chance, clock, folder, plain, bars) as (settings, source):
        path = write_settings(folder, size, settings)
        if is_all_on:
            everything.with_everything(path, world)
        config = load_config(path, environ={})
        events = from_config(config)
        with _asking(source):
            for number in range(size.nights):
                clock.moment = size.night(number)
                source.refresh(world.revise(chance, clock.moment))
                limit = chance.randint(1, 2 * size.symbols) if chance.random() < STOPPED else None
                if is_all_on and (how := _disturbance(chance)):
                    seconds = chance.random() * (found.nights[-1].seconds if found.nights else 1.0)
                    work = functools.partial(_night, config, events, clock, number, limit)
                    everything.disturbed(work, config.database, how, seconds)
                    found.injected[how] += 1
                    continue
                found.nights.append(_night(config, events, clock, number, limit))
                found.injected["stopped"] += found.nights[-1].status == "interrupted"
                if (number + 1) % max(size.nights // 10, 1) == 0:
                    talk(_line(found.nights[-1]))
            source.share = 0.0
            # two weeks later all windows are over and every price has been asked for again
            for later in (5, 10):
                clock.moment = size.night(size.nights - 1 + later)
                found.nights.append(_night(config, events, clock, size.nights - 1 + later, None))
            talk(_line(found.nights[-1]))
            before = _fingerprint(config.database)
            nightly.run(config, events, now=clock, trigger="soak")
            found.require(_fingerprint(config.database) == before, "a pass without news changed the database")
        found.injected.update(source.told)
    found.injected["corrected"] = len(world.revised)
    _check(found, config, events, clock, folder)
    _true(found, config.database, world, events)
    if is_all_on:
        for fault in everything.faults(config.database, world, bars, events):
            found.require(False, fault)
    found.seconds = time.monotonic() - began
    return found


def _disturbance(chance: random.Random) -> str:
    """What happens to a pass of the night; mostly nothing."""
    drawn = chance.random()
    return "killed" if drawn < KILLED else "full" if drawn < KILLED + FULL else ""


def _night(config: Any, events: Any, clock: Clock, number: int, limit: int | None) -> Night:
    """One pass; it is told to stop after `limit` units of work."""
    left = iter(range(limit)) if limit is not None else None
    began, used = time.monotonic(), time.process_time()
    result = nightly.run(
        config,
        events,
        now=clock,
        trigger="soak",
        stop=lambda: left is not None and next(left, None) is None,
    )
    return Night(
        number=number,
        status=result.status,
        seconds=time.monotonic() - began,
        cpu=time.process_time() - used,
        memory=_memory(),
        file=config.database.stat().st_size / 1e6,
        studied=passes.rows(config.database, "select count(*) from analyses where status = 'ok'")[0][0],
    )


@contextlib.contextmanager
def _asking(source: Any) -> Iterator[None]:
    """Let passes ask `source`, whatever the settings name."""
    real = pull.open_source
    pull.open_source = captures.open_source = lambda *_: source
    try:
        yield
    finally:
        pull.open_source = captures.open_source = real


@contextlib.contextmanager
def _source(
    world: World,
    share: float,
    chance: random.Random,
    clock: Clock,
    folder: Path,
    plain: bool,
    bars: Mapping[str, pd.DataFrame],
) -> Iterator[tuple[dict[str, object], Any]]:
    """Settings of the source, and the source."""
    settings: dict[str, object] = {"kind": "yahoo"}  # whoever stands in for it
    if plain:
        answers = {everything.BAR: everything.answers_of(bars)} if bars else None
        yield settings, PlainSource(world, share, chance, clock, answers)
    else:
        from tests.soak.yahoo import yahoo_source

        with yahoo_source(world, share, chance, clock, folder, bars) as source:
            yield settings, source


class Replay:
    """A source that has exactly the prices that an archive holds."""

    def __init__(self, database: Path) -> None:
        self.name, self.version, self.facts = "world", "world 1", Facts()
        self._connection = sqlite3.connect(database)

    def fetch(self, symbol: str, start: dt.date, end: dt.date, *, bar: str = "1d") -> Snapshot:
        del start, end, bar  # more than was asked for does no harm
        series = archive.load(self._connection, self.name, symbol, asset=symbol)
        return Snapshot(
            source=self.name,
            symbol=symbol,
            currency=series.currency,
            version=self.version,
            sessions=series.sessions,
            instants=series.instants,
            close=series.prices,
            dividends=np.zeros(series.sessions.size),
            notes=series.notes,
            calendar=archive.calendar_of(self._connection, (self.name, symbol, archive.DAILY)),
        )

    def close(self) -> None:
        self._connection.close()


def _check(found: Soak, config: Any, events: Any, clock: Clock, folder: Path) -> None:
    database = config.database
    found.require(passes.faults(database) == [], "the database does not pass the checks of SQLite")
    count = lambda sql: passes.rows(database, sql)[0][0]  # noqa: E731
    found.require(count("select count(*) from runs where status = 'running'") == 0, "a pass was left open")
    done = count("select count(*) from events where status = 'ok'")
    found.require(done == found.size.events, f"{found.size.events - done} announcements have no result")
    doubled = count(
        "select count(*) from price_revisions r join (select source, symbol, session from price_revisions "
        "where previous_close = close) using (source, symbol, session) where r.previous_close is null"
    )
    found.require(doubled == 0, f"{doubled} prices stand twice though they did not change")
    pages = len(list((folder / "reports").glob("e*.html")))
    found.require(pages == found.size.events, f"{pages} pages for {found.size.events} announcements")
    _compare(found, config, events, clock, folder)
    _flat(found)


def _true(found: Soak, database: Path, world: World, events: Any) -> None:
    """Every price of an event window is the one that the source has now, corrections included."""
    wrong = 0
    archived: dict[str, dict[Any, float]] = {}
    with contextlib.closing(sqlite3.connect(database)) as connection:
        for symbol in {INDEX}.union(*(event.assets for event in events)):
            series = archive.load(connection, "world", symbol, asset=symbol)
            archived[symbol] = dict(zip(series.sessions.tolist(), series.prices.tolist(), strict=True))
    for event in events:
        day0 = int(np.searchsorted(world.sessions, np.datetime64(event.earliest.date())))
        for symbol in (INDEX, *event.assets):
            for place in (day0 - 1, day0, day0 + 1):
                wrong += archived[symbol].get(world.sessions[place].item()) != world.closes[symbol][place]
    found.require(wrong == 0, f"{wrong} prices of event windows are not those that the source has")


def _compare(found: Soak, config: Any, events: Any, clock: Clock, folder: Path) -> None:
    """Study everything once more, in a new database, from the archived prices."""
    # bars of months ago are no more to be had: studies by the minute are held against run_study
    update = {"database": folder / "afresh.db", "reports": folder / "afresh", "clock_studies": ()}
    afresh = config.model_copy(update={**update, "captures": CapturesConfig(bars=())})
    replay = Replay(config.database)
    try:
        with _asking(replay):
            nightly.run(afresh, events, now=clock, trigger="soak")
    finally:
        replay.close()
    old, new = passes.results(config.database), passes.results(afresh.database)
    for table in ("events", "studies", "analyses", "windows", "tests", "daily", "joint"):
        rows = [OF_AN_ANSWER.sub("", row) for row in old[table] if f"'{everything.STUDY}'" not in row]
        others = [OF_AN_ANSWER.sub("", row) for row in new[table]]
        differ = len(set(rows) ^ set(others))
        found.require(rows == others, f"{table}: {differ} rows are not what one undisturbed pass writes")
    if config.clock_studies:
        sql = f"select {AVERAGES} from collections where bar = '1d' or bar is null order by 1, 2, 3, 4, 5"
        kept, made = passes.rows(config.database, sql), passes.rows(afresh.database, sql)
        found.require(
            kept == made, f"collections: {len(set(kept) ^ set(made))} averages are not of one undisturbed pass"
        )
        found.require(bool(kept), "no collection has an average")


def _flat(found: Soak) -> None:
    """Nothing creeps: the second half of the nights costs what the first did, to within half as much again."""
    nights = found.nights[: found.size.nights]
    third = len(nights) // 3
    if third < 10:
        return
    growth = [later.file - earlier.file for earlier, later in itertools.pairwise(nights)]
    middle, last = statistics.fmean(growth[third : 2 * third]), statistics.fmean(growth[-third:])
    found.require(
        last <= 1.5 * middle + PAGE_BYTES / 1e6, f"the file grows by {last:.3f} MB a night, after {middle:.3f}"
    )
    early = statistics.median(night.memory for night in nights[third : 2 * third])
    late = statistics.median(night.memory for night in nights[-third:])
    # the pool of an allocator is not given back at once
    found.require(late <= early * 1.15 + 10, f"memory went from {early:.0f} to {late:.0f} MB")


def _memory() -> float:
    """MB of this process that are in memory now."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0.0  # another operating system
    return pages * 4096 / 1e6


def _fingerprint(database: Path) -> str:
    digest = hashlib.sha256()
    for line in passes.dump(database):
        digest.update(line.encode())
    return digest.hexdigest()


KEPT = "nothing lost, nothing out of date, nothing doubled, nothing creeps"
HEAD = f"{'night':>6} {'status':12} {'seconds':>8} {'CPU s':>8} {'memory MB':>10} {'file MB':>8} {'results':>8}"


def _line(night: Night) -> str:
    return (
        f"{night.number:>6} {night.status:12} {night.seconds:>8.2f} {night.cpu:>8.2f} {night.memory:>10.0f} "
        f"{night.file:>8.2f} {night.studied:>8}"
    )


def main() -> int:
    """Run it as the options say."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    for name, kind in (("nights", int), ("events", int), ("symbols", int), ("seed", int)):
        parser.add_argument(f"--{name}", type=kind, default=getattr(Size(), name))
    parser.add_argument("--faults", type=float, default=0.05, help="share of calls that go wrong")
    parser.add_argument("--silent", type=float, default=0.02, help="share of answers that begin a silent fault")
    parser.add_argument("--plain", action="store_true", help="a source in this process, not yfinance and a server")
    parser.add_argument(
        "--everything", action="store_true", help="minutes, collections and claims too; passes killed, disks full"
    )
    options = parser.parse_args()
    size = Size(options.nights, options.events, options.symbols, options.seed)
    print(f"{size.nights} nights, {size.events} announcements, {size.symbols} symbols; of the calls "
          f"{options.faults:.0%} go wrong\n\n{HEAD}", flush=True)  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="eventstudy-soak-") as folder:
        found = soak(
            Path(folder),
            size,
            share=options.faults,
            plain=options.plain,
            is_all_on=options.everything,
            talk=lambda line: print(line, flush=True),
        )
    print(f'\ninjected: {", ".join(f"{n} {kind}" for kind, n in sorted(found.injected.items()))} ("calls": all)')
    slowest = max(found.nights, key=lambda night: night.seconds)
    print(f"{found.seconds:.0f} s in all; the slowest night was {slowest.number}, with {slowest.seconds:.2f} s")
    cpu = sum(night.cpu for night in found.nights)
    print(f"{len(found.nights) / cpu:.2f} nights a processor second")
    with tempfile.TemporaryDirectory(prefix="eventstudy-soak-") as folder:
        silent = silent_year(Path(folder), size, options.silent)
    print(f"\nsilent faults, {options.silent:.0%} of the answers:\n{silent.table}")
    print(f"{silent.n_wrong} of {silent.compared} verdicts wrong", *silent.gaps, sep="\n")
    found.require(not silent.n_wrong, f"{silent.n_wrong} verdicts of the year with silent faults are wrong")
    for promise in found.broken:
        print(f"BROKEN: {promise}")
    print(f"{len(found.broken)} promises broken" if found.broken else KEPT)
    return 1 if found.broken else 0


if __name__ == "__main__":
    sys.exit(main())
