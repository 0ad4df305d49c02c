"""``eventstudy run``."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from eventstudy.cli.common import (
    config_option,
    emit_json,
    json_option,
    load_feeds,
    outcome_json,
    printable,
    progress,
    table,
    tell,
    utc_now,
)


@click.command("run")
@config_option
@click.option("--event", "event_ids", multiple=True, metavar="ID", help="Study this event only; may be repeated.")
@click.option("--dry-run", is_flag=True, help="Show what would be done and touch nothing.")
@json_option
def command(config_path: Path, event_ids: tuple[str, ...], dry_run: bool, as_json: bool) -> None:
    """Run one pass: pull prices, study what is due, store, write the pages.

    Running it twice changes nothing: a result is recomputed only when prices, settings or code changed.
    """
    from jobs import nightly

    config, gathered = load_feeds(config_path, ask=not dry_run)
    events = gathered.events
    for note in gathered.notes:
        click.echo(printable(note), err=True)
    known = {event.event_id for event in events if event.kind != "context"}
    unknown = [event_id for event_id in event_ids if event_id not in known]
    if unknown:
        raise click.BadParameter(f"no event {unknown[0]!r} to study in {config_path}", param_hint="--event")
    if dry_run:
        for problem in gathered.problems:
            click.echo(printable(str(problem)), err=True)
        plan = nightly.plan(config, events, utc_now(), event_ids or None)
        if as_json:
            emit_json(
                {"schema": "eventstudy.plan/1", "events": [dict(zip(nightly.PLAN, row, strict=True)) for row in plan]}
            )
        else:
            click.echo(table(nightly.PLAN, plan))
        return
    talk = progress()
    result = nightly.run(
        config, events, now=utc_now, trigger="run", only=event_ids or None, gathered=gathered, talk=talk
    )
    talk("")
    if as_json:
        emit_json(outcome_json(result, config.database))
    else:
        tell(result, config.database)
        click.echo(f"\nPages:    {result.pages['']}")
        click.echo(f"Database: {config.database}")
    sys.exit(result.exit_code)
