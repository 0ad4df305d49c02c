"""``eventstudy study``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

from eventstudy.cli import study_out, study_plan, study_spread, study_stored
from eventstudy.cli.common import config_option, emit_json, json_option, named_options, refuse, table_options, written
from eventstudy.cli.paper import paper_options, refuse_together, robustness, words
from eventstudy.cli.study_spec import CLOCK_OPTIONS, VARIANTS, clock_spec_of, spec_of
from eventstudy.errors import DataError, InputError
from eventstudy.registry.models import MODELS
from eventstudy.registry.tests import TESTS

if TYPE_CHECKING:
    import pandas as pd

    from eventstudy.study.clock.result import ClockResult
    from eventstudy.study.clock.spec import ClockSpec
    from eventstudy.study.clock.table import FiledBars
    from eventstudy.study.result import StudyResult
    from eventstudy.study.units import Units
    from eventstudy.tables.options import Options
    from eventstudy.tables.shapes import Values
    from eventstudy.tables.table import Table

SETS = tuple(model.name for model in MODELS.ours if model.factors)
BY_CLOCK = ("market", "constant-mean", "factor")  # by the minute all of them, with what is named for them
# What is of days alone.
OF_DAYS = (
    *("variant", "estimation", "event_window", "min_estimation", "missing", "partial", "values"),
    *("delisting_return", "drop_overlapping", "alternative", "equivalence", "lags", "leads", "units", "factor_paths"),
    *("all_tests", "formula", "cluster_by", "calendar_time", "match_path", "match_groups", "donors"),
)
MOST_INDENTED = 50  # events of a document by the minute that a person may read; indenting takes half of the time
COVARIANCES = ("nonrobust", "HC0", "HC1", "HC2", "HC3", "cluster")

Command = TypeVar("Command", bound=Callable[..., object])

_file = click.Path(path_type=Path)


def _choice(name: str, values: tuple[str, ...], default: str, text: str) -> Callable[[Command], Command]:
    return click.option(name, type=click.Choice(values), default=default, show_default=True, help=text)


@click.command("study")
@click.option(
    "--prices",
    "price_paths",
    type=study_spread.PLACE,
    multiple=True,
    help="Table of dates and prices: CSV, Excel, Parquet or Stata, wide or long; may be repeated, joined on the date. "
    "Or Parquet files that are read in parts: a folder, a pattern, or an address such as s3://bucket/*.parquet.",
)
@click.option(
    "--events",
    "events_path",
    type=_file,
    help="Table: event_id, asset, and date, or announced_at and calendar; optionally zone, group, weight, benchmark.",
)
@click.option("--stored", is_flag=True, help="Study events and prices of the database instead of files.")
@config_option
@click.option("--db", "database", type=_file, help="With --stored: the database, instead of the settings'.")
@click.option("--study", "study_id", metavar="ID", help="With --stored: whose settings hold where no option is given.")
@click.option("--tag", help="With --stored: only events with this tag.")
@click.option("--kind", help="With --stored: only events of this kind.")
@click.option(
    "--asset", "assets", metavar="NAME", multiple=True, help="With --stored: only this asset; may be repeated."
)
@click.option(
    "--event", "event_ids", metavar="ID", multiple=True, help="With --stored: only this event; may be repeated."
)
@click.option(
    "--compare", metavar="TAG,TAG", default="", callback=words, help="With --stored: tags whose events are compared."
)
@_choice("--values", ("prices", "returns", "volume", "changes"), "prices", "What the cells are.")
@click.option(
    "--units",
    type=click.Choice(("decimal", "percent", "basis-points")),
    help="Of levels (--values changes), and of returns given, factors included, which are made decimals; decimal takes "
    "what looks otherwise.",
)
@click.option("--benchmark", metavar="COLUMN", help="Column of the benchmark.")
@click.option(
    "--factors",
    metavar="A,B,C",
    default="",
    callback=words,
    help=f"Columns of a factor or peer model; or {', '.join(SETS)}.",
)
@click.option(
    "--factor-file",
    "factor_paths",
    type=_file,
    multiple=True,
    help="Factor returns, joined on the date: any table, or Kenneth French's daily CSV or zip; may be repeated.",
)
@table_options
@_choice("--model", tuple(MODELS), "market", "Expected-return model.")
@click.option(
    "--variant",
    metavar="NAME",
    help=f"Of the model: {', '.join(f'{variant} {model}' for variant, model in VARIANTS.items())}.",
)
@_choice("--returns", ("log", "simple"), "log", "Kind of returns.")
@click.option(
    "--estimation", default="-250:-11", show_default=True, metavar="A:B", help="Estimation window, in sessions."
)
@click.option("--event-window", default="-10:10", show_default=True, metavar="A:B", help="Event window, in sessions.")
@click.option(
    "--window",
    "windows",
    multiple=True,
    metavar="A:B",
    help="Window to test; may be repeated.  [default: 0:0, 0:1, -1:1]",
)
@click.option("--min-estimation", type=click.IntRange(min=3), help="Fewest estimation days.  [default: 100, or all]")
@_choice("--missing", ("drop", "lump"), "drop", "Whether the day after a hole in the prices carries the whole return.")
@_choice("--partial", ("drop", "keep"), "drop", "Whether averages over a window take events with a part of its days.")
@click.option(
    "--delisting-return",
    type=float,
    metavar="R",
    help="Return of the session after an asset's last price, for example -0.3; the events may have a column of them.",
)
@click.option("--drop-overlapping", is_flag=True, help="Leave out an event that overlaps an earlier one of its asset.")
@click.option("--confirm", multiple=True, metavar="ASSET:DATE", help="A price in doubt that is right; may be repeated.")
@_choice("--alternative", ("two-sided", "greater", "less"), "two-sided", "Side of every test.")
@click.option(
    "--alpha",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.05,
    show_default=True,
    help="Level of intervals.",
)
@click.option(
    "--equivalence",
    type=click.FloatRange(0, min_open=True),
    metavar="SIZE",
    help="Effect that would not matter, for example 0.01: adds the test that it is smaller.",
)
@click.option("--regress", metavar="A,B", default="", callback=words, help="Columns of events to explain CARs with.")
@_choice("--covariance", COVARIANCES, "HC3", "Standard errors of that regression.")
@paper_options
@click.option("--tests", metavar="A,B,C", default="", callback=words, help=f"Only these tests: {', '.join(TESTS)}.")
@click.option("--all-tests", is_flag=True, help="Show every test, marked where it does not hold for this design.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of the resampling tests.")
@click.option("--draws", type=click.IntRange(min=99), default=999, show_default=True, help="Draws of the same.")
@click.option("--lags", type=click.IntRange(min=0), default=1, show_default=True, help="Benchmark lags, dimson.")
@click.option("--leads", type=click.IntRange(min=0), default=1, show_default=True, help="Benchmark leads, dimson.")
@click.option(
    "--bar",
    type=click.Choice(("1m", "2m", "5m", "10m", "15m", "30m", "1h")),
    help="Study by the minute: --prices then holds bars, --window minutes such as 0m:30m or 0m:close, or a name: "
    "statement, press-conference, median or ea-mpd.",
)
@click.option("--calendar", metavar="NAME", help="Of the assets, for example XNYS or fx.")
@click.option(
    "--reference-sessions", type=click.IntRange(min=3), default=60, show_default=True, help="By the minute: sessions."
)
@click.option(
    "--mask-events",
    is_flag=True,
    help="Leave days of other events of the asset out of what the event is compared with.",
)
@click.option(
    "--extended", is_flag=True, help="By the minute: sessions with trading before and after the ordinary hours."
)
@_choice("--clock", ("venue", "announcement"), "venue", "By the minute: whose clock time is compared.")
@_choice("--gap-class", ("any", "same"), "any", "By the minute: reopenings that a shut market is compared with.")
@click.option(
    "--snap",
    "snap_seconds",
    type=click.IntRange(0, 59),
    default=0,
    help="By the minute: seconds past a minute to cut off.",
)
@study_spread.options
@study_out.outputs
@json_option
def command(
    price_paths: tuple[Path | str, ...],
    more: tuple[str, ...],
    events_path: Path | None,
    stored: bool,
    factor_paths: tuple[Path, ...],
    columns: dict[str, str],
    date_format: str,
    decimal: str | None,
    sheet: str,
    all_tests: bool,
    as_json: bool,
    bar: str | None,
    cluster: str | None,
    resume: bool,
    is_dry: bool,
    **options: Any,
) -> None:
    """Study many events given in files; prints the tests that are valid for the design at hand, and why those.

    \b
    eventstudy study --prices prices.csv --events events.csv --benchmark MKT --window 0:0 --window 0:1

    \b
    eventstudy study --stored --tag central-bank --asset EURUSD

    Exit codes: 0 done; 1 error in the data; 2 wrong usage; 3 finished, but events were skipped, or a window rests on a
    price in doubt, or the study departed from its plan.
    """  # noqa: D301  # click wants the character itself
    wanted = study_out.Outputs(**{name: options.pop(name) for name in study_out.NAMES})
    if wanted.output is None:
        refuse(("style", "is_starred"), "is of a file, -o")
    of_database = {name: options.pop(name) for name in study_stored.OPTIONS}
    if stored:
        from eventstudy.study.result import StudyResult

        with study_stored.chosen(of_database, options) as study:
            wanted = wanted.with_plan(study.held)
            result = study.result()
        if not isinstance(result, StudyResult):
            _tell_by_the_minute(result, wanted, as_json=as_json)
        wanted.write(result)
        _tell(result, wanted, all_tests=all_tests, as_json=as_json)
        return
    refuse(study_stored.OPTIONS, "needs --stored")
    if not price_paths or events_path is None:
        raise click.UsageError("give --prices and --events, or --stored")
    by_clock = {name: options.pop(name) for name in CLOCK_OPTIONS}
    _check_values(options["confirm"], by_clock["calendar"])
    form = written(columns, date_format, decimal, sheet)
    events = events_of(events_path, form)
    run = {**options, **by_clock, "bar": bar, "factor_paths": factor_paths}
    wanted = wanted.with_plan(lambda plan: study_plan.held(plan, study_plan.frozen_of(run, events)))
    if bar is not None:
        asked = _clock_spec({"bar": bar, **options, **by_clock})
        bars = _bars((*map(Path, price_paths), *map(Path, more)), form)
        by = _By(cluster=cluster, resume=resume, is_dry=is_dry)
        _by_the_minute(bars, _cells(events), asked, by, wanted, as_json=as_json)
        return
    places = study_spread.files_of(price_paths, more, form)
    from eventstudy.study.options import StudyOptions
    from eventstudy.study.spread.filed import may_stay
    from eventstudy.study.table import run_study

    inputs = (
        *(*study_stored.STUDY_INPUTS, "values", "units", "benchmark", "factors", "missing"),
        *("regress", "formula", "covariance", "cluster_by", "delisting_return", "confirm"),
    )
    given = {name: options.pop(name) for name in inputs}
    refuse_together(given, named_options(), has_factor_file=bool(factor_paths))
    given |= {name: by_clock[name] for name in ("calendar", "mask_events")}
    given["robustness"] = robustness(options, lambda path: _read(path, "match", replace(form, columns={}, sheet="")))
    spec = spec_of(options)
    given["factor_returns"] = _factors(factor_paths, form, given["units"]) if factor_paths else None
    is_spread = cluster is not None or (not isinstance(places, list) and may_stay(StudyOptions.of(given)))
    _refuse_of_parts(is_spread=is_spread, has_cluster=cluster is not None, has_folder=wanted.out is not None)
    prices = _prices(tuple(places), form, given["values"], events) if isinstance(places, list) else places
    if is_dry:
        is_light = is_spread and wanted.out is not None and given["robustness"] is None
        study_spread.tell_plan(prices, events, spec, given, cluster, is_light=is_light, as_json=as_json)
        return
    study_out.tell_parts()
    with study_spread.going_on(wanted.out):
        result = run_study(
            prices,
            events,
            spec,
            **given,
            cluster=cluster,
            with_events=as_json or wanted.page is not None,
            progress=study_out.progress_of_parts() if is_spread else None,
            folder=wanted.folder,
            resume=resume,
        )
    wanted.write(result, events)
    _tell(result, wanted, all_tests=all_tests, as_json=as_json)


def _check_values(confirm: Sequence[str], calendar: str | None) -> None:
    """Refuse values that no data are needed for to be wrong."""
    from eventstudy.config.calendar_names import resolved

    if wrong := next((text for text in confirm or () if ":" not in text), None):
        raise click.UsageError(f"--confirm {wrong} is not ASSET:DATE")
    try:
        if calendar is not None:
            resolved(calendar)
    except InputError as error:
        raise click.UsageError(str(error)) from error


def _refuse_of_parts(*, is_spread: bool, has_cluster: bool, has_folder: bool) -> None:
    """Refuse what a study in parts, or one that is not, has no meaning for."""
    if has_cluster:
        refuse(("into",), "is of one process: leave out --cluster")
    elif is_spread:
        refuse(("into",), "is of prices that are read as tables")
    if not (is_spread and has_folder):
        refuse(("resume",), "needs --out, and --cluster or prices that are read in parts")


def _clock_spec(options: dict[str, Any]) -> ClockSpec:
    """Settings of a study by the minute; refuses what it has not."""
    refuse((*OF_DAYS, "into", "output"), "is of days, not of --bar")
    if options["model"] not in BY_CLOCK:
        raise click.UsageError(f"--model {options['model']} is of days; --bar takes {', '.join(BY_CLOCK)}")
    if options["returns"] != "log":
        raise click.UsageError("--bar measures log returns")
    return clock_spec_of(options)


def _tell(result: StudyResult, wanted: study_out.Outputs, *, all_tests: bool, as_json: bool) -> None:
    """Print a finished study, and write its page; exit code 3 when events were skipped, or a window refused."""
    if as_json:
        emit_json(wanted.document(result))
    else:
        click.echo(result.summary(all_tests=all_tests))
        wanted.say_plan()
    wanted.write_page(result)
    sys.exit(3 if result.n_skipped or result.has_refusals or wanted.has_departed else 0)


def _bars(paths: tuple[Path, ...], form: Options) -> FiledBars:
    """The bars of --prices."""
    from eventstudy.study.clock.parquet import bars_in
    from eventstudy.study.clock.table import FrameBars

    if len(paths) > 1:
        raise click.UsageError("bars stand in one file, or in one folder of Parquet files")
    (path,) = paths
    where = f"--prices {path}"
    return bars_in(path, where) or FrameBars(_cells(_read(path, "prices", form, as_text=True)), where)


@dataclass(frozen=True, slots=True, kw_only=True)
class _By:
    """Who computes, and whether anything is computed."""

    cluster: str | None
    resume: bool
    is_dry: bool


def _by_the_minute(
    bars: FiledBars, events: pd.DataFrame, spec: ClockSpec, by: _By, wanted: study_out.Outputs, *, as_json: bool
) -> None:
    """Study bars by the clock, here or on a cluster; or print what that would do."""
    from eventstudy.study.clock.result import run_clock_study, run_clock_study_on
    from eventstudy.study.spread.run import Spread

    _refuse_of_parts(is_spread=by.cluster is not None, has_cluster=False, has_folder=wanted.out is not None)
    if by.is_dry:
        study_spread.tell_plan_by_clock(bars, events, spec, by.cluster, as_json=as_json)
        return
    if by.cluster is None:
        _tell_by_the_minute(run_clock_study(bars, events, spec), wanted, as_json=as_json)
    progress = study_out.progress_of_parts()
    spread = Spread(cluster=by.cluster, progress=progress, folder=wanted.out, resume=by.resume)
    with study_spread.going_on(wanted.out):
        found = run_clock_study_on(bars, events, spec, spread)
    _tell_by_the_minute(found, wanted, as_json=as_json)


def _tell_by_the_minute(result: ClockResult, wanted: study_out.Outputs, *, as_json: bool) -> NoReturn:
    """Print a finished study by the minute, and write its page; exit code 3 when a window was refused."""
    refuse(("output", "into"), "is of days, not of minutes")
    wanted.write_folder(result)
    if as_json:
        emit_json(wanted.document(result), indent=2 if len(result.rows) <= MOST_INDENTED else None)
    else:
        click.echo(result.summary())
        wanted.say_plan()
    wanted.write_page(result)
    sys.exit(3 if result.n_refused or wanted.has_departed else 0)


def _cells(table: Table) -> pd.DataFrame:
    """The cells of a table under its names."""
    return table.frame.set_axis(list(table.header), axis=1)


def _prices(paths: tuple[Path, ...], form: Options, values: Values, events: Table) -> Table:
    """The prices; a column of dates that is mapped, and that the events have, is theirs."""
    from eventstudy.study.placing import COLUMNS
    from eventstudy.tables.shapes import joined

    theirs = ({*COLUMNS} - {"date"}) | set(events.roles_given())  # a date is of both
    form = replace(form, columns={role: name for role, name in form.columns.items() if role not in theirs})
    tables = [_read(path, "prices", form) for path in paths]
    return tables[0] if len(tables) == 1 else joined(tables, values)


def events_of(path: Path, form: Options) -> Table:
    """The events; the names of price columns and the sheet of a workbook are not theirs."""
    from eventstudy.study.placing import COLUMNS

    roles = {role: name for role, name in form.columns.items() if role in COLUMNS}
    table = _read(path, "events", replace(form, columns=roles, sheet=""), as_text=True)
    for role, name in roles.items():
        if role != "date" and name not in table.header:
            shown = ", ".join(filter(None, table.header[:8]))
            raise DataError(
                "there is no such column", where=f"--column {role}", value=name, remedy=f"columns are {shown}"
            )
    return table


def _factors(paths: tuple[Path, ...], form: Options, units: Units | None) -> Table:
    """A table of factor returns in `units`, out of files of our form or of Kenneth French's."""
    from eventstudy.study.factors import french_frame, joined
    from eventstudy.study.units import SCALE
    from eventstudy.tables.reading import of_frame
    from eventstudy.tables.shapes import wide_frame

    form = replace(form, columns={}, sheet="")
    frames: list[pd.DataFrame] = []
    notes: list[str] = []
    for path in paths:
        try:
            frame = french_frame(path)
        except OSError:
            frame = None  # the reader below says what is wrong
        if frame is None:
            frame, said = wide_frame(_read(path, "factor-file", form), "returns")
        else:
            said = (f"{path.name}: read as Kenneth French's: percent are made decimals",)
            if units is not None:  # of the other files
                frame.iloc[:, 1:] *= SCALE[units]
        frames.append(frame)
        notes += said
    return replace(of_frame(joined(frames), "factor-file"), notes=tuple(notes))


def _read(path: Path, what: str, form: Options, *, as_text: bool = False) -> Table:
    """A file as a table.

    Raises
    ------
    DataError
        When there is no such file, or it is no table.
    """
    from eventstudy.tables.reading import read_table

    where = f"--{what}"
    try:
        return read_table(path, form, as_text=as_text)
    except FileNotFoundError:
        raise DataError("there is no such file", where=where, value=str(path), remedy="check the path") from None
    except OSError as error:
        problem = f"cannot be read: {error.strerror or error}"
        raise DataError(problem, where=where, value=str(path), remedy="name a file") from None
    except DataError as error:
        raise DataError(
            error.problem, where=f"{where} {error.where}", value=error.value, remedy=error.remedy
        ) from error
