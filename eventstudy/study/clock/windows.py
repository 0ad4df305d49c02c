"""One window on many sessions at once: its base, its end, its move, or the code of the refusal (H2, H3)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from eventstudy.errors import InputError
from eventstudy.records import Float64Array, Int64Array
from eventstudy.study.clock.bars import MINUTE, Bars
from eventstudy.study.clock.hours import NONE, Flags, Market

CLOSE, NEXT_OPEN, NEXT_CLOSE = "close", "next-open", "next-close"
ENDS = (CLOSE, NEXT_OPEN, NEXT_CLOSE)
LONGEST = 7 * 24 * 60  # minutes; no window by the clock is longer

# Code of a refusal → what it says; those of a window on one session stand in the order in which they are asked.
REFUSALS: dict[str, str] = {
    "before-reopening": "the market was shut at the announcement, and the window begins before it",
    "clock-outside-session": "the session has no such time of day",
    "other-close": "the session closes at another time of day",
    "session-closes": "the session closes inside the window",
    "no-bar-before": "there is no bar before the announcement to start from",
    "stale-base": "the last bar before the window is too old",
    "no-bar-after": "there is no bar inside the window after the announcement",
    "stale-end": "the last bar inside the window is too old",
    "after-announcement": "the window ends after the announcement",
    "masked": "another event falls into the window",
    "too-few-reference-sessions": "too few earlier sessions can be compared with",
    "no-variation": "the window never moved on the reference sessions",
    "no-pace": "too few earlier bars to tell how lively the session was",
    "no-benchmark": "the benchmark has no such window",
    "no-session": "the calendar knows no session for the announcement",
    "price-in-doubt": "price in doubt",
}
_CODES = tuple(REFUSALS)
_OK = -1

_SPAN = re.compile(r"([+-]?\d+)m", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class ClockWindow:
    """A window about the announcement by the clock.

    Attributes
    ----------
    start : int
        Minutes, zero or less.
    end : int or str
        Minutes after `start`, or ``close``, ``next-open`` or ``next-close``.
    """

    start: int
    end: int | str

    @classmethod
    def parse(cls, value: object) -> ClockWindow:
        """Read ``"0m:30m"``, ``["-10m", "20m"]`` or ``"0m:close"``.

        Raises
        ------
        InputError
            When it is no such window.
        """
        if isinstance(value, ClockWindow):
            return value
        parts = re.split(r"[:,]", value.strip("[]() ")) if isinstance(value, str) else value
        if isinstance(parts, (list, tuple)) and len(parts) == 2:
            start, end = (_bound(part) for part in parts)
            if isinstance(start, int) and end is not None:
                _check(start, end, value)
                return cls(start, end)
        raise InputError(
            "not a window in minutes", where="window", value=value, remedy="write for example 0m:30m or 0m:close"
        )

    @property
    def bounds(self) -> tuple[str, str]:
        """Both ends as written, for example ``("0m", "30m")``."""
        return f"{self.start}m", f"{self.end}m" if isinstance(self.end, int) else self.end

    @property
    def label(self) -> str:
        """The window as printed, for example ``[0m,30m]``."""
        return f"[{','.join(self.bounds)}]"

    @property
    def is_after(self) -> bool:
        """Whether it begins at the announcement, ends after it and within the session."""
        return self.start == 0 and self.end not in (NEXT_OPEN, NEXT_CLOSE)


def _check(start: int, end: int | str, value: object) -> None:
    if start > 0:
        raise InputError(
            "a window by the clock begins at the announcement or before it",
            where="window",
            value=value,
            remedy="write 0m:30m",
        )
    if isinstance(end, int) and end <= start:
        raise InputError("a window must not end before it starts", where="window", value=value, remedy="swap them")
    if max(-start, end if isinstance(end, int) else 0) > LONGEST:
        raise InputError("no window by the clock is that long", where="window", value=value, remedy="study daily bars")


def _bound(part: object) -> int | str | None:
    text = str(part).strip()
    if text in ENDS:
        return text
    found = _SPAN.fullmatch(text)
    return int(found[1]) if found else None


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One window on some sessions; all arrays have shape (r,).

    Attributes
    ----------
    bars : Bars
    window : ClockWindow
    sessions : Int64Array
        Positions of the sessions.
    at : Int64Array
        Instants from which minutes are counted, UTC nanoseconds.
    until : Int64Array
        Instants at which the window ends.
    base, end : Int64Array
        Places of the bars; meaningless where refused.
    code : Int64Array
        Place of the refusal in ``REFUSALS``; -1 where there is a number.
    is_last_close : NDArray[bool]
        Whether the base is the last close before an opening.
    """

    bars: Bars
    window: ClockWindow
    sessions: Int64Array
    at: Int64Array
    until: Int64Array
    base: Int64Array
    end: Int64Array
    code: Int64Array
    is_last_close: Flags

    @property
    def is_ok(self) -> Flags:
        """Where there is a number."""
        flags: Flags = self.code == _OK
        return flags

    def refusal(self, row: int) -> str | None:
        """Code of the refusal of one row."""
        code = int(self.code[row])
        return None if code == _OK else _CODES[code]

    @cached_property
    def move(self) -> Float64Array:
        """Log return from base to end; NaN where refused."""
        if not self.bars.close.size:
            return np.full(self.code.size, np.nan)
        return np.where(self.is_ok, np.log(self.bars.close[self.end] / self.bars.close[self.base]), np.nan)

    def extremes(self, *, is_low: bool) -> tuple[Float64Array, Int64Array]:
        """Lowest low, or highest high, of the bars wholly after the announcement and inside the window (H8).

        Returns
        -------
        (Float64Array, Int64Array)
            Shape (r,): price, NaN where there is no such bar, and place of the earliest bar that has it, -1 for none.
        """
        bars = self.bars
        values = bars.low if is_low else bars.high
        first = np.searchsorted(bars.starts, self.at, side="left")
        beyond = np.searchsorted(bars.ends, self.until, side="right")
        price, place = np.full(self.code.size, np.nan), np.full(self.code.size, -1)
        for row in np.flatnonzero(self.is_ok & (beyond > first)).tolist():
            part = values[first[row] : beyond[row]]
            i = int(part.argmin() if is_low else part.argmax())  # NaN, where there is one
            if np.isnan(part[i]):
                if np.isnan(part).all():
                    continue
                i = int(np.nanargmin(part) if is_low else np.nanargmax(part))
            price[row], place[row] = part[i], first[row] + i
        return price, place


