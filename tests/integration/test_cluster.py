"""A study on a cluster: the numbers of one process, to the last bit, whatever the parts and whoever dies."""

from __future__ import annotations

import dataclasses
import json
import os
import signal

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import DataError, InputError
from eventstudy.study.spread.workers import Here, workers

distributed = pytest.importorskip("distributed", reason="dask is not installed: the extra [cluster] brings it")

SPEC = es.StudySpec(windows=[(0, 0), (-1, 1)], event_window=(-2, 2), estimation=(-120, -11), min_estimation=60)


def tables(n_events: int = 700, n_assets: int = 20) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Prices with holes, a delisting and a slip of the pen; events in two groups, some without a place."""
    rng = np.random.default_rng(17)
    days = pd.bdate_range("2015-01-01", periods=400)
    market = rng.normal(0, 0.01, days.size)
    moves = market[:, None] * rng.uniform(0.5, 1.5, n_assets) + rng.normal(0, 0.02, (days.size, n_assets))
    logs = np.cumsum(np.column_stack([market, moves]), axis=0)
    prices = pd.DataFrame(100 * np.exp(logs), columns=["MKT", *(f"A{i:02d}" for i in range(n_assets))])
    prices.iloc[300:305, 3] = np.nan
    prices.iloc[350:, 5] = np.nan
    prices.iloc[200, 4] *= 100
    prices.insert(0, "date", days.strftime("%Y-%m-%d"))
    at = rng.integers(115, days.size, n_events)
    events = pd.DataFrame(
        {
            "event_id": [f"e{i:04d}" for i in range(n_events)],
            "asset": [f"A{a:02d}" for a in rng.integers(0, n_assets + 1, n_events)],
            "date": days[at].strftime("%Y-%m-%d"),
            "group": rng.choice(["x", "y"], n_events),
        }
    )
    return prices, events


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


def test_a_cluster_gives_the_numbers_of_one_process_to_the_last_bit(client, alone):
    prices, events = tables()
    found = es.run_study(prices, events, SPEC, benchmark="MKT", cluster=client, parts=7)
    assert json.dumps(found.to_dict()) == alone


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


@pytest.mark.slow
def test_a_killed_worker_changes_nothing(alone):
    prices, events = tables()
    killed = []
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address="127.0.0.1:0", silence_logs=50
        ) as here,
        distributed.Client(here) as client,
    ):
        pids = list(client.run(os.getpid).values())

        def kill(what: str, done: int, _n: int) -> None:
            if what == "parts" and done == 2 and not killed:
                killed.append(pids[0])
                os.kill(pids[0], signal.SIGKILL)

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
