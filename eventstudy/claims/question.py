"""One claim put to the prices of one asset on one day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from eventstudy.claims.assets import Candidate
from eventstudy.claims.claim import DOWN, Claim, Span
from eventstudy.claims.finding import Route
from eventstudy.claims.prices import Minutes, Prices, Reader


@dataclass(frozen=True, kw_only=True)
class Question:
    """What the checks of a claim share.

    Attributes
    ----------
    claim : Claim
    candidate : Candidate
    prices : Prices
    place : int
        Position of the day.
    announced : datetime
        When the news came out, UTC.
    reader : Reader
    """

    claim: Claim
    candidate: Candidate
    prices: Prices
    place: int
    announced: dt.datetime
    reader: Reader

    @property
    def name(self) -> str:
        """What is measured, as it stands in a sentence."""
        asset = self.candidate.asset
        return asset.title or asset.name

    @property
    def day(self) -> dt.date:
        """The day as a date."""
        found: dt.date = self.prices.sessions[self.place].astype(object)
        return found

    @property
    def close_route(self) -> Route:
        """What a price a day is called."""
        return "fixings" if self.prices.is_fixing else "closes"

    @property
    def close(self) -> float:
        """Price at the end of the day; NaN where there is none."""
        return float(self.prices.close[self.place])

    @property
    def base_place(self) -> int:
        """Position of the session from which the move is counted; -1 when the prices do not go back that far."""
        if self.claim.span == "day":
            return self.place - 1
        first = np.datetime64(_first_day(self.day, self.claim.span), "D")
        return int(np.searchsorted(self.prices.sessions, first)) - 1

    @property
    def base(self) -> float:
        """The close from which the move is counted; NaN where there is none."""
        return float(self.prices.close[self.base_place]) if self.base_place >= 0 else float("nan")

    @cached_property
    def minutes(self) -> Minutes | None:
        """Bars of the day."""
        return self.reader.minutes(self.prices, self.place)

    def move(self, price: float, base: float | None = None) -> float:
        """Simple return of what the claim speaks of, decimal: the yen's, where the price is dollars in yen."""
        start = self.base if base is None else base
        return start / price - 1 if self.candidate.is_inverted else price / start - 1

    def extreme(self, direction: int) -> list[tuple[float, Route]]:
        """The lowest or highest price of the day for the side of the claim, by each route that knows it.

        Minutes come first where they cover the session.
        """
        is_low = (direction == DOWN) != self.candidate.is_inverted
        out: list[tuple[float, Route]] = []
        bars = self.minutes
        if bars is not None and bars.is_whole:
            out.append((float(bars.low.min() if is_low else bars.high.max()), "minutes"))
        daily = float((self.prices.low if is_low else self.prices.high)[self.place])
        if np.isfinite(daily):
            out.append((daily, "daily range"))
        return out

    @property
    def doubt(self) -> str:
        """Why a price that the answer would rest on is in doubt; empty where none is."""
        for place in (self.place, self.base_place):
            if place >= 0 and (words := self.prices.doubts.get(self.prices.sessions[place])):
                return words
        return ""


def _first_day(day: dt.date, span: Span) -> dt.date:
    """First day of the week, month or year of `day`."""
    if span == "week":
        return day - dt.timedelta(days=day.weekday())
    return day.replace(day=1) if span == "month" else day.replace(month=1, day=1)
