"""The path of an abnormal return from the last price before the news."""

from __future__ import annotations

import math
from collections.abc import Sequence

from eventstudy.database.reading import Row


def since(days: Sequence[Row], base: int, sigma: float | None) -> list[Row]:
    """Cumulative abnormal returns from the price of session `base` on, and backwards from it, with the error forward.

    The error of a sum of n days is n times the variance of a residual and the error of the prediction, which the days
    share: exact for a constant mean and for one day, and never too small otherwise.

    Parameters
    ----------
    days : sequence of Row
        Of the view `daily`, by τ; those without a return are left out.
    base : int
        Where the sum and its error are 0.
    sigma : float or None
        Standard deviation of the residuals; the smallest error of a day where there is none.
    """
    found = [d for d in days if d["ar"] is not None and d["ar_se"] is not None]
    if not found:
        return []
    residual = min(sigma or math.inf, *(d["ar_se"] for d in found)) ** 2
    total = -sum(d["ar"] for d in found if d["tau"] <= base)
    own = shared = 0.0
    out: list[Row] = []
    if found[0]["tau"] > base:
        out.append({"tau": base, "ar": 0.0, "car": 0.0, "car_se": 0.0})
    for d in found:
        total += d["ar"]
        if d["tau"] > base:
            own += residual
            shared += math.sqrt(max(d["ar_se"] ** 2 - residual, 0.0))
        se = math.sqrt(own + shared**2) if d["tau"] >= base else None
        out.append({"tau": d["tau"], "ar": d["ar"], "car": total, "car_se": se})
    return out
