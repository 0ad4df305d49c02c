"""``eventstudy doctor``."""

from __future__ import annotations

import os
import sqlite3
import sys
import zoneinfo
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eventstudy.cli.common import config_option, emit_json, json_option, utc_now
from eventstudy.errors import EventStudyError
from eventstudy.instants import stamp

if TYPE_CHECKING:
    from eventstudy.config.model import Config

# Below this SQLite can corrupt a database in WAL mode that two connections write, or fold the log of, at once
# (sqlite.org/wal.html). Ours do so one at a time.
SAFE_WAL = (3, 51, 3)
# The first SQLite with STRICT tables.
OLDEST = (3, 37, 0)

Check = tuple[str, str, str]  # (name, "ok" | "note" | "bad", what was found)


@click.command("doctor")
@config_option
@json_option
def command(config_path: Path, as_json: bool) -> None:
    """Check the installation, the settings and the database; changes nothing. Exit code 1 when something is bad."""
    checks: list[Check] = [_sqlite(), _zones(), *_names(), *_plugins()]
    config = None
    try:
        from eventstudy.config.load import load_config
        from eventstudy.events.build import from_config

        config = load_config(config_path)
        studied = sum(event.kind != "context" for event in from_config(config, config_path.name))
        checks.append(("settings", "ok", f"{config_path}: {len(config.all_studies)} studies, {studied} events"))
    except EventStudyError as error:
        checks += [("settings", "bad", line) for line in str(error).splitlines()]
    checks.append(_guard("ECB rates", _ecb))
    if config is not None:
        checks += _feeds(config, config_path.name)
        checks += _bars(config)
        database, reports = config.database, config.reports
        checks.append(_guard("database", lambda: _database(database)))
        checks.append(_guard("its log", lambda: _log(database)))
        checks.append(_guard("its folder", lambda: _writable(database.parent, "database")))
        checks.append(_guard("pages", lambda: _writable(reports, "reports")))
        checks.append(_guard("last run", lambda: _heartbeat(database)))
    if as_json:
        emit_json(
            {
                "schema": "eventstudy.doctor/1",
                "checks": [dict(zip(("name", "state", "found"), c, strict=True)) for c in checks],
            }
        )
    else:
        for name, state, found in checks:
            click.echo(f"{state:4}  {name}: {found}")
    sys.exit(1 if any(state == "bad" for _, state, _ in checks) else 0)


def _guard(name: str, check: Callable[[], tuple[str, str]]) -> Check:
    try:
        return (name, *check())
    except (EventStudyError, OSError, sqlite3.Error) as error:
        return (name, "bad", str(error))


def _sqlite() -> Check:
    found = sqlite3.sqlite_version
    if sqlite3.sqlite_version_info < OLDEST:
        return ("SQLite", "bad", f"{found} has no STRICT tables; use a Python built with 3.37 or newer")
    if sqlite3.sqlite_version_info < SAFE_WAL:
        return ("SQLite", "ok", f"{found}; let no other program write to the database (safe from 3.51.3 on)")
    return ("SQLite", "ok", found)


def _zones() -> Check:
    try:
        zoneinfo.ZoneInfo("America/New_York")
    except zoneinfo.ZoneInfoNotFoundError:
        return ("time zones", "bad", "no tz database; install the package tzdata")
    return ("time zones", "ok", "present")


def _names() -> list[Check]:
    """Another distribution installs its files into the folder that ours are in."""
    import importlib.metadata

    try:
        found = importlib.metadata.version("eventstudy")
    except importlib.metadata.PackageNotFoundError:
        return []
    remedy = "uninstall both, then install eventstudy-service again"
    return [("names", "bad", f"another distribution, eventstudy {found}, has its files among ours; {remedy}")]


def _plugins() -> list[Check]:
    """What other distributions bring, and whether it can be loaded."""
    import importlib.metadata

    checks: list[Check] = []
    found = importlib.metadata.entry_points()
    for group in sorted(group for group in found.groups if group.startswith("eventstudy.")):
        for entry in found.select(group=group):
            name = f"{group.removeprefix('eventstudy.').removesuffix('s')} {entry.name}"
            origin = f"{entry.dist.name} {entry.dist.version}" if entry.dist else entry.value
            try:
                entry.load()
            except Exception as error:  # noqa: BLE001  # whatever a plug-in stumbles over is told of
                checks.append(("plug-in", "bad", f"{name}, of {origin}: {type(error).__name__}: {error}"))
            else:
                checks.append(("plug-in", "ok", f"{name}, of {origin}"))
    return checks


def _ecb() -> tuple[str, str]:
    import datetime as dt

    from eventstudy.prices.ecb import EcbSource

    source = EcbSource()
    found = source.fetch("EURUSD", dt.date(1999, 1, 1), dt.date.max.replace(year=2100))
    return "ok", f"{source.version}: {found.sessions.size} sessions, {found.sessions[0]} to {found.sessions[-1]}"


def _database(path: Path) -> tuple[str, str]:
    from eventstudy.database import files, reading
    from eventstudy.store import backup

    files.refuse_loss(path)
    if not path.exists():
        return "note", f"{path} does not exist yet; `eventstudy run` makes it"
    backup.verify(path)
    connection = reading.connect(path, seconds=reading.QUERY_SECONDS)
    try:
        counts = [
            connection.execute(f"select count(*) from {table}").fetchone()[0]  # noqa: S608  # three names of ours
            for table in ("events", "analyses", "bars")
        ]
    finally:
        connection.close()
    return "ok", f"{path}: {counts[0]} events, {counts[1]} analyses, {counts[2]} prices; integrity ok"


def _log(path: Path) -> tuple[str, str]:
    from eventstudy.database import faults

    said, is_large = faults.words_of_log(path)
    return "note" if is_large else "ok", said


def _feeds(config: Config, file: str) -> list[Check]:
    """Every feed, as far as it can be read without a network."""
    from eventstudy.store.sync import gather

    if not config.feeds:
        return []
    try:
        gathered = gather(config, utc_now(), file=file)
    except EventStudyError as error:
        return [("feeds", "bad", str(error))]
    wrong: list[Check] = [("feeds", "bad", line) for error in gathered.problems for line in str(error).splitlines()]
    return wrong or [("feeds", "ok", f"{len(config.feeds)} feeds, {len(gathered.events)} events in all")]


def _bars(config: Config) -> list[Check]:
    """Bars of studies by the minute that nothing keeps before their source drops them."""
    from jobs.minutes.capture_plan import WALL_DAYS
    from jobs.minutes.standing_plan import not_collected

    found: list[Check] = []
    for source, bar in not_collected(config):
        wall = f"{source} serves bars of {bar} for {WALL_DAYS[bar]} days only, and a study compares with more sessions"
        found.append(("bars", "note", f"{wall}; collect them as they come: `captures: standing: [{bar}]`"))
    return found


def _writable(folder: Path, key: str) -> tuple[str, str]:
    existing = next(p for p in (folder, *folder.resolve().parents) if p.exists())
    if not existing.is_dir():
        return "bad", f"{existing} is a file, not a folder; move it away, or change `{key}:`"
    if not os.access(existing, os.W_OK):
        return "bad", f"{folder} cannot be written; change its rights, or `{key}:`"
    return "ok", f"{folder} can be written"


def _heartbeat(database: Path) -> tuple[str, str]:
    from eventstudy.store import heartbeat

    beat = heartbeat.heartbeat(database)
    if beat is None:
        return "note", "none yet"
    why = f": {beat.reason}" if beat.reason else ""
    return "bad" if beat.status == "failed" else "ok", f"{stamp(beat.finished_at)}, {beat.status}{why}"
