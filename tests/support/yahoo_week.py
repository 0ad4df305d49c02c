"""One made-up trading week at Yahoo, and what the tests of YahooSource say about it."""

from __future__ import annotations

import datetime as dt
import itertools

from eventstudy.records import Snapshot

FIRST, LAST = dt.date(2023, 10, 2), dt.date(2023, 10, 9)
AFTER = dt.datetime(2023, 10, 10, tzinfo=dt.UTC)
WEEK = [(f"2023-10-{day:02} 09:30", 100.0 + day) for day in (2, 3, 4, 5, 6, 9)]
CLOSES = [102.0, 103.0, 104.0, 105.0, 106.0, 109.0]
WEDNESDAY = 1696426200  # 2023-10-04 09:30 in New York
ATTEMPTS = 3

# yfinance remembers the time zone of a symbol, so a test that wants its first question takes a new one
new_symbol = map("SYM{}".format, itertools.count()).__next__


def labels(snapshot: Snapshot) -> list[str]:
    """Sessions as ISO dates."""
    return [str(day) for day in snapshot.sessions]
