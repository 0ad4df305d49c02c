"""Residual diagnostics against their formulas, written out."""

from __future__ import annotations

import numpy as np
import pytest

from eventstudy.models.diagnostics import ARCH_LAGS, diagnose, long_run_variance


def regression(seed: int = 1, n: int = 150):
    rng = np.random.default_rng(seed)
    x = np.column_stack([np.ones(n), rng.standard_normal(n)])
    return x @ [0.1, 1.2] + rng.standard_t(5, n), x


def residuals_of(y, x):
    return y - x @ np.linalg.lstsq(x, y)[0]


def test_durbin_watson_is_its_formula():
    y, x = regression()
    e = residuals_of(y, x)
    assert diagnose(y, x).durbin_watson == pytest.approx(np.sum(np.diff(e) ** 2) / np.sum(e**2))


def test_jarque_bera_is_its_formula():
    y, x = regression()
    e = residuals_of(y, x)
    z = (e - e.mean()) / e.std()
    wanted = e.size / 6 * (np.mean(z**3) ** 2 + (np.mean(z**4) - 3) ** 2 / 4)
    found = diagnose(y, x).jarque_bera
    assert found.statistic == pytest.approx(wanted)
    assert found.p_value == pytest.approx(np.exp(-wanted / 2))  # chi-square with two degrees of freedom
    assert found.reason is None


def test_arch_lm_is_observations_times_r_squared_of_the_squares_on_their_lags():
    y, x = regression()
    squares = residuals_of(y, x) ** 2
    lags = np.column_stack([np.ones(squares.size - ARCH_LAGS), *(squares[ARCH_LAGS - j : -j] for j in range(1, 6))])
    now = squares[ARCH_LAGS:]
    left = residuals_of(now, lags)
    found = diagnose(y, x).arch_lm
    assert found.statistic == pytest.approx(now.size * (1 - left @ left / np.sum((now - now.mean()) ** 2)))
    assert (found.df, found.n) == (5, 145)


@pytest.mark.parametrize("lags", [0, 1, 4])
def test_newey_west_covariance_is_the_sandwich(lags):
    y, x = regression()
    scores = x * residuals_of(y, x)[:, None]
    middle = scores.T @ scores
    for j in range(1, lags + 1):
        cross = scores[j:].T @ scores[:-j]
        middle += (1 - j / (lags + 1)) * (cross + cross.T)
    bread = np.linalg.inv(x.T @ x)
    np.testing.assert_allclose(diagnose(y, x, lags).hac_covariance, bread @ middle @ bread, rtol=1e-10)


def test_long_run_variance_by_hand():
    # Deviations -1, 1, -1, 1: c(0) = 1, c(1) = -3/4, so 1 - 2 x 1/2 x 3/4.
    assert long_run_variance(np.array([1.0, 3.0, 1.0, 3.0]), 1) == pytest.approx(0.25)
    assert long_run_variance(np.array([1.0, 3.0, 1.0, 3.0]), 0) == pytest.approx(1.0)
    assert long_run_variance(np.array([1.0, 3.0]), 9) == pytest.approx(1.0 - 2 * 0.9 * 0.5)


def test_missing_days_are_left_out():
    y, x = regression()
    kept = np.delete(np.arange(y.size), [3, 77])
    y[3], x[77, 1] = np.nan, np.nan
    found, wanted = diagnose(y, x), diagnose(y[kept], x[kept])
    assert found.n == wanted.n == y.size - 2
    assert found.durbin_watson == wanted.durbin_watson
    assert found.long_run_variance == wanted.long_run_variance


def test_a_perfect_fit_has_reasons_and_no_numbers():
    _, x = regression()
    found = diagnose(x @ [0.5, 2.0], x)
    assert found.durbin_watson is None
    for test in (found.arch_lm, found.jarque_bera):
        assert test.statistic is None
        assert test.p_value is None
        assert test.reason == "the fit leaves no residuals"


def test_few_days_and_constant_squares_have_reasons():
    y, x = regression()
    assert "too few" in str(diagnose(y[:10], x[:10]).arch_lm.reason)
    found = diagnose(np.tile([1.0, -1.0], 20), np.ones((40, 1)))
    assert found.arch_lm.reason == "the squared residuals do not vary"
    assert found.jarque_bera.statistic is not None


def test_fewer_days_than_coefficients_are_refused():
    y, x = regression()
    with pytest.raises(ValueError, match="2 complete days"):
        diagnose(y[:2], x[:2])
