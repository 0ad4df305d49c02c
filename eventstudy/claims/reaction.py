"""Whether a move of the day was a reaction to the news: what the study of the event says, and nothing else."""

from __future__ import annotations

from eventstudy.claims import words
from eventstudy.claims.assets import Candidate
from eventstudy.claims.claim import Claim
from eventstudy.claims.finding import NOT_SUPPORTED, SUPPORTED, UNCHECKED, Answer
from eventstudy.database.reading import Row

_IS_REACTION = ("strong", "moderate")
_ANSWERS: dict[str, Answer] = {
    "strong": SUPPORTED,
    "moderate": SUPPORTED,
    "weak": UNCHECKED,
    "confounded": UNCHECKED,
    "not computable": UNCHECKED,
    "none": NOT_SUPPORTED,
}


def of_reaction(
    claim: Claim, candidate: Candidate, row: Row | None, *, is_first_day: bool
) -> tuple[Answer | None, str]:
    """Whether the move that a claim tells of was a reaction, and why; None where it tells of none.

    Parameters
    ----------
    claim : Claim
    candidate : Candidate
    row : Row or None
        What is stored of the asset; see `eventstudy.store.claims.reaction`.
    is_first_day : bool
        Whether the day of the claim is the first that could react.
    """
    if not claim.direction or claim.trouble or claim.is_negated:
        return None, ""
    if row is None:
        return UNCHECKED, words.NOT_IN_EVENT
    name = candidate.asset.title or candidate.asset.name
    text = words.reaction(name, row["verdict"], row["car"], row["t"], row["p_adjusted"])
    if not is_first_day:
        return UNCHECKED, f"{words.ANOTHER_DAY} {text}"
    sign = claim.direction * (-1 if candidate.is_inverted else 1)
    is_other_way = claim.course in ("", "extended") and (row["car"] or 0.0) * sign < 0
    if row["verdict"] in _IS_REACTION and is_other_way:
        return NOT_SUPPORTED, f"{words.DIRECTION} {text}"
    return _ANSWERS[row["verdict"]], text
