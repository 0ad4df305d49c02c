"""Pages that a change of their looks makes due."""

from __future__ import annotations

from sqlite_utils import Database

from eventstudy.database.connection import transaction
from eventstudy.report import appearance
from eventstudy.store import collections, cursors, states


def renew_pages(db: Database) -> None:
    """In another language, or with another theme, every page is to be made anew."""
    key = appearance.key()
    if cursors.cursor(db.conn, cursors.APPEARANCE) != key:
        with transaction(db) as connection:
            states.put_all_pages_due(connection)
            collections.put_all_pages_due(connection)
            cursors.put_cursor(connection, cursors.APPEARANCE, key)
