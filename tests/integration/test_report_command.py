"""`eventstudy report`: a stored event, one from the settings, one given on the command line, and everything else."""

from __future__ import annotations

import json
import re
import socket
import sqlite3

import pytest

from tests.support import passes
from tests.support.command import eventstudy
from tests.support.passes import rows, run, write_config

AT = ("--at", "2023-03-17T07:00Z")


@pytest.fixture
def report(tmp_path):
    path = write_config(tmp_path)
    return lambda *arguments: eventstudy("report", "--config", path, *arguments)


def test_an_announcement_given_on_the_command_line(tmp_path, report):
    done = report("--title", "A surprise", *AT, "--asset", "USDCNY", "--asset", "EURUSD")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("No detectable reaction. No. The dollar in yuan's move was ordinary")
    page = done.out.split("Report: ")[1].strip()
    text = (tmp_path / "reports" / page.rsplit("/", 1)[1]).read_text("utf-8")
    assert "A surprise" in text
    assert "eventstudy report --title" in text
    assert page.rsplit("/", 1)[1] in (tmp_path / "reports" / "index.html").read_text("utf-8")
    again = report("--title", "A surprise", *AT, "--asset", "USDCNY", "--asset", "EURUSD")
    assert again.out == done.out
    assert rows(tmp_path / "es.db", "select count(*) from runs") == [(1,)]


def test_the_json_names_the_page_and_the_answer(report):
    answer = json.loads(report("--title", "A surprise", *AT, "--asset", "USDCNY", "--json").out)
    assert answer["schema"] == "eventstudy.report/1"
    assert answer["page"].endswith(".html")


def test_a_hostile_title_comes_out_harmless(tmp_path, report):
    done = report("--title", "<script>alert(1)</script>", *AT, "--asset", "USDCNY")
    assert done.code == 0
    texts = [page.read_text("utf-8") for page in (tmp_path / "reports").glob("*.html")]
    assert len(texts) == 4  # its own, the index, and the digest under both its names
    for text in texts:
        assert "<script>alert" not in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_an_event_of_the_settings_is_studied_when_it_is_asked_for(tmp_path, report):
    assert report("visit").code == 0
    assert rows(tmp_path / "es.db", "select event_id from analyses group by 1") == [("visit",)]


def test_a_dry_run_says_what_would_be_asked_and_touches_nothing(tmp_path, report):
    before = sorted(tmp_path.iterdir())
    given = ("--title", "A surprise", *AT, "--asset", "USDCNY")
    for arguments, name in ((given, "a-surprise-"), (("visit",), "visit")):
        said = json.loads(report(*arguments, "--dry-run", "--json").out)
        assert [(e["event_id"].startswith(name), e["action"]) for e in said["events"]] == [(True, "study")]
        assert "ecb:USDCNY" in said["symbols"]
    assert sorted(tmp_path.iterdir()) == before
    assert report("visit").code == 0
    assert "0 to study" in report("visit", "--dry-run").out
    wrong = report("visitt", "--dry-run")
    assert (wrong.code, "did you mean 'visit'" in wrong.err) == (1, True)


def test_a_stored_event_is_only_printed_again(tmp_path, report, monkeypatch):
    run(write_config(tmp_path))
    monkeypatch.setattr(socket.socket, "connect", lambda *_: pytest.fail("something was fetched"))
    before = passes.dump(tmp_path / "es.db")
    assert report("visit").code == 0
    assert passes.dump(tmp_path / "es.db") == before


def test_an_announcement_to_come_is_told_so(report):
    done = report("--title", "Later", "--at", "2041-03-17T07:00Z", "--asset", "USDCNY")
    assert done.code == 0
    assert done.err == "pending: not announced yet\n"


def test_an_announcement_before_all_prices_is_exit_code_3(report):
    done = report("--title", "Old", "--at", "1990-03-17T07:00Z", "--asset", "USDCNY")
    assert done.code == 3
    assert "2005-04-01" in done.err


