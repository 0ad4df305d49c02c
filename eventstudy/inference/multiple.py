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
        Shape (m,); NaN = no test, which is not counted in m and stays NaN.
    """
    return _on_finite(p, _holm_sorted)


def bh(p: Float64Array) -> Float64Array:
    """Benjamini & Hochberg 1995: false discovery rate under independence or positive regression dependence."""
    return _on_finite(p, _step_up)


def by(p: Float64Array) -> Float64Array:
    """Benjamini & Yekutieli 2001: false discovery rate under any dependence."""
    return _on_finite(p, lambda ordered: _step_up(ordered, (1.0 / np.arange(1, ordered.size + 1)).sum()))


def _holm_sorted(ordered: Float64Array) -> Float64Array:
    return np.maximum.accumulate(ordered * np.arange(ordered.size, 0, -1))


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
