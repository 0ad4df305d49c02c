"""What several commands share: options, tables, progress."""

from __future__ import annotations

import datetime as dt
import importlib.resources
import json
import os
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from eventstudy.config import Config
    from eventstudy.records import Event
    from jobs.nightly import PassResult

config_option = click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path, dir_okay=False),
    envvar="EVENTSTUDY_CONFIG",
    default=Path("config.yaml"),
    show_default=True,
    help="The settings.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


def utc_now() -> dt.datetime:
    """The present instant."""
    return dt.datetime.now(dt.UTC)


def packaged_config() -> Path:
    """The config.yaml that ships: inside the wheel, or at the root of a checkout."""
    inside = importlib.resources.files("eventstudy") / "config.yaml"
    shipped = Path(str(inside))
    return shipped if shipped.is_file() else Path(__file__).resolve().parents[2] / "config.yaml"


def load(config_path: Path) -> tuple[Config, tuple[Event, ...]]:
    """The settings and their events."""
    from eventstudy.config import load_config
    from eventstudy.events import from_config

    config = load_config(config_path)
    return config, from_config(config, config_path.name)


def progress() -> Callable[[str], None]:
    """A writer of one changing line on a terminal, and of nothing elsewhere."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        return lambda text: None

    def talk(text: str) -> None:
        width = os.get_terminal_size(sys.stderr.fileno()).columns - 1
        click.echo(f"\r\x1b[K{text[:width]}", nl=False, err=True)
        if not text:
            sys.stderr.flush()

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
    widths = [max(len(name), *(len(row[i]) for row in cells)) if cells else len(name) for i, name in enumerate(columns)]
    sides = [str.rjust if name in right else str.ljust for name in columns]
    lines = [columns, ["-" * width for width in widths], *cells]
    return "\n".join(
        "  ".join(side(text, width) for side, text, width in zip(sides, line, widths, strict=True)).rstrip()
        for line in lines
    )


def emit_json(value: Any) -> None:
    """One JSON object on standard output; NaN is an error, never output."""
    click.echo(json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2, default=str))


def reactions_table(database: Path, event_ids: Sequence[str]) -> str:
    """A short table of the primary reactions of the first study."""
    from eventstudy.report import text
    from eventstudy.store import read

    connection = read.connect(database)
    try:
        found = read.rows(
            connection,
            "select * from reactions where study = (select study_id from studies order by position limit 1) "
            "and coalesce(is_primary, 1) = 1",
        )
    finally:
        connection.close()
    return table(
        ("day 0", "event", "asset", "window", "abnormal", "t", "p (Holm)", "verdict"),
        [
            (
                r["day0"] or "",
                r["event_id"],
                r["asset"],
                f"[{r['window_start']},{r['window_end']}]" if r["window_start"] is not None else "",
                text.percent(r["car"]).replace(text.THIN, ""),
                text.statistic(r["t"]),
                text.p_value(r["p_adjusted"]),
                r["verdict"] if r["car"] is not None else f"not studied: {(r['reason'] or '').split(';')[0]}",
            )
            for r in found
            if r["event_id"] in event_ids
        ],
        right=("abnormal", "t", "p (Holm)"),
    )


def tell(result: PassResult, database: Path) -> None:
    """The outcome of a pass for a person: a table on standard output, the rest on standard error."""
    click.echo(reactions_table(database, list(result.outcomes)))
    for event_id, (status, reason) in result.outcomes.items():
        if status in ("skipped", "failed", "pending"):
            click.echo(f"{event_id}: {status}: {reason}", err=True)
    if not result.results_written:
        click.echo("Nothing new: every result was up to date.", err=True)


def outcome_json(result: PassResult, database: Path) -> dict[str, Any]:
    """The outcome of a pass for a program."""
    return {
        "schema": "eventstudy.run/1",
        "status": result.status,
        "exit_code": result.exit_code,
        "database": str(database),
        "index": str(result.pages.get("", "")),
        "results_written": result.results_written,
        "events": [
            {"event_id": event_id, "status": status, "reason": reason, "page": str(result.pages.get(event_id, ""))}
            for event_id, (status, reason) in result.outcomes.items()
        ],
    }


def _cell(value: Any) -> str:
    if value is None:
        return ""
    shown = f"{value:.6g}" if isinstance(value, float) else str(value)
    # control characters in stored text must not reach the terminal
    return "".join(c if c.isprintable() else "\ufffd" for c in shown)
