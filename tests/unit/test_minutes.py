"""Windows by the clock on bars made by hand: what is a bar, where a window begins and ends, and why it is refused."""

from __future__ import annotations

import datetime as dt
import math
import weakref

import numpy as np
import pandas as pd
import pytest

from eventstudy.calendars import trading_hours
from eventstudy.errors import InputError
from eventstudy.study.clock.bars import MINUTE, make_bars
from eventstudy.study.clock.hours import Market
from eventstudy.study.clock.result import run_clock_study
from eventstudy.study.clock.spec import ClockSpec
from eventstudy.study.clock.windows import ClockWindow, measure

NEW_YORK = Market.of("XNYS", trading_hours("XNYS", dt.date(2022, 11, 1), dt.date(2023, 4, 1)))
TOKYO = Market.of("XTKS", trading_hours("XTKS", dt.date(2023, 3, 1), dt.date(2023, 4, 1)))
FX = Market.of("fx", trading_hours("fx", dt.date(2023, 3, 1), dt.date(2023, 4, 1)))


def ns(text: str) -> int:
    return int(pd.Timestamp(text).tz_convert("UTC").tz_localize(None).as_unit("ns").value)


def bars(market, minutes, *rows, volume=None):
    """Bars from (start, close) pairs."""
    starts = np.array([ns(start) for start, _ in rows])
    close = np.array([price for _, price in rows], dtype=float)
    columns = {"close": close, "open": close, "high": close, "low": close}
    if volume is not None:
        columns["volume"] = np.array(volume, dtype=float)
    return make_bars("A", market, minutes * MINUTE, starts, columns)


def one(found_bars, window, at):
    """The window at one announcement."""
    place = found_bars.market.place(ns(at))
    rows = np.array([place.session]), np.array([place.at])
    start, end = window
    return measure(found_bars, ClockWindow(start, end), *rows, is_open=place.is_open, is_break=place.is_break)


DAY = tuple((f"2023-03-22T{14 + i // 12}:{5 * (i % 12):02d}:00Z", 100 + i) for i in range(24))  # 14:00 to 15:55


def test_a_market_goes_when_its_study_is_over():
    market = Market.of("XNYS", trading_hours("XNYS", dt.date(2023, 3, 1), dt.date(2023, 4, 1)))
    at = ns("2023-03-22T14:00:00Z")
    for zone in ("America/New_York", "Europe/Berlin"):
        assert at in market.same_clock(market.place(at), zone)
    gone = weakref.ref(market)
    del market
    assert gone() is None  # a service makes one for every study, for years


def test_rows_that_are_no_bars_are_left_out_and_counted():
    found = bars(
        NEW_YORK,
        5,
        ("2023-03-22T13:25:00Z", 99),  # before the opening at 13:30
        ("2023-03-22T13:30:00Z", 100),
        ("2023-03-22T13:35:00Z", float("nan")),
        ("2023-03-22T13:40:00Z", 101),
        ("2023-03-22T20:00:00Z", 102),  # stamped at the close
        volume=[1, 1, 1, 0, 1],
    )
    assert found.close.tolist() == [100.0]
    assert found.left_out == {"without a price above zero": 1, "without volume": 1, "outside every session": 2}


def test_the_bar_that_ends_at_the_announcement_is_before_it():
    found = one(bars(NEW_YORK, 5, *DAY), (0, 5), "2023-03-22T15:00:00Z")
    assert (found.bars.close[found.base[0]], found.bars.close[found.end[0]]) == (111.0, 112.0)
    assert found.move[0] == pytest.approx(math.log(112 / 111), rel=1e-15)


def test_a_bar_in_whose_middle_the_news_came_is_neither():
    found = one(bars(NEW_YORK, 5, *DAY), (0, 5), "2023-03-22T15:02:30Z")
    assert found.refusal(0) == "no-bar-after"  # the bar of 15:00 began before, that of 15:05 ends after the window
    found = one(bars(NEW_YORK, 5, *DAY), (0, 10), "2023-03-22T15:02:30Z")
    assert (found.bars.close[found.base[0]], found.bars.close[found.end[0]]) == (111.0, 113.0)


@pytest.mark.parametrize(
    ("window", "at", "code"),
    [
        ((-10, 5), "2023-03-22T12:00:00Z", "before-reopening"),
        ((0, 30), "2023-03-22T19:45:00Z", "session-closes"),
        ((0, 5), "2023-03-22T13:50:00Z", "no-bar-before"),
        ((0, 5), "2023-03-22T16:20:00Z", "stale-base"),
        ((0, 5), "2023-03-22T16:02:00Z", "no-bar-after"),
        ((0, 60), "2023-03-22T15:50:00Z", "stale-end"),
    ],
)
def test_why_a_window_is_refused(window, at, code):
    assert one(bars(NEW_YORK, 5, *DAY), window, at).refusal(0) == code


