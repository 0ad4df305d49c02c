"""Nights with the ECB's daily file over a network that is ill; and with the installed one, which ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command import eventstudy
from tests.support.ecb_server import FAULTS, Files, serving, text, zipped
from tests.support.passes import NOW, rows, run, write_config

FRESH = '  - {id: fresh, title: Fresh news, announced_at: "2026-11-19T20:00Z", assets: [EURUSD]}\n'


@pytest.fixture
def server() -> Iterator[Files]:
    yield from serving()


def live(folder: Path, server: Files) -> Path:
    address = f"  ecb: {{kind: ecb, live: true, url: '{server.url}', attempts: 1}}"
    return write_config(folder, ("  ecb: {kind: ecb}", address), more=FRESH)


def story(folder: Path, event_id: str) -> tuple[str, str | None]:
    [found] = rows(folder / "es.db", "select status, reason from events where event_id = ?", event_id)
    return found


@pytest.mark.parametrize(
    "kind", ["down", "html", "garbled archive", "old", "cut at its end", "a day lost", "newest rate lost"]
)
def test_an_answer_that_is_not_the_file_of_today_is_a_step_that_failed(tmp_path, server, kind, clock):
    server.answers = [(*FAULTS[kind], {})]
    path = live(tmp_path, server)
    result = run(path)
    assert result.exit_code == 5
    assert result.status == "partial"
    _, reason = story(tmp_path, "fresh")
    assert "EURUSD from ecb: " in reason
    assert "no price has been taken" not in reason
    assert story(tmp_path, "visit")[0] == "ok"  # what is installed answers for it
    assert rows(tmp_path / "es.db", "select count(*) from run_steps where step = 'pull' and status = 'failed'") == [
        (1,)
    ]
    assert rows(tmp_path / "es.db", "select count(*) from retry_queue where event_id = 'fresh'") == [(1,)]
    assert run(path).exit_code == 5  # the event waits still
    clock(NOW)
    assert reason.split(": ")[0] in eventstudy("digest", "--config", path).out
    server.answers = [(200, zipped(text()), {})]
    mended = run(path, now=lambda: NOW + dt.timedelta(hours=3))
    assert (mended.exit_code, story(tmp_path, "fresh")) == (0, ("ok", None))
    assert rows(tmp_path / "es.db", "select count(*) from notices where kind = 'failure' and ended_at is null") == [
        (0,)
    ]


def test_where_no_event_waits_for_it_the_step_failed_all_the_same(tmp_path, server):
    server.answers = [(*FAULTS["html"], {})]
    path = write_config(
        tmp_path, ("  ecb: {kind: ecb}", f"  ecb: {{kind: ecb, live: true, url: '{server.url}', attempts: 1}}")
    )
    result = run(path)
    assert (result.exit_code, result.counts) == (3, {"ok": 2, "skipped": 0, "failed": 0})
    wrong = f"{server.url} is not the ECB's daily file (it has no column Date, no column USD, or no row)"
    assert result.troubles == [f"ecb: {wrong}; the bundled history stood in, which ends on 2026-10-30"]


def test_installed_rates_that_have_ended_say_so_in_place_of_waiting_for_a_price(tmp_path):
    path = write_config(tmp_path, more=FRESH)
    reason = "EURUSD from ecb: the installed rates end on 30 October 2026; set live: true"
    assert (run(path).exit_code, story(tmp_path, "fresh")) == (0, ("pending", reason))
    assert story(tmp_path, "visit")[0] == "ok"
    assert run(path, now=lambda: NOW + dt.timedelta(days=12)).exit_code == 3
    assert story(tmp_path, "fresh") == ("skipped", reason)


def test_that_no_price_has_been_taken_is_said_while_it_is_true(tmp_path, server):
    server.answers = [(200, zipped(text()), {})]
    path = live(tmp_path, server)
    early = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)
    server.answers = [(200, zipped(text(dt.date(2026, 11, 19))), {})]
    result = run(path, now=lambda: early)
    status, reason = story(tmp_path, "fresh")
    assert (result.exit_code, status) == (0, "pending")
    assert "no price has been taken after the announcement yet; the last session is 2026-11-19" in reason
