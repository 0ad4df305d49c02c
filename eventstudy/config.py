"""The settings: one YAML file, strict, with overrides from the environment.

Precedence: command line over ``EVENTSTUDY_SECTION__KEY`` over file over default.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from eventstudy import yaml_strict
from eventstudy.errors import ConfigError, InputError
from eventstudy.records import Alternative, Returns, StudySpec, Window

ENV_PREFIX = "EVENTSTUDY_"
ENV_RESERVED = {"EVENTSTUDY_CONFIG"}
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

E = TypeVar("E", bound=InputError)


def _written(pattern: str, problem: str, remedy: str) -> AfterValidator:
    """Text that matches `pattern` as a whole."""

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise InputError(problem, value=text, remedy=remedy)
        return text

    return AfterValidator(check)


def _path(value: object) -> object:
    if isinstance(value, Path) or (isinstance(value, str) and value.strip()):
        return value
    raise InputError("not the path of a file or folder", value=value, remedy="write for example var/eventstudy.db")


def _zone_name(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (KeyError, ValueError, OSError):
        raise InputError("unknown time zone", value=name, remedy="use an IANA name such as Asia/Shanghai") from None


def _calendar_name(name: str) -> str:
    if name in ("ecb", "fx"):
        return name
    import exchange_calendars  # with pandas, a quarter of a second: only for a config that names a venue

    known: list[str] = exchange_calendars.get_calendar_names()
    if name not in known:
        raise InputError("unknown calendar", value=name, remedy=_hint(name, known, "use ecb, fx or a MIC such as XNYS"))
    return name


def _days_of_week(text: str) -> str:
    for part in text.split(","):
        first, _, last = part.partition("-")
        is_known = {first, last or first} <= set(WEEKDAYS)
        if not is_known or (last and WEEKDAYS.index(first) > WEEKDAYS.index(last)):
            raise InputError("not days of the week", value=text, remedy="write for example mon-fri or tue,thu,sat-sun")
    return text


def _hint(name: str, known: Iterable[str], otherwise: str) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"did you mean {close[0]!r}?" if close else otherwise


_LINE = r"[^\x00-\x1f\x7f]"

Slug = Annotated[
    str, _written(r"[a-z0-9][a-z0-9._-]{0,79}", "not an id", "write lower-case letters, digits, '.', '_' and '-'")
]
AssetName = Annotated[str, _written(f"{_LINE}{{1,80}}", "not a name", "write one line of 1 to 80 characters")]
Title = Annotated[str, _written(f"{_LINE}{{1,300}}", "not a title", "write one line of 1 to 300 characters")]
WebAddress = Annotated[str, _written(r"(https?://[^\s\"<>]+)?", "not a web address", "start it with https://")]
ZoneName = Annotated[str, AfterValidator(_zone_name)]
PathField = Annotated[Path, BeforeValidator(_path)]
Number = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Whole = Annotated[int, Field(strict=True)]
WindowField = Annotated[Window, BeforeValidator(Window.parse)]


class _Mistakes(ValueError):
    """Several mistakes that one validator found; each names its key."""

    def __init__(self, found: Sequence[InputError]) -> None:
        super().__init__(*found)
        self.found = tuple(found)


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class SourceConfig(_Section):
    """Where prices come from."""

    kind: Literal["ecb", "yahoo"]
    endpoint: WebAddress | None = None
    cache: PathField = Path("var/cache")
    timeout: Number = Field(default=10.0, gt=0)

    @model_validator(mode="after")
    def _used(self) -> SourceConfig:
        if self.kind == "ecb" and self.model_fields_set > {"kind"}:
            raise InputError("the ecb source is bundled and has no settings", remedy="keep kind: ecb alone")
        return self


class BasketConfig(_Section):
    """A geometric basket: constant × Π component^weight, or an equally weighted one of `members`."""

    constant: Number = Field(default=1.0, gt=0)
    weights: dict[AssetName, Number] = {}
    members: tuple[AssetName, ...] = ()
    leave_one_out: bool = Field(default=False, strict=True)

    @model_validator(mode="after")
    def _one_form(self) -> BasketConfig:
        if bool(self.weights) == bool(self.members):
            raise InputError("a basket has either weights or members", remedy="keep one of the two, and fill it")
        twice = next((name for i, name in enumerate(self.members) if name in self.members[:i]), None)
        if twice:
            raise InputError("this member stands twice", where="members", value=twice, remedy="keep one of the two")
        if self.leave_one_out and len(self.members) < 2:
            raise InputError("leave_one_out needs two or more members", where="members", remedy="list them")
        return self


class AssetConfig(_Section):
    """One thing that has a price."""

    title: str = ""
    source: str | None = None
    symbol: AssetName | None = None
    calendar: Annotated[str, AfterValidator(_calendar_name)] | None = None
    basket: BasketConfig | None = None

    @model_validator(mode="after")
    def _one_origin(self) -> AssetConfig:
        if (self.source is None) == (self.basket is None):
            raise InputError("an asset has either a source or a basket", remedy="keep one of the two")
        for name in ("symbol", "calendar"):
            if self.basket is not None and getattr(self, name) is not None:
                raise InputError(f"a basket has no {name} of its own", where=name, remedy="remove it")
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
    min_estimation: Whole | None = Field(default=None, ge=3)
    alternative: Alternative = "two-sided"
    alpha: Number = Field(default=0.05, gt=0, lt=1)
    power: Number = Field(default=0.8, gt=0, lt=1)

    @model_validator(mode="after")
    def _consistent(self) -> StudyConfig:
        if self.model == "constant-mean" and self.benchmark is not None:
            raise InputError("the constant-mean model has no benchmark", where="benchmark", remedy="remove it")
        if self.model != "constant-mean" and self.benchmark is None:
            raise InputError(f"the {self.model} model needs a benchmark", where="benchmark", remedy="name an asset")
        if self.min_estimation is not None and self.min_estimation > self.estimation.length:
            raise InputError(
                f"the estimation window {self.estimation.label} has only {self.estimation.length} sessions",
                where="min_estimation",
                value=self.min_estimation,
                remedy="lower it or widen the window",
            )
        self.to_spec()
        return self

    def to_spec(self) -> StudySpec:
        """The study as the pure pipeline takes it."""
        names = set(type(self).model_fields) - {"id", "title"}
        return StudySpec(**{name: getattr(self, name) for name in names})


class EventConfig(_Section):
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

    @model_validator(mode="after")
    def _complete(self) -> EventConfig:
        if self.id == "index":
            raise InputError("'index' is the page of all events", where="id", remedy="choose another id")
        if self.announced_at is None and self.announced_between is None:
            raise InputError("when was it announced?", remedy="give announced_at or announced_between")
        if not self.assets and self.kind != "context":
            raise InputError("no asset to study", where="assets", remedy="list some, or set kind: context")
        return self


class ScheduleConfig(_Section):
    """When the nightly pass runs."""

    at: Annotated[
        str, _written(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?", "not a time of day", 'write HH:MM, for example "23:30"')
    ] = "23:30"
    zone: ZoneName = "UTC"
    days: Annotated[str, AfterValidator(_days_of_week)] = "mon-fri"
    grace_minutes: Whole = Field(default=360, ge=1)


class Config(_Section):
    """The whole of config.yaml."""

    version: Literal[1]
    database: PathField = Path("var/eventstudy.db")
    reports: PathField = Path("var/reports")
    sources: dict[Slug, SourceConfig]
    assets: dict[AssetName, AssetConfig]
    studies: tuple[StudyConfig, ...]
    events: tuple[EventConfig, ...] = ()
    schedule: ScheduleConfig = ScheduleConfig()

    @model_validator(mode="after")
    def _references(self) -> Config:
        found = [*_repeated("studies", self.studies), *_repeated("events", self.events), *self._dangling()]
        if not self.studies:
            found.append(InputError("no study", where="studies", remedy="define at least one; see config.yaml"))
        if found:
            raise _Mistakes(found)
        return self

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
        for study in self.studies:
            if study.benchmark is not None:
                yield from _unknown(study.benchmark, self.assets, f"studies[{study.id}].benchmark", "asset")
        for event in self.events:
            for member in event.assets:
                yield from _unknown(member, self.assets, f"events[{event.id}].assets", "asset")


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
        found = [mistake for item in error.errors() for mistake in _mistakes(raw, dict(item))]
    raise together([_placed(path.name, origin, mistake) for mistake in found])


def together(errors: Sequence[E]) -> E:
    """One error that says all of `errors`, a line each."""
    first = errors[0]
    first.args = ("\n".join(map(str, errors)),)
    return first


def content_hash(*parts: Any) -> str:
    """SHA-256 of `parts` as canonical JSON: equal settings, equal hash, on any machine."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _repeated(key: str, items: Sequence[StudyConfig | EventConfig]) -> Iterator[InputError]:
    ids = [item.id for item in items]
    for name in dict.fromkeys(name for i, name in enumerate(ids) if name in ids[:i]):
        yield InputError("this id stands twice", where=key, value=name, remedy="rename one of the two")


