"""Errors clustered by asset, and by asset and date."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
import statsmodels.api as sm

from eventstudy.inference.panel import Panel
from eventstudy.inference.validity import validity
from eventstudy.records import StudySpec
from eventstudy.registry.tests import TESTS
from tests.support.panels import panels

SPEC = StudySpec(returns="simple", estimation=(-40, -1), event_window=(0, 0), windows=[(0, 0)], model="constant-mean")


def grouped(firms: np.ndarray, dates: np.ndarray, seed: int = 0) -> Panel:
    y = np.random.default_rng(seed).normal(0, 0.02, (firms.size, 41))
    return panels(y, np.empty((41, 0)), SPEC, days=100 * dates[:, None] + np.arange(41), firms=firms)[0]


def test_four_events_by_hand() -> None:
    """CARs 1, 3, -1, 5 per cent, of firms A A B B on dates 1 2 1 2: mean 2, deviations -1, 1, -3, 3."""
    panel = grouped(np.array([0, 0, 1, 1]), np.array([1, 2, 1, 2]))
    panel = dataclasses.replace(panel, car=np.array([0.01, 0.03, -0.01, 0.05]))
    assert TESTS["firm_cluster_t"].of_group(panel).reason  # sums by firm are 0 and 0
    # By date -4 and 4: variance 2/1 · 32 / 16 = 4; by both 4/3 · 20 / 16 = 5/3; so 4 + 0 - 5/3 = 7/3, and t(1).
    found = TESTS["two_way_cluster_t"].of_group(panel)
    assert (found.statistic, found.df) == (pytest.approx(2 / math.sqrt(7 / 3)), 1)


def test_both_are_those_of_statsmodels() -> None:
    rng = np.random.default_rng(3)
    firms, dates = rng.integers(0, 25, 90), rng.integers(0, 30, 90)
    panel = grouped(firms, dates)
    model = sm.OLS(panel.car, np.ones(90))
    firm = model.fit(cov_type="cluster", cov_kwds={"groups": firms})
    found = TESTS["firm_cluster_t"].of_group(panel)
    assert (found.statistic, found.df) == (pytest.approx(firm.tvalues[0], rel=1e-10), np.unique(firms).size - 1)
    both = model.fit(cov_type="cluster", cov_kwds={"groups": np.column_stack([firms, dates])})
    found = TESTS["two_way_cluster_t"].of_group(panel)
    fewer = min(np.unique(firms).size, np.unique(dates).size)
    assert (found.statistic, found.df) == (pytest.approx(both.tvalues[0], rel=1e-10), fewer - 1)


def test_a_firm_for_every_event_is_the_cross_sectional_test_and_clustering_by_date() -> None:
    panel = grouped(np.arange(40), np.repeat(np.arange(20), 2))
    statistic = {
        name: TESTS[name].of_group(panel).statistic
        for name in ("firm_cluster_t", "two_way_cluster_t", "cross_sectional_t", "cluster_t")
    }
    assert statistic["firm_cluster_t"] == pytest.approx(statistic["cross_sectional_t"])
    assert statistic["two_way_cluster_t"] == pytest.approx(statistic["cluster_t"])


def test_events_of_one_firm_that_move_together_deceive_the_cross_section_alone() -> None:
    """Twenty-five firms of four events each, a shock per firm: the cross-section rejects too often."""
    firms = np.repeat(np.arange(25), 4)
    panel = grouped(firms, np.arange(100))
    rng, hits = np.random.default_rng(8), {"firm_cluster_t": 0, "two_way_cluster_t": 0, "cross_sectional_t": 0}
    for _ in range(400):
        car = rng.normal(size=25)[firms] + rng.normal(size=100)
        drawn = dataclasses.replace(panel, car=car)
        for name in hits:
            p = TESTS[name].of_group(drawn).p_value
            hits[name] += p is not None and p <= 0.05
    assert hits["cross_sectional_t"] > 45
    assert hits["firm_cluster_t"] <= 38  # 20 expected, four standard errors
    assert hits["two_way_cluster_t"] <= 38


def test_they_need_some_twenty_clusters() -> None:
    few = {v.name: v for v in validity(grouped(np.arange(40) % 10, np.arange(40)))}
    assert not few["firm_cluster_t"].is_valid
    assert "10 assets" in few["two_way_cluster_t"].reason
    many = {v.name: v for v in validity(grouped(np.arange(40) % 20, np.arange(40)))}
    assert many["firm_cluster_t"].is_valid
    assert many["two_way_cluster_t"].is_valid
    for name in ("firm_cluster_t", "two_way_cluster_t"):
        assert "single cluster" in (TESTS[name].of_group(grouped(np.zeros(5, int), np.arange(5))).reason or "")
