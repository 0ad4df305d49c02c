"""A year of nights in twelve zones: ``python -m tests.soak.zones``. Prints a line per zone; code 1 when one is wrong.

What runs is the service of `eventstudy schedule`: its jobs, triggers and single worker in the scheduling machinery of
APScheduler, and real passes on a real database, counted by the line of the log that each ends with. Only the waiting is
left out: the clock is set to the moment that the scheduler would sleep to. The time of day of each zone is one that its
clocks skip or repeat, where they change at all.
"""

from __future__ import annotations

import argparse
import datetime as dt
import logging
import sys
import tempfile
import threading
from collections import Counter
from pathlib import Path
from zoneinfo import ZoneInfo

import time_machine
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.base import BaseScheduler

from eventstudy.config.load import load_config
from jobs import scheduler
from tests.support import passes

# Zone → a time of day that is skipped or repeated there, or that cron loses on a day after such a change.
TIMES = {
    "America/New_York": "00:30",
    "America/Los_Angeles": "02:30",
    "America/St_Johns": "01:30",
    "America/Santiago": "00:00",
    "Europe/Berlin": "02:30",
    "Europe/London": "01:30",
    "Africa/Casablanca": "02:30",
    "Africa/Cairo": "00:15",
    "Asia/Beirut": "00:00",
    "Asia/Tokyo": "23:30",
    "Australia/Lord_Howe": "02:15",
    "Pacific/Auckland": "02:59",
}
LOOK = "6h"


class Stepped(BaseScheduler):
    """A scheduler that works off what is due when it is told, and then waits for its worker."""

    def __init__(self) -> None:
        self.worker = ThreadPoolExecutor(1)
        super().__init__(timezone=dt.UTC, executors={"default": self.worker})

    def wakeup(self) -> None:
        """Nobody sleeps."""

    def shutdown(self, wait: bool = True) -> None:
        super().shutdown(wait)

    def step(self) -> dt.datetime:
        """Work off what is due; return when the next job is."""
        self._process_jobs()
        self.worker._pool.submit(lambda: None).result()  # one worker: all before it has ended
        return min(job.next_run_time for job in self.get_jobs() if job.next_run_time is not None)


class Ended(logging.Handler):
    """The instants at which passes ended well, as the log has them."""

    def __init__(self) -> None:
        super().__init__()
        self.at: list[dt.datetime] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.getMessage().startswith("pass finished: ok"):
            self.at.append(dt.datetime.fromtimestamp(record.created, dt.UTC))


def nights(folder: Path, zone: str, at: str, first: dt.date, last: dt.date) -> list[dt.datetime]:
    """The instants of the passes in a zone from a first to a last local date."""
    schedule = f'schedule: {{at: "{at}", zone: {zone}, days: mon-fri, look: {LOOK}}}'
    path = passes.write_config(folder, ('schedule: {at: "23:30", zone: UTC, days: mon-sun}', schedule))
    tz, stepped, ended = ZoneInfo(zone), Stepped(), Ended()
    begin, end = (dt.datetime.combine(day, dt.time(), tz) for day in (first, last + dt.timedelta(days=1)))
    log = logging.getLogger("eventstudy.schedule")
    log.addHandler(ended)
    log.setLevel(logging.INFO)
    with time_machine.travel(begin - dt.timedelta(seconds=1), tick=False) as clock:
        service = scheduler.Service(path, load_config(path, environ={}), threading.Event(), stepped)
        service.start()
        while (moment := stepped.step()) < end:
            clock.move_to(max(moment, scheduler.utc_now()))
        service.drain()
    log.removeHandler(ended)
    return ended.at


def wrong(at: list[dt.datetime], zone: str, first: dt.date, last: dt.date) -> list[str]:
    """What is not as it must be: every weekday of the zone once, and no other day."""
    found = Counter(moment.astimezone(ZoneInfo(zone)).date() for moment in at)
    days = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    right = {day: int(day.weekday() < 5) for day in days}
    return [f"{day}: {found[day]} passes, not {right.get(day, 0)}" for day in sorted({*right, *found})
            if found[day] != right.get(day, 0)]  # fmt: skip


def main() -> int:
    """Run it as the options say."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--first", type=dt.date.fromisoformat, default=dt.date(2027, 1, 1), help="local date")
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--zone", choices=TIMES, action="append", help="one of the twelve; may be repeated")
    options = parser.parse_args()
    last, is_bad = options.first + dt.timedelta(days=options.days - 1), False
    for zone in options.zone or TIMES:
        with tempfile.TemporaryDirectory(prefix="eventstudy-zones-") as folder:
            at = nights(Path(folder), zone, TIMES[zone], options.first, last)
        broken = wrong(at, zone, options.first, last)
        is_bad |= bool(broken)
        print(f"{zone:22} {TIMES[zone]}  {len(at)} nights", *broken or ["every weekday once"], sep="  ", flush=True)
    return int(is_bad)


if __name__ == "__main__":
    sys.exit(main())