def _unknown(name: str, among: Mapping[str, object], where: str, what: str) -> Iterator[InputError]:
    if name not in among:
        remedy = _hint(name, among, f"define it under {what}s")
        yield InputError(f"there is no such {what}", where=where, value=name, remedy=remedy)


def _override(raw: dict[str, Any], environ: Mapping[str, str]) -> dict[str, str]:
    """Write every EVENTSTUDY_* variable into `raw`; return which key came from which variable."""
    origin: dict[str, str] = {}
    wrong: list[ConfigError] = []
    for variable in sorted(environ):
        if variable.startswith(ENV_PREFIX) and variable not in ENV_RESERVED:
            try:
                origin[_put(raw, variable, environ[variable])] = variable
            except ConfigError as error:
                wrong.append(error)
    if wrong:
        raise together(wrong)
    return origin


def _put(raw: dict[str, Any], variable: str, value: str) -> str:
    """Write one variable into `raw`; return its key."""
    node: Any = raw
    shape: Any = Config
    loc: list[str | int] = []
    parts = variable[len(ENV_PREFIX) :].lower().split("__")
    for depth, part in enumerate(parts):
        inside = _inside(shape, node)
        plain = [re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") for name in inside]
        if plain.count(part) != 1:
            problem = "stands for several settings" if part in plain else "there is no setting"
            remedy = _hint(part.upper(), map(str.upper, plain), f"known here: {', '.join(plain).upper() or 'nothing'}")
            raise ConfigError(f"{problem} {part.upper()}", where=variable, value=value, remedy=remedy)
        step, shape = list(inside.values())[plain.index(part)]
        loc.append(step)
        if depth == len(parts) - 1:
            node[step] = yaml_strict.load_text(value, variable)
        else:
            if isinstance(step, str) and node.get(step) is None:
                node[step] = {}
            node = node[step]
    return _key(raw, loc)


def _inside(shape: Any, node: Any) -> dict[str, tuple[str | int, Any]]:
    """What can stand under a setting of this shape: name → its place in `node`, and its own shape."""
    model = _model(shape)
    if get_origin(shape) is dict and isinstance(node, dict):
        return {name: (name, get_args(shape)[1]) for name in node}
    if get_origin(shape) is tuple and isinstance(node, list) and model:
        return {str(item["id"]): (i, model) for i, item in enumerate(node) if isinstance(item, dict) and "id" in item}
    if get_origin(shape) not in (dict, tuple) and isinstance(node, dict) and model:
        return {name: (name, field.annotation) for name, field in model.model_fields.items()}
    return {}


def _model(shape: Any) -> type[BaseModel] | None:
    """The section inside ``dict[str, Section]``, ``tuple[Section, ...]`` or ``Section | None``."""
    candidates = (shape, *get_args(shape))
    return next((c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel)), None)


