"""``study --out DIR``: what a study found as Parquet, equal to its document."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from click.testing import CliRunner

from eventstudy.cli.study import command
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
