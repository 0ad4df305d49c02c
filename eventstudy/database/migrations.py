"""The schema of the results database: `schema.sql` until 1.0.0, and the numbered migrations that follow it."""

from __future__ import annotations

from sqlite_utils import Database, Migrations

from eventstudy.database import version

migrations = Migrations("eventstudy")


@migrations(name=version.current())
def schema_1(db: Database) -> None:
    """Every table, index and view of `schema.sql`."""
    for statement in version.schema().split(";\n"):
        if statement.strip():
            db.execute(statement)
