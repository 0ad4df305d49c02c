"""``eventstudy export``: whole tables as files, each with what its columns mean."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from eventstudy.cli.common import config_option, configured_database, db_option, printable, progress
from eventstudy.cli.query import chosen, deadline_option, kinds, narrowing, style_of, values_for, written_to
from eventstudy.database import reading
from eventstudy.errors import InputError
from eventstudy.store import content, near, queries
from eventstudy.store.queries import EXPORTS, NamedQuery
from eventstudy.tables.write import FORMATS, TERMS

PRICES = "prices"
ROWS_TOLD = 5000


@click.command("export")
@click.argument("what", type=click.Choice([*EXPORTS, PRICES]))
@config_option
@db_option
@click.option("--format", "style", type=click.Choice(list(FORMATS)), help="Of the file.  [default: as it is called]")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", required=True, help="The file."
)
@click.option("--columns", metavar="A,B,…", help="Columns, in this order.  [default: all]")
@click.option("--stars", "is_starred", is_flag=True, help="Add a column of stars: p below 0.1, 0.05, 0.01.")
@deadline_option(reading.READ_SECONDS)
@narrowing
def command(
    what: str,
    config_path: Path,
    database: Path | None,
    style: str | None,
    output: Path,
    columns: str | None,
    is_starred: bool,
    seconds: float,
    **options: Any,
) -> None:
    """Write reactions, days, collections, studies with all tests, or prices to a file.

    The meanings, and the terms of use of the prices, stand beside it in FILE.columns.csv; in a workbook on a sheet of
    their own.

    \b
    eventstudy export reactions --asset dollar-index --since 2022 -o dollar.xlsx
    eventstudy export collections --columns title,n_events,caar,p_adjusted --stars -o table.tex
    eventstudy export study --study relative -o tests.xlsx
    """  # noqa: D301  # click wants the character itself
    path = database or configured_database(config_path)
    form = FORMATS[style or style_of(output)]
    query = EXPORTS.get(what, queries.of_table("bars"))
    given = values_for(query if what != PRICES else NamedQuery(name=PRICES, words="", sql=""), options)
    with _answer(what, path, query, given, seconds) as answer:
        names: Sequence[str] = answer.columns
        rows: Iterator[Sequence[Any]] = answer.rows
        if columns is not None:
            names, rows = chosen(names, rows, [name.strip() for name in columns.split(",")])
        about = [(name, query.unit(name), query.meaning(name)) for name in names]
        if is_starred:
            p = _p_of(names)
            names, rows = [*names, "stars"], _starred(rows, names.index(p))
            about.append(("stars", "", f"*, ** and ***: {p} below 0.1, 0.05 and 0.01."))
        first = next(rows, None)
        talk = progress()
        about += [(TERMS, "", words) for words in _terms(path)]
        with written_to(output) as file:
            every = itertools.chain([] if first is None else [first], rows)
            form.write(names, _told(every, talk), kinds(query, names), file, about)
    if first is None:
        click.echo(printable(near.unknown(path, given) if what != PRICES else "") or "No rows.", err=True)
    if not form.has_sheets:
        with written_to(output.with_name(f"{output.name}.columns.csv")) as file:
            FORMATS["csv"].write(("column", "unit", "meaning"), about, {}, file)


def _terms(path: Path) -> tuple[str, ...]:
    """The terms of use of the prices that the database holds, on which all in it rests."""
    from eventstudy.report.cells import terms

    with contextlib.closing(reading.connect(path)) as connection:
        return terms(reading.rows(connection, "select distinct source, version from snapshots"))


def _told(rows: Iterable[Sequence[Any]], talk: Callable[[str], None]) -> Iterator[Sequence[Any]]:
    """The rows, and how many there were so far on a terminal; nobody knows how many a query will give."""
    for n, row in enumerate(rows, 1):
        if n % ROWS_TOLD == 0:
            talk(f"{n:,} rows")
        yield row
    talk("")


def _p_of(names: Sequence[str]) -> str:
    """The column that stars go by: the adjusted p where there is one."""
    found = next((name for name in ("p_adjusted", "p_value", "p") if name in names), None)
    if found is None:
        raise click.UsageError("--stars needs a column p_adjusted, p_value or p.")
    return found


def _starred(rows: Iterator[Sequence[Any]], place: int) -> Iterator[Sequence[Any]]:
    for row in rows:
        p = row[place]
        yield (*row, "" if p is None else "*" * ((p < 0.1) + (p < 0.05) + (p < 0.01)))


@contextlib.contextmanager
def _answer(
    what: str, path: Path, query: NamedQuery, given: dict[str, Any], seconds: float
) -> Iterator[reading.Answer]:
    if what == PRICES:
        yield _prices(path)
        return
    with reading.select(path, query.statement(given), given, seconds=seconds, check=content.checked) as answer:
        yield answer


def _prices(path: Path) -> reading.Answer:
    """The daily bars of every series as they are known now: revised, and rebased."""
    from eventstudy.archive import read as archive

    with archive.reading(path) as connection:
        keys = [key for key in archive.series(connection) if key[2] == "1d"]
        found = {key: archive.rows_of(archive.bars_of(connection, key, None), "1d") for key in keys}
    if not found:
        raise InputError("there are no prices", where=PRICES, remedy="`eventstudy prices pull` asks for them")
    names = [name if name != "priced_at" else "instant" for name in next(iter(found.values()))[0]]
    rows = ((key[0], key[1], *row.values()) for key, bars in found.items() for row in bars)
    return reading.Answer(("source", "symbol", *names), rows)
