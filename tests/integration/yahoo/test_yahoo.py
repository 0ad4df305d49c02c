"""YahooSource through unmodified yfinance: what good answers, and half good ones, become."""

import dataclasses
import datetime as dt
import json
from pathlib import Path

import numpy as np
import pytest

from eventstudy.errors import MalformedAnswer, NoDataInRange
from tests.support.yahoo_server import Fault, chart
from tests.support.yahoo_week import CLOSES, FIRST, LAST, WEDNESDAY, WEEK, labels

STORED = Path(__file__).parents[2] / "data" / "yahoo"


def at(source, hour, minute=0):
    """The same source on Monday 2023-10-09, at a time in UTC; New York closes at 20:00."""
    return dataclasses.replace(source, now=lambda: dt.datetime(2023, 10, 9, hour, minute, tzinfo=dt.UTC))


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
    assert got.notes == (
        "Yahoo daily bars; XNYS: priced at the close of each session, half days and former hours included",
    )
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
    assert got.close.tolist() == CLOSES
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
    # summer time began on Sunday 26 March; on Friday the market closes at 17:00 in New York
    assert [str(t)[:16] for t in got.instants] == [
        "2023-03-24T00:00",
        "2023-03-24T21:00",
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
    before = at(source, 19, 59).fetch(symbol, FIRST, LAST)
    assert labels(before)[-1] == "2023-10-06"
    assert before.notes[-1] == "not finished when fetched, left out: 2023-10-09"
    at_close = at(source, 20).fetch(symbol, FIRST, LAST)
    assert labels(at_close)[-1] == "2023-10-09"
    assert len(at_close.notes) == 1


def test_a_range_with_only_an_unfinished_session_holds_no_data(server, source, symbol):
    server.serve(symbol, chart(WEEK))
    with pytest.raises(NoDataInRange, match="finished"):
        at(source, 15).fetch(symbol, LAST, LAST)


def test_a_live_quote_beside_its_bar(server, source, symbol):
    live = [*WEEK, ("2023-10-09 15:50:02", 111.0)]
    server.serve(symbol, chart(live))
    during = at(source, 19, 51).fetch(symbol, FIRST, LAST)
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


def test_a_price_of_zero_is_kept_for_the_archive_to_mark(server, source, symbol):
    server.serve(symbol, chart([*WEEK[:3], (WEEK[3][0], 0.0), *WEEK[4:]]))
    got = source.fetch(symbol, FIRST, LAST)
    assert got.close[3] == 0.0
    assert labels(got)[3] == "2023-10-05"
    server.serve(symbol, chart([(moment, 0.0) for moment, _ in WEEK]))
    with pytest.raises(MalformedAnswer, match="has a closing price"):
        source.fetch(symbol, FIRST, LAST)


def test_a_first_pull_on_a_half_day_prices_the_other_days_at_their_own_close(server, source):
    days = [("2023-05-22 09:30", 100.0), ("2023-11-22 09:30", 101.0), ("2023-11-24 09:30", 102.0)]
    server.serve("GS", chart(days, hours=("09:30", "13:00")))
    later = dataclasses.replace(source, now=lambda: dt.datetime(2023, 11, 25, tzinfo=dt.UTC))
    got = later.fetch("GS", dt.date(2023, 5, 1), dt.date(2023, 11, 24))
    assert [str(t)[11:16] for t in got.instants] == ["20:00", "21:00", "18:00"]


def test_bars_without_any_price_are_a_malformed_answer(server, source, symbol):
    server.serve(symbol, chart([(moment, None) for moment, _ in WEEK]))
    with pytest.raises(MalformedAnswer, match="none of the 6 sessions from 2023-10-02 has a closing price"):
        source.fetch(symbol, FIRST, LAST)


def test_rows_out_of_order_are_sorted_and_noted(server, source, symbol):
    server.serve(symbol, chart([WEEK[3], *WEEK[:3], *WEEK[4:]]))
    got = source.fetch(symbol, FIRST, LAST)
    assert got.close.tolist() == CLOSES
    assert "rows came out of order; sorted by date" in got.notes


def test_a_row_that_came_twice_is_used_once_and_noted(server, source, symbol):
    server.serve(symbol, chart([*WEEK[:3], WEEK[2], *WEEK[3:]]))
    got = source.fetch(symbol, FIRST, LAST)
    assert got.close.tolist() == CLOSES
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