def _key(raw: Any, loc: Iterable[str | int]) -> str:
    """A place in the file as people write it: ``studies[total].alpha``."""
    node, key = raw, ""
    for step in loc:
        if isinstance(step, int):
            node = node[step] if isinstance(node, list) and step < len(node) else None
            name = str(node.get("id", step)) if isinstance(node, dict) else str(step)
            key += f"[{name if name.isprintable() else step}]"
        elif step != "[key]":  # pydantic's word for the key of a mapping itself
            node = node.get(step) if isinstance(node, dict) else None
            name = step if step.isprintable() else repr(step)
            key += f".{name}" if key else name
    return key


def _mistakes(raw: Any, item: dict[str, Any]) -> Iterator[InputError]:
    """What pydantic found, in the words of this module; `where` is the key."""
    key = _key(raw, item["loc"])
    cause = item.get("ctx", {}).get("error")
    if isinstance(cause, (InputError, _Mistakes)):
        for inner in cause.found if isinstance(cause, _Mistakes) else (cause,):
            where = ".".join(filter(None, (key, inner.where)))
            yield InputError(inner.problem, where=where, value=inner.value, remedy=inner.remedy)
    else:
        problem, remedy = _in_words(item)
        value = None if item["type"] == "missing" else item["input"]
        yield InputError(problem, where=key, value=value, remedy=remedy)


