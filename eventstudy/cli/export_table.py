"""One table of the results database as a file, with what its columns mean."""

from __future__ import annotations

import contextlib
import functools
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import click

from eventstudy.cli.common import printable, progress
from eventstudy.cli.query import chosen, kinds, written_to
from eventstudy.database import reading
from eventstudy.errors import InputError
from eventstudy.store import content, near
from eventstudy.store.queries import NamedQuery
from eventstudy.tables.write import FORMATS, TERMS

PRICES = "prices"
ROWS_TOLD = 5000
PRICES_QUERY = NamedQuery(name=PRICES, words="Daily bars as they are known now.", sql="", table="bars")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of a table is written: by its options, some of its columns, with stars, and with a note below it."""

    given: Mapping[str, Any] = field(default_factory=dict)
    columns: str | None = None
    is_starred: bool = False
    note: str = ""
    terms: tuple[str, ...] = ()


def write_table(path: Path, query: NamedQuery, output: Path, style: str, wanted: Wanted, seconds: float) -> None:
    """Write one table of the database at `path`, and beside it what its columns mean where the form has no place."""
    with _answer(path, query, dict(wanted.given), seconds) as answer:
        found = (answer.columns, answer.rows)
        is_empty = put_table(query, found, output, style, replace(wanted, terms=_terms(path)))
    if is_empty:
        told = near.unknown(path, dict(wanted.given)) if query is not PRICES_QUERY else ""
        click.echo(printable(told) or "No rows.", err=True)


def put_table(
    query: NamedQuery,
    found: tuple[Sequence[str], Iterator[Sequence[Any]]],
    output: Path,
    style: str,
    wanted: Wanted,
) -> bool:
    """Write columns and rows, which mean what those of `query` mean; return whether there was no row."""
    form, (names, rows) = FORMATS[style], found
    note = wanted.note
    if wanted.columns is not None:
        names, rows = chosen(names, rows, [name.strip() for name in wanted.columns.split(",")])
    about = [(name, query.unit(name), query.meaning(name)) for name in names]
    if wanted.is_starred:
        p = _p_of(names)
        stars = f"*, ** and ***: {p} below 0.1, 0.05 and 0.01."
        names, rows = [*names, "stars"], _starred(rows, names.index(p))
        about.append(("stars", "", stars))
        note = f"{stars} {note}".strip()
    about += [(TERMS, "", words) for words in wanted.terms]
    first = next(rows, None)
    every = rows if first is None else itertools.chain([first], rows)
    with written_to(output) as file:
        form.write(names, _told(every), kinds(query, names), file, about, note)
    if not form.has_sheets:
        with written_to(output.with_name(f"{output.name}.columns.csv")) as file:
            FORMATS["csv"].write(("column", "unit", "meaning"), about, {}, file)
    return first is None


def _told(rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    """The rows, and how many there were so far on a terminal; nobody knows how many a query will give."""
    talk = progress()
    for n, row in enumerate(rows, 1):
        if n % ROWS_TOLD == 0:
            talk(f"{n:,} rows")
        yield row
    talk("")


def _terms(path: Path) -> tuple[str, ...]:
    """The terms of use of the prices that the database holds, on which all in it rests."""
    from eventstudy.report.cells import terms

    with contextlib.closing(reading.connect(path)) as connection:
        return terms(reading.rows(connection, "select distinct source, version from snapshots"))


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
def _answer(path: Path, query: NamedQuery, given: dict[str, Any], seconds: float) -> Iterator[reading.Answer]:
    if query is PRICES_QUERY:
        yield _prices(path)
        return
    check = functools.partial(content.checked, event_id=query.only_event(given))
    with reading.select(path, query.statement(given), given, seconds=seconds, check=check) as answer:
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
