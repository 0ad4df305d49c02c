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
from eventstudy.records import Int64Array


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


BY_THE_MINUTE = "by-the-minute"  # what stands for all rules that a bar of less than a day breaks


def confirm_bar(
    connection: sqlite3.Connection, key: Key, label: int, owner: int, *, by: str, reason: str, at: dt.datetime
) -> None:
    """Write down that a person confirmed a bar of less than a day; inside a transaction of the caller."""
    connection.execute(
        "insert or replace into confirmed_prices (series_id, label, rule, snapshot_id, confirmed_by, confirmed_at, "
        "reason) values (?, ?, ?, ?, ?, ?, ?)",
        (series_of(connection, key), label, BY_THE_MINUTE, owner, by, stamp(at), reason),
    )


def confirmed_bars(connection: sqlite3.Connection, key: Key, labels: Int64Array, owners: Int64Array) -> list[int]:
    """Labels of the bars that a person confirmed in the version that `owners`, the answers they are from, gave."""
    rows = connection.execute(
        "select label, snapshot_id from confirmed_prices where series_id = ? and rule = ? order by label",
        (series_of(connection, key), BY_THE_MINUTE),
    ).fetchall()
    places = np.searchsorted(labels, [label for label, _ in rows]).tolist() if rows else []
    return [
        label
        for place, (label, owner) in zip(places, rows, strict=True)
        if place < labels.size and labels[place] == label and owners[place] == owner
    ]


def _owner(bars: Bars, label: int) -> int:
    """The answer that a bar is from."""
    return int(bars.owners[int(np.searchsorted(bars.labels, label))])
