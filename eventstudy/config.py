"""The settings: one YAML file, strict, with overrides from the environment.

Precedence: command line over ``EVENTSTUDY_SECTION__KEY`` over file over default.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from eventstudy import yaml_strict
from eventstudy.errors import ConfigError, InputError
from eventstudy.records import Alternative, Returns, StudySpec, Window

ENV_PREFIX = "EVENTSTUDY_"
ENV_RESERVED = {"EVENTSTUDY_CONFIG"}

Slug = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,79}$")]
AssetName = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]+$")]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
WindowField = Annotated[Window, BeforeValidator(lambda value: Window.parse(value))]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class SourceConfig(_Section):
    """Where prices come from."""

    kind: Literal["ecb", "yahoo"]
    endpoint: str | None = None
    cache: Path = Path("var/cache")
    timeout: Number = 10.0


class BasketConfig(_Section):
    """A geometric basket: constant × Π component^weight, or an equally weighted one of `members`."""

    constant: Number = 1.0
    weights: dict[AssetName, Number] = {}
    members: tuple[AssetName, ...] = ()
    leave_one_out: bool = False

    @model_validator(mode="after")
    def _one_form(self) -> BasketConfig:
        if bool(self.weights) == bool(self.members):
            raise ValueError("a basket has either weights or members; keep one of the two")
        if self.leave_one_out and not self.members:
            raise ValueError("leave_one_out needs members; list them")
        return self


class AssetConfig(_Section):
    """One thing that has a price."""

    title: str = ""
    source: str | None = None
    symbol: str | None = None
    calendar: str | None = None
    basket: BasketConfig | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> AssetConfig:
        if (self.source is None) == (self.basket is None):
            raise ValueError("an asset has either a source or a basket; keep one of the two")
        return self


class StudyConfig(_Section):
    """A named specification; see `eventstudy.records.StudySpec` for each field."""

    id: Slug
    title: str = ""
    model: Literal["constant-mean", "market-adjusted", "market"]
    benchmark: AssetName | None = None
    returns: Returns
    estimation: WindowField
    event_window: WindowField
    windows: tuple[WindowField, ...]
    min_estimation: int | None = Field(default=None, ge=3)
    alternative: Alternative = "two-sided"
    alpha: Number = Field(default=0.05, gt=0, lt=1)
    power: Number = Field(default=0.8, gt=0, lt=1)

    @model_validator(mode="after")
    def _consistent(self) -> StudyConfig:
        if (self.model == "constant-mean") == (self.benchmark is not None):
            raise ValueError(
                "the constant-mean model has no benchmark; remove it"
                if self.benchmark
                else f"the {self.model} model needs a benchmark; name an asset"
            )
        self.to_spec()
        return self

    def to_spec(self) -> StudySpec:
        """The study as the pure pipeline takes it."""
        return StudySpec(**{name: getattr(self, name) for name in type(self).model_fields if name not in ("id", "title")})


class EventConfig(_Section):
    """One announcement as written; `eventstudy.events` reads its times."""

    id: Slug
    title: Annotated[str, Field(min_length=1, max_length=300)]
    announced_at: str | None = None
    announced_between: tuple[str, str] | None = None
    zone: str | None = None
    kind: Slug = "announcement"
    assets: tuple[AssetName, ...] = ()
    url: Annotated[str, Field(pattern=r"^(https?://[^\s\"<>]+)?$")] = ""
    note: str = ""
    tags: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _complete(self) -> EventConfig:
        if self.announced_at is None and self.announced_between is None:
            raise ValueError("when was it announced? give announced_at or announced_between")
        if not self.assets and self.kind != "context":
            raise ValueError("no asset to study; list some under assets, or set kind: context")
        return self


class ScheduleConfig(_Section):
    """When the nightly pass runs."""

    at: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$")] = "23:30"
    zone: str = "UTC"
    days: Annotated[str, Field(pattern=r"^[a-z]{3}(-[a-z]{3})?(,[a-z]{3}(-[a-z]{3})?)*$")] = "mon-fri"
    grace_minutes: int = Field(default=360, ge=1)


class Config(_Section):
    """The whole of config.yaml."""

    version: Literal[1]
    database: Path = Path("var/eventstudy.db")
    reports: Path = Path("var/reports")
    sources: dict[Slug, SourceConfig]
    assets: dict[AssetName, AssetConfig]
    studies: tuple[StudyConfig, ...] = Field(min_length=1)
    events: tuple[EventConfig, ...] = ()
    schedule: ScheduleConfig = ScheduleConfig()

    @model_validator(mode="after")
    def _references(self) -> Config:
        for kind, items in (("study", self.studies), ("event", self.events)):
            seen: set[str] = set()
            for item in items:
                if item.id in seen:
                    raise ValueError(f"the {kind} id {item.id!r} stands twice; rename one of the two")
                seen.add(item.id)
        for name, asset in self.assets.items():
            if asset.source is not None:
                _known(asset.source, self.sources, f"assets.{name}.source", "source")
            for member in (*asset.basket.weights, *asset.basket.members) if asset.basket else ():
                _known(member, self.assets, f"assets.{name}.basket", "asset")
                if self.assets[member].basket:
                    raise ValueError(f"assets.{name}.basket: {member!r} is itself a basket; list its components")
        for study in self.studies:
            if study.benchmark is not None:
                _known(study.benchmark, self.assets, f"studies.{study.id}.benchmark", "asset")
        for event in self.events:
            for member in event.assets:
                _known(member, self.assets, f"events.{event.id}.assets", "asset")
        return self


def load_config(path: Path, environ: Mapping[str, str] | None = None) -> Config:
    """Read, override and check the settings.

    Parameters
    ----------
    path : Path
        The YAML file.
    environ : mapping, optional
        Environment variables; ``os.environ`` when None.

    Raises
    ------
    ConfigError
        One line per mistake, each with file, key, value and remedy.
    """
    raw = yaml_strict.load_file(path)
    if not isinstance(raw, dict):
        raise ConfigError("holds no settings", where=path.name, remedy="start from the config.yaml that ships")
    origin = _override(raw, os.environ if environ is None else environ)
    try:
        return Config.model_validate(raw)
    except ValidationError as error:
        lines = [_explain(path.name, raw, origin, dict(item)) for item in error.errors()]
        problem = ConfigError(lines[0])
        problem.args = ("\n".join(lines),)
        raise problem from None
    except InputError as error:
        raise ConfigError(error.problem, where=f"{path.name}: {error.where}", value=error.value, remedy=error.remedy) from None


def content_hash(*parts: Any) -> str:
    """SHA-256 of `parts` as canonical JSON: equal settings, equal hash, on any machine."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _known(name: str, among: Mapping[str, object], where: str, what: str) -> None:
    if name not in among:
        close = difflib.get_close_matches(name, list(among), n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"define it under {what}s"
        raise ValueError(f"{where}: there is no {what} {name!r}; {hint}")


def _override(raw: dict[str, Any], environ: Mapping[str, str]) -> dict[tuple[str, ...], str]:
    """Write every EVENTSTUDY_* variable into `raw`; return which key came from which variable."""
    origin: dict[tuple[str, ...], str] = {}
    for variable in sorted(environ):
        if not variable.startswith(ENV_PREFIX) or variable in ENV_RESERVED:
            continue
        node: Any = raw
        path: list[str] = []
        model: Any = Config
        parts = variable[len(ENV_PREFIX) :].lower().split("__")
        for depth, part in enumerate(parts):
            fields = getattr(model, "model_fields", None)
            names = list(fields) if fields else _names(node)
            name = next((n for n in names if n.lower().replace("-", "_").replace(".", "_") == part), None)
            if name is None:
                close = difflib.get_close_matches(part, [n.lower() for n in names], n=1)
                hint = f"did you mean {close[0].upper()}?" if close else f"known here: {', '.join(names)}"
                raise ConfigError(f"no setting {part!r}", where=variable, value=environ[variable], remedy=hint)
            path.append(name)
            model = _inner(fields[name].annotation) if fields else model
            if depth == len(parts) - 1:
                node[name] = yaml_strict.load_text(environ[variable], variable)
            else:
                node = _child(node, name)
        origin[tuple(path)] = variable
    return origin


def _inner(annotation: Any) -> Any:
    """The section model inside ``dict[str, Section]``, ``tuple[Section, ...]`` or ``Section | None``."""
    candidates = [annotation, *getattr(annotation, "__args__", ())]
    return next((c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)), None)


