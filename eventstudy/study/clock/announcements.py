"""Announcements of a table: their instants, and what else their rows say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.errors import DataError, EventStudyError, InputError
from eventstudy.events.build import parse_when
from eventstudy.study.clock.reaction import ClockEvent

KNOWN = (
    *("event_id", "asset", "announced_at", "earliest", "latest"),
    *("calendar", "zone", "group", "benchmark", "date", "weight"),
)


def read_clock_events(frame: pd.DataFrame, calendar: str | None) -> tuple[list[ClockEvent], list[str], pd.DataFrame]:
    """The announcements of a table, for each the reason why it cannot be studied (empty where it can), and the rest.

    The rest are the columns that have no meaning here, which may explain the moves.

    Parameters
    ----------
    frame : DataFrame
        ``event_id, asset, announced_at``, or ``earliest, latest``; optionally ``calendar, zone, group, benchmark``.
    calendar : str or None
        For events that name none.

    Raises
    ------
    DataError
        When a required column is missing or the table is empty.
    """
    frame = frame.reset_index(drop=True).rename(columns=lambda name: str(name).strip())
    for name in ("event_id", "asset"):
        if name not in frame.columns:
            raise DataError(f"there is no column {name}", where="events", remedy="add it")
    if "announced_at" not in frame.columns and not {"earliest", "latest"} <= set(frame.columns):
        raise DataError(
            "there is neither a column announced_at nor earliest and latest",
            where="events",
            remedy="a study by the minute needs the time of the announcement",
        )
    if not len(frame):
        raise DataError("there is no event", where="events", remedy="add a row")
    events, reasons = [], []
    for i, row in enumerate(frame.to_dict("records")):
        cell = {str(name): _text(value) for name, value in row.items()}
        reason = ""
        earliest = latest = 0
        try:
            earliest, latest = _instants(cell)
        except EventStudyError as error:
            reason = str(error)
        if not cell.get("asset"):
            reason = reason or "no asset is named"
        if not (cell.get("calendar") or calendar):
            reason = reason or "a time needs a calendar; name one with --calendar, for example XNYS"
        events.append(
            ClockEvent(
                event_id=cell.get("event_id") or f"row {i + 2}",
                asset=cell.get("asset") or "",
                earliest=earliest,
                latest=latest,
                zone=cell.get("zone") or "UTC",
                group=cell.get("group"),
                calendar=cell.get("calendar") or calendar,
                benchmark=cell.get("benchmark"),
            )
        )
        reasons.append(reason)
    rest = frame[[name for name in frame.columns if name not in KNOWN]]
    return events, reasons, rest


def _instants(cell: Mapping[str, str | None]) -> tuple[int, int]:
    zone = cell.get("zone")
    if cell.get("announced_at"):
        earliest, latest = parse_when(str(cell["announced_at"]), zone, "announced_at")
    elif cell.get("earliest") and cell.get("latest"):
        earliest = parse_when(str(cell["earliest"]), zone, "earliest")[0]
        latest = parse_when(str(cell["latest"]), zone, "latest")[1]
        if latest < earliest:
            raise InputError("the interval ends before it starts", where="latest", remedy="swap the two")
    else:
        raise InputError("there is no time", where="announced_at", remedy="fill it in, or earliest and latest")
    return nanoseconds(earliest), nanoseconds(latest)


def nanoseconds(moment: dt.datetime) -> int:
    """UTC nanoseconds of a tz-aware datetime."""
    return int(np.datetime64(moment.astimezone(dt.UTC).replace(tzinfo=None), "ns").astype(np.int64))


def _text(value: Any) -> str | None:
    if value is None or pd.isna(value):
        return None
    text = value.isoformat() if isinstance(value, dt.datetime) else str(value)
    return text.strip() or None
