"""What the linear models say at the edges: by hand, and when there is nothing to say."""

from __future__ import annotations

import numpy as np
import pytest

from eventstudy.abnormal import abnormal_returns
from eventstudy.errors import InputError
from eventstudy.records import Sample, StudySpec
from eventstudy.registry.models import MODELS

WITHOUT_BENCHMARK = ("constant-mean", "comparison-mean")
EVENT = 3  # days in the event window of `sample`


def sample(y, x, spec, first=None) -> Sample:
    """A sample of the rows `y` (n, T) and regressors `x` (n, T, p), from `first` or the start of estimation."""
    y, x = np.atleast_2d(np.asarray(y, dtype=float)), np.asarray(x, dtype=float)
    tau = np.arange(y.shape[1]) + (spec.estimation.start if first is None else first)
    return Sample(tau=tau, y=y, x=x, estimation=spec.estimation, event_window=spec.event_window)


def study(model, *, m=40, p=1, n=3, **settings):
    """A well-behaved sample of n events and its specification."""
    rng = np.random.default_rng(7)
    spec = StudySpec(
        model=model, estimation=(-m, -1), event_window=(0, EVENT - 1), windows="0:0", min_estimation=30, **settings
    )
    x = 0.01 * rng.standard_normal((n, m + EVENT, p))
    y = 0.0005 + x.sum(axis=2) + 0.01 * rng.standard_normal((n, m + EVENT))
    return y, x, spec


def test_constant_mean_by_hand():
    spec = StudySpec(model="constant-mean", estimation=(-4, -1), event_window=(0, 0), windows="0:0")
    fit = MODELS[spec.model](sample([0.01, 0.03, 0.01, 0.03, 0.05], np.empty((1, 5, 0)), spec), spec)
    assert fit.theta[0, 0] == pytest.approx(0.02)
    assert fit.s2[0] == pytest.approx(4 * 0.01**2 / 3)
    assert (fit.df[0], fit.n_estimation[0]) == (3, 4)
    assert fit.leverage[0].tolist() == pytest.approx([0.25] * 4)
    assert np.isnan(fit.r_squared[0])


def test_market_adjusted_by_hand():
    spec = StudySpec(model="market-adjusted", estimation=(-4, -1), event_window=(0, 0), windows="0:0")
    y, x = [0.02, 0.01, 0.04, 0.03, 0.05], [0.01, 0.01, 0.02, 0.02, 0.01]
    data = sample(y, np.reshape(x, (1, 5, 1)), spec)
    fit = MODELS[spec.model](data, spec)
    # Differences 0.01, 0, 0.02, 0.01: mean 0.01, sum of squares about it 0.0002.
    assert fit.s2[0] == pytest.approx(0.0002 / 3)
    found = abnormal_returns(data, fit)
    assert found.ar[0, 0] == pytest.approx(0.04)
    assert found.se[0, 0] ** 2 == pytest.approx(0.0002 / 3)
    assert fit.names == ()


def test_peer_mean_leaves_out_a_missing_peer():
    spec = StudySpec(model="peer", estimation=(-4, -1), event_window=(0, 0), windows="0:0")
    y = [0.02, 0.01, 0.04, 0.03, 0.05]
    peers = [[0.01, 0.03], [0.0, np.nan], [np.nan, 0.02], [0.01, 0.01], [0.02, np.nan]]
    fit = MODELS[spec.model](sample(y, [peers], spec), spec)
    # Peer means 0.02, 0, 0.02, 0.01: differences 0, 0.01, 0.02, 0.02.
    assert fit.expected[0, 0] == pytest.approx(0.02)
    assert fit.residuals[0].tolist() == pytest.approx([0.0, 0.01, 0.02, 0.02])
    assert fit.s2[0] == pytest.approx(np.var([0.0, 0.01, 0.02, 0.02], ddof=1))


def test_peer_regression_is_the_market_model_on_the_peers_mean():
    y, x, spec = study("peer", p=3, variant="regression")
    _, _, market = study("market")
    by_peers = MODELS["peer"](sample(y, x, spec), spec)
    by_market = MODELS["market"](sample(y, x.mean(axis=2, keepdims=True), market), market)
    np.testing.assert_allclose(by_peers.theta, by_market.theta, rtol=1e-12)


def test_comparison_mean_uses_both_sides_and_never_the_event_window():
    spec = StudySpec(model="comparison-mean", estimation=(-4, -2), event_window=(-1, 2), windows="0:0")
    # tau from -4 to 5; the mirror of -4..-2 is 2..4, of which 2 is inside the event window; 5 is beyond it.
    y = [0.01, 0.02, 0.03, 9.0, 9.0, 9.0, 9.0, 0.04, 0.05, 9.0]
    fit = MODELS[spec.model](sample(y, np.empty((1, 10, 0)), spec), spec)
    assert fit.theta[0, 0] == pytest.approx(0.03)
    assert fit.n_estimation[0] == 5
    assert fit.s2[0] == pytest.approx(np.var([0.01, 0.02, 0.03, 0.04, 0.05], ddof=1))
    assert fit.expected[0].tolist() == pytest.approx([0.03] * 4)
    assert fit.residuals[0].tolist() == pytest.approx([-0.02, -0.01, 0.0])
    assert MODELS[spec.model].reach(spec) == (0, 2)


