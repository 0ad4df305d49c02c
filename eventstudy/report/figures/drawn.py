"""The figures of a page, drawn from its facts by the entries of `eventstudy.registry.figures`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from eventstudy.errors import InputError
from eventstudy.registry.figures import FIGURES, Figure
from eventstudy.report.clock.words import is_extended
from eventstudy.report.figures.chart import Chart
from eventstudy.report.figures.facts import AssetFacts, ClockFacts, EventFacts, GroupFacts
from eventstudy.report.words import known, say

__all__ = ["AssetFacts", "ClockFacts", "Drawn", "EventFacts", "GroupFacts", "drawn"]

Facts = AssetFacts | ClockFacts | EventFacts | GroupFacts
PAGES = {AssetFacts: "event", ClockFacts: "clock", EventFacts: "assets", GroupFacts: "study"}


@dataclass(slots=True, kw_only=True)  # not frozen, see `eventstudy.study.results`; nothing changes one
class Drawn:
    """A figure on a page: what it found, how to read it, the picture, its source, and the table of its numbers.

    That of a plug-in has a caption and a picture alone.
    """

    name: str
    caption: str
    svg: str
    title: str = ""
    source: str = ""
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


def drawn(facts: Facts) -> tuple[Drawn, ...]:
    """The figures of a page that have something to show; of a plug-in that fails, the caption says why."""
    page, words = PAGES[type(facts)], facts.words
    ours = [_draw(figure, facts, words) for figure in FIGURES.ours if figure.page == page]
    others = [_draw_plugin(name, page, facts, words) for name in FIGURES.others]
    return tuple(found for found in (*ours, *others) if found is not None)


def _draw(figure: Figure, facts: Facts, words: dict[str, str]) -> Drawn | None:
    found = figure.draw(facts)
    if not found:
        return None
    caption = known(f"figure.{figure.name}", figure.caption).format(**words)
    if not isinstance(found, Chart):
        return Drawn(name=figure.name, caption=caption, svg=found)
    if figure.name == "path" and isinstance(facts, AssetFacts) and facts.is_by_ordinary_days:
        caption = say("figure.path.placebo_alone", caption=caption)
    if figure.name == "tape" and isinstance(facts, ClockFacts) and is_extended(facts.document):
        caption = say("figure.tape.extended", caption=caption)
    if found.note:
        caption = say("figure.noted", caption=caption, note=found.note)
    return Drawn(
        name=figure.name,
        title=found.title,
        caption=caption,
        svg=found.svg,
        source=facts.source,
        columns=found.columns,
        rows=found.rows,
    )


def _draw_plugin(name: str, page: str, facts: Facts, words: dict[str, str]) -> Drawn | None:
    try:
        figure = FIGURES[name]
        return _draw(figure, facts, words) if figure.page == page else None
    except Exception as error:  # noqa: BLE001  # whatever a plug-in stumbles over, the rest of the page stands
        why = str(error) if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
        return Drawn(name=name, caption=say("figure.failed", name=name, why=why), svg="")
