"""``study --out DIR``: what a study found as Parquet, equal to its document."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import eventstudy as es
from eventstudy.cli.study import command
from eventstudy.errors import DataError
from tests.support.holed import tables

ARGUMENTS = ("--benchmark", "MKT", "--window", "0:0", "--window", "-1:1", "--estimation", "-120:-11")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("out")
    prices, events = tables(40, 6)
    prices.to_csv(folder / "prices.csv", index=False)
    events.to_csv(folder / "events.csv", index=False)
    files = ("--prices", str(folder / "prices.csv"), "--events", str(folder / "events.csv"))
    done = CliRunner().invoke(command, [*files, *ARGUMENTS, "--out", str(folder / "found"), "--json"])
    assert done.exit_code == 3, done.output  # some have no place
    return folder / "found", json.loads(done.stdout)


def test_every_event_of_the_table_has_a_row_with_its_numbers_or_its_reason(written):
    folder, document = written
    events = pd.read_parquet(folder / "events.parquet")
    assert events["event_id"].tolist() == [event["event_id"] for event in document["events"]]
    for row, event in zip(events.itertuples(), document["events"], strict=True):
        assert row.status == event["status"]
        if event["status"] == "ok":
            assert (row.beta, row.sigma, str(row.day0)[:10]) == (
                event["coefficients"]["beta"],
                event["sigma"],
                event["day0"],
            )
        else:
            assert row.reason == event["reason"]


def test_windows_and_days_are_those_of_the_document(written):
    folder, document = written
    studied = {event["event_id"]: event for event in document["events"] if event["status"] == "ok"}
    windows, days = (pd.read_parquet(folder / f"{name}.parquet") for name in ("windows", "days"))
    assert len(windows) == 2 * len(studied)
    for row in windows.itertuples():
        found = studied[row.event_id]["windows"][0 if row.window_start == 0 else 1]
        assert found["window"] == [row.window_start, row.window_end]
        assert (None if pd.isna(row.car) else row.car) == found["car"]
        assert (None if pd.isna(row.reason) else row.reason) == found["reason"]
    assert len(days) == sum(len(event["days"]) for event in studied.values())
    of_one = days[days["event_id"] == next(iter(studied))]
    assert of_one["ar"].tolist() == [day["ar"] for day in studied[of_one["event_id"].iloc[0]]["days"]]


def test_the_document_beside_them_has_the_averages(written):
    folder, document = written
    found = json.loads((folder / "study.json").read_text())
    assert found["aggregate"] == document["aggregate"]
    assert "events" not in found


@pytest.fixture(scope="module")
def many():
    """More events than are fitted at once, 5,000 of 20 assets."""
    rng = np.random.default_rng(3)
    days = pd.bdate_range("2015-01-01", periods=600)
    names = ["MKT", *(f"S{i}" for i in range(20))]
    prices = pd.DataFrame(100 * np.exp(rng.normal(0, 0.01, (600, 21)).cumsum(axis=0)), columns=names)
    prices.insert(0, "date", days)
    events = pd.DataFrame(
        {
            "event_id": [f"e{i}" for i in range(5000)],
            "asset": np.array(names[1:])[rng.integers(0, 20, 5000)],
            "date": days[rng.integers(270, 580, 5000)],
        }
    )
    return prices, events


def test_arrays_of_many_events_lie_in_files_and_change_no_bit(many, tmp_path):
    spec = es.StudySpec(benchmark="MKT", tests=("t", "bmp_t", "corrado_zivney_rank_z"))
    here, there = es.run_study(*many, spec), es.run_study(*many, spec, folder=tmp_path / "new")
    for array in (there.daily.ar, there.fit.theta, there.cumulated[0].car):
        assert str(tmp_path / "new") in _file_of(array)
    assert list((tmp_path / "new").iterdir()) == []  # they have no name, so nothing is left after a kill
    assert np.array_equal(there.daily.sar, here.daily.sar)
    assert np.array_equal(there.fit.residuals, here.fit.residuals)
    for name in ("events", "aggregate", "tests"):
        pd.testing.assert_frame_equal(getattr(there, name), getattr(here, name), check_exact=True)


def test_a_place_that_cannot_be_written_is_named_before_anything_is_fitted(many, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"there is no room for .* MB of numbers: .*name a folder that can be written"):
        es.run_study(*many, benchmark="MKT", folder=tmp_path / "file")


def _file_of(array):
    """The file whose pages an array has, as the system tells it; nothing for memory."""
    address = array.__array_interface__["data"][0]
    for line in Path("/proc/self/maps").read_text().splitlines():
        place, *_, name = line.split(maxsplit=5)
        low, high = (int(end, 16) for end in place.split("-"))
        if low <= address < high:
            return name
    return ""
