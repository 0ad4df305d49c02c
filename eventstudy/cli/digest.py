"""``eventstudy digest``."""

from __future__ import annotations

from pathlib import Path

import click

from eventstudy.cli.common import config_option, configured_database, db_option, emit_json, json_option, printable


@click.command("digest")
@config_option
@db_option
@click.option(
    "--run", "run_id", type=click.IntRange(min=1), metavar="N", help="Of this pass. [default: the newest day]"
)
@json_option
def command(config_path: Path, database: Path | None, run_id: int | None, as_json: bool) -> None:
    """Tell what the last night studied, changed and met: reactions, verdicts, revised prices, failures, what waits."""
    from eventstudy.database import reading
    from eventstudy.report.digest.night import digest_of_day, digest_of_run
    from eventstudy.report.digest.text import digest_text

    path = database or configured_database(config_path)
    connection = reading.connect(path, seconds=reading.QUERY_SECONDS)
    try:
        digest = digest_of_day(connection) if run_id is None else digest_of_run(connection, run_id)
    finally:
        connection.close()
    if as_json:
        found = digest.to_dict() if digest else {"schema": "eventstudy.digest/1"}
        emit_json({**found, "text": digest_text(digest) if digest else None})
    elif digest is None:
        click.echo("No pass has had news yet; see `eventstudy status`.", err=True)
    else:
        for line in digest_text(digest).splitlines():
            click.echo(printable(line))
