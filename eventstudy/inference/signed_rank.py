"""Wilcoxon's signed-rank test of cumulative abnormal returns and the estimate that belongs to it (methods.md D10w)."""

from __future__ import annotations

import math

import numpy as np

from eventstudy.inference.laws import Hypothesis
from eventstudy.inference.panel import Panel, requires
from eventstudy.records import Alternative, Float64Array, Inference

WILCOXON_EXACT = 50  # events up to which the law of the signed-rank sum is enumerated
WALSH_DIRECT = 1000  # events up to which all pairwise means are listed

WILCOXON = Hypothesis(
    name="wilcoxon",
    null="cumulative abnormal returns are symmetric about zero",
    distribution="exact",
    source="Wilcoxon 1945",
)


@requires(WILCOXON, events=1)
def wilcoxon(panel: Panel) -> Inference:
    """Signed-rank test of CAR: exact up to 50 events without ties, else normal with tie correction.

    The statistic is the standardised W⁺ either way. Zeros are dropped.
    """
    values = panel.car[panel.car != 0]
    n = values.size
    if n == 0:
        return WILCOXON.refuse("every cumulative abnormal return is zero", 0)
    magnitude, place, ties = np.unique(np.abs(values), return_inverse=True, return_counts=True)
    ranks = (np.cumsum(ties) - (ties - 1) / 2)[place]
    w = float(ranks[values > 0].sum())
    variance = n * (n + 1) * (2 * n + 1) / 24 - float((ties**3 - ties).sum()) / 48
    z = (w - n * (n + 1) / 4) / math.sqrt(variance)
    alternative = panel.batch.spec.alternative
    normal = WILCOXON.symmetric(z, math.inf, n, alternative)
    details = [("W", w), ("p_normal", normal.p_value or 0.0), ("hodges_lehmann", hodges_lehmann(panel.car))]
    if n > WILCOXON_EXACT or magnitude.size < n:
        return WILCOXON.symmetric(z, math.inf, n, alternative, details=details)
    return WILCOXON.report(z, _signed_rank_p(int(w), n, alternative), n, details=details)


def hodges_lehmann(values: Float64Array) -> float:
    """Median of the means of all pairs of values, each with itself included (Hodges & Lehmann 1963).

    Above 1,000 values it is found by bisection on the number of pairs below a candidate, in O(N log N) per step.
    """
    n = values.size
    if n == 0:
        return math.nan
    ordered = np.sort(values)
    if n <= WALSH_DIRECT:
        first, second = np.triu_indices(n)
        return float(np.median((ordered[first] + ordered[second]) / 2))
    pairs = n * (n + 1) // 2
    middle = {(pairs + 1) // 2, pairs // 2 + 1}
    return sum(_walsh_at(ordered, k) for k in middle) / len(middle)


def _walsh_at(ordered: Float64Array, k: int) -> float:
    """Find the k-th smallest of the means of pairs of `ordered`, to 1e-15 of the largest value."""
    low, high = float(ordered[0]), float(ordered[-1])
    index = np.arange(ordered.size)
    tolerance = 1e-15 * max(abs(low), abs(high))
    while high - low > tolerance:
        middle = low + (high - low) / 2
        upto = np.searchsorted(ordered, 2 * middle - ordered, side="right")
        if int(np.maximum(upto - index, 0).sum()) >= k:
            high = middle
        else:
            low = middle
    return high


def _signed_rank_p(w: int, n: int, alternative: Alternative) -> float:
    """Exact tail probability of the signed-rank sum, by counting the subsets of 1..n with each sum."""
    ways = np.zeros(n * (n + 1) // 2 + 1)
    ways[0] = 1
    for rank in range(1, n + 1):
        ways[rank:] = ways[rank:] + ways[:-rank]
    at_most, at_least = float(ways[: w + 1].sum() / 2.0**n), float(ways[w:].sum() / 2.0**n)
    if alternative == "two-sided":
        return min(1.0, 2 * min(at_most, at_least))
    return at_least if alternative == "greater" else at_most
