"""The golden cases through ``eventstudy study --json``: files in, one JSON object out, every number to 1e-8."""

from __future__ import annotations

import csv
import functools
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from eventstudy.cli.study import command
from eventstudy.registry.models import MODELS
from eventstudy.registry.tests import group_tests

DATA = Path(__file__).parent / "data"
ASSETS = tuple(f"A{i:02d}" for i in range(12))
WINDOWS = ("[0,0]", "[0,1]", "[-1,1]", "[-5,5]")
MARKET = ("--benchmark", "mkt")
# Name in the golden file → what is asked on the command line.
CASE1 = {
    "mean_adjusted": ("--model", "constant-mean"),
    "market_adjusted": ("--model", "market-adjusted", *MARKET),
    "market_model": MARKET,
    "ff3": ("--model", "factor", "--factors", "mkt,smb,hml"),
    "carhart4": ("--model", "carhart"),
    "scholes_williams": ("--model", "scholes-williams", *MARKET),
    "dimson_aggregated": ("--model", "dimson", *MARKET),
    "dimson_distributed": ("--model", "dimson", "--variant", "distributed", *MARKET),
    "huber": ("--model", "huber", *MARKET),
    "theil_sen": ("--model", "theil-sen", *MARKET),
    "matched_portfolio": ("--model", "peer", "--factors", ",".join(ASSETS)),
}
# Contract name → name in the golden files; the variants are those that the package documents.
GOLDEN = {
    "cross_sectional_t": "cross_sectional_t",
    "time_series_z": "timeseries_independent",
    "crude_dependence_t": "crude_dependence",
    "hac_portfolio_z": "hac_portfolio_q4",
    "patell_z": "patell_scar",
    "adjusted_patell_z": "kp_patell",
    "bmp_t": "bmp_scar",
    "adjusted_bmp_t": "kp_bmp",
    "skewness_adjusted_t": "skew_hall_unbiased",
    "jackknife_t": "jackknife",
    "precision_weighted_z": "precision_weighted",
    "random_effects_t": "random_effects",
    "sign_z": "sign",
    "generalized_sign_z": "generalized_sign_L",
    "corrado_rank_z": "rank_corrado_fpc",
    "corrado_zivney_rank_z": "rank_cz_variance",
    "corrado_zivney_sign_z": "sign_corrado_zivney",
    "grank_t": "grank",
    "grank_kp_t": "grank_kp",
}
WITH_TESTS = ("mean_adjusted", "market_adjusted", "market_model", "ff3")
BOOTSTRAPS = {"bootstrap_t": "bootstrap_pairs", "wild_bootstrap_t": "bootstrap_wild"}


@functools.cache
def golden(name: str, folder: Path = DATA) -> Any:
    return json.loads((folder / f"{name}_expected.json").read_text("utf-8"))


def run(*arguments: str, exit_code: int = 0) -> Any:
    done = CliRunner().invoke(command, [*arguments, "--json"], catch_exceptions=False)
    assert done.exit_code == exit_code, done.output
    return json.loads(done.stdout, parse_constant=lambda name: pytest.fail(f"{name} in the JSON"))


def study(folder: Path, table: pd.DataFrame, events: pd.DataFrame, *options: str) -> Any:
    table.to_csv(folder / "prices.csv", index=False)
    events.to_csv(folder / "events.csv", index=False)
    return run("--prices", str(folder / "prices.csv"), "--events", str(folder / "events.csv"), *options)


def dated(rows: list[dict[str, str]], drop: str) -> pd.DataFrame:
    """The golden table, its cells as the text they are, with dates in place of its running number."""
    table = pd.DataFrame(rows).drop(columns=drop)
    table.insert(0, "date", pd.bdate_range("2020-01-01", periods=len(table)).strftime("%Y-%m-%d"))
    return table


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def case1(tmp_path_factory: pytest.TempPathFactory) -> Any:
    rows = rows_of(DATA / "case1_common_date.csv")
    table = dated(rows, drop="t")
    day0 = table["date"][[row["t"] for row in rows].index("0")]
    events = pd.DataFrame({"event_id": [f"e{a}" for a in ASSETS], "asset": ASSETS, "date": day0})
    windows = [word for label in WINDOWS for word in ("--window", label.strip("[]").replace(",", ":"))]
    options = (
        "--values",
        "returns",
        "--returns",
        "simple",
        "--estimation",
        "-135:-16",
        "--event-window",
        "-5:5",
        "--partial",
        "keep",
    )
    folder = tmp_path_factory.mktemp("case1")
    return functools.cache(lambda name: study(folder, table, events, *options, *windows, *CASE1[name]))


def same(found: Any, wanted: Any, tolerance: float = 1e-8) -> None:
    np.testing.assert_allclose(np.array(found, float), np.array(wanted, float), rtol=tolerance, atol=1e-15)


