"""Bars that stand on days that are not theirs: weeks of which all dates are a day off."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np

from eventstudy.records import Float64Array, SessionArray

MONDAY, FRIDAY, SATURDAY, SUNDAY, WEEK = 0, 4, 5, 6, 7
HABIT = 40  # weeks in a row: no change of clocks lasts so long, but venues trade from Sunday to Thursday
FEWEST = 30  # days that show a habit


def misplaced_weeks(sessions: SessionArray, price: Float64Array) -> Iterator[tuple[int, int, str]]:
    """Runs of daily bars, by first position, position after the last and detail, whose dates seem to be a day off.

    A week has a bar on Sunday and none on Friday, or one on Saturday and none on a day before it, as where the clocks
    of a venue and those of whoever dates its bars change on different days. Weekends that repeat the price before are
    padding.

    Parameters
    ----------
    sessions : SessionArray
        Shape (n,), in order.
    price : Float64Array
        Shape (n,).
    """
    days = sessions.astype("datetime64[D]").astype(np.int64)
    weekday = (days + 3) % WEEK  # 1970 began on a Thursday
    has_moved = np.append(False, price[1:] != price[:-1])
    for weekend, away, words in (
        (SUNDAY, (5,), "a bar on Sunday, and none on Friday"),
        (SATURDAY, (-5, -4, -3, -2, -1), "a bar on Saturday, and none on a day before it"),
    ):
        found = []
        for i in np.flatnonzero((weekday == weekend) & has_moved).tolist():
            near = days[max(i - WEEK, 0) : i + WEEK].tolist()
            # what comes after the last bar is not there yet
            missing = [day for k in away if days[0] <= (day := int(days[i]) + k) <= days[-1] and day not in near]
            if missing:
                first, end = np.searchsorted(days, sorted((missing[0], int(days[i]) + 1))).tolist()
                found.append((min(first, i), max(end, i + 1), missing[0]))
        # weeks in a row are one run
        for _, group in itertools.groupby(enumerate(found), key=lambda each: days[each[1][0]] // WEEK - each[0]):
            run = [each for _, each in group]
            first, end = run[0][0], run[-1][1]
            # beside it that day has bars: venues that trade from Sunday to Thursday have none
            around = slice(*np.searchsorted(days, (days[first] - 3 * WEEK, days[end - 1] + 3 * WEEK)).tolist())
            lacks = int(run[0][2] + 3) % WEEK
            is_of_no_venue = lacks == MONDAY and not (weekday == SUNDAY).any()  # none trades from Tuesday to Saturday
            if is_of_no_venue or (len(run) <= HABIT and (weekday[around] == lacks).any()):
                yield first, end, words


def week_from_sunday(sessions: SessionArray) -> str | None:
    """What is said of daily bars of which many stand on a Sunday and none on a Friday; None of all others.

    Parameters
    ----------
    sessions : SessionArray
        Shape (n,), in order.
    """
    days = sessions.astype("datetime64[D]").astype(np.int64)
    weekday = (days + 3) % WEEK
    if days.size < FEWEST or np.median(np.diff(days)) > 1 or (weekday == FRIDAY).any():
        return None
    if (weekday == SUNDAY).sum() * 10 < days.size:
        return None
    return (
        "the days run from Sunday to Thursday, as those of Riyadh do and of Tel Aviv did; where the venue trades from "
        "Monday to Friday all dates are a day early: name its calendar"
    )
