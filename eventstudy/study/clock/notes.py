"""What a reader must know beside the numbers of a window."""

from __future__ import annotations

import numpy as np

from eventstudy.study.clock.bars import MINUTE
from eventstudy.study.clock.reaction import ClockReaction, WindowReaction
from eventstudy.study.clock.reference import FEWEST_PACE_BARS

OLD_BASE = 30  # minutes; of a move over an older price most may have come before the news
DIFFERS = 1.5  # how many times as large one pace is as the other, where they differ


def notes(reaction: ClockReaction, found: WindowReaction) -> list[str]:
    """An unknown minute, an old base, a lull or a burst before the announcement, other events on reference sessions."""
    if not found.is_measured or reaction.place is None:
        return []
    out = (
        [] if reaction.event.is_exact else ["the minute is not known: this is the earliest; see the others in minutes"]
    )
    measured = found.found.measured
    news = reaction.place.at if reaction.place.is_open else reaction.event.earliest
    age = (news + min(found.window.start, 0) * MINUTE - int(measured.bars.ends[measured.base[0]])) / MINUTE
    if age > OLD_BASE:
        out.append(
            f"the price before the window was {age:.0f} minutes old: part of the move may have come before the news"
        )
    pace, short = float(found.found.pace[0]) if found.found.size else np.nan, found.found.short_pace
    if found.paced is not None and max(short, pace) >= DIFFERS * min(short, pace):
        word = "lull" if short < pace else "burst"
        out.append(
            f"a {word} before the window: its last {FEWEST_PACE_BARS} bars moved {short / pace:.2f} times as much as "
            "the three hours that the pace is measured over"
        )
    if found.found.others:
        out.append(
            f"{found.found.others} of {found.found.size} reference sessions have another event in the window, "
            "which makes the test conservative; --mask-events passes them over"
        )
    return out
