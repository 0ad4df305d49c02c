"""The digest of a night: what it tells of real passes, as page, text and JSON."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json

import numpy as np
import pytest
from sqlite_utils import Database

from eventstudy.errors import SourceDown
from eventstudy.prices import open_source
from jobs import nightly, plan, pull
from tests.support.command import eventstudy
from tests.support.passes import NOW, Down, dump, loaded, pages, rows, run, write_config

# Just after the visit: prices of an event that is long over need not be asked for again.
NEAR = dt.datetime(2023, 3, 22, 23, 30, tzinfo=dt.UTC)
LATER = '  - {id: later, title: A later one, announced_at: "2031-03-17T07:00Z", assets: [USDCNY]}\n'
EVIL = '<script>alert(1)</script> "double" & </title>'


class Revising:
    """The real source, with the price of one symbol on one day as the vendor corrected it."""

    def __init__(self, real, symbol, day, factor):
        self.name, self.version = real.name, real.version
        self._real, self._symbol, self._day, self._factor = real, symbol, np.datetime64(day), factor

    def fetch(self, symbol, start, end):
        snapshot = self._real.fetch(symbol, start, end)
        if symbol != self._symbol:
            return snapshot
        close = np.where(snapshot.sessions == self._day, snapshot.close * self._factor, snapshot.close)
        return dataclasses.replace(snapshot, close=close)


@pytest.fixture
def revise(monkeypatch):
    def by(symbol, day, factor):
        monkeypatch.setattr(pull, "open_source", lambda *a: Revising(open_source(*a), symbol, day, factor))

    return by


def digest(path, *options):
    done = eventstudy("digest", "--config", path, "--json", *options)
    assert (done.code, done.err) == (0, "")
    return json.loads(done.out)


def page(path, name="digest"):
    return (path.parent / "reports" / f"{name}.html").read_text("utf-8")


def test_the_first_night_tells_of_every_announcement(tmp_path):
    path = write_config(tmp_path, more=LATER)
    run(path)
    found = digest(path)
    assert found["schema"] == "eventstudy.digest/1"
    assert (found["night"]["date"], found["night"]["run_ids"], found["night"]["status"]) == ("2026-11-20", [1], "ok")
    assert {told["event_id"] for told in found["reactions"]} == {"visit", "meeting"}
    assert found["studied"] == 2
    assert (found["changed"], found["revised"], found["failed"], found["without"]) == ([], [], [], [])
    assert [(line["event_id"], line["reason"]) for line in found["waiting"]] == [("later", "not announced yet")]
    # the reactions are those of the database, the clearest first
    sizes = [abs(told["t"]) for told in found["reactions"]]
    assert sizes == sorted(sizes, reverse=True)
    for told in found["reactions"]:
        stored = rows(tmp_path / "es.db", "select t from reactions where event_id = ? and is_primary", told["event_id"])
        assert (told["t"],) in stored


def test_the_page_has_two_names_and_the_index_leads_to_it(tmp_path):
    path = write_config(tmp_path, more=LATER)
    run(path)
    assert page(path) == page(path, "digest-2026-11-20")
    assert '<a href="digest.html">' in page(path, "index")
    assert '<a href="visit.html">A visit</a>' in page(path)
    assert "not announced yet" in page(path)


def test_the_text_is_what_a_mail_needs(tmp_path):
    path = write_config(tmp_path, more=LATER)
    run(path)
    done = eventstudy("digest", "--config", path)
    assert done.code == 0
    assert done.out.startswith("Event studies, 20 November 2026: 2 announcements studied")
    assert max(map(len, done.out.splitlines())) <= 78
    assert "WAITING\n* A later one: not announced yet" in done.out
    assert digest(path)["text"] == done.out


def test_a_revised_price_that_changes_a_verdict_is_told_with_both(tmp_path, revise):
    path = write_config(tmp_path)
    run(path, now=lambda: NEAR)
    (before,) = rows(
        tmp_path / "es.db",
        "select verdict, car from reactions where event_id = 'visit' and asset = 'USDCNY' and is_primary",
    )
    revise("USDCNY", "2023-03-17", 1.05)
    run(path, now=lambda: NEAR + dt.timedelta(days=1))
    found = digest(path)
    (change,) = [
        c
        for c in found["changed"]
        if c["window"] == "[0, 0]" and c["event_id"] == "visit" and c["old"] == before[0] and "yuan" in c["asset"]
    ]
    assert (change["new"], change["why"]) == ("strong", "its source revised prices")
    stored = rows(
        tmp_path / "es.db",
        "select run_id, old_verdict, new_verdict, old_car, is_new_version, is_new_settings, is_new_inputs "
        "from verdict_changes where event_id = 'visit' and asset = 'USDCNY' and window_end = 0",
    )
    assert stored == [(2, before[0], "strong", before[1], 0, 0, 1)]
    (line,) = found["revised"]
    assert line["title"] == "USDCNY from ecb"
    assert "17 March 2023 became" in line["reason"]
    assert "+5.00" in line["reason"]
    assert found["night"]["date"] == "2023-03-23"
    assert "Verdicts that changed" in page(path)
    assert "its source revised prices" in page(path)
    assert page(path, "digest-2023-03-22") != page(path)  # the night before keeps its page


def test_prices_that_a_source_multiplied_without_a_reason_are_told(tmp_path, monkeypatch):
    path = write_config(tmp_path)
    run(path, now=lambda: NEAR)

    class Multiplying(Revising):
        def fetch(self, symbol, start, end):
            snapshot = self._real.fetch(symbol, start, end)
            factor = np.where(snapshot.sessions < self._day, self._factor, 1.0) if symbol == self._symbol else 1.0
            return dataclasses.replace(snapshot, close=snapshot.close * factor)

    monkeypatch.setattr(pull, "open_source", lambda *a: Multiplying(open_source(*a), "USDCNY", "2023-03-17", 0.926))
    run(path, now=lambda: NEAR + dt.timedelta(days=1))
    found = digest(path)
    (line,) = found["revised"]
    assert line["title"] == "USDCNY from ecb"
    assert "to 16 March 2023 were multiplied by 0.926: no split or dividend explains it" in line["reason"]
    assert {c["why"] for c in found["changed"] if "yuan" in c["asset"]} == {"its source revised prices"}


def test_settings_that_change_a_verdict_are_named(tmp_path):
    path = write_config(tmp_path, ("USDCNY, EURUSD]", "USDCNY]"))
    run(path)
    verdicts = rows(tmp_path / "es.db", "select distinct verdict from reactions")
    # a window of 20 days before leaves too few placebo days and other standard errors
    write_config(
        tmp_path,
        ("USDCNY, EURUSD]", "USDCNY]"),
        ("windows: [[0, 0], [0, 1]]", "windows: [[0, 0], [0, 1]]\n    alpha: 0.9"),
    )
    run(path)
    found = digest(path)
    assert found["changed"], verdicts
    assert {change["why"] for change in found["changed"]} == {"its settings changed"}


def test_a_first_verdict_is_no_change_and_a_night_without_news_leaves_the_page(tmp_path):
    path = write_config(tmp_path)
    run(path)
    before, files = dump(tmp_path / "es.db"), pages(tmp_path / "reports")
    run(path, now=lambda: NOW + dt.timedelta(days=1))
    assert (dump(tmp_path / "es.db"), pages(tmp_path / "reports")) == (before, files)
    assert rows(tmp_path / "es.db", "select count(*) from verdict_changes") == [(0,)]


def test_a_page_that_was_lost_comes_back_with_the_next_pass(tmp_path):
    path = write_config(tmp_path)
    run(path)
    whole = page(path)
    for name in ("digest", "digest-2026-11-20"):
        (tmp_path / "reports" / f"{name}.html").unlink()
    run(path, now=lambda: NOW + dt.timedelta(days=1))
    assert page(path) == page(path, "digest-2026-11-20") == whole


def test_a_digest_that_a_killed_pass_did_not_write_is_written_by_the_next(tmp_path, monkeypatch):
    path = write_config(tmp_path, ("  - {id: meeting", "# - {id: meeting"))
    run(path)
    write_config(tmp_path)

    class Killed(BaseException):
        pass

    def kill(*_):
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(nightly, "publish_digest", kill)
        with pytest.raises(Killed):
            run(path, now=lambda: NOW + dt.timedelta(days=1))
    assert "A meeting" not in page(path)
    assert not plan.is_idle(*loaded(path), NOW)
    run(path, now=lambda: NOW + dt.timedelta(days=1))
    assert "A meeting" in page(path)
    assert plan.is_idle(*loaded(path), NOW)


def test_what_failed_is_told_with_its_reason(tmp_path, monkeypatch):
    path = write_config(tmp_path)
    run(path, now=lambda: NEAR)
    down = lambda s: SourceDown("no <b>route</b> to host", source="ecb", symbol=s)  # noqa: E731
    monkeypatch.setattr(pull, "open_source", lambda *a: Down(open_source(*a), down))
    run(path, now=lambda: NEAR + dt.timedelta(days=1))
    found = digest(path)
    assert found["studied"] == 0
    assert found["is_news"]
    assert ("USDCNY from ecb", "pull: no <b>route</b> to host") in [(f["title"], f["reason"]) for f in found["failed"]]
    assert "no &lt;b&gt;route&lt;/b&gt; to host" in page(path)
    assert "<b>route" not in page(path)
    run(path, now=lambda: NEAR + dt.timedelta(days=2))
    assert not digest(path)["is_news"]  # the same fault again is no news


def test_a_reason_without_end_is_cut(tmp_path, monkeypatch):
    path = write_config(tmp_path)
    down = lambda s: SourceDown("word " * 1000, source="ecb", symbol=s)  # noqa: E731
    monkeypatch.setattr(pull, "open_source", lambda *a: Down(open_source(*a), down))
    run(path, now=lambda: NEAR)
    assert {line["reason"][-2:] for line in digest(path)["failed"]} == {" …"}
    assert max(len(line["reason"]) for line in digest(path)["failed"]) < 410


def test_several_passes_of_a_day_are_one_digest_and_each_has_its_own(tmp_path):
    path = write_config(tmp_path, ("  - {id: meeting", "# - {id: meeting"))
    run(path)
    write_config(tmp_path)
    run(path, now=lambda: NOW + dt.timedelta(minutes=10))
    assert digest(path)["night"]["run_ids"] == [1, 2]
    assert digest(path)["studied"] == 2
    assert [told["event_id"] for told in digest(path, "--run", 2)["reactions"]] == ["meeting"]


def test_a_pass_that_does_not_exist_is_one_line(tmp_path):
    path = write_config(tmp_path)
    run(path)
    done = eventstudy("digest", "--config", path, "--run", 7)
    assert (done.code, done.out) == (1, "")
    assert done.err == "Error: run: no such finished pass (got 7); `eventstudy query latest_runs` shows them\n"


def test_hostile_titles_stay_text(tmp_path):
    more = f'  - {{id: evil, title: {json.dumps(EVIL)}, announced_at: "2023-03-17T07:00Z", assets: [USDCNY]}}\n'
    path = write_config(tmp_path, more=more)
    run(path)
    assert "<script>alert" not in page(path)
    assert "&lt;script&gt;alert(1)" in page(path)
    assert EVIL in " ".join(digest(path)["text"].split())


def test_no_control_character_of_a_title_reaches_the_text(tmp_path):
    path = write_config(tmp_path)
    run(path)
    database = Database(tmp_path / "es.db")
    with database.conn:
        database.execute("update events set title = 'A \x1b[31mred\u202e visit'")
    database.conn.close()
    assert "\x1b" not in digest(path)["text"]
    assert "\u202e" not in digest(path)["text"]


def test_a_number_that_json_does_not_know_is_null(tmp_path):
    path = write_config(tmp_path)
    run(path)
    database = Database(tmp_path / "es.db")
    with database.conn:
        database.execute("update window_results set t = 9e999")
    database.conn.close()
    assert [told["t"] for told in digest(path)["reactions"]] == [None, None]


@pytest.mark.parametrize("name", ["digest", "digest-2026-11-20", "index"])
def test_no_event_can_take_the_name_of_a_page(tmp_path, name):
    path = write_config(tmp_path, ("id: visit", f"id: {name}"))
    done = eventstudy("run", "--config", path)
    assert done.code == 1
    assert "choose another id" in done.err