def test_after_the_close_minutes_count_from_the_next_opening():
    found = bars(NEW_YORK, 5, ("2023-03-22T19:55:00Z", 100), ("2023-03-23T13:30:00Z", 105))
    measured = one(found, (0, 5), "2023-03-22T20:00:00Z")  # shut at the closing instant
    assert measured.is_last_close[0]
    assert measured.move[0] == pytest.approx(math.log(1.05))


def test_the_lunch_break_is_a_shut_market():
    found = bars(TOKYO, 5, ("2023-03-22T02:25:00Z", 100), ("2023-03-22T03:30:00Z", 103), ("2023-03-22T03:35:00Z", 104))
    place = TOKYO.place(ns("2023-03-22T03:00:00Z"))  # 12:00 in Tokyo
    assert (place.is_open, place.is_break) == (False, True)
    assert one(found, (0, 5), "2023-03-22T03:00:00Z").move[0] == pytest.approx(math.log(1.03))
    # five minutes past the break's end the morning's last bar is stale no longer, for it is no base any more
    assert one(found, (0, 5), "2023-03-22T03:35:00Z").move[0] == pytest.approx(math.log(104 / 103))


def test_sessions_of_a_currency_touch_and_the_week_is_one_span():
    monday, friday = (int(np.flatnonzero(FX.labels == np.datetime64(d))[0]) for d in ("2023-03-20", "2023-03-24"))
    assert FX.spans[monday] == FX.spans[friday] == FX.spans[monday - 1] + 1
    rows = [(f"2023-03-22T{20 + i // 12}:{5 * (i % 12):02d}:00Z", 100 + i) for i in range(24)]
    # 17:00 in New York is 21:00 UTC: a window across it is one window
    assert one(bars(FX, 5, *rows), (-10, 20), "2023-03-22T21:00:00Z").move[0] == pytest.approx(math.log(115 / 109))


def test_the_same_clock_time_over_daylight_saving():
    place = NEW_YORK.place(ns("2023-03-14T14:00:00Z"))  # 10:00 in New York, two days after the change
    at = NEW_YORK.same_clock(place, "America/New_York")
    before = int(np.flatnonzero(NEW_YORK.labels == np.datetime64("2023-03-10"))[0])
    assert at[before] == ns("2023-03-10T15:00:00Z")


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [("0m:30m", 0, 30), ("-10m:20m", -10, 20), ("[0m, close]", 0, "close"), ("0m:next-open", 0, "next-open")],
)
def test_windows_as_they_are_written(text, start, end):
    assert ClockWindow.parse(text) == ClockWindow(start, end)


@pytest.mark.parametrize("text", ["0:30", "5m:30m", "10m:0m", "0m", "0m:0m", "0m:lunch", "0m:99999m", "٣m:٤m"])
def test_windows_that_are_none(text):
    with pytest.raises(InputError, match="window"):
        ClockWindow.parse(text)


def frame(days=70, size=5):
    """Bars of two symbols, 10:00 to 12:00 New York on winter weekdays."""
    rng = np.random.default_rng(3)
    out = []
    for day in NEW_YORK.labels[:days]:
        start = pd.Timestamp(f"{day}T10:00", tz="America/New_York").tz_convert("UTC")
        for name in ("A", "MKT"):
            prices = 100 * np.exp(np.cumsum(0.001 * rng.standard_normal(24)))
            for i, price in enumerate(prices):
                out.append((name, (start + pd.Timedelta(minutes=size * i)).isoformat(), price))
    return pd.DataFrame(out, columns=["symbol", "start", "close"])


EVENT = {"event_id": ["e"], "asset": ["A"], "announced_at": ["2023-02-08T11:00:00-05:00"]}


def study(table, events=None, **settings):
    spec = ClockSpec(windows=("0m:30m",), calendar="XNYS", benchmark="MKT", **settings)
    return run_clock_study(table, pd.DataFrame(events or EVENT), spec)


def test_wide_closes_give_the_moves_of_the_long_form_and_no_lows():
    long = study(frame()).to_dict()["events"][0]["windows"][0]
    table = frame().pivot_table(index="start", columns="symbol", values="close").reset_index()
    wide = study(table).to_dict()["events"][0]["windows"][0]
    assert wide["move"] == long["move"]
    assert wide["paced"] == long["paced"]
    assert wide["low"] is None
    assert "no lows" in wide["low_reason"]


