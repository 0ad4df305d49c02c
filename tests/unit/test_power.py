"""Power before a study: against MacKinlay's table, statsmodels, a simulation, and what must hold of any."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import numpy as np
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
