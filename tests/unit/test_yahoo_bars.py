"""When a Yahoo close was taken, and what is said about rows that came out of order or more than once."""

import datetime as dt
import json
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from eventstudy.calendars import named_calendar
from eventstudy.prices.yahoo import bars as yahoo_bars
from eventstudy.prices.yahoo.venues import calendar_of
from tests.support.yahoo_server import chart

STORED = Path(__file__).parents[1] / "data" / "yahoo"


def days(*labels):
    return np.array(labels, dtype="datetime64[D]")


def meta_of(**settings):
    return chart([("2023-03-17 09:30", 1.0)], **settings)["chart"]["result"][0]["meta"]


def stored_meta(name):
    return json.loads((STORED / f"{name}.json").read_text())["chart"]["result"][0]["meta"]


def instants_of(meta, *labels):
    instants, rule = yahoo_bars.closing_instants(days(*labels), meta)
    assert instants.dtype == np.dtype("datetime64[ns]")
    return [str(instant)[:16] for instant in instants], rule


def test_new_york_closes_follow_daylight_saving():
    # clocks went forward on 2023-03-12
    got, rule = instants_of(meta_of(), "2023-03-10", "2023-03-13")
    assert got == ["2023-03-10T21:00", "2023-03-13T20:00"]
    assert "16:00 America/New_York" in rule


def test_london_closes_at_half_past_four():
    got, _ = instants_of(meta_of(zone="Europe/London", hours=("08:00", "16:30")), "2023-03-24", "2023-03-27")
    assert got == ["2023-03-24T16:30", "2023-03-27T15:30"]


def test_the_last_day_of_tokyo_has_its_own_date():
    got, _ = instants_of(meta_of(zone="Asia/Tokyo", hours=("09:00", "15:00")), "2023-03-17")
    assert got == ["2023-03-17T06:00"]


@pytest.mark.parametrize("name", ["gs_1d_2023-10", "nvda_1h_2024-05-03"])
def test_shares_of_the_stored_answers_close_at_four_in_new_york(name):
    got, _ = instants_of(stored_meta(name), "2023-03-10", "2023-03-13")
    assert got == ["2023-03-10T21:00", "2023-03-13T20:00"]


def test_a_currency_day_of_the_stored_answer_ends_at_london_midnight_and_its_week_at_five_in_new_york():
    meta = stored_meta("eur_x_1m_2021-07-30_meta_only")
    calendar = named_calendar(calendar_of("EUR=X", meta))
    got, _ = yahoo_bars.closing_instants(days("2023-03-23", "2023-03-24", "2023-03-27"), meta, calendar)
    # summer time began on 2023-03-12 in New York, and on 2023-03-26 in London
    assert [str(i)[:16] for i in got] == ["2023-03-24T00:00", "2023-03-24T21:00", "2023-03-27T23:00"]
    assert "calendar day of Europe/London" in instants_of(meta, "2023-03-23")[1]


def closes_on(calendar, meta, *labels):
    """Closing times in the zone of the answer, and the rule."""
    instants, rule = yahoo_bars.closing_instants(days(*labels), meta, named_calendar(calendar))
    zone = ZoneInfo(meta["exchangeTimezoneName"])
    return [f"{dt.datetime.fromisoformat(f'{i}'[:19] + '+00:00').astimezone(zone):%d %H:%M}" for i in instants], rule


@pytest.mark.parametrize("today", ["13:00", "16:00"])
def test_half_days_and_whole_days_keep_their_own_close_whichever_the_current_day_is(today):
    got, rule = closes_on("XNYS", meta_of(hours=("09:30", today)), "2023-05-22", "2023-11-24", "2024-07-03")
    assert got == ["22 16:00", "24 13:00", "03 13:00"]
    assert rule == "priced at the close of each session, half days and former hours included"


