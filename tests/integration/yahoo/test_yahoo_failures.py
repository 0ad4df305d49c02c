"""YahooSource through unmodified yfinance: every failure is the right error, and Yahoo is asked politely."""

import dataclasses
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from eventstudy.errors import BeyondHistory, MalformedAnswer, NoDataInRange, RateLimited, SourceDown, UnknownSymbol
from tests.support import yahoo_server as yahoo
from tests.support.yahoo_server import chart
from tests.support.yahoo_week import ATTEMPTS, CLOSES, FIRST, LAST, WEEK, new_symbol

ROOT = Path(__file__).parents[3]

FOR_EVER = [
    (yahoo.NOT_FOUND, UnknownSymbol),
    (yahoo.TOO_OLD, BeyondHistory),
    (yahoo.NO_DATES, NoDataInRange),
    (yahoo.TOO_MANY, RateLimited),
    (yahoo.SERVER_ERROR, SourceDown),
    (yahoo.BAD_GATEWAY, SourceDown),
    (yahoo.UNAUTHORIZED, SourceDown),
    (yahoo.WEB_PAGE, MalformedAnswer),
    (yahoo.CUT_SHORT, MalformedAnswer),
    (yahoo.NULL_RESULT, MalformedAnswer),
    (yahoo.EMPTY_RESULT, MalformedAnswer),
    (yahoo.RESET, SourceDown),
]
NAMES = ["404", "422", "400", "429", "500", "502", "401", "web page", "cut short", "null", "empty", "reset"]


@pytest.mark.parametrize(("fault", "leaf"), FOR_EVER, ids=NAMES)
def test_a_failure_that_stays_is_the_right_error(server, source, any_symbol, fault, leaf):
    server.fail(any_symbol, fault)
    with pytest.raises(leaf) as caught:
        source.fetch(any_symbol, FIRST, LAST)
    assert type(caught.value) is leaf
    assert caught.value.symbol == any_symbol
    # yfinance itself repeats a question once when the status is 400 or more
    questions = {ATTEMPTS, 2 * ATTEMPTS} if leaf.transient else {1, 2}
    assert len(server.asked(any_symbol)) in questions


TRANSIENT = [(f, n) for (f, leaf), n in zip(FOR_EVER, NAMES, strict=True) if leaf.transient]


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("fault", [f for f, _ in TRANSIENT], ids=[n for _, n in TRANSIENT])
def test_a_failure_that_passes_leaves_the_data_whole(server, source, any_symbol, fault, times):
    server.fail(any_symbol, fault, times=times)
    got = source.fetch(any_symbol, FIRST, LAST)
    assert got.close.tolist() == CLOSES
    assert len(got.notes) == 1


def test_a_server_that_does_not_answer_in_time_is_down(server, source, any_symbol):
    server.fail(any_symbol, yahoo.STALL)
    hasty = dataclasses.replace(source, timeout=0.1, attempts=1)
    began = time.monotonic()
    with pytest.raises(SourceDown, match="no answer in time"):
        hasty.fetch(any_symbol, FIRST, LAST)
    assert time.monotonic() - began < 4  # yfinance alone would give a time zone ten seconds


def test_a_server_that_is_not_there_is_down(source, symbol, server):
    gone = dataclasses.replace(source, endpoint="http://127.0.0.1:1", attempts=1)
    with pytest.raises(SourceDown, match="connection failed"):
        gone.fetch(symbol, FIRST, LAST)


def test_only_the_last_answer_counts(server, source, any_symbol):
    # yfinance repeats a question that was refused; here nothing comes back the second time
    server.fail(any_symbol, yahoo.NOT_FOUND, times=1)
    server.fail(any_symbol, yahoo.RESET)
    with pytest.raises(SourceDown):
        source.fetch(any_symbol, FIRST, LAST)


def test_an_answer_about_another_symbol_is_not_taken_for_this_one(source, symbol, monkeypatch):
    with pytest.raises(UnknownSymbol):
        source.fetch(symbol, FIRST, LAST)

    def broken(*_, **__):
        raise ValueError("never got as far as asking")

    monkeypatch.setattr("yfinance.Ticker", broken)
    with pytest.raises(MalformedAnswer, match="ValueError: never got as far as asking"):
        source.fetch(symbol, FIRST, LAST)


def test_a_failure_of_past_dates_is_not_remembered(server, source, any_symbol):
    server.fail(any_symbol, yahoo.SERVER_ERROR, times=2 * ATTEMPTS)
    with pytest.raises(SourceDown):
        source.fetch(any_symbol, FIRST, LAST)
    assert source.fetch(any_symbol, FIRST, LAST).sessions.size == 6


def test_a_revision_of_past_dates_is_seen(server, source, any_symbol):
    assert source.fetch(any_symbol, FIRST, LAST).close[0] == 102.0
    server.serve(any_symbol, chart([(moment, close / 2) for moment, close in WEEK]))
    assert source.fetch(any_symbol, FIRST, LAST).close[0] == 51.0


