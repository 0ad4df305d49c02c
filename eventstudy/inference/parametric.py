"""Tests of the mean cumulative abnormal return that treat events as independent, or correct for their correlation.

methods.md D1, D3, D4, D6-D9, D14j, D15, D20 and C6. Every function takes a ``Panel`` and returns an ``Inference``.
"""

from __future__ import annotations

import math

import numpy as np

from eventstudy.inference.laws import Hypothesis, symmetric_p
from eventstudy.inference.panel import Panel, requires
from eventstudy.inference.volatility import t_variance
from eventstudy.records import Float64Array, Inference
from eventstudy.registry.tests import TESTS

SMALLEST_INFLATION = 0.05  # of 1 + (N - 1) r̄, below which the correlation leaves nothing to divide by

CROSS_SECTIONAL = Hypothesis.of(TESTS["cross_sectional_t"])
TIME_SERIES = Hypothesis.of(TESTS["time_series_z"])
DOUBLED = Hypothesis.of(TESTS["doubled_variance_t"])
PATELL = Hypothesis.of(TESTS["patell_z"])
ADJUSTED_PATELL = Hypothesis.of(TESTS["adjusted_patell_z"])
BMP = Hypothesis.of(TESTS["bmp_t"])
ADJUSTED_BMP = Hypothesis.of(TESTS["adjusted_bmp_t"])
SKEWNESS = Hypothesis.of(TESTS["skewness_adjusted_t"])
JACKKNIFE = Hypothesis.of(TESTS["jackknife_t"])
PRECISION = Hypothesis.of(TESTS["precision_weighted_z"])
RANDOM_EFFECTS = Hypothesis.of(TESTS["random_effects_t"])


@requires(CROSS_SECTIONAL)
def cross_sectional_t(panel: Panel) -> Inference:
    """Mean CAR over its cross-sectional standard error; t(N - 1) for independent events."""
    statistic = mean_over_error(panel.car)
    return CROSS_SECTIONAL.symmetric(statistic, panel.n - 1, panel.n, panel.batch.spec.alternative)


@requires(TIME_SERIES)
def time_series_z(panel: Panel) -> Inference:
    """Mean CAR over the root of N⁻² Σ Var(CAR_i), the variances from the estimation windows."""
    statistic = float(panel.car.sum() / np.sqrt((panel.se**2).sum()))
    return TIME_SERIES.symmetric(statistic, math.inf, panel.n, panel.batch.spec.alternative)


@requires(DOUBLED)
def doubled_variance_t(panel: Panel) -> Inference:
    """t of a single event over √2: what it would be if the variance had doubled at the event; t(M - k).

    One event cannot show a rise in variance. This rejects a true null at the level or less often whatever the rise up
    to that, far less often without one, and more often beyond it. The details hold the t that takes the variance of
    the estimation window for that of the event, and its p.
    """
    if panel.n > 1:
        return DOUBLED.refuse(f"{panel.n} events, the test is of one by itself", panel.n)
    t, df, alternative = float(panel.scar[0]), float(panel.df[0]), panel.batch.spec.alternative
    details = [("t", t), ("t_p_value", symmetric_p(t, df, alternative))]
    return DOUBLED.symmetric(t / math.sqrt(2), df, panel.n, alternative, details=details)


@requires(PATELL)
def patell_z(panel: Panel) -> Inference:
    """Sum of SCAR over the root of Σ df_i / (df_i - 2)."""
    if (panel.df <= 2).any():
        return PATELL.refuse("an event has 2 or fewer degrees of freedom, its variance does not exist", panel.n)
    return PATELL.symmetric(_patell(panel), math.inf, panel.n, panel.batch.spec.alternative)


@requires(ADJUSTED_PATELL)
def adjusted_patell_z(panel: Panel) -> Inference:
    """Patell statistic over the root of 1 + (N - 1) r̄."""
    if (panel.df <= 2).any():
        return ADJUSTED_PATELL.refuse("an event has 2 or fewer degrees of freedom", panel.n)
    rbar, inflation = panel.correlation.mean, correlation_inflation(panel)
    if inflation < SMALLEST_INFLATION:
        return ADJUSTED_PATELL.refuse(_too_negative(rbar), panel.n)
    return ADJUSTED_PATELL.symmetric(
        _patell(panel) / math.sqrt(inflation),
        math.inf,
        panel.n,
        panel.batch.spec.alternative,
        details=[("rbar", rbar)],
    )


@requires(BMP)
def bmp_t(panel: Panel) -> Inference:
    """Mean SCAR over its cross-sectional standard error; t(N - 1), unmoved by a rise in variance at the event."""
    return BMP.symmetric(mean_over_error(panel.scar), panel.n - 1, panel.n, panel.batch.spec.alternative)


