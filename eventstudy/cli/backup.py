"""``eventstudy backup``."""

from __future__ import annotations

from pathlib import Path

import click

from eventstudy.cli import common
from eventstudy.cli.common import config_option, configured_database


@click.command("backup")
@config_option
@click.option(
    "--to", "folder", type=click.Path(path_type=Path, file_okay=False), help="Folder. [default: backups, beside it]"
)
@click.option("--keep", type=click.IntRange(min=1), default=7, show_default=True, help="Copies to keep there.")
def command(config_path: Path, folder: Path | None, keep: int) -> None:
    """Copy the database, prove the copy sound, and keep the newest few; safe while a pass runs."""
    from eventstudy.store import backup

    database = configured_database(config_path)
    target = backup.back_up(database, folder or database.with_name("backups"), keep=keep, now=common.utc_now())
    click.echo(str(target))
