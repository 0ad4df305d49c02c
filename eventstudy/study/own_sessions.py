"""Which rows of a table are the sessions of an asset: those with a price, or those of its venue's calendar."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from eventstudy.calendars import named_calendar
from eventstudy.errors import EventStudyError
from eventstudy.records import Float64Array, Int64Array, SessionArray
from eventstudy.study.frame import Market, growth

VENUE = 3  # assets of which none has a price on a day: then the calendar lacks a closure


def on_calendars(market: Market, names: Iterable[str]) -> Market:
    """A market with a row for every session of the calendars, so that a day that the table lacks is seen to be missing.

    A day on which none of three or more assets has a price was a closure: noted. A day of the weekend that is no
    session is left out.

    Parameters
    ----------
    market : Market
        Of prices.
    names : iterable of str
        Calendars of events; one that there is not is passed over here, and refused where the event is placed.
    """
    assert market.levels is not None  # of prices
    calendars: dict[str, SessionArray] = {}
    first, last = market.sessions[0].item(), market.sessions[-1].item()
    for name in dict.fromkeys(names):
        try:
            calendar = named_calendar(name)
        except EventStudyError:
            continue
        start, end = max(first, calendar.first_day), min(last, calendar.last_day)
        calendars[name] = calendar.sessions(start, end)[0]
    if not calendars:
        return market
    warnings = list(market.warnings)
    there = np.isfinite(market.levels).any(axis=1)
    for name, sessions in calendars.items():
        closed = sessions[~np.isin(sessions, market.sessions[there])]
        if closed.size and len(market.names) >= VENUE:
            more = f" and on {closed.size - 1} more days" if closed.size > 1 else ""
            warnings.append(f"nothing has a price on {closed[0]}, a session of {name}{more}; counted as closed")
            calendars[name] = sessions[np.isin(sessions, market.sessions[there])]
    union = np.unique(np.concatenate([market.sessions, *calendars.values()]))
    at = np.searchsorted(union, market.sessions)

    def spread(values: Float64Array) -> Float64Array:
        out = np.full((union.size, values.shape[1]), np.nan, order="F")
        out[at] = values
        return out

    returns, levels = spread(market.returns), spread(market.levels)
    after = np.flatnonzero(np.diff(at, prepend=-1) > 1)  # a row has come in before these
    returns[at[after]] = np.nan
    bad = np.zeros(levels.shape, dtype=bool)
    bad[at] = market.is_bad
    return replace(
        market,
        sessions=union,
        returns=returns,
        levels=levels,
        is_bad=bad,
        calendars=calendars,
        unmoved=at[market.unmoved],
        warnings=tuple(warnings),
    )


def own_rows(market: Market, column: int, calendar: str | None) -> Int64Array | None:
    """Rows of `market` that are sessions of an asset; None where all are.

    Without a calendar a blank between two prices is a day on which the asset was closed. With one it is missing, and
    a price on a weekday that is no session counts all the same.
    """
    if market.levels is None:
        return None
    level = market.levels[:, column]
    has_price = np.isfinite(level)
    where = np.flatnonzero(has_price)
    if not where.size:
        return None
    is_own: NDArray[np.bool_]
    if calendar is not None and calendar in market.calendars:
        is_weekday = np.is_busday(market.sessions)
        is_own = np.isin(market.sessions, market.calendars[calendar]) | (has_price & is_weekday)
        # nothing is known of years that the calendar does not reach
        known = market.calendars[calendar]
        outside = (market.sessions < known[0]) | (market.sessions > known[-1]) if known.size else np.ones_like(is_own)
        is_own |= outside & has_price
    else:
        is_own = has_price | market.is_bad[:, column]
        is_own[: where[0]] = True
        is_own[where[-1] + 1 :] = True
        if market.calendars:  # rows that came in for the calendars of others are none of this asset's
            is_own &= market.is_priced
    return None if is_own.all() else np.flatnonzero(is_own)


def own_returns(market: Market, column: int, rows: Int64Array) -> Float64Array:
    """Returns of a column from each of `rows` to the next, shape (n,), over all that lies between; NaN first."""
    if rows.size == market.sessions.size:
        return market.returns[:, column]
    assert market.levels is not None  # else all rows are own
    if not np.isfinite(market.levels[:, column]).any():
        return _cumulated(market, column, rows)  # given as returns
    out = np.full(rows.size, np.nan)
    level = market.levels[rows, column]
    out[1:] = growth(level[1:], level[:-1], market.kind)
    if market.risk_free is not None:
        out -= _cumulated(market, market.column(market.risk_free), rows)
    return out


def _cumulated(market: Market, column: int, rows: Int64Array) -> Float64Array:
    """Returns that were given, cumulated from each of `rows` to the next; NaN where one of them is missing."""
    one = market.returns[:, column]
    logs = one if market.kind == "log" else np.log1p(one)
    total = np.concatenate([[0.0], np.cumsum(np.nan_to_num(logs))])
    holes = np.concatenate([[0], np.cumsum(~np.isfinite(logs))])
    out = np.full(rows.size, np.nan)
    both = total[rows[1:] + 1] - total[rows[:-1] + 1]
    out[1:] = np.where(holes[rows[1:] + 1] == holes[rows[:-1] + 1], both, np.nan)
    return out if market.kind == "log" else np.expm1(out)
