"""``eventstudy draft``."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eventstudy.cli.common import config_option, db_option, emit_json, json_option

if TYPE_CHECKING:
    from eventstudy.config.model import Config
    from eventstudy.records import Event


@click.command("draft")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--at", metavar="TIME", help='When the news came out: "2023-03-17T07:00Z".  [default: guessed]')
@click.option(
    "--published",
    metavar="DATE",
    help='What "Friday" and "next week" count from.  [default: the date printed on the article, else --at]',
)
@click.option("--zone", metavar="ZONE", help="IANA zone of dates without one.  [default: the dateline's city]")
@config_option
@db_option
@json_option
@click.pass_context
def command(
    context: click.Context,
    file: Path,
    at: str | None,
    published: str | None,
    zone: str | None,
    config_path: Path,
    database: Path | None,
    as_json: bool,
) -> None:
    """Draft an event from the article in FILE, with every guess and its reason, for a person to confirm.

    Prints YAML: a whole settings file where there are no settings, else what to add to them. Nothing is run, and no
    network is asked.

    \b
    eventstudy draft article.txt --at 2023-03-17T07:00Z > draft.yaml
    eventstudy draft article.txt --published 2023-03-17
    """  # noqa: D301  # click wants the character itself
    from eventstudy.draft.document import document
    from eventstudy.draft.draft import make_draft
    from eventstudy.draft.yaml_out import as_yaml
    from eventstudy.errors import EventError

    _check_zone(zone)
    is_chosen = context.get_parameter_source("config_path") is not click.core.ParameterSource.DEFAULT
    config = _settings(config_path) if is_chosen or config_path.is_file() else None

    def known(moment: dt.datetime, tags: Sequence[str]) -> Sequence[Event]:
        return _known(config, config_path, database, moment, tags)

    try:
        draft = make_draft(file, at=at, published=published, zone=zone, config=config, known=known)
    except EventError as error:
        if error.where in ("--at", "--published"):
            raise click.UsageError(str(error)) from None
        raise
    if as_json:
        emit_json(document(draft))
    else:
        click.echo(as_yaml(draft), nl=False)


def _settings(path: Path) -> Config:
    from eventstudy.config.load import load_config

    return load_config(path)


def _known(
    config: Config | None, config_path: Path, database: Path | None, moment: dt.datetime, tags: Sequence[str]
) -> Sequence[Event]:
    """Events of the database; of the settings where there is none."""
    from eventstudy.database import reading
    from eventstudy.events.build import from_config
    from eventstudy.store.like import events_like

    path = database or (config.database if config is not None else None)
    if path is not None and (database is not None or path.is_file()):
        with contextlib.closing(reading.connect(path)) as connection:
            return events_like(connection, moment, tags)
    return from_config(config, config_path.name) if config is not None else ()


def _check_zone(zone: str | None) -> None:
    from zoneinfo import ZoneInfo

    from eventstudy.config.fields import zone_remedy

    if zone is not None:
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            raise click.UsageError(f"--zone: unknown time zone {zone!r}; {zone_remedy(zone)}") from None
