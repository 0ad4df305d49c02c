"""Whether a price stood where a claim says."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from eventstudy.claims import words
from eventstudy.claims.at_minute import BarAt, bar_at
from eventstudy.claims.claim import DOWN, Bound, Level
from eventstudy.claims.compare import holds
from eventstudy.claims.finding import NOT_SUPPORTED, SUPPORTED, UNCHECKED, Answer, Finding, Route
from eventstudy.claims.question import Question

FAR = math.log(1.25)  # no rate between large currencies moves by a quarter in a day

_TURNED: dict[Bound, Bound] = {
    "more than": "less than",
    "less than": "more than",
    "at least": "at most",
    "at most": "at least",
}


def check_level(q: Question) -> Finding | None:
    """The price of a claim; None where it names none."""
    claim = q.claim
    if claim.level is None:
        return None
    level, is_turned = _as_quoted(q, claim.level)
    far = _far_off(q, level, is_turned=is_turned)
    if far or claim.minute is not None:
        return far or _at_minute(q, level, is_turned=is_turned)
    if claim.point == "close" and q.prices.is_fixing:
        return Finding(
            part="price",
            answer=UNCHECKED,
            because=words.fixing_is_no_close(q.name, None),
            claimed=level.number.value,
            measured=q.close if np.isfinite(q.close) else None,
            unit="price",
            route="fixings",
        )
    if claim.point in ("touched", "traded") or level.bound in _TURNED:
        return _within(q, level, is_turned=is_turned)
    price = float(q.prices.open[q.place]) if claim.point == "open" else q.close
    if not np.isfinite(price):
        return Finding(part="price", answer=UNCHECKED, because=words.no_prices(q.name, f"on {words.day(q.day)}"))
    what = "open" if claim.point == "open" else "fixing" if q.prices.is_fixing else "close"
    answer, printed = _exactly(q, level, price, is_turned=is_turned)
    return _finding(q, answer, what, printed, q.close_route, level)


def _far_off(q: Question, level: Level, *, is_turned: bool) -> Finding | None:
    """A price without its other side that is nowhere near the rate in dollars: of which rate it is, is not said."""
    claim, near = q.claim, q.close
    is_currency = claim.mention is not None and claim.mention.kind == "currency"
    if not is_currency or claim.against is not None or not near > 0 or level.number.value <= 0:
        return None
    quoted = 1 / near if is_turned else near
    if abs(math.log(level.number.value / quoted)) < FAR:
        return None
    because = words.far_off(q.name, level.number.value, quoted)
    return Finding(part="price", answer=UNCHECKED, because=because, claimed=level.number.value)


def _at_minute(q: Question, level: Level, *, is_turned: bool) -> Finding:
    """The price of a minute: the last one in its bar, or any that the bar held."""
    at = bar_at(q)
    if not isinstance(at, BarAt):
        return Finding(part="price", answer=UNCHECKED, because=at, claimed=level.number.value)
    low, high = (1 / at.high, 1 / at.low) if is_turned else (at.low, at.high)
    price = 1 / at.close if is_turned else at.close
    slack = level.number.tolerance
    is_held = level.bound == "exactly" and low - slack <= level.number.value <= high + slack
    is_so = is_held or holds(price, level.number, level.bound)
    return _finding(q, SUPPORTED if is_so else NOT_SUPPORTED, f"price at {at.words}", price, "minutes", level)


def _exactly(q: Question, level: Level, price: float, *, is_turned: bool) -> tuple[Answer, float]:
    """Whether a price is the one that is written: as it stands in the archive, or as it was printed before splits."""
    splits = float(q.prices.splits[q.place])
    for scale in dict.fromkeys((1.0, splits)):
        value = 1 / (price * scale) if is_turned else price * scale
        if holds(value, level.number, level.bound):
            return SUPPORTED, value
    value = 1 / price if is_turned else price
    ratio = max(value / level.number.value, level.number.value / value) if level.number.value > 0 else 1.0
    if round(ratio) >= 2 and abs(ratio / round(ratio) - 1) < 0.01 and splits == 1.0:
        return UNCHECKED, value  # as if a split lay between the printed price and the file
    return NOT_SUPPORTED, value


def _within(q: Question, level: Level, *, is_turned: bool) -> Finding:
    """A price that was touched or crossed within the day."""
    ends = [(q.extreme(DOWN), q.extreme(-DOWN))]
    lows, highs = ends[0]
    routes = [(low, high, route) for (low, route), (high, _) in zip(lows, highs, strict=True)]
    if q.candidate.is_inverted:  # extremes come for the side of the claim
        routes = [(high, low, route) for low, high, route in routes]
    is_close_only = not routes or (q.claim.point == "close" and np.isfinite(q.close))
    if is_close_only:
        routes = [(q.close, q.close, q.close_route)]
    found: list[Finding] = []
    for low, high, route in routes:
        if not np.isfinite(low):
            return Finding(part="price", answer=UNCHECKED, because=words.no_prices(q.name, f"on {words.day(q.day)}"))
        first, last = (1 / high, 1 / low) if is_turned else (low, high)
        slack = level.number.tolerance
        if level.bound in ("less than", "at most"):
            is_so, shown, what = holds(first, level.number, level.bound), first, "low"
        elif level.bound in ("more than", "at least"):
            is_so, shown, what = holds(last, level.number, level.bound), last, "high"
        else:
            is_so = first - slack <= level.number.value <= last + slack
            is_near_low = abs(math.log(first / level.number.value)) < abs(math.log(last / level.number.value))
            shown, what = (first, "low") if is_near_low else (last, "high")
        if is_close_only:
            what = "fixing" if q.prices.is_fixing else "close"
        found.append(_finding(q, SUPPORTED if is_so else NOT_SUPPORTED, what, shown, route, level))
    if len({f.answer for f in found}) > 1:
        because = words.disagree(found[0].because, found[1].because)
        return replace(found[0], answer=UNCHECKED, because=because, measured=None)
    if is_close_only and q.claim.point != "close" and found[0].answer == NOT_SUPPORTED:
        return replace(found[0], answer=UNCHECKED, because=words.needs_range(found[0].because))
    return found[0]


def _as_quoted(q: Question, level: Level) -> tuple[Level, bool]:
    """The level in the quotation of the prices, and whether these must be turned round for it.

    The yen that strengthens past 133 per dollar falls below it; and "0.0075 dollars" is the other way to quote it.
    """
    near = q.close if np.isfinite(q.close) else q.base
    if q.claim.mention is None or q.claim.mention.kind != "currency" or not near > 0 or level.number.value <= 0:
        return level, False
    is_turned = abs(math.log(level.number.value * near)) < abs(math.log(level.number.value / near))
    if q.candidate.is_inverted != is_turned and level.bound in _TURNED and q.claim.verb != "was":
        crossed: Bound = "less than" if (q.claim.direction or 0) > 0 else "more than"
        return replace(level, bound=crossed if q.claim.direction else _TURNED[level.bound]), is_turned
    return level, is_turned


def _finding(q: Question, answer: Answer, what: str, price: float, route: Route, level: Level) -> Finding:
    because = words.stood(words.at(what, q.day), q.name, price, level)
    if answer == UNCHECKED:
        because += f" {words.SPLIT}"
    return Finding(
        part="price",
        answer=answer,
        because=because,
        claimed=level.number.value,
        measured=price,
        unit="price",
        route=route,
    )
