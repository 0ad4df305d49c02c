"""`eventstudy events` and feeds through the command line: from a dropped file to results, their history, and back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import Done, eventstudy
from tests.support.feeds import drop
from tests.support.passes import dump, rows, write_config

FEED = "feeds:\n  - {{id: drop, kind: folder, path: {0}/drop, zone: Asia/Shanghai, assets: [USDCNY]}}\nschedule:"
HEAD = "id,title,announced_at\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_config(tmp_path, ("schedule:", FEED.format(tmp_path)))
    (tmp_path / "drop").mkdir()
    return tmp_path


def call(folder: Path, *words: Any) -> Done:
    return eventstudy(*words, "--config", folder / "config.yaml")


def listed(folder: Path, *words: Any) -> list[str]:
    done = call(folder, "events", "list", "--json", *words)
    assert done.code == 0
    return [event["id"] for event in json.loads(done.out)["events"]]


def test_a_moved_announcement_is_studied_again_and_shows_its_history(folder):
    drop(folder / "drop", "a.csv", f"{HEAD}rate,A rate is cut,2022-05-04 15:00\nbad,Bad,soon\n")
    done = call(folder, "run")
    assert done.code == 3
    assert "a.csv:3: announced_at: not an ISO 8601 date or time (got 'soon')" in done.err
    assert rows(folder / "es.db", "select distinct day0 from reactions where event_id = 'rate'") == [("2022-05-04",)]
    assert rows(folder / "es.db", "select step, subject, status from run_steps where step = 'events'") == [
        ("events", "a.csv:3: announced_at", "failed")
    ]
    drop(folder / "drop", "a.csv", f"{HEAD}rate,A rate is cut,2022-06-08 15:00\n")
    done = call(folder, "run", "--json")
    assert (done.code, json.loads(done.out)["results_written"]) == (0, 1)
    assert rows(folder / "es.db", "select distinct day0 from reactions where event_id = 'rate'") == [("2022-06-08",)]
    done = call(folder, "events", "show", "rate", "--json")
    shown = json.loads(done.out)
    assert shown["schema"] == "eventstudy.event/1"
    assert [(v["version"], v["announced_at"], v["changed"]) for v in shown["versions"]] == [
        (1, "2022-05-04T07:00:00Z", []),
        (2, "2022-06-08T07:00:00Z", ["earliest", "latest", "stated"]),
    ]
    assert shown["event"]["state"]["origin"] == "drop"
    assert {row["day0"] for row in shown["reactions"]} == {"2022-06-08"}
    plain = call(folder, "events", "show", "rate").out
    assert "A rate is cut" in plain
    assert "earliest, latest, stated" in plain
    before = dump(folder / "es.db")
    assert call(folder, "run").code == 0
    assert dump(folder / "es.db") == before


def test_what_vanished_keeps_its_results_and_is_listed_as_missing(folder):
    path = drop(folder / "drop", "a.csv", f"{HEAD}rate,A rate is cut,2022-05-04 15:00\n")
    call(folder, "run")
    path.unlink()
    assert call(folder, "run").code == 0
    assert listed(folder, "--status", "missing") == ["rate"]
    assert rows(folder / "es.db", "select count(*) from reactions where event_id = 'rate'") == [(2,)]


def test_add_edit_retire_and_take_back(folder):
    words = ("events", "add", "Hello <b>there</b>", "--id", "hello", "--at", "2022-08-01T10:00", "--zone", "Asia/Tokyo")
    dry = call(folder, *words, "--asset", "USDCNY", "--tag", "x", "--dry-run")
    assert (dry.code, (folder / "es.db").exists()) == (0, False)
    assert call(folder, *words, "--asset", "USDCNY", "--tag", "x").code == 0
    again = call(folder, *words, "--asset", "USDCNY")
    assert (again.code, "there is an event with this id (got 'hello')" in again.err) == (1, True)
    assert call(folder, "run").code == 0
    assert rows(folder / "es.db", "select status, origin from events where event_id = 'hello'") == [("ok", "added")]
    page = (folder / "reports" / "hello.html").read_text("utf-8")
    assert "Hello &lt;b&gt;there&lt;/b&gt;" in page

    done = call(folder, "events", "edit", "hello", "--at", "2022-08-02T10:00", "--title", "Hello", "--json")
    assert [(c["what"], c["detail"]) for c in json.loads(done.out)["changes"]] == [("changed", "title, announced_at")]
    assert json.loads(call(folder, "run", "--json").out)["results_written"] == 1
    assert rows(folder / "es.db", "select day0 from reactions where event_id = 'hello' limit 1") == [("2022-08-02",)]

    assert call(folder, "events", "retire", "hello", "--reason", "a rumour", "--dry-run").out.startswith("would be")
    assert call(folder, "events", "retire", "hello", "--reason", "a rumour").out == "hello: retired\n"
    assert call(folder, "events", "retire", "hello").out == "hello: was retired already\n"
    assert "hello" not in {event["event_id"] for event in json.loads(call(folder, "run", "--json").out)["events"]}
    assert listed(folder, "--status", "retired") == ["hello"]
    assert rows(folder / "es.db", "select count(*) from reactions where event_id = 'hello'") == [(2,)]
    assert call(folder, "events", "retire", "hello", "--undo").out == "hello: taken back\n"
    assert "hello" in {event["event_id"] for event in json.loads(call(folder, "run", "--json").out)["events"]}


def test_the_filters_of_the_list(folder):
    drop(folder / "drop", "a.csv", "id,title,announced_at,tags\nrate,R,2022-05-04,bank\n")
    assert listed(folder) == ["rate", "meeting", "visit"]
    assert listed(folder, "--tag", "bank") == ["rate"]
    assert listed(folder, "--asset", "EURUSD") == ["visit"]
    assert listed(folder, "--since", "2022-09-15") == ["meeting", "visit"]
    assert listed(folder, "--since", "2022-09-16") == ["visit"]
    assert listed(folder, "--until", "2022-05-03") == ["rate"]  # a day of Shanghai begins on the day before
    assert listed(folder, "--origin", "config") == ["meeting", "visit"]
    assert listed(folder, "--status", "new", "--tag", "bank") == ["rate"]
    assert not (folder / "es.db").exists()


def test_what_the_list_says_can_be_imported_elsewhere(folder, tmp_path_factory):
    text = "id,title,earliest,latest,announced_at,note,tags,assets\n"
    text += 'rate,"R, x",2022-05-04 10:00,2022-05-04 12:00,2022-05-04 11:00,"a ""note""",a|b,EURUSD;USDCNY\n'
    text += "day,Day,,,2022-05-05,,,\n"
    drop(folder / "drop", "a.csv", text)
    call(folder, "run")
    call(folder, "events", "retire", "meeting")
    there = tmp_path_factory.mktemp("there")
    write_config(there, ("  - {id: visit", "  - {id: unlike"), ("  - {id: meeting", "  - {id: unlike-too"))
    out = drop(there, "list.json", call(folder, "events", "list", "--json").out)
    dry = call(there, "events", "import", out, "--dry-run", "--json")
    assert {c["event_id"]: c["what"] for c in json.loads(dry.out)["changes"]} == {
        "rate": "new",
        "day": "new",
        "visit": "new",
        "meeting": "same",  # called off, and never known there
    }
    assert call(there, "events", "import", out).code == 0
    ours, theirs = (
        {e["id"]: {k: v for k, v in e.items() if k != "state"} for e in json.loads(c.out)["events"]}
        for c in (call(folder, "events", "list", "--json"), call(there, "events", "list", "--json"))
    )
    for event_id in ("rate", "day", "visit"):
        assert theirs[event_id] == ours[event_id]
    again = json.loads(call(there, "events", "import", out, "--json").out)
    assert {c["what"] for c in again["changes"]} == {"same"}


