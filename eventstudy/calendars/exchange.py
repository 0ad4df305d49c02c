"""Stock exchanges by their MIC: trading days, their hours in every year, and how far they are known."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eventstudy.calendars import corrections
from eventstudy.calendars.clock import at_local_time
from eventstudy.records import InstantArray, SessionArray


@dataclass(frozen=True, slots=True)
class ExchangeCalendar:
    """An exchange by its MIC, from exchange_calendars, with what that has wrong put right (`corrections`)."""

    mic: str

    @property
    def first_day(self) -> dt.date:
        """The first day that is known, 1990 or later."""
        return _table(self.mic).known[0]

    @property
    def last_day(self) -> dt.date:
        """The last day that is known: for a venue that announces its holidays year by year, the end of a year."""
        return _table(self.mic).known[1]

    def sessions(self, start: dt.date, end: dt.date) -> tuple[SessionArray, InstantArray]:
        """Trading days and their closes, early closes included."""
        table = _table(self.mic)
        inside = table.between(start, end)
        return table.labels[inside], table.closes[inside]

    def hours(self, start: dt.date, end: dt.date) -> tuple[InstantArray, InstantArray]:
        """UTC instants at which the sessions in [start, end] open and close."""
        table = _table(self.mic)
        inside = table.between(start, end)
        return table.opens[inside], table.closes[inside]

    def ordinary_close(self) -> tuple[dt.time, str]:
        """Local time, and its zone, at which an ordinary day ends at present."""
        table = _table(self.mic)
        return table.close, table.zone


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    labels: SessionArray
    opens: InstantArray
    closes: InstantArray
    known: tuple[dt.date, dt.date]
    close: dt.time
    zone: str

    def between(self, start: dt.date, end: dt.date) -> slice:
        first, after = np.searchsorted(self.labels, [np.datetime64(start, "D"), np.datetime64(end, "D") + 1])
        return slice(int(first), int(after))


@functools.cache
def _table(mic: str) -> _Table:
    """Every session of a venue, corrected."""
    from eventstudy.calendars import upstream  # exchange_calendars, a quarter of a second: only for a venue

    calendar = upstream.build(mic, corrections.CLOSES.get(mic, ()))
    labels = calendar.schedule.index.to_numpy().astype("datetime64[D]")
    opens, closes = (
        column.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy().astype("datetime64[ns]")
        for column in (calendar.opens, calendar.closes)
    )
    keep = np.ones(labels.size, dtype=bool)
    for start, end, _why in corrections.CLOSED.get(mic, ()):
        keep &= ~((labels >= np.datetime64(start)) & (labels <= np.datetime64(end)))
    rows = corrections.HOURS.get(mic, ())
    days = np.array([day for day, *_ in rows], dtype="datetime64[D]")
    keep &= ~np.isin(labels, days)
    zone = calendar.tz.key
    added = [_at([(day, times[column]) for day, *times in rows], zone) for column in (0, 1)]
    labels = np.concatenate([labels[keep], days])
    order = np.argsort(labels)
    first, last = upstream.bounds(mic)
    return _Table(
        labels=labels[order],
        opens=np.concatenate([opens[keep], added[0]])[order],
        closes=np.concatenate([closes[keep], added[1]])[order],
        known=(first.date(), last.date()),
        close=calendar.close_times[-1][1],
        zone=zone,
    )


def _at(moments: Sequence[tuple[str, str]], zone: str) -> InstantArray:
    """UTC instants of (day, time of day) in a zone; shape (n,)."""
    found = [
        at_local_time(np.array([day], dtype="datetime64[D]"), dt.time.fromisoformat(time), zone)
        for day, time in moments
    ]
    return np.concatenate([np.zeros(0, dtype="datetime64[ns]"), *found])
