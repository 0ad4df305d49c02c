"""What is stored of an event is computed by statsmodels, and held against the batch kernel.

Every fit of a service pass goes this way: least squares and Huber by statsmodels, Theil-Sen by scipy, GARCH by `arch`.
The kernel of `eventstudy.models` serves placebo days and studies of very many events; where both have estimated the
same event, they must agree, or the event fails.
"""

from __future__ import annotations

import math
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eventstudy.errors import NumbersDisagree
from eventstudy.models.least_squares import with_intercept
from eventstudy.models.robust import HUBER_C
from eventstudy.records import Fit, Float64Array, Int64Array, Sample, StudySpec
from eventstudy.registry import load
from eventstudy.registry.models import MODELS
from eventstudy.study.samples import Samples

LEAST, SHARE = 10, 0.01  # how many fits of a study in bulk are computed twice

Solution = tuple[Float64Array, Float64Array, float, Float64Array]  # coefficients, (X'X)^-1, s², residuals


@dataclass(frozen=True, slots=True, kw_only=True)
class Regression:
    """The least squares problem of n events.

    Attributes
    ----------
    y : Float64Array
        Shape (n, M), NaN = missing.
    x : Float64Array
        Shape (n, M, k), the intercept first.
    scale : Float64Array or None
        Shape (n, M), what both were divided by, where days weigh differently.
    """

    y: Float64Array
    x: Float64Array
    scale: Float64Array | None = None

    @property
    def present(self) -> NDArray[np.bool_]:
        """Days on which nothing is missing; shape (n, M)."""
        both: NDArray[np.bool_] = np.isfinite(self.y) & np.isfinite(self.x).all(axis=2)
        return both


def regression(sample: Sample, spec: StudySpec) -> Regression:
    """The regression of the estimation window that the model of `spec` rests on.

    Where nothing is estimated in the mean, the difference from what is expected is regressed on a constant.
    """
    est, model = sample.columns(sample.estimation), spec.model
    y, x = sample.y[:, est], sample.x[:, est]
    if model == "comparison-mean":
        mirror = (sample.tau >= -sample.estimation.end) & (sample.tau <= -sample.estimation.start)
        y = np.concatenate([y, sample.y[:, mirror & (sample.tau > sample.event_window.end)]], axis=1)
    if model in ("constant-mean", "comparison-mean"):
        return Regression(y=y, x=np.ones((*y.shape, 1)))
    if model == "trade-to-trade":
        span = np.ones_like(y) if sample.span is None else sample.span[:, est]
        root = np.sqrt(np.where(span >= 1, span, np.nan))
        return Regression(y=y / root, x=np.stack([root, x[:, :, 0] / root], axis=2), scale=root)
    if MODELS[model].regressors == "factors":
        return Regression(y=y, x=with_intercept(x))
    market = _mean(x) if model == "peer" else x[:, :, 0]
    if model == "market-adjusted" or (model == "peer" and spec.variant != "regression"):
        return Regression(y=y - market, x=np.ones((*y.shape, 1)))
    if model == "dimson":
        return Regression(y=y, x=with_intercept(_neighbours(sample, spec)))
    return Regression(y=y, x=with_intercept(market[:, :, None]))


def estimate(sample: Sample, spec: StudySpec, kernel: Fit) -> Fit:
    """`kernel` with the estimates and predictions of statsmodels, scipy or `arch` in place of its own.

    Parameters
    ----------
    kernel : Fit
        What the batch kernel found of `sample`. Events that it has a reason for are left as they are.
    """
    if not has_second(spec.model):
        return kernel
    problem = regression(sample, spec)
    present, k = problem.present, kernel.theta.shape[1]
    theta, gram, s2 = kernel.theta.copy(), kernel.gram_inverse.copy(), kernel.s2.copy()
    expected, residuals, r_squared = kernel.expected.copy(), np.array(kernel.residuals), kernel.r_squared.copy()
    width = residuals.shape[1]
    solved: dict[bytes, tuple[Solution, float]] = {}  # announcements of one session have one problem
    for i in (i for i, reason in enumerate(kernel.reasons) if reason is None):
        days, same = present[i], problem.y[i].tobytes() + problem.x[i].tobytes()
        if same not in solved:
            solved[same] = _solve(spec.model, problem.y[i], problem.x[i], days)
        found, share = solved[same]
        s2[i] = found[2]
        if not k:
            continue
        theta[i], gram[i] = found[:2]
        expected[i] = kernel.design[i] @ theta[i]
        left = np.full(days.size, np.nan)
        left[days] = found[3] if problem.scale is None else found[3] * problem.scale[i, days]
        residuals[i] = left[:width]
        if np.isfinite(r_squared[i]) and problem.scale is None:
            r_squared[i] = share
    return replace(
        kernel, theta=theta, gram_inverse=gram, s2=s2, expected=expected, residuals=residuals, r_squared=r_squared
    )


