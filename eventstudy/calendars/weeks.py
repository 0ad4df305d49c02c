"""Sessions that follow from rules alone: the ECB's fixings, the week of foreign exchange, and what never closes."""

from __future__ import annotations

import datetime as dt
import functools
from dataclasses import dataclass

import numpy as np
from dateutil.easter import easter as easter_sunday

from eventstudy.calendars.clock import at_local_time
from eventstudy.records import InstantArray, SessionArray


@dataclass(frozen=True, slots=True)
class FixingCalendar:
    """ECB euro reference rates: 14:15 Europe/Berlin on every TARGET day since 1999.

    TARGET is closed on 1 January, Good Friday, Easter Monday, 1 May, 25 and 26 December; in 1999 only on 1 January
    and 25 December; and on 31 December in 1999 and 2001.
    """

    first_day: dt.date = dt.date(1999, 1, 4)
    last_day: dt.date = dt.date.max

    def sessions(self, start: dt.date, end: dt.date) -> tuple[SessionArray, InstantArray]:
        """TARGET days and their fixings."""
        closed = [day for year in range(start.year, end.year + 1) for day in target_holidays(year)]
        labels = _weekdays(max(start, self.first_day), end, closed)
        return labels, at_local_time(labels, dt.time(14, 15), "Europe/Berlin")


@dataclass(frozen=True, slots=True)
class FxWeekCalendar:
    """Spot foreign exchange: the week runs from Sunday 17:00 to Friday 17:00 New York; a day ends at 17:00.

    On 25 December and 1 January, when no centre trades, there is no session.
    """

    first_day: dt.date = dt.date.min
    last_day: dt.date = dt.date.max

    def sessions(self, start: dt.date, end: dt.date) -> tuple[SessionArray, InstantArray]:
        """Monday to Friday, each ending at 17:00 New York."""
        labels = _weekdays(start, end, _fx_holidays(start, end))
        return labels, at_local_time(labels, dt.time(17), "America/New_York")


@dataclass(frozen=True, slots=True)
class LondonDayCalendar:
    """Spot foreign exchange as Yahoo cuts it: calendar days of London, each priced at the midnight that ends it.

    The week ends on Friday at 17:00 New York, before that midnight. The same days as `FxWeekCalendar`.
    """

    first_day: dt.date = dt.date.min
    last_day: dt.date = dt.date.max

    def sessions(self, start: dt.date, end: dt.date) -> tuple[SessionArray, InstantArray]:
        """Monday to Friday and their last prices."""
        labels = _weekdays(start, end, _fx_holidays(start, end))
        midnights = at_local_time(labels + 1, dt.time(0), "Europe/London")
        ends = at_local_time(labels, dt.time(17), "America/New_York")
        is_friday = np.is_busday(labels, weekmask="Fri")
        return labels, np.where(is_friday, np.minimum(midnights, ends), midnights)


@dataclass(frozen=True, slots=True)
class EveryDayCalendar:
    """What never closes: every calendar day in UTC, priced at the midnight that ends it."""

    first_day: dt.date = dt.date.min
    last_day: dt.date = dt.date.max

    def sessions(self, start: dt.date, end: dt.date) -> tuple[SessionArray, InstantArray]:
        """All days from `start` to `end`."""
        labels = np.arange(np.datetime64(start, "D"), np.datetime64(end, "D") + 1)
        return labels, (labels + 1).astype("datetime64[ns]")


@functools.cache
def target_holidays(year: int) -> tuple[dt.date, ...]:
    """Closing days of TARGET in `year`, weekends aside."""
    fixed = [dt.date(year, 1, 1), dt.date(year, 12, 25)]
    if year in (1999, 2001):  # the changes of the millennium and of the money
        fixed.append(dt.date(year, 12, 31))
    if year == 1999:
        return tuple(fixed)
    easter: dt.date = easter_sunday(year)
    return (
        *fixed,
        easter - dt.timedelta(days=2),
        easter + dt.timedelta(days=1),
        dt.date(year, 5, 1),
        dt.date(year, 12, 26),
    )


def _fx_holidays(start: dt.date, end: dt.date) -> list[dt.date]:
    years = range(start.year, end.year + 1)
    return [day for year in years for day in (dt.date(year, 1, 1), dt.date(year, 12, 25))]


def _weekdays(start: dt.date, end: dt.date, closed: list[dt.date]) -> SessionArray:
    """Monday to Friday from `start` to `end`, less what is closed."""
    days = np.arange(np.datetime64(start, "D"), np.datetime64(end, "D") + 1)
    return days[np.is_busday(days, holidays=np.array(closed, dtype="datetime64[D]"))]
