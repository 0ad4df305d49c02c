"""Rules by which a bar is flagged: pure functions of plain arrays, with the thresholds below.

docs/evidence.md explains each, and what was tried to set the thresholds: markets do crash, recover, stand still behind
a peg and multiply in a day, and none of that may be called an error.
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np
from numpy.typing import NDArray

from eventstudy.evidence.flags import Flag
from eventstudy.evidence.misplaced import misplaced_weeks
from eventstudy.evidence.scale import changes_of_unit
from eventstudy.evidence.untraded import untraded_bars
from eventstudy.records import Float64Array, Int64Array, SessionArray

DAY_SECONDS = 86_400
FEWEST = 11  # prices that tell what is usual
SIGMAS = 8.0  # how many times the usual move a jump is
TENFOLD = np.log(np.array([10.0, 100.0, 1000.0]))
TENFOLD_NEAR = 0.25  # in logs: a false price moves with the market too
LONGEST_RUN = 60  # bars; the two ends of a longer one are flagged, and what is between them is a level of its own
REVERSAL_JUMP = 0.15  # log return of a jump that the next bar takes back
REVERSAL_LEFT = 0.2  # share of it that may be left
SMALL_REVERSAL = (0.03, 20.0)  # a smaller one: log return, and how many times the usual move it is
EXCURSION_JUMP, EXCURSION_LEFT, LONGEST_EXCURSION = 0.18, 0.1, 60  # the same of runs: log return, share, bars
NEWS = 8.0  # and usual moves: a false price moves with the market too
SPLIT_LEFT = 0.12  # how near the move of a split's day is to the split itself, as a share
SMALLEST_SPLIT = 0.139  # log of the smallest split, 1.15 for 1, that can be told from any market move
SPLIT_SIGMAS = 3.0  # usual moves: how near to a smaller one a move is, which is twice as large itself
FACTOR_JUMP = 0.59  # log return that stays, of a factor of nearly two
FACTORS = np.log(np.array([2.0, 3.0, 4.0, 5.0]))
FACTOR_LEFT = 0.05  # how near, in logs, to one of these factors
LONGEST_GAP = 45  # days without a bar; no venue was ever closed so long, and nothing is known of them
DIVIDEND_SHARE, DIVIDEND_SIGMAS = 0.02, 4.0  # of the price before, and in usual moves: a dividend that must be seen
DIVIDEND_LEFT, EXCESS_SIGMAS = 0.3, 2.5  # share of a dividend, and usual moves, by which it was not followed
AGAIN_DAYS, AGAIN_SHARE = 3, 2e-3  # bars within which, and share of the price of which, none is paid a second time
LARGE_DIVIDEND = 0.5  # of the price before
OUTSIDE = 1e-6  # relative: what a close may lie outside [low, high] by rounding
ADJUSTED_LEFT = 1e-3  # relative, of one return: what rounding and the ways to take a dividend off leave apart
STALE_RUN = 8  # equal closes in a row that are said
FROZEN_RUN = 4  # and, where chance makes none such, that are in doubt
NEAR = 10  # moves on either side of a jump: in a crisis large moves that turn round are usual
AROUND = 250  # moves on either side of a run of equal closes
STILL_SHARE = 0.01  # of days without a move: at least so many are taken to be usual
STILL_CHANCE = 1e-3  # expected runs of that length, by the share of days without a move: fewer are no chance
PEG_MOVE = 1e-3  # median size of the moves around, up to which a price is taken to be held in place
DECIMALS = 6  # of prices that are rounded for people; more are those of a computer


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotes:
    """Bars as plain arrays of shape (n,), in order of time; None, or NaN, where a number is not known.

    Attributes
    ----------
    labels : Int64Array
        What each bar is called: seconds since 1970 of its start.
    sessions : SessionArray
    close : Float64Array
        As quoted, not adjusted for dividends.
    open, high, low, volume, dividend, split, adjusted : Float64Array or None
        As of `eventstudy.records.Snapshot`.
    """

    labels: Int64Array
    sessions: SessionArray
    close: Float64Array
    open: Float64Array | None = None
    high: Float64Array | None = None
    low: Float64Array | None = None
    volume: Float64Array | None = None
    dividend: Float64Array | None = None
    split: Float64Array | None = None
    adjusted: Float64Array | None = None


def quotes_of_days(sessions: SessionArray, close: Float64Array) -> Quotes:
    """Closes of days, of which nothing else is known."""
    return Quotes(
        labels=sessions.astype("datetime64[s]").astype(np.int64), sessions=sessions.astype("datetime64[D]"), close=close
    )


def examine(
    quotes: Quotes,
    *,
    currency_changes: Iterable[tuple[int, str]] = (),
    venue_changes: Iterable[tuple[int, str]] = (),
    unasked: Collection[int] = (),
    may_stand: bool = False,
    are_returns: bool = False,
) -> list[Flag]:
    """Everything that looks wrong in the bars of one series by themselves.

    Parameters
    ----------
    quotes : Quotes
    currency_changes, venue_changes : iterable of (int, str)
        Positions of the bars whose unit, or venue, is not that of the bar before, with both in words.
    unasked : collection of int
        Positions of the bars before which nobody asked for any: no gap of the source's.
    may_stand : bool
        Whether the price may stand still for years, as that of a currency behind a peg.
    are_returns : bool
        Whether the prices were made of returns, which may change their unit.
    """
    with np.errstate(all="ignore"):  # numbers of any size are looked at, and none is trusted
        series = _Series(quotes, may_stand=may_stand, unasked=unasked)
        found = [(run, rule) for rule, check in _RULES for run in check(series)]
        if are_returns:
            found += [
                ((int(series.good[a + 1]), int(series.good[b]) + 1, detail), "scale")
                for a, b, detail in changes_of_unit(series.size)
            ]
    found += [((i, i + 1, detail), "currency") for i, detail in currency_changes]
    found += [((i, i + 1, detail), "venue") for i, detail in venue_changes]
    labels = quotes.labels
    return [
        Flag(label=int(labels[i]), session=quotes.sessions[i], rule=rule, detail=detail, since=int(labels[first]))
        for (first, end, detail), rule in found
        for i in range(first, end)
    ]


def rounding(values: Float64Array) -> float:
    """Half a unit of the last decimal that all of `values` show; 0 where they are not rounded for people."""
    finite = values[np.isfinite(values)]
    with np.errstate(all="ignore"):  # numbers of any size are looked at
        for decimals in range(DECIMALS + 1 if finite.size else 0):
            if np.allclose(finite, np.round(finite, decimals), rtol=1e-12, atol=1e-10):
                return float(0.5 * 10.0**-decimals)
    return 0.0


Run = tuple[int, int, str]  # first bar, the bar after the last, the numbers


class _Series:
    """A series with what several rules ask of it.

    Attributes
    ----------
    good : Int64Array
        Positions of the closes that are prices.
    moves : Float64Array
        Log returns from one of them to the next: ``moves[k]`` leads to ``good[k + 1]``.
    size : Float64Array
        Their sizes.
    """

    def __init__(self, quotes: Quotes, *, may_stand: bool, unasked: Collection[int]) -> None:
        self.quotes, self.may_stand, self.unasked = quotes, may_stand, unasked
        close = quotes.close
        self.good = np.flatnonzero((close > 0) & (close < np.inf))
        self.price = close[self.good]
        self.moves = np.diff(np.log(self.price))
        self.size = np.abs(self.moves)
        self.is_long = self.price.size >= FEWEST
        self.largest = float(self.size.max()) if self.size.size else 0.0
        self.tenfold, self.levels = self._tenfold()
        self.still = list(self._still())

    @cached_property
    def usual(self) -> float:
        """The usual size of a move: 1.4826 times the median."""
        return 1.4826 * float(np.median(self.size)) if self.is_long else 0.0

    @cached_property
    def is_daily(self) -> bool:
        """Whether every bar is of a day."""
        return not (self.quotes.labels % DAY_SECONDS).any()

    def column(self, name: str) -> Float64Array:
        """A column of the quotes, NaN throughout where there is none."""
        found = getattr(self.quotes, name)
        return np.full(self.quotes.close.size, np.nan) if found is None else cast("Float64Array", found)

    def has(self, *names: str) -> bool:
        """Whether any number of these columns is known."""
        return any((c := getattr(self.quotes, name)) is not None and np.isfinite(c).any() for name in names)

    def told(self, k: int) -> str:
        """The numbers of move `k`."""
        return f"{self.price[k]:g} to {self.price[k + 1]:g}"

    def _still(self) -> Iterator[tuple[Run, bool]]:
        """Runs of equal closes, and whether the series never stands still otherwise."""
        same = self.moves == 0
        if int(same.sum()) < FROZEN_RUN - 1:
            return
        edges = np.flatnonzero(~same) + 1
        starts, ends = np.append(0, edges), np.append(edges, self.price.size)
        for k in np.flatnonzero(ends - starts >= FROZEN_RUN).tolist():
            first, end = int(starts[k]), int(ends[k])
            around = np.append(self.size[max(first - AROUND, 0) : first], self.size[end - 1 : end - 1 + AROUND])
            moved = around[around > 0]
            usual = max((around.size - moved.size + 1) / (around.size + 1), STILL_SHARE)
            is_odd = same.size * usual ** (end - first - 1) < STILL_CHANCE
            is_odd &= not self.may_stand and moved.size > 0 and float(np.median(moved)) > PEG_MOVE
            if is_odd or end - first >= STALE_RUN:
                # the first is a price like any other
                yield (
                    (int(self.good[first + 1]), int(self.good[end - 1]) + 1, f"{end - first} equal closes in a row"),
                    is_odd,
                )

    def _tenfold(self) -> tuple[list[tuple[int, int]], list[int]]:
        """Runs of prices ten times or more off, as places in `good`, and the moves that end or begin none."""
        if not self.is_long or self.largest < TENFOLD[0] - TENFOLD_NEAR:
            return [], []
        which = np.abs(self.size[:, None] - TENFOLD).argmin(axis=1)
        is_jump = (self.size >= TENFOLD[0] - TENFOLD_NEAR) & (self.size > SIGMAS * self.usual)
        runs: list[tuple[int, int]] = []
        alone: list[int] = []
        for k in np.flatnonzero(is_jump).tolist():
            last = alone[-1] if alone else None
            if (
                last is not None
                and which[k] == which[last]
                and (self.moves[k] > 0) != (self.moves[last] > 0)
                and k - last <= LONGEST_RUN
            ):
                runs.append((last + 1, k + 1))
                alone.pop()
            else:
                alone.append(k)
        return runs, alone


Found = Iterator[Run]


def _not_positive(s: _Series) -> Found:
    close = s.quotes.close
    if s.good.size == close.size:
        return
    for i in np.flatnonzero(np.isfinite(close) & (close <= 0)).tolist():
        yield i, i + 1, f"{close[i]:g}"


def _infinite(s: _Series) -> Found:
    if s.good.size == s.quotes.close.size:
        return
    for i in np.flatnonzero(np.isinf(s.quotes.close)).tolist():
        yield i, i + 1, f"{s.quotes.close[i]:g}"


def _range(s: _Series) -> Found:
    if not s.has("high", "low"):
        return
    close, high, low = s.quotes.close, s.column("high"), s.column("low")
    for i in np.flatnonzero(_is_outside(close, low, high)).tolist():
        yield i, i + 1, f"close {close[i]:g}, low {low[i]:g}, high {high[i]:g}"


def _quotes(s: _Series) -> Found:
    if not s.has("high", "low"):
        return
    opening, high, low = s.column("open"), s.column("high"), s.column("low")
    for i in np.flatnonzero((high < low) | _is_outside(opening, low, high)).tolist():
        yield i, i + 1, f"open {opening[i]:g}, high {high[i]:g}, low {low[i]:g}"


def _is_outside(price: Float64Array, low: Float64Array, high: Float64Array) -> NDArray[np.bool_]:
    out: NDArray[np.bool_] = (price > high + OUTSIDE * np.abs(high)) | (price < low - OUTSIDE * np.abs(low))
    return out


def _tenfold(s: _Series) -> Found:
    for first, end in s.tenfold:
        detail = f"{s.told(first - 1)}, and back {s.told(end - 1)}"
        yield int(s.good[first]), int(s.good[end - 1]) + 1, detail


def _level(s: _Series) -> Found:
    explained = _explained(s)
    for k in s.levels:
        if (i := int(s.good[k + 1])) not in explained:
            yield i, i + 1, s.told(k)


def _reversal(s: _Series) -> Found:
    if not s.is_long or s.largest <= SMALL_REVERSAL[0]:
        return
    there, back, size = s.moves[:-1], s.moves[1:], s.size[:-1]
    large = np.flatnonzero(size > SMALL_REVERSAL[0])
    is_back = (there[large] * back[large] < 0) & (np.abs(there[large] + back[large]) <= REVERSAL_LEFT * size[large])
    candidates = large[is_back]
    if not candidates.size:
        return
    largest = float(size[candidates].max())
    # nearly every series of a share ends here, without the median: half of its moves are no such small part of a jump
    half = np.count_nonzero(s.size * (1.4826 * SMALL_REVERSAL[1]) < largest)
    if largest <= REVERSAL_JUMP and 2 * half < s.size.size:
        return
    least = min(max(REVERSAL_JUMP, SIGMAS * s.usual), max(SMALL_REVERSAL[0], SMALL_REVERSAL[1] * s.usual))
    known = {place for run in s.tenfold for place in run}
    for k in candidates[size[candidates] > least].tolist():
        near = np.concatenate([s.size[max(k - NEAR, 0) : k], s.size[k + 2 : k + 2 + NEAR]])
        is_usual = size[k] <= SIGMAS * 1.4826 * float(np.median(near))
        if k + 1 not in known and not is_usual:
            i = int(s.good[k + 1])
            yield i, i + 1, f"{np.expm1(there[k]):+.1%}, then {np.expm1(back[k]):+.1%}"


def _excursion(s: _Series) -> Found:
    """Runs of bars at another level, whose end takes back the jump that began them, as of a wrong currency."""
    if not s.is_long or s.largest <= EXCURSION_JUMP:
        return
    least = max(EXCURSION_JUMP, SIGMAS * s.usual)
    places = np.flatnonzero(s.size > least).tolist()
    known = {place for run in s.tenfold for place in run}
    for k, later in itertools.pairwise(places):
        there, back = s.moves[k], s.moves[later]
        left = EXCURSION_LEFT * abs(there) + NEWS * s.usual
        if not 2 <= later - k <= LONGEST_EXCURSION or there * back > 0 or abs(there + back) > left:
            continue
        parts = (slice(max(k - NEAR, 0), k), slice(k + 1, later), slice(later + 1, later + 1 + NEAR))
        around = np.concatenate([s.size[part] for part in parts])
        if k + 1 not in known and abs(there) > SIGMAS * 1.4826 * float(np.median(around)):
            detail = f"{np.expm1(there):+.1%}, then {np.expm1(back):+.1%} after {later - k} bars"
            yield int(s.good[k + 1]), int(s.good[later]) + 1, detail


def _split_not_applied(s: _Series) -> Found:
    for i, before, ratio, most in _over_splits(s):
        close = float(s.quotes.close[i])
        if _is_near(close / before, 1.0 / ratio, most):
            yield i, i + 1, f"{ratio:g} for 1, {before:g} to {close:g}"


def _split_twice(s: _Series) -> Found:
    for i, before, ratio, most in _over_splits(s):
        close = float(s.quotes.close[i])
        if _is_near(close / before, ratio, most):
            yield i, i + 1, f"{ratio:g} for 1, {before:g} to {close:g}"


def _over_splits(s: _Series) -> Iterator[tuple[int, float, float, float]]:
    """Every split that can be told from a market move.

    Position of its first close, the close before, its ratio, and how far from it a move may be, as a share.
    """
    if not s.has("split"):
        return
    split = s.column("split")
    for i in np.flatnonzero(np.isfinite(split) & (split > 0) & (split != 1.0)).tolist():
        k, size = int(np.searchsorted(s.good, i)), abs(float(np.log(split[i])))
        most = SPLIT_LEFT if size > SMALLEST_SPLIT else SPLIT_SIGMAS * s.usual
        if 0 < k < s.good.size and size > min(2.0 * most, SMALLEST_SPLIT) and most > 0.0:
            yield int(s.good[k]), float(s.price[k - 1]), float(split[i]), most


def _is_near(move: float, factor: float, most: float) -> bool:
    """Whether a move is that of a factor, and nearer to it than to none, as of a small split on a bad day."""
    left = move / factor
    return bool(abs(left - 1.0) <= most and abs(np.log(left)) < abs(np.log(move)))


def _explained(s: _Series) -> set[int]:
    """Bars that a split which is not, or twice, in the prices before explains."""
    return {i for rule in (_split_not_applied, _split_twice) for i, _, _ in rule(s)}


def _factor(s: _Series) -> Found:
    if not s.is_long or s.largest <= FACTOR_JUMP:
        return
    back = np.append(s.moves[1:], 0.0)
    nearest = np.abs(s.size[:, None] - FACTORS).min(axis=1)
    is_jump = (s.size > max(FACTOR_JUMP, SIGMAS * s.usual)) & (np.abs(s.moves + back) > s.size / 2)
    explained = _explained(s)
    for k in np.flatnonzero(is_jump & (nearest <= FACTOR_LEFT)).tolist():
        if (i := int(s.good[k + 1])) not in explained:
            yield i, i + 1, s.told(k)


def _adjusted(s: _Series) -> Found:
    """Bars whose return from closes and dividends is not that of the source's own adjusted closes."""
    if not s.has("adjusted"):
        return
    gap, allowed, places = adjusted_gaps(s.quotes, s.unasked)
    wrong = np.flatnonzero(np.abs(gap) > ADJUSTED_LEFT + allowed)
    if wrong.size:
        close, adjusted = s.quotes.close, s.column("adjusted")
        here = places[wrong + 1]
        slack = sum(
            rounding(values[places]) * (1.0 / np.abs(values[here]) + 1.0 / np.abs(values[places[wrong]]))
            for values in (close, adjusted)
        )
        wrong = wrong[np.abs(gap[wrong]) > ADJUSTED_LEFT + allowed[wrong] + slack]
    taken_back, logs = -1, np.log1p(gap)
    for k in wrong.tolist():
        if k == taken_back:
            continue
        if k + 1 < gap.size and abs(logs[k] + logs[k + 1]) <= REVERSAL_LEFT * abs(logs[k]):
            taken_back = k + 1  # one false price makes two false returns
        i = int(places[k + 1])
        detail = f"close {s.quotes.close[i]:g}, adjusted {s.column('adjusted')[i]:g}, returns {gap[k]:+.2%} apart"
        yield i, i + 1, detail


