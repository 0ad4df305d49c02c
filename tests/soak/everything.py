"""Everything on: bars, studies by the minute, collections, claims; passes that are killed or meet a full disk."""

from __future__ import annotations

import contextlib
import functools
import math
import os
import resource
import signal
import sqlite3
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import exchange_calendars
import numpy as np
import pandas as pd
import yaml

import eventstudy as es
from eventstudy.records import Snapshot
from tests.soak.world import INDEX, World

BAR, MINUTES = "15m", 15
WINDOWS = [["0m", "30m"], ["0m", "close"], ["-30m", "0m"]]
STUDY = "fast"
NEW_YORK = ZoneInfo("America/New_York")
LIMIT = 64 * 1024  # bytes that a full disk still takes
GRACE = 300  # seconds after which a pass in a process of its own is stuck


def with_everything(path: Path, world: World) -> None:
    """Add to the settings of the world a study by the minute, tags and claims."""
    settings = yaml.safe_load(path.read_text("utf-8"))
    settings["studies"].append(
        {
            "id": STUDY,
            "title": "By the minute",
            "bar": BAR,
            "benchmark": INDEX,
            "windows": WINDOWS,
            "mask_events": False,
        }
    )
    settings["captures"] = {"bars": [], "standing": [BAR]}
    for number, event in enumerate(settings["events"]):
        (asset,) = event["assets"]
        event["tags"] = [f"tag-{number % 2}"]
        event["claims"] = [_claim(world, asset, event["announced_at"], number)]
    path.write_text(yaml.safe_dump(settings, sort_keys=False), "utf-8")


def _move(world: World, asset: str, day: np.datetime64) -> float:
    """Per cent from the close of the session before to that of the first session from `day` on."""
    days = sessions(world)
    place = int(np.searchsorted(days, day))
    before, after = (int(np.searchsorted(world.sessions, days[i])) for i in (place - 1, place))
    return float(100 * (world.closes[asset][after] / world.closes[asset][before] - 1))


def _claim(world: World, asset: str, announced_at: str, number: int) -> str:
    """What an article might say of the day: right of two events in three."""
    move = _move(world, asset, np.datetime64(announced_at[:10]))
    said = abs(move) + (0.7 if number % 3 == 2 else 0.0)
    return f"{asset} {'rose' if move > 0 else 'fell'} {said:.1f}%"


@functools.cache
def _schedule() -> pd.DataFrame:
    found: pd.DataFrame = exchange_calendars.get_calendar("XNYS", start="2024-01-01", end="2027-12-31").schedule
    return found


def sessions(world: World) -> np.ndarray:
    """Sessions of New York: the world has prices on its holidays too, which are no sessions."""
    return world.sessions[np.isin(world.sessions, _schedule().index.to_numpy("datetime64[D]"))]


def bars_of(world: World) -> dict[str, pd.DataFrame]:
    """Bars of every symbol on the sessions of New York, the last of which ends at the close of the day."""
    days = sessions(world)
    starts = [
        np.arange(row.open.value, row.close.value, MINUTES * 60 * 10**9)
        for row in _schedule().loc[pd.DatetimeIndex(days)].itertuples()
    ]
    counts = np.array([len(found) for found in starts])
    ends = np.cumsum(counts)
    labels = pd.DatetimeIndex(np.concatenate(starts), tz="UTC")
    found = {}
    for number, (symbol, closes) in enumerate(sorted(world.closes.items())):
        rng = np.random.default_rng((world.size.seed, number))
        place = np.searchsorted(world.sessions, days)
        before, after = np.log(closes[place - 1]), np.log(closes[place])
        walk = np.cumsum(rng.normal(0.0, 0.002, ends[-1]))
        walk -= np.repeat(np.concatenate(([0.0], walk[ends[:-1] - 1])), counts)
        share = (np.arange(ends[-1]) - np.repeat(ends - counts, counts) + 1) / np.repeat(counts, counts)
        last = walk[ends - 1]
        path = np.repeat(before, counts) + walk + share * np.repeat(after - before - last, counts)
        found[symbol] = pd.DataFrame({"start": labels, "close": np.round(np.exp(path), 4)})
    return found


def answers_of(bars: Mapping[str, pd.DataFrame]) -> dict[str, Snapshot]:
    """The bars of every symbol as a source would give them."""
    found = {}
    for symbol, given in bars.items():
        starts = given.start.to_numpy("datetime64[ns]")
        close = given.close.to_numpy(float)
        found[symbol] = Snapshot(
            source="world",
            symbol=symbol,
            currency="USD",
            version="world 1",
            bar=BAR,
            sessions=given.start.dt.tz_convert(NEW_YORK).dt.tz_localize(None).to_numpy("datetime64[D]"),
            starts=starts,
            instants=starts + np.timedelta64(MINUTES, "m"),
            **dict.fromkeys(("open", "high", "low", "close"), close),
            volume=np.full(close.size, 1000.0),
            dividends=np.zeros(close.size),
            calendar="XNYS",
        )
    return found


