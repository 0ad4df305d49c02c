"""YahooSource through unmodified yfinance against a Yahoo on 127.0.0.1."""

import datetime as dt
import itertools
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import stamina

from eventstudy.errors import BeyondHistory, MalformedAnswer, NoDataInRange, RateLimited, SourceDown, UnknownSymbol
from eventstudy.prices.yahoo import YahooSource
from tests.support import yahoo_server as yahoo
from tests.support.yahoo_server import Fault, YahooServer, chart

STORED = Path(__file__).parents[1] / "data" / "yahoo"
FIRST, LAST = dt.date(2023, 10, 2), dt.date(2023, 10, 9)
AFTER = dt.datetime(2023, 10, 10, tzinfo=dt.UTC)
WEEK = [(f"2023-10-{day:02} 09:30", 100.0 + day) for day in (2, 3, 4, 5, 6, 9)]
WEDNESDAY = 1696426200  # 2023-10-04 09:30 in New York

_fresh = (f"SYM{n}" for n in itertools.count())


@pytest.fixture
def server(monkeypatch):
    """A Yahoo, with every way out of the machine leading back to it."""
    with YahooServer() as up:
        for name in ("http_proxy", "https_proxy", "all_proxy"):
            monkeypatch.setenv(name, up.url)
            monkeypatch.delenv(name.upper(), raising=False)
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        monkeypatch.delenv("NO_PROXY", raising=False)
        yield up
        assert up.escapes == []


@pytest.fixture(scope="module")
def cache_dir(tmp_path_factory):
    return tmp_path_factory.mktemp("yfinance")


@pytest.fixture
def source(server, cache_dir):
    with stamina.set_testing(True, attempts=3, cap=True):
        yield YahooSource(cache_dir=cache_dir, endpoint=server.url, pace=0.0, timeout=5.0, now=lambda: AFTER)


@pytest.fixture
def symbol():
    """A symbol that yfinance has no time zone for yet."""
    return next(_fresh)


@pytest.fixture(params=["first question", "time zone known"])
def any_symbol(request, server, source, symbol):
    """A served symbol, new to yfinance or not: the two take different ways through its code."""
    server.serve(symbol, chart(WEEK))
    if request.param == "time zone known":
        source.fetch(symbol, FIRST, LAST)
        server.log.clear()
    return symbol


def at(year, month, day, hour=0, minute=0):
    return lambda: dt.datetime(year, month, day, hour, minute, tzinfo=dt.UTC)


def with_clock(source, now):
    return YahooSource(cache_dir=source.cache_dir, endpoint=source.endpoint, pace=0.0, now=now)


def labels(snapshot):
    return [str(day) for day in snapshot.sessions]


# --- good answers -----------------------------------------------------------------------------------------------


def test_the_stored_answer_becomes_a_snapshot(server, source):
    stored = json.loads((STORED / "gs_1d_2023-10.json").read_text())
    server.serve("GS", stored)
    got = source.fetch("GS", FIRST, LAST)
    assert labels(got) == ["2023-10-02", "2023-10-03", "2023-10-04", "2023-10-05", "2023-10-06", "2023-10-09"]
    assert got.close.tolist() == stored["chart"]["result"][0]["indicators"]["quote"][0]["close"]
    assert [str(t) for t in got.instants] == [f"{day}T20:00:00.000000000" for day in labels(got)]
    assert got.dividends.tolist() == [0.0] * 6
    assert (got.source, got.symbol, got.currency, got.version) == ("yahoo", "GS", "USD", "yfinance 1.7.0")
    assert got.notes == ("Yahoo daily bars; priced at the regular close, 16:00 America/New_York, also on half days",)
    assert (got.sessions.dtype, got.instants.dtype) == (np.dtype("datetime64[D]"), np.dtype("datetime64[ns]"))