def test_a_setting_of_yfinance_that_hides_errors_does_not_hide_ours(server, source, any_symbol):
    import yfinance

    yfinance.config.debug.hide_exceptions = True
    server.fail(any_symbol, yahoo.CUT_SHORT)
    with pytest.raises(MalformedAnswer):
        source.fetch(any_symbol, FIRST, LAST)


@pytest.mark.parametrize("odd", ["", "G S", "../../v1/test", "..", "GS\n", "GS?range=max", "US0378331005", "ГАЗП"])
def test_what_cannot_be_a_symbol_is_not_asked_for(server, source, odd):
    with pytest.raises(UnknownSymbol):
        source.fetch(odd, FIRST, LAST)
    assert server.log == []


@pytest.mark.parametrize("name", ["^GSPC", "BRK-B", "0700.HK", "M&M.NS", "ES=F", "DX-Y.NYB"])
def test_every_way_to_write_a_symbol_reaches_yahoo(server, source, name):
    server.serve(name, chart(WEEK))
    assert source.fetch(name, FIRST, LAST).symbol == name


def test_a_range_that_ends_before_it_starts_is_not_asked_for(server, source):
    with pytest.raises(NoDataInRange, match="before it starts"):
        source.fetch("GS", LAST, FIRST)
    assert server.log == []


# --- manners ----------------------------------------------------------------------------------------------------


def test_questions_are_asked_one_at_a_time(server, source):
    names = [new_symbol() for _ in range(6)]
    for name in names:
        server.serve(name, chart(WEEK))
    server.delay = 0.002
    got = {}
    threads = [
        threading.Thread(target=lambda name=name: got.update({name: source.fetch(name, FIRST, LAST)})) for name in names
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {name: snapshot.symbol for name, snapshot in got.items()} == {name: name for name in names}
    assert server.most_at_once == 1


def test_questions_are_spaced_out_over_all_sources(server, source, symbol):
    server.serve(symbol, chart(WEEK))
    patient = [dataclasses.replace(source, pace=0.2) for _ in range(2)]
    source.fetch(symbol, FIRST, LAST)
    began = time.monotonic()
    for one in patient:
        one.fetch(symbol, FIRST, LAST)
    assert time.monotonic() - began >= 0.4


def test_a_way_out_of_the_machine_would_be_noticed(server):
    from curl_cffi import requests

    with pytest.raises(requests.exceptions.RequestException):
        requests.get("https://query2.finance.yahoo.com/v8/finance/chart/GS", timeout=5)
    assert server.escapes == ["query2.finance.yahoo.com:443"]
    server.escapes.clear()


COLD = """
import datetime as dt, pathlib, sys
from eventstudy.prices.yahoo.source import YahooSource
assert not {"yfinance", "curl_cffi", "pandas"} & sys.modules.keys()
source = YahooSource(cache_dir=pathlib.Path(sys.argv[2]), endpoint=sys.argv[1], pace=0.0)
print(source.fetch("GS", dt.date(2023, 10, 2), dt.date(2023, 10, 9)).sessions.size)
import yfinance
print(yfinance.const._BASE_URL_, yfinance.base._BASE_URL_, yfinance.scrapers.history._BASE_URL_)
"""


@pytest.mark.parametrize("is_damaged", [False, True], ids=["", "damaged cache"])
def test_a_fresh_process_sends_everything_to_the_endpoint_and_keeps_its_files_in_its_own_directory(
    server, tmp_path, is_damaged
):
    server.serve("GS", json.loads((ROOT / "tests/data/yahoo/gs_1d_2023-10.json").read_text()))
    server.fail("GS", yahoo.UNAUTHORIZED, times=1)  # so that the consent pages are asked for too
    home = tmp_path / "home"
    home.mkdir()
    environment = {k: v for k, v in os.environ.items() if not k.startswith("XDG_")} | {"HOME": str(home)}
    cache = tmp_path / "cache"
    if is_damaged:
        cache.mkdir()
        for name in ("tkr-tz.db", "cookies.db"):
            (cache / name).write_bytes(b"no database" * 500)
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", COLD, server.url, str(tmp_path / "cache")],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == ["6", *["https://query2.finance.yahoo.com"] * 3]
    paths = [line.split("?")[0] for line in server.log]
    assert {"/", "/v1/test/getcrumb", "/consent", "/v2/collectConsent", "/copyConsent"} <= set(paths)
    assert (tmp_path / "cache" / "tkr-tz.db").exists()
    assert list(home.iterdir()) == []
    put_aside = {"tkr-tz.db.damaged", "cookies.db.damaged"} if is_damaged else set()
    assert {path.name for path in cache.glob("*.damaged")} == put_aside
    assert (cache / "tkr-tz.db").read_bytes().startswith(b"SQLite format 3")
