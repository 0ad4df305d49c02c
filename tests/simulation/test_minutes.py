"""Short runs of ``minutes.py``: the plain test fails, the clock's fails on wild days, the paced one holds and finds."""

from __future__ import annotations

import math

import pytest

from tests.simulation.minutes import CLOCK, CLOCKS, PACED, PACED_PLACEBO, PLAIN, World, many, rejected, wildest

SAMPLES = 325  # one world of 400 sessions


@pytest.fixture(scope="module")
def nothing():
    return many(1, SAMPLES, CLOCKS["the open"], World())


def most(level):
    """Per cent that a test of that level rejects in fewer than one run of ten thousand more often."""
    return 100 * (level + 4 * math.sqrt(level * (1 - level) / SAMPLES))


def test_the_plain_test_rejects_several_times_too_often_at_the_open(nothing):
    assert rejected(nothing[:, PLAIN], 0.05) > 15


def test_the_clock_s_test_is_wrong_on_a_wild_day_and_the_paced_one_is_not(nothing):
    wild = wildest(nothing)
    assert rejected(wild[:, CLOCK], 0.05) > rejected(wild[:, PACED], 0.05) + 5
    assert rejected(wild[:, PACED], 0.05) < 15  # 65 samples


def test_the_paced_test_holds_its_size(nothing):
    assert 1 < rejected(nothing[:, PACED], 0.05) < most(0.05)
    assert rejected(nothing[:, PACED], 0.01) < most(0.01)
    assert rejected(nothing[:, PACED_PLACEBO], 0.05) < most(0.05)


def test_three_standard_deviations_are_found(nothing):
    found = many(2, 1, CLOCKS["the open"], World(effect=3.0))
    assert rejected(found[:, PACED], 0.05) > 70
    assert rejected(nothing[:, PACED], 0.05) < 20
