"""Event day τ = 0: the first session whose price is taken strictly after the announcement."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from eventstudy.calendars.clock import to_instant
from eventstudy.errors import CannotEstimate
from eventstudy.records import Event, InstantArray, SessionArray


def first_after(instants: InstantArray, moment: dt.datetime) -> int:
    """Index of the first of `instants` strictly after `moment`; ``len(instants)`` when there is none."""
    return int(np.searchsorted(instants, to_instant(moment), side="right"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """One way to place an announcement on the sessions of an asset.

    Attributes
    ----------
    name : str
        ``main`` (as stated, else the earliest instant) or ``latest``.
    index : int
        Position of event day τ = 0 among the sessions.
    session : numpy.datetime64
    """

    name: str
    index: int
    session: np.datetime64


def align(event: Event, sessions: SessionArray, instants: InstantArray) -> tuple[Alignment, ...]:
    """The main alignment, and a second one when another minute of the interval falls into another session.

    Raises
    ------
    CannotEstimate
        When no session follows the announcement, or none precedes it.
    """
    if sessions.size == 0:
        raise CannotEstimate("there is no session at all in the prices")
    moments = (event.announced_at, event.earliest, event.latest)
    after = {moment: first_after(instants, moment) for moment in {*moments}}  # of an exact time all three are one
    main, earliest, latest = (after[moment] for moment in moments)
    if main == 0:
        raise CannotEstimate(f"the first price in the archive is of {sessions[0]}, after the announcement")
    if main >= sessions.size:
        raise CannotEstimate(f"no price has been taken after the announcement yet; the last session is {sessions[-1]}")
    out = [Alignment(name="main", index=main, session=sessions[main])]
    for name, index in (("earliest", earliest), ("latest", latest)):
        if index != main and 0 < index < sessions.size:
            out.append(Alignment(name=name, index=index, session=sessions[index]))
    return tuple(out)
