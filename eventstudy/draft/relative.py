"""Dates that need another to mean a day: "Friday", "last September", "Monday next week", "three weeks ago"."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator

from eventstudy.draft.ahead import is_planned, looks_ahead
from eventstudy.draft.span import Span, month, quarter, week, year
from eventstudy.draft.written import DAYS, MONTH, WEEKDAY, days_of_months, made, month_number, part_of

_BYLINE = re.compile(r"(?<![^\n])By \w+\.? [A-Z]")
_MUCH_NEARER = 100  # days
ONE_DAY = dt.timedelta(days=1)
_NUMBERS = {
    word: value
    for value, words in enumerate(
        ("a an one", "two couple", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
        1,
    )
    for word in words.split()
}
_COUNT = rf"(?P<count>\d{{1,3}}|{'|'.join(_NUMBERS)})(?:\s+of)?"
_UNIT = r"(?P<unit>day|week|month|year)s?"
_IN_MONTH = "recently as|early as|late as|in|since|by|until|from|back in|of|during|through|for|before|after|or|and"
_CASES = "|".join(f"{word}|{word.capitalize()}" for word in _IN_MONTH.split("|"))  # capitals count for months


class Calendar:
    """Resolves words against the day on which they were printed.

    Parameters
    ----------
    printed : date
        In the place where they were written.
    """

    def __init__(self, printed: dt.date) -> None:
        self.printed = printed
        self.how = f"against {printed:%A %-d %B %Y}"

    def spans(self, text: str) -> Iterator[Span]:
        """Every date of `text` that is relative; longer ones first, where they overlap the caller takes the longer."""
        for pattern, read in self._readers():
            for match in pattern.finditer(text):
                days = read(match, looks_ahead(text, match))
                if days is not None:
                    yield made(match, days, self.how)
        for match, number, first, last in days_of_months(text):
            days = self._day_of_month(number, first, last, looks_ahead(text, match))
            if days is not None:
                yield made(match, days, f"the year {self.how}")

    def _readers(
        self,
    ) -> Iterator[tuple[re.Pattern[str], Callable[[re.Match[str], bool | None], tuple[dt.date, dt.date] | None]]]:
        def words(pattern: str) -> re.Pattern[str]:
            return re.compile(rf"\b{pattern}\b", re.IGNORECASE)

        day = rf"(?P<day>{WEEKDAY})"
        yield words(rf"(?:early |late )?(?:on )?{day} (?P<which>next|last|this) week"), self._day_of_week
        yield words(rf"(?P<which>next|last|this|coming|past) week's {day}"), self._day_of_week
        yield words(rf"a week (?:from|on) {day}"), lambda m, _: self._one(self._next(m["day"]) + 7 * ONE_DAY)
        yield words(rf"{day},? the (?P<number>[0-3]?\d)(?:st|nd|rd|th)"), self._numbered
        yield words(rf"(?:(?P<which>next|last|this|coming|past|previous) )?{day}"), self._weekday
        yield (
            words(r"(?P<word>today|tonight|yesterday|tomorrow|this morning|this afternoon|this evening|last night)"),
            self._near,
        )
        yield words(r"the day (?P<side>before yesterday|after tomorrow)"), self._two
        yield (
            words(rf"{_COUNT}\s+(?:business |trading )?{_UNIT} (?P<side>ago|earlier|before|later|from now|hence)"),
            self._counted,
        )
        yield (
            words(r"in (?P<count>\d{1,2}|two|three|four|five|six|ten) (?P<unit>day|week|month|year)s(?:' time)?"),
            self._in,
        )
        yield (
            words(
                r"(?P<part>early |late |earlier |later )?(?P<which>this|last|next|the (?:previous|following|coming)) "
                r"(?P<unit>week|month|quarter|year|weekend)"
            ),
            self._unit,
        )
        yield words(r"(?:over|at) the weekend"), lambda _m, ahead: self._weekend(ahead)
        yield words(r"(?:the )?end of (?:the|this) (?P<unit>week|month|quarter|year)|(?:by )?year-?end"), self._end
        yield words(r"a (?P<unit>year|month|week) on (?:from)?"), lambda _m, _a: None
        yield words(r"a fortnight ago"), lambda _m, _a: self._one(self.printed - 14 * ONE_DAY)
        yield (
            words(r"(?:since )?the (?:start|beginning) of (?:the|this) year"),
            lambda _m, _a: self._one(year(self.printed.year)[0]),
        )
        yield words(rf"the (?:past|last) (?:{_COUNT} )?{_UNIT}"), self._past
        yield words(r"(?P<which>last|this|next) (?P<season>spring|summer|autumn|fall|winter)"), self._season
        # capitals count for months
        yield (
            re.compile(rf"\b(?P<which>[Ll]ast|[Nn]ext|[Tt]his|[Tt]he previous) (?P<month>{MONTH})(?!\s+\d)"),
            self._month,
        )
        yield (
            re.compile(
                rf"\b(?:{_CASES})\s+(?P<part>(?:early|mid|late)[\s-])?"
                rf"(?P<month>{MONTH})(?!\s+(?:\d|of\s+\d|the\s+\d))"
            ),
            self._month,
        )
        yield (
            re.compile(
                rf"\b(?:[Ii]ts|[Tt]heir|[Tt]he) (?P<month>{MONTH})(?=\s(?:peak|high|low|trough|record|rout|crash)s?\b)"
            ),
            lambda m, _ahead: self._month(m, False),
        )
        yield re.compile(rf"\b(?P<part>[Ee]arly|[Mm]id|[Ll]ate)[\s-](?P<month>{MONTH})(?!\s+\d)"), self._month
        yield (
            re.compile(
                r"\b(?:[Tt]he (?P<quarter>first|second|third|fourth)[\s-]quarter|Q(?P<number>[1-4]))(?!\s+(?:of\s+)?\d)"
            ),
            self._quarter,
        )

    @staticmethod
    def _one(day: dt.date) -> tuple[dt.date, dt.date]:
        return day, day

    def _next(self, name: str) -> dt.date:
        """The next day of that name, today left out."""
        ahead = (DAYS.index(name.lower()) - self.printed.weekday()) % 7
        return self.printed + (ahead or 7) * ONE_DAY

    def _last(self, name: str) -> dt.date:
        """The last day of that name, today included."""
        return self.printed - (self.printed.weekday() - DAYS.index(name.lower())) % 7 * ONE_DAY

    def _day_of_week(self, match: re.Match[str], _ahead: bool | None) -> tuple[dt.date, dt.date]:
        which = match["which"].lower()
        weeks = {"next": 1, "coming": 1, "last": -1, "past": -1}.get(which, 0)
        monday = week(self.printed)[0] + 7 * weeks * ONE_DAY
        return self._one(monday + DAYS.index(match["day"].lower()) * ONE_DAY)

    def _weekday(self, match: re.Match[str], ahead: bool | None) -> tuple[dt.date, dt.date]:
        which, name = (match["which"] or "").lower(), match["day"]
        if which in ("last", "past", "previous"):
            last = self._last(name)
            return self._one(last - 7 * ONE_DAY if last == self.printed else last)
        if which == "next":
            return self._one(week(self.printed)[0] + (7 + DAYS.index(name.lower())) * ONE_DAY)
        if which == "coming":
            return self._one(self._next(name))
        if which == "this":
            return self._one(week(self.printed)[0] + DAYS.index(name.lower()) * ONE_DAY)
        if ahead and self._last(name) != self.printed:
            return self._one(self._next(name))
        last = self._last(name)
        # six days ago is "last Friday"; a place where it is tomorrow already tells of its own day
        return self._one(last + 7 * ONE_DAY if (self.printed - last).days == 6 else last)

    def _numbered(self, match: re.Match[str], _ahead: bool | None) -> tuple[dt.date, dt.date] | None:
        """The nearest day on which name and number of "Friday the 24th" hold."""
        for shift in sorted(range(-186, 187), key=abs):
            day = self.printed + shift * ONE_DAY
            if day.day == int(match["number"]) and day.weekday() == DAYS.index(match["day"].lower()):
                return self._one(day)
        return None

    def _near(self, match: re.Match[str], _ahead: bool | None) -> tuple[dt.date, dt.date]:
        shift = {"yesterday": -1, "last night": -1, "tomorrow": 1}.get(match["word"].lower(), 0)
        return self._one(self.printed + shift * ONE_DAY)

    def _two(self, match: re.Match[str], _ahead: bool | None) -> tuple[dt.date, dt.date]:
        return self._one(self.printed + (2 if match["side"].lower().startswith("after") else -2) * ONE_DAY)

    def _counted(self, match: re.Match[str], _ahead: bool | None) -> tuple[dt.date, dt.date] | None:
        sign = 1 if match["side"].lower() in ("later", "from now", "hence") else -1
        if match["side"].lower() == "later":
            return None  # later than something else
        return self._shifted(sign * _number(match["count"]), match["unit"].lower())

    def _in(self, match: re.Match[str], ahead: bool | None) -> tuple[dt.date, dt.date] | None:
        is_clear = match[0].lower().endswith("time") or ahead
        return self._shifted(_number(match["count"]), match["unit"].lower()) if is_clear else None

    def _past(self, match: re.Match[str], _ahead: bool | None) -> tuple[dt.date, dt.date] | None:
        """The stretch that ends on the day of print."""
        count, unit = _number(match["count"] or "one"), match["unit"].lower()
        days = {"day": 1, "week": 7}.get(unit)
        if days:
            return self.printed - days * count * ONE_DAY, self.printed
        back = self._shifted(-count, unit)
        if back is None:
            return None
        return min(back[1], back[0] + (self.printed.day - 1) * ONE_DAY), self.printed

    def _season(self, match: re.Match[str], _ahead: bool | None) -> tuple[dt.date, dt.date]:
        """Three months of the north's: last summer is the last that is over."""
        which = match["which"].lower()
        number = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}[match["season"].lower()]
        of = self.printed.year
        last = month(of, number + 2)[1]
        if which == "last" and last >= self.printed:
            of -= 1
        elif which == "next" and month(of, number)[0] <= self.printed:
            of += 1
        return month(of, number)[0], month(of, number + 2)[1]

    def _shifted(self, count: int, unit: str) -> tuple[dt.date, dt.date] | None:
        try:
            if unit == "day":
                return self._one(self.printed + count * ONE_DAY)
            if unit == "week":
                return self._one(self.printed + 7 * count * ONE_DAY)
            if unit == "month":
                return month(self.printed.year, self.printed.month + count)
            return month(self.printed.year + count, self.printed.month)
        except (ValueError, OverflowError):
            return None

    def _unit(self, match: re.Match[str], _ahead: bool | None) -> tuple[dt.date, dt.date]:
        which, unit = match["which"].lower(), match["unit"].lower()
        shift = {"last": -1, "the previous": -1, "next": 1, "the following": 1, "the coming": 1}.get(which, 0)
        if unit == "weekend":
            return self._weekend(shift >= 0 and which != "last", shift)
        if unit == "week":
            days = week(self.printed + 7 * shift * ONE_DAY)
        elif unit == "month":
            days = month(self.printed.year, self.printed.month + shift)
        elif unit == "quarter":
            first = month(self.printed.year, (self.printed.month - 1) // 3 * 3 + 1 + 3 * shift)[0]
            days = quarter(first.year, (first.month - 1) // 3 + 1)
        else:
            days = year(self.printed.year + shift)
        part = (match["part"] or "").strip().lower()
        if part == "earlier" and days[0] < self.printed:
            return days[0], min(days[1], self.printed)
        if part == "later" and self.printed < days[1]:
            return max(days[0], self.printed), days[1]
        return part_of(days, part) if part in ("early", "late") else days

    def _weekend(self, is_ahead: bool | None, shift: int = 0) -> tuple[dt.date, dt.date]:
        saturday = week(self.printed)[0] + 5 * ONE_DAY
        if shift:
            saturday += 7 * (shift if shift < 0 or self.printed < saturday else 1) * ONE_DAY
        elif not is_ahead and self.printed < saturday:
            saturday -= 7 * ONE_DAY
        return saturday, saturday + ONE_DAY

    def _end(self, match: re.Match[str], _ahead: bool | None) -> tuple[dt.date, dt.date]:
        unit = match["unit"].lower() if match["unit"] else "year"
        if unit == "week":
            return self._one(week(self.printed)[0] + 4 * ONE_DAY)
        if unit == "month":
            return self._one(month(self.printed.year, self.printed.month)[1])
        if unit == "quarter":
            return self._one(quarter(self.printed.year, (self.printed.month - 1) // 3 + 1)[1])
        return self._one(year(self.printed.year)[1])

    def _month(self, match: re.Match[str], ahead: bool | None) -> tuple[dt.date, dt.date] | None:
        if _BYLINE.match(match.string, match.start()):
            return None  # "By Jan Novak"
        number = month_number(match["month"])
        ahead = ahead or match[0].lower().startswith(("by ", "until ", "before ", "from "))
        if match[0].lower().startswith("for "):  # "payrolls for October" are over, what is "planned for October" is not
            ahead = is_planned(match)
        if match[0].lower().startswith("since "):
            ahead = False
        which = (match.groupdict().get("which") or "").lower()
        days = month(self.printed.year, number)
        if ahead is None and not which:
            return part_of(self._nearest(number), (match.groupdict().get("part") or "").strip(" -\n").lower())
        if which in ("last", "the previous") or (not which and not ahead):
            if days[0] > self.printed or (which and days[1] >= self.printed):
                days = month(self.printed.year - 1, number)
        elif (which == "next" or not which) and (days[1] < self.printed or (which and days[0] <= self.printed)):
            days = month(self.printed.year + 1, number)
        part = (match.groupdict().get("part") or "").strip(" -\n").lower()
        return part_of(days, part)

    def _nearest(self, number: int) -> tuple[dt.date, dt.date]:
        """The month of a clause that looks neither ahead nor back: the last one, unless the next is much nearer."""
        last = month(self.printed.year - (month(self.printed.year, number)[0] > self.printed), number)
        next_one = month(last[0].year + 1, number)
        is_near = (next_one[0] - self.printed).days <= _MUCH_NEARER
        return next_one if is_near and (self.printed - last[1]).days > 2 * _MUCH_NEARER else last

    def _quarter(self, match: re.Match[str], ahead: bool | None) -> tuple[dt.date, dt.date]:
        named = match["quarter"]
        number = int(match["number"] or ("first", "second", "third", "fourth").index(named) + 1)
        days = quarter(self.printed.year, number)
        if not ahead and days[0] > self.printed:
            days = quarter(self.printed.year - 1, number)
        return days

    def _day_of_month(self, number: int, first: int, last: int, ahead: bool | None) -> tuple[dt.date, dt.date] | None:
        """The nearest year in which a text that looks ahead, or back, can mean the day."""
        found = []
        for of in (self.printed.year - 1, self.printed.year, self.printed.year + 1):
            try:
                found.append((dt.date(of, number, first), dt.date(of, number, last)))
            except ValueError:
                continue
        if not found:
            return None
        half = 183  # days: beyond half a year, the other year is nearer
        reach = [days for days in found if abs((days[0] - self.printed).days) <= half]
        if ahead is None and reach:
            return min(reach, key=lambda days: abs((days[0] - self.printed).days))
        if ahead:
            later = [days for days in found if days[1] >= self.printed]
            return later[0] if later else found[-1]
        earlier = [days for days in found if days[0] <= self.printed + 7 * ONE_DAY]
        return earlier[-1] if earlier else reach[0] if reach else found[0]


def _number(word: str) -> int:
    return int(word) if word.isdigit() else _NUMBERS[word.lower()]
