"""Returns in hundredths of a per cent for a while, told from markets that calm down."""

from __future__ import annotations

import numpy as np
import pytest

from eventstudy.evidence.scale import changes_of_unit, may_change_unit
from eventstudy.prices.ecb import bundled

N = 400


def returns(seed: int, scale: float = 0.01) -> np.ndarray:
    return scale * np.random.default_rng(seed).standard_t(4, N) / np.sqrt(2)


def stretches(moves: np.ndarray) -> list[tuple[int, int]]:
    return [(first, end) for first, end, _ in changes_of_unit(np.abs(moves))]


@pytest.mark.parametrize(("first", "end"), [(0, 30), (0, 370), (30, N), (388, N), (150, 190)])
@pytest.mark.parametrize("factor", [0.01, 0.001, 1e-4])
def test_a_part_in_another_unit_is_found_wherever_it_is(first: int, end: int, factor: float) -> None:
    found = 0
    for seed in range(20):
        moves = returns(seed, 0.02)
        moves[first:end] *= factor
        near = [np.abs(np.array(run) - (first, end)).max() <= 3 for run in stretches(moves)]
        found += near == [True]
        if any(near):
            assert may_change_unit(moves[:, None]).all()
    assert found >= 16


@pytest.mark.parametrize("ratio", [1.0, 3.0, 10.0])
def test_a_market_that_calms_down_or_wakes_is_in_no_other_unit(ratio: float) -> None:
    for seed in range(50):
        moves = returns(seed)
        moves[200:] /= ratio
        assert stretches(moves) == stretches(moves[::-1]) == []


def test_a_share_under_a_bid_is_not_either() -> None:
    """Its price moves by cents, or not at all, about what is offered."""
    rng = np.random.default_rng(5)
    for _ in range(50):
        before = 40.0 * np.exp(np.cumsum(returns(int(rng.integers(1000)), 0.02)[:200]))
        offered = 54.2 + np.cumsum(rng.normal(0, 0.008, 200))
        price = np.round(np.concatenate([before, offered]), 2)
        assert stretches(np.diff(np.log(price))) == []


def test_no_currency_that_the_ecb_fixed_was_ever_in_another_unit() -> None:
    """Pegs that gave way, bands that opened, currencies that were tied: against the euro, and against the dollar."""
    rates = {code: theirs for code, theirs in bundled().rates.items() if code != "EUR"}
    assert len(rates) == 41
    for theirs in rates.values():
        for pair in (theirs, theirs / rates["USD"]):
            fixed = pair[np.isfinite(pair)]
            assert stretches(np.diff(np.log(fixed))) == []


def test_some_days_in_another_unit_at_an_end_are_too_few_to_tell() -> None:
    assert stretches(returns(1)[:19]) == []
    moves = returns(2)
    moves[-7:] *= 0.01
    assert stretches(moves) == []
