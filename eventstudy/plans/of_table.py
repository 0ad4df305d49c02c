"""What a plan says of the events of a table: which they are, and how many of them are past."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.plans.plan import AFTER_PRICES, BEFORE_NEWS, Seen
from eventstudy.study.placing import COLUMNS
from eventstudy.tables import dates
from eventstudy.tables.options import Options

_TIMES = ("earliest", "latest")  # of events by the minute
_WHEN = ("announced_at", "earliest", "date")


def events_of(frame: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Event id → asset → the cells that have a meaning, as text; rows that repeat one are numbered.

    Parameters
    ----------
    frame : DataFrame
        Rows under the names that have a meaning, as `eventstudy.study.placing.rows_of` gives them.
    """
    names = [name for name in (*COLUMNS[2:], *_TIMES) if name in frame.columns]
    out: dict[str, dict[str, Any]] = {}
    seen: Counter[tuple[str, str]] = Counter()
    for i, row in enumerate(frame.to_dict("records")):
        cells = {name: str(row[name]).strip() for name in names if not pd.isna(row[name])}
        event_id, asset = (_text(row.get(name)) for name in ("event_id", "asset"))
        event_id = event_id or f"row {i + 2}"
        seen[event_id, asset] += 1
        number = seen[event_id, asset]
        out.setdefault(event_id, {})[f"{asset} ({number})" if number > 1 else asset] = cells
    return out


def seen_of(frame: pd.DataFrame, form: Options, now: dt.datetime) -> Seen:
    """How many of the events are past at `now`: by their instant, and by their day where no zone is written."""
    is_past = np.zeros(len(frame), dtype=bool)
    for name in (name for name in _WHEN if name in frame.columns):
        found = dates.parse(frame[name], form)
        moments = found.days.astype("datetime64[s]").astype(np.int64) + found.seconds
        offsets = np.array([offset if offset is not None else np.nan for offset in found.offsets], dtype=float)
        day = np.datetime64(now.date())
        with np.errstate(invalid="ignore"):
            past = np.where(np.isnan(offsets), found.days <= day, moments - offsets <= now.timestamp())
        is_past |= past & ~np.isnat(found.days)
    n = int(is_past.sum())
    return Seen(stage=AFTER_PRICES if n else BEFORE_NEWS, events=len(frame), past=n)


def _text(value: Any) -> str:
    return "" if value is None or pd.isna(value) else str(value).strip()
