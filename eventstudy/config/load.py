"""Reading the settings: the file, what the environment overrides, and one line for every mistake.

Precedence: command line over ``EVENTSTUDY_SECTION__KEY`` over file over default.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError

from eventstudy.config import strict_yaml as yaml_strict
from eventstudy.config.minutes import is_by_the_minute
from eventstudy.config.model import Config
from eventstudy.config.sources import Mistakes
from eventstudy.errors import ConfigError, InputError
from eventstudy.hints import hint

ENV_PREFIX = "EVENTSTUDY_"
ENV_RESERVED = {"EVENTSTUDY_CONFIG"}

E = TypeVar("E", bound=InputError)


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
    if "clock_studies" in raw:  # where the settings keep them, which is no key of the file
        raise ConfigError(
            "unknown key", where=f"{path.name}: clock_studies", remedy="list them under studies, with bar"
        )
    origin = _override(raw, os.environ if environ is None else environ)
    try:
        return Config.model_validate(raw)
    except ValidationError as error:
        found = in_words(error, raw)
    raise together([_placed(path.name, origin, mistake) for mistake in found])


def in_words(error: ValidationError, raw: Any) -> list[InputError]:
    """What pydantic found wrong in `raw`, in the words of this package; `where` is the key."""
    return [mistake for item in error.errors() for mistake in _mistakes(raw, dict(item))]


def together(errors: Sequence[E]) -> E:
    """One error that says all of `errors`, a line each."""
    first = errors[0]
    first.args = ("\n".join(map(str, errors)),)
    return first


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
            remedy = hint(part.upper(), map(str.upper, plain), f"known here: {', '.join(plain).upper() or 'nothing'}")
            raise ConfigError(f"{problem} {part.upper()}", where=variable, remedy=remedy)  # the value may be a secret
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
    for step in _in_file(raw, loc):
        if isinstance(step, int):
            node = node[step] if isinstance(node, list) and step < len(node) else None
            name = str(node.get("id", step)) if isinstance(node, dict) else str(step)
            key += f"[{name if name.isprintable() else step}]"
        elif step != "[key]":  # pydantic's word for the key of a mapping itself
            node = node.get(step) if isinstance(node, dict) else None
            name = step if step.isprintable() else repr(step)
            key += f".{name}" if key else name
    return key


def _in_file(raw: Any, loc: Iterable[str | int]) -> list[str | int]:
    """A place in the settings as a place in the file, where all studies stand in one list."""
    name, *rest = [*loc] or [""]
    listed = raw.get("studies") if isinstance(raw, dict) else None
    if name not in ("studies", "clock_studies") or not rest or not isinstance(listed, list):
        return [name, *rest] if name else rest
    chosen = [i for i, study in enumerate(listed) if is_by_the_minute(study) == (name == "clock_studies")]
    place = rest[0]
    return ["studies", chosen[place] if isinstance(place, int) and place < len(chosen) else place, *rest[1:]]


def _mistakes(raw: Any, item: dict[str, Any]) -> Iterator[InputError]:
    """One finding of pydantic's, which may hold several mistakes of ours."""
    key = _key(raw, item["loc"])
    cause = item.get("ctx", {}).get("error")
    if isinstance(cause, (InputError, Mistakes)):
        for inner in cause.found if isinstance(cause, Mistakes) else (cause,):
            where = ".".join(filter(None, (key, inner.where)))
            yield InputError(inner.problem, where=where, value=inner.value, remedy=inner.remedy)
    else:
        problem, remedy = _explain(item)
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


def _explain(item: Mapping[str, Any]) -> tuple[str, str]:
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
    if kind == "string_type" and isinstance(item["input"], (list, dict)):
        return "must be text", "write one value in its place"
    return _WORDS.get(kind, (message[0].lower() + message[1:], "see config.yaml for an example"))


def _nearest(loc: Sequence[str | int]) -> str:
    shape: Any = Config
    for step in loc[:-1]:
        model = _model(shape)
        is_many = get_origin(shape) in (dict, tuple)
        shape = model if is_many or model is None else model.model_fields[str(step)].annotation
    model = _model(shape)
    names = list(model.model_fields) if model else []
    return hint(str(loc[-1]), names, f"known here: {', '.join(names)}")


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
    "too_long": ("holds more than two times", "write [earliest, latest]"),
    "dict_type": _SECTION,
    "model_type": _SECTION,
}
