"""``eventstudy schedule``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from eventstudy.cli.common import config_option


@click.command("schedule")
@config_option
@click.option("--now", "at_once", is_flag=True, help="Run one pass at once, then keep to the schedule.")
def command(config_path: Path, at_once: bool) -> None:
    """Run the pass every night until stopped, and over an event at set times after it came out.

    The times stand under `schedule:` in the settings, which are read again before every pass. A night that was missed
    while nothing ran is made up for at the start. SIGTERM and SIGINT let the event at hand finish and then end the
    process with exit code 0; a second instance is refused with 4.
    """
    from jobs import scheduler

    sys.exit(scheduler.serve(config_path, at_once=at_once))
