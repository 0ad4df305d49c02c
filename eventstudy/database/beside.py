"""The small files beside the database, which a monitor can read: standard library only."""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eventstudy import atomic
from eventstudy.errors import Damaged, StoreError
from eventstudy.instants import parse, stamp

_HEADER = 100  # bytes of every SQLite file


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
    told : str or None
        The reason that was told to whom the settings name, since a pass over all events ran to its end.
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
    told: str | None = None
    checked_at: dt.datetime | None = None


def beat(database: Path, heartbeat: Heartbeat) -> None:
    """Write the heartbeat beside the database."""
    _write(
        heartbeat_file(database),
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
            "told": heartbeat.told,
            "checked_at": stamp(heartbeat.checked_at) if heartbeat.checked_at else None,
        },
    )


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
        good, whole = found.get("last_good"), found.get("last_whole")  # earlier versions wrote neither
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
            told=None if found.get("told") is None else str(found["told"]),
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
    _write(_schedule(database), content)


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


def refuse_loss(path: Path) -> None:
    """A database that was there and is gone, or empty, must not be replaced by a new one without a word.

    Raises
    ------
    StoreError
        When a heartbeat tells of a pass, and there is no database, or an empty file.
    Damaged
        When there is less of it than its header.
    """
    size = path.stat().st_size if path.exists() else 0
    if size >= _HEADER or (size and not path.is_file()):
        return
    if size:  # SQLite takes one byte for an empty file
        raise Damaged(f"{path} is cut off after {size} bytes; put a backup back with `eventstudy restore`")
    try:
        beat = heartbeat(path)
    except StoreError:
        beat = None  # damaged; it says nothing of a database
    if beat is not None and beat.last_whole is not None:
        state = "is empty" if path.exists() else "is gone"
        raise StoreError(
            f"{path} {state}, though a pass finished on it at {stamp(beat.last_whole)}; put a backup back with "
            f"`eventstudy restore`, or, to begin anew, remove {heartbeat_file(path)}"
        )


def note_failed_backup(database: Path, problem: str) -> None:
    """Write down that no backup could be made, and that whoever is to be told of it was told; the next copy ends it."""
    _write(_backup(database), {"problem": problem})


def failed_backup(database: Path) -> str | None:
    """What was written down of the newest backup, if it failed."""
    return _read(_backup(database)).get("problem")


def note_backup(database: Path, copy: Path, of: list[list[int]]) -> None:
    """Write down that `copy` is a backup of the database in the state `of`."""
    _write(_backup(database), {"copy": copy.name, "of": of})


def is_noted(database: Path, copy: Path) -> bool:
    """Whether `copy` was noted as a backup of the database as it is now."""
    found = _read(_backup(database))
    return found.get("copy") == copy.name and found.get("of") == state(database)


def state(database: Path) -> list[list[int]]:
    """Size and time of change of the database and of its log, unless that is empty; they change with a transaction."""
    found = []
    for path in (database, log_file(database)):
        with contextlib.suppress(OSError):
            status = path.stat()
            if status.st_size:
                found.append([status.st_size, status.st_mtime_ns])
    return found


def log_file(database: Path) -> Path:
    """Where SQLite writes what is not in the file of the database yet."""
    real = database.resolve()
    return real.with_name(f"{real.name}-wal")


def log_bytes(database: Path) -> int:
    """Size of the log; 0 when there is none."""
    try:
        return log_file(database).stat().st_size
    except OSError:
        return 0


def _announced(database: Path) -> dict[str, Any]:
    """What the running scheduler wrote down; empty when none runs."""
    return _read(_schedule(database)) if _is_locked(lock_file(database, "schedule")) else {}


def _read(path: Path) -> dict[str, Any]:
    """What a file holds; nothing where there is none, or it is damaged."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def heartbeat_file(database: Path) -> Path:
    """Where the heartbeat of a database is."""
    return database.with_name(f"{database.name}.heartbeat.json")


def lock_file(database: Path, role: str) -> Path:
    """What is locked by whoever plays the role `run` or `schedule`, by whatever link the database is named."""
    real = database.resolve()
    return real.with_name(f"{real.name}.{role}.lock")


def _schedule(database: Path) -> Path:
    return database.with_name(f"{database.name}.schedule.json")


def _backup(database: Path) -> Path:
    return database.with_name(f"{database.name}.backup.json")


def _write(path: Path, content: Mapping[str, Any]) -> None:
    """Replace the file in one step, so that a monitor never reads half of it."""
    atomic.put(path, f"{json.dumps(content)}\n".encode())


def _is_locked(path: Path) -> bool:
    try:
        with path.open(encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False
