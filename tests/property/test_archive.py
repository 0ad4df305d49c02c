"""The archive: what goes in comes out, the past never changes, and the order of pulls does not matter."""

from __future__ import annotations

import datetime as dt
import sqlite3

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlite_utils import Database

from eventstudy.archive import answers as archive
from eventstudy.archive.bars import CLOSE, of_snapshot, read
from eventstudy.archive.exchange import Clock, parse, written
from eventstudy.archive.verify import verify
from eventstudy.database.migrations import migrations
from eventstudy.records import Snapshot
from eventstudy.tables.total_return import total_return_prices
from tests.support.series import SYMBOL, daily, day, part, span, weekdays

N = 24
DAYS = weekdays("2023-01-02", N)
# without shrinking, which takes minutes on arrays like these
SETTINGS = settings(max_examples=50, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))

numbers = st.one_of(
    st.floats(allow_nan=False, allow_infinity=True, width=64), st.just(float("nan")), st.sampled_from([0.0, -1.0])
)
columns = st.lists(numbers, min_size=N, max_size=N).map(np.array)
prices = st.lists(st.floats(0.01, 1e6), min_size=N, max_size=N).map(np.array)


def fresh() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute("pragma foreign_keys = on")
    migrations.apply(Database(connection))
    return connection


def save(connection: sqlite3.Connection, snapshot: Snapshot, when: int) -> int:
    return archive.save(connection, snapshot, asked=span(snapshot), fetched_at=day(when))


@given(columns, columns, columns, columns, columns, columns)
@SETTINGS
def test_what_goes_in_comes_out_to_the_last_bit(close, opening, high, volume, paid, adjusted) -> None:
    snapshot = daily(DAYS, close, open=opening, high=high, volume=volume, dividends=paid, adjusted=adjusted)
    connection = fresh()
    save(connection, snapshot, 1)
    got, want = read(connection, SYMBOL), of_snapshot(snapshot)
    assert np.array_equal(got.values, want.values, equal_nan=True)
    for name in ("labels", "sessions", "instants"):
        assert (getattr(got, name) == getattr(want, name)).all()
    assert [f for f in verify(connection, {}) if f.check in ("hash", "rows", "keys", "order")] == []
    assert save(connection, snapshot, 2) == 0


@given(columns, prices, columns)
@SETTINGS
def test_csv_gives_back_what_it_was_given(close, opening, split) -> None:
    bars = of_snapshot(daily(DAYS, close, open=opening, splits=split))
    back = parse(
        written(bars), where="x.csv", source="s", symbol="A", currency="", clock=Clock(), today=dt.date(2100, 1, 1)
    )
    assert np.array_equal(of_snapshot(back).values, bars.values, equal_nan=True)
    assert (of_snapshot(back).instants == bars.instants).all()


# answers are a stretch of the days, some of whose closes are revised, and may come with a factor on all of them
answers = st.lists(
    st.tuples(
        st.integers(0, N - 1),
        st.integers(1, N),
        st.dictionaries(st.integers(0, N - 1), st.floats(1.0, 500.0), max_size=4),
        st.sampled_from([1.0, 1.0, 1.0, 0.25, 2.0]),
    ),
    min_size=1,
    max_size=6,
)


@given(prices, answers)
@SETTINGS
def test_the_past_never_changes(close, told) -> None:
    """Whatever comes later, a reading as of any time stays what it was then."""
    connection = fresh()
    seen: list[np.ndarray] = []
    for when, (start, length, edits, factor) in enumerate(told):
        changed = close * factor
        for i, value in edits.items():
            changed[i] = value
        save(connection, part(daily(DAYS, changed), slice(start, start + length)), when)
        for k, before in enumerate(seen):
            assert np.array_equal(read(connection, SYMBOL, as_of=day(k)).values, before, equal_nan=True)
        now = read(connection, SYMBOL).values
        assert np.array_equal(now, read(connection, SYMBOL, as_of=day(when)).values, equal_nan=True)
        seen.append(now)
    assert [len(earlier) for earlier in seen] == sorted(len(earlier) for earlier in seen)


@given(prices, answers)
@SETTINGS
def test_the_newest_answer_is_what_is_read(close, told) -> None:
    connection = fresh()
    for when, (start, length, edits, factor) in enumerate(told):
        changed = close * factor
        for i, value in edits.items():
            changed[i] = value
        answer = part(daily(DAYS, changed), slice(start, start + length))
        save(connection, answer, when)
        bars = read(connection, SYMBOL)
        here = np.isin(bars.sessions, answer.sessions)
        assert bars.values[here, CLOSE] == pytest.approx(answer.close, rel=2e-5)


@given(columns, st.lists(st.tuples(st.integers(0, N - 1), st.integers(1, N)), max_size=8), st.randoms())
@SETTINGS
def test_any_chunks_in_any_order_give_the_same_archive(close, chunks, chance) -> None:
    whole = daily(DAYS, close, volume=np.arange(float(N)))
    pieces = [slice(start, start + length) for start, length in chunks] + [slice(0, N // 2), slice(N // 2, N)]
    chance.shuffle(pieces)
    connection, at_once = fresh(), fresh()
    for when, piece in enumerate(pieces):
        save(connection, part(whole, piece), when)
    save(at_once, whole, 0)
    got, want = read(connection, SYMBOL), read(at_once, SYMBOL)
    assert np.array_equal(got.values, want.values, equal_nan=True)
    assert (got.labels == want.labels).all()
    assert connection.execute("select count(*) from bar_versions").fetchone() == (N,)


@given(prices, st.dictionaries(st.integers(1, N - 1), st.floats(0.001, 0.2), max_size=3))
@SETTINGS
def test_off_ex_days_the_adjusted_return_is_the_raw_one(close, paid) -> None:
    dividends = np.array([paid.get(i, 0.0) * close[i - 1] for i in range(N)])
    connection = fresh()
    save(connection, daily(DAYS, close, dividends=dividends), 1)
    bars = read(connection, SYMBOL).values
    total = total_return_prices(bars[:, CLOSE], dividends)
    for t in range(1, N):
        wanted = (close[t] + dividends[t]) / close[t - 1]
        assert total[t] / total[t - 1] == pytest.approx(wanted, rel=1e-9)
