"""A bar in doubt that a person confirms."""

from __future__ import annotations

import datetime as dt

import numpy as np

from eventstudy.archive import bars as archived
from eventstudy.archive.confirmations import confirm_bar as write_confirmation
from eventstudy.archive.read import reading as archive_reading
from eventstudy.calendars import extended_hours, trading_hours
from eventstudy.config.model import Config
from eventstudy.errors import InputError
from eventstudy.instants import stamp
from eventstudy.store import ledger, states
from eventstudy.store.collections import live_events
from eventstudy.study.clock.bar_archive import SECOND, BarArchive
from eventstudy.study.clock.bars import SIZES
from eventstudy.study.clock.doubts import with_doubts
from eventstudy.study.clock.hours import Market
from eventstudy.study.clock.sizes import bars_of

SHOWN = 3


def confirm_bar(
    config: Config, asset: str, start: dt.datetime, bar: str, *, by: str, reason: str, now: dt.datetime
) -> list[str]:
    """Write down that a person confirms a bar of an asset; the next pass studies what rests on it again.

    Returns
    -------
    list of str
        What was in doubt, in words.

    Raises
    ------
    InputError
        When that bar is not in doubt.
    """
    with ledger.writing(config.database) as connection:
        archive = BarArchive(config=config, connection=connection)
        what = _doubt(archive, asset, bar, start)
        key, first = archive.key(asset, _size(archive, asset, bar, start)), int(start.timestamp())
        # a bar that is made of finer ones is confirmed with all of them
        stored = archived.read(connection, key, between=(first, first + 60 * SIZES[bar] - 1))
        for label, owner in zip(stored.labels.tolist(), stored.owners.tolist(), strict=True):
            write_confirmation(connection, key, label, owner, by=by, reason=reason, at=now)
        why = f"{bar} bar of {asset} at {stamp(start)} confirmed"
        explains = any(asset in study.explained_by for study in config.clock_studies)
        resting = [
            event
            for event in live_events(connection)
            if event.kind != "context" and (explains or asset in event.assets)
        ]
        states.put_pending(connection, [(event.event_id, why) for event in resting])
        return [what]


def doubted_bar(config: Config, asset: str, start: dt.datetime, bar: str) -> list[str]:
    """What `confirm_bar` would confirm, in words; it writes nothing, and raises as that does."""
    with archive_reading(config.database) as connection:
        return [_doubt(BarArchive(config=config, connection=connection), asset, bar, start)]


def _doubt(archive: BarArchive, asset: str, bar: str, start: dt.datetime) -> str:
    """Why a bar is in doubt."""
    doubts, label = _doubts(archive, asset, bar, start), int(start.timestamp())
    if label not in doubts:
        some = ", ".join(stamp(dt.datetime.fromtimestamp(at, dt.UTC)) for at in sorted(doubts)[:SHOWN])
        raise InputError(
            f"no bar of {bar} of {asset} is in doubt there",
            where="DATE",
            value=stamp(start),
            remedy=f"in doubt are {some}" if some else "none of its bars is",
        )
    return doubts[label]


def _size(archive: BarArchive, asset: str, bar: str, start: dt.datetime) -> str:
    """Size of the stored bars that a bar is, or is made of."""
    at = int(start.timestamp()) * SECOND
    return archive.size(asset, bar, (at, at))


def _doubts(archive: BarArchive, asset: str, bar: str, start: dt.datetime) -> dict[int, str]:
    """Start of every bar in doubt, in seconds, and why; of the stored size, or made of the finer ones near `start`."""
    at = int(start.timestamp()) * SECOND
    rows, _ = archive.rows(asset, bar, (at, at))
    calendar = archive.calendar(asset)
    if not rows.starts.size or not calendar:
        return {}
    first, last = (np.datetime64(int(t), "ns").astype("datetime64[D]").item() for t in rows.starts[[0, -1]])
    is_extended = any(study.extended for study in archive.config.clock_studies if study.bar == bar)
    hours = (extended_hours if is_extended else trading_hours)(calendar, first, last + dt.timedelta(days=7))
    found, _ = with_doubts(bars_of(asset, rows, Market.of(calendar, hours), bar, []), how="")
    return {int(found.starts[place]) // SECOND: words for place, words in found.doubts.items()}
