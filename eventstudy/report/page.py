"""From the results database to HTML, through templates that escape everything."""

from __future__ import annotations

import functools
from collections.abc import Collection
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from eventstudy import __version__
from eventstudy.report import text
from eventstudy.report.view import event_answer, event_view
from eventstudy.store import read


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("eventstudy.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    source, _, _ = environment.loader.get_source(environment, "style.css")  # type: ignore[union-attr]  # set above
    environment.globals["style"] = Markup(source)  # noqa: S704  # our own file, not input
    environment.globals["version"] = __version__
    environment.filters["drawn"] = Markup  # charts are made by eventstudy.report.svg, which escapes every text
    return environment


def render_event(database: Path, event_id: str) -> str:
    """The page of one stored event: equal results, equal bytes."""
    connection = read.connect(database)
    try:
        view = event_view(connection, event_id)
    finally:
        connection.close()
    return _environment().get_template("event.html.j2").render(event=view)


def render_index(database: Path, pages: Collection[str]) -> str:
    """The index of all events.

    Parameters
    ----------
    database : Path
    pages : collection of str
        Ids of the events that have a page to link to.
    """
    connection = read.connect(database)
    try:
        events = read.rows(
            connection,
            "select * from events where kind <> 'context' order by announced_at desc, event_id",
        )
        context = read.rows(connection, "select * from events where kind = 'context' order by announced_at desc")
        answers = {event["event_id"]: event_answer(connection, event) for event in events}
        latest = read.rows(connection, "select * from latest_runs where status <> 'running' limit 1")
    finally:
        connection.close()
    rows = [
        {
            "id": event["event_id"],
            "title": event["title"],
            "date": text.short_day(text.local_date(event).isoformat()),
            "has_page": event["event_id"] in pages,
            "word": text.VERDICT_WORDS[answers[event["event_id"]][0]],
            "mark": text.VERDICT_MARKS[answers[event["event_id"]][0]],
            "headline": answers[event["event_id"]][1][0],
            "status": event["status"],
            "reason": event["reason"] or "",
        }
        for event in events
    ]
    return (
        _environment()
        .get_template("index.html.j2")
        .render(
            events=rows,
            context=[{"title": c["title"], "when": text.announced(c)} for c in context],
            run=latest[0] if latest else None,
        )
    )
