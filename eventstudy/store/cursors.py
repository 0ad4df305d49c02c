"""How far passes have got with what has no row of its own."""

from __future__ import annotations

import sqlite3

PRICES = "prices"  # the newest snapshot that passes know of
INDEX = "index"  # what the index of all events shows
APPEARANCE = "appearance"  # the language and theme that pages were made in
FILES = "files"  # the files of prices as passes have read them
ASSETS = "assets"  # version and pass that the pages of assets show


def cursor(connection: sqlite3.Connection, name: str) -> str:
    """Where a cursor stands; empty when it was never set."""
    row = connection.execute("select value from cursors where name = ?", (name,)).fetchone()
    return row[0] if row else ""


def put_cursor(connection: sqlite3.Connection, name: str, value: str) -> None:
    """Move a cursor, inside a transaction of the caller."""
    connection.execute(
        "insert into cursors values (?, ?) on conflict (name) do update set value = excluded.value", (name, value)
    )
