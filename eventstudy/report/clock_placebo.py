"""The move after the news among those of the sessions at the same clock time."""

from __future__ import annotations

import math

from eventstudy.database.reading import Row
from eventstudy.report.clock_words import clock, label
from eventstudy.report.figures import among_figure
from eventstudy.report.words import say


def placebo_figure(title: str, document: Row) -> str:
    """Histogram of the reference moves of the primary window, scaled to the pace of the day, with the event marked.

    All are less the mean of the event and the sessions, as the placebo test takes them; empty where there is no test.
    """
    first = document["windows"][0] if document["windows"] else None
    moves, paced = document.get("placebo"), (first or {}).get("paced")
    if first is None or not moves or paced is None:
        return ""
    own, others = moves[0], moves[1:]
    centre = sum(moves) / len(moves)
    return among_figure(
        tuple(math.expm1(move - centre) for move in others),
        math.expm1(own - centre),
        alternative="two-sided",
        name=say("clock.placebo", asset=title, clock=clock(document)),
        said={
            "key": "figure.clock",
            "over": label(first["window"]),
            "extreme": round(paced["placebo_p"] * (len(others) + 1)) - 1,
        },
    )
