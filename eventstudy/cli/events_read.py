"""``eventstudy events list`` and ``show``."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eventstudy.cli.common import config_option, emit_json, json_option, load_feeds, printable, table
from eventstudy.errors import InputError

if TYPE_CHECKING:
    from eventstudy.config.model import Config
    from eventstudy.database.reading import Row
    from eventstudy.events.gather import Gathered
    from eventstudy.records import Event

STATUSES = ("ok", "partial", "skipped", "failed", "pending", "context", "new", "missing", "retired")

_STATE = ("status", "reason", "origin", "place", "missing_since", "retired_at", "retired_by", "retired_reason")


@click.command("list")
@config_option
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Only events with this tag; may be repeated.")
@click.option("--asset", "assets", multiple=True, metavar="NAME", help="Only events of this asset; may be repeated.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Only events of this day or later.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Only events of this day or earlier.")
@click.option("--status", "statuses", multiple=True, type=click.Choice(STATUSES), help="May be repeated.")
@click.option("--origin", "origins", multiple=True, metavar="ID", help="A feed, config, added or report.")
@json_option
def list_(
    config_path: Path,
    tags: tuple[str, ...],
    assets: tuple[str, ...],
    since: dt.datetime | None,
    until: dt.datetime | None,
    statuses: tuple[str, ...],
    origins: tuple[str, ...],
    as_json: bool,
) -> None:
    """List all events with their state; reads only, and asks no network.

    Releases on file are listed with --origin releases alone.

    What --json prints can be read again by `eventstudy events import`, and by a feed of kind json.
    """
    from eventstudy.events.gather import RELEASES

    config, gathered = load_feeds(config_path, ask=False)
    found = []
    for event, state in _all(config, gathered):
        day = event.announced_at.date()
        is_wanted = (
            (not tags or set(tags) & set(event.tags))
            and (not assets or set(assets) & set(event.assets))
            and (since is None or day >= since.date())
            and (until is None or day <= until.date())
            and (not statuses or set(statuses) & set(_statuses(state)))
            and (state["origin"] in origins if origins else state["origin"] != RELEASES)
        )
        if is_wanted:
            found.append((event, state))
    _complain(gathered)
    if not found:
        _ask_back(config, gathered, {"tag": tags, "asset": assets, "origin": origins})
    if as_json:
        emit_json(
            {
                "schema": "eventstudy.events/1",
                "events": [_said(event, state) for event, state in found],
                "problems": [str(problem) for problem in gathered.problems],
                "notes": gathered.notes,
            }
        )
        return
    rows = [
        (
            event.event_id,
            f"{event.announced_at:%Y-%m-%d %H:%M}Z",
            _statuses(state)[-1],
            state["origin"],
            ", ".join(event.assets),
            event.title,
        )
        for event, state in found
    ]
    click.echo(table(("event", "announced", "status", "origin", "assets", "title"), rows))


@click.command("show")
@click.argument("event_id")
@config_option
@json_option
def show(event_id: str, config_path: Path, as_json: bool) -> None:
    """Show one event: what is known of it, every version of it, and its reactions; reads only."""
    config, gathered = load_feeds(config_path, ask=False)
    event, state = find(config, gathered, event_id)
    versions, reactions = _stored(config.database, event_id)
    if as_json:
        said = _said(event, state)
        emit_json({"schema": "eventstudy.event/1", "event": said, "versions": versions, "reactions": reactions})
        return
    latest = "" if event.is_exact else f" (between {event.earliest:%Y-%m-%d %H:%M}Z and {event.latest:%Y-%m-%d %H:%M}Z)"
    lines = {
        "title": event.title,
        "announced": f"{event.announced_at:%Y-%m-%d %H:%M:%S}Z{latest}",
        "zone": event.zone,
        "kind": event.kind,
        "assets": ", ".join(event.assets),
        "tags": ", ".join(event.tags),
        "claims": " | ".join(" ".join(claim.split()) for claim in event.claims),
        "url": event.url,
        "note": " ".join(event.note.split()),
        **{name.replace("_", " "): state[name] for name in _STATE},
    }
    for name, value in lines.items():
        if value:
            click.echo(printable(f"{name:15}{value}"))
    if versions:
        click.echo()
        columns = ("version", "seen_at", "changed", "announced_at", "place")
        rows = [[", ".join(v["changed"]) if name == "changed" else v[name] for name in columns] for v in versions]
        click.echo(table(columns, rows))
    if reactions:
        click.echo()
        names = ("study", "asset", "day0", "window_start", "window_end", "car", "t", "p", "verdict")
        numbers = ("window_start", "window_end", "car", "t", "p")
        click.echo(table(names, [[row[name] for name in names] for row in reactions], right=numbers))


def _ask_back(config: Config, gathered: Gathered, given: dict[str, tuple[str, ...]]) -> None:
    """Name on standard error the first value that no event has, with what was perhaps meant."""
    from eventstudy.hints import hint

    every = _all(config, gathered)
    known = {
        "tag": {tag for event, _ in every for tag in event.tags},
        "asset": {asset for event, _ in every for asset in event.assets},
        "origin": {state["origin"] for _, state in every if state["origin"]},
    }
    for option, values in given.items():
        for value in values:
            if value not in known[option]:
                remedy = hint(value, known[option], f"there are {', '.join(sorted(known[option])) or 'none'}")
                click.echo(printable(f"No event has the {option} {value!r}; {remedy}"), err=True)
                return


def find(config: Config, gathered: Gathered, event_id: str) -> tuple[Event, Row]:
    """One event and its state.

    Raises
    ------
    InputError
        When there is none with this id.
    """
    from eventstudy.hints import hint

    found = {event.event_id: (event, state) for event, state in _all(config, gathered)}
    if event_id not in found:
        remedy = hint(event_id, found, "see `eventstudy events list`")
        raise InputError("there is no such event", where="EVENT_ID", value=event_id, remedy=remedy)
    return found[event_id]


def _all(config: Config, gathered: Gathered) -> list[tuple[Event, Row]]:
    """Every event, also the stored ones that no pass looks at, with its state, in the order of the announcements."""
    from eventstudy.store import history

    states = history.states(config.database)
    events = {event_id: stored.event for event_id, stored in history.known_events(config.database).items()}
    events |= {event.event_id: event for event in gathered.events}
    out = []
    for event_id, event in events.items():
        state = dict.fromkeys(_STATE) | {"status": "new"} | states.get(event_id, {})
        if event_id in gathered.origins:
            state["origin"], state["place"] = gathered.origins[event_id]
        out.append((event, state))
    return sorted(out, key=lambda pair: (pair[0].announced_at, pair[0].event_id))


def _statuses(state: Row) -> list[str]:
    """The status of the last pass, then what came over the event since."""
    marks = {"missing": state["missing_since"], "retired": state["retired_at"]}
    return [state["status"], *(name for name, mark in marks.items() if mark)]


def _said(event: Event, state: Row) -> dict[str, Any]:
    from eventstudy.events.known import written

    said = written(event)
    if state["retired_at"]:
        said["status"] = "cancelled"
    return {**said, "state": {name: state[name] for name in _STATE}}


def _stored(database: Path, event_id: str) -> tuple[list[Row], list[Row]]:
    from eventstudy.database import reading
    from eventstudy.store import history

    if not history.states(database):
        return [], []
    connection = reading.connect(database)
    try:
        versions = reading.rows(
            connection,
            "select version, seen_at, changed, title, announced_at, earliest, latest, origin, place "
            "from event_history where event_id = ? order by version",
            (event_id,),
        )
        reactions = reading.rows(
            connection,
            "select * from reactions where event_id = ? "
            "order by is_headline desc, study, position, window_start desc, window_end",
            (event_id,),
        )
    finally:
        connection.close()
    return [{**row, "changed": json.loads(row["changed"])} for row in versions], reactions


def _complain(gathered: Gathered) -> None:
    for line in (*map(str, gathered.problems), *gathered.notes):
        click.echo(printable(line), err=True)
