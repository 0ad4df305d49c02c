"""Buy-and-hold returns less those of a portfolio of alike assets (Barber & Lyon 1997; Lyon, Barber & Tsai 1999)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.inference.laws import Hypothesis
from eventstudy.inference.parametric import skewness_adjusted
from eventstudy.records import Float64Array, Inference, Int64Array, SessionArray
from eventstudy.spec import StudySpec, Window
from eventstudy.study.averages import number
from eventstudy.study.placing import Placed
from eventstudy.study.robust.universe import Universe, cells_of

FEWEST = 3  # events that a test of their mean needs
MEAN = Hypothesis(
    name="matched_bhar_t",
    null="the mean buy-and-hold return is that of alike assets",
    distribution="t",
    source="Barber & Lyon 1997; Lyon, Barber & Tsai 1999",
)
SKEWED = Hypothesis(
    name="matched_bhar_skewness_adjusted_t",
    null=MEAN.null,
    distribution="normal",
    source="Lyon, Barber & Tsai 1999; Hall 1992",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """Every event and window against its portfolio.

    Attributes
    ----------
    by : tuple of str
        What assets are alike by.
    groups : int
        By each of it.
    events : DataFrame
        A row per event and window: ``event_id, asset, window, bhr, matched, abnormal, n_matched, reason``, decimal.
    tests : dict of Window to tuple of Inference
        That the mean abnormal return is zero: t, and t adjusted for skewness.
    is_dated : bool
        Whether the characteristics say from when on they were known.
    """

    by: tuple[str, ...]
    groups: int
    events: pd.DataFrame
    tests: dict[Window, tuple[Inference, ...]]
    is_dated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Simple returns of all columns of a table, NaN where there is none to go by.

    Attributes
    ----------
    sessions : SessionArray
        Shape (T,).
    returns : Float64Array
        Shape (T, S).
    """

    sessions: SessionArray
    returns: Float64Array


def matched(
    held: Held, placed: Placed, usable: Int64Array, spec: StudySpec, universe: Universe, groups: int
) -> Matched:
    """Hold every event's asset against the assets of its portfolio, over every window of the study.

    Portfolios are formed of what was known before day 0. An asset with an event whose event window overlaps is in none.
    What an asset that ends no longer earns is earned by the rest of its portfolio.
    """
    rows, columns = placed.rows[usable], placed.columns[usable]
    portfolios = {
        row: (known, cells_of(values, groups))
        for row in dict.fromkeys(rows.tolist())
        for known, values in [universe.known_before(held.sessions[row])]
    }
    out = []
    for at, row, column in zip(usable.tolist(), rows.tolist(), columns.tolist(), strict=True):
        busy = columns[np.abs(rows - row) < spec.event_window.length]
        alike, reason = _alike(*portfolios[row], column, busy)
        for window in spec.windows:
            own, other, why = (
                _over(held.returns, row, column, alike, window) if reason is None else (math.nan, math.nan, reason)
            )
            names = placed.event_ids[at], placed.assets[at], window.label
            out.append((at, *names, own, other, own - other, alike.size, why))
    header = ["position", "event_id", "asset", "window", "bhr", "matched", "abnormal", "n_matched", "reason"]
    events = pd.DataFrame(out, columns=header).sort_values("position", kind="stable", ignore_index=True)
    tests = {
        window: _tests(events.loc[events["window"] == window.label, "abnormal"].dropna().to_numpy(dtype=float), spec)
        for window in spec.windows
    }
    return Matched(
        by=universe.names,
        groups=groups,
        events=events.drop(columns="position"),
        tests=tests,
        is_dated=universe.is_dated,
    )


def matched_window(found: Matched, window: Window) -> dict[str, Any]:
    """One window as the document has it, without its tests."""
    own = found.events[found.events["window"] == window.label]
    values = own["abnormal"].dropna()
    return {
        "window": [window.start, window.end],
        "n": int(values.size),
        "mean": number(values.mean()) if values.size else None,
        "median": number(values.median()) if values.size else None,
        "events": [
            {
                **{name: row[name] for name in ("event_id", "asset", "n_matched", "reason")},
                **{name: number(row[name]) for name in ("bhr", "matched", "abnormal")},
            }
            for row in own.to_dict("records")
        ],
    }


def _alike(known: Int64Array, cells: Int64Array, column: int, busy: Int64Array) -> tuple[Int64Array, str | None]:
    """Columns of the assets of the portfolio of `column`, without those that have an event of their own."""
    at = np.flatnonzero(known == column)
    if not at.size:
        return known[:0], "its characteristics were not known before day 0"
    alike = known[(cells == cells[at[0]]) & ~np.isin(known, busy)]
    return alike, None if alike.size else "no asset without an event of its own is alike"


def _over(
    held: Float64Array, row: int, column: int, alike: Int64Array, window: Window
) -> tuple[float, float, str | None]:
    """What the asset and its portfolio earned over a window, and why there is none."""
    low, high = row + window.start, row + window.end + 1
    if low < 1 or high > len(held):
        return math.nan, math.nan, f"the window {window.label} runs past the data"
    own, others = held[low:high, column], held[low:high][:, alike]
    if not np.isfinite(own).all():
        return math.nan, math.nan, f"{int(np.isnan(own).sum())} days of the window {window.label} have no return"
    others = others[:, np.isfinite(others[0])]  # those that could be bought
    if not others.shape[1]:
        return math.nan, math.nan, "no asset of its portfolio had a price"
    present = np.isfinite(others)
    if not present.any(axis=1).all():
        return math.nan, math.nan, "no asset of its portfolio has all days"
    mean = np.where(present, others, 0.0).sum(axis=1) / present.sum(axis=1)
    filled = np.where(present, others, mean[:, None])
    bought = float(np.prod(1 + own)) - 1
    return bought, float((np.prod(1 + filled, axis=0) - 1).mean()), None


def _tests(values: Float64Array, spec: StudySpec) -> tuple[Inference, ...]:
    n = values.size
    if n < FEWEST:
        reason = f"{n} events with a matched portfolio, {FEWEST} are needed"
        return MEAN.refuse(reason, n), SKEWED.refuse(reason, n)
    error = float(values.std(ddof=1)) / math.sqrt(n)
    mean = float(values.mean())
    statistic, skew = skewness_adjusted(values)
    details = [("estimate", mean), ("se", error)]
    return (
        MEAN.symmetric(mean / error if error > 0 else math.nan, n - 1, n, spec.alternative, details=details),
        SKEWED.symmetric(statistic, math.inf, n, spec.alternative, details=[("skewness", skew)]),
    )
