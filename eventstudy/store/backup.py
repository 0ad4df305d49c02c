"""Backups of the results database: made through SQLite, proved sound before they count, restored beside what was."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import re
import sqlite3
from pathlib import Path

from eventstudy import atomic
from eventstudy.errors import StoreError
from eventstudy.store import read
from eventstudy.store.database import known_migrations, translated

# Files of SQLite that belong to a database: beside another one they would damage it.
_COMPANIONS = ("-journal", "-wal", "-shm")


def back_up(database: Path, folder: Path, *, keep: int, now: dt.datetime) -> Path:
    """Write a sound copy of `database` to `folder`, and drop all but the newest `keep` copies of it there.

    Parameters
    ----------
    database, folder : Path
    keep : int
        At least 1.
    now : datetime
        UTC; names the copy.

    Raises
    ------
    StoreError
        When there is no database, it is not sound, or the folder cannot be written; older copies then stay.
    """
    read.connect(database).close()
    target = folder / f"{database.stem}-{now.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}.db"
    with translated(target):
        folder.mkdir(parents=True, exist_ok=True)
        atomic.sweep(folder)
        with atomic.replacing(target) as copy:
            _copy(database, copy)
            verify(copy)
    with translated(folder):
        for old in copies(database, folder)[keep:]:
            old.unlink()
    return target


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
    with translated(folder):
        found = copies(database, folder)
    for path in found:
        try:
            verify(path)
        except StoreError as error:
            unsound.append(str(error))
        else:
            return path, unsound
    raise StoreError("; ".join([f"{folder} holds no sound backup of {database.name}", *unsound]))


def verify(path: Path) -> int:
    """Return the number of events in the database at `path`.

    Raises
    ------
    StoreError
        When it is damaged, no results database, or from a newer version.
    """
    connection = read.connect(path)
    try:
        integrity = connection.execute("pragma integrity_check").fetchone()[0]
        broken = connection.execute("pragma foreign_key_check").fetchall()
        applied = {name for (name,) in connection.execute("select name from _sqlite_migrations")}
        (events,) = connection.execute("select count(*) from events").fetchone()
    except sqlite3.Error as error:
        raise StoreError(f"{path} is damaged ({error}); {_REMEDY}") from error
    finally:
        connection.close()
    if integrity != "ok" or broken:
        raise StoreError(f"{path} is damaged ({integrity}, {len(broken)} broken references); {_REMEDY}")
    if newer := sorted(applied - set(known_migrations())):
        raise StoreError(f"{path} was made by a newer version of eventstudy ({', '.join(newer)}); upgrade eventstudy")
    return int(events)


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
        When the backup is not sound, or a file cannot be written; the database is then as it was.
    """
    if database.exists() and backup.samefile(database):
        raise StoreError(f"{backup} is the database itself; name a backup")
    verify(backup)
    kept = None
    with translated(database), atomic.replacing(database) as copy:
        _copy(backup, copy)
        verify(copy)
        if database.exists():
            kept = database.with_name(f"{database.name}.replaced-{now.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}")
            os.link(database, kept)  # fails when the name is taken, so that nothing kept is ever overwritten
        for suffix in _COMPANIONS:
            companion = database.with_name(database.name + suffix)
            if companion.exists():
                companion.replace(f"{kept or database.with_name(database.name + '.replaced')}{suffix}")
    return kept


def _copy(source: Path, target: Path) -> None:
    """Copy a database through SQLite, which sees a whole one while others write."""
    with translated(source), contextlib.closing(read.connect(source)) as connection:
        connection.execute("vacuum into ?", (str(target),))
