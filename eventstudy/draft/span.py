"""A stretch of days that a text names."""

from __future__ import annotations

import calendar
import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Days that some words of a text mean.

    Attributes
    ----------
    start, end : int
        Where the words stand, in characters.
    text : str
        As written.
    first, last : date
        The days, both included; equal for a single one.
    how : str
        How it was worked out, as a clause.
    """

    start: int
    end: int
    text: str
    first: dt.date
    last: dt.date
    how: str

    @property
    def is_day(self) -> bool:
        """Whether a single day is meant."""
        return self.first == self.last

    def in_words(self) -> str:
        """The days as a person writes them."""
        if self.is_day:
            return f"{self.first:%A %-d %B %Y}"
        if (self.first, self.last) == year(self.first.year):
            return f"{self.first.year}"
        if (self.first, self.last) == month(self.first.year, self.first.month):
            return f"{self.first:%B %Y}"
        return f"{self.first:%-d %B %Y} to {self.last:%-d %B %Y}"


def month(of: int, number: int) -> tuple[dt.date, dt.date]:
    """First and last day of a month; its number may run over the ends of the year."""
    of, number = of + (number - 1) // 12, (number - 1) % 12 + 1
    return dt.date(of, number, 1), dt.date(of, number, calendar.monthrange(of, number)[1])


def year(of: int) -> tuple[dt.date, dt.date]:
    """First and last day of a year."""
    return dt.date(of, 1, 1), dt.date(of, 12, 31)


def quarter(of: int, number: int) -> tuple[dt.date, dt.date]:
    """First and last day of a quarter."""
    return month(of, 3 * number - 2)[0], month(of, 3 * number)[1]


def half(of: int, number: int) -> tuple[dt.date, dt.date]:
    """First and last day of half a year."""
    return month(of, 6 * number - 5)[0], month(of, 6 * number)[1]


def week(of: dt.date) -> tuple[dt.date, dt.date]:
    """Monday and Sunday of the week that a day is in."""
    monday = of - dt.timedelta(days=of.weekday())
    return monday, monday + dt.timedelta(days=6)
