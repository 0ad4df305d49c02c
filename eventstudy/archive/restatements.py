"""Whether an answer shows, or lets expect, that its source has restated what is stored."""

from __future__ import annotations

import datetime as dt
import sqlite3

import numpy as np

from eventstudy.archive import bars as store
from eventstudy.archive import rebase
from eventstudy.archive.arrange import arrange
from eventstudy.archive.bars import Key
from eventstudy.archive.flags import quotes_of
from eventstudy.calendars import session_date
from eventstudy.evidence.rules import examine
from eventstudy.records import Snapshot

AWAITED = 60  # days for which a split that was not applied may yet be


def calls_for_all(connection: sqlite3.Connection, snapshot: Snapshot, asked: tuple[dt.date, dt.date]) -> bool:
    """Whether all that is stored must be asked for again, after `snapshot`, which holds a part of it.

    That is so when a price is other than it was known, when there is a split that was not known, and as long as a
    split is known that the prices before it do not show: the source has changed its unit, or will do so any day.
    """
    key = (snapshot.source, snapshot.symbol, snapshot.bar)
    given = arrange(snapshot, asked).bars
    known = store.within(connection, key, given)
    here, there = np.isin(given.labels, known.labels), np.isin(known.labels, given.labels)
    series_id = store.series_of(connection, key)
    (stored,) = connection.execute(
        "select count(distinct label) from bar_versions where series_id = ?", (series_id,)
    ).fetchone()
    if stored <= there.sum():
        return False
    return (
        rebase.is_restated(known.at(there), given.at(here))
        or rebase.has_new_split(known, given)
        or _has_open_split(connection, key, series_id)
    )


def leaves_behind(connection: sqlite3.Connection, snapshot: Snapshot) -> dt.date | None:
    """The last session that `snapshot` restates, when what is stored after its last bar would stay in the old unit."""
    key = (snapshot.source, snapshot.symbol, snapshot.bar)
    given = arrange(snapshot, (dt.date.min, dt.date.max)).bars
    known = store.read(connection, key)
    if not (known.size and given.size) or known.labels[-1] <= given.labels[-1]:
        return None
    both = np.intersect1d(given.labels, known.labels)
    before, after = known.at(np.isin(known.labels, both)), given.at(np.isin(given.labels, both))
    for column in (store.CLOSE, store.ADJUSTED):
        found = rebase.stretches(both, before.values[:, column], after.values[:, column])
        if found and found[-1][1] == both[-1]:
            return session_date(after.sessions[-1])
    return None


def _has_open_split(connection: sqlite3.Connection, key: Key, series_id: int | None) -> bool:
    """Whether a split of the last weeks is still to be seen in the prices before it."""
    since = "(select max(label) from bar_versions where series_id = ?1) - ?2"
    found = connection.execute(
        f"select 1 from bar_versions where series_id = ?1 and label >= {since} "  # noqa: S608  # text of ours
        "and split is not null and split not in (0, 1) limit 1",
        (series_id, AWAITED * store.DAY_SECONDS),
    ).fetchone()
    if not found:
        return False
    bars = store.read(connection, key)
    recent = bars.labels >= bars.labels[-1] - AWAITED * store.DAY_SECONDS
    return any(f.rule == "split-not-applied" and recent[bars.labels == f.label].any() for f in examine(quotes_of(bars)))
