"""A study of files and its plan: which options a plan freezes, and whether a study kept them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eventstudy.cli.study_spec import clock_spec_of, spec_of

if TYPE_CHECKING:
    from eventstudy.plans.frozen import Frozen
    from eventstudy.plans.held import Held
    from eventstudy.plans.plan import Plan
    from eventstudy.tables.table import Table

# Options of `eventstudy study` that bear on its numbers and stand in no StudySpec; those of bars make a ClockSpec.
BESIDE_SPEC = (
    *("values", "units", "drop_overlapping", "equivalence", "calendar", "mask_events", "delisting_return", "confirm"),
    *("regress", "formula", "covariance", "cluster_by", "calendar_time", "match_groups", "donors"),
)
# Tables of numbers, which a plan comes before: whether there is one is frozen, and not what it holds.
TABLES = {"factor_paths": "has_factor_file", "match_path": "has_match"}

plan_option = click.option(
    "--plan",
    "plan_path",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar="FILE",
    help="Hold the study against a plan of `eventstudy plan -o`, and name each difference.",
)


def frozen_of(options: Mapping[str, Any], events: Table) -> Frozen:
    """The choices of a study of files.

    Parameters
    ----------
    options : mapping
        Every option of `eventstudy study` by its name.
    events : Table
    """
    from eventstudy.plans.frozen import OF_EVENTS, OF_FILES, Frozen, with_choices
    from eventstudy.plans.of_table import events_of

    settings = with_choices(_settings(options), OF_EVENTS)
    return Frozen(studies={OF_FILES: settings}, events=events_of(rows(options, events)))


def rows(options: Mapping[str, Any], events: Table) -> Any:
    """The events under the names that have a meaning."""
    from eventstudy.study.placing import rows_of

    is_by_the_minute = options["bar"] is not None
    return events.frame.set_axis(list(events.header), axis=1) if is_by_the_minute else rows_of(events)[1]


def _settings(options: Mapping[str, Any]) -> dict[str, Any]:
    """Every setting, defaults spelled out."""
    from eventstudy.spec import StudySpec

    if options["bar"] is not None:
        return clock_spec_of(options).to_dict()
    named = {name: options[name] for name in StudySpec.__slots__ if name in options}
    beside = {name: options[name] for name in BESIDE_SPEC}
    tables = {name: bool(options[path]) for path, name in TABLES.items()}
    return {**spec_of(named).to_dict(), **beside, **tables}


def held(plan: Plan, run: Frozen | None) -> Held:
    """A study that runs now, or none, held against a plan of files."""
    from eventstudy import __version__
    from eventstudy.plans.held import Held

    return Held(plans=(plan,), run=run, run_version=None if run is None else __version__)


def told(held: Held) -> str:
    """What a terminal says of a plan: what a page says, and a line for each departure where a page has not all."""
    import textwrap

    from eventstudy.cli.common import printable
    from eventstudy.report.planned import MOST, points, sentences

    said = textwrap.fill(printable(" ".join(sentences(held.to_dict()))), 80)
    listed = points(found.to_dict() for found in held.departures) if len(held.departures) > MOST else []
    return "\n".join([said, *(f"  {printable(point)}" for point in listed)])


def read(path: Path) -> Plan:
    """The plan of a study of files.

    Raises
    ------
    DataError
        When it is no plan, or not the one that was frozen.
    UsageError
        When it is of an event of a database.
    """
    from eventstudy.plans.yaml_file import read_plan

    plan = read_plan(path, "--plan")
    if plan.is_of_database:
        raise click.UsageError(
            f"--plan {path} is of the event {plan.event_id} of a database: `eventstudy plan --check {path}` holds its "
            "results against it"
        )
    return plan
