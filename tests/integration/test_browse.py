"""`eventstudy browse`: Datasette on the database, with the meaning of every column, and without a way to write."""

from __future__ import annotations

import contextlib
import html
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

import pytest

from eventstudy.cli.browse import FACETS, FIRST, _columns, first, metadata
from eventstudy.cli.browse_links import Links
from eventstudy.database.tables import TABLES
from tests.docs import schema_page
from tests.support.command import eventstudy
from tests.support.passes import dump, run, write_config

ROOT = Path(__file__).parents[2]


def test_without_datasette_one_line_says_how_to_get_it(tmp_path, monkeypatch):
    path = write_config(tmp_path)
    run(path)
    for name in ("datasette", "datasette.cli"):
        monkeypatch.setitem(sys.modules, name, None)
    done = eventstudy("browse", "--config", path)
    assert (done.code, done.out) == (1, "")
    assert "pip install 'eventstudy-service[browse]'" in done.err
    assert len(done.err.splitlines()) == 1


def test_without_a_database_it_says_so_and_makes_none(tmp_path):
    done = eventstudy("browse", "--config", write_config(tmp_path))
    assert done.code == 1
    assert "there is no results database" in done.err
    assert not (tmp_path / "es.db").exists()


def test_every_table_is_explained_and_every_query_runs():
    found = metadata("es", _columns(schema_page.database()))["databases"]["es"]
    assert set(TABLES) < set(found["tables"])
    connection = schema_page.database()
    assert {"strongest", "changed", "one_event"} <= set(found["queries"])
    for sql in (query["sql"] for query in found["queries"].values()):
        connection.execute(sql, {"event_id": "x"})


@contextlib.contextmanager
def browsing(path):
    """A running `eventstudy browse`; gives its address."""
    line = [sys.executable, "-m", "eventstudy", "browse", "--config", str(path), "--port", "0"]
    log = path.with_name("browse.log")
    with log.open("w") as file:
        process = subprocess.Popen(
            line, stdout=file, stderr=file, cwd=ROOT, env={**os.environ, "PYTHONUNBUFFERED": "1"}
        )
    try:
        end = time.monotonic() + 60
        while not (found := re.search(r"http://127\.0\.0\.1:\d+", log.read_text("utf-8"))):
            assert process.poll() is None, log.read_text("utf-8")
            assert time.monotonic() < end, log.read_text("utf-8")
            time.sleep(0.05)
        yield found[0]
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=30)


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@pytest.mark.slow
def test_it_shows_the_data_and_their_meaning_and_writes_nothing(tmp_path, monkeypatch):
    pytest.importorskip("datasette")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    path = write_config(tmp_path)
    told = "title: A visit, tags: [russia], note: Xi goes to Moscow,"
    path.write_text(path.read_text("utf-8").replace("title: A visit,", told), "utf-8")
    run(path)
    before = dump(tmp_path / "es.db")
    with browsing(path) as url:
        status, page = get(f"{url}/es/reactions")  # a bare address leads to rows, and to columns that fit a screen
        assert status == 200
        assert TABLES["reactions"].partition(".")[0] in page
        assert re.findall(r'<th [^>]*data-column="(\w+)"', page) == first("reactions", _columns(schema_page.database()))
        assert "facet-results" not in page.partition("<script>const counted")[0]  # counts come when the rows are there
        every = len(json.loads(get(f"{url}/es/reactions.json?_shape=array")[1]))
        assert page.count('<td class="col-event_id') == every
        assert get(f"{url}/es/runs")[1].count('data-column="') == len(_columns(schema_page.database())["runs"])
        assert json.loads(get(f"{url}/es/reactions.json")[1])["filtered_table_rows_count"] == every
        status, body = get(f"{url}/es/reactions.json?_shape=array&event_id=visit")
        assert {row["event_id"] for row in json.loads(body)} == {"visit"}
        # whatever is offered to narrow by finds something, also where numbers are compared with texts of the address
        (link,) = re.findall(r'href="(/es/reactions[?][^"]+)"', get(url)[1])
        status, page = get(f"{url}{html.unescape(link)}")
        assert (status, page.count('<td class="col-event_id')) == (200, 3)  # a row for each announcement and asset
        assert "<figure" not in page  # of many announcements there is none
        for asset in {row["asset"] for row in json.loads(body)}:  # a panel for each asset of one of them
            assert f'class="name">{asset}</text>' in get(f"{url}/es/reactions?event_id=visit")[1]
        for query in ("by-year", "strongest"):  # a dot for each row
            shown = get(f"{url}/es/{query}")[1]
            assert shown.count("<circle") == shown.count('<td class="col-asset') > 0
        quick = get(f"{url}{html.unescape(link)}&_nofacet=1&_nocount=1")[1]  # as the links of a page are
        assert quick.count('<td class="col-event_id') == 3
        assert "facet-results" not in quick.partition("<script>const counted")[0]
        for offered in ("_tag=russia", "announced_at__startswith=2023", "_window=0%3A0", "verdict=none"):
            assert f'{offered}"' in page, offered
            status, body = get(f"{url}/es/reactions.json?_shape=array&_nofacet=1&is_headline=1&{offered}")
            assert status == 200
            assert json.loads(body), offered
        for words, found in (
            ("xi+mosc", {"visit"}),
            ("A", {"visit", "meeting"}),
            ("visit+nowhere", set()),
            ('"', set()),
            ("xi\0mosc", {"visit"}),
        ):
            status, body = get(f"{url}/es/reactions.json?_shape=array&_search={urllib.parse.quote_plus(words, '+')}")
            assert (status, {row["event_id"] for row in json.loads(body)}) == (200, found)
        names = metadata("es", _columns(schema_page.database()))["databases"]["es"]["queries"]
        assert {"strongest", "by-tag", "failed", "one_event"} <= set(names)
        for name in (*names, *TABLES):
            assert get(f"{url}/es/{name}.json?event_id=visit")[0] == 200, name
            assert get(f"{url}/es/{name}?event_id=visit")[0] == 200, name
        status, body = get(f"{url}/es.json?" + urllib.parse.urlencode({"sql": "delete from runs"}))
        assert status == 400
        assert get(f"{url}/es.db")[0] == 403  # the file itself is not handed out
    assert dump(tmp_path / "es.db") == before


