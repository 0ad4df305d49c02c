"""One window on many sessions at once: its base, its end, its move, or the code of the refusal (H2, H3)."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
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

# Code of a refusal → what it says, and what to do; those of one session stand in the order in which they are asked.
REFUSALS: dict[str, str] = {
    "other-hour": "the announcement came at another time of day than those that the window of this name is about; name "
    "the window in minutes",
    "before-reopening": "the market was shut at the announcement, and the window begins before it; begin it at 0m",
    "clock-outside-session": "the session has no such time of day; check the calendar, or ask for extended hours",
    "other-close": "the session closes at another time of day",
    "session-closes": "the session closes inside the window; study a shorter one, or 0m:close",
    "no-bar-before": "there is no bar before the announcement to start from; give earlier bars, or finer ones",
    "stale-base": "the last bar before the window is too old; study a longer window, or bars without holes",
    "no-bar-after": "no bar lies in the window after the announcement; study a longer one, or give later or finer bars",
    "stale-end": "the last bar inside the window is too old; study another window, or bars without holes",
    "after-announcement": "the window ends after the announcement",
    "masked": "another event falls into the window",
    "too-few-reference-sessions": "too few earlier sessions can be compared with; give earlier bars",
    "no-variation": "nothing moved on the reference sessions",
    "no-pace": "too few earlier bars to tell how lively the session was; give earlier bars",
    "no-benchmark": "the benchmark has no such window, or has it on too few reference sessions",
    "no-session": "the calendar knows no session for the announcement; check its date",
    "price-in-doubt": "price in doubt",
}
_CODES = tuple(REFUSALS)
_OK = -1

_SPAN = re.compile(r"([+-]?\d+)m", re.ASCII)


@dataclass(frozen=True, slots=True)
class ClockWindow:
    """A window about the announcement by the clock.

    Attributes
    ----------
    start : int
        Minutes, zero or less.
    end : int or str
        Minutes after `start`, or ``close``, ``next-open`` or ``next-close``.
    inner : (int, int) or None
        Of a median window (H10): it goes from the median close of the bars that end in (start, inner[0]] to that of
        those that end in (inner[1], end].
    name : str
        What others call it; empty for most.
    is_apart : bool
        Whether the announcement came at another time of day than those that the name is about.
    """

    start: int
    end: int | str
    inner: tuple[int, int] | None = None
    name: str = ""
    is_apart: bool = False

    @classmethod
    def parse(cls, value: object) -> ClockWindow:
        """Read ``"0m:30m"``, ``["-10m", "20m"]``, ``"0m:close"``, or ``"-20m:-10m:10m:20m"`` for medians.

        Raises
        ------
        InputError
            When it is no such window.
        """
        if isinstance(value, ClockWindow):
            return value
        parts = re.split(r"[:,]", value.strip("[]() ")) if isinstance(value, str) else value
        if isinstance(parts, (list, tuple)) and len(parts) == 2:
            if all(isinstance(part, str) and part.count(":") == 1 for part in parts):
                parts = [end for part in parts for end in part.split(":")]
            else:
                start, end = (_bound(part) for part in parts)
                if isinstance(start, int) and end is not None:
                    _check(start, end, value)
                    return cls(start, end)
        if isinstance(parts, (list, tuple)) and len(parts) == 4:
            bounds = [_bound(part) for part in parts]
            a, b, c, d = bounds
            if isinstance(a, int) and isinstance(b, int) and isinstance(c, int) and isinstance(d, int):
                if not a < b <= c < d or max(-a, d) > LONGEST:
                    raise InputError(
                        "the spans of a median window follow each other",
                        where="window",
                        value=value,
                        remedy="write for example -20m:-10m:10m:20m",
                    )
                return cls(a, d, (b, c))
        raise InputError(
            "not a window in minutes", where="window", value=value, remedy="write for example 0m:30m or 0m:close"
        )

    @property
    def bounds(self) -> tuple[str, str]:
        """Both ends as written, for example ``("0m", "30m")``."""
        if self.inner is not None:
            return f"{self.start}m:{self.inner[0]}m", f"{self.inner[1]}m:{self.end}m"
        return f"{self.start}m", f"{self.end}m" if isinstance(self.end, int) else self.end

    @property
    def label(self) -> str:
        """The window as printed, for example ``[0m,30m]``."""
        return f"[{','.join(self.bounds)}]"

    @property
    def is_after(self) -> bool:
        """Whether it begins at the announcement, ends after it and within the session."""
        return self.start == 0 and self.end not in (NEXT_OPEN, NEXT_CLOSE) and self.inner is None

    @property
    def is_past(self) -> bool:
        """Whether it ends at the announcement or before it."""
        return isinstance(self.end, int) and self.end <= 0

    @property
    def is_next(self) -> bool:
        """Whether it ends in the session after."""
        return self.end in (NEXT_OPEN, NEXT_CLOSE)

    def at(self, instant: int) -> ClockWindow:  # noqa: ARG002  # as of windows that are named by the clock
        """The window of an announcement at `instant`."""
        return self


def _check(start: int, end: int | str, value: object) -> None:
    if start > 0:
        raise InputError(
            "a window by the clock begins at the announcement or before it",
            where="window",
            value=value,
            remedy="write 0m:30m",
        )
    if start < 0 and end in (NEXT_OPEN, NEXT_CLOSE):
        raise InputError(
            "a window into the next session begins at the announcement",
            where="window",
            value=value,
            remedy=f"write 0m:{end}",
        )
    if isinstance(end, int) and end <= start:
        raise InputError("a window ends after it begins", where="window", value=value, remedy="write 0m:30m")
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
    base_price, end_price : Float64Array
        Closes of these bars, or medians (H10).
    has_base : NDArray[bool]
        Whether there is a bar to begin with that is not too old, whatever the window is refused for.
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
    base_price: Float64Array
    end_price: Float64Array
    has_base: Flags

    def take(self, rows: Int64Array) -> Measured:
        """The same of some rows."""
        arrays = (
            "sessions",
            "at",
            "until",
            "base",
            "end",
            "code",
            "is_last_close",
            "base_price",
            "end_price",
            "has_base",
        )
        return replace(self, **{name: getattr(self, name)[rows] for name in arrays})

    def known_at(self, instant: int) -> Measured:
        """The same, but a window into the session after is refused on rows after the first where it ends later."""
        if not self.window.is_next or not self.bars.ends.size:
            return self
        late = self.is_ok & (self.bars.ends[self.end] > instant)
        late[0] = False
        return replace(self, code=np.where(late, _CODES.index("after-announcement"), self.code))

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
        out = np.full(self.code.size, np.nan)
        out[self.is_ok] = np.log(self.end_price[self.is_ok] / self.base_price[self.is_ok])
        return out

    @cached_property
    def rests_on_doubt(self) -> Flags:
        """Whether a bar from the base to the end of each row is in doubt, or one whose low or high counts."""
        bars = self.bars
        if not bars.doubts:
            return np.zeros(self.code.size, dtype=bool)
        places = np.array(sorted(bars.doubts), dtype=np.int64)
        found: Flags = np.searchsorted(places, self.end, side="right") > np.searchsorted(places, self.base, side="left")
        return found & self.is_ok

    def doubt(self, row: int) -> str:
        """The words of the first bar in doubt that a row rests on; empty without one."""
        return next((w for i, w in sorted(self.bars.doubts.items()) if self.base[row] <= i <= self.end[row]), "")

    def extremes(self, *, is_low: bool) -> tuple[Float64Array, int]:
        """Lowest low, or highest high, of the bars wholly after the announcement and inside the window (H8).

        Returns
        -------
        Float64Array
            Shape (r,): price, NaN where there is no such bar.
        int
            Place of the earliest bar that has that of the first row; -1 for none.
        """
        return self._lows if is_low else self._highs

    @cached_property
    def _lows(self) -> tuple[Float64Array, int]:
        return self._extreme(self.bars.low, np.fmin)

    @cached_property
    def _highs(self) -> tuple[Float64Array, int]:
        return self._extreme(self.bars.high, np.fmax)

    def _extreme(self, values: Float64Array, pick: np.ufunc) -> tuple[Float64Array, int]:
        first = np.searchsorted(self.bars.starts, self.at, side="left")
        beyond = np.searchsorted(self.bars.ends, self.until, side="right")
        rows = np.flatnonzero(self.is_ok & (beyond > first))
        price = np.full(self.code.size, np.nan)
        if not rows.size:
            return price, -1
        ends = np.column_stack([first[rows], beyond[rows]]).ravel()
        low, high = int(ends.min()), int(ends.max())
        price[rows] = pick.reduceat(np.append(values[low:high], np.nan), ends - low)[::2]
        if not np.isfinite(price[0]):
            return price, -1
        return price, int(first[0] + np.flatnonzero(values[first[0] : beyond[0]] == price[0])[0])


def measure(
    bars: Bars,
    window: ClockWindow,
    sessions: Int64Array,
    at: Int64Array,
    *,
    is_open: bool,
    is_break: bool = False,
    closes_at: int | None = None,
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
    """
    market, size = bars.market, bars.size
    span = market.spans[sessions]
    code = np.full(sessions.size, _OK)
    is_known = at != NONE
    t = np.where(is_known, at, market.opens[sessions])

    def refuse(rows: Flags, why: str) -> None:
        code[rows & (code == _OK)] = _CODES.index(why)

    if window.is_apart:
        refuse(np.ones(sessions.size, dtype=bool), "other-hour")
    if not is_open and (window.start < 0 or window.inner is not None):
        refuse(np.ones(sessions.size, dtype=bool), "before-reopening")
    is_outside = ~is_known
    if is_open:
        is_outside |= ~market.is_open_at(sessions, t)
    refuse(is_outside, "clock-outside-session")
    until, length, closing = _until(market, window, sessions, t)
    if window.end == CLOSE and closes_at is not None:
        refuse(market.local_closes(bars.zone)[sessions] != closes_at, "other-close")
    if isinstance(window.end, int):
        refuse(until > market.span_closes[sessions], "session-closes")
    limit = np.maximum(2 * size, length / 4)

    none = np.full(sessions.size, np.nan)
    found = Measured(
        bars=bars,
        window=window,
        sessions=sessions,
        at=t,
        until=until,
        base=np.zeros(sessions.size, dtype=np.int64),
        end=np.zeros(sessions.size, dtype=np.int64),
        code=code,
        is_last_close=np.zeros(sessions.size, dtype=bool),
        base_price=none,
        end_price=none,
        has_base=np.zeros(sessions.size, dtype=bool),
    )
    if not bars.close.size:
        refuse(np.ones(sessions.size, dtype=bool), "no-bar-before")
        return found
    if window.inner is not None:
        return _medians(found, span)
    base, is_last_close, is_there = _base(bars, window, span, t, is_open=is_open, is_break=is_break)
    refuse(~is_there, "no-bar-before")
    seen_from = np.where(is_last_close, bars.stretch_closes[base], t + window.start * MINUTE)
    is_stale = seen_from - bars.ends[base] > limit
    refuse(is_stale, "stale-base")
    end, has_end = _end(bars, window, sessions, t, until, base)
    refuse(~has_end, "no-bar-after")
    if not window.is_next:
        refuse((closing if window.end == CLOSE else until) - bars.ends[end] > limit, "stale-end")
    return replace(
        found,
        base=base,
        end=end,
        is_last_close=is_last_close,
        base_price=bars.close[base],
        end_price=bars.close[end],
        has_base=is_there & ~is_stale,
    )


