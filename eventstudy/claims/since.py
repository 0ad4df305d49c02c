"""The date from which a superlative counts: "March 2020", "last September", "more than two years"."""

from __future__ import annotations

import datetime as dt
import re

from eventstudy.claims.numbers import WORDS

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_HEDGE = re.compile(r"^(?:at least|early|late|the start of|the end of|more than|almost|nearly|over|about)\s+")
_AGE = re.compile(r"(\w+)(?P<half>[ -]and[ -]a[ -]half)?[ -](?P<unit>day|session|week|month|quarter|year|decade)s?")
_UNITS = {"day": 1, "session": 1, "week": 7}
_MONTHS_OF = {"month": 1, "quarter": 3, "year": 12, "decade": 120}


def read_since(text: str, day: dt.date) -> dt.date | None:
    """The first day that a superlative covers, said on `day`; None for what names no date.

    What is said to be the biggest since a month was matched in that month, and by nothing after it: the days that
    follow the month are those that are searched.
    """
    words = _HEDGE.sub("", text.strip().lower()).rstrip(".")
    if words in _DAYS:
        return day - dt.timedelta(days=((day.weekday() - _DAYS.index(words) - 1) % 7))
    if words.startswith("last "):
        words = words.removeprefix("last ")
        if words in _MONTHS_OF or words in _UNITS:
            return _age("1", words, day)
    if found := _AGE.fullmatch(words):
        return _age(found[1], found["unit"], day, is_half_more=bool(found["half"]))
    if re.fullmatch(r"\d{4}-\d\d-\d\d", words):
        return dt.date.fromisoformat(words) + dt.timedelta(days=1)
    if re.fullmatch(r"\d{4}", words):
        return dt.date(int(words) + 1, 1, 1) if 1700 < int(words) < day.year else None
    return _month(words, day)


def _age(count: str, unit: str, day: dt.date, *, is_half_more: bool = False) -> dt.date | None:
    number = 1 if count in ("a", "an") else WORDS.get(count) or (int(count) if count.isdigit() else 0)
    if not number:
        return None
    whole = int(number) + is_half_more / 2
    if unit in _UNITS:
        return day - dt.timedelta(days=int(whole * _UNITS[unit]))
    months = int(whole * _MONTHS_OF[unit])
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return dt.date(year, month + 1, min(day.day, 28)) if year > 0 else None


def _month(words: str, day: dt.date) -> dt.date | None:
    """A month, with its day and year where they are given; the last one before `day` where no year is."""
    month = next((i for i, name in enumerate(_MONTHS, 1) if re.search(rf"\b{name}", words)), None)
    if month is None:
        return None
    year = re.search(r"\b(\d{4})\b", words)
    date = re.search(r"\b(\d{1,2})\b", words)
    try:
        if year:
            start = dt.date(int(year[1]), month, int(date[1]) if date else 1)
        else:
            start = dt.date(day.year, month, int(date[1]) if date else 1)
            if start >= day or (not date and month == day.month):
                start = start.replace(year=day.year - 1)
    except ValueError:
        return None
    if date:
        return start + dt.timedelta(days=1)
    return dt.date(start.year + start.month // 12, start.month % 12 + 1, 1)
