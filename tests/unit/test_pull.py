"""What a pass asks its sources for."""

from __future__ import annotations

import dataclasses
import datetime as dt
from types import SimpleNamespace

import numpy as np
import pytest

from eventstudy.archive import answers as archive
from eventstudy.database.connection import open_database
from eventstudy.errors import MalformedAnswer, NoDataInRange, RateLimited, SourceDown
from eventstudy.prices.source import SourceFacts
from eventstudy.records import Snapshot
from eventstudy.store import ledger
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
    facts = SourceFacts(bars=("1d",), snapshot_time="noon UTC", delay="none", currency="XXX", calendar="weekdays")

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
    scripted = Scripted(daily(DAYS, CLOSES.copy(), splits=np.ones(400)))
    monkeypatch.setattr(pull, "open_source", lambda *_: scripted)
    return scripted


@pytest.fixture
def db(tmp_path):
    opened = open_database(tmp_path / "es.db")
    yield opened
    opened.close()


def ask(db, *spans: tuple[str, str], on: str = "2024-12-02", again: bool = False) -> tuple[pull.Faults, list[str]]:
    """One pull of symbol A on a day; its faults, and the reasons of its steps."""
    record = ledger.Run(trigger="test", started_at=NOW, code_version="", config_hash="", versions={})
    moment = dt.datetime.fromisoformat(f"{on}T23:00+00:00")
    wanted = {("s", "A"): tuple((dt.date.fromisoformat(a), dt.date.fromisoformat(b)) for a, b in spans)}
    config = SimpleNamespace(sources={"s": None})
    known = wanted if again else {}
    faults = pull.pull(
        config, db, record, wanted, now=lambda: moment, stop=lambda: False, talk=lambda _: None, again=known
    )
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


# --- history that a source restates late, in part, or rounded ---------------------------------------------------------

SPLIT = 80  # the session of a 2 for 1 split, 2023-04-24


def split_history(restated: bool, until: int = 400, since: int = 0, decimals: int | None = None) -> Snapshot:
    """Closes with a split, before which prices are restated or not."""
    before = CLOSES / 2.0 if restated else CLOSES
    close = np.where(np.arange(400) < SPLIT, before, CLOSES / 2.0)
    if decimals is not None:
        close = np.round(close, decimals)
    return part(daily(DAYS, close, splits=np.where(np.arange(400) == SPLIT, 2.0, 1.0)), slice(since, until))


def returns(db) -> np.ndarray:
    prices = closes(db)
    return prices[1:] / prices[:-1] - 1.0


@pytest.mark.parametrize("late", range(1, 9))
def test_a_split_that_is_restated_days_late_leaves_one_unit(db, source, late):
    source.history = split_history(restated=False, until=SPLIT + 1)
    ask(db, ("2023-01-02", str(DAYS[SPLIT])), on=str(DAYS[SPLIT]))
    marks = archive.load(db.conn, "s", "A", asset="A").marks
    assert "split that the prices before it do not show" in marks[0][1]
    for k in range(1, late + 1):
        source.history = split_history(restated=k == late, until=SPLIT + 1 + k)
        ask(db, ("2023-01-02", str(DAYS[SPLIT + k])), on=str(DAYS[SPLIT + k]))
    assert np.abs(returns(db)).max() < 0.02
    assert archive.load(db.conn, "s", "A", asset="A").marks == ()
    assert db.execute("select factor from price_rebases").fetchall() == [(0.5,)]


def test_bars_that_the_source_no_longer_has_are_in_the_new_unit_too(db, source):
    source.history = split_history(restated=False, until=SPLIT)
    ask(db, ("2023-01-02", str(DAYS[SPLIT - 1])), on=str(DAYS[SPLIT - 1]))
    source.history = split_history(restated=True, until=SPLIT + 3, since=30)
    ask(db, ("2023-01-02", str(DAYS[SPLIT + 2])), on=str(DAYS[SPLIT + 2]))
    assert np.abs(returns(db)).max() < 0.02
    assert closes(db)[0] == 50.0
    ((first, why),) = db.execute("select first_session, why from price_rebases").fetchall()
    assert (first, why) == (
        str(DAYS[0]),
        f"2 for 1 split on {DAYS[SPLIT]}; bars that the source no longer has likewise",
    )


def test_a_rebase_is_seen_through_the_rounding_of_the_source(db, source):
    cheap = np.round(37.0 + np.sin(np.arange(400.0)), 2)
    third = np.round(cheap / 3.0, 2)
    source.history = part(daily(DAYS, cheap, splits=np.ones(400)), slice(0, SPLIT))
    ask(db, ("2023-01-02", str(DAYS[SPLIT - 1])), on=str(DAYS[SPLIT - 1]))
    source.history = daily(DAYS, third, splits=np.where(np.arange(400) == SPLIT, 3.0, 1.0))
    ask(db, ("2023-01-02", str(DAYS[SPLIT + 2])), on=str(DAYS[SPLIT + 2]))
    assert db.execute("select factor, why from price_rebases").fetchall() == [
        (pytest.approx(1.0 / 3.0), f"3 for 1 split on {DAYS[SPLIT]}")
    ]
    assert closes(db) == pytest.approx(third[: SPLIT + 3], abs=0.0051)
    assert db.execute("select count(*) from bar_versions").fetchone() == (SPLIT + 3,)  # no thousands of revisions


