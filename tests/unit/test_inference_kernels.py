"""Row kernels, blocks, resampling draws: against scipy, brute force, and themselves cut differently."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from scipy import stats

from eventstudy.inference import batch, correlation, daily, resampling
from eventstudy.inference.panel import Panel, Placebo
from eventstudy.inference.resampling import signed_sums
from eventstudy.records import StudySpec, Window
from eventstudy.registry.tests import TESTS, group_tests
from tests.support.panels import panels

SPEC = StudySpec(returns="simple", estimation=(-60, -6), event_window=(-2, 2), windows=[(-1, 1)], min_estimation=30)
T = 63


def values(ties: bool = False, gaps: bool = True) -> np.ndarray:
    rng = np.random.default_rng(0)
    out = rng.normal(size=(40, 21))
    if ties:
        out[::2] = np.round(out[::2])
    if gaps:
        out[rng.random(out.shape) < 0.1] = np.nan
    return out


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("gaps", [False, True])
def test_midranks_are_those_of_scipy(ties: bool, gaps: bool) -> None:
    v = values(ties, gaps)
    assert daily.midranks(v) == pytest.approx(stats.rankdata(v, axis=1, nan_policy="omit"), nan_ok=True)


@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("extra", [1, 2])
def test_rank_score_sums_are_those_of_scipy_ranks(ties: bool, gaps: bool, extra: int) -> None:
    v = np.vstack([values(ties, gaps), values(False, gaps), np.resize([0.0, -0.0], (1, 21))])
    ranks = stats.rankdata(v, axis=1, nan_policy="omit")
    wanted = np.nansum(ranks / (np.isfinite(v).sum(axis=1, keepdims=True) + extra) - 0.25, axis=0)
    found = daily.Ordered.of(v).rank_sum(extra=extra, shift=0.25)
    assert found.total == pytest.approx(wanted, abs=1e-12)
    assert found.count.tolist() == np.isfinite(v).sum(axis=0).tolist()


def test_row_medians_are_those_of_numpy() -> None:
    v = values()
    assert daily.row_medians(v) == pytest.approx(np.nanmedian(v, axis=1))
    assert np.isnan(daily.row_medians(np.full((1, 4), np.nan))).all()
    assert daily.row_medians(np.array([[3.0, np.nan], [2.0, 4.0]])).tolist() == [3.0, 3.0]


def test_scores_sum_to_zero() -> None:
    assert daily.Ordered.of(values(ties=True)).rank_sum().total.sum() == pytest.approx(0, abs=1e-10)
    assert daily.sign_sum(daily.Ordered.of(values(gaps=False))).total.sum() == 0


@pytest.mark.parametrize("length", [1, 2, 5])
def test_positive_share_closes_up_missing_days(length: int) -> None:
    v = values()
    wanted = []
    for row in v:
        present = row[np.isfinite(row)]
        sums = [present[i : i + length].sum() for i in range(present.size - length + 1)]
        wanted.append(np.mean(np.array(sums) > 0))
    assert daily.positive_share(v, length) == pytest.approx(wanted)


def test_positive_share_of_too_little() -> None:
    assert np.isnan(daily.positive_share(np.array([[1.0, np.nan, np.nan]]), 2)).all()
    assert np.isnan(daily.positive_share(np.ones((1, 3)), 4)).all()
    assert daily.positive_share(np.array([[0.0, 1.0, -1.0, 0.0]]), 1).tolist() == [0.25]
    assert daily.positive_share(np.array([[0.0, 1.0, -1.0, 0.0]]), 2).tolist() == [pytest.approx(1 / 3)]


def draw(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    y = rng.normal(0, 0.02, (n, T))
    y[rng.random(y.shape) < 0.03] = np.nan
    return y, rng.normal(0, 0.01, (T, 1))


@pytest.mark.parametrize("block", [1, 7, 64])
def test_results_do_not_depend_on_blocks_or_threads(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    y, x = draw(25)
    days = np.arange(25)[:, None] // 3 + np.arange(T)
    whole = {name: test.of_group(panels(y, x, SPEC, days=days)[0]) for name, test in group_tests().items()}
    for module in (batch, daily, correlation):
        monkeypatch.setattr(module, "BLOCK", block)
    monkeypatch.setattr("os.cpu_count", lambda: 5)
    for name, test in group_tests().items():
        found, wanted = test.of_group(panels(y, x, SPEC, days=days)[0]), whole[name]
        assert found.reason == wanted.reason, name
        if wanted.reason is None:
            assert found.statistic == pytest.approx(wanted.statistic, rel=1e-10, abs=1e-14), name
            assert found.p_value == pytest.approx(wanted.p_value, rel=1e-10), name


def with_residuals(residuals: np.ndarray, scar: np.ndarray) -> Panel:
    """A panel whose standardised estimation residuals and SCARs are given."""
    n, length = residuals.shape
    spec = dataclasses.replace(SPEC, estimation=(-length - 5, -6), min_estimation=3)
    rng = np.random.default_rng(0)
    (panel,) = panels(rng.normal(size=(n, length + 8)), rng.normal(size=(length + 8, 1)), spec)
    fit = dataclasses.replace(
        panel.batch.fit, residuals=residuals, leverage=np.where(np.isnan(residuals), np.nan, 0.0), s2=np.ones(n)
    )
    scores = {panel.window: scar / scar.std(ddof=1)}
    return dataclasses.replace(panel, batch=dataclasses.replace(panel.batch, fit=fit, scores=scores), scar=scar)


@pytest.mark.parametrize("holes", [False, True])
def test_first_days_are_ranked_among_themselves_ties_and_missing_days_included(holes: bool) -> None:
    values = np.random.default_rng(5).normal(size=(9, 14))
    values[3, :6] = np.round(values[3, :6])  # ties
    values[[1, 7], 12] = np.nan  # after the first ten
    if holes:
        values[4, 2:5] = np.nan
    found = daily.Ordered.of(values).rank_sum(extra=2, shift=0.0, first=10)
    first = values[:, :10]
    ranks = stats.rankdata(first, axis=1, nan_policy="omit")
    assert found.total == pytest.approx(np.nansum(ranks / (np.isfinite(first).sum(axis=1, keepdims=True) + 2), axis=0))
    assert found.count.tolist() == np.isfinite(first).sum(axis=0).tolist()


def test_cumulative_rank_sums_are_ranks_of_all_days_together_ties_included() -> None:
    sar = np.round(np.random.default_rng(4).normal(size=(8, 30)), 1)
    sar[2, 5:9] = np.nan
    panel = with_residuals(sar, np.arange(8.0))
    event = np.array([0.1, -0.3, 0.0, 9.0, -9.0, 0.2, 0.5, 0.1])
    assert (sar == event[:, None]).any()
    found = panel.batch.cumulative_rank_sums(event)
    joined = np.column_stack([sar, event])
    ranks = stats.rankdata(joined, axis=1, nan_policy="omit")
    scores = ranks / (1 + np.isfinite(joined).sum(axis=1, keepdims=True)) - 0.5
    assert found.total == pytest.approx(np.nansum(scores, axis=0))
    assert found.count.tolist() == np.isfinite(joined).sum(axis=0).tolist()


def test_grank_when_only_the_window_stands_out() -> None:
    """Mean ranks of all estimation days equal: Z² is T - 1, and the t would be infinite."""
    rising = np.linspace(-1, 1, 20)
    panel = with_residuals(np.stack([rising, rising[::-1]]), np.array([50.0, 60.0]))
    assert "too few" in (TESTS["grank_t"].of_group(panel).reason or "")


def test_windows_with_the_same_events_share_their_ranks() -> None:
    y, x = draw(6)
    first, second = panels(y, x, dataclasses.replace(SPEC, windows=[(0, 0), (0, 1)]))
    assert first.batch is second.batch
    y[2, 60] = np.nan  # day 0 of one event: lost to every window that holds it
    first, second = panels(y, x, dataclasses.replace(SPEC, windows=[(0, 0), (-2, -1)]))
    assert (first.n, second.n) == (5, 6)
    assert first.batch is not second.batch


def test_members_are_a_group_of_their_own() -> None:
    y, x = draw(9)
    chosen = np.arange(9) % 2 == 0
    (part,) = panels(y, x, SPEC, members=chosen)
    (alone,) = panels(y[chosen], x, SPEC)
    for name, test in group_tests().items():
        assert test.of_group(part) == test.of_group(alone), name


# --- resampling ------------------------------------------------------------------------------------------------------


def test_signed_sums_are_sums_under_signs() -> None:
    ones = signed_sums(np.ones(10), 4000, seed=1)
    assert set(np.unique(ones)) <= set(range(-10, 11, 2))
    assert ones.mean() == pytest.approx(0, abs=4 * math.sqrt(10 / 4000))
    assert ones.var() == pytest.approx(10, rel=0.1)
    first, last = (signed_sums(np.eye(1, 10, k)[0], 500, seed=1) for k in (0, 9))
    assert set(np.unique(first)) == set(np.unique(last)) == {-1.0, 1.0}
    assert abs((first * last).mean()) < 4 / math.sqrt(500)


def test_signed_sums_are_linear_so_the_same_signs_are_used() -> None:
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=(2, 1000))
    both = signed_sums(a + b, 50, seed=9)
    assert both == pytest.approx(signed_sums(a, 50, seed=9) + signed_sums(b, 50, seed=9), abs=1e-10)


def test_drawn_sign_flips_approach_the_enumeration(monkeypatch: pytest.MonkeyPatch) -> None:
    (panel,) = panels(*draw(12), dataclasses.replace(SPEC, draws=20_000))
    exact = TESTS["sign_flip"].of_group(panel)
    monkeypatch.setattr(resampling, "SIGN_FLIP_EXACT", 5)
    drawn = TESTS["sign_flip"].of_group(panel)
    assert exact.p_value is not None
    tolerance = 3 * math.sqrt(exact.p_value * (1 - exact.p_value) / 20_000)
    assert drawn.p_value == pytest.approx(exact.p_value, abs=tolerance)
    assert drawn.p_value != exact.p_value
    assert drawn.statistic == exact.statistic


def test_bootstrap_is_that_of_scipy() -> None:
    (panel,) = panels(*draw(20), dataclasses.replace(SPEC, draws=9999))
    found = TESTS["bootstrap_t"].of_group(panel)
    s = panel.scar
    rng = np.random.default_rng(77)
    resampled = s[rng.integers(0, 20, (9999, 20))]
    t = (resampled.mean(axis=1) - s.mean()) / (resampled.std(axis=1, ddof=1) / math.sqrt(20))
    p = (np.abs(t) >= abs(found.statistic or 0)).mean()
    assert found.p_value == pytest.approx(p, abs=3 * math.sqrt(2 * p * (1 - p) / 9999))
    details = dict(found.details)
    se = s.std(ddof=1) / math.sqrt(20)
    high, low = np.quantile(t, [0.025, 0.975])
    assert [details["ci_low"], details["ci_high"]] == pytest.approx(
        [s.mean() - low * se, s.mean() - high * se], abs=0.03
    )


@pytest.mark.parametrize("name", ["sign_flip", "bootstrap_t", "wild_bootstrap_t"])
def test_resampling_goes_by_the_seed(name: str) -> None:
    y, x = draw(20)
    first, again, other = (
        TESTS[name].of_group(panels(y, x, dataclasses.replace(SPEC, seed=seed))[0]).p_value for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_placebo_of_the_mean() -> None:
    y, x = draw(10)
    car = np.tile(np.linspace(-1, 1, 41)[:, None], (1, 10))
    car[0, :1] = np.nan  # a tenth missing: kept
    car[1, :2] = np.nan  # more: left out
    (panel,) = panels(y, x, SPEC, placebos={Window(-1, 1): Placebo(car=car, scar=10 * car)})
    found = TESTS["placebo"].of_group(panel)
    assert found.statistic == pytest.approx(panel.car.mean())
    assert (found.n, dict(found.details)["placebo_days"]) == (10, 40)
    means = np.delete(np.linspace(-1, 1, 41), 1)
    assert found.p_value == (1 + (np.abs(means) >= abs(panel.car.mean())).sum()) / 41
    joint = TESTS["max_t_placebo"].of_group(panel)
    assert joint.statistic == np.abs(panel.scar).max()
    assert (joint.n, dict(joint.details)["placebo_days"]) == (10, 40)


def test_placebo_columns_follow_the_events_that_are_left() -> None:
    y, x = draw(4)
    y[1, 60] = np.nan
    car = np.arange(4.0) * np.ones((30, 1))
    (panel,) = panels(y, x, SPEC, placebos={Window(-1, 1): Placebo(car=car, scar=car)})
    assert panel.placebo is not None
    assert panel.placebo.car[0].tolist() == [0.0, 2.0, 3.0]
    assert TESTS["placebo"].of_group(panels(y, x, SPEC)[0]).reason
