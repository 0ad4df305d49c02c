"""Forms that hold over long windows and on one date, beside the published ones whose names they extend."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from scipy.stats import rankdata

from eventstudy.inference.panel import Panel
from eventstudy.records import StudySpec
from eventstudy.registry.tests import TESTS
from tests.support.panels import panels

SPEC = StudySpec(returns="simple", estimation=(-40, -1), event_window=(0, 19), windows=[(0, 0), (0, 19)])
MEAN = dataclasses.replace(SPEC, model="constant-mean")


def drawn(n: int, seed: int = 0, *, correlation: float = 0.0, spec: StudySpec = MEAN, apart: bool = False) -> Panel:
    rng = np.random.default_rng(seed)
    y = 0.02 * (math.sqrt(1 - correlation) * rng.normal(size=(n, 60)) + math.sqrt(correlation) * rng.normal(size=60))
    days = (1000 if apart else 0) * np.arange(n)[:, None] + np.arange(60)
    x = np.empty((60, 0)) if spec.model == "constant-mean" else rng.normal(0, 0.01, (60, 1))
    return panels(y, x, spec, days=days)[1]


def statistic(panel: Panel, name: str) -> float:
    found = TESTS[name].of_group(panel).statistic
    assert found is not None
    return found


@pytest.mark.parametrize("name", ["crude_dependence", "hac_portfolio"])
def test_a_long_window_costs_the_root_of_one_and_its_share_of_the_estimation_window(name: str) -> None:
    panel = drawn(12)
    law = "t" if name == "crude_dependence" else "z"
    short, long = statistic(panel, f"{name}_{law}"), statistic(panel, f"{name}_long_{law}")
    assert long == pytest.approx(short / math.sqrt(1 + 20 / 40), rel=1e-12)


def test_crude_dependence_over_a_long_window_is_the_exact_test_of_the_portfolio_about_its_mean() -> None:
    """About a constant mean the forecast variance is s² (L + L² / M) and no more: the exact test is the same."""
    panel = drawn(7, 3)
    crude, exact = (TESTS[name].of_group(panel) for name in ("crude_dependence_long_t", "portfolio_t"))
    assert (crude.statistic, crude.df) == (pytest.approx(exact.statistic, rel=1e-10), exact.df)


def test_crude_dependence_by_hand() -> None:
    """Returns 1, -1, 1, -1 per cent before, then 3 and 1: s² = 4/3, sum 4, variance 4/3 (2 + 2² / 4)."""
    spec = dataclasses.replace(MEAN, estimation=(-4, -1), event_window=(0, 1), windows=[(0, 1)], min_estimation=3)
    (panel,) = panels(np.array([[0.01, -0.01, 0.01, -0.01, 0.03, 0.01]]), np.empty((6, 0)), spec)
    assert statistic(panel, "crude_dependence_long_t") == pytest.approx(4 / math.sqrt(4 / 3 * 3))


@pytest.mark.parametrize("correlation", [0.0, 0.4])
def test_ranks_of_one_date_by_another_program(correlation: float) -> None:
    """The ranks of scipy; the event days over their deviation, times the root of 1 less the mean correlation."""
    panel = drawn(9, 5, correlation=correlation, spec=SPEC)
    batch = panel.batch
    estimation = batch.fit.residuals / np.sqrt(batch.fit.s2[:, None] * (1 - batch.fit.leverage))
    pairs = np.corrcoef(batch.fit.residuals)[np.triu_indices(9, 1)].mean()
    event = batch.abnormal.sar / batch.abnormal.sar.std(axis=0, ddof=1) * math.sqrt(1 - pairs)
    u = rankdata(np.hstack([estimation, event]), axis=1) / 61 - 0.5
    g = u.sum(axis=0) / 3
    wanted = g[40:].sum() / math.sqrt(20 * (g**2).mean()) / math.sqrt((60 - 20) / (60 - 1))
    assert statistic(panel, "corrado_zivney_rank_fpc_z") == pytest.approx(wanted, rel=1e-9)


def test_on_dates_apart_the_factor_alone_is_added() -> None:
    panel = drawn(9, 6, spec=SPEC, apart=True)
    factor = math.sqrt(40 / 59)
    for kind in ("rank", "sign"):
        plain, corrected = (
            statistic(panel, f"corrado_zivney_{kind}_z"),
            statistic(panel, f"corrado_zivney_{kind}_fpc_z"),
        )
        assert corrected == pytest.approx(plain / factor, rel=1e-12)


def test_ranks_and_signs_of_a_constant_mean_do_not_see_the_level() -> None:
    """A return added to every day, the event's too, leaves every rank and sign where it was."""
    rng = np.random.default_rng(2)
    y = rng.normal(0, 0.02, (8, 60))
    for name in ("corrado_zivney_rank_fpc_z", "corrado_zivney_sign_fpc_z", "cowan_sign_z"):
        one, other = (statistic(panels(y + c, np.empty((60, 0)), MEAN)[1], name) for c in (0.0, 0.5))
        assert one == pytest.approx(other, abs=1e-9)


