"""What a study by the minute found, in sentences: the minute, the horizon, the move, and whether it is unusual."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from eventstudy.database.reading import Row
from eventstudy.instants import parse
from eventstudy.report import text
from eventstudy.store.read import EventResults

CLAUSES = {
    "strong": "far more than on other sessions at this time of day",
    "moderate": "more than on other sessions at this time of day",
    "weak": "more than on other sessions at this time of day by one of two tests, and not by the other",
    "none": "no more than is usual at this time of day",
    "confounded": "more than is usual at this time of day, but other news came in the same minutes",
}


def clock_answer(results: EventResults, rows: Sequence[Row]) -> tuple[str, tuple[str, ...]]:
    """Verdict and sentences of an event whose headline is a study by the minute: those of its clearest asset first."""
    order = ("strong", "moderate", "weak", "confounded", "none", "not computable")
    found = []
    for row in rows:
        window = next(iter(results.windows(row["analysis_id"])), None)
        word = window["verdict"] if window else "not computable"
        found.append((order.index(word), word, sentence(row, results.documents.get(row["analysis_id"]), window)))
    found.sort(key=lambda one: one[0])
    return found[0][1], tuple(words for _, _, words in found)


def sentence(row: Row, document: Row | None, window: Row | None) -> str:
    """The minute and the horizon, then the move, then whether it is unusual."""
    title = text.capital(text.plain(row["asset_title"]))
    if document is None or window is None or not document["windows"]:
        return f"Nothing can be said about {title} by the minute: {text.spoken(row['reason'] or 'no bars')}."
    first = document["windows"][0]
    when = f"{clock(document)}{horizon(first['window'], is_open=bool(document['is_open']))}"
    if first["move"] is None:
        return f"{when}, nothing can be said about {title}: {text.spoken(window['reason'] or row['reason'] or '')}."
    move = f"{when}, {title} moved {text.percent(math.expm1(first['move']))}"
    if window["p_adjusted"] is None:
        return f"{move}; whether that is unusual cannot be told: {text.spoken(window['reason'] or '')}."
    numbers = f"t {text.statistic(window['t'])}, p {text.p_value(window['p_adjusted'])}"
    rank = f"{placebo_words(first)}" if first["paced"] else ""
    return f"{move}, {CLAUSES[window['verdict']]} ({numbers}{'; ' + rank if rank else ''})."


def placebo_words(window: Row) -> str:
    """How many of the reference sessions moved as much for their pace."""
    n = window["paced"]["n"]
    as_large = round(window["paced"]["placebo_p"] * (n + 1)) - 1
    return f"{as_large} of {n} sessions moved as much for their pace"


def clock(document: Row) -> str:
    """The minute of the news in the venue's time, with UTC beside it: ``14:00 New York (18:00 UTC)``."""
    return at_clock(document["announced_at"], document)


def at_clock(stamp: str, document: Row) -> str:
    """An instant in the venue's time, with UTC beside it."""
    when = parse(f"{stamp[:19]}Z")
    zone = (document["hours"] or {}).get("zone", "UTC")
    local = when.astimezone(ZoneInfo(zone))
    shape = "%H:%M:%S" if when.second else "%H:%M"
    if not local.utcoffset():
        return f"{when:{shape}} UTC"
    return f"{local:{shape}} {text.place(zone).removeprefix('in ')} ({when:{shape}} UTC)"


def local_time(seconds: float, document: Row) -> str:
    """Hour and minute in the venue's time."""
    when = dt.datetime.fromtimestamp(seconds, dt.UTC)
    return f"{when.astimezone(ZoneInfo((document['hours'] or {}).get('zone', 'UTC'))):%H:%M}"


def horizon(bounds: Sequence[str], *, is_open: bool) -> str:
    """A window in words, as it follows the minute of the news."""
    start, end = bounds
    since = "" if is_open else " (the market was shut; minutes count from the opening)"
    ends = {
        "close": "to the close",
        "next-open": "to the next opening",
        "next-close": "to the next close",
    }
    if start == "0m":
        return f"{since}: {ends[end]}" if end in ends else f"{since}: in the first {minutes(end)}"
    return f"{since}: in the window {label(bounds)}"


def minutes(end: str) -> str:
    """``30m`` as ``30 minutes``."""
    n = end.removesuffix("m")
    return f"{n} minute{'' if n == '1' else 's'}" if n.isdigit() else end


def label(bounds: Sequence[str]) -> str:
    """A window as it is printed."""
    return f"[{', '.join(bounds)}]".replace("-", text.MINUS) if bounds[0][-1:] == "m" else " ".join(bounds)
