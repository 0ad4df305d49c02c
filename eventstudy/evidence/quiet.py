"""Columns of closes in which no rule can find a doubt, told many at a time: nearly all of a large table."""

from __future__ import annotations

from typing import TypeVar

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
from eventstudy.evidence.scale import true_cells
from eventstudy.records import Float64Array, Int64Array
from eventstudy.spec import Returns

SLACK = 1e-6  # relative: moves are computed from prices elsewhere, with another rounding
HIGHEST = 600.0  # sum of all moves, in logs: prices that stay finite
LARGEST = float(TENFOLD[0]) - TENFOLD_NEAR

Size = TypeVar("Size", float, Float64Array)


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
        moves_on = size.min(axis=0, initial=1.0) > 0.0
        if not moves_on.all():
            moves_on = _counts(size == 0.0) < FROZEN_RUN - 1
        # a small reversal tells only of a series half of whose moves are a small part of it: most have no such one
        is_lively = 2 * _counts(size < _small(REVERSAL_JUMP, kind)) < len(size)
        reversal = _largest_reversal(returns, kind, np.where(is_lively, REVERSAL_JUMP, SMALL_REVERSAL[0]))
        turns = reversal > (1 - SLACK) * REVERSAL_JUMP
        doubtful = (reversal > 0.0) & ~turns
        if doubtful.any():
            small = _small(reversal[doubtful], kind)
            turns[doubtful] = 2 * np.count_nonzero(size[:, doubtful] < small, axis=0) >= len(size)
    return np.asarray(is_even & moves_on & ~turns & ~_may_come_back(returns, size, kind))


def _counts(mask: NDArray[np.bool_]) -> Int64Array:
    """How many of each column are true: column by column, which numpy counts many at a time."""
    return np.array([np.count_nonzero(column) for column in mask.T], dtype=np.int64)


def _small(reversal: Size, kind: Returns) -> Size:
    """Size below which half of the moves are where a reversal is many times the usual one."""
    small: Size = (1 + SLACK) * reversal / (1.4826 * SMALL_REVERSAL[1])
    return small if kind == "log" else np.expm1(small)


def _least(move: Size, kind: Returns) -> Size:
    """Size that no return of `kind` is below whose logarithm is `move` or more."""
    return move if kind == "log" else -np.expm1(-move)


def _logs(returns: Float64Array, kind: Returns) -> Float64Array:
    with np.errstate(invalid="ignore", divide="ignore"):  # -100 %, which is not quiet anyhow
        return returns if kind == "log" else np.log1p(returns)


def _largest_reversal(returns: Float64Array, kind: Returns, fewest: Float64Array) -> Float64Array:
    """Largest log move beyond `fewest`, shape (N,), that the next one takes back; 0 for none."""
    fewest = (1 - SLACK) * fewest
    product = _least(fewest, kind) * _least((1 - (1 + SLACK) * REVERSAL_LEFT) * fewest, kind)
    turns = returns[1:] * returns[:-1] < -(1 - SLACK) * product
    columns, rows = true_cells(turns)
    there, back = _logs(returns[rows, columns], kind), _logs(returns[rows + 1, columns], kind)
    size = np.abs(there)
    is_back = (size > fewest[columns]) & (np.abs(there + back) <= (1 + SLACK) * REVERSAL_LEFT * size)
    out = np.zeros(returns.shape[1])
    np.maximum.at(out, columns[is_back], size[is_back])
    return out


def _may_come_back(returns: Float64Array, size: Float64Array, kind: Returns) -> NDArray[np.bool_]:
    """Columns with two large moves in opposite directions, near each other; shape (N,)."""
    least = (1 - SLACK) * EXCURSION_JUMP
    columns, rows = true_cells(size > (1 - SLACK) * _least(least, kind))
    moves = _logs(returns[rows, columns], kind)
    is_large = np.abs(moves) > least
    columns, rows, signs = columns[is_large], rows[is_large], moves[is_large] > 0
    is_pair = (np.diff(columns) == 0) & (np.diff(rows) <= LONGEST_EXCURSION) & (signs[1:] != signs[:-1])
    out = np.zeros(returns.shape[1], dtype=bool)
    out[columns[1:][is_pair]] = True
    return out
