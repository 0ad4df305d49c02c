"""Prices in doubt that a person confirmed: who, when and why."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from eventstudy.archive.bars import EVER, Bars, Key, series_of
from eventstudy.evidence.flags import Flag
from eventstudy.instants import stamp


def with_confirmations(
    connection: sqlite3.Connection, key: Key, bars: Bars, flags: Iterable[Flag], as_of: dt.datetime | None
) -> list[Flag]:
    """`flags`, those that a person confirmed with who, when and why.

    It holds for the version of the bar that was confirmed: when the source gives another price, that is a new doubt.
    """
    flags = list(flags)
    if not any(flag.is_doubt for flag in flags):
        return flags
    rows = connection.execute(
        "select label, rule, snapshot_id, confirmed_by, confirmed_at, reason from confirmed_prices "
        "where series_id = ? and confirmed_at <= ?",
        (series_of(connection, key), stamp(as_of) if as_of else EVER),
    ).fetchall()
    if not rows:
        return flags
    known = {
        (label, rule, snapshot_id): f"confirmed by {who} on {at[:10]}: {why}"
        for label, rule, snapshot_id, who, at, why in rows
    }
    return [replace(flag, confirmed=known.get((flag.since, flag.rule, _owner(bars, flag.since)), "")) for flag in flags]


def confirm(
    connection: sqlite3.Connection,
    key: Key,
    bars: Bars,
    flags: Iterable[Flag],
    *,
    by: str,
    reason: str,
    at: dt.datetime,
) -> None:
    """Write down that a person confirmed what `flags` doubt; inside a transaction of the caller."""
    series_id = series_of(connection, key)
    connection.executemany(
        "insert or replace into confirmed_prices (series_id, label, rule, snapshot_id, confirmed_by, confirmed_at, "
        "reason) values (?, ?, ?, ?, ?, ?, ?)",
        {(series_id, flag.since, flag.rule, _owner(bars, flag.since), by, stamp(at), reason) for flag in flags},
    )


def _owner(bars: Bars, label: int) -> int:
    """The answer that a bar is from."""
    return int(bars.owners[int(np.searchsorted(bars.labels, label))])
