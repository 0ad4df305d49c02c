"""What SQLite and the file system say of a database, in words that name the file and the remedy."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

from eventstudy.errors import Damaged, StoreError

_FULL = "make room on the disk and run again; nothing is lost"
_REMEDIES = {
    sqlite3.SQLITE_BUSY: "another program holds it; wait, or stop that program",
    sqlite3.SQLITE_READONLY: "check the rights of the file and of its folder",
    sqlite3.SQLITE_CANTOPEN: "check the path, and the rights of its folder",
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_IOERR: "look at the disk, its room and its limits, and run again; nothing is lost",
    sqlite3.SQLITE_CORRUPT: "put a backup back with `eventstudy restore`",
    sqlite3.SQLITE_NOTADB: "name another file, or put a backup back with `eventstudy restore`",
}
_ELSE = "`eventstudy doctor` looks for the cause"
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def translate(path: Path, error: OSError | sqlite3.Error) -> StoreError:
    """The error of ours for what was said about the database at `path`."""
    if isinstance(error, OSError):
        is_full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
        return StoreError(f"{path}: {error.strerror or error}; {_FULL if is_full else 'check the path and its rights'}")
    kind = Damaged if is_damage(error) else StoreError
    if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_READONLY_ROLLBACK:
        return kind(f"{path}: {error}; run `eventstudy run`, which finishes what was broken off")
    if _code(error) in (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_NOTADB):
        return kind(f"{path} is not a results database: {error}; {_REMEDIES[sqlite3.SQLITE_NOTADB]}")
    return kind(f"{path}: {error}; {_REMEDIES.get(_code(error), _ELSE)}")


def is_damage(error: BaseException) -> bool:
    """Whether an error says that the database itself is damaged: no part of a pass may take that for its own fault."""
    return isinstance(error, Damaged) or (isinstance(error, sqlite3.Error) and _code(error) in _DAMAGE)


def _code(error: sqlite3.Error) -> int:
    """The kind of an error: its low byte; the rest is details."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
