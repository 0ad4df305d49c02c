"""Groups of events, and regressions of CAR on characteristics."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from eventstudy.inference.cross_section import Design, against_history, explain
from eventstudy.inference.groups import rank_sum, welch_t

ALTERNATIVES: list[Any] = ["two-sided", "greater", "less"]
RNG = np.random.default_rng(0)
FIRST, SECOND = RNG.normal(0.01, 0.02, 15), RNG.normal(0.0, 0.05, 40)
X = RNG.normal(size=(50, 2))
CAR = 0.01 + 0.02 * X[:, 0] + RNG.normal(0, 0.03, 50)


@pytest.mark.parametrize("alternative", ALTERNATIVES)
def test_groups_are_compared_as_scipy_does(alternative: Any) -> None:
    welch = welch_t(FIRST, SECOND, alternative)
    wanted = stats.ttest_ind(FIRST, SECOND, equal_var=False, alternative=alternative)
    assert (welch.statistic, welch.p_value, welch.df) == pytest.approx((wanted.statistic, wanted.pvalue, wanted.df))
    ranks = rank_sum(FIRST, SECOND, alternative)
    pairs = (FIRST[:, None] > SECOND).sum()
    assert ranks.statistic == pairs
    assert dict(ranks.details)["share_above"] == pairs / 600


def test_a_small_rank_sum_by_hand() -> None:
    found = rank_sum(np.array([4.0, 5.0, 6.0]), np.array([1.0, 2.0, 3.0]))
    assert (found.statistic, found.p_value) == (9.0, pytest.approx(2 / 20))


def test_groups_that_cannot_be_compared() -> None:
    one, none = np.array([0.1]), np.array([])
    assert welch_t(one, SECOND).reason
    assert rank_sum(none, SECOND).reason
    assert welch_t(np.zeros(3), np.ones(3)).reason
    assert rank_sum(np.zeros(3), np.zeros(3)).p_value == 1.0


def regress(car: np.ndarray, x: np.ndarray, names: tuple[str, ...], **options: Any) -> Any:
    clusters = options.pop("clusters", None)
    design = Design.with_constant(
        car, x, names, weights=options.pop("weights", None), clusters=() if clusters is None else (clusters,)
    )
    return explain(design, **options).coefficients


def sandwich(x: np.ndarray, e: np.ndarray, meat_weight: np.ndarray) -> np.ndarray:
    bread = np.linalg.inv(x.T @ x)
    return bread @ (x * (e**2 * meat_weight)[:, None]).T @ x @ bread


@pytest.mark.parametrize("covariance", ["nonrobust", "HC1", "HC3"])
def test_regression_by_hand(covariance: Any) -> None:
    found = regress(CAR, X, ("size", "beta"), covariance=covariance)
    x = np.column_stack([np.ones(50), X])
    b, *_ = np.linalg.lstsq(x, CAR, rcond=None)
    e = CAR - x @ b
    hat = np.einsum("ij,jk,ik->i", x, np.linalg.inv(x.T @ x), x)
    cov = {
        "nonrobust": (e @ e / 47) * np.linalg.inv(x.T @ x),
        "HC1": sandwich(x, e, np.full(50, 50 / 47)),
        "HC3": sandwich(x, e, 1 / (1 - hat) ** 2),
    }[covariance]
    t = b / np.sqrt(np.diag(cov))
    assert [test.statistic for test in found] == pytest.approx(t.tolist(), rel=1e-8)
    assert [test.p_value for test in found] == pytest.approx((2 * stats.t.sf(np.abs(t), 47)).tolist(), rel=1e-7)
    assert [dict(test.details)["estimate"] for test in found] == pytest.approx(b.tolist())
    assert "size" in found[1].null


def test_clustered_regression_has_the_clusters_less_one_degrees_of_freedom() -> None:
    clusters = np.repeat(np.arange(10), 5)
    found = regress(CAR, X, ("size", "beta"), covariance="cluster", clusters=clusters)
    x = np.column_stack([np.ones(50), X])
    b, *_ = np.linalg.lstsq(x, CAR, rcond=None)
    scores = np.add.reduceat(x * (CAR - x @ b)[:, None], np.arange(0, 50, 5))
    bread = np.linalg.inv(x.T @ x)
    cov = bread @ scores.T @ scores @ bread * (10 / 9) * (49 / 47)
    assert [test.statistic for test in found] == pytest.approx((b / np.sqrt(np.diag(cov))).tolist(), rel=1e-8)
    assert {test.df for test in found} == {9.0}


def test_weights_count_events_more_than_once() -> None:
    weights = np.where(np.arange(50) < 10, 2.0, 1.0)
    doubled = np.r_[np.arange(50), np.arange(10)]
    weighted = regress(CAR, X, ("size", "beta"), weights=weights, covariance="nonrobust")
    repeated = regress(CAR[doubled], X[doubled], ("size", "beta"), covariance="nonrobust")
    estimates = [[dict(test.details)["estimate"] for test in found] for found in (weighted, repeated)]
    assert estimates[0] == pytest.approx(estimates[1])


def test_events_without_a_characteristic_are_left_out() -> None:
    gaps = X.copy()
    gaps[:5, 1] = np.nan
    car = CAR.copy()
    car[5] = np.nan
    found = regress(car, gaps, ("size", "beta"))
    assert found == regress(CAR[6:], X[6:], ("size", "beta"))
    assert found[0].n == 44


@pytest.mark.parametrize(
    ("x", "reason"),
    [(X[:, [0, 0]], "collinear"), (np.ones((50, 2)), "constant"), (np.full((50, 2), np.nan), "0 events")],
)
def test_regressions_that_cannot_be_run(x: np.ndarray, reason: str) -> None:
    for found in (
        regress(CAR, x, ("a", "b")),
        against_history(Design.with_constant(CAR, x, ("a", "b")), np.zeros((30, 50))),
    ):
        assert len(found) == 3
        assert all(reason in (test.reason or "") for test in found)


def test_clustering_needs_clusters() -> None:
    for clusters in (None, np.zeros(50)):
        found = regress(CAR, X, ("a", "b"), covariance="cluster", clusters=clusters)
        assert all("two or more clusters" in (test.reason or "") for test in found)


def test_history_by_loop() -> None:
    history = RNG.normal(0, 0.03, (60, 50)) + 0.005 * X[:, 0]
    history[3, 7] = np.nan
    history[4, :10] = np.nan  # a fifth of the assets missing: left out
    design = Design.with_constant(CAR, X, ("size", "beta"))
    found = against_history(design, history)
    x = np.column_stack([np.ones(50), X])
    slopes = []
    for b, row in enumerate(history):
        use = np.isfinite(row)
        if b != 4:
            slopes.append(np.linalg.lstsq(x[use], row[use], rcond=None)[0])
    past, now = np.array(slopes), np.linalg.lstsq(x, CAR, rcond=None)[0]
    z = (now - past.mean(axis=0)) / past.std(axis=0, ddof=1)
    assert [test.statistic for test in found] == pytest.approx(z.tolist())
    assert [test.p_value for test in found] == pytest.approx((2 * stats.t.sf(np.abs(z), 58)).tolist())
    centred = np.abs(past - past.mean(axis=0))
    ranks = (1 + (centred >= np.abs(now - past.mean(axis=0))).sum(axis=0)) / 60
    assert [dict(test.details)["p_empirical"] for test in found] == pytest.approx(ranks.tolist())
    short = against_history(design, history[:10])
    assert all("earlier windows" in (test.reason or "") for test in short)
    still = against_history(design, np.tile(CAR, (30, 1)))
    assert all(test.reason is not None or math.isfinite(test.statistic or 0) for test in still)
