"""A study on a cluster: the numbers of one process, to the last bit, whatever the parts and whoever dies."""

from __future__ import annotations

import dataclasses
import json
import os

import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import DataError, InputError
from eventstudy.study.rows import write_study
from eventstudy.study.spread.workers import Here, workers
from tests.support.holed import tables
from tests.support.killed_worker import one_is_killed

distributed = pytest.importorskip("distributed", reason="dask is not installed: the extra [cluster] brings it")

SPEC = es.StudySpec(windows=[(0, 0), (-1, 1)], event_window=(-2, 2), estimation=(-120, -11), min_estimation=60)


def on_one_date(events: pd.DataFrame) -> pd.DataFrame:
    return events.drop_duplicates("asset").assign(date="2015-08-27")


@pytest.fixture(scope="module")
def client():
    with (
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=False,
            protocol="tcp://",
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
        ) as here,
        distributed.Client(here) as client,
    ):
        yield client


@pytest.fixture(scope="module")
def alone():
    prices, events = tables()
    return json.dumps(es.run_study(prices, events, SPEC, benchmark="MKT").to_dict())


def test_a_cluster_gives_the_numbers_of_one_process_to_the_last_bit(client, alone, tmp_path):
    prices, events = tables()
    found = es.run_study(prices, events, SPEC, benchmark="MKT", cluster=client, parts=7)
    assert json.dumps(found.to_dict()) == alone
    write_study(found, tmp_path / "cluster")
    write_study(es.run_study(prices, events, SPEC, benchmark="MKT"), tmp_path / "alone")
    for name in ("study.json", "events.parquet", "windows.parquet", "days.parquet"):
        assert (tmp_path / "cluster" / name).read_bytes() == (tmp_path / "alone" / name).read_bytes()


def test_events_of_one_date_get_their_portfolio_and_placebo_tests_from_all_parts(client):
    prices, events = tables()
    same = on_one_date(events)
    alone = es.run_study(prices, same, SPEC, benchmark="MKT").to_dict()
    found = es.run_study(prices, same, SPEC, benchmark="MKT", cluster=client, parts=5).to_dict()
    assert json.dumps(found) == json.dumps(alone)
    tests = {test["name"]: test for test in found["aggregate"][0]["windows"][0]["tests"]}
    assert tests["portfolio_t"]["reason"] is None


def test_masked_events_and_peers_are_the_same_in_parts(client):
    prices, events = tables(60, 8)
    some = dataclasses.replace(SPEC, tests=("adjusted_bmp_t", "grank_t"))
    for settings in ({"mask_events": True, "benchmark": "MKT"}, {}):
        spec = some if settings else dataclasses.replace(some, model="peer")
        alone = es.run_study(prices, events, spec, **settings).to_dict()
        found = es.run_study(prices, events, spec, **settings, cluster=client, parts=4).to_dict()
        assert json.dumps(found) == json.dumps(alone)


@pytest.mark.long
def test_a_killed_worker_changes_nothing(alone):
    prices, events = tables()
    with one_is_killed(1) as (client, kill, killed):
        found = es.run_study(prices, events, SPEC, benchmark="MKT", cluster=client, parts=6, progress=kill)
        assert json.dumps(found.to_dict()) == alone
        assert killed
        assert killed[0] not in client.run(os.getpid).values()


def test_a_name_that_is_no_cluster_is_refused():
    with pytest.raises(InputError, match="is no cluster"), workers("slurm"):
        pass


def test_a_scheduler_that_is_not_there_is_one_clear_line(monkeypatch):
    monkeypatch.setattr("eventstudy.study.spread.workers.PATIENCE", 0.5)
    with pytest.raises(DataError, match="the scheduler cannot be reached"), workers("tcp://127.0.0.1:9"):
        pass


def test_without_dask_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(DataError, match=r"eventstudy-service\[cluster\]"), workers("local:2"):
        pass


def test_without_a_cluster_this_process_works():
    with workers(None) as here:
        assert isinstance(here, Here)
