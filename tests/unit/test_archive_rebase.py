"""History that a source multiplied by one factor is one row with a reason, and every past reading stays."""

from __future__ import annotations

import dataclasses
import sqlite3

import numpy as np
import pytest

from eventstudy.archive import answers as archive
from eventstudy.archive.bars import ADJUSTED, CLOSE, DIVIDEND, HIGH, VOLUME, read
from eventstudy.archive.rebase import stretches
from eventstudy.archive.restatements import calls_for_all
from eventstudy.archive.verify import verify
from eventstudy.database.connection import open_database
from eventstudy.records import Snapshot
from tests.support.series import SYMBOL, daily, day, part, span, weekdays

N = 60
DAYS = weekdays("2023-01-02", N)
CLOSE_BEFORE = 100.0 * np.exp(np.cumsum(np.random.default_rng(5).normal(0, 0.01, N)))
PAID = 10  # the session of an earlier dividend
EX = 50  # the session of the split, or of the dividend


@pytest.fixture
def connection(tmp_path):
    db = open_database(tmp_path / "a.db")
    yield db.conn
    db.close()


def save(connection: sqlite3.Connection, snapshot: Snapshot, when: int) -> int:
    return archive.save(connection, snapshot, asked=span(snapshot), fetched_at=day(when))


def raw(upto: int) -> Snapshot:
    """As quoted before any action."""
    close = CLOSE_BEFORE[:upto]
    return daily(
        DAYS[:upto],
        close,
        high=close + 1.0,
        low=close - 1.0,
        volume=np.full(upto, 1000.0),
        splits=np.ones(upto),
        adjusted=np.where(np.arange(upto) < PAID, close * (1.0 - 0.5 / CLOSE_BEFORE[PAID - 1]), close),
        dividends=np.where(np.arange(upto) == PAID, 0.5, 0.0),
    )


def after_split(ratio: float = 4.0) -> Snapshot:
    """Yahoo's way: all earlier numbers are divided by the ratio; rounded to single precision as Yahoo does."""
    whole = raw(N)
    scale = lambda values: (values / ratio).astype(np.float32).astype(float)  # noqa: E731  # a name for a line
    return dataclasses.replace(
        whole,
        close=scale(whole.close),
        high=scale(whole.high),
        low=scale(whole.low),
        adjusted=scale(whole.adjusted),
        dividends=whole.dividends / ratio,
        volume=whole.volume * ratio,
        splits=np.where(np.arange(N) == EX, ratio, 1.0),
    )


def stored(connection: sqlite3.Connection) -> int:
    return connection.execute("select count(*) from bar_versions").fetchone()[0]


def test_a_split_is_one_row_with_its_reason_and_not_thousands_of_revisions(connection):
    save(connection, raw(EX), 1)
    assert save(connection, after_split(), 2) == N - EX
    assert stored(connection) == N
    rows = connection.execute("select field, first_session, last_session, factor, why from price_rebases").fetchall()
    assert [row[:3] for row in rows] == [
        ("adjusted", "2023-01-02", str(DAYS[EX - 1])),
        ("close", "2023-01-02", str(DAYS[EX - 1])),
    ]
    assert [row[3] for row in rows] == pytest.approx([0.25, 0.25], rel=1e-6)
    assert {row[4] for row in rows} == {f"4 for 1 split on {DAYS[EX]}"}


def test_reading_applies_a_rebase_and_an_earlier_reading_does_not(connection):
    save(connection, raw(EX), 1)
    before = read(connection, SYMBOL)
    save(connection, after_split(), 2)
    now, then = read(connection, SYMBOL), read(connection, SYMBOL, as_of=day(1))
    told = after_split()
    assert now.values[:, CLOSE] == pytest.approx(told.close, rel=1e-6)
    assert now.values[:, HIGH] == pytest.approx(told.high, rel=1e-6)
    assert now.values[:, VOLUME] == pytest.approx(told.volume, rel=1e-6)
    assert now.values[:, ADJUSTED] == pytest.approx(told.adjusted, rel=1e-6)
    assert now.values[PAID, DIVIDEND] == pytest.approx(0.125)
    assert np.array_equal(then.values, before.values, equal_nan=True)
    assert archive.load(connection, "s", "A", asset="A").marks == ()


def test_the_same_answer_after_a_rebase_adds_nothing(connection):
    save(connection, raw(EX), 1)
    save(connection, after_split(), 2)
    assert save(connection, after_split(), 3) == 0
    assert connection.execute("select count(*) from snapshots").fetchone() == (2,)
    assert [finding for finding in verify(connection, {}) if finding.is_broken] == []


def test_two_rebases_multiply_and_each_past_reading_stays(connection):
    save(connection, raw(EX), 1)
    save(connection, after_split(), 2)
    twice = after_split(8.0)
    twice = dataclasses.replace(twice, splits=np.select([np.arange(N) == EX, np.arange(N) == N - 1], [4.0, 2.0], 1.0))
    assert save(connection, twice, 3) == 1  # the last session: its split is new
    closes = [read(connection, SYMBOL, as_of=day(k)).values[0, CLOSE] for k in (1, 2, 3)]
    assert closes == pytest.approx(CLOSE_BEFORE[0] / np.array([1.0, 4.0, 8.0]), rel=1e-6)


