"""Laws, effects and multiplicity against scipy, statsmodels and arithmetic."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from eventstudy.inference import effect, laws, multiple

ALTERNATIVES: list[Any] = ["two-sided", "greater", "less"]
HYPOTHESIS = laws.Hypothesis(name="x", null="nothing", distribution="t", source="nobody")


@pytest.mark.parametrize("value", [-40.0, -3.0, -0.1, 0.0, 2.0, 12.0])
@pytest.mark.parametrize("df", [1.0, 4.0, 118.0, math.inf])
def test_t_p_values_keep_their_digits_in_the_tails(value: float, df: float) -> None:
    law = stats.norm if math.isinf(df) else stats.t(df)
    assert laws.symmetric_p(value, df, "two-sided") == pytest.approx(2 * law.sf(abs(value)), rel=1e-9)
    assert laws.symmetric_p(value, df, "greater") == pytest.approx(law.sf(value), rel=1e-9)
    assert laws.symmetric_p(value, df, "less") == pytest.approx(law.cdf(value), rel=1e-9)


def test_f_binomial_and_quantiles() -> None:
    assert laws.f_sf(3.2, 4, 57) == pytest.approx(stats.f.sf(3.2, 4, 57), rel=1e-12)
    assert laws.f_sf(3.2, 4, math.inf) == pytest.approx(stats.chi2.sf(12.8, 4), rel=1e-12)
    assert laws.t_quantile(0.975, 7) == pytest.approx(stats.t.ppf(0.975, 7), rel=1e-12)
    for alternative in ALTERNATIVES:
        for successes in (0, 3, 10):
            wanted = stats.binomtest(successes, 10, alternative=alternative).pvalue
            assert laws.binomial_half_p(successes, 10, alternative) == pytest.approx(wanted, rel=1e-12)


def test_mean_log_f_is_that_of_simulated_draws() -> None:
    draws = np.log(np.random.default_rng(1).f(1, 20, 400_000))
    assert laws.mean_log_f(np.array([20.0]))[0] == pytest.approx(draws.mean(), abs=4 * draws.std() / 632)
    assert laws.mean_log_f(np.array([math.inf]))[0] == pytest.approx(-1.2703628454614782, rel=1e-12)  # ψ(1/2) + ln 2


def test_far_noncentral_tails_are_numbers() -> None:
    assert laws.noncentral_t_cdf(-2.0, 10, 14.0) == pytest.approx(0.0, abs=1e-12)
    assert laws.noncentral_t_cdf(2.0, 10, -14.0) == pytest.approx(1.0, abs=1e-12)
    assert laws.noncentral_t_cdf(1.0, 10, 0.5) == pytest.approx(stats.nct.cdf(1.0, 10, 0.5), rel=1e-9)


def test_an_empirical_p_counts_ties_and_is_never_zero() -> None:
    draws = np.array([-3.0, -1.0, 0.0, 1.0, 2.0])
    assert laws.empirical_p(draws, 2.0, "two-sided") == 3 / 6
    assert laws.empirical_p(draws, 2.0, "greater") == 2 / 6
    assert laws.empirical_p(draws, 2.0, "less") == 6 / 6
    assert laws.empirical_p(draws, 9.0, "two-sided") == 1 / 6
    assert laws.empirical_p(np.array([0.1 + 0.2]), 0.3, "greater") == 1.0
    assert laws.empirical_p(np.array([0.3]), 0.1 + 0.2, "greater") == 1.0


@pytest.mark.parametrize(("statistic", "df"), [(math.nan, 5.0), (math.inf, 5.0), (1.0, 0.0), (1.0, math.nan)])
def test_what_is_not_a_number_becomes_a_reason(statistic: float, df: float) -> None:
    found = HYPOTHESIS.symmetric(statistic, df, 3, "two-sided")
    assert found.statistic is found.p_value is found.df is None
    assert found.reason
    assert found.n == 3


def test_an_infinite_df_is_the_normal_law() -> None:
    found = HYPOTHESIS.symmetric(1.0, math.inf, 3, "greater", details=[("a", 1.0), ("b", math.nan)])
    assert (found.distribution, found.df, found.details) == ("normal", None, (("a", 1.0),))
    assert found.p_value == pytest.approx(stats.norm.sf(1.0))


@pytest.mark.parametrize(("ours", "theirs"), [("holm", "holm"), ("bh", "fdr_bh"), ("by", "fdr_by")])
def test_adjusted_p_values_are_those_of_statsmodels(ours: str, theirs: str) -> None:
    p = np.random.default_rng(0).random(50) ** 3
    p[7] = p[8]
    assert getattr(multiple, ours)(p) == pytest.approx(multipletests(p, method=theirs)[1], rel=1e-12)
    with_gaps = np.insert(p, [0, 20, 50], np.nan)
    found = getattr(multiple, ours)(with_gaps)
    assert np.isnan(found[[0, 21, 52]]).all()
    assert found[np.isfinite(with_gaps)] == pytest.approx(getattr(multiple, ours)(p), rel=0)
    assert getattr(multiple, ours)(np.array([])).size == 0


@pytest.mark.parametrize("alternative", ALTERNATIVES)
@pytest.mark.parametrize("df", [3.0, 58.0, math.inf])
def test_power_at_the_detectable_effect_is_the_power_asked_for(df: float, alternative: Any) -> None:
    found = effect.mde_exact(0.004, df, 0.05, 0.8, alternative)
    sign = -1 if alternative == "less" else 1
    critical = stats.t.ppf(1 - (0.025 if alternative == "two-sided" else 0.05), df)
    law = stats.norm(loc=found / 0.004) if math.isinf(df) else stats.nct(df, found / 0.004)
    power = law.sf(critical) + (law.cdf(-critical) if alternative == "two-sided" else 0.0)
    assert power == pytest.approx(0.8, rel=1e-9)
    assert effect.power_t(sign * found, 0.004, df, 0.05, alternative) == pytest.approx(0.8, rel=1e-9)


def test_detectable_effect_at_the_edges() -> None:
    assert effect.mde_exact(0.01, 50, alpha=0.05, power=0.04) == 0.0
    assert math.isnan(effect.mde_exact(0.0, 50))
    assert math.isnan(effect.mde_exact(0.01, math.nan))
    assert effect.mde_exact(0.01, 1, power=0.99) == pytest.approx(0.01 * 32.8302191, rel=1e-6)


@pytest.mark.parametrize("alternative", ALTERNATIVES)
def test_an_interval_holds_what_the_test_does_not_reject(alternative: Any) -> None:
    low, high = effect.confidence_interval(0.012, 0.005, 30, 0.05, alternative)
    for end in (low, high):
        if math.isfinite(end):
            assert laws.symmetric_p((0.012 - end) / 0.005, 30, alternative) == pytest.approx(0.05, rel=1e-9)
    assert low <= 0.012 <= high
    assert (math.isinf(high), math.isinf(low)) == (alternative == "greater", alternative == "less")


def test_effective_number_of_events() -> None:
    assert effect.effective_n(30, 0.0) == 30
    assert effect.effective_n(5, 1.0) == 1
    assert effect.effective_n(10**6, 0.2) == pytest.approx(5, rel=1e-4)
    assert effect.effective_n(3, -0.5) == math.inf
