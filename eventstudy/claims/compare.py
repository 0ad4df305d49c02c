"""Whether a number that was measured is the one that was written."""

from __future__ import annotations

from eventstudy.claims.claim import Bound, Number

EXACT = 1e-9  # what arithmetic in binary may add: 0.55 - 0.5 is a little more than 0.05
HEDGED = 0.1  # "about 20%" may be off by a tenth
# Bounds that a price beyond them proves, and only the lowest or highest price of the day refutes.
LOWER_BOUNDS = ("at least", "more than", "as much as")


def holds(value: float, said: Number, bound: Bound) -> bool:
    """Whether `value` is what `said` says, to half a unit of the last digit given.

    "About" and "nearly" allow for a tenth of the number where that is more; "nearly" is not beyond it. "More than" and
    "less than" are meant as they are written, without tolerance.
    """
    slack = said.tolerance + EXACT * max(1.0, abs(said.value))
    if bound in ("more than", "less than"):
        return value > said.value if bound == "more than" else value < said.value
    below, above = slack, slack
    if bound in ("about", "nearly"):
        below = max(slack, HEDGED * abs(said.value))
        above = below if bound == "about" else slack / 10
    is_low_enough = bound in ("at least", "as much as") or value <= said.value + above
    is_high_enough = bound == "at most" or value >= said.value - below
    return is_low_enough and is_high_enough
