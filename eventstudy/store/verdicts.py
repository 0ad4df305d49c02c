"""Remembering a verdict that a later pass changed; inside the transaction that replaces it."""

from __future__ import annotations

import sqlite3
from typing import Any

from eventstudy.store.read import Row, rows

Place = tuple[str, int, int]  # asset, first and last session of the window
_KEY = ("code_version", "config_hash", "input_hash")


def standing(connection: sqlite3.Connection, study_id: str, event_id: str) -> dict[Place, Row]:
    """The verdicts stored for (study, event) under the main alignment; one that could not be computed is none."""
    found = rows(
        connection,
        "select a.asset, w.window_start, w.window_end, w.verdict, w.car, w.t, a.day0, a.code_version, a.config_hash, "
        "a.input_hash from analyses a join window_results w using (analysis_id) "
        "where a.study_id = ? and a.event_id = ? and a.alignment = 'main' and w.verdict <> 'not computable'",
        (study_id, event_id),
    )
    return {(row["asset"], row["window_start"], row["window_end"]): row for row in found}


def remember_changes(
    connection: sqlite3.Connection, unit: tuple[str, str], before: dict[Place, Row], *, run_id: int
) -> int:
    """Write down every verdict of `before` that is another now; return how many.

    A first verdict is no change; a verdict that can no longer be computed is one.

    Parameters
    ----------
    connection : sqlite3.Connection
    unit : (str, str)
        Study and event.
    before : dict
        `standing` before the results were replaced.
    run_id : int
    """
    if not before:
        return 0
    after = standing(connection, *unit)
    changed = [
        _row(unit, place, old, after.get(place), run_id)
        for place, old in before.items()
        if after.get(place, {"verdict": "not computable"})["verdict"] != old["verdict"]
    ]
    if changed:
        marks = ", ".join("?" for _ in changed[0])
        connection.executemany(f"insert or replace into verdict_changes values ({marks})", changed)  # noqa: S608  # marks only
    return len(changed)


def _row(unit: tuple[str, str], place: Place, old: Row, new: Row | None, run_id: int) -> tuple[Any, ...]:
    """A row of `verdict_changes`; without a new verdict the cause is what it was computed from."""
    now: Row = new or {"verdict": "not computable"}
    is_new = [int(now.get(name) != old[name]) for name in _KEY] if new else [0, 0, 1]
    numbers = [source.get(name) for name in ("car", "t", "day0") for source in (old, now)]
    return (run_id, *unit, *place, old["verdict"], now["verdict"], *numbers, *is_new)
