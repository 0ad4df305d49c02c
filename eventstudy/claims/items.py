"""From a sentence to the items that tell of prices: verbs, sizes, prices, bounds, dates."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eventstudy.claims.claim import DOWN, FLAT, UP, Number
from eventstudy.claims.clock import read_minute
from eventstudy.claims.lexicon import BOUNDS, WEEKDAYS
from eventstudy.claims.names import Mention
from eventstudy.claims.numbers import SIGNED, read_number
from eventstudy.claims.patterns import PATTERNS, UNITS

Groups = Mapping[str, Any]

_DIRECTIONS = {"up": UP, "higher": UP, "gain": UP, "down": DOWN, "lower": DOWN, "loss": DOWN, "flat": FLAT}
_DIRECTIONS |= {"lifts": UP, "drags": DOWN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """Something that a sentence says, where it stands in it.

    Attributes
    ----------
    kind : str
        As in `eventstudy.claims.patterns`, or ``name``.
    start, end : int
    text : str
    value : object
        What the kind says: a direction, a number with its unit, a bound, …
    """

    kind: str
    start: int
    end: int
    text: str
    value: Any = None


def items(sentence: str, mentions: Sequence[Mention], offset: int) -> Iterator[Item]:
    """What a sentence says, from left to right; names come first, and what they cover is no verb.

    Parameters
    ----------
    sentence : str
    mentions : sequence of Mention
        Of the whole text, in order.
    offset : int
        Where the sentence stands in the text.
    """
    first = bisect_left(mentions, offset, key=_start)
    last = bisect_left(mentions, offset + len(sentence), key=_start)
    named = {m.start - offset: m for m in mentions[first:last]}
    starts = [*sorted(named), len(sentence)]
    place = 0
    while place < len(sentence):
        if place in named:
            mention = named[place]
            end = mention.end - offset
            yield Item(kind="name", start=place, end=end, text=sentence[place:end], value=mention)
            place = end
            continue
        found = _longest(sentence, place, starts[bisect_right(starts, place)])
        if found is not None:
            yield found
            place = found.end
        else:
            place = min(_next_word(sentence, place), starts[bisect_right(starts, place)])


def _start(mention: Mention) -> int:
    return mention.start


def _longest(sentence: str, place: int, before: int) -> Item | None:
    """The longest item that begins at `place` and ends where the next name begins, or before."""
    best: tuple[str, re.Match[str]] | None = None
    for kind, pattern in PATTERNS:
        match = pattern.match(sentence, place, before)
        if match and match.end() > place and (best is None or match.end() > best[1].end()):
            best = (kind, match)
    if best is None:
        return None
    kind, match = best
    value = _READ[kind](match, match.groupdict()) if kind in _READ else _DIRECTIONS.get(kind)
    if kind == "minute" and value is None:
        return None
    kind = "extreme" if kind == "age" else kind
    return Item(kind=kind, start=place, end=match.end(), text=match[0], value=value)


def _size(_match: re.Match[str], group: Groups) -> tuple[Number, str]:
    if "full" in group:
        return Number(value=1.0, step=1.0), "percentage points"
    if part := group.get("of") or group.get("by"):
        return Number(value=100 * read_number(part).value, step=5.0), "percent"
    number = read_number(group["written"] or group["spoken"])
    unit = next(name for i, name in enumerate(UNITS) if group[f"u{i}"])
    if unit == "cents":
        return Number(value=number.value / 100, step=number.step / 100), "price"
    if unit == "pence":
        return number, "price"
    return number, unit


def _amount(_match: re.Match[str], group: Groups) -> Number:
    if not group["written"]:
        return Number(value=1.0, step=0.01)  # "parity"
    number = read_number(group["written"])
    if group.get("thousands"):  # "$60K"
        number = Number(value=1000 * number.value, step=1000 * number.step)
    return Number(value=-number.value, step=number.step) if group.get("sign") == "-" else number


def _biggest(_match: re.Match[str], group: Groups) -> tuple[int | None, str, str]:
    is_loss = group["loss"] or (group["unit"] and group["side"].lower() in ("worst", "weakest"))
    direction = DOWN if is_loss else UP if group["gain"] or group["unit"] else None
    return (
        direction,
        (group["unit"] or group["scope"]).strip().lower(),
        "ever" if group["ever"] else group["since"] or "",
    )


def _extreme(_match: re.Match[str], group: Groups) -> tuple[int, str, str]:
    return DOWN if group["lowest"] else UP, (group["of"] or group["what"] or "").lower(), group["since"]


def _age(_match: re.Match[str], group: Groups) -> tuple[int, str, str]:
    count, unit = group["count"], group["unit"]
    since = "ever" if group["ever"] else f"{count} {unit}{'' if count.lower() in ('a', 'an', 'one', '1') else 's'}"
    return DOWN if group["side"].lower() in ("low", "trough") else UP, (group["of"] or "").strip().lower(), since


def _total(_match: re.Match[str], group: Groups) -> tuple[int, str]:
    word = (group["adjective"] or group["span"] or "day").lower()
    span = "week" if "week" in word else "month" if "month" in word else "day" if word == "day" else "year"
    return DOWN if group["loss"] else UP, span


def _range(match: re.Match[str], _group: Groups) -> list[Number]:
    """Both ends of "3.5% to 3.7%"; nothing of what is no way from one to the other."""
    return [read_number(found[0]) for found in re.finditer(SIGNED, match[0])] if " to " in match[0] else []


# "as far as" goes where the verb does.
_EXTENTS = {"low": DOWN, "weak": DOWN, "high": UP, "strong": UP, "far": None}

_READ: dict[str, Callable[[re.Match[str], Groups], Any]] = {
    "size": _size,
    "range": _range,
    "money": _amount,
    "number": _amount,
    "bound": lambda match, _group: BOUNDS[re.sub(r"\s+", " ", match[0].lower())],
    "minute": lambda match, _group: read_minute(match),
    "weekday": lambda _match, group: WEEKDAYS.index(group["day"].lower()),
    "biggest": _biggest,
    "whose_day": lambda _match, group: WEEKDAYS.index(group["day"].lower()),
    "weekly": lambda _match, group: group["unit"].lower(),
    "in_age": lambda match, _group: re.sub(r"^in ", "", match[0], flags=re.IGNORECASE),
    "total": _total,
    "most": lambda _match, group: group["since"] or "ever",
    "record": lambda _match, group: (group["of"] or group["what"] or "").strip().lower(),
    "extreme": _extreme,
    "utmost": lambda _match, group: DOWN if group["lowest"] else UP,
    "first_time": lambda _match, group: group["since"] or "ever",
    "age": _age,
    "extent": lambda _match, group: _EXTENTS[(group["a"] or group["as"]).lower()],
}


def _next_word(sentence: str, place: int) -> int:
    """Where the next word, number or sign begins; "n't" is a word of its own."""
    start = place
    while place < len(sentence) and (sentence[place].isalnum() or sentence[place] in "_'-&/"):
        if sentence.startswith("n't", place + 1):
            return place + 1
        place += 1
    return max(place, start + 1)
