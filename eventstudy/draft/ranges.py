"""Dates that are made of others: "March 28 to April 2", "the week of 12 June", "the end of March"."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import replace

from eventstudy.draft.span import Span, week

_TO = re.compile(r"\s?[-\u2013]\s?|\s+(?:to|until|through)\s+")
_AND = re.compile(r"\s+and\s+")
_BETWEEN = re.compile(r"\bbetween\s+$", re.IGNORECASE)
_WEEK_OF = re.compile(r"\bweek (?:of|beginning|starting)\s+$", re.IGNORECASE)
_EDGE = re.compile(r"\b(?:(?P<end>end)|start|beginning)(?: of |-of-|-| )(?:the )?$", re.IGNORECASE)
_BEFORE = 24  # characters that such words take
_A_WEEK = 6  # days between the first of its days and the last


def joined(text: str, spans: Sequence[Span]) -> list[Span]:
    """The dates of a text, those that belong together as one.

    Parameters
    ----------
    text : str
    spans : sequence of Span
        In order, none over another.
    """
    out: list[Span] = []
    for span in spans:
        last = out[-1] if out else None
        if last is not None and last.is_day and span.is_day and last.first < span.first and _is_range(text, last, span):
            whole = text[last.start : span.end]
            out[-1] = replace(last, end=span.end, text=whole, last=span.last)
            continue
        out.append(_edged(text, span))
    return out


def _is_range(text: str, one: Span, other: Span) -> bool:
    gap = text[one.end : other.start]
    if _TO.fullmatch(gap):
        return True
    return (
        _AND.fullmatch(gap) is not None and _BETWEEN.search(text[max(0, one.start - _BEFORE) : one.start]) is not None
    )


def _edged(text: str, span: Span) -> Span:
    """The week of a day, or the first or last day of something longer, where such words stand before it."""
    before = text[max(0, span.start - _BEFORE) : span.start]
    word = re.match(r"(?:(?:in|of|by|until|from|during)\s+)?", span.text, re.IGNORECASE)
    lead = span.text[: word.end()] if word else ""
    if span.is_day:
        if found := _WEEK_OF.search(before):
            first, last = week(span.first)
            return _from(text, span, span.start - len(before) + found.start(), first, last)
        return span
    found = _EDGE.search(before + lead)
    if found is None:
        return span
    day = span.first
    if found["end"]:
        is_week = (span.last - span.first).days == _A_WEEK
        day = span.last - dt.timedelta(days=2) if is_week else span.last  # its last day of trade
    return _from(text, span, span.start - len(before) + found.start(), day, day)


def _from(text: str, span: Span, start: int, first: dt.date, last: dt.date) -> Span:
    return replace(span, start=start, text=text[start : span.end], first=first, last=last)
