"""What else there is to say about the minutes after the news, a sentence each."""

from __future__ import annotations

import math
from collections.abc import Iterator

from eventstudy.database.reading import Row
from eventstudy.report import text
from eventstudy.report.clock_words import at_clock, label

COURSES = {
    "held": "The move held: {kept} of it was left at the close.",
    "faded": "The move faded: {kept} of it was left at the close.",
    "gone": "The move was gone by the close.",
    "reversed": "The move had reversed by the close.",
}


def facts(document: Row) -> Iterator[str]:
    """As much as and when, the drift before, what became of the move, and what else happened, a sentence each."""
    if document["opening_gap"] is not None:
        yield (
            f"The market was shut: the opening was {text.percent(math.expm1(document['opening_gap']))} from the last "
            "close, and most of that may have come before the news."
        )
    yield from _extremes(document)
    yield from _course(document)
    yield from _activity(document)
    for other in document["context"]:
        yield f"{text.capital(text.plain(other['title']))}: {distance(other['minutes'])}."


def _extremes(document: Row) -> Iterator[str]:
    first = next((w for w in document["windows"] if w["low"] or w["high"]), None)
    if first is not None:
        for name, word in (("low", "Lowest"), ("high", "Highest")):
            if first[name]:
                move, at = text.percent(math.expm1(first[name]["move"])), at_clock(first[name]["at"], document)
                yield f"{word} in {label(first['window'])}: {move} from the price before the news, at {at}."
        day = first["from_previous_close"]
        if day:
            yield (
                f"From the close of the session before, as newspapers count: {text.percent(math.expm1(day['move']))} "
                f"at the end of {label(first['window'])}."
            )


def _course(document: Row) -> Iterator[str]:
    path = document["path"] or {}
    drift = path.get("drift_before")
    if drift:
        yield f"In the {drift['minutes']:.0f} minutes before: {text.percent(math.expm1(drift['move']))}."
    if path.get("course"):
        yield COURSES[path["course"]].format(kept=f"{100 * path['kept']:.0f}{text.THIN}%")
    if path.get("half_life_minutes"):
        after = f"{path['half_life_minutes']:.0f} minutes"
        yield f"Half of the move in {label(path['window'])} was there to stay after {after}."


def _activity(document: Row) -> Iterator[str]:
    mixed = document["mixed_bar"]
    if mixed:
        yield (
            f"The bar in whose middle the news came ended {text.percent(math.expm1(mixed['move']))} from the price "
            "before; it counts neither as before nor as after."
        )
    head = document["windows"][0] if document["windows"] else {}
    for name, word in (("volume", "Volume"), ("realised_volatility", "Realised volatility")):
        part = head.get(name)
        if part and "log_ratio" in part:
            yield (
                f"{word} in {label(head['window'])}: {math.exp(part['log_ratio']):.1f} times the median at this time "
                f"of day (placebo p {text.p_value(part['p_value'])})."
            )
        elif part:
            yield f"{word} in {label(head['window'])}: placebo p {text.p_value(part['p_value'])}."


def distance(away: float) -> str:
    """``12 minutes later``, ``5 minutes earlier``."""
    n = f"{abs(away):.0f} minute{'' if round(abs(away)) == 1 else 's'}"
    return "at the same minute" if away == 0 else f"{n} {'later' if away > 0 else 'earlier'}"
