"""What a study was held against, and what came of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.errors import DataError
from eventstudy.inference.validity import describe_design, independent
from eventstudy.records import Float64Array
from eventstudy.study.document import test_dict
from eventstudy.study.doubts import examined_columns
from eventstudy.study.findings import Findings
from eventstudy.study.frame import Market
from eventstudy.study.robust.asked import Robustness
from eventstudy.study.robust.calendar_time import CalendarTime, calendar_time, calendar_time_row
from eventstudy.study.robust.held import held_returns
from eventstudy.study.robust.matched import Held, Matched, matched, matched_window
from eventstudy.study.robust.synthetic import SHOWN, Synthetic, synthetic, synthetic_dict
from eventstudy.study.robust.universe import universe_of
from eventstudy.tables.shapes import NOT_HELD


@dataclass(frozen=True, slots=True, kw_only=True)
class Robust:
    """Other ways to the same answer.

    Attributes
    ----------
    calendar_time : tuple of CalendarTime
        Per group and window; empty where it was not asked for.
    matched : Matched or None
    synthetic : tuple of Synthetic
        Per event.
    """

    calendar_time: tuple[CalendarTime, ...] = ()
    matched: Matched | None = None
    synthetic: tuple[Synthetic, ...] = ()


def robust(result: Findings, market: Market, asked: Robustness) -> Robust:
    """Hold a study against what was asked for.

    Parameters
    ----------
    result : Findings
    market : Market
        The table that it was made of.
    asked : Robustness
    """
    values, spec, placed = result.settings["values"], result.spec, result.placed
    if (asked.match is not None or asked.donors) and values in NOT_HELD:
        raise DataError(f"nobody holds {values}", where="values", value=values, remedy="give prices or returns")
    pairs: Matched | None = None
    controls: tuple[Synthetic, ...] = ()
    if asked.match is not None:
        universe = universe_of(asked.match, market.names)
        held = _trusted(market, {*universe.columns.tolist(), *placed.columns[result.usable].tolist()}, result)
        pairs = matched(
            Held(sessions=market.sessions, returns=held), placed, result.usable, spec, universe, asked.match_groups
        )
        everything = result.groups[0].panels[0]
        pairs = replace(pairs, objection=independent(describe_design(everything)) if everything.n else None)
    if asked.donors:
        rows = [at for at in range(len(placed.event_ids)) if placed.reasons[at] is None]
        columns = {market.column(name, "donors") for name in asked.donors}
        held = _trusted(market, {*columns, *placed.columns[rows].tolist()}, result)
        controls = synthetic(market, held, placed, rows, spec, asked.donors)
    found = calendar_time(result, asked.calendar_time) if asked.calendar_time else ()
    return Robust(calendar_time=found, matched=pairs, synthetic=controls)


def _trusted(market: Market, columns: set[int], result: Findings) -> Float64Array:
    """Simple returns of the whole market, those of `columns` without what rests on a price in doubt."""
    held = held_returns(market).copy()
    used = dict.fromkeys(sorted(columns))
    doubts, _, _ = examined_columns(market, used, result.settings["values"], result.settings["confirm"])
    for column, rows in doubts.items():
        held[[row for row in rows if row < len(held)], column] = np.nan
    return held


def robust_dict(found: Robust) -> dict[str, Any]:
    """As the document has it."""
    pairs = found.matched
    return {
        "calendar_time": [
            {
                "group": one.group,
                "window": [one.window.start, one.window.end],
                "estimator": one.estimator,
                "n_days": one.n_days,
                "mean_events": one.mean_events,
                "reason": one.reason,
                "coefficients": [
                    {"coefficient": name, "test": test_dict(test)}
                    for name, test in zip(one.names, one.coefficients, strict=True)
                ],
            }
            for one in found.calendar_time
        ],
        "matched": None
        if pairs is None
        else {
            "by": list(pairs.by),
            "groups": pairs.groups,
            "is_dated": pairs.is_dated,
            "is_valid": pairs.objection is None,
            "validity": pairs.objection or "independent events",
            "windows": [
                {**matched_window(pairs, window), "tests": [test_dict(test) for test in tests]}
                for window, tests in pairs.tests.items()
            ],
        },
        "synthetic": [
            {
                **synthetic_dict(one),
                "windows": [
                    {"window": [window.start, window.end], "test": test_dict(test)} for window, test in one.gaps.items()
                ],
            }
            for one in found.synthetic
        ],
    }


def lines(found: Robust) -> Iterator[str]:
    """What the text of a study says of it."""
    if found.calendar_time:
        refused = {one.reason for one in found.calendar_time}
        frame = pd.DataFrame([calendar_time_row(one) for one in found.calendar_time]).dropna(axis=1, how="all")
        yield f"Portfolio in calendar time, {found.calendar_time[0].estimator} errors, alpha a session"
        yield next(iter(refused)) or "" if len(refused) == 1 and None not in refused else _text(frame)
    if found.matched is not None:
        by = ", ".join(found.matched.by)
        yield f"Buy-and-hold returns less those of assets alike by {by} (in {found.matched.groups} groups each)"
        rows = []
        for window, tests in found.matched.tests.items():
            values = found.matched.events.loc[found.matched.events["window"] == window.label, "abnormal"].dropna()
            row = {"window": window.label, "n": values.size, "mean": values.mean(), "median": values.median()}
            plain, adjusted = tests
            row |= {"t": plain.statistic, "p": plain.p_value, "skewness-adjusted t": adjusted.statistic}
            rows.append(row | {"its p": adjusted.p_value})
        yield _text(pd.DataFrame(rows).dropna(axis=1, how="all"))
        if found.matched.objection:
            yield f"  ! {found.matched.objection}"
        if not found.matched.is_dated:
            yield "The characteristics have no dates: that they were known before the events is taken on trust."
    for one in found.synthetic:
        yield f"Synthetic control of {one.asset}, {one.event_id}: " + (
            one.reason
            or ", ".join(f"{w:.3f} {name}" for name, w in sorted(one.weights.items(), key=lambda p: -p[1]) if w > SHOWN)
        )
        for window, test in one.gaps.items():
            if test.statistic is None:
                yield f"  {window.label}: {test.reason}"
                continue
            gap, size = 100 * dict(test.details)["gap"], abs(test.statistic)
            yield f"  {window.label}: gap {gap:+.2f}%, {size:.2f} errors of before, p {test.p_value:.4f} (of {test.n})"
        yield from (f"  left out: {name} {why}" for name, why in one.left_out.items())


def _text(frame: pd.DataFrame) -> str:
    return frame.to_string(index=False, float_format=lambda value: f"{value:.6g}", na_rep="")
