"""Whether a price moved as far, and in the direction, that a claim says."""

from __future__ import annotations

import numpy as np

from eventstudy.claims import words
from eventstudy.claims.at_minute import BarAt, bar_at
from eventstudy.claims.claim import DOWN, FLAT, UP, Bound, Size, Unit
from eventstudy.claims.compare import LOWER_BOUNDS, holds
from eventstudy.claims.finding import NOT_SUPPORTED, SUPPORTED, UNCHECKED, Answer, Finding, Route
from eventstudy.claims.question import Question

# "Little changed": less than a quarter of what is usual in a day, and a tenth of a per cent at any rate.
USUAL, SHARE, AT_ANY_RATE = 120, 0.25, 0.001
FEWEST_USUAL = 20


def check_move(q: Question) -> Finding | None:
    """The direction and the size of a claim; None where it names neither."""
    claim = q.claim
    is_crossing = claim.level is not None and claim.level.bound != "exactly" and claim.size is None
    is_largest = claim.superlative is not None and claim.superlative.of == "move" and claim.size is None
    # a size that goes nowhere says nothing; "fell below 80" is about that price alone, a superlative about itself
    if claim.course or claim.direction is None or is_crossing or is_largest:
        return None
    if not np.isfinite(q.base):
        return Finding(part="move", answer=UNCHECKED, because=words.no_prices(q.name, "to count the move from"))
    if claim.minute is not None:
        return _at_minute(q)
    return _flat(q) if claim.direction == FLAT else _of_the_day(q)


def _of_the_day(q: Question) -> Finding:
    """A move by the price that is meant: of the close, or the low or high where only these can tell."""
    claim = q.claim
    is_extreme = claim.point == "touched" or (claim.size is not None and claim.size.bound == "as much as")
    is_open_bound = claim.size is not None and claim.size.bound in LOWER_BOUNDS and claim.point == ""
    if claim.span == "day" and (is_extreme or is_open_bound or claim.point == "traded"):
        return _extreme(q, is_proved_by_close=is_open_bound and not is_extreme)
    price = float(q.prices.open[q.place]) if claim.point == "open" else q.close
    if claim.point == "close" and q.prices.is_fixing:
        return _no_close(q)
    if not np.isfinite(price):
        return Finding(part="move", answer=UNCHECKED, because=words.no_prices(q.name, f"on {words.day(q.day)}"))
    what = "open" if claim.point == "open" else "fixing" if q.prices.is_fixing else "close"
    return _finding(q, price, what, q.close_route)


def amount(q: Question, price: float, unit: Unit) -> float:
    """A move to `price` in the unit of the claim; up is up for what the claim speaks of."""
    difference = (price - q.base) * (-1 if q.candidate.is_inverted else 1)
    mention = q.claim.mention
    is_rate = (mention is not None and mention.kind == "yield") or "yield" in q.name.lower()
    if unit in ("points", "price"):
        return difference
    if unit == "percent" or not is_rate:
        return q.move(price) * (10_000 if unit == "basis points" else 100)
    return difference * (100 if unit == "basis points" else 1)


def _judge(q: Question, price: float, bound: Bound | None = None) -> tuple[Answer, float, Unit, float]:
    """Answer, measured, unit, and the step of the claim, for one price."""
    claim = q.claim
    assert claim.direction in (UP, DOWN)
    if claim.size is None:
        value = 100 * q.move(price)
        return (SUPPORTED if value * claim.direction > 0 else NOT_SUPPORTED), value, "percent", 0.1
    value = amount(q, price, claim.size.unit)
    number, said = claim.size.number, bound or claim.size.bound
    is_so = holds(value * claim.direction, number, said) and value * claim.direction > 0
    return (SUPPORTED if is_so else NOT_SUPPORTED), value, claim.size.unit, number.step


def _finding(q: Question, price: float, what: str, route: Route, bound: Bound | None = None) -> Finding:
    answer, value, unit, step = _judge(q, price, bound)
    return Finding(
        part="move",
        answer=answer,
        because=sentence(q, what, price, value, unit, step),
        claimed=_claimed(q),
        measured=value,
        unit=unit,
        route=route,
    )


def sentence(q: Question, what: str, price: float, value: float, unit: Unit, step: float) -> str:
    """What was measured, from where, beside what was claimed."""
    kind = "fixing" if q.prices.is_fixing else "close"
    base = f"the {kind} of {words.day(q.prices.sessions[q.base_place].astype(object))}"
    said = {UP: "higher", DOWN: "lower", FLAT: "little changed"}[q.claim.direction or FLAT]
    claimed = f"{words.size(q.claim.size)} {said}" if q.claim.size else said
    where, name = words.at(what, q.day), q.name
    if q.candidate.is_inverted:
        where, name = words.quoted(q.name, words.at(what, q.day, of=price)), f"the {q.claim.subject}"
    return words.moved(where, name, words.measured(value, unit, step), base, claimed)


