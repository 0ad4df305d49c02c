"""What tells the stored bars of a series from others, without reading them: answers are never changed."""

from __future__ import annotations

import sqlite3

from eventstudy.archive.bars import Key, series_of
from eventstudy.archive.confirmations import BY_THE_MINUTE

_HASH = "coalesce(n.stored_hash, n.content_hash)"
# Of most answers the days that they hold tell it: a bar starts, in UTC, within a day of its session.
_ANSWERS = f"""
select {_HASH} from snapshots n join series s using (source, symbol, bar)
where s.series_id = ?1 and n.new_rows > 0 and (
    strftime('%s', n.answered_to, '+2 days') + 0 <= ?2
    or exists (
        select 1 from bar_versions v where v.series_id = ?1 and v.snapshot_id = n.snapshot_id
        and v.label >= coalesce(strftime('%s', n.answered_from, '-1 day') + 0, -1e18) and v.label < ?2
    )
) order by n.snapshot_id
"""  # noqa: S608  # see _HASH
_REBASES = (
    f"select field, first_label, last_label, factor, {_HASH} from rebases r join snapshots n using (snapshot_id) "  # noqa: S608
    "where r.series_id = ?1 and first_label < ?2 order by 1, 2, 3, snapshot_id"
)
_CONFIRMED = (
    f"select label, {_HASH} from confirmed_prices c join snapshots n using (snapshot_id) "  # noqa: S608
    f"where c.series_id = ?1 and label < ?2 and rule = '{BY_THE_MINUTE}' order by 1, 2"
)


def state_before(connection: sqlite3.Connection, key: Key, label: int) -> tuple[list[tuple[object, ...]], ...]:
    """The answers with bars of a series before a label, how they were rebased, and what a person confirmed of them.

    Equal states, equal bars.
    """
    of = (series_of(connection, key), label)
    return tuple(connection.execute(sql, of).fetchall() for sql in (_ANSWERS, _REBASES, _CONFIRMED))


def has_bars(connection: sqlite3.Connection, key: Key, first: int, last: int) -> bool:
    """Whether bars of a series start from `first` up to, and without, `last`."""
    found = connection.execute(
        "select exists (select 1 from bar_versions where series_id = ? and label >= ? and label < ?)",
        (series_of(connection, key), first, last),
    ).fetchone()
    return bool(found[0])
