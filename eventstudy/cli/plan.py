"""``eventstudy plan``."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click
from click.core import ParameterSource

from eventstudy.cli import study_plan
from eventstudy.cli.common import (
    config_option,
    configured_database,
    db_option,
    emit_json,
    json_option,
    printable,
    table,
    utc_now,
    written,
)
from eventstudy.cli.study import command as study
from eventstudy.cli.study import events_of
from eventstudy.errors import ConfigError, InputError

if TYPE_CHECKING:
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


@click.command("plan")
@click.argument("file", required=False, metavar="[EVENTS]", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--event", "event_id", metavar="ID", help="Plan the study of this event of the database.")
@config_option
@db_option
@click.option("--by", metavar="NAME", help="Who plans.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE", help="Write the plan there too."
)
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
    event_id: str | None,
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

    With --event the plan is written into the database, dated by its clock, for good. Of a study of files, EVENTS with
    the options of `eventstudy study`, it is a file: without -o it is printed.

    \b
    eventstudy plan --event fed-2027-01 --by "A. Researcher" -o fed.yaml
    eventstudy plan events.csv --benchmark MKT --window 0:1 -o plan.yaml
    eventstudy study --prices prices.csv --events events.csv --benchmark MKT --window 0:1 --plan plan.yaml
    eventstudy plan --check fed.yaml

    Exit codes: 0 done, or kept; 1 departed from, or an error in the data; 2 wrong usage.
    """  # noqa: D301  # click wants the character itself
    del price_paths
    by = by or None
    options["events_path"] = events_path = _one(file, options["events_path"])
    is_made = not is_list and checked is None
    if (
        is_list + (checked is not None) + (is_made and event_id is not None) + (is_made and events_path is not None)
        != 1
    ):
        raise click.UsageError("give one of EVENTS, --event ID, --check FILE and --list")
    if not is_made and (by is not None or output is not None or dry_run):
        raise click.UsageError("--by, --output and --dry-run are of a plan that is made")
    if (checked is not None and event_id is not None) or (is_list and events_path is not None):
        raise click.UsageError("--check takes EVENTS, and --list takes --event; leave out the other")
    if output is not None and not output.absolute().parent.is_dir():
        raise click.UsageError(f"--output: there is no folder {output.parent}.")
    _refuse_of_files(is_of_files=events_path is not None)
    if checked is not None:
        _check(checked, config_path, database, options, as_json=as_json)
    if is_list:
        _list(database or configured_database(config_path), event_id, as_json=as_json)
        return
    if output is not None and output.exists() and not dry_run:
        raise InputError("a plan is never overwritten", where="--output", value=str(output), remedy="name another file")
    if event_id is None:
        _tell(study_plan.held(_of_files(options, by), None), None if dry_run else output, as_json=as_json)
        return
    planner = _planner(config_path, database)
    if dry_run:
        _tell(study_plan.held(planner.draft(event_id, by), None), None, as_json=as_json)
    else:
        _tell(planner.write(event_id, by), output, as_json=as_json, is_stored=True)


command.params += [option for option in study.params if option.name in _OF_STUDY]


def _one(file: Path | None, events: Path | None) -> Path | None:
    if file is not None and events is not None:
        raise click.UsageError("the events stand twice: give EVENTS or --events")
    return file or events


def _refuse_of_files(*, is_of_files: bool) -> None:
    """Refuse options of a study of files where there is none, and those of a database where there is one."""
    context = click.get_current_context()
    ours = ("config_path", "database") if is_of_files else (*_OF_STUDY, "price_paths")
    for option in context.command.params:
        is_given = context.get_parameter_source(option.name or "") is ParameterSource.COMMANDLINE
        if option.name in ours and is_given:
            what = "is of an event of the database" if is_of_files else "is of a study of files: give EVENTS"
            raise click.UsageError(f"{option.opts[0]} {what}")


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


def _check(path: Path, config_path: Path, database: Path | None, options: dict[str, Any], *, as_json: bool) -> NoReturn:
    """Say whether a plan was kept, by the results of its event or by what is asked here; end with 0 or 1."""
    from jobs import preregister

    plan = preregister.read_file(path, _database(config_path, database))
    held: Held
    if plan.is_of_database:
        if options["events_path"] is not None:
            raise click.UsageError(f"--check {path} is of the event {plan.event_id} of a database; leave out EVENTS")
        found = preregister.check(plan, _planner(config_path, database))
        held, against, is_recorded = found.held, found.against, found.is_recorded
    else:
        run = None if options["events_path"] is None else study_plan.frozen_of(options, _events(options))
        held = study_plan.held(plan, run)
        against, is_recorded = None if run is None else "options", None
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