def measure(
    bars: Bars,
    window: ClockWindow,
    sessions: Int64Array,
    at: Int64Array,
    *,
    is_open: bool,
    is_break: bool = False,
    closes_at: int | None = None,
    zone: str | None = None,
) -> Measured:
    """A window on several sessions.

    Parameters
    ----------
    bars : Bars
    window : ClockWindow
    sessions, at : Int64Array
        Shape (r,): positions of the sessions, and the instant in each from which minutes are counted; ``NONE`` where
        the session has no such time of day.
    is_open : bool
        Whether the market is open at these instants; else they are reopenings.
    is_break : bool
        Whether they are the ends of breaks.
    closes_at : int, optional
        Local time of day at which a session must close for a window to the close; any when None.
    zone : str, optional
        Zone of that time of day; that of the market when None.
    """
    market, size = bars.market, bars.size
    span = market.spans[sessions]
    code = np.full(sessions.size, _OK)
    is_known = at != NONE
    t = np.where(is_known, at, market.opens[sessions])

    def refuse(rows: Flags, why: str) -> None:
        code[rows & (code == _OK)] = _CODES.index(why)

    if not is_open and window.start < 0:
        refuse(np.ones(sessions.size, dtype=bool), "before-reopening")
    is_outside = ~is_known
    if is_open:
        is_outside |= ~market.is_open_at(sessions, t)
    refuse(is_outside, "clock-outside-session")
    until, length, closing = _until(market, window, sessions, span, t)
    if window.end == CLOSE and closes_at is not None:
        refuse(market.local_closes(zone or market.zone)[sessions] != closes_at, "other-close")
    if isinstance(window.end, int):
        refuse(until > market.span_closes[sessions], "session-closes")
    limit = np.maximum(2 * size, length / 4)

    if not bars.close.size:
        refuse(np.ones(sessions.size, dtype=bool), "no-bar-before")
        none = np.zeros(sessions.size, dtype=np.int64)
        return Measured(
            bars=bars,
            window=window,
            sessions=sessions,
            at=t,
            until=until,
            base=none,
            end=none,
            code=code,
            is_last_close=np.zeros(sessions.size, dtype=bool),
        )
    base, is_last_close, is_there = _base(bars, window, span, t, is_open=is_open, is_break=is_break)
    refuse(~is_there, "no-bar-before")
    seen_from = np.where(is_last_close, bars.stretch_closes[base], t + window.start * MINUTE)
    refuse(seen_from - bars.ends[base] > limit, "stale-base")
    end, has_end = _end(bars, window, span, t, until, base)
    refuse(~has_end, "no-bar-after")
    refuse((closing if window.end == CLOSE else until) - bars.ends[end] > limit, "stale-end")
    return Measured(
        bars=bars,
        window=window,
        sessions=sessions,
        at=t,
        until=until,
        base=base,
        end=end,
        code=code,
        is_last_close=is_last_close,
    )


