"""A plan as a file that a person reads, puts into a repository, or sends to a registry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from eventstudy.config.strict_yaml import load_file
from eventstudy.config.yaml_text import json_flow, key_of
from eventstudy.plans.plan import Plan, plan_of

_HEAD = """\
# The plan of an event study, frozen before it was run. The hash is over all that stands here: a change is found.
# A date in a file proves nothing: put it where others keep the time, in a public repository or a registry.
"""
_DEPTH = {"studies": 2}  # sections whose entries have a line per field; others have a line per entry


def as_yaml(plan: Plan) -> str:
    """The text of the file."""
    lines = [_HEAD.rstrip()]
    for key, value in plan.to_dict().items():
        lines += _lines(key, value, "", _DEPTH.get(key, 1))
    return "\n".join(lines) + "\n"


def _lines(key: str, value: Any, indent: str, depth: int) -> Iterator[str]:
    if isinstance(value, Mapping) and value and depth:
        yield f"{indent}{key_of(key)}:"
        for name, part in value.items():
            yield from _lines(name, part, f"{indent}  ", depth - 1)
    else:
        yield f"{indent}{key_of(key)}: {json_flow(value)}"


def read_plan(path: Path, where: str) -> Plan:
    """The plan of a file.

    Parameters
    ----------
    path : Path
    where : str
        Option or argument that names it.

    Raises
    ------
    ConfigError
        When it is no YAML.
    DataError
        When it is no plan, or not the one that was frozen.
    """
    return plan_of(load_file(path), f"{where} {path}")
