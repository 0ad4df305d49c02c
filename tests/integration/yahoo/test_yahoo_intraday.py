"""Bars of less than a day through unmodified yfinance."""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from eventstudy.errors import BeyondHistory, MalformedAnswer, NoDataInRange, RateLimited, SourceDown, UnknownSymbol
from tests.support import yahoo_server as yahoo
from tests.support.yahoo_server import Fault, bars, chart, with_prepost
from tests.support.yahoo_week import ATTEMPTS

STORED = Path(__file__).parents[2] / "data" / "yahoo"
MONDAY, TUESDAY = dt.date(2023, 10, 9), dt.date(2023, 10, 10)
SIZES = {"1h": 60, "15m": 15, "5m": 5, "1m": 1}


def two_days(minutes: int) -> list[tuple[str, float]]:
    last = {60: "15:30", 15: "15:45", 5: "15:55", 1: "15:59"}[minutes]
    return [
        *bars("2023-10-09", "09:30", last, minutes),
        *bars("2023-10-10", "09:30", last, minutes, price=110.0),
    ]


def serve(server, symbol, minutes, rows=None, **options):
    answer = chart(two_days(minutes) if rows is None else rows, is_intraday=True, **options)
    server.serve(symbol, answer)
    return answer


@pytest.fixture
def source(source):
    """The evening of Tuesday 2023-10-10, after the close in New York."""
    return dataclasses.replace(source, now=lambda: dt.datetime(2023, 10, 10, 22, tzinfo=dt.UTC))


def at(source, *clock):
    return dataclasses.replace(source, now=lambda: dt.datetime(2023, 10, 10, *clock, tzinfo=dt.UTC))


def utc(instants):
    return [str(t)[:19] for t in instants]


# --- good answers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bar", SIZES)
def test_every_size_of_bar(server, source, symbol, bar):
    minutes = SIZES[bar]
    serve(server, symbol, minutes)
    got = source.fetch(symbol, MONDAY, TUESDAY, bar)
    assert (got.bar, got.close.size, got.currency) == (bar, len(two_days(minutes)), "USD")
    assert got.close.tolist() == [close for _, close in two_days(minutes)]
    assert utc(got.starts[:2]) == [
        "2023-10-09T13:30:00",
        f"2023-10-09T{13 + (30 + minutes) // 60}:{(30 + minutes) % 60:02}:00",
    ]
    assert utc(got.instants[[0, -1]]) == [utc(got.starts[1:2])[0], "2023-10-10T20:00:00"]  # an hour is cut at the close
    assert sorted(set(map(str, got.sessions))) == ["2023-10-09", "2023-10-10"]
    for name in ("open", "high", "low", "volume", "splits", "dividends"):
        assert getattr(got, name).shape == got.close.shape
    assert got.adjusted is None
    assert got.notes == (f"Yahoo {bar} bars; America/New_York",)
    assert (got.starts.dtype, got.instants.dtype) == (np.dtype("datetime64[ns]"),) * 2
    assert {asked["interval"] for asked in server.asked(symbol)[1:]} == {bar}
    assert server.asked(symbol)[-1]["includePrePost"] == "false"


def test_half_hours_are_made_of_quarters(server, source, symbol):
    serve(server, symbol, 15)
    got = source.fetch(symbol, MONDAY, TUESDAY, "30m")
    assert server.asked(symbol)[-1]["interval"] == "15m"
    quarters = [close for _, close in two_days(15)]
    assert got.close.tolist() == quarters[1::2]
    assert got.open.tolist() == quarters[::2]
    assert utc(got.starts[[0, -1]]) == ["2023-10-09T13:30:00", "2023-10-10T19:30:00"]
    assert len(got.notes) == 1  # the half hours of the night, which yfinance makes up, are nothing that is missing