CASES = {
    "nothing": ((), 2, "give either EVENT_ID or --title"),
    "both": (("visit", "--title", "x"), 2, "give either EVENT_ID or --title"),
    "no time": (("--title", "x", "--asset", "USDCNY"), 2, "--at or --between"),
    "no asset": (("--title", "x", *AT), 2, "at least one --asset"),
    "unknown asset": (("--title", "x", *AT, "--asset", "nope"), 1, "unknown asset (got 'nope'); known are EURUSD"),
    "hostile asset": (("--title", "x", *AT, "--asset", "'; drop table events;--"), 1, "unknown asset"),
    "naive time": (("--title", "x", "--at", "2023-03-17T07:00", "--asset", "USDCNY"), 2, "a time without a zone"),
    "naive date": (("--title", "x", "--at", "2023-03-17", "--asset", "USDCNY"), 2, "without a zone"),
    "no time at all": (("--title", "x", "--at", "yesterday", "--asset", "USDCNY"), 2, "not an ISO 8601 date"),
    "no zone": (
        ("--title", "x", "--at", "2023-03-17", "--zone", "Mars/X", "--asset", "USDCNY"),
        2,
        "unknown time zone",
    ),
    "empty title": (("--title", "", *AT, "--asset", "USDCNY"), 1, "title"),
    "long title": (("--title", "x" * 301, *AT, "--asset", "USDCNY"), 1, "title"),
    "not UTF-8": (("--title", "\udcff", *AT, "--asset", "USDCNY"), 1, "title"),
    "backwards": (
        ("--title", "x", "--between", "2023-03-17T07:00Z", "2023-03-17T06:00Z", "--asset", "USDCNY"),
        2,
        "ends before it starts",
    ),
    "path": (("../../etc/passwd",), 1, "cannot name a page"),
    "absolute path": (("/etc/passwd",), 1, "cannot name a page"),
    "hidden file": ((".bashrc",), 1, "cannot name a page"),
    "unknown event": (("nope",), 1, "no such event is stored"),
    "unknown option": (("--bogus",), 2, "No such option"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_mistake_is_one_line_and_leaves_nothing(tmp_path, report, case):
    arguments, code, says = CASES[case]
    run(write_config(tmp_path))
    before, files = passes.dump(tmp_path / "es.db"), passes.pages(tmp_path / "reports")
    done = report(*arguments)
    assert (done.code, done.out) == (code, "")
    assert says in done.err
    assert len(done.err.splitlines()) == 1
    assert passes.dump(tmp_path / "es.db") == before
    assert passes.pages(tmp_path / "reports") == files


def test_any_symbol_of_a_source_at_hand_has_a_page_and_passes_leave_it_alone(tmp_path, report):
    done = report("--title", "A surprise", *AT, "--asset", "USDMXN", "--asset", "ecb:EURTRY")
    assert done.code == 0
    assert "EURTRY" in done.out + (tmp_path / "reports" / done.out.split("reports/")[1].strip()).read_text("utf-8")
    sql = "select asset, day0 from reactions where is_primary and title = 'A surprise' order by 1"
    found = rows(tmp_path / "es.db", sql)
    assert set(found) == {("USDMXN", "2023-03-17"), ("ecb:EURTRY", "2023-03-17")}
    assert eventstudy("run", "--config", tmp_path / "config.yaml").code == 0
    assert rows(tmp_path / "es.db", sql) == found


@pytest.mark.parametrize(
    ("given", "meant"), [("usdcny", "USDCNY"), ("usd mxn", "USDMXN"), ("USDCYN", "USDCNY"), ("usd-cny", "USDCNY")]
)
def test_a_near_miss_of_an_asset_is_asked_about(report, given, meant):
    done = report("--title", "A surprise", *AT, "--asset", given)
    assert done.code == 1
    assert f"did you mean '{meant}'?" in done.err


def test_a_page_is_written_where_it_is_wanted_and_opened(tmp_path, report, monkeypatch):
    opened = []
    monkeypatch.setattr("click.launch", opened.append)
    out = tmp_path / "for the editor.html"
    done = report("--title", "A surprise", *AT, "--asset", "USDCNY", "--out", out, "--open")
    assert done.code == 0
    assert done.out.split("Report: ")[1].strip() == str(out)
    (page,) = (p for p in (tmp_path / "reports").glob("a-surprise-*.html"))
    assert out.read_bytes() == page.read_bytes()
    assert opened == [out.as_uri()]


def test_a_folder_that_is_not_there_is_named_before_anything_is_studied(tmp_path, report):
    done = report("visit", "--out", tmp_path / "no" / "page.html")
    assert done.code == 2
    assert "there is no folder" in done.err
    assert not (tmp_path / "es.db").exists()


def test_the_same_facts_come_in_every_form(tmp_path, report):
    run(write_config(tmp_path))
    short = report("visit", "--format", "short").out
    assert len(short) <= 281
    assert short.startswith("A visit: ")
    data = json.loads(report("visit", "--format", "json-ld").out)
    assert (data["@context"], data["@type"], data["identifier"]) == ("https://schema.org", "Report", "visit")
    value = data["mainEntity"]["variableMeasured"][0]
    moves = "select move from reactions where event_id = 'visit' and is_headline and is_primary order by position"
    stored = rows(tmp_path / "es.db", moves)[0]
    assert value["value"] == pytest.approx(stored[0], rel=1e-12)
    markdown = report("visit", "--format", "markdown").out
    page = report("visit", "--format", "html").out
    assert page == (tmp_path / "reports/visit.html").read_text("utf-8")
    for row in re.findall(r"\(visit\.html#([^)]+)\)", markdown):
        assert f'id="{row}"' in page
    text = report("visit", "--format", "text").out
    assert max(map(len, text.splitlines())) <= 80
    for words in (text, markdown):
        # as on the page: the window that a move is of, and all notes
        assert re.search(r"over \W*0,[01]\W+ session 0\s+on", words)
        assert "ECB reference rates, 14:15 Frankfurt time" in " ".join(words.split())
    moved = re.search(r"(fell|rose) [\d.]+.%", text)
    assert moved
    assert moved[0] in re.sub(r"[\[\]]|\([^)]*#[^)]*\)", "", markdown)
    assert moved[0] in data["abstract"]
    embedded = re.search(r'<script type="application/ld\+json">(.*?)</script>', page)
    assert embedded
    assert json.loads(embedded[1]) == data


def test_another_language_leaves_the_page_of_the_settings_as_it_is(tmp_path, report):
    run(write_config(tmp_path))
    before = (tmp_path / "reports/visit.html").read_bytes()
    assert report("visit", "--language", "de").code == 2
    assert report("visit", "--language", "de", "--out", str(tmp_path / "de.html")).code == 0
    german = (tmp_path / "de.html").read_text("utf-8")
    assert '<html lang="de">' in german
    assert "Haben die Märkte reagiert?" in german
    assert (tmp_path / "reports/visit.html").read_bytes() == before
    assert report("--check", str(tmp_path / "de.html")).code == 0


def test_a_page_is_checked_against_the_database(tmp_path, report):
    config = write_config(tmp_path)
    run(config)
    page = tmp_path / "reports/visit.html"
    good = report("--check", str(page))
    assert good.code == 0
    assert "still gives this page: the announcement visit" in good.out
    assert report("--check", str(tmp_path / "reports/index.html")).code == 0
    assert report("--check", str(tmp_path / "reports/digest.html")).code == 0
    text = page.read_text("utf-8")
    other = tmp_path / "other.html"
    other.write_text(re.sub(r'(class="row" href="#[^"]*">)0', r"\g<1>9", text, count=1), "utf-8")
    bad = report("--check", str(other))
    assert bad.code == 1
    assert re.search(r"under “A visit”: was “.* 9.*”, is “", bad.out)
    other.write_text(re.sub(r"<code>[0-9a-f]{64}", f"<code>{'0' * 64}", text), "utf-8")
    assert "was 000000000000 and is" in report("--check", str(other)).out
    answer = json.loads(report("--check", str(other), "--json").out)
    assert (answer["schema"], answer["is_same"], answer["id"]) == ("eventstudy.check/1", False, "visit")
    other.write_text("<html>", "utf-8")
    assert report("--check", str(other)).code == 1
    assert report("--check", str(page), "--format", "text").code == 2
    with sqlite3.connect(tmp_path / "es.db") as connection:
        connection.execute("update window_results set car_low = car_low + 0.001")
        connection.commit()
    assert report("--check", str(page)).code == 1
