"""The bar of a minute that a claim names."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from eventstudy.calendars import to_instant
from eventstudy.claims import words
from eventstudy.claims.question import Question


@dataclass(frozen=True, slots=True, kw_only=True)
class BarAt:
    """The last price before a minute was over, and what there was within its bar.

    Attributes
    ----------
    close, low, high : float
    words : str
        The minute as a sentence has it.
    """

    close: float
    low: float
    high: float
    words: str


def bar_at(q: Question) -> BarAt | str:
    """The bar of the minute that the claim names, or why there is none.

    It is the first such time of the clock after the news, for what is written of the news is written after it; where
    a weekday is named, that of this day at the place of the clock, whatever day it is elsewhere.
    """
    minute = q.claim.minute
    assert minute is not None  # asked of claims that name one
    if not minute.zone:
        return words.which_clock(minute.text)
    zone = ZoneInfo(minute.zone)
    local = q.announced.astimezone(zone)
    moment = dt.datetime.combine(local.date(), minute.time, zone)
    if q.claim.weekday is not None:
        moment += dt.timedelta(days=(q.claim.weekday - moment.weekday()) % 7)
    elif moment < local:
        moment += dt.timedelta(days=1)
    instant = to_instant(moment.astimezone(dt.UTC))
    for place in (q.place, q.place - 1, q.place + 1):
        bars = q.reader.minutes(q.prices, place) if 0 <= place < q.prices.sessions.size else None
        if bars is None:
            continue
        i = int(np.searchsorted(bars.starts, instant, side="right")) - 1
        if i >= 0 and instant < bars.ends[i]:
            return BarAt(
                close=float(bars.close[i]),
                low=float(bars.low[i]),
                high=float(bars.high[i]),
                words=words.minute(moment, minute.zone, bars.size),
            )
    return words.no_minute(q.name, words.minute(moment, minute.zone, 1))