def test_one_corrected_price_asks_for_all_and_stores_one_revision(db, source):
    ask(db, ("2023-01-02", "2023-01-31"), ("2023-06-01", "2023-06-30"), on="2023-06-30")
    source.history.close[128] += 7.0
    ask(db, ("2023-01-02", "2023-01-31"), ("2023-06-01", "2023-07-03"), on="2023-07-03")
    revised = "select session from price_revisions where previous_close is not null"
    assert db.execute(revised).fetchall() == [(str(DAYS[128]),)]
    stored = [str(day) for (day,) in db.execute("select distinct session from bars order by 1")]
    assert not [day for day in stored if "2023-02-01" <= day < "2023-06-01"]  # nobody asked for the days between


# --- answers that say less than they were asked -----------------------------------------------------------------------


def test_days_that_a_source_does_not_reach_yet_are_asked_for_again(db, source):
    source.history = dataclasses.replace(part(source.history, slice(0, 60)), reach=(None, DAYS[59].item()))
    asked = ("2023-01-02", "2023-06-30")
    ask(db, asked, on="2024-12-02")
    source.history = dataclasses.replace(daily(DAYS, CLOSES), reach=(None, DAYS[-1].item()))
    ask(db, asked, on="2024-12-03")
    assert closes(db).size == 130
    questions = len(source.asked)
    ask(db, asked, on="2024-12-04")
    assert len(source.asked) == questions


def test_a_range_beyond_the_end_of_a_source_is_not_settled(db, source):
    ask(db, ("2023-01-02", "2023-03-31"))
    end = DAYS[64].item()

    def nothing(*_: object) -> Snapshot:
        raise NoDataInRange("the file ends before", source="s", symbol="A", reach=(None, end))

    real, source.fetch = source.fetch, nothing
    ask(db, ("2023-04-10", "2023-05-31"))
    source.fetch = real
    ask(db, ("2023-04-10", "2023-05-31"))
    assert closes(db).size == 65 + 38


def test_an_empty_answer_over_known_days_is_a_fault_and_settles_nothing(db, source):
    ask(db, ("2023-01-02", "2023-02-28"), ("2023-06-01", "2023-08-31"))
    real = source.fetch

    def ill(*_: object) -> Snapshot:
        raise NoDataInRange("no session in these dates", source="s", symbol="A")

    source.fetch = ill
    faults, said = ask(db, ("2023-01-02", "2023-08-31"))
    assert isinstance(faults["s", "A"], MalformedAnswer)
    assert "it held 10 bars before" in said[0]
    source.fetch = real
    assert ask(db, ("2023-01-02", "2023-08-31"))[0] == {}
    assert np.isfinite(closes(db)).all()
    assert closes(db).size == 174


def test_days_after_the_last_price_of_a_source_are_no_prices_that_it_held(db, source):
    whole = source.history
    gone = np.where(whole.sessions >= np.datetime64("2023-06-01"), np.nan, whole.close)
    source.history = dataclasses.replace(whole, close=gone)
    ask(db, ("2023-01-02", "2023-08-31"))
    assert archive.count_between(db.conn, ("s", "A", archive.DAILY), (dt.date(2023, 6, 1), dt.date(2023, 8, 31))) == 0

    def ended(symbol: str, first: dt.date, last: dt.date) -> Snapshot:
        if first > dt.date(2023, 6, 1):
            raise NoDataInRange("its rates end on 2023-05-31", source="s", symbol=symbol)
        return Scripted.fetch(source, symbol, first, last)

    source.fetch = ended
    assert ask(db, ("2023-07-01", "2023-08-31"), again=True)[0] == {}


def test_all_empty_stretches_are_settled_at_once(db, source):
    spans = (("1990-01-01", "1990-06-01"), ("1995-01-01", "1995-06-01"), ("2023-01-02", "2023-02-01"))
    ask(db, *spans)
    assert len(source.asked) == 3
    ask(db, *spans)
    assert len(source.asked) == 3


# --- a source that is to be left alone --------------------------------------------------------------------------------


def knock(db, source, faults: list[Exception | None], monkeypatch) -> tuple[pull.Faults, list[str]]:
    """A pull of as many symbols as `faults`, each of which meets its own; what was asked for."""
    asked: list[str] = []

    def fetch(symbol: str, *days: dt.date) -> Snapshot:
        asked.append(symbol)
        fault = faults[int(symbol)]
        if fault is not None:
            raise fault
        return Scripted.fetch(source, symbol, *days)

    monkeypatch.setattr(source, "fetch", fetch, raising=False)
    record = ledger.Run(trigger="test", started_at=NOW, code_version="", config_hash="", versions={})
    wanted = {("s", str(i)): (dt.date(2023, 1, 2), dt.date(2023, 1, 31)) for i in range(len(faults))}
    config = SimpleNamespace(sources={"s": None})
    found = pull.pull(config, db, record, wanted, now=lambda: NOW, stop=lambda: False, talk=lambda _: None)
    return found, asked