def test_both_ends_of_the_range_are_included(server, source, symbol):
    server.serve(symbol, chart(WEEK))
    assert labels(source.fetch(symbol, dt.date(2023, 10, 3), dt.date(2023, 10, 5))) == [
        "2023-10-03",
        "2023-10-04",
        "2023-10-05",
    ]
    asked = server.asked(symbol)[-1]
    new_york = dt.timezone(dt.timedelta(hours=-4))
    assert int(asked["period1"]) == dt.datetime(2023, 10, 3, tzinfo=new_york).timestamp()
    assert int(asked["period2"]) == dt.datetime(2023, 10, 6, tzinfo=new_york).timestamp()
    assert (asked["interval"], asked["events"]) == ("1d", "div,splits,capitalGains")


def test_rows_outside_the_range_that_yahoo_adds_are_dropped(server, source, symbol):
    everything = chart(WEEK, events={"dividends": {"1": {"amount": 2.75, "date": WEDNESDAY}}})
    server.fail(symbol, Fault(body=json.dumps(everything)))  # whatever the dates asked for
    got = source.fetch(symbol, dt.date(2023, 10, 5), dt.date(2023, 10, 6))
    assert labels(got) == ["2023-10-05", "2023-10-06"]
    assert got.dividends.tolist() == [0, 0]


def test_the_close_is_raw_and_dividends_stand_beside_it(server, source, symbol):
    answer = chart(WEEK, events={"dividends": {"1": {"amount": 2.75, "date": WEDNESDAY}}})
    answer["chart"]["result"][0]["indicators"]["adjclose"] = [{"adjclose": [1.0] * 6}]
    server.serve(symbol, answer)
    got = source.fetch(symbol, FIRST, LAST)
    assert got.close.tolist() == [102.0, 103.0, 104.0, 105.0, 106.0, 109.0]
    assert got.dividends.tolist() == [0, 0, 2.75, 0, 0, 0]


def test_a_split_is_noted(server, source, symbol):
    split = {"date": WEDNESDAY, "numerator": 4, "denominator": 1, "splitRatio": "4:1"}
    server.serve(symbol, chart(WEEK, events={"splits": {"1": split}}))
    assert "4 for 1 split on 2023-10-04; Yahoo restates the prices before it" in source.fetch(symbol, FIRST, LAST).notes


def test_a_currency_has_london_days(server, source):
    midnights = [(f"2023-03-{day} 00:00", 1.06 + day / 1000) for day in (23, 24, 27, 28)]
    server.serve("EUR=X", chart(midnights, zone="Europe/London", kind="CURRENCY", hours=("00:00", "23:59")))
    got = source.fetch("EUR=X", dt.date(2023, 3, 23), dt.date(2023, 3, 28))
    assert labels(got) == ["2023-03-23", "2023-03-24", "2023-03-27", "2023-03-28"]
    # summer time began on Sunday 26 March
    assert [str(t)[:16] for t in got.instants] == [
        "2023-03-24T00:00",
        "2023-03-25T00:00",
        "2023-03-27T23:00",
        "2023-03-28T23:00",
    ]


def test_a_cryptocurrency_has_utc_days(server, source):
    rows = [(f"2023-10-{day:02} 00:00", 27000.0 + day) for day in (7, 8)]
    server.serve("BTC-USD", chart(rows, zone="UTC", kind="CRYPTOCURRENCY", hours=("00:00", "23:59")))
    got = source.fetch("BTC-USD", dt.date(2023, 10, 7), dt.date(2023, 10, 8))
    assert [str(t)[:16] for t in got.instants] == ["2023-10-08T00:00", "2023-10-09T00:00"]


# --- the session that is not finished ---------------------------------------------------------------------------


def test_the_last_session_counts_from_its_close_on(server, source, symbol):
    server.serve(symbol, chart(WEEK))
    before = with_clock(source, at(2023, 10, 9, 19, 59)).fetch(symbol, FIRST, LAST)
    assert labels(before)[-1] == "2023-10-06"
    assert before.notes[-1] == "not finished when fetched, left out: 2023-10-09"
    at_close = with_clock(source, at(2023, 10, 9, 20, 0)).fetch(symbol, FIRST, LAST)
    assert labels(at_close)[-1] == "2023-10-09"
    assert len(at_close.notes) == 1


