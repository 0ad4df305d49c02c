"""Returns that are a hundred times as calm for a while, as of another unit: hundredths of a per cent for decimals.

What tells it from a market that calmed down is that no ordinary return stands between: ten days side by side with
hardly one that the ten beside them would call small, and none of them stands still. Pegs, bids and suspensions stand
still, or are not as calm. A hundred times as wild is told by the numbers themselves (`eventstudy.study.units`).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from eventstudy.records import Float64Array, Int64Array

NEAR, FAR = 10, 60  # returns on either side of a change by which it is found, and by which it is judged
SMALL = 6.0  # nearly all of the calm ten are so many times below the median of the ten beside them
RATIO_NEAR, RATIO = 20.0, 30.0  # of the medians on both sides: few numbers tell a hundred roughly
ALIVE = 0.0015  # median of the wilder side: a price that moves, no peg that gave way
CALM = 3e-4  # median of the calm side: no price that floats is as calm
STILL = 0.1  # share of returns of zero, by which the calm side may have more of them: a hundredth of a move is none
FEWEST_CALM = 4  # of a block of ten: what is examined; of a share that moves by 2 % one column in two thousand


def may_change_unit(returns: Float64Array) -> NDArray[np.bool_]:
    """Which columns of returns, shape (T, N), have to be examined: those with days as calm; shape (N,)."""
    found = np.zeros(returns.shape[1], dtype=bool)
    found[full_blocks(*true_cells((returns < CALM) & (returns > -CALM)), NEAR, FEWEST_CALM)[0]] = True
    return found


def true_cells(mask: NDArray[np.bool_]) -> tuple[Int64Array, Int64Array]:
    """Columns and rows of what is true, column by column."""
    columns, rows = np.divmod(np.flatnonzero(mask.T), len(mask))
    return columns, rows


def full_blocks(columns: Int64Array, rows: Int64Array, length: int, fewest: int) -> tuple[Int64Array, Int64Array]:
    """Columns and numbers of the blocks of `length` rows that hold `fewest` or more of the cells of `true_cells`.

    `fewest` is two at least; a block with more cells is given several times.
    """
    blocks, before = rows // length, slice(None, 1 - fewest)
    is_full = (blocks[fewest - 1 :] == blocks[before]) & (columns[fewest - 1 :] == columns[before])
    return columns[before][is_full], blocks[before][is_full]


def changes_of_unit(size: Float64Array) -> Iterator[tuple[int, int, str]]:
    """Stretches in another unit: the first return, the one after the last, and the numbers.

    Parameters
    ----------
    size : Float64Array
        Shape (n,), sizes of returns in order of time; finite.
    """
    if size.size < 2 * NEAR:
        return
    falls, rises = _falls(size), size.size - _falls(size[::-1])
    for first, end in itertools.pairwise(sorted({0, size.size, *falls.tolist(), *rises.tolist()})):
        beside = [size[max(first - FAR, 0) : first]] * (first in falls) + [size[end : end + FAR]] * (end in rises)
        if not beside:
            continue  # not a calm one
        here, there = np.concatenate([size[first:end][:FAR], size[first:end][-FAR:]]), np.concatenate(beside)
        calm, wild = float(np.median(here)), float(np.median(there))
        stands_still = np.mean(here == 0) > np.mean(there == 0) + STILL
        if calm < CALM and wild > RATIO * calm and not stands_still:
            yield first, end, f"half of these returns beyond ±{calm:.2g}, of those beside them beyond ±{wild:.2g}"


def _falls(size: Float64Array) -> Int64Array:
    """The first of the calm returns wherever wild ones end."""
    ten = sliding_window_view(size, NEAR).T
    before, after = ten[:, :-NEAR], ten[:, NEAR:]
    # a median lies between the half of the numbers below it and the largest: it is taken only where it may matter
    few = np.flatnonzero((RATIO_NEAR * after < before.max(axis=0)).sum(axis=0, dtype=np.int8) >= NEAR // 2)
    wild, calm = np.median(before[:, few], axis=0), np.median(after[:, few], axis=0)
    is_small = np.sort(after[:, few], axis=0)[-2] * SMALL < wild
    found: Int64Array = few[(wild > ALIVE) & (wild > RATIO_NEAR * calm) & is_small] + NEAR
    return found[np.diff(found, prepend=-NEAR) >= NEAR]
