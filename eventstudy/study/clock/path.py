"""The path of the price around an announcement, how much of the move was kept, and what an unknown minute means."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import stdtrit

from eventstudy.records import Float64Array, Int64Array
from eventstudy.study.clock.bars import MINUTE, Bars
from eventstudy.study.clock.reaction import ClockReaction, WindowReaction
from eventstudy.study.clock.windows import CLOSE, ClockWindow

FIRST, LAST = -60, 120  # minutes of the path (H9)
HELD, FADED = 2 / 3, 1 / 3


def path(reaction: ClockReaction, alpha: float = 0.05) -> dict[str, Any] | None:
    """Move from the price before the news at every bar's end from an hour before to two hours after, with its band.

    The band is the pointwise interval of the paths of the reference sessions of the primary window after the news.

    Returns
    -------
    dict or None
        ``minutes``, ``move``, ``low``, ``high`` (lists), ``half_life_minutes``, ``kept`` (share of the primary move at
        the close) and ``course``: ``held``, ``faded``, ``gone`` or ``reversed``. None without a price before the news.
    """
    chosen = next((w for w in reaction.windows if w.window.is_after and w.reason_code is None), None)
    if chosen is None or reaction.bars is None or reaction.place is None:
        return None
    measured, bars = chosen.found.measured, reaction.bars
    step = bars.size // MINUTE
    taus = np.arange(-(-FIRST // step) * step, LAST + 1, step)
    moves = np.array([_moves(bars, measured.at, measured.base, measured.sessions, int(tau)) for tau in taus]).T
    own, others = moves[0], moves[1:]
    n = np.isfinite(others).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(n > 1, np.nansum(others, axis=0) / np.maximum(n, 1), np.nan)
        s = np.sqrt(np.nansum((others - mean) ** 2, axis=0) / np.maximum(n - 1, 1))
        half = stdtrit(np.maximum(n - 1, 1), 1 - alpha / 2) * s * np.sqrt(1 + 1 / np.maximum(n, 1))
    return {
        "minutes": taus.tolist(),
        "move": _list(own),
        "low": _list(np.where(n > 1, mean - half, np.nan)),
        "high": _list(np.where(n > 1, mean + half, np.nan)),
        "band": "pointwise",
        **_course(reaction, chosen, taus, own),
    }


def _moves(bars: Bars, at: Int64Array, base: Int64Array, sessions: Int64Array, tau: int) -> Float64Array:
    """Log move from each base to the last bar that ends by `tau` minutes, in the same span; NaN where there is none."""
    last = np.searchsorted(bars.ends, at + tau * MINUTE, side="right") - 1
    place = np.maximum(last, 0)
    known = (last >= 0) & ((bars.spans[place] == bars.market.spans[sessions]) | (place <= base))
    stale = at + tau * MINUTE - bars.ends[place] > 2 * bars.size
    known &= ~stale | (place == base)
    return np.where(known, np.log(bars.close[place] / bars.close[base]), np.nan)


def _course(reaction: ClockReaction, chosen: WindowReaction, taus: Int64Array, own: Float64Array) -> dict[str, Any]:
    """What became of the primary move: when half of it was there to stay, and what was left at the close."""
    out: dict[str, Any] = {"half_life_minutes": None, "kept": None, "course": None}
    move = chosen.move
    if not move:
        return out
    end = chosen.window.end if isinstance(chosen.window.end, int) else LAST
    inside = (taus > 0) & (taus <= end) & np.isfinite(own)
    share = own[inside] / move
    if share.size:
        below = np.flatnonzero(share < 0.5)
        first = 0 if below.size == 0 else int(below[-1]) + 1
        if first < share.size:
            out["half_life_minutes"] = int(taus[inside][first])
    to_close = next((w for w in reaction.windows if w.window == ClockWindow(0, CLOSE) and w.is_measured), None)
    if to_close is not None and to_close.move is not None:
        kept = to_close.move / move
        out["kept"] = kept
        out["course"] = (
            "held" if kept >= HELD else "faded" if kept >= FADED else "gone" if kept >= -FADED else "reversed"
        )
    return out


def _list(values: Float64Array) -> list[float | None]:
    return [None if not np.isfinite(v) else float(v) for v in values]
