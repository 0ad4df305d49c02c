"""Samples of assets whose sessions are not the rows of the table: a series of their own, behind the others'."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from eventstudy.records import Float64Array, Int64Array
from eventstudy.spec import Window
from eventstudy.study.apart import Apart
from eventstudy.study.doubts import Doubts
from eventstudy.study.frame import Market
from eventstudy.study.own_sessions import own_returns
from eventstudy.study.samples import BEYOND, LEFT_OUT, Samples


def with_own_series(
    samples: Samples,
    market: Market,
    rows: Int64Array,
    regressors: Int64Array,
    apart: Sequence[Apart],
    pad: int,
    windows: Sequence[Window],
    doubts: Doubts,
) -> Samples:
    """`samples` with the events of `apart` on series of their own, laid behind the others'."""
    first = int(samples.tau[0])
    pools, days = [samples.pool], [samples.days]
    at, day_at = samples.pool.size, samples.days.size
    y_at, x_at, begin, end = samples.y_at.copy(), samples.x_at.copy(), samples.begin.copy(), samples.end.copy()
    ends = np.full(rows.size, BEYOND, dtype=np.int64)
    days_at, refused, notes = samples.days_at.copy(), dict(samples.refused), list(samples.notes)
    none, in_doubt = np.full(pad, np.nan), dict(samples.doubts)
    for found in apart:
        size = found.rows.size
        at_column: dict[int, int] = {}
        for column in dict.fromkeys([found.column, *regressors[list(found.members)].ravel().tolist()]):
            if column != LEFT_OUT:
                at_column[column] = at + pad
                series = own_returns(market, column, found.rows).copy()
                if column == found.column:
                    series, last = _changed(series, found)
                for row, words in doubts.get(column, {}).items():
                    place = int(np.searchsorted(found.rows, row))  # the return that covers it
                    if place < size:
                        series[place] = np.nan
                        in_doubt[at + pad + place] = words
                pools += [none, series, none]
                at += size + 2 * pad
        days += [
            np.full(pad, -1, dtype=np.int32),
            market.sessions[found.rows].astype(np.int64).astype(np.int32),
            np.full(pad, -1, dtype=np.int32),
        ]
        start = at_column[found.column]
        for k in found.members:
            index = int(np.searchsorted(found.rows, rows[k]))
            y_at[k] = start + index + first
            x_at[k] = [LEFT_OUT if c == LEFT_OUT else at_column[c] + index + first for c in regressors[k].tolist()]
            begin[k], end[k] = start, start + size
            days_at[k] = day_at + pad + index + first
            ends[k] = last - index
            told = _closed_before(market, found, index, windows)
            notes += [f"{samples.event_ids[k]}: {told}"] if told else []
        if found.calendar in market.calendars:
            members = list(found.members)
            refused |= _refusals(
                windows, market, found, regressors[members], np.searchsorted(found.rows, rows[members])
            )
        day_at += size + 2 * pad
    return replace(
        samples,
        pool=np.concatenate(pools),
        days=np.concatenate(days),
        y_at=y_at,
        x_at=x_at,
        begin=begin,
        end=end,
        days_at=days_at,
        ends=ends,
        refused=refused,
        notes=tuple(notes),
        doubts=in_doubt,
    )


def _changed(returns: Float64Array, found: Apart) -> tuple[Float64Array, int]:
    """Returns of the asset without the days that do not count and with that of its delisting; and the place of this."""
    known = np.flatnonzero(np.isfinite(returns))
    out, last = returns, BEYOND
    if found.delisting is not None and known.size and known[-1] + 1 < returns.size:
        last = int(known[-1]) + 1
        out[last] = found.delisting
    out[found.masked] = np.nan
    return out, last


def _closed_before(market: Market, found: Apart, index: int, windows: Sequence[Window]) -> str | None:
    """Say it when a return inside a tested window covers days on which the asset was closed."""
    steps = np.diff(found.rows)
    low = max(index + min(window.start for window in windows) - 1, 0)
    long = low + np.flatnonzero(steps[low : index + max(window.end for window in windows)] > 1)
    if not long.size:
        return None
    closed, after = market.sessions[found.rows[long[0]] + 1], market.sessions[found.rows[long[0] + 1]]
    more = f"; so do {long.size - 1} more returns" if long.size > 1 else ""
    return (
        f"{market.names[found.column]} has no price on {closed}; the return of {after} covers that day too, and so do "
        f"those that explain it{more}"
    )


def _refusals(
    windows: Sequence[Window], market: Market, found: Apart, regressors: Int64Array, indices: Int64Array
) -> dict[tuple[int, Window], str]:
    """Windows of the members in which a session of their calendar has no price, and which.

    Parameters
    ----------
    regressors, indices : Int64Array
        Shapes (m, p) and (m,), of the members: columns of what explains them, and day 0 in the rows of `found`.
    """
    assert market.levels is not None  # there are calendars of prices alone
    out: dict[tuple[int, Window], str] = {}
    asked = [(found.column, np.ones(indices.size, dtype=bool), "")]
    if regressors.shape[1] == 1:  # of peers those count that have a price, and factors are returns
        asked += [(c, regressors[:, 0] == c, "the benchmark ") for c in np.unique(regressors).tolist()]
    for column, of, what in asked:
        priced = np.isfinite(market.levels[found.rows, column])
        last = int(np.flatnonzero(priced)[-1]) if priced.any() else -1
        lost = np.flatnonzero(~priced[: last + 1])  # later ones: delisted, or not come yet
        for window in windows:
            at = np.searchsorted(lost, indices + window.start - 1)
            held = (at < lost.size) & of
            held[held] = lost[at[held]] <= indices[held] + window.end
            for m in np.flatnonzero(held).tolist():
                day = market.sessions[found.rows[lost[at[m]]]]
                why = f"{what}{market.names[column]} has no price on {day}, a session of {found.calendar}"
                out.setdefault((found.members[m], window), why)
    return out
