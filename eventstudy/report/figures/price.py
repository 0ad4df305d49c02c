"""The price about the news, with its dates."""

from __future__ import annotations

import math
from collections.abc import Sequence

from eventstudy.database.reading import Row
from eventstudy.report.figures.draw import (
    BOTTOM,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    axis_number,
    mark_news,
    say_value,
)
from eventstudy.report.figures.svg import Drawing, Scale, ticks
from eventstudy.report.text import price, short_date, short_day
from eventstudy.report.words import say

Price = tuple[int, str, float]  # offset, session, price

NEAR = 1e-6  # by which a price may miss the stored one, relative


def prices_about(days: Sequence[Row], window: Row, kind: str) -> tuple[list[Price], bool]:
    """Prices session by session, from the stored price before the window by the returns that were studied.

    Parameters
    ----------
    days : sequence of Row
        Of the view `daily`, by τ.
    window : Row
        Of `window_results`.
    kind : {"simple", "log"}
        Of the returns.

    Returns
    -------
    list of (int, str, float)
        Offset, session and price; from the first gap in the returns on, on either side, there are none.
    bool
        Whether the prices end where the stored price after the window lies: not with a dividend in between.
    """
    start, before = window["window_start"] - 1, window["price_before"]
    by_tau = {day["tau"]: day for day in days}
    if before is None or start not in by_tau:
        return [], False
    grown = {day["tau"]: _factor(day["return"], kind) for day in days}
    found = {start: before}
    for step in range(start + 1, max(by_tau) + 1):
        if (factor := grown.get(step)) is None:
            break
        found[step] = found[step - 1] * factor
    for step in range(start, min(by_tau), -1):
        if not (factor := grown.get(step)):
            break
        found[step - 1] = found[step] / factor
    at, there = window["price_at"], found.get(window["window_end"])
    is_quoted = bool(at and there and abs(there / at - 1) < NEAR)
    return [(tau, by_tau[tau]["session"], found[tau]) for tau in sorted(found) if tau in by_tau], is_quoted


def _factor(move: float | None, kind: str) -> float | None:
    if move is None:
        return None
    return math.exp(move) if kind == "log" else 1.0 + move


def price_figure(title: str, prices: Sequence[Price], verdict_at: int, *, is_quoted: bool) -> str:
    """The price of an asset about the news, by date.

    Parameters
    ----------
    title : str
        Name of the asset; untrusted.
    prices : sequence of (int, str, float)
        Offset, session and price.
    verdict_at : int
        The session at whose end the verdict is read; its point is the large one.
    is_quoted : bool
        Whether they are prices as quoted, and not with dividends in them.
    """
    (first, start, opening), (last, end, closing) = prices[0], prices[-1]
    values = [value for _, _, value in prices]
    drawing = Drawing(
        WIDTH,
        HEIGHT,
        say("figure.price.title", asset=title),
        say(
            "figure.price.said",
            start=short_day(start),
            first=price(opening),
            end=short_day(end),
            last=price(closing),
            low=price(min(values)),
            high=price(max(values)),
        ),
    )
    low, high = min(values), max(values)
    room = (high - low or abs(low) * 0.01) * 0.08
    x, y = Scale(first - 0.6, last + 0.4, LEFT, WIDTH - RIGHT), Scale(low - room, high + room, HEIGHT - BOTTOM, TOP)
    marks, step = ticks(y.low, y.high)
    drawing.grid([(y(mark), axis_number(mark, step)) for mark in marks], LEFT, WIDTH - RIGHT)
    if first < 0 <= last:
        mark_news(drawing, x(-0.5))
    drawing.places = x.all([tau for tau, _, _ in prices])
    points = list(zip(drawing.places, y.all(values), strict=True))
    drawing.course(points)
    every = math.ceil(len(prices) / 6)
    drawing.below(
        [
            (place, short_date(session))
            for (tau, session, _), place in zip(prices, drawing.places, strict=True)
            if tau % every == 0
        ],
        HEIGHT - BOTTOM + 18,
    )
    for (tau, _, value), place in zip(prices, points, strict=True):
        if tau == verdict_at:
            drawing.dot(*place, 4.5, "point now")
            say_value(drawing, place, price(value))
    axis = "figure.price.axis" if is_quoted else "figure.price.axis_total"
    drawing.text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, say(axis), "label")
    return drawing.render()
