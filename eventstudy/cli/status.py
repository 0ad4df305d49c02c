"""``eventstudy status``. Imports the standard library and click only: a monitor asks it often."""

from __future__ import annotations

import datetime as dt
import sqlite3
import sys
from pathlib import Path
from typing import Any

import click

from eventstudy.cli import common
from eventstudy.cli.common import (
    by_cause,
    config_option,
    configured_database,
    db_option,
    emit_json,
    json_option,
    printable,
)
from eventstudy.cli.spans import span
from eventstudy.database import faults, files, reading
from eventstudy.instants import stamp
from eventstudy.store import heartbeat, read

# Clocks of two machines differ by seconds; a pass that ended later than this from now means that a clock went back.
_AHEAD = dt.timedelta(minutes=5)


@click.command("status")
@config_option
@db_option
@click.option(
    "--max-age", callback=span, metavar="SPAN", help="Exit with 1 when the last good pass is older (26h, 2d)."
)
@json_option
def command(config_path: Path, database: Path | None, max_age: dt.timedelta | None, as_json: bool) -> None:
    """Show when passes ran and run next, and which events failed or wait, and why; reads only.

    A good pass went over all events, no source was down, and not everything failed.
    """
    path = database or configured_database(config_path)
    now = common.utc_now()
    beat = heartbeat.heartbeat(path)
    connection = reading.connect(path, seconds=reading.QUERY_SECONDS)
    try:
        events = reading.rows(
            connection,
            "select event_id, title, status, reason from events where kind <> 'context' "  # noqa: S608  # see LIVE
            f"and {read.LIVE} order by announced_at, event_id",
        )
        runs = reading.rows(connection, "select * from latest_runs order by run_id desc limit 1")
        queue = _retry_queue(connection)
        needed = read.fewest_sessions(connection)
        bars = _bars(connection, needed or FEWEST_SESSIONS)
    finally:
        connection.close()
    good = beat.last_good if beat else None
    found = {
        "schema": "eventstudy.status/1",
        "database": str(path),
        "log_bytes": files.log_bytes(path),
        "next_pass": _stamp(heartbeat.next_pass(path)),
        "next_event": heartbeat.next_event(path),
        "last_pass": _stamp(beat.finished_at if beat else None),
        "last_status": beat.status if beat else None,
        "last_exit_code": beat.exit_code if beat else None,
        "last_reason": beat.reason if beat else None,
        "troubles": list(dict.fromkeys((*beat.troubles, *beat.single_troubles))) if beat else [],
        "last_good": _stamp(good),
        "age_seconds": int((now - good).total_seconds()) if good else None,
        "is_stale": None if max_age is None else good is None or not -_AHEAD <= now - good <= max_age,
        "last_change": {name: runs[0][name] for name in _RUN} if runs else None,
        "counts": {name: sum(e["status"] == name for e in events) for name in _STATUSES},
        "failing": [e for e in events if e["status"] in ("failed", "skipped", "partial")],
        "waiting": [e for e in events if e["status"] == "pending"],
        "retrying": queue,
        "bars": bars,
        "sessions_needed": needed,
    }
    if as_json:
        emit_json(found)
    else:
        _show(found)
    sys.exit(1 if found["is_stale"] else 0)


_RUN = ("run_id", "trigger", "started_at", "finished_at", "status", "results_written")
_STATUSES = ("ok", "partial", "skipped", "failed", "pending")


