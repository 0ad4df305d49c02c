"""Which days are asked for: what is missing, a few bars around it, the young end of a span, and nothing else."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pytest

from eventstudy.archive import answers as archive
from eventstudy.archive.coverage import after_unasked, covered, is_covered, join, missing
from eventstudy.database.connection import open_database
from tests.support.series import SYMBOL, daily, part, span, weekdays

DAYS = weekdays("2023-01-02", 260)
WHOLE = daily(DAYS, np.linspace(10, 20, 260))
TODAY = dt.date(2024, 6, 3)
LONG_AGO = dt.datetime(2024, 6, 1, tzinfo=dt.UTC)


def d(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.fixture
def connection(tmp_path):
    db = open_database(tmp_path / "a.db")
    yield db.conn
    db.close()


def put(connection, first: str, last: str, when: dt.datetime = LONG_AGO) -> None:
    inside = (np.datetime64(first) <= DAYS) & (np.datetime64(last) >= DAYS)
    archive.save(connection, part(WHOLE, inside), asked=(d(first), d(last)), fetched_at=when)


def test_of_an_unknown_symbol_everything_is_asked(connection):
    assert missing(connection, SYMBOL, [(d("2023-01-02"), d("2023-03-31"))], TODAY) == [
        (d("2023-01-02"), d("2023-03-31"))
    ]


def test_what_is_settled_is_not_asked_again(connection):
    put(connection, "2023-01-02", "2023-03-31")
    assert covered(connection, SYMBOL) == [(d("2023-01-02"), d("2023-03-31"))]
    assert missing(connection, SYMBOL, [(d("2023-02-01"), d("2023-03-31"))], TODAY) == []


def test_what_follows_is_asked_with_five_bars_before_it(connection):
    put(connection, "2023-01-02", "2023-03-31")
    assert missing(connection, SYMBOL, [(d("2023-02-01"), d("2023-05-01"))], TODAY) == [
        (d("2023-03-27"), d("2023-05-01"))
    ]


def test_what_lies_before_is_asked_with_five_bars_after_it(connection):
    put(connection, "2023-03-01", "2023-03-31")
    assert missing(connection, SYMBOL, [(d("2023-01-02"), d("2023-03-10"))], TODAY) == [
        (d("2023-01-02"), d("2023-03-07"))
    ]


def test_a_hole_is_asked_with_both_of_its_sides(connection):
    put(connection, "2023-01-02", "2023-02-28")
    put(connection, "2023-06-01", "2023-08-31")
    assert missing(connection, SYMBOL, [(d("2023-01-02"), d("2023-08-31"))], TODAY) == [
        (d("2023-02-22"), d("2023-06-07"))
    ]


def test_spans_far_apart_are_asked_apart(connection):
    far = [(d("2015-01-01"), d("2015-03-01")), (d("2023-01-02"), d("2023-02-01"))]
    assert missing(connection, SYMBOL, far, TODAY) == far


def test_the_end_of_a_young_span_is_asked_again(connection):
    put(connection, "2023-01-02", "2023-03-15", dt.datetime(2023, 3, 15, 22, tzinfo=dt.UTC))
    again = missing(connection, SYMBOL, [(d("2023-01-02"), d("2023-03-15"))], d("2023-03-15"))
    assert again == [(d("2023-03-09"), d("2023-03-15"))]
    assert missing(connection, SYMBOL, [(d("2023-01-02"), d("2023-03-15"))], d("2023-03-30")) == []


def test_bars_of_other_years_are_no_reason_to_ask_for_those_between(connection):
    put(connection, "2023-01-02", "2023-03-15")
    young = (d("2024-03-01"), TODAY)
    assert missing(connection, SYMBOL, [young], TODAY) == [young]
    nothing = (d("2023-10-01"), d("2024-02-29"))  # settled, and empty
    archive.save_nothing(connection, SYMBOL, asked=nothing, fetched_at=LONG_AGO, version="1", why="no rate")
    assert missing(connection, SYMBOL, [young], TODAY) == [(nothing[1], TODAY)]
    before = (d("2023-08-15"), d("2023-09-30"))
    assert missing(connection, SYMBOL, [before], TODAY) == [(before[0], nothing[0])]


def test_a_day_without_a_bar_yet_is_not_settled(connection):
    asked = (d("2023-03-01"), d("2023-03-17"))
    inside = (np.datetime64("2023-03-01") <= DAYS) & (np.datetime64("2023-03-15") >= DAYS)
    archive.save(connection, part(WHOLE, inside), asked=asked, fetched_at=dt.datetime(2023, 3, 17, tzinfo=dt.UTC))
    assert covered(connection, SYMBOL) == [(d("2023-03-01"), d("2023-03-15"))]
    assert not is_covered(connection, SYMBOL, asked)
    archive.save(connection, part(WHOLE, inside), asked=asked, fetched_at=LONG_AGO)  # by now it will not come
    assert is_covered(connection, SYMBOL, asked)


def test_that_a_source_holds_nothing_settles_the_days(connection):
    put(connection, "2023-03-01", "2023-03-31")
    archive.save_nothing(
        connection, SYMBOL, asked=(d("2022-01-01"), d("2022-03-01")), fetched_at=LONG_AGO, version="1", why="no rate"
    )
    assert is_covered(connection, SYMBOL, (d("2022-01-05"), d("2022-02-01")))
    assert archive.load(connection, "s", "A", asset="A").notes == ()  # the notes are those of the prices


def test_no_return_reaches_over_days_that_nobody_asked_for(connection):
    put(connection, "2023-01-02", "2023-02-28")
    put(connection, "2023-06-01", "2023-08-31")
    series = archive.load(connection, "s", "A", asset="A")
    gap = int(np.searchsorted(series.sessions, np.datetime64("2023-06-01")))
    assert np.flatnonzero(np.isnan(series.prices)).tolist() == [gap]
    put(connection, "2023-02-28", "2023-06-01")
    assert np.isfinite(archive.load(connection, "s", "A", asset="A").prices).all()
    as_then = dt.datetime(2024, 5, 1, tzinfo=dt.UTC)
    assert covered(connection, SYMBOL, as_then) == []


def test_a_closure_within_what_was_asked_is_no_gap():
    sessions = np.array(["2022-02-25", "2022-03-24"], "datetime64[D]")
    assert after_unasked(sessions, [(d("2022-01-01"), d("2022-04-01"))]) == []
    assert after_unasked(sessions, [(d("2022-01-01"), d("2022-02-28")), (d("2022-03-20"), d("2022-04-01"))]) == [1]
    assert after_unasked(sessions, [(d("2022-01-01"), d("2022-03-16")), (d("2022-03-20"), d("2022-04-01"))]) == []


def test_spans_join_when_they_are_near():
    a, b, c = (
        (d(x), d(y)) for x, y in (("2023-01-01", "2023-01-31"), ("2023-02-20", "2023-03-01"), ("2023-06-01",) * 2)
    )
    assert join([c, b, a]) == [(a[0], b[1]), c]
    assert join([a, b], gap=dt.timedelta(0)) == [a, b]
    assert join([(dt.date.min, dt.date.max), a]) == [(dt.date.min, dt.date.max)]


def test_intraday_bars_have_days_and_labels_of_their_own(connection):
    starts = np.arange(
        np.datetime64("2023-03-15T13:30", "ns"), np.datetime64("2023-03-15T20:00"), np.timedelta64(30, "m")
    )
    found = daily(
        np.repeat(np.datetime64("2023-03-15"), starts.size),
        np.arange(1.0, starts.size + 1),
        bar="30m",
        starts=starts,
        instants=starts + np.timedelta64(30, "m"),
    )
    assert archive.save(connection, found, asked=span(found), fetched_at=LONG_AGO) == starts.size
    assert archive.save(connection, found, asked=span(found), fetched_at=LONG_AGO) == 0
    series = archive.load(connection, "s", "A", asset="A", bar="30m")
    assert (series.instants == found.instants).all()
    assert not archive.is_known(connection, SYMBOL)
    more = dataclasses.replace(found, starts=starts + np.timedelta64(7, "h"))
    assert archive.save(connection, more, asked=span(more), fetched_at=LONG_AGO) == starts.size
