"""Whether the residuals of one fitted event look like what the t test assumes.

Durbin-Watson, ARCH-LM and Jarque-Bera of the estimation residuals, and what a test needs that does not trust
them to be independent: the Newey-West covariance of the coefficients and the long-run variance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy.records import Float64Array, Inference

ARCH_LAGS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostics:
    """Residual diagnostics of one event.

    Attributes
    ----------
    n, lags : int
        Estimation days used, and the Bartlett lag of the two HAC numbers.
    durbin_watson : float or None
        Near 2 without first-order autocorrelation; None when the fit is perfect.
    arch_lm, jarque_bera : Inference
        Engle's LM test with 5 lags (no conditional heteroskedasticity) and the normality test.
    hac_covariance : Float64Array
        Shape (k, k), Newey-West covariance of the coefficients, without small-sample correction.
    long_run_variance : float
        Bartlett long-run variance of the residuals per session, squared unit of the return.
    """

    n: int
    lags: int
    durbin_watson: float | None
    arch_lm: Inference
    jarque_bera: Inference
    hac_covariance: Float64Array
    long_run_variance: float


def diagnose(y: Float64Array, x: Float64Array, lags: int = 4) -> Diagnostics:
    """Regress `y` on `x` and describe the residuals.

    Parameters
    ----------
    y : Float64Array
        Shape (M,), returns of the estimation window; days with a missing value on either side are left out and
        their neighbours treated as consecutive.
    x : Float64Array
        Shape (M, k), the regressors, with a column of ones where the model has an intercept.
    lags : int
        Bartlett lag.

    Raises
    ------
    ValueError
        When there are fewer complete days than regressors plus one.
    """
    from statsmodels.regression.linear_model import OLS

    complete = np.isfinite(y) & np.isfinite(x).all(axis=1)
    y, x = y[complete], x[complete]
    n, k = x.shape
    if n <= k:
        raise ValueError(f"{n} complete days do not determine {k} coefficients and a variance")
    fit = OLS(y, x, missing="raise").fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": False})
    residuals = np.asarray(fit.resid, dtype=float)
    # Rounding leaves residuals of about 1e-16 of y behind a perfect fit; statistics of those are noise.
    is_perfect = bool(np.abs(residuals).max() <= 1e-13 * np.abs(y).max())
    return Diagnostics(
        n=n,
        lags=lags,
        durbin_watson=None if is_perfect else _durbin_watson(residuals),
        arch_lm=_arch_lm(residuals, is_perfect),
        jarque_bera=_jarque_bera(residuals, is_perfect),
        hac_covariance=np.asarray(fit.cov_params(), dtype=float),
        long_run_variance=long_run_variance(residuals, lags),
    )


def long_run_variance(series: Float64Array, lags: int) -> float:
    """Bartlett (Newey-West) long-run variance of a complete series.

    c(0) + 2 Σ (1 - j/(lags + 1)) c(j), with autocovariances c about the mean and divided by the number of
    observations, methods.md D5h.
    """
    centred: Float64Array = series - series.mean()
    n = centred.size
    covariance = [float(centred[j:] @ centred[: n - j]) / n for j in range(min(lags, n - 1) + 1)]
    return covariance[0] + 2.0 * sum((1.0 - j / (lags + 1.0)) * c for j, c in enumerate(covariance) if j)


def _durbin_watson(residuals: Float64Array) -> float:
    from statsmodels.stats.stattools import durbin_watson

    return float(durbin_watson(residuals))


def _arch_lm(residuals: Float64Array, is_perfect: bool) -> Inference:
    from statsmodels.stats.diagnostic import het_arch

    n = residuals.size - ARCH_LAGS
    reason = None
    if is_perfect:
        reason = "the fit leaves no residuals"
    elif n <= ARCH_LAGS + 1:
        reason = f"{residuals.size} estimation days are too few for {ARCH_LAGS} lags"
    elif np.ptp(residuals**2) <= 1e-12 * np.max(residuals**2):
        reason = "the squared residuals do not vary"
    # store=True has the same answer in every statsmodels; the plain tuple is deprecated since 0.15.
    found = (np.nan, np.nan) if reason else het_arch(residuals, nlags=ARCH_LAGS, store=True)[:2]
    return _chi_square(
        found,
        name="arch_lm",
        null="the variance of the residuals does not depend on the five days before",
        df=ARCH_LAGS,
        n=max(n, 0),
        reason=reason,
        source="Engle 1982",
    )


def _jarque_bera(residuals: Float64Array, is_perfect: bool) -> Inference:
    from statsmodels.stats.stattools import jarque_bera

    reason = "the fit leaves no residuals" if is_perfect else None
    return _chi_square(
        (np.nan, np.nan) if reason else jarque_bera(residuals)[:2],
        name="jarque_bera",
        null="the residuals are normal",
        df=2,
        n=residuals.size,
        reason=reason,
        source="Jarque and Bera 1980",
    )


def _chi_square(
    found: tuple[float, float], *, name: str, null: str, df: int, n: int, reason: str | None, source: str
) -> Inference:
    statistic, p_value = map(float, found)
    return Inference(
        name=name,
        null=null,
        statistic=None if reason else statistic,
        distribution="chi2",
        df=float(df),
        p_value=None if reason else p_value,
        n=n,
        reason=reason,
        source=source,
    )
