"""Every page in a real browser: it asks for nothing, fits a phone and paper, and nothing in it runs."""

from __future__ import annotations

import functools
import http.server
import shutil
import subprocess
import threading
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser.axe_core import AXE, violations
from tests.browser.chromium import Chromium, found
from tests.browser.site import FOUNDING, site

pytestmark = [
    pytest.mark.browser,
    pytest.mark.long,
    pytest.mark.skipif(found() is None, reason="no Chromium on this machine"),
]

# Pages that differ in kind: no reaction, two alignments, off the scale, hostile, long, without a number, all of them.
KINDS = (
    FOUNDING,
    "beijing-meeting-2022",
    "snb-floor-2015",
    "pboc-devaluation-2015",
    "evil-asset",
    "long",
    "future",
    "index",
    "digest",
)

# Elements that stick out of the window although nothing scrolls them.
OVERFLOW = """[...document.querySelectorAll('body *')].filter(e =>
    e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.scroll') && !e.closest('.unseen')
).map(e => e.tagName + '.' + e.className)"""

# Tables that scroll, but for those of single figures, which have a third of the page.
WIDE = "[...document.querySelectorAll('.scroll:not(.data .scroll)')].filter(s => s.scrollWidth > s.clientWidth)"

# Labels of charts that leave the chart or lie on one another.
COLLISIONS = """[...document.querySelectorAll('svg')].flatMap(svg => {
    const all = svg.getBoundingClientRect(), texts = [...svg.querySelectorAll('text')];
    const boxes = texts.map(t => [t.textContent, t.getBoundingClientRect()]);
    const out = boxes.filter(([, b]) => b.left < all.left - 1 || b.right > all.right + 1 || b.top < all.top - 1);
    const meet = boxes.filter(([, a], i) => boxes.some(([, b], j) => i < j &&
        a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 4 && b.top < a.bottom - 4));
    return [...out, ...meet].map(([words]) => svg.getAttribute('aria-label').slice(0, 40) + ': ' + words);
})"""


class Recorder(http.server.SimpleHTTPRequestHandler):
    asked: list[str] = []  # noqa: RUF012  # shared by all requests on purpose

    def log_message(self, *_: object) -> None:
        self.asked.append(self.path)


@pytest.fixture(scope="module")
def browser() -> Iterator[Chromium]:
    with Chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    handler = functools.partial(Recorder, directory=str(site().page("").parent))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_no_page_asks_for_anything_but_itself(browser: Chromium, address: str) -> None:
    for name in KINDS:
        Recorder.asked.clear()
        browser.open(f"{address}/{name}.html", 1280)
        seen = [url for url in browser.requests() if not url.startswith("data:")]
        assert seen == [f"{address}/{name}.html"]
        assert Recorder.asked == [f"/{name}.html"]
        assert browser.complaints() == []
        # The policy lets our style sheet through: without it every other check here is empty.
        assert browser.evaluate("getComputedStyle(document.body).maxWidth") == "1080px"


def test_the_policy_stops_what_a_page_must_not_do(browser: Chromium, address: str) -> None:
    browser.open(f"{address}/{FOUNDING}.html", 1280)
    browser.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<img src=http://127.0.0.1:9/x><p style=color:red id=styled>')"
    )
    script = "const s = document.createElement('script'); s.textContent = 'window.ran = 1'; document.body.append(s)"
    browser.evaluate(script)
    assert browser.evaluate("window.ran") is None
    assert browser.evaluate("getComputedStyle(document.getElementById('styled')).color") != "rgb(255, 0, 0)"


def test_nothing_runs_in_a_hostile_title(browser: Chromium, address: str) -> None:
    for name in ("script", "evil-asset", "index", "digest"):
        browser.open(f"{address}/{name}.html", 1280)
        others = 'script:not([type="application/ld+json"]), img, b'  # beside the one of ours
        assert browser.evaluate(f"document.querySelectorAll('{others}').length") == 1
        assert not [event for event in browser.events if event.get("method") == "Page.javascriptDialogOpening"]


def test_every_kind_of_page_fits_the_window(browser: Chromium, address: str) -> None:
    for name in KINDS:
        for width in (1280, 390, 320):
            browser.open(f"{address}/{name}.html", width)
            browser.evaluate("document.querySelectorAll('details').forEach(part => part.open = true)")
            assert browser.evaluate("innerWidth") == width
            assert browser.evaluate("document.documentElement.scrollWidth") <= width, (name, width)
            assert browser.evaluate(OVERFLOW) == [], (name, width)
        browser.open(f"{address}/{name}.html", 1280)
        assert browser.evaluate(f"{WIDE}.length") == 0, f"a table of {name} scrolls on a desk"
        assert browser.evaluate(COLLISIONS) == [], name


def test_on_a_phone_the_tables_are_lists_that_need_no_scrolling(browser: Chromium, address: str) -> None:
    browser.open(f"{address}/{FOUNDING}.html", 390)
    captions = "[...document.querySelectorAll('.stack caption')].map(c => c.getBoundingClientRect().width)"
    assert min(browser.evaluate(captions)) > 350
    assert browser.evaluate("[...document.querySelectorAll('.stack')].every(t => t.scrollWidth <= 390)")
    gap = "parseFloat(getComputedStyle(document.querySelector('td.verdict .mark')).marginRight)"
    assert browser.evaluate(gap) > 3, "the mark and the word of a verdict stick together"
    label = "getComputedStyle(document.querySelector('td[data-label=Move]'), '::before').content"
    assert browser.evaluate(label) == "attr(data-label)" or browser.evaluate(label) == '"Move"'


