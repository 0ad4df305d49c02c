"""Do tests reject a true null as often as they say? Short runs of ``size.py``; the law of each rate is binomial.

The rates to compare with are the nominal 5 %, closed forms, and for the powers those of an independent implementation
(1,000 repetitions, thirty firms, 100 estimation days), quoted in docs/validation.md.
"""

from __future__ import annotations

import functools
import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from eventstudy.inference import effect
from eventstudy.records import StudySpec
from eventstudy.registry.tests import TESTS, group_tests
from tests.simulation.size import OVERSIZED, PLACEBOS, POWER, SIZES, WORLDS, World, closed_form, main, rejections, table
from tests.support.panels import inflation, panels

REPS = 250
ONE_DATE = ["portfolio_t", "crude_dependence_t", "adjusted_patell_z", "adjusted_bmp_t", "corrado_rank_z"]
INDEPENDENT = ["cross_sectional_t", "time_series_z", "patell_z", "bmp_t", "generalized_sign_z", "grank_z"]
# Divide the event by its deviation over the events, which a handful cannot tell.
STANDARDISED_RANKS = ["grank_t", "grank_kp_t", "corrado_zivney_rank_z"]


@functools.cache
def rates(world: World, *names: str) -> dict[str, float]:
    return rejections(world, names, REPS, seed=20)


def near(rate: float, truth: float, reps: int = REPS) -> bool:
    """Within four standard errors of a binomial share, plus one per cent for what the null law leaves out."""
    return abs(rate - truth) <= 4 * math.sqrt(truth * (1 - truth) / reps) + 0.01


@pytest.mark.parametrize("n", SIZES)
def test_size_on_independent_dates_with_fat_tails(n: int) -> None:
    tested = ["t", "sample_quantile"] if n == 1 else ["cross_sectional_t", "time_series_z", "patell_z", "bmp_t"]
    found = rates(replace(WORLDS["apart"], firms=n), *tested)
    assert [name for name in tested if not near(found[name], 0.05)] == []


@pytest.mark.parametrize("n", SIZES[1:])
def test_size_on_one_date_with_correlation(n: int) -> None:
    tested = ONE_DATE if n < 20 else [*ONE_DATE, "grank_kp_t"]
    found = rates(replace(WORLDS["one date"], firms=n), *tested, *(INDEPENDENT if n == 50 else []))
    assert [name for name in tested if not near(found[name], 0.055)] == []
    assert [name for name in found.keys() & set(INDEPENDENT) if found[name] < 0.35] == []


def test_ranks_of_five_standardised_events_reject_too_often() -> None:
    """A limit that docs/validation.md states: the tests need some twenty events."""
    found = rates(replace(WORLDS["one date"], firms=5), *STANDARDISED_RANKS)
    assert [name for name in STANDARDISED_RANKS if found[name] < 0.08] == []


def test_size_of_placebo_tests_on_one_date() -> None:
    """A hundred studies: every placebo day is an estimation of its own."""
    found = rejections(replace(WORLDS["one date"], firms=5), PLACEBOS, 100, seed=20)
    assert [name for name in PLACEBOS if not near(found[name], 0.05, 100)] == []


@pytest.mark.parametrize("n", SIZES)
def test_size_when_variance_doubles_at_the_event(n: int) -> None:
    """Tests with the variance of the estimation window reject 2 Φ(-1.96 / √2) = 16.6 % of normal returns."""
    holding = [] if n == 1 else ["bmp_t", "cross_sectional_t"]
    misled = ["t"] if n == 1 else ["time_series_z", "patell_z"]
    found = rates(replace(WORLDS["wild"], firms=n, fat_tails=False), *holding, *misled)
    assert [name for name in holding if not near(found[name], 0.05)] == []
    assert [name for name in misled if not near(found[name], effect.size_of_z(2.0))] == []


def test_size_under_ignored_correlation_is_the_closed_form() -> None:
    found = rates(World(correlation=0.2), "patell_z", "bmp_t")
    assert near(found["patell_z"], effect.size_of_z(inflation(30, 0.2)))
    assert near(found["bmp_t"], effect.size_of_z(inflation(30, 0.2, estimates_variance=True)))


@pytest.mark.parametrize("n", SIZES)
def test_power_is_the_closed_form(n: int) -> None:
    found = rates(replace(POWER, firms=n), "time_series_z", "patell_z")
    assert near(found["time_series_z"], closed_form(n))
    assert near(found["patell_z"], closed_form(n))


def test_power_against_half_a_per_cent() -> None:
    wanted = {"portfolio_t": 0.188, "patell_z": 0.259, "adjusted_bmp_t": 0.245, "grank_kp_t": 0.247}
    found = rates(World(effect=0.005), *wanted)
    assert {name for name, power in wanted.items() if not near(found[name], power)} == set()


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
            p = TESTS[name].of_group(panel).p_value
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
    for rng in np.random.default_rng(6).spawn(200):
        y = 0.02 * rng.normal(size=(100, 41)) + 0.02 * rng.normal(size=(25, 41))[date]
        (panel,) = panels(y, np.empty((41, 0)), spec, days=days)
        for name in hits:
            p = TESTS[name].of_group(panel).p_value
            hits[name] += p is not None and p <= 0.05
    assert near(hits["cluster_t"] / 200, 0.053, 200)
    assert near(hits["calendar_time_t"] / 200, 0.05, 200)
    assert hits["cross_sectional_t"] / 200 > 0.12


def test_the_long_program_prints_its_tables(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--reps", "1"])
    null, power = capsys.readouterr().out.strip().split("\n\n")
    names = ["t", "sample_quantile", *group_tests()]
    assert null.count("\n") == 1 + len(names)
    assert null.splitlines()[0].count("|") == 2 + len(WORLDS) * len(SIZES)
    for name in names:
        assert f"| `{name}` |" in null, name
    assert [round(float(cell), 1) for cell in power.splitlines()[2].split("|")[2:6]] == [7.9, 20.1, 60.9, 94.2]


def test_a_rate_is_of_the_studies_that_have_a_number() -> None:
    cells = table({"a": {"x": 0.5}, "b": {"x": 0.05, "y": 0.076}}, ["x", "y"], bold_above=OVERSIZED).splitlines()[2:]
    assert cells == ["| `x` | **50.0** | 5.0 |", "| `y` | – | **7.6** |"]
    assert rejections(replace(WORLDS["apart"], firms=1), ["bmp_t"], 3) == {}


def test_the_page_has_a_row_for_every_test_and_the_closed_form() -> None:
    page = (Path(__file__).parents[2] / "docs" / "validation.md").read_text("utf-8")
    rows = re.findall(r"^\| `?([\w ]+)`? \|((?: [*–\d.]+ \|)+)$", page, re.MULTILINE)
    null = [name for name, cells in rows if cells.count("|") == len(WORLDS) * len(SIZES)]
    assert null == ["t", "sample_quantile", *(name for name in group_tests() if name not in PLACEBOS), *PLACEBOS]
    stated = next(cells for name, cells in rows if name == "closed form").split("|")[:-1]
    wanted = [closed_form(n, r) for r in (0.0, 0.2) for n in SIZES]
    assert [float(cell) for cell in stated] == pytest.approx([100 * power for power in wanted], abs=0.0501)