def test_a_correction_beside_a_rebase_is_a_revision_of_its_own(connection):
    save(connection, raw(EX), 1)
    told = after_split()
    told.close[7] *= 1.02
    assert save(connection, told, 2) == N - EX + 1
    assert read(connection, SYMBOL).values[7, CLOSE] == told.close[7]
    assert read(connection, SYMBOL).values[8, CLOSE] == pytest.approx(told.close[8], rel=1e-6)


def test_a_dividend_rebases_the_adjusted_closes_alone(connection):
    save(connection, raw(EX), 1)
    paid = 2.0
    factor = 1.0 - paid / CLOSE_BEFORE[EX - 1]
    whole = raw(N)
    told = dataclasses.replace(
        whole,
        adjusted=np.where(np.arange(N) < EX, whole.adjusted * factor, whole.adjusted),
        dividends=np.where(np.arange(N) == EX, paid, whole.dividends),
    )
    assert save(connection, told, 2) == N - EX
    rows = connection.execute("select field, factor, why from price_rebases").fetchall()
    assert rows == [("adjusted", pytest.approx(factor), f"dividend of 2 on {DAYS[EX]}")]


def test_a_factor_that_nothing_explains_is_said_so(connection):
    save(connection, raw(EX), 1)
    pounds = dataclasses.replace(part(after_split(100.0), slice(0, EX)), currency="GBP")
    assert save(connection, pounds, 2) == 0
    assert archive.load(connection, "s", "A", asset="A").marks == ()  # the whole of it changed its unit: no break
    assert connection.execute("select why from price_rebases where field = 'close'").fetchall() == [
        ("no split or dividend explains it",)
    ]


def test_part_of_a_rebased_history_asks_for_the_rest(connection):
    save(connection, raw(EX), 1)
    tail = part(after_split(), slice(EX - 5, N))
    assert calls_for_all(connection, tail, span(tail))
    assert not calls_for_all(connection, after_split(), span(after_split()))  # nothing is left to ask for
    same = part(raw(N), slice(EX - 5, N))
    assert not calls_for_all(connection, same, span(same))


def test_single_changes_are_no_rebase():
    labels = np.arange(20)
    known = np.linspace(10.0, 12.0, 20)
    told = known.copy()
    told[[3, 9]] *= 1.5
    assert stretches(labels, known, told) == []
    assert stretches(labels, known, known * (1.0 + 1e-6)) == []
    assert stretches(labels, known, known * np.linspace(1.01, 1.5, 20)) == []  # everything changed, and by no rule


def test_several_stretches_have_a_factor_each():
    known = np.linspace(10.0, 12.0, 30)
    factor = np.repeat([0.9, 0.95, 1.0], 10)
    found = stretches(np.arange(30), known, known * factor)
    assert [(first, last) for first, last, _ in found] == [(0, 9), (10, 19)]
    assert [f for _, _, f in found] == pytest.approx([0.9, 0.95])


def test_a_split_and_a_dividend_between_two_pulls_are_both_named(connection):
    save(connection, raw(40), 1)
    whole, paid_on, paid = after_split(), 45, 0.5
    factor = 1.0 - paid / whole.close[paid_on - 1]
    told = dataclasses.replace(
        whole,
        adjusted=np.where(np.arange(N) < paid_on, whole.adjusted * factor, whole.adjusted),
        dividends=np.where(np.arange(N) == paid_on, paid, whole.dividends),
    )
    save(connection, told, 2)
    rows = dict(connection.execute("select field, why from price_rebases").fetchall())
    assert rows["close"] == f"4 for 1 split on {DAYS[EX]}"
    assert rows["adjusted"] == f"dividend of 0.5 on {DAYS[paid_on]} and 4 for 1 split on {DAYS[EX]}"


def test_a_split_that_is_taken_back_is_said_so(connection):
    save(connection, after_split(), 1)
    # the earlier prices are as they were, the split still stands in the list of actions
    early, late = part(raw(N), slice(0, EX)), part(after_split(), slice(EX, N))
    names = ("sessions", "instants", "close", "high", "low", "volume", "adjusted", "dividends", "splits")
    told = dataclasses.replace(late, **{n: np.append(getattr(early, n), getattr(late, n)) for n in names})
    save(connection, told, 2)
    rows = connection.execute("select factor, why from price_rebases where field = 'close'").fetchall()
    assert rows == [(pytest.approx(4.0), f"4 for 1 split on {DAYS[EX]} taken back")]


def test_what_an_answer_does_not_tell_stays_known(connection):
    save(connection, raw(EX), 1)
    bare = dataclasses.replace(raw(EX), volume=None, high=None, low=None, dividends=np.full(EX, np.nan))
    assert save(connection, bare, 2) == 0
    kept = read(connection, SYMBOL).values
    assert (kept[:, VOLUME] == 1000.0).all()
    assert kept[PAID, DIVIDEND] == 0.5