def test_assistive_technology_finds_landmarks_headings_and_charts(browser: Chromium, address: str) -> None:
    browser.open(f"{address}/{FOUNDING}.html", 1280)
    nodes = browser.send("Accessibility.getFullAXTree")["nodes"]
    named = [(n["role"]["value"], n.get("name", {}).get("value", "")) for n in nodes if not n["ignored"]]
    roles = {role for role, _ in named}
    assert {"banner", "main", "contentinfo", "navigation", "heading", "table", "rowheader", "columnheader"} <= roles
    charts = [name for role, name in named if role == "image"]
    assert len(charts) == 2 + 3 * 3, "of all assets together, and of each"
    assert sum("%" in name for name in charts) == 2 + 2 * 3, "a price is none"
    marks = [name for _, name in named if name in ("\u25cb", "\u25cf")]
    assert marks == [], "a mark is decoration: its word is read, not its shape"


def test_a_page_prints_on_paper(browser: Chromium, address: str, tmp_path) -> None:
    browser.open(f"{address}/{FOUNDING}.html", 1280)
    browser.print(tmp_path / "page.pdf")
    assert (tmp_path / "page.pdf").read_bytes().startswith(b"%PDF-")
    if shutil.which("pdftotext"):
        command = ["pdftotext", "-layout", str(tmp_path / "page.pdf"), "-"]
        words = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert "No detectable reaction" in words
        assert "every window, test and day" not in words, "a closed part has nothing to open on paper"
        assert 3 <= words.count("\f") <= 6


def test_the_index_is_searched_filtered_and_sorted_on_the_page(browser: Chromium, address: str) -> None:
    browser.open(f"{address}/index.html", 1280)
    total = browser.evaluate("document.querySelectorAll('tbody tr[data-day]').length")
    choose = (
        "(name, value) => { const field = document.querySelector(`[name=${name}]`); field.value = value;"
        "field.dispatchEvent(new Event('change')) }"
    )
    browser.evaluate(f"({choose})('verdict', 'strong')")
    assert browser.evaluate("[...document.querySelectorAll('tbody tr[data-day]')].map(r => r.dataset.verdict)") == [
        "strong",
        "strong",
    ]
    assert browser.evaluate("document.querySelector('[role=status]').textContent") == f"2 of {total} announcements."
    browser.evaluate(f"({choose})('sort', 'oldest')")
    days = browser.evaluate("[...document.querySelectorAll('tbody tr[data-day]')].map(r => r.dataset.day)")
    assert days == ["2015-01-15", "2015-08-11"]
    assert browser.requests() == [f"{address}/index.html"]
    assert browser.complaints() == []


def test_figures_are_taken_away_and_tell_their_values(browser: Chromium, address: str) -> None:
    browser.open(f"{address}/{FOUNDING}.html", 1280)
    assert browser.evaluate("document.querySelectorAll('figure .save button').length") == 3 * 11
    browser.evaluate(
        "window.saved = []; HTMLAnchorElement.prototype.click = function () { saved.push([this.download, this.href]) };"
        "const figure = [...document.querySelectorAll('figure')].find(f => f.innerText.includes('fell'));"
        "figure.querySelectorAll('.save button').forEach(b => b.click())"
    )
    browser.evaluate(
        "const svg = figure.querySelector('svg'), box = svg.getBoundingClientRect();"
        "svg.dispatchEvent(new PointerEvent('pointermove', {clientX: box.left + box.width / 2, clientY: box.top + 5}))"
    )
    tip = browser.evaluate("document.querySelector('.tip').textContent")
    assert tip == "Session \u22121 \u00b7 Date 16 Mar 2023 \u00b7 Price 104.462"
    for _ in range(50):
        if browser.evaluate("saved.length") == 3:
            break
    saved = {name.rsplit(".")[-1]: url for name, url in browser.evaluate("saved")}
    assert saved["png"].startswith("data:image/png;base64,iVBOR")
    assert len(saved["png"]) > 10_000, "the picture is not empty"
    table = urllib.parse.unquote(saved["csv"].partition(",")[2])
    assert table.splitlines()[0] == '"Session","Date","Price"'
    assert '0,"17 Mar 2023",104.214' in table
    assert "prefers-color-scheme" in urllib.parse.unquote(saved["svg"]), "the file carries its style"
    assert browser.complaints() == []


@pytest.mark.skipif(not AXE.exists(), reason="no axe here: the sdist does not carry it")
def test_lists_break_no_rule_of_accessibility_and_a_picture_without_words_does(
    browser: Chromium, tmp_path: Path
) -> None:  # other pages: test_accessible.py
    assert violations(browser, site().page("index"), "dark") == []
    page = tmp_path / "page.html"
    page.write_text('<!doctype html><html lang="en"><title>x</title><main><h1>x</h1><img src="data:,"></main>', "utf-8")
    assert [said.partition(":")[0] for said in violations(browser, page, "light")] == ["image-alt"]
