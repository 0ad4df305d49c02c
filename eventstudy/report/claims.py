"""What was claimed of prices, as a page shows it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from eventstudy.report import text
from eventstudy.report.words import language, say
from eventstudy.report.words.stored import translated
from eventstudy.store.read import EventResults

# What cannot be checked has the mark of a question.
MARKS = {"supported": "\u2713", "not supported": "\u2717"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimView:
    """One claim with its answer.

    Attributes
    ----------
    text, sentence : str
        The words that make the claim, and all of the sentence: untrusted.
    answer, mark, word, because : str
    claimed, measured : float or None
        In `unit`.
    unit, route : str
    reaction : str
        Empty where the claim tells of no move.
    reaction_because : str
    """

    text: str
    sentence: str
    answer: str
    mark: str
    word: str
    because: str
    claimed: float | None
    measured: float | None
    unit: str
    route: str
    reaction: str
    reaction_because: str


def claim_views(results: EventResults) -> tuple[ClaimView, ...]:
    """The claims of an event with their answers, as the newest pass found them."""
    return tuple(
        ClaimView(
            text=text.plain(row["text"]),
            sentence=text.plain(row["sentence"]),
            answer=row["answer"],
            mark=MARKS.get(row["answer"], "?"),
            word=say(f"claims.answer.{row['answer']}"),
            because=_spaced(row["because"]),
            claimed=row["claimed"],
            measured=row["measured"],
            unit=row["unit"],
            route=row["route"],
            reaction=row["reaction"] or "",
            reaction_because=_spaced(row["reaction_because"]),
        )
        for row in results.claims
    )


def _spaced(sentence: str) -> str:
    """A sentence in the language of the page, with the narrow space before the per cent sign that its numbers have."""
    if (said := translated(text.plain(sentence))) is not None:
        return said
    return re.sub(r"(?<=\d)%", language().percent, text.plain(sentence))
