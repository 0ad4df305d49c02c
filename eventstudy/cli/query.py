"""``eventstudy query``. Imports the standard library and click only: it must answer at once."""

from __future__ import annotations

import csv
import itertools
import json
import math
import os
import sys
import textwrap
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from eventstudy.cli.common import config_option, configured_database, table
from eventstudy.database import reading
from eventstudy.errors import InputError

# Rows of a table, whose columns are as wide as their widest value: on a terminal, and elsewhere; and bytes of text.
ON_TERMINAL = 1_000
ELSEWHERE = 100_000
TABLE_BYTES = 100_000_000
# One step of SQLite's can take any time, and cannot be broken off; after this many seconds more the process ends.
_GRACE = 2.0


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
@click.option(
    "--timeout",
    "seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=reading.QUERY_SECONDS,
    show_default=True,
    metavar="SECONDS",
    help="Exit with 1 when the answer takes longer.",
)
def command(
    sql: str | None,
    config_path: Path,
    database: Path | None,
    style: str,
    as_json: bool,
    limit: int | None,
    seconds: float,
) -> None:
    """Ask the results database in SQL; reads only. A bare name shows a whole table; nothing at all lists the names.

    A table shows 1,000 rows on a terminal unless --limit is given; csv and json come row by row, however many.

    \b
    eventstudy query reactions --limit 20
    eventstudy query "select event_id, asset, car, t from reactions where abs(t) > 2 and is_primary"
    """  # noqa: D301  # click wants the character itself
    path = database or configured_database(config_path)
    if sql is None:
        names = iter([(name,) for name in reading.names(path)])
        _show(reading.Answer(("name",), names), "json" if as_json else style, limit)
        return
    watch = threading.Timer(seconds + _GRACE, _end, [seconds])
    watch.daemon = True
    watch.start()
    try:
        with reading.select(path, sql, seconds=seconds) as answer:
            _show(answer, "json" if as_json else style, limit)
    finally:
        watch.cancel()


def _end(seconds: float) -> None:
    click.echo(f"Error: {reading.late(seconds)}", err=True)
    os._exit(1)


def _show(answer: reading.Answer, style: str, limit: int | None) -> None:
    rows = itertools.islice(answer.rows, limit)
    if style == "json":
        _show_json(answer.columns, rows)
    elif style == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(answer.columns)
        writer.writerows(rows)
    else:
        most = limit or (ON_TERMINAL if sys.stdout.isatty() else ELSEWHERE)
        shown = list(itertools.islice(_bounded(rows), most))
        numbers = {
            name
            for i, name in enumerate(answer.columns)
            if all(isinstance(row[i], (int, float, type(None))) for row in shown)
        }
        click.echo(table(answer.columns, shown, right=tuple(numbers)))
        if limit is None and next(rows, None) is not None:
            click.echo(f"The first {most:,} rows; --limit N shows more, --format csv all of them.", err=True)


def _show_json(columns: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> None:
    """One object, written row by row."""
    head = json.dumps({"schema": "eventstudy.query/1", "columns": columns}, ensure_ascii=False, indent=2)
    click.echo(f'{head[:-2]},\n  "rows": [', nl=False)
    separator = "\n"
    for row in rows:
        # SQLite knows infinity, JSON does not
        values = [None if value in (math.inf, -math.inf) else value for value in row]
        one = json.dumps(dict(zip(columns, values, strict=True)), ensure_ascii=False, indent=2, default=str)
        click.echo(separator + textwrap.indent(one, "    "), nl=False)
        separator = ",\n"
    click.echo("]\n}" if separator == "\n" else "\n  ]\n}")


def _bounded(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """The rows, refused where they get too long to be laid out."""
    size = 0
    for row in rows:
        size += sum(len(value) for value in row if isinstance(value, (str, bytes)))
        if size > TABLE_BYTES:
            raise InputError("the answer is too long for a table", where="query", remedy="use --format csv, or --limit")
        yield row