def test_comparison_mean_without_days_after_the_event_is_the_constant_mean():
    y, x, spec = study("comparison-mean")
    _, _, plain = study("constant-mean")
    both = MODELS["comparison-mean"](sample(y, x, spec), spec)
    np.testing.assert_array_equal(both.theta, MODELS["constant-mean"](sample(y, x, plain), plain).theta)


@pytest.mark.parametrize("model", ["market", "factor", "dimson", "scholes-williams", "huber", "theil-sen", "peer"])
def test_one_event_that_cannot_be_fitted_does_not_touch_the_others(model):
    y, x, spec = study(model)
    whole = MODELS[model](sample(y, x, spec), spec)
    y = y.copy()
    y[1, : y.shape[1] - EVENT - 5] = np.nan
    fit = MODELS[model](sample(y, x, spec), spec)
    assert fit.reasons[0] is None
    assert fit.reasons[1] is not None
    assert "days with returns, 30 are required" in fit.reasons[1]
    np.testing.assert_array_equal(fit.theta[[0, 2]], whole.theta[[0, 2]])
    assert np.isnan(fit.s2[1])
    assert np.isnan(fit.df[1])
    assert np.isnan(fit.expected[1]).all()


@pytest.mark.parametrize("model", sorted(set(MODELS) - set(WITHOUT_BENCHMARK)))
def test_model_without_its_benchmark_says_so(model):
    y, _, spec = study(model)
    with pytest.raises(InputError, match=r"benchmark|peer"):
        MODELS[model](sample(y, np.empty((3, y.shape[1], 0)), spec), spec)


@pytest.mark.parametrize("model", sorted(set(MODELS) - set(WITHOUT_BENCHMARK) - {"market-adjusted", "peer"}))
def test_benchmark_that_stands_still_is_a_reason(model):
    y, x, spec = study(model)
    x[1] = 0.001
    reasons = MODELS[model](sample(y, x, spec), spec).reasons
    assert reasons[0] is None
    assert reasons[1] is not None
    assert "do not vary" in reasons[1]


@pytest.mark.parametrize("model", sorted(set(MODELS)))
def test_price_that_stands_still_is_a_reason_and_not_an_infinite_statistic(model):
    y, x, spec = study(model)
    y[1], x[1] = (x[1, :, 0], x[1]) if model in ("market-adjusted", "peer") else (0.001, x[1])
    fit = MODELS[model](sample(y, x, spec), spec)
    assert fit.reasons[1] is not None
    assert "no residual variance" in fit.reasons[1]
    assert np.isnan(fit.s2[1])
    assert fit.s2[0] > 0


def test_asset_on_itself_up_to_rounding_is_a_reason():
    y, x, spec = study("market-adjusted")
    y[1] = (1.0 + x[1, :, 0]) * 3.0 / 3.0 - 1.0
    assert MODELS["market-adjusted"](sample(y, x, spec), spec).reasons[1] is not None
    assert MODELS["market"](sample(y, x, spec), spec).reasons[1] is not None


def test_collinear_factors_are_a_reason_for_that_event_alone():
    y, x, spec = study("factor", p=3)
    x[1, :, 2] = x[1, :, 0] - 2.0 * x[1, :, 1]
    reasons = MODELS["factor"](sample(y, x, spec), spec).reasons
    assert [reason is None for reason in reasons] == [True, False, True]
    assert "collinear" in str(reasons[1])


def test_nearly_collinear_factors_keep_their_digits():
    y, x, spec = study("factor", p=2)
    x[:, :, 1] = x[:, :, 0] + 1e-5 * x[:, :, 1]
    fit = MODELS["factor"](sample(y, x, spec), spec)
    assert fit.reasons == (None, None, None)
    spread = np.stack([x[:, :, 0], (x[:, :, 1] - x[:, :, 0]) * 1e5], axis=2)
    plain = MODELS["factor"](sample(y, spread, spec), spec)
    np.testing.assert_allclose(fit.s2, plain.s2, rtol=1e-9)


def test_missing_benchmark_on_an_event_day_leaves_that_day_open():
    y, x, spec = study("market")
    x[0, -1] = np.nan
    data = sample(y, x, spec)
    found = abnormal_returns(data, MODELS["market"](data, spec))
    assert np.isnan(found.ar[0]).tolist() == [False, False, True]
    assert np.isfinite(found.ar[1:]).all()


def test_factor_coefficients_carry_the_factors_names():
    y, x, spec = study("factor", p=3, factors=("mkt", "smb", "hml"))
    assert MODELS["factor"](sample(y, x, spec), spec).names == ("alpha", "mkt", "smb", "hml")


def test_no_event_at_all_is_no_error():
    for model in sorted(set(MODELS) - {"garch", "egarch"}):
        y, x, spec = study(model)
        fit = MODELS[model](sample(y[:0].reshape(0, y.shape[1]), x[:0], spec), spec)
        assert fit.reasons == ()
        assert fit.expected.shape == (0, EVENT)
