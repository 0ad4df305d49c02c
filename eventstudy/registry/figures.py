"""The figures of the pages: what each shows, where it stands, and where its code is.

A figure of another distribution is a `Figure` too, named by an entry point of the group ``eventstudy.figures``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from eventstudy.registry import Registry, load

Page = Literal["event", "assets", "clock", "study"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure.

    Attributes
    ----------
    name : str
    page : {"event", "assets", "clock", "study"}
        Where it stands: under each asset of the first study of an event, under all of them together, under each asset
        of a study by the minute, or under each group of a study or collection.
    words : str
        What it shows, for people.
    code : str
        ``module:function`` that makes SVG, or a ``Chart`` of ``eventstudy.report.figures.chart`` with a title and a
        table, of ``eventstudy.report.figures.drawn.AssetFacts``, ``EventFacts``, ``ClockFacts`` or ``GroupFacts``; an
        empty text or None where there is nothing to see.
    caption : str
        The line above it; of ours, ``figure.NAME`` of ``eventstudy.report.words``. ``{level}`` stands for the level of
        the band; under an asset ``{placebo}`` for the share of ordinary days that strayed as far, and ``{percentile}``
        for the share of those that strayed less.
    """

    name: str
    page: Page
    words: str
    code: str
    caption: str = ""

    def draw(self, facts: Any) -> Any:
        """The SVG, or a chart; something empty where there is nothing to see."""
        return load(self.code)(facts)


FIGURES: Registry[Figure] = Registry(
    "figure",
    Figure,
    Figure(
        name="panels",
        page="assets",
        words="the paths of all assets, small and on one scale",
        code="eventstudy.report.figures.of_event:panels",
    ),
    Figure(
        name="forest",
        page="assets",
        words="the abnormal move of each asset with its interval, alone and allowing for all of them",
        code="eventstudy.report.figures.of_event:forest",
    ),
    Figure(
        name="price",
        page="event",
        words="the price by date, with the news and the price that the verdict is read at",
        code="eventstudy.report.figures.of_event:price",
    ),
    Figure(
        name="path",
        page="event",
        words="the cumulative abnormal return from the last price before the news, with its confidence band",
        code="eventstudy.report.figures.of_event:path",
    ),
    Figure(
        name="placebo_days",
        page="event",
        words="how far ordinary days strayed, and where the event lies among them",
        code="eventstudy.report.figures.of_event:placebo_days",
    ),
    Figure(
        name="tape",
        page="clock",
        words="the bars about the news, the price before it, and where the price usually is",
        code="eventstudy.report.figures.of_clock:tape",
    ),
    Figure(
        name="clock_sessions",
        page="clock",
        words="how far the price moved on other sessions at this time of day, and where the event lies among them",
        code="eventstudy.report.figures.of_clock:sessions",
    ),
    Figure(
        name="curve",
        page="clock",
        words="t at every minute that the news may have come at",
        code="eventstudy.report.figures.of_clock:curve",
    ),
    Figure(
        name="mean_path",
        page="study",
        words="the mean cumulative abnormal return of the events, with its confidence band",
        code="eventstudy.report.figures.of_study:mean_path",
    ),
    Figure(
        name="every_path",
        page="study",
        words="the cumulative abnormal returns of the single events, with their quantiles",
        code="eventstudy.report.figures.of_study:every_path",
    ),
    Figure(
        name="distribution",
        page="study",
        words="the cumulative abnormal returns of the single events over the first window, and their mean",
        code="eventstudy.report.figures.of_study:distribution",
    ),
    Figure(
        name="groups",
        page="study",
        words="the mean of each group of events with its interval",
        code="eventstudy.report.figures.of_study:groups",
    ),
    Figure(
        name="calendar",
        page="study",
        words="every event on its date, as high as its cumulative abnormal return",
        code="eventstudy.report.figures.of_study:calendar",
    ),
)
