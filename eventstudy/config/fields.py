"""Kinds of value that a setting can have, each with the words for a wrong one."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field

from eventstudy.config import calendar_names
from eventstudy.config.cluster_names import ADDRESS, LOCAL, REMEDY
from eventstudy.errors import InputError
from eventstudy.hints import hint
from eventstudy.spec import Window

# Pages that no event may take the name of: all events, and the digests.
RESERVED_PAGE = re.compile(r"index|digest(-\d{4}-\d{2}-\d{2})?")

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def written(pattern: str, problem: str, remedy: str) -> AfterValidator:
    """Text that matches `pattern` as a whole."""
    is_match = re.compile(pattern).fullmatch

    def check(text: str) -> str:
        if not is_match(text):
            raise InputError(problem, value=text, remedy=remedy)
        return text

    return AfterValidator(check)


def _path(value: object) -> object:
    if isinstance(value, str) and re.match(r"[a-z][a-z0-9+.-]+://", value, re.IGNORECASE):
        raise InputError("an address is no path", value=value, remedy="fetch it into a file, and name that")
    if isinstance(value, Path) or (isinstance(value, str) and value.strip()):
        return value
    raise InputError("not the path of a file or folder", value=value, remedy="write for example var/eventstudy.db")


def _zone_name(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (KeyError, ValueError, OSError):
        raise InputError("unknown time zone", value=name, remedy=zone_remedy(name)) from None


# Names of winter time, and the zones whose clocks people mean by them in summer as well.
WINTER_TIMES = {
    "EST": "America/New_York",
    "MST": "America/Denver",
    "CET": "Europe/Berlin",
    "MET": "Europe/Berlin",
    "EET": "Europe/Athens",
    "WET": "Europe/Lisbon",
}
# Other abbreviations that are no zone at all.
NO_ZONES = {
    "EDT": "America/New_York",
    "CST": "America/Chicago",
    "CDT": "America/Chicago",
    "MDT": "America/Denver",
    "PST": "America/Los_Angeles",
    "PDT": "America/Los_Angeles",
    "BST": "Europe/London",
    "CEST": "Europe/Berlin",
    "EEST": "Europe/Athens",
    "IST": "Asia/Kolkata",
    "JST": "Asia/Tokyo",
    "HKT": "Asia/Hong_Kong",
    "SGT": "Asia/Singapore",
    "AEST": "Australia/Sydney",
}


def zone_remedy(name: str) -> str:
    """What to write instead of a zone that there is not."""
    meant = (WINTER_TIMES | NO_ZONES).get(name.upper())
    if meant:
        return f"write {meant}, if that is meant"
    return hint(name, available_timezones(), "use an IANA name such as Asia/Shanghai")


def _clock_zone(name: str) -> str:
    """A zone whose clocks are those of its venue in summer too."""
    if name in WINTER_TIMES:
        raise InputError("winter time is no zone of a venue", value=name, remedy=f"write {WINTER_TIMES[name]}")
    return name


def calendar_name(name: str) -> str:
    """A calendar, see `eventstudy.config.calendar_names`; or ``none``."""
    if name != calendar_names.NONE:
        calendar_names.resolved(name)
    return name


def days_of_week(text: str) -> str:
    """``mon-fri`` and the like."""
    for part in text.split(","):
        first, _, last = part.partition("-")
        is_known = {first, last or first} <= set(WEEKDAYS)
        if not is_known or (last and WEEKDAYS.index(first) > WEEKDAYS.index(last)):
            raise InputError("not days of the week", value=text, remedy="write for example mon-fri or tue,thu,sat-sun")
    return text


_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def _span(value: object) -> object:
    if isinstance(value, dt.timedelta):
        return value
    found = re.fullmatch(r"([1-9][0-9]{0,5})([smhd])", value) if isinstance(value, str) else None
    if not found:
        raise InputError("not a span of time", value=value, remedy="write for example 15m, 1h or 2d")
    return dt.timedelta(**{_UNITS[found[2]]: int(found[1])})


# What an entry of a feed can say, by the names of the settings; `earliest` and `latest` are announced_between.
EVENT_FIELDS = (
    "id",
    "title",
    "announced_at",
    "earliest",
    "latest",
    "zone",
    "kind",
    "assets",
    "url",
    "note",
    "tags",
    "claims",
    "status",
)


def _event_field(name: str) -> str:
    if name not in EVENT_FIELDS:
        remedy = hint(name, EVENT_FIELDS, f"known are {', '.join(EVENT_FIELDS)}")
        raise InputError("an event has no such field", value=name, remedy=remedy)
    return name


def _web_address(text: str) -> str:
    if not re.fullmatch(r"(https?://[^\s\"<>]+)?", text):
        value = None if "/" in text else text  # what may be an address may hold a secret
        raise InputError("not a web address", value=value, remedy="start it with https://")
    return text


_LINE = r"[^\x00-\x1f\x7f]"

Slug = Annotated[
    str, written(r"[a-z0-9][a-z0-9._-]{0,79}", "not an id", "write lower-case letters, digits, '.', '_' and '-'")
]
EventField = Annotated[str, AfterValidator(_event_field)]
AssetName = Annotated[str, written(f"{_LINE}{{1,80}}", "not a name", "write one line of 1 to 80 characters")]
Symbol = Annotated[str, written(f"{_LINE}{{1,300}}", "not a symbol", "write one line of 1 to 300 characters")]
Title = Annotated[str, written(f"{_LINE}{{1,300}}", "not a title", "write one line of 1 to 300 characters")]
ClaimText = Annotated[str, written(r"[^\x00-\x08\x0b-\x1f\x7f]{1,1000}", "not a claim", "write a sentence or two")]
WebAddress = Annotated[str, AfterValidator(_web_address)]
ZoneName = Annotated[str, AfterValidator(_zone_name)]
ClockZone = Annotated[ZoneName, AfterValidator(_clock_zone)]
PathField = Annotated[Path, BeforeValidator(_path)]
ClusterField = Annotated[str, written(f"{LOCAL.pattern}|{ADDRESS.pattern}", "not a cluster", REMEDY)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Whole = Annotated[int, Field(strict=True)]
SpanField = Annotated[dt.timedelta, BeforeValidator(_span)]
WindowField = Annotated[Window, BeforeValidator(Window.parse)]
