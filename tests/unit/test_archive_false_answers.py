"""Answers that were false as a whole: what of them counts once the source is right again, or goes on."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from eventstudy.archive import answers as archive
from eventstudy.archive.bars import read
from eventstudy.archive.confirmations import confirm
from eventstudy.archive.flags import all_flags
from eventstudy.database.connection import open_database
from tests.support.series import SYMBOL, daily, day, part, span, weekdays

N = 80
DAYS = weekdays("2023-01-02", N)
CLOSE = np.round(100.0 * np.exp(np.cumsum(np.random.default_rng(4).normal(0, 0.015, N))), 4)
TRUE = daily(DAYS, CLOSE)
OTHER = daily(DAYS, np.round(40.0 * np.exp(np.cumsum(np.random.default_rng(8).normal(0, 0.02, N))), 4))


@pytest.fixture
def connection(tmp_path):
    db = open_database(tmp_path / "a.db")
    yield db.conn
    db.close()


def save(connection, found, when):
    archive.save(connection, found, asked=span(found), fetched_at=day(when))


def prices(connection):
    return archive.load(connection, *SYMBOL[:2], asset="A")


def flagged(connection, rule):
    return [f.session for f in all_flags(connection, SYMBOL, read(connection, SYMBOL)) if f.rule == rule]


def known(connection):
    series = prices(connection)
    return series.sessions[np.isfinite(series.prices)].tolist()


def test_bars_of_an_answer_whose_dates_were_a_day_off_count_no_more_once_it_is_taken_back(connection):
    save(connection, part(TRUE, slice(0, 60)), 1)
    one = np.timedelta64(1, "D")
    save(connection, dataclasses.replace(TRUE, sessions=DAYS - one, instants=TRUE.instants - one), 2)
    save(connection, TRUE, 3)
    sundays = DAYS[::5] - one
    assert flagged(connection, "taken-back") == sundays[1:].tolist()  # the first is before all that was asked again
    assert known(connection)[1:] == DAYS.tolist()
    returns = np.diff(np.log(prices(connection).prices[np.isin(prices(connection).sessions, DAYS)]))
    np.testing.assert_allclose(returns, np.diff(np.log(CLOSE)), atol=1e-9)


def test_a_hole_in_an_answer_leaves_the_bar_that_was_known(connection):
    save(connection, TRUE, 1)
    save(connection, part(TRUE, np.arange(N) != 70), 2)
    assert flagged(connection, "withdrawn") == [DAYS[70]]
    assert known(connection) == DAYS.tolist()


def test_what_follows_on_another_history_is_of_it_until_the_old_one_is_back(connection):
    save(connection, part(TRUE, slice(0, 70)), 1)
    save(connection, part(OTHER, slice(0, 71)), 2)
    save(connection, part(OTHER, slice(66, 76)), 3)
    assert flagged(connection, "replaced") == DAYS[:76].tolist()
    assert known(connection) == []
    save(connection, part(TRUE, slice(60, N)), 4)
    assert flagged(connection, "replaced") == DAYS[:60].tolist()
    assert known(connection) == DAYS[60:].tolist()


def test_whoever_confirms_another_history_confirms_what_follows_on_it(connection):
    save(connection, part(TRUE, slice(0, 70)), 1)
    save(connection, OTHER, 2)
    bars = read(connection, SYMBOL)
    flags = [f for f in all_flags(connection, SYMBOL, bars) if f.rule == "replaced"][:1]
    confirm(connection, SYMBOL, bars, flags, by="Ann", reason="a merger", at=day(3))
    assert known(connection) == DAYS.tolist()


def at_hour(hours):
    return (DAYS + hours.astype("timedelta64[h]")).astype("datetime64[ns]")


def test_a_live_quote_is_in_doubt_until_the_close_is_there(connection):
    hours = np.full(N, 21)
    hours[70] = 18
    save(connection, dataclasses.replace(TRUE, instants=at_hour(hours)), 1)
    assert flagged(connection, "live") == [DAYS[70]]
    assert known(connection) == np.delete(DAYS, 70).tolist()
    save(connection, TRUE, 2)
    assert flagged(connection, "live") == []
    assert known(connection) == DAYS.tolist()


def test_a_half_day_and_a_change_of_the_clock_are_no_live_quotes(connection):
    half = int(np.flatnonzero(np.datetime64("2023-04-07") == DAYS)[0])  # no half day, and closed altogether
    hours = np.where(np.datetime64("2023-03-12") > DAYS, 21, 20)
    save(connection, dataclasses.replace(TRUE, instants=at_hour(hours), calendar="XNYS"), 1)
    assert flagged(connection, "live") == []
    hours[half] = 17
    save(connection, dataclasses.replace(TRUE, instants=at_hour(hours), calendar="XNYS"), 2)
    assert flagged(connection, "live") == [DAYS[half]]
    november = dataclasses.replace(
        TRUE,
        sessions=DAYS + np.timedelta64(280, "D"),
        instants=at_hour(np.where(np.datetime64("2023-11-24") == DAYS + 280, 18, 21)) + np.timedelta64(280, "D"),
    )
    save(connection, dataclasses.replace(november, symbol="B", calendar="XNYS"), 3)
    key = ("s", "B", "1d")
    assert np.datetime64("2023-11-24") in november.sessions
    assert not [f for f in all_flags(connection, key, read(connection, key)) if f.rule == "live"]
