"""Which days of a series have been asked for, and which are to be asked for next."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterable, Sequence

import numpy as np

from eventstudy.archive.bars import DAY_SECONDS, EVER, Key, series_of
from eventstudy.instants import stamp
from eventstudy.prices.source import UNASKED
from eventstudy.records import SessionArray

Span = tuple[dt.date, dt.date]  # first and last day, both included

OVERLAP = 5  # bars asked for again, to see whether they were revised
RECENT = dt.timedelta(days=10)  # the end of a span this young is asked for again
JOINED = dt.timedelta(days=30)  # spans this near to each other are one question

_DAY = dt.timedelta(days=1)


def covered(connection: sqlite3.Connection, key: Key, as_of: dt.datetime | None = None) -> list[Span]:
    """Days that answers have settled, as spans that do not touch, oldest first."""
    rows = connection.execute(
        "select min(coalesce(covered_from, asked_from)), covered_to from snapshots where source = ? and symbol = ? "
        "and bar = ? and fetched_at <= ? and covered_to is not null group by covered_to",
        (*key, stamp(as_of) if as_of else EVER),
    )
    return join(((dt.date.fromisoformat(a), dt.date.fromisoformat(b)) for a, b in rows), gap=dt.timedelta(0))


def is_covered(connection: sqlite3.Connection, key: Key, span: Span) -> bool:
    """Whether every day of `span` is settled."""
    return any(first <= span[0] and span[1] <= last for first, last in covered(connection, key))


def missing(
    connection: sqlite3.Connection, key: Key, wanted: Iterable[Span], today: dt.date, again: Iterable[Span] = ()
) -> list[Span]:
    """What has to be asked so that every day of `wanted` is settled, oldest first.

    Days that no answer settled, with the last `OVERLAP` bars before them and the first after them where those are
    known, so that a revision or a new unit of prices is seen; and the end of every span that is still young.

    Parameters
    ----------
    connection : sqlite3.Connection
    key : (source, symbol, bar)
    wanted : iterable of (date, date)
    today : date
    again : iterable of (date, date)
        Days to be asked for whether they are settled or not.
    """
    series_id = series_of(connection, key)
    have = covered(connection, key)
    pieces: list[Span] = []
    pieces += again
    for span in join(wanted):
        pieces += (_widened(connection, series_id, piece, have) for piece in _holes(span, have))
        if span[1] >= today - RECENT:
            # never from before the span: what is known of other years is no reason to ask for those between
            pieces.append((_bar_before(connection, series_id, span[1], span[0]) or span[1], span[1]))
    return join(pieces)


def join(spans: Iterable[Span], gap: dt.timedelta = JOINED) -> list[Span]:
    """Spans in order, those joined that touch or lie at most `gap` apart."""
    out: list[Span] = []
    for first, last in sorted(spans):
        # compared as differences: a day may be the last that there is
        if out and first - out[-1][1] <= gap + _DAY:
            out[-1] = (out[-1][0], max(out[-1][1], last))
        elif first <= last:
            out.append((first, last))
    return out


def after_unasked(sessions: SessionArray, have: Sequence[Span]) -> list[int]:
    """Positions of the bars before which more than `UNASKED` days lie that nobody asked for."""
    out = []
    for i in (np.flatnonzero(np.diff(sessions) > np.timedelta64(UNASKED, "D")) + 1).tolist():
        between = (sessions[i - 1].item() + _DAY, sessions[i].item() - _DAY)
        if any((last - first).days >= UNASKED for first, last in _holes(between, have)):
            out.append(i)
    return out


def _holes(span: Span, have: Sequence[Span]) -> list[Span]:
    """The days of `span` that are in none of the spans `have`, which are in order."""
    out, first = [], span[0]
    for start, end in have:
        if end < first:
            continue
        if start > span[1]:
            break
        if start > first:
            out.append((first, start - _DAY))
        if end >= span[1]:
            return out
        first = end + _DAY
    return [*out, (first, span[1])]


def _widened(connection: sqlite3.Connection, series_id: int | None, piece: Span, have: Sequence[Span]) -> Span:
    first, last = piece
    for start, end in have:
        # what is known beyond the neighbour is not asked for: it may lie years away; a few days between are, since
        # returns are computed over them
        if 1 <= (piece[0] - end).days <= UNASKED + 1:
            first = _bar_before(connection, series_id, end, start) or end
        if 1 <= (start - piece[1]).days <= UNASKED + 1:
            last = _bar_after(connection, series_id, start, end) or start
    return first, last


def _bar_before(connection: sqlite3.Connection, series_id: int | None, day: dt.date, since: dt.date) -> dt.date | None:
    """Session of the `OVERLAP`-th bar back from `day`, or of the first since `since`; None where there is none."""
    return _session(
        connection,
        "select distinct label, session from bar_versions where series_id = ? and label < ? and label >= ? "
        "order by label desc limit ?",
        (series_id, (_number(day) + 1) * DAY_SECONDS, _number(since) * DAY_SECONDS, OVERLAP),
    )


def _bar_after(connection: sqlite3.Connection, series_id: int | None, day: dt.date, until: dt.date) -> dt.date | None:
    """The same forward from `day`, up to `until`."""
    return _session(
        connection,
        "select distinct label, session from bar_versions where series_id = ? and label >= ? and label < ? "
        "order by label limit ?",
        (series_id, _number(day) * DAY_SECONDS, (_number(until) + 1) * DAY_SECONDS, OVERLAP),
    )


def _session(connection: sqlite3.Connection, sql: str, parameters: tuple[object, ...]) -> dt.date | None:
    rows = connection.execute(sql, parameters).fetchall()
    return dt.date.fromordinal(rows[-1][1] + _EPOCH) if rows else None


def _number(day: dt.date) -> int:
    return day.toordinal() - _EPOCH


_EPOCH = dt.date(1970, 1, 1).toordinal()
