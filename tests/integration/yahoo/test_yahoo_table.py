"""The rest of the fault table for daily bars, and one fault of each kind through a pass into the ledger."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import time

import numpy as np
import pytest

from eventstudy.errors import RateLimited, SourceDown
from tests.support import passes
from tests.support import yahoo_server as yahoo
from tests.support.passes import rows, write_config
from tests.support.yahoo_server import chart
from tests.support.yahoo_week import ATTEMPTS, CLOSES, FIRST, LAST, WEDNESDAY, WEEK, labels, new_symbol

# --- rate limits ------------------------------------------------------------------------------------------------


def test_a_source_that_asks_for_a_long_wait_is_left_alone(server, source, any_symbol):
    server.fail(any_symbol, yahoo.TOO_MANY_FOR_LONG)
    with pytest.raises(RateLimited) as caught:
        source.fetch(any_symbol, FIRST, LAST)
    assert caught.value.retry_after == 3600.0
    assert len(server.asked(any_symbol)) in (1, 2)  # yfinance itself repeats a question once


def test_a_short_wait_is_waited(server, source, any_symbol):
    server.fail(any_symbol, yahoo.TOO_MANY_FOR_A_MOMENT, times=2)
    assert source.fetch(any_symbol, FIRST, LAST).close.tolist() == CLOSES


def test_without_a_word_about_the_wait_there_is_none(server, source, any_symbol):
    server.fail(any_symbol, yahoo.TOO_MANY)
    with pytest.raises(RateLimited) as caught:
        source.fetch(any_symbol, FIRST, LAST)
    assert caught.value.retry_after is None
    assert len(server.asked(any_symbol)) in (ATTEMPTS, 2 * ATTEMPTS)


# --- a body that takes for ever -----------------------------------------------------------------------------------


@pytest.mark.parametrize("bar", ["1d", "1h"])
def test_a_body_that_comes_byte_by_byte_is_no_answer_in_time(server, source, symbol, bar):
    server.fail(symbol, yahoo.DRIP)
    hasty = dataclasses.replace(source, timeout=0.2, attempts=1)
    began = time.monotonic()
    with pytest.raises(SourceDown, match="no answer in time"):
        hasty.fetch(symbol, FIRST, LAST, bar)
    assert time.monotonic() - began < 4


# --- everything that a bar has --------------------------------------------------------------------------------------


def test_a_bar_has_all_its_numbers_and_the_close_is_raw(server, source, symbol):
    answer = chart(WEEK, events={"dividends": {"1": {"amount": 2.0, "date": WEDNESDAY}}})
    indicators = answer["chart"]["result"][0]["indicators"]
    quote, n = indicators["quote"][0], len(WEEK)
    quote["open"] = [close - 1 for close in CLOSES]
    quote["high"] = [close + 2 for close in CLOSES]
    quote["low"] = [close - 3 for close in CLOSES]
    quote["volume"] = [10 * (i + 1) for i in range(n)]
    indicators["adjclose"][0]["adjclose"] = [close * 0.98 if i < 2 else close for i, close in enumerate(CLOSES)]
    server.serve(symbol, answer)
    got = source.fetch(symbol, FIRST, LAST)
    assert got.close.tolist() == CLOSES
    assert got.adjusted[:2].tolist() == pytest.approx([0.98 * CLOSES[0], 0.98 * CLOSES[1]])
    assert (got.open - got.close).tolist() == [-1.0] * n
    assert (got.high - got.close).tolist() == [2.0] * n
    assert (got.low - got.close).tolist() == [-3.0] * n
    assert got.volume.tolist() == quote["volume"]
    assert got.dividends.tolist() == [0, 0, 2.0, 0, 0, 0]
    assert (got.splits.tolist(), got.bar, got.starts) == ([1.0] * n, "1d", None)


def test_a_split_stands_on_its_day_and_a_day_without_a_price_passes_it_on(server, source, symbol):
    split = {"splits": {"1": {"date": WEDNESDAY, "numerator": 3, "denominator": 2, "splitRatio": "3:2"}}}
    server.serve(symbol, chart(WEEK, events=split))
    assert source.fetch(symbol, FIRST, LAST).splits.tolist() == [1, 1, 1.5, 1, 1, 1]
    hole = [(moment, None if close == 104.0 else close) for moment, close in WEEK]
    server.serve(symbol, chart(hole, events=split))
    got = source.fetch(symbol, FIRST, LAST)
    assert labels(got)[2] == "2023-10-05"
    assert got.splits.tolist() == [1, 1, 1.5, 1, 1]


def test_the_currency_is_the_one_of_each_answer(server, source, symbol):
    server.serve(symbol, chart(WEEK))
    assert source.fetch(symbol, FIRST, LAST).currency == "USD"
    server.serve(symbol, chart(WEEK, currency="GBp"))
    assert source.fetch(symbol, FIRST, LAST).currency == "GBp"


def test_closes_follow_daylight_saving(server, source, symbol):
    server.serve(symbol, chart([("2023-03-10 09:30", 1.0), ("2023-03-13 09:30", 2.0)]))
    got = source.fetch(symbol, dt.date(2023, 3, 10), dt.date(2023, 3, 13))
    assert [str(t)[:16] for t in got.instants] == ["2023-03-10T21:00", "2023-03-13T20:00"]


def test_a_half_day_has_its_bar_and_the_note_says_when_it_is_priced(server, source, symbol):
    server.serve(symbol, chart([("2022-11-23 09:30", 1.0), ("2022-11-25 09:30", 2.0)]))
    got = source.fetch(symbol, dt.date(2022, 11, 23), dt.date(2022, 11, 25))
    assert labels(got) == ["2022-11-23", "2022-11-25"]
    assert "also on half days" in got.notes[0]


def test_what_it_says_of_itself(source):
    facts = source.facts
    assert facts.bars == ("1d", "1h", "30m", "15m", "5m", "1m")
    assert (facts.history["1m"], facts.history["1d"]) == (30, None)


# --- through a pass into the ledger -----------------------------------------------------------------------------------


def year() -> dict:
    """A made-up share on the weekdays around 2023-03-17."""
    days = np.arange(np.datetime64("2022-06-01"), np.datetime64("2023-05-01"))
    days = days[np.is_busday(days)]
    price = 100 * np.exp(np.cumsum(np.random.default_rng(7).normal(0, 0.01, days.size)))
    return chart([(f"{day} 09:30", round(float(p), 4)) for day, p in zip(days, price, strict=True)])


@pytest.fixture
def settings(tmp_path, server, cache_dir):
    """A pass over two shares; the first is in good health."""
    good, ill = new_symbol(), new_symbol()
    server.serve(good, year())
    text = (
        f"  yahoo: {{kind: yahoo, endpoint: {server.url}, cache: {cache_dir}, pace: 0, attempts: 2}}\n"
        f"assets:\n  good: {{source: yahoo, symbol: {good}}}\n  ill: {{source: yahoo, symbol: {ill}}}\n"
    )
    path = write_config(tmp_path, ("assets:\n", text), ("assets: [USDCNY, EURUSD]", "assets: [good, ill]"))
    return path, ill, tmp_path / "es.db"


PULLS = (
    "select subject, status, reason from run_steps where step = 'pull' and subject like 'yahoo:%' and status = 'failed'"
)


def test_a_fault_that_passes_is_in_the_ledger_and_the_next_pass_mends_it(settings, server):
    path, ill, database = settings
    server.serve(ill, year())
    server.fail(ill, yahoo.RESET, times=2)
    first = passes.run(path)
    assert first.exit_code == 3  # not 5: the other share was there
    ((subject, status, reason),) = rows(database, PULLS)
    assert (subject, status) == (f"yahoo:{ill}", "failed")
    assert "the connection failed" in reason
    assert rows(database, "select count(*) from analyses where asset = 'good' and status = 'ok'")[0][0] > 0
    second = passes.run(path, is_full=True)  # or once the wait for the next attempt is over
    assert second.exit_code == 0
    assert rows(database, "select count(*) from analyses where asset = 'ill' and status = 'ok'")[0][0] > 0
    assert len(rows(database, PULLS)) == 1


def test_a_fault_that_stays_is_in_the_ledger_and_never_a_result(settings, server):
    path, ill, database = settings
    done = passes.run(path)
    assert done.outcomes["visit"][0] == "partial"
    ((subject, status, reason),) = rows(database, PULLS)
    assert (subject, status) == (f"yahoo:{ill}", "failed")
    assert "no such symbol, or delisted" in reason
    assert rows(database, "select count(*) from analyses where asset = 'ill' and status = 'ok'") == [(0,)]
    assert len(server.asked(ill)) <= 2
    assert rows(database, "select count(*) from bars where symbol = ?", ill) == [(0,)]


def test_a_rate_limit_is_in_the_ledger(settings, server):
    path, ill, database = settings
    server.fail(ill, yahoo.TOO_MANY_FOR_LONG)
    assert passes.run(path).exit_code == 3
    reason = rows(database, PULLS)[0][2]
    assert "HTTP 429" in reason
    assert "not before 3600 seconds have passed" in reason


def test_the_settings_reach_the_source(settings, server):
    from eventstudy.prices import open_source

    path, _, _ = settings
    config, _ = passes.loaded(path)
    source = open_source("yahoo", config.sources["yahoo"], lambda: passes.NOW)
    assert (source.endpoint, source.pace, source.attempts, source.prepost) == (server.url, 0, 2, False)
    assert json.dumps(source.facts.bars)
