"""Market models whose variance moves: GARCH(1,1) and EGARCH, by the `arch` package (methods.md B6).

Conventions, and how `arch` is brought to those of B6:

* Mean and variance are estimated jointly by Gaussian quasi maximum likelihood (``LS`` with a volatility process).
* Returns are centred and divided by the root of h(0), the mean squared residual of ordinary least squares, and the
  benchmark is standardised, before the optimiser sees them; the estimates are scaled back. On decimal returns `arch`
  stops early.
* The variance starts from h(0) as well. GARCH: pre-sample e² = h = h(0), which is ``backcast=h(0)``. EGARCH:
  h(1) = h(0), where `arch` would set ln h(1) = omega + b ln h(0); the process below shifts the backcast to undo that.
* Days with a missing return are left out and their neighbours treated as consecutive.
* The variance of the event window is forecast from the last estimation day with a return, across the gap, and not
  filtered through the event: h = omega + (a + b) h, or ln h = omega + b ln h, from the second step on. The latter
  is exp(E ln h), below E h.

The variances carry no parameter error, so abnormal returns over their root are taken as N(0,1): ``df`` is infinite.
"""

from __future__ import annotations

import math
from dataclasses import replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from eventstudy.errors import InputError
from eventstudy.models.least_squares import LeastSquares, forecast, least_squares, with_intercept
from eventstudy.models.linear import benchmark
from eventstudy.records import Fit, Float64Array, Int64Array, Sample, StudySpec
from eventstudy.sums import row_sum

if TYPE_CHECKING:
    from arch.univariate.volatility import VolatilityProcess

NOT_CONVERGED = "the likelihood of the {} model did not converge"
MEAN_ABS_NORMAL = math.sqrt(2.0 / math.pi)
SMALLEST_PERSISTENCE = 1e-3  # below it the backcast does not matter, and dividing by b would overflow
NAMES = {
    "garch": ("alpha", "beta", "omega", "arch", "garch"),
    "egarch": ("alpha", "beta", "omega", "arch", "asymmetry", "garch"),
}
Estimate = tuple[Float64Array, Float64Array, Float64Array]


def fit_garch(sample: Sample, spec: StudySpec) -> Fit:
    """Market model with GARCH(1,1) errors: h(t) = omega + a e²(t-1) + b h(t-1).

    ``Fit.base`` is the forecast variance in units of s², the mean squared residual of the estimation window.

    Raises
    ------
    InputError
        When the `arch` package is not installed, or the sample has no benchmark.
    """
    return _fit_volatility(sample, spec, "garch")


def fit_egarch(sample: Sample, spec: StudySpec) -> Fit:
    """Market model with EGARCH errors: ln h(t) = omega + a (|z| - sqrt(2/pi)) + g z + b ln h(t-1), z at t - 1.

    ``Fit.base`` is the forecast variance in units of s², the mean squared residual of the estimation window.
    """
    return _fit_volatility(sample, spec, "egarch")


def _fit_volatility(sample: Sample, spec: StudySpec, kind: str) -> Fit:
    if find_spec("arch") is None:
        raise InputError(f"the model {kind} needs the arch package", remedy='pip install "eventstudy-service[garch]"')
    est, evt = sample.columns(sample.estimation), sample.columns(sample.event_window)
    market = benchmark(sample)
    y, x = sample.y[:, est], market[:, est]
    n, names = len(y), NAMES[kind]
    ols = least_squares(y, x[:, :, None], spec)
    theta = np.full((n, len(names)), np.nan)
    inside = np.full_like(y, np.nan)
    ahead = np.full((n, sample.event_window.length), np.nan)
    reasons = list(ols.reasons)
    for i in (i for i, reason in enumerate(ols.reasons) if reason is None):
        present = np.flatnonzero(np.isfinite(ols.residuals[i]))
        steps = sample.tau[evt] - sample.tau[est][present[-1]]
        found = _estimate(y[i, present], x[i, present], float(ols.ssr[i] / present.size), kind, steps)
        if found is None:
            reasons[i] = NOT_CONVERGED.format(kind.upper())
        else:
            theta[i], inside[i, present], ahead[i] = found
    fit = _scored(ols, y - theta[:, :1] - theta[:, 1:2] * x, theta, inside, tuple(reasons))
    design = np.zeros((*ahead.shape, len(names)))
    design[:, :, :2] = with_intercept(market[:, evt, None])
    with np.errstate(invalid="ignore", divide="ignore"):
        s2 = fit.ssr / fit.m
    # theta also holds the variance's parameters; their columns of the design, like the Gram inverse, are zero.
    return replace(
        forecast(fit, spec, names=names, design=design, base=ahead / s2[:, None]),
        s2=s2,
        df=np.where(np.isfinite(s2), np.inf, np.nan),
    )


