"""How busy a window was: volume and realised volatility against the same time of day (H12)."""

from __future__ import annotations

from typing import Any

import numpy as np

from eventstudy.records import Float64Array
from eventstudy.study.clock.reaction import WindowReaction
from eventstudy.study.clock.statistics import share_as_low
from eventstudy.study.clock.windows import Measured


def inside(measured: Measured, values: Float64Array) -> Float64Array:
    """Sum of the values of the bars after the base up to the end, on each session."""
    ends = np.column_stack([measured.base + 1, measured.end + 1]).ravel()
    first, beyond = int(ends.min()), int(ends.max())
    found: Float64Array = np.add.reduceat(np.append(values[first:beyond], 0.0), ends - first)[::2]
    return found


def volume(found: WindowReaction) -> dict[str, Any] | None:
    """ln of the volume in the window over its median at the same clock time, with its one-sided placebo p (H12)."""
    if found.reason_code is not None:
        return None
    totals = inside(found.found.measured, found.found.measured.bars.traded)
    median = float(np.median(totals[1:]))
    if not (totals[0] > 0 and median > 0):
        return None
    return {
        "total": float(totals[0]),
        "median": median,
        "log_ratio": float(np.log(totals[0] / median)),
        "n": totals.size - 1,
        "p_value": share_as_low(-float(totals[0]), -totals[1:]),
    }


def realised_volatility(found: WindowReaction) -> dict[str, Any] | None:
    """Sum of the squared returns inside the window, with its one-sided placebo p (H12)."""
    if found.reason_code is not None:
        return None
    totals = inside(found.found.measured, found.found.measured.bars.squares)
    median = float(np.median(totals[1:]))
    return {
        "value": float(totals[0]),
        "median": median,
        "n": totals.size - 1,
        "p_value": share_as_low(-float(totals[0]), -totals[1:]),
    }
