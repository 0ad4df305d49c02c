"""Reading Yahoo's daily bars: when a close was taken, what a session paid, and what yfinance did to the rows.

Pure functions of two things: the frame as yfinance made it, and the chart as Yahoo gave it (``chart.result[0]``).
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from eventstudy.calendars import Calendar, ExchangeCalendar, at_local_time, local_time, session_date
from eventstudy.prices.yahoo.faults import dig
from eventstudy.records import Float64Array, InstantArray, SessionArray

BoolArray = NDArray[np.bool_]

# The last trade of a session comes at most so long before its close; when it did not, so long after the close the bar
# counts all the same: there was no other.
LATEST_TRADE, SEEN_AGAIN = np.timedelta64(15, "m"), np.timedelta64(20, "h")
# What Yahoo quotes round the clock: a session is a calendar day.
WHOLE_DAY = ("CURRENCY", "CRYPTOCURRENCY")


def closing_instants(
    sessions: SessionArray, meta: Mapping[str, Any], calendar: Calendar | None = None
) -> tuple[InstantArray, str]:
    """UTC instants at which the closes were taken, and the rule in words.

    Parameters
    ----------
    sessions : SessionArray
        Shape (n,), dates in the zone of the exchange.
    meta : mapping
        ``meta`` of Yahoo's answer. Its regular hours are those of the current day: they stand for days that no
        calendar knows.
    calendar : Calendar, optional
        Of the venue: knows the hours that were in force on each day, half days included.

    Returns
    -------
    InstantArray, str
        Shape (n,).
    """
    if calendar is None or not sessions.size:
        return _by_stated_hours(sessions, meta, None)
    ordinary = calendar.ordinary_close() if isinstance(calendar, ExchangeCalendar) else None
    instants, otherwise = _by_stated_hours(sessions, meta, ordinary)
    known, closes = calendar.sessions(session_date(sessions.min()), session_date(sessions.max()))
    here = np.isin(sessions, known)
    instants[here] = closes[np.searchsorted(known, sessions[here])]
    rule = "priced at the close of each session, half days and former hours included"
    return instants, rule if here.all() else f"{rule}; on days that the calendar lacks, {otherwise}"


def is_live(session: np.datetime64, close: np.datetime64, meta: Mapping[str, Any], now: np.datetime64) -> bool:
    """Whether a bar is a quote from before its close, as an old answer out of a cache has it, by Yahoo's own clock.

    That clock is the time of the last trade, which may be hours before the close: after `SEEN_AGAIN` the bar counts.
    """
    quoted = meta.get("regularMarketTime")
    if not isinstance(quoted, int | float) or meta["instrumentType"] in WHOLE_DAY or now > close + SEEN_AGAIN:
        return False
    moment = np.datetime64(int(quoted), "s")
    here = local_time(np.array([moment]), meta["exchangeTimezoneName"]).astype("datetime64[D]")[0]
    return bool(here == session and moment < close - LATEST_TRADE)


def _by_stated_hours(
    sessions: SessionArray, meta: Mapping[str, Any], ordinary: tuple[dt.time, str] | None
) -> tuple[InstantArray, str]:
    """Closes by the hours of the current day, or by those of an `ordinary` one (local time, zone)."""
    zone, regular = meta["exchangeTimezoneName"], meta["currentTradingPeriod"]["regular"]
    opens, closes = (dt.datetime.fromtimestamp(regular[key], ZoneInfo(zone)) for key in ("start", "end"))
    if ordinary is not None:
        return at_local_time(sessions, *ordinary), f"priced at the regular close, {ordinary[0]:%H:%M} {ordinary[1]}"
    # 00:00 to 23:59 is how Yahoo writes a whole day, and hours that it does not know
    is_whole = closes - opens >= dt.timedelta(hours=23, minutes=59)
    if is_whole and meta["instrumentType"] == "FUTURE":
        rule = "priced at 17:00 America/New_York, when the trading day of futures ends at the latest"
        return at_local_time(sessions, dt.time(17), "America/New_York"), rule
    if is_whole or meta["instrumentType"] in WHOLE_DAY:
        rule = f"a session is a calendar day of {zone}, priced at the midnight that ends it"
        return at_local_time(sessions + 1, dt.time(0), zone), rule
    overnight = (closes.date() - opens.date()).days
    rule = f"priced at the regular close, {closes:%H:%M} {zone}, also on half days"
    return at_local_time(sessions + overnight, closes.time(), zone), rule


def repairs(
    labels: SessionArray, close: Float64Array, chart: dict[str, Any], *, is_daily: bool = True
) -> Iterator[str]:
    """What yfinance did to the rows without saying so: sorted them, or kept one of several of one session, or bar."""
    if any(later < earlier for earlier, later in itertools.pairwise(chart["timestamp"])):
        yield "rows came out of order; sorted by date"
    for label, prices in _repeated(chart, is_daily).items():
        used = close[labels == np.datetime64(label)]
        yield f"{label} came more than once (close {_listed(prices)}); used {_listed(used)}"


def contradiction(chart: dict[str, Any], *, is_daily: bool = True) -> str | None:
    """Which session, or start of a bar in UTC, has two prices; only the last may, as a bar and as the latest quote."""
    latest = _labels(chart, is_daily).max().item()
    for label, prices in _repeated(chart, is_daily).items():
        if len(prices) > 1 and label != latest:
            return f"{label} has {len(prices)} closing prices ({_listed(prices)})"
    return None


def dividends(frame: Any, chart: dict[str, Any]) -> tuple[Float64Array, tuple[str, ...]]:
    """Cash per share by row, in the unit of the price, and a note where it is paid in another one.

    Returns
    -------
    Float64Array, tuple of str
        Shape (n,).
    """
    paid, unit = frame["Dividends"].to_numpy(dtype=float), chart["meta"]["currency"]
    given = (dig(chart, "events", "dividends") or {}).values()
    foreign = [d for d in given if (d.get("currency") or unit) != unit]
    if not foreign:
        return paid, ()
    moments = np.array([d["date"] for d in foreign], dtype="datetime64[s]")
    days = np.unique(local_time(moments, chart["meta"]["exchangeTimezoneName"]).astype("datetime64[D]"))
    # yfinance puts one that falls on no row onto the next
    rows = np.searchsorted(np.array(list(frame.index.date), dtype="datetime64[D]"), days)
    paid = paid.copy()
    paid[rows[rows < paid.size]] = 0.0
    units = _listed(sorted({d["currency"] for d in foreign}))
    return paid, (f"dividends in {units}, prices in {unit}: left out on {_listed(days)}",)


def actions(frame: Any) -> Iterator[str]:
    """A note for each split, and for each distribution that is not a dividend."""
    for moment, ratio in _nonzero(frame, "Stock Splits"):
        yield f"{ratio:g} for 1 split on {moment.date()}; Yahoo restates the prices before it"
    for moment, amount in _nonzero(frame, "Capital Gains"):
        yield f"capital gain of {amount:g} per share on {moment.date()}; not counted as a dividend"


def carry(paid: Float64Array, keep: BoolArray) -> Float64Array:
    """Dividends of the rows kept, each with those of the rows left out just before it."""
    carried = np.zeros(int(keep.sum()) + 1)  # the last place takes what has no later row to go to
    np.add.at(carried, np.searchsorted(np.flatnonzero(keep), np.arange(keep.size)), paid)
    return carried[:-1]


def splits(frame: Any) -> Float64Array:
    """New shares per old one by row; 1 where there is no split."""
    if "Stock Splits" not in frame:
        return np.ones(len(frame))
    given = frame["Stock Splits"].to_numpy(dtype=float)
    return np.where(given > 0, given, 1.0)


def carry_splits(ratio: Float64Array, keep: BoolArray) -> Float64Array:
    """Splits of the rows kept, each with those of the rows left out just before it."""
    carried = np.ones(int(keep.sum()) + 1)
    np.multiply.at(carried, np.searchsorted(np.flatnonzero(keep), np.arange(keep.size)), ratio)
    return carried[:-1]


def _nonzero(frame: Any, column: str) -> Iterator[tuple[Any, float]]:
    if column in frame:
        yield from frame[column][frame[column] != 0].items()


def _labels(chart: dict[str, Any], is_daily: bool) -> SessionArray | InstantArray:
    """Date of each row in the zone of the exchange, or, of bars of less than a day, its UTC start; shape (n,)."""
    starts = np.array(chart["timestamp"], dtype="datetime64[s]")
    if not is_daily:
        return starts
    local = local_time(starts, chart["meta"]["exchangeTimezoneName"])
    # the same repair as yfinance's: some midnights are an hour or two early around a change of the clocks
    within_day = local - local.astype("datetime64[D]")
    slipped = (within_day >= np.timedelta64(22, "h")) & (within_day % np.timedelta64(1, "h") < np.timedelta64(1, "m"))
    days: SessionArray = (local + slipped * np.timedelta64(2, "h")).astype("datetime64[D]")
    return days


def _repeated(chart: dict[str, Any], is_daily: bool) -> dict[dt.date, list[float]]:
    """The different prices of each session, or bar, that came more than once."""
    labels = _labels(chart, is_daily)
    once, times = np.unique(labels, return_counts=True)
    given = dig(chart, "indicators", "quote", 0, "close")
    return {
        label.item(): sorted({given[i] for i in np.flatnonzero(labels == label).tolist() if given[i] is not None})
        for label in once[times > 1]
    }


def _listed(values: Iterable[object]) -> str:
    return ", ".join(map(str, values)) or "none"
