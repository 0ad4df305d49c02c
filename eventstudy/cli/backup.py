"""``eventstudy backup``."""

from __future__ import annotations

from pathlib import Path

import click

from eventstudy.cli import common
from eventstudy.cli.common import config_option, configured_database, emit_json, json_option


@click.command("backup")
@config_option
@click.option(
    "--to", "folder", type=click.Path(path_type=Path, file_okay=False), help="Folder. [default: backups, beside it]"
)
@click.option("--keep", type=click.IntRange(min=1), default=7, show_default=True, help="Copies to keep there.")
@click.option("--dry-run", is_flag=True, help="Prove the database sound, and say what would be written and dropped.")
@json_option
def command(config_path: Path, folder: Path | None, keep: int, dry_run: bool, as_json: bool) -> None:
    """Copy the database, prove the copy sound, and keep the newest few; safe while a pass runs."""
    from eventstudy.store import backup

    database = configured_database(config_path)
    folder, now = folder or database.with_name("backups"), common.utc_now()
    if dry_run:
        events = backup.verify(database)
        target, dropped = backup.planned(database.resolve(), folder, keep=keep, now=now)
    else:
        target, dropped = backup.back_up(database, folder, keep=keep, now=now)
    size = (database if dry_run else target).stat().st_size
    if as_json:
        names = [str(path) for path in dropped]
        made = {"file": str(target), "bytes": size, "dropped": names, "dry_run": dry_run}
        emit_json({"schema": "eventstudy.backup/1", **made})
    elif dry_run:
        click.echo(f"{database} is sound: {events} events, {size / 1e6:.1f} MB; its copy would be {target}")
        for path in dropped:
            click.echo(f"would be dropped: {path}")
    else:
        click.echo(str(target))
