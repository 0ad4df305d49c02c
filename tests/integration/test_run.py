"""The pass as a whole: nothing twice, nothing lost, and one bad event, source or page never stops the others."""

from __future__ import annotations

import datetime as dt
import json
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from eventstudy.errors import LockHeld, RateLimited, SourceDown, UnknownSymbol
from eventstudy.prices import open_source
from eventstudy.store import ledger, write
from eventstudy.study import event as study_event_module
from jobs import nightly, pull, study_step
from tests.support import passes
from tests.support.command import eventstudy
from tests.support.passes import Down, dump, pages, results, rows, run, write_config

EXTRA = '  - {{id: {}, title: {}, announced_at: "{}", assets: [{}]}}\n'


def later() -> dt.datetime:
    """When every retry is due, and nothing else has changed."""
    return passes.NOW + dt.timedelta(days=2)


def outcome(database: Path) -> dict[str, tuple[str, str | None]]:
    return {row[0]: row[1:] for row in rows(database, "select event_id, status, reason from events")}


# --- the same run twice ----------------------------------------------------------------------------------------------


def test_the_same_run_twice_changes_nothing(tmp_path):
    path = write_config(tmp_path)
    first = run(path)
    before, files = dump(tmp_path / "es.db"), pages(tmp_path / "reports")
    time.sleep(0.01)  # a rewritten page would show another time
    with subprocess.Popen([sys.executable, "-c", ""]) as dead:  # killed while it wrote a page
        dead.wait()
    for folder in ("reports", "reports/collections", "reports/assets", "reports/index"):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / f".a.html.{dead.pid}-{dead.pid}.tmp").write_bytes(b"half")
    second = run(path, now=lambda: passes.NOW.replace(hour=23, minute=45))
    assert (first.results_written, second.results_written) == (2, 0)
    assert dump(tmp_path / "es.db") == before
    assert pages(tmp_path / "reports") == files
    assert not list(tmp_path.glob("**/*.tmp"))


def test_a_changed_title_is_studied_again_and_nothing_else_is(tmp_path):
    run(write_config(tmp_path))
    again = run(write_config(tmp_path, ("title: A visit,", "title: Another visit,")))
    assert again.results_written == 1
    assert "Another visit" in (tmp_path / "reports" / "visit.html").read_text("utf-8")


def test_a_study_that_was_renamed_leaves_nothing_of_the_old_one_in_the_way(tmp_path):
    run(write_config(tmp_path))
    run(write_config(tmp_path, ("id: total", "id: whole")))
    database = tmp_path / "es.db"
    assert rows(database, "select distinct study from reactions") == [("whole",)]
    assert rows(database, "select study_id from studies order by position limit 1") == [("whole",)]


def test_an_event_that_became_context_loses_its_results(tmp_path):
    run(write_config(tmp_path))
    run(write_config(tmp_path, ("title: A meeting,", "title: A meeting, kind: context,")))
    database = tmp_path / "es.db"
    assert rows(database, "select count(*) from analyses where event_id = 'meeting'") == [(0,)]
    assert outcome(database)["meeting"] == ("context", None)
    run(write_config(tmp_path))
    assert outcome(database)["meeting"] == ("ok", None)


# --- a bad event among good ones -------------------------------------------------------------------------------------


def test_an_event_before_all_prices_does_not_stop_the_others(tmp_path):
    more = EXTRA.format("old", "An old one", "1990-03-17T07:00Z", "USDCNY")
    more += EXTRA.format("roman", "A very old one", "1802-03-17T07:00Z", "EURUSD")
    result = run(write_config(tmp_path, more=more))
    assert result.exit_code == 3
    found = outcome(tmp_path / "es.db")
    assert found["visit"] == found["meeting"] == ("ok", None)
    for event_id in ("old", "roman"):
        status, reason = found[event_id]
        assert status == "skipped"
        assert reason
        assert event_id in (tmp_path / "reports" / "index.html").read_text("utf-8")
    assert found["old"][1] in rows(tmp_path / "es.db", "select reason from run_steps where subject = 'old'")[0]
    assert "the first price in the archive is of 2022-02-25" in found["old"][1]


