"""The section of what was claimed on the page of an announcement."""

from __future__ import annotations

CLAIMS: dict[str, str | tuple[str, str]] = {
    "claims.heading": "What was claimed",
    "claims.region": "Claims and what prices say",
    "claims.caption": (
        "What was said of prices, held against those on file. A true sentence about the day is not yet a reaction to "
        "the news: both are answered."
    ),
    "claims.column.claim": "Claim",
    "claims.column.answer": "Answer",
    "claims.column.prices": "What the prices say",
    "claims.column.reaction": "A reaction?",
    "claims.no_move": "No move of the day is claimed.",
    "claims.answer.supported": "Supported",
    "claims.answer.not supported": "Not supported",
    "claims.answer.cannot be checked": "Cannot be checked",
}