def _show(found: dict[str, Any]) -> None:
    last, run, counts = found["last_pass"], found["last_change"], found["counts"]
    event = found["next_event"]
    age = "" if found["age_seconds"] is None else f", {_age(found['age_seconds'])}"
    too_old = "; that is too old" if found["is_stale"] else ""
    lines = [
        ("next pass", found["next_pass"] or "not known: no `eventstudy schedule` runs on this database"),
        ("next event", f"{event['at']}, {event['event_id']}: {event['why']}" if event else "none awaited"),
        ("last pass", f"{last}, {found['last_status']}, exit code {found['last_exit_code']}" if last else "none yet"),
        ("last good", f"{found['last_good'] or 'none yet'}{age}{too_old}"),
        (
            "last news",
            f"{run['started_at']}, run {run['run_id']} ({run['trigger']}): {run['status']}, "
            f"{run['results_written']} result{'' if run['results_written'] == 1 else 's'} written"
            if run
            else "none yet",
        ),
        ("log", faults.words_of_log(Path(found["database"]))[0]),
        ("events", ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "none"),
    ]
    for name, value in lines:
        click.echo(f"{name:11}{printable(value)}")
    if found["last_reason"]:
        click.echo(printable(f"broke off  {found['last_reason']}"))
    for one in found["bars"]:
        sessions = "1 session" if one["sessions"] == 1 else f"{one['sessions']} sessions"
        held = f"{sessions} of {one['bar']} bars, {one['first_session']} to {one['last_session']}"
        click.echo(printable(f"bars       {one['symbol']} ({one['source']}): {held}; {_possible(one)}"))
    if found["sessions_needed"] and not found["bars"]:
        click.echo(f"bars       none yet; studies by the minute need {found['sessions_needed']} sessions of them")
    outcomes = [(e["event_id"], e["status"], e["reason"]) for e in (*found["failing"], *found["waiting"])]
    causes = by_cause(outcomes, found["troubles"])
    for _, ids, trouble in causes:
        if not ids:
            click.echo(printable(f"trouble    {trouble}"))
    for one in found["retrying"]:
        then = "given up" if one["gave_up"] else f"next attempt {one['next_attempt']}"
        click.echo(printable(f"retry      {one['event_id']}: {one['attempts']} failed, {then}: {one['reason']}"))
    for status, ids, reason in causes:
        if ids:
            click.echo(printable(f"{status:11}{ids}: {reason}"))


def _bars(connection: sqlite3.Connection, fewest: int) -> list[dict[str, Any]]:
    """Bars by the minute, and from when on there are enough sessions before an announcement to compare it with."""
    found = read.collected_bars(connection)
    for one in found:
        one["is_collected"] = bool(one["is_collected"])
        one["sessions_needed"] = fewest
        one["sessions_lacking"] = lacking = max(fewest - one["sessions"], 0)
        # the session that the last one needed comes before
        first = dt.date.fromisoformat(one["last_session"])
        one["possible_from"] = None
        if lacking:
            one["possible_from"] = _weekdays_later(first, lacking + 1).isoformat()
    return found


FEWEST_SESSIONS = 20


def _weekdays_later(day: dt.date, n: int) -> dt.date:
    while n:
        day += dt.timedelta(days=1)
        n -= day.weekday() < 5
    return day


def _possible(one: dict[str, Any]) -> str:
    if not one["sessions_lacking"]:
        return "studies by the minute are possible"
    n = one["sessions_lacking"]
    needed = "1 session more is needed" if n == 1 else f"{n} sessions more are needed"
    if one["is_collected"]:
        return f"{needed}, so from about {one['possible_from']} on"
    how = f"collect them as they come (`captures: standing: [{one['bar']}]`)"
    return f"{needed}: give earlier bars, or {how}, which is enough from about {one['possible_from']} on"


def _retry_queue(connection: sqlite3.Connection) -> list[dict[str, Any]]:
    """The retry queue, the next attempt first; given up last."""
    sql = (
        f"select * from retry_queue where event_id in (select event_id from events where {read.LIVE}) "  # noqa: S608  # see LIVE
        "order by gave_up, next_attempt, event_id"
    )
    return reading.rows(connection, sql)


def _age(seconds: int) -> str:
    if seconds < -_AHEAD.total_seconds():
        return "which is in the future: a clock was set back"
    hours, rest = divmod(max(seconds, 0), 3600)
    return f"{hours // 24} d {hours % 24} h ago" if hours >= 48 else f"{hours} h {rest // 60} min ago"


def _stamp(moment: dt.datetime | None) -> str | None:
    return stamp(moment) if moment else None
