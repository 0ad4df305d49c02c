"""Options of `eventstudy study` for studies in parts: who computes, what is planned, and what is gone on with."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from eventstudy.cli.common import emit_json
from eventstudy.config.cluster_names import REMEDY, is_cluster
from eventstudy.tables.content import SUFFIXES, tables_in

if TYPE_CHECKING:
    import pandas as pd

    from eventstudy.spec import StudySpec
    from eventstudy.study.clock.spec import ClockSpec
    from eventstudy.study.clock.table import FiledBars
    from eventstudy.study.spread.parquet import PriceFiles
    from eventstudy.study.spread.plan import Plan
    from eventstudy.tables.options import Options
    from eventstudy.tables.table import Table

Command = TypeVar("Command", bound=Callable[..., object])
PARQUET = (".parquet", ".pq")


class _Place(click.Path):
    """A path, or an address of an object store, whose slashes count."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        return value if "://" in str(value) else super().convert(value, param, ctx)


PLACE = _Place(path_type=Path)


def _cluster(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    """Refuse what is no cluster as wrong usage."""
    if value is None:
        return None
    if not is_cluster(value):
        raise click.BadParameter(f"{value} is no cluster; {REMEDY}")
    return value


def _more(_ctx: click.Context, _param: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """Files that a shell has made of a pattern behind --prices."""
    for path in value:
        if not path.lower().endswith(SUFFIXES) or not Path(path).is_file():
            raise click.UsageError(f"Got unexpected extra argument ({path})")
    return value


_OPTIONS = (
    click.argument("more", nargs=-1, callback=_more, metavar=""),
    click.option(
        "--cluster",
        metavar="WHERE",
        callback=_cluster,
        help="Who computes: local:4 for processes of this machine, or tcp://… for a scheduler of dask; same numbers.",
    ),
    click.option(
        "--dry-run",
        "is_dry",
        is_flag=True,
        help="Print the plan of a study in parts: parts, tasks, bytes, and what tests read; write nothing.",
    ),
    click.option(
        "--resume",
        is_flag=True,
        help="With --out: go on with a study in parts that was cut off, with the parts that are finished there.",
    ),
)


def options(command: Command) -> Command:
    """The options of studies in parts."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def files_of(paths: Sequence[Path | str], more: Sequence[str], form: Options) -> PriceFiles | list[Path]:
    """Prices that are read in parts; or the files that are read as tables.

    Raises
    ------
    DataError
        When there is no file.
    """
    from eventstudy.study.spread.parquet import is_many, price_files, tables_of

    last = str(paths[-1])
    if len(paths) == 1 and not more and Path(last).is_dir() and not any(Path(last).rglob("*.parquet")):
        paths = tables_in(Path(last)) or paths
    if len(paths) == 1 and (is_many(last) or (more and all(name.lower().endswith(PARQUET) for name in (last, *more)))):
        given = sorted((last, *more)) if more else ()
        found = price_files(str(Path(last).parent) if more else last, form, given)
        if found is not None:
            return found
    out: list[Path] = []
    for path in paths:
        out += tables_of(str(path)) if is_many(str(path)) else [Path(path)]
    return [*out, *map(Path, more)]


@contextlib.contextmanager
def going_on(out: Path | None) -> Iterator[None]:
    """Say how to go on when a person cuts a study off whose parts are saved."""
    try:
        yield
    except KeyboardInterrupt:
        if out is not None and any((out / "parts").glob("*.part")):
            click.echo(f"\nFinished parts are in {out}; the same with --resume goes on.", err=True)
        raise


def tell_plan(
    prices: PriceFiles | Table | pd.DataFrame,
    events: Table,
    spec: StudySpec,
    given: dict[str, Any],
    cluster: str | None,
    *,
    is_light: bool,
    as_json: bool,
) -> None:
    """Print what a study would do."""
    from eventstudy.study.options import StudyOptions
    from eventstudy.study.spread.planned import planned

    _tell(planned(prices, events, spec, StudyOptions.of(given), cluster, is_light=is_light), as_json=as_json)


def tell_plan_by_clock(
    bars: FiledBars, events: pd.DataFrame, spec: ClockSpec, cluster: str | None, *, as_json: bool
) -> None:
    """Print what a study by the minute would do."""
    from eventstudy.study.clock.planned import planned_by_clock

    _tell(planned_by_clock(bars, events, spec, cluster), as_json=as_json)


def _tell(plan: Plan, *, as_json: bool) -> None:
    if as_json:
        emit_json(plan.to_dict())
    else:
        for line in plan.lines():
            click.echo(line)
