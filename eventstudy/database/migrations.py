"""The schema of the results database: `schema.sql` until 1.0.0, and the numbered migrations that follow it."""

from __future__ import annotations

import importlib.resources

from sqlite_utils import Database, Migrations

migrations = Migrations("eventstudy")


@migrations()
def schema_1(db: Database) -> None:
    """Every table, index and view of `schema.sql`."""
    text = (importlib.resources.files("eventstudy.database") / "schema.sql").read_text("utf-8")
    for statement in text.split(";\n"):
        if statement.strip():
            db.execute(statement)
