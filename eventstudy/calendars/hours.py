"""When a market is open, for studies by the minute: openings and breaks beside the closes."""

from __future__ import annotations

import datetime as dt

import numpy as np

from eventstudy.calendars.clock import at_local_time
from eventstudy.calendars.exchange import ExchangeCalendar, TradingHours
from eventstudy.calendars.weeks import EveryDayCalendar, FxWeekCalendar
from eventstudy.config.calendar_names import resolved
from eventstudy.errors import InputError
from eventstudy.records import InstantArray, SessionArray

DAY = np.timedelta64(1, "D")
_NEW_YORK = "America/New_York"


def trading_hours(name: str, start: dt.date, end: dt.date) -> TradingHours:
    """Opening hours of the sessions labelled `start` to `end` of ``fx``, ``24/7`` or an exchange.

    Raises
    ------
    InputError
        For a name that nobody knows, and for fixings, which are one price a day.
    """
    name = resolved(name)
    if name in ("ecb", "fx-london"):
        raise InputError(
            "has no trading hours", where="calendar", value=name, remedy="use fx, 24/7 or a MIC such as XNYS"
        )
    if name == "fx":
        labels, closes = FxWeekCalendar().sessions(start, end)
        return _without_breaks(_NEW_YORK, labels, at_local_time(labels - DAY, dt.time(17), _NEW_YORK), closes)
    if name == "24/7":
        labels, closes = EveryDayCalendar().sessions(start, end)
        return _without_breaks("UTC", labels, labels.astype("datetime64[ns]"), closes)
    return ExchangeCalendar(name).trading_hours(start, end)


# First and last trade before and after the session, local time; the second close is that of a half-day.
EXTENDED = {"XNYS": (dt.time(4), dt.time(20), dt.time(17))}


def extended_hours(name: str, start: dt.date, end: dt.date) -> TradingHours:
    """The same with trading before and after the session; of a market round the clock there is none.

    Raises
    ------
    InputError
        For a venue whose hours before and after the session are not known here.
    """
    hours, name = trading_hours(name, start, end), resolved(name)
    if name in ("fx", "24/7"):
        return hours
    if name not in EXTENDED:
        raise InputError(
            "hours of trading before and after the session are not known",
            where="calendar",
            value=name,
            remedy=f"study its session; known are those of {', '.join(EXTENDED)}",
        )
    first, last, last_of_half_day = EXTENDED[name]
    is_whole = hours.closes >= at_local_time(hours.labels, ExchangeCalendar(name).ordinary_close()[0], hours.zone)
    closes = np.where(
        is_whole,
        at_local_time(hours.labels, last, hours.zone),
        at_local_time(hours.labels, last_of_half_day, hours.zone),
    )
    return _without_breaks(hours.zone, hours.labels, at_local_time(hours.labels, first, hours.zone), closes)


def _without_breaks(zone: str, labels: SessionArray, opens: InstantArray, closes: InstantArray) -> TradingHours:
    none = np.full(labels.size, np.datetime64("NaT", "ns"))
    return TradingHours(zone=zone, labels=labels, opens=opens, closes=closes, break_starts=none, break_ends=none)