def test_former_hours_of_tokyo_and_seoul_count_on_former_days():
    tokyo = meta_of(zone="Asia/Tokyo", hours=("09:00", "15:30"))
    assert closes_on("XTKS", tokyo, "2024-02-06", "2024-11-05")[0] == ["06 15:00", "05 15:30"]
    seoul = meta_of(zone="Asia/Seoul", hours=("09:00", "15:00"))  # as Yahoo states it
    got, _ = closes_on("XKRX", seoul, "2016-07-29", "2024-02-06", "2025-11-13")
    assert got == ["29 15:00", "06 15:30", "13 16:30"]


@pytest.mark.parametrize("today", ["13:00", "16:00"])
def test_a_day_that_the_calendar_lacks_has_the_ordinary_close_whichever_the_current_day_is(today):
    got, rule = closes_on("XNYS", meta_of(hours=("09:30", today)), "2023-11-23", "2023-11-24")
    assert got == ["23 16:00", "24 13:00"]
    assert "on days that the calendar lacks, priced at the regular close, 16:00 America/New_York" in rule


def test_hours_that_fill_the_day_do_not_make_a_future_a_coin():
    around_the_clock = ("00:00", "23:59")
    got, _ = closes_on("CMES", meta_of(kind="FUTURE", hours=around_the_clock), "2024-03-13", "2024-07-04")
    assert got == ["13 17:00", "04 13:00"]  # the halt at 16:00 in Chicago; the fourth of July ends at noon there
    unknown, rule = instants_of(meta_of(kind="FUTURE", hours=around_the_clock), "2024-03-13")
    assert unknown == ["2024-03-13T21:00"]
    assert "17:00 America/New_York" in rule
    index, _ = closes_on("XTKS", meta_of(zone="Asia/Tokyo", kind="INDEX", hours=around_the_clock), "2024-02-06")
    assert index == ["06 15:00"]


def test_a_currency_day_is_whole_whatever_the_hours_say():
    got, _ = instants_of(meta_of(zone="Europe/London", kind="CURRENCY", hours=("08:00", "16:00")), "2023-01-10")
    assert got == ["2023-01-11T00:00"]


def test_a_cryptocurrency_day_ends_at_utc_midnight():
    got, _ = instants_of(meta_of(zone="UTC", kind="CRYPTOCURRENCY", hours=("00:00", "23:59")), "2023-12-31")
    assert got == ["2024-01-01T00:00"]


def test_hours_that_fill_the_day_are_a_whole_day_for_any_kind():
    got, _ = instants_of(meta_of(kind="INDEX", hours=("00:00", "23:59")), "2023-03-17")
    assert got == ["2023-03-18T04:00"]


def test_hours_past_midnight_close_on_the_next_date():
    meta = meta_of(zone="UTC", hours=("08:00", "23:00"))
    meta["currentTradingPeriod"]["regular"]["end"] += 2 * 3600
    got, _ = instants_of(meta, "2023-03-17")
    assert got == ["2023-03-18T01:00"]


@pytest.mark.parametrize(
    ("paid", "keep", "expected"),
    [
        ([0, 1, 0], [True, True, True], [0, 1, 0]),
        ([0, 1, 0], [True, False, True], [0, 1]),
        ([0, 1, 2], [True, False, True], [0, 3]),
        ([1, 1, 1, 0], [False, False, True, True], [3, 0]),
        ([0, 0, 1], [True, True, False], [0, 0]),
    ],
)
def test_a_dividend_of_a_row_left_out_counts_on_the_next_one(paid, keep, expected):
    got = yahoo_bars.carry(np.array(paid, dtype=float), np.array(keep))
    assert got.tolist() == expected


def rows(*pairs, **settings):
    return chart(pairs, **settings)["chart"]["result"][0]


def notes_of(result, *kept):
    labels = days(*[label for label, _ in kept])
    return list(yahoo_bars.repairs(labels, np.array([close for _, close in kept]), result))


def test_rows_in_order_need_no_note():
    result = rows(("2023-03-16 09:30", 1.0), ("2023-03-17 09:30", 2.0))
    assert notes_of(result, ("2023-03-16", 1.0), ("2023-03-17", 2.0)) == []
    assert yahoo_bars.contradiction(result) is None


