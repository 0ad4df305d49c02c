"""``eventstudy browse``."""

from __future__ import annotations

import gc
import json
import tempfile
from pathlib import Path
from typing import Any

import click

from eventstudy.cli.common import config_option, configured_database, db_option
from eventstudy.errors import EventStudyError

SQL_MILLISECONDS = 3000
ONE_EVENT = {"title": "One event, by its id.", "sql": "select * from reactions where event_id = :event_id"}


@click.command("browse")
@config_option
@db_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8001, show_default=True, help="0 takes a free one.")
@click.option("--open", "is_opened", is_flag=True, help="Show it in the web browser.")
def command(config_path: Path, database: Path | None, host: str, port: int, is_opened: bool) -> None:
    """Browse the results database in Datasette until Ctrl-C; reads only. Needs the extra `browse`.

    It shows what passes wrote last, and never stops one.
    """
    from eventstudy.database import reading

    path = database or configured_database(config_path)
    connection = reading.connect(path)  # for the error of ours, and to undo what a killed pass left open
    is_frozen = connection.is_frozen
    connection.close()
    try:
        from datasette.cli import cli as datasette
        from datasette.plugins import pm

        from eventstudy.cli.browse_guard import Guard
    except ModuleNotFoundError as error:
        raise EventStudyError(
            f"{error.name} is not installed; pip install 'eventstudy-service[browse]', or use `eventstudy query`"
        ) from None
    gc.enable()  # the command line does without; a server that runs for days does not
    with tempfile.TemporaryDirectory(prefix="eventstudy-browse-") as folder:
        about = Path(folder) / "metadata.json"
        about.write_text(json.dumps(metadata(path.stem)), encoding="utf-8")
        settings = {"sql_time_limit_ms": SQL_MILLISECONDS, "allow_download": "off", "max_returned_rows": 5000}
        file = ["--immutable", str(path)] if is_frozen else [str(path)]
        arguments = ["serve", *file, "--metadata", str(about), "--host", host, "--port", str(port)]
        for name, value in settings.items():
            arguments += ["--setting", name, str(value)]
        pm.register(Guard(path.stem, host))
        datasette.main(args=[*arguments, *(["--open"] if is_opened else [])], standalone_mode=False)


def metadata(name: str) -> dict[str, Any]:
    """What Datasette shows beside the data: the meaning of every table and column, and queries to begin with.

    Parameters
    ----------
    name : str
        Name of the database: its file without the suffix.
    """
    from eventstudy.database.columns import COLUMNS, COMMON, TABLES
    from eventstudy.registry.columns import ADDED
    from eventstudy.store.queries import QUERIES

    tables: dict[str, Any] = {
        table: {"description": words, "columns": {**COMMON, **COLUMNS.get(table, {})}}
        for table, words in TABLES.items()
    }
    for added in ADDED.usable():
        tables.get(added.view, {"columns": {}})["columns"][added.column] = added.words
    tables["_sqlite_migrations"] = {"hidden": True}
    # Datasette shows a query in place of a table of its name, and a table has more to offer there
    queries = {
        query.name: {"title": query.words, "sql": query.statement({}, query.limit)}
        for query in QUERIES.usable()
        if query.name not in TABLES
    }
    return {
        "title": "Event studies",
        "description": "Did markets react? Start with the view reactions. Returns are decimals: 0.01 is 1 %.",
        "databases": {name: {"tables": tables, "queries": {**queries, "one_event": ONE_EVENT}}},
    }
