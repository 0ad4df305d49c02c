"""A time of day on some weekdays, in any zone, exactly once each: what cron triggers of APScheduler 3.11 do not keep.

They lose a whole later day after the clocks went forward for times from 00:00 to 03:59, and fire a repeated 02:30 twice
(agronholm/apscheduler#606, #120). Here the next run is computed from the wall time of its date.
"""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

from apscheduler.triggers.base import BaseTrigger

MICROSECOND = dt.timedelta(microseconds=1)
WEEK = 7


class WallClockTrigger(BaseTrigger):  # type: ignore[misc]  # APScheduler 3 has no types
    """Fires once on each of some weekdays, at a local time of day.

    Parameters
    ----------
    time : datetime.time
        Without a zone.
    weekdays : frozenset of int
        0 is Monday; at least one.
    zone : ZoneInfo
    """

    __slots__ = ("time", "weekdays", "zone")

    def __init__(self, time: dt.time, weekdays: frozenset[int], zone: ZoneInfo) -> None:
        self.time, self.weekdays, self.zone = time, weekdays, zone

    def get_next_fire_time(self, previous_fire_time: dt.datetime | None, now: dt.datetime) -> dt.datetime:
        """The first run after the previous one, or from now on when there was none; UTC."""
        since = now
        if previous_fire_time is not None and previous_fire_time <= now:  # else the clock was set back
            since = previous_fire_time + MICROSECOND
        # a zone's date may be a day off the date that its clocks skip to
        day = since.astimezone(self.zone).date() - dt.timedelta(days=1)
        for _ in range(2 * WEEK):
            if day.weekday() in self.weekdays and (instant := self._on(day)) >= since:
                return instant
            day += dt.timedelta(days=1)
        raise AssertionError("no weekday")  # there is at least one, and two weeks hold it twice

    def _on(self, day: dt.date) -> dt.datetime:
        """The instant of a date: of a repeated hour the first, of a skipped one the first instant after."""
        wall = dt.datetime.combine(day, self.time)
        early, late = (wall.replace(tzinfo=self.zone, fold=fold).astimezone(dt.UTC) for fold in (1, 0))
        if early >= late:  # an ordinary time, or a repeated one, whose first (fold 0) is the earlier
            return late
        while late - early > dt.timedelta(seconds=1):  # the change of clocks lies between the two
            middle = early + (late - early) // 2
            if middle.astimezone(self.zone).replace(tzinfo=None) < wall:
                early = middle
            else:
                late = middle
        return late.replace(microsecond=0)

    def __repr__(self) -> str:
        days = ",".join(str(day) for day in sorted(self.weekdays))
        return f"<WallClockTrigger ({self.time} on {days} in {self.zone.key})>"

    def __str__(self) -> str:
        return f"{self.time} {self.zone.key}"