def test_an_event_that_raises_does_not_stop_the_others_and_recovers(tmp_path, monkeypatch):
    path = write_config(tmp_path)
    real = study_step.study_events

    def broken(requests):
        if any(request.event.event_id == "visit" for request in requests):
            raise ZeroDivisionError("made by the test")
        return real(requests)

    with monkeypatch.context() as patch:
        patch.setattr(study_step, "study_events", broken)
        result = run(path)
    assert (result.exit_code, result.status) == (3, "partial")
    database = tmp_path / "es.db"
    assert outcome(database) == {
        "visit": ("failed", "ZeroDivisionError: made by the test"),
        "meeting": ("ok", None),
    }
    assert rows(database, "select step, subject, status, reason from run_steps where status <> 'ok'") == [
        ("study", "visit", "failed", "ZeroDivisionError: made by the test")
    ]
    assert rows(database, "select status, events_ok, events_failed from runs") == [("partial", 1, 1)]
    assert "made by the test" in (tmp_path / "reports" / "index.html").read_text("utf-8")
    assert run(path, now=later).exit_code == 0
    assert outcome(database)["visit"] == ("ok", None)


def test_a_fit_that_two_computations_disagree_on_is_stored_of_no_event(tmp_path, monkeypatch):
    real = study_event_module.estimate

    def off(sample, spec, kernel):
        fit = real(sample, spec, kernel)
        fit.s2[-1] *= 1 + 1e-6
        return fit

    path = write_config(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(study_event_module, "estimate", off)
        assert run(path).exit_code == 3
    found = outcome(tmp_path / "es.db")
    (wrong,) = (event for event, (status, _) in found.items() if status == "failed")
    assert "two computations of the residual variance disagree" in found[wrong][1]
    assert wrong in found[wrong][1]
    assert rows(tmp_path / "es.db", "select count(*) from analyses where event_id = ?", wrong) == [(0,)]
    assert rows(tmp_path / "es.db", "select count(distinct event_id) from analyses") == [(len(found) - 1,)]
    assert run(path, now=later).exit_code == 0


def test_an_event_that_failed_once_is_not_failed_for_ever(tmp_path, monkeypatch):
    """Its results were up to date all along: only the outcome has to come back."""
    path = write_config(tmp_path)
    run(path)
    before = results(tmp_path / "es.db")
    with monkeypatch.context() as patch:
        patch.setattr(study_step, "inputs_of", lambda *_: 1 / 0)
        assert run(path, is_full=True).exit_code == 3
    assert outcome(tmp_path / "es.db")["visit"][0] == "failed"
    assert run(path, now=later).exit_code == 0
    assert results(tmp_path / "es.db") == before


@pytest.mark.parametrize("times", [1, 2])
def test_a_write_that_fails_leaves_a_ledger_in_order(tmp_path, monkeypatch, times):
    """The row of the run is rolled back with the first results; the second time even its outcome is no news."""
    path = write_config(tmp_path)
    monkeypatch.setattr(study_step.write, "put_results", lambda *_, **__: 1 / 0)
    for _ in range(times):
        result = run(path)
    assert (result.exit_code, result.status) == (3, "failed")
    assert passes.faults(tmp_path / "es.db") == []
    assert rows(tmp_path / "es.db", "select status from runs") == [("failed",)]


@pytest.mark.parametrize("event_id", ["meeting", "visit"])
def test_an_event_that_fails_after_it_was_written_leaves_no_more_than_one_that_fails_before(
    tmp_path, monkeypatch, event_id
):
    """Both stand in one unit of work; the one is the first of it, the other the last."""
    left = {}
    for place in ("forget_missing", "outcome_of"):
        real = getattr(write, place)

        def fail(connection, given, *args, real=real, **kwargs):
            if given == event_id:
                raise RuntimeError("broken")
            return real(connection, given, *args, **kwargs)

        folder = tmp_path / "made anew"
        folder.mkdir()
        with monkeypatch.context() as patch:
            patch.setattr(write, place, fail)
            assert run(write_config(folder)).outcomes[event_id] == ("failed", "RuntimeError: broken")
        with closing(sqlite3.connect(folder / "es.db", isolation_level=None)) as connection:
            connection.execute("update event_attempts set seconds = 0")
            connection.execute("delete from _sqlite_migrations")  # which say when the file was made
        left[place] = dump(folder / "es.db")
        shutil.rmtree(folder)
    assert left["outcome_of"] == left["forget_missing"]


def test_a_page_that_cannot_be_made_does_not_stop_the_others(tmp_path, monkeypatch):
    real = nightly.publish_event

    def broken(connection, reports, event_id, **options):
        if event_id == "meeting":
            raise RuntimeError("no ink")
        return real(connection, reports, event_id, **options)

    monkeypatch.setattr(nightly, "publish_event", broken)
    result = run(write_config(tmp_path))
    assert result.exit_code == 3
    assert set(result.pages) == {"visit", ""}
    assert result.troubles == ["the page of meeting: RuntimeError: no ink"]
    assert rows(tmp_path / "es.db", "select subject, reason from run_steps where step = 'report'") == [
        ("meeting", "RuntimeError: no ink")
    ]


def test_reports_that_cannot_be_written_are_told_and_the_results_stay(tmp_path):
    (tmp_path / "reports").write_text("a file in the way")
    result = run(write_config(tmp_path))
    assert result.exit_code == 3
    assert "results are stored, the index of all pages is not" in " ".join(result.troubles)
    assert json.loads((tmp_path / "es.db.heartbeat.json").read_text("utf-8"))["exit_code"] == 3
    assert outcome(tmp_path / "es.db")["visit"] == ("ok", None)
    assert passes.faults(tmp_path / "es.db") == []


def test_an_event_to_come_waits(tmp_path):
    more = EXTRA.format("later", "A later one", "2031-03-17T07:00Z", "USDCNY")
    result = run(write_config(tmp_path, more=more))
    assert result.exit_code == 0
    assert result.outcomes["later"] == ("pending", "not announced yet")


def test_an_event_without_a_price_yet_waits_and_after_a_while_is_skipped(tmp_path):
    more = EXTRA.format("fresh", "A fresh one", "2026-11-16T07:00Z", "USDCNY")
    path = write_config(tmp_path, more=more)
    assert run(path).exit_code == 0
    assert outcome(tmp_path / "es.db")["fresh"][0] == "pending"
    later = passes.NOW.replace(month=12)
    assert run(path, now=lambda: later).exit_code == 3
    assert outcome(tmp_path / "es.db")["fresh"][0] == "skipped"


# --- sources ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def source(monkeypatch):
    """Replace the source of the pull by one that fails as told; returns how to tell it."""

    def fails(error, symbols=None):
        def opened(name, settings, now):
            return Down(open_source(name, settings, now), error, symbols)

        monkeypatch.setattr(pull, "open_source", opened)

    return fails


def down(symbol):
    return SourceDown("no route to host", source="ecb", symbol=symbol)


def test_a_source_that_is_down_from_the_start_is_exit_code_5_and_no_result(tmp_path, source):
    source(down)
    result = run(write_config(tmp_path))
    assert (result.exit_code, result.status) == (5, "failed")
    database = tmp_path / "es.db"
    assert rows(database, "select count(*) from analyses where status = 'ok'") == [(0,)]
    assert rows(database, "select distinct verdict from reactions") == [("not computable",)]
    assert "no route to host" in outcome(database)["visit"][1]
    assert ("pull", "ecb:USDCNY", "failed", "USDCNY from ecb: no route to host") in rows(
        database, "select step, subject, status, reason from run_steps"
    )
    assert "no route to host" in (tmp_path / "reports" / "index.html").read_text("utf-8")


def test_results_stay_while_their_source_is_down_and_the_ledger_names_it(tmp_path, source):
    path = write_config(tmp_path)
    run(path)
    before, files = results(tmp_path / "es.db"), pages(tmp_path / "reports")
    source(down)
    passes.unsettle(tmp_path / "es.db")
    result = run(path, is_full=True)
    assert (result.exit_code, result.status) == (5, "partial")
    assert results(tmp_path / "es.db") == before
    assert result.troubles[0].endswith("no route to host")
    assert rows(tmp_path / "es.db", "select status from runs order by run_id") == [("ok",), ("partial",)]
    after = pages(tmp_path / "reports")
    for name in ("index.html", "digest.html", "digest-2026-11-20.html"):  # these name the last run
        assert after.pop(name) != files.pop(name)
    assert after == files


def test_one_symbol_that_is_refused_costs_its_own_result_only(tmp_path, source):
    source(lambda s: RateLimited("slow down", source="ecb", symbol=s), {"EURUSD"})
    result = run(write_config(tmp_path))
    assert result.exit_code == 3
    assert outcome(tmp_path / "es.db")["meeting"] == ("ok", None)
    status, reason = outcome(tmp_path / "es.db")["visit"]
    assert (status, reason) == ("partial", "EURUSD from ecb: slow down")


def test_a_source_that_recovers_gives_what_it_would_have_given(tmp_path, source, monkeypatch):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    path = write_config(tmp_path / "a")
    source(down, {"EURUSD"})
    run(path)
    monkeypatch.undo()
    assert run(path, now=later).exit_code == 0
    run(write_config(tmp_path / "b"))
    assert results(tmp_path / "a" / "es.db") == results(tmp_path / "b" / "es.db")


def test_a_symbol_that_will_never_exist_does_not_hold_up_its_event(tmp_path, source):
    """First its neighbour has no price either; once it has, the event must be studied though the fault remains."""
    path = write_config(tmp_path)
    source(down)
    run(path)
    source(lambda s: UnknownSymbol("never heard of it", source="ecb", symbol=s), {"EURUSD"})
    assert run(path, now=later).exit_code == 0
    assert outcome(tmp_path / "es.db")["visit"] == ("partial", "EURUSD from ecb: never heard of it")


def test_a_source_that_stumbles_is_a_fault_of_the_source(tmp_path, source):
    source(lambda _: KeyError("currency"), {"EURUSD"})
    result = run(write_config(tmp_path))
    assert result.exit_code == 3
    assert result.troubles == ["EURUSD from ecb: KeyError: 'currency'"]
    assert outcome(tmp_path / "es.db")["meeting"] == ("ok", None)


def test_prices_that_cannot_be_are_kept_and_not_used(tmp_path, monkeypatch):
    import dataclasses

    def opened(name, settings, now):
        real = open_source(name, settings, now)
        liar = Down(real, down, set())
        fetch = liar.fetch
        liar.fetch = lambda *a: (
            dataclasses.replace(fetch(*a), close=-fetch(*a).close) if a[0] == "EURUSD" else fetch(*a)
        )
        return liar

    monkeypatch.setattr(pull, "open_source", opened)
    result = run(write_config(tmp_path))
    assert result.exit_code == 0
    assert rows(tmp_path / "es.db", "select max(close) < 0 from bars where symbol = 'EURUSD'") == [(1,)]
    status, reason = outcome(tmp_path / "es.db")["visit"]
    assert status == "partial"
    assert "EURUSD" in reason
    assert outcome(tmp_path / "es.db")["meeting"] == ("ok", None)


# --- stopping, and two at once ---------------------------------------------------------------------------------------


def test_a_pass_that_is_asked_to_stop_finishes_the_event_at_hand(tmp_path):
    path = write_config(tmp_path)
    seen = []
    result = run(path, talk=seen.append, stop=lambda: any("meeting" in text for text in seen))
    assert (result.status, result.exit_code, list(result.outcomes)) == ("interrupted", 3, ["meeting"])
    assert rows(tmp_path / "es.db", "select status from runs") == [("interrupted",)]
    assert (
        outcome(tmp_path / "es.db")["visit"] == ("pending", "not studied yet")
        or outcome(tmp_path / "es.db")["visit"][0] == "pending"
    )
    assert run(path).results_written == 1


def test_two_runs_at_once_the_second_is_refused_at_once(tmp_path):
    path = write_config(tmp_path)
    with ledger.lock(tmp_path / "es.db"):
        began = time.monotonic()
        done = subprocess.run(
            [sys.executable, "-m", "eventstudy", "run", "--config", str(path)],
            capture_output=True,
            text=True,
            cwd=Path(__file__).parents[2],
            check=False,
            timeout=60,
        )
        assert done.returncode == 4
        assert time.monotonic() - began < 30
        assert done.stderr.startswith("Error: another run is active")
        assert len(done.stderr.splitlines()) == 1
        with pytest.raises(LockHeld):
            run(path)
    assert run(path).exit_code == 0


def test_a_dry_run_touches_nothing(tmp_path):
    path = write_config(tmp_path)
    done = eventstudy("run", "--config", path, "--dry-run")
    assert done.code == 0
    assert [line.split()[0] for line in done.out.splitlines()[2:4]] == ["meeting", "visit"]
    assert "2 to study, 0 wait, 0 left alone; symbols to pull: 2" in done.out
    assert [p.name for p in tmp_path.iterdir()] == ["config.yaml"]


def test_the_heartbeat_is_written_last(tmp_path):
    run(write_config(tmp_path))
    beat = json.loads((tmp_path / "es.db.heartbeat.json").read_text("utf-8"))
    assert beat == {
        "finished_at": "2026-11-20T23:30:00Z",
        "status": "ok",
        "exit_code": 0,
        "events": {"ok": 2, "skipped": 0, "failed": 0},
        "last_good": "2026-11-20T23:30:00Z",
        "last_whole": "2026-11-20T23:30:00Z",
        "reason": None,
        "troubles": [],
        "single_troubles": [],
        "notified": None,
        "checked_at": "2026-11-20T23:30:00Z",
    }
