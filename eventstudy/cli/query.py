"""``eventstudy query``. Imports the standard library and click only: it must answer at once."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

import click

from eventstudy.cli.common import config_option, configured_database, emit_json, table
from eventstudy.database import reading


@click.command("query")
@click.argument("sql", required=False)
@config_option
@click.option(
    "--db", "database", type=click.Path(path_type=Path, dir_okay=False), help="The database, instead of the settings'."
)
@click.option(
    "--format",
    "style",
    type=click.Choice(["table", "csv", "json"]),
    default="table",
    show_default=True,
    help="Of the answer.",
)
@click.option("--json", "as_json", is_flag=True, help="Short for --format json.")
@click.option("--limit", type=click.IntRange(min=1), help="Most rows to show.")
def command(
    sql: str | None, config_path: Path, database: Path | None, style: str, as_json: bool, limit: int | None
) -> None:
    """Ask the results database in SQL; reads only. A bare name shows a whole table; nothing at all lists the names.

    \b
    eventstudy query reactions --limit 20
    eventstudy query "select event_id, asset, car, t from reactions where abs(t) > 2 and is_primary"
    """  # noqa: D301  # click wants the character itself
    path = database or configured_database(config_path)
    if sql is None:
        answer = reading.Table(("name",), tuple((name,) for name in reading.names(path)))
    else:
        answer = reading.query(path, sql, limit)
    if as_json or style == "json":
        # SQLite knows infinity, JSON does not
        rows = [
            {
                name: None if value in (math.inf, -math.inf) else value
                for name, value in zip(answer.columns, row, strict=True)
            }
            for row in answer.rows
        ]
        emit_json({"schema": "eventstudy.query/1", "columns": answer.columns, "rows": rows})
    elif style == "csv":
        buffer = io.StringIO()
        writer = csv.writer(buffer, lineterminator="\n")
        writer.writerow(answer.columns)
        writer.writerows(answer.rows)
        click.echo(buffer.getvalue(), nl=False)
    else:
        numbers = {
            name
            for i, name in enumerate(answer.columns)
            if all(isinstance(row[i], (int, float, type(None))) for row in answer.rows)
        }
        click.echo(table(answer.columns, answer.rows, right=tuple(numbers)))
