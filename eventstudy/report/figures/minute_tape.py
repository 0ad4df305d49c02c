"""The tape: bars about an announcement, the price before it, and the band of the clock."""

from __future__ import annotations

import itertools
import math

from eventstudy.database.reading import Row
from eventstudy.instants import parse
from eventstudy.report import text
from eventstudy.report.clock.words import clock, local_time, zone_of
from eventstudy.report.figures.draw import axis_number
from eventstudy.report.figures.svg import Drawing, Scale, ticks
from eventstudy.report.words import say

WIDTH, HEIGHT = 520, 320
LEFT, RIGHT, TOP, BOTTOM = 62, 24, 24, 46
HALF = 40  # of the widest words at a mark


def tape_figure(title: str, document: Row) -> str:
    """The bars about the news, the price before it by both conventions, the band of the clock, and the extremes.

    Parameters
    ----------
    title : str
        Name of the asset; untrusted.
    document : Row
        Of a study by the minute, with its ``tape``.
    """
    tape, before = document["tape"], document["price_before"]
    if not tape or not before:
        return ""
    base, centre = before["price"], _centre(document)
    band = _band(document, base)
    prices = [v for bar in tape for v in bar[1:] if v is not None]
    values = [*prices, base, *(v for _, low, high in band for v in (low, high))]
    median = before.get("median_price")
    if median:
        values.append(median)
    marks = _marks(document, base)
    name = say("clock.tape", asset=title, clock=clock(document))
    drawing = Drawing(WIDTH, HEIGHT, name, _description(document, marks))
    room = (max(values) - min(values) or base * 0.001) * 0.07
    x = Scale(tape[0][0] - 60, max(tape[-1][0] + _size(tape), centre), LEFT, WIDTH - RIGHT)
    y = Scale(min(values) - room, max(values) + room, HEIGHT - BOTTOM, TOP)
    shown, step = ticks(y.low, y.high)
    drawing.grid([(y(value), axis_number(value, step)) for value in shown], LEFT, WIDTH - RIGHT)
    if len(band) > 1:
        upper = [(x(at), y(high)) for at, _, high in band]
        lower = [(x(at), y(low)) for at, low, _ in reversed(band)]
        drawing.path([*upper, *lower], "band", closed=True)
    drawing.line(LEFT, y(base), WIDTH - RIGHT, y(base), "base")
    if median:
        drawing.line(LEFT, y(median), WIDTH - RIGHT, y(median), "median")
    size = _size(tape)
    for start, _, high, low, close in tape:
        middle = x(start + size / 2)
        if low is not None and high is not None:
            drawing.line(middle, y(low), middle, y(high), "range")
        drawing.line(middle, y(close), x(start + size), y(close), "tick-close")
    drawing.line(x(centre), TOP, x(centre), HEIGHT - BOTTOM, "event")
    news = say("clock.news" if document["is_open"] else "clock.opening")
    drawing.text(x(centre), TOP - 8, news, "small", "start" if x(centre) < 2 * LEFT else "middle")
    for at, price, words in marks:
        place = x(at + size / 2)
        if LEFT <= place <= WIDTH - RIGHT:
            drawing.dot(place, y(price), 4.0, "point now")
            is_low = price < base
            middle = min(max(place, LEFT + HALF), WIDTH - RIGHT - HALF)
            drawing.text(middle, y(price) + (16 if is_low else -9), words, "small")
    drawing.places = [x(bar[0] + size) for bar in tape]
    clock_axis(drawing, x, document, say("clock.unit.price"))
    return drawing.render()


def _centre(document: Row) -> float:
    at = parse(f"{document['announced_at'][:19]}Z").timestamp()
    if document["is_open"] or not document["hours"]:
        return at
    return max(at, parse(document["hours"]["opens"]).timestamp())


def _size(tape: list[list[float]]) -> float:
    """Seconds of a bar: the least distance between two."""
    starts = [bar[0] for bar in tape]
    return min((b - a for a, b in itertools.pairwise(starts)), default=300)


def _band(document: Row, base: float) -> list[tuple[float, float, float]]:
    """Where the price usually is, minute by minute, as prices."""
    path = document["path"]
    if not path:
        return []
    centre = _centre(document)
    return [
        (centre + 60 * minute, base * math.exp(low), base * math.exp(high))
        for minute, low, high in zip(path["minutes"], path["low"], path["high"], strict=True)
        if low is not None and high is not None
    ]


def marked(document: Row) -> Row | None:
    """The longest window that the tape shows, whose lowest and highest price are marked."""
    found = [w for w in document["windows"] if w["low"] and w["high"] and w["window"][1] != "close"]
    return found[-1] if found else None


def _marks(document: Row, base: float) -> list[tuple[float, float, str]]:
    """Its lowest and highest price, with when and how far."""
    window = marked(document)
    if window is None:
        return []
    return [
        (
            parse(f"{window[name]['at'][:19]}Z").timestamp(),
            base * math.exp(window[name]["move"]),
            text.percent(math.expm1(window[name]["move"])),
        )
        for name in ("low", "high")
    ]


def _description(document: Row, marks: list[tuple[float, float, str]]) -> str:
    before = document["price_before"]
    words = [say("clock.tape_before", price=text.price(before["price"]))]
    if before.get("median_price"):
        words.append(say("clock.tape_median", price=text.price(before["median_price"])))
    for (at, _, move), key in zip(marks, ("clock.tape_low", "clock.tape_high"), strict=False):
        words.append(say(key, move=move, at=local_time(at, document)))
    return " ".join([*words, say("clock.tape_table")])


def clock_axis(drawing: Drawing, x: Scale, document: Row, unit: str) -> None:
    """Every half hour in the venue's time, and what the other axis is in."""
    zone = text.place(zone_of(document))
    first = math.ceil(x.low / 1800) * 1800
    for at in range(int(first), int(x.high) + 1, 1800):
        drawing.line(x(at), HEIGHT - BOTTOM, x(at), HEIGHT - BOTTOM + 4, "zero")
        drawing.text(x(at), HEIGHT - BOTTOM + 18, local_time(at, document), "tick")
    drawing.text(
        (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, say("clock.axis", unit=unit, place=zone, clock=clock(document)), "label"
    )