def adjusted_gaps(quotes: Quotes, unasked: Collection[int] = ()) -> tuple[Float64Array, Float64Array, Int64Array]:
    """How far the returns from closes and dividends are from those of the source's own adjusted closes.

    Not over days that nobody asked for, the bars `unasked` being the first after those: what was paid then is not known
    here.

    Returns
    -------
    Float64Array
        Shape (m - 1,), relative, of the returns between neighbours of the m bars that have both prices.
    Float64Array
        What the two ways to take a dividend off leave apart.
    Int64Array
        Shape (m,), their positions.
    """
    close, theirs, paid = quotes.close, quotes.adjusted, quotes.dividend
    assert theirs is not None  # the caller looked
    places = np.flatnonzero(np.isfinite(theirs) & (theirs > 0) & np.isfinite(close) & (close > 0))
    price, adjusted = close[places], theirs[places]
    cash = np.zeros(close.size) if paid is None else np.where(paid > 0, paid, 0.0)
    total = np.cumsum(cash)[places]  # a dividend of a bar without a price counts on the next
    cash = np.diff(total, prepend=total[:1])
    gap = (price[1:] + cash[1:]) / price[:-1] / (adjusted[1:] / adjusted[:-1]) - 1.0
    share = cash[1:] / price[:-1]
    # we add the dividend to the price after; Yahoo takes it off the price before, and others grow that price by it
    ours = 1.0 + cash[1:] / price[1:]
    allowed = np.maximum(np.abs(ours * (1.0 - share) - 1.0), np.abs(ours / (1.0 + share) - 1.0))
    if unasked:
        first = np.searchsorted(places, sorted(unasked))
        gap[first[(first > 0) & (first < places.size)] - 1] = 0.0
    return gap, allowed, places


