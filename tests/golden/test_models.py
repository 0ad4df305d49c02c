"""Every expected-return model against the golden files of an independent reference implementation."""

from __future__ import annotations

import csv
import functools
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eventstudy.abnormal import abnormal_returns, cumulate
from eventstudy.inference import effect, single
from eventstudy.records import Sample, StudySpec, Window
from eventstudy.registry.models import MODELS
from eventstudy.returns import spans

HERE = Path(__file__).parent / "data"

ASSETS = tuple(f"A{i:02d}" for i in range(12))
MARKET = ("mkt",)
# Name in the golden file → our model, its regressors (None: all other assets) and variant, relative tolerance.
CASE1 = {
    "mean_adjusted": ("constant-mean", (), "", 1e-9),
    "market_adjusted": ("market-adjusted", MARKET, "", 1e-9),
    "market_model": ("market", MARKET, "", 1e-9),
    "ff3": ("factor", ("mkt", "smb", "hml"), "", 1e-9),
    "carhart4": ("factor", ("mkt", "smb", "hml", "mom"), "", 1e-9),
    "scholes_williams": ("scholes-williams", MARKET, "", 1e-9),
    "dimson_aggregated": ("dimson", MARKET, "", 1e-9),
    "dimson_distributed": ("dimson", MARKET, "distributed", 1e-9),
    "huber": ("huber", MARKET, "", 1e-8),
    "theil_sen": ("theil-sen", MARKET, "", 1e-9),
    "matched_portfolio": ("peer", None, "", 1e-9),
}
WINDOWS = {label: Window.parse(label) for label in ("[0,0]", "[0,1]", "[-1,1]", "[-5,5]")}


@functools.cache
def expected(case: str) -> Any:
    return json.loads((HERE / f"{case}_expected.json").read_text("utf-8"))


@functools.cache
def columns(name: str) -> dict[str, np.ndarray]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {key: np.array([float(row[key] or "nan") for row in rows]) for key in rows[0]}


def numbers(values: list[float | None]) -> np.ndarray:
    return np.array(values, dtype=float)


def agree(found, wanted, tolerance) -> None:
    np.testing.assert_allclose(
        np.asarray(found, dtype=float), np.asarray(wanted, dtype=float), rtol=tolerance, atol=0.0
    )


def study(data, tau, names, regressors, spec):
    """Fit, abnormal returns and cumulated windows of `names`, all with their event day at the same row."""
    if regressors is None:
        x = np.stack([np.stack([data[other] for other in names if other != own], axis=1) for own in names])
    else:
        x = np.stack(
            [np.stack([data[r] for r in regressors], axis=1) if regressors else np.empty((tau.size, 0))] * len(names)
        )
    sample = Sample(
        tau=tau,
        y=np.stack([data[name] for name in names]),
        x=x,
        estimation=spec.estimation,
        event_window=spec.event_window,
    )
    fit = MODELS[spec.model](sample, spec)
    abnormal = abnormal_returns(sample, fit)
    return fit, abnormal, {w: cumulate(fit, abnormal, w, is_log=False) for w in spec.windows}


@functools.cache
def case1(name: str):
    model, regressors, variant, _ = CASE1[name]
    data = columns("case1_common_date.csv")
    spec = StudySpec(
        model=model,
        returns="simple",
        estimation=(-135, -16),
        event_window=(-5, 5),
        windows=tuple(WINDOWS.values()),
        variant=variant,
    )
    return study(data, data["t"].astype(int), ASSETS, regressors, spec)


@functools.cache
def case4():
    data = columns("case4_tiny.csv")
    spec = StudySpec(returns="simple", estimation=(-6, -1), event_window=(0, 1), windows=("[0,0]", "[0,1]"))
    return study(data, data["t"].astype(int), ("X", "Y", "Z"), MARKET, spec)


def check_estimates(outcome, i, wanted, tolerance) -> None:
    fit, abnormal, _ = outcome
    assert fit.reasons[i] is None
    assert (fit.n_estimation[i], fit.df[i]) == (wanted["M"], wanted["df"])
    agree(fit.theta[i], wanted["theta"], tolerance)
    agree(fit.s2[i], wanted["s2"], tolerance)
    agree(abnormal.ar[i], numbers(wanted["ar"]), tolerance)
    # The files state the variance of days without a return too; ours is blank there, so it is taken from the fit.
    variance = fit.s2[i] * (fit.base[i] + np.einsum("tk,kl,tl->t", fit.design[i], fit.gram_inverse[i], fit.design[i]))
    agree(variance, numbers(wanted["forecast_var"]), tolerance)
    agree(abnormal.se[i] ** 2, np.where(np.isfinite(abnormal.ar[i]), variance, np.nan), 1e-14)
    agree(abnormal.sar[i], numbers(wanted["sar"]), tolerance)


