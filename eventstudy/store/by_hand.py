"""Events written by hand: added, imported, edited and retired in the database itself."""

from __future__ import annotations

import contextlib
import datetime as dt
import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from eventstudy.config.feeds import FeedConfig
from eventstudy.config.model import Config
from eventstudy.database.connection import BUSY_SECONDS, open_database, transaction, translated
from eventstudy.errors import EventError, InputError
from eventstudy.events import folder
from eventstudy.events import known as known_as
from eventstudy.events.build import from_options
from eventstudy.events.gather import Gathered
from eventstudy.events.items import Item, Reading
from eventstudy.events.known import Known
from eventstudy.hints import hint
from eventstudy.records import Event
from eventstudy.store import history, ledger, write
from eventstudy.store.sync import remember

What = Literal["new", "changed", "same", "retired", "missing", "left alone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What writing one entry would do, or did.

    Attributes
    ----------
    item : Item
    what : {"new", "changed", "same", "retired", "missing", "left alone"}
    detail : str
        The fields that change, or why it is left alone.
    """

    item: Item
    what: What
    detail: str = ""


def read_file(path: Path, defaults: FeedConfig, assets: Collection[str], now: dt.datetime) -> Reading:
    """The entries of one CSV, JSON or ICS file.

    Raises
    ------
    InputError
        For a file of another kind.
    """
    if not folder.is_read(path):
        remedy = f"name it {', '.join(folder.FORMATS)}"
        raise InputError("not a kind of file that is read", where="FILE", value=path.name, remedy=remedy)
    return folder.read_file(path, defaults, assets, now)


def compare(items: Sequence[Item], gathered: Gathered, known: Mapping[str, Known]) -> list[Change]:
    """What writing `items` would do; an entry that the settings or a feed have is theirs and left alone."""
    return [_compare(item, gathered, known.get(item.event_id)) for item in items]


def compare_feeds(config: Config, gathered: Gathered, known: Mapping[str, Known]) -> list[Change]:
    """What writing what the feeds gave would do."""
    feeds = {feed.id for feed in config.feeds}
    mine = [event for event in gathered.events if gathered.origins.get(event.event_id, ("",))[0] in feeds]
    changes = []
    for event in mine:
        item = Item(event_id=event.event_id, event=event, place=gathered.origins[event.event_id][1])
        changes.append(_differs(item, event, known.get(event.event_id)))
    for event_id, reason in sorted(gathered.cancelled.items()):
        item = Item(event_id=event_id, event=None, place=known[event_id].place, is_cancelled=True)
        changes.append(Change(item=item, what="retired", detail=reason))
    for event_id in sorted(gathered.gone):
        item = Item(event_id=event_id, event=known[event_id].event, place=known[event_id].place)
        changes.append(Change(item=item, what="missing", detail=known_as.GONE))
    return changes


@contextlib.contextmanager
def writing(database: Path) -> Iterator[sqlite3.Connection]:
    """One unit of work under the lock of passes, which is waited for."""
    with contextlib.ExitStack() as held:
        held.enter_context(ledger.lock(database, patience=BUSY_SECONDS))
        held.enter_context(translated(database))
        db = held.enter_context(contextlib.closing(open_database(database)))
        yield held.enter_context(transaction(db))


def write_feeds(database: Path, gathered: Gathered, now: dt.datetime) -> None:
    """Write all that was gathered, as a pass does before it studies.

    Raises
    ------
    StoreError
        When the database cannot be written.
    """
    with writing(database) as connection:
        for event in gathered.events:
            if event.event_id in gathered.fresh:
                _put(connection, event)
        remember(connection, gathered.events, gathered, now)


def write_changes(database: Path, changes: Sequence[Change], now: dt.datetime) -> None:
    """Write all that is new, changed or retired, as one unit.

    Raises
    ------
    StoreError
        When the database cannot be written.
    """
    if not any(change.what in ("new", "changed", "retired") for change in changes):
        return
    with writing(database) as connection:
        for change in changes:
            item = change.item
            if change.what == "retired":
                history.retire(connection, item.event_id, "hand", f"called off by {item.place}", now)
            elif change.what in ("new", "changed"):
                assert item.event is not None  # only one that is called off has none
                _put(connection, item.event)
                history.put_versions(connection, [(item.event, "added", item.place)], now)


def retire(database: Path, event: Event, origin: tuple[str, str] | None, reason: str, now: dt.datetime) -> bool:
    """Take `event` out of further passes, also one that no pass has seen yet; return whether it was in them."""
    with writing(database) as connection:
        put_if_new(connection, event, origin, now)
        # what its feed called off is taken over, so that the feed cannot bring it back
        was_feeds = history.take_back_from_feed(connection, event.event_id, now)
        return history.retire(connection, event.event_id, "hand", reason, now) and not was_feeds


def put_if_new(connection: sqlite3.Connection, event: Event, origin: tuple[str, str] | None, now: dt.datetime) -> None:
    """Write an event that no pass has seen yet, with origin and place, inside a transaction of the caller."""
    if not connection.execute("select 1 from events where event_id = ?", (event.event_id,)).fetchone():
        _put(connection, event)
        history.put_versions(connection, [(event, *(origin or (None, None)))], now)


def take_back(database: Path, event_id: str, now: dt.datetime) -> bool:
    """Let passes have a retired event again; return whether it was retired."""
    with writing(database) as connection:
        return history.take_back(connection, event_id, now)


def edited(event: Event, given: Mapping[str, Any]) -> Event:
    """`event` with what the options say; a new time replaces the old one, interval included.

    Raises
    ------
    EventError
        Named after the option that holds the mistake.
    """
    raw = known_as.written(event)
    if given.get("announced_at") or given.get("announced_between"):
        raw["announced_at"], raw["announced_between"] = None, None
    return from_options({**raw, **{name: value for name, value in given.items() if value not in (None, (), "")}})


def check_assets(config: Config, event: Event) -> None:
    """Refuse an event of an asset that the settings do not define.

    Raises
    ------
    EventError
        Naming the option, the asset and the nearest known one.
    """
    for asset in event.assets:
        if asset not in config.assets:
            remedy = hint(asset, config.assets, f"known are {', '.join(config.assets)}")
            raise EventError("unknown asset", where="--asset", value=asset, remedy=remedy)


def _compare(item: Item, gathered: Gathered, stored: Known | None) -> Change:
    owner, place = gathered.origins.get(item.event_id, (stored.origin if stored else "added", ""))
    if owner not in ("added", "report"):
        return Change(item=item, what="left alone", detail=f"it belongs to {place or owner}")
    if item.is_cancelled:
        is_in = stored is not None and stored.retired_by is None
        return Change(item=item, what="retired" if is_in else "same", detail="called off")
    assert item.event is not None  # only one that is called off has none
    return _differs(item, item.event, stored)


def _differs(item: Item, event: Event, stored: Known | None) -> Change:
    if stored is None:
        return Change(item=item, what="new")
    old, new = known_as.written(stored.event), known_as.written(event)
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return Change(item=item, what="changed" if names else "same", detail=", ".join(names))


def _put(connection: sqlite3.Connection, event: Event) -> None:
    """The row of the event, with the outcome that it has."""
    row = connection.execute("select status, reason from events where event_id = ?", (event.event_id,)).fetchone()
    outcome = row or ("pending", known_as.UNSEEN)
    if event.kind == "context":
        outcome = ("context", None)  # the next pass takes its results
    elif outcome[0] == "context":
        outcome = ("pending", known_as.UNSEEN)
    write.put_event(connection, event, *outcome)
