"""Wilcoxon's signed-rank test of cumulative abnormal returns and the estimate that belongs to it (methods.md D10w)."""

from __future__ import annotations

import math

import numpy as np

from eventstudy.inference.laws import Hypothesis
from eventstudy.inference.panel import Panel, requires
from eventstudy.records import Alternative, Float64Array, Inference, Int64Array
from eventstudy.registry.tests import TESTS

WILCOXON_EXACT = 50  # events up to which the law of the signed-rank sum is enumerated
WALSH_DIRECT = 1000  # events up to which all pairwise means are listed
WALSH_LISTED = 4  # pairwise means per event that are listed at the end

WILCOXON = Hypothesis.of(TESTS["wilcoxon"])


@requires(WILCOXON)
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

    Above 1,000 values the middle is first enclosed, by counting the pairs on either side of a candidate in
    O(N log N), until the pairs left are few enough to be listed.
    """
    n = values.size
    if n == 0:
        return math.nan
    ordered = np.sort(values)
    if n <= WALSH_DIRECT:
        first, second = np.triu_indices(n)
        return float(np.median((ordered[first] + ordered[second]) / 2))
    pairs = n * (n + 1) // 2
    return _middle_pairs(ordered, (pairs + 1) // 2, pairs // 2 + 1)


def _middle_pairs(ordered: Float64Array, low_rank: int, high_rank: int) -> float:
    """Mean of the means of pairs of `ordered` that have these two ranks, from 1, among all."""
    index = np.arange(ordered.size)

    def upto(candidate: float) -> Int64Array:
        """Per value, the first later one that would make a pair above `candidate`."""
        return np.maximum(np.searchsorted(ordered, 2 * candidate - ordered, side="right"), index)

    low, high = float(ordered[0]), float(ordered[-1])
    # it lies near the median; where it does not, the two guesses are lost
    quarter, half, three = np.quantile(ordered, (0.25, 0.5, 0.75)).tolist()
    near = 3.0 * (three - quarter) / math.sqrt(ordered.size)
    guesses, is_narrow = [half + near, half - near], False
    under, over = index, np.full(ordered.size, ordered.size)
    below, within, split = 0, int((over - under).sum()), index
    while within > WALSH_LISTED * ordered.size:
        if not guesses and not is_narrow:
            # so near each other the counts lie on a line, on both sides of which these fall
            shares = ((low_rank - below + side * ordered.size) / within for side in (1, -1))
            guesses, is_narrow = [low + share * (high - low) for share in shares], True
        is_guess = bool(guesses)
        middle = guesses.pop() if is_guess else low + (high - low) / 2
        if not low < middle < high:
            if is_guess:
                continue
            break
        split = upto(middle)
        at_most = int((split - index).sum())
        if at_most >= high_rank:
            high, over = middle, split
        elif at_most < low_rank:
            low, under, below = middle, split, at_most
        else:
            return _means_beside(ordered, split)
        within = int((over - under).sum())
    counts = over - under
    rows = np.repeat(index, counts)
    columns = np.arange(rows.size) - np.repeat(np.cumsum(counts) - counts, counts) + under[rows]
    wanted = [low_rank - below - 1, high_rank - below - 1]
    return float(np.partition((ordered[rows] + ordered[columns]) / 2, wanted)[wanted].mean())


def _means_beside(ordered: Float64Array, split: Int64Array) -> float:
    """Mean of the largest mean of a pair before `split`, and of the smallest one from it on."""
    before, after = split > np.arange(ordered.size), split < ordered.size
    last = (ordered[before] + ordered[split[before] - 1]).max()
    return float((last + (ordered[after] + ordered[split[after]]).min()) / 4)


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
