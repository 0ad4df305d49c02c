"""Times of day in a text, and the zones that places and abbreviations stand for."""

from __future__ import annotations

import datetime as dt
import re

from eventstudy.claims.claim import Minute

PLACES = {
    "new york": "America/New_York",
    "washington": "America/New_York",
    "toronto": "America/Toronto",
    "chicago": "America/Chicago",
    "sao paulo": "America/Sao_Paulo",
    "london": "Europe/London",
    "frankfurt": "Europe/Berlin",
    "berlin": "Europe/Berlin",
    "paris": "Europe/Paris",
    "zurich": "Europe/Zurich",
    "moscow": "Europe/Moscow",
    "istanbul": "Europe/Istanbul",
    "johannesburg": "Africa/Johannesburg",
    "dubai": "Asia/Dubai",
    "mumbai": "Asia/Kolkata",
    "singapore": "Asia/Singapore",
    "hong kong": "Asia/Hong_Kong",
    "shanghai": "Asia/Shanghai",
    "beijing": "Asia/Shanghai",
    "seoul": "Asia/Seoul",
    "tokyo": "Asia/Tokyo",
    "sydney": "Australia/Sydney",
    "wellington": "Pacific/Auckland",
}
# What people write for the clock of a place, whatever the season; CST and IST stand for several, and so for none.
ABBREVIATIONS = {
    "gmt": "UTC",
    "utc": "UTC",
    "et": "America/New_York",
    "est": "America/New_York",
    "edt": "America/New_York",
    "bst": "Europe/London",
    "cet": "Europe/Berlin",
    "cest": "Europe/Berlin",
    "hkt": "Asia/Hong_Kong",
    "jst": "Asia/Tokyo",
    "aest": "Australia/Sydney",
    "aedt": "Australia/Sydney",
}
_places = "|".join(PLACES)
_abbreviations = "|".join(ABBREVIATIONS)
AS_OF = (
    r"(?:as of|as at|at|by|around|shortly after|before)\s+(?:(?:about|around)\s+)?"
    r"(?:(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2}))?\s*(?P<half>[ap]\.?m\b\.?)|(?P<h24>\d{2}):?(?P<m24>\d{2})(?=\s+"
    rf"(?:{_abbreviations}|in\s+(?:{_places}))\b)|(?P<h>\d{{1,2}}):(?P<m>\d{{2}})|(?P<noon>noon|midday))"
    rf"(?:\s+(?:(?P<abbreviation>{_abbreviations})\b|(?:in\s+)?(?P<place>{_places})(?:\s+time)?\b|local time))?"
    r"(?:\s\(\d{2}:?\d{2}\s(?:gmt|utc)\))?"
)


def read_minute(found: re.Match[str]) -> Minute | None:
    """The time of day that `AS_OF` matched; None for one that no clock shows."""
    group = found.groupdict()
    if group["noon"]:
        hour, minute = 12, 0
    elif group["half"]:
        hour, minute = int(group["hour"]), int(group["minute"] or 0)
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if group["half"].lower().startswith("p") else 0)
    else:
        hour, minute = int(group["h24"] or group["h"]), int(group["m24"] or group["m"])
    if hour > 23 or minute > 59:
        return None
    place, short = group["place"], group["abbreviation"]
    zone = PLACES[place.lower()] if place else ABBREVIATIONS[short.lower()] if short else ""
    return Minute(text=found[0].strip(), time=dt.time(hour, minute), zone=zone)
