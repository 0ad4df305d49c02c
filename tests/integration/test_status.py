"""`eventstudy status`: what a monitor and a person see after good passes, bad ones, and none."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3

import pytest

from eventstudy.errors import SourceDown
from eventstudy.prices.ecb import EcbSource
from eventstudy.store import heartbeat as heartbeats
from eventstudy.store import ledger
from jobs import pull
from tests.support.command import eventstudy
from tests.support.passes import NOW, Down, run, unsettle, write_config

HOUR = dt.timedelta(hours=1)


def status(path, *options):
    done = eventstudy("status", "--config", path, "--json", *options)
    return done.code, json.loads(done.out)


def test_a_scheduler_is_seen_by_whatever_link_the_database_is_named(tmp_path):
    real, link = tmp_path / "es.db", tmp_path / "link" / "prices.db"
    link.parent.mkdir()
    link.symlink_to(real)
    for database in (real, link):
        heartbeats.announce(database, NOW)
        assert heartbeats.next_pass(database) is None
    with ledger.lock(link, "schedule"):
        assert (heartbeats.next_pass(real), heartbeats.next_pass(link)) == (NOW, NOW)


def test_a_database_behind_a_link_has_one_heartbeat_and_cut_to_nothing_it_is_no_new_start(tmp_path):
    real, link = tmp_path / "es.db", tmp_path / "link.db"
    link.symlink_to(real)
    run(write_config(tmp_path, (f"{tmp_path}/es.db", str(link))))
    real.write_bytes(b"")
    for named in (real, link):
        done = eventstudy("run", "--config", write_config(tmp_path, (f"{tmp_path}/es.db", str(named))))
        assert done.code == 1
        assert "restore" in done.err
        assert real.read_bytes() == b""


def test_after_a_good_pass(tmp_path, clock):
    path = write_config(tmp_path)
    run(path)
    clock(NOW + 5 * HOUR)
    code, found = status(path)
    assert code == 0
    assert found["schema"] == "eventstudy.status/1"
    assert found["last_pass"] == found["last_good"] == "2026-11-20T23:30:00Z"
    assert (found["last_status"], found["last_exit_code"], found["age_seconds"]) == ("ok", 0, 5 * 3600)
    assert found["counts"] == {"ok": 2, "partial": 0, "skipped": 0, "failed": 0, "pending": 0}
    assert (found["failing"], found["waiting"], found["next_pass"], found["is_stale"]) == ([], [], None, None)
    assert found["last_change"]["trigger"] == "test"


@pytest.mark.parametrize(("age", "span", "code"), [(26, "26h", 0), (27, "26h", 1), (47, "2d", 0), (1, "59m", 1)])
def test_the_age_that_a_monitor_allows(tmp_path, clock, age, span, code):
    path = write_config(tmp_path)
    run(path)
    clock(NOW + age * HOUR)
    assert status(path, "--max-age", span)[0] == code


def test_a_pass_from_the_future_is_no_good_sign(tmp_path, clock):
    path = write_config(tmp_path)
    run(path)
    clock(NOW - HOUR)
    done = eventstudy("status", "--config", path, "--max-age", "26h")
    assert done.code == 1
    assert "in the future" in done.out


@pytest.mark.parametrize("span", ["26", "h", "-1h", "1w", "", "1e3h", "26 h"])
def test_a_span_that_is_none_is_wrong_usage(tmp_path, span):
    done = eventstudy("status", "--config", write_config(tmp_path), f"--max-age={span}")
    assert (done.code, done.out) == (2, "")
    assert "26h" in done.err


def test_a_later_pass_that_failed_leaves_the_last_good_one(tmp_path, clock, monkeypatch):
    path = write_config(tmp_path)
    run(path)
    real = EcbSource()
    monkeypatch.setattr(
        pull,
        "open_source",
        lambda *_: Down(real, lambda symbol: SourceDown("no route", source="ecb", symbol=symbol)),
    )
    clock(NOW + 30 * HOUR)
    unsettle(tmp_path / "es.db")
    assert run(path, now=lambda: NOW + 24 * HOUR, is_full=True).exit_code == 5
    code, found = status(path, "--max-age", "26h")
    assert (code, found["last_pass"], found["last_good"]) == (1, "2026-11-21T23:30:00Z", "2026-11-20T23:30:00Z")
    assert found["last_exit_code"] == 5


@pytest.mark.parametrize("options", [{"only": ["visit"]}, {"stop": lambda: True}], ids=["one event", "interrupted"])
def test_a_pass_over_a_part_is_not_a_good_pass(tmp_path, clock, options):
    path = write_config(tmp_path)
    run(path, **options)
    code, found = status(path, "--max-age", "26h")
    assert (code, found["last_pass"], found["last_good"]) == (1, "2026-11-20T23:30:00Z", None)


def test_failing_and_waiting_events_have_their_reasons(tmp_path, clock):
    more = (
        (
            '  - {{id: later, title: Later, announced_at: "2027-01-15T07:00Z", assets: [USDCNY]}}\n'
            '  - {{id: gone, title: Gone, announced_at: "2023-03-17T07:00Z", assets: [USDRUB]}}\n'
            '  - {{id: release, title: Release, kind: context, announced_at: "2023-03-17T07:00Z"}}\n'
        )
        .replace("{{", "{")
        .replace("}}", "}")
    )
    path = write_config(tmp_path, more=more)
    run(path)
    _, found = status(path)
    assert [(e["event_id"], e["status"]) for e in found["failing"]] == [("gone", "skipped")]
    assert "USDRUB" in found["failing"][0]["reason"]
    assert [(e["event_id"], e["reason"]) for e in found["waiting"]] == [("later", "not announced yet")]
    text = eventstudy("status", "--config", path).out
    assert "skipped    gone: " in text
    assert "pending    later: not announced yet" in text
    assert "release" not in text


def test_the_next_pass_is_known_while_a_schedule_runs(tmp_path, clock):
    path = write_config(tmp_path)
    run(path)
    database = tmp_path / "es.db"
    heartbeats.announce(database, NOW + 24 * HOUR)
    assert status(path)[1]["next_pass"] is None  # left behind by a scheduler that was killed
    with ledger.lock(database, "schedule"):
        assert status(path)[1]["next_pass"] == "2026-11-21T23:30:00Z"


def test_no_database_and_a_damaged_heartbeat_are_one_line(tmp_path, clock):
    path = write_config(tmp_path)
    done = eventstudy("status", "--config", path)
    assert (done.code, done.out) == (1, "")
    assert "eventstudy run" in done.err
    run(path)
    (tmp_path / "es.db.heartbeat.json").write_text('{"finished_at": 7}')
    done = eventstudy("status", "--config", path)
    assert (done.code, done.out, len(done.err.splitlines())) == (1, "", 1)
    assert "no heartbeat" in done.err
    run(path)
    assert status(path)[0] == 0


def test_what_an_event_says_cannot_steer_the_terminal(tmp_path, clock):
    path = write_config(tmp_path)
    run(path)
    connection = sqlite3.connect(tmp_path / "es.db")
    connection.execute("update events set status = 'failed', reason = '\x1b[31mred' where event_id = 'visit'")
    connection.commit()
    connection.close()
    assert "\x1b" not in eventstudy("status", "--config", path).out
