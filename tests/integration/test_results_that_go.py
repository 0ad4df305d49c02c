"""Results that stand no longer are never gone in silence: moved, called off, taken out, and changed twice in a day."""

from __future__ import annotations

import contextlib
import datetime as dt
import sqlite3
from pathlib import Path

import pytest

from eventstudy.config_file import load_config
from eventstudy.feeds import gather
from eventstudy.report.digest import digest_of_day
from eventstudy.report.digest_text import digest_text
from eventstudy.store import read
from jobs import nightly
from tests.support.passes import NOW, rows, write_config

DAY = dt.timedelta(days=1)
HEAD = "id,title,announced_at,assets,kind,status\n"
ONE = "one,One,2022-03-01T07:00Z,USDCNY,,\n"


@pytest.fixture
def desk(tmp_path):
    """Write the feed, and run one night."""
    feed = tmp_path / "desk.csv"
    path = write_config(tmp_path, ("schedule:", f"feeds: [{{id: desk, kind: csv, path: {feed}}}]\nschedule:"))

    def night(n: int, *entries: str) -> nightly.PassResult:
        feed.write_text(HEAD + "".join(entries))
        config, now = load_config(path, environ={}), NOW + n * DAY
        gathered = gather(config, now, file=path.name)
        return nightly.run(config, gathered.events, now=lambda: now, trigger="test", gathered=gathered)

    night(0, ONE)
    return night


def digest(folder: Path) -> str:
    with contextlib.closing(read.connect(folder / "es.db")) as connection:
        found = digest_of_day(connection)
    assert found is not None
    return " ".join(digest_text(found).split())


CHANGES = "select event_id, asset, new_verdict from verdict_changes order by window_end"
GONE = [("one", "USDCNY", "not computable")] * 2  # two windows


def test_a_result_whose_announcement_moves_into_the_future_is_a_changed_verdict(tmp_path, desk):
    result = desk(1, ONE.replace("2022-03-01", "2031-03-01"))
    assert result.exit_code == 0
    assert rows(tmp_path / "es.db", "select count(*) from analyses where event_id = 'one'") == [(0,)]
    assert rows(tmp_path / "es.db", CHANGES) == GONE
    said = digest(tmp_path)
    assert "2 verdicts changed" in said
    assert "Because the announcement moved to a time that is still to come." in said
    assert "No detectable reaction" not in (tmp_path / "reports" / "one.html").read_text("utf-8")


def test_a_result_whose_announcement_becomes_context_goes_with_its_page(tmp_path, desk):
    assert (tmp_path / "reports" / "one.html").exists()
    desk(1, ONE.replace("USDCNY,,", "USDCNY,context,"))
    assert rows(tmp_path / "es.db", CHANGES) == GONE
    assert "Because it became a scheduled release, which is not studied." in digest(tmp_path)
    assert not (tmp_path / "reports" / "one.html").exists()
    assert 'href="one.html"' not in (tmp_path / "reports" / "index.html").read_text("utf-8")


def test_an_asset_that_is_taken_out_is_told_with_the_true_cause(tmp_path, desk):
    desk(1, ONE.replace("USDCNY", "EURUSD|USDCNY"))
    desk(2, ONE.replace("USDCNY", "EURUSD"))
    assert "Because the asset was taken out of the announcement." in digest(tmp_path)


def test_an_announcement_that_is_called_off_is_marked_wherever_its_result_stands(tmp_path, desk):
    desk(1, ONE.replace(",,\n", ",,cancelled\n"))
    told = "On 21 November 2026 it was called off by desk (desk.csv:2)."
    for name in ("one", "index"):
        assert told in (tmp_path / "reports" / f"{name}.html").read_text("utf-8")
    assert "CALLED OFF, or taken out * One: called off by desk" in digest(tmp_path)
    assert rows(tmp_path / "es.db", "select count(*) from analyses where event_id = 'one'") != [(0,)]
    before = (tmp_path / "es.db").read_bytes()
    desk(2, ONE.replace(",,\n", ",,cancelled\n"))
    assert (tmp_path / "es.db").read_bytes() == before  # no news
    desk(3, ONE)
    for name in ("one", "index"):
        assert "called off" not in (tmp_path / "reports" / f"{name}.html").read_text("utf-8")


def test_what_was_called_off_before_it_came_is_not_still_without_a_result(tmp_path, desk):
    later = "two,Two,2030-03-01T07:00Z,USDCNY,,\n"
    desk(1, ONE, later)
    desk(2, ONE, later.replace(",,\n", ",,cancelled\n"))
    assert "STILL WITHOUT" not in digest(tmp_path)


def test_an_announcement_that_its_feed_lost_says_so_on_its_page(tmp_path, desk):
    desk(1)
    assert "no longer have it since 21 November 2026" in (tmp_path / "reports" / "one.html").read_text("utf-8")
    assert "no longer have it since 21 November 2026" in (tmp_path / "reports" / "index.html").read_text("utf-8")


def test_a_verdict_that_went_and_came_back_on_one_day_did_not_change(tmp_path, desk):
    desk(1, ONE.replace("One", "One again"))  # a second pass, made one of the same day
    database = tmp_path / "es.db"
    with contextlib.closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("update runs set started_at = '2026-11-21T00:00:00Z', finished_at = '2026-11-21T00:00:00Z'")
        columns = [row[1] for row in connection.execute("pragma table_info(verdict_changes)")]
        for run, old, new, window in ((1, "none", "strong", 0), (2, "strong", "none", 0), (1, "none", "weak", 1),
                                      (2, "weak", "strong", 1)):  # fmt: skip
            row = dict.fromkeys(columns) | {
                "run_id": run, "study_id": "total", "event_id": "one", "asset": "USDCNY", "window_start": 0,
                "window_end": window, "old_verdict": old, "new_verdict": new, "is_new_version": 0,
                "is_new_settings": 0, "is_new_inputs": 1,
            }  # fmt: skip
            marks = ", ".join("?" * len(row))
            connection.execute(f"insert into verdict_changes values ({marks})", tuple(row.values()))
    said = digest(tmp_path)
    assert "1 verdict changed" in said
    assert "sessions [0, 1]: was no detectable reaction, is now strong" in said
    assert "sessions [0, 0]" not in said


def test_passes_that_were_stopped_before_others_are_not_told_as_the_end(tmp_path, desk):
    desk(1, ONE.replace("One", "One again"))
    with contextlib.closing(sqlite3.connect(tmp_path / "es.db", isolation_level=None)) as connection:
        connection.execute("update runs set started_at = '2026-11-21T00:00:00Z'")
        connection.execute("update runs set status = 'interrupted' where run_id = 1")
    assert "1 pass stopped before the end, with others after; all went well." in digest(tmp_path)
