"""The sentences of answers: what was measured beside what was claimed, and why there is no verdict."""

from __future__ import annotations

import datetime as dt
import math

from eventstudy.claims.claim import DOWN, Claim, Level, Size

ROUTES = {
    "minutes": "bars of a minute or a few",
    "daily range": "the day's low and high",
    "closes": "closes",
    "fixings": "fixings, one price a day",
}
BOUNDS = {
    "exactly": "",
    "about": "about ",
    "nearly": "nearly ",
    "at least": "at least ",
    "more than": "more than ",
    "less than": "less than ",
    "at most": "at most ",
    "as much as": "as much as ",
}
UNITS = {"percent": "%", "basis points": " basis points", "percentage points": " percentage points"}
UNITS |= {"points": " points", "price": ""}
REACTIONS = {
    "strong": "a strong reaction",
    "moderate": "a moderate reaction",
    "weak": "weak evidence of one: one test says so, another does not",
    "none": "no detectable reaction",
    "confounded": "an unusual move whose cause is unclear: a scheduled release was priced in the same days",
    "not computable": "not computable",
}


def digits_of(step: float) -> int:
    """Digits behind the point of a number as written, and one more, so that rounding hides nothing."""
    return max(0, round(-math.log10(step))) + 1 if step > 0 else 2


def number(value: float, digits: int = 2) -> str:
    """A number without needless noughts at its end, and with a true minus."""
    text = f"{abs(value):,.{digits}f}"
    return f"{chr(0x2212) if value < 0 and float(text.replace(',', '')) else ''}{text}"


def price(value: float) -> str:
    """A price with the digits that prices of its size have."""
    return number(value, 2 if abs(value) >= 100 else 4)


def day(value: dt.date) -> str:
    """A date as the text of a page has it."""
    return f"{value.day} {value:%B %Y}"


def size(said: Size) -> str:
    """A size as it was claimed."""
    shown = number(said.number.value, max(0, digits_of(said.number.step) - 1))
    return f"{BOUNDS[said.bound]}{shown}{UNITS[said.unit]}"


def level(said: Level) -> str:
    """A price as it was claimed."""
    bound = {"more than": "above ", "less than": "below "}.get(said.bound, BOUNDS[said.bound])
    return f"{bound}{number(said.number.value, max(0, digits_of(said.number.step) - 1))}"


def measured(value: float, unit: str, step: float) -> str:
    """A measured move: its size with its unit, and where to."""
    digits = digits_of(step)
    if float(f"{value:.{digits}f}") == 0:
        return f"{number(0.0, digits)}{UNITS[unit]} from"
    return f"{number(abs(value), digits)}{UNITS[unit]} {'above' if value > 0 else 'below'}"


def at(what: str, on: dt.date, *, of: float | None = None) -> str:
    """Which price of a day, or of a minute, a sentence tells of: "at its low on 17 March 2023"."""
    if what.startswith("price at "):
        return what.replace("price at ", "at ", 1)
    value = f" of {price(of)}" if of is not None else ""
    its = {"low": "at its low", "high": "at its high", "open": "at the open", "close": "at the close"}
    return f"{its.get(what, 'at the fixing')}{value} on {day(on)}"


def moved(where: str, name: str, amount: str, base: str, claimed: str) -> str:
    """The sentence of a move: "At its low on 17 March 2023, the index was 0.61% below the close of 16 March"."""
    return f"{capital(where)}, {name} was {amount} {base}; claimed: {claimed}."


def quoted(name: str, where: str) -> str:
    """Where a price stood that is quoted the other way round than the claim sees it."""
    return f"with {name} {where}"


def stood(where: str, name: str, value: float, said: Level) -> str:
    """The sentence of a price."""
    shown = number(value, max(digits_of(said.number.step), 2))
    return f"{capital(where)}, {name} stood at {shown}; claimed: {level(said)}."