def second(sample: Sample, spec: StudySpec, kernel: Fit) -> Fit:
    """What a stored fit is held against: the kernel, with the variances of a volatility model followed anew.

    `arch` is the one implementation that there is of the search for a likelihood's maximum; what its estimates mean,
    day by day, is computed here from the definition (methods.md B6).
    """
    if not MODELS[spec.model].is_volatility:
        return kernel
    problem, base = regression(sample, spec), kernel.base.copy()
    days = sample.tau[sample.columns(sample.estimation)]
    for i in (i for i, reason in enumerate(kernel.reasons) if reason is None):
        present = problem.present[i]
        y, x = problem.y[i, present], problem.x[i, present]
        start = float(np.mean(np.square(_ols(y, x)[2])))
        errors = y - x @ kernel.theta[i, :2]
        steps = sample.tau[sample.columns(sample.event_window)] - days[present][-1]
        with np.errstate(over="ignore", invalid="ignore"):
            path = _variances(spec.model, kernel.theta[i, 2:].tolist(), errors.tolist(), start, steps)
        base[i] = path / kernel.s2[i]
    return replace(kernel, base=base)


def _variances(
    model: str, parameters: list[float], errors: list[float], start: float, steps: Int64Array
) -> Float64Array:
    """Forecast variance of every step after the last of the `errors`, from the recursion of the model."""
    omega, a, *asymmetry, b = parameters
    h, path = start, []
    if model == "garch":
        before = start
        for error in errors:
            h = omega + a * before + b * h
            before = error**2
        h = omega + a * before + b * h
        for _ in range(int(steps[-1])):
            path.append(h)
            h = omega + (a + b) * h
    else:
        log_h = math.log(start)
        for error in errors:
            z = error * np.exp(-0.5 * log_h)
            log_h = omega + a * (abs(z) - math.sqrt(2.0 / math.pi)) + asymmetry[0] * z + b * log_h
        for _ in range(int(steps[-1])):
            path.append(np.exp(log_h))
            log_h = omega + b * log_h
    return np.array(path)[steps - 1]


def disagreements(subjects: tuple[str, ...], kernel: Fit, stored: Fit) -> list[NumbersDisagree | None]:
    """Where two fits of the same events differ by more than the tolerance of their model; None where they agree.

    Parameters
    ----------
    subjects : tuple of str
        Length n, what an error names.
    """
    tolerance = MODELS[stored.model].tolerance
    n = stored.s2.size
    s2 = stored.s2[:, None]
    deviation = np.sqrt(np.einsum("nkk->nk", stored.gram_inverse) * s2)
    root = np.sqrt(np.einsum("nkk->nk", stored.gram_inverse))
    names = [f"the coefficient {name}" for name in stored.names]
    pairs = [
        *zip(names, kernel.theta.T, stored.theta.T, deviation.T, strict=True),
        ("the residual variance", kernel.s2, stored.s2, stored.s2 * np.sqrt(2.0 / stored.df)),
    ]
    for j in range(root.shape[1]):
        for m in range(j + 1):
            what = f"the covariance of {stored.names[j]} and {stored.names[m]}, unscaled"
            pairs.append((what, kernel.gram_inverse[:, j, m], stored.gram_inverse[:, j, m], root[:, j] * root[:, m]))
    tau = range(stored.expected.shape[1])
    errors = np.sqrt(stored.base * s2)
    pairs += [
        (
            f"the expected return on day {t + 1} of the event window",
            kernel.expected[:, t],
            stored.expected[:, t],
            errors[:, t],
        )
        for t in tau
    ]
    if MODELS[stored.model].is_volatility:
        none = np.zeros(n)
        pairs += [
            (f"the variance on day {t + 1} of the event window", kernel.base[:, t], stored.base[:, t], none)
            for t in tau
        ]
    out: list[NumbersDisagree | None] = [None] * n
    for what, ours, theirs, error in pairs:
        with np.errstate(invalid="ignore"):
            far = np.abs(ours - theirs) > tolerance * np.maximum(np.abs(theirs), error)
        far |= np.isfinite(ours) != np.isfinite(theirs)
        for i in np.flatnonzero(far).tolist():
            out[i] = out[i] or NumbersDisagree(subjects[i], what, float(theirs[i]), float(ours[i]))
    return out


