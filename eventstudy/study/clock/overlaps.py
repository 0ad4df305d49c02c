"""Announcements of one asset whose windows share bars: they are not separate (H13)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from eventstudy.study.clock.bars import MINUTE, Bars
from eventstudy.study.clock.reaction import ClockEvent, ClockReaction, WindowReaction
from eventstudy.study.clock.reference import Reference
from eventstudy.study.clock.spec import ClockSpec
from eventstudy.study.clock.windows import measure

NO_PACE = np.full(1, np.nan)


def placed(event: ClockEvent, bars: Bars, spec: ClockSpec) -> ClockReaction:
    """An announcement on its own session alone, which is enough to tell whose bars it shares."""
    place = bars.market.place(event.earliest)
    if place is None:
        return ClockReaction(event=event, bars=bars, place=None, windows=())
    row, at = np.array([place.session]), np.array([place.at])
    windows = (window.at(event.earliest) for window in spec.windows)
    found = (
        (window, measure(bars, window, row, at, is_open=place.is_open, is_break=place.is_break)) for window in windows
    )
    return ClockReaction(
        event=event,
        bars=bars,
        place=place,
        windows=tuple(
            WindowReaction(
                window=window,
                found=Reference(measured=measured, passed_over={}, masked=0, pace=NO_PACE),
                fewest=spec.fewest_sessions,
            )
            for window, measured in found
        ),
    )


def find_overlaps(
    reactions: Sequence[ClockReaction], window: int | None = None
) -> Mapping[int, tuple[tuple[str, float], ...]]:
    """Position → events of the same asset whose windows share a bar with its own, with the minutes between (H13).

    Parameters
    ----------
    reactions : sequence of ClockReaction
    window : int, optional
        Position of the window that is looked at; the first to the last bar of all of them when None.
    """
    by_asset: dict[str, list[int]] = {}
    for i, reaction in enumerate(reactions):
        by_asset.setdefault(reaction.event.asset, []).append(i)
    out: dict[int, list[tuple[str, float]]] = {}
    for places in by_asset.values():
        spans = [(i, *span) for i in places if (span := _span(reactions[i], window)) is not None]
        spans.sort(key=lambda row: row[1])
        for k, (i, _, end) in enumerate(spans):
            for j, other_start, _ in spans[k + 1 :]:
                if other_start >= end:
                    break
                minutes = (reactions[j].event.earliest - reactions[i].event.earliest) / MINUTE
                out.setdefault(i, []).append((reactions[j].event.event_id, minutes))
                out.setdefault(j, []).append((reactions[i].event.event_id, -minutes))
    return {i: tuple(sorted(found, key=lambda row: (abs(row[1]), row[0]))) for i, found in out.items()}


def later_ones(reactions: Sequence[ClockReaction], overlaps: Mapping[int, Sequence[tuple[str, float]]]) -> set[int]:
    """Positions of the reactions that share a bar with an earlier one; of two at one instant the first stays."""
    out: set[int] = set()
    last: dict[int, int] = {}
    for k in sorted(overlaps, key=lambda k: (reactions[k].event.earliest, k)):
        if any(minutes < 0 for _, minutes in overlaps[k]) or reactions[k].event.earliest in last:
            out.add(k)
        last[reactions[k].event.earliest] = k
    return out


def _span(reaction: ClockReaction, window: int | None) -> tuple[int, int] | None:
    """Places of the first bar after the base, and of the one after the end, over the windows with a move."""
    chosen = reaction.windows if window is None else reaction.windows[window : window + 1]
    rows = [w.found.measured for w in chosen if w.is_measured]
    if not rows:
        return None
    return min(int(m.base[0]) for m in rows) + 1, max(int(m.end[0]) for m in rows) + 1
