"""The views of the schema, with the columns that other distributions add to them."""

from __future__ import annotations

import logging
import re
import sqlite3

from eventstudy.database import version
from eventstudy.errors import InputError
from eventstudy.registry.columns import ADDED, Column

_VIEW = re.compile(r"create view (\w+) as\n(.*?);\n", re.DOTALL)

log = logging.getLogger(__name__)


def outdated(connection: sqlite3.Connection) -> dict[str, str]:
    """What every view should select that selects something else: name → SELECT.

    The views stand in the file, so that every program that reads it sees the same columns. A column that SQLite cannot
    make is left out, with a warning.
    """
    added = _added()
    stored = dict(connection.execute("select name, sql from sqlite_schema where type = 'view'"))
    out: dict[str, str] = {}
    for name, select in _VIEW.findall(f"{version.schema().rstrip()}\n"):
        fitting: list[Column] = []
        for column in added.pop(name, []):
            if _fits(connection, name, _with(select, [*fitting, column]), column):
                fitting.append(column)
        body = _with(select, fitting)
        if stored.get(name, "").partition(" as\n")[2] != body:
            out[name] = body
    for column in (column for columns in added.values() for column in columns):
        log.warning("the column %s of a plug-in is left out: there is no such view", column.name)
    return out


def replace(connection: sqlite3.Connection, selects: dict[str, str]) -> None:
    """Make views anew; only call within a transaction."""
    for name, select in selects.items():
        connection.execute(f'drop view if exists "{name}"')
        connection.execute(f'create view "{name}" as\n{select}')


def _added() -> dict[str, list[Column]]:
    """The columns of plug-ins by view."""
    out: dict[str, list[Column]] = {}
    for name in ADDED.others:
        try:
            out.setdefault(ADDED[name].view, []).append(ADDED[name])
        except InputError as error:
            log.warning("%s", error)
    return out


def _with(select: str, columns: list[Column]) -> str:
    if not columns:
        return select
    more = ", ".join(f'({column.sql}) as "{column.column}"' for column in columns)
    return f"select *, {more} from (\n{select}\n)"  # noqa: S608  # of an installed distribution, which runs code anyway


def _fits(connection: sqlite3.Connection, view: str, body: str, column: Column) -> bool:
    """Whether SQLite can make the column."""
    try:
        taken = [found[0] for found in connection.execute(f"{body}\nlimit 0").description]
    except sqlite3.Error as error:
        problem = str(error)
    else:
        if column.column.isidentifier() and taken.count(column.column) == 1 and len(taken) == len(set(taken)):
            return True
        problem = f"{column.column!r} is a column of {view} already, or no name"
    log.warning("the column %s of a plug-in is left out: %s", column.name, problem)
    return False
