"""Every model through ``run_study``, and the options that narrow or turn a study."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from statsmodels.regression.rolling import RollingOLS

import eventstudy as es
from eventstudy.registry.models import MODELS
from tests.support.studies import SHORT, events, run_cli, walk

PRICES = walk("ABCDEF", 320)
DATES = PRICES["date"].tolist()
RETURNS = PRICES.set_index("date").pct_change().reset_index()
EVENTS = pd.DataFrame({"event_id": [*"uvwxyz"], "asset": [*"ABCDEF"], "date": [DATES[100 + 30 * i] for i in range(6)]})
TABLE = EVENTS.to_csv(index=False)
MARKET = ("--benchmark", "MKT", *SHORT)


def factors(**names: str) -> pd.DataFrame:
    """Factor returns under the spellings asked for."""
    rng = np.random.default_rng(5)
    table = pd.DataFrame(
        {names.get(key, key): 0.005 * rng.standard_normal(320) for key in ("mkt", "smb", "hml", "mom")}
    )
    return table.assign(date=DATES)[["date", *table.columns]]


def study(model: str, **changes: Any) -> es.StudyResult:
    settings: dict[str, Any] = {"windows": [(0, 1)], "min_estimation": 30} | changes
    spec = es.StudySpec(model=model, estimation=(-60, -6), event_window=(-5, 5), **settings)
    return es.run_study(PRICES, EVENTS.head(2), spec, benchmark="MKT")


@pytest.mark.parametrize("model", [name for name, model in MODELS.items() if model.regressors != "factors"])
def test_one_sided_p_values_add_up(model: str) -> None:
    """Both sides of a continuous test share all of the probability, whatever the model."""
    sides = [study(model, alternative=side, tests=("t",)).to_dict()["events"][0] for side in ("greater", "less")]
    tests = [event["windows"][0]["tests"][0] for event in sides]
    assert sides[0]["status"] == "ok"
    assert tests[0]["statistic"] == tests[1]["statistic"]
    assert tests[0]["p_value"] + tests[1]["p_value"] == pytest.approx(1)
    assert [event["windows"][0]["car_ci"].index(None) for event in sides] == [1, 0]


def test_betas_of_events_one_after_another_are_those_of_rolling_least_squares() -> None:
    dates = DATES[80:300:7]
    table = pd.DataFrame({"event_id": [f"e{i}" for i in range(len(dates))], "asset": "A", "date": dates})
    spec = es.StudySpec(model="market", estimation=(-60, -6), event_window=(-5, 5), windows=[(0, 1)], min_estimation=30)
    found = es.run_study(PRICES, table, spec, benchmark="MKT").events
    returns = np.log(PRICES.set_index("date")).diff()
    rolled = RollingOLS(returns["A"], sm.add_constant(returns["MKT"]), window=55).fit().params.shift(6).loc[dates]
    assert found["alpha"].to_numpy() == pytest.approx(rolled["const"].to_numpy(), rel=1e-9)
    assert found["beta"].to_numpy() == pytest.approx(rolled["MKT"].to_numpy(), rel=1e-9)


@pytest.mark.parametrize("name", ["market", "constant-mean", "peer", "trade-to-trade", "scholes-williams"])
def test_no_nan_in_any_document(name: str) -> None:
    json.dumps(study(name).to_dict(), allow_nan=False)


@pytest.mark.parametrize("options", [("--model", "dimson"), ("--model", "dimson", "--variant", "distributed")])
def test_dimson_takes_lags_and_leads(options: tuple[str, ...], tmp_path: Path) -> None:
    found = run_cli(tmp_path, PRICES, TABLE, *MARKET, *options, "--lags", "2", "--leads", "0").event("u")
    assert found["df"] == found["n_estimation"] - 4  # alpha and betas of two lags and the day itself
    assert found["status"] == "ok"


def test_a_factor_model_of_the_benchmark_alone_is_the_market_model(tmp_path: Path) -> None:
    options = (*SHORT, "--values", "returns", "--returns", "simple")
    market = run_cli(tmp_path, RETURNS, TABLE, *options, "--benchmark", "MKT").event("u")
    factor = run_cli(tmp_path, RETURNS, TABLE, *options, "--model", "factor", "--factors", "MKT").event("u")
    assert factor["windows"][1]["car"] == pytest.approx(market["windows"][1]["car"], rel=1e-12)
    assert list(factor["coefficients"]) == ["alpha", "MKT"]


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ({}, ["mkt", "smb", "hml", "mom"]),
        ({"mkt": "Mkt-RF", "smb": "SMB", "hml": "HML", "mom": "Mom"}, ["Mkt-RF", "SMB", "HML", "Mom"]),
        ({"mkt": "MKTRF", "mom": "UMD"}, ["MKTRF", "smb", "hml", "UMD"]),
        ({"mkt": "mkt_rf", "mom": "WML"}, ["mkt_rf", "smb", "hml", "WML"]),
    ],
)
def test_factor_sets_by_name_in_all_spellings(names: dict[str, str], found: list[str], tmp_path: Path) -> None:
    # The file joins the benchmark's column MKT; the set prefers the market in excess of the risk-free rate.
    prices = PRICES.rename(columns={"MKT": "INDEX"})
    factors(**names).to_csv(tmp_path / "factors.csv", index=False)
    options = (*SHORT, "--model", "carhart", "--factor-file", str(tmp_path / "factors.csv"))
    document = run_cli(tmp_path, prices, TABLE, *options).json
    assert document["spec"]["factors"] == found
    assert list(document["events"][0]["coefficients"]) == ["alpha", *found]
    assert document["events"][0]["df"] == document["events"][0]["n_estimation"] - 5


def test_ff3_by_least_squares_in_excess_of_the_risk_free_rate() -> None:
    table = factors().drop(columns="mom").assign(RF=0.0002 + 0.0001 * np.sin(np.arange(320)))
    spec = es.StudySpec(
        model="ff3", returns="simple", estimation=(-60, -6), event_window=(-5, 5), windows=[(0, 0)], min_estimation=30
    )
    found = es.run_study(PRICES, EVENTS, spec, factor_returns=table).to_dict()
    rows = slice(40, 95)
    x = np.column_stack([np.ones(55), table[["mkt", "smb", "hml"]].to_numpy()[rows]])
    y = (RETURNS["A"] - table["RF"]).to_numpy()[rows]
    wanted = np.linalg.lstsq(x, y, rcond=None)[0]
    assert list(found["events"][0]["coefficients"].values()) == pytest.approx(wanted, rel=1e-9)
    assert "returns are in excess of the column RF" in found["warnings"]


def test_a_factor_file_in_percent_is_refused_and_taken_as_told_and_one_with_other_days_is_noted() -> None:
    table = factors()
    percent = table.assign(**{name: table[name] * 100 for name in ("mkt", "smb", "hml", "mom")})
    spec = es.StudySpec(model="ff3", estimation=(-60, -6), event_window=(-5, 5), windows=[(0, 0)], min_estimation=30)
    with pytest.raises(es.EventStudyError, match="the column mkt looks like per cent"):
        es.run_study(PRICES, EVENTS.head(1), spec, factor_returns=percent)
    told = es.run_study(PRICES, EVENTS.head(1), spec, factor_returns=percent, factor_units="percent")
    plain = es.run_study(PRICES, EVENTS.head(1), spec, factor_returns=table)
    assert told.cumulated[0].car == pytest.approx(plain.cumulated[0].car, rel=1e-9)
    found = es.run_study(PRICES, EVENTS.head(1), spec, factor_returns=table.drop(index=[70, 71]))
    assert any("taken for log returns" in text for text in found.warnings)
    assert "2 sessions of the prices are not in the factor file" in found.warnings
    assert found.fit.n_estimation.tolist() == [53]


def test_peers_leave_the_asset_and_the_benchmark_out() -> None:
    found = study("peer", tests=("t",))
    returns = np.log(PRICES.drop(columns="date")).diff()
    wanted = (returns["A"] - returns[[*"BCDEF"]].mean(axis=1)).iloc[95:106]
    assert found.abnormal.iloc[0].tolist() == pytest.approx(wanted.tolist(), rel=1e-10)


def test_comparison_mean_uses_both_sides() -> None:
    found = study("comparison-mean", tests=("t",)).to_dict()["events"][0]
    returns = np.log(PRICES["A"]).diff().to_numpy()
    days = np.r_[returns[40:95], returns[106:161]]
    assert found["coefficients"]["alpha"] == pytest.approx(days.mean())
    assert found["n_estimation"] == 110


@pytest.mark.parametrize("name", ["cross_sectional_t", "t", "placebo"])
def test_tests_are_narrowed(name: str, tmp_path: Path) -> None:
    document = run_cli(tmp_path, PRICES, TABLE, *MARKET, "--tests", name).json
    single = [test["name"] for test in document["events"][0]["windows"][0]["tests"]]
    average = [test["name"] for test in document["aggregate"][0]["windows"][0]["tests"]]
    assert single == ([] if name == "cross_sectional_t" else [name])
    assert average == ([] if name == "t" else [name])


def test_the_seed_decides_the_draws(tmp_path: Path) -> None:
    def p(seed: str) -> float:
        options = ("--tests", "bootstrap_t", "--draws", "199", "--seed", seed)
        test = run_cli(tmp_path, PRICES, TABLE, *MARKET, *options).json["aggregate"][0]["windows"][0]["tests"][0]
        return float(test["p_value"])

    assert p("1") == p("1")
    assert len({p(str(seed)) for seed in range(5)}) > 1


def test_placebo_dates_by_hand(tmp_path: Path) -> None:
    """The share of earlier days, each re-estimated with numpy, that moved as much as day 0."""
    found = run_cli(
        tmp_path, walk("A", 140), events(("e", "A", DATES[120])), *MARKET[:-2], "--min-estimation", "20"
    ).event("e")
    table = walk("A", 140)
    y, x = (np.log(table[name]).diff().to_numpy() for name in ("A", "MKT"))

    def ar(day: int) -> float:
        rows = np.arange(max(day - 60, 1), day - 5)
        slope, level = np.polyfit(x[rows], y[rows], 1)
        return float(y[day] - level - slope * x[day])

    placebo = np.abs([ar(day) for day in range(60, 115)])
    test = next(test for test in found["windows"][0]["tests"] if test["name"] == "placebo")
    assert test["n"] == 55
    second = next(test for test in found["windows"][1]["tests"] if test["name"] == "placebo")
    assert second["n"] == 54  # two days that both lie in the estimation window
    assert test["p_value"] == pytest.approx((1 + (placebo >= abs(ar(120))).sum()) / 56)


def test_placebo_days_that_events_share_are_those_that_each_has_alone() -> None:
    """Events of one asset that lie close together, one of them against a benchmark of its own."""
    table = pd.DataFrame(
        {
            "event_id": ["first", "later", "other"],
            "asset": "A",
            "date": [DATES[150], DATES[152], DATES[150]],
            "benchmark": ["MKT", "MKT", "B"],
        }
    )
    spec = es.StudySpec(model="market", estimation=(-60, -6), event_window=(-5, 5), windows=[(0, 1)], tests=["placebo"])

    def placebo(chosen: pd.DataFrame) -> list[Any]:
        found = es.run_study(PRICES, chosen, spec, benchmark="MKT").to_dict()["events"]
        return [event["windows"][0]["tests"] for event in found]

    together = placebo(table)
    assert together == [placebo(table.iloc[[i]])[0] for i in range(3)]
    assert together[0] != together[2]