SPLIT = "The two differ by a whole factor, as where a file is adjusted for a split and the printed price is not."


def little(limit: float) -> str:
    """What counts as little changed."""
    return f"Up to {number(limit)}% counts as little changed: a quarter of what is usual in a day, or 0.1%."


def fixing_is_no_close(name: str, value: float | None) -> str:
    """A close is claimed, and there are fixings alone."""
    shown = "" if value is None else f"; by it the move was {number(value)}%"
    return f"Of {name} there are fixings alone, one price a day, which is no close{shown}."


def minute(moment: dt.datetime, zone: str, size: int) -> str:
    """A minute at its place, with the bars that tell of it."""
    place = "UTC" if zone == "UTC" else zone.partition("/")[2].replace("_", " ")
    bars = "" if size == 1 else f" (bars of {size} minutes)"
    return f"{moment:%H:%M} {place} on {day(moment.date())}{bars}"


def which_clock(text: str) -> str:
    """A time without a place."""
    return f"\u201c{text}\u201d names no place, so that it may be any hour; write for example \u201cin New York\u201d."


def no_minute(name: str, at: str) -> str:
    """No bar of the minute."""
    return f"A price of a minute is no close, and there is no bar of {name} at {at}."


def no_asset(claim: Claim) -> str:
    """Nothing that is stored is what the claim speaks of."""
    if claim.subject:
        return f"No asset that is stored is called \u201c{claim.subject}\u201d."
    return "The claim names no asset, and the event has several: name one with --asset."


def no_prices(name: str, on: str) -> str:
    """The archive has nothing of the day."""
    return f"There is no price of {name} {on}."


def counted_from(named: int, base: dt.date) -> str:
    """A move over more than a day."""
    weekday = f"{dt.date(2024, 1, 1 + named):%A}"
    return f"It counts from {weekday}, and the session before is that of {base:%A}, {day(base)}."


def far_off(name: str, claimed: float, value: float) -> str:
    """A price that is nowhere near, of a currency whose other side is not named."""
    return (
        f"The claim does not say against what, and {price(claimed)} is far from {name}, {price(value)}: "
        "it may be of another rate."
    )


def needs_extreme(claim: Claim, by_close: str, *, is_fixing: bool) -> str:
    """Only a low or a high could tell, and there is none."""
    side = "low" if claim.direction == DOWN else "high"
    kind = "fixings, one price a day" if is_fixing else "closes"
    return f"Only the day's {side} can tell, and there are only {kind}. {by_close}"


def needs_range(by_close: str) -> str:
    """Only the range of the day could refute it."""
    return f"Only the day's low and high can tell. {by_close}"


def disagree(first: str, second: str) -> str:
    """Two routes of one asset tell different things."""
    return f"The sources disagree: {first} {second}"


def proxied(stands_for: str, name: str, would: str, because: str) -> str:
    """A proxy gives no verdict."""
    kinds = {"supported": "agrees with the claim", "not supported": "does not agree with the claim"}
    agrees = kinds.get(would, "cannot settle the claim either")
    return f"There are no prices of \u201c{stands_for}\u201d itself. In its place, {name} {agrees}. {because}"


def capital(text: str) -> str:
    """With a capital at its beginning."""
    return text[:1].upper() + text[1:]


def p_value(p: float) -> str:
    """A p with the digits that it deserves."""
    return "below 0.001" if p < 0.001 else number(p, 3 if p < 0.1 else 2)


def reaction(name: str, row_verdict: str, car: float | None, t: float | None, p: float | None) -> str:
    """The verdict on the event, in a sentence."""
    numbers = ""
    if car is not None and t is not None and p is not None:
        numbers = f" (abnormal {number(100 * car)}%, t {number(t, 1)}, p {p_value(p)})"
    return f"{capital(name)}: {REACTIONS[row_verdict]}{numbers}."


def when(since: str) -> str:
    """A date that cannot be read."""
    return f"\u201csince {since}\u201d names no date that can be looked up." if since else "Since when is not said."


