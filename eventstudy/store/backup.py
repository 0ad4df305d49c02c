"""Backups of the results database: made through SQLite, proved sound before they count, restored beside what was."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import re
import shutil
import sqlite3
from pathlib import Path

from eventstudy import atomic
from eventstudy.archive.verify import any_altered
from eventstudy.database import files, reading
from eventstudy.database.connection import prove_sound, translated
from eventstudy.database.faults import holders, is_damage, translate
from eventstudy.errors import Damaged, StoreError
from eventstudy.store import content, plans

# Files of SQLite that belong to a database: beside another one they would damage it.
_COMPANIONS = ("-journal", "-wal", "-shm")


def back_up(database: Path, folder: Path, *, keep: int, now: dt.datetime) -> tuple[Path, list[Path]]:
    """Write a sound copy of `database` to `folder`, and drop all but the newest `keep` copies of it there.

    Parameters
    ----------
    database, folder : Path
    keep : int
        At least 1.
    now : datetime
        UTC; names the copy.

    Returns
    -------
    Path, list of Path
        The copy, and those that were dropped.

    Raises
    ------
    StoreError
        When there is no database, it is not sound, or the folder cannot be written; older copies then stay.
    """
    database = database.resolve()
    prove_sound(database)  # a copy has indices of its own, so that it may be sound though these are not
    target, surplus = planned(database, folder, keep=keep, now=now)
    with translated(folder):
        folder.mkdir(parents=True, exist_ok=True)
        atomic.sweep(folder)
        state = files.state(database)
        with atomic.replacing(target) as copy:
            _copy(database, copy)
            verify(copy)
        for old in surplus:
            old.unlink(missing_ok=True)
        content = json.dumps({"copy": target.name, "of": state})
        atomic.put(files.companion(database, "backup"), f"{content}\n".encode())
    return target, surplus


def planned(database: Path, folder: Path, *, keep: int, now: dt.datetime) -> tuple[Path, list[Path]]:
    """The copy that would be made now, and the older ones that would be dropped for it."""
    target = folder / f"{database.stem}-{now.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}.db"
    with translated(folder):
        others = [path for path in copies(database, folder) if path != target] if folder.is_dir() else []
    # a copy from a time that is still to come was made under a wrong clock: it must not outlive the new one
    others.sort(key=lambda path: path.name > target.name)
    return target, others[keep - 1 :]


def is_backed_up(database: Path, folder: Path) -> bool:
    """Whether the newest backup in `folder` is of the database as it is now."""
    newest = files.read_json(files.companion(database, "backup"))
    if newest.get("of") != files.state(database) or not folder.is_dir():
        return False
    return any(newest.get("copy") == copy.name for copy in copies(database, folder))


def copies(database: Path, folder: Path) -> list[Path]:
    """Backups of `database` in `folder`, newest first."""
    ours = re.compile(re.escape(database.stem) + r"-\d{8}T\d{6}Z\.db")
    return sorted((path for path in folder.iterdir() if ours.fullmatch(path.name)), reverse=True)


def newest_sound(database: Path, folder: Path) -> tuple[Path, list[str]]:
    """The newest backup of `database` in `folder` that is sound, and what is wrong with newer ones.

    Raises
    ------
    StoreError
        When there is none.
    """
    unsound: list[str] = []
    if not folder.exists():
        raise StoreError(f"there is no folder of backups at {folder}; name the file of a backup")
    with translated(folder):
        found = copies(database, folder)
    for path in found:
        try:
            verify(path)
        except StoreError as error:
            unsound.append(str(error))
        else:
            return path, unsound
    raise StoreError("; ".join([f"{folder} holds no sound backup of {database.name}; name the file of one", *unsound]))


def verify(path: Path) -> int:
    """Return the number of events in the database at `path`.

    Raises
    ------
    StoreError
        When it is not there, damaged, altered, no results database, or from another version.
    """
    if not path.is_file():
        raise StoreError(f"there is no file {path}; name the file of a backup")
    connection = reading.connect(path, seconds=reading.WHOLE_FILE_SECONDS, is_checked=True)
    try:
        integrity = " ".join(connection.execute("pragma integrity_check(1)").fetchone()[0].split())
        broken = connection.execute("pragma foreign_key_check").fetchall()
        (events,) = connection.execute("select count(*) from events").fetchone()
        wrong = None if broken or integrity != "ok" else _altered(connection, None)
    except sqlite3.Error as error:
        if not is_damage(error):
            raise translate(path, error) from error
        raise Damaged(f"{path} is damaged ({error}); {_REMEDY}") from error
    finally:
        connection.close()
    if integrity != "ok" or broken:
        raise Damaged(f"{path} is damaged ({integrity}, {len(broken)} broken references); {_REMEDY}")
    if wrong:
        raise StoreError(f"{path}: {wrong}; {_REMEDY}")
    return int(events)


def prove_unaltered(path: Path, *, but_of: int | None) -> None:
    """Hold prices and results against their hashes, but for the results of one pass.

    Raises
    ------
    StoreError
        When some are not what was written.
    """
    with (
        translated(path),
        contextlib.closing(reading.connect(path, seconds=reading.WHOLE_FILE_SECONDS)) as connection,
    ):
        wrong = _altered(connection, but_of)
    if wrong:
        raise StoreError(f"{path}: {wrong}; {_REMEDY}")


def _altered(connection: sqlite3.Connection, but_of: int | None) -> str | None:
    """What shows that prices, plans or results are not those that were written; None where they are."""
    if wrong := any_altered(connection) or plans.altered(connection):
        return wrong
    found = next(content.altered(connection, but_of=but_of), None)
    return found.problem if found else None


_REMEDY = "put a sound backup in its place with `eventstudy restore`"


def restore(backup: Path, database: Path, *, now: dt.datetime) -> Path | None:
    """Put `backup` in the place of `database`; only call while holding the lock.

    Parameters
    ----------
    backup, database : Path
    now : datetime
        UTC; names what is replaced.

    Returns
    -------
    Path or None
        Where the replaced database is kept; None when there was none.

    Raises
    ------
    StoreError
        When the backup is not sound, a file cannot be written, or a program reads an old state of the database; the
        database is then as it was.
    """
    database = database.resolve()  # a link stays one
    if database.exists() and backup.samefile(database):
        raise StoreError(f"{backup} is the database itself; name a backup")
    verify(backup)
    atomic.sweep(database.parent)
    kept = database.with_name(f"{database.name}.replaced-{now.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}")
    with translated(database), atomic.replacing(database) as copy:
        _copy(backup, copy)
        verify(copy)
        with contextlib.closing(sqlite3.connect(copy)) as connection:  # no reader ever meets it in another mode
            connection.execute("pragma journal_mode = wal").fetchone()
        found = [suffix for suffix in ("", *_COMPANIONS) if database.with_name(database.name + suffix).exists()]
        for suffix in found:
            _keep(database.with_name(database.name + suffix), kept.with_name(kept.name + suffix))
        # until the very last step the database is whole, with or without the transaction that was broken off
        _finish(database)
        for suffix in _COMPANIONS:
            database.with_name(database.name + suffix).unlink(missing_ok=True)
    return kept if found else None


def _keep(path: Path, kept: Path) -> None:
    """Copy a file whole under a name that nobody has: nothing kept is overwritten, nor changed by what follows."""
    with atomic.adding(kept) as copy, path.open("rb") as source, copy.open("xb") as target:
        shutil.copyfileobj(source, target)


def _finish(database: Path) -> None:
    """Let SQLite undo, or take in, what its companions hold, where the database can still be opened."""
    if not database.exists():
        return
    is_pinned = 0
    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(database, timeout=10.0)) as connection:
        connection.execute("select count(*) from sqlite_schema").fetchone()
        is_pinned, *_ = connection.execute("pragma wal_checkpoint(truncate)").fetchone()
    if is_pinned:
        names = ", ".join(holders(database)) or "a program"
        raise StoreError(f"{database}: {names} reads an old state of it; stop that program, then restore")


def _copy(source: Path, target: Path) -> None:
    """Copy a database through SQLite, which sees a whole one while others write."""
    with (
        translated(source),
        contextlib.closing(reading.connect(source, seconds=reading.WHOLE_FILE_SECONDS)) as connection,
    ):
        try:
            connection.execute("vacuum into ?", (str(target),))
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in _OF_THE_COPY:
                raise
            # the name of the copy is another one every time, and nobody's concern
            raise translate(target.parent, _unnamed(error, target)) from error


# What SQLite says of the file that it writes, not of the one that it reads.
_OF_THE_COPY = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY)


def _unnamed(error: sqlite3.OperationalError, path: Path) -> sqlite3.OperationalError:
    """The same error without the name of a file."""
    found = sqlite3.OperationalError(str(error).replace(f": {path}", ""))
    found.sqlite_errorcode = error.sqlite_errorcode
    return found