def disturbed(work: Callable[[], object], database: Path, how: str, seconds: float) -> None:
    """Do `work` in a process of its own that is killed after `seconds`, or may not let files grow.

    Raises
    ------
    TimeoutError
        When it does not end.
    """
    child = os.fork()
    if not child:  # from here on another process, which must end here whatever happens
        with contextlib.suppress(BaseException):
            if how == "full":
                signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
                most = max((path.stat().st_size for path in database.parent.glob("es.db*")), default=0) + LIMIT
                resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
            work()
        os._exit(0)
    end = time.monotonic() + (seconds if how == "killed" else GRACE)
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        if time.monotonic() > end:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            if how != "killed":
                raise TimeoutError("a pass that meets a full disk does not end")
            return
        time.sleep(0.005)


def faults(database: Path, world: World, given: Mapping[str, pd.DataFrame], events: Any) -> list[str]:
    """What of minutes and claims is not as it must be at the end of the year; `given` are the bars of the source."""
    return [*_bars(database, world, given), *_minutes(database, events), *_claims(database, world)]


def _bars(database: Path, world: World, given: Mapping[str, pd.DataFrame]) -> list[str]:
    """Every bar of the nights is kept as it was, and of the two months before them every one since the first."""
    nights = [world.size.night(number) for number in (0, world.size.nights - 1)]
    kept = es.open_results(database).prices(bar=BAR)
    wrong = 0
    for symbol, bars in given.items():
        mine = kept[kept.symbol == symbol]
        theirs = bars.rename(columns={"start": "starts"})
        span = pd.concat([mine.starts, pd.Series(nights)])
        theirs = theirs[theirs.starts.between(span.min(), span.max())]
        both = theirs.merge(mine, on="starts", how="outer", suffixes=("", "_kept"))
        wrong += int((both.close != both.close_kept).sum())
    return [f"{wrong} bars are lost, or are not those of the source"] if wrong else []


def _minutes(database: Path, events: Any) -> list[str]:
    """What is stored by the minute is what `run_study` finds on the bars that are stored."""
    kept = es.open_results(database).prices(bar=BAR)
    bars = kept.rename(columns={"starts": "start"})[["symbol", "start", "open", "high", "low", "close", "volume"]]
    told = pd.DataFrame(
        {"event_id": e.event_id, "asset": e.assets[0], "announced_at": e.announced_at.isoformat()} for e in events
    )
    windows = [":".join(window) for window in WINDOWS]
    afresh = es.run_study(
        bars, told, bar=BAR, windows=windows, benchmark=INDEX, calendar="XNYS", mask_events=False
    ).to_dict()
    expected = {
        (event["event_id"], *(side.removesuffix("m") for side in window["window"])): (window["verdict"], window["move"])
        for event in afresh["events"]
        for window in event["windows"]
    }
    sql = "select event_id, window_start, window_end, verdict, move from reactions where study = ?"
    with contextlib.closing(sqlite3.connect(database)) as connection:
        found = {tuple(map(str, row[:3])): row[3:] for row in connection.execute(sql, (STUDY,))}
    wrong = [place for place, (verdict, move) in expected.items() if not _same(found.get(place), verdict, move)]
    out = [f"{len(wrong)} windows by the minute are not those of run_study, such as {wrong[0]}"] if wrong else []
    if not any(verdict != "not computable" for verdict, _ in found.values()):
        out.append("no window by the minute has a verdict")
    return out


def _same(row: tuple[Any, ...] | None, verdict: str | None, move: float | None) -> bool:
    if row is None or row[0] != (verdict or "not computable"):
        return False
    # the document has logarithms, the view the move that people know
    return row[0] == "not computable" or math.isclose(row[1], math.expm1(move or 0.0), rel_tol=1e-9, abs_tol=1e-12)


def _claims(database: Path, world: World) -> list[str]:
    """Each claim is answered as the prices of the world, corrections included, have it."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("select event_id, text, asset, answer, session from claims").fetchall()
        (wanted,) = connection.execute("select count(*) from events where kind <> 'context'").fetchone()
    wrong = []
    for event_id, text, asset, answer, session in rows:
        if answer == "cannot be checked":
            wrong.append(event_id)
            continue
        move = _move(world, asset, np.datetime64(session))
        said = float(text.split()[-1].rstrip("%")) * (1 if " rose " in text else -1)
        is_right = abs(move - said) <= 0.05 + 1e-9
        is_near = abs(abs(move - said) - 0.05) < 1e-6  # on the edge of rounding either will do
        if answer != ("supported" if is_right else "not supported") and not is_near:
            wrong.append(event_id)
    out = [f"{len(wrong)} claims have a wrong answer, such as that of {wrong[0]}"] if wrong else []
    if len(rows) != wanted:
        out.append(f"{len(rows)} claims are answered, of {wanted}")
    return out
