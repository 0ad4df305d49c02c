"""Studies by the minute of one event, within the unit of work that its daily studies are."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from eventstudy import __version__
from eventstudy.archive.bars import Key as Series
from eventstudy.config.minutes import ClockStudyConfig
from eventstudy.config.model import Config, content_hash
from eventstudy.events import releases
from eventstudy.prices.assets import currencies
from eventstudy.records import Event
from eventstudy.store import read, write
from eventstudy.study.clock.from_archive import BarArchive, ClockRequest, arrange, inputs_of, others_of, study
from eventstudy.study.clock.result import Others
from eventstudy.study.clock.spec import ClockSpec
from eventstudy.study.clock.stored import event_result
from eventstudy.study.results import EventResult

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Computed:
    """What is new of an event, and the input hash of every study."""

    found: tuple[Found, ...] = ()
    inputs: tuple[str, ...] = ()


NOTHING = Computed()


@dataclass(slots=True, kw_only=True)
class Bars:
    """Bars of a pass, and what happened to each asset."""

    archive: BarArchive
    by_asset: Mapping[str, Sequence[Event]]
    releases: Sequence[Event]
    concerned: dict[str, Others] = field(default_factory=dict)

    @classmethod
    def of(cls, config: Config, connection: sqlite3.Connection, events: Sequence[Event]) -> Bars:
        """All that is stored, and all events that are known."""
        by_asset: dict[str, list[Event]] = defaultdict(list)
        for event in events:
            for asset in event.assets if event.kind != "context" else ():
                by_asset[asset].append(event)
        return cls(
            archive=BarArchive(config=config, connection=connection),
            by_asset=by_asset,
            releases=[event for event in events if event.kind == "context"],
        )

    def others(self, asset: str) -> Others:
        """When an asset was announced something about, and when releases came that may move its price."""
        if asset not in self.concerned:
            config = self.archive.config
            coins = currencies(config, asset)
            banks = [releases.BANKS[key].currency in coins for key in config.releases]
            known = [
                e
                for key, is_ours in zip(config.releases, banks, strict=True)
                if is_ours
                for e in releases.releases(key)
            ]
            bearing = [e for e in self.releases if not e.concerns or e.concerns in coins]
            self.concerned[asset] = others_of((*self.by_asset.get(asset, ()), *bearing, *known))
        return self.concerned[asset]


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
        arranged = arrange(request, bars.archive)
        key = (__version__, _settings_hash(config, event, settings), inputs_of(request, arranged))
        hashes.append(key[2])
        if stored.get(settings.id) == key:
            continue
        rows = study(request, arranged)
        result = event_result(settings.id, event, request.spec, rows)
        documents = {row["asset"]: json.dumps(row, allow_nan=False) for row in rows}
        found.append(Found(study=settings, key=key, result=result, documents=documents))
    return Computed(found=tuple(found), inputs=tuple(hashes))


def _settings_hash(config: Config, event: Event, settings: ClockStudyConfig) -> str:
    names = sorted({*event.assets, *settings.explained_by})
    assets = {name: config.assets[name].model_dump(mode="json") for name in names}
    return content_hash(settings.model_dump(mode="json", exclude={"title"}), assets, config.releases)


def put(connection: sqlite3.Connection, bars: Bars, found: Found, *, describe: write.Descriptions, run_id: int) -> None:
    """Store what a study found, inside a transaction of the caller."""
    archive, settings = bars.archive, found.study
    assets = [reaction.asset for reaction in found.result.reactions]
    write.put_result(
        connection,
        found.result,
        titles={asset: archive.config.assets[asset].title for asset in assets},
        method={asset: method_line(settings, asset) for asset in assets},
        provenance={asset: _evidence(connection, archive, asset, settings) for asset in assets},
        key=found.key,
        describe=describe,
        run_id=run_id,
        documents=found.documents,
    )


def _evidence(connection: sqlite3.Connection, archive: BarArchive, asset: str, settings: ClockStudyConfig) -> list[int]:
    """Numbers of the newest answers with bars that a study of one asset rests on."""
    keys: list[Series] = [
        archive.key(name, settings.bar)
        for name in (asset, *settings.explained_by)
        if archive.config.assets[name].basket is None
    ]
    return read.newest_bars(connection, keys)


def method_line(settings: ClockStudyConfig, asset: str) -> str:
    """One sentence for the page; nothing that bears on the number is left out."""
    masked = "sessions with another event in the window passed over" if settings.mask_events else "no session masked"
    explained = f"; beside it, less what {', '.join(settings.explained_by)} did" if settings.explained_by else ""
    clock = "the venue's" if settings.clock == "venue" else "the announcement's"
    return (
        f"{asset}: log moves of {settings.bar} bars against the {settings.reference_sessions} latest earlier sessions "
        f"at the same time by {clock} clock (at least {settings.fewest_sessions}), each in units of how lively the "
        f"three hours before it were; {masked}; t law with 8 degrees of freedom, matched in variance, at the "
        f"{settings.alpha:.0%} level, Holm across the event's assets; placebo: the reference sessions{explained}."
    )


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
