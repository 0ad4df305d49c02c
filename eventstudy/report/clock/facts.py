"""What else there is to say about the minutes after the news, a sentence each."""

from __future__ import annotations

import math
from collections.abc import Iterator

from eventstudy.database.reading import Row
from eventstudy.report import text
from eventstudy.report.clock.words import at_clock, is_extended, label
from eventstudy.report.words import say
from eventstudy.study.clock.primary import primary_of

TWICE = 2.0  # from which on a move is said to have grown
MOST_TIMES = 10.0  # beyond which the first move was next to nothing, and what became of it says nothing


def facts(document: Row) -> Iterator[str]:
    """As much as and when, the drift before, what became of the move, and what else happened, a sentence each."""
    if document["opening_gap"] is not None:
        yield say("clock.gap", move=_percent(document["opening_gap"]))
    yield from _extremes(document)
    yield from _course(document)
    yield from _activity(document)
    for other in document["overlaps"]:
        title = text.capital(text.plain(other.get("title") or other["event_id"]))
        yield say("clock.overlap", title=title, distance=distance(other["minutes"]))
    for other in document["context"]:
        title = text.capital(text.plain(other["title"]))
        yield say("clock.other", title=title, distance=distance(other["minutes"]))


def _percent(move: float) -> str:
    return text.percent(math.expm1(move))


def _extremes(document: Row) -> Iterator[str]:
    first = next((w for w in document["windows"] if w["low"] or w["high"]), None)
    if first is None:
        return
    window = label(first["window"])
    for name in ("low", "high"):
        if first[name]:
            at = at_clock(first[name]["at"], document)
            yield say(f"clock.extreme.{name}", window=window, move=_percent(first[name]["move"]), at=at)
    if first["from_previous_close"]:
        key = "clock.previous_extended" if is_extended(document) else "clock.previous"
        yield say(key, move=_percent(first["from_previous_close"]["move"]), window=window)
        yield from _whole_day(first["from_previous_close"]["day"], document)


def _whole_day(day: Row | None, document: Row) -> Iterator[str]:
    if day and day["low"] and day["high"]:
        ends = {name: _percent(day[name]["move"]) for name in ("low", "high")}
        at = {f"{name}_at": at_clock(day[name]["at"], document) for name in ("low", "high")}
        yield say("clock.day", move=_percent(day["move"]), **ends, **at)


def _course(document: Row) -> Iterator[str]:
    path = document["path"] or {}
    drift = path.get("drift_before")
    if drift:
        yield say("clock.drift", n=round(drift["minutes"]), move=_percent(drift["move"]))
    if path.get("course") and abs(kept := path["kept"]) <= MOST_TIMES:
        # what is left on the other side of the price before is not left of the move
        shown = text.percent(kept, signed=kept < 0, digits=0)
        larger = {"held": "grown", "reversed": "overturned"}.get(path["course"], "") if abs(kept) >= TWICE else ""
        yield say(f"clock.course.{larger or path['course']}", kept=shown, times=text.about(abs(kept)))
    if path.get("half_life_minutes"):
        yield say("clock.half_life", n=round(path["half_life_minutes"]), window=label(path["window"]))


def _activity(document: Row) -> Iterator[str]:
    if document["mixed_bar"]:
        yield say("clock.mixed", move=_percent(document["mixed_bar"]["move"]))
    head = primary_of(document) or {}
    if volume := head.get("volume"):
        times, p = text.about(math.exp(volume["log_ratio"])), text.p_value(volume["p_value"])
        yield say("clock.volume", window=label(head["window"]), times=times, p=p)
    if volatility := head.get("realised_volatility"):
        yield say("clock.volatility", window=label(head["window"]), p=text.p_value(volatility["p_value"]))


def distance(away: float) -> str:
    """``12 minutes later``, ``5 minutes earlier``."""
    if away == 0:
        return say("clock.same")
    return say("clock.later" if away > 0 else "clock.earlier", n=max(round(abs(away)), 1))
