"""Bars in memory, and how they are read from the archive as they were known at one time."""

from __future__ import annotations

import datetime as dt
import hashlib
import sqlite3
from dataclasses import dataclass

import numpy as np

from eventstudy.instants import stamp
from eventstudy.records import Float64Array, InstantArray, Int64Array, SessionArray, Snapshot

DAILY = "1d"
DAY_SECONDS = 86_400
FIELDS = ("close", "open", "high", "low", "volume", "dividend", "split", "adjusted")
CLOSE, OPEN, HIGH, LOW, VOLUME, DIVIDEND, SPLIT, ADJUSTED = range(len(FIELDS))
EVER = "9999"  # sorts after every instant

Key = tuple[str, str, str]  # source, symbol, bar


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Bars of one series, one per label.

    Attributes
    ----------
    labels : Int64Array
        Shape (n,), strictly increasing: seconds since 1970 of the bar's start in UTC; of a daily bar, those of the
        midnight of its date.
    sessions : SessionArray
        Shape (n,), date label of each bar.
    instants : InstantArray
        Shape (n,), UTC instants at which the prices were taken.
    values : Float64Array
        Shape (n, 8), a column for each of `FIELDS`; NaN where there is none.
    snapshots : Int64Array
        Shape (n,), the answer that each bar is from, or the later one that rebased it; zeros before it is stored.
    owners : Int64Array
        Shape (n,), the answer that each bar is from, rebased or not; zeros before it is stored.
    """

    labels: Int64Array
    sessions: SessionArray
    instants: InstantArray
    values: Float64Array
    snapshots: Int64Array
    owners: Int64Array

    @property
    def size(self) -> int:
        """Number of bars."""
        return int(self.labels.size)

    def at(self, chosen: np.ndarray | slice) -> Bars:
        """The bars that a mask, a slice or positions choose."""
        return Bars(**{name: getattr(self, name)[chosen] for name in self.__slots__})


def of_snapshot(snapshot: Snapshot) -> Bars:
    """The bars of an answer, in the order in which it gave them; a field that the source lacks is NaN."""
    n = snapshot.sessions.size
    columns = {
        "close": snapshot.close,
        "open": snapshot.open,
        "high": snapshot.high,
        "low": snapshot.low,
        "volume": snapshot.volume,
        "dividend": snapshot.dividends,
        "split": snapshot.splits,
        "adjusted": snapshot.adjusted,
    }
    values = np.full((n, len(FIELDS)), np.nan)
    for j, name in enumerate(FIELDS):
        column = columns[name]
        if column is not None:
            values[:, j] = column + 0.0  # SQLite knows no minus zero
    sessions = snapshot.sessions.astype("datetime64[D]")
    starts = sessions if snapshot.starts is None else snapshot.starts
    return Bars(
        labels=starts.astype("datetime64[s]").astype(np.int64),
        sessions=sessions,
        instants=snapshot.instants.astype("datetime64[s]").astype("datetime64[ns]"),
        values=values,
        snapshots=np.zeros(n, dtype=np.int64),
        owners=np.zeros(n, dtype=np.int64),
    )


def series_of(connection: sqlite3.Connection, key: Key) -> int | None:
    """Number of a series; None when nothing of it is stored."""
    found = connection.execute(
        "select series_id from series where source = ? and symbol = ? and bar = ?", key
    ).fetchone()
    return None if found is None else int(found[0])


EVERY = -(2**62), 2**62  # label
_TIMES = ("label", "session", "instant", "snapshot_id")


def versions(connection: sqlite3.Connection, series_id: int | None, between: tuple[int, int] = EVERY) -> Bars:
    """Every version of every bar that was ever stored of a series, by label and snapshot."""
    where, of = "from bar_versions where series_id = ? and label between ? and ?", (series_id, *between)
    has_all = f"select exists (select 1 {where} and coalesce({', '.join(FIELDS[DIVIDEND:])}) is not null)"
    (is_whole,) = connection.execute(has_all, of).fetchone()
    fields = FIELDS if is_whole else FIELDS[:DIVIDEND]  # bars of minutes have prices and volume alone
    stored = np.dtype([*((name, np.int64) for name in _TIMES), *((name, np.float64) for name in fields)])
    rows = connection.execute(f"select {', '.join((*_TIMES, *fields))} {where} order by label, snapshot_id", of)
    table = np.fromiter(rows, dtype=stored)  # a list of the rows would take longer to make than all the rest
    values = np.full((table.size, len(FIELDS)), np.nan)
    for j, name in enumerate(fields):
        values[:, j] = table[name]
    return Bars(
        labels=table["label"].copy(),
        sessions=table["session"].astype("datetime64[D]"),
        instants=table["instant"].astype("datetime64[s]").astype("datetime64[ns]"),
        values=values,
        snapshots=table["snapshot_id"].copy(),
        owners=table["snapshot_id"].copy(),
    )


def read(
    connection: sqlite3.Connection,
    key: Key,
    *,
    as_of: dt.datetime | None = None,
    between: tuple[int, int] = EVERY,
    stored: Bars | None = None,
) -> Bars:
    """The bars of a series as they were known at `as_of` (now when None), rebased where the source rebased them.

    Parameters
    ----------
    connection : sqlite3.Connection
    key : (source, symbol, bar)
    as_of : datetime, optional
    between : (int, int), optional
        First and last label wanted.
    stored : Bars, optional
        Its `versions`, where they were read already.
    """
    series_id = series_of(connection, key)
    known = versions(connection, series_id, between) if stored is None else stored
    if as_of is not None:
        known = known.at(np.isin(known.owners, _known(connection, key, as_of)))
    known = known.at(latest(known.labels))
    for found in rebases(connection, series_id, as_of):
        old = apply_rebase(known.values, known.labels, known.owners, found)
        if found.field == "close":
            known.snapshots[old] = found.snapshot_id
    return known


def within(connection: sqlite3.Connection, key: Key, given: Bars) -> Bars:
    """The stored bars from the first to the last label of `given`."""
    return read(connection, key, between=(int(given.labels[0]), int(given.labels[-1])) if given.size else (0, -1))


def latest(labels: np.ndarray) -> np.ndarray:
    """Mask of the last row of each label, labels being in order."""
    out = np.ones(labels.size, dtype=bool)
    out[:-1] = labels[1:] != labels[:-1]
    return out


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebase:
    """A stretch of history that its source multiplied by one factor.

    Attributes
    ----------
    field : str
        ``close`` (with open, high, low, dividend, and the volume the other way round) or ``adjusted``.
    first, last : int
        Labels of the stretch, both included.
    factor : float
    why : str
    snapshot_id : int
        The answer that showed it; older versions of the bars are multiplied.
    """

    field: str
    first: int
    last: int
    factor: float
    why: str = ""
    snapshot_id: int = 0


def rebases(connection: sqlite3.Connection, series_id: int | None, as_of: dt.datetime | None) -> list[Rebase]:
    """Every rebase of a series known at `as_of`, oldest first."""
    rows = connection.execute(
        "select r.field, r.first_label, r.last_label, r.factor, r.why, r.snapshot_id from rebases r "
        "join snapshots s using (snapshot_id) where r.series_id = ? and s.fetched_at <= ? order by r.snapshot_id",
        (series_id, stamp(as_of) if as_of else EVER),
    )
    return [
        Rebase(field=field, first=first, last=last, factor=factor, why=why, snapshot_id=snapshot_id)
        for field, first, last, factor, why, snapshot_id in rows
    ]


def apply_rebase(values: Float64Array, labels: Int64Array, snapshots: Int64Array, found: Rebase) -> np.ndarray:
    """Multiply, in place, what is older than `found`; return a mask of it."""
    old: np.ndarray = (labels >= found.first) & (labels <= found.last) & (snapshots < found.snapshot_id)
    if found.field == "adjusted":
        values[old, ADJUSTED] *= found.factor
    else:
        values[np.ix_(old, np.array([CLOSE, OPEN, HIGH, LOW, DIVIDEND]))] *= found.factor
        values[old, VOLUME] /= found.factor
    return old


def content_hash(bars: Bars) -> str:
    """SHA-256 of the bars, the same on any machine: times as big-endian integers, then the numbers as such doubles."""
    digest = hashlib.sha256()
    for times in (bars.labels, bars.sessions, bars.instants.astype("datetime64[s]")):
        digest.update(times.astype(np.int64).astype(">i8").data)
    numbers = bars.values.astype(">f8", order="C")
    numbers[np.isnan(bars.values)] = np.nan  # one of the many that there are
    digest.update(numbers.data)
    return digest.hexdigest()


def merged(older: Bars, newer: Bars) -> Bars:
    """The bars of both, in order; of a label that both have, the newer."""
    both = Bars(**{name: np.concatenate([getattr(older, name), getattr(newer, name)]) for name in Bars.__slots__})
    order = np.argsort(both.labels, kind="stable")
    both = both.at(order)
    return both.at(latest(both.labels))


def _known(connection: sqlite3.Connection, key: Key, as_of: dt.datetime) -> Int64Array:
    rows = connection.execute(
        "select snapshot_id from snapshots where source = ? and symbol = ? and bar = ? and fetched_at <= ?",
        (*key, stamp(as_of)),
    )
    return np.array([row[0] for row in rows], dtype=np.int64)
