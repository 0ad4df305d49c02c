"""The files that belong to a database, and the guard against one that is gone: standard library only."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

from eventstudy.errors import StoreError


def companion(database: Path, name: str) -> Path:
    """A small file next to a database, such as its heartbeat, which monitors can read."""
    return database.with_name(f"{database.name}.{name}.json")


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


def refuse_loss(path: Path) -> None:
    """A database that was there and is gone, or empty, must not be replaced by a new one without a word.

    Raises
    ------
    StoreError
        When a heartbeat tells of a pass, and there is no database, or an empty file.
    """
    if path.exists() and path.stat().st_size:
        return
    finished = read_json(heartbeat_file(path)).get("last_whole")
    if finished:
        state = "is empty" if path.exists() else "is gone"
        raise StoreError(
            f"{path} {state}, though a pass finished on it at {finished}; put a backup back with "
            f"`eventstudy restore`, or, to begin anew, remove {heartbeat_file(path)}"
        )


def state(database: Path) -> list[list[int]]:
    """Size and time of change of the database and of its log, which change with every transaction."""
    found = []
    for path in (database, database.with_name(f"{database.name}-wal")):
        with contextlib.suppress(OSError):
            status = path.stat()
            found.append([status.st_size, status.st_mtime_ns])
    return found
