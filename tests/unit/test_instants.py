"""One spelling of an instant."""

from __future__ import annotations

import datetime as dt
import sqlite3
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from eventstudy.calendars import first_after
from eventstudy.errors import InputError
from eventstudy.events.build import parse_when
from eventstudy.instants import parse, stamp, stamp_of
from tests.docs import schema_page


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (dt.datetime(2023, 3, 17, 7, tzinfo=dt.UTC), "2023-03-17T07:00:00Z"),
        (dt.datetime(2023, 3, 17, 15, tzinfo=ZoneInfo("Asia/Shanghai")), "2023-03-17T07:00:00Z"),
        (dt.datetime(2023, 3, 17, 7, 0, 0, 999_999, tzinfo=dt.UTC), "2023-03-17T07:00:00Z"),
        (dt.datetime(999, 3, 17, 7, tzinfo=dt.UTC), "0999-03-17T07:00:00Z"),
    ],
)
def test_an_instant_is_written_in_one_way(moment, text):
    assert stamp(moment) == text
    assert parse(text) == moment.astimezone(dt.UTC).replace(microsecond=0)


def test_seconds_since_1970_are_written_likewise():
    assert stamp_of(1_679_036_400) == "2023-03-17T07:00:00Z"


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(InputError, match="a time without a zone"):
        stamp(dt.datetime(2023, 3, 17))  # noqa: DTZ001  # that is what is refused
    with pytest.raises(ValueError, match="has no zone"):
        parse("2023-03-17T07:00:00")


@pytest.mark.parametrize("fraction", ["", ".000001", ".5", ".999999"])
@pytest.mark.parametrize(("second", "day0"), [(59, 0), (60, 1)])
def test_a_fraction_of_a_second_never_decides_which_price_comes_first(second, fraction, day0):
    """Prices are stamped to the second: one is after an instant if, and only if, it is after its whole second."""
    prices = np.array(["2023-03-17T20:00:00", "2023-03-20T20:00:00"], dtype="datetime64[ns]")
    text = f"2023-03-17T{'19:59:59' if second == 59 else '20:00:00'}{fraction}"
    exact = np.datetime64(text, "ns")
    assert int(np.searchsorted(prices, exact, side="right")) == day0
    assert first_after(prices, parse_when(f"{text}Z", None, "x")[0]) == day0


@pytest.mark.parametrize(
    "wrong", ["2023-03-17T07:00:00+00:00", "2023-03-17T07:00:00.25Z", "2023-03-17 07:00:00Z", "now"]
)
def test_the_schema_refuses_any_other_spelling(wrong):
    connection = schema_page.database()
    columns = "source, symbol, bar, asked_from, asked_to, row_count, new_rows, content_hash, currency, version, notes"
    row = f"insert into snapshots ({columns}, fetched_at) values ('s', 'A', '1d', '', '', 0, 0, '', '', '', '[]', ?)"
    connection.execute(row, ("2023-03-17T07:00:00Z",))
    with pytest.raises(sqlite3.IntegrityError, match="fetched_at glob"):
        connection.execute(row, (wrong,))
