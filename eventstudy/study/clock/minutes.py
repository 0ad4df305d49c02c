"""An announcement whose minute is not known: the verdict at every candidate minute, and when the market moved (H11)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from eventstudy.records import Float64Array, Int64Array
from eventstudy.study.clock.bars import Bars
from eventstudy.study.clock.plain import instant
from eventstudy.study.clock.reaction import ClockReaction, react
from eventstudy.study.clock.reference import scale
from eventstudy.study.clock.spec import ClockSpec
from eventstudy.study.verdict import verdict

ALL, DEPENDS, NONE = "all agree", "depends on the minute", "none"
REACTIONS = ("strong", "moderate", "weak")
MOST = 600  # candidate minutes that are looked at; a longer interval is a day, and daily bars answer for it


def minutes(reaction: ClockReaction, spec: ClockSpec) -> dict[str, Any] | None:
    """The primary window at every candidate minute of an interval; None where the minute is known.

    Returns
    -------
    dict or None
        ``curve`` (a row per candidate: instant, move, t, p and verdict by the clock and by the pace, or a reason),
        ``agreement``: ``all agree`` that there was a reaction, ``depends on the minute`` or ``none``; and ``learned``,
        exploratory: the bar in which the market moved most for its time of day, with p from the same maximum on the
        reference sessions.
    """
    event, bars = reaction.event, reaction.bars
    if event.is_exact or bars is None:
        return None
    window = spec.windows[reaction.primary]
    bounds = list(window.bounds)
    grid = candidates(event.earliest, event.latest, bars)
    if grid.size > MOST:
        why = f"{grid.size} candidate minutes are more than {MOST}; narrow the interval, or study daily bars"
        nothing = {"agreement": None, "agreement_reason": why, "learned": None, "learned_reason": why}
        return {"window": bounds, "curve": [], "curve_reason": why, **nothing}
    one = replace(spec, windows=(window,))
    curve = [_candidate(reaction, int(at), one) for at in grid]
    known = [row["verdict"] in REACTIONS for row in curve if row["verdict"] != "not computable"]
    out: dict[str, Any] = {"window": bounds, "curve": curve, "agreement": None}
    if known:
        out["agreement"] = ALL if all(known) else NONE if not any(known) else DEPENDS
    else:
        out["agreement_reason"] = f"no candidate minute has a test: {curve[0]['reason']}"
    learned = _learned(reaction)
    out["learned"] = None if isinstance(learned, str) else learned
    return out | ({"learned_reason": learned} if isinstance(learned, str) else {})


def candidates(earliest: int, latest: int, bars: Bars) -> Int64Array:
    """The instants on the grid of bars from `earliest` to `latest`, both ends included."""
    grid = np.arange(earliest - bars.since_start(earliest), latest + 1, bars.size, dtype=np.int64)
    return np.unique(np.concatenate([[earliest], grid[grid > earliest], [latest]]).astype(np.int64))


def _candidate(reaction: ClockReaction, at: int, spec: ClockSpec) -> dict[str, Any]:
    assert reaction.bars is not None
    found = react(reaction.event, at, reaction.bars, spec)
    window = found.windows[0] if found.windows else None
    code = window.reason_code if window else "no-session"
    paced = window.paced if window else None
    clock = window.clock if window else None
    p = paced.p_value if paced else None
    return {
        "at": instant(at),
        "reason_code": code,
        "reason": window.reason if window and code else found.why,
        "move": window.move if window else None,
        "clock_t": clock.t if clock else None,
        "clock_p": clock.p_value if clock else None,
        "clock_placebo_p": clock.placebo_p if clock else None,
        "paced_t": paced.t if paced else None,
        "paced_p": p,
        "paced_placebo_p": paced.placebo_p if paced else None,
        "verdict": verdict(p, paced.placebo_p if paced else None, spec.alpha, is_confounded=False),
    }


def _learned(reaction: ClockReaction) -> dict[str, Any] | str:
    """The bar of the interval with the largest return in units of its clock time and of the session's pace.

    With p from the largest of the same interval on each reference session; or the reason why there is none.
    """
    bars, place = reaction.bars, reaction.place
    chosen = next((w for w in reaction.windows if w.reason_code is None), None)
    if bars is None or place is None or chosen is None:
        return reaction.why or "no window has reference sessions"
    if not place.is_open:
        return "the market was shut when the interval begins"
    rows, pace = chosen.found.measured, chosen.found.pace
    length = reaction.event.latest - reaction.event.earliest
    scales = scale(bars, rows.sessions[1:])[bars.clock]
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.abs(np.where(scales > 0, bars.returns / scales, np.nan))
    v = pace if chosen.is_paced else np.ones(pace.size)
    largest = [_largest(bars, z, int(at), int(at) + length) for at in rows.at]
    own = largest[0]
    others = np.array([row[0] if row else np.nan for row in largest[1:]]) / v[1:]
    others = others[np.isfinite(others)]
    if own is None or not others.size:
        return "no bar of the interval follows another"
    size = own[0] / v[0]
    return {
        "at": instant(bars.starts[own[1]]),
        "move": float(bars.returns[own[1]]),
        "z": size,
        "p_value": (1 + int((others >= size).sum())) / (others.size + 1),
        "n": int(others.size),
    }


def _largest(bars: Bars, z: Float64Array, first: int, last: int) -> tuple[float, int] | None:
    """The largest of the bars that start from `first` to `last`, and its place."""
    i, j = np.searchsorted(bars.starts, [first, last + 1], side="left")
    values = z[i:j]
    if not values.size or not np.isfinite(values).any():
        return None
    place = int(np.nanargmax(values))
    return float(values[place]), int(i) + place
