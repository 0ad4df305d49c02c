"""``eventstudy restore``."""

from __future__ import annotations

from pathlib import Path

import click

from eventstudy.cli import common
from eventstudy.cli.common import config_option, configured_database


@click.command("restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@config_option
@click.option("--dry-run", is_flag=True, help="Prove the backup sound and touch nothing.")
def command(file: Path, config_path: Path, dry_run: bool) -> None:
    """Put a backup in the place of the database; what was there is kept beside it.

    Refused with exit code 4 while a pass runs.
    """
    from eventstudy import ledger
    from eventstudy.store import backup

    database = configured_database(config_path)
    events = backup.verify(file)
    if dry_run:
        click.echo(f"{file} is sound: {events} events; it would replace {database}")
        return
    with ledger.lock(database):
        kept = backup.restore(file, database, now=common.utc_now())
    click.echo(f"{database} is now {file}: {events} events")
    if kept:
        click.echo(f"What was there is kept as {kept}")
