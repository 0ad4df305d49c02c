"""``eventstudy browse``."""

from __future__ import annotations

import gc
import json
import sqlite3
import tempfile
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import click

from eventstudy.cli.common import config_option, configured_database, db_option
from eventstudy.errors import EventStudyError
from eventstudy.store import sealed

SQL_MILLISECONDS = 3000
# What each of the counts beside a view may take; a page asks for them when its rows are there.
FACET_MILLISECONDS = 1000
ONE_EVENT = {"title": "One event, by its id.", "sql": "select * from reactions where event_id = :event_id"}

# The columns at first sight of views with more than fit a screen.
FIRST = {
    "reactions": "title event_id announced_at study asset window_start window_end move car t p_adjusted verdict",
    "collections": "title collection_id study asset tag window_start window_end n_events caar test p_adjusted verdict",
    "events": "title event_id announced_at kind tags status reason",
    "verdict_history": "started_at title event_id study asset window_start window_end old_verdict new_verdict",
}
# What the first link narrows `reactions` to, a row for each announcement and asset; and what then says nothing more.
HEADLINE = {"is_headline": 1, "is_primary": 1}
SAID = ("study", "window_start", "window_end")

# What a view is cut by at first sight: columns, and what `browse_narrow` makes of announcements.
FACETS: dict[str, tuple[str | dict[str, str], ...]] = {
    "reactions": (
        "verdict",
        "kind",
        "asset",
        "study",
        {"year": "announced_at"},
        {"tag": "event_id"},
        {"window": "window_start"},
    ),
    "collections": ("verdict", "asset", "tag"),
    "event_tags": ("tag",),
    "events": ("status", "kind", {"year": "announced_at"}, {"tag": "event_id"}),
    "verdict_history": ("old_verdict", "new_verdict"),
}
# Tables that views show better, and those that passes keep for themselves.
INNER = (
    *("bar_versions", "collection_window_tests", "collection_windows", "cursors", "deliveries", "event_attempts"),
    *("event_tests", "notices", "placebos", "series", "summaries", *sealed.KEPT, "texts"),
    "table_hashes",
    *("verdict_changes", "window_results", "window_tests"),
)


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
    from eventstudy.store import content

    path = database or configured_database(config_path)
    connection = reading.connect(path)  # for the error of ours, and to undo what a killed pass left open
    is_frozen = connection.is_frozen
    content.refuse_first_altered(connection)
    columns = _columns(connection)
    (results,) = connection.execute("select count(*) from analyses").fetchone()
    checked = _checked(results, content.MOST_RESULTS)
    connection.close()
    try:
        from datasette.cli import cli as datasette
        from datasette.plugins import pm

        from eventstudy.cli.browse_first import First
        from eventstudy.cli.browse_guard import Guard
        from eventstudy.cli.browse_links import PAGES, Links
        from eventstudy.cli.browse_narrow import Narrow
        from eventstudy.cli.browse_picture import FILE, TEMPLATE, Pictures
    except ModuleNotFoundError as error:
        raise EventStudyError(
            f"{error.name} is not installed; pip install 'eventstudy-service[browse]', or use `eventstudy query`"
        ) from None
    gc.enable()  # the command line does without; a server that runs for days does not
    with tempfile.TemporaryDirectory(prefix="eventstudy-browse-") as folder:
        about = Path(folder) / "metadata.json"
        about.write_text(json.dumps(metadata(path.stem, columns, checked)), encoding="utf-8")
        (Path(folder) / FILE).write_text(TEMPLATE, encoding="utf-8")
        settings = {
            "sql_time_limit_ms": SQL_MILLISECONDS,
            "allow_download": "off",
            "max_returned_rows": 5000,
            "facet_time_limit_ms": FACET_MILLISECONDS,
            "suggest_facets": "off",  # which would try every column before the first view
        }
        file = ["--immutable", str(path)] if is_frozen else [str(path)]
        arguments = [
            "serve",
            *file,
            "--metadata",
            str(about),
            "--template-dir",
            folder,
            "--host",
            host,
            "--port",
            str(port),
        ]
        for name, value in settings.items():
            arguments += ["--setting", name, str(value)]
        pages = _pages(config_path, path)
        if pages is not None:
            arguments += ["--static", f"{PAGES}:{pages}"]
        pm.register(Guard(path.stem, host))
        pm.register(First({view: first(view, columns) for view in FACETS}))
        pm.register(Narrow(path.stem, path))
        pm.register(Links(pages, FACETS))
        pm.register(Pictures())
        datasette.main(args=[*arguments, *(["--open"] if is_opened else [])], standalone_mode=False)


