"""Studies of events and prices of the database: whose settings hold, which events are chosen, and what a plan says."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from eventstudy.cli.common import named_options, refuse
from eventstudy.cli.study_spec import CLOCK_OPTIONS
from eventstudy.errors import DataError, InputError
from eventstudy.hints import hint
from eventstudy.registry.models import MODELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eventstudy.config.minutes import ClockStudyConfig
    from eventstudy.config.model import Config, StudyConfig
    from eventstudy.plans.frozen import Frozen
    from eventstudy.plans.held import Held
    from eventstudy.plans.plan import Plan
    from eventstudy.records import Event
    from eventstudy.spec import StudySpec
    from eventstudy.study.clock.result import ClockResult
    from eventstudy.study.clock.spec import ClockSpec
    from eventstudy.study.members import Member
    from eventstudy.study.result import StudyResult

# What only --stored takes, and what stands beside a StudySpec.
OPTIONS = ("config_path", "database", "study_id", "tag", "kind", "assets", "event_ids", "compare")
STUDY_INPUTS = ("drop_overlapping", "equivalence")
# What only a study of files takes.
FILE_OPTIONS = (
    *("cluster", "more", "resume", "is_dry", "out", "into", "study_name"),
    *("price_paths", "events_path", "columns", "date_format", "decimal", "sheet"),
    *("factor_paths", "values", "units", "regress", "covariance", "bar", "delisting_return", "confirm"),
    *("formula", "cluster_by", "calendar_time", "match_path", "match_groups", "donors"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """A study of stored events, before it is computed.

    Attributes
    ----------
    config : Config
    connection : sqlite3.Connection
    study : StudyConfig or ClockStudyConfig
        Of the settings.
    spec : StudySpec or ClockSpec
        The same with what the options say instead.
    members : sequence of Member
    inputs : mapping
        Values of `STUDY_INPUTS`.
    choice : mapping
        How the members are chosen, as a plan says it.
    """

    config: Config
    connection: sqlite3.Connection
    study: StudyConfig | ClockStudyConfig
    spec: StudySpec | ClockSpec
    members: Sequence[Member]
    inputs: Mapping[str, Any]
    choice: Mapping[str, Any]

    def result(self) -> StudyResult | ClockResult:
        """Study them."""
        from eventstudy.archive.book import PriceBook
        from eventstudy.config.minutes import ClockStudyConfig
        from eventstudy.spec import StudySpec
        from eventstudy.study.members import ArchivedReturns, study_members

        if isinstance(self.study, ClockStudyConfig):
            from jobs.minutes.averages import study_members as study_by_the_minute

            return study_by_the_minute(self.config, self.connection, self.study, self.members)
        assert isinstance(self.spec, StudySpec)
        returns = ArchivedReturns(PriceBook(self.config, self.connection))
        return study_members(self.members, returns, self.spec, **self.inputs)

    def held(self, plan: Plan) -> Held:
        """The study held against its plan."""
        from eventstudy.plans import of_stored

        return of_stored.held(plan, self.frozen())

    def frozen(self) -> Frozen:
        """What a plan of it freezes."""
        from eventstudy.plans.of_stored import frozen_of

        settings = {**self.spec.to_dict(), **self.inputs, **self.choice}
        return frozen_of(settings, self.members, {name: asset.origin for name, asset in self.config.assets.items()})


@contextlib.contextmanager
def chosen(of_database: Mapping[str, Any], options: Mapping[str, Any]) -> Iterator[Chosen]:
    """A study of the settings, with what the options say instead, and its events.

    Parameters
    ----------
    of_database, options : mapping
        Values of `OPTIONS`, and of the other options of ``eventstudy study``.
    """
    from eventstudy.config.load import load_config
    from eventstudy.config.minutes import ClockStudyConfig
    from eventstudy.database import reading
    from eventstudy.plans.frozen import choice_of
    from eventstudy.prices.assets import entry_of
    from eventstudy.store.collections import live_events
    from eventstudy.study.members import members_of
    from jobs.collections.plan import spec_of_group

    config = load_config(of_database["config_path"])
    studies = {study.id: study for study in config.all_studies}
    name = of_database["study_id"] or config.all_studies[0].id
    if name not in studies:
        remedy = hint(name, studies, f"known are {', '.join(studies)}")
        raise click.UsageError(f"there is no study {name}; {remedy}")
    study, given = studies[name], named_options()
    refuse(FILE_OPTIONS, "is of files, not of --stored")
    refuse(CLOCK_OPTIONS, "is of files, not of --stored, whose calendars are those of the settings' assets")
    spec: StudySpec | ClockSpec
    if isinstance(study, ClockStudyConfig):
        refuse(tuple(options), f"is set in the study {name}, which is by the minute")
        spec, explained_by = spec_of_group(study), study.explained_by
    else:
        spec = stored_spec(study.to_spec(), {key: options[key] for key in options if key in given - {*STUDY_INPUTS}})
        explained_by = spec.explained_by
    for asset in (*of_database["assets"], *explained_by):
        entry_of(config, asset)
    with contextlib.closing(reading.connect(of_database["database"] or config.database)) as connection:
        events = live_events(connection)
        _refuse_unknown(events, of_database)
        by = {key: of_database[key] for key in ("tag", "kind", "assets", "event_ids", "compare")}
        yield Chosen(
            config=config,
            connection=connection,
            study=study,
            spec=spec,
            members=members_of(events, **by),
            inputs={key: options[key] for key in STUDY_INPUTS},
            choice=choice_of(**by),
        )


def _refuse_unknown(events: Sequence[Event], of_database: Mapping[str, Any]) -> None:
    """Refuse events, a tag and a kind that there are none of."""
    unknown = set(of_database["event_ids"]) - {event.event_id for event in events}
    if unknown:
        raise DataError(
            "there is no such event",
            where="--event",
            value=min(unknown),
            remedy=hint(min(unknown), (event.event_id for event in events), "`eventstudy events list` shows them"),
        )
    for name, value, known in (
        ("tag", of_database["tag"], {tag for event in events for tag in event.tags}),
        ("kind", of_database["kind"], {event.kind for event in events}),
    ):
        if value is not None and value not in known:
            remedy = hint(value, known, f"there are {', '.join(sorted(known)) or 'none'}")
            raise DataError(f"no event has this {name}", where=f"--{name}", value=value, remedy=remedy)


def stored_spec(spec: StudySpec, changed: dict[str, Any]) -> StudySpec:
    """A study of the settings with every test of groups, and with what options say instead."""
    if "model" in changed:
        model = MODELS[changed["model"]]
        changed["model"] = "factor" if model.factors else model.name
        # what only the other model has goes with it
        changed = {
            "benchmark": spec.benchmark if model.needs_benchmark else None,
            "factors": (),
            "variant": "",
            **changed,
        }
    windows = changed.pop("windows", None)
    if windows:
        changed["windows"] = windows
    changed["tests"] = changed.get("tests") or None
    try:
        return replace(spec, **changed)
    except InputError as error:
        raise click.UsageError(str(error)) from error
