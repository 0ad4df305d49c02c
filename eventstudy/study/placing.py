"""A table of events, placed on the sessions of a market: each row gets a place, or a reason why it has none."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from eventstudy.calendars import first_after, named_calendar
from eventstudy.errors import DataError, EventStudyError
from eventstudy.events import parse_when
from eventstudy.records import Float64Array, Int64Array
from eventstudy.spec import StudySpec
from eventstudy.study.frame import Market

COLUMNS = ("event_id", "asset", "date", "announced_at", "calendar", "zone", "group", "weight", "benchmark")


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Events in the order of the table; arrays have shape (n,).

    Attributes
    ----------
    event_ids, assets : tuple of str
    groups : tuple of str or None
    weights : Float64Array or None
    characteristics : DataFrame
        Columns that this package gives no meaning to, for cross-sectional regressions.
    benchmarks : tuple of str or None
        Per event; None = the study's.
    rows : Int64Array
        Session of event day 0, -1 where there is none.
    columns : Int64Array
        Column of the asset, -1 where there is none.
    reasons : tuple of str or None
        Why an event was skipped.
    notes : tuple of str
        What a reader must know, each beginning with the event.
    """

    event_ids: tuple[str, ...]
    assets: tuple[str, ...]
    groups: tuple[str | None, ...]
    weights: Float64Array | None
    characteristics: pd.DataFrame
    benchmarks: tuple[str | None, ...]
    rows: Int64Array
    columns: Int64Array
    reasons: tuple[str | None, ...]
    notes: tuple[str, ...]


def place_events(frame: pd.DataFrame, market: Market, spec: StudySpec, *, drop_overlapping: bool = False) -> Placed:
    """Place every row of a table shaped like ``events.csv``.

    Parameters
    ----------
    frame : DataFrame
        ``event_id, asset`` and ``date`` (event day 0; a date that is no session moves to the next one, never back) or
        ``announced_at, calendar``; optionally ``group, weight, benchmark``.
    market : Market
    spec : StudySpec
        For the event window, by which events of one asset are found to overlap.
    drop_overlapping : bool
        Skip an event whose event window overlaps an earlier one of the same asset, instead of flagging it.

    Raises
    ------
    DataError
        When a required column is missing or the table is empty.
    """
    frame = frame.reset_index(drop=True)
    for name in ("event_id", "asset"):
        if name not in frame.columns:
            raise DataError(
                f"there is no column {name}", where="events", remedy="columns are event_id, asset and date or announced_at"
            )
    if "date" not in frame.columns and "announced_at" not in frame.columns:
        raise DataError("there is neither a column date nor announced_at", where="events", remedy="add one")
    if not len(frame):
        raise DataError("there is no event", where="events", remedy="add a row")
    n = len(frame)
    event_ids = tuple(_text(v) or f"row {i + 2}" for i, v in enumerate(frame["event_id"]))
    assets = tuple(_text(v) or "" for v in frame["asset"])
    place = {name: j for j, name in enumerate(market.names)}
    columns = np.array([place.get(asset, -1) for asset in assets], dtype=np.int64)
    reasons: list[str | None] = [
        None if j >= 0 else f"there is no column {asset!r} in the prices" for asset, j in zip(assets, columns, strict=True)
    ]
    notes: list[str] = []
    rows = _rows(frame, market, event_ids, reasons, notes)
    seen: dict[tuple[str, str], int] = {}
    for i, key in enumerate(zip(event_ids, assets, strict=True)):
        if reasons[i] is None and seen.setdefault(key, i) != i:
            reasons[i] = f"stands twice: the row before counts ({key[0]}, {key[1]})"
    _overlaps(rows, columns, event_ids, reasons, notes, spec, drop_overlapping)
    return Placed(
        event_ids=event_ids,
        assets=assets,
        groups=tuple(_text(v) for v in frame["group"]) if "group" in frame.columns else (None,) * n,
        weights=_weights(frame),
        characteristics=frame.drop(columns=[c for c in frame.columns if c in COLUMNS]),
        benchmarks=tuple(_text(v) for v in frame["benchmark"]) if "benchmark" in frame.columns else (None,) * n,
        rows=np.where([r is None for r in reasons], rows, -1),
        columns=columns,
        reasons=tuple(reasons),
        notes=tuple(notes),
    )


