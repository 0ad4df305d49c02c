"""The archive only ever grows, and any past state of it can be read."""

from __future__ import annotations

import dataclasses
import datetime as dt
import sqlite3
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from eventstudy.archive import answers as archive
from eventstudy.archive.bars import of_snapshot
from eventstudy.database.connection import open_database
from eventstudy.database.migrations import migrations
from eventstudy.errors import InputError, NoDataInRange
from eventstudy.records import Snapshot
from eventstudy.tables.total_return import total_return_prices

DAYS = np.arange(np.datetime64("2023-01-02"), np.datetime64("2023-01-12"))
SPAN = (dt.date(2023, 1, 2), dt.date(2023, 1, 11))


def snapshot(close: list[float], dividends: list[float] | None = None, unit: str = "ns") -> Snapshot:
    n = len(close)
    return Snapshot(
        source="s",
        symbol="A",
        currency="USD",
        version="1",
        sessions=DAYS[:n],
        instants=(DAYS[:n] + np.timedelta64(21, "h")).astype(f"datetime64[{unit}]"),
        close=np.array(close, dtype=float),
        dividends=np.zeros(n) if dividends is None else np.array(dividends),
    )


def day(n: int) -> dt.datetime:
    return dt.datetime(2023, 2, n, tzinfo=dt.UTC)


@pytest.fixture
def connection(tmp_path: Path):  # a generator of a connection
    db = open_database(tmp_path / "a.db")
    yield db.conn
    db.close()


def save(connection: sqlite3.Connection, found: Snapshot, when: int) -> int:
    return archive.save(connection, found, asked=SPAN, fetched_at=day(when))


def load(connection: sqlite3.Connection, as_of: int | None = None) -> list[float]:
    moment = None if as_of is None else day(as_of)
    return archive.load(connection, "s", "A", asset="A", as_of=moment).prices.tolist()


def test_the_same_answer_twice_adds_nothing(connection: sqlite3.Connection) -> None:
    assert save(connection, snapshot([1, 2, np.nan]), 1) == 3
    assert save(connection, snapshot([1, 2, np.nan]), 2) == 0
    assert connection.execute("select count(*) from snapshots").fetchone() == (1,)


def test_a_revision_adds_and_the_past_stays(connection: sqlite3.Connection) -> None:
    save(connection, snapshot([1, 2, 3]), 1)
    assert save(connection, snapshot([1, 2.5, 3, 4]), 3) == 2
    assert load(connection) == [1, 2.5, 3, 4]
    assert load(connection, as_of=2) == [1, 2, 3]
    revisions = connection.execute(
        "select session, previous_close, close from price_revisions where previous_close is not null"
    ).fetchall()
    assert revisions == [("2023-01-03", 2.0, 2.5)]


def test_a_price_that_is_withdrawn_is_missing_from_then_on(connection: sqlite3.Connection) -> None:
    save(connection, snapshot([1, 2]), 1)
    save(connection, snapshot([1, np.nan]), 2)
    assert np.isnan(load(connection)[1])
    assert load(connection, as_of=1) == [1, 2]


def test_before_the_first_fetch_there_is_nothing(connection: sqlite3.Connection) -> None:
    with pytest.raises(NoDataInRange, match="archive"):
        load(connection)
    save(connection, snapshot([1]), 5)
    with pytest.raises(NoDataInRange):
        load(connection, as_of=4)


def test_a_reading_without_a_zone_is_refused_and_another_zone_is_the_same_instant(
    connection: sqlite3.Connection,
) -> None:
    save(connection, snapshot([1]), 5)
    with pytest.raises(InputError, match="without a zone"):
        archive.load(connection, "s", "A", asset="A", as_of=day(6).replace(tzinfo=None))
    early = dt.datetime(2023, 2, 5, 7, 59, tzinfo=ZoneInfo("Asia/Shanghai"))  # a minute before midnight in UTC
    with pytest.raises(NoDataInRange):
        archive.load(connection, "s", "A", asset="A", as_of=early)
    assert archive.load(connection, "s", "A", asset="A", as_of=early + dt.timedelta(minutes=1)).prices.tolist() == [1]


def test_a_price_that_returns_to_what_it_was_is_a_revision_too(connection: sqlite3.Connection) -> None:
    for when, close in enumerate([1, 2, 1], start=1):
        assert save(connection, snapshot([close]), when) == 1
    assert save(connection, snapshot([1]), 4) == 0
    assert [load(connection, as_of=when) for when in (1, 2, 3)] == [[1], [2], [1]]


def test_the_content_hash_does_not_depend_on_the_unit_of_time() -> None:
    hashes = {archive.content_hash(of_snapshot(snapshot([1, 2], unit=unit))) for unit in ("s", "us", "ns")}
    assert len(hashes) == 1
    assert archive.content_hash(of_snapshot(snapshot([1, 2.0000001]))) not in hashes


def test_sessions_in_another_unit_are_the_same_sessions(connection: sqlite3.Connection) -> None:
    found = snapshot([1, 2])
    save(connection, found, 1)
    assert save(connection, dataclasses.replace(found, sessions=found.sessions.astype("datetime64[ns]")), 2) == 0