def _claimed(q: Question) -> float | None:
    size = q.claim.size
    return None if size is None else size.number.value * (q.claim.direction or 1)


def _extreme(q: Question, *, is_proved_by_close: bool) -> Finding:
    """A move that was reached within the day: only a low or a high tells."""
    claim = q.claim
    assert claim.direction in (UP, DOWN)
    # what was reached at one time of the day may have been passed at another
    is_passed = claim.size is not None and claim.size.bound in ("exactly", "about", "nearly")
    bound: Bound | None = "at least" if is_passed else None
    found = []
    for price, route in q.extreme(claim.direction):
        what = "low" if (claim.direction == DOWN) != q.candidate.is_inverted else "high"
        as_told = _finding(q, price, what, route)
        found.append(as_told if as_told.answer == SUPPORTED else _finding(q, price, what, route, bound))
    if claim.size is not None and claim.size.bound in ("less than", "at most") and claim.point == "traded":
        found = []  # of one time of the day, which is not told
    if len({f.answer for f in found}) > 1:
        return Finding(
            part="move",
            answer=UNCHECKED,
            because=words.disagree(found[0].because, found[1].because),
            claimed=found[0].claimed,
            unit=found[0].unit,
        )
    if found:
        return found[0]
    if not np.isfinite(q.close):
        return Finding(part="move", answer=UNCHECKED, because=words.no_prices(q.name, f"on {words.day(q.day)}"))
    by_close = _finding(q, q.close, "fixing" if q.prices.is_fixing else "close", q.close_route, bound)
    if is_proved_by_close and by_close.answer == SUPPORTED:
        return by_close
    return Finding(
        part="move",
        answer=UNCHECKED,
        because=words.needs_extreme(claim, by_close.because, is_fixing=q.prices.is_fixing),
        claimed=by_close.claimed,
        measured=by_close.measured,
        unit=by_close.unit,
        route=by_close.route,
    )


def _flat(q: Question) -> Finding:
    if q.claim.point == "close" and q.prices.is_fixing:
        return _no_close(q)
    if not np.isfinite(q.close):
        return Finding(part="move", answer=UNCHECKED, because=words.no_prices(q.name, f"on {words.day(q.day)}"))
    value, limit = q.move(q.close), little(q)
    what = "fixing" if q.prices.is_fixing else "close"
    return Finding(
        part="move",
        answer=SUPPORTED if abs(value) <= limit else UNCHECKED if q.claim.point == "traded" else NOT_SUPPORTED,
        because=f"{sentence(q, what, q.close, 100 * value, 'percent', 0.01)} {words.little(100 * limit)}",
        claimed=0.0,
        measured=100 * value,
        unit="percent",
        route=q.close_route,
    )


def little(q: Question) -> float:
    """How far a price may go and still be little changed, decimal."""
    first = max(0, q.place - 1 - USUAL)
    before = q.prices.close[first : q.place]
    moves = before[1:] / before[:-1] - 1
    moves = moves[np.isfinite(moves)]
    usual = float(moves.std(ddof=1)) if moves.size >= FEWEST_USUAL else 0.0
    return max(AT_ANY_RATE, SHARE * usual)


def _no_close(q: Question) -> Finding:
    value = 100 * q.move(q.close) if np.isfinite(q.close) else None
    return Finding(
        part="move",
        answer=UNCHECKED,
        because=words.fixing_is_no_close(q.name, value),
        claimed=_claimed(q),
        measured=value,
        unit="percent" if value is not None else "",
        route="fixings",
    )


def _at_minute(q: Question) -> Finding:
    """A move up to a minute: from the close before to the bars of that minute."""
    at = bar_at(q)
    if not isinstance(at, BarAt):
        return Finding(part="move", answer=UNCHECKED, because=at, claimed=_claimed(q))
    if q.claim.direction == FLAT:
        value = q.move(at.close)
        is_so = abs(value) <= little(q)
        text = sentence(q, f"price at {at.words}", at.close, 100 * value, "percent", 0.01)
        answer = SUPPORTED if is_so else NOT_SUPPORTED
        return Finding(
            part="move", answer=answer, because=text, claimed=0.0, measured=100 * value, unit="percent", route="minutes"
        )
    found = [_finding(q, price, f"price at {at.words}", "minutes") for price in (at.close, at.low, at.high)]
    size: Size | None = q.claim.size
    if size is not None and size.bound == "exactly" and found[0].answer == NOT_SUPPORTED:
        ends = sorted(f.measured or 0.0 for f in found[1:])
        claimed = found[0].claimed or 0.0
        if ends[0] <= claimed <= ends[1]:  # within that very bar it was there
            return next((f for f in found if f.answer == SUPPORTED), found[0])
    return found[0]
