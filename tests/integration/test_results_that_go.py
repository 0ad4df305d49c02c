"""Results that stand no longer are never gone in silence: moved, called off, taken out, and changed twice in a day."""

from __future__ import annotations

import contextlib
import datetime as dt
from pathlib import Path

import pytest

from eventstudy.config.load import load_config
from eventstudy.database import reading
from eventstudy.report.digest.night import digest_of_day
from eventstudy.report.digest.text import digest_text
from eventstudy.store.sync import gather
from jobs import nightly
from tests.support.command import eventstudy
from tests.support.passes import NOW, rows, run, write_config

DAY = dt.timedelta(days=1)
HEAD = "id,title,announced_at,assets,kind,status\n"
ONE = "one,One,2022-03-01T07:00Z,USDCNY,,\n"


@pytest.fixture
def desk(tmp_path):
    """Write the feed, and run one night."""
    feed = tmp_path / "desk.csv"
    path = write_config(tmp_path, ("schedule:", f"feeds: [{{id: desk, kind: csv, path: {feed}}}]\nschedule:"))

    def night(n: float, *entries: str) -> nightly.PassResult:
        feed.write_text(HEAD + "".join(entries))
        config, now = load_config(path, environ={}), NOW + n * DAY
        gathered = gather(config, now, file=path.name)
        return nightly.run(config, gathered.events, now=lambda: now, trigger="test", gathered=gathered)

    night(0, ONE)
    return night


def digest(folder: Path) -> str:
    with contextlib.closing(reading.connect(folder / "es.db")) as connection:
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
    said = digest(tmp_path)
    assert "STILL WITHOUT" not in said
    assert said.startswith("Event studies, 22 November 2026: nothing new studied, 1 announcement taken out Pass 2")
    page = (tmp_path / "reports" / "two.html").read_text("utf-8")
    assert "Nothing can be said: it was retired before it was studied." in page
    assert "Time of the announcement: 1 March 2030" in page


def test_an_announcement_that_its_feed_lost_says_so_on_its_page(tmp_path, desk):
    desk(1)
    assert "no longer have it since 21 November 2026" in (tmp_path / "reports" / "one.html").read_text("utf-8")
    assert "no longer have it since 21 November 2026" in (tmp_path / "reports" / "index.html").read_text("utf-8")


def test_a_verdict_that_went_and_came_back_on_one_day_did_not_change(tmp_path, desk):
    desk(0.5, ONE.replace("2022-03-01", "2031-03-01"))
    assert "2 verdicts changed" in digest(tmp_path)
    desk(0.75, ONE)
    assert rows(tmp_path / "es.db", "select old_verdict, new_verdict from verdict_changes order by run_id") == [
        *[("none", "not computable")] * 2,
        *[("not computable", "none")] * 2,
    ]
    assert "changed" not in digest(tmp_path)


def test_of_several_changes_of_a_verdict_on_one_day_the_first_is_held_against_the_last(tmp_path, desk):
    desk(0.25, ONE.replace("2022-03-01T07:00Z,USDCNY", "2022-03-02T07:00Z,EURUSD"))
    desk(0.5, ONE.replace("2022-03-01T07:00Z,USDCNY", "2022-11-10T14:00Z,EURUSD"))
    desk(0.75, ONE.replace("2022-03-01T07:00Z,USDCNY", "2031-11-10T14:00Z,EURUSD"))
    changes = "select old_verdict, new_verdict from verdict_changes where (asset, window_end) = ('EURUSD', 0)"
    assert rows(tmp_path / "es.db", changes) == [("none", "strong"), ("strong", "not computable")]
    said = digest(tmp_path)
    assert said.count("The euro against the US dollar, sessions [0, 0]") == 1
    assert "The euro against the US dollar, sessions [0, 0]: was no detectable reaction" in said


# --- by hand, between passes ------------------------------------------------------------------------------------------


@pytest.fixture
def by_hand(tmp_path, clock):
    """Run a command a number of days after the first pass."""
    path = write_config(tmp_path)

    def command(days: float, *words: str, code: int = 0) -> None:
        clock(NOW + days * DAY)
        assert eventstudy(*words, "--config", path).code == code

    command(0, "events", "add", "One", "--id", "one", "--at", "2022-03-01T07:00Z", "--asset", "USDCNY")
    command(0, "run")
    return command


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (("--at", "2031-03-01T07:00Z"), "the announcement moved to a time that is still to come"),
        (("--kind", "context"), "it became a scheduled release, which is not studied"),
    ],
)
def test_results_that_an_edit_takes_go_with_the_next_pass_which_tells(tmp_path, by_hand, edit, why):
    by_hand(0.5, "events", "edit", "one", *edit)
    by_hand(1, "run")
    assert rows(tmp_path / "es.db", "select count(*) from analyses where event_id = 'one'") == [(0,)]
    assert rows(tmp_path / "es.db", CHANGES) == GONE
    assert f"Because {why}." in digest(tmp_path)


def test_an_edit_that_is_taken_back_before_the_next_pass_takes_nothing(tmp_path, by_hand):
    before = rows(tmp_path / "es.db", "select * from analyses")
    by_hand(0.3, "events", "edit", "one", "--at", "2031-03-01T07:00Z")
    by_hand(0.6, "events", "edit", "one", "--at", "2022-03-01T07:00Z")
    by_hand(1, "run")
    assert rows(tmp_path / "es.db", "select * from analyses") == before
    assert rows(tmp_path / "es.db", "select status from events where event_id = 'one'") == [("ok",)]


