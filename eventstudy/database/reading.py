"""Reading the results database: read-only connections and single SELECTs, standard library only."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eventstudy.database import faults as sqlite_faults
from eventstudy.database import files
from eventstudy.errors import InputError, StoreError

Row = dict[str, Any]


# What a read-only statement may do; everything else (attach, pragma, writes) is refused by SQLite itself.
_ALLOWED = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE})


_STEPS_BETWEEN_SIGNALS = 100_000


_FORBIDDEN_FUNCTIONS = frozenset({"load_extension", "writefile", "readfile", "edit", "fts3_tokenizer"})


@dataclass(frozen=True, slots=True)
class Table:
    """An answer: column names and rows."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


def connect(path: Path, patience: float = 10.0, *, is_checked: bool = False) -> sqlite3.Connection:
    """Open the results database for reading only, waiting up to `patience` seconds for a writer.

    Parameters
    ----------
    path : Path
    patience : float
    is_checked : bool
        Whether SQLite is to know the constraints of the tables, which it needs to check them and leaves out where it
        may not write.

    Raises
    ------
    StoreError
        When there is no such file, it is no results database, or another program holds it all that time.
    """
    files.refuse_loss(path)
    if not path.is_file():
        raise StoreError(f"there is no results database at {path}; run `eventstudy demo` or `eventstudy run` first")
    try:
        try:
            return _open(path, patience, is_checked)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_READONLY_ROLLBACK:
                raise
            _roll_back(path)
            return _open(path, patience, is_checked)
    except sqlite3.DatabaseError as error:
        raise sqlite_faults.translate(path, error) from None


def query(path: Path, sql: str, limit: int | None = None) -> Table:
    """Run one SELECT; a bare name of a table or view selects everything in it.

    Raises
    ------
    InputError
        When the statement is wrong, is not a single SELECT, or would do more than read.
    KeyboardInterrupt
        When the user stops a statement that takes too long.
    """
    connection = connect(path)
    # text is shown, not trusted: what is not UTF-8 in it must not hide the rest of the answer
    connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
    # SQLite runs in C, where Ctrl-C is not heard; this returns to Python now and then
    connection.set_progress_handler(lambda: 0, _STEPS_BETWEEN_SIGNALS)
    statement = sql.strip().rstrip(";")
    if statement.isidentifier():
        statement = f'select * from "{statement}"'  # noqa: S608  # an identifier, and nothing but reading is allowed
    try:
        connection.set_authorizer(_authorize)
        cursor = connection.execute(statement)
        if cursor.description is None:
            raise InputError("not a SELECT", where="query", value=sql, remedy="only reading is possible here")
        rows = cursor.fetchall() if limit is None else cursor.fetchmany(limit)
        return Table(_distinct([column[0] for column in cursor.description]), tuple(rows))
    except sqlite3.Error as error:
        if sqlite_faults.is_damage(error):
            raise sqlite_faults.translate(path, error) from None
        raise _refusal(error) from None
    except OverflowError as error:
        raise InputError(str(error), where="query", remedy="ask for smaller values") from None
    finally:
        connection.close()


def names(path: Path) -> tuple[str, ...]:
    """Tables and views of the database."""
    connection = connect(path)
    try:
        found = connection.execute(
            "select name from sqlite_schema where type in ('table', 'view') and name not like '\\_%' escape '\\' "
            "and name not like 'sqlite\\_%' escape '\\' order by type desc, name"
        ).fetchall()
    finally:
        connection.close()
    return tuple(name for (name,) in found)


def rows(connection: sqlite3.Connection, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
    """All rows of a query as dictionaries."""
    cursor = connection.execute(sql, tuple(parameters))
    columns = [column[0] for column in cursor.description]
    return [dict(zip(columns, row, strict=True)) for row in cursor]


def _authorize(action: int, _first: str | None, second: str | None, _db: str | None, _trigger: str | None) -> int:
    if action not in _ALLOWED or (action == sqlite3.SQLITE_FUNCTION and second in _FORBIDDEN_FUNCTIONS):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _open(path: Path, patience: float, is_checked: bool) -> sqlite3.Connection:
    mode = "rw" if is_checked else "ro"
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode={mode}", uri=True, timeout=patience)
    try:
        if is_checked:
            connection.execute("pragma query_only = on")
        connection.execute("select 1 from analyses limit 1")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _roll_back(path: Path) -> None:
    """Undo the transaction of a process that was killed inside it, which a read-only connection may not do."""
    with contextlib.closing(
        sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=10.0)
    ) as connection:
        connection.execute("select 1 from sqlite_schema").fetchone()


def _refusal(error: sqlite3.Error) -> BaseException:
    code = getattr(error, "sqlite_errorcode", None)
    if code == sqlite3.SQLITE_INTERRUPT:
        return KeyboardInterrupt()
    remedy = "see docs/schema.md for names"
    if code == sqlite3.SQLITE_AUTH:
        remedy = "only reading is possible here"
    elif "one statement" in str(error):
        remedy = "send one SELECT"
    return InputError(str(error).rstrip("."), where="query", remedy=remedy)


def _distinct(columns: list[str]) -> tuple[str, ...]:
    """Column names as SQLite itself tells equal ones apart: ``a``, ``a:1``."""
    out: list[str] = []
    for name in columns:
        count = 0
        while (candidate := f"{name}:{count}" if count else name) in out:
            count += 1
        out.append(candidate)
    return tuple(out)
