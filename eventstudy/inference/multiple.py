"""p-values adjusted for the number of tests. Family-wise by max-t over placebo dates is in ``single.max_t_placebo``."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from eventstudy.records import Float64Array


def holm(p: Float64Array) -> Float64Array:
    """Holm 1979 step-down: family-wise error under any dependence.

    Parameters
    ----------
    p : Float64Array
        Shape (..., m), each row a family; NaN = no test, which is not counted in m and stays NaN.
    """
    order = np.argsort(p, axis=-1, kind="stable")  # NaN last
    left = np.isfinite(p).sum(axis=-1, keepdims=True) - np.arange(p.shape[-1])
    adjusted = np.maximum.accumulate(np.take_along_axis(p, order, axis=-1) * left, axis=-1)
    out = np.empty_like(p)
    np.put_along_axis(out, order, np.minimum(adjusted, 1.0), axis=-1)
    return out


def bh(p: Float64Array) -> Float64Array:
    """Benjamini & Hochberg 1995: false discovery rate under independence or positive regression dependence."""
    return _on_finite(p, _step_up)


def by(p: Float64Array) -> Float64Array:
    """Benjamini & Yekutieli 2001: false discovery rate under any dependence."""
    return _on_finite(p, lambda ordered: _step_up(ordered, (1.0 / np.arange(1, ordered.size + 1)).sum()))


def _step_up(ordered: Float64Array, penalty: float = 1.0) -> Float64Array:
    scaled = ordered * (penalty * ordered.size) / np.arange(1, ordered.size + 1)
    return np.minimum.accumulate(scaled[::-1])[::-1]


def _on_finite(p: Float64Array, adjust: Callable[[Float64Array], Float64Array]) -> Float64Array:
    """Apply `adjust` to the finite values in ascending order, capped at 1, each put back in its place."""
    out = np.full(p.shape, np.nan)
    places = np.flatnonzero(np.isfinite(p))
    order = places[np.argsort(p[places], kind="stable")]
    out[order] = np.minimum(adjust(p[order]), 1.0)
    return out
