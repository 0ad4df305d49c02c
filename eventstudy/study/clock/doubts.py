"""Bars whose price is in doubt: the rules of all prices, and what bars can tell besides."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator
from dataclasses import replace

import numpy as np

from eventstudy.evidence.flags import FLAGS
from eventstudy.evidence.rules import (
    FROZEN_RUN,
    NEAR,
    REVERSAL_LEFT,
    SIGMAS,
    STILL_CHANCE,
    STILL_SHARE,
    Quotes,
    examine,
)
from eventstudy.records import Float64Array
from eventstudy.study.clock.bars import Bars
from eventstudy.study.clock.plain import instant

SECOND = 1_000_000_000
SPIKE = (0.005, 10.0)  # log return of a jump that the next bar takes back, and how many times the usual move it is
FROZEN_BARS = 12  # equal closes in a row; of fewer it is asked whether chance makes them
FROZEN_TIMES = 3  # how many times as long as other runs of the symbol
FROZEN_RUNS = 3  # that many may be frozen ones
ON_FILES = "--confirm {symbol}:{start}"
ASKED = ("range", "tenfold", "level", "reversal")


def with_doubts(bars: Bars, confirmed: Collection[str] = (), how: str = ON_FILES) -> tuple[Bars, set[str]]:
    """The bars with those marked whose price is in doubt.

    Parameters
    ----------
    bars : Bars
    confirmed : collection of str
        ``SYMBOL:START`` of prices that are right all the same; that of a finer bar holds for the one made of it.
    how : str
        How a person says so, with ``{symbol}`` and ``{start}``; left out when empty.

    Returns
    -------
    Bars
    set of str
        Those of `confirmed` that were in doubt.
    """
    found: dict[int, str] = {}
    rules: dict[int, dict[str, str]] = {}
    used: set[str] = set()
    if not bars.close.size:
        return bars, used
    named = dict(_places(bars, confirmed))
    for place, rule, detail in _flags(bars):
        if place in named:
            used.add(named[place])
        else:
            rules.setdefault(place, {}).setdefault(rule, detail)
    for place, broken in rules.items():
        start = instant(bars.starts[place])
        (rule, detail), *more = broken.items()
        words = f"{bars.symbol}: {FLAGS[rule][0]} at {start} ({detail})"
        words += "".join(f", and {FLAGS[other][0]}" for other, _ in more)
        if how:
            words += f"; mend it at its source, or confirm it: {how.format(symbol=bars.symbol, start=start)}"
        found[place] = words
    return (replace(bars, doubts=found) if found else bars), used


def _places(bars: Bars, confirmed: Collection[str]) -> Iterator[tuple[int, str]]:
    """Place of every bar that was confirmed, or is made of one that was, and what was confirmed."""
    for name in confirmed:
        if name.startswith(f"{bars.symbol}:"):
            # whoever named what is no time is told that nothing is in doubt there
            with contextlib.suppress(ValueError):
                at = np.datetime64(name.removeprefix(f"{bars.symbol}:").removesuffix("Z"), "ns").astype(np.int64)
                place = int(np.searchsorted(bars.starts, at, side="right")) - 1
                if place >= 0 and at < bars.ends[place]:
                    yield place, name


def _flags(bars: Bars) -> Iterator[tuple[int, str, str]]:
    """Place, rule and numbers of every bar in doubt."""
    quotes = Quotes(
        labels=bars.starts // SECOND,
        sessions=bars.starts.astype("datetime64[ns]").astype("datetime64[s]"),
        close=bars.close,
        high=bars.high,
        low=bars.low,
    )
    # prices stand still for minutes as they never do for days: that is asked below
    for flag in examine(quotes, may_stand=True):
        if flag.rule in ASKED:
            place = int(np.searchsorted(quotes.labels, flag.label))
            if flag.rule != "reversal" or not _travelled(bars, place):
                yield place, flag.rule, flag.detail
    yield from _spikes(bars)
    yield from _frozen(bars)


def _travelled(bars: Bars, place: int) -> bool:
    """Whether the next bar's own prices go half of the way back: then somebody traded there."""
    if place + 1 >= bars.close.size or not np.isfinite(bars.low[place + 1]):
        return False
    before, there = bars.close[place - 1], bars.close[place]
    half = np.sqrt(before * there)
    return bool(bars.low[place + 1] <= half if there < before else bars.high[place + 1] >= half)


def _spikes(bars: Bars) -> Iterator[tuple[int, str, str]]:
    """Smaller jumps than days can tell: the next bar takes them back, and has traded nowhere near."""
    if bars.close.size < 2 * NEAR or not np.isfinite(bars.low).any():
        return
    moves = np.diff(np.log(bars.close))
    size = np.abs(moves)
    moved = size[size > 0]  # a coarse tick stands still mostly, and its moves are no jumps
    if moved.size < 2 * NEAR:
        return
    least = max(SPIKE[0], SPIKE[1] * 1.4826 * float(np.median(moved)))
    large = np.flatnonzero(size[:-1] > least)
    there, back = moves[large], moves[large + 1]
    is_back = (there * back < 0) & (np.abs(there + back) <= REVERSAL_LEFT * size[large])
    for k in large[is_back].tolist():
        near = np.concatenate([size[max(k - NEAR, 0) : k], size[k + 2 : k + 2 + NEAR]])
        if size[k] > SIGMAS * 1.4826 * float(np.median(near)) and not _travelled(bars, k + 1):
            yield k + 1, "reversal", f"{np.expm1(moves[k]):+.2%}, then {np.expm1(moves[k + 1]):+.2%}"


def _frozen(bars: Bars) -> Iterator[tuple[int, str, str]]:
    """Runs of equal closes within a session, in bars without a range or with that of the bar before.

    Far longer than any others of the symbol, and than chance would make them.
    """
    same = (bars.close[1:] == bars.close[:-1]) & (bars.spans[1:] == bars.spans[:-1])
    flat = np.isnan(bars.low) | (bars.high == bars.low)
    same &= flat[1:] | ((bars.low[1:] == bars.low[:-1]) & (bars.high[1:] == bars.high[:-1]))
    edges = np.flatnonzero(~same) + 1
    starts, ends = np.append(0, edges), np.append(edges, bars.close.size)
    lengths = ends - starts
    usual = _all_but(lengths, FROZEN_RUNS)
    shorter = lengths[lengths <= max(usual, 1)] - 1
    still = max(float(shorter.sum()) / max(same.size, 1), STILL_SHARE)
    for k in np.flatnonzero(lengths >= max(FROZEN_RUN, FROZEN_TIMES * usual + 1)).tolist():
        if lengths[k] < FROZEN_BARS and same.size * still ** (lengths[k] - 1) > STILL_CHANCE:
            continue
        # the first is a price like any other
        for place in range(int(starts[k]) + 1, int(ends[k])):
            yield place, "frozen", f"{lengths[k]} equal closes in a row"


def _all_but(lengths: Float64Array, few: int) -> int:
    """The longest run but for a few."""
    return int(np.sort(lengths)[-1 - few]) if lengths.size > few else 1
