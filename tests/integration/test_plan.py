"""What a pass finds due, and why: only that is pulled, studied and written again."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from pathlib import Path

import pytest

from eventstudy.cli import common
from eventstudy.errors import SourceDown
from eventstudy.prices import open_source
from eventstudy.report import publish
from jobs import nightly, plan, pull, study_step
from tests.support.command import eventstudy
from tests.support.passes import NOW, Down, answer, dump, loaded, rows, run, write_config

FRESH = '  - {id: fresh, title: Fresh, announced_at: "2026-11-16T07:00Z", assets: [USDCNY]}\n'
RELEASE = 'events:\n  - {{id: fed, kind: context, title: Fed, announced_at: "{}"}}\n'


def decisions(path: Path, when: dt.datetime = NOW, **options: object) -> dict[str, tuple[str, str]]:
    found = plan.read_plan(*loaded(path), when, **options)
    return {item.event.event_id: (item.action, item.reason) for item in found.items}


@pytest.fixture
def asked(monkeypatch) -> list[str]:
    """Every symbol that a pass asks a source for; a source in `down` fails."""
    seen: list[str] = []

    class Watched:
        def __init__(self, real):
            self.real, self.name, self.version = real, real.name, real.version

        def fetch(self, symbol, *rest, **options):
            seen.append(symbol)
            return self.real.fetch(symbol, *rest, **options)

    monkeypatch.setattr(pull, "open_source", lambda *a: Watched(open_source(*a)))
    return seen


def test_what_is_finished_is_neither_pulled_nor_studied_nor_written(tmp_path, asked, monkeypatch):
    path = write_config(tmp_path)
    assert {action for action, _ in decisions(path).values()} == {"study"}
    run(path)
    assert decisions(path) == {"visit": ("keep", "finished"), "meeting": ("keep", "finished")}
    asked.clear()
    monkeypatch.setattr(study_step, "study_and_store", lambda *_: pytest.fail("was studied"))
    monkeypatch.setattr(nightly, "publish_event", lambda *_: pytest.fail("was written"))
    result = run(path)
    assert (asked, result.studied, result.exit_code) == ([], [], 0)
    assert result.outcomes == {"visit": ("ok", None), "meeting": ("ok", None)}


def test_a_new_event_costs_no_more_than_itself(tmp_path, asked):
    run(write_config(tmp_path))
    asked.clear()
    more = '  - {id: late, title: Late, announced_at: "2023-05-17T07:00Z", assets: [USDRUB, EURUSD]}\n'
    result = run(write_config(tmp_path, more=more))
    assert (sorted(asked), result.studied) == (["EURUSD", "USDRUB"], ["late"])


def test_a_window_that_is_not_complete_is_looked_at_until_it_is(tmp_path):
    path = write_config(tmp_path)
    at = dt.datetime(2023, 3, 20, 23, 30, tzinfo=dt.UTC)  # a session after the one of the visit
    run(path, now=lambda: at)
    assert decisions(path, at)["visit"] == ("study", "window not complete until 2023-03-31")
    before = dump(tmp_path / "es.db")
    run(path, now=lambda: at)
    assert dump(tmp_path / "es.db") == before
    later = at + dt.timedelta(days=30)
    assert decisions(path, later)["visit"] == ("study", "last look: the window ended 2023-03-31")
    run(path, now=lambda: later)
    assert decisions(path, later)["visit"] == ("keep", "finished")


@pytest.mark.parametrize(
    ("old", "new", "due"),
    [
        ("title: A visit,", "title: Another visit,", {"visit"}),
        ("title: the dollar in yuan", "title: yuan", {"visit", "meeting"}),
        ("USDRUB: {source: ecb}", "USDRUB: {source: ecb, title: roubles}", set()),
        ("windows: [[0, 0], [0, 1]]", "windows: [[0, 1]]", {"visit", "meeting"}),
        (
            "events:\n",
            'events:\n  - {id: fed, kind: context, title: Fed, announced_at: "2023-03-18T07:00Z"}\n',
            {"visit"},
        ),
        ("events:\n", 'events:\n  - {id: fed, kind: context, title: Fed, announced_at: "2012-03-18T07:00Z"}\n', set()),
    ],
    ids=["event", "asset", "other asset", "study", "context near", "context far"],
)
def test_settings_that_bear_on_an_event_make_it_due_and_others_do_not(tmp_path, old, new, due):
    run(write_config(tmp_path))
    path = write_config(tmp_path, (old, new))
    found = {e: why for e, (action, why) in decisions(path).items() if action == "study"}
    assert found == dict.fromkeys(due, "event, settings, context or versions changed")
    run(path)
    assert {action for action, _ in decisions(path).values()} == {"keep"}


@pytest.mark.parametrize(
    ("session", "is_due"), [("2023-03-17", True), ("2022-12-30", True), ("2010-01-05", False), ("2026-11-20", False)]
)
def test_a_revision_inside_the_reach_of_an_event_makes_it_due(tmp_path, monkeypatch, session, is_due):
    path = write_config(tmp_path)
    run(path)
    monkeypatch.setattr(nightly, "pull", lambda *_, **__: pull.Faults())  # the real source would take the revision back
    connection = sqlite3.connect(tmp_path / "es.db", isolation_level=None)
    revise(connection, "EURUSD", session)
    connection.close()
    found = decisions(path)
    assert found["meeting"] == ("keep", "finished")  # it rests on another symbol
    assert found["visit"] == (("study", "prices of EURUSD revised, or new") if is_due else ("keep", "finished"))
    result = run(path)
    assert (result.studied, result.results_written) == ((["visit"], 1) if is_due else ([], 0))
    assert decisions(path)["visit"] == ("keep", "finished")


def revise(connection: sqlite3.Connection, symbol: str, session: str) -> None:
    """Another close of one session, as a later answer of the source."""
    connection.execute(
        "insert into snapshots (source, symbol, bar, asked_from, asked_to, fetched_at, row_count, new_rows, "
        "content_hash, currency, version, notes) select source, symbol, bar, asked_from, asked_to, "
        "'2026-11-20T23:00:00Z', 1, 1, '', currency, version, notes from snapshots where symbol = ? limit 1",
        (symbol,),
    )
    connection.execute(
        "insert into bar_versions (series_id, label, snapshot_id, session, instant, close, dividend) "
        "select series_id, cast(strftime('%s', :session) as integer), last_insert_rowid(), "
        "cast(strftime('%s', :session) as integer) / 86400, cast(strftime('%s', :session || ' 13:15') as integer), "
        "2.5, 0 "
        "from series where symbol = :symbol",
        {"symbol": symbol, "session": session},
    )


def test_a_revision_that_a_killed_pass_saw_is_not_forgotten(tmp_path, monkeypatch):
    path = write_config(tmp_path)
    run(path)
    connection = sqlite3.connect(tmp_path / "es.db", isolation_level=None)
    revise(connection, "EURUSD", "2023-03-17")
    connection.close()
    monkeypatch.setattr(nightly, "pull", lambda *_, **__: pull.Faults())
    with monkeypatch.context() as patch:
        patch.setattr(nightly.Pass, "study", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            run(path)
    assert decisions(path)["visit"] == ("study", "prices of EURUSD revised, or new")
    assert run(path).results_written == 1


def test_recent_events_are_pulled_again_for_revisions(tmp_path, asked):
    path = write_config(tmp_path, ("schedule:", "revisions: {days: 3}\nschedule:"))
    run(path)
    settled = dt.datetime(2023, 3, 17, 7, tzinfo=dt.UTC) + dt.timedelta(days=15)
    asked.clear()
    run(path, now=lambda: settled)
    assert sorted(asked) == ["EURUSD", "USDCNY"]
    asked.clear()
    run(path, now=lambda: settled + dt.timedelta(days=4))
    assert asked == []


# --- failures --------------------------------------------------------------------------------------------------------


def test_a_failed_attempt_backs_off_is_counted_and_gives_up(tmp_path, monkeypatch):
    path = write_config(tmp_path, ("schedule:", "retry: {attempts: 2, first: 15m}\nschedule:"))
    with monkeypatch.context() as patch:
        patch.setattr(
            pull,
            "open_source",
            lambda *a: Down(open_source(*a), lambda s: SourceDown("no route", source="ecb", symbol=s), {"EURUSD"}),
        )
        run(path)
        action, why = decisions(path)["visit"]
        assert action == "wait"
        assert why.startswith("attempt 2 of 2 not before 2026-11-20T23:4")
        before = dump(tmp_path / "es.db")
        result = run(path)  # `partial`, as the first pass left it; nobody asks the source again, and all is not well
        assert (result.exit_code, result.studied) == (3, [])
        assert result.troubles == [f"visit: EURUSD from ecb: no route; {why}"]
        assert dump(tmp_path / "es.db") == before
        hour = NOW + dt.timedelta(hours=1)
        assert decisions(path, hour)["visit"] == ("study", "attempt 2 of 2 is due")
        assert run(path, now=lambda: hour).exit_code == 3
    assert decisions(path, hour)["visit"][1].startswith("given up after 2 attempts")
    found = rows(
        tmp_path / "es.db",
        "select outcome, failures, reason from attempts where event_id = 'visit' order by attempt_id desc",
    )
    assert found == [("failed", 2, "EURUSD from ecb: no route"), ("failed", 1, "EURUSD from ecb: no route")]
    status = json.loads(eventstudy("status", "--config", path, "--json").out)
    assert [(one["event_id"], one["gave_up"]) for one in status["retrying"]] == [("visit", 1)]
    assert "retry      visit: 2 failed, given up: EURUSD" in eventstudy("status", "--config", path).out
    assert run(path, now=lambda: hour, only=["visit"]).outcomes["visit"] == ("ok", None)
    assert rows(tmp_path / "es.db", "select * from retry_queue") == []
    assert decisions(path, hour)["visit"] == ("keep", "finished")


def test_what_cannot_be_studied_waits_for_a_change_and_is_not_tried_again(tmp_path):
    path = write_config(tmp_path, more='  - {id: old, title: O, announced_at: "1990-03-17T07:00Z", assets: [USDCNY]}\n')
    assert run(path).outcomes["old"][0] == "skipped"
    assert rows(tmp_path / "es.db", "select * from retry_queue") == []
    assert decisions(path)["old"] == ("keep", "finished")
    assert run(path).exit_code == 3  # it is still there, and still without a result


def test_every_attempt_has_what_it_rested_on(tmp_path):
    run(write_config(tmp_path))
    found = rows(tmp_path / "es.db", "select event_id, outcome, results_written, input_hash, trigger from attempts")
    assert sorted(row[:3] for row in found) == [("meeting", "ok", 1), ("visit", "ok", 1)]
    assert all(len(row[3]) == 64 and row[4] == "test" for row in found)


def test_an_event_that_breaks_every_time_is_tried_at_most_so_often(tmp_path, monkeypatch):
    monkeypatch.setattr("jobs.study_step.study_events", lambda *_: 1 / 0)
    path = write_config(tmp_path, ("schedule:", "retry: {attempts: 3}\nschedule:"))
    looks = [len(run(path, now=lambda d=d: NOW + dt.timedelta(days=d)).studied) for d in range(6)]
    assert looks == [2, 2, 2, 0, 0, 0]


# --- pages -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["visit.html", "index.html"])
def test_a_page_that_is_gone_is_written_again_with_the_same_bytes_and_no_other_is(tmp_path, monkeypatch, name):
    path = write_config(tmp_path)
    run(path)
    page = tmp_path / "reports" / name
    before = page.read_bytes()
    page.unlink()
    written = []
    put = publish.put
    monkeypatch.setattr(publish, "put", lambda path, text, **how: written.append(path.name) or put(path, text, **how))
    run(path)
    assert page.read_bytes() == before
    # the feed of verdicts comes with the index
    assert [done for done in written if not done.startswith(("digest", "feed"))] == [name]


def test_the_index_from_what_the_pages_say_is_the_index_from_the_results(tmp_path):
    path = write_config(tmp_path, more=FRESH)
    run(path)
    index = (tmp_path / "reports" / "index.html").read_bytes()
    connection = sqlite3.connect(tmp_path / "es.db", isolation_level=None)
    connection.execute("update event_states set answer = null")
    connection.close()
    publish.publish_index(tmp_path / "es.db", tmp_path / "reports")
    assert (tmp_path / "reports" / "index.html").read_bytes() == index


# --- the command, and older databases --------------------------------------------------------------------------------


def test_a_dry_run_says_why_and_what_it_costs_and_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("eventstudy.cli.run.utc_now", lambda: NOW)
    monkeypatch.setattr(common, "utc_now", lambda: NOW)
    path = write_config(tmp_path, more=FRESH)
    run(path)
    answer(tmp_path / "es.db", "runs")  # a reader leaves an empty log, and where readers meet
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir() if p.is_file() and p.suffix != ".db-shm"}
    assert before["es.db-wal"] == b""
    done = eventstudy("run", "--config", path, "--dry-run", "--json")
    found = json.loads(done.out)
    assert found["schema"] == "eventstudy.plan/2"
    assert found["cost"] | {"pages": 0} == {
        "symbols": 1, "study": 1, "wait": 0, "keep": 2, "pages": 0, "events_to_store": 0, "captures": 0
    }  # fmt: skip
    assert {e["event_id"]: e["reason"] for e in found["events"]}["fresh"] == "window not complete until 2026-11-30"
    told = eventstudy("run", "--config", path, "--dry-run").out
    assert "1 to study, 0 wait, 2 left alone; symbols to pull: 1" in told
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir() if p.is_file() and p.suffix != ".db-shm"} == before
