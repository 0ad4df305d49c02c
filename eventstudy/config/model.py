"""The settings, section by section; `eventstudy.config.load` reads them."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from eventstudy.config.feeds import FeedConfig
from eventstudy.config.fields import (
    RESERVED_PAGE,
    AssetName,
    ClaimText,
    ClusterField,
    Number,
    PathField,
    Slug,
    SpanField,
    Symbol,
    Title,
    WebAddress,
    Whole,
    WindowField,
    ZoneName,
    calendar_name,
    days_of_week,
    written,
)
from eventstudy.config.minutes import Bar, ClockStudyConfig, is_by_the_minute
from eventstudy.config.sources import Mistakes, Section, SourceConfig
from eventstudy.errors import InputError
from eventstudy.hints import hint
from eventstudy.registry.models import MODELS
from eventstudy.registry.tests import ASSETS_TOGETHER, event_tests
from eventstudy.spec import Alternative, Missing, Partial, Returns, StudySpec


class BasketConfig(Section):
    """A geometric basket: constant × Π component^weight; `members` are components that weigh 1/N each.

    With `leave_one_out`, as a benchmark, it loses what it shares with the asset that it explains, and the weights of
    the rest are scaled so that their sizes add up to one.
    """

    constant: Number = Field(default=1.0, gt=0)
    weights: dict[AssetName, Number] = Field(default_factory=dict)
    members: tuple[AssetName, ...] = ()
    leave_one_out: bool = Field(default=False, strict=True)

    @model_validator(mode="after")
    def _one_form(self) -> BasketConfig:
        if bool(self.weights) == bool(self.members):
            raise InputError("a basket has either weights or members", remedy="keep one of the two, and fill it")
        twice = next((name for i, name in enumerate(self.members) if name in self.members[:i]), None)
        if twice:
            raise InputError("this member stands twice", where="members", value=twice, remedy="keep one of the two")
        if self.leave_one_out and len(self.members) + len(self.weights) < 2:
            raise InputError("leave_one_out needs two or more components", where="members", remedy="list them")
        return self


class AssetConfig(Section):
    """One thing that has a price."""

    title: str = ""
    source: str | None = None
    symbol: Symbol | None = None
    calendar: Annotated[str, AfterValidator(calendar_name)] | None = None
    basket: BasketConfig | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> AssetConfig:
        if (self.source is None) == (self.basket is None):
            raise InputError("an asset has either a source or a basket", remedy="keep one of the two")
        for name in ("symbol", "calendar"):
            if self.basket is not None and getattr(self, name) is not None:
                raise InputError(f"a basket has no {name} of its own", where=name, remedy="remove it")
        return self

    @property
    def origin(self) -> dict[str, Any]:
        """All that says where its prices come from, as plain values."""
        return self.model_dump(mode="json", exclude={"title"}, exclude_none=True)


class StudyConfig(Section):
    """A named specification; see `eventstudy.spec.StudySpec` for each field."""

    id: Slug
    title: str = ""
    model: str
    benchmark: AssetName | None = None
    factors: tuple[AssetName, ...] = ()
    returns: Returns
    missing: Missing = "drop"
    partial: Partial = "drop"
    estimation: WindowField
    event_window: WindowField
    windows: tuple[WindowField, ...]
    min_estimation: Whole | None = Field(default=None, ge=3)
    alternative: Alternative = "two-sided"
    tests: tuple[str, ...] | None = None
    alpha: Number = Field(default=0.05, gt=0, lt=1)
    power: Number = Field(default=0.8, gt=0, lt=1)
    seed: Whole = Field(default=0, ge=0)
    draws: Whole = Field(default=999, ge=99)
    lags: Whole = Field(default=1, ge=0)
    leads: Whole = Field(default=1, ge=0)
    variant: str = ""

    @model_validator(mode="after")
    def _consistent(self) -> StudyConfig:
        found = [*self._of_model(), *self._of_data()]
        if found:
            raise Mistakes(found)
        self.to_spec()
        return self

    def _of_model(self) -> Iterator[InputError]:
        """Settings that the model must have, or has not."""
        if self.model not in MODELS:
            remedy = hint(self.model, MODELS, f"known are {', '.join(MODELS)}")
            yield InputError("unknown model", where="model", value=self.model, remedy=remedy)
            return
        model, what = MODELS[self.model], f"the {self.model} model"
        takes_factors = model.regressors in ("factors", "peers")
        if model.is_volatility and find_spec("arch") is None:
            remedy = 'pip install "eventstudy-service[garch]"'
            yield InputError(f"{what} needs the arch package", where="model", value=self.model, remedy=remedy)
        if model.needs_benchmark and self.benchmark is None:
            yield InputError(f"{what} needs a benchmark", where="benchmark", remedy="name an asset")
        if not model.needs_benchmark and self.benchmark is not None:
            yield InputError(f"{what} has no benchmark", where="benchmark", value=self.benchmark, remedy="remove it")
        if takes_factors and not model.factors and not self.factors:
            yield InputError(f"{what} needs the names of assets", where="factors", remedy="list some")
        if model.factors and len(self.factors) != len(model.factors):
            yield InputError(
                f"{what} has {len(model.factors)} factors",
                where="factors",
                value=list(self.factors),
                remedy=f"name the assets of {', '.join(model.factors)}, in that order",
            )
        if self.factors and not takes_factors:
            yield InputError(f"{what} has no factors", where="factors", value=list(self.factors), remedy="remove them")
        for name in ("lags", "leads"):
            if self.model != "dimson" and name in self.model_fields_set:
                yield InputError(f"{what} has no {name}", where=name, value=getattr(self, name), remedy="remove it")
        if self.variant and self.variant not in model.variants:
            remedy = f"write {' or '.join(model.variants)}" if model.variants else "remove it"
            yield InputError(f"{what} has no such variant", where="variant", value=self.variant, remedy=remedy)

    def _of_data(self) -> Iterator[InputError]:
        """Settings that must fit the estimation window, the returns, or the tests that there are."""
        if self.missing == "lump" and self.model in MODELS and MODELS[self.model].lumped == "never":
            yield InputError(
                f"the {self.model} model cannot use returns over several sessions",
                where="missing",
                value=self.missing,
                remedy="write drop, or use the model trade-to-trade",
            )
        if self.min_estimation is not None and self.min_estimation > self.estimation.length:
            yield InputError(
                f"the estimation window {self.estimation.label} has only {self.estimation.length} sessions",
                where="min_estimation",
                value=self.min_estimation,
                remedy="lower it or widen the window",
            )
        if self.tests is not None:
            known = (*event_tests(), *ASSETS_TOGETHER)
            for name in self.tests:
                if name not in known:
                    remedy = hint(name, known, f"known are {', '.join(known)}")
                    yield InputError("no such test of one event", where="tests", value=name, remedy=remedy)
            if "t" not in self.tests:
                yield InputError("a verdict rests on the t test", where="tests", value=list(self.tests), remedy="add t")

    @cached_property
    def _spec(self) -> StudySpec:
        names = set(type(self).model_fields) - {"id", "title"}
        values = {name: getattr(self, name) for name in names}
        return StudySpec(**{**values, "model": "factor" if MODELS[self.model].factors else self.model})

    def to_spec(self) -> StudySpec:
        """The study as the pure pipeline takes it."""
        return self._spec

    def to_group_spec(self) -> StudySpec:
        """The study as it is asked of several events together: with every test of groups."""
        return replace(self._spec, tests=None)

    @property
    def explained_by(self) -> tuple[str, ...]:
        """Assets whose returns explain those of the event's: the benchmark, the factors or the peers."""
        return self._spec.explained_by

    @property
    def back(self) -> int:
        """Sessions before day 0 that the study reads, placebo days included."""
        return MODELS[self._spec.model].reach(self._spec)[0] - 2 * self.estimation.start

    @property
    def ahead(self) -> int:
        """Sessions after day 0 that the study reads."""
        return self.event_window.end + MODELS[self._spec.model].reach(self._spec)[1]