def test_signs_by_hand() -> None:
    """Days 5 1 2 3 4 per cent of which the last is the event's: median 3, so + - - 0 +."""
    spec = dataclasses.replace(MEAN, estimation=(-4, -1), event_window=(0, 0), windows=[(0, 0)], min_estimation=3)
    (panel,) = panels(np.array([[0.05, 0.01, 0.02, 0.03, 0.04]]), np.empty((5, 0)), spec)
    # G = 1, -1, -1, 0, 1: S² = 4/5, and the factor of one day of five is 1.
    assert statistic(panel, "corrado_zivney_sign_fpc_z") == pytest.approx(1 / math.sqrt(4 / 5))


def test_cowan_by_hand() -> None:
    """Residuals 3 -1 -1 -1 (a quarter above zero), of four events, three with a positive CAR: (3 - 1) / √(4·3/16)."""
    spec = dataclasses.replace(MEAN, estimation=(-4, -1), event_window=(0, 1), windows=[(0, 1)], min_estimation=3)
    y = np.tile([0.03, -0.01, -0.01, -0.01, 0.02, 0.02], (4, 1))
    y[3, 4:] = -0.02
    (panel,) = panels(y, np.empty((6, 0)), spec)
    assert statistic(panel, "cowan_sign_z") == pytest.approx(2 / math.sqrt(0.75))
    # sums of two days are 2, -2, -2: a third of them is positive, and that is what the other test compares with
    assert statistic(panel, "generalized_sign_z") == pytest.approx((3 - 4 / 3) / math.sqrt(4 * 2 / 9))


@pytest.mark.parametrize("seed", range(4))
def test_the_two_sign_tests_are_one_over_a_single_day(seed: int) -> None:
    panel = panels(np.random.default_rng(seed).normal(0, 0.02, (25, 60)), np.empty((60, 0)), MEAN)[0]
    assert statistic(panel, "cowan_sign_z") == pytest.approx(statistic(panel, "generalized_sign_z"), rel=1e-12)


def test_with_a_third_of_the_days_in_the_window_the_corrected_forms_keep_five_per_cent() -> None:
    """Five hundred studies; four standard errors of a share of 5 % are 3.9 %."""
    hits = dict.fromkeys(
        ("crude_dependence_t", "crude_dependence_long_t", "corrado_zivney_sign_z", "corrado_zivney_sign_fpc_z"), 0
    )
    for seed in range(500):
        panel = drawn(8, seed)
        for name in hits:
            hits[name] += (TESTS[name].of_group(panel).p_value or 0.0) <= 0.05
    for name in ("crude_dependence_long_t", "corrado_zivney_sign_fpc_z"):
        assert abs(hits[name] / 500 - 0.05) <= 0.039, name
    assert hits["crude_dependence_t"] > 1.5 * hits["crude_dependence_long_t"]
    assert hits["corrado_zivney_sign_z"] < hits["corrado_zivney_sign_fpc_z"]
