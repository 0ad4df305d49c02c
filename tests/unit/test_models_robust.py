"""Huber and Theil-Sen: like other implementations, and unmoved by wild days."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, stats

from eventstudy.models.robust import HUBER_C, huber_line, theil_sen_line
from eventstudy.records import Sample, StudySpec
from eventstudy.registry.models import MODELS


def line(seed: int, m: int = 80):
    rng = np.random.default_rng(seed)
    x = 0.01 * rng.standard_normal(m)
    return 0.001 + 1.2 * x + 0.005 * rng.standard_t(3, m), x


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_theil_sen_slope_is_that_of_scipy(seed):
    y, x = line(seed)
    x[5] = x[6]  # a pair with the same benchmark return has no slope
    wanted = stats.theilslopes(y, x).slope
    alpha, beta = theil_sen_line(y, x)
    assert beta == pytest.approx(wanted, rel=1e-13)
    assert alpha == pytest.approx(np.median(y) - wanted * np.median(x), rel=1e-12)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_huber_line_minimises_hubers_loss_at_its_own_scale(seed):
    y, x = line(seed)
    alpha, beta = huber_line(y, x)
    scale = np.median(np.abs(y - alpha - beta * x)) / stats.norm.ppf(0.75)

    def loss(theta):
        z = np.abs(y - theta[0] - theta[1] * x) / scale
        return np.where(z <= HUBER_C, 0.5 * z**2, HUBER_C * z - 0.5 * HUBER_C**2).sum()

    best = optimize.minimize(loss, [0.0, 1.0], method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-14})
    assert [alpha, beta] == pytest.approx(best.x.tolist(), rel=1e-4, abs=1e-6)
    assert loss([alpha, beta]) <= best.fun * (1 + 1e-9)


@pytest.mark.parametrize("model", ["huber", "theil-sen"])
def test_a_wild_day_moves_least_squares_and_not_the_robust_line(model):
    y, x = line(4, 83)
    y[10], x[10] = 0.5, 0.05
    spec = StudySpec(model=model, estimation=(-80, -1), event_window=(0, 2), windows="0:0")
    sample = Sample(
        tau=np.arange(-80, 3), y=y[None], x=x[None, :, None], estimation=spec.estimation, event_window=spec.event_window
    )
    robust = MODELS[model](sample, spec)
    assert robust.theta[0, 1] == pytest.approx(1.2, abs=0.2)
    assert MODELS["market"](sample, spec).theta[0, 1] > 2
    # The variance stays honest about that day: SSR / (M - 2) of the robust residuals.
    residuals = y[:80] - robust.theta[0, 0] - robust.theta[0, 1] * x[:80]
    assert robust.s2[0] == pytest.approx(residuals @ residuals / 78)


@pytest.mark.parametrize("line_of", [huber_line, theil_sen_line])
@pytest.mark.parametrize("m", [21, 31, 41])
def test_a_price_that_mostly_stands_still_has_the_flat_line(line_of, m):
    """The median absolute deviation is zero, and with 31 days exactly so, which statsmodels warns of."""
    y = np.zeros(m)
    y[0] = 3.0
    assert line_of(y, np.arange(m, dtype=float)) == pytest.approx((0.0, 0.0), abs=1e-9)
