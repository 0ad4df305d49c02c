"""Thinly traded assets: sessions since the last trade, and the trade-to-trade model of Maynes & Rumsey 1993."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from eventstudy.models.least_squares import forecast, least_squares
from eventstudy.models.linear import benchmark
from eventstudy.records import Fit, Float64Array, Sample, StudySpec


def spans(prices: Float64Array) -> Float64Array:
    """Sessions since the last trade, d: 1 when the session before had one too; NaN without a trade or an earlier one.

    Parameters
    ----------
    prices : Float64Array
        Shape (T,), NaN on sessions without a trade.
    """
    out = np.full(prices.shape, np.nan)
    traded = np.flatnonzero(np.isfinite(prices))
    out[traded[1:]] = np.diff(traded)
    return out


def fit_trade_to_trade(sample: Sample, spec: StudySpec) -> Fit:
    """Trade-to-trade market model: R(d) = alpha d + beta R_m(d) + e with Var(e) = sigma² d.

    ``sample.y`` holds lumped log returns, ``sample.x`` the benchmark over the same spans and ``sample.span`` the
    spans d (all 1 when None). Estimated by least squares of R/d on R_m/d with weights d, which is the regression of
    R/sqrt(d) on sqrt(d) and R_m/sqrt(d). Var(AR) = s² (d + x'(X'X)^-1 x) with x = (d, R_m(d)), so ``Fit.base`` is d.
    Residuals are those of R(d), and the leverage is stated so that their variance is s² (1 - leverage).
    """
    est, evt = sample.columns(sample.estimation), sample.columns(sample.event_window)
    market = benchmark(sample)
    d = np.ones_like(sample.y) if sample.span is None else np.where(sample.span >= 1, sample.span, np.nan)
    ols = least_squares(sample.y[:, est] / d[:, est], (market / d)[:, est, None], spec, weight=d[:, est])
    fit = replace(ols, residuals=ols.residuals * d[:, est], leverage=1.0 - d[:, est] * (1.0 - ols.leverage))
    design = np.stack([d[:, evt], market[:, evt]], axis=2)
    return forecast(fit, spec, names=("alpha", "beta"), design=design, base=d[:, evt])
