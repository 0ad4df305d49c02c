"""The page of a collection: that of a study of many events, with what the passes say of it."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

from eventstudy.database import reading
from eventstudy.database.reading import Row
from eventstudy.report import text
from eventstudy.report.page import environment
from eventstudy.report.study.view import study_page
from eventstudy.report.words import say
from eventstudy.store import collections

MOST_NAMED = 40  # events that a command names one by one


def render_collection(database: Path, collection_id: str, *, but_of: int | None = None) -> str:
    """The page of one stored collection: equal results, equal bytes; `but_of` as in `collections.stored_document`."""
    connection = reading.connect(database)
    try:
        head, document = collections.stored_document(connection, collection_id, but_of=but_of)
    finally:
        connection.close()
    page = study_page(document, title=head["title"], command=_command(head, document))
    return (
        environment().get_template("collection.html.j2").render(page=page, looks=_looks(head), collection=collection_id)
    )


def _looks(head: Row) -> str:
    """How often it was looked at, since when the answer stands, and how many fits were computed twice."""
    times, since = head["times_looked"], text.moment(head["first_looked_at"])
    said = say("collection.once", since=since) if times == 1 else say("collection.times", n=times, since=since)
    if head["stands_since"]:
        said = say("collection.stands", said=said, since=text.moment(head["stands_since"]))
    if head["n_collections"] > 1:
        said = say("collection.one_of", said=said, n=head["n_collections"])
    return say("collection.end", said=said, checked=head["checked"])


def _command(head: Row, document: dict[str, Any]) -> str:
    """The command that gives the averages again; empty where it would have to name very many events."""
    chosen = [(name, head[name]) for name in ("tag", "kind", "asset") if head[name]]
    ids = dict.fromkeys(event["event_id"] for event in document["events"]) if head["is_list"] else {}
    if len(ids) > MOST_NAMED:
        return ""
    chosen += [("event", event_id) for event_id in ids]
    if groups := [group["group"] for group in document["aggregate"][1:]]:
        chosen.append(("compare", ",".join(groups)))
    words = ["eventstudy", "study", "--stored", "--study", head["study_id"]]
    return shlex.join([*words, *(part for name, value in chosen for part in (f"--{name}", value))])
