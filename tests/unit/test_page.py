"""Pages as files: valid, self-contained, escaped, the same every time, and true to the database."""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
import shlex
import sqlite3
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from eventstudy.database import reading
from eventstudy.report.asset_page import page_names
from eventstudy.report.cells import terms
from eventstudy.report.index_page import index_files
from eventstudy.report.page import render_event
from eventstudy.report.table_html import grid
from eventstudy.report.view import event_view
from eventstudy.store import read
from eventstudy.store.read import EventBatch, in_batches
from tests.browser.site import EVIL, EVIL_TITLE, FOUNDING, STUDIED, site

VOID = {"meta", "link", "br", "img", "input", "hr"}
EMPTY_SVG = {"line", "rect", "path", "circle"}


class Reader(HTMLParser):
    """Tags, attributes and text of a page; complains of what does not nest."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.stack: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[tuple[str, str]] = []
        self.faults: list[str] = []
        self.feed(text)
        self.close()
        self.faults += [f"<{tag}> is never closed" for tag in self.stack]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if len(dict(attrs)) != len(attrs):
            self.faults.append(f"<{tag}> repeats an attribute")
        if tag in ("p", "h1", "h2", "h3", "table", "details") and "p" in self.stack:
            self.faults.append(f"<{tag}> inside <p>")
        if tag not in VOID:
            self.stack.append(tag)
        self.tags.append((tag, dict(attrs)))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in EMPTY_SVG:
            self.faults.append(f"<{tag}/> does not close itself in HTML")
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.stack or self.stack.pop() != tag:
            self.faults.append(f"</{tag}> at {self.getpos()} closes something else")

    def handle_data(self, data: str) -> None:
        if self.stack and data.strip():
            self.texts.append((self.stack[-1], data))

    def all(self, *names: str) -> list[dict[str, str | None]]:
        return [attrs for tag, attrs in self.tags if tag in names]

    def words(self, *names: str) -> str:
        return " ".join(data.strip() for tag, data in self.texts if not names or tag in names)


def pages() -> list[str]:
    return [*STUDIED, "index", "digest"]


@pytest.fixture(params=pages())
def page(request: pytest.FixtureRequest) -> Reader:
    return Reader(site().page(request.param).read_text("utf-8"))


@pytest.fixture
def connection() -> sqlite3.Connection:
    return reading.connect(site().database)


def rows(sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """Straight from SQLite, past our own readers."""
    opened = sqlite3.connect(site().database)
    try:
        return opened.execute(sql, parameters).fetchall()
    finally:
        opened.close()


# --- valid, self-contained, accessible -------------------------------------------------------------------------------


def test_the_markup_is_sound(page: Reader) -> None:
    assert page.faults == []
    assert page.all("html") == [{"lang": "en-GB"}]
    assert len(page.all("h1")) == len(page.all("main")) == len(page.all("title")) - len(page.all("svg")) == 1
    ids = [attrs["id"] for _, attrs in page.tags if "id" in attrs]
    assert len(ids) == len(set(ids))


def test_landmarks_have_names_of_their_own(page: Reader) -> None:
    names = [a["aria-label"] for tag, a in page.tags if a.get("role") == "region" or tag in ("nav", "section")]
    assert len(names) == len(set(names))


def test_the_reader_sees_faults() -> None:
    assert Reader("<p><table></p></table>").faults != []
    assert Reader("<div>").faults == ["<div> is never closed"]


def test_headings_go_down_one_level_at_a_time(page: Reader) -> None:
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_nothing_is_fetched_and_nothing_of_others_runs(page: Reader) -> None:
    assert page.all("iframe", "object", "embed", "img", "form", "base", "video", "audio", "use", "image") == []
    # the one that the policy names, and data, which runs in no browser
    scripts = page.all("script")
    assert [script for script in scripts if script != {"type": "application/ld+json"}] == [{}]
    links = [(a["rel"], a["href"]) for a in page.all("link")]  # a feed is named, and fetched by whoever wants it
    assert links in ([("icon", "data:,")], [("icon", "data:,"), ("alternate", "feed.atom")])
    for _, attrs in page.tags:
        assert not {"src", "srcset", "style", "background", "xlink:href", "ping", "formaction"} & set(attrs)
        assert not [name for name in attrs if name.startswith("on")]
    for link in page.all("a"):
        assert re.match(r"https://|(assets/)?[a-z0-9][a-z0-9._-]*\.html$|#[A-Za-z0-9._-]+$", link["href"] or "")
    assert not re.search(r"url\(|@import|expression", page.words("style"))


def test_the_policy_allows_this_style_sheet_and_this_script_and_nothing_else() -> None:
    text = site().page(FOUNDING).read_text("utf-8")
    (policy,) = [
        a["content"] or "" for a in Reader(text).all("meta") if a.get("http-equiv") == "Content-Security-Policy"
    ]
    inline = {name: re.findall(rf"<{name}>(.*?)</{name}>", text, re.DOTALL) for name in ("style", "script")}
    digests = {
        name: base64.b64encode(hashlib.sha256(found.encode()).digest()).decode() for name, (found,) in inline.items()
    }
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives == {
        "default-src": "'none'",
        "style-src": f"'sha256-{digests['style']}'",
        "script-src": f"'sha256-{digests['script']}'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
    }


def test_every_chart_has_its_words_and_every_table_its_heads() -> None:
    for name in pages():
        text = site().page(name).read_text("utf-8")
        for chart in re.findall(r"<svg.*?</svg>", text):
            assert re.match(
                r'<svg viewBox="[\d ]+" role="img" aria-label="[^"]{20,}"(?: data-[xy]="[\d ]+")?>'
                r"<title>[^<]+</title><desc>[^<]+",
                chart,
            )
        for table in re.findall(r"<table.*?</table>", text, re.DOTALL):
            assert re.search(r"<caption[^>]*>[^<]", table)
            head, *body = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)
            width = len(re.findall(r'<th scope="col"|<th class="left" scope="col"', head))
            assert width > 1
            for row in body:
                assert row.count('<th scope="row"') == 1
                spans = sum(int(n) - 1 for n in re.findall(r'colspan="(\d+)"', row))
                assert len(re.findall(r"<t[hd][ >]", row)) + spans == width, row


def test_a_verdict_is_always_a_word_too() -> None:
    for name in pages():
        for word in re.findall(
            r'class="mark" aria-hidden="true">[^<]+</span>([^<]*)', site().page(name).read_text("utf-8")
        ):
            assert word.strip()


def test_the_same_results_give_the_same_bytes(connection: sqlite3.Connection) -> None:
    assert render_event(connection, FOUNDING)[0].encode() == site().page(FOUNDING).read_bytes()
    names = {path.stem for path in site().pages}
    assert list(index_files(site().database, names)) == list(index_files(site().database, sorted(names)))


def test_the_index_names_every_announcement_and_its_links_lead_somewhere() -> None:
    index = Reader(site().page("index").read_text("utf-8"))
    links = {a["href"] for a in index.all("a")}
    assets = {
        f"assets/{name}.html"
        for name in page_names({asset for (asset,) in rows("select asset from analyses")}).values()
    }
    assert links == {"digest.html", *(f"{name}.html" for name in STUDIED), *assets}
    assert all((site().page("index").parent / str(link)).is_file() for link in links)
    assert "10 March 2023, 13:30 UTC" in index.words("li"), "scheduled releases are listed"
    titles = [t for (t,) in rows("select title from events where kind <> 'context'")]
    assert all(re.sub("[\u202e\u2066]", " ", title) in index.words("bdi") for title in titles)


# --- hostile text ----------------------------------------------------------------------------------------------------


def test_a_hostile_title_is_text() -> None:
    text = site().page("script").read_text("utf-8")
    reader = Reader(text)
    assert reader.words("h1") == EVIL_TITLE
    assert "<b>bold</b>" in reader.words("p")
    assert [text.lower().count(tag) for tag in ("<script", "</script", "<script>")] == [2, 2, 1], "ours, and data"
    assert "<img" not in site().page("evil-asset").read_text("utf-8")


@given(st.text())
def test_a_cell_is_plain_text(words: str) -> None:
    """Without what is markup, and without characters of control."""
    (shown,) = re.findall(r'<th scope="row">(.*?)</th>', grid("Table", ["Name"], [[words]]), re.DOTALL)
    assert not re.search("[<>\"'\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]", shown)
    assert re.fullmatch("(&(lt|gt|amp|#34|#39);|[^&])*", shown)


def test_no_character_turns_the_reading_direction(page: Reader) -> None:
    assert not re.search("[\u200e\u200f\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f]", page.words())


def test_a_missing_source_is_no_link() -> None:
    links = [str(a["href"]) for a in Reader(site().page("script").read_text("utf-8")).all("a")]
    assert [href for href in links if not href.startswith("#")] == ["index.html"]
    founding = [str(a["href"]) for a in Reader(site().page(FOUNDING).read_text("utf-8")).all("a")]
    assert len([href for href in founding if not href.startswith("#")]) == 2


def test_every_number_of_the_answer_leads_to_the_row_that_it_stands_in() -> None:
    text = site().page(FOUNDING).read_text("utf-8")
    answer = re.search(r'<section class="answer.*?</section>', text, re.DOTALL)
    assert answer
    links = re.findall(r'<a class="row" href="#([^"]+)">([^<]+)</a>', answer[0])
    assert ("total.dollar-index", "0.24\u202f%") in links
    assert ("total.dollar-index.-1", "0.23\u202f%") in links
    rows = dict(re.findall(r'<tr id="([^"]+)">(.*?)</tr>', text, re.DOTALL))
    assert len(rows) == text.count("<tr id="), "no id stands twice"
    for row, words in links:
        assert row in rows
        number = re.match(r"(\d+\.\d\d)\u202f%$", words)
        shown = re.findall(r"(\d+\.\d+)\u202f%", rows[row])
        assert not number or any(abs(float(number[1]) - float(one)) < 0.0051 for one in shown), (row, words)
    # what is left without a link holds no number but those of dates and names
    rest = re.sub(r"<a class=.*?</a>|<[^>]+>", "", answer[0])
    assert re.findall(r"\d+[.,]\d+", rest) == []


# --- true to the database --------------------------------------------------------------------------------------------


def test_the_founding_event() -> None:
    words = Reader(site().page(FOUNDING).read_text("utf-8")).words().replace("\u202f", " ").replace("\u00a0", " ")
    assert "No detectable reaction" in words
    assert (
        "fell 0.24 % by its first price after the announcement, on Friday 17 March 2023; it extended its loss of 0.23 %"
        in words
    )
    assert "\u22120.237 %" in words
    assert "Not studied: the US dollar against the Russian rouble" in words
    assert "Every minute of the stated interval leads to the same session" in words
    assert "about 07:00 UTC (between 06:00 and 07:06 UTC)" in words


def test_how_often_is_counted_from_the_stored_days(connection: sqlite3.Connection) -> None:
    for event_id in ("snb-floor-2015", FOUNDING, "beijing-meeting-2022"):
        view = event_view(connection, event_id)
        found = rows(
            "select w.car, p.cars from window_results w join analyses using (analysis_id) "
            "join placebos p using (analysis_id, window_start, window_end) join studies using (study_id) "
            "where event_id = ? and alignment = 'main' and is_primary order by studies.position, analyses.position",
            event_id,
        )
        draws = [(car, np.abs(np.frombuffer(cars, dtype="<f4"))) for car, cars in found]
        counts = [f"{(moves >= abs(car)).sum()} of {moves.size}" for car, moves in draws]
        shown = [a.placebo for study in view.studies for a in study.assets if a.has_number]
        assert shown == counts


def test_each_study_tells_its_own_method_once(connection: sqlite3.Connection) -> None:
    total, relative = event_view(connection, FOUNDING).studies
    assert [len(study.methods) for study in (total, relative)] == [1, 1]
    assert total.methods[0].startswith("Constant-mean model")
    assert "least squares on dollar-factor" in relative.methods[0]
    words = Reader(site().page(FOUNDING).read_text("utf-8")).words("p")
    assert total.methods[0] in words
    assert relative.methods[0] in words


def test_an_unknown_hour_shows_both_sessions_and_says_that_the_verdict_depends(connection: sqlite3.Connection) -> None:
    view = event_view(connection, "beijing-meeting-2022")
    index = [(a.reading, a.session) for a in view.alignments if a.title.startswith("The US dollar index")]
    assert index == [("as early as possible", "4 Feb 2022"), ("as late as possible", "7 Feb 2022")]
    assert view.depends == "The verdict depends on the minute for the US dollar index (proxy on ECB fixings)."
    assert "cannot be credited to this announcement" in view.lead
    assert view.depends in view.lead, "that the verdict depends on the minute stands in the first box"
    assert "in which the news can first have been priced, 4 and 7 February 2022" in view.lead


def test_an_interval_longer_than_the_window_claims_no_cover(connection: sqlite3.Connection) -> None:
    view = event_view(connection, "week")
    assert "the assumed time of the announcement" in view.lead
    assert "can first have been priced" not in view.lead


def test_a_known_minute_has_no_other_reading(connection: sqlite3.Connection) -> None:
    view = event_view(connection, "snb-floor-2015")
    assert view.alignments == ()
    assert view.depends == ""
    words = Reader(site().page("snb-floor-2015").read_text("utf-8")).words("h2")
    assert "If the minute was another" not in words, "a section without content is left out"


def test_what_cannot_be_told_is_not_told(connection: sqlite3.Connection) -> None:
    future, roubles = event_view(connection, "future"), event_view(connection, "roubles")
    assert (future.verdict, future.word) == ("pending", "Too early to say")
    assert future.lead.startswith("Nothing can be said yet: ")
    assert roubles.verdict == "not computable"
    assert "no price on 17 March 2023" in roubles.lead
    assert roubles.depends == future.depends == ""


# --- states that the shipped settings do not reach -------------------------------------------------------------------


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    path = tmp_path / "copy.db"
    path.write_bytes(site().database.read_bytes())
    return path


def change(path: Path, sql: str) -> None:
    opened = sqlite3.connect(path)
    opened.execute(sql)
    opened.commit()
    opened.close()


def test_an_old_result_says_that_the_last_pass_failed(copy: Path) -> None:
    change(copy, f"update events set status = 'failed', reason = 'Boom: <x>' where event_id = '{FOUNDING}'")
    page, index = (
        Reader(render_event(reading.connect(copy), FOUNDING)[0]),
        Reader(dict(index_files(copy, {FOUNDING}))["index.html"]),
    )
    assert "The last pass failed to study this announcement (Boom: <x>)" in page.words("p")
    assert "The last pass failed: Boom: <x>." in index.words("span")


def test_a_failure_without_a_result_is_the_answer(copy: Path) -> None:
    change(copy, "update events set status = 'failed', reason = 'Boom: x' where event_id = 'future'")
    assert "Nothing can be said: Boom: x." in Reader(render_event(reading.connect(copy), "future")[0]).words("p")


def test_prices_still_to_come(copy: Path) -> None:
    change(copy, "update events set status = 'pending' where event_id = 'roubles'")
    words = Reader(render_event(reading.connect(copy), "roubles")[0]).words("p")
    assert "Nothing can be said about this announcement yet." in words
    assert "Too early to say" in words


def test_a_study_without_the_first_session_alone_still_shows_both_readings(copy: Path) -> None:
    change(copy, "delete from window_results where window_start = 0 and window_end = 0")
    view = event_view(reading.connect(copy), "beijing-meeting-2022")
    assert {a.window for a in view.alignments} == {"[0,1]"}
    assert "nothing depends on it" not in view.depends


def test_a_reading_without_a_price_is_told(copy: Path) -> None:
    change(copy, "delete from analyses where alignment = 'latest'")
    view = event_view(reading.connect(copy), "beijing-meeting-2022")
    assert "leads to a session without a price, so far, for the US dollar index" in view.depends


def test_a_result_without_a_test_is_no_verdict(copy: Path) -> None:
    change(copy, "update window_results set p_adjusted = null, t = null, verdict = 'not computable'")
    view = event_view(reading.connect(copy), "snb-floor-2015")
    assert view.verdict == "not computable"
    assert "reaction" not in view.lead


def test_a_coefficient_or_diagnostic_without_a_value_is_a_dash(copy: Path) -> None:
    change(copy, """update analyses set coefficients = '{"alpha": null}', diagnostics = '{"durbin_watson": null}'""")
    assert "alpha = \u2013" in Reader(render_event(reading.connect(copy), FOUNDING)[0]).words("p")


# --- the command that reproduces -------------------------------------------------------------------------------------


def run(command: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    from eventstudy.cli import group

    monkeypatch.chdir(folder)
    name, *arguments = shlex.split(command)
    assert name == "eventstudy"
    with pytest.raises(SystemExit) as stopped:
        group.main(args=arguments, prog_name=name)
    return int(stopped.value.code or 0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Somebody else's folder with the same settings; results go beneath it."""
    plain = yaml.safe_load(site().config.read_text("utf-8"))
    plain |= {"database": "var/es.db", "reports": "var/reports"}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(plain), "utf-8")
    return tmp_path