def test_a_range_with_only_an_unfinished_session_holds_no_data(server, source, symbol):
    server.serve(symbol, chart(WEEK))
    with pytest.raises(NoDataInRange, match="finished"):
        with_clock(source, at(2023, 10, 9, 15)).fetch(symbol, LAST, LAST)


def test_a_live_quote_beside_its_bar(server, source, symbol):
    live = [*WEEK, ("2023-10-09 15:50:02", 111.0)]
    server.serve(symbol, chart(live))
    during = with_clock(source, at(2023, 10, 9, 19, 51)).fetch(symbol, FIRST, LAST)
    assert labels(during)[-1] == "2023-10-06"
    later = source.fetch(symbol, FIRST, LAST)
    assert (labels(later)[-1], later.close[-1]) == ("2023-10-09", 111.0)
    assert "2023-10-09 came more than once (close 109.0, 111.0); used 111.0" in later.notes


# --- answers that are half right --------------------------------------------------------------------------------


def test_a_bar_without_a_price_is_left_out_and_named(server, source, symbol):
    holes = [(moment, None if close in (104.0, 106.0) else close) for moment, close in WEEK]
    server.serve(symbol, chart(holes, events={"dividends": {"1": {"amount": 0.5, "date": WEDNESDAY}}}))
    got = source.fetch(symbol, FIRST, LAST)
    assert labels(got) == ["2023-10-02", "2023-10-03", "2023-10-05", "2023-10-09"]
    assert got.notes[-1] == "no closing price, left out: 2023-10-04, 2023-10-06"
    assert got.dividends.tolist() == [0, 0, 0.5, 0]


def test_a_price_of_zero_is_no_price(server, source, symbol):
    server.serve(symbol, chart([*WEEK[:3], (WEEK[3][0], 0.0), *WEEK[4:]]))
    got = source.fetch(symbol, FIRST, LAST)
    assert got.notes[-1] == "no closing price, left out: 2023-10-05"


def test_bars_without_any_price_are_a_malformed_answer(server, source, symbol):
    server.serve(symbol, chart([(moment, None) for moment, _ in WEEK]))
    with pytest.raises(MalformedAnswer, match="none of the 6 sessions from 2023-10-02 has a closing price"):
        source.fetch(symbol, FIRST, LAST)


def test_rows_out_of_order_are_sorted_and_noted(server, source, symbol):
    server.serve(symbol, chart([WEEK[3], *WEEK[:3], *WEEK[4:]]))
    got = source.fetch(symbol, FIRST, LAST)
    assert got.close.tolist() == [102.0, 103.0, 104.0, 105.0, 106.0, 109.0]
    assert "rows came out of order; sorted by date" in got.notes


def test_a_row_that_came_twice_is_used_once_and_noted(server, source, symbol):
    server.serve(symbol, chart([*WEEK[:3], WEEK[2], *WEEK[3:]]))
    got = source.fetch(symbol, FIRST, LAST)
    assert got.close.tolist() == [102.0, 103.0, 104.0, 105.0, 106.0, 109.0]
    assert "2023-10-04 came more than once (close 104.0); used 104.0" in got.notes


def test_one_session_with_two_prices_is_a_malformed_answer(server, source, symbol):
    server.serve(symbol, chart([*WEEK[:3], (WEEK[2][0], 104.5), *WEEK[3:]]))
    with pytest.raises(MalformedAnswer, match=r"2023-10-04 has 2 closing prices \(104.0, 104.5\)"):
        source.fetch(symbol, FIRST, LAST)


