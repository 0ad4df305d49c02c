"""The nightly pass and `run_study` are one engine: on the prices of a pass, every model gives the same numbers."""

from __future__ import annotations

import io
import json
import math
import sqlite3
from pathlib import Path
from typing import Any

import exchange_calendars
import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.registry.models import MODELS
from tests.support.command import eventstudy
from tests.support.passes import run

ASSETS = ("AAA", "BBB", "CCC")
FACTORS = ("MKT", "SMB", "HML", "MOM", "RMW", "CMA")
WINDOWS = ["0:0", "0:1", "-2:2"]
DAYS = (330, 345, 360, 401)  # sessions of day 0
BENCHMARK = {"benchmark": "MKT"}

# Study → its settings beside those that all have.
STUDIES: dict[str, dict[str, Any]] = {
    "constant-mean": {"model": "constant-mean"},
    "market-adjusted": {"model": "market-adjusted", **BENCHMARK},
    "market": {"model": "market", **BENCHMARK},
    "market-lumped": {"model": "market", "missing": "lump", **BENCHMARK},
    "factor": {"model": "factor", "factors": ["MKT", "SMB"]},
    "ff3": {"model": "ff3", "factors": list(FACTORS[:3])},
    "carhart": {"model": "carhart", "factors": list(FACTORS[:4])},
    "ff5": {"model": "ff5", "factors": ["MKT", "SMB", "HML", "RMW", "CMA"]},
    "scholes-williams": {"model": "scholes-williams", **BENCHMARK},
    "dimson": {"model": "dimson", "lags": 2, "leads": 1, **BENCHMARK},
    "dimson-distributed": {"model": "dimson", "lags": 1, "leads": 3, "variant": "distributed", **BENCHMARK},
    "garch": {"model": "garch", **BENCHMARK},
    "egarch": {"model": "egarch", **BENCHMARK},
    "huber": {"model": "huber", **BENCHMARK},
    "theil-sen": {"model": "theil-sen", **BENCHMARK},
    "trade-to-trade": {"model": "trade-to-trade", "returns": "log", **BENCHMARK},
    "peer": {"model": "peer", "factors": list(ASSETS)},
    "peer-regression": {"model": "peer", "variant": "regression", "factors": ["AAA", "BBB", "CCC", "MKT"]},
    "comparison-mean": {"model": "comparison-mean"},
    "one-sided": {"model": "market", "alternative": "greater", "tests": ["t", "placebo"], **BENCHMARK},
}
EVERY = {"returns": "simple", "estimation": [-110, -11], "event_window": [-5, 5], "min_estimation": 60}


def prices() -> pd.DataFrame:
    """Prices on New York's sessions, each asset moved by the factors, one of them with holes."""
    rng = np.random.default_rng(11)
    days = exchange_calendars.get_calendar("XNYS", start="2019-01-02").sessions[:520]
    factors = 0.009 * rng.standard_t(5, (days.size, len(FACTORS)))
    loads = rng.normal(0, 0.4, (len(FACTORS), len(ASSETS)))
    loads[0] += 0.8
    returns = np.column_stack([factors @ loads + 0.01 * rng.standard_t(5, (days.size, len(ASSETS))), factors])
    frame = pd.DataFrame(100 * np.cumprod(1 + returns, axis=0), columns=[*ASSETS, *FACTORS])
    frame.loc[[250, 280, 281, 333, 358, 404], "CCC"] = np.nan
    frame.loc[[300, 359], "SMB"] = np.nan
    frame.insert(0, "date", days.strftime("%Y-%m-%d"))
    return frame


@pytest.fixture(scope="module")
def studied(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pd.DataFrame]:
    """The database of one pass with a study of each model, and its prices as a table."""
    folder = tmp_path_factory.mktemp("one")
    table = prices()
    table.to_csv(folder / "prices.csv", index=False)
    events = [
        {"id": f"e{day}", "title": f"E {day}", "announced_at": f"{table['date'][day]}T12:00Z", "assets": list(ASSETS)}
        for day in DAYS
    ]
    settings = {
        "version": 1,
        "database": str(folder / "es.db"),
        "reports": str(folder / "reports"),
        "sources": {"desk": {"kind": "files", "path": str(folder / "prices.csv"), "zone": "America/New_York"}},
        "assets": {name: {"source": "desk", "calendar": "XNYS"} for name in (*ASSETS, *FACTORS)},
        "studies": [
            {"id": name, **EVERY, "windows": [[*map(int, w.split(":"))] for w in WINDOWS], **study}
            for name, study in STUDIES.items()
        ],
        "events": events,
    }
    path = folder / "config.yaml"
    path.write_text(json.dumps(settings), encoding="utf-8")  # which is YAML as well
    done = run(path)
    assert len(done.outcomes) == len(DAYS)
    assert "failed" not in {outcome[0] for outcome in done.outcomes.values()}, done.outcomes
    return folder / "es.db", exported(folder / "es.db")


def exported(database: Path) -> pd.DataFrame:
    """Closes of the archive, a column per symbol, as `eventstudy prices export` gives them."""
    columns = {}
    for name in (*ASSETS, *FACTORS):
        done = eventstudy("prices", "export", name, "--db", database)
        assert done.code == 0, done.err
        frame = pd.read_csv(io.StringIO(done.out), dtype={"date": str}).set_index("date")
        columns[name] = frame["close"]
    return pd.DataFrame(columns).rename_axis("date").reset_index()


