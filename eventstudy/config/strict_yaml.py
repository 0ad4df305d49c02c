"""YAML without surprises: tickers stay text, times stay text, a repeated key is an error.

PyYAML follows YAML 1.1, where ``16:30`` is 990, ``ON`` is true, ``0700`` is 448 and the last of two equal keys
wins without a word. This loader knows only true/false, null and plain decimal numbers; all else is text.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from eventstudy.errors import ConfigError

_Base: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


_TEXT = "tag:yaml.org,2002:str"


class _TextFirstLoader(_Base):  # type: ignore[valid-type,misc]  # the C loader is chosen at run time
    yaml_implicit_resolvers: dict[str, list[Any]] = {}  # noqa: RUF012  # class attribute that PyYAML prescribes

    def resolve(self, kind: type[yaml.Node], value: Any, implicit: Any) -> Any:
        """The kind of a plain value by its first letter; what PyYAML does for paths takes longer than the rest."""
        if kind is not yaml.ScalarNode:
            return super().resolve(kind, value, implicit)
        if implicit[0]:
            for tag, pattern in self.yaml_implicit_resolvers.get(value[:1], ()):
                if pattern.match(value):
                    return tag
        return _TEXT

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """Text as it is, which nearly all of a long list of events is; the rest by PyYAML."""
        if node.tag == _TEXT and type(node) is yaml.ScalarNode:
            return node.value
        return super().construct_object(node, deep)


_TextFirstLoader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF")
)
_TextFirstLoader.add_implicit_resolver(
    "tag:yaml.org,2002:null", re.compile(r"^(?:~|null|Null|NULL|)$"), ["~", "n", "N", ""]
)
_TextFirstLoader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$"), list("-+0123456789")
)
_TextFirstLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?$"),
    list("-+.0123456789"),
)


def _mapping(loader: yaml.SafeLoader, node: yaml.MappingNode, _deep: bool = False) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str):
            raise ConfigError(
                "a key must be text",
                where=f"line {key_node.start_mark.line + 1}",
                value=key,
                remedy=f'write it in quotes: "{key_node.value}"',
            )
        if key in out:
            line = key_node.start_mark.line + 1
            raise ConfigError("this key stands twice", where=f"line {line}", value=key, remedy="keep one of the two")
        out[key] = loader.construct_object(value_node, deep=True)
    return out


_TextFirstLoader.add_constructor("tag:yaml.org,2002:map", _mapping)


def load_text(text: str, where: str) -> Any:
    """Parse YAML `text`; `where` names it in errors.

    Raises
    ------
    ConfigError
        With the line, for broken syntax, a repeated key or a key that is not text.
    """
    try:
        return yaml.load(text, Loader=_TextFirstLoader)  # noqa: S506  # a subclass of the safe loader
    except ConfigError as error:
        raise ConfigError(
            error.problem, where=f"{where}, {error.where}", value=error.value, remedy=error.remedy
        ) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise ConfigError(
            f"not valid YAML: {problem}", where=f"{where}{line}", remedy="mend the syntax there"
        ) from None


def load_file(path: Path) -> Any:
    """Parse the YAML file at `path`."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(
            "there is no such file", where=str(path), remedy="name another with --config, or run `eventstudy demo`"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot be read: {error}", where=str(path), remedy="check the file and its rights") from None
    return load_text(text, path.name)