def _scored(
    ols: LeastSquares, errors: Float64Array, theta: Float64Array, inside: Float64Array, reasons: tuple[str | None, ...]
) -> LeastSquares:
    """`ols` with the residuals and variances of the volatility model; leverage = 1 - h / s², so Var(e) is h."""
    n, k = theta.shape
    residuals = np.where(np.isfinite(inside), errors, np.nan)
    ssr = np.where(np.isfinite(theta[:, 0]), row_sum(np.nan_to_num(residuals) ** 2), np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        leverage = 1.0 - inside / (ssr / ols.m)[:, None]
    return replace(
        ols,
        theta=theta,
        gram_inverse=np.zeros((n, k, k)),
        ssr=ssr,
        r_squared=np.full(n, np.nan),
        residuals=residuals,
        leverage=leverage,
        reasons=reasons,
    )


def _estimate(y: Float64Array, x: Float64Array, h0: float, kind: str, steps: Int64Array) -> Estimate | None:
    """Estimates of one event: theta (k,), h in the estimation window (M,), h in the event window (L2,); None if lost.

    Parameters
    ----------
    y, x : Float64Array
        Shape (M,), complete.
    h0 : float
        Mean squared residual of ordinary least squares.
    steps : Int64Array
        Shape (L2,), sessions from the last estimation day to each day of the event window.
    """
    from arch.univariate import LS, Normal

    y_scale, x_scale = math.sqrt(h0), float(x.std())
    model = LS(
        (y - y.mean()) / y_scale,
        (x - x.mean()) / x_scale,
        volatility=_process(kind),
        distribution=Normal(),
        rescale=False,
    )
    fit = model.fit(disp="off", show_warning=False, backcast=1.0, options={"ftol": 1e-9, "maxiter": 200})
    alpha, beta, *variance = (float(v) for v in fit.params)
    inside = np.asarray(fit.conditional_volatility, dtype=float) ** 2
    # Constant variance is a special case of both models, so an answer less likely than that is a failed search.
    constant = -0.5 * y.size * (math.log(2.0 * math.pi) + 1.0)
    if fit.convergence_flag != 0 or not (fit.loglikelihood > constant - 1e-3 and _is_variance(inside)):
        return None
    ahead = _ahead(variance, kind, float(inside[-1]), float(np.asarray(fit.resid)[-1]), int(steps[-1]))[steps - 1]
    if not _is_variance(ahead):
        return None
    beta *= y_scale / x_scale
    variance[0] = variance[0] * h0 if kind == "garch" else variance[0] + (1.0 - variance[-1]) * math.log(h0)
    alpha = alpha * y_scale + float(y.mean()) - beta * float(x.mean())
    return np.array([alpha, beta, *variance]), inside * h0, ahead * h0


def _ahead(variance: list[float], kind: str, h: float, e: float, count: int) -> Float64Array:
    """Forecasts 1 to `count` sessions after a day with variance `h` and residual `e`, shape (count,)."""
    omega, a, *asymmetry, b = variance
    if kind == "garch":
        path = [omega + a * e**2 + b * h]
        for _ in range(count - 1):
            path.append(omega + (a + b) * path[-1])
        return np.array(path)
    z = e / math.sqrt(h)
    path = [omega + a * (abs(z) - MEAN_ABS_NORMAL) + asymmetry[0] * z + b * math.log(h)]
    for _ in range(count - 1):
        path.append(omega + b * path[-1])
    with np.errstate(over="ignore"):
        return np.exp(path)


def _is_variance(h: Float64Array) -> bool:
    return bool(np.isfinite(h).all() and (h > 0).all())


def _process(kind: str) -> VolatilityProcess:
    from arch.univariate import EGARCH, GARCH

    if kind == "garch":
        return GARCH(p=1, q=1)

    class StartAtLevel(EGARCH):
        """EGARCH whose first ln h is the backcast itself, not omega + b x backcast."""

        def compute_variance(self, parameters: Any, resids: Any, sigma2: Any, backcast: Any, var_bounds: Any) -> Any:
            omega, b = parameters[0], parameters[-1]
            start = (backcast - omega) / b if abs(b) > SMALLEST_PERSISTENCE else backcast
            return super().compute_variance(parameters, resids, sigma2, start, var_bounds)

    return StartAtLevel(p=1, o=1, q=1)
