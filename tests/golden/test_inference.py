"""Every test of the contract against the golden files of an independent reference implementation."""

from __future__ import annotations

import csv
import functools
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from eventstudy.inference import effect, multiple, single, volatility
from eventstudy.inference.panel import Panel
from eventstudy.records import Inference, StudySpec, Window
from eventstudy.registry.tests import TESTS
from tests.support.panels import inflation, panels

HERE = Path(__file__).parent / "data"
TIGHT = {"rel": 1e-9, "abs": 1e-12}

# Contract name → name in the golden file, law and details that both have.
CLOSED_FORM = {
    "cross_sectional_t": ("cross_sectional_t", ()),
    "time_series_z": ("timeseries_independent", ()),
    "crude_dependence_t": ("crude_dependence", ()),
    "hac_portfolio_z": ("hac_portfolio_q4", ()),
    "patell_z": ("patell_scar", ()),
    "adjusted_patell_z": ("kp_patell", ()),
    "bmp_t": ("bmp_scar", ()),
    "adjusted_bmp_t": ("kp_bmp", ()),
    "skewness_adjusted_t": ("skew_hall_unbiased", ()),
    "jackknife_t": ("jackknife", ()),
    "precision_weighted_z": ("precision_weighted", ("estimate",)),
    "random_effects_t": ("random_effects", ("estimate", "tau2", "Q")),
    "sign_z": ("sign", ("p_exact", "positive")),
    "generalized_sign_z": ("generalized_sign_L", ("phat",)),
    "corrado_rank_z": ("rank_corrado_fpc", ()),
    "corrado_zivney_rank_z": ("rank_cz_variance", ()),
    "corrado_zivney_sign_z": ("sign_corrado_zivney", ()),
    "grank_t": ("grank", ("Z",)),
    "grank_kp_t": ("grank_kp", ("Z",)),
}
MODELS = {
    "mean_adjusted": ("constant-mean", ()),
    "market_adjusted": ("market-adjusted", ("mkt",)),
    "market_model": ("market", ("mkt",)),
    "ff3": ("factor", ("mkt", "smb", "hml")),
}
WINDOWS = ("[0,0]", "[0,1]", "[-1,1]", "[-5,5]")
CASES = [("case1", model, window) for model in MODELS for window in WINDOWS]
CASES += [("case4", "market_model", window) for window in WINDOWS[:2]]


@functools.cache
def golden(name: str) -> Any:
    return json.loads((HERE / f"{name}_expected.json").read_text("utf-8"))


@functools.cache
def columns(name: str) -> dict[str, np.ndarray]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    values = np.array([[float(cell) if cell else np.nan for cell in row] for row in rows[1:]])
    return dict(zip(rows[0], values.T, strict=True))


@functools.cache
def case_panels(case: str, model: str) -> dict[str, Panel]:
    data = columns("case1_common_date.csv" if case == "case1" else "case4_tiny.csv")
    ours, factors = MODELS[model]
    spec = StudySpec(
        model=ours,
        returns="simple",
        estimation=(-135, -16) if case == "case1" else (-6, -1),
        event_window=(-5, 5) if case == "case1" else (0, 1),
        windows=WINDOWS if case == "case1" else WINDOWS[:2],
        factors=factors if ours == "factor" else (),
        min_estimation=None if case == "case1" else 3,
        draws=1999,
    )
    rows = (data["t"] >= spec.estimation.start) & (data["t"] <= spec.event_window.end)
    assets = [name for name in data if name not in ("t", "mkt", "smb", "hml", "mom")]
    y = np.array([data[name][rows] for name in assets])
    x = np.array([data[name][rows] for name in factors]).T.reshape(rows.sum(), len(factors))
    return {panel.window.label: panel for panel in panels(y, x, spec)}


def expected(case: str, model: str, window: str) -> dict[str, Any]:
    tests = golden(case)["tests"]
    return tests[model][window] if case == "case1" else tests[window]


def assert_same(found: Inference, wanted: dict[str, Any], details: tuple[str, ...] = ()) -> None:
    assert found.reason is None
    assert found.statistic == pytest.approx(wanted["stat"], **TIGHT)
    assert found.p_value == pytest.approx(wanted["p"], **TIGHT)
    assert found.df == wanted["df"]
    assert found.distribution == {"norm": "normal"}.get(wanted["dist"], wanted["dist"])
    extra = dict(found.details)
    for name in details:
        assert extra[name] == pytest.approx(wanted[name], **TIGHT), name


