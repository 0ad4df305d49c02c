"""The charts of a page: the cumulative path, the placebo distribution and the distribution over events."""

from __future__ import annotations

import functools
import math
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from eventstudy.database.reading import Row
from eventstudy.report.figures.svg import Drawing, Scale, ticks
from eventstudy.report.findings import placebo_count
from eventstudy.report.text import MINUS, offset, percent
from eventstudy.report.words import Language, known, language, say

WIDTH, HEIGHT = 380, 280
LEFT, RIGHT, TOP, BOTTOM = 54, 14, 20, 46
LEGEND = 20  # below the axis
BINS = 24
ACROSS = 4  # labels below a chart, about
# An event farther out than this many times the widest placebo is marked at the edge: drawn to scale, it would leave
# the placebo days a sliver.
FARTHEST = 4.0


def path_figure(title: str, days: Sequence[Row], critical: float, level: str, verdict_at: int | None = None) -> str:
    """Cumulative abnormal return over the event window, with its confidence band.

    Parameters
    ----------
    title : str
        Name of the asset; untrusted.
    days : sequence of Row
        Rows of `daily`; sessions without a return are left out. Those without an error have no band.
    critical : float
        Quantile that the standard errors are multiplied with.
    level : str
        Level of the band, for example ``95 %``.
    verdict_at : int, optional
        The session at whose end the verdict is read; its point is the large one.
    """
    found = [d for d in days if d["car"] is not None and d["ar"] is not None]
    banded = [d for d in found if d["car_se"] is not None]
    if not banded:
        return ""
    low = [d["car"] - critical * d["car_se"] for d in banded]
    high = [d["car"] + critical * d["car_se"] for d in banded]
    large = 0 if verdict_at is None else verdict_at
    first, last = found[0], found[-1]
    drawing = Drawing(
        WIDTH,
        HEIGHT,
        say("figure.path.title", asset=title),
        say(
            "figure.path.said",
            start=percent(first["car"]),
            first=offset(first["tau"]),
            end=percent(last["car"]),
            last=offset(last["tau"]),
            level=level,
            low=percent(low[-1]),
            high=percent(high[-1]),
        ),
    )
    x = Scale(first["tau"] - 0.6, last["tau"] + 0.4, LEFT, WIDTH - RIGHT)
    cars = [d["car"] for d in found]
    y = percent_axis(drawing, [*low, *high, *cars, 0.0])
    places = drawing.places = x.all([d["tau"] for d in found])
    steps = x.all([d["tau"] for d in banded])
    band = [*zip(steps, y.all(high), strict=True), *zip(steps[::-1], y.all(low[::-1]), strict=True)]
    drawing.path(band, "band", closed=True)
    drawing.line(LEFT, y(0.0), WIDTH - RIGHT, y(0.0), "zero")
    if first["tau"] <= 0 <= last["tau"]:
        mark_news(drawing, x(-0.5))  # after the price of session -1 and before that of session 0
    points = list(zip(places, y.all(cars), strict=True))
    drawing.course(points)
    for d, place in zip(found, points, strict=True):
        if d["tau"] == large:
            drawing.dot(*place, 4.5, "point now")
        if d["tau"] == verdict_at:
            say_value(drawing, place, percent(d["car"]))
    every = math.ceil((last["tau"] - first["tau"] + 1) / 7)
    shown = [(place, offset(d["tau"])) for place, d in zip(places, found, strict=True) if d["tau"] % every == 0]
    drawing.below(shown, HEIGHT - BOTTOM + 18)
    drawing.text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, say("figure.path.axis"), "label")
    return drawing.render()


@dataclass(frozen=True, slots=True)
class Bins:
    """Equal bins over [-reach, reach]: all placebo moves, and those at least as extreme as the event."""

    reach: float
    all: list[int]
    extreme: list[int]

    def table(self) -> list[tuple[float, int, int]]:
        """Middle, count and extreme ones of every bin from the first to the last that holds something."""
        width = 2 * self.reach / BINS
        held = [j for j, count in enumerate(self.all) if count]
        return [((j + 0.5) * width - self.reach, self.all[j], self.extreme[j]) for j in range(held[0], held[-1] + 1)]


def placebo_figure(title: str, window: Row, alternative: str) -> str:
    """Histogram of the placebo moves with the event marked; empty where there are too few of them.

    Parameters
    ----------
    title : str
        Name of the asset; untrusted.
    window : Row
        Of `window_results`.
    alternative : str
        Side of the test: which placebo moves count as at least as extreme.
    """
    at_least, total = placebo_count(window)
    if not total:
        return ""
    over = say("figure.placebo.over", n=window["window_end"] - window["window_start"] + 1)
    return among_figure(
        window["placebo"],
        window["car"],
        alternative=alternative,
        name=say("figure.placebo.title", asset=title),
        said={"key": "figure.placebo", "over": over, "extreme": at_least},
    )


