"""What became of a claim: of each of its parts, and of all of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from eventstudy.claims.claim import Claim

Answer = Literal["supported", "not supported", "cannot be checked"]
Route = Literal["minutes", "daily range", "closes", "fixings", ""]

SUPPORTED: Answer = "supported"
NOT_SUPPORTED: Answer = "not supported"
UNCHECKED: Answer = "cannot be checked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One part of a claim.

    Attributes
    ----------
    part : str
        ``move``, ``price``, ``course``, ``superlative``, or ``claim`` where it cannot be taken apart.
    answer : str
    because : str
        A sentence.
    claimed, measured : float or None
        In `unit`; up is positive, as the claim counts it.
    unit : str
    route : str
        Which prices told.
    """

    part: str
    answer: Answer
    because: str
    claimed: float | None = None
    measured: float | None = None
    unit: str = ""
    route: Route = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A claim with its answer.

    Attributes
    ----------
    claim : Claim or None
        None for a text in which no claim was found.
    text : str
    answer, because : str
    findings : tuple of Finding
    asset : str or None
        Whose prices decided.
    session : str or None
        ISO date.
    is_proxy : bool
    on_proxy : str
        What the proxy would say: no verdict, but worth knowing.
    reaction : str or None
        Whether the move was a reaction; None where the claim says nothing of a move of that day.
    reaction_because : str
    """

    claim: Claim | None
    text: str
    answer: Answer
    because: str
    findings: tuple[Finding, ...] = field(default=())
    asset: str | None = None
    session: str | None = None
    is_proxy: bool = False
    on_proxy: str = ""
    reaction: Answer | None = None
    reaction_because: str = ""


def together(answers: list[Answer]) -> Answer:
    """The answer of a whole whose parts must all hold."""
    if NOT_SUPPORTED in answers:
        return NOT_SUPPORTED
    return UNCHECKED if UNCHECKED in answers or not answers else SUPPORTED


def opposite(answer: Answer) -> Answer:
    """The answer to the contrary of a claim."""
    return {SUPPORTED: NOT_SUPPORTED, NOT_SUPPORTED: SUPPORTED}.get(answer, UNCHECKED)
