"""What `eventstudy study` writes beside what it prints: a folder of Parquet, a results database, a page."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eventstudy.errors import DataError

if TYPE_CHECKING:
    from eventstudy.study.result import StudyResult
    from eventstudy.study.spread.workers import Progress
    from eventstudy.tables.table import Table


def progress_of_parts() -> Progress | None:
    """Says on a terminal how far the parts of a study are."""
    if not sys.stderr.isatty():
        return None

    def say(what: str, done: int, n: int) -> None:
        click.echo(f"\r{what}: {done} of {n}   ", nl=done == n, err=True)

    return say


def write_rows(result: StudyResult, folder: Path) -> None:
    """Write the folder of `--out`; say how many rows."""
    from eventstudy.study.rows import write_study

    try:
        counts = write_study(result, folder)
    except OSError as error:
        raise DataError(
            f"cannot be written: {error.strerror or error}", where="--out", value=str(folder), remedy="name a folder"
        ) from None
    click.echo(f"Written to {folder}: " + ", ".join(f"{n:,} {name}" for name, n in counts.items()), err=True)


def write_database(result: StudyResult, events: Table, path: Path, study_name: str, title: str) -> None:
    """Write, or add to, the database of `--into`; say how large it will be, and what was written."""
    from eventstudy.cli.common import progress, utc_now
    from eventstudy.database.connection import fold_in, open_database, tend, transaction
    from eventstudy.store import ledger
    from eventstudy.store.bulk import put
    from eventstudy.study.placing import rows_of
    from jobs.plan import versions_of_libraries

    say = progress()
    click.echo(f"Writing about {put.size(result) / 1e6:,.0f} MB to {path}.", err=True)
    with ledger.lock(path):
        db = open_database(path)
        put.refuse_passes(db)
        run = put.new_run(result, utc_now(), versions_of_libraries())
        # every row is written after the one that it refers to, which to look up again takes a third of the time
        db.conn.execute("pragma foreign_keys = off")
        db.conn.execute("pragma cache_size = -100000")
        with transaction(db) as connection:
            written = put.put_study(
                connection,
                result,
                rows_of(events)[1],
                study_id=study_name,
                title=title,
                run=run,
                talk=lambda done, n: say(f"{done:,} of {n:,} written"),
            )
            put.finish(connection, run, utc_now(), study_name, written)
        tend(db)
        fold_in(db)
        db.close()
    say("")
    click.echo(
        f"Written to {path}: study {study_name}, {written.analyses:,} results of {written.events:,} new events, "
        f"{written.windows:,} windows, {written.days:,} days; {written.checked}.",
        err=True,
    )


def write_page(page: Path, document: dict[str, Any], title: str) -> None:
    """Write the page of `--report`."""
    from eventstudy.report.publish import put
    from eventstudy.report.study_page import render_study

    again = shlex.join(["eventstudy", *sys.argv[1:]])
    try:
        put(page, render_study(document, command=again, title=title))
    except OSError as error:
        raise DataError(
            f"cannot be written: {error.strerror or error}",
            where="--report",
            value=str(page),
            remedy="name another file",
        ) from None
    click.echo(f"Report: {page}", err=True)