def _dividend(s: _Series) -> Found:
    if not s.is_long or not s.has("dividend"):
        return
    paid = s.column("dividend")
    for i in np.flatnonzero(paid > 0).tolist():
        k = int(np.searchsorted(s.good, i))
        if not 0 < k < s.good.size:
            continue
        share, move = float(paid[i] / s.price[k - 1]), float(s.price[k] / s.price[k - 1] - 1.0)
        most = min(share / 2.0, max(DIVIDEND_LEFT * share, EXCESS_SIGMAS * s.usual))
        if share > max(DIVIDEND_SHARE, DIVIDEND_SIGMAS * s.usual) and move > most - share:
            was_before = k > 1 and s.price[k - 1] / s.price[k - 2] - 1.0 <= most - share  # it is told a day late
            first = int(s.good[k - 1 if was_before else k])
            yield first, int(s.good[k]) + 1, f"{paid[i]:g} on {s.price[k - 1]:g}, then {s.price[k]:g}"


def _dividend_again(s: _Series) -> Found:
    """Bars from a dividend to one of the same amount that follows within some days."""
    if not s.has("dividend"):
        return
    paid, close = s.column("dividend"), s.quotes.close
    for i, later in itertools.pairwise(np.flatnonzero(paid > 0).tolist()):
        if later - i <= AGAIN_DAYS and paid[i] == paid[later] and paid[i] > AGAIN_SHARE * close[i] and s.is_daily:
            yield i, later + 1, f"{paid[i]:g} twice within {later - i + 1} bars"


