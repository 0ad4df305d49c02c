"""Announcements in a calendar file (RFC 5545): one per VEVENT, or per date of one that repeats.

icalendar reads the values, recurring-ical-events follows the rules, and what is here finds the lines, so that every
mistake has one and costs its own entry alone.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import time
import warnings
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast
from zoneinfo import ZoneInfo

import recurring_ical_events
from dateutil import tz as dateutil_tz
from icalendar import Calendar, Component, Timezone
from icalendar.cal import ComponentFactory
from icalendar.parser import Contentline, Parameters
from icalendar.parser.ical import ComponentIcalParser
from icalendar.parser.property import split_on_unescaped_comma
from icalendar.prop import TypesFactory, vDDDTypes
from icalendar.timezone import tzp
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from eventstudy.config.feeds import FeedConfig
from eventstudy.errors import EventError
from eventstudy.events.items import Item, Reading, identity, make_item, unique
from eventstudy.events.text import read_text
from eventstudy.tables.content import name_of

# Days on which the rules of one file may fall, all together, times the hours that they name for each.
MOST_CANDIDATES = 500_000
# Seconds of computing that the rules of one file may take: one that no day fits, 30 February for one, is followed to
# the year 9999, which takes some eight.
PATIENCE = 20.0
LONGEST_RULE = 2_000
# The changes of a zone's clocks since 1900 take some 200 lines where each stands alone.
LONGEST_ZONE = 20_000

_PROPERTY = re.compile(r'([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^":;]*))*):(.*)', re.DOTALL)
_TIMES = re.compile(r"\d{8}(T\d{6}Z?)?(/[\dTZPDHMSW+-]+)?(,\d{8}(T\d{6}Z?)?(/[\dTZPDHMSW+-]+)?)*", re.ASCII)
_YEARLY = re.compile(r"FREQ=YEARLY(;(BYMONTH|BYDAY|BYMONTHDAY|UNTIL|COUNT|INTERVAL|WKST)=[^;]*)*")
_ZONE_REMEDY = "set `zone:` of the feed, or export the calendar with IANA names such as Europe/Berlin"

_AGAIN = "export the file again"
_SINGLY = "export its dates as entries of their own"
_FIRST = dt.datetime(1900, 1, 1)  # noqa: DTZ001  # compared with dates, local times and instants alike

_ONCE = ("UID", "SUMMARY", "DESCRIPTION", "URL", "STATUS", "SEQUENCE", "DTSTART", "DTEND", "DURATION", "RECURRENCE-ID")
_LISTS = ("CATEGORIES", "X-EVENTSTUDY-ASSETS")
_RULES = ("RRULE", "RDATE", "EXDATE", "EXRULE")
Entry = dict[str, Any]  # a VEVENT of the library: property → value, or list of values
_LINE = "X-EVENTSTUDY-LINE"  # ours alone: no line of a file is read under this name


@dataclass(frozen=True, slots=True)
class Property:
    """One line of a calendar, unfolded."""

    line: int
    name: str
    value: str
    content: str


@dataclass(slots=True)
class Section:
    """What stands between BEGIN and END."""

    name: str
    line: int
    properties: list[Property] = field(default_factory=list)
    parts: list[Section] = field(default_factory=list)
    wrong: EventError | None = None  # a line of it that is none

    def text(self, name: str) -> str:
        """The value of the first property called `name`, as it is written; empty where there is none."""
        return next((p.value.strip() for p in self.properties if p.name == name), "")

    def lines(self) -> Iterator[Property]:
        """Every line, those of its parts included."""
        yield Property(self.line, "BEGIN", self.name, f"BEGIN:{self.name}")
        yield from self.properties
        for part in self.parts:
            yield from part.lines()
        yield Property(self.line, "END", self.name, f"END:{self.name}")


def read_ics(path: Path, feed: FeedConfig, assets: Collection[str], now: dt.datetime) -> Reading:
    """Every VEVENT of the file; one that is wrong is a problem and stops no other.

    SUMMARY is the title, DESCRIPTION the note, CATEGORIES are tags, and X-EVENTSTUDY-ASSETS names the assets where
    they are not the feed's. Of two versions of one UID the one with the higher SEQUENCE counts. An entry that repeats
    is an event for each of its dates until `FeedConfig.until`.
    """
    reading = Reading()
    try:
        for calendar in sections(read_text(path), name_of(path)):
            _Calendar(calendar, name_of(path), feed, assets, feed.until(now), reading).read()
    except EventError as error:
        reading.refuse(error)
    return unique(reading)


def sections(text: str, name: str) -> list[Section]:
    """The VCALENDARs of a file.

    Raises
    ------
    EventError
        When what begins does not end, or something stands outside: the file is cut short, or no calendar.
    """
    calendars: list[Section] = []
    stack: list[Section] = []
    for line, content in _unfolded(text):
        where = f"{name}:{line}"
        match = _PROPERTY.fullmatch(content)
        if match is None:
            error = EventError(
                "not a line of a calendar", where=where, value=content[:60], remedy="export the file again"
            )
            entry = next((section for section in stack if section.name == "VEVENT"), None)
            if entry is None:
                raise error
            entry.wrong = entry.wrong or error  # it costs its own entry, and no other
            continue
        found = Property(line, match[1].upper(), match[3], content)
        if found.name == "BEGIN":
            section = Section(found.value.strip().upper(), line)
            (stack[-1].parts if stack else calendars).append(section)
            stack.append(section)
        elif not stack:
            raise EventError(
                "stands outside a calendar", where=where, value=found.name, remedy="is it a calendar file?"
            )
        elif found.name == "END":
            if found.value.strip().upper() != stack[-1].name:
                raise EventError(
                    f"ends what did not begin; {stack[-1].name} of line {stack[-1].line} is open",
                    where=where,
                    value=found.value,
                    remedy="export the file again",
                )
            stack.pop()
        else:
            stack[-1].properties.append(found)
    if stack:
        raise EventError(
            f"{stack[-1].name} does not end",
            where=f"{name}:{stack[-1].line}",
            remedy="the file is cut short; export it again",
        )
    if not any(section.name == "VCALENDAR" for section in calendars):
        raise EventError("holds no calendar", where=f"{name}:1", remedy="is it a calendar file?")
    return [section for section in calendars if section.name == "VCALENDAR"]


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Content lines with the number of their first line; a line that starts with a blank goes on with the last one."""
    start, parts = 0, list[str]()
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), start=1):
        if line[:1] in (" ", "\t") and parts:
            parts.append(line[1:])
            continue
        if parts:
            yield start, "".join(parts)
        start, parts = number, [line] if line.strip() else []
    if parts:
        yield start, "".join(parts)


