"""``eventstudy claims``."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import click

from eventstudy.cli.common import config_option, configured_database, db_option, emit_json, json_option, printable


@click.command("claims")
@click.argument("text", required=False)
@click.option(
    "--event", "event_id", metavar="ID", help="The announcement that TEXT is about; its own claims without TEXT."
)
@click.option("--at", metavar="TIME", help='When the news came, in place of --event: "2023-03-17T07:00Z".')
@click.option("--zone", metavar="ZONE", help="IANA time zone of a time written without one.")
@click.option("--asset", metavar="NAME", help="The asset that is meant where TEXT names none.")
@click.option("--as-of", metavar="TIME", help="Prices as they were known then.")
@config_option
@db_option
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "markdown", "short")),
    default="text",
    show_default=True,
    help="short: 280 characters a claim.",
)
@json_option
def command(
    text: str | None,
    event_id: str | None,
    at: str | None,
    zone: str | None,
    asset: str | None,
    as_of: str | None,
    config_path: Path,
    database: Path | None,
    form: str,
    as_json: bool,
) -> None:
    """Check what was said of prices against the archive: supported, not supported, or cannot be checked, and why.

    \b
    eventstudy claims "The dollar index extended its loss, falling as much as 0.5%" --event xi-visits-russia-2023
    eventstudy claims --event xi-visits-russia-2023
    """  # noqa: D301  # click wants the character itself
    if (event_id is None) == (at is None):
        raise click.UsageError("give either --event or --at.")
    if text is None and event_id is None:
        raise click.UsageError("give TEXT.")
    from eventstudy.archive.read import moment
    from eventstudy.claims.check import Checker
    from eventstudy.claims.document import document
    from eventstudy.claims.forms import written
    from eventstudy.database import reading

    with contextlib.closing(reading.connect(database or configured_database(config_path))) as connection:
        event = _event(connection, event_id, at, zone, asset)
        checker = Checker(connection, event, chosen=asset, as_of=moment(as_of) if as_of else None)
        texts = [text] if text is not None else json.loads(event["claims"])
        found = [(one, checker.check(one)) for one in texts]
    if as_json:
        emit_json(document(event_id, found))
    elif not found:
        click.echo("The event carries no claims; give some under `claims:`, or here as TEXT.", err=True)
    else:
        said = [written(one, form) for _, checked in found for one in checked]
        lines = ("\n\n" if form == "text" else "\n").join(said).splitlines()
        click.echo("\n".join(printable(line) for line in lines))


def _event(
    connection: Any, event_id: str | None, at: str | None, zone: str | None, asset: str | None
) -> dict[str, Any]:
    """The stored event, or one that is nothing but a time."""
    from eventstudy.errors import InputError
    from eventstudy.events.build import parse_when
    from eventstudy.instants import stamp
    from eventstudy.store import claims, read

    known = [row["asset"] for row in claims.assets(connection)]
    if asset is not None and asset not in known:
        raise InputError(
            "no such asset is stored", where="--asset", value=asset, remedy=f"known are {', '.join(known)}"
        )
    if event_id is not None:
        event = read.event(connection, event_id)
        return {**event, "asset_names": json.loads(event["assets"])}
    assert at is not None  # checked before
    earliest, latest = (stamp(moment) for moment in parse_when(at, zone, "--at"))
    names = [asset] if asset else []
    return {
        "event_id": "",
        "announced_at": earliest,
        "earliest": earliest,
        "latest": latest,
        "asset_names": names,
        "claims": "[]",
    }