def _negative_dividend(s: _Series) -> Found:
    if not s.has("dividend"):
        return
    paid = s.column("dividend")
    for i in np.flatnonzero(paid < 0).tolist():
        yield i, i + 1, f"{paid[i]:g}"


def _large_dividend(s: _Series) -> Found:
    if not s.has("dividend"):
        return
    paid, close = s.column("dividend"), s.quotes.close
    for i in np.flatnonzero(paid > 0).tolist():
        if i and paid[i] > LARGE_DIVIDEND * close[i - 1]:
            yield i, i + 1, f"{paid[i]:g} on {close[i - 1]:g}"


def _repeated(s: _Series) -> Found:
    """Runs of bars with a range whose open, high, low and close, and what was traded, are those of the bar before."""
    if not s.has("open") or not s.has("high") or not s.has("low"):
        return
    same = s.column("high")[1:] > s.column("low")[1:]
    for name in ("close", "open", "high", "low"):
        values = s.column(name)
        same &= values[1:] == values[:-1]
    if not same.any():
        return
    volume = s.column("volume")
    same &= (volume[1:] == volume[:-1]) | ~(volume[1:] > 0)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], same.view(np.int8), [0]))))
    for first, end in edges.reshape(-1, 2).tolist():
        detail = f"open {s.column('open')[first]:g}, high {s.column('high')[first]:g}, low {s.column('low')[first]:g}"
        yield first + 1, end + 1, f"{detail}, close {s.quotes.close[first]:g}"


