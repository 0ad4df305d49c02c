"""The independent route: one event at a time through statsmodels, sharing nothing with the kernel.

Abnormal returns come from ordinary least squares and its prediction standard errors; cumulative ones from the dummy
regression, where each event day has a column of its own and the CAR is a sum of coefficients (methods.md G5).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from eventstudy.records import Float64Array


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Estimates and abnormal returns of one event.

    Attributes
    ----------
    theta : Float64Array
        Shape (k,), the constant first.
    s2, df : float
        Residual variance SSR / (M - k) and M - k.
    ar, ar_variance : Float64Array
        Shape (L2,), abnormal returns and their forecast-error variances; NaN where a return is missing.
    """

    theta: Float64Array
    s2: float
    df: float
    ar: Float64Array
    ar_variance: Float64Array


def reference(y: Float64Array, x: Float64Array, y_event: Float64Array, x_event: Float64Array) -> Reference:
    """Ordinary least squares over the estimation window and its forecast of the event window.

    Parameters
    ----------
    y, x : Float64Array
        Shapes (M_window,) and (M_window, p), decimal returns of the asset and of benchmark or factors, p >= 0.
    y_event, x_event : Float64Array
        Shapes (L2,) and (L2, p).
    """
    from statsmodels.regression.linear_model import OLS

    x, x_event, unit = _designs(x, x_event)
    complete = np.isfinite(y) & np.isfinite(x).all(axis=1)
    fit = OLS(y[complete], x[complete], missing="raise").fit()
    ar, variance = np.full((2, y_event.size), np.nan)
    seen = np.isfinite(y_event) & np.isfinite(x_event).all(axis=1)
    if seen.any():
        prediction = fit.get_prediction(x_event[seen])
        ar[seen] = y_event[seen] - prediction.predicted_mean
        variance[seen] = prediction.se_obs**2
    return Reference(
        theta=np.asarray(fit.params) / unit,
        s2=float(fit.mse_resid),
        df=float(fit.df_resid),
        ar=ar,
        ar_variance=variance,
    )


def reference_car(
    y: Float64Array, x: Float64Array, y_event: Float64Array, x_event: Float64Array
) -> tuple[float, float]:
    """CAR over all days given in `y_event`, and its variance, by dummy regression.

    Parameters
    ----------
    y, x : Float64Array
        Shapes (M_window,) and (M_window, p), the estimation window.
    y_event, x_event : Float64Array
        Shapes (L,) and (L, p), the days of the test window alone; days with a missing value are left out.
    """
    from statsmodels.regression.linear_model import OLS

    x, x_event, unit = _designs(x, x_event)
    rows = np.concatenate([y, y_event])
    days = np.eye(rows.size, y_event.size, k=-y.size)
    regressors = np.column_stack([np.concatenate([x, x_event]), days])
    complete = np.isfinite(rows) & np.isfinite(regressors).all(axis=1)
    kept = np.concatenate([np.ones(unit.size, dtype=bool), complete[y.size :]])
    fit = OLS(rows[complete], regressors[np.ix_(complete, kept)], missing="raise").fit()
    weights = (np.arange(kept.sum()) >= unit.size).astype(float)
    return float(weights @ fit.params), float(weights @ fit.cov_params() @ weights)


def _designs(x: Float64Array, x_event: Float64Array) -> tuple[Float64Array, Float64Array, Float64Array]:
    """Both designs with a constant and with columns of size 1, and the unit that each column was divided by.

    Decimal returns beside a constant of 1 would cost the pseudo-inverse two digits.
    """
    unit = np.concatenate([[1.0], np.nanmax(np.abs(x), axis=0, initial=0.0)])
    unit[unit == 0.0] = 1.0
    design, design_event = (np.column_stack([np.ones(len(part)), part]) / unit for part in (x, x_event))
    return design, design_event, unit