def check_in_bulk(samples: Samples, spec: StudySpec, fit: Fit) -> str:
    """Compute a seeded hundredth of the fits of a study a second time, by statsmodels; say how many.

    Parameters
    ----------
    fit : Fit
        What the batch kernel found of all rows of `samples`.

    Raises
    ------
    NumbersDisagree
        The first fit that differs.
    """
    usable = np.flatnonzero([reason is None for reason in fit.reasons])
    wanted = min(usable.size, max(LEAST, int(np.ceil(SHARE * usable.size))))
    chosen = np.sort(np.random.default_rng(spec.seed).choice(usable, wanted, replace=False))
    for start in range(0, chosen.size, samples.chunk):
        rows = chosen[start : start + samples.chunk]
        sample = samples.sample(rows)
        kernel = MODELS[spec.model](sample, spec)
        held = {name: getattr(fit, name)[rows] for name in ("theta", "gram_inverse", "s2", "expected")}
        subjects = tuple(f"{samples.event_ids[i]}, {samples.assets[i]}" for i in rows.tolist())
        for found in disagreements(
            subjects, replace(second(sample, spec, kernel), **held), estimate(sample, spec, kernel)
        ):
            if found is not None:
                raise found
    return f"{wanted} of {usable.size} fits were computed a second time, by statsmodels, and agree"


def has_second(name: str) -> bool:
    """Whether another implementation than the kernel's can estimate the model.

    There is no other of a volatility model than that of `arch`, which the kernel calls; and of another distribution's
    model that is not least squares only where it brings one.
    """
    model = MODELS[name]
    is_ours = any(model is own for own in MODELS.ours)
    return not model.is_volatility and (is_ours or model.is_least_squares or bool(model.line))


def _solve(model: str, y: Float64Array, x: Float64Array, days: NDArray[np.bool_]) -> tuple[Solution, float]:
    """One event: its solution, and the share of variance that ordinary least squares explains."""
    own, used = (y, x) if days.all() else (y[days], x[days])
    gram, theta, residuals = _least_squares(own, used)
    line: Line | None = load(MODELS[model].line) if MODELS[model].line else None
    if line is not None:
        theta, own_gram = line(y, x, days)
        gram, residuals = gram if own_gram is None else own_gram, own - used @ theta
    ssr = float(residuals @ residuals)
    total = own - own.sum() / own.size
    return (theta, gram, ssr / (own.size - theta.size), residuals), 1.0 - ssr / float(total @ total)


def _least_squares(y: Float64Array, x: Float64Array) -> tuple[Float64Array, Float64Array, Float64Array]:
    """(X'X)^-1, coefficients and residuals by statsmodels' OLS; where k > 2 the first column of `x` is 1.

    statsmodels loses digits where columns of very different size, or far from zero, stand side by side. So several
    regressors go in about their means and in their deviations, which is undone afterwards.
    """
    if x.shape[1] <= 2:
        return _ols(y, x)
    mean, deviation = x[:, 1:].mean(axis=0), x[:, 1:].std(axis=0)
    gram, scaled, residuals = _ols(y - y.mean(), np.column_stack([x[:, 0], (x[:, 1:] - mean) / deviation]))
    back = np.diag(np.concatenate([[1.0], 1.0 / deviation]))
    back[0, 1:] = -mean / deviation
    theta = back @ scaled
    theta[0] += y.mean()
    return back @ gram @ back.T, theta, residuals


