"""Files that are as they were at the last pass: their entries are taken from the database, which is far quicker."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from pathlib import Path

from eventstudy import __version__
from eventstudy.config.feeds import KINDS, FeedConfig
from eventstudy.config.model import Config
from eventstudy.events.folder import is_read
from eventstudy.events.items import Item, Reading
from eventstudy.events.known import Known
from eventstudy.events.text import LARGEST


def fingerprint(config: Config, feed: FeedConfig, now: dt.datetime | None = None) -> str | None:
    """SHA-256 of all that the entries of a feed rest on: its files, its settings, the assets, and the program.

    With `now`, also how far ahead entries that repeat are followed.

    None for a feed that is no file, and for one that cannot be read.
    """
    if feed.path is None or feed.kind not in KINDS:
        return None
    horizon = feed.until(now) if now and "horizon" in KINDS[feed.kind].keys else None
    found = hashlib.sha256(f"{__version__}\0{feed.model_dump_json()}\0{sorted(config.assets)}\0{horizon}".encode())
    try:
        for path in _files(feed.path) if feed.kind == "folder" else [feed.path]:
            if not path.is_file() or path.stat().st_size > LARGEST:
                return None
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            found.update(f"\0{path.name}\0{digest}".encode("utf-8", "surrogateescape"))
    except OSError:
        return None
    return found.hexdigest()


def recall(mine: Mapping[str, Known], count: int) -> Reading | None:
    """What the feed gave at the last pass; None when the database has other events of it than were read then.

    Parameters
    ----------
    mine : mapping
        The stored events of the feed, by id.
    count : int
        How many events the feed gave.
    """
    items = [
        Item(event_id=event_id, event=known.event, place=known.place)
        for event_id, known in mine.items()
        if known.missing_since is None
    ]
    return Reading(items=items) if len(items) == count else None


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.iterdir() if is_read(p) and not p.is_dir())
