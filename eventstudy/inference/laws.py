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

from eventstudy.records import Alternative, Float64Array, Inference, Int64Array
from eventstudy.registry.tests import SignificanceTest

Details = Iterable[tuple[str, float]]
SLACK = 1e-12  # of a statistic, within which a draw equals it


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
        return self._symmetric(statistic, symmetric_p(statistic, df, alternative), df, n, details)

    def symmetric_all(
        self, statistics: Float64Array, df: Float64Array, n: Int64Array, alternative: Alternative
    ) -> list[Inference]:
        """`symmetric` of every statistic; all of shape (m,)."""
        p = symmetric_ps(statistics, df, alternative)
        found = zip(statistics.tolist(), p.tolist(), df.tolist(), n.tolist(), strict=True)
        if not (np.isfinite(statistics + p + df) & (df > 0)).all():
            return [self._symmetric(*one) for one in found]
        return [
            Inference(
                name=self.name,
                null=self.null,
                statistic=statistic,
                distribution=self.distribution,
                df=degrees,
                p_value=p_value,
                n=count,
                source=self.source,
            )
            for statistic, p_value, degrees, count in found
        ]

    def _symmetric(self, statistic: float, p_value: float, df: float, n: int, details: Details = ()) -> Inference:
        if math.isinf(df) and df > 0:
            return self._report("normal", statistic, p_value, n, None, details)
        if not df > 0:
            return self.refuse("no degrees of freedom are left", n)
        return self._report(self.distribution, statistic, p_value, n, float(df), details)

    def _report(
        self, distribution: str, statistic: float, p_value: float, n: int, df: float | None, details: Details
    ) -> Inference:
        if not (math.isfinite(statistic) and math.isfinite(p_value)):
            reason = "the statistic is not finite: its standard error is zero or unknown"
            return self._end(n, distribution, reason=reason)
        return Inference(
            name=self.name,
            null=self.null,
            statistic=float(statistic),
            distribution=distribution,
            df=df,
            p_value=float(p_value),
            n=n,
            source=self.source,
            details=tuple((name, float(value)) for name, value in details if math.isfinite(value)) if details else (),
        )

    def _end(self, n: int, distribution: str, *, reason: str) -> Inference:
        return Inference(
            name=self.name,
            null=self.null,
            statistic=None,
            distribution=distribution,
            df=None,
            p_value=None,
            n=n,
            reason=reason,
            source=self.source,
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


def exceedances(draws: Float64Array, statistic: float | Float64Array, alternative: Alternative) -> Int64Array:
    """How many `draws` are at least as extreme as `statistic`, shape of that; the last axis of `draws` is counted.

    Ties count. Sums of the same numbers in another order differ in the last bits, so equality is judged to
    1e-12 of the statistic.
    """
    observed = np.asarray(statistic)[..., None]
    slack = SLACK * np.abs(observed)
    if alternative == "two-sided":
        found = np.abs(draws) >= np.abs(observed) - slack
    else:
        found = draws >= observed - slack if alternative == "greater" else draws <= observed + slack
    counts: Int64Array = np.count_nonzero(found, axis=-1)
    return counts


def empirical_p(draws: Float64Array, statistic: float, alternative: Alternative) -> float:
    """(1 + number of draws at least as extreme) / (1 + number of draws): never zero."""
    return (1 + int(exceedances(draws, statistic, alternative))) / (1 + draws.size)
