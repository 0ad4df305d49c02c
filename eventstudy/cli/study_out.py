"""What `eventstudy study` writes beside what it prints: a folder of Parquet, a results database, a page."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from eventstudy.cli import study_plan
from eventstudy.cli.common import NewFile
from eventstudy.cli.pdf import BESIDE, pdf_option, place_of, write_pdf
from eventstudy.cli.query import style_of
from eventstudy.errors import DataError
from eventstudy.store.queries import EXPORTS
from eventstudy.tables.write import FORMATS

if TYPE_CHECKING:
    from eventstudy.plans.held import Held
    from eventstudy.plans.plan import Plan
    from eventstudy.study.clock.result import ClockResult
    from eventstudy.study.result import StudyResult
    from eventstudy.study.spread.workers import Progress
    from eventstudy.tables.table import Table


NAMES = ("output", "style", "is_starred", "out", "into", "study_name", "page", "pdf", "title", "plan_path")
Command = TypeVar("Command", bound=Callable[..., object])


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """What is written of a study beside what is printed, as the options of `outputs` say."""

    output: Path | None
    style: str | None
    is_starred: bool
    out: Path | None
    into: Path | None
    study_name: str
    page: Path | None
    pdf: str | None
    title: str
    plan_path: Path | None
    held: Held | None = None

    def with_plan(self, hold: Callable[[Plan], Held]) -> Outputs:
        """Hold the study against its plan, if it has one."""
        if self.plan_path is None:
            return self
        return replace(self, held=hold(study_plan.read(self.plan_path)))

    @property
    def has_departed(self) -> bool:
        """Whether the study is not the one that was planned."""
        return self.held is not None and not self.held.is_kept

    def document(self, result: StudyResult | ClockResult) -> dict[str, Any]:
        """What the study found, and whether it kept its plan."""
        return {**result.to_dict(), **self._plan}

    @property
    def folder(self) -> Path | None:
        """Where what is large of a study may lie until it is written; None where no place is named."""
        return self.out or (self.into and self.into.absolute().parent)

    @property
    def _plan(self) -> dict[str, Any]:
        return {"plan": self.held.to_dict()} if self.held else {}

    def say_plan(self) -> None:
        """Print whether the study kept its plan."""
        if self.held is not None:
            click.echo(f"\n{study_plan.told(self.held)}")

    def __post_init__(self) -> None:
        """See that the PDF has a place, and that what makes it is there, before anything is computed."""
        if self.pdf == BESIDE and self.page is None:
            raise click.UsageError("--pdf: name a file, or give --report as well.")
        if self.pdf is not None:
            from eventstudy.report.paper import required

            required()

    def write(self, result: StudyResult, events: Table | None = None) -> None:
        """Write everything but the page; a database only of `events` that were given as a table."""
        if self.output is not None:
            write_table(result, self.output, self.style or style_of(self.output), is_starred=self.is_starred)
        self.write_folder(result)
        if self.into is not None and events is not None:
            write_database(result, events, self.into, self.study_name, self.title)

    def write_folder(self, result: StudyResult | ClockResult) -> None:
        """Write the folder of `--out`, of which parts are then no more needed; say how many rows."""
        if self.out is None:
            return
        from eventstudy.study.result import StudyResult
        from eventstudy.study.rows import write_study
        from eventstudy.study.spread.saved import given_up

        try:
            if isinstance(result, StudyResult):
                counts = write_study(result, self.out, self._plan)
            else:
                counts = result.write(self.out, self._plan)
        except OSError as error:
            raise DataError(
                f"cannot be written: {error.strerror or error}",
                where="--out",
                value=str(self.out),
                remedy="name a folder",
            ) from None
        given_up(self.out)
        click.echo(f"Written to {self.out}: " + ", ".join(f"{n:,} {name}" for name, n in counts.items()), err=True)

    def write_page(self, result: StudyResult | ClockResult) -> None:
        """Write the page, as HTML and as PDF where they are wanted."""
        if self.page is None and self.pdf is None:
            return
        from eventstudy.report.study.page import render_study

        again = shlex.join(["eventstudy", *sys.argv[1:]])
        page = render_study(self.document(result), command=again, title=self.title)
        if self.page is not None:
            write_page(self.page, page)
        if self.pdf is not None:
            path = place_of(self.pdf, self.page or Path())
            write_pdf(path, page)
            click.echo(f"PDF: {path}", err=True)


_OPTIONS = (
    click.option(
        "--out",
        type=click.Path(path_type=Path, file_okay=False),
        help="Also write a folder: study.json, and events, windows and days as Parquet; with --bar windows alone.",
    ),
    click.option(
        "-o",
        "--output",
        type=NewFile(),
        metavar="FILE",
        help="Also write every average with every test, in the form FILE is called after: .csv, .xlsx, .tex, …",
    ),
    click.option(
        "--format", "style", type=click.Choice(list(FORMATS)), help="Of that file.  [default: as it is called]"
    ),
    click.option("--stars", "is_starred", is_flag=True, help="With -o: a column of stars: p below 0.1, 0.05, 0.01."),
    click.option(
        "--into",
        type=NewFile(),
        metavar="DB",
        help="Also write a results database, or add to one that --into made: full rows, for query, browse and export.",
    ),
    click.option(
        "--as", "study_name", default="study", show_default=True, metavar="NAME", help="With --into: its id there."
    ),
    click.option("--report", "page", type=NewFile(), help="Also write a page of HTML."),
    pdf_option("Also write the page as PDF.  [default FILE: beside that of --report]"),
    click.option("--title", default="Event study", show_default=True, help="Heading of that page."),
    study_plan.plan_option,
)


def outputs(command: Command) -> Command:
    """The options of what is written; `Outputs` takes their values."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def tell_parts() -> None:
    """Say on a terminal how far a step of the study is that has several parts."""
    from eventstudy.cli.common import progress
    from eventstudy.parallel import watch
    from jobs.countdown import Countdown

    talk = progress()
    step = [Countdown(talk, 0)]

    def say(done: int, total: int) -> None:
        if done == 0:
            step[0] = Countdown(talk, total)
        if done < total:
            step[0].step("parts of a step", done)
        else:
            talk("")

    watch(say)


def progress_of_parts() -> Progress | None:
    """Says on a terminal how far the parts of a study are."""
    if not sys.stderr.isatty():
        return None

    def say(what: str, done: int, n: int) -> None:
        click.echo(f"\r{what}: {done} of {n}   ", nl=done == n, err=True)

    return say


def write_table(result: StudyResult, output: Path, style: str, *, is_starred: bool) -> None:
    """Write every average with every test of it, as `eventstudy export study` does, with the method below."""
    from eventstudy.cli.export_table import Wanted, put_table
    from eventstudy.study.method import method_line
    from eventstudy.study.rows import average_rows

    names, rows = average_rows(result)
    note = method_line(result.spec, "Every asset")
    put_table(EXPORTS["study"], (names, iter(rows)), output, style, Wanted(is_starred=is_starred, note=note))
    click.echo(f"Written to {output}.", err=True)


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


def write_page(page: Path, html: str) -> None:
    """Write the page of `--report`."""
    from eventstudy.report.publish import put

    try:
        put(page, html)
    except OSError as error:
        raise DataError(
            f"cannot be written: {error.strerror or error}",
            where="--report",
            value=str(page),
            remedy="name another file",
        ) from None
    click.echo(f"Report: {page}", err=True)
