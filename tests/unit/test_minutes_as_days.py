"""Bars of less than a day where prices of days are asked for: their size is told, and what to type."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import DataError, UnreadableFile
from eventstudy.prices.files import FileSource
from eventstudy.tables.minutes import refuse_bars
from eventstudy.tables.reading import of_frame
from tests.support.command import eventstudy

EVENTS = "event_id,asset,announced_at\nfed,AAA,2023-03-15T18:00:00Z\n"


def long(step: str) -> pd.DataFrame:
    """A fortnight in New York, over the change of the clocks, of two symbols."""
    days = pd.bdate_range("2023-03-06", "2023-03-17")
    starts = [t for day in days for t in pd.date_range(f"{day:%F} 09:30", f"{day:%F} 15:59", freq=step)]
    stamps = [f"{at.tz_localize('America/New_York'):%Y-%m-%dT%H:%M:%S%z}" for at in starts]
    return pd.concat(
        [pd.DataFrame({"symbol": name, "start": stamps, "close": range(1, len(stamps) + 1)}) for name in ("AAA", "BBB")]
    )


def wide(step: str) -> pd.DataFrame:
    return long(step).pivot_table(index="start", columns="symbol", values="close").reset_index()


def in_two_columns(step: str) -> pd.DataFrame:
    found = long(step)
    day, time = found["start"].str[:10], found["start"].str[11:16]
    return pd.DataFrame({"date": day, "time": time, "symbol": found["symbol"], "close": found["close"]})


@pytest.mark.parametrize("make", [long, wide, in_two_columns])
@pytest.mark.parametrize(
    ("step", "told", "typed"), [("1min", "1m", "1m"), ("5min", "5m", "5m"), ("10min", "10 minutes", "30m")]
)
def test_the_command_says_what_size_was_seen_and_what_to_type(tmp_path: Path, make, step, told, typed):
    make(step).to_csv(tmp_path / "bars.csv", index=False)
    (tmp_path / "events.csv").write_text(EVENTS)
    done = eventstudy("study", "--prices", tmp_path / "bars.csv", "--events", tmp_path / "events.csv")
    assert done.code == 1
    assert f"bars.csv: these are bars of {told}, and prices of days are asked for" in done.err
    assert f"write --bar {typed}" in done.err


def test_what_was_told_to_type_is_taken(tmp_path: Path):
    long("5min").to_csv(tmp_path / "bars.csv", index=False)
    (tmp_path / "events.csv").write_text(EVENTS)
    files = ("--prices", tmp_path / "bars.csv", "--events", tmp_path / "events.csv")
    done = eventstudy("study", *files, "--bar", "5m", "--calendar", "XNYS")
    assert done.code == 3  # seven sessions before it are too few
    assert "bars of 5m" in done.out


@pytest.mark.parametrize("make", [long, wide])
def test_in_python_it_is_told_in_python(make):
    with pytest.raises(DataError, match=r'these are bars of 5m.*write bar="5m"'):
        es.run_study(make("5min"), pd.DataFrame({"event_id": ["fed"], "asset": ["AAA"], "date": ["2023-03-15"]}))


def test_a_source_of_files_names_its_setting(tmp_path: Path):
    wide("30min").to_csv(tmp_path / "bars.csv", index=False)
    now = dt.datetime(2023, 4, 1, tzinfo=dt.UTC)
    source = FileSource(path=tmp_path / "bars.csv", now=lambda: now)
    with pytest.raises(UnreadableFile, match=r"bars of 30m.*write bar: 30m in the settings of the source"):
        source.fetch("AAA", dt.date(2023, 3, 6), dt.date(2023, 3, 17))


@pytest.mark.parametrize("times", [["16:00"], ["10:30", "15:00"]])
def test_prices_of_days_with_a_time_or_two_are_none(times):
    stamps = [f"{day:%F}T{time}:00Z" for day in pd.bdate_range("2023-03-06", "2023-03-17") for time in times]
    refuse_bars(of_frame(pd.DataFrame({"date": stamps, "AAA": range(len(stamps))}), "gold.csv"))
