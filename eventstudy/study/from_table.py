"""Samples from a table: columns of prices or returns, and events placed on its sessions."""

from __future__ import annotations

import numpy as np

from eventstudy.errors import DataError
from eventstudy.order import names_at
from eventstudy.records import Float64Array, Int64Array
from eventstudy.registry.models import MODELS
from eventstudy.returns import spans
from eventstudy.spec import StudySpec
from eventstudy.study.apart import apart_from_the_table
from eventstudy.study.doubts import Doubts, with_doubts
from eventstudy.study.frame import Market, growth
from eventstudy.study.own_series import with_own_series
from eventstudy.study.placing import Placed
from eventstudy.study.samples import LEFT_OUT, Samples

TILE = 64  # sessions turned at a time: four times as fast as all at once


def samples_of_table(
    market: Market,
    placed: Placed,
    spec: StudySpec,
    usable: Int64Array,
    *,
    is_shifted: bool,
    doubts: Doubts,
    mask_events: bool = False,
    is_last: bool = False,
) -> Samples:
    """Lay out the columns that the model of `spec` needs, and the places of the events `usable` in them.

    Parameters
    ----------
    is_shifted : bool
        Whether samples will also be taken around days of the estimation window.
    doubts : mapping
        As `eventstudy.study.doubts.examined` gives them.
    mask_events : bool
        Whether days of other events of an asset are left out of the estimation window.
    is_last : bool
        Whether nobody reads the returns of `market` afterwards: those that rest on a price in doubt may go from it.

    Raises
    ------
    DataError
        When the model needs a benchmark, factors or peers that are not there, or returns that cannot be lumped.
    """
    lead, tail = MODELS[spec.model].reach(spec)
    tau = np.arange(spec.estimation.start - lead, spec.event_window.end + tail + 1)
    pad = padding(tau)
    rows, columns, length = placed.rows[usable], placed.columns[usable], market.sessions.size
    names, regressors = _factors(market, placed, spec, usable)
    apart = []
    if not spec.is_lumped:
        apart = apart_from_the_table(market, placed, spec, usable, regressors, mask_events=mask_events)
    elif mask_events or placed.delisting:
        raise DataError(
            "events are masked, and delisting returns taken, where a return covers one session",
            where="missing",
            value=spec.missing,
            remedy="use --missing drop and another model than trade-to-trade",
        )
    is_inside = (
        not apart and not is_shifted and rows.size > 0 and rows.min() + tau[0] >= 0 and rows.max() + tau[-1] < length
    )
    margin = 0 if is_inside else pad
    stride, first = length + 2 * margin, margin + rows + int(tau[0])
    span, asked = None, np.append(columns, regressors)
    if spec.is_lumped:
        pool, span, columns, regressors = _lumped(market, spec, columns, regressors, margin)
    else:
        pool = _by_asset(market.returns, margin)
    none = np.full(pad, -1, dtype=np.int32)
    samples = Samples(
        event_ids=names_at(placed.event_ids, usable),
        assets=names_at(placed.assets, usable),
        tau=tau,
        estimation=spec.estimation,
        event_window=spec.event_window,
        pool=pool,
        span=span,
        y_at=columns * stride + first,
        x_at=np.where(regressors == LEFT_OUT, LEFT_OUT, regressors * stride + first[:, None]),
        begin=columns * stride + margin,
        end=columns * stride + margin + length,
        margin=margin,
        days=np.concatenate([none, market.sessions.astype(np.int64).astype(np.int32), none]),
        days_at=pad + rows + int(tau[0]),
        regressor_names=() if isinstance(names, list) else names,
        benchmarks=tuple(names) if isinstance(names, list) else None,
    )
    samples = with_doubts(samples, doubts, np.append(columns, regressors), asked, stride, is_own=is_last or margin > 0)
    return (
        with_own_series(samples, market, placed.rows[usable], regressors, apart, pad, spec.windows, doubts)
        if apart
        else samples
    )


def padding(tau: Int64Array) -> int:
    """Days that are none before and after the sessions of a table in ``Samples.days``."""
    return max(tau.size, abs(int(tau[0])), abs(int(tau[-1])) + 1)