def among_figure(
    draws: Sequence[float], observed: float, *, alternative: str, name: str, said: Mapping[str, Any]
) -> str:
    """Histogram of moves with that of the event marked.

    Parameters
    ----------
    draws : sequence of float
    observed : float
    alternative : str
        Side of the test: which moves count as at least as extreme.
    name : str
        What the picture is called.
    said : mapping
        ``key`` of the words below, ``over`` what the moves are, and how many are at least as ``extreme``.
    """
    key, over = said["key"], said["over"]
    drawing = Drawing(
        WIDTH,
        HEIGHT + LEGEND,
        name,
        say(
            f"{key}.said",
            n=len(draws),
            over=over,
            low=percent(min(draws)),
            high=percent(max(draws)),
            move=percent(observed),
            extreme=said["extreme"],
        ),
    )
    bins = binned(tuple(draws), observed, alternative)
    is_outside = abs(observed) > FARTHEST * bins.reach
    low, high = (-bins.reach, bins.reach) if is_outside else (min(-bins.reach, observed), max(bins.reach, observed))
    room = 0.04 * (high - low)
    x = Scale(low - room, high + room, LEFT, WIDTH - RIGHT)
    drawing.places = x.all([middle for middle, _, _ in bins.table()])
    _draw_bars(drawing, x, bins)
    drawing.below(percent_ticks(x, ACROSS), HEIGHT - BOTTOM + 18)
    _mark_event(drawing, x(max(low, min(high, observed))), observed, is_outside=is_outside)
    drawing.text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, say(f"{key}.axis", over=over), "label")
    _legend(drawing, known(f"{key}.legend", say("figure.legend.all")))
    return drawing.render()


def distribution_figure(title: str, cars: Sequence[float], mean: float, window: str) -> str:
    """Histogram of the events' CARs with their mean marked; empty for fewer than two events.

    Parameters
    ----------
    title : str
        Name of the group; untrusted.
    cars : sequence of float
        Decimal.
    mean : float
        Their mean, decimal.
    window : str
        Label of the window.
    """
    if len(cars) < 2:
        return ""
    rises = sum(car > 0 for car in cars)
    drawing = Drawing(
        WIDTH,
        HEIGHT,
        say("figure.distribution.title", group=title),
        say(
            "figure.distribution.said",
            n=len(cars),
            window=window,
            low=percent(min(cars)),
            high=percent(max(cars)),
            mean=percent(mean),
            rises=rises,
        ),
    )
    bins = binned(tuple(cars), math.inf, "two-sided")
    room = 0.04 * 2 * bins.reach
    x = Scale(-bins.reach - room, bins.reach + room, LEFT, WIDTH - RIGHT)
    drawing.places = x.all([middle for middle, _, _ in bins.table()])
    _draw_bars(drawing, x, bins)
    drawing.below(percent_ticks(x, ACROSS), HEIGHT - BOTTOM + 18)
    _mark_event(drawing, x(mean), mean, is_outside=False, key="figure.mean")
    drawing.text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, say("figure.distribution.axis", window=window), "label")
    return drawing.render()


@functools.lru_cache(maxsize=8)  # for the picture, then for the table of its numbers
def binned(draws: tuple[float, ...], observed: float, alternative: str) -> Bins:
    """Moves counted in bins, and those at least as extreme as `observed` on the side of the test."""
    ordered = sorted(draws)
    reach = max(ordered[-1], -ordered[0], 1e-9) * 1.02
    least, most = {
        "two-sided": (-abs(observed), abs(observed)),
        "less": (observed, math.inf),
        "greater": (-math.inf, observed),
    }[alternative]
    low = bisect_right(ordered, least)  # the extreme ones are those before it, and those from `high` on
    high = max(low, bisect_left(ordered, most))
    below = [bisect_left(ordered, reach * (2 * edge / BINS - 1)) for edge in range(BINS + 1)]
    extreme = [n if n <= low else max(low, n - high + low) for n in below]
    return Bins(reach, *([after - before for before, after in pairwise(counts)] for counts in (below, extreme)))


def _draw_bars(drawing: Drawing, x: Scale, bins: Bins) -> None:
    """Counts per bin; the extreme ones are the dark foot of their bar, with a thick outline."""
    most = max(*bins.all, 5)
    drawing.grid(_counts(most), LEFT, WIDTH - RIGHT)
    step = (x.stop - x.start) / (x.high - x.low) * 2 * bins.reach / BINS
    gap = min(1.2, step / 6)
    on, width = f"{step:.3f}", f"{step - gap:.1f}"
    seen = [count if count > few else 0 for count, few in zip(bins.all, bins.extreme, strict=True)]
    for counts, css in ((seen, "bar"), (bins.extreme, "bar tail")):
        if any(counts):
            steps = "".join([_bar(count, most, on, width) for count in counts])
            drawing.shape(f"M{x(-bins.reach) + gap / 2:.1f} {HEIGHT - BOTTOM}{steps}", css)
    drawing.line(LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM, "zero")


