"""Every weekday runs exactly once, in any zone, over ten years of changes of the clocks."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from jobs.wall_clock import WallClockTrigger

ZONES = (
    "America/New_York",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Europe/Berlin",
    "Europe/London",
    "Africa/Casablanca",
    "Asia/Tehran",
    "Asia/Kolkata",
    "Asia/Tokyo",
    "Australia/Lord_Howe",
    "Pacific/Apia",
)
TIMES = ("00:00", "00:30", "01:30", "02:00", "02:30", "03:00", "03:59", "12:00", "23:30")
FRIDAYS = frozenset(range(5))


def runs(trigger, first, last):
    """Instants of all runs from `first` to before `last`, as APScheduler asks for them."""
    found, previous, now = [], None, first
    while True:
        previous = trigger.get_next_fire_time(previous, now)
        if previous >= last:
            return found
        found.append(previous)
        now = previous + dt.timedelta(seconds=1)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("time", TIMES)
def test_every_weekday_runs_exactly_once(zone, time):
    tz = ZoneInfo(zone)
    trigger = WallClockTrigger(dt.time.fromisoformat(time), FRIDAYS, tz)
    found = runs(trigger, dt.datetime(2020, 1, 1, 12, tzinfo=dt.UTC), dt.datetime(2030, 1, 1, 12, tzinfo=dt.UTC))
    dates = [moment.astimezone(tz).date() for moment in found]
    every = [dates[0] + dt.timedelta(days=n) for n in range((dates[-1] - dates[0]).days + 1)]
    assert dates == [day for day in every if day.weekday() < 5]
    shown = {moment.astimezone(tz).time() for moment in found}
    # what is not the time itself is the first instant after a skipped hour
    assert all(s == trigger.time or s > trigger.time for s in shown)


@pytest.mark.parametrize(
    ("zone", "time", "day", "expected"),
    [
        ("America/New_York", "00:30", "2027-03-15", "2027-03-15T04:30"),  # the Monday that cron loses
        ("America/New_York", "02:30", "2027-03-14", "2027-03-14T07:00"),  # skipped: clocks show 03:00
        ("America/New_York", "01:30", "2027-11-07", "2027-11-07T05:30"),  # repeated: the first
        ("Europe/Berlin", "02:30", "2027-10-31", "2027-10-31T00:30"),
        ("Europe/Berlin", "02:30", "2027-03-28", "2027-03-28T01:00"),
        ("Australia/Lord_Howe", "02:15", "2027-10-03", "2027-10-02T15:30"),  # half an hour is skipped
    ],
)
def test_the_nights_on_which_clocks_change(zone, time, day, expected):
    trigger = WallClockTrigger(dt.time.fromisoformat(time), frozenset(range(7)), ZoneInfo(zone))
    before = dt.datetime.combine(dt.date.fromisoformat(day) - dt.timedelta(days=1), dt.time(20), ZoneInfo(zone))
    found = trigger.get_next_fire_time(None, before)
    assert found == dt.datetime.fromisoformat(expected).replace(tzinfo=dt.UTC)


def test_a_run_that_was_missed_is_the_next_one():
    trigger = WallClockTrigger(dt.time(12), FRIDAYS, ZoneInfo("UTC"))
    last = dt.datetime(2027, 3, 15, 12, tzinfo=dt.UTC)
    found = trigger.get_next_fire_time(last, last + dt.timedelta(days=3))
    assert found == last + dt.timedelta(days=1)


def test_a_run_at_its_very_microsecond_is_followed_by_the_next_day():
    trigger = WallClockTrigger(dt.time(12), FRIDAYS, ZoneInfo("UTC"))
    last = dt.datetime(2027, 3, 16, 12, tzinfo=dt.UTC)
    assert trigger.get_next_fire_time(last, last) == last + dt.timedelta(days=1)
    assert trigger.get_next_fire_time(last, last - dt.timedelta(days=1)) == last - dt.timedelta(days=1)  # set back