def _placed(file: str, origin: Mapping[str, str], mistake: InputError) -> ConfigError:
    """`mistake` with the name of the file, or of the variable that the value came from."""
    key = mistake.where
    where = f"{file}: {key}" if key else file
    for setting, variable in origin.items():
        if key == setting or key.startswith((f"{setting}.", f"{setting}[")):
            where = variable if key == setting else f"{variable}: {key}"
    return ConfigError(mistake.problem, where=where, value=mistake.value, remedy=mistake.remedy)


def _in_words(item: Mapping[str, Any]) -> tuple[str, str]:
    """Problem and remedy for one of pydantic's own errors."""
    kind, message = item["type"], item["msg"].replace("Input should be", "must be")
    if kind == "extra_forbidden":
        return "unknown key", _nearest(item["loc"])
    if kind == "missing":
        return "is missing", "add it"
    if item["input"] is None:
        return "is empty", "fill it in, or remove it"
    if kind == "literal_error":
        return "not one of the choices", f"write {item['ctx']['expected']}"
    return _WORDS.get(kind, (message[0].lower() + message[1:], "see config.yaml for an example"))


def _nearest(loc: Sequence[str | int]) -> str:
    shape: Any = Config
    for step in loc[:-1]:
        model = _model(shape)
        is_many = get_origin(shape) in (dict, tuple)
        shape = model if is_many or model is None else model.model_fields[str(step)].annotation
    model = _model(shape)
    names = list(model.model_fields) if model else []
    return _hint(str(loc[-1]), names, f"known here: {', '.join(names)}")


_SECTION = ("must be a section", "write `key: value` lines under it")
_LIST = ("must be a list", "write [ … ], or lines that start with a hyphen")
_WHOLE = ("must be a whole number", "write digits without quotes")

_WORDS: dict[str, tuple[str, str]] = {
    "string_type": ("must be text", "put quotes around it"),
    "float_type": ("must be a number", "write digits without quotes, for example 0.05"),
    "finite_number": ("must be a finite number", "write digits without quotes, for example 0.05"),
    "int_type": _WHOLE,
    "int_from_float": _WHOLE,
    "bool_type": ("must be true or false", "write one of them without quotes"),
    "tuple_type": _LIST,
    "dict_type": _SECTION,
    "model_type": _SECTION,
}
