"""One spelling of an instant, in tables, files and pages: ``YYYY-MM-DDTHH:MM:SSZ``, always in UTC."""

from __future__ import annotations

import datetime as dt


def stamp(moment: dt.datetime) -> str:
    """An instant as all files and tables of ours write it: ISO 8601 in UTC, to the second.

    Parameters
    ----------
    moment : datetime
        Tz-aware.
    """
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


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
