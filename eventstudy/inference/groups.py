"""Do two groups of events differ?"""

from __future__ import annotations

import math

from eventstudy.inference.laws import Hypothesis
from eventstudy.records import Alternative, Float64Array, Inference

FEWEST = 2

WELCH = Hypothesis(
    name="welch_t",
    null="the two groups have the same mean cumulative abnormal return",
    distribution="t",
    source="Welch 1947",
)
RANK_SUM = Hypothesis(
    name="rank_sum",
    null="a cumulative abnormal return of one group is as likely to be above one of the other as below",
    distribution="exact",
    source="Wilcoxon 1945; Mann & Whitney 1947",
)


def welch_t(first: Float64Array, second: Float64Array, alternative: Alternative = "two-sided") -> Inference:
    """Difference of mean CAR, first less second, with unequal variances.

    Parameters
    ----------
    first, second : Float64Array
        Shapes (N1,) and (N2,), independent events, decimal returns.
    """
    n = first.size + second.size
    if min(first.size, second.size) < FEWEST:
        return WELCH.refuse(f"groups of {first.size} and {second.size} events, {FEWEST} each are needed", n)
    parts = [float(group.var(ddof=1)) / group.size for group in (first, second)]
    variance = sum(parts)
    if variance == 0:
        return WELCH.refuse("the cumulative abnormal returns do not vary within the groups", n)
    df = variance**2 / sum(part**2 / (group.size - 1) for part, group in zip(parts, (first, second), strict=True))
    difference = float(first.mean() - second.mean())
    details = [("difference", difference), ("se", math.sqrt(variance))]
    return WELCH.symmetric(difference / math.sqrt(variance), df, n, alternative, details=details)


def rank_sum(first: Float64Array, second: Float64Array, alternative: Alternative = "two-sided") -> Inference:
    """Mann-Whitney U of the first group: exact for small groups without ties, else normal with tie correction."""
    from scipy.stats import mannwhitneyu

    n = first.size + second.size
    if min(first.size, second.size) < 1:
        return RANK_SUM.refuse(f"groups of {first.size} and {second.size} events, 1 each is needed", n)
    found = mannwhitneyu(first, second, alternative=alternative)
    share = float(found.statistic) / (first.size * second.size)
    return RANK_SUM.report(float(found.statistic), float(found.pvalue), n, details=[("share_above", share)])
