"""The mean cumulative path of a group of events, with the error of each of its points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from eventstudy.report.study.words import Document


def mean_path(group: Document, members: Sequence[Document], *, whole: bool = False) -> list[dict[str, Any]]:
    """Mean running CAR of the events over the event window with its standard error, decimal returns.

    The error has the basis of the intervals in the table. From the portfolio, or a single event: that of the longest
    window, which grows with the root of the days. Otherwise the dispersion of the running CARs, widened for their mean
    correlation (Kolari & Pynnönen 2010).

    Parameters
    ----------
    group : mapping
        One entry of ``aggregate``.
    members : sequence of mapping
        Its entries of ``events``.
    whole : bool
        Whether an event counts only as far as no day of it is missing, as it does in averages over windows.
    """
    longest = max(group["windows"], key=lambda w: (w["caar_se"] is not None, w["window"][1] - w["window"][0]))
    if longest["caar_se"] is None:
        return []
    tau = [day["tau"] for day in group["days"]]
    paths = running([event for event in members if event["windows"][0]["car"] is not None], tau, whole=whole)
    count = np.isfinite(paths).sum(axis=0)
    is_cross_section = longest["caar_ci_basis"].startswith("cross-sectional")
    enough = int((count > is_cross_section).sum())  # fewer events reach the later days, where the data end
    paths, count = paths[:, :enough], count[:enough]
    if is_cross_section:
        correlation = group["design"]["average_correlation"] or 0.0
        errors = np.nanstd(paths, axis=0, ddof=1) * np.sqrt(_wider(count, correlation) / count)
    else:
        length = longest["window"][1] - longest["window"][0] + 1
        errors = longest["caar_se"] * np.sqrt(np.arange(1, enough + 1) / length)
    means = np.nanmean(paths, axis=0)
    return [
        {"tau": t, "ar": mean, "car": mean, "car_se": se}
        for t, mean, se in zip(tau, means.tolist(), errors.tolist(), strict=False)
    ]


def critical_value(group: Document) -> float:
    """Half the width of the interval of a mean, in standard errors; 0 where no window has an interval."""
    for window in group["windows"]:
        ends: list[float] = [abs(end - window["caar"]) for end in window["caar_ci"] if end is not None]
        if ends and window["caar_se"]:
            se: float = window["caar_se"]
            return ends[0] / se
    return 0.0


def running(events: Sequence[Document], tau: Sequence[int], *, whole: bool) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Running CARs, shape (events, days): a missing day is left out, or ends a whole one; past the data stands NaN."""
    column = {t: j for j, t in enumerate(tau)}
    ar = np.full((len(events), len(tau)), np.nan)
    for i, event in enumerate(events):
        for day in event["days"]:
            is_lost = whole and day["ar"] is None
            ar[i, column[day["tau"]]] = np.nan if is_lost else day["ar"] or 0.0
    return np.cumsum(ar, axis=1)


def _wider(count: np.ndarray[Any, Any], correlation: float) -> np.ndarray[Any, Any]:
    """Factor on the variance of a mean of `count` events; never below one, so that correlation makes none smaller."""
    if correlation >= 1:
        return np.ones(count.shape)
    return np.maximum((1 + (count - 1) * correlation) / (1 - correlation), 1.0)
