"""Answers as plain values: for JSON, for the table `claims`, and as text for a terminal."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from eventstudy.claims.check import overall
from eventstudy.claims.claim import Claim
from eventstudy.claims.finding import Checked
from eventstudy.database.reading import Row

SCHEMA = "eventstudy.claims/1"


def plain(found: Checked) -> dict[str, Any]:
    """One claim with its answer; numbers in `unit`, so that 0.5 with per cent is half a per cent."""
    first = found.findings[0] if found.findings else None
    return {
        "text": found.text,
        "sentence": found.claim.sentence if found.claim else found.text,
        "start": found.claim.start if found.claim else None,
        "end": found.claim.end if found.claim else None,
        "answer": found.answer,
        "because": found.because,
        "asset": found.asset,
        "session": found.session,
        "claimed": first.claimed if first else None,
        "measured": first.measured if first else None,
        "unit": first.unit if first else "",
        "route": first.route if first else "",
        "is_proxy": found.is_proxy,
        "on_proxy": found.on_proxy or None,
        "reaction": {"answer": found.reaction, "because": found.reaction_because} if found.reaction else None,
        "parts": [asdict(part) for part in found.findings],
        "read_as": read_as(found.claim) if found.claim else None,
    }


def read_as(claim: Claim) -> dict[str, Any]:
    """What was understood of a claim: what it says, without what it leaves open."""
    said = {
        "subject": claim.subject,
        "against": claim.against.key if claim.against else None,
        "verb": claim.verb,
        "direction": claim.direction,
        "size": claim.size.number.value if claim.size else None,
        "unit": claim.size.unit if claim.size else None,
        "bound": claim.size.bound if claim.size else claim.level.bound if claim.level else None,
        "tolerance": claim.size.number.tolerance if claim.size else None,
        "to": claim.level.number.value if claim.level else None,
        "from": claim.before.number.value if claim.before else None,
        "course": claim.course,
        "superlative": asdict(claim.superlative) if claim.superlative else None,
        "point": claim.point,
        "minute": claim.minute.text if claim.minute else None,
        "span": claim.span,
        "weekday": claim.weekday,
        "anchor": claim.anchor,
        "is_negated": claim.is_negated or None,
    }
    return {name: value for name, value in said.items() if value not in (None, "")}


def document(event_id: str | None, found: Sequence[tuple[str, Sequence[Checked]]]) -> dict[str, Any]:
    """The answer to some texts as one object; `answer` is that of all of them together."""
    every = [one for _, checked in found for one in checked]
    return {
        "schema": SCHEMA,
        "event_id": event_id,
        "text": "\n".join(text for text, _ in found),
        "answer": overall(every),
        "claims": [plain(one) for one in every],
    }


def stored(found: Iterable[Checked]) -> list[Row]:
    """Rows of the table `claims`."""
    out = []
    for position, one in enumerate(found):
        said = plain(one)
        details = json.dumps({name: said[name] for name in ("parts", "read_as", "on_proxy")}, ensure_ascii=False)
        out.append(
            {
                **{name: said[name] for name in ("text", "sentence", "asset", "answer", "because", "claimed")},
                **{name: said[name] for name in ("measured", "unit", "route", "session")},
                "position": position,
                "is_proxy": int(one.is_proxy),
                "reaction": one.reaction,
                "reaction_because": one.reaction_because,
                "details": details,
            }
        )
    return out
