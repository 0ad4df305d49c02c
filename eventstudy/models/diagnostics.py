"""Whether the residuals of fitted events look like what the t test assumes, for a batch of events at once.

Durbin-Watson, ARCH-LM and Jarque-Bera of the estimation residuals, and what a test needs that does not trust them to be
independent: the Newey-West covariance of the coefficients and the long-run variance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from eventstudy.records import Float64Array
from eventstudy.sums import cross_products, quadratic

ARCH_LAGS = 5
PERFECT = 1e-13  # residuals that much smaller than the returns are rounding; statistics of those are noise
FLAT = 1e-12  # squared residuals that vary that little do not vary


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostics:
    """Residual diagnostics of n events; NaN where the fit leaves no residuals, or too few.

    Attributes
    ----------
    durbin_watson : Float64Array
        Shape (n,), near 2 without first-order autocorrelation.
    arch_lm, arch_lm_p : Float64Array
        Shape (n,), Engle's (1982) LM test with 5 lags: no conditional heteroskedasticity.
    jarque_bera, jarque_bera_p : Float64Array
        Shape (n,), Jarque and Bera's (1980) test of normality.
    hac_covariance : Float64Array
        Shape (n, k, k), Newey-West covariance of the coefficients, without small-sample correction.
    long_run_variance : Float64Array
        Shape (n,), Bartlett long-run variance of the residuals per session, squared unit of the return.
    """

    durbin_watson: Float64Array
    arch_lm: Float64Array
    arch_lm_p: Float64Array
    jarque_bera: Float64Array
    jarque_bera_p: Float64Array
    hac_covariance: Float64Array
    long_run_variance: Float64Array


def diagnose(
    y: Float64Array, x: Float64Array, residuals: Float64Array, gram_inverse: Float64Array, lags: int = 4
) -> Diagnostics:
    """Describe the residuals of a regression of `y` on `x`; missing days are closed up.

    Parameters
    ----------
    y, residuals : Float64Array
        Shape (n, M), returns of the estimation window, and what is left of them; NaN = left out.
    x : Float64Array
        Shape (n, M, k), the regressors, with a column of ones where the model has an intercept.
    gram_inverse : Float64Array
        Shape (n, k, k), inverse of their cross-product.
    lags : int
        Bartlett lag.
    """
    absent = ~np.isfinite(residuals)
    order = np.argsort(absent, axis=1, kind="stable")
    count = residuals.shape[1] - absent.sum(axis=1)
    present = np.arange(residuals.shape[1]) < count[:, None]
    e = np.where(present, np.take_along_axis(residuals, order, axis=1), 0.0)
    x = np.where(present[:, :, None], np.take_along_axis(x, order[:, :, None], axis=1), 0.0)
    is_perfect = np.abs(e).max(axis=1) <= PERFECT * np.abs(np.where(absent, 0.0, y)).max(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = e.sum(axis=1) / count
        square = (e**2).sum(axis=1)
        durbin_watson = ((e[:, 1:] - e[:, :-1]) ** 2 * present[:, 1:]).sum(axis=1) / square
        centred = np.where(present, e - mean[:, None], 0.0)
        jarque_bera = _jarque_bera(centred, count)
        arch_lm = _arch_lm(e, present, count)
    for statistic in (durbin_watson, arch_lm, jarque_bera):
        statistic[is_perfect] = np.nan
    return Diagnostics(
        durbin_watson=durbin_watson,
        arch_lm=arch_lm,
        arch_lm_p=special.chdtrc(ARCH_LAGS, arch_lm),
        jarque_bera=jarque_bera,
        jarque_bera_p=special.chdtrc(2, jarque_bera),
        hac_covariance=_sandwich(gram_inverse, _bartlett(x * e[:, :, None], lags)),
        long_run_variance=_bartlett(centred[:, :, None], lags)[:, 0, 0] / np.maximum(count, 1),
    )


def long_run_variance(series: Float64Array, lags: int) -> float:
    """Bartlett (Newey-West) long-run variance of a complete series of shape (T,), methods.md D5h.

    c(0) + 2 Σ (1 - j/(lags + 1)) c(j), with autocovariances c about the mean and divided by the number of observations.
    """
    centred = series - series.mean()
    return float(_bartlett(centred[None, :, None], lags)[0, 0, 0]) / series.size


def _bartlett(scores: Float64Array, lags: int) -> Float64Array:
    """Sum of cross-products and, with Bartlett's weights, of those with the days before; shape (n, k, k)."""
    out = cross_products(scores, scores)
    for j in range(1, min(lags, scores.shape[1] - 1) + 1):
        cross = cross_products(scores[:, j:], scores[:, :-j])
        out += (1.0 - j / (lags + 1.0)) * (cross + cross.transpose(0, 2, 1))
    return out


def _sandwich(bread: Float64Array, filling: Float64Array) -> Float64Array:
    """The product bread · filling · bread of symmetric matrices, shape (n, k, k)."""
    half = cross_products(filling, bread)
    return cross_products(bread, half)


def _jarque_bera(centred: Float64Array, count: np.ndarray) -> Float64Array:
    squares = centred**2  # NumPy takes any other power by logarithms
    second, third, fourth = (moment.sum(axis=1) / count for moment in (squares, squares * centred, squares**2))
    found: Float64Array = count / 6.0 * (third**2 / second**3 + (fourth / second**2 - 3.0) ** 2 / 4.0)
    return found


def _arch_lm(e: Float64Array, present: np.ndarray, count: np.ndarray) -> Float64Array:
    """Days times R² of the squared residuals on those of the days before; NaN for too few days, or flat ones."""
    days = count - ARCH_LAGS
    width = e.shape[1] - ARCH_LAGS
    if width < 1:
        return np.full(len(e), np.nan)
    squares = e**2 / ((e**2).sum(axis=1) / count)[:, None]
    used = present[:, ARCH_LAGS:]
    columns = [squares[:, ARCH_LAGS - j : ARCH_LAGS - j + width] for j in range(ARCH_LAGS + 1)]
    held = np.where(used[:, :, None], np.stack(columns, axis=2), 0.0)
    held = np.where(used[:, :, None], held - (held.sum(axis=1) / np.maximum(days, 1)[:, None])[:, None, :], 0.0)
    now, before = held[:, :, :1], held[:, :, 1:]
    gram = np.nan_to_num(cross_products(before, before))
    cross = np.nan_to_num(cross_products(before, now))[:, :, 0]
    inverse: Float64Array = np.linalg.pinv(gram, hermitian=True).astype(float, copy=False)
    explained = quadratic(cross, inverse)
    found = days * explained / (now[:, :, 0] ** 2).sum(axis=1)
    low = np.where(present, squares, np.inf).min(axis=1)
    is_flat = squares.max(axis=1) - low <= FLAT * squares.max(axis=1)
    return np.where((days > ARCH_LAGS + 1) & ~is_flat, found, np.nan)
