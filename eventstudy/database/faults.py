"""What SQLite and the file system say of a database, in words that name the file and the remedy."""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
from pathlib import Path

from eventstudy.database import files
from eventstudy.errors import Damaged, StoreError

_FULL = "make room on the disk and run again; nothing is lost"
_REMEDIES = {
    sqlite3.SQLITE_BUSY: "another program holds it; wait, or stop that program",
    sqlite3.SQLITE_READONLY: "check the rights of the file and of its folder",
    sqlite3.SQLITE_CANTOPEN: "check the path, and the rights of its folder",
    sqlite3.SQLITE_INTERRUPT: "reading took too long; try again when the machine has less to do",
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
    if _code(error) == sqlite3.SQLITE_BUSY and (names := holders(path)):
        return kind(f"{path}: {error}; it is held by {', '.join(names)}; {_REMEDIES[sqlite3.SQLITE_BUSY]}")
    if _code(error) == sqlite3.SQLITE_CANTOPEN and files.log_bytes(path):
        return kind(f"{path}: {error}; its log cannot be used in this folder: copy both to one that can be written")
    if _code(error) in (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_NOTADB):
        return kind(f"{path} is not a results database: {error}; {_REMEDIES[sqlite3.SQLITE_NOTADB]}")
    return kind(f"{path}: {error}; {_REMEDIES.get(_code(error), _ELSE)}")


def unreadable(path: Path) -> StoreError:
    """The error of ours for a database in which SQLite itself finds no text where one must be."""
    return Damaged(f"{path}: it holds bytes that are no text; {_REMEDIES[sqlite3.SQLITE_CORRUPT]}")


def is_damage(error: BaseException) -> bool:
    """Whether an error says that the database itself is damaged: no part of a pass may take that for its own fault."""
    return isinstance(error, Damaged) or (isinstance(error, sqlite3.Error) and _code(error) in _DAMAGE)


def is_interrupted(error: BaseException) -> bool:
    """Whether a statement was broken off: its deadline is over, or the user stopped it."""
    return isinstance(error, sqlite3.Error) and _code(error) == sqlite3.SQLITE_INTERRUPT


# Bytes of the -shm file that SQLite locks: for writing, folding in, recovery, and for reading an old state.
_SHM_LOCKS = range(120, 128)


def holders(path: Path) -> list[str]:
    """Programs that write to the database or read an old state of it, as far as the kernel tells: ``pid 7 (sqlite3)``.

    Reads what Linux shows of all locks: to ask for a lock of one's own would, when the file is closed, drop SQLite's.
    """
    real, found = path.resolve(), set()
    with contextlib.suppress(OSError, ValueError, IndexError):
        shm = real.with_name(f"{real.name}-shm")
        inode = shm.stat().st_ino
        for line in Path("/proc/locks").read_text("ascii").splitlines():
            fields = line.split()
            if int(fields[5].rpartition(":")[2]) == inode and int(fields[6]) in _SHM_LOCKS:
                found.add(int(fields[4]))
    return [f"pid {pid}{_name(pid)}" for pid in sorted(found - {os.getpid()}) if pid > 0]


# A log is folded in every 4 MB of it, unless a program reads an old state, or one transaction is large.
LARGE_LOG = 64_000_000


def words_of_log(path: Path) -> tuple[str, bool]:
    """The size of the log of the database at `path`, with what to do when it is large; and whether it is."""
    size = files.log_bytes(path)
    said = f"{size / 1e6:.1f} MB are not in the file of the database yet" if size else "empty"
    if size < LARGE_LOG:
        return said, False
    names = ", ".join(holders(path))
    who = f"{names} holds it" if names else "a program that reads an old state may hold it"
    return f"{said}; {who}: stop that program, and the next pass folds it in", True


def _name(pid: int) -> str:
    try:
        return f" ({Path(f'/proc/{pid}/comm').read_text('utf-8').strip()})"
    except (OSError, UnicodeDecodeError):
        return ""


def _code(error: sqlite3.Error) -> int:
    """The kind of an error: its low byte; the rest is details."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