def check_window(outcome, i, wanted, window, tolerance) -> None:
    fit, abnormal, cumulated = outcome
    found = cumulated[window]
    car, se, df = float(found.car[i]), float(found.se[i]), float(fit.df[i])
    agree([car, se**2, found.scar[i]], [wanted["car"], wanted["var"], wanted["scar"]], tolerance)
    (test,) = single.t_test(found.car[[i]], found.se[[i]], fit.df[[i]], n=fit.n_estimation[[i]])
    agree(
        [test.statistic, test.p_value, test.df], [wanted["t"]["stat"], wanted["t"]["p"], wanted["t"]["df"]], tolerance
    )
    agree(effect.confidence_interval(car, se, df, 0.05), wanted["ci95"], tolerance)
    # Two measures that follow from the day-by-day results: C3's CSAR, and C7's AVAR.
    inside = (abnormal.tau >= window.start) & (abnormal.tau <= window.end)
    sar, ar = abnormal.sar[i, inside], abnormal.ar[i, inside]
    agree(np.nansum(sar) / math.sqrt(found.n_days[i]), wanted["csar"], tolerance)
    agree(math.log(np.nanmean(ar**2) / fit.s2[i]), wanted["avar"], tolerance)


@pytest.mark.parametrize("asset", ASSETS)
@pytest.mark.parametrize("name", CASE1)
def test_estimates_of_twelve_assets(name, asset):
    check_estimates(case1(name), ASSETS.index(asset), expected("case1")["models"][name][asset], CASE1[name][3])


@pytest.mark.parametrize("label", WINDOWS)
@pytest.mark.parametrize("asset", ASSETS)
@pytest.mark.parametrize("name", CASE1)
def test_cumulative_abnormal_returns_of_twelve_assets(name, asset, label):
    wanted = expected("case1")["models"][name][asset][f"car{label}"]
    check_window(case1(name), ASSETS.index(asset), wanted, WINDOWS[label], CASE1[name][3])


@pytest.mark.parametrize("firm", ["X", "Y", "Z"])
def test_three_firms_that_can_be_checked_by_hand(firm):
    wanted = expected("case4")["models"][firm]
    i = "XYZ".index(firm)
    check_estimates(case4(), i, wanted, 1e-9)
    for label in ("[0,0]", "[0,1]"):
        check_window(case4(), i, wanted[f"car{label}"], WINDOWS[label], 1e-9)


def test_sessions_since_the_last_trade_of_a_thinly_traded_asset():
    agree(spans(columns("case5_thin_prices.csv")["price"]), numbers(expected("case5")["span"]), 1e-9)


def test_trade_to_trade_market_model():
    wanted, day0 = expected("case5")["fit"], 75
    series = {name: numbers(expected("case5")[name]) for name in ("span", "lumped", "bench_over_spans")}
    spec = StudySpec(
        model="trade-to-trade",
        estimation=(1 - day0, 69 - day0),
        event_window=(-1, 5),
        windows=("[0,5]",),
        min_estimation=30,
    )
    sample = Sample(
        tau=np.arange(series["span"].size) - day0,
        y=series["lumped"][None, :],
        x=series["bench_over_spans"][None, :, None],
        estimation=spec.estimation,
        event_window=spec.event_window,
        span=series["span"][None, :],
    )
    fit = MODELS[spec.model](sample, spec)
    abnormal = abnormal_returns(sample, fit)
    found = cumulate(fit, abnormal, Window(0, 5), is_log=True)
    assert (fit.n_estimation[0], fit.df[0]) == (wanted["M"], wanted["df"])
    agree(fit.theta[0], wanted["theta"], 1e-9)
    agree(fit.s2[0], wanted["s2"], 1e-9)
    agree(abnormal.ar[0], numbers(wanted["ar"]), 1e-9)
    agree(fit.base[0], numbers(wanted["span"]), 1e-9)
    agree(
        [found.car[0], found.se[0] ** 2, found.scar[0]],
        [wanted["car_0_5"], wanted["var_0_5"], wanted["t_0_5"]["stat"]],
        1e-9,
    )
    (test,) = single.t_test(found.car[:1], found.se[:1], fit.df[:1], n=np.array([49]))
    agree(test.p_value, wanted["t_0_5"]["p"], 1e-9)


@pytest.mark.parametrize(
    ("model", "variance", "tolerance"), [("garch", "omega_alpha_beta", 1e-4), ("egarch", "omega_a_g_b", 1e-3)]
)
def test_market_model_with_moving_variance(model, variance, tolerance):
    wanted, data = expected("case7")[model], columns("case7_garch.csv")
    spec = StudySpec(model=model, estimation=(-510, -11), event_window=(-5, 5))
    fit, abnormal, _ = study(data, data["t"].astype(int) - 510, ("ret",), MARKET, spec)
    assert fit.reasons == (None,)
    agree(fit.theta[0], wanted["theta"] + wanted[variance], tolerance)
    agree(fit.s2[0] * fit.base[0], wanted["h_evt"], tolerance)
    agree(abnormal.sar[0], wanted["sar"], tolerance)
    assert fit.df[0] == math.inf


def test_no_model_is_left_out():
    checked = {model for model, *_ in CASE1.values()} | {"trade-to-trade", "garch", "egarch"}
    # The golden files have no comparison period; tests/unit/test_models_linear.py works one out by hand.
    assert checked | {"comparison-mean"} == {name for name, model in MODELS.items() if not model.factors}
