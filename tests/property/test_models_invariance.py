"""What must not matter to a model does not, and what must scale does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventstudy.abnormal import abnormal_returns, cumulate
from eventstudy.records import Sample, StudySpec, Window
from eventstudy.registry.models import MODELS

# GARCH and EGARCH are searched for, not computed: tests/unit/test_models_garch.py holds their tolerances.
COMPUTED = sorted(set(MODELS) - {"garch", "egarch"})
REGRESSIONS = ("market", "factor", "scholes-williams", "dimson", "huber", "theil-sen")


@st.composite
def samples(draw, share=0.05):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    m, n = draw(st.integers(25, 60)), draw(st.integers(2, 4))
    spec = StudySpec(
        estimation=(-m - 3, -4),
        event_window=(-3, 3),
        windows=("-3:3", "-3:0", "1:3"),
        min_estimation=15,
        lags=1,
        leads=1,
    )
    tau = np.arange(-m - 4, m + 4)
    x = 0.01 * rng.standard_normal((n, tau.size, 2))
    y = x.sum(axis=2) + 0.01 * rng.standard_t(5, (n, tau.size))
    y[rng.random(y.shape) < share] = np.nan
    return spec, Sample(tau=tau, y=y, x=x, estimation=spec.estimation, event_window=spec.event_window)


def run(model, spec, sample, variant=""):
    spec = replace(spec, model=model, variant=variant)
    fit = MODELS[model](sample, spec)
    return fit, abnormal_returns(sample, fit)


@pytest.mark.parametrize("model", COMPUTED)
@given(case=samples())
@settings(max_examples=8)
def test_standardised_returns_do_not_depend_on_the_unit(model, case):
    spec, sample = case
    _, decimal = run(model, spec, sample)
    fit, percent = run(model, spec, replace(sample, y=100 * sample.y, x=100 * sample.x))
    np.testing.assert_allclose(percent.sar, decimal.sar, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(percent.ar, 100 * decimal.ar, rtol=1e-8, atol=1e-8)
    assert all(reason is None for reason in fit.reasons)


@pytest.mark.parametrize("model", COMPUTED)
@given(case=samples())
@settings(max_examples=8)
def test_events_do_not_touch_one_another(model, case):
    spec, sample = case
    _, together = run(model, spec, sample)
    order = np.arange(len(sample.y))[::-1]
    _, backwards = run(model, spec, replace(sample, y=sample.y[order], x=sample.x[order]))
    np.testing.assert_array_equal(backwards.ar[order], together.ar)
    np.testing.assert_array_equal(backwards.se[order], together.se)
    _, alone = run(model, spec, replace(sample, y=sample.y[:1], x=sample.x[:1]))
    np.testing.assert_allclose(alone.ar[0], together.ar[0], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("model", REGRESSIONS)
@given(case=samples(share=0.0), shift=st.sampled_from([0.001, -0.02, 1.0]))
@settings(max_examples=8)
def test_adding_a_constant_to_the_returns_moves_alpha_alone(model, case, shift):
    spec, sample = case
    fit, abnormal = run(model, spec, sample)
    moved, after = run(model, spec, replace(sample, y=sample.y + shift))
    np.testing.assert_allclose(moved.theta[:, 0], fit.theta[:, 0] + shift, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(moved.theta[:, 1:], fit.theta[:, 1:], rtol=1e-7, atol=1e-7)
    np.testing.assert_allclose(after.ar, abnormal.ar, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("model", COMPUTED)
@given(case=samples())
@settings(max_examples=8)
def test_cars_of_adjacent_windows_add_up(model, case):
    spec, sample = case
    sample.y[:, sample.tau == 0] = 0.01  # a missing day 0 would void the windows that hold it
    fit, abnormal = run(model, spec, sample)
    whole, first, second = (cumulate(fit, abnormal, window, is_log=False) for window in spec.windows)
    both = np.isfinite(first.car) & np.isfinite(second.car)
    np.testing.assert_allclose(whole.car[both], (first.car + second.car)[both], rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(whole.n_days, first.n_days + second.n_days)


@pytest.mark.parametrize("model", COMPUTED)
@given(case=samples())
@settings(max_examples=8)
def test_a_day_outside_both_windows_is_not_read(model, case):
    """The gap, and what lies beyond, reach no model but the one that looks at both sides and the leads of Dimson."""
    spec, sample = case
    y = sample.y.copy()
    y[:, sample.tau > spec.event_window.end] = 7.0
    _, whole = run(model, spec, sample)
    _, changed = run(model, spec, replace(sample, y=y))
    if model == "comparison-mean":
        assert not np.array_equal(changed.ar, whole.ar, equal_nan=True)
    else:
        np.testing.assert_array_equal(changed.ar, whole.ar)


@pytest.mark.parametrize("model", ["market", "constant-mean", "factor"])
@given(case=samples())
@settings(max_examples=8)
def test_least_squares_residuals_add_up_to_nothing_and_leverage_to_the_coefficients(model, case):
    spec, sample = case
    fit, _ = run(model, spec, sample)
    np.testing.assert_allclose(np.nansum(fit.residuals, axis=1), 0.0, atol=1e-14)
    np.testing.assert_allclose(np.nansum(fit.leverage, axis=1), len(fit.names), rtol=1e-10)
    np.testing.assert_allclose(np.nansum(fit.residuals**2, axis=1), fit.s2 * fit.df, rtol=1e-10)


@given(case=samples())
@settings(max_examples=8)
def test_the_variance_of_a_long_window_exceeds_the_sum_of_its_days(case):
    """Parameter error is common to the days of a window, so their covariance is positive for a mean alone."""
    spec, sample = case
    fit, abnormal = run("constant-mean", spec, sample)
    window = Window(1, 3)
    found = cumulate(fit, abnormal, window, is_log=False)
    several = found.n_days > 1
    days = np.nansum(abnormal.se[:, (abnormal.tau >= 1) & (abnormal.tau <= 3)] ** 2, axis=1)
    assert (found.se[several] ** 2 > days[several]).all()
