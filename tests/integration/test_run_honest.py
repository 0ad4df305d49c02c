"""A pass that cannot do its work says so wherever people and monitors look, and shows nothing that is not so."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import sqlite3
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from eventstudy.config.load import load_config
from eventstudy.errors import SourceDown, StoreError, UnknownSymbol
from eventstudy.prices import open_source
from eventstudy.store.sync import gather
from jobs import nightly, pull
from tests.support.command import eventstudy
from tests.support.passes import NOW, Down, rows, run, write_config


@pytest.fixture
def source(monkeypatch):
    """Put a source of the test's making, which is given the real one, in the place of the real one."""

    def replace(make: Callable[[Any], Any]) -> None:
        monkeypatch.setattr(pull, "open_source", lambda *a: make(open_source(*a)))

    return replace


def test_a_digest_that_cannot_be_written_is_a_trouble_of_the_pass(tmp_path):
    (tmp_path / "reports" / "digest.html").mkdir(parents=True)
    result = run(write_config(tmp_path))
    assert result.exit_code == 3
    assert any(trouble.startswith("the digest: ") for trouble in result.troubles)


def test_a_pass_that_breaks_off_says_so_in_the_heartbeat_and_keeps_what_was_good(tmp_path, monkeypatch):
    path = write_config(tmp_path)
    run(path)

    def full(*_, **__):
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(nightly.Pass, "study", full)
    with pytest.raises(StoreError):
        run(path, is_full=True, now=lambda: NOW + dt.timedelta(days=1))
    beat = json.loads((tmp_path / "es.db.heartbeat.json").read_text("utf-8"))
    assert (beat["status"], beat["exit_code"], beat["last_good"]) == ("failed", 1, "2026-11-20T23:30:00Z")
    assert "database or disk is full" in beat["reason"]
    assert "broke off  StoreError" in eventstudy("status", "--config", path).out
    monkeypatch.undo()
    run(path, now=lambda: NOW + dt.timedelta(days=2))
    assert json.loads((tmp_path / "es.db.heartbeat.json").read_text("utf-8"))["reason"] is None


@pytest.mark.parametrize("state", ["gone", "empty"])
def test_a_database_that_was_lost_is_never_replaced_by_a_new_one(tmp_path, state):
    path = write_config(tmp_path)
    run(path)
    assert eventstudy("backup", "--config", path).code == 0
    database = tmp_path / "es.db"
    database.unlink()
    if state == "empty":
        database.touch()
    done = eventstudy("run", "--config", path)
    assert (done.code, f"es.db is {state}" in done.err, "eventstudy restore" in done.err) == (1, True, True)
    assert database.exists() == (state == "empty")
    for command in ("status", "doctor", "events list", "events add A --at 2022-03-01T07:00Z --asset USDCNY"):
        done = eventstudy(*command.split(), "--config", path)
        assert (done.code, f"es.db is {state}" in done.out + done.err) == (1, True)
    assert eventstudy("restore", "--config", path).code == 0
    assert run(path).results_written == 0
    database.unlink()
    (tmp_path / "es.db.heartbeat.json").unlink()  # as the message says
    assert run(path).exit_code == 0


def test_a_mistake_in_a_feed_is_in_the_ledger_once(tmp_path):
    feed = tmp_path / "desk.csv"
    feed.write_text("id,title,announced_at,assets\ndesk,One,2021-05-05T07:00Z,EURUSD\n", "utf-8")
    path = write_config(tmp_path, ("schedule:", f"feeds: [{{id: desk, kind: csv, path: {feed}}}]\nschedule:"))

    def night(day):
        config = load_config(path, environ={})
        now = NOW + dt.timedelta(days=day)
        gathered = gather(config, now, file=path.name)
        return nightly.run(config, gathered.events, now=lambda: now, trigger="test", gathered=gathered).exit_code

    assert night(0) == 0
    feed.write_text(feed.read_text("utf-8") + "bad,Two,yesterday,EURUSD\n", "utf-8")
    assert [night(day) for day in (1, 2, 3)] == [3, 3, 3]
    noted = rows(tmp_path / "es.db", "select run_id, status, reason from run_steps where step = 'events'")
    assert len(noted) == 1
    assert "yesterday" in noted[0][2]


def test_a_partial_event_stands_in_status_with_its_reason(tmp_path):
    path = write_config(tmp_path, ("assets: [USDCNY, EURUSD]", "assets: [USDCNY, USDRUB]"))
    run(path)
    assert "partial    visit: USDRUB" in eventstudy("status", "--config", path).out


# --- faults of a source, and what is stored -----------------------------------------------------------------------


def reactions(database):
    return dict(rows(database, "select asset, day0 from reactions where event_id = 'visit' and is_primary group by 1"))


