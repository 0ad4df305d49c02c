"""Plans of collections: what one freezes, and whether the averages kept to it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventstudy.config.minutes import ClockStudyConfig
from eventstudy.config.model import CollectionConfig, Config, StudyConfig
from eventstudy.errors import ConfigError, DataError
from eventstudy.plans import of_stored
from eventstudy.plans.frozen import Frozen, choice_of
from eventstudy.plans.yaml_file import read_plan
from eventstudy.records import Event

if TYPE_CHECKING:
    from eventstudy.spec import StudySpec
    from eventstudy.study.clock.spec import ClockSpec


def spec_of_group(study: StudyConfig | ClockStudyConfig) -> StudySpec | ClockSpec:
    """A study as it is asked of several events together."""
    if isinstance(study, ClockStudyConfig):
        from jobs.minutes.step import spec_of

        return spec_of(study)
    return study.to_group_spec()


def frozen(config: Config, settings: CollectionConfig, events: Iterable[Event]) -> Frozen:
    """What a plan of a collection freezes: as of ``study --stored`` with the same study and choice."""
    from eventstudy.study.members import members_of  # all of statistics, needless in most nights

    study = next(study for study in config.all_studies if study.id == (settings.study or config.all_studies[0].id))
    assets = () if settings.asset is None else (settings.asset,)
    tag, kind, ids, compare = settings.tag, settings.kind, settings.events, settings.compare
    choice = choice_of(tag=tag, kind=kind, assets=assets, event_ids=ids, compare=compare, regress=settings.regress)
    return of_stored.frozen_of(
        {**spec_of_group(study).to_dict(), "drop_overlapping": False, "equivalence": None, **choice},
        members_of(events, tag=tag, kind=kind, assets=assets, event_ids=ids, compare=compare),
        {name: asset.origin for name, asset in config.assets.items()},
    )


def held(path: Path, run: Frozen) -> dict[str, Any]:
    """What a document says of the plan in a file; that it is no plan, where it cannot be read as it was frozen."""
    try:
        plan = read_plan(path, "plan")
    except (ConfigError, DataError) as error:
        return {"problem": str(error)}
    return of_stored.held(plan, run).to_dict()