class Zones:
    """Finds what a TZID means: an IANA name, a path that ends in one, a name of Windows, or a zone of the file's own.

    Parameters
    ----------
    own : iterable of Section
        The VTIMEZONEs of the file.
    otherwise : str or None
        Name of the zone of times that name none.
    """

    def __init__(self, own: Iterable[Section], otherwise: str | None) -> None:
        self._own = {section.text("TZID"): section for section in own}
        self._otherwise = otherwise
        self._found: dict[str, dt.tzinfo] = {}

    def find(self, tzid: str | None, where: str) -> dt.tzinfo | None:
        """The zone called `tzid`, or that of times that name none; None when there is neither.

        Raises
        ------
        EventError
            When nobody knows it, or the file defines it as no zone can be.
        """
        wanted = tzid or self._otherwise
        if wanted is None:
            return None
        if wanted not in self._found:
            self._found[wanted] = self._known(wanted) or self._defined(wanted, where)
        return self._found[wanted]

    def _known(self, wanted: str) -> dt.tzinfo | None:
        own = self._own.get(wanted)
        names = (wanted, own.text("X-LIC-LOCATION") if own else "", WINDOWS_TO_OLSON.get(wanted, ""))
        return next((zone for name in names if (zone := _iana(name))), None)

    def _defined(self, wanted: str, where: str) -> dt.tzinfo:
        """The zone as the file defines it."""
        section = self._own.get(wanted)
        if section is None:
            raise EventError("unknown time zone", where=where, value=wanted, remedy=_ZONE_REMEDY)
        if sum(len(line.content) for line in section.lines()) > LONGEST_ZONE:
            raise EventError("a zone that is too long to be read", where=where, value=wanted, remedy=_ZONE_REMEDY)
        for line in section.lines():
            if line.name == "RRULE" and not _YEARLY.fullmatch(line.value.upper()):
                # a rule by the second would be counted through for years
                raise EventError(
                    "a zone whose clocks change by another rule than once a year", where=where, value=line.value
                )
        try:
            (component,) = ComponentIcalParser(
                _lines(line.content for line in section.lines()), ComponentFactory(), TypesFactory.instance()
            ).parse()
            assert isinstance(component, Timezone)  # its name is VTIMEZONE
            zone: dt.tzinfo = component.to_tz(lookup_tzid=False)
            return zone
        except Exception as error:  # noqa: BLE001  # two libraries, which stumble over many things in many ways
            raise EventError(
                f"a zone that cannot be read: {error}", where=where, value=wanted, remedy=_ZONE_REMEDY
            ) from None
        finally:
            tzp.use_default()  # the library remembers a zone by its name alone: the next file may mean another


