"""Just enough inline SVG: deterministic, escaped, styled by the page's classes.

Our own rather than a plotting library's because a page holds some ten charts and must be there in milliseconds:
the text stays text (searchable, scaled by the reader), a chart is 3 kB, and equal numbers give equal bytes.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape

from eventstudy.report.text import plain


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


@dataclass(slots=True)
class Drawing:
    """An SVG under construction."""

    width: int
    height: int
    title: str
    description: str
    parts: list[str] = field(default_factory=list)

    def line(self, x1: float, y1: float, x2: float, y2: float, css: str) -> None:
        """A straight line."""
        self.parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{css}"/>')

    def rect(self, x: float, y: float, width: float, height: float, css: str) -> None:
        """A rectangle."""
        self.parts.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{max(height, 0):.1f}" class="{css}"/>'
        )

    def path(self, points: Iterable[tuple[float, float]], css: str, *, closed: bool = False) -> None:
        """A polyline or polygon."""
        steps = " L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        self.parts.append(f'<path d="M{steps}{"Z" if closed else ""}" class="{css}"/>')

    def dot(self, x: float, y: float, radius: float, css: str) -> None:
        """A circle."""
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" class="{css}"/>')

    def text(self, x: float, y: float, words: str, css: str = "", anchor: str = "middle") -> None:
        """A label."""
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" class="{css}">{_escaped(words)}</text>'
        )

    def render(self) -> str:
        """The finished element, with its text alternative."""
        title, description = _escaped(self.title), _escaped(self.description)
        return (
            f'<svg viewBox="0 0 {self.width} {self.height}" role="img" aria-label="{title}. {description}">'
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
    found = [_multiples(low, high, m * power) for m in (0.5, 1, 2, 5, 10)]
    return min(found, key=lambda marks: (abs(len(marks[0]) - wanted), marks[1]))


def _multiples(low: float, high: float, step: float) -> tuple[list[float], float]:
    return [k * step for k in range(math.ceil(low / step), math.floor(high / step) + 1)], step