def _factors(
    market: Market, placed: Placed, spec: StudySpec, usable: Int64Array
) -> tuple[tuple[str, ...] | list[str], Int64Array]:
    """Names of the regressors, or of the benchmark of each event where they differ; and their columns, shape (n, p)."""
    n = usable.size
    regressors = MODELS[spec.model].regressors
    if regressors == "benchmark":
        if not any(placed.benchmarks):
            name = spec.benchmark or ""
            return (name,), np.full((n, 1), market.column(name, "benchmark"), dtype=np.int64)
        own = [placed.benchmarks[i] or spec.benchmark or "" for i in usable.tolist()]
        places = {name: market.column(name, "benchmark") for name in dict.fromkeys(own)}
        return own, np.array([[places[name]] for name in own], dtype=np.int64).reshape(n, 1)
    if regressors == "factors":
        if not spec.factors:
            raise DataError(
                "the factor model needs factors", where="factors", remedy="name columns, or ff3, carhart, ff5"
            )
        return spec.factors, np.tile(np.array([market.column(name, "factors") for name in spec.factors]), (n, 1))
    if regressors == "peers":
        names = spec.factors or tuple(name for name in market.names if name != spec.benchmark)
        peers = np.tile(np.array([market.column(name, "factors") for name in names], dtype=np.int64), (n, 1))
        peers[peers == placed.columns[usable][:, None]] = LEFT_OUT  # an asset is not its own peer
        return names, peers
    return (), np.empty((n, 0), dtype=np.int64)


def _lumped(
    market: Market, spec: StudySpec, columns: Int64Array, regressors: Int64Array, margin: int
) -> tuple[Float64Array, Float64Array, Int64Array, Int64Array]:
    """Returns since the last trade, and those of the regressors over the same spans (methods.md A5, A6).

    Returns
    -------
    Float64Array
        Pool of the assets that have an event, then of every regressor of each of them.
    Float64Array
        Sessions that each return covers.
    Int64Array, Int64Array
        Shapes (n,) and (n, p): the number of the series in the pool of each event, and of its regressors.
    """
    levels = market.levels
    if levels is None or market.risk_free is not None:
        raise DataError("lumped returns need prices", where="values", remedy="give prices, or use missing=drop")
    if MODELS[spec.model].lumped == "never":
        raise DataError(
            f"the {spec.model} model cannot use returns over several sessions",
            where="missing",
            value=spec.missing,
            remedy="use drop, or --model trade-to-trade",
        )
    assets, own = np.unique(columns, return_inverse=True)
    pairs, place = np.unique(
        np.column_stack([np.repeat(columns, regressors.shape[1]), regressors.ravel()]), axis=0, return_inverse=True
    )
    of_pair = np.searchsorted(assets, pairs[:, 0])
    span = np.nan_to_num(np.array([spans(levels[:, column]) for column in assets.tolist()])).astype(np.int64)
    pool = np.full((assets.size + len(pairs), len(levels) + 2 * margin), np.nan)
    covered = np.zeros_like(pool)
    here = slice(margin, margin + len(levels))
    before = np.arange(len(levels)) - span.reshape(assets.size, -1)
    for i, column in enumerate(assets.tolist()):
        pool[i, here] = np.where(span[i] > 0, growth(levels[:, column], levels[before[i], column], market.kind), np.nan)
        covered[i, here] = span[i]
    for j, (i, column) in enumerate(zip(of_pair.tolist(), pairs[:, 1].tolist(), strict=True), assets.size):
        if column != LEFT_OUT:
            both = growth(levels[:, column], levels[before[i], column], market.kind)
            pool[j, here] = np.where(span[i] > 0, both, np.nan)
    numbers = np.where(regressors == LEFT_OUT, LEFT_OUT, assets.size + place.reshape(regressors.shape))
    return pool.ravel(), covered.ravel(), own.astype(np.int64), numbers


def _by_asset(y: Float64Array, margin: int) -> Float64Array:
    """The columns of `y`, one after the other, with `margin` missing sessions before and after each."""
    if not margin and y.flags.f_contiguous:
        return y.T.ravel()
    out = np.empty((y.shape[1], len(y) + 2 * margin))
    out[:, :margin] = out[:, margin + len(y) :] = np.nan
    for start in range(0, len(y), TILE):
        piece = y[start : start + TILE]
        out[:, margin + start : margin + start + len(piece)] = piece.T
    return out.ravel()
