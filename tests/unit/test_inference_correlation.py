"""r̄: identity, pairs one by one, overlap of windows, odd calendars."""

from __future__ import annotations

import dataclasses
import itertools

import numpy as np
import pytest

from eventstudy.inference import panel
from eventstudy.inference.correlation import align, correlation_by_overlap, group_by_date, mean_pairwise
from eventstudy.inference.panel import Panel
from eventstudy.inference.validity import describe_design, validity
from eventstudy.records import StudySpec
from eventstudy.registry.tests import TESTS
from tests.support.panels import panels

SPEC = StudySpec(returns="simple", estimation=(-60, -6), event_window=(-2, 2), windows=[(0, 0), (-1, 1)])
T = 63


def correlated(n: int, r: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    shocks = rng.normal(size=(n + 1, T))
    return 0.02 * (np.sqrt(1 - r) * shocks[1:] + np.sqrt(r) * shocks[0]), rng.normal(0, 0.01, (T, 1))


def test_identity_pairs_and_overlap_agree_on_complete_data() -> None:
    residuals = panels(*correlated(15, 0.3), SPEC)[0].batch.fit.residuals
    z = residuals / np.sqrt((residuals**2).mean(axis=1, keepdims=True))
    identity = (15 * (z.mean(axis=0) ** 2).mean() - 1) / 14
    days = np.broadcast_to(np.arange(55), residuals.shape)
    groups = group_by_date(residuals, days, np.arange(15), np.full(15, 60))
    found = correlation_by_overlap(groups, np.full((15, 1), 60))
    assert mean_pairwise(residuals) == pytest.approx(identity, rel=1e-12)
    assert (found.residual, found.overlap) == (pytest.approx(identity, rel=1e-12), 1.0)


def test_pairs_are_correlated_on_the_days_that_both_have() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(6, 40)) + rng.normal(size=40)
    values[rng.random(values.shape) < 0.2] = np.nan
    wanted = []
    for a, b in itertools.combinations(values, 2):
        both = np.isfinite(a) & np.isfinite(b)
        wanted.append(np.corrcoef(a[both], b[both])[0, 1])
    assert mean_pairwise(values) == pytest.approx(np.mean(wanted), rel=1e-12)


def test_pairs_that_say_nothing_are_left_out() -> None:
    values = np.full((3, 6), np.nan)
    values[0, :3], values[1, 3:], values[2] = [1, 2, 4], [1, 2, 4], [1.0, 2, 4, 4, 2, 1]
    assert mean_pairwise(values) == pytest.approx((1.0 - 1.0) / 2 + (np.corrcoef([1, 2, 4], [4, 2, 1])[0, 1] + 1) / 2)
    assert mean_pairwise(values[:2]) == 0.0


def test_residuals_are_aligned_by_date_not_by_event_time() -> None:
    """Two markets with different holidays: the same shocks, seen on different event days."""
    y, x = correlated(1, 0.0)
    shocks = np.append(y[0], 0.0)
    days = np.stack([np.delete(np.arange(T + 1), 10), np.delete(np.arange(T + 1), 30)])
    residuals = shocks[days]
    assert mean_pairwise(align(residuals, days)) == pytest.approx(1.0)
    assert mean_pairwise(residuals) < 0.9
    found = panels(residuals, x, SPEC, days=days)[0]
    assert found.batch.has_common_date
    assert found.correlation.mean > 0.95


def brute_force(residuals: np.ndarray, estimation: np.ndarray, windows: np.ndarray) -> tuple[float, float]:
    """Every ordered pair and shared day: product of standardised residuals, count, and shared window days."""
    z = residuals - residuals.mean(axis=1, keepdims=True)
    z = z / np.sqrt((z**2).mean(axis=1, keepdims=True))
    products = pairs = shared = 0.0
    for i, j in itertools.permutations(range(len(z)), 2):
        overlap = len({*windows[i]} & {*windows[j]})
        common, at_i, at_j = np.intersect1d(estimation[i], estimation[j], return_indices=True)
        products += overlap * (z[i, at_i] * z[j, at_j]).sum()
        pairs += overlap * common.size
        shared += overlap
    return products / pairs, shared / (len(z) * (len(z) - 1) * windows.shape[1])


@pytest.mark.parametrize("length", [1, 5])
def test_overlapping_windows_are_what_counting_pairs_gives(length: int) -> None:
    rng = np.random.default_rng(2)
    start = rng.integers(0, 12, 14)
    days = start[:, None] + np.arange(40 + length)
    common = rng.normal(size=60)
    residuals = common[days[:, :40]] + rng.normal(size=(14, 40))
    groups = group_by_date(residuals, days[:, :40], np.arange(14), days[:, 40])
    found = correlation_by_overlap(groups, days[:, 40:])
    assert (found.residual, found.overlap) == pytest.approx(brute_force(residuals, days[:, :40], days[:, 40:]))


