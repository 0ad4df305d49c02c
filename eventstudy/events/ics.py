"""Announcements in a calendar file (RFC 5545): one per VEVENT, known by its UID.

What a calendar program writes is read as it is meant: folded lines, escaped text, times in UTC, in a zone, in a zone
that the file itself defines, or whole days. An entry that repeats by a rule is refused: it is not one announcement.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eventstudy.config.model import FeedConfig
from eventstudy.errors import EventError
from eventstudy.events.ics_zones import Zones
from eventstudy.events.items import Item, Reading, identity, make_item, unique
from eventstudy.events.text import read_text
from eventstudy.tables.content import name_of

_PROPERTY = re.compile(r'([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^":;]*))*):(.*)', re.DOTALL)
_PARAMETER = re.compile(r';([A-Za-z0-9-]+)=("[^"]*"|[^";]*)')
_ESCAPE = re.compile(r"\\([\\;,nN])")
_COMMA = re.compile(r"(?<!\\)(?:\\\\)*,")

_DATE = re.compile(r"\d{8}", re.ASCII)
_TIME = re.compile(r"(\d{8}T\d{6})(Z?)", re.ASCII)

# What an entry that says when it takes place by a rule says it with.
_RULES = ("RRULE", "RDATE", "EXRULE")


@dataclass(frozen=True, slots=True)
class Property:
    """One line of a calendar, unfolded."""

    line: int
    name: str
    parameters: dict[str, str]
    value: str


@dataclass(slots=True)
class Component:
    """What stands between BEGIN and END."""

    name: str
    line: int
    properties: list[Property] = field(default_factory=list)
    parts: list[Component] = field(default_factory=list)
    wrong: EventError | None = None  # a line of it that is none

    def first(self, name: str) -> Property | None:
        """The first property called `name`."""
        return next((p for p in self.properties if p.name == name), None)

    def text(self, name: str) -> str:
        """The text of the first property called `name`; empty where there is none."""
        found = self.first(name)
        return unescape(found.value).strip() if found else ""


def read_ics(path: Path, feed: FeedConfig, assets: Collection[str]) -> Reading:
    """Every VEVENT of the file; one that is wrong is a problem and stops no other.

    SUMMARY is the title, DESCRIPTION the note, CATEGORIES are tags, and X-EVENTSTUDY-ASSETS names the assets where
    they are not the feed's. Of two versions of one UID the one with the higher SEQUENCE counts.
    """
    reading = Reading()
    try:
        text = read_text(path)
        for calendar in components(text, name_of(path)):
            _read_calendar(calendar, name_of(path), feed, assets, reading)
    except EventError as error:
        reading.refuse(error)
    return unique(reading)


def components(text: str, name: str) -> list[Component]:
    """The VCALENDARs of a file.

    Raises
    ------
    EventError
        When what begins does not end, or something stands outside: the file is cut short, or no calendar.
    """
    calendars: list[Component] = []
    stack: list[Component] = []
    for found in _properties(text, name):
        if isinstance(found, EventError):
            if not (stack and stack[-1].name == "VEVENT"):
                raise found
            stack[-1].wrong = stack[-1].wrong or found  # it costs its own entry, and no other
            continue
        where = f"{name}:{found.line}"
        if found.name == "BEGIN":
            part = Component(found.value.strip().upper(), found.line)
            (stack[-1].parts if stack else calendars).append(part)
            stack.append(part)
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
    if not any(part.name == "VCALENDAR" for part in calendars):
        raise EventError("holds no calendar", where=f"{name}:1", remedy="is it a calendar file?")
    return [part for part in calendars if part.name == "VCALENDAR"]


def unescape(text: str) -> str:
    r"""TEXT of RFC 5545: ``\n``, ``\,``, ``\;`` and ``\\``."""
    return _ESCAPE.sub(lambda m: "\n" if m[1] in "nN" else m[1], text)


def _properties(text: str, name: str) -> Iterator[Property | EventError]:
    """Every content line, or what is wrong with it."""
    for line, content in _unfolded(text):
        found = _PROPERTY.fullmatch(content)
        if found is None:
            place, remedy = f"{name}:{line}", "export the file again"
            yield EventError("not a line of a calendar", where=place, value=content[:60], remedy=remedy)
            continue
        parameters = {m[1].upper(): m[2].strip('"') for m in _PARAMETER.finditer(found[2])}
        yield Property(line, found[1].upper(), parameters, found[3])


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


def _read_calendar(calendar: Component, name: str, feed: FeedConfig, assets: Collection[str], reading: Reading) -> None:
    is_called_off = calendar.text("METHOD").upper() == "CANCEL"
    zones = Zones(
        own={part.text("TZID"): _lines(part) for part in calendar.parts if part.name == "VTIMEZONE"},
        otherwise=feed.zone or calendar.text("X-WR-TIMEZONE") or None,
    )
    for entry in calendar.parts:
        if entry.name == "VEVENT":
            try:
                if entry.wrong is not None:
                    raise entry.wrong
                reading.items.append(_item(entry, f"{name}:{entry.line}", feed, assets, zones, is_called_off))
            except EventError as error:
                reading.refuse(error, _name(entry))


def _item(
    entry: Component, place: str, feed: FeedConfig, assets: Collection[str], zones: Zones, is_called_off: bool
) -> Item:
    if not entry.text("UID"):
        raise EventError("an entry needs a UID", where=f"{place}: UID", remedy="export it from a calendar program")
    name = _name(entry)
    sequence = entry.text("SEQUENCE")
    version = int(sequence) if re.fullmatch(r"\d{1,9}", sequence, re.ASCII) else 0
    if is_called_off or entry.text("STATUS").upper() == "CANCELLED":
        return Item(event_id=identity(name), event=None, place=place, is_cancelled=True, sequence=version)
    rule = next((p for p in entry.properties if p.name in _RULES), None)
    if rule is not None:
        raise EventError(
            "an entry that repeats is not one announcement",
            where=f"{place}: {rule.name}",
            value=rule.value,
            remedy="export its dates as entries of their own",
        )
    named = unescape(_joined(entry, "X-EVENTSTUDY-ASSETS"))
    address = entry.text("URL")
    said: dict[str, Any] = {
        "id": name,
        "title": " ".join(entry.text("SUMMARY").split()),
        "note": entry.text("DESCRIPTION"),
        "url": address if re.fullmatch(r"https?://[^\s\"<>]+", address) else "",
        "tags": [tag for tag in (unescape(t).strip() for t in _COMMA.split(_joined(entry, "CATEGORIES"))) if tag],
        "assets": [asset.strip() for asset in named.split(",") if asset.strip()] or list(feed.assets),
        **_when(entry, place, zones),
    }
    return make_item(said, place, feed, assets, version)


def _name(entry: Component) -> str:
    """UID, and for one date of an entry that repeats its RECURRENCE-ID: what stays when everything else is changed."""
    instance = entry.first("RECURRENCE-ID")
    return f"{entry.text('UID')} {instance.value if instance else ''}".strip()


def _lines(part: Component) -> list[str]:
    """The component as the file has it, unfolded."""
    out = [f"BEGIN:{part.name}"]
    for found in part.properties:
        parameters = "".join(f';{key}="{value}"' for key, value in found.parameters.items())
        out.append(f"{found.name}{parameters}:{found.value}")
    return [*out, *(line for inner in part.parts for line in _lines(inner)), f"END:{part.name}"]


def _joined(entry: Component, name: str) -> str:
    return ",".join(p.value for p in entry.properties if p.name == name)


def _when(entry: Component, place: str, zones: Zones) -> dict[str, str]:
    """The time of the announcement: the start of the entry, or the days that an entry without a time covers."""
    start = entry.first("DTSTART")
    if start is None:
        raise EventError("when was it announced?", where=f"{place}: DTSTART", remedy="give the entry a start")
    where = f"{place}: DTSTART"
    if start.parameters.get("VALUE", "").upper() == "DATE" or _DATE.fullmatch(start.value):
        first = _day(start, where)
        zone = zones.name(start.parameters.get("TZID"), where) or ""
        end = entry.first("DTEND")
        last = _day(end, f"{place}: DTEND") - dt.timedelta(days=1) if end is not None else first
        if last <= first:
            return {"announced_at": first.isoformat(), "zone": zone}
        return {"earliest": first.isoformat(), "latest": last.isoformat(), "zone": zone}
    found = _TIME.fullmatch(start.value)
    try:
        moment = dt.datetime.fromisoformat(found[1]) if found else None
    except ValueError:
        moment = None
    if found is None or moment is None:
        raise EventError("not a time of a calendar", where=where, value=start.value, remedy="write 20230317T070000Z")
    if found[2]:
        return {"announced_at": f"{moment.isoformat()}Z"}
    return zones.written(moment, start.parameters.get("TZID"), where)


def _day(found: Property, where: str) -> dt.date:
    try:
        if _DATE.fullmatch(found.value[:8]):
            return dt.date.fromisoformat(found.value[:8])
    except ValueError:
        pass
    raise EventError("not a day of a calendar", where=where, value=found.value, remedy="write 20230317")