class CollectionConfig(Section):
    """Announcements that are averaged: those that have all of what is named here.

    Left out, `asset` stands for all assets of these announcements, and `study` for the first of the settings. With
    `compare`, announcements with one of these tags are compared with those that have another. `regress` explains the
    moves with columns of the table `characteristics`, which has a row per event with its `event_id`. `plan` is a file
    of `eventstudy plan --collection`, which the averages are held against.
    """

    id: Slug
    title: str = ""
    tag: str | None = None
    kind: Slug | None = None
    asset: AssetName | None = None
    events: tuple[Slug, ...] = ()
    study: Slug | None = None
    compare: tuple[str, ...] = ()
    regress: tuple[str, ...] = ()
    characteristics: PathField | None = None
    plan: PathField | None = None
    fewest: Whole = Field(default=5, ge=2)

    @model_validator(mode="after")
    def _chosen(self) -> CollectionConfig:
        if not (self.tag or self.kind or self.asset or self.events):
            raise InputError("which events?", remedy="give tag, kind, asset or events")
        if bool(self.regress) != (self.characteristics is not None):
            raise InputError(
                "columns to explain the moves with, and the table that has them, go together",
                where="regress" if self.regress else "characteristics",
                remedy="write regress: [surprise] and characteristics: surprises.csv",
            )
        if len(self.compare) == 1:
            raise InputError("one group cannot be compared", where="compare", value=self.compare[0], remedy="add a tag")
        twice = next((name for i, name in enumerate(self.compare) if name in self.compare[:i]), None)
        if twice is not None:
            raise InputError("this tag stands twice", where="compare", value=twice, remedy="name each tag once")
        if "all" in self.compare:
            raise InputError("all is the group of all events", where="compare", value="all", remedy="use another tag")
        return self


