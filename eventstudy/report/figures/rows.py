"""Rows of numbers with their intervals, one below another: what a table says, for the eye."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eventstudy.report.figures.assets import short
from eventstudy.report.figures.draw import percent_ticks
from eventstudy.report.figures.svg import Drawing, Scale
from eventstudy.report.text import percent
from eventstudy.report.words import say

WIDTH, LEFT, RIGHT, ROW, TOP, BOTTOM = 440, 172, 12, 20, 8, 26  # px
LONGEST = 26  # letters of a label


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One row.

    Attributes
    ----------
    label : str
        Untrusted.
    value : float
        Decimal return.
    low, high : float or None
        Its interval, where there is one.
    """

    label: str
    value: float
    low: float | None
    high: float | None


def rows_figure(title: str, rows: Sequence[Measured]) -> str:
    """A dot for each row, on the line of its interval; away from zero where zero lies outside of it."""
    bottom = TOP + len(rows) * ROW
    said = say("list.semicolon").join(
        say("figure.forest.end", asset=r.label, move=percent(r.value), low=percent(r.low), high=percent(r.high))
        for r in rows
    )
    drawing = Drawing(WIDTH, bottom + BOTTOM, title, say("figure.forest.said", n=len(rows), ends=said), axis="y")
    ends = [0.0, *(end for r in rows for end in (r.value, r.low, r.high) if end is not None)]
    room = (max(ends) - min(ends) or 0.01) * 0.04
    x = Scale(min(ends) - room, max(ends) + room, LEFT, WIDTH - RIGHT)
    marks = percent_ticks(x, 4)
    for place, _ in marks:
        drawing.line(place, TOP, place, bottom, "zero" if place == x(0.0) else "grid")
    drawing.below(marks, bottom + 16)
    drawing.places = places = [TOP + (n + 0.5) * ROW for n in range(len(rows))]
    for r, middle in zip(rows, places, strict=True):
        drawing.text(LEFT - 8, middle + 4, short(r.label, LONGEST), "tick", "end")
        is_clear = False
        if r.low is not None and r.high is not None:
            drawing.line(x(r.low), middle, x(r.high), middle, "whisker")
            is_clear = r.low > 0 or r.high < 0
        drawing.dot(x(r.value), middle, 4, "point now" if is_clear else "point")
    return drawing.render()
