"""Synthetic controls against published weights, and against another optimiser."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

from eventstudy.errors import CannotEstimate
from eventstudy.inference.synthetic import control, placebos, simplex_weights

GERMANY = pd.read_csv(Path(__file__).parent / "data" / "german_reunification.csv", comment="#", index_col=0)
# What scpi (Cattaneo, Feng, Palomba & Titiunik) gives for West Germany, weights on a simplex, GDP alone, 1960-1990:
# C. Mendez, "Synthetic Control with Prediction Intervals", 2026, sections 7.1 and 7.2.
WEIGHTS = {
    "Austria": 0.2911,
    "USA": 0.2728,
    "Italy": 0.1914,
    "Netherlands": 0.1330,
    "Switzerland": 0.0814,
    "France": 0.0303,
}
GAPS = [0.502, 0.325, -0.440, -0.905, -1.109, -1.316, -1.848, -2.119, -2.314, -2.757, -3.076, -3.167, -3.465]


def test_german_reunification_as_published() -> None:
    donors = GERMANY.drop(columns="West Germany")
    found = control(GERMANY["West Germany"].to_numpy(), donors.to_numpy(), n_before=31)
    published = [WEIGHTS.get(name, 0.0) for name in donors.columns]
    assert found.weights.tolist() == pytest.approx(published, abs=5e-5)
    assert found.gap.tolist() == pytest.approx(GAPS, abs=5e-4)
    assert found.rmspe == pytest.approx(0.072, abs=5e-4)


def test_weights_are_those_of_sequential_quadratic_programming() -> None:
    rng = np.random.default_rng(1)
    for n, j in ((60, 4), (20, 12), (8, 15)):
        donors = rng.normal(size=(n, j))
        treated = donors @ rng.dirichlet(np.ones(j)) + rng.normal(0, 0.3, n)
        there = minimize(
            lambda w, y=treated, x=donors: ((y - x @ w) ** 2).sum(),
            np.full(j, 1 / j),
            method="SLSQP",
            bounds=[(0, 1)] * j,
            constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
            options={"ftol": 1e-14, "maxiter": 1000},
        )
        found = simplex_weights(treated, donors)
        assert found.min() >= 0
        assert found.sum() == pytest.approx(1, abs=1e-12)
        assert ((treated - donors @ found) ** 2).sum() <= there.fun * (1 + 1e-9) + 1e-12


def test_every_donor_takes_the_place_of_the_treated_unit_once() -> None:
    donors = np.random.default_rng(2).normal(size=(30, 5))
    found = placebos(donors, 20)
    assert len(found) == 5
    assert all(one.weights.size == 4 for one in found)
    with pytest.raises(CannotEstimate, match="1 donors"):
        control(donors[:, 0], donors[:, 1:2], 20)
