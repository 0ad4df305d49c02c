"""The sessions that an announcement's window is compared with, and how lively each was before it (H4, H6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from eventstudy.records import Float64Array, Int64Array
from eventstudy.study.clock.bars import MINUTE, Bars
from eventstudy.study.clock.hours import DAY, NONE, Flags, Place, local
from eventstudy.study.clock.windows import (
    CLOSE,
    REFUSALS,
    ClockWindow,
    Measured,
    measure,
)

REFERENCE_SESSIONS = 60
FEWEST_SESSIONS = 20
PACE_MINUTES = 180
FEWEST_PACE_BARS = 12
Paces = dict[tuple[bytes, ...], tuple[Float64Array, float]]
NEAR = 5  # sessions before the oldest reference session in which the bars of its pace nearly always lie


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A window on the announcement's session and on the reference sessions.

    Attributes
    ----------
    measured : Measured
        Row 0 is the announcement; the rows that follow are the accepted sessions, the newest first.
    passed_over : mapping of str to int
        Code → sessions that were passed over for it.
    masked : int
        Sessions passed over because of another event.
    pace : Float64Array
        Shape (1 + N,): root mean square of the scaled returns before the window; NaN where too few.
    short_pace : float
        The announcement's over the latest few bars alone; NaN where too few.
    others : int
        Accepted sessions with another event inside the window.
    """

    measured: Measured
    passed_over: Mapping[str, int]
    masked: int
    pace: Float64Array
    short_pace: float = float("nan")
    others: int = 0

    @property
    def size(self) -> int:
        """Number of reference sessions N."""
        return self.measured.code.size - 1


def reference(
    bars: Bars,
    window: ClockWindow,
    place: Place,
    *,
    paces: Paces,
    wanted: int = REFERENCE_SESSIONS,
    masks: Int64Array | None = None,
    own_events: Int64Array | None = None,
    known_events: Int64Array | None = None,
    is_same_gap: bool = False,
) -> Reference:
    """Measure a window at the announcement and at the same clock time on earlier sessions.

    Parameters
    ----------
    bars : Bars
    window : ClockWindow
    place : Place
    paces : dict
        Filled with what is found for this announcement, whose windows mostly have the same pace.
    wanted : int
        Reference sessions to look for.
    masks : Int64Array, optional
        Sorted instants of events, UTC nanoseconds: a session with one inside the window is passed over.
    own_events : Int64Array, optional
        Sorted instants of events of the asset, UTC nanoseconds: a pace is not measured across one.
    known_events : Int64Array, optional
        Sorted instants of events that are counted where an accepted session has one inside the window.
    is_same_gap : bool
        In a shut market, compare only with gaps of as many days.
    """
    market = bars.market
    candidates = np.arange(place.session - 1, bars.first_session - 1, -1)
    on_clock = market.same_clock(place, bars.zone)
    if not (place.is_open or place.is_break):  # the other reopenings, and no session besides
        candidates = candidates[on_clock[candidates] != NONE]
        if is_same_gap:
            candidates = candidates[_gap_days(bars, candidates) == _gap_days(bars, np.array([place.session]))]
    sessions = np.concatenate([[place.session], candidates]).astype(np.int64)
    at = on_clock[sessions]
    at[0] = place.at
    closes_at = int(market.local_closes(bars.zone)[place.session]) if window.end == CLOSE else None
    found = measure(
        bars,
        window,
        sessions,
        at,
        is_open=place.is_open,
        is_break=place.is_break,
        closes_at=closes_at,
    ).known_at(place.at)
    code = found.code.copy()
    doubtful = found.rests_on_doubt & (code == -1)
    code[doubtful] = _code("price-in-doubt")
    if masks is not None and masks.size:
        hit = (code == -1) & _holds(found, masks)
        hit[0] = False
        code[hit] = _code("masked")
    chosen = np.flatnonzero(code[1:] == -1)[:wanted] + 1
    looked_at = code[1 : int(chosen[-1]) + 1] if chosen.size == wanted else code[1:]
    passed_over = Counter(_name(c) for c in looked_at.tolist() if c != -1)
    masked = passed_over.pop("masked", 0)
    rows = np.concatenate([[0], chosen])
    kept = replace(found, code=code).take(rows)
    pace, short_pace = _pace(kept, own_events, paces)
    return Reference(
        measured=kept,
        passed_over=dict(sorted(passed_over.items())),
        masked=masked,
        pace=pace,
        short_pace=short_pace,
        others=0 if known_events is None else int(_holds(kept, known_events)[1:].sum()),
    )


def _holds(found: Measured, events: Int64Array) -> Flags:
    """Whether one of some sorted instants lies inside each window."""
    first = np.searchsorted(events, found.at + min(found.window.start, 0) * MINUTE, side="left")
    held: Flags = np.searchsorted(events, found.until, side="right") > first
    return held


