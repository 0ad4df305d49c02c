"""The index and the pages of assets in a pass: those that show something new."""

from __future__ import annotations

from sqlite_utils import Database

from eventstudy import __version__
from eventstudy.config.model import Config
from eventstudy.database.connection import transaction
from eventstudy.database.faults import is_damage
from eventstudy.report import appearance
from eventstudy.report.places import INDEX
from eventstudy.report.publish import publish_assets, publish_index
from eventstudy.store import cursors, overview, states
from jobs import plan


def publish_index_due(db: Database, config: Config, run_id: int | None) -> list[str]:
    """Write the index of all events in the pass `run_id`, unless it shows just that already; what went wrong."""
    reports = config.reports
    pages = plan.pages_in(reports)
    key = states.index_key(db.conn, pages, __version__ + appearance.key())
    if INDEX in pages and key == cursors.cursor(db.conn, cursors.INDEX):
        return []
    troubles = _publish_assets_due(db, config, run_id)
    try:
        publish_index(config.database, reports)
    except OSError as error:
        return [f"{reports}: {error.strerror or error}; results are stored, the index of all pages is not"]
    with transaction(db) as connection:
        cursors.put_cursor(connection, cursors.INDEX, key)
    return troubles


def _publish_assets_due(db: Database, config: Config, this: int | None) -> list[str]:
    """Write the pages of the assets that have a result since the last time.

    After a change of version, language or theme all are written anew.
    """
    version, _, run_id = cursors.cursor(db.conn, cursors.ASSETS).rpartition(" ")
    now, newest = f"{__version__} {appearance.key()}", overview.newest_result(db.conn)
    try:
        publish_assets(db.conn, config.reports, int(run_id) if version == now else 0, but_of=this)
    except Exception as error:  # whatever it is, the results and the other pages are there
        if is_damage(error):
            raise
        return [f"the pages of assets: {type(error).__name__}: {error}"]
    with transaction(db) as connection:
        cursors.put_cursor(connection, cursors.ASSETS, f"{now} {newest}")
    return []