def test_the_stored_hours_end_with_the_auction_left_out(server, source):
    stored = json.loads((STORED / "nvda_1h_2024-05-03.json").read_text())
    server.serve("NVDA", stored)
    late = dataclasses.replace(source, now=lambda: dt.datetime(2024, 5, 6, tzinfo=dt.UTC))
    got = late.fetch("NVDA", dt.date(2024, 5, 3), dt.date(2024, 5, 3), "1h")
    assert got.close.tolist() == stored["chart"]["result"][0]["indicators"]["quote"][0]["close"][:7]
    assert utc(got.starts[[0, -1]]) == ["2024-05-03T13:30:00", "2024-05-03T19:30:00"]
    assert utc(got.instants[[0, -1]]) == ["2024-05-03T14:30:00", "2024-05-03T20:00:00"]


def test_before_the_open_and_after_the_close_when_asked_for(server, source, symbol):
    rows = [
        *bars("2023-10-09", "08:00", "08:00", 60),
        *bars("2023-10-09", "09:30", "15:30", 60),
        ("2023-10-09 16:00", 9.0),
    ]
    server.serve(symbol, with_prepost(chart(rows, is_intraday=True)))
    wide = dataclasses.replace(source, prepost=True)
    got = wide.fetch(symbol, MONDAY, MONDAY, "1h")
    assert server.asked(symbol)[-1]["includePrePost"] == "true"
    assert utc(got.starts[[0, -2, -1]]) == ["2023-10-09T12:00:00", "2023-10-09T19:30:00", "2023-10-09T20:00:00"]
    assert utc(got.instants[[0, -2, -1]]) == ["2023-10-09T13:00:00", "2023-10-09T20:00:00", "2023-10-09T21:00:00"]
    assert "with pre- and post-market" in got.notes[0]
    assert (wide.facts.prepost, source.facts.prepost) == (True, False)
    serve(server, symbol, 60, rows=rows)
    assert utc(source.fetch(symbol, MONDAY, MONDAY, "1h").starts[[0, -1]]) == [
        "2023-10-09T13:30:00",
        "2023-10-09T19:30:00",
    ]


def test_dates_are_those_of_the_venue(server, source, symbol):
    rows = [*bars("2023-10-09", "09:00", "14:00", 60), *bars("2023-10-10", "09:00", "14:00", 60)]
    serve(server, symbol, 60, rows=rows, zone="Asia/Tokyo", hours=("09:00", "15:00"))
    got = source.fetch(symbol, TUESDAY, TUESDAY, "1h")
    assert (utc(got.starts)[0], utc(got.instants)[-1]) == ("2023-10-10T00:00:00", "2023-10-10T06:00:00")
    assert set(map(str, got.sessions)) == {"2023-10-10"}


def test_a_currency_has_bars_round_the_clock(server, source):
    rows = bars("2023-10-09", "00:00", "23:00", 60)
    serve(server, "EUR=X", 60, rows=rows, zone="Europe/London", kind="CURRENCY", hours=("00:00", "23:59"))
    got = source.fetch("EUR=X", MONDAY, MONDAY, "1h")
    assert (got.close.size, utc(got.starts)[0], utc(got.instants)[-1]) == (
        24,
        "2023-10-08T23:00:00",
        "2023-10-09T23:00:00",
    )


def test_the_last_hour_of_a_half_day_ends_with_it(server, source, symbol):
    friday = dt.date(2022, 11, 25)
    rows = [*bars("2022-11-23", "09:30", "15:30", 60), *bars("2022-11-25", "09:30", "12:30", 60)]
    serve(server, symbol, 60, rows=rows, early={"2022-11-25": "13:00"})
    got = source.fetch(symbol, dt.date(2022, 11, 23), friday, "1h")
    assert utc(got.instants[[6, -1]]) == ["2022-11-23T21:00:00", "2022-11-25T18:00:00"]


