"""The kernel equals the models it stands in for, on any panel."""

from __future__ import annotations

from unittest import mock

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from eventstudy.abnormal import abnormal_returns, cumulate
from eventstudy.models import MODELS, batch
from eventstudy.records import Sample, StudySpec

TOLERANCE = 1e-10

WINDOWS = (
    ((-5, 5), ("0:0", "0:1", "-5:5", "2:4")),
    ((0, 0), ("0:0",)),
    ((-3, -1), ("-3:-2",)),
    ((1, 4), ("1:1", "2:4")),
)


@st.composite
def cases(draw):
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    sessions, assets, n = draw(st.integers(60, 400)), draw(st.integers(1, 40)), draw(st.integers(0, 120))
    unit, mean = draw(st.sampled_from([(0.01, 0.0), (1.0, 0.0), (1e-8, 0.0), (1.0, 100.0)]))
    x = unit * (mean + rng.standard_normal(sessions))
    y = unit * (mean + rng.standard_t(4, (sessions, assets))) + (x[:, None] - unit * mean) * rng.uniform(-1, 2, assets)
    if draw(st.booleans()):
        y[rng.random(y.shape) < 0.1] = np.nan
        x[rng.random(sessions) < 0.02] = np.nan
    if draw(st.booleans()):
        y[rng.integers(sessions), rng.integers(assets)] = 1e3 * unit  # one bad price
    event_window, windows = draw(st.sampled_from(WINDOWS))
    spec = StudySpec(
        model=draw(st.sampled_from(["market", "constant-mean"])),
        estimation=(-draw(st.integers(16, 46)), -7),
        event_window=event_window,
        windows=windows,
        min_estimation=8,
    )
    return y, x, rng.integers(0, sessions, n), rng.integers(0, assets, n), spec


def one_by_one(y, x, rows, assets, spec):
    """The same events through the models, by an event-time grid that is NaN beyond the panel."""
    tau = np.arange(spec.estimation.start, spec.event_window.end + 1)
    days = rows[:, None] + tau
    inside = (days >= 0) & (days < len(y))
    days = np.clip(days, 0, len(y) - 1)
    sample = Sample(
        tau=tau,
        y=np.where(inside, y[days, assets[:, None]], np.nan),
        x=np.where(inside, x[days], np.nan)[:, :, None],
        estimation=spec.estimation,
        event_window=spec.event_window,
    )
    fit = MODELS[spec.model](sample, spec)
    return fit, abnormal_returns(sample, fit), sample


@given(case=cases())
def test_batch_equals_the_models(case):
    y, x, rows, assets, spec = case
    with mock.patch.multiple(batch, SLAB=64, ASSETS=4, CHUNK=50):
        found = batch.fit_batch(y, x, rows, assets, spec)
    fit, abnormal, sample = one_by_one(y, x, rows, assets, spec)
    if spec.model == "constant-mean":
        # A missing benchmark is no reason to lose a day when no benchmark is used.
        assert (
            found.n_estimation.tolist()
            == np.isfinite(sample.y[:, sample.columns(spec.estimation)]).sum(axis=1).tolist()
        )
    np.testing.assert_array_equal(found.n_estimation, fit.n_estimation)
    assert found.reasons == {i: reason for i, reason in enumerate(fit.reasons) if reason}
    sigma = np.sqrt(fit.s2)[:, None]
    np.testing.assert_allclose(found.s2, fit.s2, rtol=TOLERANCE)
    np.testing.assert_allclose(found.ar / sigma, abnormal.ar / sigma, rtol=TOLERANCE, atol=TOLERANCE)
    np.testing.assert_allclose(found.sar, abnormal.sar, rtol=TOLERANCE, atol=TOLERANCE)
    np.testing.assert_allclose(found.theta[:, 1:], fit.theta[:, 1:], rtol=TOLERANCE, atol=TOLERANCE)
    np.testing.assert_allclose(
        found.theta[:, :1], fit.theta[:, :1], rtol=TOLERANCE, atol=TOLERANCE * np.nanmax(sigma, initial=0)
    )
    for j, window in enumerate(spec.windows):
        wanted = cumulate(fit, abnormal, window, is_log=False)
        car, wanted_car = found.car[:, [j]] / sigma, wanted.car[:, None] / sigma
        np.testing.assert_allclose(car, wanted_car, rtol=TOLERANCE, atol=TOLERANCE * window.length)
        np.testing.assert_allclose(found.car_se[:, j], wanted.se, rtol=TOLERANCE)


@given(case=cases())
@settings(max_examples=25)
def test_the_parts_hold_every_event_once(case):
    y, x, rows, assets, spec = case
    with mock.patch.multiple(batch, SLAB=64, ASSETS=4):
        parts = list(batch.batches(y, x, rows, assets, spec))
    events = np.concatenate([part.events for part in parts]) if parts else np.array([], dtype=int)
    assert sorted(events.tolist()) == list(range(rows.size))
    assert all(part.ar.shape == (part.events.size, spec.event_window.length) for part in parts)
