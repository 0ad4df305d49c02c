"""What a pass asks its sources for."""

from __future__ import annotations

import dataclasses
import datetime as dt
from types import SimpleNamespace

import numpy as np
import pytest

from eventstudy import ledger
from eventstudy.errors import NoDataInRange
from eventstudy.prices import archive
from eventstudy.records import Snapshot
from eventstudy.store.database import open_database
from jobs import pull
from tests.support.passes import NOW, loaded, write_config
from tests.support.series import daily, part, weekdays


def test_the_days_asked_for_cover_every_placebo_day_and_no_future(tmp_path):
    config, events = loaded(write_config(tmp_path))
    found = pull.spans(config, events, NOW)
    assert set(found) == {("ecb", "USDCNY"), ("ecb", "EURUSD")}
    [(first, last)] = found["ecb", "USDCNY"]
    assert first < dt.date(2022, 9, 15) - dt.timedelta(days=120 * 7 // 5)  # the earlier of its two events
    assert dt.date(2023, 3, 17) + dt.timedelta(days=4) < last < dt.date(2023, 4, 15)
    assert found["ecb", "EURUSD"][0][0] > first  # only the later event needs it
    early = dt.datetime(2023, 3, 18, tzinfo=dt.UTC)
    assert pull.spans(config, events, early)["ecb", "USDCNY"][-1][1] == early.date()


def test_an_event_at_the_edge_of_time_does_not_end_the_pass(tmp_path):
    more = '  - {id: roman, title: Rome, announced_at: "1800-01-02T00:00Z", assets: [USDCNY]}\n'
    config, events = loaded(write_config(tmp_path, more=more))
    assert pull.spans(config, events, NOW)["ecb", "USDCNY"][0][0].year < 1800


# --- what a pull asks, of a source that answers from a script ---------------------------------------------------------

DAYS = weekdays("2023-01-02", 400)
CLOSES = 100.0 + np.arange(400.0)


class Scripted:
    """A source whose history can be changed between pulls; remembers what it was asked."""

    name, version = "s", "1"

    def __init__(self, history: Snapshot) -> None:
        self.history = history
        self.asked: list[tuple[str, str]] = []

    def fetch(self, symbol: str, start: dt.date, end: dt.date) -> Snapshot:
        self.asked.append((start.isoformat(), end.isoformat()))
        inside = (self.history.sessions >= np.datetime64(start)) & (self.history.sessions <= np.datetime64(end))
        if not inside.any():
            raise NoDataInRange("no session in these dates", source="s", symbol=symbol)
        return dataclasses.replace(part(self.history, inside), symbol=symbol)


@pytest.fixture
def source(monkeypatch) -> Scripted:
    scripted = Scripted(daily(DAYS, CLOSES, splits=np.ones(400)))
    monkeypatch.setattr(pull, "open_source", lambda *_: scripted)
    return scripted


@pytest.fixture
def db(tmp_path):
    opened = open_database(tmp_path / "es.db")
    yield opened
    opened.close()


def ask(db, *spans: tuple[str, str], on: str = "2024-12-02") -> tuple[pull.Faults, list[str]]:
    """One pull of symbol A on a day; its faults, and the reasons of its steps."""
    record = ledger.Run(trigger="test", started_at=NOW, code_version="", config_hash="", versions={})
    moment = dt.datetime.fromisoformat(f"{on}T23:00+00:00")
    wanted = {("s", "A"): tuple((dt.date.fromisoformat(a), dt.date.fromisoformat(b)) for a, b in spans)}
    config = SimpleNamespace(sources={"s": None})
    faults = pull.pull(config, db, record, wanted, now=lambda: moment, stop=lambda: False, talk=lambda _: None)
    return faults, [str(step[3]) for step in record.steps]


def closes(db) -> np.ndarray:
    return archive.load(db.conn, "s", "A", asset="A").prices


def test_the_second_pull_of_finished_days_asks_nothing_and_writes_nothing(db, source):
    ask(db, ("2023-01-02", "2023-06-30"))
    before = list(db.conn.iterdump())
    assert ask(db, ("2023-01-02", "2023-06-30")) == ({}, [])
    assert source.asked == [("2023-01-02", "2023-06-30")]
    assert list(db.conn.iterdump()) == before


def test_days_after_are_asked_with_an_overlap_and_islands_apart(db, source):
    ask(db, ("2023-01-02", "2023-03-31"))
    ask(db, ("2023-01-02", "2023-05-31"), ("2024-03-01", "2024-04-30"))
    assert source.asked[1:] == [("2023-03-27", "2023-05-31"), ("2024-03-01", "2024-04-30")]
    assert np.isnan(closes(db)).sum() == 1  # the first price of the second island
    ask(db, ("2023-01-02", "2024-04-30"))
    assert np.isfinite(closes(db)).all()


def test_one_span_may_be_given_without_a_list(db, source):
    assert pull.as_spans((dt.date(2023, 1, 2), dt.date(2023, 1, 3))) == [(dt.date(2023, 1, 2), dt.date(2023, 1, 3))]


def test_a_revision_within_the_overlap_is_seen(db, source):
    ask(db, ("2023-01-02", "2023-03-31"), on="2023-03-31")
    source.history.close[62] = 999.0
    ask(db, ("2023-01-02", "2023-04-03"), on="2023-04-03")
    assert db.execute(
        "select session, previous_close, close from price_revisions where previous_close is not null"
    ).fetchall() == [(str(DAYS[62]), 162.0, 999.0)]


def test_a_split_seen_in_the_overlap_asks_for_all_that_is_known(db, source):
    ask(db, ("2023-01-02", "2023-03-31"), on="2023-03-31")
    assert closes(db)[0] == 100.0
    splits = np.where(np.arange(400) == 65, 2.0, 1.0)
    source.history = daily(DAYS, CLOSES / 2.0, splits=splits)
    _, said = ask(db, ("2023-01-02", "2023-04-05"), on="2023-04-05")
    assert source.asked[1:] == [("2023-03-27", "2023-04-05"), ("2023-01-02", "2023-04-05")]
    assert closes(db).tolist() == (CLOSES[:68] / 2.0).tolist()
    assert said == ["3 new or revised rows"]
    assert db.execute("select factor, why from price_rebases").fetchall() == [(0.5, f"2 for 1 split on {DAYS[65]}")]
    assert ask(db, ("2023-01-02", "2023-04-05"), on="2023-04-05") == ({}, [])


def test_an_empty_stretch_is_a_fault_only_where_nothing_is_known(db, source):
    faults, _ = ask(db, ("1990-01-01", "1990-06-01"))
    assert isinstance(faults["s", "A"], NoDataInRange)
    faults, _ = ask(db, ("1990-01-01", "1990-06-01"), ("2023-01-02", "2023-02-01"))
    assert faults == {}
    asked = len(source.asked)
    assert ask(db, ("1990-01-01", "1990-06-01"), ("2023-01-02", "2023-02-01")) == ({}, [])
    assert len(source.asked) == asked


def test_bars_of_another_size_are_asked_for_by_their_size(db, monkeypatch):
    seen = []

    class Intraday(Scripted):
        def fetch(self, symbol: str, start: dt.date, end: dt.date, bar: str = "1d") -> Snapshot:
            seen.append(bar)
            found = super().fetch(symbol, start, end)
            return dataclasses.replace(found, bar=bar, starts=found.instants - np.timedelta64(5, "m"))

    monkeypatch.setattr(pull, "open_source", lambda *_: Intraday(daily(DAYS[:3], CLOSES[:3])))
    record = ledger.Run(trigger="test", started_at=NOW, code_version="", config_hash="", versions={})
    wanted = {("s", "A"): (dt.date(2023, 1, 2), dt.date(2023, 1, 4))}
    config = SimpleNamespace(sources={"s": None})
    pull.pull(config, db, record, wanted, now=lambda: NOW, stop=lambda: False, talk=lambda _: None, bar="5m")
    assert seen == ["5m"]
    assert db.execute("select count(*) from bars where bar = '5m'").fetchone() == (3,)
