"""Daily closes of stored bars of five minutes, where the daily source is silent."""

from __future__ import annotations

import datetime as dt
import sqlite3
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from eventstudy.archive import answers as archive
from eventstudy.archive.from_minutes import with_minutes
from eventstudy.calendars import ExchangeCalendar, named_calendar
from eventstudy.database.connection import open_database, transaction
from eventstudy.records import Snapshot
from tests.support.command import eventstudy

NEW_YORK = ZoneInfo("America/New_York")
DAILY = ("2022-11-21", "2022-11-22")  # Monday, Tuesday; Thursday is Thanksgiving, Friday closes at 13:00
XNYS = named_calendar("XNYS")


def utc(day: str, clock: str) -> np.datetime64:
    local = dt.datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=NEW_YORK)
    return np.datetime64(local.astimezone(dt.UTC).replace(tzinfo=None), "ns")


def answer(bar: str, rows: list[tuple[str, str, float]]) -> Snapshot:
    """Rows of day, start of the bar (of daily bars its close), and closing price."""
    starts = np.array([utc(day, clock) for day, clock, _ in rows])
    is_daily = bar == "1d"
    close = np.array([price for *_, price in rows])
    return Snapshot(
        source="s",
        symbol="A",
        currency="USD",
        version="1",
        bar=bar,
        sessions=np.array([day for day, *_ in rows], dtype="datetime64[D]"),
        starts=None if is_daily else starts,
        instants=starts if is_daily else starts + np.timedelta64(5, "m"),
        close=close,
        high=np.maximum(close, 50.0),
        low=np.maximum(close, 50.0),
        dividends=np.zeros(close.size),
    )


@pytest.fixture
def joined(tmp_path: Path):
    """The daily series of two days with some bars of five minutes."""
    db = open_database(tmp_path / "a.db")

    def of(rows: list[tuple[str, str, float]]):
        when = dt.datetime(2022, 11, 27, tzinfo=dt.UTC)
        found = answer("1d", [(day, "16:00", price) for day, price in zip(DAILY, (100.0, 101.0), strict=True)])
        with transaction(db) as connection:
            for snapshot in (found, *([answer("5m", rows)] if rows else [])):
                archive.save(
                    connection, snapshot, asked=(dt.date(2022, 11, 21), dt.date(2022, 11, 25)), fetched_at=when
                )
        assert isinstance(XNYS, ExchangeCalendar)
        series = archive.load(db.conn, "s", "A", asset="A")
        return with_minutes(db.conn, ("s", "A", "1d"), series, XNYS)

    yield of
    db.close()


def test_sessions_after_the_last_daily_price_have_the_close_of_their_last_bar_and_say_so(joined):
    """Wednesday to 16:00, Friday to 13:00; bars of Monday change nothing, as it has a price of the day."""
    found = joined(
        [
            ("2022-11-21", "15:55", 55.0),
            ("2022-11-23", "15:50", 101.5),
            ("2022-11-23", "15:55", 102.0),
            ("2022-11-25", "12:55", 103.0),
        ]
    )
    assert found.sessions.astype(str).tolist() == [*DAILY, "2022-11-23", "2022-11-25"]
    assert found.prices.tolist() == [100.0, 101.0, 102.0, 103.0]
    assert found.instants[2:].tolist() == [utc("2022-11-23", "16:00").item(), utc("2022-11-25", "13:00").item()]
    assert [words for _, words in found.marks] == [
        "A: 2022-11-23: no daily price yet; its close is that of the last bar of 5m, without any dividend",
        "A: 2022-11-25: no daily price yet; its close is that of the last bar of 5m, without any dividend",
    ]


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([("2022-11-23", "15:50", 102.0)], "its bars do not reach the close"),
        ([("2022-11-23", "16:00", 102.0)], "it lies after the close"),
        ([("2022-11-22", "15:55", 102.0)], "there is a daily price"),
        ([("2022-11-23", "15:55", 1.02)], "a close outside its own range is in doubt"),
        ([], "there are no bars"),
    ],
)
def test_a_session_has_no_price_where(joined, rows, why):
    assert joined(rows).prices.tolist() == [100.0, 101.0], why


def test_status_says_from_when_on_bars_suffice_and_what_that_takes(joined, tmp_path):
    joined([("2022-11-25", "09:30", 50.0)])
    said = "bars       A (s): 1 session of 5m bars, 2022-11-25 to 2022-11-25; 19 sessions more are needed"
    how = "give earlier bars, or collect them as they come (`captures: standing: [5m]`)"

    def shown():
        (line,) = [line for line in eventstudy("status", "--db", tmp_path / "a.db").out.splitlines() if " bars" in line]
        return line

    assert shown() == f"{said}: {how}, which is enough from about 2022-12-23 on"
    connection = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    connection.execute("insert into standing_captures values ('s', 'A', '5m', '2022-11-25', '2022-11-25')")
    assert shown() == f"{said}, so from about 2022-12-23 on"
