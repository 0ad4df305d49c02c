"""``eventstudy export site``: pages, index, feed and data as files that any web server has."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from eventstudy import __version__
from eventstudy.cli.common import printable, progress, rehearsed
from eventstudy.cli.export_table import Wanted, write_table
from eventstudy.database import reading
from eventstudy.errors import EventStudyError, InputError
from eventstudy.store.queries import EXPORTS

CONTENTS = "site.json"
SCHEMA = "eventstudy.site/1"
DATA = "data"


def write_site(database: Path, config_path: Path, folder: Path, seconds: float, *, dry_run: bool = False) -> None:
    """Write every page anew from the database, its index and feed, and its tables as CSV; each file in one step.

    Files of the site before that are no more of it are taken away. A page that cannot be made is named, and the exit
    code is then 3.

    Raises
    ------
    InputError
        When the folder has other things in it.
    """
    from eventstudy.report import publish

    before = _contents(folder)
    with rehearsed(folder, dry_run=dry_run) as place:
        files, wrong = _written(database, config_path, place, seconds)
        names = sorted(str(path.relative_to(place)) for path in files)
        gone = sorted(before - set(names))
        for name in gone:
            (place / name).unlink(missing_ok=True)
        publish.put(place / CONTENTS, json.dumps({"schema": SCHEMA, "version": __version__, "files": names}, indent=1))
    for line in wrong:
        click.echo(printable(line), err=True)
    if dry_run:
        for name in gone:
            click.echo(printable(f"would be taken away: {folder / name}"), err=True)
    else:
        click.echo(f"{len(names):,} files in {folder}: open {folder / 'index.html'}", err=True)
    if wrong:
        raise SystemExit(3)


def _written(database: Path, config_path: Path, folder: Path, seconds: float) -> tuple[list[Path], list[str]]:
    """The files of the site, and why others could not be made."""
    from eventstudy.report import publish

    files, wrong = [], []
    say = progress()
    with _appearing(config_path), contextlib.closing(reading.connect(database)) as connection:
        events = connection.execute("select event_id from events where kind <> 'context' order by 1").fetchall()
        averages = connection.execute("select collection_id from collection_studies order by 1").fetchall()
        for n, (name,) in enumerate(events):
            say(f"page {n + 1:,} of {len(events):,}")
            try:
                files.append(publish.publish_event(connection, folder, name)[0])
            except EventStudyError as error:
                wrong.append(f"{name}: {error}")
        files += [publish.publish_collection(database, folder, name) for (name,) in averages]
        files += publish.publish_assets(connection, folder, since=0)
        files += publish.publish_index(database, folder)
    (folder / DATA).mkdir(parents=True, exist_ok=True)
    for what, query in EXPORTS.items():
        say(what)
        path = folder / DATA / f"{what}.csv"
        write_table(database, query, path, "csv", Wanted(), seconds)
        files += [path, path.with_name(f"{path.name}.columns.csv")]
    say("")
    return files, wrong


def _contents(folder: Path) -> set[str]:
    """Files of the site that stands in a folder, none in an empty one."""
    if not folder.exists() or not any(folder.iterdir()):
        return set()
    with contextlib.suppress(OSError, ValueError):
        found: Any = json.loads((folder / CONTENTS).read_text("utf-8"))
        if isinstance(found, dict) and found.get("schema") == SCHEMA:
            inside = folder.resolve()
            return {name for name in found["files"] if (folder / name).resolve().is_relative_to(inside)}
    raise InputError(
        "the folder has other things in it",
        where="site",
        value=str(folder),
        remedy="name an empty one, or a site of ours",
    )


@contextlib.contextmanager
def _appearing(config_path: Path) -> Iterator[None]:
    """Pages look as the settings say, where there are any."""
    if not config_path.is_file():
        yield
        return
    from eventstudy.config.load import load_config
    from eventstudy.report.appearance import appearing

    with appearing(load_config(config_path)):
        yield
