"""The way in is light: help must not wait for numerical libraries."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from eventstudy.database.connection import open_database

ROOT = Path(__file__).parents[2]

HEAVY = {
    "arch",
    "jinja2",
    "matplotlib",
    "numpy",
    "pandas",
    "pydantic",
    "scipy",
    "sqlite_utils",
    "statsmodels",
    "yfinance",
}


def imported_by(*arguments: str) -> set[str]:
    """Top-level names of all modules that a fresh interpreter imports when run with `arguments`."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        cwd=ROOT,
    )
    return {m[1].partition(".")[0] for m in re.finditer(r"^import time:.*\|\s*(\S+)$", done.stderr, re.MULTILINE)}


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["--version"], ["query", "--help"], ["export", "--help"], ["status", "--help"], ["study", "--help"]],
)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    imported = imported_by("-m", "eventstudy", *arguments)
    assert {"click", "eventstudy"} <= imported  # the list is not empty by mistake
    assert imported & HEAVY == set()


def test_status_imports_nothing_heavy(tmp_path: Path) -> None:
    path = tmp_path / "es.db"
    open_database(path).close()
    assert imported_by("-m", "eventstudy", "status", "--db", str(path)) & (HEAVY | {"yaml"}) == set()


def test_a_named_query_imports_what_it_shows_with_and_no_more(tmp_path: Path) -> None:
    path = tmp_path / "es.db"
    open_database(path).close()
    imported = imported_by("-m", "eventstudy", "query", "strongest", "--db", str(path))
    assert "sqlite3" in imported  # the list is not empty by mistake
    assert imported & (HEAVY | {"yaml", "base64", "bz2", "csv", "html", "lzma", "shutil", "tempfile"}) == set()


def test_import_eventstudy_imports_nothing_heavy() -> None:
    imported = imported_by("-c", "import eventstudy")
    assert "eventstudy" in imported
    assert imported & (HEAVY | {"click", "yaml"}) == set()


def test_a_heavy_import_would_be_seen() -> None:
    assert "numpy" in imported_by("-c", "import eventstudy.records")


def test_gathering_events_imports_nothing_that_a_night_without_news_does_not_need() -> None:
    imported = imported_by("-c", "import eventstudy.events.gather")
    assert "pydantic" in imported  # the list is not empty by mistake
    assert imported & {"icalendar", "pandas", "scipy", "sqlite_utils", "statsmodels", "yfinance"} == set()