def by_hand(table: pd.DataFrame, settings: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    """(event, asset) → the entry of the document that `run_study` gives for the same study on a table."""
    dates = prices()["date"]
    events = pd.DataFrame(
        [
            {"event_id": f"e{day}", "asset": asset, "announced_at": f"{dates[day]}T12:00Z", "calendar": "XNYS"}
            for day in DAYS
            for asset in ASSETS
        ]
    )
    told = {**EVERY, "windows": WINDOWS, **settings}
    is_factor = told["model"] in ("factor", "ff3", "carhart", "ff5")
    more: dict[str, Any] = {}
    if is_factor:
        told["model"] = "factor"
        factors = table.set_index("date")[list(FACTORS)]
        more = {"factor_returns": factors.pct_change(fill_method=None).reset_index()}
        table = table[["date", *ASSETS]]
    found = es.run_study(table, events, es.StudySpec(**told), **more).to_dict()
    return {(event["event_id"], event["asset"]): event for event in found["events"]}


def stored(database: Path, study: str) -> dict[tuple[str, str], dict[str, Any]]:
    """(event, asset) → what the pass stored of a study."""
    connection = sqlite3.connect(database)
    connection.row_factory = sqlite3.Row
    out: dict[tuple[str, str], dict[str, Any]] = {}
    try:
        for row in connection.execute("select * from analyses where study_id = ?", (study,)):
            of = (row["analysis_id"],)
            windows = connection.execute(
                "select *, car / car_se as scar from window_results where analysis_id = ?", of
            ).fetchall()
            tests = connection.execute("select * from tests where analysis_id = ?", of).fetchall()
            days = connection.execute("select * from daily where analysis_id = ? order by tau", of).fetchall()
            out[row["event_id"], row["asset"]] = {
                **dict(row),
                "coefficients": json.loads(row["coefficients"]),
                "windows": {(w["window_start"], w["window_end"]): dict(w) for w in windows},
                "tests": {(t["window_start"], t["window_end"], t["name"]): dict(t) for t in tests},
                "days": {day["tau"]: dict(day) for day in days},
            }
    finally:
        connection.close()
    return out


def same(found: Any, wanted: Any, tolerance: float, size: float = 0.0) -> bool:
    """Equal to a share of the wanted number, or of `size` where that is larger; None only where None."""
    if found is None or wanted is None:
        return found is None and wanted is None
    return math.isclose(found, wanted, rel_tol=tolerance, abs_tol=tolerance * size)


def test_every_model_has_a_study_here():
    assert {study["model"] for study in STUDIES.values()} >= set(MODELS)


@pytest.mark.parametrize("study", STUDIES)
def test_a_pass_stores_what_run_study_finds_on_its_prices(studied, study):
    database, table = studied
    tolerance = {"garch": 1e-4, "egarch": 1e-3}.get(study, 1e-9)
    wanted, found = by_hand(table, STUDIES[study]), stored(database, study)
    assert found.keys() == wanted.keys()
    counts = {"ok": 0, "windows": 0, "tests": 0}
    for key, event in wanted.items():
        have = found[key]
        assert have["status"] == event["status"], (key, have["reason"], event["reason"])
        if event["status"] != "ok":
            continue
        counts["ok"] += 1
        assert (have["day0"], have["n_estimation"]) == (event["day0"], event["n_estimation"])
        for name in ("df", "sigma", "r_squared"):
            assert same(have[name], event[name], tolerance), (key, name)
        assert have["coefficients"].keys() == event["coefficients"].keys()
        for name, value in event["coefficients"].items():
            assert same(have["coefficients"][name], value, tolerance, size=0.01), (key, name)
        for day in event["days"]:
            row = have["days"][day["tau"]]
            for name in ("return", "expected", "ar", "ar_se", "sar"):
                assert same(row[name], day[name], tolerance, size=0.01), (key, day["tau"], name)
        for window in event["windows"]:
            start, end = window["window"]
            row = have["windows"][start, end]
            counts["windows"] += row["car"] is not None
            assert (row["n_days"], row["car"] is None) == (window["n_days"], window["car"] is None)
            for name in ("car", "car_se", "scar", "bhar"):
                assert same(row[name], window[name], tolerance, size=0.01), (key, window["window"], name)
            if window["car"] is None:
                continue
            assert same(row["mde"], window["mde"], tolerance)
            for test in window["tests"]:
                mine = have["tests"].get((start, end, test["name"]), {"p_value": row["placebo_p"]})
                counts["tests"] += mine["p_value"] is not None
                assert same(mine["p_value"], test["p_value"], tolerance * 1e3), (key, window["window"], test["name"])
    fewest = 3 if study == "egarch" else 8  # whose search ends without an answer on many series without its effect
    assert counts["ok"] >= fewest
    assert counts["windows"] >= 2 * fewest
    assert counts["tests"] >= 4 * fewest


def test_the_days_around_the_windows_that_a_model_reads_are_pulled(studied):
    _, table = studied
    last = table["date"].iloc[-1]
    # the comparison days after the last event mirror its estimation window
    assert last >= prices()["date"][DAYS[-1] + 110]
