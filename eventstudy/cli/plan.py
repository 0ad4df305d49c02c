"""``eventstudy plan``."""

from __future__ import annotations

import contextlib
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from eventstudy.cli import study_plan, study_stored
from eventstudy.cli.common import (
    NewFile,
    config_option,
    configured_database,
    db_option,
    emit_json,
    json_option,
    printable,
    refuse,
    table,
    utc_now,
    written,
)
from eventstudy.cli.study import command as study
from eventstudy.cli.study import events_of
from eventstudy.errors import ConfigError, InputError
from eventstudy.hints import hint

if TYPE_CHECKING:
    from eventstudy.plans.frozen import Frozen
    from eventstudy.plans.held import Held
    from eventstudy.plans.plan import Plan
    from jobs.preregister import Planner

# Of `eventstudy study` what bears on its numbers, how the events are written, and the tables that are not opened.
_OF_STUDY = (
    *("events_path", "columns", "date_format", "decimal", "sheet", "bar", "reference_sessions", "extended", "clock"),
    *("gap_class", "snap_seconds", "model", "variant", "returns", "estimation", "event_window", "windows", "alpha"),
    *("min_estimation", "missing", "partial", "alternative", "tests", "seed", "draws", "lags", "leads", "benchmark"),
    *("factors", "factor_paths", "match_path", *study_plan.BESIDE_SPEC),
)
_OF_STORED = ("study_id", "tag", "kind", "assets", "compare")  # which events of the database, by whose settings


@click.command("plan")
@click.argument("file", required=False, metavar="[EVENTS]", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--event",
    "event_ids",
    metavar="ID",
    multiple=True,
    help="Plan the study of this event of the database; with --stored only this event, and it may be repeated.",
)
@click.option("--stored", is_flag=True, help="Plan a study of many events of the database, as of `study --stored`.")
@click.option("--collection", "collection_id", metavar="ID", help="Plan this collection of the settings.")
@config_option
@db_option
@click.option("--by", metavar="NAME", help="Who plans.")
@click.option("-o", "--output", type=NewFile(), metavar="FILE", help="Write the plan there too.")
@click.option(
    "--check",
    "checked",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar="FILE",
    help="Hold what was run, or what is asked here, against a plan.",
)
@click.option("--list", "is_list", is_flag=True, help="List the plans of the database, or of --event.")
@click.option("--dry-run", is_flag=True, help="Show the plan, and write nothing.")
@click.option(
    "--prices", "price_paths", multiple=True, metavar="FILE", help="As of `study`: may stand here, and is not opened."
)
@json_option
def command(
    file: Path | None,
    event_ids: tuple[str, ...],
    stored: bool,
    collection_id: str | None,
    config_path: Path,
    database: Path | None,
    by: str | None,
    output: Path | None,
    checked: Path | None,
    is_list: bool,
    dry_run: bool,
    price_paths: tuple[str, ...],
    as_json: bool,
    **options: Any,
) -> None:
    """Freeze what a study will do, before its data; later its page says whether the study kept to it.

    With --event the plan is written into the database, dated by its clock, for good. Of a study of many events it is a
    file: without -o it is printed. EVENTS, or --stored, takes the options of `eventstudy study`.

    \b
    eventstudy plan --event fed-2027-01 --by "A. Researcher" -o fed.yaml
    eventstudy plan events.csv --benchmark MKT --window 0:1 -o plan.yaml
    eventstudy study --prices prices.csv --events events.csv --benchmark MKT --window 0:1 --plan plan.yaml
    eventstudy plan --stored --tag central-bank --asset EURUSD --window 0:1 -o stored.yaml
    eventstudy plan --check fed.yaml

    Exit codes: 0 done, or kept; 1 departed from, or an error in the data; 2 wrong usage.
    """  # noqa: D301  # click wants the character itself
    del price_paths
    by = by or None
    options["events_path"] = events_path = _one(file, options["events_path"])
    of_database = {name: options.pop(name) for name in _OF_STORED}
    of_database |= {"config_path": config_path, "database": database, "event_ids": event_ids}
    many = (events_path is not None) + stored + (collection_id is not None)
    of_event = bool(event_ids) and not stored
    _refuse_together(many + len(event_ids) * of_event, of_event=of_event, is_list=is_list, is_check=checked is not None)
    if not stored:
        refuse(_OF_STORED, "needs --stored")
        if events_path is not None:
            refuse(("config_path", "database"), "is of an event of the database")
        else:
            refuse((*_OF_STUDY, "price_paths"), "is of a study of files, or of --stored: give EVENTS")
    if checked is not None:
        _check(checked, of_database, options, collection_id, is_stored=stored, as_json=as_json)
    if is_list:
        _list(database or configured_database(config_path), next(iter(event_ids), None), as_json=as_json)
        return
    if output is not None and output.exists() and not dry_run:
        raise InputError("a plan is never overwritten", where="--output", value=str(output), remedy="name another file")
    if many:
        plan = _of_files(options, by) if events_path is not None else _of_many(of_database, options, collection_id, by)
        _tell(study_plan.held(plan, None), None if dry_run else output, as_json=as_json)
        return
    planner = _planner(config_path, database)
    if dry_run:
        _tell(study_plan.held(planner.draft(event_ids[0], by), None), None, as_json=as_json)
    else:
        _tell(planner.write(event_ids[0], by), output, as_json=as_json, is_stored=True)


