"""What a plan says of a study of stored events: how they are chosen, which they are now, and which may come later."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from eventstudy import __version__
from eventstudy.instants import stamp
from eventstudy.plans.frozen import OF_EVENTS, OF_FILES, Frozen, assets_read, with_choices
from eventstudy.plans.held import Held
from eventstudy.plans.plan import AFTER_PRICES, BEFORE_NEWS, Plan, Seen

if TYPE_CHECKING:
    from eventstudy.study.members import Member


def frozen_of(
    settings: Mapping[str, Any], members: Iterable[Member], assets: Mapping[str, Mapping[str, Any]]
) -> Frozen:
    """The choices of a study of stored events.

    Parameters
    ----------
    settings : mapping
        Those of its ``StudySpec`` or ``ClockSpec``, and how its events are chosen.
    members : iterable of Member
    assets : mapping
        Every asset of the settings → where its prices come from.
    """
    events: dict[str, dict[str, Any]] = {}
    for member in members:
        event = member.event
        when = {"earliest": stamp(event.earliest), "latest": stamp(event.latest), "assets": []}
        events.setdefault(event.event_id, when)["assets"].append(member.asset)
    own = [name for event in events.values() for name in event["assets"]]
    return Frozen(
        studies={OF_FILES: with_choices(settings, OF_EVENTS)},
        events=events,
        assets=assets_read(own, [settings], assets),
    )


def seen_of(frozen: Frozen, now: dt.datetime) -> Seen:
    """How many of the events are past at `now`."""
    past = sum(event["earliest"] <= stamp(now) for event in frozen.events.values())
    return Seen(stage=AFTER_PRICES if past else BEFORE_NEWS, events=len(frozen.events), past=past)


def held(plan: Plan, run: Frozen) -> Held:
    """What is run now, held against a plan: events that it could not know, chosen as planned, are no departure.

    One that was announced before the plan, and that it does not name, is: it was chosen with hindsight.
    """
    events, planned = run.events, plan.frozen.events
    known = {name: event for name, event in events.items() if name in planned or event["earliest"] <= plan.planned_at}
    own = [asset for event in known.values() for asset in event["assets"]]
    run = replace(run, events=known, assets=assets_read(own, run.studies.values(), run.assets))
    return Held(plans=(plan,), run=run, run_version=__version__, later=len(events) - len(known))