@requires(ADJUSTED_BMP)
def adjusted_bmp_t(panel: Panel) -> Inference:
    """BMP statistic times the root of (1 - r̄) / (1 + (N - 1) r̄)."""
    rbar, inflation = panel.correlation.mean, correlation_inflation(panel)
    if inflation < SMALLEST_INFLATION:
        return ADJUSTED_BMP.refuse(_too_negative(rbar), panel.n)
    return ADJUSTED_BMP.symmetric(
        mean_over_error(panel.scar) * math.sqrt(max(1 - rbar, 0.0) / inflation),
        panel.n - 1,
        panel.n,
        panel.batch.spec.alternative,
        details=[("rbar", rbar)],
    )


@requires(SKEWNESS)
def skewness_adjusted_t(panel: Panel) -> Inference:
    """√N (S + g S² / 3 + g² S³ / 27 + g / 6N) with S = mean / sd of CAR and g its unbiased skewness."""
    statistic, skew = skewness_adjusted(panel.car)
    return SKEWNESS.symmetric(statistic, math.inf, panel.n, panel.batch.spec.alternative, details=[("skewness", skew)])


def skewness_adjusted(values: Float64Array) -> tuple[float, float]:
    """The statistic of `skewness_adjusted_t`, and the skewness; three values or more."""
    n = values.size
    centred = values - values.mean()
    square = centred**2
    m2, m3 = square.mean(), (square * centred).mean()
    with np.errstate(invalid="ignore", divide="ignore"):
        skew = float(m3 / m2**1.5 * math.sqrt(n * (n - 1)) / (n - 2))
    s = mean_over_error(values) / math.sqrt(n)
    return math.sqrt(n) * (s + skew * s**2 / 3 + skew**2 * s**3 / 27 + skew / (6 * n)), skew


@requires(JACKKNIFE)
def jackknife_t(panel: Panel) -> Inference:
    """Mean over standard error of the jackknife pseudo-values of mean(SCAR) / sd(SCAR)."""
    n, s = panel.n, panel.scar
    rest_mean = (s.sum() - s) / (n - 1)
    centred = s - s.mean()
    # Leaving out one value takes n/(n-1) of its squared deviation from the sum of squares.
    rest_square = (centred**2).sum() - centred**2 * n / (n - 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        rest = rest_mean / np.sqrt(np.maximum(rest_square, 0.0) / (n - 2))
        pseudo = n * s.mean() / s.std(ddof=1) - (n - 1) * rest
        statistic = mean_over_error(pseudo)  # infinite where all but one event are the same
    return JACKKNIFE.symmetric(statistic, n - 1, n, panel.batch.spec.alternative)


@requires(PRECISION)
def precision_weighted_z(panel: Panel) -> Inference:
    """Mean of CAR weighted by 1 / Var(CAR_i), over its standard error."""
    weight = panel.se**-2.0
    estimate = float((weight * panel.car).sum() / weight.sum())
    return PRECISION.symmetric(
        estimate * math.sqrt(weight.sum()),
        math.inf,
        panel.n,
        panel.batch.spec.alternative,
        details=[("estimate", estimate)],
    )


@requires(RANDOM_EFFECTS)
def random_effects_t(panel: Panel) -> Inference:
    """Mean effect with weights 1 / (Var(CAR_i) + τ²), Hartung-Knapp-Sidik-Jonkman standard error; t(N - 1)."""
    tau2, q, estimate, weight = _random_effects(panel)
    error = math.sqrt(float((weight * (panel.car - estimate) ** 2).sum() / ((panel.n - 1) * weight.sum())))
    statistic = estimate / error if error > 0 else math.nan
    details = [("estimate", estimate), ("tau2", tau2), ("Q", q)]
    return RANDOM_EFFECTS.symmetric(statistic, panel.n - 1, panel.n, panel.batch.spec.alternative, details=details)


def mean_over_error(values: Float64Array) -> float:
    """Mean over sd / √N; NaN where the values do not vary."""
    spread = float(values.std(ddof=1))
    return float(values.mean()) / (spread / math.sqrt(values.size)) if spread > 0 else math.nan


def correlation_inflation(panel: Panel) -> float:
    """Variance of the mean relative to independent events: 1 + (N - 1) r̄."""
    return 1 + (panel.n - 1) * panel.correlation.mean


def _patell(panel: Panel) -> float:
    return float(panel.scar.sum() / np.sqrt(t_variance(panel.df).sum()))


def _too_negative(rbar: float) -> str:
    return (
        f"the residuals are correlated by {rbar:.3f} on average, as when the benchmark is the events' own mean: "
        "1 + (N - 1) times that is about zero or below"
    )


def _random_effects(panel: Panel) -> tuple[float, float, float, Float64Array]:
    """τ² and Q of DerSimonian-Laird, the mean effect, and the weights; shape of the last (N,)."""
    variance = panel.se**2
    fixed = 1 / variance
    fixed_mean = (fixed * panel.car).sum() / fixed.sum()
    q = float((fixed * (panel.car - fixed_mean) ** 2).sum())
    spread = float(fixed.sum() - (fixed**2).sum() / fixed.sum())
    tau2 = max(0.0, (q - (panel.n - 1)) / spread) if spread > 0 else 0.0
    weight: Float64Array = 1 / (variance + tau2)
    return tau2, q, float((weight * panel.car).sum() / weight.sum()), weight
