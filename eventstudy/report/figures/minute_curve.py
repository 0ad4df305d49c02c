"""The curve of the minutes that an announcement may have come at."""

from __future__ import annotations

import math

from eventstudy.database.reading import Row
from eventstudy.instants import parse
from eventstudy.report import text
from eventstudy.report.clock.words import label
from eventstudy.report.figures.minute_tape import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, clock_axis
from eventstudy.report.figures.svg import Drawing, Scale, ticks
from eventstudy.report.words import say

USUAL = 2.306 / math.sqrt(8 / 6)  # where the stretched law of 8 degrees of freedom has 5 %


def curve_rows(document: Row) -> list[Row]:
    """The candidate minutes at which there is a t."""
    return [row for row in (document["minutes"] or {}).get("curve") or () if row["paced_t"] is not None]


def curve_figure(title: str, document: Row) -> str:
    """The paced t of the primary window at every minute that the news may have come at."""
    found = curve_rows(document)
    if len(found) < 2:
        return ""
    bounds = label(document["minutes"]["window"])
    places = [parse(f"{row['at'][:19]}Z").timestamp() for row in found]
    values = [row["paced_t"] for row in found]
    most = max(3.0, *map(abs, values)) * 1.1
    drawing = Drawing(
        WIDTH,
        HEIGHT,
        say("clock.curve", asset=title),
        say("clock.curve_words", window=bounds, low=text.statistic(min(values)), high=text.statistic(max(values))),
    )
    x = Scale(places[0], places[-1], LEFT, WIDTH - RIGHT)
    y = Scale(-most, most, HEIGHT - BOTTOM, TOP)
    drawing.places = [x(at) for at in places]
    drawing.rect(LEFT, y(USUAL), WIDTH - RIGHT - LEFT, y(-USUAL) - y(USUAL), "band")
    drawing.grid([(y(value), text.number(value)) for value in ticks(-most, most)[0]], LEFT, WIDTH - RIGHT)
    drawing.path([(x(at), y(value)) for at, value in zip(places, values, strict=True)], "curve")
    clock_axis(drawing, x, document, say("clock.column.paced"))
    return drawing.render()
