"""``eventstudy demo``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from eventstudy.cli.common import emit_json, json_option, outcome_json, packaged_config, progress, tell, utc_now


@click.command("demo")
@click.option(
    "--dir",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("var"),
    show_default=True,
    help="The only folder that is written to.",
)
@click.option("--dry-run", is_flag=True, help="Show what would be done, why, and what it costs; touch nothing.")
@json_option
def command(folder: Path, dry_run: bool, as_json: bool) -> None:
    """Study ten announcements on bundled ECB rates; needs no config and no network.

    Prints a table of reactions and the paths of the report, of the index of all reports and of the database.
    """
    from eventstudy.cli.run import planned, show_plan
    from eventstudy.config.load import load_config
    from eventstudy.store.sync import gather
    from jobs import nightly

    path = packaged_config()
    shipped = load_config(path, environ={})
    config = shipped.model_copy(update={"database": folder / "eventstudy.db", "reports": folder / "reports"})
    gathered = gather(config, utc_now(), file=path.name)
    if dry_run:
        show_plan(planned(config, gathered.events), as_json=as_json)
        return
    talk = progress()
    result = nightly.run(config, gathered.events, now=utc_now, trigger="demo", gathered=gathered, talk=talk)
    talk("")
    if as_json:
        emit_json(outcome_json(result, config.database))
    else:
        tell(result, config.database)
        click.echo(f"\nReport:   {result.pages.get('xi-visits-russia-2023', 'could not be written')}")
        click.echo(f"All:      {result.pages['']}")
        click.echo(f"Database: {config.database}")
    sys.exit(result.exit_code)
