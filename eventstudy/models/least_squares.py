"""Least squares with an intercept for a whole batch of events at once: the kernel under most models.

Columns are centred and scaled before they are orthogonalised, which keeps about 1e-12 relative accuracy for returns
of any unit and any mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from eventstudy.parallel import in_order
from eventstudy.records import Fit, Float64Array, Int64Array, StudySpec
from eventstudy.sums import combine, row_dot, row_sum

COLLINEAR = "the benchmark or factors do not vary, or are collinear, in the estimation window"
NO_VARIANCE = "no residual variance in the estimation window: a price that stands still, or an asset on itself"

# A condition number of the standardised regressors above this leaves fewer than ten good digits.
WORST_CONDITION = 1e6
# Residuals this small beside the returns are rounding, not risk.
ROUNDING = 1e-12
ROWS = 1024  # fitted by one thread at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class LeastSquares:
    """Estimates of n events with k coefficients, the intercept first.

    Attributes
    ----------
    m : Int64Array
        Shape (n,), complete days.
    theta : Float64Array
        Shape (n, k).
    gram_inverse : Float64Array
        Shape (n, k, k), inverse of the (weighted) cross-product of the regressors.
    ssr, r_squared : Float64Array
        Shape (n,), (weighted) sum of squared residuals, and the share explained; NaN when k = 1.
    residuals, leverage : Float64Array
        Shape (n, M_window), y less fitted y, and the hat diagonal; NaN where the day is missing.
    reasons : tuple of str or None
        Length n: why there is no estimate.
    """

    m: Int64Array
    theta: Float64Array
    gram_inverse: Float64Array
    ssr: Float64Array
    r_squared: Float64Array
    residuals: Float64Array
    leverage: Float64Array
    reasons: tuple[str | None, ...]


def least_squares(
    y: Float64Array, x: Float64Array, spec: StudySpec, weight: Float64Array | None = None
) -> LeastSquares:
    """Regress each row of `y` on a constant and its own regressors.

    Parameters
    ----------
    y : Float64Array
        Shape (n, M_window), decimal returns; a day with a NaN on either side is left out for that event alone.
    x : Float64Array
        Shape (n, M_window, p), regressors without the constant; p may be 0.
    spec : StudySpec
        For the fewest estimation days that are accepted.
    weight : Float64Array, optional
        Shape (n, M_window), positive weights of the squared residuals; None means 1.
    """
    k = x.shape[2] + 1
    if weight is None and k == 1:
        return _no_regressor(y, spec)
    if weight is None and k == 2:
        return _one_regressor(y, x[:, :, 0], spec)
    present = np.isfinite(y) & np.isfinite(x).all(axis=2)
    m = present.sum(axis=1)
    w = present.astype(float) if weight is None else np.where(present, weight, 0.0)
    root = w if weight is None else np.sqrt(w)
    total_weight = row_sum(w)
    yc, y_mean = _centred(np.where(present, y, 0.0), w, root, total_weight)
    columns = [_centred(np.where(present, x[:, :, j], 0.0), w, root, total_weight) for j in range(k - 1)]
    xc = np.stack([column for column, _ in columns], axis=2) if columns else np.empty((*y.shape, 0))
    x_mean = np.stack([mean for _, mean in columns], axis=1) if columns else np.empty((len(y), 0))
    scale = np.sqrt(np.stack([row_dot(c, c) for c, _ in columns], axis=1)) if columns else np.empty((len(y), 0))
    size = np.sqrt(total_weight)[:, None] * np.abs(x_mean)
    varies = (scale > ROUNDING * size).all(axis=1) & (m > k)
    q, slope_root = _orthogonalise(xc, scale, varies)
    share = np.stack([row_dot(q[:, :, j], yc) for j in range(k - 1)], axis=1) if columns else x_mean
    slope = combine(slope_root, share[:, None, :])
    residual = yc - combine(xc, slope[:, None, :])
    ssr, total = row_dot(residual, residual), row_dot(yc, yc)
    is_exact = ssr <= ROUNDING**2 * (total + total_weight * y_mean**2)
    with np.errstate(invalid="ignore", divide="ignore"):
        return LeastSquares(
            m=m,
            theta=np.column_stack([y_mean - combine(slope, x_mean), slope]),
            gram_inverse=_gram_inverse(total_weight, x_mean, slope_root),
            ssr=ssr,
            r_squared=1.0 - ssr / total if k > 1 else np.full(len(y), np.nan),
            residuals=np.where(present, residual if weight is None else residual / root, np.nan),
            leverage=np.where(present, w / total_weight[:, None] + combine(q, q), np.nan),
            reasons=_reasons(m, k, spec, np.isfinite(slope_root).all(axis=(1, 2)) & varies, is_exact),
        )


def _no_regressor(y: Float64Array, spec: StudySpec) -> LeastSquares:
    """The same for a constant alone, shape (n, M_window), unweighted: in place, which takes a tenth of the time."""
    y = np.array(y, order="C")
    m = np.full(len(y), y.shape[1])
    absent = None
    total = row_sum(y)
    if np.isnan(total).any():
        absent = ~np.isfinite(y)
        m -= absent.sum(axis=1)
    y_mean = _centre(y, m, absent, total)
    ssr: Float64Array = np.einsum("nt,nt->n", y, y)
    with np.errstate(divide="ignore"):
        precision = 1.0 / m
    leverage = np.broadcast_to(precision[:, None], y.shape)
    if absent is not None:
        y[absent] = np.nan
        leverage = np.where(absent, np.nan, leverage)
    return LeastSquares(
        m=m,
        theta=y_mean[:, None],
        gram_inverse=precision[:, None, None],
        ssr=ssr,
        r_squared=np.full(len(y), np.nan),
        residuals=y,
        leverage=leverage,
        reasons=_reasons(m, 1, spec, m > 1, ssr <= ROUNDING**2 * (ssr + m * y_mean**2)),
    )


def _one_regressor(y: Float64Array, x: Float64Array, spec: StudySpec) -> LeastSquares:
    """The same for one regressor, shape (n, M_window), unweighted: in place, which takes a fifth of the time."""
    y, x = y.copy(), x.copy()
    m = np.full(len(y), y.shape[1])
    absent = None
    sums = [row_sum(values) for values in (y, x)]
    if np.isnan(sums[0] + sums[1]).any():
        absent = ~(np.isfinite(y) & np.isfinite(x))
        m -= absent.sum(axis=1)
    y_mean, x_mean = (_centre(values, m, absent, total) for values, total in zip((y, x), sums, strict=True))
    xx, xy, total = (row_dot(a, b) for a, b in ((x, x), (x, y), (y, y)))
    with np.errstate(invalid="ignore", divide="ignore"):
        slope = xy / xx
        residual = x * slope[:, None]
        np.subtract(y, residual, out=residual)
        ssr = row_dot(residual, residual)
        leverage = np.square(x, out=x)
        leverage *= np.where(xx > 0, 1.0 / xx, 0.0)[:, None]
        leverage += 1.0 / m[:, None]
    if absent is not None:
        residual[absent] = leverage[absent] = np.nan
    return _estimates(m, y_mean, x_mean, total, xx, slope, ssr, residual, leverage, spec)


def _estimates(
    m: Int64Array,
    y_mean: Float64Array,
    x_mean: Float64Array,
    total: Float64Array,
    xx: Float64Array,
    slope: Float64Array,
    ssr: Float64Array,
    residuals: Float64Array,
    leverage: Float64Array,
    spec: StudySpec,
) -> LeastSquares:
    """Estimates of one regressor from means, centred sums of squares and slope; none where x does not vary."""
    with np.errstate(invalid="ignore", divide="ignore"):
        varies = (np.sqrt(xx) > ROUNDING * np.sqrt(m) * np.abs(x_mean)) & (m > 2)
        precision, slope = np.where(varies, 1.0 / xx, np.nan), np.where(varies, slope, np.nan)
        gram_inverse = np.empty((m.size, 2, 2))
        gram_inverse[:, 0, 0] = 1.0 / m + x_mean**2 * precision
        gram_inverse[:, 0, 1] = gram_inverse[:, 1, 0] = -x_mean * precision
        gram_inverse[:, 1, 1] = precision
        is_exact = ssr <= ROUNDING**2 * (total + m * y_mean**2)
        return LeastSquares(
            m=m,
            theta=np.column_stack([y_mean - slope * x_mean, slope]),
            gram_inverse=gram_inverse,
            ssr=ssr,
            r_squared=1.0 - ssr / total,
            residuals=residuals,
            leverage=leverage,
            reasons=_reasons(m, 2, spec, varies, is_exact),
        )


def one_regressor_by_loops(
    loops: ModuleType,
    pool: Float64Array,
    y_at: Int64Array,
    x_at: Int64Array,
    spec: StudySpec,
) -> LeastSquares:
    """The same for stretches of a pool, by the compiled loops; residuals and leverage are left out.

    Parameters
    ----------
    loops : module
    pool : Float64Array
        Shape (P,), returns of all assets, one after the other.
    y_at, x_at : Int64Array
        Shape (n,), places in `pool` of each window's first session, of the asset and of its benchmark.
    """
    m, sums, none = np.empty(y_at.size, dtype=np.int64), np.empty((y_at.size, 6)), np.empty((y_at.size, 0))

    def work(start: int) -> None:
        rows = slice(start, start + ROWS)
        loops.market_model(pool, y_at[rows], x_at[rows], spec.estimation.length, m[rows], sums[rows])

    for _ in in_order(work, range(0, y_at.size, ROWS)):
        pass
    y_mean, x_mean, total, xx, slope, ssr = sums.T
    return _estimates(m, y_mean, x_mean, total, xx, slope, ssr, none, none, spec)


def _centre(values: Float64Array, m: Int64Array, absent: NDArray[np.bool_] | None, total: Float64Array) -> Float64Array:
    """Take the mean of its m values off each row, in place; absent ones become 0. `total` is the sum where none is."""
    if absent is not None:
        values[absent] = 0.0
        total = row_sum(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean: Float64Array = total / m
    values -= mean[:, None]
    if absent is not None:
        values[absent] = 0.0
    return mean


def forecast(
    fit: LeastSquares,
    spec: StudySpec,
    *,
    names: tuple[str, ...],
    design: Float64Array,
    base: Float64Array | None = None,
    expected: Float64Array | None = None,
) -> Fit:
    """Fit of the event window, from estimates.

    Parameters
    ----------
    names : tuple of str
        Of the k coefficients.
    design : Float64Array
        Shape (n, L2, k), regressors of the event window.
    base : Float64Array, optional
        Shape (n, L2), variance of an innovation in units of s²; None means 1.
    expected : Float64Array, optional
        Shape (n, L2), room for the expected returns, where they are not known yet.
    """
    lost = np.array([reason is not None for reason in fit.reasons], dtype=bool)
    df = np.where(lost, np.nan, fit.m - fit.theta.shape[1])
    with np.errstate(invalid="ignore"):
        s2 = fit.ssr / df
    theta = np.where(lost[:, None], np.nan, fit.theta)
    return Fit(
        model=spec.model,
        names=names,
        theta=theta,
        s2=s2,
        df=df,
        n_estimation=fit.m,
        r_squared=np.where(lost, np.nan, fit.r_squared),
        expected=combine(design, theta[:, None, :]) if expected is None else expected,
        design=design,
        gram_inverse=fit.gram_inverse,
        base=np.broadcast_to(1.0, design.shape[:2]) if base is None else base,
        residuals=fit.residuals,
        leverage=fit.leverage,
        reasons=fit.reasons,
    )


def with_intercept(x: Float64Array) -> Float64Array:
    """Put a column of ones before the last axis of `x`: shape (n, T, p) becomes (n, T, 1 + p)."""
    return np.concatenate([np.ones((*x.shape[:2], 1)), x], axis=2)


def _centred(
    values: Float64Array, w: Float64Array, root: Float64Array, total_weight: Float64Array
) -> tuple[Float64Array, Float64Array]:
    """Deviations from the weighted mean times the root of the weight, shape (n, T); and the means, shape (n,)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = row_dot(w, values) / total_weight
    return (values - mean[:, None]) * root, mean


