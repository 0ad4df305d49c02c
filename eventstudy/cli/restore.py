"""``eventstudy restore``."""

from __future__ import annotations

from pathlib import Path

import click

from eventstudy.cli import common
from eventstudy.cli.common import config_option, configured_database, emit_json, json_option, printable


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False), required=False)
@config_option
@click.option("--dry-run", is_flag=True, help="Prove the backup sound and touch nothing.")
@json_option
def command(file: Path | None, config_path: Path, dry_run: bool, as_json: bool) -> None:
    """Put a backup in the place of the database; what was there is kept beside it.

    Without FILE the newest sound backup is taken, from the folder of the settings or `backups` beside the database.
    Refused with exit code 4 while a pass runs.
    """
    from eventstudy.store import backup, ledger

    database = configured_database(config_path)
    if file is None:
        file, unsound = backup.newest_sound(database, _folder(config_path, database))
        for reason in unsound:
            click.echo(printable(f"passed over: {reason}"), err=True)
    events = backup.verify(file)
    kept = None
    if not dry_run:
        with ledger.lock(database):
            kept = backup.restore(file, database, now=common.utc_now())
    if as_json:
        done = {"database": str(database), "file": str(file), "events": events, "kept": kept and str(kept)}
        emit_json({"schema": "eventstudy.restore/1", **done, "dry_run": dry_run})
    elif dry_run:
        click.echo(f"{file} is sound: {events} events; it would replace {database}")
    else:
        click.echo(f"{database} is now {file}: {events} events")
        if kept:
            click.echo(f"What was there is kept as {kept}")


def _folder(config_path: Path, database: Path) -> Path:
    """Where backups are made; the settings may have none, or be gone with the machine."""
    if config_path.exists():
        from eventstudy.config.load import load_config

        if (settings := load_config(config_path).backups) is not None:
            return settings.folder
    return database.with_name("backups")
