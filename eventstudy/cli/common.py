"""What several commands share: options, tables, progress."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import re
import sys
import textwrap
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from eventstudy.errors import InputError

if TYPE_CHECKING:
    from eventstudy.config.model import Config
    from eventstudy.events.gather import Gathered
    from eventstudy.records import Event
    from eventstudy.tables.options import Options
    from jobs.outcome import PassResult

_FEW = 50  # events that are shown though nothing was done for them
_FEW_IDS = 5  # events that are named when one cause is behind several
_FALLBACK = Path("var/eventstudy.db")
# The key as nearly everybody writes it; anything else is left to a YAML parser, whose import alone takes 30 ms.
_PLAIN_DATABASE = re.compile(r"^database:[ \t]+([\w./-][^#\n:'\"]*?)[ \t]*(?:[ \t]#.*)?$", re.MULTILINE)

_SETTINGS = Path("config.yaml")


class NewFile(click.Path):
    """A file to be written, into a folder that is there: refused before any work is done for it."""

    def __init__(self) -> None:
        super().__init__(path_type=Path, dir_okay=False)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """Refuse a file whose folder there is not."""
        path = super().convert(value, param, ctx)
        assert isinstance(path, Path)
        if not path.absolute().parent.is_dir():
            self.fail(f"there is no folder {printable(str(path.parent))!r}.", param, ctx)
        return path


config_option = click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="EVENTSTUDY_CONFIG",
    default=_SETTINGS,
    show_default=True,
    help="The settings.",
)
db_option = click.option(
    "--db", "database", type=click.Path(path_type=Path, dir_okay=False), help="The database, instead of the settings'."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
dry_option = click.option("--dry-run", is_flag=True, help="Do all of it but write, and say which files there would be.")


def _mapping(_ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]) -> dict[str, str]:
    """Split ROLE=NAME."""
    parts = [part.partition("=") for part in value]
    if wrong := next((part for part, (role, _, name) in zip(value, parts, strict=True) if not (role and name)), None):
        raise click.BadParameter(f"{wrong!r} is not ROLE=NAME, for example close=Kurs")
    return {role.strip(): name.strip() for role, _, name in parts}


_TABLE_OPTIONS = (
    click.option(
        "--column",
        "columns",
        multiple=True,
        metavar="ROLE=NAME",
        callback=_mapping,
        help="Column that has a role (date, symbol, close, adjusted, return, …); may be repeated.",
    ),
    click.option(
        "--date-format",
        default="",
        metavar="FORM",
        help="Of dates such as 03/04/2023: day-first, month-first, or %d.%m.%y and the like.  [default: as seen]",
    ),
    click.option("--decimal", type=click.Choice((".", ",")), help="Decimal sign.  [default: as seen]"),
    click.option("--sheet", default="", metavar="NAME", help="Sheet of a workbook.  [default: the first table]"),
)


def table_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Options of how a file is written; `written` takes their values."""
    for option in reversed(_TABLE_OPTIONS):
        command = option(command)
    return command


def written(columns: dict[str, str], date_format: str, decimal: str | None, sheet: str) -> Options:
    """How a file is written, as far as the command line says it."""
    from eventstudy.tables.options import Options

    try:
        return Options(columns=columns, date_format=date_format, decimal=decimal or "", sheet=sheet)
    except InputError as error:
        raise click.UsageError(str(error)) from error


def utc_now() -> dt.datetime:
    """The present instant."""
    return dt.datetime.now(dt.UTC)


@contextlib.contextmanager
def rehearsed(path: Path, *, dry_run: bool) -> Iterator[Path]:
    """Where to write; in a dry run a place that is gone afterwards, and what was written there is told."""
    if not dry_run:
        yield path
        return
    import tempfile  # late, since `query` is to answer at once

    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / path.name
        for made in sorted(found for found in Path(folder).rglob("*") if found.is_file()):
            click.echo(
                printable(f"would be written: {path.parent / made.relative_to(folder)}, {made.stat().st_size:,} bytes"),
                err=True,
            )


