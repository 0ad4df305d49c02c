"""Columns of events under other names, and times of day that nothing may drop."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from eventstudy.config.fields import WINTER_TIMES
from eventstudy.config.sources import SourceConfig
from eventstudy.errors import EventError
from eventstudy.events.build import parse_when
from tests.support.studies import SHORT, Done, run_cli, walk

PRICES = walk()
DAY = PRICES["date"][100]  # 2022-05-23, in summer time
MARKET = ("--benchmark", "MKT", *SHORT)


def study(folder: Path, **columns: str) -> Done:
    table = pd.DataFrame([{"event_id": "e1", "asset": "A", "date": DAY} | columns])
    return run_cli(folder, PRICES, table.to_csv(index=False), *MARKET)


def timed(folder: Path, **columns: str) -> Done:
    table = pd.DataFrame([{"event_id": "e1", "asset": "A"} | columns])
    return run_cli(folder, PRICES, table.to_csv(index=False), *MARKET)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("grp", "group"), ("group_id", "group"), ("Gruppe", "group"), ("wgt", "weight"), ("weigths", "weight"),
        ("bmk", "benchmark"), ("benchmark_symbol", "benchmark"), ("Benchmarks", "benchmark"),
        ("DLRET", "delisting_return"),
    ],
)  # fmt: skip
def test_another_word_for_a_column_with_a_meaning_is_refused(name: str, meant: str, tmp_path: Path) -> None:
    done = study(tmp_path, **{name: "1"})
    assert (done.exit_code, done.stdout) == (1, "")
    assert f"(got '{name}'); did you mean {meant}?" in done.stderr


@pytest.mark.parametrize(
    ("name", "meant"), [("tz", "zone"), ("time_zone", "zone"), ("MIC", "calendar"), ("calender", "calendar")]
)
def test_words_for_zone_and_calendar_are_refused_beside_an_instant(name: str, meant: str, tmp_path: Path) -> None:
    done = timed(tmp_path, announced_at=f"{DAY}T08:00", **{name: "x"})
    assert done.exit_code == 1
    assert f"did you mean {meant}?" in done.stderr


def test_they_may_describe_events_that_have_a_date(tmp_path: Path) -> None:
    assert study(tmp_path, exchange="XNYS", tz="UTC").exit_code == 0


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("time", "21:30"), ("published", "16:30"), ("released", f"{DAY}T16:30:00Z"), ("hr", "4:30 PM"), ("when", "AMC"),
        ("session", "after market close"), ("stamp", f"{DAY} 16:30:00"), ("local", "08:30 EST"),
    ],
)  # fmt: skip
def test_a_time_of_day_beside_the_date_is_refused_whatever_its_column_is_called(
    name: str, cell: str, tmp_path: Path
) -> None:
    done = study(tmp_path, **{name: cell})
    assert (done.exit_code, done.stdout) == (1, "")
    assert f"a column {name} beside date (got '{cell}')" in done.stderr
    assert "announced_at" in done.stderr


@pytest.mark.parametrize(
    ("name", "cell"), [("stamp", f"{DAY} 00:00:00"), ("note", "see the 16:30 report"), ("ratio", "1630")]
)
def test_midnights_words_and_numbers_are_no_times(name: str, cell: str, tmp_path: Path) -> None:
    assert study(tmp_path, **{name: cell}).exit_code == 0


@pytest.mark.parametrize("name", WINTER_TIMES)
def test_a_name_of_winter_time_is_refused_in_summer_alone(name: str) -> None:
    """At half past one on a July afternoon two instants may be meant; in January there is but one."""
    with pytest.raises(EventError, match=f"{name} is winter time.*write the zone {WINTER_TIMES[name]}, or the offset"):
        parse_when("2023-07-05T13:30", name, "announced_at")
    with pytest.raises(EventError, match="is winter time"):
        parse_when("2023-07-05", name, "announced_at")
    assert parse_when("2023-01-05T13:30", name, "x") == parse_when("2023-01-05T13:30", WINTER_TIMES[name], "x")
    assert parse_when("2023-07-05T13:30+02:00", name, "x") == parse_when("2023-07-05T11:30Z", None, "x")


def test_an_event_in_winter_time_is_skipped_in_summer_with_what_to_write(tmp_path: Path) -> None:
    found = timed(tmp_path, announced_at=f"{DAY}T08:00", zone="EST", calendar="XNYS").event("e1")
    assert found["status"] == "skipped"
    assert "write the zone America/New_York, or the offset, as 2022-05-23T08:00-05:00" in found["reason"]
    found = timed(tmp_path, announced_at=f"{DAY}T08:00", zone="PST", calendar="XNYS").event("e1")
    assert "unknown time zone (got 'PST'); write America/Los_Angeles, if that is meant" in found["reason"]


def test_winter_time_is_no_zone_of_a_source(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="write America/New_York"):
        SourceConfig.model_validate({"kind": "files", "path": str(tmp_path), "zone": "EST"})