def _rows(
    frame: pd.DataFrame, market: Market, event_ids: Sequence[str], reasons: list[str | None], notes: list[str]
) -> Int64Array:
    """Session of event day 0 of every row; writes reasons and notes."""
    n = len(frame)
    has_date = frame["date"].notna().to_numpy() if "date" in frame.columns else np.zeros(n, dtype=bool)
    days = np.full(n, np.datetime64("NaT"), dtype="datetime64[D]")
    if has_date.any():
        stamps = pd.to_datetime(frame["date"].where(has_date), errors="coerce", format="ISO8601")
        days = stamps.to_numpy().astype("datetime64[D]")
    for i in np.flatnonzero(~has_date).tolist():
        try:
            days[i] = _session_of(frame.iloc[i], market)
        except EventStudyError as error:
            reasons[i] = reasons[i] or str(error)
    for i in np.flatnonzero(has_date & np.isnat(days)).tolist():
        reasons[i] = reasons[i] or f"not a date: {frame['date'].iloc[i]!r}; write 2023-03-17"
    known = ~np.isnat(days)
    rows = np.full(n, -1, dtype=np.int64)
    rows[known] = np.searchsorted(market.sessions, days[known], side="left")
    for i in np.flatnonzero(known & (rows >= market.sessions.size)).tolist():
        reasons[i] = reasons[i] or f"{days[i]} is after the last session of the prices, {market.sessions[-1]}"
    inside = known & (rows < market.sessions.size)
    for i in np.flatnonzero(inside & (days < market.sessions[0])).tolist():
        reasons[i] = reasons[i] or f"{days[i]} is before the first session of the prices, {market.sessions[0]}"
    moved = inside & (market.sessions[np.clip(rows, 0, market.sessions.size - 1)] != days)
    for i in np.flatnonzero(moved).tolist():
        if reasons[i] is None:
            notes.append(f"{event_ids[i]}: {days[i]} is no session; day 0 moved to {market.sessions[rows[i]]}")
    return rows


def _session_of(row: pd.Series, market: Market) -> np.datetime64:
    """First session of the row's calendar whose close is strictly after the announcement."""
    stated = _text(row.get("announced_at"))
    if not stated:
        raise DataError("neither a date nor a time", where="events", remedy="fill in date or announced_at")
    name = _text(row.get("calendar"))
    if not name:
        raise DataError("announced_at needs a calendar", where="calendar", remedy="write for example XNYS, ecb or fx")
    earliest, _latest = parse_when(stated, _text(row.get("zone")), "announced_at")
    around = (earliest.date() - dt.timedelta(days=5), earliest.date() + dt.timedelta(days=40))
    sessions, closes = named_calendar(name).sessions(*around)
    index = first_after(closes, earliest)
    if index >= sessions.size:
        raise DataError(f"the calendar {name} has no session after it", where="announced_at", value=stated)
    found: np.datetime64 = sessions[index]
    return found


def _overlaps(
    rows: Int64Array,
    columns: Int64Array,
    event_ids: Sequence[str],
    reasons: list[str | None],
    notes: list[str],
    spec: StudySpec,
    drop: bool,
) -> None:
    """Flag, or drop, events of one asset whose event windows share a session."""
    live = np.array([reason is None for reason in reasons], dtype=bool)
    order = np.lexsort((rows, columns))
    order = order[live[order]]
    near = (columns[order[1:]] == columns[order[:-1]]) & (np.diff(rows[order]) < spec.event_window.length)
    kept: int | None = None
    for k in (np.flatnonzero(near) + 1).tolist():
        i, before = int(order[k]), int(order[k - 1])
        what = f"its event window overlaps that of {event_ids[before]} (same asset)"
        if not drop:
            notes.append(f"{event_ids[i]}: {what}: the two are confounded")
            continue
        # of a run of overlapping events the first stays, and the next that is clear of the last one kept
        kept = before if reasons[before] is None else kept
        assert kept is not None  # the first of a run is never dropped
        if rows[i] - rows[kept] < spec.event_window.length:
            reasons[i] = f"its event window overlaps that of {event_ids[kept]} (same asset); dropped as asked"


def _weights(frame: pd.DataFrame) -> Float64Array | None:
    if "weight" not in frame.columns:
        return None
    weights = pd.to_numeric(frame["weight"], errors="coerce").to_numpy(dtype=float)
    if not (np.isfinite(weights) & (weights >= 0)).all():
        row = int(np.flatnonzero(~(np.isfinite(weights) & (weights >= 0)))[0])
        raise DataError(
            "a weight must be a number of zero or more",
            where=f"events, row {row + 2}, weight",
            value=frame["weight"].iloc[row],
            remedy="mend it, or leave the column out",
        )
    return weights


def _text(value: object) -> str | None:
    if value is None or (isinstance(value, float) and np.isnan(value)) or value is pd.NA:
        return None
    return str(value).strip() or None
