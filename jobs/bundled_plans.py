"""The plans of the events of a bundle, and whether its results kept them, as far as the bundle goes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from eventstudy.bundle import container
from eventstudy.config.model import Config
from eventstudy.errors import DataError
from eventstudy.plans.held import Held
from eventstudy.plans.plan import plan_of
from eventstudy.records import Event
from eventstudy.store import plans
from jobs import preregister

PART = "plans.json"


def packed(connection: sqlite3.Connection, event_ids: Iterable[str]) -> dict[str, bytes]:
    """The part of a bundle that has every plan of its events; none where there is no plan."""
    found = {event_id: [plan.to_dict() for plan in plans.plans_of(connection, event_id)] for event_id in event_ids}
    found = {event_id: of_event for event_id, of_event in found.items() if of_event}
    return {PART: container.dumped(found)} if found else {}


def held(
    config: Config, events: Sequence[Event], found: Mapping[str, Sequence[Any]], about: Mapping[str, Any]
) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """What is to be said of each event's plan, and which plans are not what was frozen.

    A bundle of a study holds no other, and the others are not held against a plan.

    Parameters
    ----------
    config : Config
    events : sequence of Event
    found : mapping
        What the part holds.
    about : mapping
        The manifest: of what it is, and which version ran the studies.
    """
    said: dict[str, dict[str, Any]] = {}
    strange: list[str] = []
    is_of_event = about["bundle"] in {event.event_id for event in events}
    for event in events:
        if event.event_id not in found:
            continue
        try:
            known = tuple(plan_of(document, f"{PART}, {event.event_id}") for document in found[event.event_id])
        except DataError as error:
            strange.append(str(error))
            continue
        number = Held(plans=known).counting
        elsewhere = None if is_of_event else known[number - 1].frozen
        run = preregister.of_settings(config, event, elsewhere=elsewhere)
        version = str(about["code_version"])
        said[event.event_id] = Held(plans=known, number=number, run=run, run_version=version).to_dict()
    return said, strange
