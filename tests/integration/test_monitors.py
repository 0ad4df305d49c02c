"""What nobody may be left in the dark about: silent sources, damage, copies that fail, passes that could not begin."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import sqlite3
import threading

import numpy as np
import pytest

from eventstudy.cli import common
from eventstudy.config_file import load_config
from eventstudy.errors import Damaged, SourceDown
from eventstudy.feeds import gather
from eventstudy.prices.ecb import EcbSource
from eventstudy.store import beside
from jobs import nightly, pull, scheduler
from tests.support.command import eventstudy
from tests.support.passes import NOW, rows, run, write_config
from tests.support.series import weekdays

DAY = dt.timedelta(days=1)


@pytest.fixture
def clock(monkeypatch):
    """Set the time that commands see."""

    def set_to(moment: dt.datetime) -> None:
        monkeypatch.setattr(common, "utc_now", lambda: moment)
        monkeypatch.setattr("eventstudy.cli.run.utc_now", lambda: moment)

    set_to(NOW)
    return set_to


def beat(folder) -> beside.Heartbeat:
    found = beside.heartbeat(folder / "es.db")
    assert found is not None
    return found


# --- a source that has nothing newer, and says nothing of it ----------------------------------------------------------


@pytest.fixture
def market(tmp_path):
    """Two shares in files, both with prices to the end of March 2023, or as far as they are cut to."""
    days = weekdays("2022-10-03", 128)
    closes = 100.0 * np.exp(np.cumsum(np.random.default_rng(5).normal(0, 0.01, (128, 2)), axis=0))
    (tmp_path / "prices").mkdir()

    def write(**ends: str) -> None:
        for j, name in enumerate(("AAA", "BBB")):
            last = np.datetime64(ends.get(name, "2023-03-29"))
            lines = [f"{day},{price!r}" for day, price in zip(days, closes[:, j].tolist(), strict=True) if day <= last]
            (tmp_path / "prices" / f"{name}.csv").write_text("\n".join(["date,close", *lines]) + "\n")

    write()
    return write


def files_config(folder):
    return write_config(
        folder,
        ("  ecb: {kind: ecb}", f"  ecb: {{kind: files, path: {folder}/prices, shape: long}}"),
        ("  EURUSD: {source: ecb}\n  USDCNY: {source: ecb, title: the dollar in yuan}\n  USDRUB: {source: ecb}\n",
         "  AAA: {source: ecb}\n  BBB: {source: ecb}\n"),
        ("assets: [USDCNY, EURUSD]", "assets: [AAA, BBB]"),
        ('  - {id: meeting, title: A meeting, announced_at: "2022-09-15T07:00Z", assets: [USDCNY]}\n', ""),
    )  # fmt: skip


def test_a_source_that_goes_silent_inside_a_window_is_a_failure_that_is_tried_again(tmp_path, market, clock):
    path = files_config(tmp_path)
    market(AAA="2023-03-20")  # a day after the announcement, with a window of two
    at = dt.datetime(2023, 3, 24, 23, 30, tzinfo=dt.UTC)
    assert run(path, now=lambda: at).exit_code == 0  # it may be late
    over = dt.datetime(2023, 4, 12, 23, 30, tzinfo=dt.UTC)
    result = run(path, now=lambda: over)
    said = "prices of AAA end on 2023-03-20, before the windows do"
    assert (result.exit_code, result.status, result.troubles) == (3, "partial", [f"visit: {said}"])
    assert rows(tmp_path / "es.db", "select reason from retry_queue") == [(said,)]
    clock(over)
    assert said in eventstudy("status", "--config", path).out
    assert "prices of AAA end on 20 March 2023" in eventstudy("digest", "--config", path).out
    market()
    result = run(path, now=lambda: over + DAY)
    assert (result.exit_code, result.studied) == (0, ["visit"])
    assert rows(tmp_path / "es.db", "select count(*) from retry_queue") == [(0,)]
    assert rows(tmp_path / "es.db", "select asset, max(tau) from daily join analyses using (analysis_id) group by 1") \
        == [("AAA", 2), ("BBB", 2)]  # fmt: skip
    assert run(path, now=lambda: over + 2 * DAY, is_full=False).studied == []


def test_an_answer_that_ends_before_what_is_known_is_a_fault_and_loses_nothing(tmp_path, market):
    path = files_config(tmp_path)
    at = dt.datetime(2023, 3, 29, 23, 30, tzinfo=dt.UTC)
    run(path, now=lambda: at)
    bars = "select count(*) from bars where symbol = 'AAA'"
    before = rows(tmp_path / "es.db", bars)
    market(AAA="2023-03-20")
    # a file speaks of no day after its last one, so the source is told to speak of all
    config = load_config(path, environ={})

    class Lying:
        name, version = "ecb", "1"

        def __init__(self, real):
            self.real, self.facts = real, real.facts

        def fetch(self, *given):
            import dataclasses

            return dataclasses.replace(self.real.fetch(*given), reach=(None, None))

    real = pull.open_source
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pull, "open_source", lambda *a: Lying(real(*a)))
        result = nightly.run(config, gather(config, at, file="c").events, now=lambda: at + DAY, trigger="test")
    assert result.exit_code == 3
    assert "it ends on 2023-03-20 now, where it held 6 bars after that before" in " ".join(result.troubles)
    assert rows(tmp_path / "es.db", bars) == before


# --- a source that is down is remembered until it answers -------------------------------------------------------------


def test_code_5_stays_until_the_source_answers(tmp_path, monkeypatch, market):
    path = write_config(
        tmp_path,
        (
            "  ecb: {kind: ecb}\n",
            f"  ecb: {{kind: ecb}}\n  desk: {{kind: files, path: {tmp_path}/prices, shape: long}}\n",
        ),
        ("  EURUSD: {source: ecb}", "  EURUSD: {source: ecb}\n  AAA: {source: desk}"),
        ("assets: [USDCNY]}", "assets: [AAA]}"),
        ("2022-09-15T07:00Z", "2023-03-20T07:00Z"),
    )
    real = EcbSource.fetch

    def down(self, symbol, *_, **__):
        raise SourceDown("no route to host", source="ecb", symbol=symbol)

    monkeypatch.setattr(EcbSource, "fetch", down)
    minute = dt.timedelta(minutes=1)
    assert run(path, now=lambda: NOW).exit_code == 5
    assert run(path, now=lambda: NOW + minute, only=["meeting"]).exit_code == 0
    result = run(path, now=lambda: NOW + 2 * minute)  # nothing is due: the retry is to come
    assert (result.exit_code, result.status) == (5, "partial")
    # another source is asked, and answers: that says nothing of the one that was down
    path.write_text(path.read_text().replace("2023-03-20T07:00Z", "2023-03-21T07:00Z"))
    result = run(path, now=lambda: NOW + 3 * minute)
    assert ("meeting" in result.studied, result.exit_code, beat(tmp_path).last_good) == (True, 5, None)
    assert any(trouble.startswith("down when it was last asked") for trouble in result.troubles)
    monkeypatch.setattr(EcbSource, "fetch", real)
    assert run(path, now=lambda: NOW + DAY).exit_code == 0
    assert beat(tmp_path).last_good == NOW + DAY
    assert rows(tmp_path / "es.db", "select value from marks where name = 'down'") == [("[]",)]


# --- copies, word to somebody -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("when", "told"), [("failures", 3), ("changes", 1)])
def test_a_copy_that_fails_is_told_of_and_written_down(tmp_path, when, told):
    (tmp_path / "copies").write_text("a file in the way")
    tell = tmp_path / "tell"
    path = write_config(
        tmp_path,
        ("schedule:", f"backups: {{folder: {tmp_path}/copies, keep: 2}}\nschedule:"),
        ("schedule:", f"notify: {{command: [sh, -c, 'cat >> {tell}'], when: {when}}}\nschedule:"),
    )
    for night in range(3):
        assert run(path, now=lambda at=NOW + night * DAY: at).exit_code == 3
    assert tell.read_text().count("no backup was made") == told
    assert rows(tmp_path / "es.db", "select step from run_steps where status = 'failed'") == [("backup",)]
    assert "no backup was made" in eventstudy("status", "--config", path).out


# --- damage ----------------------------------------------------------------------------------------------------------


def damaged(database) -> None:
    """Write over every page of the tests, which no pass reads in full."""
    with contextlib.closing(sqlite3.connect(database)) as connection:
        pages = [n for (n,) in connection.execute("select pageno from dbstat where name = 'tests'")] \
            if _has_dbstat(connection) else [connection.execute(
                "select rootpage from sqlite_schema where name = 'tests'").fetchone()[0]]  # fmt: skip
        (size,) = connection.execute("pragma page_size").fetchone()
    with database.open("r+b") as file:
        for page in pages:
            file.seek((page - 1) * size)
            file.write(b"\xa5" * size)


def _has_dbstat(connection) -> bool:
    try:
        connection.execute("select 1 from dbstat limit 1")
    except sqlite3.OperationalError:
        return False
    return True


def test_damage_that_a_pass_meets_makes_it_a_failed_one(tmp_path, clock):
    path = write_config(tmp_path)
    run(path)
    damaged(tmp_path / "es.db")
    (tmp_path / "reports" / "visit.html").unlink()  # so that a page is made of what is damaged
    clock(NOW + DAY)
    done = eventstudy("run", "--config", path)
    assert (done.code, "eventstudy restore" in done.err) == (1, True)
    found = beat(tmp_path)
    assert (found.status, found.exit_code, found.last_good) == ("failed", 1, NOW)
    assert "Damaged" in (found.reason or "")
    assert eventstudy("status", "--config", path, "--max-age", "1h").code == 1
    assert eventstudy("doctor", "--config", path).code == 1


def test_every_page_is_looked_at_once_a_week_by_passes_without_news_too(tmp_path, clock):
    path = write_config(tmp_path)
    run(path)
    damaged(tmp_path / "es.db")
    clock(NOW + DAY)
    assert eventstudy("run", "--config", path).code == 0  # looked at yesterday
    clock(NOW + 7 * DAY)
    done = eventstudy("run", "--config", path)
    assert (done.code, "is damaged" in done.err) == (1, True)
    assert beat(tmp_path).last_good == NOW + DAY


def test_a_database_that_is_sound_is_looked_at_and_that_is_noted(tmp_path):
    path = write_config(tmp_path)
    run(path)
    run(path, now=lambda: NOW + DAY)
    assert beat(tmp_path).checked_at == NOW
    run(path, now=lambda: NOW + 8 * DAY)
    assert beat(tmp_path).checked_at == NOW + 8 * DAY
    run(path, now=lambda: NOW)  # a clock that went back
    assert beat(tmp_path).checked_at == NOW


# --- passes that could not begin -------------------------------------------------------------------------------------


def test_a_scheduled_pass_with_broken_settings_leaves_a_trace(tmp_path):
    path = write_config(tmp_path)
    run(path)
    path.write_text(path.read_text() + "nonsense: 1\n")
    assert scheduler.one_pass(path, threading.Event(), database=tmp_path / "es.db") == (None, False)
    found = beat(tmp_path)
    assert (found.status, found.exit_code, found.last_good) == ("failed", 1, NOW)
    assert "nonsense" in (found.reason or "")


def test_a_database_that_another_program_holds_leaves_a_trace(tmp_path, monkeypatch):
    path = write_config(tmp_path)
    run(path)
    monkeypatch.setattr("eventstudy.store.database.BUSY_SECONDS", 0.1)
    with contextlib.closing(sqlite3.connect(tmp_path / "es.db", isolation_level=None)) as holder:
        holder.execute("begin exclusive")
        assert eventstudy("run", "--config", path).code == 1
    assert "another program holds it" in (beat(tmp_path).reason or "")


def test_a_dry_run_refuses_what_a_run_refuses(tmp_path):
    path = write_config(tmp_path)
    run(path)
    whole = (tmp_path / "es.db").read_bytes()
    (tmp_path / "es.db").write_bytes(b"nonsense " * 1000)
    assert eventstudy("run", "--config", path, "--dry-run").code == 1
    (tmp_path / "es.db").unlink()
    done = eventstudy("run", "--config", path, "--dry-run")
    assert (done.code, "is gone, though" in done.err) == (1, True)
    (tmp_path / "es.db").write_bytes(whole)
    assert eventstudy("run", "--config", path, "--dry-run").code == 0


# --- what is no failure ----------------------------------------------------------------------------------------------


def test_a_mistake_in_a_feed_while_all_events_wait_is_no_failed_pass(tmp_path):
    feed = tmp_path / "desk.csv"
    feed.write_text("id,title,announced_at,assets\none,One,2030-01-01T07:00Z,EURUSD\ntwo,Two,2026-13-01,EURUSD\n")
    path = write_config(tmp_path, ("schedule:", f"feeds: [{{id: desk, kind: csv, path: {feed}}}]\nschedule:"))
    text = path.read_text()
    path.write_text(text[: text.index("events:")] + "events: []\n" + text[text.index("feeds:") :])
    config = load_config(path, environ={})
    gathered = gather(config, NOW, file=path.name)
    result = nightly.run(config, gathered.events, now=lambda: NOW, trigger="test", gathered=gathered)
    assert (result.exit_code, result.status, beat(tmp_path).last_good) == (3, "partial", NOW)


def test_an_event_that_a_clock_ahead_called_skipped_waits_again(tmp_path):
    path = write_config(tmp_path, ("2022-09-15T07:00Z", "2027-03-01T07:00Z"))
    assert run(path).exit_code == 0
    assert run(path, now=lambda: dt.datetime(2027, 5, 1, tzinfo=dt.UTC)).exit_code == 3
    result = run(path, now=lambda: NOW + DAY)
    assert (result.exit_code, result.outcomes["meeting"]) == (0, ("pending", "not announced yet"))
    assert rows(tmp_path / "es.db", "select status, reason from events where event_id = 'meeting'") == [
        ("pending", "not announced yet")
    ]


def test_pages_that_a_stopped_pass_leaves_are_made_by_the_next(tmp_path):
    path = write_config(tmp_path)

    def all_is_studied() -> bool:
        return rows(tmp_path / "es.db", "select count(distinct event_id) from analyses") == [(2,)]

    result = run(path, stop=all_is_studied)
    assert (result.status, sorted(result.studied)) == ("interrupted", ["meeting", "visit"])
    assert not (tmp_path / "reports" / "meeting.html").exists()
    assert run(path, now=lambda: NOW + DAY).exit_code == 0
    assert (tmp_path / "reports" / "meeting.html").exists()
    assert (tmp_path / "reports" / "visit.html").exists()


def test_damage_is_never_taken_for_the_fault_of_an_event(tmp_path, monkeypatch):
    path = write_config(tmp_path)

    def corrupt(*_):
        raise Damaged("es.db: database disk image is malformed")

    monkeypatch.setattr("jobs.unit.study_event", corrupt)
    with pytest.raises(Damaged):
        run(path)
    assert json.loads((tmp_path / "es.db.heartbeat.json").read_text())["status"] == "failed"
