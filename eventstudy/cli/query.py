"""``eventstudy query``. Imports the standard library and click only: it must answer at once."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import itertools
import os
import re
import sys
import textwrap
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import click

from eventstudy.atomic import replacing
from eventstudy.cli.common import NewFile, config_option, configured_database, db_option, emit_json, printable, table
from eventstudy.database import reading, units
from eventstudy.errors import InputError
from eventstudy.hints import hint
from eventstudy.store import content, queries
from eventstudy.store.queries import QUERIES, NamedQuery
from eventstudy.tables.write import FORMATS, shown

# Rows of a table, whose columns are as wide as their widest value: on a terminal, and elsewhere; and bytes of text.
ON_TERMINAL = 1_000
ELSEWHERE = 100_000
TABLE_BYTES = 100_000_000
# One step of SQLite's can take any time, and cannot be broken off; after this many seconds more the process ends.
_GRACE = 2.0
_DAY = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
_HAS_QUERIES = re.compile(r"^[\"']?queries[\"']?\s*:", re.MULTILINE)
_WINDOW = re.compile(r"(-?\d{1,5}):(-?\d{1,5})")


def _day(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> str | None:
    """A year, a month or a day, as instants in the database begin."""
    if value is not None:
        try:
            dt.date.fromisoformat(f"{value}-01-01"[:10] if _DAY.fullmatch(value) else "")
        except ValueError:
            raise click.BadParameter(f"{value!r} is no date; write for example 2022, 2022-03 or 2022-03-17") from None
    return value


def _window(_ctx: click.Context, _parameter: click.Parameter, value: str | None) -> tuple[int, int] | None:
    if value is None:
        return None
    found = _WINDOW.fullmatch(value)
    if not found:
        raise click.BadParameter(f"{value!r} is no window; write for example 0:1")
    return int(found[1]), int(found[2])


def _assignments(_ctx: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, Any]:
    """Split NAME=VALUE; what is written like a number is one, as SQLite would have it."""
    out: dict[str, Any] = {}
    for text in values:
        name, is_given, value = text.partition("=")
        if not is_given or not name.isidentifier():
            raise click.BadParameter(f"{text!r} is not NAME=VALUE, for example least=2.5")
        out[name] = _number(value)
    return out


def _number(value: str) -> Any:
    for kind in (int, float):
        with contextlib.suppress(ValueError):
            return kind(value)
    return value


_FILTERS = (
    click.option("--event", metavar="ID", help="Of one event."),
    click.option("--asset", metavar="NAME", help="Of one asset."),
    click.option("--study", metavar="ID", help="Of one study."),
    click.option("--kind", metavar="WORD", help="Of events of this kind."),
    click.option("--tag", metavar="TAG", help="Of events with this tag."),
    click.option("--verdict", metavar="WORD", help="With this verdict."),
    click.option("--since", metavar="DATE", callback=_day, help="From a year, month or day on."),
    click.option("--until", metavar="DATE", callback=_day, help="To a year, month or day, all of it included."),
    click.option("--min-t", type=click.FloatRange(min=0), metavar="T", help="With |t| of at least that."),
    click.option("--window", metavar="A:B", callback=_window, help="Over this window: 0:1."),
    click.option(
        "-p",
        "--param",
        "more",
        multiple=True,
        metavar="NAME=VALUE",
        callback=_assignments,
        help="Value of :NAME in a statement; may be repeated.",
    ),
)


def deadline_option(seconds: float) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The option `--timeout`, so many seconds when it is not given."""
    return click.option(
        "--timeout",
        "seconds",
        type=click.FloatRange(min=0, min_open=True),
        default=seconds,
        show_default=True,
        metavar="SECONDS",
        help="Exit with 1 when the answer takes longer.",
    )


