"""Power before a study: against MacKinlay's table, statsmodels, a simulation, and what must hold of any."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.power import normal_power

import eventstudy as es
from eventstudy.errors import InputError
from tests.support.command import eventstudy

# MacKinlay 1997, Table 2; see tests/golden/README.
TABLE = Path(__file__).parents[1] / "golden" / "data" / "mackinlay1997_table2_power.csv"


def test_the_table_of_mackinlay_is_given_back():
    with TABLE.open(encoding="utf-8", newline="") as file:
        cells = list(csv.DictReader(file))
    wrong, count = [], 0
    for cell in cells:
        for name, value in cell.items():
            if found := re.fullmatch(r"sd(.+)_ar(.+)", name):
                count += 1
                power = es.power(int(cell["N"]), float(found[2]), float(found[1])).power
                if abs(power - float(value)) > 0.005:
                    wrong.append((cell["N"], name, value, power))
    assert count == 288
    assert wrong == []


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_statsmodels_gives_the_same_power(alternative):
    found = es.power(17, 0.007, 0.02, days=3, alpha=0.01, alternative=alternative)
    words = {"two-sided": "two-sided", "greater": "larger", "less": "smaller"}[alternative]
    wanted = normal_power(0.007, 17, 0.01, alternative=words, sigma=0.02 * np.sqrt(3))
    assert found.power == pytest.approx(wanted, rel=1e-9)


def test_correlated_events_are_found_as_often_as_a_simulation_says():
    rng = np.random.default_rng(3)
    n, r, sigma, effect = 12, 0.3, 0.02, 0.02
    draws = sigma * (np.sqrt(r) * rng.normal(size=(40_000, 1)) + np.sqrt(1 - r) * rng.normal(size=(40_000, n))) + effect
    z = draws.mean(axis=1) / (sigma * np.sqrt((1 + (n - 1) * r) / n))
    share = float(np.mean(np.abs(z) > 1.959963984540054))
    assert es.power(n, effect, sigma, correlation=r).power == pytest.approx(share, abs=4 * np.sqrt(0.25 / 40_000))


@pytest.mark.parametrize(
    ("effect", "sigma", "r"), [(0.01, 0.02, 0.0), (0.003, 0.05, 0.0), (0.02, 0.02, 0.1), (-0.01, 0.02, 0.0)]
)
def test_the_events_needed_are_the_fewest_that_are_enough(effect, sigma, r):
    needed = es.power(1, effect, sigma, correlation=r).events_needed
    assert needed is not None
    assert es.power(needed, effect, sigma, correlation=r).power >= 0.8
    assert es.power(needed - 1, effect, sigma, correlation=r).power < 0.8


def test_the_detectable_effect_is_found_as_often_as_wished_for():
    found = es.power(25, 0.001, 0.03, days=5, target=0.9)
    assert es.power(25, found.detectable, 0.03, days=5).power == pytest.approx(0.9, rel=1e-9)


def test_events_of_one_date_may_never_be_enough():
    found = es.power(1000, 0.005, 0.02, correlation=0.2)
    assert found.events_needed is None
    assert found.effective_events == pytest.approx(1 / (0.2 + 0.8 / 1000))
    done = eventstudy("power", "--events", 9, "--effect", 0.005, "--sigma", 0.02, "--correlation", 0.2)
    assert "no number of events" in done.out


def test_the_command_gives_one_object():
    done = eventstudy(*["power", "--events", "30", "--effect", "0.01", "--sigma", "0.02", "--json"])
    answer = json.loads(done.out)
    assert (done.code, answer["schema"], answer["events_needed"]) == (0, "eventstudy.power/1", 32)
    assert [30, answer["power"]] in answer["curve"]


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ("--events 0 --effect .01 --sigma .02", 2, "--events"),
        ("--events 9 --effect .01 --sigma 0", 1, "sigma: not possible (got 0.0); write a decimal above 0"),
        ("--events 9 --effect nan --sigma .02", 1, "effect: not possible"),
        ("--events 9 --effect .01 --sigma .02 --correlation 2", 2, "--correlation"),
    ],
)
def test_a_number_that_cannot_be_is_named(arguments, code, words):
    done = eventstudy("power", *arguments.split())
    assert done.code == code
    assert words in done.err
    with pytest.raises(InputError):
        es.power(0, 0.01, 0.02)


def returns_of(assets: int, days: int, correlation: float = 0.0, sigma: float = 0.02) -> pd.DataFrame:
    chance = np.random.default_rng(5)
    common, own = chance.standard_normal((days, 1)), chance.standard_normal((days, assets))
    return pd.DataFrame(sigma * (np.sqrt(correlation) * common + np.sqrt(1 - correlation) * own))


@pytest.mark.parametrize("alternative", ["two-sided", "greater", "less"])
def test_days_that_are_normal_are_found_as_often_as_statsmodels_says(alternative):
    returns = returns_of(5, 40_000).where(lambda frame: frame.index.to_series() % 7 > 0, axis=0)  # a hole every week
    effect = -0.007 if alternative == "less" else 0.007
    found = es.power(17, effect, returns=returns, days=3, alternative=alternative)
    deviations = returns.std(ddof=1)
    assert found.sigma == pytest.approx(np.sqrt((deviations**2).mean()), rel=1e-12)
    words = {"two-sided": "two-sided", "greater": "larger", "less": "smaller"}[alternative]
    share = normal_power(effect / (found.sigma * np.sqrt(3)), 17, 0.05, words)
    assert found.simulated == pytest.approx(share, abs=4 * np.sqrt(0.25 / 10_000) + 0.01)
    assert (
        es.power(17, effect, returns=returns, seed=1).simulated
        == es.power(17, effect, returns=returns, seed=1).simulated
    )


def test_days_of_one_date_are_correlated_as_they_are():
    returns = returns_of(12, 20_000, correlation=0.3)
    found = es.power(9, 0.012, returns=returns, one_date=True)
    assert found.correlation == pytest.approx(0.3, abs=0.02)
    share = normal_power(0.012 / 0.02 / np.sqrt(1 + 8 * 0.3), 9, 0.05)
    assert found.simulated == pytest.approx(share, abs=4 * np.sqrt(0.25 / 10_000) + 0.01)
    apart = es.power(9, 0.012, returns=returns)
    assert (apart.correlation, apart.simulated > found.simulated + 0.2) == (0.0, True)


def test_a_move_that_lasts_several_days_is_found_as_often_as_its_sum_is_large():
    """Each return stands three times: over three days the deviation is nearly that of 3 returns, not of √3."""
    returns = pd.DataFrame(np.repeat(returns_of(1, 30_000).to_numpy(), 3, axis=0))
    found = es.power(6, 0.0, returns=returns, days=3)
    share = 0.0
    for parts in ((3,), (1, 2), (2, 1)):  # a third of the windows each: of one return, or of two
        share += (np.array(parts) ** 2).sum() / 3
    wide = np.sqrt(share / 3)
    size = 2 * (1 - NormalDist().cdf(1.959964 / wide))
    assert found.power == pytest.approx(0.05)
    assert found.simulated == pytest.approx(size, abs=4 * np.sqrt(0.25 / 10_000) + 0.01)


@pytest.mark.parametrize(
    ("returns", "one_date", "words"),
    [
        (returns_of(2, 29), False, "returns: too few days"),
        (returns_of(2, 100), True, "one_date: more events than assets"),
        (None, False, "sigma: is not known"),
    ],
)
def test_returns_that_cannot_be_drawn_from_are_named(returns, one_date, words):
    with pytest.raises(InputError, match=words):
        es.power(9, 0.01, returns=returns, one_date=one_date)
