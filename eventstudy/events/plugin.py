"""Feeds that other distributions bring: they give entries as the settings write them, and everything else is ours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any

from eventstudy.config.feeds import KINDS, PLUGINS, FeedConfig
from eventstudy.config.fields import EVENT_FIELDS
from eventstudy.errors import EventError, EventStudyError, InputError
from eventstudy.events.items import Reading, make_item, unique
from eventstudy.hints import hint
from eventstudy.registry import installed


def read_plugin(feed: FeedConfig, assets: Collection[str], now: dt.datetime) -> Reading:
    """What the plug-in yields; an entry that is wrong stops no other, a plug-in that stumbles costs what follows."""
    reading = Reading()
    where = f"feeds[{feed.id}]"
    entry = installed(PLUGINS).get(feed.kind)
    if entry is None:
        remedy = f"known are {', '.join(KINDS)}; install the package that brings it"
        reading.refuse(
            EventError("there is no such kind of feed", where=f"{where}.kind", value=feed.kind, remedy=remedy)
        )
        return reading
    try:
        for number, said in enumerate(entry.load()(feed.id, feed.options, now), start=1):
            _take(reading, said, f"{feed.kind}:{number}", feed, assets)
    except InputError as error:
        key = f"{where}.{error.where}" if error.where else where
        reading.refuse(EventError(error.problem, where=key, value=error.value, remedy=error.remedy))
    except EventStudyError as error:
        reading.refuse(error)
    except Exception as error:  # noqa: BLE001  # a plug-in that stumbles must be named, and end no pass
        problem = f"the plug-in {entry.value} cannot be used ({type(error).__name__}: {error})"
        remedy = f"ask its makers; the entry point is in the group {PLUGINS}"
        reading.refuse(EventError(problem, where=f"{where}.kind", value=feed.kind, remedy=remedy))
    return unique(reading)


def _take(reading: Reading, said: Any, place: str, feed: FeedConfig, assets: Collection[str]) -> None:
    name = said.get("id") if isinstance(said, Mapping) else None
    try:
        if not isinstance(said, Mapping):
            raise EventError("not an entry", where=place, value=said, remedy="the plug-in must yield mappings")
        for key in said:
            if key not in EVENT_FIELDS:
                remedy = hint(str(key), EVENT_FIELDS, f"known are {', '.join(EVENT_FIELDS)}")
                raise EventError("an event has no such field", where=place, value=key, remedy=remedy)
        reading.items.append(make_item(said, place, feed, assets))
    except EventError as error:
        reading.refuse(error, name)
