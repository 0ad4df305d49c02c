"""What happened to the assets of a bundle: a study by the minute compares with sessions on which nothing else did."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from eventstudy.bundle.described import event_of, event_row
from eventstudy.config.model import Config
from eventstudy.instants import parse, stamp_of
from eventstudy.records import Event, Int64Array
from eventstudy.study.clock.arranged import WEEKEND, nanoseconds_of
from eventstudy.study.clock.bar_archive import SECOND, BarArchive
from eventstudy.study.clock.part import Others
from jobs.minutes.bars import Bars


def packed(bars: Bars, events: Sequence[Event]) -> dict[str, Any]:
    """By asset of the events: when anything happened to it until the last of them, and the announcements near one."""
    out: dict[str, Any] = {}
    for asset in sorted({asset for event in events for asset in event.assets}):
        at = [nanoseconds_of(event.earliest) for event in events if asset in event.assets]
        others = bars.others(asset)
        near = [
            event_row(other)
            for other in bars.by_asset.get(asset, ())
            if min(abs(nanoseconds_of(other.earliest) - one) for one in at) <= WEEKEND
        ]
        out[asset] = {
            "announced": _stamps(others.own, max(at)),
            "known": _stamps(others.masks, max(at)),
            "near": near,
        }
    return out


def unpacked(config: Config, connection: sqlite3.Connection, row: Mapping[str, Any]) -> Bars:
    """Bars of the archive of a bundle, with what `packed` wrote down."""
    return Bars(
        archive=BarArchive(config=config, connection=connection),
        by_asset={asset: [event_of(other) for other in found["near"]] for asset, found in row.items()},
        releases=(),
        concerned={
            asset: Others(own=_instants(found["announced"]), masks=_instants(found["known"]))
            for asset, found in row.items()
        },
    )


def _stamps(instants: Int64Array, last: int) -> list[str]:
    return [stamp_of(at) for at in (instants[instants <= last] // SECOND).tolist()]


def _instants(stamps: Sequence[str]) -> Int64Array:
    return np.array([nanoseconds_of(parse(text)) for text in stamps], dtype=np.int64)
