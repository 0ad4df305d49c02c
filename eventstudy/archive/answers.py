"""The append-only archive of prices: a revision adds, never overwrites, and every read can name its date.

Works on the tables `snapshots`, `series`, `bar_versions`, `rebases` and `bar_flags`.
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from eventstudy.archive import bars as store
from eventstudy.archive import rebase, seal
from eventstudy.archive.arrange import arrange, settled
from eventstudy.archive.bars import ADJUSTED, CLOSE, DAILY, DIVIDEND, FIELDS, Bars, Key, content_hash
from eventstudy.archive.coverage import after_unasked, covered, is_covered
from eventstudy.archive.flags import all_flags, notes_of, withdrawn, without_unit
from eventstudy.calendars import session_date
from eventstudy.errors import NoDataInRange
from eventstudy.evidence.flags import REPLACED, TAKEN_BACK, VENUE, WITHDRAWN, doubts_of
from eventstudy.evidence.rules import rounding
from eventstudy.instants import parse, stamp
from eventstudy.records import Float64Array, Int64Array, PriceSeries, Reach, Snapshot
from eventstudy.tables.total_return import total_return_prices

__all__ = [
    "DAILY",
    "calendar_of",
    "content_hash",
    "count_between",
    "first_session",
    "is_closure",
    "is_known",
    "load",
    "save",
    "save_nothing",
    "series_on",
]

# Another price is one that differs by more than this, and another history has so many of them, and half of its bars.
OTHER_PRICE, FEWEST_REPLACED = 0.01, 20
# The same of a bar whose answer is taken back: more than a correction in its last digits.
OTHER_BAR = 0.002
# How a person confirms a price in doubt.
CONFIRM = "`eventstudy prices confirm {asset} {session}`"
# Columns that an answer leaves empty as a whole say nothing; what was known of them stays known.
_BLANK = [i for i, name in enumerate(FIELDS) if name != "close"]
# So many series without a price on a day tell of the venue, fewer of themselves.
FEWEST_OF_A_VENUE = 3
# Columns that a source rounds anew when it restates them.
ROUNDED = {i for i, name in enumerate(FIELDS) if name not in ("dividend", "split")}


def save(
    connection: sqlite3.Connection,
    snapshot: Snapshot,
    *,
    asked: tuple[dt.date, dt.date],
    fetched_at: dt.datetime,
    whole: Snapshot | None = None,
    is_complete: bool = True,
) -> int:
    """Append what is new or changed in `snapshot`; return the number of bars written.

    An answer is a row of `snapshots` when it holds a bar that is new or changed, or covers days that no answer
    covered before; otherwise nothing is written at all: asking again is not new evidence. History that the source
    multiplied by one factor is one row of `rebases`. Bars outside `asked` are left out, bars out of order are put in
    order, and of several with one label the last is kept; each is said in the notes and in `bar_flags`.

    Parameters
    ----------
    connection : sqlite3.Connection
        Inside a transaction of the caller.
    snapshot : Snapshot
    asked : (date, date)
        The range that was asked for.
    fetched_at : datetime
        UTC instant of the answer.
    whole : Snapshot, optional
        The answer that `snapshot` is a part of, whose splits and dividends explain what was rebased.
    is_complete : bool
        Whether a bar between those of `snapshot` that is not there is one that the source does not have: not so for
        a file of corrections.
    """
    key = (snapshot.source, snapshot.symbol, snapshot.bar)
    answer = arrange(snapshot, asked)
    given, known = answer.bars, store.within(connection, key, answer.bars)
    here, there = np.isin(given.labels, known.labels), np.isin(known.labels, given.labels)
    found: list[store.Rebase] = []
    if rebase.is_restated(known.at(there), given.at(here)):
        actions = store.merged(store.read(connection, key), store.of_snapshot(whole or snapshot))
        found = rebase.find(known, given, here, _older(connection, key, asked, given), actions)
    for step in found:
        store.apply_rebase(known.values, known.labels, np.full(known.size, -1), step)
    given = _with_blanks_filled(given, known.at(there), here)
    fresh = np.ones(given.size, dtype=bool)
    earlier = store.rebases(connection, store.series_of(connection, key), None)
    fresh[here] = _differ(given.at(here), known.at(there), [*earlier, *found])
    if snapshot.currency:  # of the same number in two currencies neither is believed: bars keep the one that they have
        fresh[here] |= without_unit(connection, known.at(there))
    replaced = _replaced(connection, key, given.at(here), known.at(there)) if is_complete else ()
    gone = withdrawn(connection, key)
    fresh[here] |= np.isin(given.labels[here], list(gone))  # it is back
    lost = [label for label in known.labels[~there].tolist() if is_complete and label not in gone]
    false = _taken_back(known, there, known.labels[there][_apart(given.at(here), known.at(there)) > OTHER_BAR])
    days = settled(given, asked, snapshot.reach, fetched_at)
    if not (fresh.any() or found or lost or (days is not None and not is_covered(connection, key, days))):
        return 0
    notes = [*snapshot.notes, *answer.notes]
    newest = _newest(connection, key)
    if newest is not None and newest > fetched_at:
        # else a reading as of a time between the two would see this answer without the ones that it builds on
        notes.append(f"the clock was set back: it said {stamp(fetched_at)}")
        fetched_at = newest
    snapshot_id = _put_snapshot(connection, snapshot, notes, given, fresh, asked, fetched_at, days)
    series_id = store.series_of(connection, key) or _put_series(connection, key)
    _put_bars(connection, series_id, snapshot_id, given.at(fresh))
    connection.executemany(
        "insert into rebases (series_id, snapshot_id, field, first_label, last_label, factor, why) "
        "values (?, ?, ?, ?, ?, ?, ?)",
        [(series_id, snapshot_id, s.field, s.first, s.last, s.factor, s.why) for s in found],
    )
    connection.executemany(
        "insert into bar_flags (series_id, label, snapshot_id, rule, detail) values (?, ?, ?, ?, ?)",
        [(series_id, label, snapshot_id, rule, detail) for label, rule, detail in answer.flags]
        + [
            (series_id, label, snapshot_id, TAKEN_BACK if label in false else WITHDRAWN, f"since {stamp(fetched_at)}")
            for label in lost
        ]
        + [(series_id, label, snapshot_id, REPLACED, f"since {stamp(fetched_at)}") for label in replaced]
        + [
            (series_id, label, snapshot_id, VENUE, snapshot.doubt)
            for label in given.labels[fresh & bool(snapshot.doubt)].tolist()
        ],
    )
    seal.put(connection, key, snapshot_id)
    return int(fresh.sum())


def save_nothing(
    connection: sqlite3.Connection,
    key: Key,
    *,
    asked: tuple[dt.date, dt.date],
    fetched_at: dt.datetime,
    version: str,
    why: str,
    reach: Reach = (None, None),
) -> None:
    """Write down that a source holds nothing in `asked`, so that settled days are not asked for again."""
    none = np.zeros(0)
    empty = Snapshot(
        source=key[0],
        symbol=key[1],
        bar=key[2],
        currency="",
        version=version,
        sessions=none.astype("datetime64[D]"),
        instants=none.astype("datetime64[ns]"),
        close=none,
        dividends=none,
        notes=(why,),
        reach=reach,
    )
    save(connection, empty, asked=asked, fetched_at=fetched_at)


def is_known(connection: sqlite3.Connection, key: Key) -> bool:
    """Whether any bar of a series is stored."""
    return store.series_of(connection, key) is not None


def first_session(connection: sqlite3.Connection, key: Key) -> dt.date | None:
    """The first stored session of a series; None when nothing of it is stored."""
    (found,) = connection.execute(
        "select min(session) from bar_versions where series_id = ?", (store.series_of(connection, key),)
    ).fetchone()
    return None if found is None else session_date(np.datetime64(found, "D"))


def calendar_of(connection: sqlite3.Connection, key: Key) -> str:
    """Name of the calendar of a series, as the newest answer that tells one has it; empty where none does."""
    found = connection.execute(
        "select calendar from snapshots where source = ? and symbol = ? and bar = ? and calendar <> '' "
        "order by snapshot_id desc limit 1",
        key,
    ).fetchone()
    return "" if found is None else str(found[0])


def series_on(connection: sqlite3.Connection, calendar: str) -> set[Key]:
    """The daily series that an answer gave this calendar."""
    rows = connection.execute(
        "select distinct source, symbol, bar from snapshots where bar = ? and calendar = ?", (DAILY, calendar)
    )
    return {(source, symbol, bar) for source, symbol, bar in rows}


def is_closure(connection: sqlite3.Connection, keys: Iterable[Key], day: np.datetime64) -> bool:
    """Whether a day is one on which no series of a venue has a price, though three or more reach over it."""
    label = int(day.astype("datetime64[s]").astype(np.int64))
    ids = json.dumps([store.series_of(connection, key) for key in sorted(keys)])
    one = "select 1 from bar_versions where series_id = value and close is not null and label"
    (priced, reaching) = connection.execute(
        f"select sum(exists ({one} = ?2)), sum(exists ({one} < ?2) and exists ({one} > ?2)) "  # noqa: S608  # ours
        "from json_each(?1)",
        (ids, label),
    ).fetchone()
    return not priced and (reaching or 0) >= FEWEST_OF_A_VENUE


def count_between(connection: sqlite3.Connection, key: Key, days: tuple[dt.date, dt.date]) -> int:
    """Number of prices that are known of the sessions from the first to the last of `days`.

    A session without a price, as after the last rate of a currency, is not one, nor is a bar that was taken back.
    """
    first, last = (np.datetime64(day, "D").astype(int).item() for day in days)
    (found,) = connection.execute(
        "select count(*) from (select close, max(snapshot_id) from bar_versions "  # of the newest version
        "where series_id = ? and session between ? and ? group by label) where close is not null",
        (store.series_of(connection, key), first, last),
    ).fetchone()
    return int(found)


def load(
    connection: sqlite3.Connection,
    source: str,
    symbol: str,
    *,
    asset: str,
    as_of: dt.datetime | None = None,
    bar: str = DAILY,
    calendar: str = "",
    stored: Bars | None = None,
) -> PriceSeries:
    """The series as it was known at `as_of` (now when None), as total-return prices.

    A price that is in doubt is NaN, and so is the first one after days that nobody has asked for: a return over them
    would pass for that of one session. `calendar` is as of `all_flags`, `stored` as of `store.read`.

    Raises
    ------
    NoDataInRange
        When nothing had been fetched by then.
    InputError
        When `as_of` has no zone.
    """
    key = (source, symbol, bar)
    bars = store.read(connection, key, as_of=as_of, stored=stored)
    if not bars.size:
        raise NoDataInRange(
            "nothing is in the archive; run `eventstudy prices pull` or `eventstudy run` to pull it",
            source=source,
            symbol=symbol,
        )
    (currency,) = connection.execute(
        "select currency from snapshots where source = ? and symbol = ? and bar = ? and fetched_at <= ? "
        "and row_count > 0 order by snapshot_id desc limit 1",
        (*key, stamp(as_of) if as_of else store.EVER),
    ).fetchone()
    found = all_flags(connection, key, bars, as_of, calendar=calendar)
    values = bars.values.copy()
    values[np.isin(bars.labels, [flag.label for flag in found if flag.removes]), CLOSE] = np.nan
    values[after_unasked(bars.sessions, covered(connection, key, as_of)), CLOSE] = np.nan
    return PriceSeries(
        asset=asset,
        source=source,
        sessions=bars.sessions,
        instants=bars.instants,
        prices=total_return_prices(values[:, CLOSE], values[:, DIVIDEND]),
        currency=currency,
        notes=notes_of(connection, bars),
        marks=tuple(
            (f.session, f"{asset}: {f.text}")
            for f in sorted(found, key=lambda f: (not (f.removes or f.confirmed), f.label, f.rule))
        ),
        doubts=doubts_of(asset, found, CONFIRM),
    )


def _newest(connection: sqlite3.Connection, key: Key) -> dt.datetime | None:
    """When the newest answer of a series came; None before the first."""
    (found,) = connection.execute(
        "select max(fetched_at) from snapshots where source = ? and symbol = ? and bar = ?", key
    ).fetchone()
    return parse(found) if found else None


def _older(connection: sqlite3.Connection, key: Key, asked: tuple[dt.date, dt.date], given: Bars) -> int | None:
    """Label of the first stored bar of the days asked for, when it comes before those of the answer."""
    if not given.size:
        return None
    (label,) = connection.execute(
        "select min(label) from bar_versions where series_id = ? and session >= ? and label < ?",
        (store.series_of(connection, key), np.datetime64(asked[0], "D").astype(int).item(), int(given.labels[0])),
    ).fetchone()
    return None if label is None else int(label)


def _with_blanks_filled(given: Bars, known: Bars, here: np.ndarray) -> Bars:
    """`given` with what is known, of the bars `here`, of the fields that the answer has nothing of."""
    values = given.values.copy()
    for column in _BLANK:
        if np.isnan(values[:, column]).all():
            values[here, column] = known.values[:, column]
    return replace(given, values=values)


def _differ(given: Bars, known: Bars, rebases: Sequence[store.Rebase]) -> np.ndarray:
    """Mask of the bars that are not the same; rebased ones, and adjusted closes, are the same up to rounding."""
    is_rebased = np.zeros(given.size, dtype=bool)
    for step in rebases:
        is_rebased |= (given.labels >= step.first) & (given.labels <= step.last)
    same = (given.values == known.values) | (np.isnan(given.values) & np.isnan(known.values))
    with np.errstate(invalid="ignore"):  # infinite prices are kept too
        apart, near = np.abs(given.values - known.values), rebase.TOLERANCE * np.abs(known.values)
    if is_rebased.any():
        units = np.array([rounding(given.values[:, c]) if c in ROUNDED else 0.0 for c in range(len(FIELDS))])
        same[is_rebased] |= (apart <= near + units)[is_rebased]
    same[:, ADJUSTED] |= (apart <= near)[:, ADJUSTED]
    same_time = (given.instants == known.instants) & (given.sessions == known.sessions)
    differ: np.ndarray = ~(same.all(axis=1) & same_time)
    return differ


def _replaced(connection: sqlite3.Connection, key: Key, given: Bars, known: Bars) -> Sequence[int]:
    """Labels of the bars with another price, where so many have one that the history is another; none where few have.

    Not where the source takes back what it said, and gives prices again that it gave before.
    """
    other = _apart(given, known) > OTHER_PRICE
    if other.sum() < max(FEWEST_REPLACED, other.size / 2):
        return ()
    labels = given.labels[other].tolist()
    rows = connection.execute(
        "select label, close from bar_versions where series_id = ? and label between ? and ? and close is not null",
        (store.series_of(connection, key), labels[0], labels[-1]),
    ).fetchall()
    closes = dict(zip(labels, given.values[other, CLOSE].tolist(), strict=True))
    before = {
        label for label, close in rows if label in closes and abs(close / closes[label] - 1.0) <= rebase.TOLERANCE
    }
    return () if len(before) > len(labels) / 2 else labels


def _apart(given: Bars, known: Bars) -> Float64Array:
    """How far the closes of the same bars are apart, relative."""
    with np.errstate(all="ignore"):  # prices of any size are kept
        found: Float64Array = np.abs(given.values[:, CLOSE] / known.values[:, CLOSE] - 1.0)
    return found


def _taken_back(known: Bars, there: np.ndarray, changed: Int64Array) -> set[int]:
    """Labels of the stored bars of answers most of whose other bars the source gives otherwise now.

    Parameters
    ----------
    known : Bars
    there : NDArray
        Mask of those that the source has now.
    changed : Int64Array
        Labels of those of them that it gives otherwise.
    """
    false = set()
    for number in np.unique(known.owners[~there]).tolist():
        own = known.owners == number
        is_changed = np.isin(known.labels[own & there], changed)
        if is_changed.sum() > is_changed.size / 2:
            false |= set(known.labels[own & ~there].tolist())
    return false


def _put_series(connection: sqlite3.Connection, key: Key) -> int:
    cursor = connection.execute("insert into series (source, symbol, bar) values (?, ?, ?)", key)
    assert cursor.lastrowid is not None  # an insert has one
    return cursor.lastrowid


def _put_snapshot(
    connection: sqlite3.Connection,
    snapshot: Snapshot,
    notes: Sequence[str],
    given: Bars,
    fresh: np.ndarray,
    asked: tuple[dt.date, dt.date],
    fetched_at: dt.datetime,
    days: tuple[dt.date, dt.date] | None,
) -> int:
    labels, sealed = np.datetime_as_string(given.sessions), content_hash(given)
    row: Mapping[str, object] = {
        "source": snapshot.source,
        "symbol": snapshot.symbol,
        "bar": snapshot.bar,
        "asked_from": asked[0].isoformat(),
        "asked_to": asked[1].isoformat(),
        "fetched_at": stamp(fetched_at),
        "row_count": given.size,
        "new_rows": int(fresh.sum()),
        "content_hash": sealed,
        "currency": snapshot.currency,
        "calendar": snapshot.calendar,
        "version": snapshot.version,
        "notes": json.dumps(notes),
        "answered_from": str(labels[0]) if given.size else None,
        "answered_to": str(labels[-1]) if given.size else None,
        "covered_from": days[0].isoformat() if days and days[0] != asked[0] else None,
        "covered_to": days[1].isoformat() if days else None,
        "stored_hash": sealed if fresh.all() else content_hash(given.at(fresh)),
    }
    cursor = connection.execute(
        f"insert into snapshots ({', '.join(row)}) values ({', '.join('?' * len(row))})",  # noqa: S608  # names of ours
        tuple(row.values()),
    )
    assert cursor.lastrowid is not None  # an insert has one
    return cursor.lastrowid


def _put_bars(connection: sqlite3.Connection, series_id: int, snapshot_id: int, bars: Bars) -> None:
    columns = [
        bars.labels.tolist(),
        bars.sessions.astype(np.int64).tolist(),
        bars.instants.astype("datetime64[s]").astype(np.int64).tolist(),
        *bars.values.T.tolist(),  # sqlite3 stores NaN as null
    ]
    # by hand: sqlite-utils makes a dictionary of every bar, and takes fifteen times as long
    connection.executemany(
        f"insert into bar_versions (series_id, snapshot_id, label, session, instant, {', '.join(FIELDS)}) "  # noqa: S608  # names of ours
        f"values ({series_id}, {snapshot_id}, ?, ?, ?, {', '.join('?' * len(FIELDS))})",
        zip(*columns, strict=True),
    )
