"""When jobs run: the triggers that the settings describe."""

from __future__ import annotations

import logging
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apscheduler.schedulers.base import BaseScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from eventstudy.config.model import Config, ScheduleConfig
from eventstudy.errors import ConfigError

log = logging.getLogger("eventstudy.schedule")


def trigger_of(schedule: ScheduleConfig) -> CronTrigger:
    """The cron trigger of the settings, in their zone.

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
    hour, minute, *second = schedule.at.split(":")
    try:
        return CronTrigger(
            day_of_week=schedule.days, hour=hour, minute=minute, second=second[0] if second else "0", timezone=zone
        )
    except ValueError:
        raise ConfigError(
            "not days of the week", where="schedule.days", value=schedule.days, remedy="write for example mon-fri"
        ) from None


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
