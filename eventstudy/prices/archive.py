"""The append-only archive of prices: a revision adds, never overwrites, and every read can name its date.

Works on the tables `snapshots` and `bars` of the results database.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
import sqlite3
from collections.abc import Sequence

import numpy as np

from eventstudy.errors import InputError, MalformedAnswer, NoDataInRange
from eventstudy.records import Float64Array, PriceSeries, Snapshot

DAILY = "1d"

BarRow = tuple[str, str, float | None, float]  # session, instant, close, dividend


def save(
    connection: sqlite3.Connection, snapshot: Snapshot, *, asked: tuple[dt.date, dt.date], fetched_at: dt.datetime
) -> int:
    """Append what is new or changed in `snapshot`; return the number of rows written.

    An answer that changes nothing adds no row: asking again is not new evidence.

    Parameters
    ----------
    connection : sqlite3.Connection
        Inside a transaction of the caller.
    snapshot : Snapshot
    asked : (date, date)
        The range that was asked for.
    fetched_at : datetime
        UTC instant of the answer.

    Raises
    ------
    MalformedAnswer
        When the sessions are not strictly increasing.
    """
    if (np.diff(snapshot.sessions) <= np.timedelta64(0, "D")).any():
        raise MalformedAnswer(
            "the sessions are out of order, or one stands twice", source=snapshot.source, symbol=snapshot.symbol
        )
    key = (snapshot.source, snapshot.symbol, DAILY)
    known = {row[0]: row[1:] for row in connection.execute(_VERSIONS, (*key, "9999"))}
    rows = _rows(snapshot)
    fresh = [row for row in rows if known.get(row[0]) != row[1:]]
    if not fresh:
        return 0
    cursor = connection.execute(
        "insert into snapshots (source, symbol, bar, asked_from, asked_to, fetched_at, row_count, new_rows, "
        "content_hash, currency, version, notes) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *key,
            asked[0].isoformat(),
            asked[1].isoformat(),
            _stamp(fetched_at),
            len(rows),
            len(fresh),
            content_hash(rows),
            snapshot.currency,
            snapshot.version,
            json.dumps(snapshot.notes),
        ),
    )
    connection.executemany(
        "insert into bars (source, symbol, bar, session, snapshot_id, instant, close, dividend) "
        "values (?, ?, ?, ?, ?, ?, ?, ?)",
        [(*key, row[0], cursor.lastrowid, *row[1:]) for row in fresh],
    )
    return len(fresh)


def load(
    connection: sqlite3.Connection, source: str, symbol: str, *, asset: str, as_of: dt.datetime | None = None
) -> PriceSeries:
    """The series as it was known at `as_of` (now when None), as total-return prices.

    Raises
    ------
    NoDataInRange
        When nothing had been fetched by then.
    InputError
        When `as_of` has no zone.
    """
    moment = _stamp(as_of) if as_of else "9999"
    # in order of snapshot, so that the last version of a session is the one kept
    rows = list({row[0]: row for row in connection.execute(_VERSIONS, (source, symbol, DAILY, moment))}.values())
    if not rows:
        raise NoDataInRange("nothing is in the archive; run `eventstudy run` to pull it", source=source, symbol=symbol)
    currency, notes = connection.execute(
        "select currency, notes from snapshots where source = ? and symbol = ? and bar = ? and fetched_at <= ? "
        "order by snapshot_id desc limit 1",
        (source, symbol, DAILY, moment),
    ).fetchone()
    close = np.array([np.nan if row[2] is None else row[2] for row in rows])
    return PriceSeries(
        asset=asset,
        source=source,
        sessions=np.array([row[0] for row in rows], dtype="datetime64[D]"),
        instants=np.array([row[1].removesuffix("+00:00") for row in rows], dtype="datetime64[ns]"),
        prices=total_return_prices(close, np.array([row[3] for row in rows])),
        currency=currency,
        notes=tuple(json.loads(notes)),
    )


def total_return_prices(close: Float64Array, dividends: Float64Array) -> Float64Array:
    """Prices whose returns include dividends: P_t/P_{t-1} = (close_t + dividend_t)/close_{t-1}.

    The last price equals the last close; earlier ones are scaled down by what was paid since. Without dividends
    the closes are returned as they are.
    """
    if not dividends.any():
        return close
    filled = close.copy()
    for i in range(1, filled.size):  # a dividend on a day without a price is measured against the last one
        if np.isnan(filled[i]):
            filled[i] = filled[i - 1]
    factor = np.ones(close.size)
    factor[1:] = filled[1:] / (filled[1:] + dividends[1:])
    later = np.append(np.cumprod(np.where(np.isfinite(factor), factor, 1.0)[::-1])[::-1][1:], 1.0)
    adjusted: Float64Array = close * later
    return adjusted


def content_hash(rows: Sequence[BarRow]) -> str:
    """SHA-256 of the rows, the same on any machine: ISO dates as text, then the numbers as big-endian doubles."""
    text = "\n".join(f"{session} {instant}" for session, instant, _, _ in rows)
    numbers = np.array([(np.nan if c is None else c, d) for _, _, c, d in rows], dtype=">f8")
    return hashlib.sha256(text.encode() + numbers.tobytes()).hexdigest()


def _stamp(moment: dt.datetime) -> str:
    """A UTC instant as text that sorts; the machine's own zone never counts."""
    if moment.tzinfo is None:
        raise InputError("a time without a zone", value=moment.isoformat(), remedy="attach one")
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds")


def _rows(snapshot: Snapshot) -> list[BarRow]:
    close = [c if math.isfinite(c) else None for c in snapshot.close.tolist()]
    instants = [f"{i}+00:00" for i in np.datetime_as_string(snapshot.instants, unit="s")]
    sessions = [str(s) for s in np.datetime_as_string(snapshot.sessions, unit="D")]
    return list(zip(sessions, instants, close, snapshot.dividends.tolist(), strict=True))


_VERSIONS = """
select b.session, b.instant, b.close, b.dividend from bars b join snapshots s using (snapshot_id)
where b.source = ? and b.symbol = ? and b.bar = ? and s.fetched_at <= ?
order by b.session, b.snapshot_id
"""