def test_import_names_what_is_wrong_and_takes_the_rest(folder):
    text = "Ref,What,When\nx,X,2022-05-04 15:00\ny,Y,soon\nvisit,Not yours,2022-05-04 15:00\n"
    path = drop(folder, "vendor.csv", text)
    columns = [w for pair in ("id=Ref", "title=What", "announced_at=When") for w in ("--column", pair)]
    done = call(folder, "events", "import", path, *columns, "--zone", "Asia/Tokyo", "--asset", "USDCNY", "--json")
    assert done.code == 3
    assert done.err.startswith("vendor.csv:3: announced_at: not an ISO 8601")
    assert [(c["event_id"], c["what"], c["detail"]) for c in json.loads(done.out)["changes"]] == [
        ("x", "new", ""),
        ("visit", "left alone", "it belongs to config.yaml"),
    ]
    assert listed(folder, "--origin", "added") == ["x"]


def test_import_without_a_file_reads_the_feeds_now(folder):
    drop(folder / "drop", "a.csv", f"{HEAD}rate,R,2022-05-04\n")
    done = call(folder, "events", "import", "--json")
    assert [(c["event_id"], c["what"]) for c in json.loads(done.out)["changes"]] == [("rate", "new")]
    assert rows(folder / "es.db", "select event_id, status from events order by 1") == [
        ("meeting", "pending"),
        ("rate", "pending"),
        ("visit", "pending"),
    ]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["show", "visti"], "EVENT_ID: there is no such event (got 'visti'); did you mean 'visit'?"),
        (["edit", "visit", "--title", "x"], "this event belongs to config (got 'visit'); edit it in config.yaml"),
        (["retire", "none"], "EVENT_ID: there is no such event"),
        (["add", "T", "--at", "2022-08-01T10:00", "--asset", "USDCNY"], "--at: a time without a zone"),
        (["add", "T", "--at", "2022-08-01T10:00Z"], "--asset: no asset to study"),
        (["add", "T", "--at", "2022-08-01T10:00Z", "--asset", "USDCNH"], "--asset: unknown asset (got 'USDCNH'); did"),
        (["add", "T", "--at", "2022-08-01T10:00Z", "--asset", "USDCNY", "--id", "../x"], "--id: not an id"),
        (["add", "T", "--at", "2022-08-01T10:00Z", "--asset", "USDCNY", "--id", "visit"], "--id: there is an event"),
        (["add", "T", "--at", "2022-08-01T10:00Z", "--asset", "USDCNY", "--kind", "A B"], "--kind: not an id"),
        (["import", "events.docx"], "FILE: not a kind of file that is read (got 'events.docx'); name it .csv"),
        (["import", "none.csv"], "none.csv: No such file or directory"),
        (["import", "none.csv", "--zone", "Mars"], "--zone: unknown time zone"),
        (["import", "none.csv", "--column", "titel=x"], "--column: an event has no such field (got 'titel')"),
        (["import", "none.csv", "--column", "title"], "'title' is not FIELD=NAME"),
    ],
)
def test_a_mistake_is_one_line_with_its_remedy(folder, words, says):
    done = call(folder, "events", *words)
    assert done.code in (1, 2, 3)
    assert says in done.err
    assert len(done.err.splitlines()) == 1
    assert "Traceback" not in done.err
    assert not (folder / "es.db").exists()


def test_hostile_titles_steer_no_terminal(folder):
    drop(folder / "drop", "a.json", json.dumps([{"id": "x", "title": "\u202eevil =1+1", "announced_at": "2022-05-04"}]))
    done = call(folder, "events", "list")
    assert "\u202e" not in done.out
    assert "=1+1" in done.out
