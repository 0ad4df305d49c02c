"""The bars of one symbol, each with its session: what is a bar, and what is left out and counted (H1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from eventstudy.records import Float64Array, Int64Array
from eventstudy.study.clock.hours import DAY, Market, local

MINUTE = 60_000_000_000  # nanoseconds
SIZES: dict[str, int] = {"1m": 1, "2m": 2, "5m": 5, "10m": 10, "15m": 15, "30m": 30, "1h": 60}  # in minutes


@dataclass(frozen=True, kw_only=True)
class Bars:
    """Bars of one symbol inside the sessions of its market, in the order of time.

    Attributes
    ----------
    symbol : str
    market : Market
    zone : str
        IANA name of the zone whose times of day are compared.
    size : int
        Length of a bar, nanoseconds.
    starts, ends : Int64Array
        Shape (n,), UTC nanoseconds; a bar ends with its stretch of trading at the latest.
    open, high, low, close, volume : Float64Array
        Shape (n,), as quoted; NaN where the source has no such number.
    sessions : Int64Array
        Shape (n,), positions in ``market.labels``.
    left_out : mapping of str to int
        Why rows were left out, and how many.
    doubts : mapping of int to str
        Place of every bar whose price is in doubt → its words.
    """

    symbol: str
    market: Market
    zone: str
    size: int
    starts: Int64Array
    ends: Int64Array
    open: Float64Array
    high: Float64Array
    low: Float64Array
    close: Float64Array
    volume: Float64Array
    sessions: Int64Array
    left_out: Mapping[str, int]
    doubts: Mapping[int, str] = field(default_factory=dict)

    @cached_property
    def spans(self) -> Int64Array:
        """Shape (n,): trading span of each bar."""
        return self.market.spans[self.sessions]

    @cached_property
    def session_ends(self) -> Int64Array:
        """Shape (S + 1,): place of the first bar of each session; the bars of session k lie in [k], [k + 1]."""
        found: Int64Array = np.searchsorted(self.sessions, np.arange(self.market.labels.size + 1))
        return found

    @cached_property
    def stretch_closes(self) -> Int64Array:
        """Shape (n,): when the stretch of trading closes that each bar lies in, for a break or for the night."""
        opens, closes, _ = self.market.intervals
        return closes[np.searchsorted(opens, self.starts, side="right") - 1]

    @cached_property
    def returns(self) -> Float64Array:
        """Shape (n,): log return from the bar that ends where this one starts; NaN where there is none, or a doubt."""
        out = np.full(self.close.size, np.nan)
        is_next = (self.ends[:-1] == self.starts[1:]) & (self.spans[:-1] == self.spans[1:])
        found = np.log(self.close[1:] / self.close[:-1])
        out[1:][is_next] = found[is_next]
        for place in self.doubts:
            out[place : place + 2] = np.nan
        return out

    @cached_property
    def squares(self) -> Float64Array:
        """Shape (n,): squared log return from the bar before, whenever that was; 0 for the first."""
        out = np.zeros(self.close.size)
        out[1:] = np.diff(np.log(self.close)) ** 2
        return out

    @cached_property
    def traded(self) -> Float64Array:
        """Shape (n,): volume, 0 where the source has none."""
        found: Float64Array = np.nan_to_num(self.volume)
        return found

    @cached_property
    def scales(self) -> dict[bytes, Float64Array]:
        """What `reference` found of how far these bars move at each time of day, by sessions."""
        return {}

    @cached_property
    def clock(self) -> Int64Array:
        """Shape (n,): number of the local time of day at which each bar starts, from 0."""
        _, found = np.unique(local(self.starts, self.zone) % DAY, return_inverse=True)
        return found.astype(np.int64)

    @cached_property
    def n_clocks(self) -> int:
        """How many times of day bars start at."""
        return int(self.clock.max()) + 1 if self.clock.size else 0

    @cached_property
    def _by_clocks(self) -> dict[str, Bars]:
        return {}

    def in_zone(self, zone: str) -> Bars:
        """The same bars, by the clocks of `zone`."""
        if zone == self.zone:
            return self
        if zone not in self._by_clocks:
            self._by_clocks[zone] = replace(self, zone=zone)
        return self._by_clocks[zone]

    def since_start(self, instant: int) -> int:
        """Nanoseconds to an instant from where a bar would start last, on the grid of the bar nearest to it."""
        after = int(np.searchsorted(self.starts, instant))
        beside = self.starts[max(after - 1, 0) : after + 1].tolist()
        near = min(beside, key=lambda start: abs(start - instant), default=instant)
        return (instant - near) % self.size

    @property
    def first_session(self) -> int:
        """Position of the first session with a bar; the number of sessions when there is none."""
        return int(self.sessions[0]) if self.sessions.size else int(self.market.labels.size)


def make_bars(
    symbol: str,
    market: Market,
    size: int,
    starts: Int64Array,
    columns: Mapping[str, Float64Array],
) -> Bars:
    """The bars among the rows of a table.

    Rows without a close are no bars, nor are rows of zero volume where the symbol has volume anywhere, nor are rows
    that start outside every session.

    Parameters
    ----------
    symbol : str
    market : Market
    size : int
        Nanoseconds.
    starts : Int64Array
        Shape (m,), UTC nanoseconds, strictly increasing.
    columns : mapping of str to Float64Array
        ``close``, and where there are any ``open``, ``high``, ``low`` and ``volume``.
    """
    none = np.full(starts.size, np.nan)
    close, volume = columns["close"], columns.get("volume", none)
    has_close = np.isfinite(close) & (close > 0)
    is_idle = (volume == 0) if (volume > 0).any() else np.zeros(starts.size, dtype=bool)
    opens, closes, sessions = market.intervals
    is_inside = market.is_inside(starts)
    kept = has_close & ~is_idle & is_inside
    q = np.searchsorted(opens, starts[kept], side="right") - 1
    left_out = {
        "without a price above zero": int((~has_close).sum()),
        "without volume": int((has_close & is_idle).sum()),
        "outside every session": int((has_close & ~is_idle & ~is_inside).sum()),
    }
    return Bars(
        symbol=symbol,
        market=market,
        zone=market.zone,
        size=size,
        starts=starts[kept],
        ends=np.minimum(starts[kept] + size, closes[q]),
        open=columns.get("open", none)[kept],
        high=columns.get("high", none)[kept],
        low=columns.get("low", none)[kept],
        close=close[kept],
        volume=volume[kept],
        sessions=sessions[q],
        left_out={why: n for why, n in left_out.items() if n},
    )
