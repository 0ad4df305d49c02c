"""A Yahoo on 127.0.0.1, a source that asks it, and symbols."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from eventstudy.prices.yahoo.source import YahooSource
from tests.support.yahoo_server import YahooServer, chart
from tests.support.yahoo_week import AFTER, ATTEMPTS, FIRST, LAST, WEEK, new_symbol


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[YahooServer]:
    """A Yahoo, with every way out of the machine leading back to it: libcurl does not use Python's sockets."""
    with YahooServer() as up:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, up.url)
            monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        monkeypatch.delenv("NO_PROXY", raising=False)
        yield up
        assert up.escapes == []


@pytest.fixture(scope="session")
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One directory for the whole process, as yfinance wants it."""
    return tmp_path_factory.mktemp("yfinance")


@pytest.fixture
def source(server: YahooServer, cache_dir: Path) -> YahooSource:
    """A source that asks the server, on the day after the week."""
    return YahooSource(
        cache_dir=cache_dir, endpoint=server.url, pace=0.0, timeout=5.0, attempts=ATTEMPTS, now=lambda: AFTER
    )


@pytest.fixture
def symbol() -> str:
    """A symbol that yfinance has no time zone for yet, and the server no prices."""
    return new_symbol()


@pytest.fixture(params=["first question", "time zone known"])
def any_symbol(request: pytest.FixtureRequest, server: YahooServer, source: YahooSource, symbol: str) -> str:
    """A served symbol, new to yfinance or not: the two take different ways through its code."""
    server.serve(symbol, chart(WEEK))
    if request.param == "time zone known":
        source.fetch(symbol, FIRST, LAST)
        server.log.clear()
    return symbol
