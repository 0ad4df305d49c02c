"""Prices about the news: the last one before it, the gap of an opening, and the bar in whose middle it came."""

from __future__ import annotations

from typing import Any

import numpy as np

from eventstudy.study.clock.bars import MINUTE
from eventstudy.study.clock.plain import instant, number
from eventstudy.study.clock.reaction import MEDIAN_SPAN, ClockReaction, WindowReaction
from eventstudy.study.clock.windows import Measured


def news_at(reaction: ClockReaction) -> int:
    """The instant that the age of a price before the news is seen from."""
    assert reaction.place is not None
    return reaction.place.at if reaction.place.is_open else reaction.event.earliest


def after_opening(reaction: ClockReaction, found: WindowReaction) -> float | None:
    """Log move from the first price after the reopening to the window's end (H3)."""
    opening = first_price(reaction)
    if opening is None or not found.has_prices:
        return None
    return float(np.log(found.found.measured.end_price[0] / opening))


def first_price(reaction: ClockReaction) -> float | None:
    """The price at the reopening; None in an open market, or where no bar starts then."""
    bars, place = reaction.bars, reaction.place
    if bars is None or place is None or place.is_open:
        return None
    first = int(np.searchsorted(bars.starts, place.at, side="left"))
    if first >= bars.starts.size or bars.starts[first] != place.at or not np.isfinite(bars.open[first]):
        return None
    return float(bars.open[first])


def price_before(reaction: ClockReaction, before: Measured | None) -> dict[str, Any] | None:
    """The last price before the news, and the median of the bars that ended 20 to 10 minutes before it (H10)."""
    if before is None:
        return None
    bars, place, at = before.bars, int(before.base[0]), int(before.at[0])
    seen_from = int(bars.stretch_closes[place]) if before.is_last_close[0] else at
    low, high = (int(np.searchsorted(bars.ends, seen_from + side, side="right")) for side in MEDIAN_SPAN)
    median = float(np.median(bars.close[low:high])) if high > low else None
    clock = next((w.clock for w in reaction.windows if w.clock is not None), None)
    differs = None
    if median is not None and clock is not None:
        differs = bool(abs(np.log(median / bars.close[place])) > clock.s / 2)
    return {
        "price": float(bars.close[place]),
        "at": instant(bars.ends[place]),
        "age_minutes": (news_at(reaction) - int(bars.ends[place])) / MINUTE,
        "median_price": median,
        "median_differs": differs,
    }


def opening_gap(reaction: ClockReaction, before: Measured | None) -> float | None:
    """Log move from the last close to the first price after the reopening; null where that is not at the opening."""
    opening = first_price(reaction)
    if before is None or opening is None:
        return None
    return float(np.log(opening / before.bars.close[before.base[0]]))


def mixed_bar(reaction: ClockReaction, before: Measured | None) -> dict[str, Any] | None:
    """The bar in whose middle the announcement came, from the price before it."""
    bars, place = reaction.bars, reaction.place
    if before is None or bars is None or place is None or not place.is_open:
        return None
    i = int(np.searchsorted(bars.starts, place.at, side="left")) - 1
    if i < 0 or not bars.starts[i] < place.at < bars.ends[i]:
        return None
    base = bars.close[before.base[0]]
    return {
        name: number(np.log(values[i] / base))
        for name, values in (("move", bars.close), ("low", bars.low), ("high", bars.high))
    }