def test_bars_follow_daylight_saving(server, source, symbol):
    rows = [*bars("2023-03-10", "09:30", "15:30", 60), *bars("2023-03-13", "09:30", "15:30", 60)]
    serve(server, symbol, 60, rows=rows)
    got = source.fetch(symbol, dt.date(2023, 3, 10), dt.date(2023, 3, 13), "1h")
    assert utc(got.starts[[0, 7]]) == ["2023-03-10T14:30:00", "2023-03-13T13:30:00"]


def test_a_dividend_and_a_split_stand_at_the_first_bar_of_their_day(server, source, symbol):
    opening = int(dt.datetime(2023, 10, 10, 13, 30, tzinfo=dt.UTC).timestamp())
    events = {
        "dividends": {"1": {"amount": 0.5, "date": opening}},
        "splits": {"1": {"date": opening, "numerator": 4, "denominator": 1, "splitRatio": "4:1"}},
    }
    for bar, minutes in SIZES.items():
        serve(server, symbol, minutes, events=events)
        got = source.fetch(symbol, MONDAY, TUESDAY, bar)
        first = int(np.searchsorted(got.sessions, np.datetime64("2023-10-10")))
        assert np.flatnonzero(got.dividends).tolist() == [first]
        assert (np.flatnonzero(got.splits != 1).tolist(), got.splits[first]) == ([first], 4.0)
        assert any("4 for 1 split on 2023-10-10" in note for note in got.notes)


# --- the bar that is not finished ---------------------------------------------------------------------------------


def test_a_bar_counts_from_its_end_on(server, source, symbol):
    serve(server, symbol, 5, rows=bars("2023-10-10", "09:30", "10:00", 5))
    during = at(source, 14, 4, 59).fetch(symbol, TUESDAY, TUESDAY, "5m")
    assert utc(during.starts)[-1] == "2023-10-10T13:55:00"
    assert during.notes[-1] == "not finished when fetched, left out: 2023-10-10T14:00 UTC"
    assert utc(at(source, 14, 5).fetch(symbol, TUESDAY, TUESDAY, "5m").starts)[-1] == "2023-10-10T14:00:00"


def test_a_live_quote_beside_its_bar_is_not_a_bar(server, source, symbol):
    rows = [*bars("2023-10-10", "09:30", "10:00", 5), ("2023-10-10 10:03:21", 77.0)]
    serve(server, symbol, 5, rows=rows)
    got = at(source, 14, 3, 30).fetch(symbol, TUESDAY, TUESDAY, "5m")
    assert utc(got.starts)[-1] == "2023-10-10T13:55:00"
    assert 77.0 not in got.close


def test_a_live_quote_on_its_own_is_left_out_and_said(server, source, symbol):
    rows = [*bars("2023-10-10", "09:30", "10:00", 5), ("2023-10-10 10:33:21", 77.0)]
    serve(server, symbol, 5, rows=rows)
    got = at(source, 15, 0).fetch(symbol, TUESDAY, TUESDAY, "5m")
    assert utc(got.starts)[-1] == "2023-10-10T14:00:00"
    assert any(note.startswith("1 bars that are live quotes, left out: 2023-10-10T14:33") for note in got.notes)


def test_dates_in_the_future_hold_no_data_yet(server, source, symbol):
    serve(server, symbol, 5)
    with pytest.raises(NoDataInRange):
        source.fetch(symbol, dt.date(2023, 10, 12), dt.date(2023, 10, 13), "5m")


# --- history ------------------------------------------------------------------------------------------------------

WALLS = [("1m", 30), ("5m", 60), ("15m", 60), ("30m", 60), ("1h", 730)]


@pytest.mark.parametrize(("bar", "days"), WALLS)
def test_what_lies_beyond_the_history_is_not_asked_for(server, source, bar, days):
    old = TUESDAY - dt.timedelta(days=days + 2)
    with pytest.raises(BeyondHistory, match=f"{bar} bars for the last {days} days only, from 20"):
        source.fetch("GS", old - dt.timedelta(days=3), old, bar)
    assert server.log == []
    assert source.facts.history[bar] == days


