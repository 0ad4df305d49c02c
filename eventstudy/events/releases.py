"""Scheduled releases of central banks that are known to the minute: what else may have moved a price.

Dates and times are facts of two public databases: of the Federal Reserve's statements, press conferences and minutes,
the U.S. Monetary Policy Event-Study Database of the Federal Reserve Bank of San Francisco; of the decisions and press
conferences of the European Central Bank's Governing Council, the Euro Area Monetary Policy Event-Study Database
(Altavilla, Brugnolini, Gürkaynak, Motto & Ragusa 2019, updated). Nothing is known here of other releases.
"""

from __future__ import annotations

import bisect
import csv
import datetime as dt
import functools
import importlib.resources
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from eventstudy.config.model import Config
from eventstudy.instants import parse
from eventstudy.prices.assets import currencies
from eventstudy.records import Event

BEFORE = dt.timedelta(days=7)  # of day 0, over a weekend and holidays
AFTER = dt.timedelta(days=10)  # of the day after it
SAME = dt.timedelta(minutes=10)  # an announcement this near to a release is that release


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """A central bank whose releases are known.

    Attributes
    ----------
    key : str
        Its word in the settings, and the name of its file.
    title : str
        Its name.
    currency : str
        The currency whose prices its releases concern.
    words : dict of str to str
        Kind of release → what it is called.
    own : pattern
        How an announcement names the bank itself: then its releases are no other news.
    """

    key: str
    title: str
    currency: str
    words: dict[str, str]
    own: re.Pattern[str]


BANKS = {
    bank.key: bank
    for bank in (
        Bank(
            key="fomc",
            title="Federal Reserve",
            currency="USD",
            words={
                "statement": "FOMC statement",
                "press-conference": "FOMC press conference",
                "minutes": "FOMC minutes",
            },
            own=re.compile(r"\b(fomc|fed|federal reserve)\b", re.IGNORECASE),
        ),
        Bank(
            key="ecb",
            title="ECB",
            currency="EUR",
            words={"press-release": "ECB decision", "press-conference": "ECB press conference"},
            own=re.compile(r"\b(ecb|european central bank)\b", re.IGNORECASE),
        ),
    )
}

BY_CURRENCY = {bank.currency: bank for bank in BANKS.values()}


@functools.cache
def releases(key: str) -> tuple[Event, ...]:
    """All releases of a bank, oldest first, each an event of kind ``context``."""
    bank = BANKS[key]
    text = importlib.resources.files("eventstudy.events").joinpath(f"{key}.csv").read_text("utf-8")
    return tuple(
        Event(
            event_id=f"{key}-{row['kind']}-{row['announced_at'][:10]}",
            title=f"{bank.words[row['kind']]} of {parse(row['announced_at']):%-d %B %Y}",
            earliest=parse(row["announced_at"]),
            latest=parse(row["announced_at"]),
            kind="context",
            concerns=bank.currency,
        )
        for row in csv.DictReader(text.splitlines())
    )


def near(config: Config, events: Iterable[Event], taken: Collection[str] = ()) -> list[Event]:
    """The releases that may have moved a price of one of the `events` on its day 0 or on the day after.

    Those of a bank that an announcement is about are no other news to it; one that an event of kind ``context`` of the
    user's covers stands there already.

    Parameters
    ----------
    config : Config
        `releases` says of which banks.
    events : iterable of Event
    taken : collection of str
        Ids that are somebody else's.
    """
    events = list(events)
    own = [event for event in events if event.kind == "context"]
    found: dict[str, Event] = {}
    concerned = {asset: currencies(config, asset) for asset in {a for event in events for a in event.assets}}
    for key in config.releases:
        bank, known = BANKS[key], releases(key)
        starts = [release.earliest for release in known]
        for event in events:
            if event.kind == "context" or not any(bank.currency in concerned[asset] for asset in event.assets):
                continue
            first = bisect.bisect_left(starts, event.earliest - BEFORE)
            last = bisect.bisect_right(starts, event.latest + AFTER)
            found |= {release.event_id: release for release in known[first:last] if is_other_news(event, release)}
    stands = [(event.earliest, event.latest) for event in own]
    return [
        release
        for release in found.values()
        if release.event_id not in taken and not any(a <= release.earliest <= b for a, b in stands)
    ]


def is_other_news(event: Event, release: Event) -> bool:
    """Whether a release is near an announcement, and not what was announced.

    It is what was announced where the announcement names the bank, or its minute is that of a release of the bank: a
    decision and the press conference after it are one piece of news.
    """
    if not event.earliest - BEFORE <= release.earliest <= event.latest + AFTER:
        return False
    bank = BY_CURRENCY[release.concerns]
    if _is_about(bank.key, event.title, event.event_id, event.tags):
        return False
    day = release.earliest.date()
    if not event.is_exact or event.earliest.date() != day:
        return True
    return all(abs(event.earliest - other.earliest) > SAME for other in _of_day(bank.key)[day])


@functools.lru_cache(maxsize=1024)  # every release near an announcement asks
def _is_about(key: str, title: str, event_id: str, tags: tuple[str, ...]) -> bool:
    return BANKS[key].own.search(" ".join((title, event_id.replace("-", " "), *tags))) is not None


@functools.cache
def _of_day(key: str) -> dict[dt.date, list[Event]]:
    found: dict[dt.date, list[Event]] = {}
    for release in releases(key):
        found.setdefault(release.earliest.date(), []).append(release)
    return found


def checked(config: Config, event: Event, context: Sequence[Event]) -> str:
    """One sentence on what an announcement was checked against, and on what is not known here.

    Parameters
    ----------
    config : Config
    event : Event
    context : sequence of Event
        What may explain a move of its prices.
    """
    quoted = frozenset().union(*(currencies(config, asset) for asset in event.assets))
    banks = [BANKS[key] for key in config.releases if BANKS[key].currency in quoted]
    if not banks:
        return "no scheduled release is on file for these assets; a feed of kind context brings some"
    count = len(context)
    parts = [f"checked against the releases of the {' and the '.join(bank.title for bank in banks)}"]
    parts.append(f"{count or 'none'} on file around these days")
    for bank in banks:
        last = releases(bank.key)[-1].latest
        if event.latest > last:
            parts.append(f"of the {bank.title}, none is on file after {last:%-d %B %Y}")
    parts.append("employment, inflation and other figures are not on file")
    return "; ".join(parts) + ". A move at the right time does not show its cause"
