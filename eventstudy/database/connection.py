"""Opening the results database: migrated, with foreign keys, refused when it is newer than the code."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from eventstudy.database import faults as sqlite_faults
from eventstudy.database import files, reading
from eventstudy.errors import Damaged, StoreError

if TYPE_CHECKING:
    from sqlite_utils import Database  # which loads pandas: only for those who open a database for writing

# A reader may hold the file for this long before a writer gives up.
BUSY_SECONDS = 10.0


def open_database(path: Path) -> Database:
    """Open (and create or migrate) the results database for writing.

    Raises
    ------
    StoreError
        When the file is no database, belongs to another program, or was made by a newer version.
    """
    from sqlite_utils import Database

    from eventstudy.database.migrations import migrations

    with translated(path), contextlib.ExitStack() as undo:
        path.parent.mkdir(parents=True, exist_ok=True)
        files.refuse_loss(path)
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        undo.callback(connection.close)
        connection.execute("pragma foreign_keys = on")
        db = Database(connection)
        _refuse_strangers(db, path)
        migrations.apply(db)
        undo.pop_all()
    return db


@contextlib.contextmanager
def transaction(db: Database) -> Iterator[sqlite3.Connection]:
    """One unit of work. IMMEDIATE, so that waiting for a reader works: a deferred one fails at once."""
    db.conn.execute("begin immediate")
    try:
        yield db.conn
        db.conn.commit()
    except BaseException:
        # a commit that finds the file busy leaves the transaction open, and the next one would be refused
        db.conn.rollback()
        raise


@contextlib.contextmanager
def translated(path: Path) -> Iterator[None]:
    """Turn what SQLite and the file system say about the database at `path` into a StoreError with its remedy."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise sqlite_faults.translate(path, error) from error


def prove_sound(path: Path) -> None:
    """Look at every page of the database, and hold indices against their tables, which a copy would make anew.

    Raises
    ------
    Damaged
        When one is not what was written.
    """
    with translated(path), contextlib.closing(reading.connect(path, is_checked=True)) as connection:
        (found,) = connection.execute("pragma integrity_check(1)").fetchone()
    if found != "ok":
        raise Damaged(f"{path} is damaged ({' '.join(found.split())}); put a backup back with `eventstudy restore`")


def _refuse_strangers(db: Database, path: Path) -> None:
    from eventstudy.database.migrations import migrations

    applied = {migration.name for migration in migrations.applied(db)}
    unknown = applied - set(known_migrations())
    if unknown:
        raise StoreError(
            f"{path} was made by a newer version of eventstudy ({', '.join(sorted(unknown))}); "
            "upgrade eventstudy, or name another file"
        )
    # a process killed while it made the file may leave the empty table of migrations behind
    if not applied and set(db.table_names()) - {migrations.migrations_table}:
        raise StoreError(f"{path} is a database of another program; name another file")


def is_current(connection: sqlite3.Connection) -> bool:
    """Whether the database has the schema of this version, found out without loading what migrates it."""
    return {name for (name,) in connection.execute("select name from _sqlite_migrations")} == {"schema_1"}


def known_migrations() -> list[str]:
    """Names of the migrations that this version has, oldest first."""
    from sqlite_utils import Database

    from eventstudy.database.migrations import migrations

    return [migration.name for migration in migrations.pending(Database(memory=True))]