def _until(
    market: Market, window: ClockWindow, sessions: Int64Array, t: Int64Array
) -> tuple[Int64Array, NDArray[np.float64], Int64Array]:
    """Instant at which the window ends, its length, and the close of the session; all in nanoseconds."""
    closing = market.closes[sessions]
    if isinstance(window.end, int):
        until = t + window.end * MINUTE
        return until, (until - t - window.start * MINUTE).astype(float), closing
    if window.end == CLOSE:
        return closing, (closing - t).astype(float), closing
    following = np.minimum(sessions + 1, market.opens.size - 1)
    until = market.closes[following] if window.end == NEXT_CLOSE else market.opens[following]
    until = np.where(sessions + 1 < market.opens.size, until, np.iinfo(np.int64).max)
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
    openings = bars.market.openings
    opening = openings[np.searchsorted(openings, t, side="right") - 1]
    is_early = t < opening + bars.size
    # just after an opening, when no bar has ended yet: the last close, of the morning or of the session before
    is_last_close = is_early & (last >= 0) & (bars.ends[place] <= opening)
    return place, is_last_close, is_same | (is_last_close & is_before)


def _end(
    bars: Bars, window: ClockWindow, sessions: Int64Array, t: Int64Array, until: Int64Array, base: Int64Array
) -> tuple[Int64Array, Flags]:
    """Place of the last bar inside the window, and whether it is there."""
    if window.is_next:
        following = np.minimum(sessions + 1, bars.session_ends.size - 2)
        first, beyond = bars.session_ends[following], bars.session_ends[following + 1]
        is_there = (sessions + 1 <= bars.session_ends.size - 2) & (beyond > first)
        place = np.where(window.end == NEXT_OPEN, first, beyond - 1)
        return np.clip(place, 0, bars.close.size - 1), is_there
    last = np.searchsorted(bars.ends, until, side="right") - 1
    place = np.maximum(last, 0)
    is_there = (last >= 0) & (bars.spans[place] == bars.market.spans[sessions])
    if isinstance(window.end, int) and window.end <= 0:
        return place, is_there & (place > base)
    return place, is_there & (bars.starts[place] >= t)


def _medians(found: Measured, span: Int64Array) -> Measured:
    """Median closes of the bars that end in the two spans of a window (H10)."""
    bars, window, t = found.bars, found.window, found.at
    assert window.inner is not None
    assert isinstance(window.end, int)
    code = found.code.copy()
    sides = []
    for first, last, why in (
        (window.start, window.inner[0], "no-bar-before"),
        (window.inner[1], window.end, "no-bar-after"),
    ):
        i = np.searchsorted(bars.ends, t + first * MINUTE, side="right")
        j = np.searchsorted(bars.ends, t + last * MINUTE, side="right")
        place = np.maximum(j - 1, 0)
        is_there = (j > i) & (bars.spans[place] == span) & (bars.spans[np.minimum(i, place)] == span)
        code[~is_there & (code == _OK)] = _CODES.index(why)
        price = np.full(t.size, np.nan)
        for row in np.flatnonzero(code == _OK).tolist():
            price[row] = np.median(bars.close[i[row] : j[row]])
        sides.append((place, price))
    (base, base_price), (end, end_price) = sides
    return replace(found, code=code, base=base, end=end, base_price=base_price, end_price=end_price)