def narrowing(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that narrow an answer; `values_for` takes their values."""
    for option in reversed(_FILTERS):
        command = option(command)
    return command


@click.command("query")
@click.argument("sql", required=False, metavar="[NAME|SQL]")
@config_option
@db_option
@click.option(
    "--format",
    "style",
    type=click.Choice(["table", *FORMATS]),
    help="Of the answer.  [default: as the FILE is called, else table]",
)
@click.option("--json", "as_json", is_flag=True, help="Short for --format json.")
@click.option("-o", "--output", type=NewFile(), metavar="FILE", help="Write it there.")
@click.option("--limit", type=click.IntRange(min=1), help="Most rows to show.")
@click.option("--offset", type=click.IntRange(min=0), default=0, help="Rows to pass over first.")
@click.option("--columns", metavar="A,B,…", help="Columns to show, in this order; all of them: all.")
@click.option("--list", "is_list", is_flag=True, help="List the named queries.")
@click.option("--explain", "is_explain", is_flag=True, help="Show the SQL, its plan and what each column means.")
@deadline_option(reading.QUERY_SECONDS)
@narrowing
def command(
    sql: str | None,
    config_path: Path,
    database: Path | None,
    style: str | None,
    as_json: bool,
    output: Path | None,
    limit: int | None,
    offset: int,
    columns: str | None,
    is_list: bool,
    is_explain: bool,
    seconds: float,
    **options: Any,
) -> None:
    """Ask the results database by a named query, or in SQL; reads only.

    NAME is a query of --list, or a table or view; nothing lists these. SQL is a single SELECT.

    On a terminal a table has its most important columns, and 1,000 rows unless --limit is given; csv, json and files
    have all columns, however many rows.

    \b
    eventstudy query strongest --since 2022
    eventstudy query reactions --asset dollar-index --min-t 2 -o moves.xlsx
    eventstudy query "select event_id, asset, car, t from reactions where abs(t) > 2 and is_primary"
    """  # noqa: D301  # click wants the character itself
    style = "json" if as_json else style or style_of(output)
    if is_list:
        _list(config_path, is_json=style == "json")
        return
    path = database or configured_database(config_path)
    if sql is None:
        if is_explain:
            raise click.UsageError("--explain needs a NAME or a statement")
        names = iter([(name,) for name in reading.names(path)])
        _show(
            reading.Answer(("name",), names), style, output, _View(queries.of_table("tables"), limit, offset, columns)
        )
        return
    query = _named(sql.strip(), config_path, path)
    values = values_for(query, options)
    most = limit or query.limit
    watch = threading.Timer(seconds + _GRACE, _end, [seconds])
    watch.daemon = True
    watch.start()
    try:
        if is_explain:
            _explain(path, query, values, seconds, is_json=style == "json")
            return
        statement = query.statement(values, most + offset if most else None)
        with reading.select(
            path,
            statement,
            values,
            seconds=seconds,
            check=functools.partial(content.first_checked, event_id=query.only_event(values)),
        ) as answer:
            is_empty = _show(answer, style, output, _View(query, most, offset, columns)) == 0
        if is_empty:
            from eventstudy.store.near import unknown

            click.echo(printable(unknown(path, options) or "No rows."), err=True)
    finally:
        watch.cancel()


def style_of(output: Path | None) -> str:
    """The form that a file's name asks for; a table without one."""
    if output is None:
        return "table"
    suffix = output.suffix.lower()
    for found in FORMATS.values():
        if suffix in found.suffixes:
            return found.name
    raise click.UsageError(f"what is {output.name} to be? Give --format, or a name that ends in .csv, .xlsx, …")


def _named(text: str, config_path: Path, path: Path) -> NamedQuery:
    """The query of that name, be it ours, of the settings or of a plug-in; else the table, or the statement."""
    if not queries.NAME.fullmatch(text):
        return NamedQuery(name="", words="", sql=text.rstrip(";"))
    ours = {query.name: query for query in QUERIES.ours}
    if text in ours:
        return ours[text]
    saved = _saved(config_path)
    if text in saved:
        return saved[text]
    if text in QUERIES:
        return QUERIES[text]
    tables = {name.lower(): name for name in reading.names(path)}
    if text.lower() in tables:
        return queries.of_table(tables[text.lower()])
    names = [*ours, *saved, *QUERIES.others]
    known = f"known are {', '.join(names)}, and the tables of docs/schema.md"
    remedy = hint(text, [*tables.values(), *names], known)
    raise InputError("there is no such query or table", where="query", value=text, remedy=remedy)


def _saved(config_path: Path) -> dict[str, NamedQuery]:
    """The queries of the settings; what else stands there is not checked, which would take longer than a query."""
    if not config_path.is_file() or not _HAS_QUERIES.search(config_path.read_text("utf-8")):
        return {}
    from eventstudy.config import strict_yaml

    found = strict_yaml.load_file(config_path)
    section = found.get("queries") if isinstance(found, dict) else None
    if section is not None and not isinstance(section, dict):
        raise InputError("not a mapping", where="queries", remedy="write a name, and below it its sql")
    return {str(name): queries.saved(str(name), settings) for name, settings in (section or {}).items()}


def values_for(query: NamedQuery, options: dict[str, Any]) -> dict[str, Any]:
    """The values of the parameters; refused where the query has no use for one, or lacks one."""
    taken = query.parameters
    what = f"the query {query.name}" if query.name else "this statement"
    more: dict[str, Any] = options.pop("more")
    given = {name: value for name, value in options.items() if value is not None}
    for name in given:
        if name not in query.filters and not {name, f"{name}_start"} & set(taken):
            known = ", ".join(f"--{option.replace('_', '-')}" for option in query.filters) or "none"
            raise click.UsageError(f"{what} takes no --{name.replace('_', '-')}; of these options it takes {known}")
    for name in more:
        if name not in taken:
            raise click.UsageError(f"{what} has no parameter :{name}")
    values = {**given, **more}
    if "window" in given:
        values["window_start"], values["window_end"] = given["window"]
        values["window"] = f"{given['window'][0]}:{given['window'][1]}"
    if missing := [name for name in taken if name not in values]:
        raise click.UsageError(f"{what} needs a value: -p {missing[0]}=VALUE")
    return values


def _end(seconds: float) -> None:
    click.echo(f"Error: {reading.late(seconds)}", err=True)
    os._exit(1)


@dataclass(frozen=True, slots=True)
class _View:
    """What of an answer is shown."""

    query: NamedQuery
    limit: int | None
    offset: int
    columns: str | None

    def of(self, answer: reading.Answer) -> tuple[tuple[str, ...], Iterator[Sequence[Any]]]:
        """The columns and rows that were asked for."""
        rows = itertools.islice(answer.rows, self.offset, None if self.limit is None else self.offset + self.limit)
        if self.columns in (None, "all"):
            return answer.columns, rows
        return chosen(answer.columns, rows, [name.strip() for name in str(self.columns).split(",")])


def chosen(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], names: Sequence[str]
) -> tuple[tuple[str, ...], Iterator[Sequence[Any]]]:
    """These columns of an answer, in their order; an InputError when there is no such column."""
    if unknown := next((name for name in names if name not in columns), None):
        remedy = hint(unknown, columns, f"there are {', '.join(columns)}")
        raise InputError("no such column", where="--columns", value=unknown, remedy=remedy)
    places = [columns.index(name) for name in names]
    return tuple(names), ([row[place] for place in places] for row in rows)


