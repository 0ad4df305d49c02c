"""pyproject.toml, constraints.txt and the imports in the code say the same."""

from __future__ import annotations

import ast
import importlib.metadata
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def requirements() -> Iterator[Requirement]:
    for lines in (PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()):
        yield from map(Requirement, lines)


def pins() -> dict[str, Version]:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pairs = [line.partition("#")[0].strip().partition("==") for line in lines if not line.startswith("#")]
    return {canonicalize_name(name): Version(version) for name, _, version in pairs}


def test_constraints_pin_every_dependency_inside_its_range() -> None:
    pinned = pins()
    assert [str(r) for r in requirements() if not r.specifier.contains(pinned[canonicalize_name(r.name)])] == []


def test_constraints_pin_what_the_dependencies_need_in_turn() -> None:
    pinned = pins()
    missing = set()
    for name in pinned:
        try:
            needs = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue  # another operating system's, or not needed by what is installed here
        for need in map(Requirement, needs):
            if need.marker is None or need.marker.evaluate({"extra": ""}):
                missing |= {canonicalize_name(need.name)} - set(pinned)
    assert missing == set()


def test_constraints_name_no_place_to_fetch_from() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    assert [line for line in lines if line.startswith("-") or "://" in line or " @ " in line] == []


def imported_libraries() -> set[str]:
    """Top-level names that the shipped code imports, at any depth, standard library and our own left out."""
    found = set()
    for path in (p for package in ("eventstudy", "jobs") for p in (ROOT / package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.add(node.module.partition(".")[0])
    return found - set(sys.stdlib_module_names) - {"eventstudy", "jobs"}


def test_the_code_imports_only_what_users_get() -> None:
    """Runtime dependencies, and the extras that a user may add; never a development tool."""
    extras = {name: needs for name, needs in PROJECT["optional-dependencies"].items() if name != "dev"}
    allowed = {canonicalize_name(Requirement(r).name) for r in sum(extras.values(), PROJECT["dependencies"])}
    owners = importlib.metadata.packages_distributions()
    undeclared = {
        name for name in imported_libraries() if not allowed & {canonicalize_name(d) for d in owners.get(name, [])}
    }
    assert undeclared == set()
