"""``eventstudy power``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from eventstudy.atomic import replacing
from eventstudy.cli.common import NewFile, config_option, configured_database, db_option, emit_json, json_option, table

if TYPE_CHECKING:
    import pandas as pd

PICTURES = (".svg", ".png", ".pdf")


@click.command("power")
@click.option("--events", type=click.IntRange(min=1), required=True, help="How many events there will be.")
@click.option("--effect", type=float, required=True, help="True average reaction to be found; 0.01 is 1 %.")
@click.option(
    "--sigma",
    type=float,
    help="Standard deviation of one event's abnormal return of a day.  [default: that of --symbols]",
)
@click.option(
    "--symbols",
    metavar="A,B,…",
    help="Take σ from the stored daily prices of these, and draw days of theirs beside the closed form.",
)
@click.option("--one-date", is_flag=True, help="All events have one date, each a symbol of its own.")
@click.option("--days", type=click.IntRange(min=1), default=1, show_default=True, help="Length of the window.")
@click.option(
    "--correlation",
    type=click.FloatRange(0, 1),
    help="Between two events; above 0 where they share their date.  [default: 0; with --one-date that of --symbols]",
)
@click.option("--alpha", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.05, show_default=True)
@click.option(
    "--power",
    "target",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.8,
    show_default=True,
    help="Wished for.",
)
@click.option(
    "--alternative", type=click.Choice(("two-sided", "greater", "less")), default="two-sided", show_default=True
)
@click.option("--draws", type=click.IntRange(min=1), default=10_000, show_default=True, help="Studies that are drawn.")
@click.option("--seed", type=int, default=0, show_default=True, help="Where chance begins.")
@click.option(
    "-o", "--output", type=NewFile(), metavar="FILE", help="Draw the curve there: .svg, .png or .pdf; needs `plot`."
)
@config_option
@db_option
@json_option
def command(
    as_json: bool, symbols: str | None, output: Path | None, config_path: Path, database: Path | None, **given: object
) -> None:
    """Say before a study how often it would find a reaction, and how many events that takes.

    \b
    eventstudy power --events 30 --effect 0.01 --sigma 0.02
    eventstudy power --events 30 --effect 0.005 --symbols EURUSD,GBPUSD -o power.svg
    """  # noqa: D301  # click wants the character itself
    if output is not None and output.suffix.lower() not in PICTURES:
        raise click.UsageError(f"a picture ends in {', '.join(PICTURES)}, which {output.name} does not")
    if given["one_date"] and symbols is None:
        raise click.UsageError("--one-date says how days of --symbols are drawn")
    from eventstudy.study.power import power

    returns = None if symbols is None else _returns(database or configured_database(config_path), symbols)
    found = power(returns=returns, **given)  # type: ignore[arg-type]
    if output is not None:
        with replacing(output) as temporary:
            found.plot().savefig(temporary, format=output.suffix.lower()[1:])
    if as_json:
        emit_json(found.to_dict())
        return
    worth = f" (worth {found.effective_events:.1f} independent ones)" if found.correlation else ""
    needed = "no number of events" if found.events_needed is None else f"{found.events_needed} events"
    click.echo(
        f"With {found.events} events{worth} an average reaction of {found.effect:.2%} is found {found.power:.1%} of "
        f"the time, by a test at {found.alpha:.3g}, {found.alternative}."
    )
    click.echo(f"Found {found.target:.0%} of the time: a reaction of {found.detectable:.2%}; this one with {needed}.")
    if found.simulated is not None:
        click.echo(
            f"σ {found.sigma:.3%} a day. The same test found it in {found.simulated:.1%} of {given['draws']:,} studies "
            "of days drawn from the stored returns."
        )
    click.echo()
    click.echo(table(("events", "power"), [(str(n), f"{p:.1%}") for n, p in found.curve], right=("events", "power")))


def _returns(database: Path, symbols: str) -> pd.DataFrame:
    """Log returns from session to session, a column for each series."""
    import numpy as np
    import pandas as pd

    from eventstudy.store.frames import open_results

    names = [name.strip() for name in symbols.split(",") if name.strip()]
    with open_results(database) as results:
        prices = results.prices(names)
    wide = prices.set_index(["session", "source", "symbol"])["close"].unstack([1, 2])  # noqa: PD010  # one price each
    logs = np.log(wide.where(wide > 0).to_numpy(dtype=float))
    return pd.DataFrame(logs, wide.index, wide.columns).diff()
