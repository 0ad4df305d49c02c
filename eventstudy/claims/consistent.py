"""Whether the numbers of a claim can be true together: before any price is looked at."""

from __future__ import annotations

from eventstudy.claims import words
from eventstudy.claims.assets import Candidate
from eventstudy.claims.claim import DOWN, UP, Claim
from eventstudy.claims.compare import holds


def contradiction(claim: Claim, candidate: Candidate) -> str:
    """What contradicts what, in a sentence; empty where all can be true.

    "Rose to 1.03 from 1.05" cannot be, but of the yen, per dollar, it can: a number up is the currency down.
    """
    if claim.level is None or claim.before is None or claim.direction not in (UP, DOWN):
        return ""
    start, end = claim.before.number.value, claim.level.number.value
    if start <= 0 or end <= 0:
        return ""
    is_turned = candidate.is_inverted and max(start, end) > 1  # "0.0075 dollars" is the yen the other way round
    ratio = start / end if is_turned else end / start
    slack = (claim.before.number.tolerance + claim.level.number.tolerance) / min(start, end)
    if (ratio - 1) * claim.direction < -slack:
        return words.contradict(claim.verb, f"from {words.level(claim.before)} to {words.level(claim.level)}")
    size = claim.size
    if size is not None and size.unit == "percent" and size.bound == "exactly":
        value = 100 * (ratio - 1) * claim.direction
        room = size.number.tolerance + 100 * slack
        if not (holds(value, size.number, "exactly") or abs(value - size.number.value) <= room):
            numbers = f"from {words.level(claim.before)} to {words.level(claim.level)}"
            return words.contradict(words.size(size), numbers)
    return ""