def test_after_too_many_requests_nobody_knocks_again(db, source, monkeypatch):
    limit = RateLimited("too many requests", source="s", symbol="1", retry_after=3600.0)
    found, asked = knock(db, source, [None, limit, None, None], monkeypatch)
    assert asked == ["0", "1"]
    assert [type(fault) for fault in found.values()] == [RateLimited] * 3
    assert "not asked for, since the answer for 1 was: too many requests; not before 3600" in str(found["s", "3"])


def test_a_source_that_is_down_three_times_in_a_row_is_left_alone(db, source, monkeypatch):
    down = [SourceDown("no route to host", source="s", symbol=str(i)) for i in range(6)]
    found, asked = knock(db, source, [down[0], down[1], None, down[3], down[4], down[5], None], monkeypatch)
    assert asked == ["0", "1", "2", "3", "4", "5"]
    assert set(found) == {("s", k) for k in "013456"}
    assert all(fault.transient for fault in found.values())


# --- no seam between two units ---------------------------------------------------------------------------------------


def split_on(i: int, ratio: float) -> Snapshot:
    """The history as it is told after a split on day `i`."""
    where = np.arange(400)
    return daily(DAYS, CLOSES / ratio, splits=np.where(where == i, ratio, 1.0))


def test_a_few_days_between_two_pulls_are_asked_for_so_that_a_new_unit_is_seen(db, source):
    ask(db, ("2023-01-02", "2023-06-16"))
    source.history = split_on(121, 1.5)  # on 20 June
    ask(db, ("2023-06-22", "2023-09-15"))
    assert source.asked[1:] == [("2023-06-12", "2023-09-15"), ("2023-01-02", "2023-09-15")]
    found = closes(db)
    np.testing.assert_allclose(found, CLOSES[: found.size] / 1.5, rtol=1e-12)


def test_every_stretch_that_is_known_has_the_reason_and_the_exact_factor(db, source):
    ask(db, ("2023-01-02", "2023-02-28"), ("2023-07-03", "2023-07-31"))
    source.history = split_on(158, 3.0)  # on 10 August
    ask(db, ("2023-07-03", "2023-09-01"))
    told = db.execute("select first_session, last_session, factor, why from price_rebases order by 1").fetchall()
    why = f"3 for 1 split on {DAYS[158]}"
    assert told == [("2023-01-02", "2023-02-28", 1 / 3, why), ("2023-07-03", "2023-07-31", 1 / 3, why)]


def test_a_level_that_moved_by_a_tenth_of_a_basis_point_is_a_new_unit(db, source):
    exact = 100.0 * np.exp(np.cumsum(np.random.default_rng(3).normal(0, 0.01, 400)))
    source.history = daily(DAYS, exact)
    ask(db, ("2023-01-02", "2023-06-30"))
    source.history = daily(DAYS, exact * np.where(np.arange(400) < 20, 1.0, 1.0000991))
    ask(db, ("2023-01-02", "2023-09-29"))
    found = closes(db)
    np.testing.assert_allclose(np.diff(np.log(found)), np.diff(np.log(source.history.close[: found.size])), atol=1e-9)


def test_a_bar_that_the_source_takes_back_is_marked_until_it_is_there_again(db, source):
    whole, key = source.history, ("s", "A", archive.DAILY)
    wanted = [(dt.date(2023, 1, 2), dt.date(2023, 3, 31))]

    def again(on: str) -> tuple[list[str], int]:
        record = ledger.Run(trigger="test", started_at=NOW, code_version="", config_hash="", versions={})
        moment = dt.datetime.fromisoformat(f"{on}T23:00+00:00")
        config, asked = SimpleNamespace(sources={"s": None}), {("s", "A"): wanted}
        pull.pull(config, db, record, asked, now=lambda: moment, stop=lambda: False, talk=lambda _: None, again=asked)
        series = archive.load(db.conn, "s", "A", asset="A")
        return [words for _, words in series.marks], db.execute("select count(*) from snapshots").fetchone()[0]

    assert again("2024-12-02") == ([], 1)
    source.history = part(whole, np.arange(400) != 30)
    said = [f"A: bar that the source no longer has on {DAYS[30]} (since 2024-12-03T23:00:00Z)"]
    assert again("2024-12-03") == (said, 2)
    assert again("2024-12-04") == (said, 2)  # no news
    source.history = whole
    assert again("2024-12-05") == ([], 3)
    assert archive.count_between(db.conn, key, wanted[0]) == 65
    assert len(archive.load(db.conn, "s", "A", asset="A", as_of=dt.datetime(2024, 12, 4, tzinfo=dt.UTC)).marks) == 1
