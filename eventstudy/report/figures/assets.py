"""All assets of an announcement in one picture: their paths on one scale, and their intervals one below another."""

from __future__ import annotations

import functools
import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from eventstudy.database.reading import Row
from eventstudy.report.figures.draw import percent_ticks
from eventstudy.report.figures.svg import Drawing, Scale
from eventstudy.report.text import offset, percent, percents
from eventstudy.report.words import say

WIDTH = 460
COLUMNS, PANEL, GAP, LEFT, LINE = 2, 96, 44, 54, 14  # px
NAMES, ROW, TOP, BOTTOM, RIGHT = 14, 40, 26, 44, 124
SINGLE, HOLM = WIDTH - 62, WIDTH - 4  # where the columns of p end
LONGEST = 26  # letters in a line of a name over a panel, which may have two


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """One asset: its abnormal move, the interval of it alone, and the one that allows for all assets.

    Attributes
    ----------
    title : str
        Untrusted.
    move, low, high, holm_low, holm_high : float
        Decimal returns.
    p, p_holm : str
        What stands in the two columns of numbers, ready to print.
    """

    title: str
    move: float
    low: float
    high: float
    holm_low: float
    holm_high: float
    p: str
    p_holm: str

    @property
    def is_clear(self) -> bool:
        """Whether zero lies outside the interval that allows for all assets."""
        return self.holm_low > 0 or self.holm_high < 0


def short(title: str, longest: int) -> str:
    """A name that has room in a picture."""
    return title if len(title) <= longest else f"{title[: longest - 1].rstrip()}\u2026"


def panels_figure(title: str, panels: Sequence[tuple[str, Sequence[Row], float]]) -> str:
    """The path of each asset in a panel of its own with its band, all on one scale.

    Parameters
    ----------
    title : str
    panels : sequence of (str, sequence of Row, float)
        Name, untrusted; its path: `tau`, `car`, `car_se`; the quantile that its errors are multiplied with, 0 for no
        band.
    """
    bands = [_band(days, critical) for _, days, critical in panels]
    every = [day for _, days, _ in panels for day in days]
    rows = math.ceil(len(panels) / COLUMNS)
    drawing = Drawing(
        WIDTH,
        rows * (PANEL + GAP) + LINE,
        title,
        say(
            "figure.panels.said",
            n=len(panels),
            ends=say("list.semicolon").join(
                say("figure.panels.end", asset=name, move=percent(days[-1]["car"])) for name, days, _ in panels
            ),
        ),
    )
    values = [0.0, *[d["car"] for d in every], *[value for band in bands for _, value in band]]
    low, high = min(values), max(values)
    room = (high - low or 0.01) * 0.08
    taus = [d["tau"] for d in every]
    first, last = min(taus), max(taus)
    width = (WIDTH - LEFT) / COLUMNS
    for n, ((name, days, _), band) in enumerate(zip(panels, bands, strict=True)):
        row, column = divmod(n, COLUMNS)
        left, top = LEFT + column * width, GAP + row * (PANEL + GAP)
        x = Scale(first - 0.5, last + 0.5, left, left + width - 16)
        y = Scale(low - room, high + room, top + PANEL, top)
        if band:
            places = x.all([tau for tau, _ in band])
            drawing.path(zip(places, y.all([value for _, value in band]), strict=True), "band", closed=True)
        for place, words in percent_ticks(y, 3):
            drawing.line(left, place, left + width - 16, place, "zero" if place == y(0.0) else "grid")
            if column == 0:
                drawing.text(left - 7, place + 4, words, "tick", "end")
        # assets of one kind begin alike: "The US dollar against the …"
        for up, line in enumerate(reversed(_in_lines(name))):
            drawing.text(left, top - 8 - up * LINE, line, "name", "start")
        if first < 0 <= last:
            drawing.line(x(-0.5), top, x(-0.5), top + PANEL, "event")
        points = list(zip(x.all([d["tau"] for d in days]), y.all([d["car"] for d in days]), strict=True))
        drawing.path(points, "curve")
        drawing.dot(*points[-1], 3, "point")
    return drawing.render()


