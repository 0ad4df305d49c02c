"""The mean cumulative path of a group of events, with the error of each of its points."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from eventstudy.report.study_words import Document


def mean_path(group: Document, members: Sequence[Document]) -> list[dict[str, Any]]:
    """Running sum of the AARs over the event window with its standard error, decimal returns.

    The error has the basis of the intervals in the table. From the portfolio, or a single event: that of the longest
    window, which grows with the root of the days. Otherwise the dispersion of the events' running CARs, widened for
    their mean correlation (Kolari & Pynnönen 2010).

    Parameters
    ----------
    group : mapping
        One entry of ``aggregate``.
    members : sequence of mapping
        Its entries of ``events``.
    """
    days = [day for day in group["days"] if day["aar"] is not None]
    path = np.cumsum([day["aar"] for day in days])
    longest = max(group["windows"], key=lambda w: (w["caar_se"] is not None, w["window"][1] - w["window"][0]))
    if longest["caar_se"] is None:
        return []
    if longest["caar_ci_basis"].startswith("cross-sectional"):
        errors = _dispersion(days, members, group["design"]["average_correlation"] or 0.0)
    else:
        per_day = longest["caar_se"] / math.sqrt(longest["window"][1] - longest["window"][0] + 1)
        errors = per_day * np.sqrt(np.arange(1, len(days) + 1))
    return [
        {"tau": day["tau"], "ar": day["aar"], "car": car, "car_se": se if math.isfinite(se) else None}
        for day, car, se in zip(days, path.tolist(), errors.tolist(), strict=True)
    ]


def critical_value(group: Document) -> float:
    """Half the width of the interval of a mean, in standard errors; 0 where no window has an interval."""
    for window in group["windows"]:
        ends: list[float] = [abs(end - window["caar"]) for end in window["caar_ci"] if end is not None]
        if ends and window["caar_se"]:
            se: float = window["caar_se"]
            return ends[0] / se
    return 0.0


def _dispersion(days: Sequence[Document], members: Sequence[Document], correlation: float) -> np.ndarray[Any, Any]:
    """Cross-sectional standard error of the running CARs, never made smaller by the correlation; shape (days,)."""
    column = {day["tau"]: j for j, day in enumerate(days)}
    ar = np.full((len(members), len(days)), np.nan)
    for i, event in enumerate(members):
        for day in event["days"]:
            if day["ar"] is not None and day["tau"] in column:
                ar[i, column[day["tau"]]] = day["ar"]
    present = np.isfinite(ar)
    running = np.cumsum(np.where(present, ar, 0.0), axis=1)
    count = present.any(axis=1).sum()
    wider = (1 + (count - 1) * correlation) / (1 - correlation) if correlation < 1 else 1.0
    errors: np.ndarray[Any, Any] = running.std(axis=0, ddof=1) * math.sqrt(max(wider, 1.0) / max(count, 1))
    return errors