def test_rows_out_of_order_are_said():
    result = rows(("2023-03-17 09:30", 2.0), ("2023-03-16 09:30", 1.0))
    assert notes_of(result, ("2023-03-16", 1.0), ("2023-03-17", 2.0)) == ["rows came out of order; sorted by date"]


def test_the_latest_quote_beside_its_bar_is_said_with_both_prices():
    result = rows(("2023-03-17 09:30", 2.0), ("2023-03-17 16:00:02", 2.5))
    assert notes_of(result, ("2023-03-17", 2.5)) == ["2023-03-17 came more than once (close 2.0, 2.5); used 2.5"]
    assert yahoo_bars.contradiction(result) is None


def test_an_earlier_session_with_two_prices_is_a_contradiction():
    result = rows(("2023-03-16 09:30", 1.0), ("2023-03-16 09:30", 1.5), ("2023-03-17 09:30", 2.0))
    assert yahoo_bars.contradiction(result) == "2023-03-16 has 2 closing prices (1.0, 1.5)"


def test_a_midnight_that_slipped_an_hour_is_the_next_session_and_no_repetition():
    # the fault that yfinance repairs in fix_Yahoo_dst_issue: a midnight stamped 23:00 of the day before
    result = rows(("2022-01-03 00:00", 1.0), ("2022-01-03 23:00", 2.0), zone="America/Sao_Paulo")
    assert notes_of(result, ("2022-01-03", 1.0), ("2022-01-04", 2.0)) == []


def frame_of(**columns):
    return pd.DataFrame(columns, index=pd.to_datetime(["2023-03-16", "2023-03-17"]).tz_localize("America/New_York"))


def test_dividends_in_the_unit_of_the_price_are_kept():
    result = rows(("2023-03-17 09:30", 2.0), events={"dividends": {"1": {"amount": 0.5, "date": 1}}})
    paid, notes = yahoo_bars.dividends(frame_of(Dividends=[0.0, 0.5]), result)
    assert (paid.tolist(), notes) == ([0.0, 0.5], ())


def test_dividends_in_another_unit_are_left_out_and_said():
    at = int(dt.datetime(2023, 3, 17, 13, 30, tzinfo=dt.UTC).timestamp())
    events = {"dividends": {"1": {"amount": 0.5, "date": at, "currency": "USD"}}}
    result = rows(("2023-03-17 09:30", 2.0), currency="VND", events=events)
    paid, notes = yahoo_bars.dividends(frame_of(Dividends=[7.0, 0.5]), result)
    assert paid.tolist() == [7.0, 0.0]  # that in the unit of the price stays
    assert notes == ("dividends in USD, prices in VND: left out on 2023-03-17",)


def test_splits_and_capital_gains_are_said():
    frame = frame_of(**{"Stock Splits": [0.0, 4.0], "Capital Gains": [0.25, 0.0]})
    assert list(yahoo_bars.actions(frame)) == [
        "4 for 1 split on 2023-03-17; Yahoo restates the prices before it",
        "capital gain of 0.25 per share on 2023-03-16; not counted as a dividend",
    ]


@pytest.mark.parametrize(
    ("quoted", "after", "live"),
    [
        ("2024-03-13T17:30", 2, True),  # an old answer out of a cache
        ("2024-03-13T20:00", 2, False),  # the closing auction
        ("2024-03-13T17:30", 30, False),  # nothing was traded later
        ("2024-03-12T20:00", 2, False),  # of a day before: a bar that was added late
        (None, 2, False),
    ],
)
def test_a_bar_whose_last_trade_is_from_before_the_close_is_no_close_yet(quoted, after, live):
    session, close = np.datetime64("2024-03-13"), np.datetime64("2024-03-13T20:00")
    meta = meta_of() | ({"regularMarketTime": np.datetime64(quoted, "s").astype(int).item()} if quoted else {})
    now = close + np.timedelta64(after, "h")
    assert yahoo_bars.is_live(session, close, meta, now) is live
    assert not yahoo_bars.is_live(session, close, meta | {"instrumentType": "CURRENCY"}, now)
