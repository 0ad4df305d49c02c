"""``eventstudy bundle``."""

from __future__ import annotations

from pathlib import Path

import click

from eventstudy.cli.common import (
    NewFile,
    config_option,
    configured_database,
    db_option,
    dry_option,
    emit_json,
    json_option,
    printable,
    progress,
    rehearsed,
)


@click.command("bundle")
@click.argument("name", metavar="EVENT|STUDY")
@config_option
@db_option
@click.option(
    "-o",
    "--output",
    type=NewFile(),
    metavar="FILE",
    help="The file.  [default: EVENT.zip]",
)
@dry_option
@json_option
def command(
    name: str, config_path: Path, database: Path | None, output: Path | None, dry_run: bool, as_json: bool
) -> None:
    """Pack results with all that they rest on into one file.

    It holds settings, prices with their history, results and the versions that computed them, of one event or of all
    events of a study; `eventstudy reproduce FILE` computes them again, anywhere. That this holds is proven before the
    file is written.

    \b
    eventstudy bundle xi-visits-russia-2023 -o xi.zip
    """  # noqa: D301  # click wants the character itself
    from jobs import bundles

    output = output or Path(f"{name}.zip")
    talk = progress()
    with rehearsed(output, dry_run=dry_run) as place:
        made = bundles.bundle(database or configured_database(config_path), name, place, talk)
        talk("")
        size = place.stat().st_size
    if as_json:
        emit_json(
            {
                "schema": "eventstudy.bundled/1",
                "file": str(output),
                "bytes": size,
                "values": made.n_values,
                "dry_run": dry_run,
            }
        )
    else:
        click.echo(printable(f"{output}: {size / 1e6:.1f} MB, {made.n_values:,} values, computed again and equal"))