@pytest.mark.parametrize("edit", [("--at", "2031-03-01T07:00Z"), ("--kind", "context")])
def test_results_that_an_edit_takes_go_though_no_pass_has_the_event_any_more(tmp_path, by_hand, edit):
    by_hand(0.3, "events", "edit", "one", *edit)
    by_hand(0.6, "events", "retire", "one")
    by_hand(1, "run")
    assert rows(tmp_path / "es.db", "select count(*) from analyses where event_id = 'one'") == [(0,)]
    assert rows(tmp_path / "es.db", CHANGES) == GONE
    page = tmp_path / "reports" / "one.html"
    assert page.exists() == (edit[0] == "--at")
    assert not page.exists() or "No detectable reaction" not in page.read_text("utf-8")
    before = (tmp_path / "es.db").read_bytes()
    by_hand(2, "run")
    assert (tmp_path / "es.db").read_bytes() == before


def test_a_page_that_is_not_of_an_event_is_left_alone(tmp_path, by_hand):
    (tmp_path / "reports" / "fomc.html").write_text("mine")
    by_hand(1, "events", "add", "FOMC", "--id", "fomc", "--at", "2022-03-16T18:00Z", "--kind", "context")
    by_hand(1, "run")
    assert (tmp_path / "reports" / "fomc.html").read_text() == "mine"


def test_one_that_is_taken_back_waits_for_what_it_waits_for(tmp_path, by_hand):
    by_hand(0.1, "events", "edit", "one", "--at", "2031-03-01T07:00Z")
    by_hand(0.2, "run")
    by_hand(0.3, "events", "retire", "one")
    by_hand(0.4, "events", "retire", "one", "--undo")
    assert rows(tmp_path / "es.db", "select status, reason from events where event_id = 'one'") == [
        ("pending", "not announced yet")
    ]


def test_an_event_that_is_retired_between_passes_is_told_of_by_the_next(tmp_path, by_hand):
    by_hand(0.5, "events", "retire", "one", "--reason", "a rumour")
    by_hand(1, "run")
    assert "CALLED OFF, or taken out * One: a rumour" in digest(tmp_path)
    page = tmp_path / "reports" / "one.html"
    assert "On 21 November 2026 it was taken out of the passes: a rumour." in page.read_text("utf-8")
    page.unlink()
    by_hand(2, "run")
    assert page.exists()
    before = (tmp_path / "es.db").read_bytes()
    by_hand(3, "run")
    assert (tmp_path / "es.db").read_bytes() == before


def test_a_retirement_is_told_once_by_a_pass_over_all_events(tmp_path, by_hand):
    by_hand(0.5, "events", "retire", "one")
    for _ in range(2):
        by_hand(0.6, "run", "--event", "visit")
    assert rows(tmp_path / "es.db", "select count(*) from runs") == [(1,)]
    (tmp_path / "reports" / "one.html").unlink()
    (tmp_path / "reports" / "one.html").mkdir()  # a page that cannot be written tells nobody again
    for day in (1, 2, 3):
        by_hand(day, "run", code=3)
    assert rows(tmp_path / "es.db", "select event_id from notices where kind = 'retired'") == [("one",)]
    assert rows(tmp_path / "es.db", "select count(*) from runs") == [(2,)]


def test_what_a_killed_pass_took_is_in_the_digest_of_the_next_day(tmp_path, by_hand, monkeypatch):
    by_hand(0.5, "events", "edit", "one", "--at", "2031-03-01T07:00Z")
    by_hand(0.6, "events", "retire", "meeting")

    class Killed(BaseException):
        pass

    def kill(*_, **__):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(nightly, "pull", kill)
        with pytest.raises(Killed):
            run(tmp_path / "config.yaml", now=lambda: NOW + DAY)
    by_hand(2, "run")
    said = digest(tmp_path)
    assert said.startswith("Event studies, 22 November 2026: nothing new studied, 2 verdicts changed, 1 announcement")
    assert "* A meeting: retired by hand" in said
    assert "2 verdicts changed" in (tmp_path / "reports" / "digest-2026-11-22.html").read_text("utf-8")


def test_results_of_a_study_or_a_window_that_the_settings_lose_are_changed_verdicts(tmp_path):
    spec = "model: constant-mean, returns: simple, estimation: [-60, -11], event_window: [-2, 2], windows: [[0, 0]]"
    other = f"  - {{id: other, {spec}}}\nevents:\n"
    path = write_config(tmp_path, ("events:\n", other))
    run(path)
    path.write_text(path.read_text("utf-8").replace(other, "events:\n"))
    run(path, now=lambda: NOW + DAY)
    said = digest(tmp_path)
    assert "3 verdicts changed" in said
    assert said.count("Because the study was taken out of the settings.") == 3
    path.write_text(path.read_text("utf-8").replace("[[0, 0], [0, 1]]", "[[0, 0]]"))
    run(path, now=lambda: NOW + 2 * DAY)
    assert digest(tmp_path).count("Because the window was taken out of the study.") == 3


# --- passes of one day ------------------------------------------------------------------------------------------------


def test_a_pass_that_was_stopped_is_not_told_as_the_end_once_the_next_made_it_good(tmp_path):
    path = write_config(tmp_path)

    def all_is_studied() -> bool:
        return rows(tmp_path / "es.db", "select count(distinct event_id) from analyses") == [(2,)]

    run(path, stop=all_is_studied)
    assert "Pass 1, 20 November 2026, 23:30 to 23:30 UTC: it was stopped before its end" in digest(tmp_path)
    run(path, now=lambda: NOW + dt.timedelta(minutes=5))
    assert "1 pass stopped before the end, with others after; all went well." in digest(tmp_path)
    before = (tmp_path / "es.db").read_bytes()
    run(path, now=lambda: NOW + DAY)
    assert (tmp_path / "es.db").read_bytes() == before
