"""Studies by the minute of one event, within the unit of work that its daily studies are."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eventstudy import __version__
from eventstudy.archive.bars import Key as Series
from eventstudy.config.minutes import ClockStudyConfig
from eventstudy.config.model import Config, content_hash
from eventstudy.records import Event
from eventstudy.store import read, write
from eventstudy.study.clock.arranged import ClockRequest, arrange, inputs_of
from eventstudy.study.clock.bar_archive import BarArchive
from eventstudy.study.clock.from_archive import study
from eventstudy.study.clock.method import method_line
from eventstudy.study.clock.spec import ClockSpec
from eventstudy.study.clock.stored import event_result
from eventstudy.study.results import EventResult
from jobs.minutes.bars import Bars

Key = tuple[str, str, str]  # code version, config hash, input hash


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one study by the minute found of an event.

    Attributes
    ----------
    study : ClockStudyConfig
    key : (str, str, str)
    result : EventResult
    documents : mapping of str to str
        By asset: the row of the document as JSON.
    """

    study: ClockStudyConfig
    key: Key
    result: EventResult
    documents: Mapping[str, str]
    sizes: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """What is new of an event, and the input hash of every study."""

    found: tuple[Found, ...] = ()
    inputs: tuple[str, ...] = ()


NOTHING = Computed()


def spec_of(settings: ClockStudyConfig) -> ClockSpec:
    """A study of the settings as the engine takes it."""
    names = set(ClockStudyConfig.model_fields) - {"id", "title", "model", "returns"}
    return ClockSpec(**{name: getattr(settings, name) for name in names})


def compute(bars: Bars, event: Event, context: Sequence[Event], stored: Mapping[str, Key]) -> Computed:
    """What is new of an event under every study by the minute whose stored results are not those of today's inputs."""
    config = bars.archive.config
    others = {asset: bars.others(asset) for asset in event.assets}
    found: list[Found] = []
    hashes: list[str] = []
    for settings in config.clock_studies:
        request = ClockRequest(
            event=event, spec=spec_of(settings), context=context, others=others, announced=bars.by_asset
        )
        inputs = inputs_of(request, bars.archive)
        hashes.append(inputs)
        key = (__version__, _settings_hash(config, event, settings), inputs)
        if stored.get(settings.id) == key:
            continue
        arranged = arrange(request, bars.archive)
        altered = [name for name, size in arranged.sizes.items() if bars.archive.wrong(name, size)]
        if altered:  # the inputs say nothing of it, nor that a backup which was put in its place has mended it
            key = (*key[:2], content_hash((inputs, altered)))
            if stored.get(settings.id) == key:
                continue
        rows = study(request, arranged)
        result = event_result(settings.id, event, request.spec, rows)
        documents = {row["asset"]: json.dumps(row, allow_nan=False) for row in rows}
        found.append(Found(study=settings, key=key, result=result, documents=documents, sizes=arranged.sizes))
    return Computed(found=tuple(found), inputs=tuple(hashes))


def _settings_hash(config: Config, event: Event, settings: ClockStudyConfig) -> str:
    names = sorted({*event.assets, *settings.explained_by})
    assets = {name: config.assets[name].model_dump(mode="json") for name in names}
    return content_hash(settings.model_dump(mode="json", exclude={"title"}), assets, config.releases)


def entry_of(connection: sqlite3.Connection, bars: Bars, found: Found) -> write.Entry:
    """What a study found, with its method and the answers that it rests on."""
    archive, settings = bars.archive, found.study
    assets = [reaction.asset for reaction in found.result.reactions]
    return write.Entry(
        result=found.result,
        titles={asset: archive.config.assets[asset].title for asset in assets},
        method={asset: method_line(settings, asset) for asset in assets},
        provenance={asset: _evidence(connection, archive, asset, found) for asset in assets},
        key=found.key,
        documents=found.documents,
    )


def _evidence(connection: sqlite3.Connection, archive: BarArchive, asset: str, found: Found) -> list[int]:
    """Numbers of the newest answers with bars that a study of one asset rests on."""
    keys: list[Series] = [
        archive.key(name, found.sizes.get(name, found.study.bar))
        for name in (asset, *found.study.explained_by)
        if archive.config.assets[name].basket is None
    ]
    return read.newest_bars(connection, keys)


def is_complete(connection: sqlite3.Connection, config: Config, event_id: str) -> bool:
    """Whether every window of every study by the minute has its number."""
    wanted = {study.id for study in config.clock_studies}
    rows = connection.execute(
        "select study_id, a.status = 'ok' and min(w.p_adjusted is not null) from analyses a "
        "left join window_results w using (analysis_id) where event_id = ? group by analysis_id",
        (event_id,),
    ).fetchall()
    found = [(name, is_whole) for name, is_whole in rows if name in wanted]
    return {name for name, _ in found} == wanted and all(is_whole for _, is_whole in found)
