"""What archive.md, evidence.md and prices.md promise by number: thresholds, days, waits, and readings as of a time."""

from __future__ import annotations

import dataclasses
import datetime as dt
import time

import numpy as np
import pytest
import stamina

from eventstudy.archive import answers as archive
from eventstudy.archive.bars import of_snapshot
from eventstudy.archive.coverage import covered, missing
from eventstudy.archive.flags import quotes_of
from eventstudy.archive.read import moment
from eventstudy.archive.rebase import stretches
from eventstudy.archive.verify import verify
from eventstudy.database.connection import open_database
from eventstudy.errors import NoDataInRange, RateLimited, SourceDown
from eventstudy.evidence.rules import examine
from eventstudy.prices.source import wait_or_give_up
from eventstudy.prices.yahoo.source import YahooSource
from tests.support.series import SYMBOL, daily, day, part, span, weekdays

N = 60
DAYS = weekdays("2023-01-02", N)
CLOSE = np.linspace(100.0, 110.0, N)
FLAT = 100.0 + np.arange(N) % 2 * 0.01


@pytest.fixture
def connection(tmp_path):
    db = open_database(tmp_path / "a.db")
    yield db.conn
    db.close()


def save(connection, found, when):
    return archive.save(connection, found, asked=span(found), fetched_at=day(when))


def load(connection, when=None):
    return archive.load(connection, "s", "A", asset="A", as_of=None if when is None else day(when))


# --- readings as of a time --------------------------------------------------------------------------------------------


def test_a_series_is_what_was_known_then(connection):
    save(connection, daily(DAYS[:3], CLOSE[:3]), 1)
    save(connection, daily(DAYS[:4], CLOSE[:4] + np.array([0, 1, 0, 0])), 3)
    assert [load(connection, when).prices.size for when in (1, 2, 3)] == [3, 3, 4]
    assert load(connection, 2).prices[1] == CLOSE[1]


def test_days_that_were_asked_for_later_were_a_gap_then(connection):
    whole = daily(DAYS, CLOSE)
    save(connection, part(whole, slice(0, 10)), 400)
    save(connection, part(whole, slice(40, 60)), 401)
    save(connection, part(whole, slice(9, 41)), 402)
    assert np.flatnonzero(np.isnan(load(connection, 401).prices)).tolist() == [10]
    assert np.isfinite(load(connection).prices).all()


def test_notes_are_of_every_answer_that_a_bar_is_from_and_of_no_later_one(connection):
    save(
        connection, daily(DAYS[:3], CLOSE[:3], notes=("dividends in EUR: left out", "not finished when fetched, …")), 1
    )
    save(connection, daily(DAYS[:4], CLOSE[:4], notes=("quiet",)), 2)
    assert load(connection, 1).notes == ("dividends in EUR: left out",)
    assert load(connection).notes == ("dividends in EUR: left out", "quiet")


def test_a_date_means_its_end():
    assert moment("2023-03-17") == dt.datetime(2023, 3, 17, 23, 59, 59, tzinfo=dt.UTC)


# --- what verify and the quarantine see -------------------------------------------------------------------------------


def test_a_change_of_currency_is_left_out_and_told(connection):
    whole = daily(DAYS[:6], CLOSE[:6])
    save(connection, dataclasses.replace(part(whole, slice(0, 3)), currency="GBp"), 1)
    save(connection, dataclasses.replace(part(whole, slice(3, 6)), currency="GBP"), 2)
    series = load(connection)
    assert np.flatnonzero(np.isnan(series.prices)).tolist() == [3]
    assert [words for _, words in series.marks] == [f"A: change of currency on {DAYS[3]} (GBp to GBP); left out"]


def test_another_history_under_the_same_name_is_in_doubt_until_the_source_takes_it_back(connection):
    days = weekdays("2023-01-02", 60)
    first, other = (100.0 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.01, 60))) for seed in (1, 2))
    save(connection, daily(days, first), 1)
    save(connection, daily(days, 3.0 * other), 2)
    doubted = load(connection)
    assert len(doubted.doubts) == 60
    assert np.isnan(doubted.prices).all()
    assert doubted.doubts[0][1].startswith(f"A: another history than the one that the source gave before on {days[0]}")
    save(connection, daily(days, first), 3)
    assert load(connection).doubts == ()
    assert np.isfinite(load(connection).prices).all()