def packaged_config() -> Path:
    """The config.yaml that ships: inside the wheel, or at the root of a checkout."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "config.yaml"
    return inside if inside.is_file() else package.parent / "config.yaml"


def configured_database(config_path: Path) -> Path:
    """The database of the settings, read without checking the rest of them, which would take longer than a query."""
    if "EVENTSTUDY_DATABASE" in os.environ:
        return Path(os.environ["EVENTSTUDY_DATABASE"])
    if config_path == _SETTINGS and not config_path.exists() and _FALLBACK.exists():  # `eventstudy demo` needs none
        return _FALLBACK
    plain = _PLAIN_DATABASE.findall(config_path.read_text("utf-8")) if config_path.is_file() else []
    if len(plain) == 1:
        return Path(plain[0])
    from eventstudy.config import strict_yaml as yaml_strict

    raw = yaml_strict.load_file(config_path)
    return Path(str(raw.get("database", _FALLBACK))) if isinstance(raw, dict) else _FALLBACK


def load(config_path: Path) -> tuple[Config, tuple[Event, ...]]:
    """The settings and all events, of feeds too; what is wrong with a feed is told by passes and `events`."""
    config, gathered = load_feeds(config_path, ask=False)
    return config, gathered.events


def load_feeds(config_path: Path, *, ask: bool) -> tuple[Config, Gathered]:
    """The settings, and all events with what is to be said of their feeds.

    Parameters
    ----------
    config_path : Path
    ask : bool
        Whether feeds on the network are asked.
    """
    from eventstudy.config.load import load_config

    config = load_config(config_path)
    return config, read_feeds(config, config_path, ask=ask)


def read_feeds(config: Config, config_path: Path, *, ask: bool) -> Gathered:
    """The events of settings that are loaded; as `load_feeds`."""
    from eventstudy.store.sync import gather

    return gather(config, utc_now(), file=config_path.name, ask=ask)


def named_options() -> set[str]:
    """Names of the options that stand on the command line."""
    context = click.get_current_context()
    return {name for name in context.params if context.get_parameter_source(name) is ParameterSource.COMMANDLINE}


def refuse(names: Iterable[str], why: str) -> None:
    """Refuse options that have no meaning beside the others, by how they are written."""
    wrong = {*names} & named_options()
    for option in click.get_current_context().command.params:
        if option.name in wrong:
            raise click.UsageError(f"{option.opts[0]} {why}")


def progress() -> Callable[[str], None]:
    """A writer of one changing line on a terminal, and of nothing elsewhere."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        return lambda _text: None

    def talk(text: str) -> None:
        width = (os.get_terminal_size(sys.stderr.fileno()).columns or 80) - 1  # some terminals do not know theirs
        click.echo(f"\r\x1b[K{printable(text)[:width]}", nl=False, err=True)

    return talk


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, right: Sequence[str] = ()) -> str:
    """Rows as aligned plain text.

    Parameters
    ----------
    columns : sequence of str
    rows : iterable of sequences
    right : sequence of str
        Columns that hold numbers.
    """
    cells = [[_cell(value) for value in row] for row in rows]
    heads = [printable(name) for name in columns]
    widths = [max(len(name), *(len(row[i]) for row in cells)) if cells else len(name) for i, name in enumerate(heads)]
    sides = [str.rjust if name in right else str.ljust for name in columns]
    lines = [heads, ["-" * width for width in widths], *cells]
    return "\n".join(
        "  ".join(side(text, width) for side, text, width in zip(sides, line, widths, strict=True)).rstrip()
        for line in lines
    )


def printable(text: str) -> str:
    """`text` without the characters that would steer a terminal; narrow and other spaces stay."""
    return "".join(c if c.isprintable() or unicodedata.category(c) == "Zs" else "\ufffd" for c in text)


def emit_json(value: Any, indent: int | None = 2) -> None:
    """One JSON object on standard output; NaN is an error, never output."""
    click.echo(json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent, default=str))


