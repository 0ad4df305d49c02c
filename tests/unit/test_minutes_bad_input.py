"""What is wrong with bars, announcements and settings by the minute: each says what, where, and what to do."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import EventStudyError

DAYS = pd.bdate_range("2023-01-23", "2023-03-10").difference(pd.DatetimeIndex(["2023-02-20"]))
NEWS = "2023-03-08T12:00-05:00"


@functools.cache
def made():
    """Five minutes of a share over 34 sessions of New York."""
    starts = pd.DatetimeIndex(
        [t for day in DAYS for t in pd.date_range(f"{day.date()} 09:30", f"{day.date()} 15:55", freq="5min")],
        tz="America/New_York",
    )
    close = 50 * np.exp(np.cumsum(0.001 * np.random.default_rng(3).standard_normal(len(starts))))
    return pd.DataFrame({"symbol": "AAA", "start": [t.isoformat() for t in starts], "close": close})


def bars():
    return made().copy()


def study(table, announced=NEWS, window="0m:30m", **settings):
    events = pd.DataFrame({"event_id": ["e"], "asset": ["AAA"], "announced_at": [announced]})
    settings = {"bar": "5m", "calendar": "XNYS", **settings}
    return es.run_study(table, events, windows=[window], **settings)


def shifted(table, minutes):
    starts = pd.to_datetime(table["start"]) + pd.Timedelta(minutes=minutes)
    return table.assign(start=[t.isoformat() for t in starts])


def with_cell(column, row, value):
    table = bars().astype({column: object})
    table.loc[row, column] = value
    return table


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: bars().assign(start=bars()["start"].str[:19]), "line 2: a time without a zone .*with its offset"),
        (lambda: with_cell("start", 7, bars()["start"][7][:19]), "line 9: a time without a zone"),
        (lambda: with_cell("start", 7, None), "line 9: there is no time; write the start"),
        (lambda: with_cell("start", 7, "2023-02-30T09:30:00Z"), "line 9: not a time"),
        (lambda: with_cell("close", 7, "1,5"), r"line 9, column close: not a number \(got '1,5'\)"),
        (lambda: pd.concat([bars(), shifted(bars(), 2)]), "overlap.*as that of 2023-01-23T14:32:00Z.*bars of one size"),
        (lambda: pd.concat([bars(), bars().assign(close=1.0)]), "two bars of AAA start at the same time and differ"),
        (lambda: bars().iloc[:0], "there is no bar; add rows"),
        (lambda: bars().drop(columns="close"), "there is no column close; add the closing price"),
    ],
)
def test_bars_that_cannot_be_read_say_where(make, says):
    with pytest.raises(EventStudyError, match=says):
        study(make())


def test_bars_in_any_order_are_sorted_and_that_is_said():
    plain, other = study(bars()), study(bars().iloc[::-1])
    assert other.to_dict()["events"] == plain.to_dict()["events"]
    assert [text for text in other.warnings if "have been sorted" in text]
    assert plain.warnings == ()


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"bar": "1m"}, r"the bars of AAA are 5 minutes apart \(got '1m'\); write 5m, or give finer bars"),
        ({"reference_sessions": 10}, "reference_sessions: less than the 20 sessions .*write 20 or more"),
        ({"fewest_sessions": 2}, "fewest_sessions: must be at least 3"),
        ({"window": "0m:20000m"}, "no window by the clock is that long.*study daily bars"),
    ],
)
def test_settings_that_cannot_be_say_what_to_write(settings, says):
    with pytest.raises(EventStudyError, match=says):
        study(bars(), **settings)


@pytest.mark.parametrize(
    ("announced", "window", "says"),
    [
        ("2019-01-02T15:00Z", "0m:30m", "before the first bar, 2023-01-23T14:30:00Z; give earlier bars"),
        ("2023-06-01T15:00Z", "0m:30m", "after the last bar, which ends 2023-03-10T21:00:00Z; give later bars"),
        ("2099-06-01T15:00Z", "0m:30m", "after the last bar"),
        ("2023-03-08 12:00", "0m:30m", "a time without a zone"),
        (NEWS, "0m:500m", "the session closes inside the window; study a shorter one, or 0m:close"),
        (NEWS, "0m:3m", "no bar lies in the window after the announcement; study a longer one"),
        (
            "2023-02-03T12:00-05:00",
            "0m:30m",
            r"too few earlier sessions .*\(9 of the 20 that are needed\); give earlier",
        ),
    ],
)
def test_an_announcement_without_a_number_has_its_reason(announced, window, says):
    (row,) = study(bars(), announced, window).to_dict()["events"]
    assert row["status"] == "skipped"
    assert pd.Series([row["reason"]]).str.contains(says).all(), row["reason"]


def test_of_too_few_sessions_the_move_stays():
    (row,) = study(bars(), "2023-02-03T12:00-05:00").to_dict()["events"]
    (window,) = row["windows"]
    at = bars().set_index("start")["close"]
    assert window["move"] == pytest.approx(
        np.log(at["2023-02-03T12:25:00-05:00"] / at["2023-02-03T11:55:00-05:00"]), rel=1e-9
    )
    assert (window["paced"], window["verdict"]) == (None, "not computable")


def test_one_row_without_a_price_is_counted_as_one():
    assert study(with_cell("close", 7, -5.0)).warnings == ("AAA: 1 row without a price above zero is no bar",)


def test_what_the_benchmark_did_after_the_news_is_no_reference():
    # the share has no bar after 15:30: its session before ends with one known by then, the benchmark's at 16:00
    share = bars()[~bars()["start"].str.match("2023-03-08T15:[345]")]
    table = pd.concat([share, bars().assign(symbol="MKT", close=bars()["close"][::-1].to_numpy())])
    (row,) = study(table, "2023-03-08T15:30-05:00", "0m:next-close", benchmark="MKT").to_dict()["events"]
    (window,) = row["windows"]
    assert window["reference"]["used"] == 31  # every session from 23 January to 7 March
    assert window["benchmark"]["n"] == 30