def test_a_number_that_was_changed_behind_its_back_is_seen_in_any_column(connection):
    save(connection, daily(DAYS[:3], CLOSE[:3], open=CLOSE[:3]), 1)
    connection.execute("update bar_versions set open = open + 1 where label = (select min(label) from bar_versions)")
    broken = [(f.check, "not those that came" in f.detail) for f in verify(connection, {}) if f.is_broken]
    assert broken == [("hash", True)]


def test_a_bar_that_was_moved_to_another_series_is_seen(connection):
    save(connection, daily(DAYS[:3], CLOSE[:3]), 1)
    save(connection, dataclasses.replace(daily(DAYS[:3], CLOSE[:3]), symbol="B"), 1)
    connection.execute(
        "update bar_versions set series_id = 1 where series_id = 2 and label = (select min(label) from bar_versions)"
    )
    found = {(f.symbol, f.detail.split(":")[0]) for f in verify(connection, {}) if f.is_broken}
    assert ("A", "bars of an answer of another series") in found


@pytest.mark.parametrize(("off", "is_fault"), [(1.001, True), (1.0001, False)])
def test_adjusted_closes_are_held_to_two_hundredths_of_a_percent(connection, off, is_fault):
    adjusted = CLOSE.copy()
    adjusted[:20] *= off
    save(connection, daily(DAYS, CLOSE, adjusted=adjusted), 1)
    assert [f.check for f in verify(connection, {}) if f.is_broken] == (["adjusted"] if is_fault else [])


def test_factors_that_differ_by_a_thousandth_are_no_rebase():
    known = np.linspace(10.0, 12.0, 20) + 1e-9
    assert stretches(np.arange(20), known, known * np.linspace(0.5, 0.52, 20)) == []


WILD = 100.0 * (1.0 + 0.03 * (np.arange(N) % 2))  # six usual moves are more than the split


def flat(k, factor, stop=None):
    out = FLAT.copy()
    out[k : stop or k + 1] *= factor
    return out


def split(ratio):
    return {"splits": np.where(np.arange(N) == 20, ratio, 1.0)}


@pytest.mark.parametrize(
    ("close", "more", "rule", "is_marked"),
    [
        (flat(20, np.exp(0.16)), {}, "reversal", True),
        (np.where(np.arange(N) == 20, 118.0, 100.0 + np.arange(N) % 2 * 1.0), {}, "reversal", True),
        (np.where(np.arange(N) == 20, 117.0, 100.0 + np.arange(N) % 2 * 1.0), {}, "reversal", False),
        (np.r_[FLAT[:20], FLAT[20] * np.exp(0.30), FLAT[21:] * np.exp(0.05)], {}, "reversal", True),
        (np.r_[FLAT[:20], FLAT[20] * np.exp(0.30), FLAT[21:] * np.exp(0.07)], {}, "reversal", False),
        (np.where(np.arange(N) == 20, 130.0, 100.0 + np.arange(N) % 2 * 5.0), {}, "reversal", False),
        (flat(20, np.exp(0.031)), {}, "reversal", True),
        (flat(20, np.exp(0.029)), {}, "reversal", False),
        (flat(20, 100 * np.exp(0.24)), {}, "tenfold", True),
        (flat(20, 100 * np.exp(0.26)), {}, "tenfold", True),
        (flat(20, 10 * np.exp(-0.24)), {}, "tenfold", True),
        (flat(20, 10 * np.exp(-0.26)), {}, "tenfold", False),
        (flat(20, 0.01 * np.exp(0.24)), {}, "tenfold", True),
        (flat(20, 0.1 * np.exp(0.24)), {}, "tenfold", True),
        (flat(20, 0.1 * np.exp(0.26)), {}, "tenfold", False),
        (flat(20, 10.0 * np.exp(-0.24), N), {}, "level", True),
        (flat(20, 10.0 * np.exp(-0.26), N), {}, "level", False),
        (flat(0, 10.0, 60), {}, "level", False),
        (np.where((np.arange(N) > 20) & (np.arange(N) < 24), 100.0, 100.0 + np.arange(N) % 3), {}, "frozen", True),
        (np.where((np.arange(N) > 20) & (np.arange(N) < 23), 100.0, 100.0 + np.arange(N) % 2), {}, "frozen", False),
        (FLAT, {"dividends": np.where(np.arange(N) == 20, 2.1, 0.0)}, "dividend", True),
        (FLAT, {"dividends": np.where(np.arange(N) == 20, 1.9, 0.0)}, "dividend", False),
        (FLAT, {"adjusted": np.where(np.arange(N) < 20, FLAT * 1.0012, FLAT)}, "adjusted", True),
        (FLAT, {"adjusted": np.where(np.arange(N) < 20, FLAT * 1.0008, FLAT)}, "adjusted", False),
        (FLAT, {"dividends": np.where(np.arange(N) == 20, 49.0, 0.0)}, "large-dividend", False),
        (FLAT, {"dividends": np.where(np.arange(N) == 20, 51.0, 0.0)}, "large-dividend", True),
        (flat(20, 1.11 / 4, N), split(4.0), "split-not-applied", True),
        (flat(20, 1.13 / 4, N), split(4.0), "split-not-applied", False),
        (flat(20, 1 / 1.15, N), split(1.15), "split-not-applied", True),
        (flat(20, 1 / 1.14, N), split(1.14), "split-not-applied", True),
        (np.where(np.arange(N) < 20, 1.15, 1.0) * WILD, split(1.15), "split-not-applied", True),
        (np.where(np.arange(N) < 20, 1.14, 1.0) * WILD, split(1.14), "split-not-applied", False),
        (flat(20, 2.05, N), {}, "factor", True),
        (flat(20, 2.15, N), {}, "factor", False),
    ],
)
def test_thresholds(close, more, rule, is_marked):
    marks = examine(quotes_of(of_snapshot(daily(DAYS, close, **more))))
    assert (rule in [mark.rule for mark in marks]) is is_marked


