"""The size of bars: that of the file, coarser ones made of finer ones, and rows that start off the grid."""

from __future__ import annotations

import numpy as np

from eventstudy.errors import DataError
from eventstudy.records import Float64Array, Int64Array
from eventstudy.study.clock.bars import MINUTE, SIZES, Bars, make_bars
from eventstudy.study.clock.hours import Flags, Market
from eventstudy.study.clock.plain import instant
from eventstudy.study.clock.table import Rows

OFTEN = 0.02  # share of all distances between bars
MOST_OFF = 0.02  # share of rows that start off the grid of bars: more are no live quotes


def bars_of(symbol: str, rows: Rows, market: Market, bar: str, warnings: list[str]) -> Bars:
    """The bars of a symbol at the size that is studied; coarser ones are made of finer ones, and that is said.

    Raises
    ------
    DataError
        When the bars of the file are longer, or overlap.
    """
    size = SIZES[bar] * MINUTE
    inside = market.is_inside(rows.starts)
    spacing = _spacing(symbol, rows.starts[inside], bar, market)
    given, rows = rows, _on_grid(symbol, rows, bar, inside, spacing, market, warnings)
    if rows is not given:
        spacing = _spacing(symbol, rows.starts[market.is_inside(rows.starts)], bar, market)
    if spacing is not None and spacing < size:
        if size % spacing:
            raise DataError(
                f"no bar of {bar} can be made of bars of {symbol}, which are {_minutes(spacing)} apart",
                where="bar",
                value=bar,
                remedy=f"write {_named(spacing)}",
            )
        warnings.append(f"{symbol}: bars of {bar} were made of bars of {_named(spacing)}")
        rows = _coarser(rows, size, market)
    return make_bars(symbol, market, size, rows.starts, rows.columns)


def _spacing(symbol: str, starts: Int64Array, bar: str, market: Market) -> int | None:
    """The usual distance between the bars inside the sessions, which is not longer than `bar`."""
    spacing = usual_spacing(starts)
    if spacing is not None and spacing > SIZES[bar] * MINUTE and _is_one(_phase(starts, starts, market, spacing)):
        raise DataError(
            f"the bars of {symbol} are {_minutes(spacing)} apart",
            where="bar",
            value=bar,
            remedy=f"write {_named(spacing)}, or give finer bars",
        )
    return spacing


def usual_spacing(starts: Int64Array) -> int | None:
    """The smallest distance at which bars often follow each other, nanoseconds; None for fewer than two."""
    if starts.size < 2:
        return None
    gaps, count = np.unique(np.diff(starts), return_counts=True)
    return int(gaps[np.argmax(count >= OFTEN * count.sum())])


def _phase(starts: Int64Array, inside: Int64Array, market: Market, step: int) -> Int64Array:
    """Where each row starts on the grid of `step` nanoseconds, shape (m,).

    The grid is that of the clock or, where more rows inside the sessions lie on it, the one that is counted from every
    opening: of Hong Kong an hour begins at 9:30 and, after the break, at 13:00.
    """
    opens, _, _ = market.intervals

    def counted(of: Int64Array) -> Int64Array:
        begin: Int64Array = opens[np.maximum(np.searchsorted(opens, of, side="right") - 1, 0)]
        return (of - begin) % step

    def most(phase: Int64Array) -> int:
        return int(np.unique(phase, return_counts=True)[1].max())

    by_clock = inside % step
    is_by_clock = _is_one(by_clock) or most(by_clock) >= most(counted(inside))
    return starts % step if is_by_clock else counted(starts)


def _is_one(values: Int64Array) -> bool:
    """Whether all are the same."""
    return not values.size or bool((values == values[0]).all())


def _coarser(rows: Rows, size: int, market: Market) -> Rows:
    """Bars of `size` nanoseconds made of finer ones, counted from each opening; one without any of them is left out.

    Rows that are no bars, and those outside the sessions, stay as they are.
    """
    close, volume = rows.columns["close"], rows.columns.get("volume")
    is_bar = np.isfinite(close) & (close > 0)
    if volume is not None and (volume > 0).any():
        is_bar &= volume != 0
    opens, _, _ = market.intervals
    is_inside = is_bar & market.is_inside(rows.starts)
    begin = opens[np.searchsorted(opens, rows.starts[is_inside], side="right") - 1]
    starts = begin + (rows.starts[is_inside] - begin) // size * size
    unique, first = np.unique(starts, return_index=True)
    beyond = np.append(first[1:], starts.size)
    out: dict[str, Float64Array] = {}
    for name, values in rows.columns.items():
        v = values[is_inside]
        if name in ("open", "close"):
            made = v[first] if name == "open" else v[beyond - 1]
        elif name == "volume":
            made = np.add.reduceat(np.nan_to_num(v), first) if v.size else v
        else:
            made = (np.fmax if name == "high" else np.fmin).reduceat(v, first) if v.size else v
        out[name] = np.concatenate([made, values[~is_inside]])
    joined = np.concatenate([unique, rows.starts[~is_inside]])
    order = np.argsort(joined, kind="stable")
    order = order[np.append(True, joined[order][1:] > joined[order][:-1])]  # a made bar goes before what is none
    return Rows(starts=joined[order], columns={name: values[order] for name, values in out.items()})


def _on_grid(
    symbol: str, rows: Rows, bar: str, inside: Flags, spacing: int | None, market: Market, warnings: list[str]
) -> Rows:
    """Rows whose start lies on the grid of bars; a live quote among them does not, and is left out.

    Raises
    ------
    DataError
        When bars overlap: many start off the grid, or bars of two sizes stand in one file.
    """
    if spacing is None:
        return rows
    # a symbol that is seldom traded has bars far apart that start on the grid of smaller ones
    phase = _phase(rows.starts, rows.starts[inside], market, min(spacing, SIZES[bar] * MINUTE))
    if _is_one(phase):
        return rows
    phases, count = np.unique(phase[inside], return_counts=True)
    is_on = (phase == phases[np.argmax(count)]) | ~inside
    off = rows.starts.size - int(is_on.sum())
    if off > MOST_OFF * rows.starts.size:
        phase = _phase(rows.starts[inside], rows.starts[inside], market, SIZES[bar] * MINUTE)
        phases, count = np.unique(phase, return_counts=True)
        first = int(np.argmax(phase != phases[np.argmax(count)]))
        raise DataError(
            f"the bars of {symbol} overlap, or do not start on one grid, as that of "
            f"{instant(rows.starts[inside][first])}",
            where="bar",
            value=bar,
            remedy="give bars of one size that start at full multiples of it",
        )
    if off:
        warnings.append(f"{symbol}: {off} rows start off the grid of bars, as live quotes do; left out")
        return Rows(starts=rows.starts[is_on], columns={name: v[is_on] for name, v in rows.columns.items()})
    return rows


def _minutes(spacing: int) -> str:
    return f"{spacing // MINUTE} minutes" if spacing >= MINUTE else f"{spacing / 1e9:g} seconds"


def _named(size: int) -> str:
    minutes = size // MINUTE
    return next((name for name, m in SIZES.items() if m == minutes), f"{minutes}m")