@pytest.mark.parametrize(("bar", "days"), WALLS)
def test_of_a_range_that_reaches_beyond_what_is_left_is_fetched(server, source, symbol, bar, days):
    server.now = source.now()
    serve(server, symbol, SIZES.get(bar, 15))
    got = source.fetch(symbol, TUESDAY - dt.timedelta(days=days + 30), TUESDAY, bar)
    assert set(map(str, got.sessions)) == {"2023-10-09", "2023-10-10"}
    assert any(note.startswith(f"Yahoo no longer serves {bar} bars from before 20") for note in got.notes)


def test_minutes_are_asked_for_in_pieces(server, source, symbol):
    server.now = source.now()
    serve(server, symbol, 1)
    got = source.fetch(symbol, dt.date(2023, 9, 13), TUESDAY, "1m")
    asked = [(int(q["period1"]), int(q["period2"])) for q in server.asked(symbol) if "period1" in q]
    assert len(asked) == 5  # of seven days at most
    assert all(end - start <= 8 * 86400 for start, end in asked)
    assert all(before[1] == after[0] for before, after in itertools.pairwise(asked))
    assert got.close.tolist() == [close for _, close in two_days(1)]


def test_yahoo_has_the_last_word_on_its_history(server, source, symbol):
    serve(server, symbol, 60)
    source.fetch(symbol, MONDAY, MONDAY, "1h")
    server.fail(symbol, yahoo.TOO_OLD)
    with pytest.raises(BeyondHistory, match="within the last 730 days"):
        source.fetch(symbol, MONDAY, MONDAY, "1h")


def test_a_wall_that_is_nearer_than_we_know_costs_only_what_lies_behind_it(server, source, symbol):
    serve(server, symbol, 1)
    source.fetch(symbol, MONDAY, MONDAY, "1m")
    server.fail(symbol, yahoo.TOO_OLD, times=2)  # yfinance itself repeats the question once
    got = source.fetch(symbol, dt.date(2023, 9, 20), TUESDAY, "1m")
    assert got.close.tolist() == [close for _, close in two_days(1)]
    assert any(note.startswith("Yahoo refused a part of the range") for note in got.notes)


def test_no_date_is_too_far_off(server, source, symbol):
    serve(server, symbol, 60)
    assert source.fetch(symbol, dt.date.min, dt.date.max, "1h").close.size == 14
    with pytest.raises(BeyondHistory):
        source.fetch(symbol, dt.date.min, dt.date.min, "1h")
    with pytest.raises(NoDataInRange):
        source.fetch(symbol, dt.date.max, dt.date.max, "1h")


# --- failures -----------------------------------------------------------------------------------------------------

FAILURES = [
    ("404", yahoo.NOT_FOUND, UnknownSymbol),
    ("429", yahoo.TOO_MANY, RateLimited),
    ("500", yahoo.SERVER_ERROR, SourceDown),
    ("502", yahoo.BAD_GATEWAY, SourceDown),
    ("401", yahoo.UNAUTHORIZED, SourceDown),
    ("web page", yahoo.WEB_PAGE, MalformedAnswer),
    ("cut short", yahoo.CUT_SHORT, MalformedAnswer),
    ("null", yahoo.NULL_RESULT, MalformedAnswer),
    ("reset", yahoo.RESET, SourceDown),
]


@pytest.mark.parametrize("bar", ["1h", "30m", "1m"])
@pytest.mark.parametrize(("fault", "leaf"), [row[1:] for row in FAILURES], ids=[row[0] for row in FAILURES])
def test_a_failure_that_stays_is_the_right_error(server, source, symbol, bar, fault, leaf):
    serve(server, symbol, SIZES.get(bar, 15))
    server.fail(symbol, fault)
    with pytest.raises(leaf) as caught:
        source.fetch(symbol, MONDAY, TUESDAY, bar)
    assert type(caught.value) is leaf


