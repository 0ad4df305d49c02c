"""Many events in one picture: every path with its quantiles, and every event on its date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np

from eventstudy.report.figures.draw import BOTTOM, HEIGHT, LEFT, RIGHT, WIDTH, mark_news, percent_axis
from eventstudy.report.figures.svg import Drawing, Scale
from eventstudy.report.text import offset, percent, short_day
from eventstudy.report.words import say

# Paths and points that a picture holds; the quantiles are those of all events.
MOST_PATHS, MOST_POINTS = 60, 400
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)

Paths = np.ndarray[Any, np.dtype[np.float64]]


def spread(items: Sequence[Any], most: int) -> list[Any]:
    """At most so many of the items, evenly chosen."""
    if len(items) <= most:
        return list(items)
    return [items[int(n * len(items) / most)] for n in range(most)]


def quantiles(paths: Paths) -> Paths:
    """`QUANTILES` of the events at every session, shape (quantiles, days); decimal returns."""
    found: Paths = np.nanquantile(paths, QUANTILES, axis=0)
    return found


def paths_figure(title: str, taus: Sequence[int], paths: Paths) -> str:
    """The running CAR of single events, with the quantiles of all.

    Parameters
    ----------
    title : str
    taus : sequence of int
        Sessions, none of which lacks all events.
    paths : ndarray
        Running CARs, shape (events, days), decimal returns; NaN where an event has none.
    """
    levels = quantiles(paths)
    drawing = Drawing(
        WIDTH,
        HEIGHT,
        title,
        say(
            "figure.paths.said",
            n=len(paths),
            session=offset(taus[-1]),
            **{
                name: percent(float(level))
                for name, level in zip(("least", "low", "middle", "high", "most"), levels[:, -1], strict=True)
            },
        ),
    )
    shown = spread(paths.tolist(), MOST_PATHS)
    x = Scale(taus[0] - 0.6, taus[-1] + 0.4, LEFT, WIDTH - RIGHT)
    y = percent_axis(drawing, [0.0, *(value for path in shown for value in path if value == value), *levels.flat])  # noqa: PLR0124  # not of NaN
    drawing.line(LEFT, y(0.0), WIDTH - RIGHT, y(0.0), "zero")
    places = [x(tau) for tau in taus]
    for path in shown:
        points = [(place, y(value)) for place, value in zip(places, path, strict=True) if value == value]  # noqa: PLR0124  # not of NaN
        if len(points) > 1:
            drawing.path(points, "thread")
    for low, high in ((0, 4), (1, 3)):
        upper = [(place, y(value)) for place, value in zip(places, levels[high].tolist(), strict=True)]
        lower = [(place, y(value)) for place, value in zip(places, levels[low].tolist(), strict=True)]
        drawing.path([*upper, *lower[::-1]], "band", closed=True)
    drawing.path([(place, y(value)) for place, value in zip(places, levels[2].tolist(), strict=True)], "curve")
    if taus[0] < 0 <= taus[-1]:
        mark_news(drawing, x(-0.5))
    every = -(-len(taus) // 11)
    for place, tau in zip(places, taus, strict=True):
        if tau % every == 0:
            drawing.text(place, HEIGHT - BOTTOM + 18, offset(tau), "tick")
    drawing.text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, say("figure.sessions"), "label")
    drawing.places = places
    return drawing.render()


def calendar_figure(title: str, events: Sequence[tuple[str, float]]) -> str:
    """Every event on its date, as high as its CAR.

    Parameters
    ----------
    title : str
    events : sequence of (str, float)
        Session 0 and CAR, by date; two dates at least.
    """
    shown = spread(events, MOST_POINTS)
    days = [dt.date.fromisoformat(day).toordinal() for day, _ in shown]
    cars = [car for _, car in shown]
    drawing = Drawing(
        WIDTH,
        HEIGHT,
        title,
        say(
            "figure.calendar.said",
            n=len(events),
            first=short_day(events[0][0]),
            last=short_day(events[-1][0]),
            low=percent(min(cars)),
            high=percent(max(cars)),
        ),
    )
    room = max(days[-1] - days[0], 2) * 0.03
    x = Scale(days[0] - room, days[-1] + room, LEFT, WIDTH - RIGHT)
    y = percent_axis(drawing, [0.0, *cars])
    drawing.line(LEFT, y(0.0), WIDTH - RIGHT, y(0.0), "zero")
    for day, car in zip(days, cars, strict=True):
        drawing.dot(x(day), y(car), 2.5, "speck")
    for place, words in _dates(x, days[0], days[-1]):
        anchor = "start" if place < LEFT + 40 else "end" if place > WIDTH - RIGHT - 40 else "middle"
        drawing.text(place, HEIGHT - BOTTOM + 18, words, "tick", anchor)
    drawing.text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, say("figure.calendar.axis"), "label")
    return drawing.render()


def _dates(x: Scale, first: int, last: int) -> list[tuple[float, str]]:
    """Labels of the axis: years where there are three of them, else the first and the last day."""
    years = [(x(dt.date(year, 1, 1).toordinal()), str(year)) for year in range(_year(first) + 1, _year(last) + 1)]
    if len(years) < 2:
        return [(x(day), short_day(dt.date.fromordinal(day).isoformat())) for day in _ends(first, last)]
    kept = [years[0]]
    for place, words in years[1:]:
        if place - kept[-1][0] >= 50:
            kept.append((place, words))
    return kept


def _ends(first: int, last: int) -> tuple[int, ...]:
    return (first, last) if last > first else (first,)


def _year(ordinal: int) -> int:
    return dt.date.fromordinal(ordinal).year