def _iana(name: str) -> dt.tzinfo | None:
    """The zone of an IANA name, or of the end of a path that is one: ``/example.org/2024a/Europe/Berlin``."""
    parts = name.strip().strip("/").split("/")
    for count in (len(parts), 3, 2):
        try:
            return ZoneInfo("/".join(parts[-count:]))
        except (KeyError, ValueError, OSError):
            continue
    return None


def _lines(contents: Iterable[str]) -> list[Contentline]:
    return [Contentline(content) for content in contents]  # type: ignore[no-untyped-call]


_COMPONENTS = ComponentFactory()  # takes a tenth of the time of an entry to make, and is asked for VEVENT alone


class _Parser(ComponentIcalParser):
    """Reads the lines of one VEVENT; a value that is wrong is kept, for the entry to be refused by name."""

    def __init__(self, lines: list[Contentline], zones: Zones, place: str) -> None:
        super().__init__(lines, _COMPONENTS, TypesFactory.instance())
        self._zones = zones
        self._place = place
        self.problems: list[EventError] = []

    def handle_line_parse_error(self, exception: Exception) -> None:
        """As the library, with our words."""
        problem, value = "not a line of a calendar", str(exception)[:60]
        self.problems.append(EventError(problem, where=self._place, value=value, remedy=_AGAIN))

    def parse_and_add_property(
        self, name: str, params: Parameters, val: str, tzid: str | None, line: Contentline
    ) -> None:
        """As the library, with our zones in place of those that it remembers from other files."""
        where = f"{self._place}: {name}"
        try:
            if name in self.datetime_names and not _TIMES.fullmatch(val):
                raise ValueError(val)
            factory: Any = self.get_factory_for_property(name, params)
            is_local = tzid and "T" in val and not val.endswith("Z")
            value = factory.from_ical(val, self._zones.find(tzid, where)) if is_local else factory.from_ical(val)
            found = factory(value)
            found.params = params
            assert self.component is not None  # a property stands in its VEVENT
            self.component.add(name, found, encode=False)
        except EventError as error:
            self.problems.append(error)
        except Exception:  # noqa: BLE001  # the library stumbles over many things in many ways
            what, remedy = ("a time", "write 20230317T070000Z") if name in self.datetime_names else ("a value", _AGAIN)
            self.problems.append(EventError(f"not {what} of a calendar", where=where, value=val[:60], remedy=remedy))
        del line


