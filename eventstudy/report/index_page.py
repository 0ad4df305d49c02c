"""The index of all events: a page of the newest, pages of the others, and what the search of the first one reads."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eventstudy.database import reading
from eventstudy.database.reading import Row
from eventstudy.report import text
from eventstudy.report.asset_page import page_names
from eventstudy.report.findings import event_answer
from eventstudy.report.page import environment
from eventstudy.report.places import OLDER
from eventstudy.report.words import say
from eventstudy.store import collections, content, overview, states
from eventstudy.store.read import EventResults

# Counted from the oldest, so that a page that is full stays as it is; the newest page has between one and two of them.
PER_PAGE = 100
PER_FILE = 5000  # events in a file of the search
MOST_RELEASES, MOST_ASSETS, MOST_COLLECTIONS = 40, 300, 200
VERDICTS = ("strong", "moderate", "confounded", "weak", "none", "pending", "not computable")  # the clearest first


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexRow:
    """A line of the index; every string is ready to print."""

    id: str
    title: str
    day: str
    date: str
    has_page: bool
    verdict: str
    headline: str
    aside: str
    fault: str
    missing: str

    @property
    def word(self) -> str:
        """The verdict as a page calls it."""
        return text.verdict_word(self.verdict)

    @property
    def mark(self) -> str:
        """Its mark."""
        return text.VERDICT_MARKS[self.verdict]

    @property
    def said(self) -> str:
        """The sentence of the line, and what else there is to say."""
        return " ".join(filter(None, (self.aside, self.fault, self.headline, self.missing)))


def index_files(database: Path, pages: Collection[str]) -> Iterator[tuple[str, str]]:
    """Every file of the index with its path from the folder of the pages, `index.html` first.

    Parameters
    ----------
    database : Path
    pages : collection of str
        Ids of the events that have a page to link to.
    """
    pages = frozenset(pages)
    connection = reading.connect(database)
    try:
        content.refuse_altered_index(connection)
        events = overview.events(connection)
        known = states.answers(connection)  # as the pages say; only what has no page yet is worked out here
        rows = [
            _row(e, *(known.get(e["event_id"]) or event_answer(EventResults(connection, e))), e["event_id"] in pages)
            for e in events
        ]
        context, n_context = overview.releases(connection, MOST_RELEASES)
        averages = collections.overview(connection)
        assets = overview.assets(connection)
        run = overview.newest_run(connection)
    finally:
        connection.close()
    older = max(len(rows) // PER_PAGE - 1, 0)
    newest = rows[: len(rows) - older * PER_PAGE]
    names = page_names([row["asset"] for row in assets])
    shared: dict[str, Any] = {
        "total": len(rows),
        "older": older,
        "files": -(-len(rows) // PER_FILE) if older else 0,
    }
    template = environment().get_template("index.html.j2")
    yield (
        "index.html",
        template.render(
            **shared,
            root="",
            page=0,
            events=newest,
            verdicts=[(v, text.VERDICT_MARKS[v], text.verdict_word(v)) for v in VERDICTS],
            collections=[_collection_row(row) for row in averages[:MOST_COLLECTIONS]],
            more_collections=max(len(averages) - MOST_COLLECTIONS, 0),
            assets=[
                (names[row["asset"]], text.plain(row["asset_title"]), row["n_events"])
                for row in sorted(assets, key=lambda row: (-row["n_events"], row["asset"]))[:MOST_ASSETS]
            ],
            more_assets=max(len(assets) - MOST_ASSETS, 0),
            context=[{"title": c["title"], "when": text.announced(c)} for c in context],
            more_context=n_context - len(context),
            run=run,
            changed=text.moment(run["finished_at"] or run["started_at"]) if run else "",
            has_digest="digest" in pages,
        ),
    )
    for page in range(older, 0, -1):
        end = len(rows) - (page - 1) * PER_PAGE
        some = rows[end - PER_PAGE : end]
        yield f"{OLDER}/{page}.html", template.render(**shared, root="../", page=page, events=some)
    for number in range(1, shared["files"] + 1):
        end = len(rows) - (number - 1) * PER_FILE
        yield f"{OLDER}/events-{number}.js", _search_file(rows[max(end - PER_FILE, 0) : end])


def _search_file(rows: Sequence[IndexRow]) -> str:
    """What the search reads: a call of the page's own function, since a page that is a file may not fetch."""
    found = [[row.id if row.has_page else "", row.day, row.date, row.title, row.verdict, row.said] for row in rows]
    return f"addEvents({json.dumps(found, separators=(',', ':'))});\n"


def _collection_row(row: Row) -> dict[str, object]:
    verdict = row["verdict"] or "pending"
    return {
        "id": row["collection_id"],
        "title": row["title"],
        "word": text.verdict_word(verdict),
        "mark": text.VERDICT_MARKS[verdict],
        "events": row["n_events"],
        "caar": text.percent(row["caar"]),
        "p": text.p_value(row["p_adjusted"]),
        "looks": row["times_looked"],
    }


def _row(event: Row, verdict: str, sentences: Sequence[str], has_page: bool) -> IndexRow:
    has_verdict = verdict not in ("not computable", "pending")
    reason = text.spoken(event["reason"] or "")
    day = text.local_date(event).isoformat()
    return IndexRow(
        id=event["event_id"],
        title=text.plain(event["title"]),
        day=day,
        date=text.short_day(day),
        has_page=has_page,
        verdict=verdict,
        headline=sentences[0] if has_verdict else " ".join(sentences),
        aside=text.aside(event),
        fault=say("index.fault", reason=reason) if event["status"] == "failed" and has_verdict else "",
        missing=say("index.missing", reason=reason) if event["status"] == "partial" else "",
    )
