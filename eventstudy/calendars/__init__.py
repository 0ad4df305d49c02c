"""From an instant to the first session that could react.

A session belongs to a source as well as to a venue. Every calendar here gives, for a range of dates, the session
labels and the UTC instants at which their prices are taken; the rule is the same for all: event day τ = 0 is the
first session whose price is taken **strictly after** the announcement.
"""

from __future__ import annotations

import datetime as dt
from typing import Protocol

from eventstudy.calendars.alignment import Alignment, align, first_after
from eventstudy.calendars.clock import at_local_time, local_time, session_date, to_instant
from eventstudy.calendars.exchange import ExchangeCalendar, TradingHours
from eventstudy.calendars.hours import extended_hours, trading_hours
from eventstudy.calendars.weeks import (
    EveryDayCalendar,
    FixingCalendar,
    FxWeekCalendar,
    LondonDayCalendar,
    target_holidays,
)
from eventstudy.config.calendar_names import resolved
from eventstudy.records import InstantArray, SessionArray

__all__ = [
    "Alignment",
    "Calendar",
    "EveryDayCalendar",
    "ExchangeCalendar",
    "FixingCalendar",
    "FxWeekCalendar",
    "LondonDayCalendar",
    "TradingHours",
    "align",
    "at_local_time",
    "extended_hours",
    "first_after",
    "local_time",
    "named_calendar",
    "session_date",
    "target_holidays",
    "to_instant",
    "trading_hours",
]


class Calendar(Protocol):
    """Sessions of one venue or source."""

    @property
    def first_day(self) -> dt.date:
        """The first day that it knows of."""
        ...

    @property
    def last_day(self) -> dt.date:
        """The last day that it knows of."""
        ...

    def sessions(self, start: dt.date, end: dt.date) -> tuple[SessionArray, InstantArray]:
        """Session labels in [start, end] and the UTC instants at which their prices are taken."""
        ...


_OURS: dict[str, Calendar] = {
    "ecb": FixingCalendar(),
    "fx": FxWeekCalendar(),
    "fx-london": LondonDayCalendar(),
    "24/7": EveryDayCalendar(),
}


def named_calendar(name: str) -> Calendar:
    """The calendar called `name`: ``ecb``, ``fx``, ``fx-london``, ``24/7``, or a MIC such as ``XNYS``.

    Raises
    ------
    InputError
        For a name that nobody knows; asks whether one that is near was meant.
    """
    name = resolved(name)
    return _OURS.get(name) or ExchangeCalendar(name)  # HKEX is XHKG, whose closures are known here
