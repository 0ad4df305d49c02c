"""Volatility models: the recursions, the forecast across the gap, units, and searches that fail."""

from __future__ import annotations

import math

import numpy as np
import pytest

from eventstudy.errors import InputError
from eventstudy.models import garch
from eventstudy.records import Fit, Sample, StudySpec
from eventstudy.registry.models import MODELS

M, GAP, EVENT = 400, 5, 6
FIRST = -(M + GAP)


def spec(model: str) -> StudySpec:
    return StudySpec(model=model, estimation=(FIRST, -GAP - 1), event_window=(0, EVENT - 1), windows="0:0")


def returns(seed: int = 9) -> tuple[np.ndarray, np.ndarray]:
    """A GARCH(1,1) process around a market model, by its definition."""
    rng = np.random.default_rng(seed)
    n = M + GAP + EVENT
    x, e, h = 0.01 * rng.standard_normal(n), np.zeros(n), 1e-4
    for t in range(n):
        e[t] = math.sqrt(h) * rng.standard_normal()
        h = 1e-5 + 0.15 * e[t] ** 2 + 0.75 * h
    return 0.0003 + 0.9 * x + e, x


def fit(model: str, y, x) -> Fit:
    settings = spec(model)
    sample = Sample(
        tau=np.arange(FIRST, EVENT),
        y=np.atleast_2d(y),
        x=np.atleast_2d(x)[:, :, None],
        estimation=settings.estimation,
        event_window=settings.event_window,
    )
    return MODELS[model](sample, settings)


def recursion(model: str, theta, residuals, h0: float, ahead: int) -> tuple[np.ndarray, np.ndarray]:
    """Variances by methods.md B6, day by day in plain Python; every day present."""
    omega, a, *g, b = theta[2:]
    inside, h = [], omega + (a + b) * h0 if model == "garch" else h0
    for e in residuals:
        inside.append(h)
        if model == "garch":
            h = omega + a * e**2 + b * h
        else:
            z = e / math.sqrt(h)
            h = math.exp(omega + a * (abs(z) - math.sqrt(2 / math.pi)) + g[0] * z + b * math.log(h))
    path = [h]
    for _ in range(ahead - 1):
        h = omega + (a + b) * h if model == "garch" else math.exp(omega + b * math.log(h))
        path.append(h)
    return np.array(inside), np.array(path)


@pytest.mark.parametrize("model", ["garch", "egarch"])
def test_variances_follow_the_recursion_and_are_forecast_across_the_gap(model):
    y, x = returns()
    found = fit(model, y, x)
    assert found.reasons == (None,)
    X = np.column_stack([np.ones(M), x[:M]])
    ols = y[:M] - X @ np.linalg.lstsq(X, y[:M])[0]
    residuals = y[:M] - X @ found.theta[0, :2]
    inside, ahead = recursion(model, found.theta[0], residuals, float(np.mean(ols**2)), GAP + EVENT)
    np.testing.assert_allclose(found.residuals[0], residuals, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(found.s2[0] * (1.0 - found.leverage[0]), inside, rtol=1e-6)
    np.testing.assert_allclose(found.s2[0] * found.base[0], ahead[GAP:], rtol=1e-6)
    np.testing.assert_allclose(found.expected[0], found.theta[0, 0] + found.theta[0, 1] * x[-EVENT:])
    assert not found.gram_inverse.any()
    assert found.df[0] == math.inf


def test_the_truth_is_found():
    y, x = returns()
    theta = dict(zip(garch.NAMES["garch"], fit("garch", y, x).theta[0], strict=True))
    assert theta["beta"] == pytest.approx(0.9, abs=0.15)
    assert 0.02 < theta["arch"] < 0.4
    assert 0.75 < theta["arch"] + theta["garch"] < 1.0


@pytest.mark.parametrize("model", ["garch", "egarch"])
def test_returns_in_percent_give_the_same_answer(model):
    y, x = returns()
    decimal, percent = fit(model, y, x), fit(model, 100 * y, 100 * x)
    np.testing.assert_allclose(percent.theta[0, 0], 100 * decimal.theta[0, 0], rtol=1e-3)
    np.testing.assert_allclose(percent.theta[0, 1], decimal.theta[0, 1], rtol=1e-4)
    np.testing.assert_allclose(percent.s2 * percent.base[0], 1e4 * decimal.s2 * decimal.base[0], rtol=1e-4)


def test_a_missing_last_day_lengthens_the_forecast():
    y, x = returns()
    y[[50, M - 1, M - 2]] = np.nan
    found = fit("garch", y, x)
    assert found.n_estimation[0] == M - 3
    seen = np.isfinite(y[:M])
    X = np.column_stack([np.ones(M), x[:M]])[seen]
    ols = y[:M][seen] - X @ np.linalg.lstsq(X, y[:M][seen])[0]
    _, ahead = recursion("garch", found.theta[0], found.residuals[0][seen], float(np.mean(ols**2)), 2 + GAP + EVENT)
    np.testing.assert_allclose(found.s2[0] * found.base[0], ahead[2 + GAP :], rtol=1e-6)
    assert np.isnan(found.leverage[0, [50, M - 1, M - 2]]).all()


@pytest.mark.parametrize("model", ["garch", "egarch"])
def test_noise_ends_in_an_answer_or_a_reason(model):
    rng = np.random.default_rng(3)
    x = 0.01 * rng.standard_normal((3, M + GAP + EVENT))
    y = x + 0.01 * rng.standard_t(3, x.shape)
    y[2, :M] = 0.001
    found = fit(model, y, x)
    for i, reason in enumerate(found.reasons):
        assert np.isfinite(found.base[i]).all() == (reason is None)
        assert np.isfinite(found.expected[i]).all() == (reason is None)
    assert "no residual variance" in str(found.reasons[2])


def test_a_failed_search_is_a_reason_and_leaves_no_number(monkeypatch):
    monkeypatch.setattr(garch, "_estimate", lambda *_: None)
    found = fit("garch", *returns())
    assert found.reasons == ("the likelihood of the GARCH model did not converge",)
    for values in (found.theta, found.s2, found.df, found.expected, found.base, found.residuals, found.leverage):
        assert np.isnan(values).all()


def test_without_the_arch_package_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setattr(garch, "find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"pip install .*\[garch\]"):
        fit("egarch", *returns())
