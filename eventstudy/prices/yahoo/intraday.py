"""Reading Yahoo's bars of less than a day: how far back they reach, when each of them ends, which are left out.

Pure functions, as those of `yahoo_bars`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from eventstudy.prices.source import BARS
from eventstudy.prices.yahoo import bars as yahoo_bars
from eventstudy.prices.yahoo.faults import dig
from eventstudy.records import Float64Array, InstantArray, SessionArray

# Days that Yahoo serves bars of a size for; the wall moves with the clock, to the second.
HISTORY: dict[str, int | None] = {"1d": None, "1h": 730, "30m": 60, "15m": 60, "5m": 60, "1m": 30}
MARGIN = dt.timedelta(hours=1)  # between the wall and what is asked for: a slow pass must not run into it
# Longest range of one request. Yahoo allows 8 days of minutes.
REACH = {"1m": dt.timedelta(days=7)}
# A date begins and ends at different instants round the world; bars of other dates are dropped from the answer.
EAST, WEST = dt.timedelta(hours=14), dt.timedelta(hours=12)
WHOLE_DAY = np.timedelta64(23 * 60 + 59, "m")
SHOWN = 3

Request = tuple[dt.datetime, dt.datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """What one request gave; arrays have shape (n,).

    Attributes
    ----------
    starts, ends : InstantArray
        UTC instants, `starts` strictly increasing.
    sessions : SessionArray
        Dates of `starts` in the zone of the exchange.
    columns : dict of str to Float64Array
        ``open, high, low, close, volume, dividends, splits``.
    currency, zone, calendar : str
        The calendar by its name; empty where there is none.
    notes : tuple of str
    """

    starts: InstantArray
    ends: InstantArray
    sessions: SessionArray
    columns: dict[str, Float64Array]
    currency: str
    zone: str
    notes: tuple[str, ...]
    calendar: str = ""


def wall(bar: str, now: dt.datetime) -> dt.datetime:
    """The oldest instant that bars of this size are asked for."""
    days = HISTORY[bar]
    assert days is not None  # daily bars are not read here
    return (now - dt.timedelta(days=days) + MARGIN).replace(microsecond=0)


def requests(bar: str, start: dt.date, end: dt.date, now: dt.datetime) -> list[Request]:
    """The ranges to ask for, oldest first; none when all of it lies beyond the wall, or in the future."""
    oldest, latest = wall(bar, now), now.replace(microsecond=0)
    two_days = dt.timedelta(days=2)  # no zone is further off, and no date overflows
    first = oldest if start < oldest.date() - two_days else max(_midnight(start) - EAST, oldest)
    last = latest if end > latest.date() + two_days else min(_midnight(end + dt.timedelta(days=1)) + WEST, latest)
    out = []
    while first < last:
        until = min(last, first + REACH.get(bar, dt.timedelta(days=1000)))
        out.append((first, until))
        first = until
    return out


def read(frame: Any, chart: dict[str, Any], bar: str) -> Bars:
    """The frame as yfinance made it, held against the chart as Yahoo gave it; rows without a price are left out."""
    zone = chart["meta"]["exchangeTimezoneName"]
    starts = frame.index.tz_convert("UTC").tz_localize(None).to_numpy().astype("datetime64[ns]")
    sessions = np.array(list(frame.index.tz_convert(zone).date), dtype="datetime64[D]")
    close = frame["Close"].to_numpy(dtype=float)
    paid, dividend_notes = yahoo_bars.dividends(frame, chart)
    is_bar = (starts - starts.astype("datetime64[m]")) == np.timedelta64(0)  # a live quote stands at its second
    priced = np.isfinite(close) & (close != 0)
    keep = priced & is_bar
    # yfinance makes 30m out of 15m bars, with a row for every half hour of the night: no bar, so nothing is missing
    stamps = np.array(sorted(chart["timestamp"]), dtype="datetime64[s]").astype("datetime64[ns]")
    size = np.timedelta64(BARS[bar])
    given = np.searchsorted(stamps, starts) < np.searchsorted(stamps, starts + size)
    columns = {name.lower(): frame[name].to_numpy(dtype=float) for name in ("Open", "High", "Low", "Close", "Volume")}
    columns["dividends"] = yahoo_bars.carry(paid, keep)
    columns["splits"] = yahoo_bars.carry_splits(yahoo_bars.splits(frame), keep)
    for name in ("open", "high", "low", "close", "volume"):
        columns[name] = columns[name][keep]
    return Bars(
        starts=starts[keep],
        ends=ends(starts[keep], sessions[keep], bar, chart["meta"]),
        sessions=sessions[keep],
        columns=columns,
        currency=chart["meta"]["currency"] or "",
        zone=zone,
        notes=(
            *yahoo_bars.repairs(starts, close, chart, is_daily=False),
            *_counted("without a price", starts[given & ~priced & is_bar]),
            *_counted("that are live quotes", starts[~is_bar]),
            *dividend_notes,
            *yahoo_bars.actions(frame),
        ),
    )


def ends(starts: InstantArray, sessions: SessionArray, bar: str, meta: dict[str, Any]) -> InstantArray:
    """When each bar is over: after its size, or earlier, at the next bar of its session or at the regular close."""
    out: InstantArray = starts + np.timedelta64(BARS[bar]).astype("timedelta64[ns]")
    if starts.size > 1:
        follows = sessions[1:] == sessions[:-1]
        out[:-1] = np.where(follows, np.minimum(out[:-1], starts[1:]), out[:-1])
    for opening, closing in _regular(meta):
        if closing - opening < WHOLE_DAY:
            inside = (starts >= opening) & (starts < closing)
            out[inside] = np.minimum(out[inside], closing)
    return out


def joined(parts: Sequence[Bars]) -> Bars:
    """Bars of consecutive requests as one; a bar that two of them gave counts once, as the later gave it."""
    starts = np.concatenate([part.starts for part in parts])
    _, last = np.unique(starts[::-1], return_index=True)
    rows = starts.size - 1 - last
    newest = parts[-1]
    return Bars(
        starts=starts[rows],
        ends=np.concatenate([part.ends for part in parts])[rows],
        sessions=np.concatenate([part.sessions for part in parts])[rows],
        columns={name: np.concatenate([part.columns[name] for part in parts])[rows] for name in newest.columns},
        currency=newest.currency,
        zone=newest.zone,
        calendar=newest.calendar,
        notes=tuple(dict.fromkeys(note for part in parts for note in part.notes)),
    )


def _regular(meta: dict[str, Any]) -> Iterator[tuple[np.datetime64, np.datetime64]]:
    periods = meta.get("tradingPeriods") or []
    if isinstance(periods, dict):  # with pre- and post-market
        periods = periods.get("regular") or []
    for period in (period for day in periods for period in (day if isinstance(day, list) else [day])):
        if dig(period, "start") is not None and dig(period, "end") is not None:
            yield (
                np.datetime64(int(period["start"]), "s").astype("datetime64[ns]"),
                np.datetime64(int(period["end"]), "s").astype("datetime64[ns]"),
            )


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)


def _counted(what: str, starts: InstantArray) -> Iterator[str]:
    if starts.size:
        shown = ", ".join(np.datetime_as_string(starts[:SHOWN], unit="m"))
        more = f" and {starts.size - SHOWN} more" if starts.size > SHOWN else ""
        yield f"{starts.size} bars {what}, left out: {shown} UTC{more}"
