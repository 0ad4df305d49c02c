"""Make docs/schema.md from the database itself: ``python -m tests.docs.schema_page`` writes it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlite_utils import Database

from eventstudy.database.columns import TABLES, meaning
from eventstudy.database.migrations import migrations

PAGE = Path(__file__).parents[2] / "docs" / "schema.md"

HEAD = """\
# The results database

One SQLite file, by default `var/eventstudy.db`. Ask it with `eventstudy query`, with `sqlite3`, or with any program
that reads SQLite. Returns are decimals (0.01 = 1 %), instants are text in UTC, `YYYY-MM-DDTHH:MM:SSZ`, sessions are
ISO dates, lists and objects are JSON text. Views have no order of their own. Every table is STRICT. A number that could
not be computed is null, with a reason beside it.

This page is made from the database (`python -m tests.docs.schema_page`), and a test keeps it so.
"""


def database() -> sqlite3.Connection:
    """An empty database, as this version makes it."""
    db = Database(memory=True)
    migrations.apply(db)
    return db.conn


def tables(connection: sqlite3.Connection, kind: str) -> list[str]:
    rows = connection.execute(
        "select name from sqlite_schema where type = ? and name not like '\\_%' escape '\\'", (kind,)
    )
    return [name for (name,) in rows if not name.startswith("sqlite_")]


def columns(connection: sqlite3.Connection, table: str) -> list[tuple[str, str, str]]:
    """Name, type and key of each column."""
    keys = {row[3]: f"→ {row[2]}" for row in connection.execute(f"pragma foreign_key_list({table})")}
    return [
        (name, kind.lower() or "real", " ".join(filter(None, ["key" if key else "", keys.get(name, "")])))
        for _, name, kind, _, _, key in connection.execute(f"pragma table_info({table})")
    ]


def page() -> str:
    """The whole text."""
    connection = database()
    out = [HEAD]
    for kind, title in (("view", "Views, made for people"), ("table", "Tables")):
        out.append(f"## {title}\n")
        for table in tables(connection, kind):
            out.append(f"### {table}\n\n{TABLES[table]}\n")
            if kind == "view":
                out.append("| column | meaning |\n|---|---|")
                out += [f"| {name} | {meaning(table, name)} |" for name, _, _ in columns(connection, table)]
            else:
                out.append("| column | type | key | meaning |\n|---|---|---|---|")
                out += [
                    f"| {name} | {type_} | {key} | {meaning(table, name)} |"
                    for name, type_, key in columns(connection, table)
                ]
            out.append("")
    return "\n".join(out)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
