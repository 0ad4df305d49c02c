"""Aggregate tests against second derivations and other libraries; and no test ever raises or gives a naked NaN."""

from __future__ import annotations

import dataclasses
import functools
import math

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from eventstudy.inference.interval import mean_interval
from eventstudy.inference.panel import Panel
from eventstudy.inference.signed_rank import hodges_lehmann
from eventstudy.inference.validity import validity
from eventstudy.models.diagnostics import long_run_variance
from eventstudy.records import StudySpec
from eventstudy.registry.tests import TESTS, event_tests, group_tests
from tests.support.panels import panels

SPEC = StudySpec(returns="simple", estimation=(-60, -6), event_window=(-2, 2), windows=[(0, 0), (-1, 1)])
T = 63
CONTRACT = {
    "cross_sectional_t",
    "time_series_z",
    "doubled_variance_t",
    "crude_dependence_t",
    "hac_portfolio_z",
    "crude_dependence_long_t",
    "hac_portfolio_long_z",
    "firm_cluster_t",
    "two_way_cluster_t",
    "cowan_sign_z",
    "corrado_zivney_rank_fpc_z",
    "corrado_zivney_sign_fpc_z",
    "portfolio_t",
    "patell_z",
    "adjusted_patell_z",
    "bmp_t",
    "adjusted_bmp_t",
    "skewness_adjusted_t",
    "jackknife_t",
    "cluster_t",
    "calendar_time_t",
    "precision_weighted_z",
    "random_effects_t",
    "mvrm_f",
    "sign_z",
    "generalized_sign_z",
    "corrado_rank_z",
    "corrado_zivney_rank_z",
    "corrado_zivney_sign_z",
    "grank_t",
    "grank_kp_t",
    "grank_z",
    "wilcoxon",
    "sign_flip",
    "bootstrap_t",
    "wild_bootstrap_t",
    "placebo",
    "max_t_placebo",
}