@pytest.mark.parametrize("error", [SourceDown, UnknownSymbol])
def test_a_moved_event_never_shows_results_of_its_former_time(tmp_path, source, error):
    run(write_config(tmp_path))
    assert reactions(tmp_path / "es.db") == {"USDCNY": "2023-03-17", "EURUSD": "2023-03-17"}
    path = write_config(tmp_path, ("2023-03-17T07:00Z", "2023-09-15T07:00Z"))
    source(lambda real: Down(real, lambda s: error("not today", source="ecb", symbol=s), {"EURUSD"}))
    run(path)
    assert reactions(tmp_path / "es.db").get("EURUSD") is None
    assert reactions(tmp_path / "es.db")["USDCNY"] == "2023-09-15"
    reason = rows(tmp_path / "es.db", "select reason from analyses where asset = 'EURUSD'")
    assert reason == [("EURUSD from ecb: not today",)]


def test_one_dead_symbol_does_not_hold_up_the_others(tmp_path, source):
    path = write_config(tmp_path)
    night = dt.datetime(2023, 3, 17, 23, 30, tzinfo=dt.UTC)
    run(path, now=lambda: night)
    counted = "select asset, count(*) from daily join analyses using (analysis_id) where event_id = 'visit' group by 1"
    before = dict(rows(tmp_path / "es.db", counted))
    source(lambda real: Down(real, lambda s: UnknownSymbol("delisted", source="ecb", symbol=s), {"EURUSD"}))
    run(path, now=lambda: night + dt.timedelta(days=12))
    sessions = "select asset, max(session) from daily join analyses using (analysis_id) where return is not null "
    last = dict(rows(tmp_path / "es.db", f"{sessions} and event_id = 'visit' group by 1"))
    assert last == {"USDCNY": "2023-03-21", "EURUSD": "2023-03-17"}
    assert before["EURUSD"] == before["USDCNY"]


def test_an_event_that_is_edited_after_a_pass_read_it_is_left_to_the_next(tmp_path):
    path = write_config(tmp_path)
    arguments = ("--at", "2023-06-16T07:00Z", "--asset", "USDCNY", "--config", path)
    assert eventstudy("events", "add", "By hand", *arguments, "--id", "by-hand").code == 0

    def night(*edit):
        config = load_config(path, environ={})
        gathered = gather(config, NOW, file=path.name)
        if edit:  # which waits once the pass has begun
            assert eventstudy("events", "edit", "by-hand", *edit, "--config", path).code == 0
        return nightly.run(config, gathered.events, now=lambda: NOW, trigger="test", gathered=gathered)

    night("--at", "2099-06-16T07:00Z")
    state = "select substr(announced_at, 1, 4), status from events where event_id = 'by-hand'"
    assert rows(tmp_path / "es.db", state) == [("2099", "pending")]
    night()
    assert rows(tmp_path / "es.db", state) == [("2099", "pending")]
    assert rows(tmp_path / "es.db", "select count(*) from analyses where event_id = 'by-hand'") == [(0,)]


def test_a_revision_of_the_event_day_is_seen_long_after_it(tmp_path, source, monkeypatch):
    path = write_config(tmp_path)
    night = dt.datetime(2023, 3, 31, 23, 30, tzinfo=dt.UTC)
    run(path, now=lambda: night)
    car = "select car from reactions where event_id = 'visit' and asset = 'USDCNY' and is_primary"
    before = rows(tmp_path / "es.db", car)

    class Revised(Down):
        def fetch(self, symbol, *rest, **options):
            found = self._real.fetch(symbol, *rest, **options)
            close = np.where(found.sessions == np.datetime64("2023-03-17"), found.close * 1.02, found.close)
            return dataclasses.replace(found, close=close)

    source(lambda real: Revised(real, None))
    run(path, now=lambda: night + dt.timedelta(days=1))
    assert rows(tmp_path / "es.db", car) != before


def test_a_source_that_was_down_is_not_good_while_nobody_has_asked_it_again(tmp_path, source):
    path = write_config(tmp_path)
    source(lambda real: Down(real, lambda s: SourceDown("no route", source="ecb", symbol=s)))
    assert run(path).exit_code == 5
    soon = run(path, now=lambda: NOW + dt.timedelta(minutes=14))  # the retry is not due yet
    assert (soon.exit_code, soon.studied) == (5, [])
    beat = json.loads((tmp_path / "es.db.heartbeat.json").read_text("utf-8"))
    assert beat["last_good"] is None
    source(lambda real: real)
    assert run(path, now=lambda: NOW + dt.timedelta(minutes=20)).exit_code == 0


def test_a_retry_that_was_written_down_under_a_clock_that_was_ahead_is_due(tmp_path, source):
    path = write_config(tmp_path)
    ahead = dt.datetime(2031, 1, 1, tzinfo=dt.UTC)
    source(lambda real: Down(real, lambda s: SourceDown("no route", source="ecb", symbol=s)))
    assert run(path, now=lambda: ahead).exit_code == 5
    source(lambda real: real)
    assert run(path).exit_code == 0
