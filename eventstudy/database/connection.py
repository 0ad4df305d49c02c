"""Opening the results database: with foreign keys, and refused when it has another schema than the code."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from eventstudy.database import faults as sqlite_faults
from eventstudy.database import files, reading, views
from eventstudy.database.version import refuse_other
from eventstudy.errors import Damaged

if TYPE_CHECKING:
    from sqlite_utils import Database  # which loads pandas: only for those who open a database for writing

T = TypeVar("T")

# Another writer may hold the database for this long before ours gives up; readers never do.
BUSY_SECONDS = 300.0
# After this long it says for whom it waits.
NOTICE_SECONDS = 5.0
# How long SQLite itself waits at a time: Ctrl-C is heard in between.
_WAIT = 0.5
# KiB: a block of events is written in one go, and what does not fit is written to the log more than once; then pages
# read what was written.
_CACHE = 131_072

log = logging.getLogger(__name__)


def open_database(path: Path) -> Database:
    """Open (and create) the results database for writing; only call while holding the lock.

    It has a write-ahead log, so that readers neither stop a writer nor are stopped. SQLite before 3.51.3 can damage
    such a database when two connections write, or fold the log in, at the same time: the lock excludes it.

    Raises
    ------
    StoreError
        When the file is no database, belongs to another program, or was made by another version.
    """
    from sqlite_utils import Database

    from eventstudy.database.migrations import migrations

    with translated(path), contextlib.ExitStack() as undo:
        path.parent.mkdir(parents=True, exist_ok=True)
        files.refuse_loss(path)
        connection = sqlite3.connect(path.resolve(), timeout=min(_WAIT, BUSY_SECONDS), isolation_level=None)
        undo.callback(connection.close)
        connection.execute("pragma foreign_keys = on")
        connection.execute(f"pragma cache_size = -{_CACHE}")
        connection.execute("pragma temp_store = memory")  # what a part of a unit of work would be undone with
        db = Database(connection)
        patiently(path, lambda: refuse_other(connection, path))
        patiently(path, lambda: connection.execute("pragma journal_mode = wal").fetchone())
        patiently(path, lambda: migrations.apply(db))
        if changed := views.outdated(connection):
            with transaction(db):
                views.replace(connection, changed)
        undo.pop_all()
    return db


@contextlib.contextmanager
def transaction(db: Database) -> Iterator[sqlite3.Connection]:
    """One unit of work; inside another one a part of it, which is undone alone when it fails.

    IMMEDIATE, so that waiting for another writer works: a deferred one fails at once.
    """
    connection = db.conn
    is_part = connection.in_transaction
    if is_part:
        connection.execute("savepoint part")
    else:
        (_, _, file), *_ = connection.execute("pragma database_list").fetchall()
        patiently(Path(file), lambda: connection.execute("begin immediate"))
    try:
        yield connection
        # not `commit()`, which says nothing when SQLite gave the transaction up meanwhile, as on a full disk
        connection.execute("release part" if is_part else "commit")
    except BaseException:
        if is_part and connection.in_transaction:
            connection.execute("rollback to part")
            connection.execute("release part")
        elif not is_part:
            # a commit that finds the file busy leaves the transaction open, and the next one would be refused
            connection.rollback()
        raise


def patiently(path: Path, attempt: Callable[[], T]) -> T:
    """Do `attempt` again while another program writes to the database at `path`, for `BUSY_SECONDS`."""
    began, is_told = time.monotonic(), False
    while True:
        try:
            return attempt()
        except sqlite3.OperationalError as error:
            waited = time.monotonic() - began
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or waited >= BUSY_SECONDS:
                raise
            if waited >= NOTICE_SECONDS and not is_told:
                names = ", ".join(sqlite_faults.holders(path)) or "another program"
                log.warning("%s is held by %s; waiting up to %.0f seconds", path, names, BUSY_SECONDS)
                is_told = True


def fold_in(db: Database) -> None:
    """Bring the log into the file of the database, as far as no reader needs the old state, and empty it if it can be.

    Waits for nobody; only call while holding the lock.
    """
    (patience,) = db.conn.execute("pragma busy_timeout").fetchone()
    db.conn.execute("pragma busy_timeout = 0").fetchone()
    try:
        db.conn.execute("pragma wal_checkpoint(truncate)").fetchone()
    finally:
        db.conn.execute(f"pragma busy_timeout = {patience}").fetchone()


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
    with (
        translated(path),
        contextlib.closing(reading.connect(path, seconds=reading.WHOLE_FILE_SECONDS, is_checked=True)) as connection,
    ):
        (found,) = connection.execute("pragma integrity_check(1)").fetchone()
    if found != "ok":
        raise Damaged(f"{path} is damaged ({' '.join(found.split())}); put a backup back with `eventstudy restore`")


def tend(db: Database) -> None:
    """Let SQLite see how much each index tells apart, to find the best way to what is asked; takes milliseconds."""
    db.conn.execute("pragma analysis_limit = 1000")
    db.analyze()
