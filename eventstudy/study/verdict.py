"""From numbers to one word, by rules fixed in advance.

strong          Holm-adjusted p ≤ 1 % and no more than 5 % of the placebo days moved as much
moderate        Holm-adjusted p ≤ 5 % (the study's alpha) and the same for the placebo days
weak            one of the two says so, the other does not
none            neither does: no detectable reaction
confounded      any of the three, but a scheduled release was priced in the same window
not computable  there is no number, and a reason why
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from eventstudy.calendars import to_instant
from eventstudy.records import Event, InstantArray
from eventstudy.spec import Window

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


def priced_context(
    context: Sequence[Event], instants: InstantArray, index: int, window: Window, concerned: Collection[str]
) -> tuple[str, ...]:
    """Ids of the context events that can have come out in the time that a window's return covers.

    Of the releases that are known to the program, those whose first possible price is day 0 or the day after, and that
    concern the asset: what a central bank says every few weeks is in every long window.

    Parameters
    ----------
    context : sequence of Event
    instants : InstantArray
        Shape (n,), UTC, when the prices of the asset were taken.
    index : int
        Position of day 0.
    window : Window
    concerned : collection of str
        Currencies of the asset's price.
    """

    def at(tau: int) -> np.datetime64:
        return np.datetime64(instants[min(max(index + tau, 0), instants.size - 1)])

    found = []
    for event in context:
        earliest, latest = to_instant(event.earliest), to_instant(event.latest)
        if event.concerns:
            first, last = max(window.start, 0), min(window.end, 1)
            is_near = first <= last and event.concerns in concerned
            is_priced = is_near and bool(at(first - 1) <= latest and earliest < at(last))
        else:
            is_priced = bool(latest > at(window.start - 1) and earliest <= at(window.end))
        if is_priced:
            found.append(event.event_id)
    return tuple(found)