def _show(answer: reading.Answer, style: str, output: Path | None, view: _View) -> int:
    """Write what was asked for; return how many rows were seen."""
    columns, found = view.of(answer)
    counter = itertools.count()
    rows = (row for row, _ in zip(found, counter, strict=False))
    _write(columns, rows, style, output, view)
    return next(counter)


def _write(
    columns: tuple[str, ...], rows: Iterator[Sequence[Any]], style: str, output: Path | None, view: _View
) -> None:
    if output is not None and str(output) != "-":
        with written_to(output) as file:
            if style == "table":
                file.write(f"{_table(columns, list(_bounded(rows)))}\n".encode())
            else:
                FORMATS[style].write(columns, rows, kinds(view.query, columns), file)
        return
    if style == "table":
        _show_table(columns, rows, view)
        return
    pieces = FORMATS[style].pieces
    if pieces is not None:
        sys.stdout.writelines(pieces(columns, rows))
        return
    if sys.stdout.isatty():
        raise click.UsageError(f"{style} is nothing to look at; name a file with -o")
    FORMATS[style].write(columns, rows, kinds(view.query, columns), sys.stdout.buffer)


@contextlib.contextmanager
def written_to(output: Path) -> Iterator[BinaryIO]:
    """The file to write, which takes its place when all of it is there; a pipe or device is written to as it is."""
    try:
        with replacing(output) as temporary, temporary.open("wb") as file:
            yield file
            file.flush()
    except OSError as error:
        raise InputError(f"cannot be written ({error.strerror or error})", where=str(output)) from None


def kinds(query: NamedQuery, columns: Sequence[str]) -> dict[str, type]:
    """Of each column whose unit is known, what it holds."""
    found = {name: query.unit(name) for name in columns}
    return {name: float if unit in units.REAL else int for name, unit in found.items() if unit in units.NUMBERS}


