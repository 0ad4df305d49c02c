"""Instants and the clocks on the wall: local times of dates as UTC, and back, daylight saving included."""

from __future__ import annotations

import datetime as dt
import functools

import numpy as np

from eventstudy.errors import InputError
from eventstudy.records import InstantArray, SessionArray


@functools.lru_cache(maxsize=1024)  # every study of every asset of an event asks for its times
def to_instant(moment: dt.datetime) -> np.datetime64:
    """A tz-aware datetime as a UTC datetime64[ns]."""
    if moment.tzinfo is None:
        raise InputError("a time without a zone", value=moment.isoformat(), remedy="attach one")
    return np.datetime64(moment.astimezone(dt.UTC).replace(tzinfo=None), "ns")


def session_date(session: np.datetime64) -> dt.date:
    """A session label as a plain date."""
    day: dt.date = session.astype("datetime64[D]").item()
    return day


def at_local_time(labels: SessionArray, time: dt.time, zone: str) -> InstantArray:
    """UTC instants of a local clock time on each date, daylight saving included.

    A time that the clocks leapt over is the moment of the leap; of one that came twice, the first counts.
    """
    import pandas as pd  # a quarter of a second: only where a clock is asked

    since_midnight = np.timedelta64((time.hour * 60 + time.minute) * 60 + time.second, "s")
    local = pd.DatetimeIndex(labels.astype("datetime64[s]") + since_midnight).tz_localize(
        zone, nonexistent="shift_forward", ambiguous=np.ones(labels.size, dtype=bool)
    )
    return local.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[ns]")


def local_time(instants: InstantArray, zone: str) -> InstantArray:
    """What clocks in `zone` show at UTC instants; the inverse of `at_local_time`."""
    import pandas as pd

    local = pd.DatetimeIndex(instants).tz_localize("UTC").tz_convert(zone).tz_localize(None)
    return local.to_numpy().astype("datetime64[ns]")
