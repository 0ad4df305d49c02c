"""The one writer of results. Each function runs inside a transaction of the caller."""

from __future__ import annotations

import datetime as dt
import functools
import json
import math
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from eventstudy.records import Event, Inference, Window
from eventstudy.store import verdicts
from eventstudy.study.results import EventResult, Reaction, WindowResult

EVENT_COLUMNS = (
    "event_id",
    "title",
    "announced_at",
    "earliest",
    "latest",
    "kind",
    "url",
    "note",
    "zone",
    "tags",
    "assets",
)


def event_row(event: Event) -> tuple[str, ...]:
    """What is stored of an event as announced, in the order of `EVENT_COLUMNS`."""
    earliest = _instant(event.earliest)
    is_exact = event.earliest == event.latest  # nearly all are, and a pass without news spends its time here
    return (
        event.event_id,
        event.title,
        earliest if is_exact else _instant(event.announced_at),
        earliest,
        earliest if is_exact else _instant(event.latest),
        event.kind,
        event.url,
        event.note,
        event.zone,
        _list(event.tags),
        _list(event.assets),
    )


@functools.lru_cache(maxsize=1024)
def _list(texts: tuple[str, ...]) -> str:
    return json.dumps(texts)


def put_event(connection: sqlite3.Connection, event: Event, status: str, reason: str | None) -> bool:
    """Insert or update an event; return whether anything changed."""
    row = {**dict(zip(EVENT_COLUMNS, event_row(event), strict=True)), "status": status, "reason": reason}
    return _upsert(connection, "events", "event_id", row)


def put_study(
    connection: sqlite3.Connection, study_id: str, position: int, title: str, spec: Mapping[str, Any], config_hash: str
) -> bool:
    """Insert or update a study; return whether anything changed."""
    row = {
        "study_id": study_id,
        "position": position,
        "title": title,
        "spec": json.dumps(spec),
        "config_hash": config_hash,
    }
    return _upsert(connection, "studies", "study_id", row)


def stored_inputs(connection: sqlite3.Connection, event_id: str) -> dict[str, tuple[str, str, str]]:
    """Study id → (code version, config hash, input hash) of the results stored for an event."""
    rows = connection.execute(
        "select distinct study_id, code_version, config_hash, input_hash from analyses where event_id = ?", (event_id,)
    )
    return {study: (code, config, inputs) for study, code, config, inputs in rows}


def is_as_stored(connection: sqlite3.Connection, event: Event) -> bool:
    """Whether the stored event is `event` still, or is not stored yet: somebody may have edited it meanwhile."""
    columns = ", ".join(EVENT_COLUMNS)
    found = connection.execute(
        f"select {columns} from events where event_id = ?",  # noqa: S608  # names of ours
        (event.event_id,),
    ).fetchone()
    return found is None or found == event_row(event)


def retire_studies(connection: sqlite3.Connection, study_ids: Sequence[str]) -> None:
    """Put the studies that the settings no longer have behind those that they have, `study_ids`."""
    connection.execute(
        "update studies set position = ? where study_id not in (select value from json_each(?)) and position <> ?",
        (len(study_ids), json.dumps(study_ids), len(study_ids)),
    )


def put_result(
    connection: sqlite3.Connection,
    result: EventResult,
    *,
    titles: Mapping[str, str],
    method: Mapping[str, str],
    provenance: Mapping[str, Any],
    key: tuple[str, str, str],
    run_id: int,
) -> None:
    """Replace everything stored for (study, event) by `result`: full rows, deleted and inserted as one unit.

    Parameters
    ----------
    titles, method, provenance : mapping
        By asset: its title, the method line, and where its prices are from.
    key : (str, str, str)
        Code version, config hash and input hash, written on every row.
    run_id : int
    """
    unit = (result.study_id, result.event_id)
    before = verdicts.verdicts_of(connection, *unit)
    connection.execute("delete from analyses where study_id = ? and event_id = ?", unit)
    connection.execute("delete from joint_tests where study_id = ? and event_id = ?", unit)
    for position, reaction in enumerate(result.reactions):
        analysis_id = _insert(
            connection,
            "analyses",
            {
                "study_id": reaction.study_id,
                "event_id": reaction.event_id,
                "asset": reaction.asset,
                "asset_title": titles.get(reaction.asset) or reaction.asset,
                "position": position,
                "alignment": reaction.alignment,
                "status": reaction.status,
                "reason": reaction.reason,
                "day0": reaction.day0.isoformat() if reaction.day0 else None,
                "price_before": reaction.prices[0],
                "price_at": reaction.prices[1],
                "instant_before": reaction.instants[0],
                "instant_at": reaction.instants[1],
                "n_estimation": reaction.n_estimation,
                "df": reaction.df,
                "sigma": reaction.sigma,
                "r_squared": reaction.r_squared,
                "coefficients": json.dumps(dict(reaction.coefficients)),
                "diagnostics": json.dumps(dict(reaction.diagnostics)),
                "provenance": json.dumps(provenance.get(reaction.asset, {}), sort_keys=True),
                "notes": json.dumps(reaction.notes),
                "method": method.get(reaction.asset, ""),
                "code_version": key[0],
                "config_hash": key[1],
                "input_hash": key[2],
                "run_id": run_id,
            },
        )
        _put_days(connection, analysis_id, reaction)
        for found in reaction.windows:
            _put_window(connection, analysis_id, found)
    for alignment, window, test in result.joint:
        _insert(connection, "joint_tests", {**_unit_window(result, alignment, window), **_test(test)})
    verdicts.remember_changes(connection, unit, before, run_id=run_id)


