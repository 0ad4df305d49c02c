"""Rebased history: a source that multiplies all earlier prices by one factor has changed its unit, not its mind.

Yahoo restates every earlier close after a split, and every earlier adjusted close after a dividend as well. Stored as
changed values that would be thousands of revisions; recognised, it is one row that says the factor and why.
"""

from __future__ import annotations

import numpy as np

from eventstudy.archive.bars import ADJUSTED, CLOSE, DIVIDEND, SPLIT, Bars, Rebase
from eventstudy.evidence.rules import rounding
from eventstudy.records import Float64Array, Int64Array

TOLERANCE = 1e-5  # relative: a price that is rebased is rounded anew, as Yahoo does it
SMALLEST = 2e-5  # a factor nearer to one than this is noise; where prices are rounded, so is more
FEWEST = 3  # prices that must agree on a factor
MOST_STRETCHES = 12  # factors in one answer; more is noise, and kept as revisions
SPLIT_MATCH = 5e-3  # how near the product of splits must be to the factor to explain it
DIVIDEND_MATCH = 2e-3
SHOWN = 4  # reasons named one by one


def find(known: Bars, given: Bars, here: np.ndarray, older: int | None, actions: Bars) -> list[Rebase]:
    """What `given` multiplied of `known`.

    Parameters
    ----------
    known : Bars
        With the labels of `given` at the positions `here`, and no others of them.
    given : Bars
    here : numpy.ndarray of bool
    older : int or None
        Label of the first stored bar of the days that were asked for, when it comes before those of `given`: what is
        done to the oldest bar that the source still has was done to those that it no longer has.
    actions : Bars
        With every split and dividend that is known after the answer.

    Returns
    -------
    list of Rebase
        Stretches of closes and of adjusted closes, each with its reason; empty where prices changed in other ways.
    """
    both, out = given.at(here), list[Rebase]()
    same = known.at(np.isin(known.labels, both.labels))
    for field, column in (("close", CLOSE), ("adjusted", ADJUSTED)):
        before, now = same.values[:, column], both.values[:, column]
        oldest = both.labels[np.isfinite(before) & np.isfinite(now)][:1]
        for first, last, factor in stretches(both.labels, before, now):
            why, exact = explain(Rebase(field=field, first=first, last=last, factor=factor), actions)
            if older is not None and oldest.size and first == oldest[0]:
                why = f"{why}; bars that the source no longer has likewise"
                out.append(Rebase(field=field, first=older, last=last, factor=exact, why=why))
            else:
                out.append(Rebase(field=field, first=first, last=last, factor=exact, why=why))
    return out


def is_restated(known: Bars, given: Bars) -> bool:
    """Whether `given` has other closes, or adjusted closes, than `known`, beyond rounding; of the same labels."""
    return any(
        bool((np.abs(ratio - 1.0) > np.maximum(SMALLEST, slack)).any())
        for ratio, slack, _ in (_ratios(known.values[:, c], given.values[:, c]) for c in (CLOSE, ADJUSTED))
    )


def has_new_split(known: Bars, given: Bars) -> bool:
    """Whether `given` has a split that `known` does not have."""
    split = given.values[:, SPLIT]
    new = np.isfinite(split) & (split > 0) & (split != 1.0)
    before = dict(zip(known.labels.tolist(), known.values[:, SPLIT].tolist(), strict=True))
    return any(before.get(label) != ratio for label, ratio in zip(given.labels[new].tolist(), split[new], strict=True))


def stretches(labels: Int64Array, known: Float64Array, given: Float64Array) -> list[tuple[int, int, float]]:
    """First label, last label and factor of every run of prices that changed by one factor.

    A lone price that disagrees with its neighbours does not end a run: it is a correction of its own. How near is one
    factor follows from the decimals that the prices show.
    """
    ratio, slack, usable = _ratios(known, given)
    if not (np.abs(ratio - 1.0) > SMALLEST + slack).any():
        return []
    labels = labels[usable]
    edges = np.flatnonzero(np.abs(ratio[1:] / ratio[:-1] - 1.0) > TOLERANCE + slack[1:] + slack[:-1]) + 1
    runs = [run for run in np.split(np.arange(ratio.size), edges) if run.size >= FEWEST]
    joined: list[tuple[int, int, float, float]] = []
    for run in runs:
        factor, spread = float(np.median(ratio[run])), float(np.max(slack[run]))
        first, last = int(labels[run[0]]), int(labels[run[-1]])
        if joined and abs(factor / joined[-1][2] - 1.0) <= TOLERANCE + spread + joined[-1][3]:
            joined[-1] = (joined[-1][0], last, *joined[-1][2:])
        else:
            joined.append((first, last, factor, spread))
    found = [run[:3] for run in joined if abs(run[2] - 1.0) > SMALLEST + run[3]]
    return found if len(found) <= MOST_STRETCHES else []


def _ratios(known: Float64Array, given: Float64Array) -> tuple[Float64Array, Float64Array, np.ndarray]:
    """`given` by `known`, what rounding alone can do to it, and a mask of the prices that have one."""
    with np.errstate(all="ignore"):
        ratio = given / known
        usable = np.isfinite(ratio) & (ratio > 0) & (known > 0)
        if not (np.abs(ratio[usable] - 1.0) > SMALLEST).any():  # nearly every night
            return ratio[usable], np.zeros(int(usable.sum())), usable
        unit = rounding(given)
        slack = unit / np.abs(given)
        if unit:  # a source that rounds what it restates may have rounded what it said before
            slack += rounding(known) / np.abs(known)
    return ratio[usable], slack[usable], usable


def explain(found: Rebase, bars: Bars) -> tuple[str, float]:
    """Why the source multiplied a stretch, and by how much: the splits, and dividends, of `bars` that come after it.

    Parameters
    ----------
    found : Rebase
    bars : Bars
        The series as it is after the answer.

    Returns
    -------
    str, float
        The reason, and the factor: the exact one of splits alone, else the one found.
    """
    later = np.flatnonzero(bars.labels > found.last)
    split, paid = bars.values[later, SPLIT], bars.values[later, DIVIDEND]
    before = bars.values[np.maximum(later - 1, 0), CLOSE]
    is_split = np.isfinite(split) & (split > 0) & (split != 1.0)
    is_paid = np.isfinite(paid) & (paid > 0) & (before > 0) & (found.field == "adjusted")
    product, kept, reasons = 1.0, 1.0, []
    for i in np.flatnonzero(is_split | is_paid).tolist():  # the nearest one first
        day = bars.sessions[later[i]]
        if is_split[i]:
            product *= float(split[i])
            reasons.append(f"{split[i]:g} for 1 split on {day}")
        if is_paid[i]:
            kept *= 1.0 - float(paid[i]) / float(before[i])
            reasons.append(f"dividend of {paid[i]:g} on {day}")
        if abs(found.factor * product / kept - 1.0) <= (DIVIDEND_MATCH if kept < 1.0 else SPLIT_MATCH):
            return _listed(reasons), found.factor if kept < 1.0 else 1.0 / product
        if is_split[i] and abs(found.factor / product - 1.0) <= SPLIT_MATCH:
            return f"{_listed(reasons)} taken back", product
    return "no split or dividend explains it", found.factor


def _listed(reasons: list[str]) -> str:
    if len(reasons) <= SHOWN:
        return " and ".join(reasons)
    return f"{' and '.join(reasons[:SHOWN])} and {len(reasons) - SHOWN} splits and dividends more"
