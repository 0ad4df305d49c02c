"""A figure as HTML: in Python, since pages have many."""

from __future__ import annotations

from markupsafe import Markup

from eventstudy.report.figures.drawn import Drawn
from eventstudy.report.table_html import cell, filled, lines_of
from eventstudy.report.words import say


def figure(item: Drawn) -> Markup:
    """What it found, how to read it, the picture, its source, and its numbers for whoever opens them.

    Of a plug-in the caption and the picture alone; of one that could not be drawn, the caption, which says so.
    """
    caption = cell(item.caption)
    if not item.title:
        return Markup(f"<figure><figcaption>{caption}</figcaption>{item.svg}</figure>\n")  # noqa: S704  # escaped
    title, data = cell(item.title), cell(say("figure.data"))
    numbers = _table(item, f"{data}: {title}") if item.rows else ""
    source = f'<p class="source">{cell(item.source)}</p>' if item.source else ""
    if numbers:
        numbers = f'<details class="data"><summary>{data}</summary>{numbers}</details>'
    return Markup(  # noqa: S704  # every text went through cell
        f"<figure><figcaption><strong>{title}</strong> <span>{caption}.</span></figcaption>"
        f"{item.svg}\n{source}{numbers}</figure>\n"
    )


def _table(item: Drawn, label: str) -> str:
    heads, line = lines_of(tuple(item.columns))
    return (
        f'<div class="scroll" tabindex="0" role="group" aria-label="{label}">'
        f'<table><caption class="unseen">{label}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>\n{filled(line, item.rows)}</tbody></table></div>"
    )
