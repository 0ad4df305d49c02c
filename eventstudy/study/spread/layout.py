"""Which events are studied together: a run of them by asset, so that a price is read by one worker."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from eventstudy.records import Int64Array

EVENTS = 20_000  # of a part: some 50 MB, and half a second of work or more
FEWEST = 512
A_WORKER = 4  # parts, so that none waits long for another
ASSETS = 512  # whose prices a part holds at once


def layout(
    columns: Int64Array,
    n_workers: int,
    parts: int | None = None,
    is_bound: NDArray[np.bool_] | None = None,
    *,
    fewest: int = FEWEST,
    most: int = EVENTS,
) -> list[slice]:
    """Runs of events, each the size of a part.

    Parameters
    ----------
    columns : Int64Array
        Shape (n,), number of each event's asset; those of an asset follow one another.
    n_workers : int
    parts : int, optional
        How many are wanted; as many as are sensible when None.
    is_bound : NDArray of bool, optional
        Shape (n,), events that must stay with the others of their asset.
    fewest, most : int
        Events of a part, where `parts` says nothing.
    """
    n = columns.size
    if not n:
        return [slice(0, 0)]
    size = -(-n // parts) if parts else min(most, max(fewest, -(-n // (A_WORKER * n_workers))))
    begins = np.append(np.flatnonzero(np.diff(columns, prepend=-1)), n)
    out, first, assets = [], 0, 0
    for low, high in zip(begins[:-1].tolist(), begins[1:].tolist(), strict=True):
        if low > first and (high - first > size or assets == ASSETS):
            out.append(slice(first, low))
            first, assets = low, 0
        assets += 1
        is_free = is_bound is None or not is_bound[low]
        while is_free and high - first > size:
            out.append(slice(first, first + size))
            first += size
    if first < n:
        out.append(slice(first, n))
    return out
