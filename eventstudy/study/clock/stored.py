"""What a study by the minute found, as the results database keeps it beside daily studies."""

from __future__ import annotations

import datetime as dt

from eventstudy.database.reading import Row
from eventstudy.records import Event
from eventstudy.study.clock.primary import primary_of
from eventstudy.study.clock.spec import ClockSpec
from eventstudy.study.clock.stored_window import window_result
from eventstudy.study.results import EventResult, Reaction


def event_result(study_id: str, event: Event, spec: ClockSpec, rows: list[Row]) -> EventResult:
    """The rows of an announcement as results of a study."""
    reactions = tuple(_reaction(study_id, event, spec, row) for row in rows)
    return EventResult(study_id=study_id, event_id=event.event_id, reactions=reactions, joint=())


def _reaction(study_id: str, event: Event, spec: ClockSpec, row: Row) -> Reaction:
    windows = tuple(window_result(spec, row, found) for found in row["windows"])
    head = primary_of(row) or {}
    base, end, paced = (head.get(name) or {} for name in ("base", "end", "paced"))
    before = base or row["price_before"] or {}
    beside = head.get("benchmark") or {}
    reason = row["reason"]
    if row["status"] != "ok" and windows:
        reason = next(window.reason for window in windows if window.is_primary)
    return Reaction(
        study_id=study_id,
        event_id=event.event_id,
        asset=row["asset"],
        alignment="main",
        status="ok" if row["status"] == "ok" else "skipped",
        reason=reason,
        day0=dt.date.fromisoformat(row["session"]) if row["session"] else None,
        prices=(before.get("price"), end.get("price")),
        instants=(_stamp(before.get("at")), _stamp(end.get("at"))),
        n_estimation=(head.get("reference") or {}).get("used"),
        df=paced.get("df"),
        sigma=paced.get("s"),
        coefficients=tuple((name, beside[name]) for name in ("alpha", "beta") if name in beside),
        windows=windows,
        notes=tuple(dict.fromkeys([*row["remarks"], *head.get("notes", ())])),
    )


def _stamp(text: str | None) -> str | None:
    """An instant in whole seconds."""
    return None if text is None else f"{text[:19]}Z"