@pytest.mark.parametrize(
    "damage",
    [
        lambda result: result.pop("timestamp"),
        lambda result: result["meta"].pop("currency"),
        lambda result: result["meta"].pop("exchangeTimezoneName"),
        lambda result: result["meta"].update(exchangeTimezoneName="Mars/Olympus"),
        lambda result: result["meta"].pop("currentTradingPeriod"),
        lambda result: result["indicators"]["quote"][0].pop("close"),
        lambda result: result["indicators"]["quote"][0]["close"].pop(),
        lambda result: result["indicators"].pop("quote"),
    ],
    ids=["no stamps", "no currency", "no zone", "odd zone", "no hours", "no close", "short close", "no quote"],
)
def test_an_answer_with_a_part_missing_is_malformed(server, source, any_symbol, damage):
    answer = chart(WEEK)
    damage(answer["chart"]["result"][0])
    server.fail(any_symbol, Fault(body=json.dumps(answer)))
    with pytest.raises(MalformedAnswer):
        source.fetch(any_symbol, FIRST, LAST)


def test_dates_without_a_session_hold_no_data(server, source, any_symbol):
    with pytest.raises(NoDataInRange, match="no session in these dates"):
        source.fetch(any_symbol, dt.date(2023, 10, 7), dt.date(2023, 10, 8))


# --- failures ---------------------------------------------------------------------------------------------------

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
    questions = {1, 2} if not leaf.transient else {3, 6}
    assert len(server.asked(any_symbol)) in questions


TRANSIENT = [(f, n) for (f, leaf), n in zip(FOR_EVER, NAMES, strict=True) if leaf.transient]


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("fault", [f for f, _ in TRANSIENT], ids=[n for _, n in TRANSIENT])
def test_a_failure_that_passes_leaves_the_data_whole(server, source, any_symbol, fault, times):
    server.fail(any_symbol, fault, times=times)
    got = source.fetch(any_symbol, FIRST, LAST)
    assert got.close.tolist() == [102.0, 103.0, 104.0, 105.0, 106.0, 109.0]
    assert len(got.notes) == 1


def test_a_server_that_does_not_answer_in_time_is_down(server, source, any_symbol):
    server.fail(any_symbol, yahoo.STALL)
    hasty = YahooSource(cache_dir=source.cache_dir, endpoint=server.url, pace=0.0, timeout=0.1, attempts=1)
    began = time.monotonic()
    with pytest.raises(SourceDown, match="no answer in time"):
        hasty.fetch(any_symbol, FIRST, LAST)
    assert time.monotonic() - began < 4  # yfinance alone would give a time zone ten seconds


def test_a_server_that_is_not_there_is_down(source, symbol, server):
    gone = YahooSource(cache_dir=source.cache_dir, endpoint="http://127.0.0.1:1", pace=0.0, attempts=1)
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
    server.fail(any_symbol, yahoo.SERVER_ERROR, times=6)
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
    names = [next(_fresh) for _ in range(6)]
    for name in names:
        server.serve(name, chart(WEEK))
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
    patient = [YahooSource(cache_dir=source.cache_dir, endpoint=server.url, pace=0.2) for _ in range(2)]
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
from eventstudy.prices.yahoo import YahooSource
assert not {"yfinance", "curl_cffi", "pandas"} & sys.modules.keys()
source = YahooSource(cache_dir=pathlib.Path(sys.argv[2]), endpoint=sys.argv[1], pace=0.0)
print(source.fetch("GS", dt.date(2023, 10, 2), dt.date(2023, 10, 9)).sessions.size)
import yfinance
print(yfinance.const._BASE_URL_, yfinance.base._BASE_URL_, yfinance.scrapers.history._BASE_URL_)
"""


def test_a_fresh_process_sends_everything_to_the_endpoint_and_keeps_its_files_in_its_own_directory(server, tmp_path):
    server.serve("GS", json.loads((STORED / "gs_1d_2023-10.json").read_text()))
    server.fail("GS", yahoo.UNAUTHORIZED, times=1)  # so that the consent pages are asked for too
    home = tmp_path / "home"
    home.mkdir()
    environment = {k: v for k, v in os.environ.items() if not k.startswith("XDG_")} | {"HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", COLD, server.url, str(tmp_path / "cache")],
        cwd=Path(__file__).parents[2],
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
