"""Where a test does not hold, it is not called valid, and says why."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from eventstudy.inference.panel import Placebo
from eventstudy.inference.validity import Validity, describe_design, validity, with_number
from eventstudy.records import StudySpec
from eventstudy.registry.tests import TESTS
from tests.simulation.valid import DESIGNS
from tests.simulation.valid import panels as studies
from tests.support.panels import panels

LENGTHS = (1, 3, 12, 30)
SPEC = StudySpec(
    returns="simple",
    estimation=(-100, -1),
    event_window=(0, 29),
    windows=[(0, length - 1) for length in LENGTHS],
    model="constant-mean",
)


def judged(
    n: int, length: int = 1, *, one_date: bool = False, fat: bool = False, wild: float = 1.0, placebo: bool = False
) -> dict[str, Validity]:
    rng = np.random.default_rng(11)
    y = 0.02 * (rng.standard_t(3, (n, 130)) if fat else rng.normal(size=(n, 130)))
    y[:, 100:] *= math.sqrt(wild)
    days = (0 if one_date else 1000) * np.arange(n)[:, None] + np.arange(130)
    draws = {w: Placebo(car=np.ones((50, n)), scar=np.ones((50, n))) for w in SPEC.windows} if placebo else None
    found = panels(y, np.empty((130, 0)), SPEC, days=days, placebos=draws)
    return {v.name: v for v in validity(found[LENGTHS.index(length)])}


def test_long_windows() -> None:
    short, long = judged(40, 3), judged(40, 12)
    plain = (
        "crude_dependence_t",
        "calendar_time_t",
        "corrado_zivney_rank_z",
        "corrado_zivney_sign_z",
        "generalized_sign_z",
    )
    for name in plain:
        assert short[name].is_valid, name
        assert "0.12 times as long as the estimation window" in long[name].reason, name
    for name in ("crude_dependence_long_t", "corrado_zivney_rank_fpc_z", "corrado_zivney_sign_fpc_z", "corrado_rank_z"):
        assert long[name].is_valid, name


def test_a_long_run_variance_needs_long_estimation_and_short_windows() -> None:
    """Of 40,000 studies about a constant mean, 6.4 % reject with 120 days, 5.8 % with 200; 6.6 % over [0, 10] there."""
    assert "100 estimation days" in judged(40)["hac_portfolio_z"].reason
    assert not judged(40)["hac_portfolio_long_z"].is_valid
    spec = dataclasses.replace(
        SPEC, estimation=(-220, -1), event_window=(0, 11), windows=[(0, 10), (0, 11)], min_estimation=200
    )
    y = np.random.default_rng(0).normal(size=(40, 232))
    for panel, plain in zip(panels(y, np.empty((232, 0)), spec), (True, False), strict=True):
        found = {v.name: v for v in validity(panel)}
        assert found["hac_portfolio_z"].is_valid == plain
        assert found["hac_portfolio_long_z"].is_valid


def test_one_date() -> None:
    found = judged(40, one_date=True)
    for name in ("grank_t", "corrado_zivney_rank_z"):
        assert "share one date" in found[name].reason, name
    for name in ("grank_kp_t", "corrado_zivney_rank_fpc_z"):
        assert found[name].is_valid, name


def test_fat_tails() -> None:
    light, fat = judged(50), judged(50, fat=True)
    for name in ("skewness_adjusted_t", "precision_weighted_z"):
        assert light[name].is_valid, name
        assert "tails" in fat[name].reason, name
    assert "at least 50" in judged(49)["skewness_adjusted_t"].reason
    assert judged(40, 12)["grank_t"].is_valid
    assert "does not rank like one of them" in judged(40, 12, fat=True)["grank_t"].reason
    assert fat["grank_t"].is_valid


def test_few_events_do_not_show_that_the_variance_is_as_before() -> None:
    for name in ("time_series_z", "patell_z", "placebo", "max_t_placebo", "crude_dependence_t", "corrado_rank_z"):
        assert "too few to show" in judged(19, placebo=True)[name].reason, name
        assert judged(20, placebo=True)[name].is_valid, name
    for name in ("time_series_z", "patell_z", "placebo", "max_t_placebo", "crude_dependence_t", "portfolio_t"):
        assert "one event is too few to show" in judged(1, placebo=True)[name].reason, name
    assert judged(5)["adjusted_bmp_t"].is_valid


def test_a_rise_in_variance_speaks_against_placebo_days() -> None:
    wild = judged(60, wild=4.0, placebo=True)
    for name in ("placebo", "max_t_placebo", "patell_z"):
        assert "variance rose at the event" in wild[name].reason, name
    assert wild["adjusted_bmp_t"].is_valid


def test_placebo_windows_that_overlap_say_little() -> None:
    assert judged(60, 3, placebo=True)["placebo"].is_valid
    assert "only 8 of them" in judged(60, 12, placebo=True)["placebo"].reason


def test_a_test_without_a_number_is_not_valid() -> None:
    y = np.random.default_rng(0).normal(size=(40, 130))
    days = 1000 * np.arange(40)[:, None] + np.arange(130)
    panel = panels(y, np.empty((130, 0)), SPEC, days=days)[0]
    panel = dataclasses.replace(panel, car=np.full(40, 0.25))
    (before,) = [v for v in validity(panel) if v.name == "cluster_t"]
    test = TESTS["cluster_t"].of_group(panel)
    assert (before.is_valid, test.p_value) == (True, None)
    assert with_number(before, test) == Validity(name="cluster_t", is_valid=False, reason=test.reason or "")


# --- the check of the variance ---------------------------------------------------------------------------------------


def share_struck(design: str, length: int, reps: int = 600, n: int = 30) -> float:
    rng = np.random.default_rng(20)
    found = studies(DESIGNS[design], n, length, reps, rng, effect=0.0, has_placebos=False)
    return float(np.mean([describe_design(panel).dispersion.has_risen for panel in found]))


@pytest.mark.parametrize("length", [1, 11])
@pytest.mark.parametrize("design", ["apart", "fat tails"])
def test_the_check_strikes_some_five_per_cent_of_true_nulls(design: str, length: int) -> None:
    """The promise is 6 %, four standard errors of 600 draws are 3.9 % more."""
    assert share_struck(design, length) <= 0.06 + 0.039


@pytest.mark.parametrize(("length", "missed"), [(1, 0.25), (3, 0.05), (21, 0.0)])
def test_the_check_misses_a_quarter_of_doublings_of_one_day_and_few_of_several(length: int, missed: float) -> None:
    assert 1 - share_struck("variance doubled", length, reps=200) <= missed + 0.08


def test_the_score_by_hand() -> None:
    """SCARs 3, -3 and 18 zeros: s² = 9/(19/20 · 99/97) = 9.282, score 9.282/(1 + 9.282/4) = 2.795, on average 0.2795.

    Of 100 residuals 33 are 1, 33 are -1 and 34 zero: variance 66/99, standardised squares 3/2/0.99 = 1.515, scores
    1.0989 of two thirds, mean 0.66 · 1.0989 = 0.7253, standard deviation 1.0989 · √(0.66 · 0.34) = 0.5206.
    """
    y = 0.01 * np.tile([1.0, -1.0, 0.0], (20, 44))[:, :130]
    y[:, 99] = 0.0
    days = 1000 * np.arange(20)[:, None] + np.arange(130)
    panel = panels(y, np.empty((130, 0)), SPEC, days=days)[0]
    panel = dataclasses.replace(panel, scar=np.array([3.0, -3.0] + [0.0] * 18))
    found = describe_design(panel).dispersion
    assert found.rise == pytest.approx(0.2795 / 0.7253 - 1, rel=1e-3)
    assert found.z == pytest.approx((0.2795 - 0.7253) * math.sqrt(20) / 0.5206, rel=1e-3)
    assert not found.has_risen


def test_one_wild_value_does_not_decide() -> None:
    panel = next(studies(DESIGNS["apart"], 30, 1, 1, np.random.default_rng(1), effect=0.0, has_placebos=False))
    scar = panel.scar.copy()
    scar[0] = 10.0
    found = describe_design(dataclasses.replace(panel, scar=scar)).dispersion
    assert found.ratio > 3
    assert not found.has_risen