def _checked(results: int, most: int) -> str:
    """What was held against its hash at the start, for the first view."""
    which = "Results were" if results <= most else f"Of {results:,} results the first {most:,} were"
    return (
        f"{which} held against their hashes when this began; not so prices, what passes remember, and what came since. "
        "<code>eventstudy doctor</code> checks all."
    )


def _pages(config_path: Path, database: Path) -> Path | None:
    """The folder of the pages of a database, where the settings are its own and there are some."""
    if not config_path.is_file():
        return None
    from eventstudy.config.load import load_config

    config = load_config(config_path)
    is_own = config.database.resolve() == database.resolve()
    return config.reports.resolve() if is_own and config.reports.is_dir() else None


def _columns(connection: sqlite3.Connection) -> dict[str, list[str]]:
    """The columns of every table and view."""
    found = connection.execute(
        "select s.name, c.name from sqlite_schema s join pragma_table_info(s.name) c where s.type in ('table', 'view')"
    )
    out: dict[str, list[str]] = {}
    for table, column in found:
        out.setdefault(table, []).append(column)
    return out


def first(view: str, columns: Mapping[str, Sequence[str]]) -> list[str]:
    """The columns at first sight of a view: those of `FIRST` that it has, or no choice."""
    return [column for column in FIRST.get(view, "").split() if column in columns.get(view, ())]


def metadata(name: str, columns: Mapping[str, Sequence[str]], checked: str = "") -> dict[str, Any]:
    """What Datasette shows beside the data: the meaning and unit of every column, and queries to begin with.

    Parameters
    ----------
    name : str
        Name of the database: its file without the suffix.
    columns : mapping of str to sequence of str
        Of every table and view.
    checked : str, optional
        What was held against its hash.
    """
    from eventstudy.database.columns import meaning
    from eventstudy.database.tables import TABLES
    from eventstudy.database.units import unit
    from eventstudy.store.queries import QUERIES

    def told(table: str, column: str) -> str:
        return " ".join(
            filter(None, [meaning(table, column), f"({unit(column, table)})" if unit(column, table) else ""])
        )

    tables: dict[str, Any] = {
        table: {"description": words, "columns": {c: told(table, c) for c in columns.get(table, ())}}
        for table, words in TABLES.items()
    }
    tables["_sqlite_migrations"] = {"hidden": True}
    for table, facets in FACETS.items():
        tables[table]["facets"] = list(facets)
    for table in INNER:
        tables[table]["hidden"] = True
    # Datasette shows a query in place of a table of its name, and a table has more to offer there
    queries = {
        query.name: {"title": query.words, "sql": query.statement({}, query.limit), "hide_sql": True}
        for query in QUERIES.usable()
        if query.name not in TABLES
    }
    shown = [column for column in first("reactions", columns) if column not in SAID]
    link = urlencode([*HEADLINE.items(), *(("_col", column) for column in shown)])
    return {
        "title": "Event studies",
        "description_html": f'Did markets react? Start with the <a href="/{quote(name)}/reactions?{escape(link)}">'
        f'reactions of the first study</a>, or <a href="/{quote(name)}/events">search the announcements</a>. '
        f"Returns are decimals: 0.01 is 1 %. {checked}".rstrip(),
        "databases": {name: {"tables": tables, "queries": {**queries, "one_event": ONE_EVENT}}},
    }
