"""When a market is open: sessions, their breaks, and the clock of its venue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.calendars import TradingHours
from eventstudy.records import Int64Array

NONE = np.iinfo(np.int64).min  # an instant that there is not
DAY = 86_400_000_000_000  # nanoseconds

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an announcement falls.

    Attributes
    ----------
    at : int
        The instant from which minutes are counted, UTC nanoseconds: the announcement, or the reopening after it.
    session : int
        Position of the session that `at` belongs to.
    is_open : bool
        Whether the market was open at the announcement.
    is_break : bool
        Whether it was shut for a break within the session.
    """

    at: int
    session: int
    is_open: bool
    is_break: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)  # a market is itself: look-ups are kept by it
class Market:
    """The sessions of a venue, ready to be looked up.

    Attributes
    ----------
    name, zone : str
        Calendar, and IANA name of the venue's zone.
    labels : numpy.ndarray
        Shape (S,), datetime64[D].
    opens, closes : Int64Array
        Shape (S,), UTC nanoseconds.
    break_starts, break_ends : Int64Array
        Shape (S,), UTC nanoseconds; ``NONE`` on sessions without a break.
    """

    name: str
    zone: str
    labels: NDArray[np.datetime64]
    opens: Int64Array
    closes: Int64Array
    break_starts: Int64Array
    break_ends: Int64Array

    @classmethod
    def of(cls, name: str, hours: TradingHours) -> Market:
        """The market of a calendar."""

        def plain(instants: NDArray[np.datetime64]) -> Int64Array:
            numbers: Int64Array = instants.astype("datetime64[ns]").astype(np.int64)
            return numbers

        return cls(
            name=name,
            zone=hours.zone,
            labels=hours.labels,
            opens=plain(hours.opens),
            closes=plain(hours.closes),
            break_starts=plain(hours.break_starts),
            break_ends=plain(hours.break_ends),
        )

    @cached_property
    def spans(self) -> Int64Array:
        """Shape (S,): number of the trading span of each session; sessions that touch are one span."""
        begins = np.ones(self.opens.size, dtype=np.int64)
        begins[1:] = self.opens[1:] > self.closes[:-1]
        return np.cumsum(begins) - 1

    @cached_property
    def span_closes(self) -> Int64Array:
        """Shape (S,): close of the span of each session."""
        last = np.searchsorted(self.spans, self.spans, side="right") - 1
        return self.closes[last]

    @property
    def is_round_the_clock(self) -> bool:
        """Whether any sessions touch."""
        return bool(self.spans[-1] + 1 < self.spans.size) if self.spans.size else False

    @cached_property
    def intervals(self) -> tuple[Int64Array, Int64Array, Int64Array]:
        """Openings and closes of all stretches of trading, breaks cut out, and the session that each belongs to."""
        has_break = self.break_starts != NONE
        opens = np.concatenate([self.opens, self.break_ends[has_break]])
        closes = np.concatenate([np.where(has_break, self.break_starts, self.closes), self.closes[has_break]])
        sessions = np.concatenate([np.arange(self.opens.size), np.flatnonzero(has_break)])
        order = np.argsort(opens, kind="stable")
        return opens[order], closes[order], sessions[order]

    @cached_property
    def openings(self) -> Int64Array:
        """Instants at which trading begins after a night, a weekend or a break; where sessions touch it goes on."""
        opens, closes, _ = self.intervals
        return opens[np.append(True, opens[1:] > closes[:-1])] if opens.size else opens

    def is_inside(self, instants: Int64Array) -> Flags:
        """Whether each instant lies inside a stretch of trading."""
        opens, closes, _ = self.intervals
        if not opens.size:
            return np.zeros(instants.size, dtype=bool)
        q = np.searchsorted(opens, instants, side="right") - 1
        flags: Flags = (q >= 0) & (instants < closes[np.maximum(q, 0)])
        return flags

    def place(self, instant: int) -> Place | None:
        """Where an instant falls: open at the opening, shut at the close; None after the last session known."""
        opens, closes, sessions = self.intervals
        q = int(np.searchsorted(opens, instant, side="right")) - 1
        if q >= 0 and instant < closes[q]:
            return Place(at=instant, session=int(sessions[q]), is_open=True)
        if q + 1 >= opens.size:
            return None
        is_break = q >= 0 and sessions[q] == sessions[q + 1]
        return Place(at=int(opens[q + 1]), session=int(sessions[q + 1]), is_open=False, is_break=bool(is_break))

    def same_clock(self, place: Place, zone: str) -> Int64Array:
        """The instant inside every session that stands for `place`, shape (S,); ``NONE`` where there is none.

        In an open market the instant inside the session whose wall-clock time in `zone` is the same: a repeated hour
        gives the first, a skipped one none. In a shut market the reopening of the same kind.
        """
        if place.is_break:
            return self.break_ends
        if not place.is_open:
            begins = np.ones(self.opens.size, dtype=bool)
            begins[1:] = self.opens[1:] > self.closes[:-1]
            return np.where(begins, self.opens, NONE)
        shown = pd.Timestamp(place.at, tz="UTC").tz_convert(zone).tz_localize(None)
        offset = int(shown.to_datetime64().astype("datetime64[ns]").astype(np.int64)) - int(
            self.labels[place.session].astype("datetime64[ns]").astype(np.int64)
        )
        found = self._on_every_label(zone, offset)
        if zone != self.zone:  # it may fall on the day before or after: daylight saving begins on another date
            for days in (-DAY, DAY):
                other = self._on_every_label(zone, offset + days)
                found = np.where((other >= self.opens) & (other < self.closes), other, found)
        return found

    @cached_property
    def _on_every_label(self) -> Callable[[str, int], Int64Array]:
        """The instants, shape (S,), at which clocks of a zone show an offset from the midnight of every label.

        Events at the same clock time share them. They go with the market: a service makes one for every study.
        """
        labels = self.labels.astype("datetime64[ns]")

        def found(zone: str, offset: int) -> Int64Array:
            wall = pd.DatetimeIndex(labels + np.timedelta64(offset, "ns"))
            shown = wall.tz_localize(zone, nonexistent="NaT", ambiguous=np.ones(wall.size, dtype=bool))
            utc = shown.tz_convert("UTC").tz_localize(None)
            instants: Int64Array = utc.to_numpy().astype("datetime64[ns]").astype(np.int64)
            return instants

        return lru_cache(maxsize=4096)(found)

    def is_open_at(self, sessions: Int64Array, instants: Int64Array) -> Flags:
        """Whether each instant lies inside its session, breaks left out; ``NONE`` does not."""
        inside = (instants >= self.opens[sessions]) & (instants < self.closes[sessions])
        starts, ends = self.break_starts[sessions], self.break_ends[sessions]
        flags: Flags = inside & ~((starts != NONE) & (instants >= starts) & (instants < ends))
        return flags

    @lru_cache(maxsize=8)  # noqa: B019  # a market lives as long as the study
    def local_closes(self, zone: str) -> Int64Array:
        """Shape (S,): time of day at which each session closes by the clocks of `zone`, nanoseconds."""
        return local(self.closes, zone) % DAY


def local(instants: Int64Array, zone: str) -> Int64Array:
    """What clocks in `zone` show at UTC instants, nanoseconds since 1970 as if it were UTC."""
    shown = pd.DatetimeIndex(instants.astype("datetime64[ns]")).tz_localize("UTC").tz_convert(zone).tz_localize(None)
    numbers: Int64Array = shown.to_numpy().astype("datetime64[ns]").astype(np.int64)
    return numbers
