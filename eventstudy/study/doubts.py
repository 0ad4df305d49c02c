"""Prices of a table that are in doubt, and what becomes of the samples that rest on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from eventstudy.calendars import named_calendar
from eventstudy.errors import DataError
from eventstudy.evidence.flags import MISPLACED, Flag, doubts_of
from eventstudy.evidence.misplaced import week_from_sunday
from eventstudy.evidence.quiet import is_quiet
from eventstudy.evidence.rules import Quotes, examine, quotes_of_days
from eventstudy.evidence.scale import may_change_unit
from eventstudy.evidence.sessions import misplaced_flags
from eventstudy.parallel import in_order
from eventstudy.records import Float64Array, Int64Array, SessionArray
from eventstudy.registry.models import MODELS
from eventstudy.spec import StudySpec
from eventstudy.study.frame import Market
from eventstudy.study.placing import Placed
from eventstudy.study.samples import Samples
from eventstudy.tables.shapes import NOT_HELD, Values

CONFIRM = "--confirm {asset}:{session}"
MOST_WARNINGS = 20
COLUMNS = 16  # looked at together: what stays in the cache
PIECE = 1 << 19  # numbers copied at a time
# What closes alone do not show.
OF_ADJUSTED = ("range", "repeated", "untraded", "adjusted")
OF_BARS = (*OF_ADJUSTED, "dividend", "dividend-again", "split-not-applied", "split-twice")

Doubts = Mapping[int, Mapping[int, str]]  # column → row of every return that a price in doubt makes → words


def examined(
    market: Market, used: Mapping[int, str | None], values: Values, confirm: Sequence[str]
) -> tuple[Doubts, tuple[str, ...]]:
    """The returns that rest on a price in doubt, and a warning for every such price.

    Of a table of returns, the prices that would make them are held against the rules.

    Parameters
    ----------
    market : Market
    used : mapping of int to str or None
        Columns that the study reads, each with its calendar.
    values : {"prices", "returns", "volume", "changes"}
        Volumes jump, and changes are none of prices: they are not examined.
    confirm : sequence of str
        ``ASSET:DATE`` of every price that a person confirms.

    Raises
    ------
    DataError
        When a price that is to be confirmed is not in doubt.
    """
    found, told, confirmed = examined_columns(market, used, values, confirm)
    return found, summed_up(told.values(), confirmed, confirm)


def examined_columns(
    market: Market, used: Mapping[int, str | None], values: Values, confirm: Sequence[str]
) -> tuple[dict[int, dict[int, str]], dict[str, tuple[str, ...]], set[str]]:
    """As `examined`, of columns that may be a part of the table.

    Returns
    -------
    dict
        Column → row of every return that a price in doubt makes → words.
    dict
        Name of a column → a warning for every such price, in the order of the columns.
    set of str
        What of `confirm` is of one of these prices.
    """
    wanted: dict[str, Flag | None] = dict.fromkeys(confirm)
    found: dict[int, dict[int, str]] = {}
    told: dict[str, tuple[str, ...]] = {}
    for j, price, seen, odd in _in_doubt(market, used) if values not in NOT_HELD else ():
        name = market.names[j]
        flags = list(_confirmed(name, seen, wanted))
        said = (*([f"{name}: {odd}"] if odd is not None else ()), *_told(name, flags))
        if said:
            told[name] = said
        known = np.flatnonzero(np.isfinite(price))
        for day, words in doubts_of(name, flags, CONFIRM):
            k = int(np.searchsorted(market.sessions, day))
            after = known[np.searchsorted(known, k, side="right") :][:1].tolist()
            found.setdefault(j, {}).update(dict.fromkeys([k, k + 1, *after], words))
    return found, told, {text for text, flag in wanted.items() if flag is not None}


def summed_up(told: Iterable[Sequence[str]], confirmed: set[str], confirm: Sequence[str]) -> tuple[str, ...]:
    """The warnings of all columns, no more than a reader takes in; refuses what is confirmed and not in doubt."""
    warnings = [text for texts in told for text in texts]
    if left := [text for text in dict.fromkeys(confirm) if text not in confirmed]:
        remedy = "name one as ASSET:DATE, of an asset that the study reads"
        raise DataError("no price is in doubt there", where="confirm", value=left[0], remedy=remedy)
    if len(warnings) > MOST_WARNINGS:
        warnings[MOST_WARNINGS:] = [f"{len(warnings) - MOST_WARNINGS} more prices are in doubt, or confirmed"]
    return tuple(warnings)


def used_columns(market: Market, placed: Placed, spec: StudySpec, usable: Int64Array) -> dict[int, str | None]:
    """Columns that a study of the events `usable` reads, each with the calendar of the first of its events."""
    kind = MODELS[spec.model].regressors
    names: set[str | None] = {spec.benchmark, *placed.benchmarks} if kind == "benchmark" else set()
    if kind in ("factors", "peers"):
        names |= set(spec.factors or (market.names if kind == "peers" else ()))
    out: dict[int, str | None] = {j: None for j, name in enumerate(market.names) if name in names}
    columns, first = np.unique(placed.columns[usable], return_index=True)
    for j, i in zip(columns.tolist(), usable[first].tolist(), strict=True):
        out[j] = placed.calendars[i] if placed.calendars else None
    return dict(sorted(out.items()))


def with_doubts(
    samples: Samples, doubts: Doubts, numbers: Int64Array, columns: Int64Array, stride: int, *, is_own: bool
) -> Samples:
    """`samples` without the returns that rest on a price in doubt, which it knows.

    Parameters
    ----------
    samples : Samples
    doubts : mapping
    numbers, columns : Int64Array
        Shape (m,): which series of the pool is from which column of the table.
    stride : int
        Places from one series of the pool to the next.
    is_own : bool
        Whether nobody else reads the memory of the pool, so that it may be written to.
    """
    here = np.isin(columns, list(doubts))
    if not here.any():
        return samples
    pairs = np.unique(np.column_stack([numbers[here], columns[here]]), axis=0)
    last = stride - 2 * samples.margin
    places = {
        number * stride + samples.margin + row: words
        for number, column in pairs.tolist()
        for row, words in doubts[column].items()
        if row < last
    }
    pool = samples.pool if is_own else _copied(samples.pool)
    pool[list(places)] = np.nan
    return replace(samples, pool=pool, doubts=places)


def _copied(values: Float64Array) -> Float64Array:
    """A copy, made on all cores."""
    out = np.empty_like(values)

    def work(start: int) -> None:
        out[start : start + PIECE] = values[start : start + PIECE]

    for _ in in_order(work, range(0, values.size, PIECE)):
        pass
    return out


def _in_doubt(
    market: Market, used: Mapping[int, str | None]
) -> Iterator[tuple[int, Float64Array, list[Flag], str | None]]:
    """Those of the columns `used` with a price in doubt, or odd weeks, with all that looks wrong in them.

    What is quiet, and has no bars in the table, needs no closer look.
    """
    columns = sorted(used)
    sessions = {name: _sessions(market, name) for name in market.calendars}
    # of days that are not theirs returns tell nothing
    weekend = np.flatnonzero(~np.is_busday(market.sessions))
    closed = {name: np.flatnonzero(~np.isin(market.sessions, days)) for name, days in market.calendars.items()}

    def is_off(j: int) -> bool:
        """Whether a column has a price on a day that its calendar holds closed."""
        rows = closed.get(used[j] or "", weekend[:0])
        return market.levels is not None and bool(np.isfinite(market.levels[rows, j]).any())

    def examined(j: int) -> tuple[int, Float64Array, list[Flag], str | None]:
        price, own = _prices(market, j), sessions.get(used[j] or "")
        odd = None if own is not None else week_from_sunday(market.sessions[np.isfinite(price)])
        return j, price, _flags(market, market.names[j], price, own), odd

    def work(start: int) -> list[tuple[int, Float64Array, list[Flag], str | None]]:
        some = columns[start : start + COLUMNS]
        returns = market.some_returns(some)
        # the first return of a table of prices is missing; of a table of returns it makes the first price
        is_whole = np.isfinite(returns[0]) if market.levels is None else np.isfinite(market.levels[0, some])
        quiet = is_quiet(returns[1:], market.kind) & is_whole
        quiet &= ~_stand_still(market, some).any(axis=0) & ~(np.abs(returns[weekend]) > 0).any(axis=0)
        if market.levels is None:
            quiet &= ~may_change_unit(returns)
        loud = [
            j
            for j, is_spared in zip(some, quiet.tolist(), strict=True)
            if not is_spared or is_off(j) or market.names[j] in market.bars
        ]
        found = [examined(j) for j in loud]
        return [one for one in found if one[-1] is not None or any(flag.is_doubt for flag in one[2])]

    return chain.from_iterable(in_order(work, range(0, len(columns), COLUMNS)))


def _sessions(market: Market, name: str) -> SessionArray:
    """Sessions of a calendar as far as the table reaches, those too that `market` takes for closures."""
    return named_calendar(name).sessions(market.sessions[0].item(), market.sessions[-1].item())[0]


def _flags(market: Market, name: str, price: Float64Array, sessions: SessionArray | None) -> list[Flag]:
    """What looks wrong in a column of prices: by itself, by its calendar, and by the bars that the table has of it."""
    plain = quotes_of_days(market.sessions, price)
    are_returns = not _has_prices(market, market.column(name))
    flags = [*examine(plain, are_returns=are_returns), *_unmoved(market, name, price)]
    if sessions is not None:
        found = {flag.label for flag in flags if flag.rule == MISPLACED}
        flags += misplaced_flags(plain.labels, plain.sessions, price, sessions, found)
    if name not in market.bars:
        return flags
    known = {(flag.label, flag.rule) for flag in flags}
    whole = examine(Quotes(labels=plain.labels, sessions=plain.sessions, **market.bars[name]))
    # of adjusted prices the dividends are what these imply, and splits are none
    rules = OF_ADJUSTED if "adjusted" in market.bars[name] else OF_BARS
    return flags + [flag for flag in whole if flag.rule in rules and (flag.label, flag.rule) not in known]


def _stand_still(market: Market, columns: Sequence[int]) -> NDArray[np.bool_]:
    """Where columns did not move on the days on which nothing of the table did; shape (days, columns)."""
    returns = market.returns[market.unmoved][:, columns]
    if market.risk_free is None:
        return np.asarray(returns == 0)
    free = market.returns[market.unmoved, market.column(market.risk_free)]
    return np.asarray((returns == 0) | (returns == -free[:, None]))


def _unmoved(market: Market, name: str, price: Float64Array) -> Iterator[Flag]:
    """The days on which neither a column nor any other of the table moved."""
    rows = market.unmoved[_stand_still(market, [market.column(name)])[:, 0]]
    for row in rows.tolist():
        label = int(market.sessions[row].astype("datetime64[s]").astype(np.int64))
        detail = f"{price[row]:g}"
        yield Flag(label=label, session=market.sessions[row], rule="unmoved", detail=detail, since=label)


def _has_prices(market: Market, j: int) -> bool:
    """Whether a column is of prices: of a table of prices, but for factors beside it."""
    return market.levels is not None and bool(np.isfinite(market.levels[:, j]).any())


def _prices(market: Market, j: int) -> Float64Array:
    """Prices of a column, or, where returns were given, those that would make them."""
    if market.levels is not None and _has_prices(market, j):
        return market.levels[:, j]
    moves = market.returns[:, j]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        logs = moves if market.kind == "log" else np.log1p(moves)
        return np.where(np.isfinite(logs), np.exp(np.cumsum(np.where(np.isfinite(logs), logs, 0.0))), np.nan)


def _told(name: str, flags: Sequence[Flag]) -> Iterator[str]:
    """A warning for every stretch of a column that is in doubt, or confirmed."""
    runs: dict[tuple[str, int], list[Flag]] = {}
    for flag in flags:
        if flag.is_doubt or flag.confirmed:
            runs.setdefault((flag.rule, flag.since), []).append(flag)
    for first, *_, last in ([*run, run[-1]] for run in runs.values()):
        yield f"{name}: {first.text}" + (f", and so until {last.session}" if last is not first else "")


def _confirmed(name: str, flags: Sequence[Flag], wanted: dict[str, Flag | None]) -> Iterator[Flag]:
    """The flags of a column, with those that a person confirms; notes in `wanted` what each of these was for."""
    chosen = set()
    for flag in flags:
        text = f"{name}:{flag.session}"
        if text in wanted and flag.is_doubt:
            wanted[text] = flag
            chosen.add((flag.rule, flag.since))
    for flag in flags:
        yield replace(flag, confirmed="confirmed by --confirm") if (flag.rule, flag.since) in chosen else flag
