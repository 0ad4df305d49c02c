"""Every date of a text, resolved."""

from __future__ import annotations

import datetime as dt

from eventstudy.draft.relative import Calendar
from eventstudy.draft.span import Span
from eventstudy.draft.written import full_dates


def find_dates(text: str, printed: dt.date) -> list[Span]:
    """The dates that a text names, in order; where two overlap, the longer one.

    Parameters
    ----------
    text : str
    printed : date
        The day, in the place where the text was written, that "today" and "Friday" are resolved against.
    """
    found = sorted(
        (*full_dates(text), *Calendar(printed).spans(text)), key=lambda span: (span.start - span.end, span.start)
    )
    taken: list[Span] = []
    covered = bytearray(len(text))
    for span in found:
        if not any(covered[span.start : span.end]):
            covered[span.start : span.end] = b"\1" * (span.end - span.start)
            taken.append(span)
    return sorted(taken, key=lambda span: span.start)
