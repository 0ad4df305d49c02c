"""The figures of the pages: what each shows, where it stands, and where its code is.

A figure of another distribution is a `Figure` too, named by an entry point of the group ``eventstudy.figures``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from eventstudy.registry import Registry, load

Page = Literal["event", "study"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure.

    Attributes
    ----------
    name : str
    page : {"event", "study"}
        Where it stands: under each asset of the first study of an event, or under each group of a study or collection.
    words : str
        What it shows, for people.
    code : str
        ``module:function`` that makes SVG of ``eventstudy.report.drawn.AssetFacts`` or ``GroupFacts``; an empty text
        where there is nothing to see.
    caption : str
        The line above it; of ours, ``figure.NAME`` of ``eventstudy.report.words``. ``{level}`` stands for the level of
        the band, and on the page of an event ``{placebo}`` for the share of ordinary days that strayed as far.
    """

    name: str
    page: Page
    words: str
    code: str
    caption: str = ""

    def draw(self, facts: Any) -> str:
        """The SVG."""
        drawn: str = load(self.code)(facts)
        return drawn


FIGURES: Registry[Figure] = Registry(
    "figure",
    Figure,
    Figure(
        name="path",
        page="event",
        words="the cumulative abnormal return, session by session, with its confidence band",
        code="eventstudy.report.drawn:path",
    ),
    Figure(
        name="placebo_days",
        page="event",
        words="how far ordinary days strayed, and where the event lies among them",
        code="eventstudy.report.drawn:placebo_days",
    ),
    Figure(
        name="mean_path",
        page="study",
        words="the mean cumulative abnormal return of the events, with its confidence band",
        code="eventstudy.report.drawn:mean_path",
    ),
    Figure(
        name="distribution",
        page="study",
        words="the cumulative abnormal returns of the single events over the first window, and their mean",
        code="eventstudy.report.drawn:distribution",
    ),
)
