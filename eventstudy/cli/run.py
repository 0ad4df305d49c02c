"""``eventstudy run``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eventstudy.cli.common import (
    config_option,
    emit_json,
    json_option,
    outcome_json,
    printable,
    progress,
    read_feeds,
    table,
    tell,
    utc_now,
)
from eventstudy.hints import hint

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from eventstudy.config.model import Config
    from eventstudy.events.gather import Gathered
    from eventstudy.records import Event
    from jobs.outcome import PassResult

FEW = 50  # events that are listed one by one though nothing is to be done for them


@click.command("run")
@config_option
@click.option(
    "--event", "event_ids", multiple=True, metavar="ID", help="Study this event only, due or not; may be repeated."
)
@click.option("--all", "is_full", is_flag=True, help="Look at every announced event, finished ones included.")
@click.option("--dry-run", is_flag=True, help="Show what would be done, why, and what it costs; touch nothing.")
@json_option
def command(config_path: Path, event_ids: tuple[str, ...], is_full: bool, dry_run: bool, as_json: bool) -> None:
    """Run one pass: pull prices, study what is due, store, write the pages.

    Running it twice changes nothing: an event is looked at only while its window is not complete, or when its prices,
    its settings or the code changed, or when a failed attempt is due again. SIGTERM, SIGINT and SIGHUP end it after the
    event at hand with exit code 3; the next pass does the rest.
    """
    if dry_run:
        _plan(config_path, event_ids, is_full=is_full, as_json=as_json)
        return
    from jobs.signals import on_stop

    with on_stop() as stop:
        from eventstudy.config.load import load_config
        from jobs.account import accounted

        config = load_config(config_path)
        # of what comes before the pass, which has an account of its own
        with accounted(config.database, utc_now, is_whole=not event_ids, notify=config.notify):
            gathered = read_feeds(config, config_path, ask=True)
        result = _run(config, _checked(gathered, config_path, event_ids), event_ids, is_full, stop.is_set)
    if as_json:
        emit_json(outcome_json(result, config.database))
    else:
        tell(result, config.database)
        click.echo(f"\nPages:    {result.pages['']}")
        click.echo(f"Database: {config.database}")
    sys.exit(result.exit_code)


def _plan(config_path: Path, event_ids: tuple[str, ...], *, is_full: bool, as_json: bool) -> None:
    from eventstudy.config.load import load_config

    config = load_config(config_path)
    gathered = _checked(read_feeds(config, config_path, ask=False), config_path, event_ids)
    for problem in gathered.problems:
        click.echo(printable(str(problem)), err=True)
    show_plan(planned(config, gathered.events, event_ids, is_full=is_full), as_json=as_json)


def _checked(gathered: Gathered, config_path: Path, event_ids: tuple[str, ...]) -> Gathered:
    """What was gathered, among which the events named must be; its notes are told."""
    for note in gathered.notes:
        click.echo(printable(note), err=True)
    known = {event.event_id for event in gathered.events if event.kind != "context"}
    for event_id in event_ids:
        if event_id not in known:
            near = hint(event_id, known, "`eventstudy events list` shows them")
            raise click.BadParameter(f"no event {event_id!r} to study in {config_path}; {near}", param_hint="--event")
    return gathered


def _run(
    config: Config, gathered: Gathered, event_ids: tuple[str, ...], is_full: bool, stop: Callable[[], bool]
) -> PassResult:
    from jobs import nightly

    talk = progress()
    result = nightly.run(
        config,
        gathered.events,
        now=utc_now,
        trigger="run",
        only=event_ids or None,
        is_full=is_full,
        gathered=gathered,
        stop=stop,
        talk=talk,
    )
    talk("")
    return result


def planned(
    config: Config, events: Sequence[Event], event_ids: Sequence[str] = (), *, is_full: bool = False
) -> dict[str, Any]:
    """What a pass would do, as ``eventstudy.plan/2``; nothing is touched."""
    from eventstudy.database import files, reading
    from jobs import plan
    from jobs.minutes.captures import captures_due
    from jobs.pull import spans

    now = utc_now()
    files.refuse_loss(config.database)
    if config.database.is_file() and config.database.stat().st_size:
        reading.names(config.database)  # a damaged one is refused, as a pass would
    found = plan.read_plan(config, events, now, only=event_ids or None, is_full=is_full)
    asked = spans(config, [*(item.event for item in found.due), *found.recent, *found.reread], now)
    chosen = [event for event in events if not event_ids or event.event_id in event_ids]
    captures = captures_due(config, chosen, now)
    counts = {action: sum(item.action == action for item in found.items) for action in plan.ACTIONS}
    pages = {*found.pages, *(item.event.event_id for item in found.due)}
    return {
        "schema": "eventstudy.plan/2",
        "database": str(config.database),
        "is_idle": plan.is_idle(config, events, now, only=event_ids or None, is_full=is_full) and not captures,
        "cost": {
            "symbols": len(asked),
            **counts,
            "pages": len(pages),
            "events_to_store": len(found.unsynced),
            "captures": len(captures),
        },
        "symbols": sorted(f"{source}:{symbol}" for source, symbol in asked),
        "events": [
            {
                "event_id": item.event.event_id,
                "announced_at": f"{item.event.announced_at:%Y-%m-%dT%H:%M:%SZ}",
                "action": item.action,
                "reason": item.reason,
            }
            for item in found.items
        ],
    }


def show_plan(found: dict[str, Any], *, as_json: bool) -> None:
    """Print what a pass would do."""
    if as_json:
        emit_json(found)
        return
    events, cost = found["events"], found["cost"]
    shown = [event for event in events if len(events) <= FEW or event["action"] != "keep"]
    if shown:
        columns = ("event_id", "announced_at", "action", "reason")
        click.echo(table(columns, [[event[name] for name in columns] for event in shown]) + "\n")
    click.echo(
        f"Plan: {cost['study']} to study, {cost['wait']} wait, {cost['keep']} left alone; "
        f"symbols to pull: {cost['symbols']}; captures: {cost['captures']}; pages to write: up to {cost['pages']}."
    )
    if found["is_idle"]:
        click.echo(printable(f"Nothing to do: {found['database']} is up to date."), err=True)
