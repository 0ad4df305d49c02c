"""The two charts of a page: the cumulative path and the placebo distribution."""

from __future__ import annotations

import math
from collections.abc import Sequence

from eventstudy.report.svg import Drawing, Scale, ticks
from eventstudy.report.text import MINUS, THIN, percent
from eventstudy.store.read import Row

WIDTH, HEIGHT = 440, 300
LEFT, RIGHT, TOP, BOTTOM = 58, 12, 16, 46
BINS = 24


def path_figure(title: str, days: Sequence[Row], critical: float, level: str) -> str:
    """Cumulative abnormal return over the event window, with its confidence band.

    Parameters
    ----------
    title : str
        Name of the asset; untrusted.
    days : sequence of Row
        Rows of `daily`; sessions without a return are left out.
    critical : float
        Quantile that the standard errors are multiplied with.
    level : str
        Level of the band, for example ``95 %``.
    """
    found = [d for d in days if d["car"] is not None and d["car_se"] is not None and d["ar"] is not None]
    if not found:
        return ""
    low = [d["car"] - critical * d["car_se"] for d in found]
    high = [d["car"] + critical * d["car_se"] for d in found]
    first, last = found[0], found[-1]
    drawing = Drawing(
        WIDTH,
        HEIGHT,
        f"{title}: cumulative abnormal return",
        f"From {percent(first['car'])} at session {first['tau']} to {percent(last['car'])} at session {last['tau']}; "
        f"the {level} band of the last one runs from {percent(low[-1])} to {percent(high[-1])}. The table below has every day.",
    )
    x = Scale(first["tau"] - 0.4, last["tau"] + 0.4, LEFT, WIDTH - RIGHT)
    y = _percent_axis(drawing, [*low, *high, 0.0])
    band = [(x(d["tau"]), y(v)) for d, v in zip(found, high, strict=True)]
    band += [(x(d["tau"]), y(v)) for d, v in reversed(list(zip(found, low, strict=True)))]
    drawing.path(band, "band", closed=True)
    drawing.line(LEFT, y(0.0), WIDTH - RIGHT, y(0.0), "zero")
    if first["tau"] <= 0 <= last["tau"]:
        drawing.line(x(0), TOP, x(0), HEIGHT - BOTTOM, "event")
        drawing.text(x(0) + 5, TOP + 11, "news", "small", "start")
    points = [(x(d["tau"]), y(d["car"])) for d in found]
    drawing.path(points, "curve")
    for (px, py), d in zip(points, found, strict=True):
        drawing.dot(px, py, 4.5 if d["tau"] == 0 else 2.5, "point now" if d["tau"] == 0 else "point")
    for d in found:
        drawing.text(x(d["tau"]), HEIGHT - BOTTOM + 18, str(d["tau"]).replace("-", MINUS), "tick")
    drawing.text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, "sessions from the announcement", "label")
    return drawing.render()


def placebo_figure(title: str, draws: Sequence[float], observed: float, window: str) -> str:
    """Histogram of the placebo moves with the event marked.

    Parameters
    ----------
    title : str
        Name of the asset; untrusted.
    draws : sequence of float
        Placebo CARs, decimal.
    observed : float
        CAR of the event.
    window : str
        Label of the window.
    """
    if not draws:
        return ""
    reach = max(max(abs(v) for v in draws), 1e-9) * 1.05
    at_least = sum(abs(v) >= abs(observed) for v in draws)
    drawing = Drawing(
        WIDTH,
        HEIGHT,
        f"{title}: the event among ordinary days",
        f"{len(draws)} placebo moves over {window} between {percent(min(draws))} and {percent(max(draws))}; "
        f"the event moved {percent(observed)}, and {at_least} of them moved at least as much.",
    )
    is_outside = abs(observed) > reach
    span = reach * (1.25 if is_outside else 1.0)
    x = Scale(-span, span, LEFT, WIDTH - RIGHT)
    width = 2 * reach / BINS
    counts = [0] * BINS
    for value in draws:
        counts[min(int((value + reach) / width), BINS - 1)] += 1
    top = max(counts)
    y = Scale(0, max(top, 6) * 1.12, HEIGHT - BOTTOM, TOP)
    for mark in ticks(0, max(top, 6))[0]:
        drawing.line(LEFT, y(mark), WIDTH - RIGHT, y(mark), "grid")
        drawing.text(LEFT - 7, y(mark) + 4, f"{mark:.0f}", "tick", "end")
    for j, count in enumerate(counts):
        left = -reach + j * width
        is_tail = abs(left + width / 2) >= abs(observed)
        drawing.rect(x(left) + 0.6, y(count), x(left + width) - x(left) - 1.2, y(0) - y(count), f"bar{' tail' * is_tail}")
    marks, step = ticks(-span, span)
    for mark in marks:
        drawing.text(x(mark), HEIGHT - BOTTOM + 18, _axis_percent(mark, step), "tick")
    drawing.line(LEFT, y(0), WIDTH - RIGHT, y(0), "zero")
    place = x(max(-span, min(span, observed)))
    drawing.line(place, TOP, place, HEIGHT - BOTTOM, "event")
    is_right = place < (LEFT + WIDTH - RIGHT) / 2
    arrow = ("" if not is_outside else " \u2192" if observed > 0 else "\u2190 ")
    words = f"event {percent(observed)}"
    words = words + arrow if observed > 0 else arrow + words
    drawing.text(place + (6 if is_right else -6), TOP + 11, words, "small", "start" if is_right else "end")
    drawing.text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, f"abnormal move over {window} on ordinary days", "label")
    return drawing.render()


def _percent_axis(drawing: Drawing, values: Sequence[float]) -> Scale:
    low, high = min(values), max(values)
    room = (high - low or 0.01) * 0.08
    y = Scale(low - room, high + room, HEIGHT - BOTTOM, TOP)
    marks, step = ticks(low - room, high + room)
    for mark in marks:
        drawing.line(LEFT, y(mark), WIDTH - RIGHT, y(mark), "grid")
        drawing.text(LEFT - 7, y(mark) + 4, _axis_percent(mark, step), "tick", "end")
    return y


def _axis_percent(value: float, step: float) -> str:
    """A tick label with just the digits that a step of `step` needs."""
    places = max(0, math.ceil(-math.log10(step * 100) - 1e-9))
    shown = f"{abs(value) * 100:.{places}f}"
    sign = MINUS if value < 0 and float(shown) else ""
    return f"{sign}{shown}{THIN}%"