class _Calendar:
    """The entries of one VCALENDAR."""

    def __init__(
        self,
        section: Section,
        name: str,
        feed: FeedConfig,
        assets: Collection[str],
        until: dt.date,
        reading: Reading,
    ) -> None:
        self._section = section
        self._name = name
        self._feed = feed
        self._assets = assets
        self._until = until
        self._reading = reading
        self._candidates = 0
        self._began = time.process_time()
        self._is_called_off = section.text("METHOD").upper() == "CANCEL"
        self._zone = section.text("X-WR-TIMEZONE") or None
        zones = (part for part in section.parts if part.name == "VTIMEZONE")
        self._zones = Zones(zones, feed.zone or self._zone)

    def read(self) -> None:
        """Put the items of every entry, and what is wrong with the others, into the reading."""
        parts = [part for part in self._section.parts if part.name == "VEVENT"]
        repeating = {part.text("UID") for part in parts if any(p.name in _RULES for p in part.properties)}
        series: dict[str, list[Section]] = {}
        for part in parts:
            uid = part.text("UID")
            series.setdefault(uid if uid in repeating else str(part.line), []).append(part)
        for group in series.values():
            if group[0].text("UID") in repeating:
                self._follow(group)
            else:
                self._read_once(group[0])

    def _read_once(self, part: Section) -> None:
        place = f"{self._name}:{part.line}"
        name = f"{part.text('UID')} {part.text('RECURRENCE-ID')}".strip()
        try:
            entry = self._entry(part, place)
            name = self._identity(entry)
            self._reading.items.append(self._item(entry, place))
        except EventError as error:
            self._reading.refuse(error, name)

    def _entry(self, part: Section, place: str) -> Entry:
        """The values of one VEVENT, each as the library reads it.

        Raises
        ------
        EventError
            For the first of them that is wrong; of one that is called off only those that name it matter.
        """
        if part.wrong is not None:
            raise part.wrong
        if not part.text("UID"):
            raise EventError("an entry needs a UID", where=f"{place}: UID", remedy="export it from a calendar program")
        seen: set[str] = set()
        lines = ["BEGIN:VEVENT"]
        for found in part.properties:
            if found.name == "SEQUENCE" and not re.fullmatch(r"\d{1,9}", found.value.strip(), re.ASCII):
                continue
            if found.name in (*_LISTS, *_RULES) or (found.name in _ONCE and found.name not in seen):
                seen.add(found.name)
                lines.append(found.content)
        parser = _Parser(_lines([*lines, "END:VEVENT"]), self._zones, place)
        entry = cast("Entry", parser.parse()[0])
        entry[_LINE] = str(part.line)
        named = ("RECURRENCE-ID", *_RULES) if self._is_cancelled(entry) else ()
        wrong = [e for e in parser.problems if not named or e.where.rpartition(": ")[2] in named]
        if wrong:
            raise wrong[0]
        return entry

    def _follow(self, parts: Sequence[Section]) -> None:
        """Put an item for each date of an entry that repeats, as those that change single dates of it have it.

        Which dates an entry has that cannot be read is not known, so it may be any that is not here.
        """
        place = f"{self._name}:{parts[0].line}"
        entries: list[Entry] = []
        for part in parts:
            try:
                entries.append(self._entry(part, f"{self._name}:{part.line}"))
            except EventError as error:
                self._reading.refuse(error)
        try:
            self._bound(entries, place)
            if time.process_time() - self._began > PATIENCE:
                raise EventError("the rules of this file take too long", where=f"{place}: RRULE", remedy=_SINGLY)
            calendar = Calendar()
            start = next((e["DTSTART"].dt for e in entries if "RECURRENCE-ID" not in e), None)
            if self._zone and isinstance(start, dt.datetime) and start.tzname() == "UTC":
                # Google writes a local time that repeats in UTC, and means that of X-WR-TIMEZONE
                zone = self._zones.find(self._zone, f"{place}: X-WR-TIMEZONE")
                if isinstance(zone, ZoneInfo):
                    calendar["X-WR-TIMEZONE"] = zone.key
            calendar.subcomponents = cast("list[Component]", entries)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # COUNT together with the UNTIL of ours
                found = recurring_ical_events.of(calendar).between(_FIRST, dt.datetime.combine(self._until, dt.time()))
        except EventError as error:
            self._reading.refuse(error)
            return
        except Exception as error:  # noqa: BLE001  # two libraries, which stumble over many things in many ways
            problem = f"a rule that cannot be followed: {error}"
            self._reading.refuse(EventError(problem, where=f"{place}: RRULE", remedy=_SINGLY))
            return
        moved = {e[_LINE]: e for e in entries if e.get("RECURRENCE-ID") is not None}
        for entry in cast("list[Entry]", found):
            name = None
            place = f"{self._name}:{entry[_LINE]}"
            try:
                change = moved.get(entry[_LINE])
                if change is not None and change["RECURRENCE-ID"].params.get("RANGE") == "THISANDFUTURE":
                    shift = change["DTSTART"].dt - change["RECURRENCE-ID"].dt
                    entry["RECURRENCE-ID"] = vDDDTypes(entry["DTSTART"].dt - shift)
                name = self._identity(entry)
                self._reading.items.append(self._item(entry, place))
            except EventError as error:
                self._reading.refuse(error, name)

    def _bound(self, entries: list[Entry], place: str) -> None:
        """End every rule at the horizon, and refuse those that may fall on too many days.

        Raises
        ------
        EventError
            For a rule by the hour or less, without end or step, and for one too many.
        """
        # each of these is looked for again at every date
        changes = sum("RECURRENCE-ID" in e and ("RANGE" in e["RECURRENCE-ID"].params or _repeats(e)) for e in entries)
        for entry in entries:
            where = f"{self._name}:{entry[_LINE]}: RRULE"
            if "EXRULE" in entry:
                where = where.replace("RRULE", "EXRULE")
                raise EventError("a rule of exceptions is not followed", where=where, remedy=_SINGLY)
            if "DTSTART" not in entry:
                raise EventError("when was it announced?", where=f"{place}: DTSTART", remedy="give the entry a start")
            dates = sum(len(found.dts) for found in _all(entry, "RDATE"))
            for rule in _all(entry, "RRULE"):
                written = rule.to_ical().decode()
                steps = [rule.get("FREQ", [""])[0], rule.get("INTERVAL", [1])[0]]
                if steps[0] not in ("DAILY", "WEEKLY", "MONTHLY", "YEARLY") or steps[1] < 1:
                    raise EventError("not a rule by the day or more", where=where, value=written, remedy=_SINGLY)
                if len(written) > LONGEST_RULE:
                    raise EventError("a rule that is too long", where=where, value=len(written), remedy=_SINGLY)
                end = rule.get("UNTIL", [self._until])[0]
                if _day(end) >= self._until or "UNTIL" not in rule:
                    rule["UNTIL"] = [dt.datetime.combine(self._until, dt.time(), dt.UTC)]
                days = max((min(_day(end), self._until) - _day(entry["DTSTART"].dt)).days + 1, 0)
                dates += days * math.prod(len(rule.get(key, "1")) for key in ("BYHOUR", "BYMINUTE", "BYSECOND"))
            self._candidates += dates * (1 + changes)
            if self._candidates > MOST_CANDIDATES:
                self._candidates -= dates * (1 + changes)
                raise EventError(
                    f"the rules of this file may fall on more than {MOST_CANDIDATES:,} days",
                    where=where,
                    remedy="let it end, or begin later",
                )

    def _is_cancelled(self, entry: Entry) -> bool:
        return self._is_called_off or str(entry.get("STATUS", "")).strip().upper() == "CANCELLED"

    def _identity(self, entry: Entry) -> str:
        """UID, and for one date of an entry that repeats the date that its rule gives it, wherever it was moved."""
        uid = str(entry["UID"]).strip()
        if "RECURRENCE-ID" not in entry:
            return uid
        date = entry["RECURRENCE-ID"].dt
        if not isinstance(date, dt.datetime):
            return f"{uid} {date:%Y%m%d}"
        zone = date.tzinfo or self._zones.find(None, f"{self._name}:{entry[_LINE]}: RECURRENCE-ID")
        return (
            f"{uid} {date.replace(tzinfo=zone).astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"
            if zone
            else f"{uid} {date:%Y%m%dT%H%M%S}"
        )

    def _item(self, entry: Entry, place: str) -> Item:
        name = self._identity(entry)
        version = int(entry.get("SEQUENCE", 0))
        if self._is_cancelled(entry):
            return Item(event_id=identity(name), event=None, place=place, is_cancelled=True, sequence=version)
        address = str(entry.get("URL", "")).strip()
        said: dict[str, Any] = {
            "id": name,
            "title": " ".join(str(entry.get("SUMMARY", "")).split()),
            "note": str(entry.get("DESCRIPTION", "")).strip(),
            "url": address if re.fullmatch(r"https?://[^\s\"<>]+", address) else "",
            "tags": [tag for tags in _all(entry, "CATEGORIES") for tag in map(str.strip, tags) if tag],
            "assets": [
                asset
                for assets in _all(entry, "X-EVENTSTUDY-ASSETS")
                for asset in map(str.strip, split_on_unescaped_comma(str(assets)))
                if asset
            ]
            or list(self._feed.assets),
            **self._when(entry, place),
        }
        return make_item(said, place, self._feed, self._assets, version)

    def _when(self, entry: Entry, place: str) -> dict[str, str]:
        """The time of the announcement: the start of the entry, or the days that an entry without a time covers."""
        where = f"{place}: DTSTART"
        if "DTSTART" not in entry:
            raise EventError("when was it announced?", where=where, remedy="give the entry a start")
        start = entry["DTSTART"].dt
        if not isinstance(start, dt.date):
            raise EventError("not a time of a calendar", where=where, value=start, remedy="write 20230317T070000Z")
        if isinstance(start, dt.datetime):
            return self._moment(start, where)
        zone = getattr(self._zones.find(entry["DTSTART"].params.get("TZID"), where), "key", "")
        end = entry["DTEND"].dt if "DTEND" in entry else start + _span(entry)
        last = _day(end) - dt.timedelta(days=1)
        if last <= start:
            return {"announced_at": start.isoformat(), "zone": zone}
        return {"earliest": start.isoformat(), "latest": last.isoformat(), "zone": zone}

    def _moment(self, start: dt.datetime, where: str) -> dict[str, str]:
        """A time as the fields of an entry say it: in UTC, with the name of its zone, or with its offset."""
        local = start.replace(tzinfo=None)
        zone = start.tzinfo or self._zones.find(None, where)
        if zone is None:
            raise EventError("a time without a zone", where=where, value=f"{local:%Y%m%dT%H%M%S}", remedy=_ZONE_REMEDY)
        if isinstance(zone, ZoneInfo):
            return (
                {"announced_at": f"{local.isoformat()}Z"}
                if zone.key == "UTC"
                else {
                    "announced_at": local.isoformat(),
                    "zone": str(zone.key),
                }
            )
        try:
            is_clear = dateutil_tz.datetime_exists(local, zone) and not dateutil_tz.datetime_ambiguous(local, zone)
            said = local.replace(tzinfo=zone).isoformat()
        except (ValueError, OverflowError) as error:
            raise EventError(f"a zone that cannot be: {error}", where=where, value=local, remedy=_ZONE_REMEDY) from None
        if not is_clear:
            raise EventError(
                "daylight saving skips or repeats this local time",
                where=where,
                value=f"{local:%Y%m%dT%H%M%S}",
                remedy="write it in UTC",
            )
        return {"announced_at": said}


def _all(entry: Entry, name: str) -> list[Any]:
    """The values of every property called `name`."""
    found = entry.get(name, [])
    return found if isinstance(found, list) else [found]


def _repeats(entry: Entry) -> bool:
    return any(name in entry for name in _RULES)


def _span(entry: Entry) -> dt.timedelta:
    """How long an entry lasts that has no end."""
    span = entry["DURATION"].dt if "DURATION" in entry else None
    return span if isinstance(span, dt.timedelta) else dt.timedelta(days=1)


def _day(found: dt.date) -> dt.date:
    return found.date() if isinstance(found, dt.datetime) else found
