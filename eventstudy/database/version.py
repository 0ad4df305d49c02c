"""Which schema a database has, and what to do with one that has another: standard library only."""

from __future__ import annotations

import binascii
import functools
import shlex
import sqlite3
from pathlib import Path

from eventstudy.errors import StoreError

_LEDGER = "_sqlite_migrations"
# What cannot be made again, as `eventstudy prices import` reads it: file, table that it needs, and the question.
_CARRIED = (
    ("snapshots", "snapshots", "select * from snapshots"),
    ("bars", "bar_versions", "select * from bars"),
    ("rebases", "rebases", "select s.source, s.symbol, s.bar, r.* from rebases r join series s using (series_id)"),
    ("flags", "bar_flags", "select s.source, s.symbol, s.bar, f.* from bar_flags f join series s using (series_id)"),
    ("flags", "bar_marks", "select s.source, s.symbol, s.bar, f.* from bar_marks f join series s using (series_id)"),
)


@functools.cache
def schema() -> str:
    """The text of `schema.sql`."""
    return Path(__file__).with_name("schema.sql").read_text("utf-8")


@functools.cache
def current() -> str:
    """Name of the migration that makes this schema: until 1.0.0 another text is another schema."""
    return f"schema_1_{binascii.crc32(schema().encode()):08x}"


def refuse_other(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a database that has tables, and other ones than this version makes.

    Raises
    ------
    StoreError
        When it was made by another version of eventstudy, or by another program; with the commands that carry over
        what cannot be made again.
    """
    tables = {name for (name,) in connection.execute("select name from sqlite_schema where type = 'table'")}
    applied = set[str]()
    if _LEDGER in tables:
        applied = {name for (name,) in connection.execute(f"select name from {_LEDGER}")}  # noqa: S608  # our own name
    if applied == {current()}:
        return
    if not applied:
        # a process killed while it made the file may leave the empty table of migrations behind
        if tables - {_LEDGER}:
            raise StoreError(f"{path} is not a results database, but a database of another program; name another file")
        return
    if newer := sorted(applied - {current()}) if current() in applied else []:
        raise StoreError(
            f"{path} was made by a newer version of eventstudy ({', '.join(newer)}); upgrade eventstudy, or name "
            "another file"
        )
    raise StoreError("\n".join(_carry_over(path, tables)))


def _carry_over(path: Path, tables: set[str]) -> list[str]:
    """What to type, line by line."""
    old, moved = shlex.quote(str(path)), shlex.quote(f"{path}.old")
    lines = [
        f"{path} was made by another version of eventstudy, with other tables.",
        "Results are made anew; prices with their history, and events added by hand, are carried over.",
        "In the folder of the settings, with the version that made it:",
        "  mkdir carried",
    ]
    lines += [
        f'  eventstudy query "{sql}" --db {old} --format csv > carried/{name}.csv'
        for name, table, sql in _CARRIED
        if table in tables
    ]
    lines += [
        "  eventstudy events list --origin added --json > carried/events.json",
        "and with this version:",
        f"  mv {old} {moved}",
        f"  rm -f {shlex.quote(f'{path}.heartbeat.json')}",
        "  eventstudy prices import carried",
        "  eventstudy events import carried/events.json",
    ]
    return lines