def _show_table(columns: tuple[str, ...], rows: Iterable[Sequence[Any]], view: _View) -> None:
    is_terminal = sys.stdout.isatty()
    most = view.limit or (ON_TERMINAL if is_terminal else ELSEWHERE)
    source = iter(rows)
    shown = list(itertools.islice(_bounded(source), most))
    names = columns
    if is_terminal and view.columns is None and view.query.name:
        names = view.query.brief or _fitting(columns, shown)
        names, narrowed = chosen(columns, shown, names)
        shown = list(narrowed)
    text = _table(names, shown)
    if is_terminal and text.count("\n") > _terminal().lines - 3:
        click.echo_via_pager(f"{text}\n")
    else:
        click.echo(text)
    if len(names) < len(columns):
        click.echo(f"{len(names)} of {len(columns)} columns; --columns all shows the rest.", err=True)
    if view.limit is None and next(source, None) is not None:
        click.echo(f"The first {most:,} rows; --limit N shows more, --format csv all of them.", err=True)


def _terminal() -> os.terminal_size:
    import shutil  # with every way of packing files, which takes 3 ms

    return shutil.get_terminal_size()


def _table(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    numbers = {
        name for i, name in enumerate(columns) if all(isinstance(row[i], (int, float, type(None))) for row in rows)
    }
    cells = ([shown(value) if isinstance(value, bytes) else value for value in row] for row in rows)
    return table(columns, cells, right=tuple(numbers))


def _fitting(columns: tuple[str, ...], rows: Sequence[Sequence[Any]]) -> tuple[str, ...]:
    """The first columns, as many as fit side by side."""
    room = _terminal().columns
    for count in range(len(columns), 1, -1):
        line = _table(columns[:count], [row[:count] for row in rows]).partition("\n")[0]
        if len(line) <= room:
            return columns[:count]
    return columns[:1]


def _bounded(rows: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
    """The rows, refused where they get too long to be laid out."""
    size = 0
    for row in rows:
        size += sum(len(value) for value in row if isinstance(value, (str, bytes)))
        if size > TABLE_BYTES:
            raise InputError("the answer is too long for a table", where="query", remedy="use --format csv, or --limit")
        yield row


def _list(config_path: Path, *, is_json: bool) -> None:
    """Every named query, and the options that it takes."""
    saved = _saved(config_path)
    others = [_brought(name) for name in QUERIES.others if name not in saved]
    found = [
        (query, origin)
        for origin, group in (("ours", QUERIES.ours), ("settings", saved.values()), ("plug-in", others))
        for query in group
    ]
    if is_json:
        listed = [
            {"name": query.name, "words": query.words, "options": [*query.filters, *query.parameters], "origin": origin}
            for query, origin in found
        ]
        emit_json({"schema": "eventstudy.queries/1", "queries": listed})
        return
    width = max(len(query.name) for query, _ in found)
    for query, _ in found:
        takes = " ".join(
            [*(f"--{name.replace('_', '-')}" for name in query.filters), *(f"-p {name}=" for name in query.parameters)]
        )
        for i, line in enumerate(
            [*textwrap.wrap(printable(query.words), 76 - width), *textwrap.wrap(takes, 76 - width)]
        ):
            click.echo(f"{query.name if i == 0 else '':{width}}  {line}")


def _brought(name: str) -> NamedQuery:
    """The query of a plug-in; of one that cannot be loaded, why."""
    try:
        return QUERIES[name]
    except InputError as error:
        return NamedQuery(name=name, words=str(error), sql="")


def _explain(path: Path, query: NamedQuery, values: dict[str, Any], seconds: float, *, is_json: bool) -> None:
    """The SQL, how SQLite goes about it, and what each column of the answer means."""
    statement = query.statement(values, query.limit)
    with reading.select(path, f"explain query plan {statement}", values, seconds=seconds) as answer:
        steps = [(row[0], row[1], row[3]) for row in answer.rows]
    without_rows = f"select * from (\n{statement}\n) limit 0"  # noqa: S608  # run under the guard that any statement has
    with reading.select(path, without_rows, values, seconds=seconds) as answer:
        columns = [(name, query.unit(name), query.meaning(name)) for name in answer.columns]
    if is_json:
        emit_json(
            {
                "schema": "eventstudy.explain/1",
                "query": query.name,
                "sql": statement,
                "plan": [detail for _, _, detail in steps],
                "columns": [{"name": name, "unit": unit, "meaning": words} for name, unit, words in columns],
            }
        )
        return
    depths = {0: -1}
    click.echo("\n".join(map(printable, statement.splitlines())) + ";\n")
    for step, parent, detail in steps:
        depths[step] = depths.get(parent, -1) + 1
        click.echo(f"-- {'  ' * depths[step]}{detail}")
    click.echo()
    click.echo(table(("column", "unit", "meaning"), columns))
