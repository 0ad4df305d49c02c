"""Reading the results database: read-only connections with a deadline, and single SELECTs; standard library only."""

from __future__ import annotations

import contextlib
import functools
import math
import os
import re
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eventstudy.database import faults as sqlite_faults
from eventstudy.database import files
from eventstudy.database.version import refuse_other
from eventstudy.errors import InputError, StoreError
from eventstudy.hints import hint

Row = dict[str, Any]

# How long a connection may read: one of ours, one that goes over the whole file, and a statement that a user wrote.
READ_SECONDS = 300.0
WHOLE_FILE_SECONDS = 3600.0
QUERY_SECONDS = 30.0
# How long a reader waits for a program that shuts everybody out.
PATIENCE = 10.0
# The longest text or blob that is read or made, and the memory that SQLite may take for a user's statement: bytes.
LONGEST_VALUE = 50_000_000
QUERY_MEMORY = 500_000_000

_STEPS_BETWEEN_LOOKS = 100_000

# What a read-only statement may do; everything else (attach, pragma, writes) is refused by SQLite itself.
_ALLOWED = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE})

_FORBIDDEN_FUNCTIONS = frozenset({"load_extension", "writefile", "readfile", "edit", "fts3_tokenizer"})


class Reader(sqlite3.Connection):
    """A connection that reads until its deadline; after it every statement ends as interrupted.

    Attributes
    ----------
    ends_at : float
        By the clock of `time.monotonic`.
    """

    ends_at = math.inf
    _frozen: tuple[Path, list[list[int]]] | None = None

    @property
    def is_late(self) -> bool:
        """Whether the deadline is over."""
        return time.monotonic() >= self.ends_at

    @property
    def is_frozen(self) -> bool:
        """Whether the file is read without a lock, because its folder cannot be written."""
        return self._frozen is not None

    def limit(self, seconds: float) -> None:
        """Set the deadline, `seconds` from now, and the length of values."""
        self.ends_at = time.monotonic() + seconds
        self.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE)
        # SQLite runs in C, where Ctrl-C is not heard either; this returns to Python now and then
        self.set_progress_handler(lambda: self.is_late, _STEPS_BETWEEN_LOOKS)

    def freeze(self, path: Path) -> None:
        """Remember how the file is, which this connection reads without a lock."""
        self._frozen = path, files.state(path)

    def close(self) -> None:
        """Close the connection.

        Raises
        ------
        StoreError
            When the file was read without a lock, and changed meanwhile: what was read may be half old, half new.
        """
        super().close()
        if self._frozen is not None:
            path, before = self._frozen
            self._frozen = None
            if files.state(path) != before:
                raise StoreError(f"{path} changed while it was read, in a folder that cannot be written; ask again")


@dataclass(frozen=True, slots=True)
class Answer:
    """Column names, rows as SQLite finds them, and the tables and views that they are read from."""

    columns: tuple[str, ...]
    rows: Iterator[tuple[Any, ...]]
    tables: frozenset[str] = frozenset()


def connect(
    path: Path, patience: float = PATIENCE, *, seconds: float = READ_SECONDS, is_checked: bool = False
) -> Reader:
    """Open the results database for reading only; it is never written, nor its log folded in.

    Parameters
    ----------
    path : Path
    patience : float
        Seconds to wait for a program that shuts everybody out.
    seconds : float
        The deadline, from now.
    is_checked : bool
        Whether SQLite is to know the constraints of the tables, which it needs to check them and leaves out where it
        may not write; in a folder that cannot be written it never knows them.

    Raises
    ------
    StoreError
        When there is no such file, it is no results database, or another program holds it all that time.
    """
    files.refuse_loss(path)
    if not path.is_file():
        raise StoreError(f"there is no results database at {path}; run `eventstudy demo` or `eventstudy run` first")
    try:
        connection = open_reader(path, patience, seconds)
        try:
            connection.execute("select 1 from analyses limit 1")
            if is_checked and not connection.is_frozen:
                return _with_constraints(path, connection, patience, seconds)
            return connection
        except sqlite3.Error:
            connection.close()
            raise
    except sqlite3.DatabaseError as error:
        raise sqlite_faults.translate(path, error) from None
    except UnicodeDecodeError:
        raise sqlite_faults.unreadable(path) from None


def open_reader(path: Path, patience: float = PATIENCE, seconds: float = READ_SECONDS) -> Reader:
    """A reading connection to any database that SQLite can open, as `connect`; errors are SQLite's own."""
    try:
        return _open(path, patience, seconds)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_READONLY_ROLLBACK:
            _roll_back(path)
            return _open(path, patience, seconds)
        # where no log can be begun, and there is none, nobody is at work
        is_closed = error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
        if not is_closed or os.access(path.resolve().parent, os.W_OK) or files.log_bytes(path):
            raise
        connection = _open(path, patience, seconds, "&immutable=1")
        connection.freeze(path)
        return connection


