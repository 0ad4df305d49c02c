"""What a study by the minute found, in sentences: the minute, the horizon, the move, and whether it is unusual."""

from __future__ import annotations

import datetime as dt
import itertools
import math
import re
from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from eventstudy.database.reading import Row
from eventstudy.instants import parse
from eventstudy.report import text
from eventstudy.report.linked import anchor, bare, linked, row_id
from eventstudy.report.strongest import MOST_FULL
from eventstudy.report.words import say
from eventstudy.store.read import EventResults
from eventstudy.study.clock.primary import primary_of
from eventstudy.study.clock.stored_ends import StoredWindow, window_of

ENDS = ("close", "next-open", "next-close")


def clock_answer(results: EventResults, rows: Sequence[Row]) -> tuple[str, tuple[str, ...]]:
    """Verdict and sentences of an event whose headline is a study by the minute: those of its clearest asset first."""
    ordered = clearest(results, rows)
    said: list[str] = []
    for row in ordered[:MOST_FULL]:
        document = results.documents.get(row["analysis_id"])
        said += [linked_sentence(row, document, _first(results, row)), *passed_over(results, row)]
    if len(ordered) > MOST_FULL:
        said.append(say("clock.more", n=len(ordered) - MOST_FULL))
    return _verdict(results, ordered[0]), tuple(said)


def clearest(results: EventResults, rows: Sequence[Row]) -> list[Row]:
    """The analyses, those with the clearest verdicts first."""
    order = ("strong", "moderate", "weak", "confounded", "none", "not computable")
    return sorted(rows, key=lambda row: order.index(_verdict(results, row)))


def _verdict(results: EventResults, row: Row) -> str:
    window = _first(results, row)
    return window["verdict"] if window else "not computable"


def _first(results: EventResults, row: Row) -> Row | None:
    return next(iter(results.windows(row["analysis_id"])), None)


def sentence(row: Row, document: Row | None, window: Row | None) -> str:
    """The minute and the horizon, then the move, then whether it is unusual."""
    return bare(linked_sentence(row, document, window))


def linked_sentence(row: Row, document: Row | None, window: Row | None) -> str:
    """The same, whose numbers lead to the row of their window: see `linked`."""
    asset = text.plain(row["asset_title"])
    if document is None or window is None or not document["windows"]:
        return say("clock.nothing", asset=asset, reason=text.spoken(row["reason"] or say("clock.no_bars")))
    first = primary_of(document) or {}
    is_open = bool(document["is_open"])
    when = say("clock.open" if is_open else "clock.shut", when=clock(document), horizon=horizon(first["window"]))
    reason = text.spoken(window["reason"] or row["reason"] or "")
    if first["move"] is None:
        return say("clock.nothing_at", when=when, asset=asset, reason=reason)
    there = row_id(anchor(row), label(first["window"]))
    move = linked(text.percent(math.expm1(first["move"])), there)
    if window["p_adjusted"] is None:
        return say("clock.untold", when=when, asset=asset, move=move, reason=reason)
    t, p = (linked(words, there) for words in (text.statistic(window["t"]), text.p_value(window["p_adjusted"])))
    numbers = say("clock.numbers", t=t, p=p, rank=linked(placebo_words(first, "clock.rank"), there))
    clause = say(f"clock.{window['verdict']}")
    moved = say("clock.moved", when=when, asset=asset, move=move, clause=clause, numbers=numbers)
    agreement = (document["minutes"] or {}).get("agreement")
    return say("clock.earliest", moved=moved, agreement=say(f"clock.agreement.{agreement}")) if agreement else moved


def passed_over(results: EventResults, row: Row) -> Iterator[str]:
    """Why windows that stand before the one that answers do not answer, a sentence each."""
    document = results.documents.get(row["analysis_id"])
    if document is None:
        return
    stored, primary = stored_windows(results, row), primary_of(document)
    for found in itertools.takewhile(lambda window: window is not primary, document["windows"]):
        reason = stored[window_of(found["window"])]["reason"]
        if reason:  # a window that is over when the news comes may have a number
            yield say("clock.passed_over", window=label(found["window"]), reason=text.spoken(reason))


def stored_windows(results: EventResults, row: Row) -> dict[StoredWindow, Row]:
    """The windows of an analysis by their ends, the one that answers first."""
    return {StoredWindow(w["window_start"], w["window_end"]): w for w in results.windows(row["analysis_id"])}


def placebo_words(window: Row, key: str) -> str:
    """How many of the reference sessions moved as much for their pace."""
    n = window["paced"]["n"]
    return say(key, count=round(window["paced"]["placebo_p"] * (n + 1)) - 1, n=n)


def clock(document: Row) -> str:
    """The minute of the news in the venue's time, with UTC beside it: ``14:00 New York (18:00 UTC)``."""
    return at_clock(document["announced_at"], document)


def at_clock(stamp: str, document: Row) -> str:
    """An instant in the venue's time, with UTC beside it."""
    when = parse(f"{stamp[:19]}Z")
    local = when.astimezone(ZoneInfo(zone_of(document)))
    shape = "%H:%M:%S" if when.second else "%H:%M"
    time = f"{when:{shape}}"
    if not local.utcoffset():
        return say("clock.utc", time=time)
    city = zone_of(document).rsplit("/", 1)[-1].replace("_", " ")
    return say("clock.local", local=f"{local:{shape}}", place=city, time=time)


def zone_of(document: Row) -> str:
    """The zone of the venue; UTC of one that keeps no hours."""
    return str((document["hours"] or {}).get("zone", "UTC"))


def is_extended(document: Row) -> bool:
    """Whether there are bars from before and after the session."""
    return bool((document["hours"] or {}).get("extended"))


def local_time(seconds: float, document: Row) -> str:
    """Hour and minute in the venue's time."""
    when = dt.datetime.fromtimestamp(seconds, dt.UTC)
    return f"{when.astimezone(ZoneInfo(zone_of(document))):%H:%M}"


def horizon(bounds: Sequence[str]) -> str:
    """A window in words, as it follows the minute of the news."""
    start, end = bounds
    if start == "0m" and end in ENDS:
        return say(f"clock.to.{end}")
    if start == "0m" and end.removesuffix("m").isdigit():
        return say("clock.first", n=int(end.removesuffix("m")))
    return say("clock.window", window=label(bounds))


def label(bounds: Sequence[str]) -> str:
    """A window as it is printed."""
    if bounds[0][-1:] != "m":
        return " ".join(bounds)
    return re.sub(r"-(?=\d)", text.MINUS, f"[{', '.join(bounds)}]")