def _band(days: Sequence[Row], critical: float) -> list[tuple[int, float]]:
    """The outline of what is ordinary: along its upper side, and back along the lower one."""
    known = [d for d in days if d["car_se"] is not None] if critical else []
    upper = [(d["tau"], d["car"] + critical * d["car_se"]) for d in known]
    return [*upper, *((d["tau"], d["car"] - critical * d["car_se"]) for d in reversed(known))]


@functools.lru_cache(maxsize=256)  # as long as a chart would take; assets have few names
def _in_lines(name: str) -> list[str]:
    return textwrap.wrap(name, LONGEST, max_lines=2, placeholder="\u2026") or [name]


def panel_rows(panels: Sequence[tuple[str, Sequence[Row], float]]) -> list[tuple[str, ...]]:
    """A row for each session: the running sum of every asset."""
    sums = [{d["tau"]: d["car"] for d in days} for _, days, _ in panels]
    sessions = sorted({tau for cars in sums for tau in cars})
    columns = [percents([cars.get(tau) for tau in sessions]) for cars in sums]
    return list(zip(map(offset, sessions), *columns, strict=True))


def forest_figure(title: str, rows: Sequence[Interval], axis: str, heads: tuple[str, str]) -> str:
    """Intervals one below another: thick of each alone, thin where all are allowed for.

    Parameters
    ----------
    title : str
    rows : sequence of Interval
    axis : str
        What lies along it.
    heads : (str, str)
        Of the two columns of numbers at the side.
    """
    bottom = TOP + len(rows) * ROW
    drawing = Drawing(
        WIDTH,
        bottom + BOTTOM,
        title,
        say(
            "figure.forest.said",
            n=len(rows),
            ends=say("list.semicolon").join(
                say("figure.forest.end", asset=r.title, move=percent(r.move), low=percent(r.low), high=percent(r.high))
                for r in rows
            ),
        ),
        axis="y",
    )
    ends = [0.0, *(end for r in rows for end in (r.holm_low, r.holm_high))]
    room = (max(ends) - min(ends) or 0.01) * 0.04
    x = Scale(min(ends) - room, max(ends) + room, NAMES, WIDTH - RIGHT)
    marks = percent_ticks(x, 4)
    for place, _ in marks:
        drawing.line(place, TOP - 4, place, bottom, "zero" if place == x(0.0) else "grid")
    drawing.below(marks, bottom + 16)
    for place, head in zip((SINGLE, HOLM), heads, strict=True):
        drawing.text(place, TOP - 12, head, "tick", "end")
    places = []
    for n, r in enumerate(rows):
        middle = TOP + n * ROW + 28
        places.append(middle)
        drawing.text(NAMES, middle - 12, short(r.title, 2 * LONGEST), "name", "start")
        drawing.line(x(r.holm_low), middle, x(r.holm_high), middle, "whisker")
        drawing.line(x(r.low), middle, x(r.high), middle, "whisker alone")
        drawing.dot(x(r.move), middle, 4.5, "point now" if r.is_clear else "point")
        drawing.text(SINGLE, middle + 4, r.p, "tick", "end")
        drawing.text(HOLM, middle + 4, r.p_holm, "tick", "end")
    drawing.places = places
    drawing.text((NAMES + WIDTH - RIGHT) / 2, bottom + 36, axis, "label")
    return drawing.render()


def forest_rows(rows: Sequence[Interval]) -> list[tuple[str, ...]]:
    """A row for each asset: move, interval, the interval that allows for all, p and Holm's."""
    return [(r.title, *percents([r.move, r.low, r.high, r.holm_low, r.holm_high]), r.p, r.p_holm) for r in rows]
