"""What else happened: releases on file and stored events about the same days, with their distance in sessions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from eventstudy.calendars import named_calendar
from eventstudy.events.releases import BANKS, releases
from eventstudy.records import Event

REACH = 10  # sessions before and after
_DAYS = dt.timedelta(days=21)  # hold them, whatever is closed


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """Another event.

    Attributes
    ----------
    event_id, title : str
    at : datetime
        UTC.
    sessions : int
        From the announcement, in sessions of foreign exchange; negative before it.
    why : str
        What it has in common with the draft; empty for a release on file.
    """

    event_id: str
    title: str
    at: dt.datetime
    sessions: int
    why: str

    @property
    def because(self) -> str:
        """`why` in brackets."""
        return f" ({self.why})" if self.why else ""

    @property
    def distance(self) -> str:
        """As it stands in a sentence."""
        if not self.sessions:
            return "the same session"
        count = abs(self.sessions)
        return f"{count} session{'s' if count > 1 else ''} {'later' if self.sessions > 0 else 'earlier'}"


def near_releases(earliest: dt.datetime, latest: dt.datetime, concerned: Iterable[str]) -> list[Near]:
    """Releases of central banks whose currencies are concerned, in the order of their dates."""
    known = set(concerned)
    found = [
        release
        for bank in BANKS.values()
        if bank.currency in known
        for release in releases(bank.key)
        if earliest - _DAYS <= release.earliest <= latest + _DAYS
    ]
    near = [_near(event, earliest, "") for event in found]
    return sorted((one for one in near if abs(one.sessions) <= REACH), key=lambda one: one.at)


def near_events(
    events: Sequence[Event], earliest: dt.datetime, assets: Iterable[str], tags: Iterable[str]
) -> tuple[list[Near], list[Near]]:
    """Known events that may confound, near in time; and those on the same subject at other times, newest first.

    Parameters
    ----------
    events : sequence of Event
    earliest : datetime
        Of the draft.
    assets, tags : iterable of str
        Of the draft.
    """
    own_assets, own_tags = set(assets), set(tags)
    confounding, related = [], []
    for event in events:
        shared = sorted(own_tags & set(event.tags))
        both = sorted(own_assets & set(event.assets))
        one = _near(event, earliest, _common(both, shared, event))
        if abs(one.sessions) <= REACH and (both or event.kind == "context"):
            confounding.append(one)
        elif len(shared) >= min(2, len(own_tags)) and shared:
            related.append(one)
    related.sort(key=lambda one: one.at, reverse=True)
    return sorted(confounding, key=lambda one: one.at), related


def _common(assets: Sequence[str], tags: Sequence[str], event: Event) -> str:
    if event.kind == "context":
        return "a scheduled release"
    parts = ([f"prices of {', '.join(assets)}"] if assets else []) + ([f"tags {', '.join(tags)}"] if tags else [])
    return " and ".join(parts)


def _near(event: Event, earliest: dt.datetime, why: str) -> Near:
    return Near(
        event_id=event.event_id,
        title=event.title,
        at=event.announced_at,
        sessions=_sessions(earliest, event.announced_at),
        why=why,
    )


def _sessions(one: dt.datetime, other: dt.datetime) -> int:
    """Sessions of foreign exchange from one instant to another."""
    first, last = sorted((one, other))
    if last - first > 40 * dt.timedelta(days=1):
        return 1000 if other > one else -1000
    _, instants = named_calendar("fx").sessions(first.date() - dt.timedelta(days=5), last.date() + dt.timedelta(days=5))
    places = [
        int(np.searchsorted(instants, np.datetime64(at.replace(tzinfo=None)), side="right")) for at in (one, other)
    ]
    return places[1] - places[0]
