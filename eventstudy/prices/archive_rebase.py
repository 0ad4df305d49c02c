"""Rebased history: a source that multiplies all earlier prices by one factor has changed its unit, not its mind.

Yahoo restates every earlier close after a split, and every earlier adjusted close after a dividend as well. Stored as
changed values that would be thousands of revisions; recognised, it is one row that says the factor and why.
"""

from __future__ import annotations

import numpy as np

from eventstudy.prices.archive_bars import ADJUSTED, CLOSE, DIVIDEND, SPLIT, Bars, Rebase
from eventstudy.records import Float64Array, Int64Array

TOLERANCE = 1e-5  # relative: a price that is rebased is rounded anew
SMALLEST = 1e-4  # a factor nearer to one than this is rounding
FEWEST = 3  # prices that must agree on a factor
MOST_STRETCHES = 12  # factors in one answer; more is noise, and kept as revisions
SPLIT_MATCH = 5e-3  # how near the product of splits must be to the factor to explain it
DIVIDEND_MATCH = 2e-3


def find(known: Bars, told: Bars) -> list[Rebase]:
    """What `told` multiplied of `known`; both hold the same labels.

    Returns
    -------
    list of Rebase
        Stretches of closes and of adjusted closes, each with its reason; empty where prices changed in other ways.
    """
    out = []
    for field, column in (("close", CLOSE), ("adjusted", ADJUSTED)):
        for first, last, factor in stretches(known.labels, known.values[:, column], told.values[:, column]):
            out.append(Rebase(field=field, first=first, last=last, factor=factor))
    return out


def stretches(labels: Int64Array, known: Float64Array, told: Float64Array) -> list[tuple[int, int, float]]:
    """First label, last label and factor of every run of prices that changed by one factor.

    A lone price that disagrees with its neighbours does not end a run: it is a correction of its own.
    """
    with np.errstate(all="ignore"):
        ratio = told / known
    usable = np.isfinite(ratio) & (ratio > 0) & (known > 0)
    if not (np.abs(ratio[usable] - 1.0) > SMALLEST).any():
        return []
    labels, ratio = labels[usable], ratio[usable]
    edges = np.flatnonzero(np.abs(ratio[1:] / ratio[:-1] - 1.0) > TOLERANCE) + 1
    runs = [run for run in np.split(np.arange(ratio.size), edges) if run.size >= FEWEST]
    joined: list[tuple[int, int, float]] = []
    for run in runs:
        factor = float(np.median(ratio[run]))
        first, last = int(labels[run[0]]), int(labels[run[-1]])
        if joined and abs(factor / joined[-1][2] - 1.0) <= TOLERANCE:
            joined[-1] = (joined[-1][0], last, joined[-1][2])
        else:
            joined.append((first, last, factor))
    found = [run for run in joined if abs(run[2] - 1.0) > SMALLEST]
    return found if len(found) <= MOST_STRETCHES else []


def explain(found: Rebase, bars: Bars) -> str:
    """Why the source multiplied a stretch: the splits, or the dividends, of `bars` that come after it.

    Parameters
    ----------
    found : Rebase
    bars : Bars
        The series as it is after the answer.
    """
    later = np.flatnonzero(bars.labels > found.last)
    split = bars.values[later, SPLIT]
    is_split = np.isfinite(split) & (split > 0) & (split != 1.0)
    product = 1.0
    for i in np.flatnonzero(is_split).tolist():  # the nearest split first
        product *= float(split[i])
        if abs(found.factor * product - 1.0) <= SPLIT_MATCH:
            days = [str(bars.sessions[later[k]]) for k in np.flatnonzero(is_split[: i + 1])]
            return f"{product:g} for 1 split on {' and '.join(days)}"
    if found.field == "adjusted":
        paid = bars.values[later, DIVIDEND]
        before = bars.values[np.maximum(later - 1, 0), CLOSE]
        kept = 1.0
        is_paid = np.isfinite(paid) & (paid > 0) & (before > 0)
        for i in np.flatnonzero(is_paid).tolist():
            kept *= 1.0 - float(paid[i]) / float(before[i])
            if abs(found.factor / kept - 1.0) <= DIVIDEND_MATCH:
                days = [str(bars.sessions[later[k]]) for k in np.flatnonzero(is_paid[: i + 1])]
                return f"dividend of {float(paid[i]):g} on {days[-1]}" if len(days) == 1 else _listed(days)
    return "no split or dividend explains it"


def _listed(days: list[str]) -> str:
    return f"dividends on {', '.join(days)}"
