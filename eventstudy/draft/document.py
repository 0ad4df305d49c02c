"""A draft as one JSON object, for programs."""

from __future__ import annotations

from typing import Any

from eventstudy.draft.draft import Draft
from eventstudy.draft.near import Near
from eventstudy.draft.wanted import ASIDE, CLAIMED, NAMED, POINTED
from eventstudy.instants import stamp

_RANKS = {CLAIMED: "claimed", NAMED: "named", POINTED: "pointed to", ASIDE: "aside"}


def event_of(draft: Draft) -> dict[str, Any]:
    """The event as the settings write one."""
    said: dict[str, Any] = {"id": draft.event_id, "title": draft.article.title, **draft.when.said}
    said |= {"assets": [one.asset for one in draft.assets]} if draft.assets else {"kind": "context"}
    return said | {"tags": list(draft.tags), "claims": list(draft.claims)}


def document(draft: Draft) -> dict[str, Any]:
    """Everything that the YAML says, comments included."""
    return {
        "schema": "eventstudy.draft/1",
        "event": event_of(draft),
        "announced": {
            "earliest": stamp(draft.when.earliest),
            "latest": stamp(draft.when.latest),
            "is_given": draft.when.is_given,
            "reasons": [reason for reason in draft.when.reasons if reason],
        },
        "resolved_against": {"day": str(draft.printed.day), "zone": draft.printed.zone, "reason": draft.printed.reason},
        "place": draft.article.place,
        "assets": [
            {
                "asset": one.asset,
                "stands_for": one.wanted.entry.key,
                "title": one.wanted.entry.title,
                "because": _RANKS[one.wanted.rank],
                "reason": one.wanted.reason,
                "words": one.words,
                "benchmark": one.benchmark,
                "settings": one.added,
            }
            for one in draft.assets
        ],
        "left_out": [{"why": why, "stands_for": one.entry.key, "reason": one.reason} for why, one in draft.aside],
        "dates": [
            {"text": span.text, "start": span.start, "first": str(span.first), "last": str(span.last), "how": span.how}
            for span in draft.dates
        ],
        "claims": [
            {
                "text": claim.text,
                "start": claim.start,
                "end": claim.end,
                "subject": claim.subject,
                "names": claim.mention.key if claim.mention else None,
                "sentence": claim.sentence,
                "trouble": claim.trouble or None,
            }
            for claim in draft.said.claims
        ],
        "confounding": [_near(one) for one in draft.confounding],
        "related": [_near(one) for one in draft.related],
    }


def _near(one: Near) -> dict[str, Any]:
    return {
        "event_id": one.event_id,
        "title": one.title,
        "announced_at": stamp(one.at),
        "sessions": one.sessions,
        "why": one.why,
    }
