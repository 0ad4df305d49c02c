"""Options of ``eventstudy study`` that a paper asks for: a regression by formula, and other ways to the same answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from eventstudy.study.robust.asked import Robustness
    from eventstudy.tables.table import Table

Command = TypeVar("Command", bound=Callable[..., object])

_file = click.Path(path_type=Path)


def words(_ctx: click.Context, _param: click.Parameter, value: str) -> tuple[str, ...]:
    """Split A,B,C."""
    return tuple(part.strip() for part in value.split(",") if part.strip())


OPTIONS = (
    click.option(
        "--formula",
        metavar="FORMULA",
        help='A regression instead of --regress, for example "car ~ surprise + C(sector)"; text is a category.',
    ),
    click.option(
        "--cluster-by",
        metavar="A,B",
        default="",
        callback=words,
        help="Cluster its errors by one or two of date, asset, event_id, group and columns of the events.",
    ),
    click.option(
        "--calendar-time",
        type=click.Choice(("ols", "white", "wls")),
        help="Also the alpha of the portfolio of all events whose window holds the day, by these errors.",
    ),
    click.option(
        "--match",
        "match_path",
        type=_file,
        help="Also hold buy-and-hold returns against portfolios of alike assets: a table of asset, date and "
        "characteristics such as size and book_to_market.",
    ),
    click.option(
        "--match-groups", type=click.IntRange(min=1), default=5, show_default=True, help="Groups by each of these."
    ),
    click.option(
        "--donors",
        metavar="A,B,C",
        default="",
        callback=words,
        help="Also a synthetic control of each treated asset, made of these.",
    ),
)


def paper_options(command: Command) -> Command:
    """Add them."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def robustness(options: dict[str, Any], read: Callable[[Path], Table]) -> Robustness | None:
    """What the study is also held against; takes its options out.

    Parameters
    ----------
    options : dict
    read : callable
        Gives the table of a file.
    """
    from eventstudy.study.robust.asked import Robustness

    path, groups = options.pop("match_path"), options.pop("match_groups")
    asked = {name: options.pop(name) for name in ("calendar_time", "donors")}
    if path is None and not any(asked.values()):
        return None
    table = None if path is None else read(path)
    return Robustness(match=table, match_groups=groups, **asked)


def refuse_together(given: dict[str, Any], named: set[str], *, has_factor_file: bool) -> None:
    """Refuse options of a study on files that have no meaning together; `named` stand on the command line."""
    if given["formula"] and given["regress"]:
        raise click.UsageError("--formula stands in place of --regress; give one of the two")
    if len(given["cluster_by"]) > 2:
        raise click.UsageError("--cluster-by takes one or two")
    if given["cluster_by"] and given["covariance"] != "cluster" and "covariance" in named:
        raise click.UsageError("--cluster-by is a covariance of its own; leave out --covariance")
    if given["units"] and given["values"] not in ("returns", "changes") and not has_factor_file:
        raise click.UsageError("--units is of returns: of --values returns or changes, or of --factor-file")
    if given["values"] == "changes" and not given["units"]:
        raise click.UsageError("--values changes needs --units percent, basis-points or decimal: what the levels are")