def _until(
    market: Market, window: ClockWindow, sessions: Int64Array, span: Int64Array, t: Int64Array
) -> tuple[Int64Array, NDArray[np.float64], Int64Array]:
    """Instant at which the window ends, its length, and the close of the session; all in nanoseconds."""
    closing = market.closes[sessions]
    if isinstance(window.end, int):
        until = t + window.end * MINUTE
        return until, (until - t - window.start * MINUTE).astype(float), closing
    if window.end == CLOSE:
        return closing, (closing - t - window.start * MINUTE).astype(float), closing
    last = np.searchsorted(market.spans, span, side="right") - 1
    following = np.minimum(last + 1, market.opens.size - 1)
    until = market.closes[following] if window.end == NEXT_CLOSE else market.opens[following]
    until = np.where(last + 1 < market.opens.size, until, np.iinfo(np.int64).max)
    return until, np.zeros(t.size), closing


def _base(
    bars: Bars, window: ClockWindow, span: Int64Array, t: Int64Array, *, is_open: bool, is_break: bool
) -> tuple[Int64Array, Flags, Flags]:
    """Place of the bar before the window, whether it is the last close before an opening, and whether it is there."""
    last = np.searchsorted(bars.ends, t + window.start * MINUTE, side="right") - 1
    place = np.maximum(last, 0)
    is_same = (last >= 0) & (bars.spans[place] == span)
    is_before = (last >= 0) & (bars.spans[place] == span - 1)
    if not is_open:
        is_there = is_same if is_break else is_before
        return place, np.ones(span.size, dtype=bool), is_there
    if window.start < 0:
        return place, np.zeros(span.size, dtype=bool), is_same
    opens, _, _ = bars.market.intervals
    opening = opens[np.searchsorted(opens, t, side="right") - 1]
    is_early = t < opening + bars.size
    # just after an opening, when no bar has ended yet: the last close, of the morning or of the session before
    is_last_close = is_early & (last >= 0) & (bars.ends[place] <= opening)
    return place, is_last_close, is_same | (is_last_close & is_before)


def _end(
    bars: Bars, window: ClockWindow, span: Int64Array, t: Int64Array, until: Int64Array, base: Int64Array
) -> tuple[Int64Array, Flags]:
    """Place of the last bar inside the window, and whether it is there."""
    if window.end in (NEXT_OPEN, NEXT_CLOSE):
        following = np.minimum(span + 1, bars.span_ends.size - 2)
        first, beyond = bars.span_ends[following], bars.span_ends[following + 1]
        is_there = (span + 1 <= bars.span_ends.size - 2) & (beyond > first)
        place = np.where(window.end == NEXT_OPEN, first, beyond - 1)
        return np.clip(place, 0, bars.close.size - 1), is_there
    last = np.searchsorted(bars.ends, until, side="right") - 1
    place = np.maximum(last, 0)
    is_there = (last >= 0) & (bars.spans[place] == span)
    if isinstance(window.end, int) and window.end <= 0:
        return place, is_there & (place > base)
    return place, is_there & (bars.starts[place] >= t)