def draw(n: int, seed: int = 0, correlation: float = 0.3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    market = rng.normal(0, 0.01, (T, 1))
    common = rng.normal(0, 0.02 * math.sqrt(correlation), T)
    y = rng.uniform(0.5, 1.5, (n, 1)) * market[:, 0] + common + rng.normal(0, 0.02 * math.sqrt(1 - correlation), (n, T))
    return y, market


def dated(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Events of one market spread over 30 days: returns, market, days."""
    rng = np.random.default_rng(seed)
    start = rng.integers(0, 30, n)
    days = start[:, None] + np.arange(T)
    market, common = rng.normal(0, 0.01, (2, T + 30))
    x = market[days]
    return x + common[days] + rng.normal(0, 0.02, (n, T)), x[:, :, None], days


def test_every_test_of_the_contract_is_here() -> None:
    assert set(group_tests()) == CONTRACT
    assert list(event_tests()) == ["t", "sample_quantile", "hac_z", "placebo"]
    (panel, _) = panels(*draw(8), SPEC)
    for name, test in group_tests().items():
        found = test.of_group(panel)
        assert found.name == name
        assert found.null
        assert found.source
    assert [v.name for v in validity(panel)] == list(group_tests())


def test_portfolio_t_is_the_regression_forecast_of_the_mean_return() -> None:
    y, x = draw(7)
    y[3, 20] = np.nan  # that day is left out for all
    panel = panels(y, x, dataclasses.replace(SPEC, min_estimation=30))[1]
    mean, days = y.mean(axis=0), np.arange(T)
    use = (days < 55) & np.isfinite(mean)
    window = np.array([59, 60, 61])
    fit = sm.OLS(mean[use], sm.add_constant(x[use])).fit()
    forecast = np.column_stack([np.ones(3), x[window, 0]])
    car = (mean[window] - forecast @ fit.params).sum()
    total = forecast.sum(axis=0)
    variance = fit.mse_resid * (3 + total @ fit.normalized_cov_params @ total)
    found = TESTS["portfolio_t"].of_group(panel)
    assert found.statistic == pytest.approx(car / math.sqrt(variance), rel=1e-10)
    assert (found.df, dict(found.details)["estimation_days"]) == (52, 54)


def test_portfolio_t_is_the_average_of_the_multivariate_regression() -> None:
    """Methods D16: 1'c / sqrt(g 1'S1)."""
    panel = panels(*draw(9), SPEC)[1]
    e = panel.batch.fit.residuals
    s = e @ e.T / panel.df[0]
    g = panel.se[0] ** 2 / panel.batch.fit.s2[0]
    wanted = panel.car.sum() / math.sqrt(g * s.sum())
    assert TESTS["portfolio_t"].of_group(panel).statistic == pytest.approx(wanted, rel=1e-10)


def test_portfolio_of_log_returns_is_formed_in_simple_returns() -> None:
    y, x = draw(5)
    simple = TESTS["portfolio_t"].of_group(panels(y, x, SPEC)[1])
    log = TESTS["portfolio_t"].of_group(panels(np.log1p(y), np.log1p(x), dataclasses.replace(SPEC, returns="log"))[1])
    assert log.statistic == pytest.approx(simple.statistic, rel=1e-10)


def test_assets_with_benchmarks_of_their_own_form_no_portfolio() -> None:
    y, x = draw(5)
    own = np.repeat(x[None], 5, axis=0)
    own[0, 10] += 0.001  # one asset's benchmark spans a holiday: the day is left out
    found = TESTS["portfolio_t"].of_group(panels(y, own, SPEC)[1])
    assert dict(found.details)["estimation_days"] == 54
    own[0] *= 1.01
    for name in ("portfolio_t", "mvrm_f"):
        assert "0 estimation days" in (TESTS[name].of_group(panels(y, own, SPEC)[1]).reason or "")


def test_joint_f_is_wilks_lambda_of_the_dummy_regression() -> None:
    """One event day: F from the determinants of the residual cross-products without and with a dummy for it."""
    y, x = draw(6)
    panel = panels(y, x, SPEC)[0]
    use = [*range(55), 60]
    design = np.column_stack([np.ones(56), x[use]])
    dummy = np.column_stack([design, np.arange(56) == 55])

    def cross_products(regressors: np.ndarray) -> np.ndarray:
        e = y[:, use].T - regressors @ np.linalg.lstsq(regressors, y[:, use].T, rcond=None)[0]
        return e.T @ e

    wilks = np.linalg.det(cross_products(dummy)) / np.linalg.det(cross_products(design))
    rest = 55 - 2 - 6 + 1
    wanted = (1 - wilks) / wilks * rest / 6
    found = TESTS["mvrm_f"].of_group(panel)
    assert found.statistic == pytest.approx(wanted, rel=1e-8)
    assert found.p_value == pytest.approx(stats.f.sf(wanted, 6, rest), rel=1e-8)
    assert (dict(found.details)["df_numerator"], found.df) == (6, rest)


def test_joint_f_refuses_what_it_cannot_do() -> None:
    y, x = draw(6)
    one_sided = dataclasses.replace(SPEC, alternative="greater")
    assert "two-sided" in (TESTS["mvrm_f"].of_group(panels(y, x, one_sided)[0]).reason or "")
    robust = dataclasses.replace(SPEC, model="huber")
    assert "least squares" in (TESTS["mvrm_f"].of_group(panels(y, x, robust)[0]).reason or "")
    many, market = draw(55)
    assert "degrees of freedom" in (TESTS["mvrm_f"].of_group(panels(many, market, SPEC)[0]).reason or "")
    own_mean = y.mean(axis=0)[:, None]
    assert "collinear" in (TESTS["mvrm_f"].of_group(panels(y, own_mean, SPEC)[0]).reason or "")


def test_cluster_t_is_that_of_statsmodels() -> None:
    y, x, days = dated(80)
    panel = panels(y, x, SPEC, days=days)[1]
    groups = panel.batch.day0
    fit = sm.OLS(panel.car, np.ones(80)).fit(cov_type="cluster", cov_kwds={"groups": groups})
    size = np.unique(groups).size
    found = TESTS["cluster_t"].of_group(panel)
    # statsmodels multiplies by G/(G-1) (N-1)/(N-K), which is G/(G-1) for a mean.
    assert found.statistic == pytest.approx(float(fit.tvalues[0]), rel=1e-10)
    assert found.df == size - 1


def test_calendar_time_t_by_hand() -> None:
    y, x, days = dated(40)
    panel = panels(y, x, SPEC, days=days)[1]
    by_day: dict[int, list[float]] = {}
    for i in range(40):
        for column in (1, 2, 3):
            by_day.setdefault(int(days[i, 58 + column]), []).append(float(panel.batch.abnormal.ar[i, column]))
    wanted = stats.ttest_1samp([np.mean(values) for values in by_day.values()], 0.0)
    found = TESTS["calendar_time_t"].of_group(panel)
    assert (found.statistic, found.p_value) == (pytest.approx(wanted.statistic), pytest.approx(wanted.pvalue))


def test_long_run_variance_without_lags_is_the_variance() -> None:
    series = np.random.default_rng(0).normal(size=50)
    assert long_run_variance(series, 0) == pytest.approx(series.var())
    trend = np.repeat([1.0, -1.0], 25)
    assert long_run_variance(trend, 4) > 4 * trend.var()


def test_wilcoxon_is_that_of_scipy() -> None:
    for n, ties in ((12, False), (12, True), (80, False)):
        panel = panels(*draw(n, correlation=0.0), SPEC)[0]
        car = np.round(panel.car, 2) if ties else panel.car
        found = TESTS["wilcoxon"].of_group(dataclasses.replace(panel, car=car))
        values = car[car != 0]
        method = "exact" if n <= 50 and not ties else "asymptotic"
        wanted = stats.wilcoxon(values, method=method, correction=False)
        assert found.p_value == pytest.approx(wanted.pvalue, rel=1e-9)
        assert found.n == values.size


def test_hodges_lehmann_by_bisection_is_the_median_of_all_means() -> None:
    rng = np.random.default_rng(0)
    for n in (1001, 1002):
        values = rng.standard_t(3, n) + 0.1
        i, j = np.triu_indices(n)
        assert hodges_lehmann(values) == pytest.approx(np.median((values[i] + values[j]) / 2), rel=1e-12)
    assert hodges_lehmann(np.append(np.zeros(1500), np.arange(-3.0, 4.0))) == pytest.approx(0.0, abs=1e-14)
    assert hodges_lehmann(np.array([1.0, 2.0, 6.0])) == 2.75  # of 1 1.5 2 3.5 4 6
    assert math.isnan(hodges_lehmann(np.array([])))


@functools.cache
def degenerate() -> dict[str, Panel]:
    y, x = draw(6)
    flat = np.zeros_like(y)
    holey = y.copy()
    holey[:, 60] = np.nan
    ragged = np.broadcast_to(np.arange(T), y.shape).copy()
    ragged[0, :5] = -1
    ragged[1:] += np.arange(5)[:, None]
    blank = y.copy()
    blank[0, :5] = np.nan
    adjusted = dataclasses.replace(SPEC, model="market-adjusted")
    return {
        "one event": panels(y[:1], x, SPEC)[1],
        "two events": panels(y[:2], x, SPEC)[1],
        "three events": panels(y[:3], x, SPEC)[1],
        "no event": panels(y, x, SPEC, members=np.zeros(6, bool))[1],
        "no day 0": panels(holey, x, SPEC)[0],
        "nothing moves": panels(flat, x, SPEC)[0],
        "returns are the benchmark": panels(np.repeat(x.T, 6, axis=0), x, adjusted)[0],
        "the same asset twice": panels(y[[0, 0]], x, SPEC)[0],
        "the benchmark is the mean": panels(y, y.mean(axis=0)[:, None], SPEC)[1],
        "short estimation": panels(y, x, dataclasses.replace(SPEC, estimation=(-60, -57), min_estimation=3))[1],
        "sessions missing": panels(blank, x, SPEC, days=ragged)[1],
        "one-sided": panels(y, x, dataclasses.replace(SPEC, alternative="greater"))[1],
        "huge": panels(y * 1e50, x * 1e50, SPEC)[1],
    }


@pytest.mark.parametrize("name", group_tests())
@pytest.mark.parametrize("case", degenerate())
def test_no_test_raises_or_gives_a_naked_nan(case: str, name: str) -> None:
    found = TESTS[name].of_group(degenerate()[case])
    numbers = (found.statistic, found.p_value)
    if found.reason is None:
        assert all(value is not None and math.isfinite(value) for value in numbers)
        assert found.p_value is not None
        assert 0 <= found.p_value <= 1
    else:
        assert found.reason
        assert numbers == (None, None)
    assert found.df is None or math.isfinite(found.df)
    assert all(math.isfinite(value) for _, value in found.details)


@pytest.mark.parametrize("case", degenerate())
def test_validity_and_interval_of_odd_panels(case: str) -> None:
    panel = degenerate()[case]
    assert all(judged.reason for judged in validity(panel))
    interval = mean_interval(panel)
    assert interval is None or interval.low <= interval.high


def test_an_empty_panel_gives_reasons_only() -> None:
    panel = degenerate()["no event"]
    assert all(test.of_group(panel).reason for test in group_tests().values())


def test_the_interval_of_one_date_is_that_of_the_portfolio() -> None:
    panel = panels(*draw(12), SPEC)[1]
    found = mean_interval(panel)
    portfolio = TESTS["portfolio_t"].of_group(panel)
    assert found is not None
    assert found.basis == "portfolio"
    assert portfolio.statistic is not None
    assert found.se == pytest.approx(abs(panel.car.mean() / portfolio.statistic))
    half = stats.t.ppf(0.975, found.df) * found.se
    assert [found.low, found.high] == pytest.approx([panel.car.mean() - half, panel.car.mean() + half])


def test_the_interval_of_many_dates_is_corrected_for_correlation() -> None:
    y, x, days = dated(60)
    panel = panels(y, x, SPEC, days=days)[1]
    found = mean_interval(panel)
    assert found is not None
    rbar = panel.correlation.mean
    assert rbar > 0.005
    plain = panel.car.std(ddof=1) / math.sqrt(60)
    assert found.se == pytest.approx(plain * math.sqrt((1 + 59 * rbar) / (1 - rbar)))
    assert (found.df, found.basis) == (59, "cross-sectional, corrected for correlation")
