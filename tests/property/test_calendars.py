"""What holds of every calendar, on any day and at any instant."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstudy.calendars import first_after, named_calendar, session_date, to_instant

# Both hemispheres' daylight saving, no daylight saving, weeks that are not ours, days that begin the evening before.
NAMES = [
    "XNYS",
    "XLON",
    "XASX",
    "XTKS",
    "XHKG",
    "XBOM",
    "XTAE",
    "XMOS",
    "BVMF",
    "CMES",
    "ecb",
    "fx",
    "fx-london",
    "24/7",
]
FIRST, LAST = dt.date(2000, 1, 1), dt.date(2026, 12, 31)
names = st.sampled_from(NAMES)
moments = st.datetimes(dt.datetime(2000, 3, 1), dt.datetime(2026, 10, 1), timezones=st.just(dt.UTC))  # noqa: DTZ001


@pytest.mark.parametrize("name", NAMES)
def test_every_session_is_priced_after_the_one_before_and_near_its_own_date(name: str) -> None:
    labels, instants = named_calendar(name).sessions(FIRST, LAST)
    assert (np.diff(labels) > np.timedelta64(0)).all()
    assert (np.diff(instants) > np.timedelta64(0)).all()
    assert (np.abs(instants.astype("datetime64[D]") - labels) <= np.timedelta64(1, "D")).all()


@given(names, moments)
def test_day_0_is_the_first_session_priced_strictly_after_the_instant(name: str, moment: dt.datetime) -> None:
    _, instants = named_calendar(name).sessions(FIRST, LAST)
    day0 = first_after(instants, moment)
    assert instants[day0] > to_instant(moment)
    assert instants[day0 - 1] <= to_instant(moment)
    assert first_after(instants, moment - dt.timedelta(hours=1)) <= day0  # never earlier for later news


@given(names, st.dates(dt.date(2001, 1, 1), dt.date(2026, 1, 1)), st.integers(0, 60))
def test_a_range_of_days_is_cut_out_of_the_whole(name: str, start: dt.date, days: int) -> None:
    calendar = named_calendar(name)
    end = start + dt.timedelta(days=days)
    whole, instants = calendar.sessions(FIRST, LAST)
    inside = (whole >= np.datetime64(start)) & (whole <= np.datetime64(end))
    found, theirs = calendar.sessions(start, end)
    assert found.tolist() == whole[inside].tolist()
    assert theirs.tolist() == instants[inside].tolist()
    assert all(start <= session_date(day) <= end for day in found)


@pytest.mark.parametrize(
    ("name", "before", "after", "hours"),
    [
        ("XNYS", "2024-03-08", "2024-03-11", ("21:00", "20:00")),
        ("XNYS", "2024-11-01", "2024-11-04", ("20:00", "21:00")),
        ("XLON", "2024-03-28", "2024-04-02", ("16:30", "15:30")),
        ("XASX", "2024-04-05", "2024-04-08", ("05:00", "06:00")),
        ("CMES", "2024-03-08", "2024-03-11", ("22:00", "21:00")),
        ("fx", "2024-03-08", "2024-03-11", ("22:00", "21:00")),
        ("ecb", "2024-03-28", "2024-04-02", ("13:15", "12:15")),
        ("XTKS", "2024-03-08", "2024-03-11", ("06:00", "06:00")),
    ],
)
def test_the_clocks_change_and_the_local_close_does_not(name, before, after, hours):
    labels, instants = named_calendar(name).sessions(dt.date.fromisoformat(before), dt.date.fromisoformat(after))
    assert labels[[0, -1]].astype(str).tolist() == [before, after]
    assert tuple(str(instant)[11:16] for instant in instants[[0, -1]]) == hours
