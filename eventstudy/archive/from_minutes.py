"""Daily closes made of stored bars of less than a day, for sessions that a daily source is silent about."""

from __future__ import annotations

import datetime as dt
import sqlite3
from dataclasses import replace

import numpy as np

from eventstudy.archive.bars import CLOSE, HIGH, LOW, Bars, Key, read
from eventstudy.archive.verify import altered
from eventstudy.bar_sizes import MINUTES
from eventstudy.calendars import ExchangeCalendar, session_date
from eventstudy.evidence.rules import Quotes, examine
from eventstudy.records import PriceSeries


def with_minutes(
    connection: sqlite3.Connection,
    key: Key,
    series: PriceSeries,
    calendar: ExchangeCalendar,
    *,
    as_of: dt.datetime | None = None,
) -> PriceSeries:
    """`series` with the sessions after its last one whose bars of less than a day reach the close.

    The price of such a session is the close of its last bar, without any dividend, and is marked so. One that the rules
    of daily prices doubt stays out; once the daily source answers, its price takes the place.

    Parameters
    ----------
    connection : sqlite3.Connection
    key : (source, symbol, "1d")
        What `series` was read from.
    series : PriceSeries
    calendar : ExchangeCalendar
        Of its venue.
    as_of : datetime, optional
    """
    last = series.sessions[-1]
    if not np.isfinite(series.prices[-1]):
        return series
    for size in MINUTES:  # the finest is nearest to the close
        newest = _newest_after(connection, (*key[:2], size), last)
        if newest is None or newest > calendar.last_day:
            continue
        found = _closes(
            connection, (*key[:2], size), calendar, (session_date(last) + dt.timedelta(days=1), newest), as_of
        )
        if found.size and not altered(connection, (*key[:2], size)):
            return _joined(series, found, size)
    return series


def _newest_after(connection: sqlite3.Connection, key: Key, last: np.datetime64) -> dt.date | None:
    """The newest session with bars of one size, where it comes after the last daily one."""
    (newest,) = connection.execute(
        "select max(session) from bar_versions where series_id = (select series_id from series "
        "where source = ? and symbol = ? and bar = ?)",
        key,
    ).fetchone()
    day = None if newest is None else np.datetime64(int(newest), "D")
    return session_date(day) if day is not None and day > last else None


def _closes(
    connection: sqlite3.Connection,
    key: Key,
    calendar: ExchangeCalendar,
    days: tuple[dt.date, dt.date],
    as_of: dt.datetime | None,
) -> Bars:
    """The last bar of every session that its bars reach the close of, with the range of the whole session."""
    bars = read(connection, key, as_of=as_of)
    sessions, closes = calendar.sessions(*days)
    opens, _ = calendar.hours(*days)
    rows, high, low = [], [], []
    starts = bars.labels.astype("datetime64[s]")
    for opening, closing in zip(opens, closes, strict=True):
        inside = np.flatnonzero((starts >= opening) & (starts < closing) & (bars.values[:, CLOSE] > 0))
        if inside.size and bars.instants[inside[-1]] >= closing:
            rows.append(inside[-1])
            high.append(np.fmax.reduce(bars.values[inside, HIGH]))
            low.append(np.fmin.reduce(bars.values[inside, LOW]))
    found = bars.at(np.array(rows, dtype=np.int64))
    found.values[:, HIGH], found.values[:, LOW] = high, low
    at = np.searchsorted(sessions, found.sessions)
    return replace(found, instants=closes[at]) if rows else found


def _joined(series: PriceSeries, found: Bars, size: str) -> PriceSeries:
    n = series.sessions.size
    close = np.concatenate([series.prices, found.values[:, CLOSE]])
    nothing = np.full(n, np.nan)
    sessions = np.concatenate([series.sessions, found.sessions])
    quotes = Quotes(
        labels=sessions.astype("datetime64[s]").astype(np.int64),
        sessions=sessions,
        close=close,
        high=np.concatenate([nothing, found.values[:, HIGH]]),
        low=np.concatenate([nothing, found.values[:, LOW]]),
    )
    doubtful = {int(flag.label) for flag in examine(quotes) if flag.is_doubt}
    kept = ~np.isin(quotes.labels[n:], sorted(doubtful))
    days = found.sessions[kept]
    words = f"no daily price yet; its close is that of the last bar of {size}, without any dividend"
    return replace(
        series,
        sessions=np.concatenate([series.sessions, days]),
        instants=np.concatenate([series.instants, found.instants[kept]]),
        prices=np.concatenate([series.prices, found.values[kept, CLOSE]]),
        marks=(*series.marks, *((day, f"{series.asset}: {day}: {words}") for day in days)),
    )
