"""``eventstudy events``: the group; its commands stand in `events_read` and `events_write`."""

from __future__ import annotations

import click

from eventstudy.cli.events_read import list_, show
from eventstudy.cli.events_write import add, edit, import_, retire


@click.group("events")
def command() -> None:
    """List, show, add, import, edit and retire announcements.

    They come from the settings, from their feeds (files, calendars, a watched folder, earnings dates), and from here.
    """


for _command in (list_, show, add, import_, edit, retire):
    command.add_command(_command)
