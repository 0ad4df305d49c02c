"""Just enough inline SVG: deterministic, escaped, styled by the page's classes.

Our own rather than a plotting library's because a page holds some ten charts and must be there in milliseconds:
the text stays text (searchable, scaled by the reader), a chart is 3 kB, and equal numbers give equal bytes.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from html import escape

from eventstudy.report.text import plain

# A page draws a hundred of these, and with several numbers this is faster than an f-string.
_LINE = '<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" class="%s"/>'
_RECT = '<rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" class="%s"/>'
_POINT = "%.1f %.1f"
_DOT = '<circle cx="%.1f" cy="%.1f" r="%s" class="%s"/>'
_TEXT = '<text x="%.1f" y="%.1f" text-anchor="%s" class="%s">%s</text>'


@dataclass(frozen=True, slots=True)
class Scale:
    """Linear map from data to pixels."""

    low: float
    high: float
    start: float
    stop: float

    def __call__(self, value: float) -> float:
        """Pixel of `value`."""
        share = (value - self.low) / (self.high - self.low)
        return self.start + share * (self.stop - self.start)

    def all(self, values: Iterable[float]) -> list[float]:
        """Pixel of each of the values."""
        low, start, size, room = self.low, self.start, self.high - self.low, self.stop - self.start
        return [start + (value - low) / size * room for value in values]


@dataclass(slots=True)
class Drawing:
    """An SVG under construction.

    Attributes
    ----------
    width, height : int
        Pixels.
    title, description : str
        What a screen reader says; untrusted.
    places : sequence of float
        Pixel of every row of the figure's table along `axis`, "x" or "y", for a pointer to find it by.
    """

    width: int
    height: int
    title: str
    description: str
    places: Sequence[float] = ()
    axis: str = "x"
    parts: list[str] = field(default_factory=list)

    def line(self, x1: float, y1: float, x2: float, y2: float, css: str) -> None:
        """A straight line."""
        self.parts.append(_LINE % (x1, y1, x2, y2, css))

    def rect(self, x: float, y: float, width: float, height: float, css: str) -> None:
        """A rectangle, from its upper left corner."""
        self.parts.append(_RECT % (x, y, width, height, css))

    def path(self, points: Iterable[tuple[float, float]], css: str, *, closed: bool = False) -> None:
        """A polyline or polygon."""
        steps = " L".join([_POINT % point for point in points])
        self.shape(f"M{steps}{'Z' if closed else ''}", css)

    def shape(self, steps: str, css: str) -> None:
        """A path, its steps as SVG writes them."""
        self.parts.append(f'<path d="{steps}" class="{css}"/>')

    def course(self, points: Iterable[tuple[float, float]]) -> None:
        """A curve with a dot at each of its points."""
        steps = [_POINT % point for point in points]
        self.shape(f"M{' L'.join(steps)}", "curve")
        self.shape(f"M{'h0M'.join(steps)}h0", "dots")

    def dot(self, x: float, y: float, radius: float, css: str) -> None:
        """A circle."""
        self.parts.append(_DOT % (x, y, radius, css))

    def grid(self, marks: Iterable[tuple[float, str]], left: int, right: int) -> None:
        """Lines from side to side at the given heights, with the words of each at the left."""
        at = [(f"{y:.1f}", _escaped(words)) for y, words in marks]
        place = left - 7
        self.shape("".join([f"M{left} {y}H{right}" for y, _ in at]), "grid")
        self.parts += [
            f'<text x="{place}" y="{y}" dy="4" text-anchor="end" class="tick">{words}</text>' for y, words in at
        ]

    def below(self, labels: Iterable[tuple[float, str]], y: int) -> None:
        """Words at the given places of the axis below."""
        self.parts += [
            f'<text x="{x:.1f}" y="{y}" text-anchor="middle" class="tick">{_escaped(words)}</text>'
            for x, words in labels
        ]

    def text(self, x: float, y: float, words: str, css: str = "", anchor: str = "middle") -> None:
        """A label."""
        self.parts.append(_TEXT % (x, y, anchor, css, _escaped(words)))

    def render(self) -> str:
        """The finished element, with its text alternative."""
        title, description = _escaped(self.title), _escaped(self.description)
        places = ""
        if self.places:
            places = f' data-{self.axis}="{" ".join(["%.0f"] * len(self.places)) % tuple(self.places)}"'
        return (
            f'<svg viewBox="0 0 {self.width} {self.height}" role="img" aria-label="{title}. {description}"{places}>'
            f"<title>{title}</title><desc>{description}</desc>{''.join(self.parts)}</svg>"
        )


@functools.lru_cache(maxsize=1024)  # the labels of axes stand in many charts
def _escaped(words: str) -> str:
    return escape(plain(words))


def ticks(low: float, high: float, wanted: int = 5) -> tuple[list[float], float]:
    """Round numbers in [low, high], about `wanted` of them and never fewer than two, and the step between them.

    The step is 1, 2 or 5 times a power of ten: neighbours differ by 2.5 at most, so that one of them fits.
    """
    power = 10.0 ** math.floor(math.log10((high - low) / wanted))
    found = [
        (step, range(math.ceil(low / step), math.floor(high / step) + 1))
        for step in (0.5 * power, power, 2 * power, 5 * power, 10 * power)
    ]
    step, marks = min(found, key=lambda one: abs(len(one[1]) - wanted))
    return [mark * step for mark in marks], step
