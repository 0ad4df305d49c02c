"""Synthetic control: the weighted average of donors that moved as the treated unit did, and placebo inference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import nnls

from eventstudy.errors import CannotEstimate
from eventstudy.records import Float64Array

FEWEST_DONORS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A synthetic control and what it leaves.

    Attributes
    ----------
    weights : Float64Array
        Shape (J,), none below zero, together 1.
    fit, gap : Float64Array
        Shapes (T0,) and (T1,): the treated unit less its synthetic control, before and after.
    """

    weights: Float64Array
    fit: Float64Array
    gap: Float64Array

    @property
    def rmspe(self) -> float:
        """Root mean squared prediction error before."""
        return float(np.sqrt(np.mean(self.fit**2)))


def simplex_weights(treated: Float64Array, donors: Float64Array) -> Float64Array:
    """Weights w ≥ 0 with Σw = 1 that minimise ‖treated - donors w‖, shapes (T,) and (T, J).

    Since Σw = 1 the aim is ‖D w‖ with D the donors less the treated unit. Along a ray s·w, ‖D s w‖² + (1 - s)² is least
    at ‖D w‖² / (1 + ‖D w‖²), which rises with ‖D w‖: non-negative least squares of D and a row of ones on 0 and 1 has
    the direction, and no penalty has to be chosen (Lawson & Hanson 1974).
    """
    gaps = donors - treated[:, None]
    scale = float(np.sqrt(np.mean(gaps**2))) or 1.0
    found = nnls(np.vstack([gaps / scale, np.ones(gaps.shape[1])]), np.append(np.zeros(len(gaps)), 1.0))[0]
    weights: Float64Array = found / found.sum()
    return weights


def control(treated: Float64Array, donors: Float64Array, n_before: int) -> Control:
    """The synthetic control of one unit, fitted to the first `n_before` rows.

    Parameters
    ----------
    treated : Float64Array
        Shape (T,).
    donors : Float64Array
        Shape (T, J).

    Raises
    ------
    CannotEstimate
        With fewer than two donors, or nothing to fit.
    """
    if donors.shape[1] < FEWEST_DONORS:
        raise CannotEstimate(f"{donors.shape[1]} donors, {FEWEST_DONORS} are needed")
    if n_before < 1:
        raise CannotEstimate("no day before the event on which all have a return")
    weights = simplex_weights(treated[:n_before], donors[:n_before])
    left = treated - donors @ weights
    return Control(weights=weights, fit=left[:n_before], gap=left[n_before:])


def placebos(donors: Float64Array, n_before: int) -> tuple[Control, ...]:
    """The synthetic control of every donor by the others, as if it had been treated; the treated unit is in none."""
    everyone = np.arange(donors.shape[1])
    return tuple(control(donors[:, j], donors[:, everyone != j], n_before) for j in everyone)
