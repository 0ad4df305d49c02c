"""`import eventstudy as es`: one sorted list of names, all importable, all documented, none loaded too early."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import eventstudy as es

ROOT = Path(__file__).parents[2]


def test_the_list_is_sorted_and_has_no_repeats() -> None:
    assert list(es.__all__) == sorted(set(es.__all__))


def test_the_list_holds_what_the_contract_promises() -> None:
    assert {"StudySpec", "run_study", "__version__"} <= set(es.__all__)


def test_dir_shows_the_list() -> None:
    assert set(es.__all__) <= set(dir(es))


@pytest.mark.parametrize("name", [n for n in getattr(es, "__all__", ()) if n != "__version__"])
def test_every_name_is_there_and_says_what_it_is(name: str) -> None:
    value = getattr(es, name)
    assert value.__name__ == name
    assert len(inspect.getdoc(value) or "") > 20


@pytest.mark.parametrize("name", [n for n in getattr(es, "__all__", ()) if n != "__version__"])
def test_every_name_is_in_the_documentation(name: str) -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    assert any(name in page.read_text("utf-8") for page in pages)


def test_an_unknown_name_is_an_attribute_error_that_names_it() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        es.no_such_name  # noqa: B018 - the access is the test


def test_names_are_loaded_when_asked_for() -> None:
    code = "import sys, eventstudy as es; print('numpy' in sys.modules); es.StudySpec; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["False", "True"]


def test_star_import_gives_the_list() -> None:
    names: dict[str, object] = {}
    exec("from eventstudy import *", names)  # a statement that only a module may hold
    assert set(es.__all__) <= set(names)


def test_the_package_says_that_it_is_typed() -> None:
    assert (Path(es.__file__).parent / "py.typed").is_file()


def test_the_version_is_a_release_number() -> None:
    parts = es.__version__.split(".")
    assert len(parts) == 3
    assert all(part.isdigit() for part in parts)
