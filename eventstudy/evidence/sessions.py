"""Bars held against the sessions of their venue."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from eventstudy.evidence.flags import MISPLACED, Flag
from eventstudy.records import Float64Array, InstantArray, Int64Array, SessionArray

EARLY = 90 * 60  # seconds: more than a change of the clock, or of the closing time
LONGEST_SHIFT = 5  # days from a bar that is on no session to a session without a bar: from Sunday to Friday
EARLY_SHARE = 0.1  # of the bars; more are half days, or another habit


def calendar_flags(days: SessionArray, sessions: SessionArray) -> list[Flag]:
    """Sessions of a venue without a bar, and bars without a session; `sessions` span the `days` of the bars."""
    own = np.unique(days)
    out = []
    for rule, odd in (("no-bar", np.setdiff1d(sessions, own)), ("no-session", np.setdiff1d(own, sessions))):
        labels = odd.astype("datetime64[s]").astype(np.int64).tolist()
        out += [
            Flag(label=label, session=day, rule=rule, detail="by the calendar", since=label)
            for label, day in zip(labels, odd, strict=True)
        ]
    return out


def exchanged(days: SessionArray, price: Float64Array, sessions: SessionArray) -> Iterator[tuple[int, int, str]]:
    """Runs of daily bars from one that the calendar holds closed to a session of the same week that has none, or back.

    Their dates seem to be a day off. Bars that repeat the price before are padding.

    Parameters
    ----------
    days : SessionArray
        Shape (n,), in order.
    price : Float64Array
        Shape (n,).
    sessions : SessionArray
        Of the venue; those that span the bars.
    """
    has_moved = np.append(False, price[1:] != price[:-1])
    lacking = np.setdiff1d(sessions, days)
    for i in np.flatnonzero(~np.isin(days, sessions) & has_moved).tolist():
        near = lacking[np.abs((lacking - days[i]).astype(int)) <= LONGEST_SHIFT]
        if near.size:
            first, end = np.searchsorted(days, [min(near[0], days[i]), max(near[-1], days[i])]).tolist()
            yield min(first, i), max(end, i + 1), f"a bar on {days[i]}, which is no session, and none on {near[0]}"


def misplaced_flags(
    labels: Int64Array, days: SessionArray, price: Float64Array, sessions: SessionArray, known: set[int]
) -> list[Flag]:
    """The daily bars, but those `known`, whose dates seem to be off by the `sessions` of their venue."""
    priced = np.flatnonzero(np.isfinite(price))
    labels, days = labels[priced], days[priced]
    return [
        Flag(label=label, session=days[i], rule=MISPLACED, detail=detail, since=int(labels[start]))
        for start, end, detail in exchanged(days, price[priced], sessions)
        for i in range(start, end)
        if (label := int(labels[i])) not in known
    ]


def off_session(labels: Int64Array, days: SessionArray, opens: InstantArray, closes: InstantArray) -> list[Flag]:
    """Intraday bars, by their starts `labels`, outside [open, close) of every session of the venue."""
    starts = labels.astype("datetime64[s]").astype("datetime64[ns]")
    place = np.searchsorted(opens, starts, side="right") - 1
    inside = (place >= 0) & (starts < closes[np.maximum(place, 0)]) if opens.size else np.zeros(starts.size, dtype=bool)
    return [
        Flag(
            label=int(labels[i]),
            session=days[i],
            rule="off-session",
            detail=f"{np.datetime_as_string(starts[i], unit='m')}Z",
            since=int(labels[i]),
        )
        for i in np.flatnonzero(~inside).tolist()
    ]


def early(days: SessionArray, instants: InstantArray) -> Int64Array:
    """Positions of the daily bars whose price was taken long before the usual time: live quotes, or half days."""
    after = (instants - days.astype("datetime64[D]")).astype("timedelta64[s]").astype(np.int64)
    found: Int64Array = np.flatnonzero(after < np.median(after) - EARLY) if after.size else np.zeros(0, dtype=np.int64)
    return found if found.size <= EARLY_SHARE * days.size else found[:0]


def live_flag(label: int, day: np.datetime64, instant: np.datetime64) -> Flag:
    """The flag of a daily bar whose price was taken long before its session closed."""
    detail = f"taken at {np.datetime_as_string(instant, unit='m')}Z"
    return Flag(label=label, session=day, rule="live", detail=detail, since=label)
