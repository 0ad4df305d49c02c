"""When jobs run: the triggers that the settings describe."""

from __future__ import annotations

import datetime as dt
import logging
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apscheduler.schedulers.base import BaseScheduler
from apscheduler.triggers.cron.fields import DayOfWeekField
from apscheduler.triggers.interval import IntervalTrigger

from eventstudy.config.model import Config, ScheduleConfig
from eventstudy.errors import ConfigError
from jobs.wall_clock import WallClockTrigger

log = logging.getLogger("eventstudy.schedule")


def trigger_of(schedule: ScheduleConfig) -> WallClockTrigger:
    """The time of day of the settings, in their zone.

    Raises
    ------
    ConfigError
        For a zone or a day that does not exist.
    """
    try:
        zone = ZoneInfo(schedule.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ConfigError(
            "unknown time zone",
            where="schedule.zone",
            value=schedule.zone,
            remedy="use an IANA name such as Europe/Berlin",
        ) from None
    return WallClockTrigger(dt.time.fromisoformat(schedule.at), weekdays(schedule.days), zone)


def weekdays(days: str) -> frozenset[int]:
    """Numbers of the weekdays that the settings name, 0 for Monday.

    Raises
    ------
    ConfigError
        For what names none.
    """
    try:
        field = DayOfWeekField("day_of_week", days)
    except ValueError:
        raise ConfigError(
            "not days of the week", where="schedule.days", value=days, remedy="write for example mon-fri"
        ) from None
    monday = dt.date(2024, 1, 1)
    week = [monday + dt.timedelta(days=n) for n in range(7)]
    return frozenset(day.weekday() for day in week if field.get_next_value(day) == day.weekday())


def reschedule(scheduler: BaseScheduler, schedule: ScheduleConfig, job_id: str) -> None:
    """Let a job run as the settings say now; wrong settings change nothing."""
    try:
        trigger = trigger_of(schedule)
    except ConfigError as error:
        log.error("the schedule stays as it was: %s", error)  # noqa: TRY400  # an expected error needs no traceback
        return
    if repr(trigger) != repr(scheduler.get_job(job_id).trigger):
        scheduler.reschedule_job(job_id, trigger=trigger)


def every(config: Config) -> IntervalTrigger:
    """From now on, as often as the settings say."""
    return IntervalTrigger(seconds=int(config.schedule.look.total_seconds()))