def _orthogonalise(
    xc: Float64Array, scale: Float64Array, varies: NDArray[np.bool_]
) -> tuple[Float64Array, Float64Array]:
    """Q with orthonormal columns and B with ``xc = Q B^-1``, so slopes are B Q'y; B is NaN where that fails."""
    p = xc.shape[2]
    safe = np.where(varies[:, None] & (scale > 0), scale, 1.0)
    xs = xc / safe[:, None, :]
    if p < 2:
        return xs, np.where(varies[:, None], 1.0 / safe, np.nan)[:, :, None]
    q, r = np.linalg.qr(np.where(varies[:, None, None], xs, np.eye(xc.shape[1], p)))
    sound = np.linalg.cond(r) <= WORST_CONDITION
    inverse = np.linalg.inv(np.where(sound[:, None, None], r, np.eye(p)))
    return q, np.where((sound & varies)[:, None, None], inverse / safe[:, :, None], np.nan)


def _gram_inverse(total_weight: Float64Array, x_mean: Float64Array, slope_root: Float64Array) -> Float64Array:
    """(X'WX)^-1 for X = (1, x), from a root B of the inverse cross-product of the centred columns."""
    n, p = x_mean.shape
    slope_cov = combine(slope_root[:, :, None, :], slope_root[:, None, :, :])
    cross = -combine(slope_cov, x_mean[:, None, :])
    out = np.empty((n, p + 1, p + 1))
    out[:, 0, 0] = 1.0 / total_weight - combine(cross, x_mean)
    out[:, 0, 1:] = out[:, 1:, 0] = cross
    out[:, 1:, 1:] = slope_cov
    return out


def _reasons(
    m: Int64Array, k: int, spec: StudySpec, solved: NDArray[np.bool_], is_exact: NDArray[np.bool_]
) -> tuple[str | None, ...]:
    needed = max(spec.required_estimation, k + 1)
    reasons: list[str | None] = [None] * m.size
    for i in np.flatnonzero((m < needed) | ~solved | is_exact):
        if m[i] < needed:
            reasons[i] = f"{m[i]} estimation days with returns, {needed} are required"
        else:
            reasons[i] = NO_VARIANCE if solved[i] else COLLINEAR
    return tuple(reasons)
