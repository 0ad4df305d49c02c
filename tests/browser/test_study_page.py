"""The page of many events in a real browser: it asks for nothing, fits a desk, a phone and paper."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.report.study.page import render_study
from tests.browser.chromium import Chromium, found
from tests.browser.test_pages import COLLISIONS, OVERFLOW, WIDE

pytestmark = [
    pytest.mark.browser,
    pytest.mark.long,
    pytest.mark.skipif(found() is None, reason="no Chromium on this machine"),
]

KINDS = ("one-date", "many", "groups", "skipped", "one", "hostile")
SPEC = es.StudySpec(returns="simple", windows=[(0, 0), (0, 1), (-1, 1)], draws=99)
LONG = "<script>alert(1)</script>" + "x" * 120


def page(kind: str) -> str:
    """The page of a study of a kind."""
    rng = np.random.default_rng(3)
    dates = pd.bdate_range("2019-01-01", periods=600)
    market = rng.normal(0, 0.01, 600)
    frame = pd.DataFrame({f"S{i}": market + rng.normal(0, 0.01, 600) for i in range(12)})
    frame.insert(0, "MKT", market)
    frame.insert(0, "date", dates)
    n = {"one": 1, "many": 300}.get(kind, 12)
    rows = np.full(n, 400) if kind == "one-date" else rng.integers(280, 580, n)
    events = pd.DataFrame({"event_id": [f"e{i}" for i in range(n)], "asset": [f"S{i % 12}" for i in range(n)]})
    events["date"] = dates[rows]
    if kind == "skipped":
        events["asset"] = "nowhere"
    if kind in ("groups", "hostile"):
        events["group"] = ["upgrade", "downgrade"] * 6
    if kind == "hostile":
        events["event_id"] = [f"{LONG}{i}" for i in range(n)]
        events["group"] = [LONG, "<img src=x>"] * 6
    result = es.run_study(frame, events, SPEC, benchmark="MKT", values="returns")
    title = LONG if kind == "hostile" else kind
    return render_study(result.to_dict(), title=title, command=f"eventstudy study --title '{title}' --prices p.csv")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("studies")
    for kind in KINDS:
        (target / f"{kind}.html").write_text(page(kind), "utf-8")
    return target


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    with Chromium() as opened:
        yield opened


def test_it_asks_for_nothing_and_nothing_runs(browser: Chromium, folder: Path) -> None:
    for kind in KINDS:
        address = (folder / f"{kind}.html").as_uri()
        browser.open(address, 1280)
        assert [url for url in browser.requests() if not url.startswith("data:")] == [address]
        assert browser.complaints() == []
        assert browser.evaluate("document.scripts.length - 1 + document.querySelectorAll('img, b').length") == 0
        # The policy lets our style sheet through: without it every other check here is empty.
        assert browser.evaluate("getComputedStyle(document.body).maxWidth") == "1080px"


def test_it_fits_the_window(browser: Chromium, folder: Path) -> None:
    for kind in KINDS:
        for width in (1280, 390, 320) if kind in ("groups", "hostile") else (1280, 390):
            browser.open((folder / f"{kind}.html").as_uri(), width)
            browser.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
            assert browser.evaluate("document.documentElement.scrollWidth") <= width, (kind, width)
            assert browser.evaluate(OVERFLOW) == [], (kind, width)
            if width == 1280:
                captions = f"{WIDE}.map(s => s.getAttribute('aria-label'))"
                assert kind == "hostile" or browser.evaluate(captions) == [], (kind, width)
                assert browser.evaluate(COLLISIONS) == [], kind
            else:
                lists = "[...document.querySelectorAll('.stack')].every(t => t.scrollWidth <= innerWidth)"
                assert browser.evaluate(lists), (kind, width)


def test_charts_and_tables_are_named(browser: Chromium, folder: Path) -> None:
    browser.open((folder / "groups.html").as_uri(), 1280)
    nodes = browser.send("Accessibility.getFullAXTree")["nodes"]
    named = [(n["role"]["value"], n.get("name", {}).get("value", "")) for n in nodes if not n["ignored"]]
    charts = [name for role, name in named if role == "image"]
    assert len(charts) == 3 * 4 + 1, "path, paths, distribution and calendar of all events and two groups; the groups"
    assert all("%" in name for name in charts)
    assert all(name for role, name in named if role == "table")
    assert {"banner", "main", "contentinfo", "heading", "rowheader", "columnheader"} <= {role for role, _ in named}


def test_paper_has_the_answer_and_the_tests_that_do_not_hold(browser: Chromium, folder: Path, tmp_path: Path) -> None:
    browser.open((folder / "one-date.html").as_uri(), 1280)
    browser.print(tmp_path / "page.pdf")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF-")
    if shutil.which("pdftotext"):
        command = ["pdftotext", "-layout", str(tmp_path / "page.pdf"), "-"]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert "came out on average" in said
        assert "do not hold for these events" in said
        assert "every session" not in said, "a closed part has nothing to open on paper"
        assert 2 <= said.count("\f") <= 5
