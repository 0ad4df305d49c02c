"""Seals: a hash of everything that an answer left in the archive, chained to the answer before it.

The bars are in it by their own hash. Whoever changes a row, or takes one out from between others, breaks the chain.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator

from eventstudy.archive.bars import Key

# Named one by one: a column that a later version adds must not break the seals of this one.
_COLUMNS = (
    "snapshot_id, source, symbol, bar, asked_from, asked_to, fetched_at, row_count, new_rows, content_hash, currency, "
    "version, notes, answered_from, answered_to, covered_from, covered_to, stored_hash, "
    "calendar"
)
_PARTS = (
    f"select {_COLUMNS} from snapshots where snapshot_id = ?",  # noqa: S608  # names of ours
    "select field, first_label, last_label, factor, why from rebases where snapshot_id = ? order by 1, 2",
    "select label, rule, detail from bar_marks where snapshot_id = ? order by 1, 2",
)


def put(connection: sqlite3.Connection, key: Key, snapshot_id: int) -> None:
    """Seal an answer, once all that belongs to it is written."""
    before = connection.execute(
        "select seal from snapshots where source = ? and symbol = ? and bar = ? and snapshot_id < ? "
        "order by snapshot_id desc limit 1",
        (*key, snapshot_id),
    ).fetchone()
    found = _seal(connection, snapshot_id, before[0] if before else None)
    connection.execute("update snapshots set seal = ? where snapshot_id = ?", (found, snapshot_id))


def broken(connection: sqlite3.Connection, key: Key) -> Iterator[str]:
    """The answers of a series that are not what was written, in words; those that nobody sealed are left out."""
    before = None
    for snapshot_id, fetched_at, seal in connection.execute(
        "select snapshot_id, fetched_at, seal from snapshots where source = ? and symbol = ? and bar = ? order by 1",
        key,
    ).fetchall():
        if seal is None and before is not None:
            yield f"the answer of {fetched_at} has no seal"
        elif seal is not None and seal != _seal(connection, snapshot_id, before):
            yield (
                f"the answer of {fetched_at}, what it rebased or marked, or the one before it, is not what was written"
            )
        before = seal


def _seal(connection: sqlite3.Connection, snapshot_id: int, before: str | None) -> str:
    rows = [connection.execute(sql, (snapshot_id,)).fetchall() for sql in _PARTS]
    return hashlib.sha256(json.dumps([before, rows], ensure_ascii=False).encode()).hexdigest()
