"""The zones that a calendar file names: IANA names, paths that end in one, or zones that the file itself defines."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from dateutil import tz as dateutil_tz

from eventstudy.errors import EventError

_YEARLY = re.compile(r"FREQ=YEARLY(;(BYMONTH|BYDAY|BYMONTHDAY|UNTIL|COUNT|INTERVAL|WKST)=[^;]*)*")
_REMEDY = "set `zone:` of the feed, or export the calendar with IANA names such as Europe/Berlin"


class Zones:
    """Finds what a TZID means.

    Parameters
    ----------
    own : mapping
        TZID → the lines of the VTIMEZONE that defines it.
    otherwise : str or None
        Name of the zone of times that name none.
    """

    def __init__(self, own: Mapping[str, list[str]], otherwise: str | None) -> None:
        self._own = own
        self._otherwise = otherwise

    def name(self, tzid: str | None, where: str) -> str | None:
        """The IANA name for a TZID, or for the zone of times that name none; None when there is neither."""
        wanted = tzid or self._otherwise
        if wanted is None:
            return None
        found = next((zone for zone in map(iana, (wanted, *self._located(wanted))) if zone), None)
        if found is None and wanted not in self._own:
            raise EventError("unknown time zone", where=where, value=wanted, remedy=_REMEDY)
        return found

    def written(self, naive: dt.datetime, tzid: str | None, where: str) -> dict[str, str]:
        """A local time as the fields of an entry say it: with the name of its zone, or with its offset."""
        name = self.name(tzid, where)
        if name is not None:
            return {"announced_at": naive.isoformat(), "zone": name}
        if tzid is None:
            raise EventError("a time without a zone", where=where, value=f"{naive:%Y%m%dT%H%M%S}", remedy=_REMEDY)
        zone = self._defined(tzid, where)
        try:
            is_clear = dateutil_tz.datetime_exists(naive, zone) and not dateutil_tz.datetime_ambiguous(naive, zone)
            told = naive.replace(tzinfo=zone).isoformat()
        except (ValueError, OverflowError) as error:
            raise EventError(f"a zone that cannot be: {error}", where=where, value=tzid, remedy=_REMEDY) from None
        if not is_clear:
            raise EventError(
                "daylight saving skips or repeats this local time",
                where=where,
                value=f"{naive:%Y%m%dT%H%M%S} {tzid}",
                remedy="write it in UTC",
            )
        return {"announced_at": told}

    def _located(self, tzid: str) -> list[str]:
        """``X-LIC-LOCATION`` of the zone's own definition, an IANA name that many programs write."""
        return [line.partition(":")[2] for line in self._own.get(tzid, ()) if line.startswith("X-LIC-LOCATION")]

    def _defined(self, tzid: str, where: str) -> dt.tzinfo:
        """The zone as the file defines it."""
        for line in self._own[tzid]:
            name, _, rule = line.partition(":")
            if name.upper().startswith("RRULE") and not _YEARLY.fullmatch(rule.upper()):
                # a rule by the second would be counted through for years
                raise EventError("a zone whose clocks change by another rule than once a year", where=where, value=rule)
        lines = "\r\n".join(("BEGIN:VCALENDAR", *self._own[tzid], "END:VCALENDAR", ""))
        try:
            zone: dt.tzinfo | None = dateutil_tz.tzical(io.StringIO(lines)).get(tzid)
        except (ValueError, IndexError, KeyError, OverflowError) as error:
            raise EventError(f"a zone that cannot be read: {error}", where=where, value=tzid, remedy=_REMEDY) from None
        if zone is None:
            raise EventError("unknown time zone", where=where, value=tzid, remedy=_REMEDY)
        return zone


def iana(name: str) -> str | None:
    """`name` itself when it is an IANA name, else the end of it that is: ``/example.org/2024a/Europe/Berlin``."""
    parts = name.strip().strip("/").split("/")
    for count in (len(parts), 3, 2):
        candidate = "/".join(parts[-count:])
        try:
            return ZoneInfo(candidate).key
        except (KeyError, ValueError, OSError):
            continue
    return None
