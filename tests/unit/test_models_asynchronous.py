"""Lags, leads and instruments: what the models for non-synchronous prices read, and what they make of it."""

from __future__ import annotations

import numpy as np
import pytest

from eventstudy.errors import InputError
from eventstudy.records import Sample, StudySpec
from eventstudy.registry.models import MODELS

PAST, M, EVENT, FUTURE = 2, 60, 4, 2


def spec(model: str, **settings) -> StudySpec:
    return StudySpec(model=model, estimation=(-M - 2, -3), event_window=(0, EVENT - 1), windows="0:0", **settings)


def data(seed: int = 3):
    """Asset that follows the benchmark of the day before: y(t) = 0.001 + 0.8 x(t-1) + 0.4 x(t) + noise."""
    rng = np.random.default_rng(seed)
    x = 0.01 * rng.standard_normal(PAST + M + 2 + EVENT + FUTURE)
    y = 0.001 + 0.4 * x + 0.8 * np.concatenate([[0.0], x[:-1]]) + 1e-4 * rng.standard_normal(x.size)
    return y, x


def sample(y, x, settings: StudySpec, *, past=PAST, future=FUTURE) -> Sample:
    cut = slice(PAST - past, y.size - FUTURE + future)
    tau = np.arange(-M - 2 - PAST, EVENT + FUTURE)[cut]
    return Sample(
        tau=tau,
        y=y[None, cut],
        x=x[None, cut, None],
        estimation=settings.estimation,
        event_window=settings.event_window,
    )


def test_dimson_finds_each_slope_on_its_own_day():
    y, x = data()
    settings = spec("dimson", lags=1, leads=1)
    fit = MODELS["dimson"](sample(y, x, settings), settings)
    assert fit.names == ("alpha", "beta[-1]", "beta[0]", "beta[+1]")
    assert fit.theta[0].tolist() == pytest.approx([0.001, 0.8, 0.4, 0.0], abs=0.01)
    assert fit.df[0] == M - 4


def test_aggregated_expects_the_sum_of_the_slopes_and_distributed_each_on_its_day():
    y, x = data()
    day0 = PAST + M + 2
    today = x[day0 : day0 + EVENT]
    both = {}
    for variant in ("aggregated", "distributed"):
        settings = spec("dimson", lags=1, leads=0, variant=variant)
        both[variant] = MODELS["dimson"](sample(y, x, settings), settings)
    alpha, before, same = both["aggregated"].theta[0]
    np.testing.assert_allclose(both["aggregated"].expected[0], alpha + (before + same) * today)
    yesterday = x[day0 - 1 : day0 + EVENT - 1]
    np.testing.assert_allclose(both["distributed"].expected[0], alpha + before * yesterday + same * today)
    np.testing.assert_array_equal(both["aggregated"].theta, both["distributed"].theta)


def test_lags_before_the_window_are_read_where_the_sample_has_them():
    y, x = data()
    settings = spec("dimson", lags=2, leads=0)
    assert MODELS["dimson"](sample(y, x, settings), settings).n_estimation[0] == M
    settings = spec("dimson", lags=2, leads=0, min_estimation=30)
    assert MODELS["dimson"](sample(y, x, settings, past=0), settings).n_estimation[0] == M - 2


def test_distributed_leads_beyond_the_sample_leave_the_last_day_open():
    y, x = data()
    settings = spec("dimson", lags=0, leads=1, variant="distributed")
    expected = MODELS["dimson"](sample(y, x, settings, future=0), settings).expected[0]
    assert np.isnan(expected).tolist() == [False, False, False, True]
    assert np.isfinite(MODELS["dimson"](sample(y, x, settings, future=1), settings).expected).all()


def test_dimson_without_lags_or_leads_is_the_market_model():
    y, x = data()
    settings, market = spec("dimson", lags=0, leads=0), spec("market")
    found = MODELS["dimson"](sample(y, x, settings), settings)
    plain = MODELS["market"](sample(y, x, market), market)
    for name in ("theta", "s2", "expected", "gram_inverse"):
        np.testing.assert_array_equal(getattr(found, name), getattr(plain, name))


@pytest.mark.parametrize(
    ("settings", "wanted"),
    [
        (spec("market"), (0, 0)),
        (spec("scholes-williams"), (0, 0)),
        (spec("dimson", lags=2, leads=1), (2, 0)),
        (spec("dimson", lags=1, leads=2, variant="distributed"), (1, 2)),
        (spec("dimson", lags=0, leads=9), (0, 3)),
    ],
)
def test_reach_says_how_much_more_the_model_reads(settings, wanted):
    assert MODELS[settings.model].reach(settings) == wanted


@pytest.mark.parametrize("settings", [{"variant": "summed"}, {"lags": -1}])
def test_dimson_refuses_what_it_does_not_know(settings):
    y, x = data()
    with pytest.raises(InputError, match=r"variant|lags"):
        MODELS["dimson"](sample(y, x, spec("dimson", **settings)), spec("dimson", **settings))


def test_scholes_williams_is_the_instrumental_variable_estimator():
    """Same slope as cov(z, R) / cov(z, R_m) with z the three-day benchmark sum, up to end effects of the moments."""
    rng = np.random.default_rng(11)
    n = 4000
    x = rng.standard_normal(n)
    y = 0.5 * x + 0.5 * np.concatenate([[0.0], x[:-1]]) + 0.1 * rng.standard_normal(n)
    settings = StudySpec(model="scholes-williams", estimation=(-n + 2, -1), event_window=(0, 1), windows="0:0")
    tau = np.arange(n) - n + 2
    full = Sample(
        tau=tau, y=y[None], x=x[None, :, None], estimation=settings.estimation, event_window=settings.event_window
    )
    beta = MODELS["scholes-williams"](full, settings).theta[0, 1]
    z = x[:-4] + x[1:-3] + x[2:-2]
    instrument = np.cov(z, y[1:-3])[0, 1] / np.cov(z, x[1:-3])[0, 1]
    assert beta == pytest.approx(instrument, rel=2e-3)
    assert beta == pytest.approx(1.0, abs=0.05)  # the market model would find 0.5


def test_scholes_williams_without_an_interior_day_is_a_reason():
    y, x = data()
    settings = spec("scholes-williams", min_estimation=5)
    x[PAST : PAST + M : 2] = np.nan  # every other day: no day has both neighbours
    fit = MODELS["scholes-williams"](sample(y, x, settings), settings)
    assert fit.n_estimation[0] == M // 2
    assert fit.reasons[0] is not None
    assert "undefined" in fit.reasons[0]
    assert np.isnan(fit.theta).all()
