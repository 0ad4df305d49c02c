"""What only the archive knows to look wrong: how an answer came, and in which unit."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import sqlite3
from dataclasses import replace

import numpy as np

from eventstudy.archive.bars import CLOSE, DAILY, EVER, FIELDS, Bars, Key, series_of
from eventstudy.archive.confirmations import with_confirmations
from eventstudy.archive.coverage import after_unasked, covered
from eventstudy.calendars import named_calendar, session_date
from eventstudy.config.calendar_names import NONE
from eventstudy.evidence.flags import MISPLACED, REPLACED, TAKEN_BACK, VENUE, WITHDRAWN, Flag
from eventstudy.evidence.rules import FEWEST, Quotes, examine
from eventstudy.evidence.sessions import EARLY, early, live_flag, misplaced_flags
from eventstudy.instants import stamp
from eventstudy.prices.source import UNFINISHED

GONE = (WITHDRAWN, TAKEN_BACK)
# Calendars of prices that may stand still for years, behind a peg.
MAY_STAND = ("ecb", "fx", "fx-london")


def all_flags(
    connection: sqlite3.Connection, key: Key, bars: Bars, as_of: dt.datetime | None = None, *, calendar: str = ""
) -> list[Flag]:
    """Everything that looks wrong in `bars`, the series as known at `as_of`: by themselves, and by how they came.

    `calendar` is that of the settings, or ``none``; where it is empty, the one that the source names counts.
    """
    unasked = after_unasked(bars.sessions, covered(connection, key, as_of))
    units, venues = _told(connection, key)
    found = examine(
        quotes_of(bars),
        currency_changes=_changes(bars, units),
        venue_changes=_changes(bars, {number: name for number, name in venues.items() if name}),
        unasked=unasked,
        may_stand=any(name in MAY_STAND for name in venues.values()),
    )
    told = next((name for _, name in sorted(venues.items(), reverse=True) if name), "")
    venue = "" if calendar == NONE else calendar or told
    if key[2] == DAILY:
        found += [*_live(bars, venue), *_misplaced(bars, venue, {f.label for f in found if f.rule == MISPLACED})]
    found += stored_flags(connection, key, bars, as_of)
    return with_confirmations(connection, key, bars, found, as_of)


def _misplaced(bars: Bars, venue: str, known: set[int]) -> list[Flag]:
    """The daily bars whose dates seem to be a day off by the calendar of their venue, but those `known`."""
    if not venue or bars.size < FEWEST:
        return []
    first, last = (session_date(bars.sessions[i]) for i in (0, -1))
    sessions = named_calendar(venue).sessions(first, last)[0]
    return misplaced_flags(bars.labels, bars.sessions, bars.values[:, CLOSE], sessions, known)


def _live(bars: Bars, venue: str) -> list[Flag]:
    """The daily bars whose price was taken long before their session closed, which half days explain."""
    found = []
    for i in early(bars.sessions, bars.instants).tolist():
        day = session_date(bars.sessions[i])
        closes = named_calendar(venue).sessions(day, day)[1] if venue else bars.instants[:0]
        if not closes.size or bars.instants[i] < closes[-1] - np.timedelta64(EARLY, "s"):
            found.append(live_flag(int(bars.labels[i]), bars.sessions[i], bars.instants[i]))
    return found


def quotes_of(bars: Bars) -> Quotes:
    """The bars as plain arrays."""
    columns = {name: bars.values[:, j] for j, name in enumerate(FIELDS)}
    return Quotes(labels=bars.labels, sessions=bars.sessions, **columns)


def _told(connection: sqlite3.Connection, key: Key) -> tuple[dict[int, str], dict[int, str]]:
    """Currency, and calendar, of every answer of a series."""
    rows = connection.execute(
        "select snapshot_id, currency, calendar from snapshots where source = ? and symbol = ? and bar = ?", key
    ).fetchall()
    return {number: unit for number, unit, _ in rows}, {number: name for number, _, name in rows}


def _changes(bars: Bars, told: dict[int, str]) -> list[tuple[int, str]]:
    """Positions of the bars whose answer told something else than that of the bar before, with both.

    Bars of answers that are not in `told` are passed over.
    """
    if len(set(told.values())) < 2:  # a change needs two
        return []
    own = [(i, told[number]) for i, number in enumerate(bars.owners.tolist()) if number in told]
    return [
        (i, f"{before or 'none'} to {now or 'none'}")
        for (_, before), (i, now) in itertools.pairwise(own)
        if before != now
    ]


def stored_flags(connection: sqlite3.Connection, key: Key, bars: Bars, as_of: dt.datetime | None = None) -> list[Flag]:
    """The flags made when the answers came: of the versions that `bars` hold, or, of a bar withdrawn, after them."""
    rows = connection.execute(
        "select f.label, f.snapshot_id, f.rule, f.detail from bar_flags f join snapshots n using (snapshot_id) "
        "where f.series_id = ? and n.fetched_at <= ? order by f.snapshot_id",
        (series_of(connection, key), stamp(as_of) if as_of else EVER),
    ).fetchall()
    place = np.searchsorted(bars.labels, [row[0] for row in rows]).tolist() if rows and bars.size else []
    first: dict[tuple[int, str], int] = {}  # the first bar of those that an answer as a whole puts in doubt
    for label, snapshot_id, rule, _ in rows:
        if rule in (REPLACED, VENUE):
            first[snapshot_id, rule] = min(label, first.get((snapshot_id, rule), label))
    found = {
        (label, rule): Flag(
            label=label,
            session=bars.sessions[i],
            rule=rule,
            detail=detail,
            since=first.get((snapshot_id, rule), label),
        )
        for i, (label, snapshot_id, rule, detail) in zip(place, rows, strict=False)
        if i < bars.size
        and bars.labels[i] == label
        and (snapshot_id > bars.owners[i] if rule in GONE else snapshot_id == bars.owners[i])
    }
    return [*found.values(), *_after_replaced(connection, key, bars, list(found.values()))]


def _after_replaced(connection: sqlite3.Connection, key: Key, bars: Bars, flags: list[Flag]) -> list[Flag]:
    """The bars that came after another history and follow on it: they are of that history too.

    Until one that was known before it, and stands.
    """
    known = {flag.label: flag for flag in flags if flag.rule == REPLACED}
    if not known:
        return []
    rows = connection.execute(
        "select label, min(snapshot_id) from bar_versions where series_id = ? group by label order by label",
        (series_of(connection, key),),
    ).fetchall()
    came = dict(rows)
    by_label = {label: i for i, label in enumerate(bars.labels.tolist())}
    first = min(int(bars.owners[by_label[label]]) for label in known)
    found, before = [], None
    for i, label in enumerate(bars.labels.tolist()):
        if label in known:
            before = known[label]
        elif came.get(label, 0) < first:
            before = None
        elif before is not None:
            found.append(replace(before, label=label, session=bars.sessions[i]))
    return found


def withdrawn(connection: sqlite3.Connection, key: Key) -> set[int]:
    """Labels of the bars that the source no longer has."""
    rows = connection.execute(
        "select f.label from bar_flags f where f.series_id = ? and f.rule in (?, ?) and not exists (select 1 from "
        "bar_versions v where v.series_id = f.series_id and v.label = f.label and v.snapshot_id >= f.snapshot_id)",
        (series_of(connection, key), *GONE),
    )
    return {label for (label,) in rows}


def without_unit(connection: sqlite3.Connection, bars: Bars) -> np.ndarray:
    """Mask of the bars whose currency is not known."""
    units = dict(
        connection.execute(
            "select snapshot_id, currency from snapshots where snapshot_id in (select value from json_each(?))",
            (json.dumps(np.unique(bars.owners).tolist()),),
        ).fetchall()
    )
    return np.array([not units[number] for number in bars.owners.tolist()], dtype=bool)


def notes_of(connection: sqlite3.Connection, bars: Bars) -> tuple[str, ...]:
    """The notes of every answer that one of `bars` is from, oldest first; what was soon over is told by none."""
    answers = json.dumps(np.unique(bars.snapshots).tolist())
    rows = connection.execute(
        "select notes from snapshots where snapshot_id in (select value from json_each(?)) order by snapshot_id",
        (answers,),
    )
    notes = dict.fromkeys(note for (text,) in rows.fetchall() for note in json.loads(text))
    return tuple(note for note in notes if not note.startswith(UNFINISHED))
