"""Tests of one event: small cases worked by hand, and every way to have no number."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from eventstudy.inference import single, volatility
from eventstudy.records import Float64Array, Inference

RESIDUALS = np.array([0.01, -0.02, np.nan, 0.03, -0.01, 0.0])  # closed up: 0.01 -0.02 0.03 -0.01 0.0


def t_test(car: float, se: float, df: float, **options: Any) -> Inference:
    (found,) = single.t_test(np.array([car]), np.array([se]), np.array([float(df)]), n=np.array([22]), **options)
    return found


def hac_z(variance: float) -> Inference:
    (found,) = single.hac_z(np.array([0.02]), np.array([variance]), np.array([100]))
    return found


def sample_quantile(car: float, residuals: Float64Array, length: int, *side: Any) -> Inference:
    (found,) = single.sample_quantile(np.array([car]), residuals[None], np.array([length]), *side)
    return found


def placebo(statistic: float, draws: Float64Array, *side: Any, **options: Any) -> Inference:
    (found,) = single.placebo(np.array([statistic]), draws[None], *side, **options)
    return found


def max_t_placebo(statistics: Float64Array, draws: Float64Array) -> tuple[Inference, Float64Array]:
    (found,), (adjusted,) = single.max_t_placebo(statistics[None], draws[None])
    return found, adjusted


def test_t() -> None:
    found = t_test(0.02, 0.01, 20, alternative="two-sided")
    assert (found.name, found.distribution, found.df, found.n) == ("t", "t", 20, 22)
    assert found.statistic == 2.0
    assert found.p_value == pytest.approx(2 * stats.t.sf(2, 20), rel=1e-12)
    assert t_test(0.02, 0.01, 20, alternative="less").p_value == pytest.approx(stats.t.cdf(2, 20))
    normal = t_test(0.02, 0.01, math.inf)
    assert (normal.distribution, normal.df) == ("normal", None)


@pytest.mark.parametrize(
    ("car", "se", "reason"), [(math.nan, 0.1, "no abnormal return"), (0.1, 0.0, "zero"), (0.1, math.nan, "no abnormal")]
)
def test_t_without_a_number(car: float, se: float, reason: str) -> None:
    found = t_test(car, se, 20)
    assert found.statistic is None
    assert reason in (found.reason or "")


def test_hac_z() -> None:
    found = hac_z(0.0001)
    assert (found.name, found.distribution, found.statistic) == ("hac_z", "normal", pytest.approx(2.0))
    assert hac_z(0.0).reason
    assert hac_z(math.nan).reason


@pytest.mark.parametrize(
    ("car", "length", "alternative", "p"),
    [
        (0.02, 1, "two-sided", (1 + 2) / (1 + 5)),  # |-0.02| and |0.03|
        (0.02, 1, "greater", (1 + 1) / (1 + 5)),
        (-0.02, 1, "less", (1 + 1) / (1 + 5)),
        (0.02, 2, "two-sided", (1 + 1) / (1 + 4)),  # sums -0.01, 0.01, 0.02, -0.01
        (0.05, 5, "two-sided", (1 + 0) / (1 + 1)),
    ],
)
def test_sample_quantile_by_hand(car: float, length: int, alternative: str, p: float) -> None:
    found = sample_quantile(car, RESIDUALS, length, alternative)
    assert found.p_value == pytest.approx(p, rel=1e-12)
    assert found.n == 5 - length + 1


def test_sample_quantile_without_a_number() -> None:
    assert "5 estimation days" in (sample_quantile(0.1, RESIDUALS, 6).reason or "")
    assert sample_quantile(0.1, RESIDUALS, 0).reason
    assert sample_quantile(math.nan, RESIDUALS, 1).reason


def test_placebo_leaves_out_what_is_missing() -> None:
    draws = np.append(np.arange(1.0, 40.0), [np.nan, np.nan])  # 1..39
    found = placebo(-38.0, draws)
    assert (found.name, found.n, dict(found.details)) == ("placebo", 39, {"placebo_days": 39})
    assert found.p_value == 3 / 40
    assert placebo(-38.0, draws, n=7).n == 7
    assert placebo(38.0, draws, "greater").p_value == 3 / 40
    assert placebo(-38.0, draws, "less").p_value == 1 / 40
    assert "18 placebo dates" in (placebo(1.0, draws[:18]).reason or "")
    assert placebo(math.nan, draws).reason


def test_no_test_of_an_event_depends_on_the_others() -> None:
    rng = np.random.default_rng(1)
    residuals, draws = rng.normal(size=(5, 30)), rng.normal(size=(5, 40))
    residuals[1, :4] = residuals[3, 7] = draws[2, 5] = np.nan
    car, se, df = np.array([0.5, -2.0, np.nan, 1.0, 0.1]), np.array([1.0, 0.5, 1.0, 0.0, 1.0]), np.full(5, 28.0)
    days, n = np.array([1, 3, 2, 3, 99]), np.arange(30, 35)
    events = single.EventWindows(
        car=car, se=se, df=df, n_estimation=n, n_days=days, residuals=residuals, placebo=draws,
        hac_variance=se**2, alternative="two-sided",
    )  # fmt: skip
    for of in (single.t_of, single.sample_quantile_of, single.placebo_of, single.hac_z_of):
        together = of(events)
        for i, event in enumerate(events.one_by_one()):
            alone = single.EventWindows(
                car=np.array([event.car]), se=np.array([event.se]), df=np.array([event.df]),
                n_estimation=np.array([event.n_estimation]), n_days=np.array([event.n_days]),
                residuals=event.residuals[None], placebo=draws[[i]], hac_variance=se[[i]] ** 2,
                alternative=event.alternative,
            )  # fmt: skip
            assert of(alone) == [together[i]]


def test_max_t_placebo_by_hand() -> None:
    draws = np.tile([[1.0, 0.5, -0.5]], (20, 1))
    draws[0] = [0.0, -4.0, 0.0]
    draws[1] = [9.0, np.nan, 0.0]  # an asset is missing: not counted
    joint, adjusted = max_t_placebo(np.array([0.9, -4.0, np.nan]), draws)
    assert (joint.statistic, joint.n, dict(joint.details)) == (4.0, 2, {"placebo_days": 19})
    assert joint.p_value == 2 / 20
    assert adjusted[:2].tolist() == [1.0, 2 / 20]
    assert np.isnan(adjusted[2])
    short, none = max_t_placebo(np.array([1.0, 2.0, 3.0]), draws)
    assert short.p_value == pytest.approx(2 / 20)
    assert np.isfinite(none).all()


def test_max_t_placebo_without_a_number() -> None:
    nothing, adjusted = max_t_placebo(np.array([np.nan]), np.zeros((30, 1)))
    assert nothing.reason
    assert np.isnan(adjusted).all()
    few, adjusted = max_t_placebo(np.array([1.0]), np.zeros((18, 1)))
    assert "18 placebo dates" in (few.reason or "")
    assert np.isnan(adjusted).all()


def test_max_t_controls_the_family_better_than_the_smallest_p_alone() -> None:
    rng = np.random.default_rng(0)
    draws = rng.normal(size=(999, 10))
    statistics = rng.normal(size=10)
    joint, adjusted = max_t_placebo(statistics, draws)
    alone = np.array([placebo(s, draws[:, j]).p_value for j, s in enumerate(statistics)])
    assert (adjusted >= alone - 1e-12).all()
    assert joint.p_value == adjusted.min()


def test_beaver_u_is_a_two_sided_t() -> None:
    found = volatility.beaver_u(-2.5, 40)
    assert found.statistic == 6.25
    assert found.p_value == pytest.approx(2 * stats.t.sf(2.5, 40), rel=1e-9)
    assert volatility.beaver_u(-2.5, math.inf).p_value == pytest.approx(2 * stats.norm.sf(2.5), rel=1e-9)
    assert volatility.beaver_u(math.nan, 40).reason


def test_log_u_by_hand() -> None:
    sar, df = np.array([1.0, 2.0, 0.0, np.nan, -4.0]), np.full(5, math.inf)
    logs = np.log([1.0, 4.0, 16.0]) + 1.2703628454614782
    wanted = stats.ttest_1samp(logs, 0.0)
    found = volatility.log_u_t(sar, df)
    assert (found.statistic, found.p_value, found.n) == (
        pytest.approx(wanted.statistic),
        pytest.approx(wanted.pvalue),
        3,
    )
    assert volatility.log_u_t(sar[2:], df[2:]).reason


def test_variance_ratios_of_nothing() -> None:
    assert math.isnan(volatility.variance_ratio(np.array([np.nan]), np.array([9.0])))
    assert math.isnan(volatility.variance_ratio(np.array([1.0]), np.array([2.0])))
    found = volatility.log_variance_ratio(np.array([[np.nan, np.nan], [0.0, 0.0], [0.1, np.nan]]), np.full(3, 0.01))
    assert np.isnan(found[:2]).all()
    assert found[2] == pytest.approx(0.0)
