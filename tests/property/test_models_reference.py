"""The vectorised kernel equals statsmodels, one event at a time, whatever the shape, unit or gaps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstudy.abnormal import abnormal_returns, cumulate
from eventstudy.records import Sample, StudySpec, Window
from eventstudy.registry.models import MODELS
from tests.support.reference import reference, reference_car

TOLERANCE = 1e-10

# Unit of a return and mean in that unit: decimals, percent, tiny volatility, and an offset of 100 on percent returns.
SCALES = ((0.01, 0.0), (1.0, 0.0), (1e-8, 0.0), (1.0, 100.0), (0.01, 10.0), (1e4, -3.0))


@st.composite
def cases(draw):
    m, width, p = draw(st.integers(12, 90)), draw(st.integers(1, 8)), draw(st.integers(0, 4))
    n, before = draw(st.integers(1, 4)), draw(st.integers(0, 3))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    unit, mean = draw(st.sampled_from(SCALES))
    shape = (n, m + 2 + width, p)
    factor = rng.standard_normal((*shape[:2], 1))
    x = unit * (mean + draw(st.sampled_from([0.0, 0.5, 2.0])) * factor + rng.standard_normal(shape))
    noise = rng.standard_t(4, shape[:2]) if draw(st.booleans()) else rng.standard_normal(shape[:2])
    y = unit * (mean + noise) + np.einsum("ntp,p->nt", x - unit * mean, rng.uniform(-2, 2, p))
    share = draw(st.sampled_from([0.0, 0.05, 0.2]))
    y[rng.random(y.shape) < share] = np.nan
    x[rng.random(x.shape) < share / 4] = np.nan
    model = ("constant-mean", "market", *["factor"] * 3)[p]
    start = -before
    spec = StudySpec(
        model=model,
        estimation=(start - 2 - m, start - 3),
        event_window=(start, start + width - 1),
        windows=(Window(start, start + width - 1), Window(start + width // 2, start + width - 1)),
        min_estimation=p + 3,
    )
    tau = np.arange(start - 2 - m, start + width)
    return spec, Sample(tau=tau, y=y, x=x, estimation=spec.estimation, event_window=spec.event_window)


def agree(found, wanted, size) -> None:
    """Within the tolerance of the larger of the wanted value and `size`, the scale that rounding works on."""
    np.testing.assert_allclose(found, wanted, rtol=TOLERANCE, atol=TOLERANCE * size)


@given(cases())
def test_kernel_equals_statsmodels(case):
    spec, sample = case
    fit = MODELS[spec.model](sample, spec)
    abnormal = abnormal_returns(sample, fit)
    est, evt = sample.columns(spec.estimation), sample.columns(spec.event_window)
    for i, reason in enumerate(fit.reasons):
        y, x = sample.y[i], sample.x[i]
        present = np.isfinite(y[est]) & np.isfinite(x[est]).all(axis=1)
        assert fit.n_estimation[i] == present.sum()
        assert (reason is None) == (present.sum() >= spec.required_estimation)
        if reason is not None:
            continue
        wanted = reference(y[est], x[est], y[evt], x[evt])
        sigma = np.sqrt(wanted.s2)
        agree(fit.theta[i], wanted.theta, np.abs(wanted.theta[1:]).max(initial=sigma))
        agree(fit.s2[i], wanted.s2, 0.0)
        assert fit.df[i] == wanted.df
        agree(abnormal.ar[i], wanted.ar, sigma)
        agree(abnormal.se[i] ** 2, wanted.ar_variance, 0.0)
        for window in spec.windows:
            check_window(sample, fit, abnormal, window, i, sigma)


def check_window(sample, fit, abnormal, window, i, sigma) -> None:
    found = cumulate(fit, abnormal, window, is_log=False)
    days = sample.columns(window)
    day0 = abnormal.ar[i, abnormal.tau == 0]
    is_lost = (window.start <= 0 <= window.end and not np.isfinite(day0).all()) or found.n_days[i] == 0
    assert np.isnan(found.car[i]) == is_lost
    if not is_lost:
        est = sample.columns(sample.estimation)
        car, variance = reference_car(sample.y[i, est], sample.x[i, est], sample.y[i, days], sample.x[i, days])
        agree(found.car[i], car, sigma * window.length)
        agree(found.se[i] ** 2, variance, 0.0)


def test_the_two_routes_of_the_reference_agree():
    """A CAR of one day by dummy regression is the prediction of that day: two derivations of one variance."""
    rng = np.random.default_rng(0)
    y, x = rng.standard_normal(60), rng.standard_normal((60, 2))
    one = reference(y[:50], x[:50], y[50:51], x[50:51])
    car, variance = reference_car(y[:50], x[:50], y[50:51], x[50:51])
    assert car == pytest.approx(one.ar[0], rel=1e-12)
    assert variance == pytest.approx(one.ar_variance[0], rel=1e-12)
    assert variance > one.s2


def test_a_day_without_a_return_has_no_reference_and_no_share_in_the_car():
    rng = np.random.default_rng(0)
    y, x = rng.standard_normal(53), rng.standard_normal((53, 1))
    y[51] = np.nan
    found = reference(y[:50], x[:50], y[50:], x[50:])
    assert np.isnan(found.ar).tolist() == [False, True, False]
    without = np.delete(np.arange(50, 53), 1)
    assert reference_car(y[:50], x[:50], y[50:], x[50:]) == pytest.approx(
        reference_car(y[:50], x[:50], y[without], x[without]), rel=1e-12
    )
