"""Thin trading: spans, and the trade-to-trade model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from eventstudy.abnormal import abnormal_returns, cumulate
from eventstudy.models.thin import spans
from eventstudy.records import Sample, StudySpec, Window
from eventstudy.registry.models import MODELS

GAP = np.nan
PRICES = np.array([GAP, 100.0, 110.0, GAP, GAP, 121.0, GAP])


def test_spans_by_hand():
    np.testing.assert_array_equal(spans(PRICES), [GAP, GAP, 1, GAP, GAP, 3, GAP])


@pytest.mark.parametrize("prices", [[GAP, GAP], [GAP, 100.0], []])
def test_fewer_than_two_trades_have_no_span(prices):
    found = spans(np.array(prices, dtype=float))
    assert found.shape == (len(prices),)
    assert np.isnan(found).all()


def over_spans(values, span):
    """Sum of one-session log returns over the sessions that each trade's return covers."""
    out = np.full(span.shape, np.nan)
    for t in np.flatnonzero(np.isfinite(span)):
        out[t] = values[t - int(span[t]) + 1 : t + 1].sum()
    return out


def thin_sample(spec: StudySpec, share: float, seed: int = 5) -> Sample:
    rng = np.random.default_rng(seed)
    tau = np.arange(spec.estimation.start, spec.event_window.end + 1)
    daily = 0.01 * rng.standard_normal(tau.size + 1)
    asset = 0.001 + 1.3 * daily + 0.01 * rng.standard_normal(tau.size + 1)
    prices = np.exp(np.cumsum(asset))
    prices[rng.random(prices.size) < share] = np.nan
    span = spans(prices)
    return Sample(
        tau=tau,
        y=over_spans(asset, span)[None, 1:],
        x=over_spans(daily, span)[None, 1:, None],
        estimation=spec.estimation,
        event_window=spec.event_window,
        span=span[None, 1:],
    )


SPEC = StudySpec(
    model="trade-to-trade", estimation=(-120, -11), event_window=(-5, 5), windows=("-5:5",), min_estimation=30
)


def test_with_a_trade_every_session_it_is_the_market_model():
    sample = thin_sample(SPEC, share=0.0)
    market = MODELS["market"](sample, replace(SPEC, model="market"))
    for data in (sample, replace(sample, span=None)):
        fit = MODELS[SPEC.model](data, SPEC)
        for name in ("theta", "s2", "expected", "gram_inverse", "residuals", "leverage", "base"):
            np.testing.assert_allclose(getattr(fit, name), getattr(market, name), rtol=1e-12, atol=1e-15, err_msg=name)


def test_weighted_regression_of_the_transformed_returns():
    """The model as methods.md writes it: R/sqrt(d) on sqrt(d) and R_m/sqrt(d), by numpy's least squares."""
    sample = thin_sample(SPEC, share=0.4)
    est = sample.columns(SPEC.estimation)
    seen = np.isfinite(sample.y[0, est])
    assert sample.span is not None
    d, y, m = sample.span[0, est][seen], sample.y[0, est][seen], sample.x[0, est, 0][seen]
    design = np.column_stack([np.sqrt(d), m / np.sqrt(d)])
    theta, ssr, *_ = np.linalg.lstsq(design, y / np.sqrt(d))
    fit = MODELS[SPEC.model](sample, SPEC)
    np.testing.assert_allclose(fit.theta[0], theta, rtol=1e-10)
    assert fit.s2[0] == pytest.approx(ssr[0] / (d.size - 2), rel=1e-10)
    np.testing.assert_allclose(fit.gram_inverse[0], np.linalg.inv(design.T @ design), rtol=1e-9)
    np.testing.assert_allclose(fit.residuals[0, seen], y - theta[0] * d - theta[1] * m, rtol=1e-9, atol=1e-15)
    hat = np.einsum("tk,kl,tl->t", design, np.linalg.inv(design.T @ design), design)
    np.testing.assert_allclose(1.0 - fit.leverage[0, seen], d * (1.0 - hat), rtol=1e-9)


def test_variance_of_the_car_grows_with_the_sessions_covered_not_the_trades():
    sample = thin_sample(SPEC, share=0.4)
    fit = MODELS[SPEC.model](sample, SPEC)
    abnormal = abnormal_returns(sample, fit)
    found = cumulate(fit, abnormal, Window(-5, 5), is_log=True)
    assert sample.span is not None
    covered = np.nansum(np.where(np.isfinite(abnormal.ar), sample.span[:, sample.columns(SPEC.event_window)], 0.0))
    trades = int(np.isfinite(abnormal.ar).sum())
    assert trades < covered
    assert found.se[0] ** 2 / fit.s2[0] > covered
