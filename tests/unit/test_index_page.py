"""The index in parts: the newest events, pages of older ones, and what the search reads."""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path

import pytest

from eventstudy.report import index_page
from eventstudy.report.asset_page import page_names, render_asset
from eventstudy.report.index_page import PER_PAGE, index_files
from tests.browser.site import EVIL_ASSET, FOUNDING, site

N = 437


def add(opened: sqlite3.Connection, event_id: str, title: str, at: str) -> None:
    """An announcement like the founding one, with its answer."""
    found = opened.execute("select * from events where event_id = ?", (FOUNDING,))
    like = dict(zip([column[0] for column in found.description], found.fetchone(), strict=True))
    new = {"event_id": event_id, "title": title, "announced_at": at, "earliest": at, "latest": at, "status": "ok"}
    opened.execute(f"insert into events values ({','.join('?' * len(like))})", tuple({**like, **new}.values()))
    opened.execute(
        "insert into event_states (event_id, state_key, open_until, is_settled, is_page_due, answer) "
        "values (?, 'k', ?, 1, 0, ?)",
        (event_id, at, json.dumps(["none", "No."])),
    )


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site's database with many announcements more, all with a hostile title."""
    path = tmp_path_factory.mktemp("index") / "many.db"
    path.write_bytes(site().database.read_bytes())
    opened = sqlite3.connect(path)
    for n in range(N):
        day = f"{2000 + n // 300}-{n // 25 % 12 + 1:02d}-{n % 25 + 1:02d}T07:00:00Z"
        add(opened, f"e{n}", f"</script><b>{n}", day)
    opened.commit()
    opened.close()
    return path


def test_every_event_stands_once_and_each_page_leads_to_the_next(database: Path) -> None:
    files = dict(index_files(database, {f"e{n}" for n in range(N)}))
    pages = {name: text for name, text in files.items() if name.endswith(".html")}
    links = [re.findall(r'href="(?:\.\./)?(e\d+)\.html"', text) for text in pages.values()]
    assert sorted(found for some in links for found in some) == sorted(f"e{n}" for n in range(N))
    assert [len(re.findall("<tr data-day", text)) for name, text in pages.items() if name != "index.html"] == [
        PER_PAGE
    ] * 3
    step, seen = "index.html", []
    while step not in seen:
        seen.append(step)
        found = re.search(r'rel="next" href="([^"]+)"', files[step])
        step = f"index/{found[1].removeprefix('index/')}" if found else step
    assert seen == ["index.html", "index/3.html", "index/2.html", "index/1.html"]


def test_a_full_page_of_older_events_stays_when_one_more_comes(database: Path, tmp_path: Path) -> None:
    before = dict(index_files(database, set()))
    more = tmp_path / "more.db"
    more.write_bytes(database.read_bytes())
    opened = sqlite3.connect(more)
    for n in range(PER_PAGE):
        add(opened, f"new{n}", "New", "2031-01-01T00:00:00Z")
    opened.commit()
    opened.close()
    after = dict(index_files(more, set()))
    assert set(after) - set(before) == {"index/4.html"}
    changed = [name for name in before if before[name] != after[name]]
    assert changed == ["index.html", "index/3.html", "index/events-1.js"], "the last of them leads to the new one"


def test_what_the_search_reads_is_data_and_nothing_else(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_page, "PER_FILE", 200)
    files = {name: text for name, text in index_files(database, {"e1"}) if name.endswith(".js")}
    assert len(files) == 3
    rows = []
    for text in files.values():
        data = re.fullmatch(r"addEvents\((.*)\);\n", text, re.DOTALL)
        assert data
        rows += json.loads(data[1])
    assert len(rows) == len({(row[1], row[3]) for row in rows})
    assert ["e1", "2000-01-02", "2 Jan 2000", "</script><b>1", "none", "No."] in rows
    assert sum(row[0] != "" for row in rows) == 1, "only what has a page is a link"


def test_few_events_are_on_one_page_that_reads_no_file() -> None:
    files = dict(index_files(site().database, {FOUNDING}))
    assert list(files) == ["index.html"]
    assert "strict-dynamic" not in files["index.html"]


def test_a_page_has_a_name_that_is_safe_and_its_own() -> None:
    names = page_names(["USDCNY", "usdcny", "^GSPC", "..", EVIL_ASSET, "x" * 200])
    assert len(set(names.values())) == 6
    assert all(re.fullmatch(r"[a-z0-9-]{1,80}", name) for name in names.values())
    assert names["USDCNY"] == "usdcny"


def test_the_page_of_an_asset_has_each_of_its_events_and_links_to_those_with_a_page() -> None:
    opened = sqlite3.connect(site().database)
    expected = opened.execute(
        "select count(*), sum(w.verdict in ('strong', 'moderate')) from analyses a join studies s using (study_id) "
        "join window_results w using (analysis_id) where asset = 'USDCNY' and alignment = 'main' and s.position = 0 "
        "and is_primary"
    ).fetchone()
    page = render_asset(opened, "USDCNY", {FOUNDING})
    assert page == render_asset(opened, "USDCNY", {FOUNDING})
    assert expected == (6, 1)
    assert "Of 6 announcements, 6 could be studied, and 1 had a moderate or strong reaction." in page
    assert re.findall(r'<a href="\.\./([^"]+)\.html"><bdi>', page) == [FOUNDING]
    assert "<img" not in render_asset(opened, EVIL_ASSET, set())
    opened.close()
    assert page.count('<th scope="row"') - page.count('<details class="data">') > 6
