"""Residual diagnostics against statsmodels, and against their formulas, written out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.regression.linear_model import OLS
from statsmodels.stats.diagnostic import het_arch
from statsmodels.stats.stattools import durbin_watson, jarque_bera

from eventstudy.models.diagnostics import ARCH_LAGS, Diagnostics, diagnose


def regression(seed: int = 1, n: int = 150):
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(n), rng.standard_normal(n)])
    return x @ [0.1, 1.2] + rng.standard_t(5, n), x


def found_of(y: np.ndarray, x: np.ndarray, lags: int = 4) -> Diagnostics:
    """Diagnostics of one event; days with a missing value on either side are left out."""
    days = np.isfinite(y) & np.isfinite(x).all(axis=1)
    gram = np.linalg.inv(x[days].T @ x[days])
    residuals = np.full(y.size, np.nan)
    residuals[days] = y[days] - x[days] @ (gram @ x[days].T @ y[days])
    return diagnose(y[None], x[None], residuals[None], gram[None], lags)


def residuals_of(y, x):
    return y - x @ np.linalg.lstsq(x, y)[0]


def test_durbin_watson_is_its_formula_and_that_of_statsmodels():
    y, x = regression()
    e = residuals_of(y, x)
    assert found_of(y, x).durbin_watson[0] == pytest.approx(np.sum(np.diff(e) ** 2) / np.sum(e**2))
    assert found_of(y, x).durbin_watson[0] == pytest.approx(durbin_watson(e), rel=1e-12)


def test_jarque_bera_is_its_formula_and_that_of_statsmodels():
    y, x = regression()
    e = residuals_of(y, x)
    z = (e - e.mean()) / e.std()
    wanted = e.size / 6 * (np.mean(z**3) ** 2 + (np.mean(z**4) - 3) ** 2 / 4)
    found = found_of(y, x)
    assert found.jarque_bera[0] == pytest.approx(wanted)
    assert found.jarque_bera_p[0] == pytest.approx(np.exp(-wanted / 2))  # chi-square with two degrees of freedom
    assert (found.jarque_bera[0], found.jarque_bera_p[0]) == pytest.approx(jarque_bera(e)[:2], rel=1e-10)


def test_arch_lm_is_observations_times_r_squared_of_the_squares_on_their_lags():
    y, x = regression()
    squares = residuals_of(y, x) ** 2
    lags = np.column_stack([np.ones(squares.size - ARCH_LAGS), *(squares[ARCH_LAGS - j : -j] for j in range(1, 6))])
    now = squares[ARCH_LAGS:]
    left = residuals_of(now, lags)
    found = found_of(y, x)
    wanted = now.size * (1 - left @ left / np.sum((now - now.mean()) ** 2))
    assert found.arch_lm[0] == pytest.approx(wanted)
    assert found.arch_lm_p[0] == pytest.approx(stats.chi2(5).sf(wanted))
    assert found.arch_lm[0] == pytest.approx(het_arch(residuals_of(y, x), nlags=5, store=True)[0], rel=1e-9)


@pytest.mark.parametrize("lags", [0, 1, 4])
def test_newey_west_covariance_is_the_sandwich_and_that_of_statsmodels(lags):
    y, x = regression()
    scores = x * residuals_of(y, x)[:, None]
    middle = scores.T @ scores
    for j in range(1, lags + 1):
        cross = scores[j:].T @ scores[:-j]
        middle += (1 - j / (lags + 1)) * (cross + cross.T)
    bread = np.linalg.inv(x.T @ x)
    found = found_of(y, x, lags).hac_covariance[0]
    np.testing.assert_allclose(found, bread @ middle @ bread, rtol=1e-10)
    fit = OLS(y, x).fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": False})
    np.testing.assert_allclose(found, fit.cov_params(), rtol=1e-9)


@pytest.mark.parametrize(
    ("values", "lags", "wanted"), [([1, 3, 1, 3], 1, 0.25), ([1, 3, 1, 3], 0, 1.0), ([1, 3], 9, 0.1)]
)
def test_long_run_variance_by_hand(values, lags, wanted):
    # About the mean: -1, 1, -1, 1. c(0) = 1, c(1) = -3/4; 1 - 2 x 1/2 x 3/4.
    y, ones = np.array(values, dtype=float), np.ones((len(values), 1))
    found = diagnose(y[None], ones[None], (y - y.mean())[None], np.full((1, 1, 1), 1 / y.size), lags)
    assert found.long_run_variance[0] == pytest.approx(wanted)


def test_missing_days_are_left_out():
    y, x = regression()
    kept = np.delete(np.arange(y.size), [3, 77])
    y[3], x[77, 1] = np.nan, np.nan
    found, wanted = found_of(y, x), found_of(y[kept], x[kept])
    for name in Diagnostics.__slots__:
        np.testing.assert_allclose(getattr(found, name), getattr(wanted, name), rtol=1e-9, err_msg=name)


def test_an_event_has_the_numbers_that_it_has_alone():
    pairs = [regression(seed) for seed in (1, 2, 3)]
    y, x = (np.array([pair[j] for pair in pairs]) for j in (0, 1))
    gram = np.linalg.inv(x.transpose(0, 2, 1) @ x)
    residuals = np.array([residuals_of(*pair) for pair in pairs])
    together = diagnose(y, x, residuals, gram)
    for i in range(3):
        alone = diagnose(y[i : i + 1], x[i : i + 1], residuals[i : i + 1], gram[i : i + 1])
        for name in Diagnostics.__slots__:
            assert getattr(together, name)[i].tobytes() == getattr(alone, name)[0].tobytes(), name


def test_a_perfect_fit_has_no_numbers():
    _, x = regression()
    found = found_of(x @ [0.5, 2.0], x)
    for name in ("durbin_watson", "arch_lm", "arch_lm_p", "jarque_bera", "jarque_bera_p"):
        assert np.isnan(getattr(found, name)[0]), name


def test_few_days_and_constant_squares_have_no_arch_test():
    y, x = regression()
    assert np.isnan(found_of(y[:10], x[:10]).arch_lm[0])
    found = found_of(np.tile([1.0, -1.0], 20), np.ones((40, 1)))
    assert np.isnan(found.arch_lm[0])
    assert np.isfinite(found.jarque_bera[0])
