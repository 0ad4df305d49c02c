"""Do tests reject a true null as often as they say? A short run of ``size.py``; the law of each rate is binomial.

The rates to compare with are those of the validation of an independent implementation (5,000 repetitions, thirty
firms, 100 estimation days, nominal 5 %), and the closed form for tests that ignore correlation.
"""

from __future__ import annotations

import dataclasses
import functools
import math

import numpy as np
import pytest

from eventstudy.inference import AGGREGATE_TESTS, effect
from eventstudy.records import StudySpec
from tests.simulation.size import WORLDS, main, rejections
from tests.support.panels import panels

REPS = 200
HOLDS_ALWAYS = [
    "portfolio_t",
    "crude_dependence_t",
    "adjusted_bmp_t",
    "corrado_rank_z",
    "corrado_zivney_rank_z",
    "grank_kp_t",
]
INDEPENDENT = [
    "cross_sectional_t",
    "time_series_z",
    "patell_z",
    "bmp_t",
    "wilcoxon",
    "generalized_sign_z",
    "grank_z",
    "random_effects_t",
]
NEITHER = ["adjusted_patell_z"]
NAMES = [*HOLDS_ALWAYS, *INDEPENDENT, *NEITHER]


@functools.cache
def rates(world: str, length: int = 1) -> dict[str, float]:
    return rejections(WORLDS[world], NAMES, REPS, length=length, seed=20)


def near(rate: float, truth: float, reps: int = REPS) -> bool:
    """Within four standard errors of a binomial share, plus one per cent for what the null law leaves out."""
    return abs(rate - truth) <= 4 * math.sqrt(truth * (1 - truth) / reps) + 0.01


@pytest.mark.parametrize("name", NAMES)
def test_size_with_independent_normal_returns(name: str) -> None:
    assert near(rates("normal")[name], 0.05)


@pytest.mark.parametrize("name", [*HOLDS_ALWAYS, "adjusted_patell_z"])
def test_size_with_correlated_returns(name: str) -> None:
    assert near(rates("xcorr")[name], 0.055)


@pytest.mark.parametrize("name", INDEPENDENT)
def test_tests_for_independent_events_are_far_off_with_correlated_returns(name: str) -> None:
    assert rates("xcorr")[name] > 0.3


def test_size_under_ignored_correlation_is_the_closed_form() -> None:
    assert near(rates("xcorr")["patell_z"], effect.size_ignoring_correlation(30, 0.2))
    assert near(rates("xcorr")["bmp_t"], effect.size_ignoring_correlation(30, 0.2, estimates_variance=True))


@pytest.mark.parametrize(
    "name", ["bmp_t", "adjusted_bmp_t", "cross_sectional_t", "corrado_zivney_rank_z", "grank_kp_t"]
)
def test_size_when_variance_doubles_at_the_event(name: str) -> None:
    assert near(rates("event-var")[name], 0.05)


@pytest.mark.parametrize("name", ["patell_z", "portfolio_t", "crude_dependence_t", "time_series_z"])
def test_tests_with_the_old_variance_reject_too_often_then(name: str) -> None:
    """2 Φ(-1.96 / √2) = 16.6 %."""
    assert near(rates("event-var")[name], 0.166)


@pytest.mark.parametrize(
    ("name", "power"), [("portfolio_t", 0.188), ("patell_z", 0.259), ("adjusted_bmp_t", 0.245), ("grank_kp_t", 0.247)]
)
def test_power_against_half_a_per_cent(name: str, power: float) -> None:
    assert near(rates("power")[name], power)


def overlapping(reps: int, names: list[str]) -> dict[str, float]:
    """Forty events over ten consecutive days, windows of five days, correlation 0.2 between assets."""
    spec = StudySpec(returns="simple", estimation=(-60, -1), event_window=(0, 4), windows=[(0, 4)], min_estimation=30)
    hits = dict.fromkeys(names, 0)
    for rng in np.random.default_rng(5).spawn(reps):
        days = rng.integers(0, 10, 40)[:, None] + np.arange(65)
        market, common = rng.normal(size=(2, 75))
        y = 0.01 * market[days] + 0.02 * (math.sqrt(0.2) * common[days] + math.sqrt(0.8) * rng.normal(size=days.shape))
        (panel,) = panels(y, 0.01 * market[days][:, :, None], spec, days=days)
        for name in names:
            p = AGGREGATE_TESTS[name](panel).p_value
            hits[name] += p is not None and p <= 0.05
    return {name: count / reps for name, count in hits.items()}


def test_overlapping_windows_of_different_dates() -> None:
    found = overlapping(150, ["adjusted_bmp_t", "adjusted_patell_z", "calendar_time_t", "bmp_t", "cluster_t"])
    for name in ("adjusted_bmp_t", "adjusted_patell_z", "calendar_time_t"):
        assert near(found[name], 0.05, 150), name
    assert found["bmp_t"] > 0.2
    assert found["cluster_t"] > 0.12


def test_clusters_and_calendar_time_with_shared_shocks() -> None:
    """Twenty-five dates of four events each, far apart; one shock per date and day."""
    spec = StudySpec(
        returns="simple", model="constant-mean", estimation=(-40, -1), event_window=(0, 0), windows=[(0, 0)]
    )
    hits = {"cluster_t": 0, "calendar_time_t": 0, "cross_sectional_t": 0}
    date = np.repeat(np.arange(25), 4)
    days = 1000 * date[:, None] + np.arange(41)
    for rng in np.random.default_rng(6).spawn(REPS):
        y = 0.02 * rng.normal(size=(100, 41)) + 0.02 * rng.normal(size=(25, 41))[date]
        (panel,) = panels(y, np.empty((41, 0)), spec, days=days)
        for name in hits:
            p = AGGREGATE_TESTS[name](panel).p_value
            hits[name] += p is not None and p <= 0.05
    assert near(hits["cluster_t"] / REPS, 0.053)
    assert near(hits["calendar_time_t"] / REPS, 0.05)
    assert hits["cross_sectional_t"] / REPS > 0.12


def test_the_long_program_prints_its_table(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--reps", "2"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["test", *WORLDS]
    assert len(lines) == len(AGGREGATE_TESTS) - 2 + 1


def test_worlds_are_what_they_say() -> None:
    assert [dataclasses.asdict(world)["correlation"] for world in WORLDS.values()] == [0, 0, 0, 0.2, 0.2, 0]
