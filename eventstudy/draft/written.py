"""Dates that say their year, or a month and a day: "17 March 2023", "March 17", "17.03.2023", "Sept. 15-16"."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from eventstudy.draft.span import Span, half, month, quarter, year

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar",
            "february feb februar",
            "march mar märz",
            "april apr",
            "may mai",
            "june jun juni",
            "july jul juli",
            "august aug",
            "september sept sep",
            "october oct oktober",
            "november nov",
            "december dec dezember",
        ),
        1,
    )
    for name in names.split()
}
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHORT_DAYS = r"(?:mon|tues?|wed|thu(?:rs?)?|fri|sat|sun)\b\.?"
WEEKDAY = rf"(?:{'|'.join(DAYS)})"
_ANY_DAY = rf"(?:(?:{WEEKDAY}|{_SHORT_DAYS}),?\s+)?"
# "may" and "mar" are words too: months only with a capital.
MONTH = r"(?:{})\b\.?+".format("|".join(sorted((name.capitalize() for name in MONTHS), key=len, reverse=True)))
_MONTH = rf"(?P<month>{MONTH}|{MONTH.upper().replace(chr(92) + 'B', chr(92) + 'b')})"
_YEAR = r"(?:1[89]|20|21)\d\d"
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_TO = r"(?:\s?[-\u2013]\s?|\s+(?:to|and|until|through)\s+)"
_THEN = rf"(?:{_TO}(?P<until>[0-3]?\d)(?:st|nd|rd|th)?)?"
_NOT_MORE = r"(?![\d:]|[.,]\d|%|\s?(?:per\s?cent|percent|points|basis|million|billion))"

_ISO = re.compile(r"(?<![\d-])(?P<year>\d{4})(?P<sign>[-/])(?P<number>[01]\d)(?P=sign)(?P<day>[0-3]\d)(?!\d)")
_DOTTED = re.compile(r"(?<![\d.])(?P<day>[0-3]?\d)\.(?P<number>[01]?\d)\.(?P<year>(?:19|20)\d\d)(?!\d)")
_SLASHED = re.compile(
    rf"(?:\b(?P<weekday>{WEEKDAY}),?\s+)?(?<![\d/])(?P<a>[0-3]?\d)/(?P<b>[0-3]?\d)/(?P<year>(?:19|20)\d\d)(?![\d/])",
    re.IGNORECASE,
)
_DAY_FIRST = re.compile(
    rf"(?<![\d.,$€£])(?i:{_ANY_DAY}(?:the\s+)?){_DAY}\.?{_THEN}(?:\s+of)?(?:(?!\n\s*\n)\s)+{_MONTH}(?:,?\s+(?P<year>{_YEAR})\b)?"
)
_MONTH_FIRST = re.compile(
    rf"\b(?i:{_ANY_DAY}){_MONTH}\s+(?i:the\s+)?{_DAY}\b{_THEN}{_NOT_MORE}(?:,?\s+(?P<year>{_YEAR})\b)?"
)
_MONTH_OF_YEAR = re.compile(rf"\b(?i:(?P<part>early|mid|late)[\s-]+)?{_MONTH},?\s+(?:of\s+)?(?P<year>{_YEAR})\b")
_QUARTER = re.compile(
    rf"\b(?i:(?:the\s+)?(?P<which>first|second|third|fourth)[\s-]quarter(?:\s+of)?|Q(?P<number>[1-4]))\s+(?P<year>{_YEAR})\b"
)
_HALF = re.compile(rf"\b(?i:(?:the\s+)?(?P<which>first|second)[\s-]half\s+of|H(?P<number>[12]))\s+(?P<year>{_YEAR})\b")
_DECADE = re.compile(r"\bthe (?P<year>(?:1[89]|20)\d0)s\b")
_BARE_YEAR = re.compile(
    rf"\b(?i:in|since|of|during|until|from|before|by|for|the|early|late|mid|end-|through)[\s-]+(?:at least\s+)?"
    rf"(?P<year>{_YEAR})(?P<many>s?)\b"
    r"(?!\s?(?:GMT|UTC|BST|EST|EDT|ET|CET|CEST|hours|hrs|h\b|points?|index)|[.,]\d|:)"
)
_ORDER = ("first", "second", "third", "fourth")


def month_number(word: str) -> int:
    """Number of a month by its name or its beginning."""
    return MONTHS[word.lower().rstrip(".")]


def full_dates(text: str) -> Iterator[Span]:
    """Dates that stand with their year, and need nothing to be resolved against."""
    for match in _ISO.finditer(text):
        yield from _span(match, int(match["year"]), int(match["number"]), int(match["day"]))
    for match in _DOTTED.finditer(text):
        yield from _span(match, int(match["year"]), int(match["number"]), int(match["day"]))
    for match in _SLASHED.finditer(text):
        one, other = int(match["a"]), int(match["b"])
        if one > 12 or one == other:
            yield from _span(match, int(match["year"]), other, one)
        elif other > 12:
            yield from _span(match, int(match["year"]), one, other)
        elif match["weekday"]:
            spans = [*_span(match, int(match["year"]), one, other), *_span(match, int(match["year"]), other, one)]
            yield from (span for span in spans if span.first.weekday() == DAYS.index(match["weekday"].lower()))
    for match in (*_DAY_FIRST.finditer(text), *_MONTH_FIRST.finditer(text)):
        if match["year"]:
            yield from _span(match, int(match["year"]), month_number(match["month"]), int(match["day"]))
    yield from _periods(text)


def _periods(text: str) -> Iterator[Span]:
    """Months, quarters, halves, years and decades."""
    for match in _MONTH_OF_YEAR.finditer(text):
        days = part_of(month(int(match["year"]), month_number(match["month"])), match["part"])
        yield made(match, days, "as written")
    for match in _QUARTER.finditer(text):
        number = int(match["number"] or _ORDER.index((match["which"] or "").lower()) + 1)
        yield made(match, quarter(int(match["year"]), number), "as written")
    for match in _HALF.finditer(text):
        number = int(match["number"] or _ORDER.index((match["which"] or "").lower()) + 1)
        yield made(match, half(int(match["year"]), number), "as written")
    for match in _DECADE.finditer(text):
        first = int(match["year"])
        yield made(match, (year(first)[0], year(first + 9)[1]), "as written")
    for match in _BARE_YEAR.finditer(text):
        if not match["many"]:
            yield made(match, year(int(match["year"])), "as written")


def days_of_months(text: str) -> Iterator[tuple[re.Match[str], int, int, int]]:
    """Dates without a year: the match, month, day, and last day."""
    for match in (*_DAY_FIRST.finditer(text), *_MONTH_FIRST.finditer(text)):
        if not match["year"]:
            day = int(match["day"])
            yield match, month_number(match["month"]), day, int(match["until"] or day)


def part_of(days: tuple[dt.date, dt.date], part: str | None) -> tuple[dt.date, dt.date]:
    """The early, middle or late third of a month or longer."""
    if not part:
        return days
    third = ((days[1] - days[0]).days + 1) // 3
    first, last = days[0] + dt.timedelta(days=third), days[1] - dt.timedelta(days=third)
    return {"early": (days[0], first - dt.timedelta(days=1)), "mid": (first, last)}.get(
        part.lower(), (last + dt.timedelta(days=1), days[1])
    )


def made(match: re.Match[str], days: tuple[dt.date, dt.date], how: str) -> Span:
    """The span of a match."""
    text = match[0].rstrip(".")
    return Span(start=match.start(), end=match.start() + len(text), text=text, first=days[0], last=days[1], how=how)


def _span(match: re.Match[str], of: int, number: int, day: int) -> Iterator[Span]:
    until = match.groupdict().get("until")
    try:
        first = dt.date(of, number, day)
        yield made(match, (first, dt.date(of, number, int(until)) if until else first), "as written")
    except ValueError:  # 31 April, or no date at all
        return
