"""Columns of closes in which no rule can find a doubt, told many at a time: nearly all of a large table."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eventstudy.evidence.rules import REVERSAL_JUMP, REVERSAL_LEFT, SMALL_REVERSAL, STALE_RUN, TENFOLD, TENFOLD_NEAR
from eventstudy.records import Float64Array

SLACK = 1e-6  # relative: moves are computed from prices elsewhere, with another rounding
HIGHEST = 600.0  # sum of all moves, in logs: prices that stay finite


def is_quiet(moves: Float64Array) -> NDArray[np.bool_]:
    """Whether `eventstudy.evidence.rules.examine` would find no doubt in prices that make these moves.

    A column that is not quiet may still be beyond doubt; it has to be examined.

    Parameters
    ----------
    moves : Float64Array
        Shape (T, N): log returns, a column per asset, side by side in memory or not.

    Returns
    -------
    ndarray of bool
        Shape (N,); False where a number is missing.
    """
    size = np.abs(moves)
    with np.errstate(invalid="ignore"):
        total, largest = size.sum(axis=0), size.max(axis=0, initial=0.0)
        is_even = (total < HIGHEST) & (largest < (1 - SLACK) * (TENFOLD[0] - TENFOLD_NEAR))  # both false for NaN
        moves_on = np.count_nonzero(size, axis=0) > len(moves) - (STALE_RUN - 1)
        there, back = moves[:-1], moves[1:]
        is_back = np.abs(there + back) <= (1 + SLACK) * REVERSAL_LEFT * size[:-1]
        reversal = np.where(is_back & (size[:-1] > (1 - SLACK) * SMALL_REVERSAL[0]), size[:-1], 0.0)
        reversal = reversal.max(axis=0, initial=0.0)
        # a small one tells only of a series half of whose moves are a small part of it
        small = (1 + SLACK) * reversal / (1.4826 * SMALL_REVERSAL[1])
        is_usual = 2 * np.count_nonzero(size < small, axis=0) < len(moves)
        turns = (reversal > (1 - SLACK) * REVERSAL_JUMP) | ((reversal > 0.0) & ~is_usual)
    return np.asarray(is_even & moves_on & ~turns)