def _names(node: Any) -> list[str]:
    if isinstance(node, dict):
        return [str(k) for k in node]
    return [str(item["id"]) for item in node if isinstance(item, dict) and "id" in item] if isinstance(node, list) else []


def _child(node: Any, name: str) -> Any:
    if isinstance(node, list):
        return next(item for item in node if isinstance(item, dict) and item.get("id") == name)
    return node.setdefault(name, {})


def _explain(file: str, raw: Any, origin: Mapping[tuple[str, ...], str], item: dict[str, Any]) -> str:
    """One line for one mistake: file, key, problem, value, remedy."""
    node, key = raw, ""
    for step in item["loc"]:
        if isinstance(step, int):
            inner = node[step] if isinstance(node, list) and step < len(node) else None
            key += f"[{inner['id']}]" if isinstance(inner, dict) and "id" in inner else f"[{step}]"
            node = inner
        else:
            key += f".{step}" if key else str(step)
            node = node.get(step) if isinstance(node, dict) else None
    plain = tuple(str(step) for step in item["loc"] if not isinstance(step, int))
    where = origin.get(plain) or (f"{file}: {key}" if key else file)
    cause = item.get("ctx", {}).get("error")
    value: Any = item["input"]
    if isinstance(cause, InputError):
        where = f"{where}.{cause.where}" if cause.where else where
        return str(ConfigError(cause.problem, where=where, value=cause.value, remedy=cause.remedy))
    if item["type"] == "value_error":
        problem, _, remedy = str(cause).partition("; ")
        return str(ConfigError(problem, where=where, remedy=remedy))
    problem, remedy = _PLAIN.get(item["type"], (item["msg"].lower(), "see config.yaml for an example"))
    if item["type"] == "extra_forbidden":
        remedy = _nearest(item["loc"])
    if item["type"] == "missing":
        value = None
    return str(ConfigError(problem, where=where, value=value, remedy=remedy))


def _nearest(loc: tuple[Any, ...]) -> str:
    model: Any = Config
    for step in loc[:-1]:
        fields = getattr(model, "model_fields", {})
        model = _inner(fields[step].annotation) if step in fields else model
    names = list(getattr(model, "model_fields", {}))
    close = difflib.get_close_matches(str(loc[-1]), names, n=1)
    return f"did you mean {close[0]!r}?" if close else f"known here: {', '.join(names)}"


_PLAIN: dict[str, tuple[str, str]] = {
    "extra_forbidden": ("unknown key", ""),
    "missing": ("this key is required", "add it"),
    "string_type": ("must be text", "put quotes around it"),
    "string_pattern_mismatch": ("is not written as required", "see config.yaml for an example"),
}