command.params += [option for option in study.params if option.name in (*_OF_STUDY, *_OF_STORED)]


def _refuse_together(places: int, *, of_event: bool, is_list: bool, is_check: bool) -> None:
    """Refuse more or less than one thing to do; `places` are where events stand."""
    is_made = not (is_list or is_check)
    if is_list + is_check + is_made * places != 1 or places > 1:
        raise click.UsageError("give one of EVENTS, --event ID, --stored, --collection ID, --check FILE and --list")
    if not is_made:
        refuse(("by", "output", "dry_run"), "is of a plan that is made")
    if (is_check and of_event) or (is_list and places > of_event):
        raise click.UsageError(
            "--check takes EVENTS, --stored or --collection, and --list takes --event; leave out the other"
        )


def _one(file: Path | None, events: Path | None) -> Path | None:
    if file is not None and events is not None:
        raise click.UsageError("the events stand twice: give EVENTS or --events")
    return file or events


def _planner(config_path: Path, database: Path | None) -> Planner:
    """Of the settings, or of those of the newest pass where there are none."""
    from jobs.preregister import Planner

    if not config_path.is_file():
        place = database or configured_database(config_path)
        if not place.is_file():
            raise InputError(
                "there are no settings and no database", where="--config", value=str(config_path), remedy="name one"
            )
        return Planner(database=place, clock=utc_now)
    from eventstudy.cli.common import read_feeds
    from eventstudy.config.load import load_config

    config = load_config(config_path)
    if database is not None:
        config = config.model_copy(update={"database": database})
    gathered = read_feeds(config, config_path, ask=False)
    return Planner(database=config.database, clock=utc_now, config=config, gathered=gathered)


def _database(config_path: Path, database: Path | None) -> Path | None:
    """The database, if there is one: a plan of files needs none."""
    try:
        return database or configured_database(config_path)
    except ConfigError:
        return None


def _of_files(options: dict[str, Any], by: str | None) -> Plan:
    """The plan of a study of files, as of now."""
    from eventstudy import __version__
    from eventstudy.instants import stamp
    from eventstudy.plans.of_table import seen_of
    from eventstudy.plans.plan import Plan

    events, now = _events(options), utc_now()
    return Plan(
        planned_at=stamp(now),
        by=by,
        version=__version__,
        frozen=study_plan.frozen_of(options, events),
        seen=seen_of(study_plan.rows(options, events), events.options, now),
    )


def _of_many(of_database: dict[str, Any], options: dict[str, Any], collection_id: str | None, by: str | None) -> Plan:
    """The plan of a study of stored events, or of a collection, as of now."""
    from eventstudy import __version__
    from eventstudy.instants import stamp
    from eventstudy.plans.of_stored import seen_of
    from eventstudy.plans.plan import Plan
    from eventstudy.store import plans

    now = utc_now()
    with _stored(of_database, options, collection_id) as (frozen, connection):
        plans.refuse_clock(connection, now)
    return Plan(planned_at=stamp(now), by=by, version=__version__, frozen=frozen, seen=seen_of(frozen, now))