@pytest.mark.parametrize(("fault", "leaf"), [row[1:] for row in FAILURES[1:]], ids=[row[0] for row in FAILURES[1:]])
def test_a_failure_that_passes_leaves_the_data_whole(server, source, symbol, fault, leaf):
    serve(server, symbol, 60)
    server.fail(symbol, fault, times=ATTEMPTS - 1)
    got = source.fetch(symbol, MONDAY, TUESDAY, "1h")
    assert got.close.tolist() == [close for _, close in two_days(60)]


def test_bars_without_a_price_are_left_out_and_counted(server, source, symbol):
    rows = [(moment, None if i in (2, 3, 4, 5) else close) for i, (moment, close) in enumerate(two_days(5))]
    serve(server, symbol, 5, rows=rows)
    got = source.fetch(symbol, MONDAY, TUESDAY, "5m")
    assert got.close.size == len(rows) - 4
    assert got.notes[-1] == (
        "4 bars without a price, left out: 2023-10-09T13:40, 2023-10-09T13:45, 2023-10-09T13:50 UTC and 1 more"
    )


def test_bars_without_any_price_are_a_malformed_answer(server, source, symbol):
    serve(server, symbol, 60, rows=[(moment, None) for moment, _ in two_days(60)])
    with pytest.raises(MalformedAnswer, match="none of the 14 bars has a price"):
        source.fetch(symbol, MONDAY, TUESDAY, "1h")


def test_a_bar_that_came_twice_is_used_once_and_noted(server, source, symbol):
    rows = two_days(60)
    serve(server, symbol, 60, rows=[*rows[:3], rows[2], *rows[3:]])
    got = source.fetch(symbol, MONDAY, TUESDAY, "1h")
    assert got.close.tolist() == [close for _, close in rows]
    assert "2023-10-09 15:30:00 came more than once (close 100.02); used 100.02" in got.notes


def test_a_bar_with_two_prices_is_a_malformed_answer(server, source, symbol):
    rows = two_days(60)
    serve(server, symbol, 60, rows=[*rows[:3], (rows[2][0], 55.0), *rows[3:]])
    with pytest.raises(MalformedAnswer, match="2023-10-09 15:30:00 has 2 closing prices"):
        source.fetch(symbol, MONDAY, TUESDAY, "1h")


def test_dates_without_a_session_hold_no_data(server, source, symbol):
    serve(server, symbol, 60)
    with pytest.raises(NoDataInRange, match="no session in these dates"):
        source.fetch(symbol, dt.date(2023, 10, 7), dt.date(2023, 10, 8), "1h")


def test_a_revision_of_past_bars_is_seen(server, source, symbol):
    serve(server, symbol, 60)
    assert source.fetch(symbol, MONDAY, MONDAY, "1h").close[0] == 100.0
    serve(server, symbol, 60, rows=[(moment, close / 2) for moment, close in two_days(60)])
    assert source.fetch(symbol, MONDAY, MONDAY, "1h").close[0] == 50.0


@pytest.mark.parametrize("part", ["currency", "exchangeTimezoneName", "tradingPeriods"])
def test_an_answer_with_a_part_missing_is_malformed(server, source, symbol, part):
    answer = serve(server, symbol, 60)
    source.fetch(symbol, MONDAY, MONDAY, "1h")
    del answer["chart"]["result"][0]["meta"][part]
    server.fail(symbol, Fault(body=json.dumps(answer)))
    with pytest.raises(MalformedAnswer):
        source.fetch(symbol, MONDAY, TUESDAY, "1h")


@pytest.mark.parametrize("bar", ["2m", "1wk", "", "1D"])
def test_a_size_of_bar_that_it_does_not_have_is_not_asked_for(server, source, bar):
    with pytest.raises(NoDataInRange, match="it has 1d, 1h, 30m, 15m, 5m, 1m"):
        source.fetch("GS", MONDAY, TUESDAY, bar)
    assert server.log == []