@pytest.mark.parametrize("name", CLOSED_FORM)
@pytest.mark.parametrize(("case", "model", "window"), CASES)
def test_closed_form(case: str, model: str, window: str, name: str) -> None:
    theirs, details = CLOSED_FORM[name]
    found = TESTS[name].of_group(case_panels(case, model)[window])
    assert found.name == name
    assert_same(found, expected(case, model, window)[theirs], details)


@pytest.mark.parametrize(("case", "model", "window"), CASES)
def test_mean_correlation(case: str, model: str, window: str) -> None:
    found = case_panels(case, model)[window].correlation.mean
    assert found == pytest.approx(expected(case, model, window)["rbar"], **TIGHT)


@pytest.mark.parametrize(("case", "model", "window"), CASES)
def test_grank_z(case: str, model: str, window: str) -> None:
    found = TESTS["grank_z"].of_group(case_panels(case, model)[window])
    wanted = expected(case, model, window)["grank"]
    assert_same(found, {"stat": wanted["grank_z"], "p": wanted["grank_z_p"], "df": None, "dist": "norm"})


@pytest.mark.parametrize(("case", "model", "window"), CASES)
def test_wilcoxon_and_hodges_lehmann(case: str, model: str, window: str) -> None:
    found = TESTS["wilcoxon"].of_group(case_panels(case, model)[window])
    values = expected(case, model, window)
    wanted = values["wilcoxon"]
    details = dict(found.details)
    assert found.statistic == pytest.approx(wanted["stat"], **TIGHT)
    assert found.p_value == pytest.approx(wanted["p_exact"], **TIGHT)
    assert details["p_normal"] == pytest.approx(wanted["p"], **TIGHT)
    assert details["W"] == wanted["W"]
    assert details["hodges_lehmann"] == pytest.approx(values["hodges_lehmann"], **TIGHT)


@pytest.mark.parametrize(("case", "model", "window"), CASES)
def test_sign_flip_enumerated(case: str, model: str, window: str) -> None:
    found = TESTS["sign_flip"].of_group(case_panels(case, model)[window])
    wanted = expected(case, model, window)["sign_flip"]
    assert found.statistic == pytest.approx(wanted["stat"], **TIGHT)
    assert found.p_value == pytest.approx(wanted["p"], **TIGHT)
    assert dict(found.details)["assignments"] == wanted["df"]


@pytest.mark.parametrize(
    ("ours", "theirs"), [("bootstrap_t", "bootstrap_pairs"), ("wild_bootstrap_t", "bootstrap_wild")]
)
@pytest.mark.parametrize(("case", "model", "window"), CASES[:16])
def test_bootstraps(case: str, model: str, window: str, ours: str, theirs: str) -> None:
    """The draws differ, so the p-values agree within the error of both, and the intervals roughly."""
    found = TESTS[ours].of_group(case_panels(case, model)[window])
    wanted = expected(case, model, window)[theirs]
    p, draws = wanted["p"], wanted["df"]
    assert found.statistic == pytest.approx(wanted["stat"], **TIGHT)
    assert found.p_value == pytest.approx(p, abs=3 * math.sqrt(2 * p * (1 - p) / draws))
    details = dict(found.details)
    width = wanted["ci95"][1] - wanted["ci95"][0]
    assert [details["ci_low"], details["ci_high"]] == pytest.approx(wanted["ci95"], abs=0.15 * width)


@pytest.mark.parametrize(("case", "model", "window"), CASES)
def test_mean_and_its_cross_sectional_interval(case: str, model: str, window: str) -> None:
    panel = case_panels(case, model)[window]
    values = expected(case, model, window)
    mean = float(panel.car.mean())
    assert mean == pytest.approx(values["caar"], **TIGHT)
    statistic = TESTS["cross_sectional_t"].of_group(panel).statistic
    assert statistic is not None
    interval = effect.confidence_interval(mean, mean / statistic, panel.n - 1, 0.05)
    assert interval == pytest.approx(values["caar_ci95"], **TIGHT)


