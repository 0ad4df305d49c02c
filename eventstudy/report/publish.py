"""Writing pages so that a reader never sees half of one."""

from __future__ import annotations

import contextlib
import re
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from eventstudy import atomic
from eventstudy.config.fields import RESERVED_PAGE
from eventstudy.database import reading
from eventstudy.errors import InputError
from eventstudy.report.places import ASSETS, COLLECTIONS, FEED, OLDER
from eventstudy.store import content

if TYPE_CHECKING:
    from eventstudy.store.read import EventBatch

SAFE_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,79}")


def publish_event(
    connection: sqlite3.Connection, reports: Path, event_id: str, *, fresh: EventBatch | None = None, sync: bool = True
) -> tuple[Path, tuple[str, tuple[str, ...]]]:
    """Render the page of one stored event and put it in place; return its path, and its verdict and sentences.

    Results that are not of a `fresh` batch, written a moment ago, are held against their hashes before. Without
    `sync` the folder is to be synced after the last of several pages.

    Raises
    ------
    AlteredResults
        The page is then as it was.
    """
    from eventstudy.report.page import render_event

    if not SAFE_NAME.fullmatch(event_id) or RESERVED_PAGE.fullmatch(event_id):
        raise InputError(
            "cannot name a page",
            where="event",
            value=event_id,
            remedy="use another id of small letters, digits and hyphens",
        )
    if fresh is None:
        content.refuse_altered(connection, event_id)
    path = reports / f"{event_id}.html"
    page, answer = render_event(connection, event_id, fresh)
    put(path, page, sync_folder=sync)
    return path, answer


def publish_collection(database: Path, reports: Path, collection_id: str, *, but_of: int | None = None) -> Path:
    """Render the page of one stored collection and put it in place; return its path.

    Results of the pass `but_of`, which wrote them a moment ago, are not held against their hashes.
    """
    from eventstudy.report.collection_page import render_collection

    path = reports / COLLECTIONS / f"{collection_id}.html"
    put(path, render_collection(database, collection_id, but_of=but_of))
    return path


def publish_index(database: Path, reports: Path) -> list[Path]:
    """Render the index of all events, with the pages of older ones, and the feed of verdicts; return their paths.

    The first is that of the index itself.
    """
    from eventstudy.report.feed import render_feed
    from eventstudy.report.findings import event_answer
    from eventstudy.report.index_page import index_files
    from eventstudy.store import read
    from eventstudy.store.read import EventResults

    written = []
    for name, page in index_files(database, {p.stem for p in reports.glob("*.html")}):
        put(reports / name, page)
        written.append(reports / name)
    for old in {*(reports / OLDER).glob("*")}.difference(written):
        old.unlink(missing_ok=True)
    with contextlib.closing(reading.connect(database)) as connection:

        def answer_of(row: reading.Row) -> tuple[str, tuple[str, ...]]:
            return event_answer(EventResults(connection, read.event(connection, row["event_id"])))

        put(reports / FEED, render_feed(connection, answer_of))
    return [*written, reports / FEED]


def publish_assets(
    connection: sqlite3.Connection, reports: Path, since: int, *, but_of: int | None = None
) -> list[Path]:
    """Render the pages of assets and put them in place, those of assets that are no more taken away.

    Parameters
    ----------
    connection : sqlite3.Connection
    reports : Path
    since : int
        Number of a pass: pages of assets that have no newer result stay as they are.
    but_of : int, optional
        Number of the pass that writes: its results, of a moment ago, are not held against their hashes.

    Returns
    -------
    list of Path
        Of every asset, written now or before.
    """
    from eventstudy.report.asset_page import page_names, render_asset
    from eventstudy.store import overview

    folder = reports / ASSETS
    content.refuse_altered_studies(connection)
    names = page_names(row["asset"] for row in overview.assets(connection))
    changed = overview.assets_since(connection, since)
    pages = {path.stem for path in reports.glob("*.html")}
    for asset, name in names.items():
        path = folder / f"{name}.html"
        if asset in changed or not path.exists():
            content.refuse_altered_asset(connection, asset, but_of=but_of)
            put(path, render_asset(connection, asset, pages))
    for old in folder.glob("*.html"):
        if old.stem not in names.values():
            old.unlink(missing_ok=True)
    return [folder / f"{name}.html" for name in names.values()]


def put(path: Path, text: str, *, sync_folder: bool = True) -> bool:
    """Replace `path` by `text` as one step, surviving a crash at any moment; return False when it was the same."""
    if not path.parent.is_dir():
        path.parent.mkdir(parents=True, exist_ok=True)
    # for the web server too, whatever the umask
    return atomic.put(path, text.encode(), mode=0o644, sync_folder=sync_folder)


def sync(folder: Path) -> list[str]:
    """Have the disk keep the pages that were put into a folder; what is wrong, where it will not say that it does."""
    try:
        atomic.sync(folder)
    except OSError as error:
        return [f"{folder}: {error.strerror or error}"]
    return []
