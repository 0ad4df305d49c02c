"""``eventstudy study``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eventstudy.cli.common import emit_json, json_option
from eventstudy.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

_file = click.Path(path_type=Path, dir_okay=False)


@click.command("study")
@click.option("--prices", "prices_path", type=_file, required=True, help="CSV: date, then one column per asset.")
@click.option("--events", "events_path", type=_file, required=True, help="CSV: event_id, asset, date or announced_at and calendar.")
@click.option("--values", type=click.Choice(["prices", "returns"]), default="prices", show_default=True, help="What the cells are.")
@click.option("--benchmark", metavar="COLUMN", help="Column of the benchmark.")
@click.option("--factors", metavar="A,B,C", default="", help="Columns of a factor or peer model; or ff3, carhart, ff5.")
@click.option("--factor-file", "factor_path", type=_file, help="CSV of factor returns, joined on the date.")
@click.option("--model", default="market", show_default=True, help="Expected-return model.")
@click.option("--returns", type=click.Choice(["log", "simple"]), default="log", show_default=True, help="Kind of returns.")
@click.option("--estimation", default="-250:-11", show_default=True, metavar="A:B", help="Estimation window, in sessions.")
@click.option("--event-window", default="-10:10", show_default=True, metavar="A:B", help="Event window, in sessions.")
@click.option("--window", "windows", multiple=True, metavar="A:B", help="Window to test; may be repeated.  [default: 0:0, 0:1, -1:1]")
@click.option("--min-estimation", type=click.IntRange(min=3), help="Fewest estimation days.  [default: 100, or the whole window]")
@click.option("--missing", type=click.Choice(["drop", "lump"]), default="drop", show_default=True, help="What a hole in the prices does.")
@click.option("--drop-overlapping", is_flag=True, help="Leave out an event that overlaps an earlier one of the same asset.")
@click.option("--alternative", type=click.Choice(["two-sided", "greater", "less"]), default="two-sided", show_default=True)
@click.option("--alpha", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.05, show_default=True, help="Level of intervals.")
@click.option("--tests", metavar="A,B,C", help="Only these tests.")
@click.option("--all-tests", is_flag=True, help="Show every test, marked where it does not hold for this design.")
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the resampling tests.")
@click.option("--draws", type=click.IntRange(min=99), default=999, show_default=True, help="Draws of the resampling tests.")
@click.option("--lags", type=click.IntRange(min=0), default=1, show_default=True, help="Benchmark lags of the Dimson model.")
@click.option("--leads", type=click.IntRange(min=0), default=1, show_default=True, help="Benchmark leads of the Dimson model.")
@click.option("--variant", default="", help="Variant of the model: distributed (dimson), regression (peer).")
@json_option
def command(
    prices_path: Path,
    events_path: Path,
    values: str,
    benchmark: str | None,
    factors: str,
    factor_path: Path | None,
    windows: tuple[str, ...],
    missing: str,
    drop_overlapping: bool,
    tests: str | None,
    all_tests: bool,
    as_json: bool,
    **settings: object,
) -> None:
    """Study many events given in files; prints the tests that are valid for the design at hand, and why those.

    \b
    eventstudy study --prices prices.csv --events events.csv --benchmark MKT --window 0:0 --window 0:1
    """
    from eventstudy.spec import StudySpec
    from eventstudy.study.table import FACTOR_SETS, run_study

    model = str(settings["model"])
    if model in FACTOR_SETS:
        settings["model"], factors = "factor", factors or model
    options: dict[str, object] = {**settings, "tests": tuple(t.strip() for t in tests.split(",")) if tests else None}
    if windows:
        options["windows"] = windows
    result = run_study(
        read_table(prices_path, "prices"),
        read_table(events_path, "events"),
        StudySpec(**options),  # type: ignore[arg-type]  # click has checked the types
        benchmark=benchmark,
        factors=factors,
        values=values,  # type: ignore[arg-type]  # one of two, checked by click
        missing=missing,  # type: ignore[arg-type]  # one of two, checked by click
        drop_overlapping=drop_overlapping,
        factor_returns=read_table(factor_path, "factor-file") if factor_path else None,
    )
    if as_json:
        emit_json(result.to_dict())
    else:
        click.echo(result.summary(all_tests=all_tests))
    sys.exit(3 if result.n_skipped else 0)


def read_table(path: Path, what: str) -> pd.DataFrame:
    """A CSV file as a frame of text and numbers; nothing but an empty cell is read as missing.

    Raises
    ------
    DataError
        When there is no such file, or it is no table.
    """
    import pandas as pd

    try:
        return pd.read_csv(path, keep_default_na=False, na_values=[""], dtype=None if what != "events" else "str")
    except FileNotFoundError:
        raise DataError("there is no such file", where=f"--{what}", value=str(path), remedy="check the path") from None
    except (pd.errors.EmptyDataError, pd.errors.ParserError, UnicodeDecodeError, OSError) as error:
        problem = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DataError(f"not a readable CSV table: {problem}", where=str(path), remedy="give comma-separated UTF-8") from None
