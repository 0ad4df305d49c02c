"""What looks wrong in a series of bars: kept, flagged, and said by every result that uses it.

Pure functions with the thresholds below; docs/archive.md explains each rule. A rule in `REMOVES` takes the price out
of what is studied, since a return made with it would be false whatever the truth is; the others only warn.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from eventstudy.archive.bars import CLOSE, DAY_SECONDS, DIVIDEND, HIGH, LOW, OPEN, SPLIT, Bars
from eventstudy.records import Float64Array, InstantArray, Int64Array, SessionArray

STALE_RUN = 8  # equal closes in a row
REVERSAL_JUMP = 0.15  # log return of a jump that the next bar takes back
REVERSAL_LEFT = 0.2  # share of it that may be left
REVERSAL_SIGMAS = 8.0  # and how many times the usual move it is
HUNDREDFOLD = 0.2  # how near to 100 or 1/100, as a share, a price is to its neighbours' median
NEIGHBOURS = 10  # bars on either side
SPLIT_LEFT = 0.12  # how near the move of a split's day is to the split itself, as a share
SMALLEST_SPLIT = 0.139  # log of the smallest split, 1.15 for 1, that can be told from a market move
LEVEL_JUMP = 0.59  # log return that stays, of a factor of nearly two
LEVEL_FACTORS = (2, 3, 4, 5, 10, 20, 50, 100, 1000)
LEVEL_LEFT = 0.05  # how near, in logs, to one of these factors
LONGEST_GAP = 45  # days without a bar; no venue was ever closed so long, and nothing is known of them
LARGE_DIVIDEND = 0.5  # of the price before
OUTSIDE = 1e-6  # relative: what a close may lie outside [low, high] by rounding

WITHDRAWN = "withdrawn"
REMOVES = frozenset({"not-positive", "infinite", "hundredfold", "split-not-applied", "split-twice", "currency", "gap"})
WORDS = {
    "not-positive": "price of zero or less",
    "infinite": "infinite price",
    "hundredfold": "price a hundred times, or a hundredth of, its neighbours",
    "split-not-applied": "split that the prices before it do not show",
    "split-twice": "split that the prices before it show twice",
    "currency": "change of currency",
    "gap": "first bar after a long time without any",
    "level": "lasting jump by a round factor, as of a split or a change of unit that nobody announced",
    "stale": "price that does not move",
    "reversal": "jump that the next bar takes back",
    "range": "open, high, low and close that contradict each other",
    "negative-dividend": "negative dividend, not counted",
    "large-dividend": "dividend of more than half the price",
    "off-session": "bar outside the trading hours",
    "no-session": "bar on a day that the calendar holds closed",
    "no-bar": "session without a bar",
    "duplicate": "bar that came more than once",
    "unsorted": "bar that came out of order",
    WITHDRAWN: "bar that the source no longer has",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """One thing that looks wrong.

    Attributes
    ----------
    label : int
        Of the bar; see `Bars.labels`.
    session : numpy.datetime64
    rule : str
        A key of `WORDS`.
    detail : str
        The numbers.
    """

    label: int
    session: np.datetime64
    rule: str
    detail: str

    @property
    def removes(self) -> bool:
        """Whether the price is taken out of what is studied."""
        return self.rule in REMOVES

    @property
    def text(self) -> str:
        """The flag in words."""
        left_out = "; left out" if self.removes else ""
        return f"{WORDS[self.rule]} on {self.session} ({self.detail}){left_out}"


def flags(bars: Bars, *, currency_changes: Iterable[tuple[int, str]] = (), unasked: Collection[int] = ()) -> list[Flag]:
    """Everything that looks wrong in `bars` by themselves, by rule.

    Parameters
    ----------
    bars : Bars
    currency_changes : iterable of (int, str)
        Positions of the bars whose unit is not that of the bar before, with both units in words.
    unasked : collection of int
        Positions of the bars before which nobody asked for any: no gap of the source's.
    """
    close, split = bars.values[:, CLOSE], bars.values[:, SPLIT]
    with np.errstate(all="ignore"):  # numbers of any size are looked at, and none is trusted
        found = [(i, rule, detail) for rule, check in _CLOSE_RULES for i, detail in check(close, split)]
        found += [(i, rule, detail) for rule, check in _BAR_RULES for i, detail in check(bars.values)]
    found += [(i, "gap", detail) for i, detail in _gaps(bars.labels) if i not in unasked]
    found += [(i, "currency", detail) for i, detail in currency_changes]
    return [
        Flag(label=int(bars.labels[i]), session=bars.sessions[i], rule=rule, detail=detail) for i, rule, detail in found
    ]


def cleaned(values: Float64Array, found: Iterable[Flag], labels: Int64Array) -> Float64Array:
    """A copy of `values` without the closes that flags remove."""
    out = values.copy()
    out[np.isin(labels, [flag.label for flag in found if flag.removes]), CLOSE] = np.nan
    return out


def calendar_flags(bars: Bars, sessions: SessionArray) -> list[Flag]:
    """Sessions of a venue without a bar, and bars without a session; `sessions` span those of the bars."""
    own = np.unique(bars.sessions)
    return [
        Flag(label=int(day.astype("datetime64[s]").astype(np.int64)), session=day, rule=rule, detail="by the calendar")
        for rule, days in (
            ("no-bar", np.setdiff1d(sessions, own)),
            ("no-session", np.setdiff1d(own, sessions)),
        )
        for day in days
    ]


def off_session(bars: Bars, opens: InstantArray, closes: InstantArray) -> list[Flag]:
    """Intraday bars that start outside [open, close) of every session of the venue."""
    starts = bars.labels.astype("datetime64[s]").astype("datetime64[ns]")
    place = np.searchsorted(opens, starts, side="right") - 1
    inside = (place >= 0) & (starts < closes[np.maximum(place, 0)]) if opens.size else np.zeros(starts.size, dtype=bool)
    return [
        Flag(
            label=int(bars.labels[i]),
            session=bars.sessions[i],
            rule="off-session",
            detail=f"{np.datetime_as_string(starts[i], unit='m')}Z",
        )
        for i in np.flatnonzero(~inside).tolist()
    ]


Found = Iterator[tuple[int, str]]


def _not_positive(close: Float64Array, _split: Float64Array) -> Found:
    for i in np.flatnonzero(np.isfinite(close) & (close <= 0)).tolist():
        yield i, f"{close[i]:g}"


def _infinite(close: Float64Array, _split: Float64Array) -> Found:
    for i in np.flatnonzero(np.isinf(close)).tolist():
        yield i, f"{close[i]:g}"


def _hundredfold(close: Float64Array, _split: Float64Array) -> Found:
    good = np.flatnonzero(np.isfinite(close) & (close > 0))
    price = close[good]
    if price.size < NEIGHBOURS or not (np.abs(np.diff(np.log(price))) > np.log(50.0)).any():
        return
    for k in range(price.size):
        around = np.append(price[max(k - NEIGHBOURS, 0) : k], price[k + 1 : k + NEIGHBOURS + 1])
        ratio = float(price[k] / np.median(around))
        if min(abs(ratio / 100.0 - 1.0), abs(ratio * 100.0 - 1.0)) <= HUNDREDFOLD:
            yield int(good[k]), f"{price[k]:g} beside {np.median(around):g}"


def _split_not_applied(close: Float64Array, split: Float64Array) -> Found:
    for i, before, ratio in _over_splits(close, split):
        if _is_near(close[i] / before, 1.0 / ratio):
            yield i, f"{ratio:g} for 1, {before:g} to {close[i]:g}"


def _split_twice(close: Float64Array, split: Float64Array) -> Found:
    for i, before, ratio in _over_splits(close, split):
        if _is_near(close[i] / before, ratio):
            yield i, f"{ratio:g} for 1, {before:g} to {close[i]:g}"


def _over_splits(close: Float64Array, split: Float64Array) -> Iterator[tuple[int, float, float]]:
    """Every split that can be told from a market move: position of its first close, the close before, its ratio."""
    is_split = np.isfinite(split) & (split > 0) & (np.abs(np.log(split)) > SMALLEST_SPLIT)
    if not is_split.any():
        return
    good = np.flatnonzero(np.isfinite(close) & (close > 0))
    for i in np.flatnonzero(is_split).tolist():
        k = int(np.searchsorted(good, i))
        if 0 < k < good.size:
            yield int(good[k]), float(close[good[k - 1]]), float(split[i])


def _is_near(move: float, factor: float) -> bool:
    """Whether a move is that of a factor, and nearer to it than to none, as of a small split on a bad day."""
    left = move / factor
    return abs(left - 1.0) <= SPLIT_LEFT and abs(np.log(left)) < abs(np.log(move))


def _level(close: Float64Array, split: Float64Array) -> Found:
    good = np.flatnonzero(np.isfinite(close) & (close > 0))
    moves = np.diff(np.log(close[good]))
    if moves.size < NEIGHBOURS or not (np.abs(moves) > LEVEL_JUMP).any():
        return
    usual = 1.4826 * float(np.median(np.abs(moves)))
    back = np.append(moves[1:], 0.0)
    explained = {i for rule in (_split_not_applied, _split_twice) for i, _ in rule(close, split)}
    is_jump = (np.abs(moves) > max(LEVEL_JUMP, REVERSAL_SIGMAS * usual)) & (np.abs(moves + back) > np.abs(moves) / 2)
    for k in np.flatnonzero(is_jump).tolist():
        factor = min(LEVEL_FACTORS, key=lambda f: abs(abs(moves[k]) - np.log(f)))
        if abs(abs(moves[k]) - np.log(factor)) <= LEVEL_LEFT and int(good[k + 1]) not in explained:
            yield int(good[k + 1]), f"{close[good[k]]:g} to {close[good[k + 1]]:g}, near {factor} to 1"


def _gaps(labels: Int64Array) -> Found:
    for i in (np.flatnonzero(np.diff(labels) > LONGEST_GAP * DAY_SECONDS) + 1).tolist():
        yield i, f"no bar for {(labels[i] - labels[i - 1]) // DAY_SECONDS} days before it"


def _stale(close: Float64Array, _split: Float64Array) -> Found:
    good = np.flatnonzero(np.isfinite(close))
    if good.size < STALE_RUN:
        return
    edges = np.flatnonzero(np.diff(close[good]) != 0) + 1
    starts, ends = np.append(0, edges), np.append(edges, good.size)
    for k in np.flatnonzero(ends - starts >= STALE_RUN).tolist():
        run = good[starts[k] : ends[k]]
        for i in run[1:].tolist():  # the first is a price like any other
            yield i, f"{run.size} equal closes from bar to bar"


def _reversal(close: Float64Array, _split: Float64Array) -> Found:
    good = np.flatnonzero(np.isfinite(close) & (close > 0))
    moves = np.diff(np.log(close[good]))
    if moves.size < NEIGHBOURS:
        return
    usual = 1.4826 * float(np.median(np.abs(moves)))
    there, back = moves[:-1], moves[1:]
    is_jump = (np.abs(there) > REVERSAL_JUMP) & (np.abs(there) > REVERSAL_SIGMAS * usual)
    is_back = (there * back < 0) & (np.abs(there + back) <= REVERSAL_LEFT * np.abs(there))
    for k in np.flatnonzero(is_jump & is_back).tolist():
        yield int(good[k + 1]), f"{there[k]:+.3f}, then {back[k]:+.3f}"


def _range(values: Float64Array) -> Found:
    high, low = values[:, HIGH], values[:, LOW]
    wrong = high < low
    for column in (CLOSE, OPEN):
        price = values[:, column]
        wrong |= (price > high + OUTSIDE * np.abs(high)) | (price < low - OUTSIDE * np.abs(low))
    for i in np.flatnonzero(wrong).tolist():
        yield i, "open {1:g}, high {2:g}, low {3:g}, close {0:g}".format(*values[i, [CLOSE, OPEN, HIGH, LOW]])


def _negative_dividend(values: Float64Array) -> Found:
    paid = values[:, DIVIDEND]
    for i in np.flatnonzero(paid < 0).tolist():
        yield i, f"{paid[i]:g}"


def _large_dividend(values: Float64Array) -> Found:
    paid, close = values[:, DIVIDEND], values[:, CLOSE]
    for i in np.flatnonzero(paid > 0).tolist():
        if i and paid[i] > LARGE_DIVIDEND * close[i - 1]:
            yield i, f"{paid[i]:g} on {close[i - 1]:g}"


_CLOSE_RULES = (
    ("not-positive", _not_positive),
    ("infinite", _infinite),
    ("hundredfold", _hundredfold),
    ("split-not-applied", _split_not_applied),
    ("split-twice", _split_twice),
    ("stale", _stale),
    ("reversal", _reversal),
    ("level", _level),
)
_BAR_RULES = (("range", _range), ("negative-dividend", _negative_dividend), ("large-dividend", _large_dividend))
