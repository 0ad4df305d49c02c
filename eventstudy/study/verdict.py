"""From numbers to one word, by rules fixed in advance.

strong          Holm-adjusted p ≤ 1 % and no more than 5 % of the placebo days moved as much
moderate        Holm-adjusted p ≤ 5 % (the study's alpha) and the same for the placebo days
weak            one of the two says so, the other does not
none            neither does: no detectable reaction
confounded      any of the three, but a scheduled release was priced in the same window
not computable  there is no number, and a reason why
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from eventstudy.calendars import to_instant
from eventstudy.records import Event

STRONG_LEVEL = 0.01

VERDICTS = ("strong", "moderate", "weak", "none", "confounded", "not computable")


def verdict(p_adjusted: float | None, placebo_p: float | None, alpha: float, *, is_confounded: bool) -> str:
    """The word for one window of one asset.

    Parameters
    ----------
    p_adjusted : float or None
        Holm-adjusted p of the exact t test; None when there is none.
    placebo_p : float or None
        None when there were too few placebo days; the t test then decides alone.
    alpha : float
        Level of the study.
    is_confounded : bool
        Whether an event of kind ``context`` was priced in the window.
    """
    if p_adjusted is None:
        return "not computable"
    by_t = p_adjusted <= alpha
    by_placebo = by_t if placebo_p is None else placebo_p <= alpha
    if not (by_t or by_placebo):
        return "none"
    if is_confounded:
        return "confounded"
    if not (by_t and by_placebo):
        return "weak"
    return "strong" if p_adjusted <= STRONG_LEVEL else "moderate"


def priced_context(context: Sequence[Event], after: np.datetime64, until: np.datetime64) -> tuple[str, ...]:
    """Ids of the context events that can have come out in (after, until], the time that a window's return covers."""
    return tuple(
        event.event_id for event in context if to_instant(event.latest) > after and to_instant(event.earliest) <= until
    )