def by_name(tests: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {test["name"]: test for test in tests}


@pytest.mark.parametrize("name", CASE1)
def test_every_event_of_every_model(name: str, case1: Any) -> None:
    found = case1(name)
    assert [event["status"] for event in found["events"]] == ["ok"] * 12
    for event in found["events"]:
        wanted = golden("case1")["models"][name][event["asset"]]
        same(list(event["coefficients"].values()), wanted["theta"])
        same([event["sigma"] ** 2, event["n_estimation"], event["df"]], [wanted["s2"], wanted["M"], wanted["df"]])
        for key in ("ar", "sar"):
            same([day[key] for day in event["days"]], wanted[key])
        missing = [day["ar"] is None for day in event["days"]]
        errors = np.where(missing, np.nan, np.array(wanted["forecast_var"], float))
        same([np.nan if day["ar_se"] is None else day["ar_se"] ** 2 for day in event["days"]], errors)
        for window in event["windows"]:
            block = wanted["car[{},{}]".format(*window["window"])]
            same([window["car"], window["car_se"] ** 2, window["scar"]], [block["car"], block["var"], block["scar"]])
            same([*window["car_ci"], window["avar"]], [*block["ci95"], block["avar"]])
            tests = by_name(window["tests"])
            same([tests["t"]["statistic"], tests["t"]["p_value"]], [block["t"]["stat"], block["t"]["p"]])
            same(tests["sample_quantile"]["p_value"], block["sample_quantile"]["p"])


@pytest.mark.parametrize("name", WITH_TESTS)
@pytest.mark.parametrize("position", range(4), ids=WINDOWS)
def test_every_aggregate_test(name: str, position: int, case1: Any) -> None:
    found = case1(name)["aggregate"][0]["windows"][position]
    wanted = golden("case1", DATA)["tests"][name][WINDOWS[position]]
    tests = by_name(found["tests"])
    assert list(tests) == list(group_tests())
    same(found["caar"], wanted["caar"])
    for ours, theirs in GOLDEN.items():
        block = wanted[theirs]
        same([tests[ours]["statistic"], tests[ours]["p_value"]], [block["stat"], block["p"]])
        assert tests[ours]["df"] == block["df"]
        if "p_exact" in block:
            same(tests[ours]["p_exact"], block["p_exact"])
    same(
        [tests["grank_z"]["statistic"], tests["grank_z"]["p_value"]],
        [wanted["grank"][k] for k in ("grank_z", "grank_z_p")],
    )
    wilcoxon, signs = tests["wilcoxon"], tests["sign_flip"]
    same([wilcoxon["statistic"], wilcoxon["p_normal"]], [wanted["wilcoxon"]["stat"], wanted["wilcoxon"]["p"]])
    same([wilcoxon["p_value"], wilcoxon["p_exact"]], [wanted["wilcoxon"]["p_exact"]] * 2)
    same([signs["statistic"], signs["p_value"]], [wanted["sign_flip"]["stat"], wanted["sign_flip"]["p"]])
    for ours, theirs in BOOTSTRAPS.items():
        p = wanted[theirs]["p"]
        same(tests[ours]["statistic"], wanted[theirs]["stat"])
        assert abs(tests[ours]["p_value"] - p) < 4 * math.sqrt(p * (1 - p) / 999)


def test_measures_of_the_market_model(case1: Any) -> None:
    wanted, found = golden("case1", DATA), case1("market_model")
    for event in found["events"]:
        if event["asset"] in wanted["bhar_market_model"]:
            for window in event["windows"]:
                label = "[{},{}]".format(*window["window"])
                same(window["bhar"], wanted["bhar_market_model"][event["asset"]][label])
        day = next(day for day in event["days"] if day["tau"] == 0)
        beaver = wanted["beaver_u_day0"][event["asset"]]
        same([day["beaver_u"], day["beaver_u_p"]], [beaver["stat"], beaver["p"]])
    first = found["aggregate"][0]["windows"][0]
    same(first["volatility"]["variance_ratio"], wanted["event_variance_ratio_day0"])


def test_p_values_over_events_are_adjusted_by_the_textbook(case1: Any) -> None:
    tests = [by_name(event["windows"][0]["tests"])["t"] for event in case1("market_model")["events"]]
    wanted = golden("case1", DATA)["multiplicity_day0"]
    same([test["p_value"] for test in tests], wanted["p"])
    for name in ("holm", "bh", "by"):
        same([test[f"p_{name}"] for test in tests], wanted[name])


def test_three_firms_that_can_be_checked_by_hand(tmp_path: Path) -> None:
    table = dated(rows_of(DATA / "case4_tiny.csv"), drop="t")
    events = pd.DataFrame({"event_id": "x", "asset": ["X", "Y", "Z"], "date": table["date"].iloc[-2]})
    options = "--values returns --returns simple --estimation -6:-1 --event-window 0:1 --window 0:0 --window 0:1"
    found = study(tmp_path, table, events, *options.split(), *MARKET)
    for event in found["events"]:
        wanted = golden("case4")["models"][event["asset"]]
        same(list(event["coefficients"].values()), wanted["theta"])
        same(event["sigma"] ** 2, wanted["s2"])
        for window in event["windows"]:
            block = wanted["car[{},{}]".format(*window["window"])]
            same([window["car"], window["car_se"] ** 2], [block["car"], block["var"]])
    for window in found["aggregate"][0]["windows"]:
        wanted = golden("case4", DATA)["tests"]["[{},{}]".format(*window["window"])]
        for ours, theirs in GOLDEN.items():
            if wanted[theirs]["stat"] is not None and by_name(window["tests"])[ours]["reason"] is None:
                test = by_name(window["tests"])[ours]
                same([test["statistic"], test["p_value"]], [wanted[theirs]["stat"], wanted[theirs]["p"]])


def test_trade_to_trade_on_prices_with_holes(tmp_path: Path) -> None:
    """The file gives the benchmark as log returns; its prices are built from them."""
    rows = rows_of(DATA / "case5_thin_prices.csv")
    table = dated(rows, drop="session")[["date", "price"]].rename(columns={"price": "THIN"})
    table["MKT"] = [repr(p) for p in (100 * np.exp(np.cumsum([float(row["bench_logret"]) for row in rows]))).tolist()]
    events = pd.DataFrame({"event_id": ["thin"], "asset": ["THIN"], "date": table["date"].iloc[75]})
    options = "--model trade-to-trade --benchmark MKT "
    options += "--estimation -74:-6 --event-window -1:5 --window 0:5 --min-estimation 30"
    found = study(tmp_path, table, events, *options.split())["events"][0]
    wanted = golden("case5")["fit"]
    assert (found["n_estimation"], found["df"]) == (wanted["M"], wanted["df"])
    same([*found["coefficients"].values(), found["sigma"] ** 2], [*wanted["theta"], wanted["s2"]])
    same([day["ar"] for day in found["days"]], wanted["ar"])
    window = found["windows"][0]
    t = by_name(window["tests"])["t"]
    same([window["car"], window["car_se"] ** 2], [wanted["car_0_5"], wanted["var_0_5"]])
    same([t["statistic"], t["p_value"]], [wanted["t_0_5"]["stat"], wanted["t_0_5"]["p"]])
    assert window["n_days"] == 3
    assert window["reason"] == "3 of 6 days have a return"


@pytest.mark.parametrize(
    ("model", "variance", "tolerance"), [("garch", "omega_alpha_beta", 1e-4), ("egarch", "omega_a_g_b", 1e-3)]
)
def test_volatility_models(model: str, variance: str, tolerance: float, tmp_path: Path) -> None:
    table = dated(rows_of(DATA / "case7_garch.csv"), drop="t")
    events = pd.DataFrame({"event_id": ["g"], "asset": ["ret"], "date": table["date"].iloc[510]})
    options = "--values returns --returns simple --estimation -510:-11 --event-window -5:5 --window 0:0"
    found = study(tmp_path, table, events, *options.split(), "--model", model, *MARKET)["events"][0]
    wanted = golden("case7")[model]
    same(list(found["coefficients"].values()), wanted["theta"] + wanted[variance], tolerance)
    same([day["ar_se"] ** 2 for day in found["days"]], wanted["h_evt"], tolerance)
    same([day["sar"] for day in found["days"]], wanted["sar"], tolerance)
    assert found["df"] is None  # the law is normal
    assert by_name(found["windows"][0]["tests"])["t"]["distribution"] == "normal"


def test_no_model_and_no_test_is_left_out() -> None:
    asked = {options[options.index("--model") + 1] if "--model" in options else "market" for options in CASE1.values()}
    # The files have no comparison period; it is worked out by hand in tests/unit/test_models_linear.py.
    assert (asked - {"carhart"}) | {"trade-to-trade", "garch", "egarch", "comparison-mean"} == {
        name for name, model in MODELS.items() if not model.factors
    }
    checked = {*GOLDEN, *BOOTSTRAPS, "grank_z", "wilcoxon", "sign_flip"}
    # Not in the files: corrected forms (tests/unit/test_inference_corrected.py), tests of clusters, calendar time,
    # portfolios of complete data, placebo dates, and a single event (tests/unit/test_inference_one_event.py).
    assert set(group_tests()) - checked == {
        "portfolio_t", "mvrm_f", "cluster_t", "calendar_time_t", "placebo", "max_t_placebo",
        "crude_dependence_long_t", "hac_portfolio_long_z", "firm_cluster_t", "two_way_cluster_t", "cowan_sign_z",
        "corrado_zivney_rank_fpc_z", "corrado_zivney_sign_fpc_z", "doubled_variance_t",
    }  # fmt: skip
