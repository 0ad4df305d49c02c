"""Verdicts as an Atom feed (RFC 4287): what the newest passes found, a verdict that changed as an entry of its own."""

from __future__ import annotations

import re
import sqlite3
import uuid
from collections.abc import Callable
from xml.etree import ElementTree as ET

from eventstudy.database.reading import Row
from eventstudy.report import text
from eventstudy.report.narrative import LEAD
from eventstudy.report.words import language, say
from eventstudy.store import overview, states

ATOM = "http://www.w3.org/2005/Atom"
MOST = 100  # entries
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPACE = uuid.UUID("8c5a2b5c-6a53-5c0e-9d0e-2b8f6f0d3c11")  # of our ids, so that the same entry has the same one


def render_feed(connection: sqlite3.Connection, answer_of: Callable[[Row], tuple[str, tuple[str, ...]]]) -> str:
    """The feed: equal results, equal bytes.

    Parameters
    ----------
    connection : Connection
    answer_of : callable
        Gives verdict and sentences of an event whose page does not say them.
    """
    rows = overview.newest_results(connection, MOST)
    known = states.answers(connection)
    began = overview.began(connection)
    feed = ET.Element("feed", {"xmlns": ATOM, "xml:lang": language().code})
    _put(feed, "id", _id(began))
    _put(feed, "title", say("index.title"))
    _put(feed, "updated", max((row["started_at"] for row in rows), default=began or "1970-01-01T00:00:00Z"))
    ET.SubElement(feed, "link", {"rel": "self", "type": "application/atom+xml", "href": "feed.atom"})
    ET.SubElement(feed, "link", {"rel": "alternate", "type": "text/html", "href": "index.html"})
    _put(ET.SubElement(feed, "author"), "name", "eventstudy")
    for row in rows:
        verdict, sentences = known.get(row["event_id"]) or answer_of(row)
        entry = ET.SubElement(feed, "entry")
        _put(entry, "id", _id(f"{began}\0{row['event_id']}\0{row['run_id']}"))
        word = text.verdict_word(verdict)
        _put(entry, "title", say("digest.reaction", verdict=word, title=row["title"], date=row["announced_at"][:10]))
        _put(entry, "updated", row["started_at"])
        ET.SubElement(entry, "link", {"rel": "alternate", "type": "text/html", "href": f"{row['event_id']}.html"})
        ET.SubElement(entry, "category", {"term": verdict})
        _put(entry, "summary", " ".join(sentences[:LEAD]))
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(feed, encoding="unicode")}\n'


def _id(name: str) -> str:
    return f"urn:uuid:{uuid.uuid5(_SPACE, name)}"


def _put(parent: ET.Element, tag: str, content: str) -> None:
    """A child with text; characters that no XML can hold are left out."""
    ET.SubElement(parent, tag).text = _NO_XML.sub("\ufffd", content)
