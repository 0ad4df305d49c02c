"""``eventstudy export``: whole tables as files, each with what its columns mean."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from eventstudy.cli.common import NewFile, config_option, configured_database, db_option, dry_option, rehearsed
from eventstudy.cli.export_site import write_site
from eventstudy.cli.export_table import PRICES, PRICES_QUERY, Wanted, write_table
from eventstudy.cli.query import deadline_option, narrowing, style_of, values_for
from eventstudy.database import reading
from eventstudy.store.queries import EXPORTS
from eventstudy.tables.write import FORMATS

SITE = "site"


@click.command("export")
@click.argument("what", type=click.Choice([*EXPORTS, PRICES, SITE]))
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False), metavar="[DIR]")
@config_option
@db_option
@click.option("--format", "style", type=click.Choice(list(FORMATS)), help="Of the file.  [default: as it is called]")
@click.option("-o", "--output", type=NewFile(), metavar="FILE", help="The file.")
@click.option("--columns", metavar="A,B,…", help="Columns, in this order.  [default: all]")
@click.option("--stars", "is_starred", is_flag=True, help="Add a column of stars: p below 0.1, 0.05, 0.01.")
@dry_option
@deadline_option(reading.READ_SECONDS)
@narrowing
def command(
    what: str,
    folder: Path | None,
    config_path: Path,
    database: Path | None,
    style: str | None,
    output: Path | None,
    columns: str | None,
    is_starred: bool,
    dry_run: bool,
    seconds: float,
    **options: Any,
) -> None:
    """Write reactions, days, collections, studies with all tests, or prices to a file; or a site to a folder.

    The meanings, and the terms of use of the prices, stand beside it in FILE.columns.csv; in a workbook on a sheet of
    their own.

    \b
    eventstudy export reactions --asset dollar-index --since 2022 -o dollar.xlsx
    eventstudy export collections --columns title,n_events,caar,p_adjusted --stars -o table.tex
    eventstudy export study --study relative -o tests.xlsx
    eventstudy export site public/
    """  # noqa: D301  # click wants the character itself
    path = database or configured_database(config_path)
    if what == SITE:
        if folder is None or output is not None:
            raise click.UsageError("a site is written to a folder: eventstudy export site DIR")
        write_site(path, config_path, folder, seconds, dry_run=dry_run)
        return
    if folder is not None:
        raise click.UsageError(f"{folder} is one argument too many; a file is named by -o")
    if output is None:
        raise click.UsageError("Missing option '-o' / '--output'")
    query = EXPORTS.get(what, PRICES_QUERY)
    given = values_for(query, options)
    with rehearsed(output, dry_run=dry_run) as place:
        write_table(path, query, place, style or style_of(output), Wanted(given, columns, is_starred), seconds)