def outcome_of(connection: sqlite3.Connection, event_id: str, *, patient: bool) -> tuple[str, str | None]:
    """Status and reason of an event, from what is stored of its assets.

    ``ok`` when every asset has a result, ``partial`` when some have, and when none has ``pending`` or ``skipped``.

    Parameters
    ----------
    patient : bool
        Whether the event is so young that its prices may still come.
    """
    rows = connection.execute(
        "select asset, min(status = 'ok'), max(reason) from analyses where event_id = ? and alignment = 'main' "
        "group by asset order by min(position)",
        (event_id,),
    ).fetchall()
    reasons = [about(asset, reason) for asset, is_ok, reason in rows if not is_ok]
    if not reasons:
        return "ok", None
    without = "pending" if patient else "skipped"
    return ("partial" if len(reasons) < len(rows) else without), "; ".join(reasons)


def about(asset: str, reason: str) -> str:
    """The reason with the asset in front, unless it begins with it."""
    return reason if reason.startswith(asset) else f"{asset}: {reason}"


def forget_missing(connection: sqlite3.Connection, event_id: str, study_ids: Sequence[str], *, run_id: int) -> int:
    """Delete results of studies that are not among `study_ids`, as changes of the run; return how many units went."""
    gone = [
        study
        for (study,) in connection.execute("select distinct study_id from analyses where event_id = ?", (event_id,))
        if study not in study_ids
    ]
    for study in gone:
        before = verdicts.verdicts_of(connection, study, event_id)
        connection.execute("delete from analyses where study_id = ? and event_id = ?", (study, event_id))
        connection.execute("delete from joint_tests where study_id = ? and event_id = ?", (study, event_id))
        verdicts.remember_changes(connection, (study, event_id), before, run_id=run_id)
    return len(gone)


def has_results(connection: sqlite3.Connection, event_id: str) -> bool:
    """Whether anything could be computed for an event."""
    found = connection.execute("select 1 from analyses where event_id = ? and status = 'ok' limit 1", (event_id,))
    return found.fetchone() is not None


def _put_days(connection: sqlite3.Connection, analysis_id: int, reaction: Reaction) -> None:
    connection.executemany(
        "insert into daily values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (analysis_id, d.tau, d.session.isoformat(), d.ret, d.expected, d.ar, d.ar_se, d.sar, d.car, d.car_se)
            for d in reaction.days
        ],
    )


def _put_window(connection: sqlite3.Connection, analysis_id: int, found: WindowResult) -> None:
    place = {
        "analysis_id": analysis_id,
        "window_start": found.window.start,
        "window_end": found.window.end,
    }
    t = next((test for test in found.tests if test.name == "t"), None)
    low, high = found.interval or (None, None)
    _insert(
        connection,
        "window_results",
        {
            **place,
            "is_primary": int(found.is_primary),
            "n_days": found.n_days,
            "car": found.car,
            "car_se": found.car_se,
            "car_low": low,
            "car_high": high,
            "scar": found.scar,
            "bhar": found.bhar,
            "mde": found.mde,
            "t": t.statistic if t else None,
            "p": t.p_value if t else None,
            "p_adjusted": found.p_adjusted,
            "placebo_p": found.p_of("placebo"),
            "verdict": found.verdict,
            "context": json.dumps(found.context),
            "placebo": json.dumps(found.placebo.round(10).tolist()),
            "reason": found.reason,
        },
    )
    rows = [{**place, **_test(test)} for test in found.tests]
    if rows:
        marks = ", ".join("?" for _ in rows[0])
        connection.executemany(
            f"insert into tests ({', '.join(rows[0])}) values ({marks})",  # noqa: S608  # our own column names
            [tuple(row.values()) for row in rows],
        )


def _test(test: Inference) -> dict[str, Any]:
    return {
        "name": test.name,
        "null_hypothesis": test.null,
        "statistic": test.statistic,
        "distribution": test.distribution,
        "df": test.df if test.df is not None and math.isfinite(test.df) else None,
        "p_value": test.p_value,
        "n": test.n,
        "reason": test.reason,
        "source": test.source,
    }


def _unit_window(result: EventResult, alignment: str, window: Window) -> dict[str, Any]:
    return {
        "study_id": result.study_id,
        "event_id": result.event_id,
        "alignment": alignment,
        "window_start": window.start,
        "window_end": window.end,
    }


# Names of tables and columns below are this module's own; values always go through parameters.


def _insert(connection: sqlite3.Connection, table: str, row: Mapping[str, Any]) -> int:
    columns = ", ".join(row)
    marks = ", ".join("?" for _ in row)
    cursor = connection.execute(
        f"insert into {table} ({columns}) values ({marks})",  # noqa: S608  # see above
        tuple(row.values()),
    )
    return int(cursor.lastrowid or 0)


def _upsert(connection: sqlite3.Connection, table: str, key: str, row: Mapping[str, Any]) -> bool:
    columns = ", ".join(row)
    old = connection.execute(
        f"select {columns} from {table} where {key} = ?",  # noqa: S608  # see above
        (row[key],),
    ).fetchone()
    if old == tuple(row.values()):
        return False
    marks = ", ".join("?" for _ in row)
    updates = ", ".join(f"{name} = excluded.{name}" for name in row if name != key)
    connection.execute(
        f"insert into {table} ({columns}) values ({marks}) "  # noqa: S608  # see above
        f"on conflict ({key}) do update set {updates}",
        tuple(row.values()),
    )
    return True


def _instant(moment: dt.datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
