"""The files that belong to a database, and the guard against one that is gone: standard library only."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

from eventstudy.errors import Damaged, StoreError

_HEADER = 100  # bytes of every SQLite file


def companion(database: Path, name: str) -> Path:
    """A small file next to a database, whatever link names it, such as its heartbeat, which monitors can read."""
    real = database.resolve()
    return real.with_name(f"{real.name}.{name}.json")


def heartbeat_file(database: Path) -> Path:
    """Where the heartbeat of a database is."""
    return companion(database, "heartbeat")


def lock_file(database: Path, role: str) -> Path:
    """What is locked by whoever plays the role `run` or `schedule`, by whatever link the database is named."""
    real = database.resolve()
    return real.with_name(f"{real.name}.{role}.lock")


def read_json(path: Path) -> dict[str, Any]:
    """What a file holds; nothing where there is none, or it is damaged."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


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
    finished = read_json(heartbeat_file(path)).get("last_whole")
    if finished:
        state = "is empty" if path.exists() else "is gone"
        raise StoreError(
            f"{path} {state}, though a pass finished on it at {finished}; put a backup back with "
            f"`eventstudy restore`, or, to begin anew, remove {heartbeat_file(path)}"
        )


def state(database: Path) -> list[list[int]]:
    """Size and time of change of the database and of its log, unless that is empty; they change with a transaction."""
    found = []
    for path in (database, log_file(database)):
        with contextlib.suppress(OSError):
            status = path.stat()
            if status.st_size:
                found.append([status.st_size, status.st_mtime_ns])
    return found
