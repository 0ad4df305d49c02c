"""What exchange_calendars 4.13.2 lacks under pandas 3, mended in one place.

pandas 3 renamed the method of a date offset that moves a date, from ``_apply`` to ``_add_datetime``. exchange_calendars
overrides the old name in four offsets, which pandas 3 never calls:

* ``OrthodoxEaster``: the calendars of Athens, Belgrade, Bucharest and Cyprus cannot be built at all;
* ``_HolidayOffset`` and ``_YomKippurEveObserved`` of Tel Aviv: its holidays fall on the Western Easter;
* ``MultipleWeekmaskCustomBusinessDay``, weeks with other trading days than usual: special Saturdays of Mumbai and
  Moscow and the Saturdays of Seoul before December 1998 vanish, and Tel Aviv, which traded from Sunday to Thursday
  until 2026, cannot be built.

`build` gives calendars that are right under pandas 2 and 3. The module may go with the first exchange_calendars whose
offsets define ``_add_datetime``; tests/unit/test_calendars_upstream.py holds the answers of pandas 2.
"""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from exchange_calendars import calendar_utils
from exchange_calendars.pandas_extensions.offsets import OrthodoxEaster
from exchange_calendars.tase_holidays import _HolidayOffset, _YomKippurEveObserved
from pandas.tseries.offsets import CustomBusinessDay

# What is known of a venue may begin later, or end earlier.
FIRST, LAST = pd.Timestamp("1990-01-01"), pd.Timestamp("2035-12-31")

for offset in (OrthodoxEaster, _HolidayOffset, _YomKippurEveObserved):
    if "_add_datetime" not in vars(offset):
        offset._add_datetime = offset._apply  # noqa: SLF001


def build(mic: str, closes: Sequence[tuple[str, str]] = ()) -> Any:
    """The calendar of a venue over all the years that it is known for, whatever today is.

    Parameters
    ----------
    mic : str
        A name of exchange_calendars, aliases included.
    closes : sequence of (str, str)
        Closing hours in place of its own: the day that each is in force from, empty for the first, and the local time.
    """
    # get_calendar() raises for years outside a venue's bounds and does not tell them; its table of classes does
    known = calendar_utils._default_calendar_factories[calendar_utils.resolve_alias(mic)]  # noqa: SLF001
    replaced: dict[str, Any] = {}
    if hasattr(known, "special_weekmasks"):
        replaced["day"] = property(_day)
    if closes:
        replaced["close_times"] = [
            (pd.Timestamp(since) if since else None, dt.time.fromisoformat(time)) for since, time in closes
        ]
    factory = type(known.__name__, (known,), replaced)
    first, last = bounds(mic)
    with warnings.catch_warnings():
        # exchange_calendars 4.13.2 uses what pandas 3 deprecates; nothing in it depends on us
        warnings.simplefilter("ignore")
        return factory(start=first, end=last)


def bounds(mic: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """First and last day that the holidays of a venue are known for."""
    known = calendar_utils._default_calendar_factories[calendar_utils.resolve_alias(mic)]  # noqa: SLF001
    first, last = known.bound_min(), known.bound_max()
    return max(filter(None, (FIRST, first))), min(filter(None, (LAST, last)))


def _day(calendar: Any) -> CustomBusinessDay:
    """The rule that steps from session to session, where some weeks have other trading days than usual.

    Instead of an offset of its own for each stretch of weeks, as upstream, one that knows every day off by its date.
    """
    days = pd.date_range(FIRST, LAST + dt.timedelta(days=31))
    is_open = _trades(days, calendar.weekmask)
    for start, end, weekmask in calendar.special_weekmasks:
        inside = (days >= (start or FIRST)) & (days <= (end or days[-1]))
        is_open[inside] = _trades(days[inside], weekmask)
    return CustomBusinessDay(
        holidays=[*calendar.adhoc_holidays, *days[~is_open]], calendar=calendar.regular_holidays, weekmask="1111111"
    )


def _trades(days: pd.DatetimeIndex, weekmask: str) -> np.ndarray:
    return np.array([mark == "1" for mark in weekmask])[days.dayofweek]