def test_coarser_bars_are_made_of_finer_ones_and_that_is_said():
    found = study(frame(), bar="15m")
    assert found.rows[0]["windows"][0]["reason_code"] is None
    assert any("made of bars of 5m" in text for text in found.warnings)


def test_every_order_of_the_rows_gives_the_same_numbers():
    shuffled = frame().sample(frac=1, random_state=1)
    found = study(shuffled)
    assert found.rows[0]["windows"] == study(frame()).rows[0]["windows"]
    assert any("not in the order of time" in text for text in found.warnings)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.assign(start=t["start"].str[:19]), "a time without a zone"),
        (lambda t: pd.concat([t, t.tail(1).assign(close=1.0)]), "start at the same time and differ"),
        (lambda t: t.drop(columns="close"), "no column close"),
        (lambda t: t[t["symbol"] != "MKT"], "no such symbol"),
    ],
)
def test_tables_that_cannot_be_used(change, words):
    with pytest.raises(InputError, match=words):
        study(change(frame()))


def test_a_size_of_bar_that_the_file_does_not_have():
    with pytest.raises(InputError, match=r"5 minutes apart.*write 5m"):
        study(frame(), bar="1m")


@pytest.mark.parametrize(
    ("event", "words"),
    [
        ({"announced_at": ["2019-02-08T11:00:00-05:00"]}, "before the first bar"),
        ({"announced_at": ["2023-02-08T11:00:00"]}, "a time without a zone"),
        ({"asset": ["B"]}, "there is no symbol 'B'"),
        ({"announced_at": ["2022-11-08T11:00:00-05:00"]}, "too few earlier sessions"),
    ],
)
def test_an_event_that_cannot_be_studied_says_why(event, words):
    found = study(frame(), {**EVENT, **event})
    (row,) = found.rows
    assert row["status"] == "skipped"
    assert words in row["reason"]
    assert found.n_refused == 1


def test_an_unknown_minute_gives_a_curve_over_every_candidate():
    events = {
        "event_id": ["e"],
        "asset": ["A"],
        "earliest": ["2023-02-08T10:30:00-05:00"],
        "latest": ["2023-02-08T11:00:00-05:00"],
    }
    found = study(frame(), events).rows[0]["minutes"]
    assert [row["at"][11:16] for row in found["curve"]] == [
        "15:30",
        "15:35",
        "15:40",
        "15:45",
        "15:50",
        "15:55",
        "16:00",
    ]
    assert found["agreement"] in ("all agree", "depends on the minute", "none")
    exact = study(frame(), {**EVENT, "announced_at": ["2023-02-08T10:45:00-05:00"]}).rows[0]["windows"][0]
    assert found["curve"][3]["paced_p"] == exact["paced"]["p_value"]


def test_candidate_minutes_are_those_at_which_bars_begin():
    """Hours of New York's session begin at half past."""
    days = pd.bdate_range("2023-05-30", "2023-09-01")
    stamps = [pd.Timestamp(f"{day.date()} {hour}:30", tz="America/New_York") for day in days for hour in range(9, 16)]
    close = 50 * np.exp(np.cumsum(np.random.default_rng(6).normal(0, 1e-3, len(stamps))))
    table = pd.DataFrame({"start": pd.DatetimeIndex(stamps).tz_convert("UTC"), "A": close})
    events = {
        "event_id": ["e"],
        "asset": ["A"],
        "earliest": ["2023-08-30T10:30-04:00"],
        "latest": ["2023-08-30T13:00-04:00"],
    }
    spec = ClockSpec(bar="1h", windows=["0m:60m"], calendar="XNYS", tests=["bmp_t"])
    (row,) = run_clock_study(table, pd.DataFrame(events), spec).rows
    curve = row["minutes"]["curve"]
    assert [one["at"][11:16] for one in curve] == ["14:30", "15:30", "16:30", "17:00"]
    assert [one["reason_code"] for one in curve] == [None, None, None, "no-bar-after"]


def test_two_announcements_whose_windows_share_a_bar_are_flagged():
    events = {
        "event_id": ["e", "f", "g"],
        "asset": ["A"] * 3,
        "announced_at": [f"2023-02-08T{time}:00-05:00" for time in ("11:00", "11:20", "10:15")],
    }
    found = {row["event_id"]: row["overlaps"] for row in study(frame(), events).rows}
    assert found["e"] == [{"event_id": "f", "minutes": 20.0}]
    assert found["g"] == []
