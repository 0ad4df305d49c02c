"""What a pass without news may still have to do for the night. Imports little, for nights without news."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Sequence

from eventstudy.config.model import Config
from eventstudy.database import reading
from eventstudy.errors import StoreError
from eventstudy.records import Event
from eventstudy.store import states
from jobs.capture_plan import Capture, Done, Place, done_before, due, recent

# Kinds of source that have intraday bars; what one really has it says itself, when it is opened.
_WITH_BARS = ("yahoo",)


def has_chores(config: Config, events: Sequence[Event], now: dt.datetime) -> bool:
    """Whether there are bars to capture, somebody to tell, or a digest that was not written.

    Parameters
    ----------
    config : Config
    events : sequence of Event
    now : datetime
        UTC.
    """
    if config.notify is not None and config.notify.when == "always":
        return True
    try:
        connection = reading.connect(config.database)
    except StoreError:
        return True  # no database yet, or a damaged one: for whoever opens it for writing
    try:
        (newest,) = connection.execute("select max(run_id) from runs where status <> 'running'").fetchone()
        told = int(states.mark(connection, states.TOLD) or 0) if states.is_known(connection) else 0
        done = done_before(connection)
    finally:
        connection.close()
    if config.notify is not None and newest is not None and newest > told:
        return True
    return not _has_digest(config, newest) or bool(_captures(config, recent(config.captures, events, now), done, now))


def _has_digest(config: Config, newest: int | None) -> bool:
    """Whether the page of the digest is of the newest pass; one that was killed may have left an older one."""
    page = config.reports / "digest.html"
    try:
        return newest is None or f'<meta name="run" content="{newest}">' in page.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return False


def captures_due(config: Config, events: Sequence[Event], now: dt.datetime) -> list[Capture]:
    """The captures that a pass over `events` would ask for, by the database as it is on the disk."""
    done: dict[Place, Done] = {}
    if config.database.is_file() and config.database.stat().st_size:
        with contextlib.closing(reading.connect(config.database)) as connection:
            if states.is_known(connection):
                done = done_before(connection)
    return _captures(config, recent(config.captures, events, now), done, now)


def _captures(config: Config, young: Sequence[Event], done: dict[Place, Done], now: dt.datetime) -> list[Capture]:
    offered = {name: config.captures.bars for name, source in config.sources.items() if source.kind in _WITH_BARS}
    if not young or not offered:
        return []
    from jobs.pull import symbols_for  # heavy, and most nights have nothing to capture

    return due(config.captures, young, lambda event: symbols_for(config, event), offered, done, now)
