"""Windows in minutes, as settings write them."""

from __future__ import annotations

import re

from eventstudy.errors import InputError
from eventstudy.hints import hint

ENDS = ("close", "next-open", "next-close")
# Windows by the names of other data sets.
NAMES = (
    "statement",
    "press-conference",
    "median",
    "ea-mpd",
    "ea-mpd-release",
    "ea-mpd-conference",
    "ea-mpd-monetary-event",
)
SAME_AS = {"statement": "-10m:20m", "press-conference": "-10m:60m"}  # names of windows that can be written as well
LONGEST = 7 * 24 * 60

REMEDY = "write [0m, 30m], [-10m, 20m], [0m, close], [0m, next-open] or [0m, next-close]"
_MINUTES = re.compile(r"([+-]?\d{1,6})m", re.ASCII)

MinuteWindow = str  # "0m:30m", "0m:close", or a name


def read_window(value: object) -> MinuteWindow:
    """A window as written: a list of two, ``0m:30m``, or a name."""
    if isinstance(value, str) and ":" not in value:
        if value not in NAMES:
            raise InputError("not a window in minutes", value=value, remedy=hint(value, NAMES, REMEDY))
        return value
    parts = value.split(":") if isinstance(value, str) else value
    if not isinstance(parts, (list, tuple)) or len(parts) != 2:
        raise InputError("not a window in minutes", value=value, remedy=REMEDY)
    start, end = (str(part).strip() for part in parts)
    if all(re.fullmatch(r"[+-]?\d+", part) for part in (start, end)):
        raise InputError(
            "a window of sessions in a study by the minute", value=value, remedy=f"write [{start}m, {end}m]"
        )
    first, last = _MINUTES.fullmatch(start), _MINUTES.fullmatch(end)
    if not first or not (last or end in ENDS):
        raise InputError("not a window in minutes", value=value, remedy=hint(end, ENDS, REMEDY) if first else REMEDY)
    begins, ends = int(first[1]), int(last[1]) if last else None
    if begins > 0:
        raise InputError(
            "a window by the clock begins at the announcement or before it", value=value, remedy=f"write [0m, {end}]"
        )
    if ends is not None and ends <= begins:
        raise InputError("a window must end after it starts", value=value, remedy="swap the two, or widen it")
    if ends is None and end != "close" and begins:
        raise InputError(
            "a window into the next session begins at the announcement", value=value, remedy=f"write [0m, {end}]"
        )
    if max(-begins, ends or 0) > LONGEST:
        raise InputError("no window by the clock is that long", value=value, remedy="study daily bars")
    return f"{begins}m:{end if ends is None else f'{ends}m'}"


def length_of(window: MinuteWindow) -> int | None:
    """Minutes from its start to its end; None where it has no such length."""
    start, _, end = window.partition(":")
    first, last = _MINUTES.fullmatch(start), _MINUTES.fullmatch(end)
    return int(last[1]) - int(first[1]) if first and last else None
