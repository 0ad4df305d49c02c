"""Remembering a verdict that a later pass changed; inside the transaction that replaces it."""

from __future__ import annotations

import sqlite3
from typing import Any

from eventstudy.database.reading import Row, rows
from eventstudy.store import notices

Place = tuple[str, int | str, int | str]  # asset, first and last session, or minute, of the window
_NONE: Row = {"verdict": "not computable"}
_KEY = ("code_version", "config_hash", "input_hash")


def verdicts_of(connection: sqlite3.Connection, study_id: str, event_id: str) -> dict[Place, Row]:
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

    A first verdict is no change; a verdict that can no longer be computed is one, and so is one that is back.

    Parameters
    ----------
    connection : sqlite3.Connection
    unit : (str, str)
        Study and event.
    before : dict
        `verdicts_of` before the results were replaced.
    run_id : int
    """
    gone = _gone(connection, unit)
    if not (before or gone):
        return 0
    after = verdicts_of(connection, *unit)
    changed = [
        _row(unit, place, old, after.get(place), run_id)
        for place, old in before.items()
        if after.get(place, _NONE)["verdict"] != old["verdict"]
    ]
    back = (after.keys() - before.keys()) & gone
    changed += [_row(unit, place, None, after[place], run_id) for place in sorted(back, key=repr)]
    if changed:
        values = ", ".join("?" for _ in changed[0])
        connection.executemany(f"insert or replace into verdict_changes values ({values})", changed)  # noqa: S608  # question marks only
        (at,) = connection.execute("select started_at from runs where run_id = ?", (run_id,)).fetchone()
        study_id, event_id = unit
        notices.put(connection, "verdict", (*unit, run_id), at, run_id=run_id, event_id=event_id, study_id=study_id)
    return len(changed)


def _gone(connection: sqlite3.Connection, unit: tuple[str, str]) -> set[Place]:
    """Where the last change that is written down was to no verdict at all."""
    found = connection.execute(
        "select asset, window_start, window_end, new_verdict, max(run_id) from verdict_changes "
        "where study_id = ? and event_id = ? group by asset, window_start, window_end",
        unit,
    )
    return {(asset, first, last) for asset, first, last, verdict, _ in found if verdict == _NONE["verdict"]}


def _row(unit: tuple[str, str], place: Place, old: Row | None, new: Row | None, run_id: int) -> tuple[Any, ...]:
    """A row of `verdict_changes`; without a verdict on one side the cause is what it is computed from."""
    before, after = old or _NONE, new or _NONE
    is_new = [int(after[name] != before[name]) for name in _KEY] if old and new else [0, 0, 1]
    numbers = [source.get(name) for name in ("car", "t", "day0") for source in (before, after)]
    return (run_id, *unit, *place, before["verdict"], after["verdict"], *numbers, *is_new)
