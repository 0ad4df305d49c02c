"""``eventstudy schedule``."""

from __future__ import annotations

import datetime as dt
import re
import sys
from pathlib import Path

import click

from eventstudy.cli.common import config_option, configured_database
from eventstudy.cli.spans import span


def _address(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    if value is not None and not re.fullmatch(r".+:\d{1,5}", value):
        raise click.BadParameter(f"{value!r} is no address; write for example 127.0.0.1:9090")
    return value


@click.command("schedule")
@config_option
@click.option("--now", "at_once", is_flag=True, help="Run one pass at once, then keep to the schedule.")
@click.option(
    "--health",
    callback=_address,
    metavar="HOST:PORT",
    help="Answer /healthz and /metrics there, for example 127.0.0.1:9090.",
)
@click.option(
    "--max-age",
    callback=span,
    metavar="SPAN",
    default="26h",
    show_default=True,
    help="/healthz: oldest last good pass that is healthy.",
)
def command(config_path: Path, at_once: bool, health: str | None, max_age: dt.timedelta) -> None:
    """Run the pass every night until stopped, and over an event at set times after it came out.

    The times stand under `schedule:` in the settings, which are read again before every pass. A night that was missed
    while nothing ran is made up for at the start. SIGTERM, SIGINT and SIGHUP let the event at hand finish and then end
    the process with exit code 0; a second instance is refused with 4.
    """
    from jobs.signals import on_stop

    with on_stop() as stop:
        from jobs import scheduler
        from jobs.health import serving

        company = serving(configured_database(config_path), health, max_age) if health else None
        sys.exit(scheduler.serve(config_path, stop, at_once=at_once, company=company))