def goes_back(name: str, first: dt.date, since: dt.date) -> str:
    """The archive begins too late."""
    return f"Prices of {name} begin on {day(first)}, after {day(since)}: what was before is not known."


def no_record(name: str, first: dt.date) -> str:
    """An archive that begins somewhere proves no record."""
    return f"It is the most extreme of {name} since {day(first)}, where the prices begin; a record needs all of them."


def stands_in(stands_for: str, name: str) -> str:
    """No superlative through a proxy."""
    return (
        f"There are no prices of \u201c{stands_for}\u201d itself, and a superlative does not pass through a proxy: the "
        f"largest move of {name} need not be that of another index."
    )


def largest(name: str, kind: str, value: float, on: dt.date, since: dt.date, count: str) -> str:
    """No move was larger."""
    first = f"{capital(name)} moved {number(value)}% ({kind}, {day(on)})"
    return f"{first}: more than in any of the {count} since {day(since)}."


def larger(name: str, kind: str, value: float, on: dt.date, other: float, when_: dt.date) -> str:
    """A move was larger."""
    first = f"{capital(name)} moved {number(value)}% ({kind}, {day(on)})"
    return f"{first}, and {number(other)}% on {day(when_)}, which was more."


def wrong_way(name: str, value: float, on: dt.date) -> str:
    """A superlative of a move that went the other way."""
    return f"{capital(name)} moved {number(value)}% on {day(on)}, which is the other way."


def utmost(name: str, what: str, value: float, on: dt.date, since: dt.date) -> str:
    """No price was lower, or higher."""
    return f"The {what} of {name} on {day(on)}, {price(value)}, was beyond every one since {day(since)}."


def beyond(name: str, what: str, value: float, on: dt.date, other: float, when_: dt.date) -> str:
    """A price was lower, or higher."""
    return f"The {what} of {name} on {day(on)} was {price(value)}, and {price(other)} on {day(when_)}."


def in_doubt(doubt: str) -> str:
    """A price in doubt decides nothing."""
    return f"A price in doubt decides nothing: {doubt}."


def of_the_day(name: str, on: dt.date, value: float, *, is_fixing: bool) -> str:
    """The move of a day."""
    return f"By {'fixings' if is_fixing else 'closes'} {name} moved {number(value)}% on {day(on)}."


def two_days(name: str, on: dt.date, before: float, value: float) -> str:
    """The moves of the day before, and of the day."""
    return f"{capital(name)} moved {number(before)}% on the session before {day(on)}, and {number(value)}% on that day."


def path(name: str, on: dt.date, before: float, furthest: float, end: float, *, is_around_news: bool) -> str:
    """Where a price stood before the news, how far it went, and where it ended; all from the close before."""
    if is_around_news:
        first = (
            f"stood {number(before)}% from the close before when the news came, reached {number(furthest)}% after it"
        )
    else:
        first = f"went as far as {number(furthest)}% from the close before"
    return f"{capital(name)} {first}, and ended at {number(end)}% ({day(on)})."


def contradict(first: str, second: str) -> str:
    """Two things that a claim says and that cannot both be."""
    return f"\u201c{first}\u201d and \u201c{second}\u201d contradict each other."


NEEDS_MINUTES = (
    "Only prices by the minute on both sides of the news can separate the move before it from the move after it, and "
    "these are missing: one price a day covers both."
)
NO_LOSS = "Which loss or gain is meant, the claim does not say."
NEGATED = "The claim says that this was not so."
NO_CLAIM = "No claim about a price was found in this text; docs/claims.md says what is understood."
NOT_IN_EVENT = "The asset is none of the event's, so that no reaction of it was studied."
ANOTHER_DAY = "The day was not the first that could react to the news."
DIRECTION = "The study found a reaction the other way."
ON_BOTH_DAYS = "The time of the announcement leaves two days open, and they tell different things."