def test_events_that_never_meet_are_independent() -> None:
    y, x = correlated(4, 0.5)
    days = 1000 * np.arange(4)[:, None] + np.arange(T)
    found = panels(y, x, SPEC, days=days)[1]
    assert (found.correlation.mean, found.correlation.overlap) == (0.0, 0.0)
    adjusted, plain = (TESTS[name].of_group(found) for name in ("adjusted_bmp_t", "bmp_t"))
    assert adjusted.statistic == pytest.approx(plain.statistic, rel=1e-12)


def test_a_benchmark_made_of_the_events_is_refused() -> None:
    y, _ = correlated(10, 0.4)
    found = panels(y, y.mean(axis=0)[:, None], SPEC)[0]
    assert found.correlation.mean == pytest.approx(-1 / 9, abs=0.02)
    for name in ("adjusted_patell_z", "adjusted_bmp_t", "grank_kp_t"):
        assert TESTS[name].of_group(found).reason


def test_many_events_of_one_date_go_by_the_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    y, x = correlated(40, 0.3)
    pairwise = panels(y, x, SPEC)[0].correlation.mean
    monkeypatch.setattr(panel, "PAIRWISE_LIMIT", 10)
    assert panels(y, x, SPEC)[0].correlation.mean == pytest.approx(pairwise, rel=1e-10)
    y[np.random.default_rng(0).random(y.shape) < 0.03] = np.nan
    lenient = dataclasses.replace(SPEC, min_estimation=30)
    by_identity = panels(y, x, lenient)[0].correlation.mean
    monkeypatch.setattr(panel, "PAIRWISE_LIMIT", 1500)
    assert by_identity == pytest.approx(panels(y, x, lenient)[0].correlation.mean, abs=0.01)


# --- which tests are valid -------------------------------------------------------------------------------------------


def judged(found: Panel) -> dict[str, bool]:
    return {v.name: v.is_valid for v in validity(found)}


def test_one_date_and_correlated_assets() -> None:
    found = panels(*correlated(30, 0.3), SPEC)[0]
    design = describe_design(found)
    assert (design.n_events, design.n_dates, design.n_days, design.common_date_share) == (30, 1, 1, 1.0)
    assert design.n_effective == pytest.approx(30 / (1 + 29 * design.rbar))
    assert design.rbar_between == 0
    flags = judged(found)
    invalid = (
        "cross_sectional_t patell_z bmp_t sign_z generalized_sign_z wilcoxon bootstrap_t sign_flip random_effects_t"
    )
    assert not any(
        flags[name]
        for name in [
            *invalid.split(),
            "grank_z",
            "grank_t",
            "corrado_zivney_rank_z",
            "cluster_t",
            "calendar_time_t",
            "placebo",
        ]
    )
    valid = "portfolio_t adjusted_bmp_t adjusted_patell_z crude_dependence_t corrado_rank_z grank_kp_t mvrm_f"
    assert all(flags[name] for name in [*valid.split(), "corrado_zivney_rank_fpc_z", "corrado_zivney_sign_fpc_z"])
    reasons = {v.name: v.reason for v in validity(found)}
    assert "worth 3." in reasons["bmp_t"]


def test_independent_dates() -> None:
    y, x = correlated(30, 0.3)
    flags = judged(panels(y, x, SPEC, days=1000 * np.arange(30)[:, None] + np.arange(T))[1])
    assert all(flags[name] for name in ("cross_sectional_t", "patell_z", "bmp_t", "wilcoxon", "cluster_t", "grank_z"))
    assert not any(flags[name] for name in ("portfolio_t", "mvrm_f", "grank_kp_t"))


def test_overlapping_windows_of_different_dates() -> None:
    rng = np.random.default_rng(0)
    days = rng.integers(0, 8, 40)[:, None] + np.arange(T)
    y = 0.02 * (rng.normal(size=(40, T)) + 0.7 * rng.normal(size=80)[days])
    found = panels(y, rng.normal(0, 0.01, (T, 1)), dataclasses.replace(SPEC, windows=[(-2, 2)]), days=days)[0]
    design = describe_design(found)
    assert 0 < design.rbar_between < design.rbar
    flags = judged(found)
    assert not any(flags[name] for name in ("corrado_rank_z", "crude_dependence_t", "grank_t", "bmp_t"))
    assert flags["adjusted_bmp_t"]


def test_correlation_is_not_taken_for_a_fall_in_variance() -> None:
    ratios = [describe_design(panels(*correlated(60, 0.6, seed), SPEC)[0]).dispersion.ratio for seed in range(30)]
    assert np.mean(ratios) == pytest.approx(1.0, abs=0.12)


def test_a_rise_in_variance() -> None:
    y, x = correlated(40, 0.0)
    y[:, 60] *= 3
    found = panels(y, x, SPEC)[0]
    assert describe_design(found).dispersion.ratio > 4
    flags = judged(found)
    assert not any(
        flags[name] for name in ("patell_z", "portfolio_t", "crude_dependence_t", "corrado_rank_z", "mvrm_f")
    )
    assert flags["adjusted_bmp_t"]
    assert flags["corrado_zivney_rank_fpc_z"]
