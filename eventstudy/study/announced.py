"""Events given by the instant of their announcement: the first session of their calendar that could react."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
import pandas as pd

from eventstudy.calendars import Calendar, first_after, named_calendar, to_instant
from eventstudy.errors import EventStudyError, InputError
from eventstudy.events.build import parse_when
from eventstudy.records import SessionArray

# A calendar knows a limited range of years; the first session it knows is not the first after any earlier moment.
LONGEST_CLOSURE = dt.timedelta(days=40)
FIRST_YEAR, LAST_YEAR = 1900, 2200  # instants in nanoseconds reach no further than 1678 to 2261
REMEDY = "write for example XNYS, ecb or fx"


def announced_days(
    frame: pd.DataFrame, positions: Sequence[int], event_ids: Sequence[str], reasons: list[str | None], notes: list[str]
) -> tuple[SessionArray, SessionArray]:
    """First and last session that may be event day 0 of the rows at `positions`; NaT with a reason where there is none.

    The first of them counts. Day 0 is the first session of the row's calendar whose price is taken strictly after
    ``announced_at``, counted from the earliest instant that it can mean; a day without a time that may mean two
    sessions is noted.
    """
    days = np.full(len(positions), np.datetime64("NaT", "D"))
    latest_days = days.copy()
    by_calendar: dict[str, list[tuple[int, int, dt.datetime, dt.datetime]]] = {}
    for k, i in enumerate(positions):
        try:
            name, earliest, latest = _read(frame, i)
        except EventStudyError as error:
            reasons[i] = reasons[i] or str(error)
        else:
            by_calendar.setdefault(name, []).append((k, i, earliest, latest))
    for name, found in by_calendar.items():
        try:
            calendar = named_calendar(name)
        except EventStudyError as error:
            for _, i, _, _ in found:
                reasons[i] = reasons[i] or str(error)
            continue
        first, last = _sessions(calendar, [when[2] for when in found]), _sessions(calendar, [when[3] for when in found])
        for (k, i, earliest, _), day, other in zip(found, first, last, strict=True):
            days[k], latest_days[k] = day, other
            if np.isnat(day):
                known = f"the calendar {name} knows no session after {earliest.isoformat()}"
                if earliest.date() >= calendar.last_day:
                    known += f": it ends on {calendar.last_day}; upgrade exchange_calendars"
                reasons[i] = reasons[i] or known
            elif other != day:
                notes.append(f"{event_ids[i]}: the minute is not known; day 0 is {day}, but may be {other}")
    return days, latest_days


def _read(frame: pd.DataFrame, i: int) -> tuple[str, dt.datetime, dt.datetime]:
    """Calendar, and the earliest and latest instant that row `i` can mean."""
    stated, name, zone = (_cell(frame, column, i) for column in ("announced_at", "calendar", "zone"))
    if not stated:
        raise InputError(
            "there is neither a date nor a time", where="announced_at", remedy="fill in date or announced_at"
        )
    if not name:
        raise InputError("a time needs a calendar", where="calendar", remedy=REMEDY)
    earliest, latest = parse_when(stated, zone, "announced_at")
    if earliest.year < FIRST_YEAR or latest.year > LAST_YEAR:
        raise InputError("no calendar reaches that year", where="announced_at", value=stated, remedy="mend the year")
    return name, earliest, latest


def _cell(frame: pd.DataFrame, column: str, i: int) -> str | None:
    value = frame[column].iloc[i] if column in frame.columns else None
    if value is None or pd.isna(value):
        return None
    text = value.isoformat() if isinstance(value, dt.datetime) else str(value)
    return text.strip() or None


def _sessions(calendar: Calendar, moments: Sequence[dt.datetime]) -> list[np.datetime64]:
    """First session after each moment; NaT where the calendar does not know."""
    labels, closes = calendar.sessions(
        min(moments).date() - dt.timedelta(days=1), max(moments).date() + LONGEST_CLOSURE + dt.timedelta(days=1)
    )
    out = []
    for moment in moments:
        index = first_after(closes, moment)
        is_near = index < labels.size and closes[index] <= to_instant(moment + LONGEST_CLOSURE)
        out.append(labels[index] if is_near else np.datetime64("NaT", "D"))
    return out
