"""The move after the news among those of the sessions at the same clock time."""

from __future__ import annotations

import math

from eventstudy.database.reading import Row
from eventstudy.report.clock.words import clock, label
from eventstudy.report.figures.draw import among_figure
from eventstudy.report.words import say
from eventstudy.study.clock.primary import primary_of


def placebo_figure(title: str, document: Row) -> str:
    """Histogram of the reference moves of the primary window, scaled to the pace of the day, with the event marked.

    All are less the mean of the event and the sessions, as the placebo test takes them; empty where there is no test.
    """
    own, others, extreme = moves_of(document)
    if not others:
        return ""
    return among_figure(
        others,
        own,
        alternative="two-sided",
        name=say("clock.placebo", asset=title, clock=clock(document)),
        said={
            "key": "figure.clock",
            "over": label((primary_of(document) or {})["window"]),
            "extreme": extreme,
        },
    )


def moves_of(document: Row) -> tuple[float, tuple[float, ...], int]:
    """The move after the news, those of the sessions, and how many of these are at least as large; none without a test.

    All are simple returns for their pace, less the mean of the event and the sessions.
    """
    moves, paced = document.get("placebo"), (primary_of(document) or {}).get("paced")
    if not moves or paced is None:
        return 0.0, (), 0
    centre = sum(moves) / len(moves)
    own, *others = (math.expm1(move - centre) for move in moves)
    return own, tuple(others), round(paced["placebo_p"] * (len(others) + 1)) - 1
