"""Events as they are stored, in the words of the database."""

from __future__ import annotations

import functools
import json
from typing import Any

from eventstudy.database.reading import Row
from eventstudy.instants import parse, stamp
from eventstudy.records import Event

NOT_YET = "not announced yet"


UNSEEN = "not studied yet"


GONE = "its feed no longer has it"


NOT_SET = "the settings no longer have it"


class Known:
    """An event as it is stored.

    Parameters
    ----------
    row : mapping
        Its newest version, and what the table `events` says of it. `event` is made of it when it is asked for: a
        pass over ten thousand events that all stand in a file asks for none.
    """

    __slots__ = ("_event", "_row")

    def __init__(self, row: Row) -> None:
        self._row = row
        self._event: Event | None = None

    @property
    def event(self) -> Event:
        """The event in its newest version."""
        if self._event is None:
            self._event = _event(self._row)
        return self._event

    def is_newer(self, event: Event, origin: str, place: str) -> bool:
        """Whether `event` differs from what is stored of it, or comes from elsewhere."""
        row = self._row
        if row["origin"] != origin or row["place"] != place:
            return True
        return event is not self._event and any(row[name] != value for name, value in fields_of(event).items())

    @property
    def origin(self) -> str:
        """The feed, ``config``, ``added`` or ``report``."""
        return str(self._row["origin"])

    @property
    def place(self) -> str:
        """File and line that it was read from; empty where there is none."""
        return str(self._row["place"])

    @property
    def missing_since(self) -> str | None:
        """Since when its feed no longer has it, UTC."""
        found: str | None = self._row["missing_since"]
        return found

    @property
    def retired_by(self) -> str | None:
        """Who took it out of further passes: ``hand`` or ``feed``."""
        found: str | None = self._row["retired_by"]
        return found


def written(event: Event) -> dict[str, Any]:
    """The event as the settings write one, so that it can be read again."""
    between = [stamp(event.earliest), stamp(event.latest)]
    said: dict[str, Any] = {"id": event.event_id, "title": event.title}
    if event.stated is not None:
        said["announced_at"] = stamp(event.stated)
    if not event.is_exact:
        said["announced_between"] = between
    said |= {"zone": event.zone or None, "kind": event.kind, "assets": list(event.assets)}
    return said | {"url": event.url, "note": event.note, "tags": list(event.tags), "claims": list(event.claims)}


def _event(row: Row) -> Event:
    return Event(
        event_id=row["event_id"],
        title=row["title"],
        earliest=parse(row["earliest"]),
        latest=parse(row["latest"]),
        stated=parse(row["stated"]) if row["stated"] else None,
        kind=row["kind"],
        assets=_list(row["assets"]),
        url=row["url"],
        note=row["note"],
        tags=_list(row["tags"]),
        claims=_list(row["claims"]),
        zone=row["zone"],
    )


# Ten thousand events have a few dozen lists of assets and tags between them.
@functools.lru_cache(maxsize=4096)
def _list(text: str) -> tuple[str, ...]:
    return tuple(json.loads(text))


@functools.lru_cache(maxsize=4096)
def _json(items: tuple[str, ...]) -> str:
    return json.dumps(items)


def fields_of(event: Event) -> dict[str, str | None]:
    """What makes a version of an event, as the table `event_versions` has it."""
    return {
        "title": event.title,
        "earliest": stamp(event.earliest),
        "latest": stamp(event.latest),
        "stated": stamp(event.stated) if event.stated else None,
        "zone": event.zone,
        "kind": event.kind,
        "assets": _json(event.assets),
        "url": event.url,
        "note": event.note,
        "tags": _json(event.tags),
        "claims": _json(event.claims),
    }
