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
from eventstudy.study.clock.bars import MINUTE, SIZES, Bars, make_bars
from eventstudy.study.clock.doubts import with_doubts
from eventstudy.study.clock.hours import Market

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
        key, label = archive.key(asset, bar), int(start.timestamp())
        stored = archived.read(connection, key)
        what = _doubt(archive, asset, bar, start)
        owner = int(stored.owners[int(np.searchsorted(stored.labels, label))])
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
    doubts, label = _doubts(archive, asset, bar), int(start.timestamp())
    if label not in doubts:
        some = ", ".join(stamp(dt.datetime.fromtimestamp(at, dt.UTC)) for at in sorted(doubts)[:SHOWN])
        raise InputError(
            f"no bar of {bar} of {asset} is in doubt there",
            where="DATE",
            value=stamp(start),
            remedy=f"in doubt are {some}" if some else "none of its bars is",
        )
    return doubts[label]


def _doubts(archive: BarArchive, asset: str, bar: str) -> dict[int, str]:
    """Start of every stored bar in doubt, in seconds, and why."""
    rows, size = archive.rows(asset, bar, (0, 2**62))
    calendar = archive.calendar(asset)
    if size != bar or not rows.starts.size or not calendar:
        return {}
    first, last = (np.datetime64(int(t), "ns").astype("datetime64[D]").item() for t in rows.starts[[0, -1]])
    is_extended = any(study.extended for study in archive.config.clock_studies if study.bar == bar)
    hours = (extended_hours if is_extended else trading_hours)(calendar, first, last + dt.timedelta(days=7))
    bars: Bars = make_bars(asset, Market.of(calendar, hours), SIZES[bar] * MINUTE, rows.starts, rows.columns)
    found, _ = with_doubts(bars, how="")
    return {int(found.starts[place]) // SECOND: words for place, words in found.doubts.items()}
