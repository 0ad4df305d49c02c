"""An announcement whose minute is not known: the verdict at every candidate minute, and when the market moved (H11)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from eventstudy.records import Float64Array, Int64Array
from eventstudy.study.clock.bars import Bars
from eventstudy.study.clock.reaction import ClockReaction, react
from eventstudy.study.clock.reference import scale
from eventstudy.study.clock.spec import ClockSpec
from eventstudy.study.clock.windows import REFUSALS
from eventstudy.study.verdict import verdict

MOST = 600  # candidate minutes that are looked at; a longer interval is a day, and daily bars answer for it


def minutes(reaction: ClockReaction, spec: ClockSpec) -> dict[str, Any] | None:
    """The primary window at every candidate minute of an interval; None where the minute is known.

    Returns
    -------
    dict or None
        ``curve`` (a row per candidate: instant, move, t, p and verdict by the clock and by the pace, or a reason),
        ``agreement``: ``all agree``, ``depends on the minute`` or ``none``; and ``learned``, exploratory: the bar in
        which the market moved most for its time of day, with p from the same maximum on the reference sessions.
    """
    event, bars = reaction.event, reaction.bars
    if event.is_exact or bars is None:
        return None
    grid = candidates(event.earliest, event.latest, bars.size)
    if grid.size > MOST:
        return {
            "curve": [],
            "agreement": None,
            "learned": None,
            "reason": f"{grid.size} candidate minutes are more than {MOST}; narrow the interval, or study daily bars",
        }
    one = replace(spec, windows=spec.windows[:1])
    curve = [_candidate(reaction, int(at), one) for at in grid]
    verdicts = {row["verdict"] for row in curve if row["reason_code"] is None}
    has_reaction = verdicts & {"strong", "moderate", "weak"}
    agreement = None
    if verdicts:
        agreement = "none" if not has_reaction else "all agree" if len(verdicts) == 1 else "depends on the minute"
    return {"curve": curve, "agreement": agreement, "learned": _learned(reaction), "reason": None}


def candidates(earliest: int, latest: int, size: int) -> Int64Array:
    """The instants on the grid of bars from `earliest` to `latest`, both ends included."""
    grid = np.arange(-(-earliest // size) * size, latest + 1, size, dtype=np.int64)
    return np.unique(np.concatenate([[earliest], grid, [latest]]).astype(np.int64))


def _candidate(reaction: ClockReaction, at: int, spec: ClockSpec) -> dict[str, Any]:
    assert reaction.bars is not None
    found = react(reaction.event, at, reaction.bars, spec)
    window = found.windows[0] if found.windows else None
    code = window.reason_code if window else "no-session"
    paced = window.paced if window else None
    clock = window.clock if window else None
    p = paced.p_value if paced else None
    return {
        "at": f"{np.datetime64(at, 'ns').astype('datetime64[s]')}Z",
        "reason_code": code,
        "reason": REFUSALS[code] if code else None,
        "move": window.move if window else None,
        "clock_t": clock.t if clock else None,
        "clock_p": clock.p_value if clock else None,
        "paced_t": paced.t if paced else None,
        "paced_p": p,
        "verdict": verdict(p, paced.placebo_p if paced else None, spec.alpha, is_confounded=False),
    }


def _learned(reaction: ClockReaction) -> dict[str, Any] | None:
    """The bar of the interval with the largest scaled return, and p from the largest on each reference session."""
    bars, place = reaction.bars, reaction.place
    chosen = next((w for w in reaction.windows if w.reason_code is None), None)
    if bars is None or place is None or chosen is None or not place.is_open:
        return None
    rows = chosen.found.measured
    length = reaction.event.latest - reaction.event.earliest
    scales = scale(bars, rows.sessions[1:])[bars.clock]
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.abs(np.where(scales > 0, bars.returns / scales, np.nan))
    largest = [_largest(bars, z, int(at), int(at) + length) for at in rows.at]
    own = largest[0]
    others = np.array([row[0] for row in largest[1:] if row is not None])
    if own is None or not others.size:
        return None
    return {
        "at": f"{np.datetime64(int(bars.starts[own[1]]), 'ns').astype('datetime64[s]')}Z",
        "z": own[0],
        "p_value": (1 + int((others >= own[0]).sum())) / (others.size + 1),
        "n": int(others.size),
    }


def _largest(bars: Bars, z: Float64Array, first: int, last: int) -> tuple[float, int] | None:
    i, j = np.searchsorted(bars.starts, [first, last], side="left")
    values = z[i : j + 1]
    if not values.size or not np.isfinite(values).any():
        return None
    place = int(np.nanargmax(values))
    return float(values[place]), int(i) + place