def _ols(y: Float64Array, x: Float64Array) -> tuple[Float64Array, Float64Array, Float64Array]:
    """The same of a regression as it stands."""
    model = _models.of(y, x)
    theta = np.asarray(model.fit().params)
    # not from the results, which look for labels of pandas in whatever they are asked, for as long as the fit takes
    return np.asarray(model.normalized_cov_params), theta, y - np.asarray(model.predict(theta))


class _Models(threading.local):
    """A model of statsmodels for each shape: to make one takes as long as to fit it, and `fit` keeps nothing of before.

    One for each thread, since what is fitted stands in the model.
    """

    def __init__(self) -> None:
        self._made: dict[tuple[int, ...], Any] = {}

    def of(self, y: Float64Array, x: Float64Array) -> Any:
        """The least squares model of `y` on `x`."""
        from statsmodels.regression.linear_model import OLS

        if x.shape not in self._made:
            # whether there is a constant bears on its R² and F alone, which are not read: it need not look for one
            self._made[x.shape] = OLS(y, x, missing="none", hasconst=False)
        model = self._made[x.shape]
        model.endog = model.wendog = y
        model.exog = model.wexog = x
        return model


_models = _Models()


def huber(y: Float64Array, x: Float64Array, days: NDArray[np.bool_]) -> tuple[Float64Array, None]:
    """Huber's line by statsmodels; its covariance is that of least squares."""
    from statsmodels.robust.norms import HuberT
    from statsmodels.robust.robust_linear_model import RLM

    with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):  # of a scale that reaches zero
        fit = RLM(y[days], x[days], M=HuberT(HUBER_C), missing="none").fit()
    return np.asarray(fit.params), None


def theil_sen(y: Float64Array, x: Float64Array, days: NDArray[np.bool_]) -> tuple[Float64Array, None]:
    """The line of Theil and Sen by scipy; its covariance is that of least squares."""
    from scipy.stats import theilslopes

    found = theilslopes(y[days], x[days, 1])
    return np.array([found.intercept, found.slope]), None


def scholes_williams(y: Float64Array, x: Float64Array, _days: NDArray[np.bool_]) -> tuple[Float64Array, Float64Array]:
    """Three regressions, on the benchmark of the day before, the day itself and the day after, of the interior days."""
    market = x[:, 1]
    three = np.column_stack([market[:-2], market[1:-1], market[2:]])
    inside = np.isfinite(y[1:-1]) & np.isfinite(three).all(axis=1)
    own, three = y[1:-1][inside], three[inside]
    ones = np.ones(own.size)
    slopes = [float(_ols(own, np.column_stack([ones, regressor]))[1][1]) for regressor in three.T]
    beta = sum(slopes) / (1.0 + 2.0 * float(np.corrcoef(three[:, 0], three[:, 1])[0, 1]))
    mean = float(three[:, 1].mean())
    instrument = three.sum(axis=1) - three.sum(axis=1).mean()
    slope = float(instrument @ instrument) / float(instrument @ (three[:, 1] - mean)) ** 2
    theta = np.array([float(own.mean()) - beta * mean, beta])
    return theta, np.array([[1.0 / own.size + mean**2 * slope, -mean * slope], [-mean * slope, slope]])


Line = Callable[[Float64Array, Float64Array, NDArray[np.bool_]], tuple[Float64Array, Float64Array | None]]


def _mean(peers: Float64Array) -> Float64Array:
    """Mean of the peers that have a return, shape (n, M)."""
    present = np.isfinite(peers)
    with np.errstate(invalid="ignore"):
        mean: Float64Array = np.where(present, peers, 0.0).sum(axis=2) / present.sum(axis=2)
    return mean


def _neighbours(sample: Sample, spec: StudySpec) -> Float64Array:
    """Benchmark of `lags` days before to `leads` days after each estimation day, NaN beyond the sample."""
    market, first = sample.x[:, :, 0], spec.estimation.start - int(sample.tau[0])
    index = first + np.arange(spec.estimation.length)[:, None] + np.arange(-spec.lags, spec.leads + 1)
    inside = (index >= 0) & (index < sample.tau.size)
    return np.where(inside, market[:, np.clip(index, 0, sample.tau.size - 1)], np.nan)
