"""How the last pass ended, and when the next one is due, in small files that a monitor can read."""

from __future__ import annotations

import datetime as dt
import errno
import fcntl
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eventstudy import atomic
from eventstudy.database.files import companion, heartbeat_file, lock_file, read_json
from eventstudy.errors import StoreError
from eventstudy.instants import parse, stamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """How the last pass ended.

    Attributes
    ----------
    finished_at : datetime
        UTC.
    status : str
        ``ok``, ``partial``, ``failed`` or ``interrupted``.
    exit_code : int
    events : mapping of str to int
        Events under ``ok``, ``skipped`` and ``failed``.
    last_good : datetime or None
        UTC; end of the last pass over all events that worked; None before the first one.
    last_whole : datetime or None
        UTC; end of the last pass over all events, however it went.
    reason : str or None
        Why the last pass broke off, or could not begin; None when it did neither.
    troubles : sequence of str
        What went wrong in the last pass over all events, the first of it.
    single_troubles : sequence of str
        The same of the last pass over single events since.
    notified : str or None
        The reason of which whom the settings name was notified, where the database could not be written, since a pass
        over all events ran to its end.
    checked_at : datetime or None
        UTC; when every page of the database was last looked at.
    """

    finished_at: dt.datetime
    status: str
    exit_code: int
    events: Mapping[str, int]
    last_good: dt.datetime | None
    last_whole: dt.datetime | None = None
    reason: str | None = None
    troubles: Sequence[str] = ()
    single_troubles: Sequence[str] = ()
    notified: str | None = None
    checked_at: dt.datetime | None = None


def beat(database: Path, heartbeat: Heartbeat, *, is_last_resort: bool = False) -> None:
    """Write the heartbeat next to the database.

    Parameters
    ----------
    database : Path
    heartbeat : Heartbeat
    is_last_resort : bool
        Overwrite the file where it stands if the disk has no room for a new one: half a heartbeat, if the power fails
        just then, is better than one that does not say what went wrong.
    """
    content = json.dumps(
        {
            "finished_at": stamp(heartbeat.finished_at),
            "status": heartbeat.status,
            "exit_code": heartbeat.exit_code,
            "events": dict(heartbeat.events),
            "last_good": stamp(heartbeat.last_good) if heartbeat.last_good else None,
            "last_whole": stamp(heartbeat.last_whole) if heartbeat.last_whole else None,
            "reason": heartbeat.reason,
            "troubles": list(heartbeat.troubles),
            "single_troubles": list(heartbeat.single_troubles),
            "notified": heartbeat.notified,
            "checked_at": stamp(heartbeat.checked_at) if heartbeat.checked_at else None,
        }
    )
    path = heartbeat_file(database)
    try:
        _write(path, content)
    except OSError as error:
        if not (is_last_resort and error.errno in (errno.ENOSPC, errno.EDQUOT) and path.is_file()):
            raise
        with path.open("r+b") as file:
            file.write(f"{content}\n".encode())
            file.truncate()


def heartbeat(database: Path) -> Heartbeat | None:
    """The last heartbeat; None before the first pass.

    Raises
    ------
    StoreError
        When the file cannot be read as one.
    """
    path = heartbeat_file(database)
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        good, whole = found.get("last_good"), found.get("last_whole")
        return Heartbeat(
            finished_at=parse(found["finished_at"]),
            status=str(found["status"]),
            exit_code=int(found["exit_code"]),
            events={str(name): int(count) for name, count in found["events"].items()},
            last_good=parse(good) if good else None,
            last_whole=parse(whole) if whole else None,
            reason=None if found.get("reason") is None else str(found["reason"]),
            troubles=tuple(map(str, found.get("troubles", ()))),
            single_troubles=tuple(map(str, found.get("single_troubles", ()))),
            notified=None if found.get("notified") is None else str(found["notified"]),
            checked_at=parse(found["checked_at"]) if found.get("checked_at") else None,
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ArithmeticError, RecursionError):
        raise StoreError(f"{path} is no heartbeat; `eventstudy run` writes it anew") from None


def announce(database: Path, next_pass: dt.datetime, due: tuple[dt.datetime, str, str] | None = None) -> None:
    """Write down when the scheduler means to run the next pass, and the next (time, event, why) of a single event."""
    content: dict[str, Any] = {"next_pass": stamp(next_pass)}
    if due is not None:
        content["next_event"] = {"at": stamp(due[0]), "event_id": due[1], "why": due[2]}
    _write(companion(database, "schedule"), json.dumps(content))


def next_pass(database: Path) -> dt.datetime | None:
    """When the running scheduler means to run the next pass, UTC; None when none runs."""
    try:
        return parse(_announced(database)["next_pass"])
    except (ValueError, KeyError, TypeError, ArithmeticError, RecursionError):
        return None


def next_event(database: Path) -> dict[str, str] | None:
    """The next event that the running scheduler means to look at by itself: ``at``, ``event_id``, ``why``."""
    try:
        found = _announced(database)["next_event"]
        return {"at": stamp(parse(found["at"])), "event_id": str(found["event_id"]), "why": str(found["why"])}
    except (ValueError, KeyError, TypeError, ArithmeticError, RecursionError):
        return None


def _announced(database: Path) -> dict[str, Any]:
    """What the running scheduler wrote down; empty when none runs."""
    return read_json(companion(database, "schedule")) if _is_locked(lock_file(database, "schedule")) else {}


def _write(path: Path, content: str) -> None:
    """Replace the file in one step, so that a monitor never reads half of it."""
    atomic.put(path, f"{content}\n".encode())


def _is_locked(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False
