"""What is due to be captured, moment by moment; and one capture stored, by a small real source."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pytest

from eventstudy.config.model import CapturesConfig
from eventstudy.database.connection import open_database, transaction
from eventstudy.errors import NoDataInRange, SourceDown, UnknownSymbol
from eventstudy.records import Event, Snapshot
from eventstudy.store import ledger, write
from jobs.minutes.capture_plan import WALL_DAYS, Capture, due
from jobs.minutes.captures import capture, captures_due
from tests.support.passes import loaded, rows, write_config

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
SETTINGS = CapturesConfig(bars=("1m", "5m"), after=(HOUR, DAY), days=2)
AT = dt.datetime(2026, 11, 10, 15, 0, tzinfo=dt.UTC)
EVENT = Event(event_id="visit", title="A visit", earliest=AT, latest=AT, assets=("EURUSD",))
OFFERED = {"yahoo": frozenset({"1d", "1m", "5m"}), "ecb": frozenset({"1d"})}


def due_at(now, *, done=None, settings=SETTINGS, event=EVENT, symbols=(("yahoo", "EURUSD=X"), ("ecb", "EURUSD"))):
    return due(settings, [event], lambda _: symbols, OFFERED, done or {}, now)


def kept(items: list[Capture]):
    """As `captures` would have it once they are done."""
    return {item.place: (item.due_at, item.end) for item in items}


def test_nothing_is_due_before_the_first_moment():
    assert due_at(AT - HOUR) == []
    assert due_at(AT + dt.timedelta(minutes=59)) == []


def test_each_moment_is_due_once_for_each_size_of_bar_that_the_source_has():
    first = due_at(AT + HOUR)
    assert [(c.source, c.bar, c.due_at) for c in first] == [
        ("yahoo", "1m", "2026-11-10T16:00:00Z"),
        ("yahoo", "5m", "2026-11-10T16:00:00Z"),
    ]
    assert {(c.start, c.end) for c in first} == {(dt.date(2026, 11, 6), dt.date(2026, 11, 10))}
    assert due_at(AT + 5 * HOUR, done=kept(first)) == []
    second = due_at(AT + DAY, done=kept(first))
    assert {(c.start, c.end, c.due_at) for c in second} == {
        (dt.date(2026, 11, 10), dt.date(2026, 11, 11), "2026-11-11T15:00:00Z")
    }
    assert due_at(AT + 2 * DAY, done=kept(second)) == []
    # once the last day is over, what is left of it is fetched, and then there is peace
    third = due_at(AT + 3 * DAY, done=kept(second))
    assert {(c.start, c.end, c.due_at) for c in third} == {
        (dt.date(2026, 11, 11), dt.date(2026, 11, 12), "2026-11-13T00:00:00Z")
    }
    assert due_at(AT + 20 * DAY, done=kept(third)) == []


def test_bars_that_a_source_has_not_are_made_of_the_longest_of_its_own_that_fit():
    settings = CapturesConfig(bars=("15m", "30m", "1h"), after=(HOUR,), days=2)
    offered = {"files": ("1d", "1m", "5m"), "hours": ("1h",)}
    deep = {"30m": 10}
    found = due(settings, [EVENT], lambda _: [("files", "A"), ("hours", "A")], offered, {}, AT + HOUR, deep)
    # asked for once, from as far back as the deepest of them reaches
    assert [(c.source, c.bar, c.start) for c in found] == [
        ("files", "5m", dt.date(2026, 10, 27)),
        ("hours", "1h", dt.date(2026, 11, 6)),
    ]


def test_moments_that_were_missed_are_one_capture():
    found = due_at(AT + 10 * DAY)
    assert {(c.start, c.end) for c in found} == {(dt.date(2026, 11, 6), dt.date(2026, 11, 12))}
    assert len(found) == 2


def test_the_wall_cuts_and_then_ends_it():
    # the minutes of the days before the announcement are gone after 30 days, the five minutes are not
    found = {c.bar: (c.start, c.end) for c in due_at(AT + 29 * DAY)}
    assert found["1m"] == (dt.date(2026, 11, 10), dt.date(2026, 11, 12))
    assert found["5m"] == (dt.date(2026, 11, 6), dt.date(2026, 11, 12))
    assert [c.bar for c in due_at(AT + 31 * DAY)] == ["5m"]
    assert due_at(AT + 61 * DAY) == []


def test_no_range_is_ever_empty():
    settings = CapturesConfig(bars=("1m",), after=(HOUR,), days=0)
    for hours in range(24 * 32):
        assert all(c.start <= c.end for c in due_at(AT + hours * HOUR, settings=settings))


def test_a_weekend_is_not_counted():
    friday = dt.datetime(2026, 11, 13, 15, 0, tzinfo=dt.UTC)
    event = dataclasses.replace(EVENT, earliest=friday, latest=friday)
    assert {(c.start, c.end) for c in due_at(friday + 6 * DAY, event=event)} == {
        (dt.date(2026, 11, 11), dt.date(2026, 11, 17))  # Wednesday to Tuesday
    }


def test_context_is_not_captured_and_bars_can_be_turned_off():
    assert due_at(AT + DAY, event=dataclasses.replace(EVENT, kind="context")) == []
    assert due_at(AT + DAY, settings=CapturesConfig(bars=())) == []


@dataclasses.dataclass(frozen=True)
class Given:
    bars: frozenset[str] = frozenset({"1d", "5m"})


class Minutes:
    """A source with one bar of five minutes a day at 15:00, or an error in its place."""

    def __init__(self, error=None):
        self.name, self.version, self.facts = "ecb", "made up", Given()
        self.asked, self.error = [], error

    def fetch(self, symbol, start, end, *, bar="1d"):
        self.asked.append((symbol, start, end, bar))
        if self.error is not None:
            raise self.error
        days = np.arange(start, end + dt.timedelta(days=1), dtype="datetime64[D]")
        starts = days.astype("datetime64[ns]") + np.timedelta64(15, "h")
        return Snapshot(
            source=self.name,
            symbol=symbol,
            currency="USD",
            version=self.version,
            sessions=days,
            instants=starts + np.timedelta64(5, "m"),
            close=np.full(days.size, 1.1),
            dividends=np.zeros(days.size),
            bar=bar,
            starts=starts,
        )


@pytest.fixture
def desk(tmp_path):
    """Settings, a database that knows the event, and how to capture at a time."""
    config, _ = loaded(write_config(tmp_path, ("schedule:", "captures: {bars: [5m], after: [1h]}\nschedule:")))
    db = open_database(config.database)
    with transaction(db) as connection:
        write.put_event(connection, EVENT, "pending", None)

    def at(now, source):
        record = ledger.Run(trigger="test", started_at=now, code_version="1", config_hash="x", versions={})
        options = {"now": lambda: now, "stop": lambda: False, "talk": lambda _: None}
        troubles = capture(config, db, record, [EVENT], opener=lambda _: source, **options)
        record.finish(db, now, "ok", {"ok": 0, "skipped": 0, "failed": 0})
        return troubles

    yield config.database, at
    db.close()


def test_bars_are_stored_and_not_asked_for_again(desk):
    database, at = desk
    source = Minutes()
    assert at(AT + HOUR, source) == []
    assert source.asked == [("EURUSD", dt.date(2026, 11, 6), dt.date(2026, 11, 10), "5m")]
    at(AT + 2 * HOUR, source)
    assert len(source.asked) == 1
    at(AT + 3 * DAY, source)
    assert source.asked[1:] == [("EURUSD", dt.date(2026, 11, 10), dt.date(2026, 11, 12), "5m")]
    assert rows(database, "select bar, due_at, new_rows, reason from captures order by due_at") == [
        ("5m", "2026-11-10T16:00:00Z", 5, None),
        ("5m", "2026-11-13T00:00:00Z", 2, None),  # the third day was there already
    ]
    assert rows(database, "select count(*) from bars") == [(7,)]
    assert rows(database, "select step, subject, status from run_steps where run_id = 1") == [
        ("capture", "ecb:EURUSD:5m", "ok")
    ]


def test_what_a_source_did_not_have_is_asked_for_again_at_the_next_moment(desk):
    _, at = desk
    at(AT + HOUR, Minutes(NoDataInRange("no bar in these dates", source="ecb", symbol="EURUSD")))
    source = Minutes()
    at(AT + 3 * DAY, source)
    assert source.asked == [("EURUSD", dt.date(2026, 11, 6), dt.date(2026, 11, 12), "5m")]


def test_a_fault_that_may_pass_is_told_and_tried_again(desk):
    database, at = desk
    broken = Minutes(SourceDown("no route to host", source="ecb", symbol="EURUSD"))
    (trouble,) = at(AT + HOUR, broken)
    assert trouble == "bars of 5m for visit: EURUSD from ecb: no route to host"
    assert rows(database, "select status, reason from run_steps")[0][0] == "failed"
    assert rows(database, "select count(*) from captures") == [(0,)]
    source = Minutes()
    at(AT + 2 * HOUR, source)
    assert len(source.asked) == 1


@pytest.mark.parametrize(
    ("error", "is_told"),
    [
        (NoDataInRange("closed", source="ecb", symbol="EURUSD"), False),
        (UnknownSymbol("what?", source="ecb", symbol="EURUSD"), True),
    ],
    ids=["a closed market", "no such symbol"],
)
def test_an_answer_that_will_stay_closes_the_moment(desk, error, is_told):
    database, at = desk
    assert bool(at(AT + HOUR, Minutes(error))) is is_told
    source = Minutes()
    at(AT + 2 * HOUR, source)
    assert source.asked == []
    assert rows(database, "select new_rows, reason from captures") == [(0, str(error))]


def test_an_adapter_that_stumbles_costs_one_capture_only(desk):
    _, at = desk
    (trouble,) = at(AT + HOUR, Minutes(KeyError("timestamp")))
    assert "KeyError" in trouble


def test_a_source_of_days_alone_is_left_in_peace(desk):
    database, at = desk
    source = Minutes()
    source.facts = Given(frozenset({"1d"}))
    at(AT + HOUR, source)
    assert source.asked == []
    assert rows(database, "select count(*) from runs") == [(0,)]
    assert WALL_DAYS["1m"] == 30


# --- by the settings --------------------------------------------------------------------------------------------------

YAHOO = ("  ecb: {kind: ecb}", "  ecb: {kind: ecb}\n  yahoo: {kind: yahoo}")
GS = ("  EURUSD: {source: ecb}", "  EURUSD: {source: ecb}\n  GS: {source: yahoo}")
YOUNG = '  - {id: young, title: A young one, announced_at: "2026-11-19T12:00Z", assets: [GS]}\n'


def test_bars_that_can_be_captured_are_planned_until_the_wall(tmp_path):
    night = dt.datetime(2026, 11, 20, 23, 30, tzinfo=dt.UTC)
    path = write_config(tmp_path, YAHOO, GS, more=YOUNG)
    assert {item.event_id for item in captures_due(*loaded(path), night)} == {"young"}
    assert captures_due(*loaded(path), night + 61 * DAY) == []
    write_config(tmp_path, YAHOO, GS, ("schedule:", "captures: {bars: []}\nschedule:"), more=YOUNG)
    assert captures_due(*loaded(path), night) == []
    write_config(tmp_path, YAHOO, GS, more=YOUNG.replace("GS", "EURUSD"))  # a source of days
    assert captures_due(*loaded(path), night) == []
