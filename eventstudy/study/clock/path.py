"""The path of the price around an announcement, how unusual it is, and how much of the move was kept (H9)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.special import stdtrit

from eventstudy.records import Float64Array, Int64Array
from eventstudy.study.clock.bars import MINUTE, Bars
from eventstudy.study.clock.reaction import ClockReaction, WindowReaction
from eventstudy.study.clock.windows import CLOSE, ClockWindow, measure

FIRST, LAST = -60, 120  # minutes of the path
HELD, FADED = 2 / 3, 1 / 3


def path(reaction: ClockReaction, alpha: float = 0.05) -> dict[str, Any] | None:
    """Move from the price before the news at every bar's end from an hour before to two hours after, with its bands.

    Those are of the paths of the reference sessions of the first window after the news that has a test.

    Returns
    -------
    dict or None
        ``window``, and lists: ``minutes`` (when the market was shut those since the reopening), ``move``, ``low`` and
        ``high`` of the pointwise band, ``max_low`` and ``max_high`` of the band that a whole path leaves with
        probability `alpha`; ``drift_before`` (move of the hour before), ``half_life_minutes``, ``kept`` (share of the
        window's move at the close) and ``course``: ``held``, ``faded``, ``gone`` or ``reversed``; a reason beside each
        that is None. None without a price before the news.
    """
    chosen = next((w for w in reaction.windows if w.window.is_after and w.reason_code is None), None)
    if chosen is None or reaction.bars is None or reaction.place is None:
        return None
    measured, bars = chosen.found.measured, reaction.bars
    step = bars.size // MINUTE
    # bars end on a grid of their own when the announcement came in the middle of one
    late = bars.since_start(reaction.place.at) / MINUTE
    first = FIRST if reaction.place.is_open else 0
    taus = np.arange(math.ceil((first + late) / step) * step, LAST + late + 1e-9, step) - late
    moves = _moves(bars, measured.at[:, None], measured.base[:, None], measured.sessions[:, None], taus)
    own, others = moves[0], moves[1:]
    n = np.isfinite(others).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(n > 1, np.nansum(others, axis=0) / np.maximum(n, 1), np.nan)
        s = np.sqrt(np.nansum((others - mean) ** 2, axis=0) / np.maximum(n - 1, 1))
    se = np.where(n > 1, s * np.sqrt(1 + 1 / np.maximum(n, 1)), np.nan)
    half = stdtrit(np.maximum(n - 1, 1), 1 - alpha / 2) * se
    whole = _largest(others, mean, se, alpha) * se
    return {
        "window": list(chosen.window.bounds),
        "minutes": [int(tau) if tau.is_integer() else tau for tau in taus.tolist()],
        "move": _list(own),
        "band": "pointwise",
        "low": _list(mean - half),
        "high": _list(mean + half),
        "max_band": "the whole path",
        "max_low": _list(mean - whole),
        "max_high": _list(mean + whole),
        **_drift(taus, own),
        **_course(reaction, chosen, taus, own),
    }


def _moves(bars: Bars, at: Int64Array, base: Int64Array, sessions: Int64Array, taus: Float64Array) -> Float64Array:
    """Log move from each base to the last bar that ends by each minute, in the same span; NaN where there is none."""
    until = at + np.round(taus * MINUTE).astype(np.int64)
    last = np.searchsorted(bars.ends, until, side="right") - 1
    place = np.maximum(last, 0)
    known = (last >= 0) & ((bars.spans[place] == bars.market.spans[sessions]) | (place == base))
    known &= (until - bars.ends[place] <= 2 * bars.size) | (place == base)
    known &= until <= bars.market.span_closes[sessions]
    return np.where(known, np.log(bars.close[place] / bars.close[base]), np.nan)


def _largest(others: Float64Array, mean: Float64Array, se: Float64Array, alpha: float) -> float:
    """How many standard errors a path of the reference sessions goes from their mean, but for a share `alpha`."""
    with np.errstate(invalid="ignore", divide="ignore"):
        far = np.abs(others - mean) / se
    far = np.where(np.isfinite(far), far, 0.0).max(axis=1)
    place = math.ceil((far.size + 1) * (1 - alpha)) - 1
    return float(np.sort(far)[min(place, far.size - 1)])


def _drift(taus: Float64Array, own: Float64Array) -> dict[str, Any]:
    """The move of the hour before the announcement, or of as much of it as there is."""
    known = np.flatnonzero((taus < 0) & np.isfinite(own))
    if not known.size:
        return {"drift_before": None, "drift_before_reason": "there is no price in the hour before in this session"}
    first = int(known[0])
    return {"drift_before": {"minutes": float(-taus[first]), "move": -float(own[first])}}


def _course(reaction: ClockReaction, chosen: WindowReaction, taus: Float64Array, own: Float64Array) -> dict[str, Any]:
    """What became of the window's move: when half of it was there to stay, and what was left at the close."""
    move = chosen.move
    if not move:
        return {
            name: value
            for part in ("half_life_minutes", "kept", "course")
            for name, value in ((part, None), (f"{part}_reason", "the price did not move"))
        }
    out: dict[str, Any] = {"half_life_minutes": None, "kept": None, "course": None}
    end = chosen.window.end if isinstance(chosen.window.end, int) else LAST
    inside = (taus > 0) & (taus <= end) & np.isfinite(own)
    share = own[inside] / move
    below = np.flatnonzero(share < 0.5)
    first = int(below[-1]) + 1 if below.size else 0
    if first < share.size:
        out["half_life_minutes"] = float(taus[inside][first])
    else:
        out["half_life_minutes_reason"] = "at no bar's end in the window half of its move was there to stay"
    closing = _to_close(reaction)
    if closing is None:
        return out | dict.fromkeys(("kept_reason", "course_reason"), "there is no price at the close")
    kept = closing / move
    course = "held" if kept >= HELD else "faded" if kept >= FADED else "gone" if kept >= -FADED else "reversed"
    return out | {"kept": kept, "course": course}


def _to_close(reaction: ClockReaction) -> float | None:
    """Move from the price before the news to the close."""
    assert reaction.bars is not None
    assert reaction.place is not None
    place = reaction.place
    found = measure(
        reaction.bars,
        ClockWindow(0, CLOSE),
        np.array([place.session]),
        np.array([place.at]),
        is_open=place.is_open,
        is_break=place.is_break,
    )
    return float(found.move[0]) if found.is_ok[0] else None


def _list(values: Float64Array) -> list[float | None]:
    return [None if not np.isfinite(v) else float(v) for v in values]