def _untraded(s: _Series) -> Found:
    if s.is_long and s.is_daily and not s.may_stand and s.has("high", "volume"):
        ranges = (s.column("open"), s.column("high"), s.column("low"))
        yield from untraded_bars(s.quotes.close, ranges, s.column("volume"))


def _misplaced(s: _Series) -> Found:
    if s.is_long and s.is_daily:
        for first, end, detail in misplaced_weeks(s.quotes.sessions[s.good], s.price):
            yield int(s.good[first]), int(s.good[end - 1]) + 1, detail


def _frozen(s: _Series) -> Found:
    yield from (run for run, is_odd in s.still if is_odd)


def _stale(s: _Series) -> Found:
    yield from (run for run, is_odd in s.still if not is_odd)


def _gaps(s: _Series) -> Found:
    labels = s.quotes.labels
    if int(np.diff(labels).max(initial=0)) <= LONGEST_GAP * DAY_SECONDS:
        return
    for i in (np.flatnonzero(np.diff(labels) > LONGEST_GAP * DAY_SECONDS) + 1).tolist():
        if i not in s.unasked:
            yield i, i + 1, f"no bar for {(labels[i] - labels[i - 1]) // DAY_SECONDS} days before it"


_RULES = (
    ("not-positive", _not_positive),
    ("infinite", _infinite),
    ("tenfold", _tenfold),
    ("split-not-applied", _split_not_applied),
    ("split-twice", _split_twice),
    ("level", _level),
    ("reversal", _reversal),
    ("excursion", _excursion),
    ("range", _range),
    ("adjusted", _adjusted),
    ("dividend", _dividend),
    ("dividend-again", _dividend_again),
    ("repeated", _repeated),
    ("untraded", _untraded),
    ("misplaced", _misplaced),
    ("frozen", _frozen),
    ("stale", _stale),
    ("factor", _factor),
    ("quotes", _quotes),
    ("negative-dividend", _negative_dividend),
    ("large-dividend", _large_dividend),
    ("gap", _gaps),
)
