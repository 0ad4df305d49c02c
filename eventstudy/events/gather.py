"""All events, each under the one origin that it belongs to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from eventstudy.config.feeds import KINDS, FeedConfig
from eventstudy.config.model import Config
from eventstudy.errors import EventError, EventStudyError
from eventstudy.events import releases
from eventstudy.events.build import from_config
from eventstudy.events.items import Item, Reading
from eventstudy.events.known import Known
from eventstudy.events.plugin import read_plugin
from eventstudy.instants import parse
from eventstudy.records import Event
from eventstudy.registry import load

RELEASES = "releases"  # the origin of the releases that are known to the program


@dataclass(slots=True)
class Gathered:
    """The events as they stand now.

    Attributes
    ----------
    events : tuple of Event
        What a pass looks at, in the order of the announcements; without the retired ones.
    origins : dict of str to (str, str)
        Event id → feed (or ``config``, ``added``, ``report``, ``releases``) and place, of what was read just now.
    problems : list of EventStudyError
        Entries and feeds that could not be read.
    notes : list of str
        What a person should know, though nothing is wrong.
    gone : set of str
        Ids of stored events that their feed no longer has.
    cancelled : dict of str to str
        Id of a stored event that its feed calls off → why it is retired.
    fresh : set of str
        Ids of events that are new, or differ from what is stored of them.
    has_news : bool
        Whether anything is to be written down.
    """

    events: tuple[Event, ...] = ()
    origins: dict[str, tuple[str, str]] = field(default_factory=dict)
    problems: list[EventStudyError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    cancelled: dict[str, str] = field(default_factory=dict)
    fresh: set[str] = field(default_factory=set)
    has_news: bool = False


def gather(
    config: Config,
    now: dt.datetime,
    known: Mapping[str, Known],
    *,
    file: str = "config.yaml",
    ask: bool = False,
) -> Gathered:
    """Every event of the settings, of their feeds, and of those added by hand.

    The settings win over what was added by hand, that over the feeds, and an earlier feed over a later one. An entry
    that cannot be read, and all of a feed that cannot be, stay as they are stored; so does an event that vanished
    from its feed, unless it vanished before it was announced: that one waits. Works without a database, and offline.

    Parameters
    ----------
    config : Config
    now : datetime
        UTC instant.
    known : mapping
        Every stored event, by id.
    file : str
        Name of the file of settings in errors.
    ask : bool
        Whether feeds on the network are asked; else their events are the stored ones.

    Raises
    ------
    EventError
        For a mistake in the settings themselves.
    """
    out = Gathered()
    claims: dict[str, tuple[str, Item]] = {}
    for event in from_config(config, file):
        claims[event.event_id] = ("config", Item(event_id=event.event_id, event=event, place=file))
    for stored in known.values():
        if stored.origin == "added":
            item = Item(event_id=stored.event.event_id, event=stored.event, place=stored.place)
            _claim(claims, "added", [item], out)
    for feed in config.feeds:
        mine = {event_id: k for event_id, k in known.items() if k.origin == feed.id}
        if is_asked(feed) and not ask:
            gone = {event_id for event_id, k in mine.items() if k.missing_since}
            reading = Reading(items=[_stored(k) for event_id, k in mine.items() if event_id not in gone])
        else:
            reading = read_feed(config, feed, now, mine)
            seen = {item.event_id for item in reading.items} | reading.refused
            gone = (set(mine) - seen if reading.is_whole else set()) | reading.gone
        out.problems += reading.problems
        out.notes += reading.notes
        out.gone |= gone
        _claim(claims, feed.id, reading.items, out)
    _settle(config, claims, known, now, out)
    again = {event_id for event_id in out.origins if event_id in known and known[event_id].missing_since}
    lost = {event_id for event_id in out.gone if not known[event_id].missing_since}
    back = {event.event_id for event in out.events if _is_back(known.get(event.event_id))}
    out.has_news = bool(out.fresh or again or lost or back or out.cancelled)
    return out


def is_asked(feed: FeedConfig) -> bool:
    """Whether a feed is on a network, as far as is known: a plug-in may be."""
    kind = KINDS.get(feed.kind)
    return kind is None or kind.is_asked


def read_feed(config: Config, feed: FeedConfig, now: dt.datetime, known: Mapping[str, Known]) -> Reading:
    """What one feed gives; whatever goes wrong is a problem of its own."""
    kind = KINDS.get(feed.kind)
    if kind is None:
        return read_plugin(feed, config.assets, now)
    try:
        read = load(kind.read)
        given = (config, feed, now, known) if kind.is_asked else (feed.path, feed, config.assets, now)
        reading: Reading = read(*given)
        return reading
    except Exception as error:  # noqa: BLE001  # a reader that stumbles must not end the pass
        problem = EventError(f"{type(error).__name__}: {error}", where=f"feeds[{feed.id}]", remedy="look at the file")
        return Reading(problems=[problem], is_whole=False)


def _claim(claims: dict[str, tuple[str, Item]], origin: str, items: Iterable[Item], out: Gathered) -> None:
    """Give each item its id, unless somebody with more right has it."""
    for item in items:
        if item.event_id in claims:
            owner, other = claims[item.event_id]
            out.notes.append(
                f"{item.event_id}: {_name(owner, other.place)} counts, in place of {_name(origin, item.place)}"
            )
        else:
            claims[item.event_id] = (origin, item)


def _settle(
    config: Config,
    claims: Mapping[str, tuple[str, Item]],
    known: Mapping[str, Known],
    now: dt.datetime,
    out: Gathered,
) -> None:
    """Sort what is claimed and what is only stored into the events of the pass, the gone and the cancelled."""
    events: list[Event] = []
    feeds = {feed.id for feed in config.feeds}
    for event_id, (origin, item) in claims.items():
        stored = known.get(event_id)
        if item.is_cancelled:
            if stored and stored.retired_by is None and stored.origin == origin:
                out.cancelled[event_id] = f"called off by {_name(origin, item.place)}"
            continue
        assert item.event is not None  # only one that is called off has none
        out.origins[event_id] = (origin, item.place)
        if stored is None or stored.is_newer(item.event, origin, item.place):
            out.fresh.add(event_id)
        out.gone.discard(event_id)
        if not (stored and stored.retired_by == "hand"):
            events.append(item.event)
    for event_id, stored in known.items():
        if event_id in claims or stored.origin in ("report", RELEASES):
            continue
        is_feeds = stored.origin in feeds
        if not is_feeds:
            out.gone.add(event_id)  # the settings no longer have it, or no longer have its feed
        elif stored.retired_by is None and not _was_dropped(stored, event_id in out.gone, now):
            events.append(stored.event)
    known_assets = _defined(events, config.assets, out)
    for release in releases.near(config, known_assets, taken=claims):
        stored = known.get(release.event_id)
        out.origins[release.event_id] = (RELEASES, "")
        out.gone.discard(release.event_id)
        if stored is None or stored.is_newer(release, RELEASES, ""):
            out.fresh.add(release.event_id)
        known_assets.append(release)
    out.events = tuple(sorted(known_assets, key=lambda event: (event.announced_at, event.event_id)))


def _is_back(stored: Known | None) -> bool:
    """Whether a feed called it off before."""
    return stored is not None and stored.retired_by == "feed"


def _was_dropped(stored: Known, is_gone: bool, now: dt.datetime) -> bool:
    """Whether its feed no longer had it before it was announced: then there may have been no announcement."""
    if not is_gone:
        return False
    since = parse(stored.missing_since) if stored.missing_since else now
    return since < stored.event.latest


def _defined(events: Iterable[Event], assets: Collection[str], out: Gathered) -> list[Event]:
    """The events whose assets the settings still define."""
    kept = []
    for event in events:
        lost = next((asset for asset in event.assets if asset not in assets), None)
        if lost is None:
            kept.append(event)
        else:
            where = f"{event.event_id}: assets"
            remedy = "define it under assets, or retire the event"
            out.problems.append(EventError("there is no such asset any more", where=where, value=lost, remedy=remedy))
    return kept


def _stored(known: Known) -> Item:
    return Item(event_id=known.event.event_id, event=known.event, place=known.place)


def _name(origin: str, place: str) -> str:
    return place if origin == "config" else f"{origin} ({place})" if place else origin
