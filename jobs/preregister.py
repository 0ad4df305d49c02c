"""Plans of events: frozen from the settings, written into the database by its clock, and held against what was run."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from eventstudy import __version__
from eventstudy.config import strict_yaml
from eventstudy.config.model import Config
from eventstudy.database import reading
from eventstudy.errors import DataError, InputError
from eventstudy.events.gather import Gathered
from eventstudy.hints import hint
from eventstudy.instants import stamp
from eventstudy.plans.frozen import Frozen
from eventstudy.plans.held import Held
from eventstudy.plans.plan import TAKE_BACK, Plan
from eventstudy.plans.yaml_file import read_plan
from eventstudy.records import Event
from eventstudy.store import by_hand, plans, read
from eventstudy.store.write import EVENT_COLUMNS, event_row
from jobs.plan import specs


@dataclass(frozen=True, slots=True, kw_only=True)
class Planner:
    """Where plans of events are written, and what they are made of.

    Attributes
    ----------
    database : Path
    clock : callable
        Gives the present instant; nothing else says when a plan was made.
    config : Config or None
        Whose studies are frozen; None stands for the settings of the newest pass.
    gathered : Gathered or None
        All events of those settings.
    """

    database: Path
    clock: Callable[[], dt.datetime]
    config: Config | None = None
    gathered: Gathered | None = None

    def draft(self, event_id: str, by: str | None) -> Plan:
        """The plan as it would be written now; nothing is."""
        if not self.database.is_file():
            return self._plan(None, event_id, by)
        with closing(reading.connect(self.database)) as connection:
            return self._plan(connection, event_id, by)

    def write(self, event_id: str, by: str | None) -> Held:
        """Freeze the plan of an event, as its next version.

        Raises
        ------
        InputError
            When there is no such event, or nothing of it is studied.
        StoreError
            When the clock stands before what was written here already, or the database cannot be written.
        """
        event = self._known(event_id)
        if not self.database.is_file():
            self.frozen(None, event_id)  # or a name that is misspelt would leave an empty database
        with by_hand.writing(self.database) as connection:
            if event is not None:
                origin = self.gathered.origins.get(event_id) if self.gathered else None
                by_hand.put_if_new(connection, event, origin, self.clock())
            plan = self._plan(connection, event_id, by)
            number = plans.put_plan(connection, plan)
            return plans.held(connection, read.event(connection, event_id), number) or Held(plans=(plan,))

    def frozen(self, connection: sqlite3.Connection | None, event_id: str) -> Frozen:
        """What the settings would study of an event now."""
        event = self._known(event_id)
        if self.config is not None and event is not None:
            return _usable(of_settings(self.config, event), event.kind)
        if connection is None:
            known = [each.event_id for each in self.gathered.events] if self.gathered else []
            remedy = hint(event_id, known, "`eventstudy events list` shows them")
            raise InputError("there is no such event", where="--event", value=event_id, remedy=remedy)
        row = read.event(connection, event_id)
        return _usable(plans.current(connection, row), row["kind"])

    def _known(self, event_id: str) -> Event | None:
        events = self.gathered.events if self.gathered else ()
        return next((event for event in events if event.event_id == event_id), None)

    def _plan(self, connection: sqlite3.Connection | None, event_id: str, by: str | None) -> Plan:
        frozen, now = self.frozen(connection, event_id), self.clock()
        if connection is not None:
            plans.refuse_clock(connection, now)
        seen = plans.seen(connection, frozen, now)
        return Plan(planned_at=stamp(now), by=by, version=__version__, frozen=frozen, seen=seen)


def of_settings(config: Config, event: Event, elsewhere: Frozen | None = None) -> Frozen:
    """The choices of settings that bear on an event.

    Parameters
    ----------
    config : Config
    event : Event
    elsewhere : Frozen, optional
        A plan whose other studies, and what they alone read, are not told of here: they count as kept.
    """
    row = dict(zip(EVENT_COLUMNS, event_row(event), strict=True))
    origins = {name: asset.origin for name, asset in config.assets.items()}
    found = plans.frozen_of(row, {study.id: spec for study, spec in specs(config)}, origins, config.releases)
    if elsewhere is None:
        return found
    studies, assets = {**elsewhere.studies, **found.studies}, {**elsewhere.assets, **found.assets}
    return replace(found, studies=studies, assets=assets)


def _usable(frozen: Frozen, kind: str) -> Frozen:
    """Refuse a plan of nothing, and of assets of which nobody could say whether they have prices."""
    ((event_id, event),) = frozen.events.items()
    if kind == "context" or not event["assets"]:
        remedy = "give it a kind of its own, and assets"
        raise InputError("nothing of this event is studied", where="--event", value=event_id, remedy=remedy)
    if not frozen.studies:
        raise InputError("no pass has written its studies here", where="--config", remedy="name the settings")
    for name in event["assets"]:
        if name not in frozen.assets:
            remedy = "name the settings that define it, or define it under assets"
            raise InputError("the settings have no such asset", where="--event", value=name, remedy=remedy)
    return frozen


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What became of a plan that stands in a file.

    Attributes
    ----------
    held : Held
    against : str or None
        ``results``, or ``settings`` where there are none yet; None where the event is unknown here.
    is_recorded : bool
        Whether the database has this very plan.
    """

    held: Held
    against: str | None
    is_recorded: bool


def check(plan: Plan, planner: Planner) -> Checked:
    """Hold the results of an event, or what would be run of it, against its plan."""
    if not planner.database.is_file():
        run = planner.frozen(None, plan.event_id)
        return Checked(held=_alone(plan, run), against="settings", is_recorded=False)
    with closing(reading.connect(planner.database)) as connection:
        known = tuple(plans.plans_of(connection, plan.event_id))
        number = next((i for i, each in enumerate(known, start=1) if each.hash == plan.hash), None)
        row = reading.rows(connection, "select * from events where event_id = ?", (plan.event_id,))
        if row:
            held = plans.held_against(connection, row[0], known if number else (plan,), number or 1)
            if held.run is not None:
                return Checked(held=held, against="results", is_recorded=number is not None)
        run = planner.frozen(connection, plan.event_id)
        return Checked(held=_alone(plan, run), against="settings", is_recorded=number is not None)


def _alone(plan: Plan, run: Frozen) -> Held:
    return Held(plans=(plan,), run=run)


def read_file(path: Path, database: Path | None) -> Plan:
    """The plan of a file; of one that was changed by hand, the fields that were, where the database has it as it was.

    Raises
    ------
    DataError
        When it is not the plan that was frozen.
    """
    try:
        return read_plan(path, "--check")
    except DataError as error:
        if not isinstance(error.value, str) or database is None or not database.is_file():
            raise
        with closing(reading.connect(database)) as connection:
            original = plans.by_hash(connection, error.value)
        if original is None:
            raise
        fields = ", ".join(_changed(original.to_dict(), strict_yaml.load_file(path)))
        raise DataError(
            f"the plan was changed after it was frozen: {fields}", where=f"--check {path}", remedy=TAKE_BACK
        ) from None


def _changed(original: Mapping[str, Any], found: Any, place: str = "") -> Iterator[str]:
    """Each field of a document that is not as it was, with what stands there and what stood there."""
    for key in dict.fromkeys((*original, *found)):
        there, here, name = original.get(key), found.get(key), f"{place}.{key}" if place else key
        if isinstance(there, Mapping) and isinstance(here, Mapping):
            yield from _changed(there, here, name)
        elif there != here:
            yield f"{name} is {here}, was {there}"
