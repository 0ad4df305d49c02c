"""Opening the results database: migrated, with foreign keys, refused when it is newer than the code."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sqlite_utils import Database

from eventstudy.errors import StoreError
from eventstudy.store.schema import migrations

# A reader may hold the file for this long before a writer gives up.
BUSY_SECONDS = 10.0


def open_database(path: Path) -> Database:
    """Open (and create or migrate) the results database for writing.

    Raises
    ------
    StoreError
        When the file is no database, belongs to another program, or was made by a newer version.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        connection.execute("pragma foreign_keys = on")
        db = Database(connection)
        _refuse_strangers(db, path)
        migrations.apply(db)
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{path}: {error}; name another file, or restore a backup") from error
    return db


@contextlib.contextmanager
def transaction(db: Database) -> Iterator[sqlite3.Connection]:
    """One unit of work. IMMEDIATE, so that waiting for a reader works: a deferred one fails at once."""
    db.conn.execute("begin immediate")
    try:
        yield db.conn
    except BaseException:
        db.conn.rollback()
        raise
    db.conn.commit()


def _refuse_strangers(db: Database, path: Path) -> None:
    known = {m.name for m in migrations.pending(db)} | {m.name for m in migrations.applied(db)}
    applied = {m.name for m in migrations.applied(db)}
    registered = {m.name for m in migrations._migrations}
    if applied - registered:
        raise StoreError(
            f"{path} was made by a newer version of eventstudy ({', '.join(sorted(applied - known | applied - registered))}); "
            "upgrade eventstudy, or name another file"
        )
    if not applied and db.table_names():
        raise StoreError(f"{path} is a database of another program; name another file")
