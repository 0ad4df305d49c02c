"""``study --into DB``: a study of files as a results database, equal to its document."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pandas as pd
import pytest

from eventstudy.database import reading
from eventstudy.store import content
from tests.support.command import Done, eventstudy
from tests.support.holed import tables

ARGUMENTS = ("--benchmark", "MKT", "--window", "0:0", "--window", "-1:1", "--estimation", "-120:-11")


def study(folder: Path, *more: object) -> Done:
    files = ("--prices", folder / "prices.csv", "--events", folder / "events.csv", "--into", folder / "es.db")
    return eventstudy("study", *files, *ARGUMENTS, *more)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("into")
    prices, events = tables(40, 6)
    prices.to_csv(folder / "prices.csv", index=False)
    other = events.head(8).assign(asset=events["asset"].head(8).iloc[::-1].to_numpy())
    events = pd.concat([events, other[other["asset"] != events["asset"].head(8)]])
    events["tags"] = ["china; rates" if i % 2 else "" for i in range(len(events))]
    events["title"] = "=cmd|' /C calc'!A0"
    events.to_csv(folder / "events.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def written(folder: Path) -> dict[str, object]:
    done = study(folder, "--json", "--title", "Market model", "--as", "market")
    assert done.code == 3, done.err  # some have no place
    assert "were computed a second time, by statsmodels, and agree" in done.err
    return json.loads(done.out)


@pytest.fixture
def connection(folder: Path, written: object) -> sqlite3.Connection:
    return reading.connect(folder / "es.db")


def test_windows_are_those_of_the_document(connection: sqlite3.Connection, written: dict) -> None:
    rows = reading.rows(connection, "select * from reactions")
    found = {(r["event_id"], r["asset"], r["window_start"], r["window_end"]): r for r in rows}
    n = 0
    for event in written["events"]:
        for window in event["windows"]:
            row = found[event["event_id"], event["asset"], *window["window"]]
            t = next(test for test in window["tests"] if test["name"] == "t")
            names = ("car", "car_se", "bhar", "mde")
            assert [row["car"], row["car_se"], row["mde"]] == [window[name] for name in names if name != "bhar"]
            if row["car"] is not None:
                assert [row["car_low"], row["car_high"]] == pytest.approx(window["car_ci"], rel=1e-12)
            assert (row["t"], row["p"]) == (t["statistic"], t["p_value"])
            assert (row["day0"], row["title"]) == (event["day0"], "=cmd|' /C calc'!A0")
            n += 1
    assert n > 60
    assert {r["reason"] for r in rows if r["status"] == "skipped"} == {
        e["reason"] for e in written["events"] if e["status"] == "skipped" and "stands twice" not in e["reason"]
    }


def test_days_are_those_of_the_document_and_cumulate(connection: sqlite3.Connection, written: dict) -> None:
    rows = reading.rows(connection, "select * from daily_reactions order by event_id, asset, tau")
    found = {(r["event_id"], r["asset"], r["tau"]): r for r in rows}
    told = [(e, d) for e in written["events"] for d in e["days"]]
    assert len(found) == len(told) > 600
    for event, day in told:
        row = found[event["event_id"], event["asset"], day["tau"]]
        for name in ("session", "return", "expected", "ar_se", "beaver_u_p"):
            assert row[name] == day[name] or row[name] == pytest.approx(day[name], rel=1e-12), name
    event = next(e for e in written["events"] if e["days"] and all(d["ar"] is not None for d in e["days"]))
    total = sum(d["ar"] for d in event["days"])
    assert found[event["event_id"], event["asset"], event["days"][-1]["tau"]]["car"] == pytest.approx(total, rel=1e-9)


def test_p_is_adjusted_across_the_assets_of_an_event(connection: sqlite3.Connection) -> None:
    rows = reading.rows(connection, "select * from reactions where is_primary and p is not null")
    by_event: dict[str, list[dict]] = {}
    for row in rows:
        by_event.setdefault(row["event_id"], []).append(row)
    pairs = [own for own in by_event.values() if len(own) == 2]
    assert pairs
    for own in pairs:  # Holm, of two: the smaller twice, the larger no smaller than that
        small, large = sorted(own, key=lambda row: row["p"])
        assert small["p_adjusted"] == pytest.approx(min(1, 2 * small["p"]))
        assert large["p_adjusted"] == pytest.approx(max(large["p"], small["p_adjusted"]))
    single = next(own for own in by_event.values() if len(own) == 1)
    assert single[0]["p_adjusted"] == single[0]["p"]


def test_what_is_written_is_sealed_and_has_averages(connection: sqlite3.Connection, written: dict) -> None:
    assert list(content.altered(connection)) == []
    assert connection.execute("pragma foreign_key_check").fetchall() == []
    (row,) = reading.rows(connection, "select * from collections where is_primary and group_name = 'all'")
    window = written["aggregate"][0]["windows"][0]
    assert (row["title"], row["n_events"], row["caar"]) == ("Market model", window["n"], window["caar"])
    (step,) = reading.rows(connection, "select * from run_steps")
    assert (step["subject"], step["status"]) == ("market", "ok")
    assert "computed a second time" in step["reason"]
    tags = {row["tag"] for row in reading.rows(connection, "select tag from event_tags")}
    assert tags == {"china", "rates"}


def test_another_study_is_added_and_the_same_name_is_refused(folder: Path, written: object) -> None:
    again = study(folder, "--as", "market")
    assert again.code == 1
    assert "has a study of this name" in again.err
    assert study(folder, "--model", "constant-mean", "--as", "mean").code == 3
    connection = reading.connect(folder / "es.db")
    assert connection.execute("select study_id from studies order by position").fetchall() == [("market",), ("mean",)]
    events = pd.read_csv(folder / "events.csv").assign(title="Another")
    events.to_csv(folder / "others.csv", index=False)
    done = study(folder, "--as", "third", "--events", folder / "others.csv")
    assert (done.code, "with another title" in done.err) == (1, True), done.err
    assert connection.execute("select count(*) from studies").fetchone() == (2,)


def test_a_database_that_passes_write_is_refused(demo, folder: Path) -> None:
    done = study(folder, "--into", demo.database)
    assert done.code == 1
    assert "passes write this database" in done.err