@pytest.mark.parametrize(("case", "model", "window"), CASES)
def test_single_event_tests(case: str, model: str, window: str) -> None:
    panel = case_panels(case, model)[window]
    events = golden(case)["models"][model] if case == "case1" else golden(case)["models"]
    assert panel.n == len(events)
    for i, asset in enumerate(events.values()):
        block = asset[f"car{window}"]
        car, se, df = float(panel.car[i]), float(panel.se[i]), float(panel.df[i])
        (t,) = single.t_test(panel.car[[i]], panel.se[[i]], panel.df[[i]], n=np.array([asset["M"]]))
        assert_same(t, block["t"])
        assert effect.confidence_interval(car, se, df, 0.05) == pytest.approx(block["ci95"], **TIGHT)
        residuals = np.asarray(panel.batch.fit.residuals)[[i]]
        (quantile,) = single.sample_quantile(panel.car[[i]], residuals, panel.n_days[[i]])
        assert quantile.p_value == pytest.approx(block["sample_quantile"]["p"], **TIGHT)
        assert quantile.n == block["sample_quantile"]["df"]


def test_volatility() -> None:
    panel = case_panels("case1", "market_model")["[0,0]"]
    sar = panel.batch.abnormal.sar[panel.batch.rows, 5]
    wanted = golden("case1")
    for value, df, theirs in zip(sar.tolist(), panel.df.tolist(), wanted["beaver_u_day0"].values(), strict=True):
        found = volatility.beaver_u(value, df)
        assert (found.statistic, found.p_value) == pytest.approx((theirs["stat"], theirs["p"]), **TIGHT)
        assert [dict(found.details)["df_numerator"], found.df] == theirs["df"]
    assert volatility.variance_ratio(sar, panel.df) == pytest.approx(wanted["event_variance_ratio_day0"], **TIGHT)


@pytest.mark.parametrize(("case", "model", "window"), CASES)
def test_log_variance_ratio(case: str, model: str, window: str) -> None:
    panel = case_panels(case, model)[window]
    batch = panel.batch
    found = volatility.log_variance_ratio(batch.abnormal.ar[batch.rows, panel.columns], batch.fit.s2[batch.rows])
    events = golden(case)["models"][model] if case == "case1" else golden(case)["models"]
    assert found == pytest.approx([asset[f"car{window}"]["avar"] for asset in events.values()], **TIGHT)


def test_multiplicity() -> None:
    for values in (golden("case1")["multiplicity_day0"], golden("case6") | {"p": [0.01, 0.03, 0.04, 0.005, 0.5]}):
        for name in ("holm", "bh", "by"):
            found = getattr(multiple, name)(np.array(values["p"]))
            assert found == pytest.approx(values[name], **TIGHT)


def settings(key: str) -> list[float]:
    return [float(part.partition("=")[2]) for part in key.split(",") if "=" in part]


@pytest.mark.parametrize(("key", "alternative"), [("power_two_sided", "two-sided"), ("power_one_sided", "greater")])
def test_power(key: str, alternative: Any) -> None:
    for name, wanted in golden("case6")[key].items():
        n, size, sd = settings(name)
        assert effect.power_z(size, sd, n, alternative=alternative) == pytest.approx(wanted, **TIGHT)


@pytest.mark.parametrize(("key", "function"), [("mde_t", effect.mde), ("mde_exact", effect.mde_exact)])
def test_minimum_detectable_effect(key: str, function: Any) -> None:
    for name, wanted in golden("case6")[key].items():
        assert function(1.0, settings(name)[0]) == pytest.approx(wanted, **TIGHT)


def test_equivalence() -> None:
    for row in golden("case6")["tost"]:
        assert effect.equivalence_p(row["est"], row["se"], row["df"], row["margin"]) == pytest.approx(row["p"], **TIGHT)


def test_size_under_ignored_correlation() -> None:
    for name, wanted in golden("case6")["size_ignoring_correlation"].items():
        n, r = settings(name)
        found = effect.size_of_z(inflation(int(n), r, estimates_variance=name.startswith("bmp")))
        assert found == pytest.approx(wanted, **TIGHT)


def test_mackinlay_table_2() -> None:
    """All 288 printed cells of MacKinlay 1997, Table 2, to the printed digits."""
    data = columns("mackinlay1997_table2_power.csv")
    cells = 0
    for name, printed in data.items():
        if name == "N":
            continue
        sd, size = (float(part) for part in name.removeprefix("sd").split("_ar"))
        for n, wanted in zip(data["N"].tolist(), printed.tolist(), strict=True):
            assert abs(effect.power_z(size, sd, n) - wanted) <= 0.005
            cells += 1
    assert cells == 288


def test_windows_are_those_of_the_file() -> None:
    meta = golden("case1")["meta"]
    for label, positions in meta["windows"].items():
        assert Window.parse(label) == Window(positions[0] + meta["evt"][0], positions[-1] + meta["evt"][0])
