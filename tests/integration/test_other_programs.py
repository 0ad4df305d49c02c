"""What docs/asking.md shows of other programs runs, and has the numbers that the database has."""

from __future__ import annotations

import contextlib
import re
import shutil
import sqlite3
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.long  # other programs start, and R is slow at it

PAGE = Path(__file__).parents[2] / "docs" / "asking.md"
_FENCE = re.compile(r"^```(py|r|julia)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Each example by what it needs, and how a file with it is run.
_RUN = {
    "pandas": ("py", [sys.executable]),
    "duckdb": ("py", [sys.executable]),
    "RSQLite": ("r", ["Rscript", "--vanilla"]),
    "SQLite.DB": ("julia", ["julia", "--startup-file=no"]),
}


def example(name: str) -> str:
    """The one block of the page that uses it."""
    language = _RUN[name][0]
    (found,) = [code for fence, code in _FENCE.findall(PAGE.read_text("utf-8")) if fence == language and name in code]
    return found


def medians(database: Path) -> dict[str, float]:
    """Median abnormal return by asset, without pandas."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        rows = connection.execute(
            "select a.asset, w.car from window_results w join analyses a using (analysis_id) "
            "where a.study_id = 'total' and a.alignment = 'main' and w.is_primary and w.car is not null"
        ).fetchall()
    return {asset: statistics.median(car for name, car in rows if name == asset) for asset in dict(rows)}


@pytest.mark.parametrize("name", _RUN)
def test_an_example_of_the_documentation_has_the_numbers_of_the_database(name, demo, tmp_path):
    language, command = _RUN[name]
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not installed")
    if name == "duckdb":
        pytest.importorskip("duckdb")
    (tmp_path / "var").symlink_to(demo.folder)
    script = tmp_path / f"example.{language}"
    script.write_text(example(name), "utf-8")
    done = subprocess.run(
        [*command, script.name], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    if lacking := re.search(r"there is no package called .(\w+)|Package (\w+) not found", done.stderr):
        pytest.skip(f"{command[0]} has no {lacking[1] or lacking[2]}")
    assert (done.returncode, done.stderr if language == "py" else "") == (0, ""), done.stderr
    wanted = medians(demo.database)
    assert len(wanted) > 5
    for asset, median in wanted.items():
        shown = re.search(rf"\b{re.escape(asset)}\b[\s│|\"]*(-?[\d.]+(e-?\d+)?)", done.stdout)
        assert shown, (asset, done.stdout)
        assert float(shown[1]) == pytest.approx(median, rel=1e-3, abs=1e-6), asset
