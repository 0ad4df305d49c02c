"""The facts of an announcement in other forms than a page, and whether a page is still right."""

from __future__ import annotations

FORMS: dict[str, str | tuple[str, str]] = {
    "form.asset": "{asset}: {numbers}. {verdict}.",
    "form.numbers": (
        "{move} over {window}, session 0 on {session}; abnormal {car} ({interval}), t {t}, p (Holm) {p}, "
        "as large {placebo}"
    ),
    "form.claim": "\u201c{claim}\u201d \u2013 {answer}. {because}",
    "form.reaction": "{said} {because}",
    "form.heading": "{heading}:",
    "form.page": "The page",
    "form.short": "{title}: {said}",
    "form.short_numbers": "{said} {asset} {move}, p {p}.",
    "form.abnormal": "{asset}: abnormal move over {window}",
    "form.move": "{asset}: move over {window}",
    "form.p": "{asset}: p (Holm) over {window}",
    "check.same": "The database still gives this page: {what}, {n} bytes.",
    "check.differs": "The database no longer gives this page: {what}.",
    "check.event": "the announcement {id}",
    "check.collection": "the collection {id}",
    "check.index": "the index",
    "check.asset": "the asset {id}",
    "check.digest": "the digest of {id}",
    "check.input": (
        "The input of study {study} was {old} and is {new}: prices, the announcement or the settings changed."
    ),
    "check.no_input": "Study {study} is no longer there.",
    "check.new_input": "Study {study} came since.",
    "check.version": "It was made by version {old} of eventstudy, and this is {new}.",
    "check.style": "It was made in another look: its style sheet or its theme changed.",
    "check.line": "Line {n}, under \u201c{heading}\u201d: was \u201c{old}\u201d, is \u201c{new}\u201d.",
    "check.head": "the head of the page",
}