def _height(most: int) -> Scale:
    """The scale of counts up the side of a chart, from 0 to a little above the highest."""
    return Scale(0, most * 1.05, HEIGHT - BOTTOM, TOP)


@functools.lru_cache(maxsize=64)  # charts have few highest bars
def _counts(most: int) -> list[tuple[float, str]]:
    """The places of round counts, with their labels."""
    y = _height(most)
    return [(y(mark), f"{mark:.0f}") for mark in ticks(0, most)[0] if mark == int(mark)]


@functools.lru_cache(maxsize=4096)  # charts have bars of few heights
def _bar(count: int, most: int, on: str, width: str) -> str:
    """The bar of a count, drawn from its foot, none of 0, and the way on to the foot of the next."""
    top = HEIGHT - BOTTOM - _height(most)(count)
    return f"v-{top:.1f}h{width}v{top:.1f}zm{on} 0" if count else f"m{on} 0"


def _legend(drawing: Drawing, everything: str) -> None:
    """What the two kinds of bar are, below the axis."""
    for place, css, words in (
        (LEFT, "legend", everything),
        (LEFT + 34 + 6 * len(everything), "legend tail", say("figure.legend.extreme")),
    ):
        drawing.rect(place, HEIGHT + 4, 12, 10, css)
        drawing.text(place + 18, HEIGHT + 13, words, "tick", "start")


def _mark_event(
    drawing: Drawing, place: float, observed: float, *, is_outside: bool, key: str = "figure.event"
) -> None:
    """A line at the event, or an arrow out of the chart where it lies far beyond."""
    is_left = place < (LEFT + WIDTH - RIGHT) / 2
    anchor = "start" if is_left else "end"
    is_central = LEFT + 60 < place < WIDTH - RIGHT - 60
    words = say(key, move=percent(observed))
    if not is_outside:
        drawing.line(place, TOP, place, HEIGHT - BOTTOM, "event")
        drawing.text(place, TOP - 6, words, "small", "middle" if is_central else anchor)
        return
    way = -1 if is_left else 1
    drawing.path([(place - 13 * way, TOP - 16), (place, TOP - 10), (place - 13 * way, TOP - 4)], "arrow", closed=True)
    drawing.text(place - 19 * way, TOP - 6, say("figure.far", words=words), "small", anchor)


def mark_news(drawing: Drawing, place: float) -> None:
    """A dashed line where the news came."""
    drawing.line(place, TOP, place, HEIGHT - BOTTOM, "event")
    drawing.text(place, TOP - 6, say("figure.path.news"), "small")


def percent_axis(drawing: Drawing, values: Sequence[float]) -> Scale:
    """The scale of returns up the side of a chart, with its grid."""
    low, high = min(values), max(values)
    room = (high - low or 0.01) * 0.08
    y = Scale(low - room, high + room, HEIGHT - BOTTOM, TOP)
    drawing.grid(percent_ticks(y), LEFT, WIDTH - RIGHT)
    return y


def say_value(drawing: Drawing, place: tuple[float, float], words: str) -> None:
    """The number of the large point beside it, so that no reader has to measure it against the scale."""
    x, y = place
    drawing.text(x + 7, y - 9 if y > TOP + 16 else y + 18, words, "value", "start" if x < WIDTH - 70 else "end")


def percent_ticks(along: Scale, wanted: int = 5) -> list[tuple[float, str]]:
    """Places of round returns along an axis, each with its label."""
    marks, step = ticks(along.low, along.high, wanted)
    return list(zip(along.all(marks), _axis_percents(tuple(marks), step, language()), strict=True))


@functools.lru_cache(maxsize=1024)  # there are few ranges of round returns
def _axis_percents(values: tuple[float, ...], step: float, spoken: Language) -> list[str]:
    """The labels of returns, as `axis_number`."""
    numbers = [(value, axis_number(abs(value) * 100, step * 100)) for value in values]
    return [f"{MINUS if value < 0 and shown.strip('0.,') else ''}{shown}{spoken.percent}" for value, shown in numbers]


def axis_number(value: float, step: float) -> str:
    """A tick label with just the digits that a step of `step` needs."""
    places = max(0, math.ceil(-math.log10(step) - 1e-9))
    return language().number(f"{value:,.{places}f}")
