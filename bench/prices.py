"""The archive of prices: 500 symbols × 10 years from a stand-in Yahoo on this machine, read back, and asked again.

    python bench/prices.py [--symbols 500] [--years 10]

Everything is real but the server: yfinance, curl_cffi, HTTP over loopback, SQLite on disk. Prints seconds; asserts
nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import functools
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import yfinance

sys.path.insert(0, str(Path(__file__).parents[1]))

from eventstudy.archive import answers as archive
from eventstudy.archive import read as archive_read
from eventstudy.archive import verify as archive_verify
from eventstudy.config.model import Config
from eventstudy.database.connection import open_database
from eventstudy.prices.yahoo.source import YahooSource
from eventstudy.store import ledger
from jobs import pull
from tests.support.yahoo_server import YahooServer, chart

NOW = dt.datetime(2024, 1, 10, tzinfo=dt.UTC)
LAST = np.datetime64("2023-12-29")
DIVIDEND = 0.25


def serve(server: YahooServer, symbols: list[str], years: int) -> None:
    """Random walks, every one of them with the quarterly dividends of its kind."""
    days = np.arange(LAST - 365 * years, LAST + 1)
    days = days[np.is_busday(days)]
    labels = [f"{day} 09:30" for day in days]
    chance = np.random.default_rng(2)
    for symbol in symbols:
        close = np.round(100 * np.exp(np.cumsum(chance.normal(0, 0.015, days.size))), 4)
        answer = chart(list(zip(labels, close.tolist(), strict=True)))
        (result,) = answer["chart"]["result"]
        result["events"] = {"dividends": {str(t): {"amount": DIVIDEND, "date": t} for t in result["timestamp"][30::63]}}
        # as Yahoo has it: every price before an ex-day is lowered by the share that was paid
        kept = np.ones(days.size)
        kept[29::63] = 1 - DIVIDEND / close[29::63]
        later = np.append(np.cumprod(kept[::-1])[::-1], 1.0)[:-1]
        result["indicators"]["adjclose"] = [{"adjclose": (close * later).tolist()}]
        server.serve(symbol, answer)


@contextlib.contextmanager
def serving(symbols: list[str], years: int) -> Iterator[str]:
    """The address of a Yahoo in a process of its own, so that its work is not counted as ours."""
    ours, theirs = multiprocessing.get_context("fork").Pipe()

    def work() -> None:
        with YahooServer() as server:
            serve(server, symbols, years)
            theirs.send(server.url)
            theirs.recv()

    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    yield ours.recv()
    ours.send("done")
    process.join()


class Theirs:
    """Processor time inside yfinance, HTTP included: all of it is spent on our behalf, and none of it is ours."""

    def __init__(self) -> None:
        self.seconds = 0.0
        real = yfinance.Ticker.history

        def history(*given: Any, **named: Any) -> Any:
            began = time.process_time()
            try:
                return real(*given, **named)
            finally:
                self.seconds += time.process_time() - began

        yfinance.Ticker.history = history


def timed(what: str, work: Callable[[], Any], theirs: Theirs) -> Any:
    """Do `work` and print how long it took: wall clock, processor time, and what of that is not yfinance's."""
    wall, processor, before = time.perf_counter(), time.process_time(), theirs.seconds
    out = work()
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    print(f"{what:58} {wall:7.2f} s {processor:7.2f} s {processor - theirs.seconds + before:7.2f} s", flush=True)
    return out


def main() -> None:
    """Run every step and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--symbols", type=int, default=500)
    parser.add_argument("--years", type=int, default=10)
    options = parser.parse_args()
    symbols = [f"S{i:04}" for i in range(options.symbols)]
    with tempfile.TemporaryDirectory() as name, serving(symbols, options.years) as url:
        folder = Path(name)
        source = YahooSource(cache_dir=folder / "cache", endpoint=url, pace=0.0, now=lambda: NOW)
        pull.open_source = lambda *_: source
        config = Config.model_validate(SETTINGS)
        db = open_database(folder / "es.db")
        span = (LAST.item() - dt.timedelta(days=365 * options.years), LAST.item())
        wanted = {("yahoo", symbol): span for symbol in symbols}

        recent: dict[pull.Key, pull.Span] = {}

        def ask(wanted: dict[pull.Key, pull.Span] = wanted) -> None:
            record = ledger.Run(trigger="bench", started_at=NOW, code_version="", config_hash="", versions={})
            faults = pull.pull(config, db, record, wanted, now=lambda: NOW, stop=lambda: False, talk=lambda _: None)
            assert not faults, next(iter(faults.values()))

        print(f"{'':58} {'wall':>9} {'processor':>9} {'ours':>9}")
        step = functools.partial(timed, theirs=Theirs())
        step(f"pull of {options.symbols} symbols × {options.years} years into the archive", ask)
        step("pull with nothing new, of years that are settled", ask)
        recent.update({key: (first, NOW.date()) for key, (first, _) in wanted.items()})
        step("pull with nothing new, up to today: five bars asked again", lambda: ask(recent))

        def read(as_of: dt.datetime | None = None) -> int:
            series = (archive.load(db.conn, *key, asset=key[1], as_of=as_of) for key in wanted)
            return sum(found.prices.size for found in series)

        print(f"  {step('read back, every series as a pass reads it', read):,} prices")
        step("  the same as of a day", lambda: read(NOW))
        with archive_read.reading(folder / "es.db") as connection:
            found = step("verify", lambda: list(archive_verify.verify(connection, {})))
        print(f"  {sum(f.is_broken for f in found)} faults, {sum(not f.is_broken for f in found)} doubts")
        rows = db.execute("select count(*) from bar_versions").fetchone()[0]
        db.close()
        size = (folder / "es.db").stat().st_size
        print(f"{rows} bars, {size / 1e6:.0f} MB, {size / rows:.0f} bytes a bar")
        print(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.1f} GiB")


SETTINGS = {
    "version": 1,
    "sources": {"yahoo": {"kind": "yahoo"}},
    "assets": {"S0000": {"source": "yahoo"}},
    "studies": [
        {
            "id": "s",
            "model": "constant-mean",
            "returns": "simple",
            "estimation": [-50, -11],
            "event_window": [-5, 5],
            "windows": [[0, 0]],
        }
    ],
}

if __name__ == "__main__":
    main()
