"""Bars of days that are no days of trade, or not the days that they say."""

from __future__ import annotations

import numpy as np
import pytest

from eventstudy.evidence.misplaced import misplaced_weeks, week_from_sunday
from eventstudy.evidence.sessions import exchanged
from eventstudy.evidence.untraded import unmoved_rows, untraded_bars

N = 200
EVERY = np.arange(np.datetime64("2023-01-02"), np.datetime64("2024-12-31"))
DAYS = EVERY[np.is_busday(EVERY)][:N]
RNG = np.random.default_rng(3)
CLOSE = np.round(100.0 * np.exp(np.cumsum(RNG.normal(0, 0.01, N))), 4)
NONE = np.full(N, np.nan)


def misplaced(days, close=CLOSE):
    return [(str(days[first]), str(days[end - 1])) for first, end, _ in misplaced_weeks(days, close[: days.size])]


def shifted(step, first=50, end=60):
    return DAYS + np.where((np.arange(N) >= first) & (np.arange(N) < end), step, 0)


def test_two_weeks_whose_dates_are_a_day_early_or_late_are_found():
    assert DAYS[50].astype(object).isoweekday() == 1
    assert misplaced(DAYS) == []
    assert misplaced(shifted(-1)) == [("2023-03-12", "2023-03-23")]
    assert misplaced(shifted(1)) == [("2023-03-14", "2023-03-25")]


@pytest.mark.parametrize(
    "weekmask",
    ["1111001", "0011111", "1111111", "1111110"],
    ids=["Tel Aviv", "Riyadh before 2013", "a coin", "six days a week"],
)
def test_other_weeks_than_from_monday_to_friday_are_none_that_is_a_day_off(weekmask):
    assert misplaced(EVERY[np.is_busday(EVERY, weekmask=weekmask)][:N]) == []


def test_weeks_from_tuesday_to_saturday_are_those_of_no_venue():
    late = shifted(1, 0, N)
    assert misplaced(late) == [("2023-01-10", str(late[-1]))]  # before the first bar nothing is missing


def test_weeks_from_sunday_to_thursday_are_told():
    for weekmask, is_told in (("1111001", True), ("1111100", False), ("1111111", False), ("0011111", False)):
        found = week_from_sunday(EVERY[np.is_busday(EVERY, weekmask=weekmask)][:N])
        assert (found is not None) == is_told
    assert "all dates are a day early" in week_from_sunday(DAYS - 1)
    assert week_from_sunday((DAYS - 1)[:25]) is None
    assert week_from_sunday(np.arange(np.datetime64("2020-01-05"), np.datetime64("2021-12-31"), 7)) is None  # of weeks


def test_weekends_that_repeat_friday_beside_a_holiday_are_padding():
    padded = np.delete(EVERY[:N], 4)  # without the first Friday
    place = np.maximum.accumulate(np.where(np.is_busday(padded), np.arange(N - 1), 0))
    assert misplaced(padded, CLOSE[place]) == []


def test_a_week_that_is_not_over_yet_tells_nothing():
    assert misplaced(shifted(-1, 50, 53)[:53]) == []


def test_a_session_that_stands_on_a_holiday_beside_it_is_found_by_the_calendar():
    sessions = np.delete(DAYS, 24)  # a Friday is a holiday
    given = np.delete(DAYS, 23)  # and Thursday's bar stands there
    assert [run[:2] for run in exchanged(given, CLOSE[: N - 1], sessions)] == [(23, 24)]
    assert list(exchanged(np.delete(DAYS, 24), CLOSE[: N - 1], sessions)) == []
    assert list(exchanged(DAYS, CLOSE, sessions)) == []  # nothing is lacking: a session that the calendar does not know


def idle(close, open_=NONE, high=NONE, low=NONE, volume=NONE):
    return [run[:2] for run in untraded_bars(close, (open_, high, low), volume)]


def test_a_day_without_trade_that_repeats_the_close_is_found_by_its_range_or_its_volume():
    close = CLOSE.copy()
    close[80] = close[79]
    still = np.arange(N) == 80
    high, low = (np.where(still, close, close * factor) for factor in (1.01, 0.99))
    assert idle(close, close, high, low) == [(80, 81)]
    assert idle(close, volume=np.where(still, 0.0, 1e6)) == [(80, 81)]
    assert idle(close, volume=np.full(N, 1e6)) == []  # traded
    assert idle(close, close, close * 1.01, close * 0.99) == []
    assert idle(close) == []  # nothing is told but closes


def test_days_without_trade_are_usual_for_a_share_that_hardly_trades():
    quiet = np.arange(N) % 20 == 1
    close = CLOSE[np.arange(N) - quiet]
    assert idle(close, volume=np.where(quiet, 0.0, 1e4)) == []


def test_an_index_without_volume_and_range_is_not_said_to_stand_still():
    close = CLOSE.copy()
    close[80] = close[79]
    assert idle(close, close, close, close, np.zeros(N)) == []


def test_a_day_on_which_no_column_moved_is_a_copy_of_the_day_before():
    returns = RNG.normal(0, 0.01, (N, 3))
    returns[7] = 0.0
    returns[9, 1] = np.nan
    assert unmoved_rows(returns).tolist() == [7]
    assert unmoved_rows(returns[:, :1]).tolist() == []  # of one column nobody knows
    returns[::4, :] = 0.0
    assert unmoved_rows(returns).tolist() == []  # a quarter of the days: how somebody fills a table
    pegged = np.where(RNG.random((N, 2)) < 0.3, 0.0, RNG.normal(0, 0.001, (N, 2)))
    assert unmoved_rows(pegged).tolist() == []
