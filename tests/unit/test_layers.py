"""One direction: a module imports only from its left, and files stay small."""

from __future__ import annotations

import ast
import functools
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Layers from left to right. Modules of one layer may import each other as long as no cycle arises.
LAYERS = (
    (
        "errors",
        "hints",
        "bar_sizes",
        "spec",
        "records",
        "instants",
        "atomic",
        "parallel",
        "order",
        "registry",
        "sums",
        "compiled",
        "__version__",
    ),
    ("tables",),
    ("config",),
    ("gazetteer",),
    ("calendars",),
    ("database",),
    ("evidence",),
    ("prices",),
    ("archive",),
    ("events",),
    ("returns",),
    ("models",),
    ("abnormal",),
    ("inference",),
    ("study",),
    ("plans",),
    ("store",),
    ("bundle",),
    ("claims",),
    ("draft",),
    ("report",),
)
RANK = {name: rank for rank, layer in enumerate(LAYERS) for name in layer}
# Thin shells that may import anything of ours and that the core must not import; "" is eventstudy/__init__.py, whose
# public names lead everywhere.
SHELL = ("cli", "jobs", "__main__", "")

# Library → the only modules that may import it.
ADAPTERS = {
    "yfinance": ("eventstudy.prices.yahoo",),
    "apscheduler": ("jobs.scheduler", "jobs.wall_clock"),
    "numba": ("eventstudy.compiled.kernels",),
}
HEAVY = {"numpy", "pandas", "pydantic", "scipy", "sqlite_utils", "statsmodels", "yaml"}


