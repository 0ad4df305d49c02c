"""Reference laws of the tests, and the two ways a test can end: with a number, or with a reason.

The one module of the package that calls ``scipy.special``. Every p-value is a survival function, never one minus
a distribution function, so that far tails keep their digits.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from scipy import special

from eventstudy.records import Alternative, Float64Array, Inference
from eventstudy.registry.tests import SignificanceTest

Details = Iterable[tuple[str, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """What a test says before it has seen data.

    Attributes
    ----------
    name : str
        Contract name, design 8.1.
    null : str
        The null hypothesis in a sentence.
    distribution : str
        Law of the statistic under the null; ``t`` becomes ``normal`` where df is infinite.
    source : str
        Citation.
    fewest : int
        Events without which the test has no number.
    """

    name: str
    null: str
    distribution: str
    source: str
    fewest: int = 1

    @classmethod
    def of(cls, test: SignificanceTest) -> Hypothesis:
        """What a registered test says."""
        return cls(name=test.name, null=test.null, distribution=test.law, source=test.source, fewest=test.fewest)

    def refuse(self, reason: str, n: int) -> Inference:
        """End the test without a number, for `reason`."""
        return self._end(n, self.distribution, reason=reason)

    def report(
        self, statistic: float, p_value: float, n: int, *, df: float | None = None, details: Details = ()
    ) -> Inference:
        """End the test with `statistic` and `p_value`; a value that is not finite becomes a reason."""
        return self._report(self.distribution, statistic, p_value, n, df, details)

    def symmetric(
        self, statistic: float, df: float, n: int, alternative: Alternative, *, details: Details = ()
    ) -> Inference:
        """Judge a statistic that is t with `df` degrees of freedom under the null, normal where `df` is infinite."""
        if math.isnan(df) or df <= 0:
            return self.refuse("no degrees of freedom are left", n)
        p = symmetric_p(statistic, df, alternative)
        if math.isinf(df):
            return self._report("normal", statistic, p, n, None, details)
        return self._report(self.distribution, statistic, p, n, float(df), details)

    def _report(
        self, distribution: str, statistic: float, p_value: float, n: int, df: float | None, details: Details
    ) -> Inference:
        if not (math.isfinite(statistic) and math.isfinite(p_value)):
            reason = "the statistic is not finite: its standard error is zero or unknown"
            return self._end(n, distribution, reason=reason)
        kept = tuple((name, float(value)) for name, value in details if math.isfinite(value)) if details else ()
        return self._end(n, distribution, statistic=float(statistic), p_value=float(p_value), df=df, details=kept)

    def _end(
        self,
        n: int,
        distribution: str,
        *,
        statistic: float | None = None,
        p_value: float | None = None,
        df: float | None = None,
        reason: str | None = None,
        details: tuple[tuple[str, float], ...] = (),
    ) -> Inference:
        return Inference(
            name=self.name,
            null=self.null,
            statistic=statistic,
            distribution=distribution,
            df=df,
            p_value=p_value,
            n=n,
            reason=reason,
            source=self.source,
            details=details,
        )


def symmetric_p(statistic: float, df: float, alternative: Alternative) -> float:
    """p-value of a t statistic; `df` infinite means normal."""
    if alternative == "two-sided":
        return min(1.0, 2.0 * t_cdf(-abs(statistic), df))
    return t_cdf(-statistic if alternative == "greater" else statistic, df)


def symmetric_ps(statistics: Float64Array, df: Float64Array, alternative: Alternative) -> Float64Array:
    """`symmetric_p` of arrays that broadcast; NaN where a statistic is."""
    if alternative == "two-sided":
        return np.minimum(1.0, 2.0 * t_cdfs(-np.abs(statistics), df))
    return t_cdfs(-statistics if alternative == "greater" else statistics, df)


def t_cdf(value: float, df: float) -> float:
    """Distribution function of t(df), or of the normal law where `df` is infinite."""
    return float(special.ndtr(value) if math.isinf(df) else special.stdtr(df, value))


def t_cdfs(values: Float64Array, df: Float64Array) -> Float64Array:
    """`t_cdf` of arrays that broadcast."""
    found: Float64Array = np.where(np.isinf(df), special.ndtr(values), special.stdtr(df, values))
    return found


@functools.lru_cache(maxsize=1024)  # the events of a study have few degrees of freedom
def t_quantile(probability: float, df: float) -> float:
    """Quantile of t(df), or of the normal law where `df` is infinite."""
    return float(special.ndtri(probability) if math.isinf(df) else special.stdtrit(df, probability))


def noncentral_t_cdf(value: float, df: float, noncentrality: float) -> float:
    """Distribution function of the noncentral t; normal with unit variance where `df` is infinite."""
    if math.isinf(df):
        return float(special.ndtr(value - noncentrality))
    found = float(special.nctdtr(df, noncentrality, value))
    # The series behind nctdtr gives NaN where the smaller tail is below about 1e-16.
    return float(value > noncentrality) if math.isnan(found) else found


def f_sf(value: float, df_numerator: float, df_denominator: float) -> float:
    """Survival function of F; a scaled chi-squared where `df_denominator` is infinite."""
    if math.isinf(df_denominator):
        return float(special.chdtrc(df_numerator, df_numerator * value))
    return float(special.fdtrc(df_numerator, df_denominator, value))


def mean_log_f(df_denominator: Float64Array) -> Float64Array:
    """Expectation of ln F for F(1, df): ψ(1/2) + ln 2 - ψ(df/2) + ln(df/2); the last two vanish as df grows."""
    half = df_denominator / 2
    with np.errstate(invalid="ignore"):
        rest = np.where(np.isinf(half), 0.0, np.log(half) - special.digamma(half))
    expectation: Float64Array = special.digamma(0.5) + math.log(2) + rest
    return expectation


def binomial_half_p(successes: int, n: int, alternative: Alternative) -> float:
    """Exact p-value of `successes` out of `n` fair coin tosses."""
    at_least = float(special.bdtrc(successes - 1, n, 0.5)) if successes > 0 else 1.0
    at_most = float(special.bdtr(successes, n, 0.5))
    if alternative == "two-sided":
        return min(1.0, 2.0 * min(at_least, at_most))
    return at_least if alternative == "greater" else at_most


def exceedances(draws: Float64Array, statistic: float, alternative: Alternative) -> int:
    """How many `draws` are at least as extreme as `statistic`.

    Ties count. Sums of the same numbers in another order differ in the last bits, so equality is judged to
    1e-12 of the statistic.
    """
    slack = 1e-12 * abs(statistic)
    if alternative == "two-sided":
        return int(np.count_nonzero(np.abs(draws) >= abs(statistic) - slack))
    if alternative == "greater":
        return int(np.count_nonzero(draws >= statistic - slack))
    return int(np.count_nonzero(draws <= statistic + slack))


def empirical_ps(draws: Float64Array, statistics: Float64Array) -> Float64Array:
    """`empirical_p` of many statistics (none negative) against draws at least as large, in their shape."""
    counts = (draws >= (statistics - 1e-12 * statistics)[:, None]).sum(axis=1)
    found: Float64Array = (1 + counts) / (1 + draws.size)
    return found


def empirical_p(draws: Float64Array, statistic: float, alternative: Alternative) -> float:
    """(1 + number of draws at least as extreme) / (1 + number of draws): never zero."""
    return (1 + exceedances(draws, statistic, alternative)) / (1 + draws.size)