@contextlib.contextmanager
def _stored(
    of_database: dict[str, Any], options: dict[str, Any], collection_id: str | None
) -> Iterator[tuple[Frozen, sqlite3.Connection]]:
    """What a plan of stored events freezes, by the options of `study --stored` or by a collection of the settings."""
    if collection_id is None:
        with study_stored.chosen(of_database, options) as study_of:
            yield study_of.frozen(), study_of.connection
        return
    from eventstudy.config.load import load_config
    from eventstudy.database import reading
    from eventstudy.store.collections import live_events
    from jobs.collections import plan as collect_plan

    config = load_config(of_database["config_path"])
    known = {settings.id: settings for settings in config.collections or ()}
    if collection_id not in known:
        remedy = hint(collection_id, known, "write it under collections")
        raise InputError(
            "the settings have no such collection", where="--collection", value=collection_id, remedy=remedy
        )
    with contextlib.closing(reading.connect(of_database["database"] or config.database)) as connection:
        yield collect_plan.frozen(config, known[collection_id], live_events(connection)), connection


def _events(options: dict[str, Any]) -> Any:
    form = written(*(options[name] for name in ("columns", "date_format", "decimal", "sheet")))
    return events_of(options["events_path"], form)


def _tell(held: Held, output: Path | None, *, as_json: bool, is_stored: bool = False) -> None:
    """Write the file of a plan, if one is wanted, and print what was planned; the plan itself if it stands nowhere."""
    from eventstudy.plans.yaml_file import as_yaml

    plan = held.plan
    if output is not None:
        from eventstudy.atomic import put

        put(output, as_yaml(plan).encode())
    if as_json:
        number = held.number if is_stored else None
        emit_json({**plan.to_dict(), "number": number, "file": None if output is None else str(output)})
    elif output is None and not is_stored:
        click.echo(as_yaml(plan), nl=False)
    else:
        if is_stored:
            click.echo(printable(f"Plan {held.number} of {plan.event_id}, {plan.hash}"))
        click.echo(study_plan.told(held))
        if output is not None:
            click.echo(f"Written to {output}.", err=True)


def _list(database: Path, event_id: str | None, *, as_json: bool) -> None:
    from eventstudy.database import reading
    from eventstudy.store import plans, read

    with contextlib.closing(reading.connect(database)) as connection:
        if event_id is not None:
            read.event(connection, event_id)
        rows = plans.overview(connection, event_id)
        held = {event: plans.held(connection, read.event(connection, event)) for event in {r["event_id"] for r in rows}}
    for row in rows:
        of_event = held[row["event_id"]]
        counts = of_event is not None and of_event.number == row["plan_version"]
        row |= {"counts": counts, "is_kept": of_event.is_kept if of_event is not None and counts else None}
    if as_json:
        emit_json({"schema": "eventstudy.preregistrations/1", "plans": rows})
        return
    words = {None: "nothing was run yet", True: "kept", False: "departed from"}
    names = ("event", "plan", "planned at", "by", "came", "counts")
    shown = [
        (
            *(r["event_id"], r["plan_version"], r["planned_at"], r["planned_by"], r["stage"]),
            words[r["is_kept"]] if r["counts"] else "no",
        )
        for r in rows
    ]
    click.echo(table(names, shown, right=("plan",)) if rows else "No plan is stored.")


def _check(
    path: Path,
    of_database: dict[str, Any],
    options: dict[str, Any],
    collection_id: str | None,
    *,
    is_stored: bool,
    as_json: bool,
) -> NoReturn:
    """Say whether a plan was kept, by the results of its event or by what is asked here; end with 0 or 1."""
    from eventstudy.plans import of_stored
    from jobs import preregister

    config_path, database = of_database["config_path"], of_database["database"]
    is_of_many = is_stored or collection_id is not None
    plan = preregister.read_file(path, _database(config_path, database))
    held: Held
    if plan.is_of_database:
        if is_of_many or options["events_path"] is not None:
            raise click.UsageError(f"--check {path} is of the event {plan.event_id} of a database; leave out EVENTS")
        found = preregister.check(plan, _planner(config_path, database))
        held, against, is_recorded = found.held, found.against, found.is_recorded
    else:
        if is_of_many:
            with _stored(of_database, options, collection_id) as (frozen, _):
                held = of_stored.held(plan, frozen)
        else:
            run = None if options["events_path"] is None else study_plan.frozen_of(options, _events(options))
            held = study_plan.held(plan, run)
        against, is_recorded = None if held.run is None else "options", None
    if as_json:
        about = {"file": str(path), "against": against, "is_recorded": is_recorded}
        emit_json({"schema": "eventstudy.preregistration.check/1", **about, **held.to_dict()})
    else:
        click.echo(study_plan.told(held))
        if is_recorded is False:
            click.echo("This database has no such plan: nothing but the file says when it was made.", err=True)
        if against == "settings":
            click.echo("Nothing was run yet: held against what the settings would run.", err=True)
    sys.exit(1 if held.is_kept is False else 0)
