"""``eventstudy power``."""

from __future__ import annotations

import click

from eventstudy.cli.common import emit_json, json_option, table


@click.command("power")
@click.option("--events", type=click.IntRange(min=1), required=True, help="How many events there will be.")
@click.option("--effect", type=float, required=True, help="True average reaction to be found; 0.01 is 1 %.")
@click.option("--sigma", type=float, required=True, help="Standard deviation of one event's abnormal return of a day.")
@click.option("--days", type=click.IntRange(min=1), default=1, show_default=True, help="Length of the window.")
@click.option(
    "--correlation",
    type=click.FloatRange(0, 1),
    default=0.0,
    show_default=True,
    help="Between two events; above 0 where they share their date.",
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
@json_option
def command(as_json: bool, **given: object) -> None:
    """Say before a study how often it would find a reaction, and how many events that takes.

    \b
    eventstudy power --events 30 --effect 0.01 --sigma 0.02
    """  # noqa: D301  # click wants the character itself
    from eventstudy.study.power import power

    found = power(**given)  # type: ignore[arg-type]
    if as_json:
        emit_json(found.to_dict())
        return
    worth = f" (worth {found.effective_events:.1f} independent ones)" if found.correlation else ""
    needed = "no number of events" if found.events_needed is None else f"{found.events_needed} events"
    click.echo(
        f"With {found.events} events{worth} an average reaction of {found.effect:.2%} is found {found.power:.1%} of "
        f"the time, by a test at {found.alpha:.3g}, {found.alternative}."
    )
    click.echo(f"Found {found.target:.0%} of the time: a reaction of {found.detectable:.2%}; this one with {needed}.\n")
    click.echo(table(("events", "power"), [(str(n), f"{p:.1%}") for n, p in found.curve], right=("events", "power")))