def test_dividends_are_part_of_the_return() -> None:
    prices = total_return_prices(np.array([100.0, 98.0, 99.0]), np.array([0.0, 3.0, 0.0]))
    assert prices[1] / prices[0] - 1 == pytest.approx((98 + 3) / 100 - 1)
    assert prices[2] / prices[1] == pytest.approx(99 / 98)
    assert prices[-1] == 99.0


@given(
    st.lists(st.floats(1, 1e4), min_size=2, max_size=10),
    st.lists(st.one_of(st.just(0.0), st.floats(0.01, 5)), min_size=10, max_size=10),
)
@settings(max_examples=60, deadline=None)
def test_off_ex_days_the_total_return_is_the_price_return(close: list[float], paid: list[float]) -> None:
    raw, dividends = np.array(close), np.array(paid[: len(close)])
    adjusted = total_return_prices(raw, dividends)
    for t in range(1, raw.size):
        wanted = (raw[t] + dividends[t]) / raw[t - 1]
        assert adjusted[t] / adjusted[t - 1] == pytest.approx(wanted, rel=1e-10)


@given(st.permutations([0, 1, 2]), st.lists(st.floats(10, 400), min_size=10, max_size=10))
@settings(max_examples=20, deadline=None)
def test_chunks_in_any_order_give_the_same_prices(order: list[int], close: list[float]) -> None:
    whole = snapshot(close)
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrations.apply(Database(connection))
    pieces = [slice(0, 4), slice(3, 7), slice(6, 10)]
    for when, k in enumerate(order):
        part = dataclasses.replace(
            whole,
            **{name: getattr(whole, name)[pieces[k]] for name in ("sessions", "instants", "close", "dividends")},
        )
        save(connection, part, when + 1)
    assert load(connection) == close


def test_sessions_out_of_order_are_put_in_order_and_marked(connection: sqlite3.Connection) -> None:
    found = snapshot([1, 2, 3])
    order = [0, 2, 1]
    moved = dataclasses.replace(
        found, sessions=found.sessions[order], instants=found.instants[order], close=found.close[order]
    )
    save(connection, moved, 1)
    assert load(connection) == [1, 2, 3]
    assert connection.execute("select rule, date(label, 'unixepoch') from bar_flags").fetchall() == [
        ("unsorted", "2023-01-03")
    ]
    assert save(connection, found, 2) == 0


def test_of_a_session_that_came_twice_the_last_is_kept_and_marked(connection: sqlite3.Connection) -> None:
    found = snapshot([1, 2, 3])
    twice = dataclasses.replace(found, sessions=DAYS[[0, 1, 1]], instants=found.instants[[0, 1, 1]])
    save(connection, twice, 1)
    series = archive.load(connection, "s", "A", asset="A")
    assert series.prices.tolist() == [1, 3]
    assert [words for _, words in series.marks] == [
        "A: bar that came more than once on 2023-01-03 (it came 2 times, closes 2, 3)"
    ]
    save(connection, snapshot([1, 3.5]), 2)  # said once, and otherwise
    assert archive.load(connection, "s", "A", asset="A").marks == ()
    assert len(archive.load(connection, "s", "A", asset="A", as_of=day(1)).marks) == 1


def test_what_was_not_asked_for_is_left_out_and_noted(connection: sqlite3.Connection) -> None:
    asked = (dt.date(2023, 1, 3), dt.date(2023, 1, 4))
    archive.save(connection, snapshot([1, 2, 3, 4]), asked=asked, fetched_at=day(1))
    series = archive.load(connection, "s", "A", asset="A")
    assert series.prices.tolist() == [2, 3]
    assert series.notes == ("not asked for, left out: 2023-01-02, 2023-01-05",)


@pytest.mark.parametrize("price", [0.0, -1.0, np.inf])
def test_an_impossible_price_is_kept_and_marked_and_not_used(connection: sqlite3.Connection, price: float) -> None:
    save(connection, snapshot([1, price, 3]), 1)
    assert connection.execute("select close from bars where session = '2023-01-03'").fetchone() == (price,)
    series = archive.load(connection, "s", "A", asset="A")
    assert np.isnan(series.prices[1])
    assert [str(session) for session, _ in series.marks] == ["2023-01-03"]
    assert save(connection, snapshot([1, price, 3]), 2) == 0


def test_a_clock_that_was_set_back_leaves_every_reading_as_it_was(connection: sqlite3.Connection) -> None:
    save(connection, snapshot([1, 2, 3]), 10)
    save(connection, snapshot([1, 2, 9]), 8)
    save(connection, snapshot([1, 5, 9]), 12)
    assert [load(connection, as_of=k) for k in (10, 12)] == [[1, 2, 9], [1, 5, 9]]
    with pytest.raises(NoDataInRange):
        load(connection, as_of=9)
    notes = connection.execute("select notes from snapshots order by snapshot_id").fetchall()
    assert ["the clock was set back" in text for (text,) in notes] == [False, True, False]
