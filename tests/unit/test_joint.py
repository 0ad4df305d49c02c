"""Tests over the assets of an event: refused with a reason where they have no meaning."""

from __future__ import annotations

import pytest

from tests.unit.test_study_event import prices, study


def joint(*series):
    return {(window.label, test.name): test for _, window, test in study(series).joint}


def test_one_asset_is_no_portfolio_but_has_its_placebo():
    found = joint(prices())
    assert found["[0,0]", "portfolio_t"].reason == "needs at least two assets with results"
    assert found["[0,0]", "max_t_placebo"].p_value is not None


def test_prices_of_different_hours_are_no_portfolio():
    found = joint(prices("A"), prices("B", seed=2, hour=20))
    assert "taken at different times" in found["[0,0]", "portfolio_t"].reason
    assert found["[0,0]", "max_t_placebo"].p_value is not None


def test_the_order_of_the_assets_does_not_matter():
    a, b, c = prices("A"), prices("B", seed=2), prices("C", seed=3)
    there, back = joint(a, b, c), joint(c, b, a)
    assert there.keys() == back.keys()
    for key, test in there.items():
        assert back[key].statistic == pytest.approx(test.statistic, rel=1e-12)
        assert back[key].p_value == pytest.approx(test.p_value, rel=1e-12)


def test_an_asset_twice_is_the_same_portfolio():
    once, twice = (
        joint(prices("A"), prices("B", seed=2)),
        joint(prices("A"), prices("B", seed=2), prices("C"), prices("D", seed=2)),
    )
    for window in ("[0,0]", "[-1,1]", "[-5,5]"):
        assert twice[window, "portfolio_t"].p_value == pytest.approx(once[window, "portfolio_t"].p_value, rel=1e-9)


def test_no_asset_with_a_result_has_no_joint_test():
    assert joint(prices(hole=[150])) == {}