def module_name(path: Path, root: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@functools.cache
def read_tree(root: Path) -> dict[str, ast.Module]:
    """Module name → syntax tree, for all code under eventstudy/ and jobs/."""
    paths = sorted(p for package in ("eventstudy", "jobs") for p in (root / package).rglob("*.py"))
    return {module_name(path, root): ast.parse(path.read_text("utf-8")) for path in paths}


def imported(name: str, tree: ast.AST, known: frozenset[str], is_package: bool) -> Iterator[str]:
    """Full names of what `tree` imports, at any depth.

    Of our own code the module, not the name taken from it; except what is taken from ``eventstudy`` itself.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                package = name.split(".")
                package = package[: len(package) - node.level + is_package]
                base = ".".join([*package, base] if base else package)
            for alias in node.names:
                full = f"{base}.{alias.name}"
                yield full if full in known or base == "eventstudy" else base


def layer(module: str) -> str:
    """Layer of one of our modules: ``prices`` of ``eventstudy.prices.ecb``."""
    package, _, rest = module.partition(".")
    return "jobs" if package == "jobs" else rest.partition(".")[0]


def violations(trees: dict[str, ast.Module]) -> list[str]:
    """Everything that breaks the rules, one sentence each."""
    known = frozenset(trees)
    packages = {name.rpartition(".")[0] for name in known}
    found: list[str] = []
    graph: dict[str, set[str]] = {}
    for name, tree in trees.items():
        targets = set(imported(name, tree, known, name in packages))
        graph[name] = targets & known - {name}
        here = layer(name)
        for target in sorted(targets):
            library = target.partition(".")[0]
            if library in ADAPTERS and not name.startswith(ADAPTERS[library]):
                found.append(f"{name} imports {target}; only {' and '.join(ADAPTERS[library])} may")
            if library not in ("eventstudy", "jobs") or here in SHELL:
                continue
            there = layer(target)
            if there in SHELL:
                found.append(f"{name} imports the shell: {target}")
            elif here not in RANK or there not in RANK:
                stray = here if here not in RANK else there
                found.append(f"{name} imports {target}: {stray!r} has no place in LAYERS")
            elif RANK[there] > RANK[here]:
                found.append(f"{name} imports {target}, which lies to its right")
    return found + [f"cycle: {' → '.join(cycle)}" for cycle in cycles(graph)]


def cycles(graph: dict[str, set[str]]) -> Iterator[list[str]]:
    """Every import cycle met on a depth-first walk."""
    done: set[str] = set()

    def walk(node: str, path: list[str]) -> Iterator[list[str]]:
        if node in path:
            yield [*path[path.index(node) :], node]
        elif node not in done:
            for target in sorted(graph[node]):
                yield from walk(target, [*path, node])
            done.add(node)

    for start in sorted(graph):
        yield from walk(start, [])


def top_level_imports(tree: ast.Module) -> set[str]:
    """Libraries imported as soon as the module is."""
    return {
        name.partition(".")[0]
        for node in tree.body
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom) and not node.level
            else []
        )
    }


def test_imports_run_in_one_direction() -> None:
    assert violations(read_tree(ROOT)) == []


def test_every_layer_that_is_named_exists() -> None:
    assert set(RANK) - {layer(name) for name in read_tree(ROOT)} == {"__version__"}


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        (
            {"eventstudy.models.linear": "from eventstudy.study import run", "eventstudy.study": ""},
            "eventstudy.models.linear imports eventstudy.study, which lies to its right",
        ),
        (
            {"eventstudy.returns": "def f():\n    from eventstudy import report", "eventstudy.report": ""},
            "eventstudy.returns imports eventstudy.report, which lies to its right",
        ),
        (
            {"eventstudy.prices.ecb": "from ..store import write", "eventstudy.store.write": ""},
            "eventstudy.prices.ecb imports eventstudy.store.write, which lies to its right",
        ),
        (
            {"eventstudy.study": "import eventstudy.cli.demo", "eventstudy.cli.demo": ""},
            "eventstudy.study imports the shell: eventstudy.cli.demo",
        ),
        (
            {"eventstudy.report": "import jobs.nightly", "jobs.nightly": ""},
            "eventstudy.report imports the shell: jobs.nightly",
        ),
        (
            {"eventstudy.prices.ecb": "def f():\n    import yfinance"},
            "eventstudy.prices.ecb imports yfinance; only eventstudy.prices.yahoo may",
        ),
        (
            {"jobs.nightly": "from apscheduler.triggers.cron import CronTrigger"},
            "jobs.nightly imports apscheduler.triggers.cron; only jobs.scheduler and jobs.wall_clock may",
        ),
        (
            {"eventstudy.models.a": "from . import b", "eventstudy.models.b": "from eventstudy.models import a"},
            "cycle: eventstudy.models.a → eventstudy.models.b → eventstudy.models.a",
        ),
        (
            {"eventstudy.helpers": "from eventstudy.errors import DataError", "eventstudy.errors": ""},
            "eventstudy.helpers imports eventstudy.errors: 'helpers' has no place in LAYERS",
        ),
        (
            {"eventstudy.store.writer": "from eventstudy import run_study"},
            "eventstudy.store.writer imports eventstudy.run_study: 'run_study' has no place in LAYERS",
        ),
    ],
)
def test_a_wrong_arrow_is_caught(sources: dict[str, str], expected: str) -> None:
    assert violations({name: ast.parse(text) for name, text in sources.items()}) == [expected]


def test_arrows_to_the_left_are_allowed() -> None:
    sources = {
        "eventstudy": "from eventstudy.study import run_study",
        "eventstudy.store": "from eventstudy import __version__",
        "eventstudy.study": "from eventstudy.models import linear\nfrom eventstudy.errors import DataError",
        "eventstudy.models.linear": "import numpy\nfrom .. import errors",
        "eventstudy.errors": "",
        "eventstudy.cli.study": "import eventstudy.study",
        "eventstudy.prices.yahoo.source": "import yfinance",
    }
    assert violations({name: ast.parse(text) for name, text in sources.items()}) == []


@pytest.mark.parametrize("name", ["eventstudy", "eventstudy.cli", "eventstudy.__main__"])
def test_the_way_in_imports_nothing_heavy(name: str) -> None:
    assert top_level_imports(read_tree(ROOT)[name]) & HEAVY == set()


def test_a_heavy_import_at_the_top_is_caught() -> None:
    tree = ast.parse("import numpy as np\nfrom pandas import DataFrame\ndef f():\n    import scipy")
    assert top_level_imports(tree) & HEAVY == {"numpy", "pandas"}


def lines(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def test_no_file_holds_several_thoughts() -> None:
    paths = [p for folder in ("eventstudy", "jobs", "tests", "bench") for p in (ROOT / folder).rglob("*.py")]
    assert {str(p.relative_to(ROOT)): n for p in paths if (n := lines(p)) > 600} == {}


def test_the_median_source_file_is_small() -> None:
    sizes = [n for package in ("eventstudy", "jobs") for p in (ROOT / package).rglob("*.py") if (n := lines(p)) > 5]
    assert statistics.median(sizes) <= 150
