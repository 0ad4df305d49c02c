"""Announcements: from what people write to instants that leave no doubt.

Every announcement is an instant with a zone, or an interval of two. A date without a time is the interval of
that whole local day. A time without a zone is refused.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import ValidationError

from eventstudy.config.fields import WINTER_TIMES, zone_remedy
from eventstudy.config.load import in_words, together
from eventstudy.config.model import Config, EventConfig
from eventstudy.errors import EventError, InputError
from eventstudy.records import Event

# Instants are counted in nanoseconds, which reach from 1678 to 2261; no price series needs half of that.
FIRST_YEAR, LAST_YEAR = 1800, 2200

_OFFSETS = {"EST": "-05:00", "MST": "-07:00", "CET": "+01:00", "MET": "+01:00", "EET": "+02:00", "WET": "+00:00"}
_YEAR = re.compile(r"\d{4}")
_REMEDY = 'write for example "2023-03-17T07:00Z", "2023-03-17T15:00+08:00", or add zone: Asia/Shanghai'


def parse_when(text: str, zone: str | None, where: str) -> tuple[dt.datetime, dt.datetime]:
    """Earliest and latest UTC instant that `text` can mean.

    Parameters
    ----------
    text : str
        ISO 8601: a date, or a date and time, with ``Z``, an offset, or neither.
    zone : str or None
        IANA name, used when `text` carries no offset of its own.
    where : str
        Names the value in errors.

    Returns
    -------
    (datetime, datetime)
        Equal for a time; the first and the last second of the local day for a date.

    Raises
    ------
    EventError
        For text that is no date, a time without a zone, a local time that daylight saving skips or repeats, or one of
        summer under a name of winter time.
    """
    text = text.strip()
    tz = _zone(zone, where) if zone else None
    year = _YEAR.match(text)
    if year and not FIRST_YEAR <= int(year[0]) <= LAST_YEAR:
        raise EventError(
            "no price is that old, or will be",
            where=where,
            value=text,
            remedy=f"give a year from {FIRST_YEAR} to {LAST_YEAR}",
        )
    day = _date(text)
    if day is not None:
        if tz is None:
            raise EventError("a date without a zone is not one day but two", where=where, value=text, remedy=_REMEDY)
        _refuse_winter_time(dt.datetime.combine(day, dt.time()), tz, where)
        first = dt.datetime.combine(day, dt.time(), tz)
        last = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tz)
        return first.astimezone(dt.UTC), last.astimezone(dt.UTC) - dt.timedelta(seconds=1)
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise EventError("not an ISO 8601 date or time", where=where, value=text, remedy=_REMEDY) from None
    if moment.tzinfo is None:
        if tz is None:
            raise EventError("a time without a zone", where=where, value=text, remedy=_REMEDY)
        _refuse_winter_time(moment, tz, where)
        moment = _localise(moment, tz, where, text)
    # to the second, as prices are: whatever came within a second is before the first price stamped after it
    instant = moment.astimezone(dt.UTC).replace(microsecond=0)
    return instant, instant


def build_event(item: EventConfig, where: str) -> Event:
    """The event that a config entry describes; `where` names the entry in errors."""
    stated = parse_when(item.announced_at, item.zone, f"{where}.announced_at") if item.announced_at else None
    if item.announced_between:
        earliest = parse_when(item.announced_between[0], item.zone, f"{where}.announced_between[0]")[0]
        latest = parse_when(item.announced_between[1], item.zone, f"{where}.announced_between[1]")[1]
    else:
        assert stated is not None  # EventConfig requires one of the two
        earliest, latest = stated
    if latest < earliest:
        raise EventError(
            "the interval ends before it starts", where=f"{where}.announced_between", remedy="swap the two"
        )
    exact = stated[0] if stated and stated[0] == stated[1] else None
    if stated and not (stated[0] <= latest and earliest <= stated[1]):
        raise EventError(
            "announced_at lies outside announced_between",
            where=where,
            value=item.announced_at,
            remedy="mend one of them",
        )
    if stated and item.announced_between and exact is None:
        raise EventError(
            "a date beside an interval says nothing more",
            where=f"{where}.announced_at",
            value=item.announced_at,
            remedy="write a time, or remove it",
        )
    return Event(
        event_id=item.id,
        title=item.title,
        earliest=earliest,
        latest=latest,
        stated=exact,
        kind=item.kind,
        assets=tuple(dict.fromkeys(item.assets)),
        url=item.url,
        note=item.note,
        tags=item.tags,
        claims=item.claims,
        zone=item.zone or "",
    )


def from_config(config: Config, file: str = "config.yaml") -> tuple[Event, ...]:
    """All events of the config, in the order of their announcement."""
    events, wrong = [], []
    for item in config.events:
        try:
            events.append(build_event(item, f"{file}: events[{item.id}]"))
        except EventError as error:
            wrong.append(error)
    if wrong:
        raise together(wrong)
    return tuple(sorted(events, key=lambda event: (event.announced_at, event.event_id)))


def ad_hoc(
    title: str, at: str, zone: str | None, assets: Sequence[str], between: tuple[str, str] | None = None
) -> Event:
    """An event given on the command line; its id is made of its title and date and is stable.

    Raises
    ------
    EventError
        Named after the option that holds the mistake.
    """
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    slug = "-".join(re.findall(r"[a-z0-9]+", plain)[:8])[:48].strip("-") or "event"
    digest = hashlib.sha256(f"{title}\0{at}\0{zone}\0{between}".encode()).hexdigest()[:6]
    return from_options(
        {
            "id": f"{slug}-{digest}",
            "title": title,
            "announced_at": at or None,
            "announced_between": between,
            "zone": zone,
            "assets": tuple(assets),
            "tags": ("ad-hoc",),
        }
    )


def from_options(raw: Mapping[str, Any]) -> Event:
    """The event that options of the command line describe.

    Parameters
    ----------
    raw : mapping
        By the keys of an event in the settings.

    Raises
    ------
    EventError
        Named after the option that holds the mistake.
    """
    wrong: InputError
    try:
        return build_event(EventConfig.model_validate(raw), "")
    except ValidationError as error:
        wrong = in_words(error, raw)[0]
    except EventError as error:
        wrong = error
    option = wrong.where.lstrip(".").replace("announced_", "").replace("assets", "asset") or "at"
    raise EventError(wrong.problem, where=f"--{option}", value=wrong.value, remedy=wrong.remedy)


def _zone(name: str, where: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise EventError("unknown time zone", where=where, value=name, remedy=zone_remedy(name)) from None


def _refuse_winter_time(naive: dt.datetime, tz: ZoneInfo, where: str) -> None:
    """Refuse a name of winter time on a day on which the clocks that people mean by it show summer time."""
    meant = WINTER_TIMES.get(tz.key)
    if meant and naive.replace(tzinfo=ZoneInfo(meant)).dst():
        raise EventError(
            f"{tz.key} is winter time, and on this day clocks show summer time: two instants may be meant",
            where=where,
            value=f"{naive:%Y-%m-%dT%H:%M} {tz.key}",
            remedy=f"write the zone {meant}, or the offset, as {naive:%Y-%m-%dT%H:%M}{_OFFSETS[tz.key]}",
        )


def _date(text: str) -> dt.date | None:
    """The day that an ISO 8601 date without a time names, in any of its forms."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _localise(naive: dt.datetime, tz: ZoneInfo, where: str, text: str) -> dt.datetime:
    early, late = naive.replace(tzinfo=tz, fold=0), naive.replace(tzinfo=tz, fold=1)
    if early.utcoffset() == late.utcoffset():
        return early
    skipped = early.astimezone(dt.UTC).astimezone(tz).replace(tzinfo=None) != naive
    what = "daylight saving skips this local time" if skipped else "this local time happens twice (daylight saving)"
    raise EventError(what, where=where, value=f"{text} {tz.key}", remedy="write the offset, for example +01:00")
