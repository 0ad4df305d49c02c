"""Windows by the names that central-bank data sets gave them, by hand: which bars, on which side of the news.

A currency whose price at minute m of Frankfurt's day is 1 + k·m/100,000, with a slope k of each day's own: a price of a
minute, and a median of minutes, can be told without a program. On 16 March 2023 and 12 March 2020 clocks in New York
had gone forward and those in Frankfurt had not.
"""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd
import pytest

import eventstudy as es

BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
MINUTES = {"1m": 1, "5m": 5, "1h": 60}


def price(day, minute):
    """At a minute of Frankfurt's day, which may be half a minute: the median of two."""
    slope = 1 + (pd.Timestamp(day).day_of_year % 7) / 10
    return 1 + slope * minute / 100_000


def clock(text):
    hours, minutes = text.split(":")
    return int(hours) * 60 + float(minutes)


@functools.cache
def bars(last_day, size):
    """Seventy working days of bars from 8:00 to 22:00 in Frankfurt, called by their starts."""
    ends = np.arange(8 * 60, 22 * 60, size) + size
    parts = []
    for day in pd.bdate_range(end=last_day, periods=70):
        starts = pd.Timestamp(f"{day.date()} 08:00", tz=BERLIN) + pd.to_timedelta(ends - 480 - size, unit="min")
        parts.append(pd.DataFrame({"start": starts.tz_convert("UTC"), "EUR": price(day, ends)}))
    return pd.concat(parts)


def windows(announced, size, *names, **settings):
    day = announced[:10]
    event = pd.DataFrame({"event_id": ["e"], "asset": ["EUR"], "announced_at": [announced], "zone": [BERLIN]})
    settings = {"windows": list(names), "calendar": "fx", "tests": ["bmp_t"], **settings}
    (row,) = es.run_study(bars(day, MINUTES[size]), event, bar=size, **settings).rows
    return row["windows"]


# Name, announced in UTC, bar → minutes of Frankfurt's day that the window goes from and to, or why it has none.
STATEMENT, CONFERENCE = "2023-03-22T18:00:00Z", "2023-03-22T18:30:00Z"  # 14:00 and 14:30 in New York
RELEASE = "2023-03-16T13:15:00Z"  # 14:15 in Frankfurt, 9:15 in New York
BEFORE = "2020-03-12T12:45:00Z"  # 13:45 in Frankfurt: half an hour earlier, until June 2022
CASES = [
    # ten minutes before to twenty, or to sixty, after: the last bars that have ended by then
    ("statement", STATEMENT, "1m", "18:50", "19:20"),
    ("statement", STATEMENT, "5m", "18:50", "19:20"),
    ("statement", STATEMENT, "1h", "no-bar-after", None),  # no bar of an hour ends in the twenty minutes after
    ("press-conference", CONFERENCE, "1m", "19:20", "20:30"),
    ("press-conference", CONFERENCE, "5m", "19:20", "20:30"),
    ("press-conference", CONFERENCE, "1h", "no-bar-after", None),  # that of 19:00 has the news in its middle
    # medians of the bars that end after the first and up to the last minute: of minutes ten of them, of five two
    ("median", STATEMENT, "1m", "18:45.5", "19:15.5"),
    ("median", STATEMENT, "5m", "18:47.5", "19:17.5"),
    ("median", STATEMENT, "1h", "no-bar-before", None),
    ("ea-mpd-release", BEFORE, "1m", "13:30.5", "14:05.5"),
    ("ea-mpd-release", BEFORE, "5m", "13:32.5", "14:07.5"),
    ("ea-mpd-release", BEFORE, "1h", "no-bar-before", None),
    ("ea-mpd-conference", BEFORE, "1m", "14:20.5", "15:45.5"),
    ("ea-mpd-conference", BEFORE, "5m", "14:22.5", "15:47.5"),
    ("ea-mpd-monetary-event", BEFORE, "1m", "13:30.5", "15:45.5"),
    ("ea-mpd-monetary-event", BEFORE, "5m", "13:32.5", "15:47.5"),
    ("ea-mpd-release", RELEASE, "1m", "14:00.5", "14:35.5"),
    ("ea-mpd-release", RELEASE, "5m", "14:02.5", "14:37.5"),
    ("ea-mpd-release", RELEASE, "1h", "no-bar-after", None),  # one ends at 14:00, none from 14:30 to 14:40
    ("ea-mpd-conference", RELEASE, "1m", "14:35.5", "16:00.5"),
    ("ea-mpd-conference", RELEASE, "5m", "14:37.5", "16:02.5"),
    ("ea-mpd-conference", RELEASE, "1h", "no-bar-before", None),
    ("ea-mpd-monetary-event", RELEASE, "1m", "14:00.5", "16:00.5"),
    ("ea-mpd-monetary-event", RELEASE, "5m", "14:02.5", "16:02.5"),
    ("ea-mpd-monetary-event", RELEASE, "1h", "14:00", "16:00"),
    # of whichever of a day's announcements, the windows are the same
    ("ea-mpd-monetary-event", "2023-03-16T13:45:00Z", "1m", "14:00.5", "16:00.5"),
]


@pytest.mark.parametrize(("name", "announced", "size", "first", "last"), CASES)
def test_a_window_of_that_name_goes_from_these_bars_to_those(name, announced, size, first, last):
    (found,) = windows(announced, size, name)
    if last is None:
        assert (found["reason_code"], found["move"]) == (first, None)
        return
    day = announced[:10]
    assert found["base"]["price"] == pytest.approx(price(day, clock(first)), rel=1e-12)
    assert found["end"]["price"] == pytest.approx(price(day, clock(last)), rel=1e-12)
    assert found["move"] == pytest.approx(np.log(found["end"]["price"] / found["base"]["price"]), rel=1e-9)


@pytest.mark.parametrize(("whose", "earlier"), [("announcement", 0), ("venue", 60)])
@pytest.mark.parametrize(("size", "middle"), [("1m", 5.5), ("5m", 7.5)])
def test_earlier_sessions_go_by_the_clock_that_is_asked_for(whose, earlier, size, middle):
    """14:15 in Frankfurt was 9:15 in New York on 16 March, and 8:15 before the 12th, when 9:15 was 15:15."""
    (found,) = windows(RELEASE, size, "ea-mpd-release", clock=whose)
    days = pd.bdate_range(end="2023-03-16", periods=61)[:-1]
    shift = np.where(days < pd.Timestamp("2023-03-13"), earlier, 0)
    base, end = clock("13:55") + middle, clock("14:30") + middle
    moves = [np.log(price(day, end + by) / price(day, base + by)) for day, by in zip(days, shift, strict=True)]
    assert found["clock"]["n"] == 60
    assert found["clock"]["mean"] == pytest.approx(np.mean(moves), rel=1e-9)
    assert found["clock"]["s"] == pytest.approx(np.std(moves, ddof=1), rel=1e-9)


def test_the_three_windows_of_the_euro_area_come_in_one_name():
    found = windows(RELEASE, "5m", "ea-mpd")
    assert [window["name"] for window in found] == ["ea-mpd release", "ea-mpd conference", "ea-mpd monetary-event"]
