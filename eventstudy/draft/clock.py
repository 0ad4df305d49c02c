"""Times of day that name their clock: "1506 GMT", "3:06 p.m. in Beijing", "8.30 Uhr", "07:06 GMT+8"."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from eventstudy.gazetteer.zones import zone_of

# What articles print behind a time. Winter names stand for the clock of the place in summer too.
CLOCKS = {
    "GMT": "UTC",
    "UTC": "UTC",
    "Z": "UTC",
    "BST": "Europe/London",
    "ET": "America/New_York",
    "EST": "America/New_York",
    "EDT": "America/New_York",
    "CT": "America/Chicago",
    "CDT": "America/Chicago",
    "PT": "America/Los_Angeles",
    "PST": "America/Los_Angeles",
    "PDT": "America/Los_Angeles",
    "CET": "Europe/Berlin",
    "CEST": "Europe/Berlin",
    "MEZ": "Europe/Berlin",
    "MESZ": "Europe/Berlin",
    "MSK": "Europe/Moscow",
    "JST": "Asia/Tokyo",
    "HKT": "Asia/Hong_Kong",
    "SGT": "Asia/Singapore",
    "IST": "Asia/Kolkata",
    "KST": "Asia/Seoul",
    "AEST": "Australia/Sydney",
    "AEDT": "Australia/Sydney",
}
_NAMES = "|".join(sorted(CLOCKS, key=len, reverse=True))
_TIME = re.compile(
    r"(?<![\d.,:$€£])(?:(?P<hour>[01]?\d|2[0-4])[:.h](?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?|(?P<four>(?:[01]\d|2[0-3])[0-5]\d)|"
    r"(?P<full>1[0-2]|[1-9]))?"
    r"\s?(?P<half>(?i:[ap]\.?\s?m\b)\.?)?\s?(?P<uhr>Uhr|hours|hrs)?[,\s]*\(?"
    rf"(?:(?P<clock>(?:GMT|UTC)(?P<offset>\s?[+-](?:1[0-4]|0?\d)(?::?[0-5]\d)?(?!\d))?|{_NAMES})(?![A-Za-z])|"
    r"(?:in|at)\s+(?P<place>[A-Z][a-z]+(?:\s[A-Z][a-z]+)?)|(?P<local>[A-Z][a-z]+(?:\s[A-Z][a-z]+)?)\s+time\b)?"
)
_ISO = re.compile(
    r"T(?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)(?::[0-5]\d(?:\.\d+)?)?(?P<zone>Z|[+-](?:0\d|1[0-4]):?[0-5]\d)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """A time of day.

    Attributes
    ----------
    start, end : int
    text : str
    time : time
    zone : str
        IANA name or ``+08:00``; empty where the text names no clock.
    """

    start: int
    end: int
    text: str
    time: dt.time
    zone: str

    def on(self, day: dt.date, otherwise: str) -> dt.datetime:
        """The instant of this time on a day; a time that names no clock goes by the zone `otherwise`."""
        zone = self.zone or otherwise
        tz = dt.datetime.strptime(zone, "%z").tzinfo if zone[0] in "+-" else ZoneInfo(zone)
        return dt.datetime.combine(day, self.time, tz).astimezone(dt.UTC)


def find_times(text: str, offset: int = 0) -> list[Stamp]:
    """Times of a text that cannot be taken for a price or a year: with a clock, a half of the day, or a colon."""
    out = []
    for match in _ISO.finditer(text):
        zone = "UTC" if match["zone"] == "Z" else _offset(match["zone"])
        out.append(_made(match, offset, int(match["hour"]), int(match["minute"]), zone))
    for match in _TIME.finditer(text):
        number = match["hour"] or match["four"] or match["full"]
        if not number:
            continue
        zone = _zone(match)
        is_time = zone or match["half"] or match["uhr"]
        if not is_time or (match["full"] and not match["half"] and not match["uhr"]):
            continue
        hour = int(match["hour"] or (match["four"] or "")[:2] or match["full"] or 0)
        minute = int(match["minute"] or (match["four"] or "")[2:] or 0)
        if match["half"]:
            if hour > 12:
                continue
            hour = hour % 12 + (12 if match["half"].lower().startswith("p") else 0)
        if hour < 24:
            out.append(_made(match, offset, hour, minute, zone))
    return sorted(out, key=lambda stamp: stamp.start)


def _zone(match: re.Match[str]) -> str:
    if match["offset"]:
        return _offset(match["offset"].strip())
    if match["clock"]:
        return CLOCKS[match["clock"]]
    if match["uhr"] == "Uhr":
        return "Europe/Berlin"
    return zone_of(match["place"] or match["local"] or "") or ""


def _offset(text: str) -> str:
    sign, digits = text[0], re.sub(r"\D", "", text)
    hours, minutes = (digits[:-2], digits[-2:]) if len(digits) > 2 else (digits, "00")
    return f"{sign}{int(hours):02}:{minutes}"


def _made(match: re.Match[str], offset: int, hour: int, minute: int, zone: str) -> Stamp:
    return Stamp(
        start=match.start() + offset,
        end=match.end() + offset,
        text=match[0].strip(),
        time=dt.time(hour, minute),
        zone=zone,
    )
