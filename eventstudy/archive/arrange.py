"""An answer, put in order before it is stored: what was asked for, each bar once; and what had to be done to it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from eventstudy.archive.bars import CLOSE, Bars, latest, of_snapshot
from eventstudy.calendars import session_date
from eventstudy.errors import MalformedAnswer
from eventstudy.records import Reach, Snapshot

# Rows of the last days may come late (ranaroussi/yfinance#2925): only days older than this are settled by an answer.
SETTLED = dt.timedelta(days=5)
SHOWN = 5  # sessions named in a note


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer in order.

    Attributes
    ----------
    bars : Bars
    notes : tuple of str
        What was done to it.
    flags : tuple of (int, str, str)
        Label, rule and detail of every bar that something was done to.
    """

    bars: Bars
    notes: tuple[str, ...]
    flags: tuple[tuple[int, str, str], ...]


def arrange(snapshot: Snapshot, asked: tuple[dt.date, dt.date]) -> Answer:
    """The bars of `snapshot` within `asked`, by label, each once.

    Raises
    ------
    MalformedAnswer
        When a time is no time.
    """
    bars = of_snapshot(snapshot)
    if np.isnat(bars.sessions).any() or np.isnat(bars.instants).any() or (bars.labels == np.iinfo(np.int64).min).any():
        raise MalformedAnswer("a bar without a time", source=snapshot.source, symbol=snapshot.symbol)
    notes, flags = [], []
    first, last = (np.datetime64(day, "D") for day in asked)
    inside = (bars.sessions >= first) & (bars.sessions <= last)
    if not inside.all():
        notes.append(f"not asked for, left out: {_listed(bars.at(~inside))}")
        bars = bars.at(inside)
    step = np.diff(bars.labels)
    if (step < 0).any():
        moved = bars.at(np.append(False, step < 0))
        notes.append(f"bars came out of order; sorted: {_listed(moved)}")
        flags += [(label, "unsorted", "it came after a later bar") for label in dict.fromkeys(moved.labels.tolist())]
        bars = bars.at(np.argsort(bars.labels, kind="stable"))
    last_ones = latest(bars.labels)
    if not last_ones.all():
        for label in np.unique(bars.labels[~last_ones]).tolist():
            closes = bars.values[bars.labels == label, CLOSE]
            flags.append((label, "duplicate", f"it came {closes.size} times, closes {', '.join(map(_plain, closes))}"))
        notes.append(f"bars came more than once; the last is kept: {_listed(bars.at(~last_ones))}")
        bars = bars.at(last_ones)
    return Answer(bars=bars, notes=tuple(notes), flags=tuple(flags))


def settled(
    bars: Bars, asked: tuple[dt.date, dt.date], reach: Reach, fetched_at: dt.datetime
) -> tuple[dt.date, dt.date] | None:
    """The days that an answer settles; None for none.

    All that was asked and that the source can speak of; of the last days, up to its last bar.
    """
    first, last = max(filter(None, (asked[0], reach[0]))), min(filter(None, (asked[1], reach[1])))
    if last >= fetched_at.date() - SETTLED:
        if not bars.size:
            return None
        last = min(last, session_date(bars.sessions[-1]))
    return (first, last) if first <= last else None


def _listed(bars: Bars) -> str:
    days = list(dict.fromkeys(str(day) for day in bars.sessions))
    return ", ".join(days[:SHOWN]) + (f" and {len(days) - SHOWN} more" if len(days) > SHOWN else "")


def _plain(value: float) -> str:
    return f"{value:g}"