def test_an_id_is_a_link_to_its_reactions_and_its_page(tmp_path):
    class Urls:
        def table(self, database, table):
            return f"/{database}/{table}"

        def path(self, path):
            return path

    class Datasette:
        urls = Urls()

    (tmp_path / "collections").mkdir()
    for name in ("brexit.html", "collections/china.html"):
        (tmp_path / name).write_text("page")

    def cell(pages, column, value):
        shown = Links(pages, ()).render_cell(value=value, column=column, database="es", datasette=Datasette())
        return None if shown is None else str(shown)

    assert cell(None, "car", -0.00016738469903954112) == '<span title="-0.00016738469903954112">-0.000167385</span>'
    assert cell(None, "event_id", "brexit") == '<a href="/es/reactions?event_id=brexit">brexit</a>'
    assert cell(tmp_path, "event_id", "brexit").endswith(' <a href="/pages/brexit.html">page</a>')
    assert cell(tmp_path, "collection_id", "china").endswith(' <a href="/pages/collections/china.html">page</a>')
    assert cell(tmp_path, "event_id", "../secret") == '<a href="/es/reactions?event_id=..%2Fsecret">../secret</a>'
    hostile = cell(tmp_path, "event_id", '"><script>')
    assert "<script>" not in hostile
    assert cell(tmp_path, "title", "brexit") is None
    assert cell(tmp_path, "event_id", 7) is None


def test_the_first_sight_of_a_view_has_columns_that_it_has():
    columns = _columns(schema_page.database())
    assert {view: " ".join(first(view, columns)) for view in FIRST} == FIRST
    assert first("reactions", {"reactions": ["event_id", "car", "mine"]}) == ["event_id", "car"]
    wide = {view for view in FACETS if len(columns[view]) > 12}
    assert wide == FIRST.keys()


def test_views_are_cut_by_columns_that_they_have():
    tables = metadata("es", _columns(schema_page.database()))["databases"]["es"]["tables"]
    connection = schema_page.database()
    cut = {name: table["facets"] for name, table in tables.items() if "facets" in table}
    assert {"year", "tag", "window"} == {
        kind for facet in cut["reactions"] if isinstance(facet, dict) for kind in facet
    }
    cut = {
        name: [column for facet in facets for column in (facet.values() if isinstance(facet, dict) else [facet])]
        for name, facets in cut.items()
    }
    assert {"verdict", "kind", "asset"} <= set(cut["reactions"])
    assert tables["daily"]["columns"].keys() == set(_columns(connection)["daily"])
    assert tables["daily"]["columns"]["ar"] == "Abnormal return: return less expected return, decimal. (decimal)"
    for name, facets in cut.items():
        assert set(facets) <= {column[0] for column in connection.execute(f"select * from {name}").description}