class EventConfig(Section):
    """One announcement as written; `eventstudy.events` reads its times."""

    id: Slug
    title: Title
    announced_at: str | None = None
    announced_between: tuple[str, str] | None = None
    zone: ZoneName | None = None
    kind: Slug = "announcement"
    assets: tuple[AssetName, ...] = ()
    url: WebAddress = ""
    note: str = ""
    tags: tuple[str, ...] = ()
    claims: tuple[ClaimText, ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> EventConfig:
        if RESERVED_PAGE.fullmatch(self.id):
            what = "the page of all events" if self.id == "index" else "the page of a digest"
            raise InputError(f"{self.id!r} is {what}", where="id", remedy="choose another id")
        if self.announced_at is None and self.announced_between is None:
            raise InputError("when was it announced?", remedy="give announced_at or announced_between")
        if not self.assets and self.kind != "context":
            raise InputError("no asset to study", where="assets", remedy="list some, or set kind: context")
        return self


class ScheduleConfig(Section):
    """When the nightly pass runs."""

    at: Annotated[
        str, written(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?", "not a time of day", 'write HH:MM, for example "23:30"')
    ] = "23:30"
    zone: ZoneName = "UTC"
    days: Annotated[str, AfterValidator(days_of_week)] = "mon-fri"
    grace_minutes: Whole = Field(default=360, ge=1)
    after: tuple[SpanField, ...] = (dt.timedelta(minutes=15), dt.timedelta(hours=1), dt.timedelta(days=1))
    look: SpanField = dt.timedelta(minutes=5)
    drain_seconds: Whole = Field(default=90, ge=1)


class RetryConfig(Section):
    """How often, and how soon, an event that failed is tried again."""

    attempts: Whole = Field(default=8, ge=1)
    first: SpanField = dt.timedelta(minutes=15)
    longest: SpanField = dt.timedelta(days=1)

    @model_validator(mode="after")
    def _growing(self) -> RetryConfig:
        if self.longest < self.first:
            raise InputError("the longest wait is shorter than the first", where="longest", remedy="raise it")
        return self


class RevisionsConfig(Section):
    """How long the prices of an event are asked for again after its last session."""

    days: Whole = Field(default=7, ge=0)


class BackupsConfig(Section):
    """Where a copy of the database goes after every good pass, and how many stay."""

    folder: PathField = Path("var/backups")
    keep: Whole = Field(default=7, ge=1)


class CapturesConfig(Section):
    """Which intraday bars are kept, of each announcement and of each asset, before the source drops them."""

    bars: tuple[Bar, ...] = ("1m", "5m")
    standing: tuple[Bar, ...] = ()
    after: tuple[SpanField, ...] = (dt.timedelta(hours=1), dt.timedelta(days=1))
    days: Whole = Field(default=2, ge=0, le=3)


class NotifyConfig(Section):
    """Who is told of a night: a program that reads the digest, or a web address that gets it."""

    command: tuple[str, ...] = ()
    webhook: WebAddress | None = None
    when: Literal["always", "changes", "failures"] = "changes"
    timeout: Number = Field(default=30.0, gt=0, le=600)

    @model_validator(mode="after")
    def _someone(self) -> NotifyConfig:
        if not self.command and not self.webhook:
            raise InputError("nobody to tell", remedy="give command or webhook, or remove the section")
        if self.command and not self.command[0].strip():
            raise InputError("names no program", where="command", remedy="begin with a program")
        return self


class ReportConfig(Section):
    """How pages look: a folder with colours, a logo and words of one's own."""

    theme: PathField | None = None


class QueryConfig(Section):
    """A statement with a name, for `eventstudy query`, which reads it without the rest of the settings."""

    sql: str = Field(min_length=1)
    words: str = ""


class Config(Section):
    """The whole of config.yaml; `clock_studies` are those of its studies that are by the minute."""

    version: Literal[1]
    database: PathField = Path("var/eventstudy.db")
    reports: PathField = Path("var/reports")
    cluster: ClusterField | None = None
    language: Literal["en-GB", "en-US", "de"] = "en-GB"
    report: ReportConfig = ReportConfig()
    sources: dict[Slug, SourceConfig]
    assets: dict[AssetName, AssetConfig]
    studies: tuple[StudyConfig, ...]
    clock_studies: tuple[ClockStudyConfig, ...] = ()
    events: tuple[EventConfig, ...] = ()
    feeds: tuple[FeedConfig, ...] = ()
    schedule: ScheduleConfig = ScheduleConfig()
    retry: RetryConfig = RetryConfig()
    revisions: RevisionsConfig = RevisionsConfig()
    backups: BackupsConfig | None = None
    captures: CapturesConfig = CapturesConfig()
    notify: NotifyConfig | None = None
    collections: tuple[CollectionConfig, ...] | None = None
    releases: tuple[Literal["fomc", "ecb"], ...] = ("fomc", "ecb")
    queries: dict[Slug, QueryConfig] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _by_the_minute(cls, raw: Any) -> Any:
        listed = raw.get("studies") if isinstance(raw, dict) else None
        if not isinstance(listed, (list, tuple)):
            return raw
        daily = [
            {name: value for name, value in study.items() if name != "bar"} if isinstance(study, dict) else study
            for study in listed
            if not is_by_the_minute(study)
        ]
        by_the_minute = [*raw.get("clock_studies", ()), *filter(is_by_the_minute, listed)]
        return {**raw, "studies": daily, "clock_studies": by_the_minute}

    @model_validator(mode="after")
    def _references(self) -> Config:
        found = [*_repeated("studies", (*self.studies, *self.clock_studies)), *_repeated("events", self.events)]
        found += [*_repeated("feeds", self.feeds), *_repeated("collections", self.collections or ())]
        found += self._dangling()
        if not self.all_studies:
            found.append(InputError("no study", where="studies", remedy="define at least one; see config.yaml"))
        if found:
            raise Mistakes(found)
        return self

    @property
    def all_studies(self) -> tuple[StudyConfig | ClockStudyConfig, ...]:
        """Every study, those of days first; the first is the headline."""
        return (*self.studies, *self.clock_studies)

    def _dangling(self) -> Iterator[InputError]:
        """Names that nothing is defined for."""
        for name, asset in self.assets.items():
            if asset.source is not None:
                yield from _unknown(asset.source, self.sources, f"assets.{name}.source", "source")
            for member in (*asset.basket.weights, *asset.basket.members) if asset.basket else ():
                yield from _unknown(member, self.assets, f"assets.{name}.basket", "asset")
                if member in self.assets and self.assets[member].basket:
                    yield InputError(
                        "a basket of baskets",
                        where=f"assets.{name}.basket",
                        value=member,
                        remedy="list its components instead",
                    )
        for clocked in self.clock_studies:
            for name in clocked.explained_by:
                what = "benchmark" if name == clocked.benchmark else "factors"
                yield from _unknown(name, self.assets, f"studies[{clocked.id}].{what}", "asset")
        for study in self.studies:
            if study.benchmark is not None:
                yield from _unknown(study.benchmark, self.assets, f"studies[{study.id}].benchmark", "asset")
            for factor in study.factors:
                yield from _unknown(factor, self.assets, f"studies[{study.id}].factors", "asset")
        yield from self._dangling_assets()
        for collection in self.collections or ():
            yield from self._dangling_collection(collection)

    def _dangling_assets(self) -> Iterator[InputError]:
        for event in self.events:
            for member in event.assets:
                yield from _unknown(member, self.assets, f"events[{event.id}].assets", "asset")
        for feed in self.feeds:
            yield from self._dangling_feed(feed)

    def _dangling_collection(self, collection: CollectionConfig) -> Iterator[InputError]:
        where = f"collections[{collection.id}]"
        if collection.asset is not None:
            yield from _unknown(collection.asset, self.assets, f"{where}.asset", "asset")
        if collection.study is not None:
            studies = {study.id: study for study in self.all_studies}
            yield from _unknown(collection.study, studies, f"{where}.study", "study")

    def _dangling_feed(self, feed: FeedConfig) -> Iterator[InputError]:
        where = f"feeds[{feed.id}]"
        for member in feed.assets:
            yield from _unknown(member, self.assets, f"{where}.assets", "asset")
        if feed.source is None:
            return
        yield from _unknown(feed.source, self.sources, f"{where}.source", "source")
        if feed.source in self.sources and self.sources[feed.source].kind != "yahoo":
            yield InputError(
                "this source knows no earnings",
                where=f"{where}.source",
                value=feed.source,
                remedy="name a source of kind yahoo",
            )
        for member in feed.assets:
            if member in self.assets and self.assets[member].source != feed.source:
                yield InputError(
                    f"this asset is not of the source {feed.source}",
                    where=f"{where}.assets",
                    value=member,
                    remedy="remove it",
                )


def content_hash(*parts: Any) -> str:
    """SHA-256 of `parts` as canonical JSON: equal settings, equal hash, on any machine."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _repeated(
    key: str, items: Sequence[StudyConfig | ClockStudyConfig | EventConfig | FeedConfig | CollectionConfig]
) -> Iterator[InputError]:
    for name, count in Counter(item.id for item in items).items():
        if count > 1:
            yield InputError("this id stands twice", where=key, value=name, remedy="rename one of the two")


def _unknown(name: str, among: Mapping[str, object], where: str, what: str) -> Iterator[InputError]:
    if name not in among:
        remedy = hint(name, among, f"define it under {'studies' if what == 'study' else f'{what}s'}")
        yield InputError(f"there is no such {what}", where=where, value=name, remedy=remedy)
