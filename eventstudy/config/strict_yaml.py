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
LARGEST_INTEGER = 300  # digits: what a float can hold, and fewer than Python refuses to read
MOST_REPEATED = 100_000  # values that aliases repeat


class _TextFirstLoader(_Base):  # type: ignore[valid-type,misc]  # the C loader is chosen at run time
    yaml_implicit_resolvers: dict[str, list[Any]] = {}  # noqa: RUF012  # class attribute that PyYAML prescribes

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.may_repeat = "*" in text

    def get_single_node(self) -> Any:
        """The document, unless its aliases would make far more of it than stands in the file."""
        node = super().get_single_node()
        if node is not None and self.may_repeat:
            _check_aliases(node)
        return node

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


def _integer(loader: yaml.SafeLoader, node: yaml.ScalarNode) -> Any:
    if len(node.value) > LARGEST_INTEGER:
        raise ConfigError(
            f"a number of {len(node.value):,} digits",
            where=f"line {node.start_mark.line + 1}",
            remedy=f"write at most {LARGEST_INTEGER}, or put it in quotes if it is text",
        )
    return loader.construct_yaml_int(node)


def _check_aliases(root: yaml.Node) -> None:
    """Count what aliases repeat; an alias is the very node that it names, met once more.

    Raises
    ------
    ConfigError
        Where more than `MOST_REPEATED` values are repeated, or a value holds itself.
    """
    sizes: dict[int, int] = {}  # values in a node, by its identity; 0 while it is open
    repeated = 0
    pending = [(root, False)]
    while pending:
        node, is_closed = pending.pop()
        inside = _inside(node)
        if is_closed:
            sizes[id(node)] = 1 + sum(sizes[id(inner)] for inner in inside)
        elif id(node) not in sizes:
            sizes[id(node)] = 0
            pending.append((node, True))
            pending.extend((inner, False) for inner in inside)
        else:
            repeated += sizes[id(node)]
            if repeated > MOST_REPEATED or not sizes[id(node)]:
                problem = "a value that holds itself" if not sizes[id(node)] else "aliases repeat too much"
                where = f"line {node.start_mark.line + 1}"
                raise ConfigError(problem, where=where, remedy="write the values out in place of `*` and `&`")


def _inside(node: yaml.Node) -> list[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        return [inner for pair in node.value for inner in pair]
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


_TextFirstLoader.add_constructor("tag:yaml.org,2002:map", _mapping)
_TextFirstLoader.add_constructor("tag:yaml.org,2002:int", _integer)


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
    except RecursionError:
        raise ConfigError("lists within lists, too deep to read", where=where, remedy="write them less deep") from None
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
