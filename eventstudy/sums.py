"""Sums whose bits depend on the numbers added alone: not on the rows around them, nor on how they lie in memory.

numpy adds in another order when an array has another layout, or one row instead of two. A row that goes through these
functions gives the same bits in a batch of one and of a million.
"""

from __future__ import annotations

import numpy as np

from eventstudy.records import Float64Array, Int64Array

COLUMNS = 4  # at a time, whose arrays in between take no more room than the numbers of an average themselves


def row_sum(values: Float64Array) -> Float64Array:
    """Sum over the last axis."""
    total: Float64Array = np.ascontiguousarray(values).sum(axis=-1)
    return total


def row_dot(a: Float64Array, b: Float64Array) -> Float64Array:
    """Sum over the last axis of the product of two arrays of one shape (n, T)."""
    product: Float64Array = np.einsum("nt,nt->n", np.ascontiguousarray(a), np.ascontiguousarray(b))
    return product


def cross_products(a: Float64Array, b: Float64Array) -> Float64Array:
    """a'b of every row, shape (n, k, l): what BLAS gives depends on where a row lies in memory.

    Parameters
    ----------
    a, b : Float64Array
        Shapes (n, T, k) and (n, T, l); summed over T.
    """
    left, right = (np.ascontiguousarray(values.transpose(2, 0, 1)) for values in (a, b))
    return np.stack([np.stack([row_dot(x, y) for y in right], axis=-1) for x in left], axis=-2)


def combine(x: Float64Array, weight: Float64Array) -> Float64Array:
    """Sum over the last axis of `x`, one product after the other.

    Parameters
    ----------
    x : Float64Array
        Shape (..., k).
    weight : Float64Array
        Shape (..., k), broadcast against `x`.
    """
    shape = np.broadcast_shapes(x.shape, weight.shape)
    total = np.zeros(shape[:-1])
    for j in range(shape[-1]):
        total += x[..., j] * weight[..., j]
    return total


def quadratic(x: Float64Array, matrix: Float64Array) -> Float64Array:
    """x'Ax over the last axis of `x`, for a symmetric A.

    Parameters
    ----------
    x : Float64Array
        Shape (..., k).
    matrix : Float64Array
        Shape (..., k, k), broadcast against the leading axes of `x`.
    """
    total = np.zeros(x.shape[:-1])
    with np.errstate(invalid="ignore"):  # an event without a single day has an infinite matrix, and no number
        for i in range(x.shape[-1]):
            inner = matrix[..., i, i] * x[..., i]
            for j in range(i + 1, x.shape[-1]):
                inner += 2.0 * matrix[..., i, j] * x[..., j]
            total += x[..., i] * inner
    return total


def column_moments(values: Float64Array, rows: slice | Int64Array) -> tuple[Int64Array, Float64Array, Float64Array]:
    """Number, mean and variance (N - 1) of what is present in each column of some rows; NaN where there is too little.

    Parameters
    ----------
    values : Float64Array
        Shape (n, T).
    """
    width = values.shape[1]
    starts = range(0, max(width - 1, 1), COLUMNS)  # no column alone: numpy adds one in another order than two
    parts = [_moments(values[:, a : width if a == starts[-1] else a + COLUMNS][rows]) for a in starts]
    count, mean, variance = (np.concatenate(found) for found in zip(*parts, strict=True))
    return count, mean, variance


def _moments(values: Float64Array) -> tuple[Int64Array, Float64Array, Float64Array]:
    values = np.ascontiguousarray(values)
    present = np.isfinite(values)
    count = present.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(present, values, 0.0).sum(axis=0) / count
        values = values - mean
        values *= values
        values[~present] = 0.0
        return count, mean, values.sum(axis=0) / (count - 1)