def test_the_command_on_the_page_gives_the_same_answer(
    folder: Path, connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = event_view(connection, "snb-floor-2015")
    assert run(view.command, folder, monkeypatch) == 0
    again = event_view(reading.connect(folder / "var" / "es.db"), "snb-floor-2015")
    assert (again.lead, again.rest) == (view.lead, view.rest)
    assert [s.input_hash for s in again.studies] == [s.input_hash for s in view.studies]


def test_the_command_of_an_announcement_from_the_command_line_works_whatever_its_title(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    title = "--asset 'x'; \"$(rm -rf /)\" `id` *"
    asked = shlex.join(
        ["eventstudy", "report", "--title", title, "--between", "2023-03-17T06:00Z", "2023-03-17T07:06Z"]
    )
    assert run(f"{asked} --at 2023-03-17T07:00Z --asset EURUSD", folder, monkeypatch) == 0
    database = folder / "var" / "es.db"
    first = [e for (e,) in sqlite3.connect(database).execute("select event_id from events where tags like '%ad-hoc%'")]
    view = event_view(reading.connect(database), first[0])
    assert view.title == title
    assert run(view.command, folder, monkeypatch) == 0
    ids = [e for (e,) in sqlite3.connect(database).execute("select event_id from events where tags like '%ad-hoc%'")]
    answers = {(v.lead, v.announced, v.command) for v in (event_view(reading.connect(database), i) for i in ids)}
    assert answers == {(view.lead, view.announced, view.command)}


def test_the_evil_announcements_are_all_there() -> None:
    assert {e["id"] for e in EVIL} <= {path.stem for path in site().pages}


def test_the_same_time_and_asset_under_another_id_is_said(connection: sqlite3.Connection) -> None:
    # "script", "rtl" and others were given the founding event's minute and dollar index; "week" has an interval
    assert "The same time and asset stand under other ids too: long and rtl." in event_view(connection, "script").twins
    assert event_view(connection, "week").twins == event_view(connection, "snb-floor-2015").twins == ""


def test_a_page_names_the_terms_of_its_prices(connection: sqlite3.Connection) -> None:
    assert event_view(connection, FOUNDING).terms == (
        "Reference rates of the European Central Bank: free to use where the ECB is named as their source.",
    )
    assert terms([{"source": "desk", "version": "yfinance 1.0"}, {"source": "desk", "version": "prices.csv"}]) == (
        "Prices of Yahoo Finance: for personal use under Yahoo's terms, which passing them on may go beyond.",
    )


def test_pages_of_a_batch_are_those_that_are_read_alone_by_fewer_statements(connection: sqlite3.Connection) -> None:
    ids = [name for (name,) in connection.execute("select event_id from events order by event_id")]
    said: list[str] = []
    connection.set_trace_callback(said.append)
    alone = [render_event(connection, event_id) for event_id in ids]
    n_alone = len(said)
    said.clear()
    together = in_batches(connection, ids)
    assert [render_event(connection, event_id, together.pop(event_id)) for event_id in ids] == alone
    connection.set_trace_callback(None)
    assert len(ids) > 10
    assert len(said) < n_alone / 3


def test_the_releases_about_an_event_are_those_that_a_plain_count_finds(connection: sqlite3.Connection) -> None:
    rows = connection.execute("select event_id, earliest, latest from events where kind = 'context'").fetchall()
    found: dict[str, set[str]] = {}
    for event_id, first, last in connection.execute(
        "select event_id, min(day0), max(day0) from analyses where day0 is not null group by event_id"
    ).fetchall():
        results = EventBatch(connection, [event_id]).results(event_id)
        found[event_id] = {row["context"] for row in results.context}
        assert found[event_id] == {name for name, start, end in rows if start[:10] <= last and end >= first}
    assert any(found.values())


def test_a_row_that_cannot_be_read_takes_its_own_page_alone(connection: sqlite3.Connection, tmp_path: Path) -> None:
    copy = tmp_path / "es.db"
    with sqlite3.connect(copy) as target:
        connection.backup(target)
        target.execute(
            "update window_results set reason = cast(x'ff41' as text) where analysis_id in "
            "(select analysis_id from analyses where event_id = ?)",
            (FOUNDING,),
        )
    target.close()
    ids = [FOUNDING, "snb-floor-2015", "week"]
    opened = reading.connect(copy)
    together = in_batches(opened, ids)
    assert len({*together.values()}) == 1
    with pytest.raises(sqlite3.OperationalError, match="decode"):
        render_event(opened, FOUNDING, together[FOUNDING])
    for event_id in ids[1:]:
        assert render_event(opened, event_id, together[event_id]) == render_event(connection, event_id)
    opened.close()


def test_a_batch_is_of_so_many_analyses_that_memory_does_not_grow_with_the_assets(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "TOGETHER", 4)
    ids = [name for (name,) in connection.execute("select event_id from events order by event_id")]
    groups: dict[int, list[str]] = {}
    for event_id, batch in in_batches(connection, ids).items():
        groups.setdefault(id(batch), []).append(event_id)
    held = dict(connection.execute("select event_id, count(*) from analyses group by event_id").fetchall())
    assert [event_id for group in groups.values() for event_id in group] == ids
    assert len(groups) > 3
    assert all(sum(held.get(event_id, 0) for event_id in group[:-1]) <= 4 for group in groups.values())
