"""Samples from the archive: each asset on the sessions of its own source, with what explains it over the same hours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eventstudy.calendars import Alignment
from eventstudy.records import Int64Array, StudySpec
from eventstudy.registry.models import MODELS
from eventstudy.returns import ReturnSeries
from eventstudy.spec import Window
from eventstudy.study.samples import LEFT_OUT, Samples


@dataclass(frozen=True, slots=True, kw_only=True)
class Aligned:
    """One event on the sessions of one asset.

    Attributes
    ----------
    event_id : str
    alignment : Alignment
    series : ReturnSeries
    """

    event_id: str
    alignment: Alignment
    series: ReturnSeries


def samples_of_archive(rows: Sequence[Aligned], spec: StudySpec, *, with_ended: bool = False) -> Samples:
    """Lay out the series that `rows` need, each once, with room to be shifted to any placebo day.

    All series have the same number of regressors. With `with_ended` a window that the prices of what explains an asset
    do not reach has a number for its part of the days.
    """
    lead, tail = MODELS[spec.model].reach(spec)
    tau = np.arange(spec.estimation.start - lead, spec.event_window.end + tail + 1)
    pad = max(tau.size, abs(int(tau[0])), abs(int(tau[-1])) + 1)
    series = list({id(row.series): row.series for row in rows}.values())
    # of each series: where its returns and those of its regressors begin in the pool, and its days in theirs
    sizes = np.array([found.y.size for found in series], dtype=np.int64)
    p = series[0].x.shape[1]
    starts = pad + np.concatenate([[0], np.cumsum((sizes + 2 * pad)[:-1])])
    total = int((sizes + 2 * pad).sum())
    pool = np.full((1 + p, total), np.nan)
    span = None if series[0].span is None else np.zeros_like(pool)
    days, instants = np.full(total, -1, dtype=np.int64), np.full(total, np.datetime64("NaT", "ns"))
    is_out = np.zeros((len(series), p), dtype=bool)
    doubts: dict[int, str] = {}
    for k, (found, start) in enumerate(zip(series, starts.tolist(), strict=True)):
        here = slice(start, start + found.y.size)
        pool[0, here], pool[1:, here] = found.y, found.x.T
        if span is not None:
            span[0, here] = found.span
        days[here], instants[here] = found.sessions.astype("datetime64[D]").astype(np.int64), found.instants
        is_out[k] = np.isnan(found.x).all(axis=0)
        doubts |= {start + i: words for i, words in found.doubts.items()}
    place = {id(found): k for k, found in enumerate(series)}
    own = np.array([place[id(row.series)] for row in rows], dtype=np.int64)
    index: Int64Array = np.array([row.alignment.index for row in rows], dtype=np.int64)
    y_at = starts[own] + index + int(tau[0])
    x_at = y_at[:, None] + total * np.arange(1, p + 1, dtype=np.int64)
    return Samples(
        event_ids=tuple(row.event_id for row in rows),
        assets=tuple(row.series.asset for row in rows),
        tau=tau,
        estimation=spec.estimation,
        event_window=spec.event_window,
        pool=pool.ravel(),
        span=None if span is None else span.ravel(),
        y_at=y_at,
        x_at=np.where(is_out[own], LEFT_OUT, x_at),
        begin=starts[own],
        end=starts[own] + sizes[own],
        margin=pad,
        days=days,
        days_at=y_at,
        instants=instants,
        regressor_names=spec.explained_by if p else (),
        refused=_refused(rows, spec, with_ended),
        doubts=doubts,
    )


def _refused(rows: Sequence[Aligned], spec: StudySpec, with_ended: bool) -> dict[tuple[int, Window], str]:
    """Windows with a session that has no price of the asset, or no return of what explains it.

    Where later sessions have one, the move over it belongs to no single day. Where the prices of what explains the
    asset end before its own, a part of the window would be told as the whole.
    """
    series = {id(row.series): row.series for row in rows}
    holes = {key: _holes(found, spec) for key, found in series.items()}
    out: dict[tuple[int, Window], str] = {}
    for i, row in enumerate(rows):
        sessions = row.series.sessions
        for places, who, lag, last in holes[id(row.series)]:
            for window in spec.windows:
                at = int(np.searchsorted(places, row.alignment.index + window.start - lag))
                if at == places.size or (place := int(places[at])) > row.alignment.index + window.end:
                    continue
                if place < last:
                    what = "price" if lag else "return"
                    out.setdefault((i, window), f"{who} {what} on {sessions[place]}, a session like any other")
                elif not with_ended:
                    end = f"the prices end on {sessions[last]}"
                    out.setdefault((i, window), f"{who} price on {sessions[place]}; {end}")
    return out


def _holes(series: ReturnSeries, spec: StudySpec) -> list[tuple[Int64Array, str, int, int]]:
    """Sessions without a price of the asset, and those of its returns over which what explains it has none.

    With each: whose they are, how many sessions before a window count with it, and the last that is known.
    """
    columns = [(series.prices, np.isnan(series.prices), f"{series.asset} has no", 1)]
    if spec.is_lumped:  # the return over a hole stands on the session that ends it
        columns = []
    if MODELS[spec.model].regressors == "peers":  # of whom those count that there are
        explained = [(np.where(np.isfinite(series.x).any(axis=1), 0.0, np.nan), "no peer has a")]
    else:
        explained = [(series.x[:, j], f"{name} has no") for j, name in enumerate(spec.explained_by)]
    columns += [(x, np.isnan(x) & np.isfinite(series.y), who, 0) for x, who in explained]
    found = []
    for values, is_lost, who, lag in columns:
        known = np.flatnonzero(np.isfinite(values))
        if known.size:
            end = known[-1] if lag else None  # of the asset those between two that have one
            places = known[0] + np.flatnonzero(is_lost[known[0] : end])
            if places.size:
                found.append((places, who, lag, int(known[-1])))
    return found
