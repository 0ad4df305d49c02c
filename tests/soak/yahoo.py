"""The made-up market behind real yfinance: a stand-in Yahoo on loopback, which fails in Yahoo's own ways."""

from __future__ import annotations

import contextlib
import datetime as dt
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from eventstudy.prices.yahoo.source import YahooSource
from eventstudy.records import Snapshot
from tests.soak.everything import BAR, NEW_YORK
from tests.soak.world import Facts, World
from tests.support import yahoo_server

FAULTS = {
    "server error": yahoo_server.SERVER_ERROR,
    "bad gateway": yahoo_server.BAD_GATEWAY,
    "reset": yahoo_server.RESET,
    "cut short": yahoo_server.CUT_SHORT,
    "null": yahoo_server.NULL_RESULT,
    "web page": yahoo_server.WEB_PAGE,
}


class FailingYahoo:
    """Real yfinance; before a share of the calls the server is told to fail once."""

    def __init__(
        self,
        world: World,
        real: YahooSource,
        server: yahoo_server.YahooServer,
        share: float,
        chance: random.Random,
        bars: Mapping[str, pd.DataFrame],
        now: Callable[[], dt.datetime],
    ) -> None:
        self._now = now
        self.name, self.version = real.name, real.version
        self.facts = Facts(bars=frozenset({"1d", *([BAR] if bars else [])}))
        self.share, self.told = share, Counter[str]()
        self._world, self._real, self._server, self._chance = world, real, server, chance
        self._days = np.datetime_as_string(world.sessions)
        for symbol in world.closes:
            self.refresh(symbol)
        for symbol, given in bars.items():
            local = given.start.dt.tz_convert(NEW_YORK)
            early = {f"{last:%Y-%m-%d}": "13:00" for last in local.groupby(local.dt.date).max() if last.hour < 15}
            rows = list(zip(local.dt.strftime("%Y-%m-%d %H:%M"), given.close.tolist(), strict=True))
            server.serve(symbol, yahoo_server.chart(rows, exchange="NYQ", is_intraday=True, early=early), BAR)

    def refresh(self, symbol: str) -> None:
        """Serve the prices of `symbol` as the world has them now."""
        closes = self._world.closes[symbol].tolist()
        rows = [(f"{day} 09:30", close) for day, close in zip(self._days, closes, strict=True)]
        self._server.serve(symbol, yahoo_server.chart(rows, exchange="NYQ"))

    def fetch(self, symbol: str, start: dt.date, end: dt.date, *, bar: str = "1d") -> Snapshot:
        self.told["calls"] += 1
        self._server.now = self._now()
        if self._chance.random() < self.share:
            kind = self._chance.choice(list(FAULTS))
            self.told[kind] += 1
            self._server.fail(symbol, FAULTS[kind], times=1)
        try:
            return self._real.fetch(symbol, start, end, bar=bar)
        finally:
            self._server.faults[symbol].clear()


@contextlib.contextmanager
def yahoo_source(
    world: World,
    share: float,
    chance: random.Random,
    now: Callable[[], dt.datetime],
    folder: Path,
    bars: Mapping[str, pd.DataFrame],
) -> Iterator[FailingYahoo]:
    """Serve `world` while the context is open."""
    with yahoo_server.YahooServer() as server:
        real = YahooSource(
            name="world", cache_dir=folder / "cache", endpoint=server.url, timeout=10, attempts=1, pace=0.0, now=now
        )
        yield FailingYahoo(world, real, server, share, chance, bars, now)
        assert server.escapes == []
