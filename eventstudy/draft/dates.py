"""Every date of a text, resolved."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence

from eventstudy.draft.ranges import joined
from eventstudy.draft.relative import Calendar
from eventstudy.draft.span import Span
from eventstudy.draft.written import full_dates

# A day that is counted from the one that the sentence named before: "on Friday, and 17% the day before".
_NEIGHBOUR = re.compile(
    r"\b(?:the (?:previous|preceding|prior) day|the day before(?! yesterday)|a day (?:earlier|before)|"
    r"(?P<after>the (?:following|next) day|a day later|the day after(?! tomorrow)))\b",
    re.IGNORECASE,
)
_STOP = re.compile(r"[.!?]\s|\n\s*\n")


def find_dates(text: str, printed: dt.date) -> list[Span]:
    """The dates that a text names, in order; where two overlap, the longer one.

    Parameters
    ----------
    text : str
    printed : date
        The day, in the place where the text was written, that "today" and "Friday" are resolved against.
    """
    found = [*full_dates(text), *Calendar(printed).spans(text)]
    found = sorted((*found, *_neighbours(text, found, printed)), key=lambda span: (span.start - span.end, span.start))
    taken: list[Span] = []
    covered = bytearray(len(text))
    for span in found:
        if not any(covered[span.start : span.end]):
            covered[span.start : span.end] = b"\1" * (span.end - span.start)
            taken.append(span)
    return joined(text, sorted(taken, key=lambda span: span.start))


def _neighbours(text: str, found: Sequence[Span], printed: dt.date) -> Iterator[Span]:
    """Days before and after the one that stands nearest before them in their sentence, else of the print."""
    for match in _NEIGHBOUR.finditer(text):
        begin = max((stop.end() for stop in _STOP.finditer(text, 0, match.start())), default=0)
        named = [span for span in found if begin <= span.start and span.end <= match.start() and span.is_day]
        last = max(named, key=lambda span: span.start, default=None)
        day = (last.first if last else printed) + dt.timedelta(days=1 if match["after"] else -1)
        how = f"against {last.text}" if last else f"against {printed:%A %-d %B %Y}"
        yield Span(start=match.start(), end=match.end(), text=match[0], first=day, last=day, how=how)