@contextlib.contextmanager
def select(
    path: Path,
    sql: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    seconds: float = QUERY_SECONDS,
    check: Callable[[sqlite3.Connection, Answer], Answer] | None = None,
) -> Iterator[Answer]:
    """Run one SELECT of a user; a bare name of a table or view selects everything in it.

    Parameters
    ----------
    path : Path
    sql : str
    parameters : mapping, optional
        Values of its ``:names``.
    seconds : float
        The deadline for the last row.
    check : callable, optional
        Takes the connection and the answer, and gives the answer that is to be seen.

    Raises
    ------
    InputError
        When the statement is wrong, is not a single SELECT, would do more than read, or asks for too much.
    StoreError
        When the deadline is over, or as `connect`.
    KeyboardInterrupt
        When the user stops a statement that takes too long.
    """
    statement = sql.strip().rstrip(";")
    if statement.isidentifier():
        statement = f'select * from "{statement}"'  # noqa: S608  # an identifier, and nothing but reading is allowed
    with contextlib.closing(connect(path, min(PATIENCE, seconds), seconds=seconds)) as connection:
        # text is shown, not trusted: what is not UTF-8 in it must not hide the rest of the answer
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        limit_memory(connection)
        try:
            set_up_json(connection)
            connection.execute("begin")  # what is read beside the statement is of the same moment
            read: set[str] = set()

            def allow(action: int, first: str | None, *more: str | None) -> int:
                if action == sqlite3.SQLITE_READ and first:
                    read.add(first)
                return authorize(action, first, *more)

            connection.set_authorizer(allow)
            cursor = connection.execute(statement, dict(parameters or {}))
            if cursor.description is None:
                raise InputError("not a SELECT", where="query", value=sql, remedy="only reading is possible here")
            columns = _distinct([column[0] for column in cursor.description])
            answer = Answer(columns, cursor, frozenset(read))
            yield check(connection, answer) if check else answer
        except sqlite3.Error as error:
            if connection.is_late and sqlite_faults.is_interrupted(error):
                raise StoreError(late(seconds)) from None
            if sqlite_faults.is_damage(error):
                raise sqlite_faults.translate(path, error) from None
            raise _refusal(connection, statement, error) from None
        except UnicodeDecodeError:
            raise sqlite_faults.unreadable(path) from None
        except (OverflowError, MemoryError) as error:
            problem = str(error) or f"more than {QUERY_MEMORY // 1_000_000} MB of memory is needed"
            raise InputError(problem, where="query", remedy="ask for less at a time") from None


def set_up_json(connection: sqlite3.Connection) -> None:
    """Set up the table-valued functions of JSON, which `authorize` would take for a writing at their first use."""
    connection.execute("select 1 from json_each('[]'), json_tree('[]')").fetchall()


def late(seconds: float) -> str:
    """What is said of a statement that took longer."""
    return f"no answer within {seconds:g} seconds; ask for less, or allow more time with --timeout"


def limit_memory(connection: sqlite3.Connection) -> None:
    """Let SQLite take no more than `QUERY_MEMORY` from here on, in this whole process."""
    connection.execute(f"pragma hard_heap_limit = {QUERY_MEMORY}").fetchone()


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
    return list(map(dict, map(functools.partial(zip, columns), cursor.fetchall())))


def authorize(action: int, _first: str | None, second: str | None, *_more: str | None) -> int:
    """Whether SQLite may do what a statement asks for: an authorizer of SQLite's, which allows reading alone."""
    if action not in _ALLOWED or (action == sqlite3.SQLITE_FUNCTION and second in _FORBIDDEN_FUNCTIONS):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _open(path: Path, patience: float, seconds: float, more: str = "") -> Reader:
    uri = f"{path.resolve().as_uri()}?mode=ro{more}"
    connection = sqlite3.connect(uri, uri=True, timeout=patience, factory=Reader)
    try:
        connection.limit(seconds)
        connection.execute("select 1 from sqlite_schema").fetchone()
        refuse_other(connection, path)
    except (sqlite3.Error, StoreError):
        connection.close()
        raise
    return connection


class _Checker(Reader):
    """A connection that may write, and does not: beside it stays one that reads, so that it is never the last to close.

    SQLite would fold the log in, and remove it, when the last connection closes.
    """

    last: Reader

    def close(self) -> None:
        super().close()
        self.last.close()


def _with_constraints(path: Path, reader: Reader, patience: float, seconds: float) -> Reader:
    uri = f"{path.resolve().as_uri()}?mode=rw"
    checker = sqlite3.connect(uri, uri=True, timeout=patience, factory=_Checker)
    checker.last = reader
    checker.limit(seconds)
    checker.execute("pragma query_only = on")
    return checker


def _roll_back(path: Path) -> None:
    """Undo what a process that was killed while it made the file began, which a read-only connection may not do."""
    with contextlib.closing(
        sqlite3.connect(f"{path.resolve().as_uri()}?mode=rw", uri=True, timeout=PATIENCE)
    ) as connection:
        connection.execute("select 1 from sqlite_schema").fetchone()


_NOT_THERE = re.compile(r"no such (?P<kind>table|column): (?:\w+\.)?(?P<name>\w+)")


def _known(connection: sqlite3.Connection, kind: str, statement: str) -> list[str]:
    """Names of the tables and views, or of the columns of those that a statement names."""
    connection.set_authorizer(None)
    tables = "select name from sqlite_schema where type in ('table', 'view')"
    if kind == "table":
        return [name for (name,) in connection.execute(tables)]
    columns = f"select distinct c.name from ({tables} and instr(?, name)) t, pragma_table_info(t.name) c"  # noqa: S608  # of two constants
    return [name for (name,) in connection.execute(columns, (statement.casefold(),))]


def _refusal(connection: sqlite3.Connection, statement: str, error: sqlite3.Error) -> BaseException:
    code = getattr(error, "sqlite_errorcode", None)
    if sqlite_faults.is_interrupted(error):
        return KeyboardInterrupt()
    remedy = "see docs/schema.md for names of tables, and `eventstudy query --list` for those of queries"
    if missing := _NOT_THERE.match(str(error)):
        remedy = hint(missing["name"], _known(connection, missing["kind"], statement), remedy)
    if code == sqlite3.SQLITE_AUTH:
        remedy = "only reading is possible here"
    elif code == sqlite3.SQLITE_TOOBIG:
        remedy = f"a value has at most {LONGEST_VALUE // 1_000_000} MB here"
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
