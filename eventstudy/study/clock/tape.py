"""The bars about an announcement, as a page draws them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import numpy as np

from eventstudy.database.reading import Row
from eventstudy.study.clock.arranged import TAPE, nanoseconds_of
from eventstudy.study.clock.bar_archive import SECOND
from eventstudy.study.clock.table import Rows


def _centre(row: Row, at: int) -> int:
    """The instant from which minutes are counted: the announcement, or the opening after it."""
    if row["is_open"] or row["hours"] is None:
        return at
    return max(nanoseconds_of(dt.datetime.fromisoformat(row["hours"]["opens"])), at)


def bars_about(rows: Rows | None, row: Row, announced: int) -> Iterator[list[Any]]:
    """Start in seconds, open, high, low and close of the bars from an hour before to two hours after."""
    if rows is None:
        return
    minute, at = 60 * SECOND, _centre(row, announced)
    first, last = np.searchsorted(rows.starts, [at + TAPE[0] * minute, at + TAPE[1] * minute])
    for i in range(int(first), int(last)):
        values = [float(rows.columns[name][i]) for name in ("open", "high", "low", "close")]
        if np.isfinite(values[-1]):
            yield [int(rows.starts[i]) // SECOND, *(v if np.isfinite(v) else None for v in values)]