def reactions_table(database: Path, event_ids: Sequence[str]) -> str:
    """The primary reactions of the first study, under the title of their event; fits 80 columns."""
    from eventstudy.database import reading
    from eventstudy.report import text
    from eventstudy.store.write import about

    connection = reading.connect(database)
    try:
        rows = reading.rows(
            connection,
            "select * from reactions where is_headline and coalesce(is_primary, 1) = 1 "
            "and event_id in (select value from json_each(?)) order by announced_at, event_id, position",
            (json.dumps(event_ids),),
        )
    finally:
        connection.close()
    head, rule, *lines = table(
        ("  session", "asset", "window", "abnormal", "t", "p (Holm)", "verdict"),
        [
            (
                f"  {r['day0'] or ''}",
                r["asset"],
                _window(r),
                text.percent(r["car"]).replace(text.THIN, ""),
                text.statistic(r["t"]),
                text.p_value(r["p_adjusted"]),
                r["verdict"],
            )
            for r in rows
        ],
        right=("abnormal", "t", "p (Holm)"),
    ).splitlines()
    out = [head, rule]
    for i, (row, line) in enumerate(zip(rows, lines, strict=True)):
        if i == 0 or row["event_id"] != rows[i - 1]["event_id"]:
            out.append(printable(row["title"]))
        out.append(line)
    reasons = {about(r["asset"], r["reason"]): None for r in rows if r["reason"]}
    return "\n".join([*out, *(f"\n{textwrap.fill(printable(reason), 80)}" for reason in reasons)])


def _window(row: dict[str, Any]) -> str:
    """The window of a row as printed; empty where it has none."""
    from eventstudy.study.clock.stored_ends import bounds_of

    if row["window_start"] is None:
        return ""
    ends = (row["window_start"], row["window_end"])
    return f"[{','.join(bounds_of(*ends) if row['window_unit'] == 'minutes' else map(str, ends))}]"


def by_cause(outcomes: Iterable[tuple[str, str, str | None]], troubles: Sequence[str]) -> list[tuple[str, str, str]]:
    """Events that share a status and a reason in one entry, and no trouble that one of the reasons tells.

    Parameters
    ----------
    outcomes : iterable of (event id, status, reason)
    troubles : sequence of str

    Returns
    -------
    list of (status, ids, reason)
        Troubles last, without status and ids.
    """
    causes: dict[tuple[str, str], list[str]] = {}
    for event_id, status, reason in outcomes:
        causes.setdefault((status, _cause(reason or "no reason given", troubles)), []).append(event_id)
    out = []
    for (status, reason), ids in causes.items():
        more = f" and {len(ids) - _FEW_IDS} more" if len(ids) > _FEW_IDS else ""
        out.append((status, ", ".join(ids[:_FEW_IDS]) + more, reason))
    untold = [trouble for trouble in troubles if not any(reason.endswith(trouble) for _, reason in causes)]
    return [*out, *(("", "", trouble) for trouble in untold)]


def _cause(reason: str, troubles: Sequence[str]) -> str:
    """The trouble that a reason is, whichever symbol met it; else the reason."""
    for trouble in troubles:
        symbol = reason.removesuffix(trouble)
        if symbol != reason and symbol.endswith(" from ") and ";" not in symbol:
            return trouble
    return reason


def tell(result: PassResult, database: Path) -> None:
    """The outcome of a pass for a person: a table on standard output, the rest on standard error.

    Shows the events that were looked at; of those that were not, too, when they are few.
    """
    shown = result.outcomes if len(result.outcomes) <= _FEW else {e: result.outcomes[e] for e in result.studied}
    if shown:
        click.echo(reactions_table(database, list(shown)))
    wrong = [(e, status, why) for e, (status, why) in shown.items() if status in ("skipped", "failed", "pending")]
    causes = by_cause(wrong, result.troubles)
    for status, ids, reason in causes:
        if ids:
            click.echo(printable(f"{ids}: {status}: {reason}"), err=True)
    if kept := len(result.outcomes) - len(shown):
        counts = ", ".join(f"{count} {name}" for name, count in result.counts.items() if count)
        click.echo(f"{kept} events were left alone; in all: {counts or 'none studied yet'}.", err=True)
    for _, ids, trouble in causes:
        if not ids:
            click.echo(printable(trouble), err=True)
    if not result.results_written:
        click.echo("Nothing new: no result was written.", err=True)


def outcome_json(result: PassResult, database: Path) -> dict[str, Any]:
    """The outcome of a pass for a program."""
    return {
        "schema": "eventstudy.run/1",
        "status": result.status,
        "exit_code": result.exit_code,
        "database": str(database),
        "index": str(result.pages.get("", "")),
        "results_written": result.results_written,
        "troubles": result.troubles,
        "events": [
            {"event_id": event_id, "status": status, "reason": reason, "page": str(result.pages.get(event_id, ""))}
            for event_id, (status, reason) in result.outcomes.items()
        ],
    }


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return printable(f"{value:.6g}" if isinstance(value, float) else str(value))
