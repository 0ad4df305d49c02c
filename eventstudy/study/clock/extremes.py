"""As much as: the lowest and highest move of a window, by two conventions, and how rare they are (H8)."""

from __future__ import annotations

from typing import Any

import numpy as np

from eventstudy.study.clock.bars import Bars
from eventstudy.study.clock.plain import instant
from eventstudy.study.clock.reaction import WindowReaction
from eventstudy.study.clock.statistics import share_as_low


def extremes(found: WindowReaction) -> dict[str, Any]:
    """``low`` and ``high`` from the price before the news, and ``from_previous_close`` as newspapers count."""
    return {
        "low": _extreme(found, is_low=True),
        "high": _extreme(found, is_low=False),
        "from_previous_close": _from_previous_close(found),
    }


def _extreme(found: WindowReaction, *, is_low: bool) -> dict[str, Any] | None:
    """Lowest or highest move of the window, how rare it is by the clock, and by the pace."""
    if not found.window.is_after or not found.is_measured:
        return None
    measured = found.found.measured
    price, place = measured.extremes(is_low=is_low)
    if place < 0:
        return None
    moves = np.log(price / measured.base_price)
    out: dict[str, Any] = {"move": float(moves[0]), "at": instant(measured.bars.starts[place])}
    out |= {"p_value": None, "paced_p_value": None}
    if found.reason_code is None:
        moves = moves if is_low else -moves
        out["p_value"] = share_as_low(float(moves[0]), moves[1:])
        if found.is_paced:
            paced = moves / found.found.pace
            out["paced_p_value"] = share_as_low(float(paced[0]), paced[1:][found.has_pace])
    reasons = {"p_value": found.reason, "paced_p_value": found.reason or "there is no pace"}
    return out | {f"{name}_reason": words for name, words in reasons.items() if out[name] is None}


def _from_previous_close(found: WindowReaction) -> dict[str, Any] | None:
    """The window's end, low and high against the close of the session before, and those of the whole day."""
    measured = found.found.measured
    if not found.is_measured:
        return None
    bars, session = measured.bars, int(measured.sessions[0])
    price = previous_close(bars, session)
    if price is None:
        return None
    out: dict[str, Any] = {
        "price": price,
        "move": float(np.log(measured.end_price[0] / price)),
        "low": None,
        "high": None,
        "day": _day(bars, session, price),
    }
    if out["day"] is None:
        out["day_reason"] = "the session has no bar"
    for name, is_low in (("low", True), ("high", False)):
        extreme, place = measured.extremes(is_low=is_low)
        if found.window.is_after and place >= 0:
            out[name] = {"move": float(np.log(extreme[0] / price)), "at": instant(bars.starts[place])}
        else:
            out[f"{name}_reason"] = "no bar with a low and a high lies wholly in the window, after the announcement"
    return out


def _day(bars: Bars, session: int, price: float) -> dict[str, Any] | None:
    """Move, low and high of the whole session; None where it has no bar."""
    first, beyond = int(bars.session_ends[session]), int(bars.session_ends[session + 1])
    if first == beyond:
        return None
    out: dict[str, Any] = {"move": float(np.log(bars.close[beyond - 1] / price)), "low": None, "high": None}
    for name, values, pick in (("low", bars.low, np.nanargmin), ("high", bars.high, np.nanargmax)):
        part = values[first:beyond]
        if np.isfinite(part).any():
            i = int(pick(part))
            out[name] = {"move": float(np.log(part[i] / price)), "at": instant(bars.starts[first + i])}
        else:
            out[f"{name}_reason"] = "the bars have no lows and highs"
    return out


def previous_close(bars: Bars, session: int) -> float | None:
    """Close of the last bar of the session before; None where that has none."""
    last = int(np.searchsorted(bars.sessions, session, side="left")) - 1
    if last < 0 or bars.sessions[last] != session - 1:
        return None
    return float(bars.close[last])
