"""Columns of closes in which no rule can find a doubt, told many at a time: nearly all of a large table."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eventstudy.evidence.rules import (
    EXCURSION_JUMP,
    FROZEN_RUN,
    LONGEST_EXCURSION,
    REVERSAL_JUMP,
    REVERSAL_LEFT,
    SMALL_REVERSAL,
    TENFOLD,
    TENFOLD_NEAR,
)
from eventstudy.records import Float64Array
from eventstudy.spec import Returns

SLACK = 1e-6  # relative: moves are computed from prices elsewhere, with another rounding
HIGHEST = 600.0  # sum of all moves, in logs: prices that stay finite
LARGEST = float(TENFOLD[0]) - TENFOLD_NEAR


def is_quiet(returns: Float64Array, kind: Returns) -> NDArray[np.bool_]:
    """Whether `eventstudy.evidence.rules.examine` would find no doubt in prices that make these returns.

    A column that is not quiet may still be beyond doubt; it has to be examined.

    Parameters
    ----------
    returns : Float64Array
        Shape (T, N), a column per asset, side by side in memory or not.
    kind : {"simple", "log"}
        What they are. Logarithms are taken of the few that matter: a fall is the smaller as a simple return, so a limit
        that a fall in logs has is one that no log return passes before the simple one does.

    Returns
    -------
    ndarray of bool
        Shape (N,); False where a number is missing.
    """
    size = np.abs(returns)
    with np.errstate(invalid="ignore"):
        total, largest = size.sum(axis=0), size.max(axis=0, initial=0.0)
        limit = _least(LARGEST, kind)
        is_even = (total * LARGEST / limit < HIGHEST) & (largest < (1 - SLACK) * limit)  # both false for NaN
        moves_on = np.count_nonzero(size != 0.0, axis=0) > len(size) - (FROZEN_RUN - 1)
        reversal = _largest_reversal(returns, kind)
        # a small one tells only of a series half of whose moves are a small part of it
        small = (1 + SLACK) * reversal / (1.4826 * SMALL_REVERSAL[1])
        is_usual = 2 * np.count_nonzero(size < (small if kind == "log" else np.expm1(small)), axis=0) < len(size)
        turns = (reversal > (1 - SLACK) * REVERSAL_JUMP) | ((reversal > 0.0) & ~is_usual)
    return np.asarray(is_even & moves_on & ~turns & ~_may_come_back(returns, size, kind))


def _least(move: float, kind: Returns) -> float:
    """Size that no return of `kind` is below whose logarithm is `move` or more."""
    return move if kind == "log" else -float(np.expm1(-move))


def _logs(returns: Float64Array, kind: Returns) -> Float64Array:
    with np.errstate(invalid="ignore", divide="ignore"):  # -100 %, which is not quiet anyhow
        return returns if kind == "log" else np.log1p(returns)


def _largest_reversal(returns: Float64Array, kind: Returns) -> Float64Array:
    """Largest log move, of those that count, that the next one takes back; shape (N,), 0 for none."""
    fewest = (1 - SLACK) * SMALL_REVERSAL[0]
    product = _least(fewest, kind) * _least((1 - (1 + SLACK) * REVERSAL_LEFT) * fewest, kind)
    columns, rows = np.divmod(np.flatnonzero((returns[1:] * returns[:-1]).T <= -(1 - SLACK) * product), len(returns) - 1)
    there, back = _logs(returns[rows, columns], kind), _logs(returns[rows + 1, columns], kind)
    size = np.abs(there)
    is_back = (size > fewest) & (np.abs(there + back) <= (1 + SLACK) * REVERSAL_LEFT * size)
    out = np.zeros(returns.shape[1])
    np.maximum.at(out, columns[is_back], size[is_back])
    return out


def _may_come_back(returns: Float64Array, size: Float64Array, kind: Returns) -> NDArray[np.bool_]:
    """Columns with two large moves in opposite directions, near each other; shape (N,)."""
    least = (1 - SLACK) * EXCURSION_JUMP
    columns, rows = np.divmod(np.flatnonzero((size > (1 - SLACK) * _least(least, kind)).T), len(returns))
    moves = _logs(returns[rows, columns], kind)
    is_large = np.abs(moves) > least
    columns, rows, signs = columns[is_large], rows[is_large], moves[is_large] > 0
    is_pair = (np.diff(columns) == 0) & (np.diff(rows) <= LONGEST_EXCURSION) & (signs[1:] != signs[:-1])
    out = np.zeros(returns.shape[1], dtype=bool)
    out[columns[1:][is_pair]] = True
    return out
