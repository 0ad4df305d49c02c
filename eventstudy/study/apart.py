"""Events whose returns are not those of the rows of a table: closed days, a calendar, masked days, a delisting."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from eventstudy.records import Int64Array
from eventstudy.spec import StudySpec
from eventstudy.study.frame import Market
from eventstudy.study.own_sessions import own_rows
from eventstudy.study.placing import Placed


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """Events whose returns are not those of the table's rows.

    Attributes
    ----------
    members : tuple of int
        Their positions among the usable events.
    column : int
    rows : Int64Array
        Sessions of the asset, as rows of the table.
    calendar : str or None
    masked : Int64Array
        Positions in `rows` of days that do not count: those of other events of the asset.
    delisting : float or None
        Return of the day after the last one of the asset, of the kind of the table's.
    """

    members: tuple[int, ...]
    column: int
    rows: Int64Array
    calendar: str | None
    masked: Int64Array
    delisting: float | None


def apart_from_the_table(
    market: Market,
    placed: Placed,
    spec: StudySpec,
    usable: Int64Array,
    regressors: Int64Array,
    *,
    mask_events: bool,
) -> list[Apart]:
    """The events of assets whose sessions are not the rows of the table, or whose returns are changed on some days.

    Parameters
    ----------
    regressors : Int64Array
        Shape (n, p), columns of what explains the usable events.
    mask_events : bool
        Whether the days of other events of the asset are left out of the estimation window.
    """
    by_asset: dict[tuple[int, str | None, float | None], list[int]] = {}
    may_be = market.with_own_sessions()[placed.columns[usable]] | mask_events | bool(placed.delisting)
    for k, i in zip(np.flatnonzero(may_be).tolist(), usable[may_be].tolist(), strict=True):
        calendar = placed.calendars[i] if placed.calendars else None
        delisting = placed.delisting[i] if placed.delisting else None
        by_asset.setdefault((int(placed.columns[i]), calendar, delisting), []).append(k)
    has_holes: NDArray[np.bool_] = np.zeros(len(market.names), dtype=bool)
    if market.calendars and market.levels is not None:
        has_holes = np.asarray(~np.isfinite(market.levels).all(axis=0))
    none, every = np.zeros(0, dtype=np.int64), np.arange(market.sessions.size, dtype=np.int64)
    out = []
    for (column, calendar, delisting), members in by_asset.items():
        own = own_rows(market, column, calendar)
        is_apart = own is not None or delisting is not None
        if calendar in market.calendars and not is_apart:  # what is missing there refuses windows
            explain = np.unique(regressors[members])
            is_apart = bool(has_holes[column] or has_holes[explain[explain >= 0]].any())
        rows = every if own is None else own
        whole = Apart(
            members=tuple(members), column=column, rows=rows, calendar=calendar, masked=none, delisting=delisting
        )
        rest = list(members)
        if mask_events:
            others = np.searchsorted(rows, placed.rows[usable][placed.columns[usable] == column])
            masks = {k: _masked(others, int(np.searchsorted(rows, placed.rows[usable[k]])), spec) for k in members}
            out += [replace(whole, members=(k,), masked=mask) for k, mask in masks.items() if mask.size]
            rest = [k for k in members if not masks[k].size]
        if is_apart and rest:
            out.append(replace(whole, members=tuple(rest)))
    return out


def _masked(others: Int64Array, index: int, spec: StudySpec) -> Int64Array:
    """Days of the estimation window of the event at `index` that are in the event windows of `others`."""
    estimation = np.arange(index + spec.estimation.start, index + spec.estimation.end + 1)
    days = np.unique(others[others != index])[:, None] + np.arange(spec.event_window.start, spec.event_window.end + 1)
    found: Int64Array = np.intersect1d(days, estimation[estimation >= 0])
    return found
