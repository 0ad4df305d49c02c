"""One scheduled pass: what it reads, and what it says."""

from __future__ import annotations

import contextlib
import logging
import threading

from eventstudy.store import ledger
from jobs import nightly, scheduler
from tests.support.command import eventstudy
from tests.support.feeds import drop
from tests.support.passes import rows, write_config


def test_what_went_wrong_is_in_the_log(tmp_path, monkeypatch, caplog):
    result = nightly.PassResult(status="partial", exit_code=3, troubles=["USDCNY from ecb: down"])
    result.outcomes = {"a": ("failed", "no good"), "b": ("ok", None), "c": ("pending", "not announced yet")}
    monkeypatch.setattr(nightly, "run", lambda *_, **__: result)
    with caplog.at_level(logging.INFO):
        scheduler.one_pass(write_config(tmp_path), threading.Event(), None, tmp_path / "es.db")
    assert [record.getMessage() for record in caplog.records] == [
        "USDCNY from ecb: down",
        "a: failed: no good",
        "pass finished: partial, 0 results written, exit code 3",
    ]


def test_events_added_while_it_runs_are_in_the_next_pass(tmp_path):
    (tmp_path / "drop").mkdir()
    feed = f"feeds:\n  - {{id: inbox, kind: folder, path: {tmp_path}/drop, assets: [USDCNY]}}\nschedule:"
    path = write_config(tmp_path, ("schedule:", feed))
    stop = threading.Event()
    assert scheduler.one_pass(path, stop, None, tmp_path / "es.db")[1]
    drop(tmp_path / "drop", "a.csv", "id,title,announced_at\ndropped,D,2022-05-04T07:00Z\nbad,B,soon\n")
    passing = contextlib.ExitStack()  # a pass may be running: adding waits for its end
    passing.enter_context(ledger.lock(tmp_path / "es.db"))
    threading.Timer(0.3, passing.close).start()
    done = eventstudy(
        *("events", "add", "By hand", "--id", "by-hand", "--at", "2022-05-04T07:00Z", "--asset", "USDCNY"),
        *("--config", path),
    )
    assert done.code == 0
    assert scheduler.one_pass(path, stop, None, tmp_path / "es.db")[1]
    found = rows(tmp_path / "es.db", "select event_id, origin, status from events where kind <> 'context' order by 1")
    assert found == [
        ("by-hand", "added", "ok"),
        ("dropped", "inbox", "ok"),
        ("meeting", "config", "ok"),
        ("visit", "config", "ok"),
    ]
