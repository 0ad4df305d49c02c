"""One event at a time with statsmodels: the route that the main job takes.

Equal to the vectorised kernel of `eventstudy.models.linear` to 1e-10 (property test); the kernel serves the placebo
days and large studies.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from eventstudy.records import Fit, Sample
from eventstudy.registry.models import MODELS


def fit_one(sample: Sample, kernel_fit: Fit) -> Fit:
    """`kernel_fit` of a single event with every estimate replaced by that of statsmodels' OLS.

    Parameters
    ----------
    sample : Sample
        Of exactly one event.
    kernel_fit : Fit
        What the kernel found. Returned unchanged where it carries a reason, where nothing was estimated in the mean,
        and where something other than ordinary least squares estimated it.
    """
    is_estimated = kernel_fit.theta.shape[1] and MODELS[kernel_fit.model].is_least_squares
    if kernel_fit.reasons[0] is not None or not is_estimated:
        return kernel_fit
    from statsmodels.regression.linear_model import OLS

    est = sample.columns(sample.estimation)
    y = sample.y[0, est]
    x = np.column_stack([np.ones(y.size), sample.x[0, est, : kernel_fit.theta.shape[1] - 1]])
    present = np.isfinite(y) & np.isfinite(x).all(axis=1)
    result = OLS(y[present], x[present], missing="raise").fit()
    theta = np.asarray(result.params, dtype=float)
    residuals = np.full_like(kernel_fit.residuals, np.nan)
    residuals[0, present] = result.resid
    return replace(
        kernel_fit,
        theta=theta[None, :],
        s2=np.array([float(result.mse_resid)]),
        df=np.array([float(result.df_resid)]),
        expected=kernel_fit.design @ theta,
        gram_inverse=np.asarray(result.normalized_cov_params, dtype=float)[None, :, :],
        residuals=residuals,
    )


def estimation_regressors(sample: Sample, fit: Fit) -> tuple[np.ndarray, np.ndarray]:
    """What the diagnostics need of a single event: y (M,) and X (M, k) of the estimation window.

    The market-adjusted model regresses on a constant alone, after the benchmark is taken off.
    """
    est = sample.columns(sample.estimation)
    if fit.theta.shape[1] == 0:
        return sample.y[0, est] - sample.x[0, est, 0], np.ones((sample.estimation.length, 1))
    ones = np.ones((sample.estimation.length, 1))
    return sample.y[0, est], np.column_stack([ones, sample.x[0, est, : fit.theta.shape[1] - 1]])