def scale(bars: Bars, sessions: Int64Array) -> Float64Array:
    """Root mean square of the returns of the bars that start at each local time, over some sessions.

    Returns
    -------
    Float64Array
        Shape (clock times,); NaN where no session has such a return.
    """
    is_in = np.zeros(bars.market.labels.size, dtype=bool)
    is_in[sessions] = True
    place = slice(int(bars.session_ends[sessions.min()]), int(bars.session_ends[sessions.max() + 1]))
    returns, clock = bars.returns[place], bars.clock[place]
    used = is_in[bars.sessions[place]] & np.isfinite(returns)
    n = bars.n_clocks
    count = np.bincount(clock[used], minlength=n)
    total = np.bincount(clock[used], weights=returns[used] ** 2, minlength=n)
    with np.errstate(invalid="ignore", divide="ignore"):
        out: Float64Array = np.sqrt(total / count)
    return out


def pace_bars(size: int) -> int:
    """Bars that a pace is measured over; `size` in nanoseconds."""
    return max(FEWEST_PACE_BARS, -(-PACE_MINUTES * MINUTE // size))


def _pace(measured: Measured, own_events: Int64Array | None, paces: Paces) -> tuple[Float64Array, float]:
    """Root mean square of the latest scaled returns that ended before each window began; of the first, of fewer too."""
    rows = measured.code.size
    if rows < 2:
        return np.full(rows, np.nan), np.nan
    cut = measured.at + min(measured.window.start, 0) * MINUTE
    key = (measured.sessions.tobytes(), measured.at.tobytes(), cut.tobytes())
    if key not in paces:
        paces[key] = _pace_until(measured, cut, own_events)
    return paces[key]


def _pace_until(measured: Measured, cut: Int64Array, own_events: Int64Array | None) -> tuple[Float64Array, float]:
    bars, chosen = measured.bars, measured.sessions[1:]
    if chosen.tobytes() not in bars.scales:
        bars.scales[chosen.tobytes()] = scale(bars, chosen)
    scales = bars.scales[chosen.tobytes()]
    first = int(np.searchsorted(bars.sessions, measured.sessions.min() - NEAR, side="left"))
    found = _pace_since(measured, scales, first, cut, own_events)
    # thin trading: the bars of a pace may lie as far back as they must
    return _pace_since(measured, scales, 0, cut, own_events) if first and np.isnan(found[0]).any() else found


def _pace_since(
    measured: Measured, scales: Float64Array, first: int, cut: Int64Array, own_events: Int64Array | None
) -> tuple[Float64Array, float]:
    """The same, of the bars from place `first` on; NaN where they are too few."""
    bars, k = measured.bars, pace_bars(measured.bars.size)
    beyond = int(np.searchsorted(bars.ends, measured.at.max(), side="right"))
    returns, per_clock = bars.returns[first:beyond], scales[bars.clock[first:beyond]]
    usable = np.flatnonzero(np.isfinite(returns) & (per_clock > 0))
    squares = (returns[usable] / per_clock[usable]) ** 2
    usable += first
    ends = bars.ends[usable]
    out, short = np.full(cut.size, np.nan), np.nan
    for row, n in enumerate(np.searchsorted(ends, cut, side="right").tolist()):
        count = n
        if own_events is not None and own_events.size and n:
            count = _before_own_events(bars, usable, n, k, own_events, int(cut[row]))
        if count >= k:
            v = float(np.sqrt(squares[count - k : count].mean()))
            out[row] = v if v > 0 else np.nan
            if row == 0:
                short = float(np.sqrt(squares[count - FEWEST_PACE_BARS : count].mean()))
    return out, short


def _before_own_events(bars: Bars, usable: Int64Array, n: int, k: int, events: Int64Array, cut: int) -> int:
    """Bars before the last `n - k` that are clear of other events: with an event inside their span they end before."""
    while n:
        first = int(bars.starts[usable[max(n - k, 0)]])
        inside = int(np.searchsorted(events, cut, side="left"))
        if inside == 0 or events[inside - 1] < first:
            return n
        cut = int(events[inside - 1])
        n = int(np.searchsorted(bars.ends[usable], cut, side="right"))
    return n


def _gap_days(bars: Bars, sessions: Int64Array) -> Int64Array:
    """Days by the venue's clock from the close before each session to its opening: 47 hours over a weekend are two."""
    market = bars.market
    before = market.closes[np.maximum(sessions - 1, 0)]
    days: Int64Array = (local(market.opens[sessions], market.zone) - local(before, market.zone)) // DAY
    return days


def _code(name: str) -> int:
    return tuple(REFUSALS).index(name)


def _name(code: int) -> str:
    return tuple(REFUSALS)[code]
