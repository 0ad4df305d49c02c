"""Whether a file is the ECB's history of today: held against the installed one, the calendar and the clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np

from eventstudy.calendars import FixingCalendar, session_date, to_instant
from eventstudy.prices.ecb import History, bundled

GRACE = dt.timedelta(hours=12)  # from a fixing, which is published within two, to when a file without it is old
CORRECTION = 0.1  # relative; a rate of the installed history that is further off was not corrected but garbled
MOST_CORRECTED = 0.001  # of all rates that both files have
STILL = 0.8  # of all currencies: since 1999 no more than half have had the rate of the day before
NEVER_ENDS = ("USD", "JPY", "GBP", "CHF")  # currencies whose rate of a day is never left out


def problem_of(history: History, now: dt.datetime) -> str | None:
    """What shows that it is not, as the end of a sentence about it; None for nothing."""
    return next(_problems(history, now), None)


def _problems(history: History, now: dt.datetime) -> Iterator[str]:
    known, last = bundled(), history.sessions[-1]
    ours, fixings = FixingCalendar().sessions(session_date(known.sessions[0]), max(now.date(), session_date(last)))
    due = ours[fixings <= to_instant(now - GRACE)]
    if last < max([known.sessions[-1], *due[-1:]]):
        yield f"is old, its last day is {last}"
    if (lost := np.setdiff1d(ours[ours <= last], history.sessions)).size:
        yield f"has no rates of {lost[0]}{f' and {lost.size - 1} more days' if lost.size > 1 else ''}"
    if (extra := np.setdiff1d(history.sessions, ours)).size:
        yield f"has rates of {extra[0]}, when the ECB gave none"
    both = np.isin(history.sessions, known.sessions)
    off = total = 0
    for code, rates in known.rates.items():
        if code not in history.rates:
            yield f"has no column {code}"
            continue
        theirs, have = history.rates[code], np.isfinite(rates)
        must = np.ones(theirs.size, dtype=bool) if code in NEVER_ENDS else both.copy()
        must[both] = have
        if (lost := history.sessions[must & np.isnan(theirs)]).size:
            yield f"has no rate of {code} on {lost[0]}"
        apart = np.abs(theirs[both][have] / rates[have] - 1.0)
        if (apart > CORRECTION).any():
            yield f"has another rate of {code} on {known.sessions[have][np.argmax(apart)]} than the installed history"
        off, total = off + int((apart > 0).sum()), total + int(have.sum())
    table = np.array(list(history.rates.values()))
    again = (table[:, 1:] == table[:, :-1]).sum(axis=0) > STILL * np.isfinite(table[:, 1:]).sum(axis=0)
    if again.any():
        k = int(np.argmax(again))
        yield f"has the rates of {history.sessions[k]} again on {history.sessions[k + 1]}"
    if off > MOST_CORRECTED * total:
        yield f"has {off:,} other rates than the installed history"
