"""Made-up snapshots of daily and intraday bars for the tests of the archive."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import numpy as np

from eventstudy.records import Snapshot

SYMBOL = ("s", "A", "1d")


def weekdays(first: str, n: int) -> np.ndarray:
    """The first `n` Mondays to Fridays from `first` on."""
    days = np.arange(np.datetime64(first, "D"), np.datetime64(first, "D") + 2 * n + 10)
    return days[np.is_busday(days)][:n]


def daily(sessions: np.ndarray, close: Any, **fields: Any) -> Snapshot:
    """Closes taken at 21:00 UTC; any field of a `Snapshot` beside."""
    plain = {"source": "s", "symbol": "A", "currency": "USD", "version": "1", "dividends": np.zeros(sessions.size)}
    return Snapshot(
        **{
            **plain,
            "sessions": sessions,
            "instants": (sessions + np.timedelta64(21, "h")).astype("datetime64[ns]"),
            "close": np.asarray(close, dtype=float),
            **fields,
        }
    )


def part(snapshot: Snapshot, chosen: Any) -> Snapshot:
    """The bars of `snapshot` that a slice or a mask chooses."""
    arrays = {
        f.name: value[chosen]
        for f in dataclasses.fields(snapshot)
        if isinstance(value := getattr(snapshot, f.name), np.ndarray)
    }
    return dataclasses.replace(snapshot, **arrays)


def span(snapshot: Snapshot) -> tuple[dt.date, dt.date]:
    """First and last session."""
    days = snapshot.sessions.astype("datetime64[D]")
    return days.min().item(), days.max().item()


def day(n: int) -> dt.datetime:
    """Midnight UTC `n` days into 2024."""
    return dt.datetime(2024, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days=n)
