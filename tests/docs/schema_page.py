"""Make docs/schema.md from the database itself: ``python -m tests.docs.schema_page`` writes it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlite_utils import Database

from eventstudy.database import views
from eventstudy.database.columns import meaning
from eventstudy.database.migrations import migrations
from eventstudy.database.tables import TABLES
from eventstudy.database.units import unit
from tests.docs import schema_diagram

PAGE = Path(__file__).parents[2] / "docs" / "schema.md"

HEAD = """\
# The results database

One SQLite file, by default `var/eventstudy.db`. Ask it with `eventstudy query` ([the commonest questions](asking.md)),
with `sqlite3`, or with any program that reads SQLite. Returns are decimals (0.01 = 1 %), instants are text in UTC,
`YYYY-MM-DDTHH:MM:SSZ`, sessions are ISO dates, lists and objects are JSON text. Views have no order of their own. Every
table is STRICT. A number that could not be computed is null, with a reason beside it.

This page is made from the database (`python -m tests.docs.schema_page`), and a test keeps it so.

## How tables hang together

An arrow leads from a row to the one that it belongs to; rows of other parts that it belongs to are named in the box.

![The tables in their parts, with what their rows belong to](images/schema.svg)

"""
UNITS = """\
## Units

| unit | what it is |
|---|---|
| decimal | a return: 0.01 is 1 % |
| 0 to 1 | a probability or a share |
| number | without a unit: a statistic, a factor |
| unit of the source | a price, in what the source quotes |
| count | how many |
| sessions | trading days from event day 0; minutes in studies by the clock |
| 0 or 1 | no or yes |
| row | the number of a row |
| instant, UTC | `YYYY-MM-DDTHH:MM:SSZ` |
| date | `YYYY-MM-DD`, a session of the source |
| JSON | a list or an object |
| | text |
"""
TAIL = """\
## Columns of your own

Any installed distribution can add columns to the views. It names a `Column` of `eventstudy.registry.columns` under the
entry point group `eventstudy.columns`, called `view.column`:

```toml
[project.entry-points."eventstudy.columns"]
"reactions.car_percent" = "desk_columns:PERCENT"
```

```python
from eventstudy.registry.columns import Column

PERCENT = Column(name="reactions.car_percent", words="`car` in per cent.", unit="per cent", sql="100 * car")
```

The next pass makes the view anew, in the file: every program that reads it sees the column, and `eventstudy browse`
and `eventstudy query reactions --explain` say what it means. A column that SQLite cannot make is left out, with a
warning in the log of the pass. Without the package, the next pass makes the view as it is here.
"""


def extended() -> sqlite3.Connection:
    """The same with the columns that installed distributions add."""
    connection = database()
    views.replace(connection, views.outdated(connection))
    return connection


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


def indices(connection: sqlite3.Connection, table: str) -> str:
    """The columns that rows are found by, beside the key."""
    found = []
    for _, name, is_unique, origin, _ in connection.execute(f"pragma index_list({table})"):
        if origin != "pk":
            columns = [row[2] for row in connection.execute(f"pragma index_info({name})")]
            if None in columns:  # an expression, which only the statement names
                (sql,) = connection.execute("select sql from sqlite_master where name = ?", (name,)).fetchone()
                columns = sql.partition(" where ")[0].partition("(")[2].removesuffix(")").split(", ")
            named = ", ".join(f"`{column}`" for column in columns)
            found.append(f"{named}{' (unique)' if is_unique else ''}")
    return f"Indices: {'; '.join(sorted(found))}.\n" if found else ""


def page(connection: sqlite3.Connection | None = None) -> str:
    """The whole text, of the database as this version makes it unless another is given."""
    connection = connection or database()
    out = [HEAD + UNITS]
    for kind, title in (("view", "Views, made for people"), ("table", "Tables")):
        out.append(f"## {title}\n")
        for table in tables(connection, kind):
            out.append(f"### {table}\n\n{TABLES[table]}\n")
            if kind == "view":
                out.append("| column | unit | meaning |\n|---|---|---|")
                out += [
                    f"| {name} | {unit(name, table)} | {meaning(table, name)} |"
                    for name, _, _ in columns(connection, table)
                ]
            else:
                out.append("| column | type | unit | key | meaning |\n|---|---|---|---|---|")
                out += [
                    f"| {name} | {type_} | {unit(name, table)} | {key} | {meaning(table, name)} |"
                    for name, type_, key in columns(connection, table)
                ]
            out.append("")
            if found := indices(connection, table):
                out.append(found)
    return "\n".join([*out, TAIL])


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    schema_diagram.IMAGE.write_text(schema_diagram.picture(database()), encoding="utf-8")
