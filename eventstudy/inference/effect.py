"""How large an effect is, and how large it would have to be to be seen (methods.md D21 and the notes below it)."""

from __future__ import annotations

import math

from eventstudy.inference.laws import noncentral_t_cdf, t_cdf, t_quantile
from eventstudy.records import Alternative


def critical_value(df: float, alpha: float, alternative: Alternative = "two-sided") -> float:
    """Quantile that |t| (two-sided), t (greater) or -t (less) must pass at level `alpha`."""
    return t_quantile(1 - alpha / 2 if alternative == "two-sided" else 1 - alpha, df)


def confidence_interval(
    estimate: float, se: float, df: float, alpha: float, alternative: Alternative = "two-sided"
) -> tuple[float, float]:
    """Interval of the values that a level-`alpha` test does not reject.

    Returns
    -------
    tuple of float
        Unit of `estimate`; one end is infinite for a one-sided alternative.
    """
    half = critical_value(df, alpha, alternative) * se
    low = -math.inf if alternative == "less" else estimate - half
    high = math.inf if alternative == "greater" else estimate + half
    return low, high


def power_t(effect: float, se: float, df: float, alpha: float = 0.05, alternative: Alternative = "two-sided") -> float:
    """Power of the t test against a true `effect`, exact by the noncentral t."""
    critical = critical_value(df, alpha, alternative)
    shift = effect / se
    upper = noncentral_t_cdf(-critical, df, -shift)  # P(t > c), by symmetry and without cancellation
    lower = noncentral_t_cdf(-critical, df, shift)
    if alternative == "two-sided":
        return upper + lower
    return upper if alternative == "greater" else lower


def power_z(effect: float, sd: float, n: float, alpha: float = 0.05, alternative: Alternative = "two-sided") -> float:
    """Power of the z test over `n` independent events of standard deviation `sd` (MacKinlay 1997, eq. 22).

    For events on one common date use ``effective_n`` in place of `n`.
    """
    return power_t(effect, sd / math.sqrt(n), math.inf, alpha, alternative)


def mde(se: float, df: float, alpha: float = 0.05, power: float = 0.8, alternative: Alternative = "two-sided") -> float:
    """Minimum detectable effect, the usual sum of two t quantiles times `se`."""
    return (critical_value(df, alpha, alternative) + t_quantile(power, df)) * se


def mde_exact(
    se: float, df: float, alpha: float = 0.05, power: float = 0.8, alternative: Alternative = "two-sided"
) -> float:
    """Size of the true effect that a level-`alpha` t test finds with probability `power`.

    Parameters
    ----------
    se : float
        Standard error of the estimate, decimal returns.
    df : float
        Degrees of freedom; infinite for a normal law.

    Returns
    -------
    float
        Magnitude in the unit of `se`; 0 when the test rejects that often without any effect; NaN when `se` or `df`
        is not usable.
    """
    if not (math.isfinite(se) and se > 0 and df > 0):
        return math.nan
    side: Alternative = "two-sided" if alternative == "two-sided" else "greater"
    if power_t(0.0, 1.0, df, alpha, side) >= power:
        return 0.0
    low, high = 0.0, mde(1.0, df, alpha, power, side)  # above 0, since the test alone is weaker than `power`
    while power_t(high, 1.0, df, alpha, side) < power:
        low, high = high, 2 * high
    while (middle := (low + high) / 2) not in (low, high):
        if power_t(middle, 1.0, df, alpha, side) < power:
            low = middle
        else:
            high = middle
    return high * se


def equivalence_p(estimate: float, se: float, df: float, margin: float) -> float:
    """p-value of "the effect is at least `margin` in size": two one-sided tests, Schuirmann 1987.

    A small value supports "no effect larger than `margin`", with `margin` fixed in advance.
    """
    return max(t_cdf((estimate - margin) / se, df), t_cdf(-(estimate + margin) / se, df))


def effective_n(n: int, rbar: float) -> float:
    """Independent events worth as much as `n` events of mean pairwise correlation `rbar`: N / (1 + (N-1) r̄)."""
    inflation = 1 + (n - 1) * rbar
    return n / inflation if inflation > 0 else math.inf


def size_of_z(inflation: float, alpha: float = 0.05) -> float:
    """Give the true size of a nominal level-`alpha` z test whose variance is too small by the factor `inflation`."""
    return 2 * t_cdf(-critical_value(math.inf, alpha) / math.sqrt(inflation), math.inf)
