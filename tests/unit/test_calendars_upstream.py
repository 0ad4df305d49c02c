"""exchange_calendars under pandas 3 says what it says under pandas 2 (tests/data/calendars)."""

from __future__ import annotations

import datetime as dt
import hashlib
import importlib.metadata
import json
from pathlib import Path

import pytest

from eventstudy.calendars import named_calendar, upstream

ANSWERS = json.loads((Path(__file__).parents[1] / "data" / "calendars" / "pandas2.json").read_text("utf-8"))
VENUES = [name for name in ANSWERS if name != "made_with"]


@pytest.fixture(scope="module")
def sessions() -> dict[str, list[str]]:
    """One line per session of each venue, before our own corrections."""
    out = {}
    for mic in VENUES:
        calendar = upstream.build(mic)
        rows = zip(calendar.opens.index, calendar.opens, calendar.closes, strict=True)
        out[mic] = [f"{day:%Y-%m-%d} {first:%Y-%m-%dT%H:%M} {last:%Y-%m-%dT%H:%M}" for day, first, last in rows]
    return out


@pytest.mark.long
@pytest.mark.parametrize("mic", VENUES)
def test_the_weeks_that_pandas_3_lost_are_back(mic: str, sessions: dict[str, list[str]]) -> None:
    for stretch, wanted in ANSWERS[mic]["stretches"].items():
        first, last = stretch.split("/")
        assert [line for line in sessions[mic] if first <= line[:10] <= last] == wanted


@pytest.mark.long
@pytest.mark.skipif(
    importlib.metadata.version("exchange_calendars") != "4.13.2", reason="holiday tables are those of a version"
)
@pytest.mark.parametrize("mic", VENUES)
def test_every_session_and_its_hours_are_those_of_pandas_2(mic: str, sessions: dict[str, list[str]]) -> None:
    # Sunday 11 January 2009 stands in upstream's table of special weeks; its offset steps over it under pandas 2, since
    # the whole week before it is holidays
    found = [line for line in sessions[mic] if mic != "XMOS" or not line.startswith("2009-01-11")]
    assert len(found) == ANSWERS[mic]["sessions"]
    assert hashlib.sha256("\n".join(found).encode()).hexdigest() == ANSWERS[mic]["sha256"]


# Saturdays since 2010 on which Moscow traded, from the exchange's notices a254, a3367, a4187, n30445 and n64121 that
# exchange_calendars names, and from its index of the days before 2012.
MOSCOW = (
    "2010-02-27 2010-11-13 2011-03-05 2012-03-11 2012-04-28 2012-05-05 2012-05-12 2012-06-09 2016-02-20 2018-04-28 "
    "2018-06-09 2018-12-29 2021-02-20 2024-04-27 2024-11-02 2024-12-28"
)


def test_the_sixteen_weekend_sessions_of_moscow_since_2010_are_there() -> None:
    labels, _ = named_calendar("XMOS").sessions(dt.date(2010, 1, 1), dt.date(2026, 12, 31))
    assert [str(day) for day in labels if day.astype(object).weekday() > 4] == MOSCOW.split()
