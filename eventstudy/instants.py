"""One spelling of an instant, in tables, files and pages: ``YYYY-MM-DDTHH:MM:SSZ``, always in UTC.

To the second, as prices are: whatever came within a second is before the first price that is stamped after it, so that
a fraction, where a feed gives one, decides nothing.
"""

from __future__ import annotations

import datetime as dt
import functools

from eventstudy.errors import InputError


def stamp(moment: dt.datetime) -> str:
    """An instant as all files and tables of ours write it; a fraction of a second is left out.

    Raises
    ------
    InputError
        When it has no zone: the machine's own never counts.
    """
    if moment.tzinfo is None:
        raise InputError("a time without a zone", value=moment.isoformat(), remedy="attach one")
    return _stamp(moment.astimezone(dt.UTC))


@functools.lru_cache(maxsize=1 << 15)  # a pass writes the times of every event again and again
def _stamp(moment: dt.datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def stamp_of(seconds: int) -> str:
    """The instant so many seconds after 1970, as `stamp` writes it."""
    return stamp(dt.datetime.fromtimestamp(seconds, dt.UTC))


def parse(text: str) -> dt.datetime:
    """The UTC instant that a text with a zone means.

    Raises
    ------
    ValueError
        When it is no instant, or has no zone.
    """
    moment = dt.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} has no zone")
    return moment.astimezone(dt.UTC)