# --- which days are settled, and how long is waited -------------------------------------------------------------------


@pytest.mark.parametrize(("age", "is_settled"), [(5, False), (6, True)])
def test_the_last_five_days_are_settled_only_up_to_the_last_bar(connection, age, is_settled):
    some = daily(DAYS[:8], np.linspace(10, 11, 8))  # up to 2023-01-11
    asked = (dt.date(2023, 1, 2), dt.date(2023, 1, 13))
    archive.save(connection, some, asked=asked, fetched_at=dt.datetime(2023, 1, 13 + age, tzinfo=dt.UTC))
    assert covered(connection, SYMBOL) == [(asked[0], asked[1] if is_settled else dt.date(2023, 1, 11))]


@pytest.mark.parametrize(("age", "again"), [(10, True), (11, False)])
def test_the_end_of_a_span_of_up_to_ten_days_is_asked_again(connection, age, again):
    some = daily(DAYS[:10], np.linspace(10, 11, 10))
    archive.save(connection, some, asked=span(some), fetched_at=dt.datetime(2024, 1, 1, tzinfo=dt.UTC))
    assert bool(missing(connection, SYMBOL, [span(some)], span(some)[1] + dt.timedelta(days=age))) is again


def test_only_what_may_pass_is_waited_for_and_up_to_a_minute():
    decide = wait_or_give_up(60.0)
    waits = [
        decide(RateLimited("slow", source="s", symbol="A", retry_after=after)) for after in (None, 0.0, 7.0, 60.0, 60.5)
    ]
    assert waits == [True, 0.0, 7.0, 60.0, False]
    assert type(waits[2]) is float  # a number is the wait; True would be the ordinary one
    assert decide(SourceDown("x", source="s", symbol="A")) is True
    assert decide(NoDataInRange("x", source="s", symbol="A")) is False
    assert decide(ValueError()) is False


def test_waits_grow_twofold_and_never_the_same_way_twice(tmp_path, monkeypatch):
    waits: list[float] = []
    monkeypatch.setattr(time, "sleep", waits.append)

    def fails():
        raise SourceDown("x", source="yahoo", symbol="A")

    patient = YahooSource(cache_dir=tmp_path, attempts=5)
    with stamina.set_testing(False):
        for _ in range(2):
            with pytest.raises(SourceDown):
                patient.patiently(fails)
    first, second = waits[:4], waits[4:]
    assert all(2.0**k <= wait <= 2.0**k + 1 for k, wait in enumerate(first))
    assert first != second
