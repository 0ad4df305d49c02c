"""The pages of assets in a pass: those that have a new result."""

from __future__ import annotations

from pathlib import Path

from sqlite_utils import Database

from eventstudy import __version__
from eventstudy.database.connection import transaction
from eventstudy.database.faults import is_damage
from eventstudy.report.publish import publish_assets
from eventstudy.store import cursors, overview


def publish_assets_due(db: Database, reports: Path) -> list[str]:
    """Write the pages of the assets that have a result since the last time; return what went wrong.

    After a change of version all are written anew.
    """
    version, _, run_id = cursors.cursor(db.conn, cursors.ASSETS).rpartition(" ")
    newest = overview.newest_result(db.conn)
    try:
        publish_assets(db.conn, reports, int(run_id) if version == __version__ else 0)
    except Exception as error:  # whatever it is, the results and the other pages are there
        if is_damage(error):
            raise
        return [f"the pages of assets: {type(error).__name__}: {error}"]
    with transaction(db) as connection:
        cursors.put_cursor(connection, cursors.ASSETS, f"{__version__} {newest}")
    return []
