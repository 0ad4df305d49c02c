"""A watched folder: every table, JSON and ICS file that is dropped into it, once it is written to its end."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Collection, Sequence
from pathlib import Path

from eventstudy.config.feeds import KINDS, FeedConfig
from eventstudy.errors import EventError
from eventstudy.events.items import Item, Reading
from eventstudy.registry import load
from eventstudy.tables.content import name_of

# A file whose last change is younger than this may still be being written; seconds.
SETTLE = 2.0

# Ending of a file → kind of feed that reads it.
FORMATS = {suffix: kind for kind in KINDS.values() for suffix in kind.suffixes}


def is_read(path: Path) -> bool:
    """Whether files with this ending are read."""
    return path.suffix.lower() in FORMATS


def read_file(path: Path, feed: FeedConfig, assets: Collection[str], now: dt.datetime) -> Reading:
    """The entries of one file, whose ending says what it is: see `is_read`."""
    reading: Reading = load(FORMATS[path.suffix.lower()].read)(path, feed, assets, now)
    return reading


def read_folder(
    folder: Path, feed: FeedConfig, assets: Collection[str], now: dt.datetime, settle: float = SETTLE
) -> Reading:
    """Every file of the folder, in the order of the names; of two with the same id the later file's counts.

    A file that was changed just now is looked at again after `settle` seconds, and left for the next time when it
    grew; one that is moved into the folder when it is complete is read at once. A file that is broken is named,
    stays where it is, and stops no other. Hidden files, folders and other endings are left alone.
    """
    reading = Reading()
    try:
        paths = sorted(p for p in folder.iterdir() if is_read(p) and not p.name.startswith("."))
    except OSError as error:
        where = f"feeds[{feed.id}].path"
        problem = error.strerror or str(error)
        reading.refuse(EventError(problem, where=where, value=str(folder), remedy="check the folder and its rights"))
        return reading
    growing = _growing(paths, settle)
    best: dict[str, Item] = {}
    for path in paths:
        if path.is_dir():
            continue
        wrong = _leads_out(path, folder)
        if wrong is not None:
            reading.refuse(EventError(wrong, where=name_of(path), remedy="put the file itself there"))
            continue
        if path in growing:
            reading.notes.append(f"{name_of(path)} is still being written; it is read next time")
            reading.is_whole = False
            continue
        part = read_file(path, feed, assets, now)
        reading.problems += part.problems
        reading.notes += part.notes
        reading.is_whole &= part.is_whole
        reading.refused |= part.refused
        for item in part.items:
            other = best.get(item.event_id)
            if other is None or item.sequence >= other.sequence:
                best[item.event_id] = item
            if other is not None:
                kept, left = (other, item) if best[item.event_id] is other else (item, other)
                reading.notes.append(f"{item.event_id}: {kept.place} counts, in place of {left.place}")
    reading.items = list(best.values())
    return reading


def _leads_out(path: Path, folder: Path) -> str | None:
    """What is wrong with a link; None for a file of the folder itself."""
    try:
        return None if folder.resolve() in path.resolve().parents else "leads out of the folder"
    except (OSError, RuntimeError):
        return "leads round in a circle"


def _growing(paths: Sequence[Path], settle: float) -> set[Path]:
    """Those that changed while this looked; it looks twice only at what changed just now."""
    young = {path: state for path in paths if (state := _state(path)) and 0 <= time.time() - state[1] / 1e9 < settle}
    if not young:
        return set()
    time.sleep(settle)
    return {path for path, state in young.items() if _state(path) != state}


def _state(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ino
