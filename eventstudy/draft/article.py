"""An article, taken apart: what it is called, where and when it was written, and what it says."""

from __future__ import annotations

import datetime as dt
import html
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from eventstudy.draft.clock import Stamp, find_times
from eventstudy.draft.span import Span
from eventstudy.draft.written import MONTH, days_of_months, full_dates
from eventstudy.errors import EventError
from eventstudy.events.text import read_text
from eventstudy.gazetteer.zones import zone_of
from eventstudy.tables.content import name_of

LARGEST = 200_000  # bytes; a long article has 50,000
LONGEST_TITLE = 300
_HEAD_LINES = 12  # beneath the title, in which bylines, dates and the dateline stand
_SHORT = 120  # characters of a line that holds a date and little else
_FEW_WORDS = 6  # beside a date, in a line that is there for the date
_RUBRIC = re.compile(
    r"\W*(?:press release|news(?: release)?|breaking(?: news)?|markets?(?: news)?|business|economy|opinion|analysis|"
    r"exclusive|for immediate release|forex|currencies|commodities|stocks)\W*",
    re.IGNORECASE,
)
_CITY = re.compile(r"[*_>(\s]*([A-ZÀ-Ý][\w.'’ ]{2,30}?)\s*(?:,|--|[-\u2013\u2014])\s")
_MARKUP = re.compile(r"\s*(?:<(?:!doctype html|html|\?xml|body)\b|(?P<rtf>\{\\rtf))", re.IGNORECASE)
_LABEL = re.compile(r"(?:#+\s*|(?:title|headline|subject|schlagzeile)\s*:\s*)", re.IGNORECASE)
_DATE_LINE = re.compile(
    r"[*_>(\s]*(?:(?:published|updated|posted|last (?:updated|modified)|first published|date|veröffentlicht|stand|by|"
    r"on|reporting)\b|"
    rf"(?:(?:mon|tues?|wednes|thurs?|fri|satur|sun)(?:day)?,?\s)?(?:\d|{MONTH}\s+\d))",
    re.IGNORECASE,
)
_PLACE_AFTER = re.compile(r"[.,]\s+([A-ZÀ-Ý][\w'’]*(?: [A-ZÀ-Ý][\w'’]*){0,2})\.?\s*")
# As in "BEIJING, March 17 (Wire) - Xi", "Frankfurt, 16.03.2023 — Der", "SYDNEY (AFP) — The" and
# "New York, April 23, 2025. Gold".
_DATELINE = re.compile(
    r"\s*\(?(?P<place>[A-ZÀ-Ý][\w.'’]*(?:[ -](?:[A-ZÀ-Ý][\w.'’]*|de|am|upon)){0,3})"
    r"(?:/[A-ZÀ-Ý][\w. ]{2,30})?\)?(?:,\s+[A-Z][A-Za-z.]+(?=,))?"
    rf"(?P<rest>,?\s+(?i:(?:mon|tues?|wednes|thurs?|fri|satur|sun)(?:day)?,?\s+)?(?:{MONTH}\s+\d{{1,2}}|\d{{1,2}}\.?\s+{MONTH}|"
    rf"\d{{1,2}}\.\d{{1,2}}\.\d{{4}}|\d{{4}}-\d\d-\d\d)(?:,?\s+\d{{4}})?)?"
    r"\s*(?:(?:\([^)\n]{1,40}\))?\s*(?:--|[-\u2013\u2014:]|\.-)|\([^)\n]{1,40}\)\.?|(?<=\d)\.)\s"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What a file says of itself.

    Attributes
    ----------
    name : str
        Of the file.
    text : str
        All of it, line ends and entities made plain.
    title : str
    title_line : int
        Line that the title stands on.
    place, zone : str
        City of the dateline, and its clock; empty where there is none.
    printed : Span or None
        The date that is printed on it, with its year.
    day : tuple or None
        Month and day of a dateline that leaves the year out.
    stamp : Stamp or None
        The time that is printed beside the date.
    body : int
        Where the text behind the title begins, in characters.
    dateline, dateline_end : int
        Where the dateline stands; equal where there is none.
    """

    name: str
    text: str
    title: str
    title_line: int
    place: str
    zone: str
    printed: Span | None
    day: tuple[int, int] | None
    stamp: Stamp | None
    body: int
    dateline: int
    dateline_end: int

    @property
    def breaks(self) -> tuple[int, ...]:
        """Where the title ends, and the line of the printed date, though no full stop stands there."""
        out = [self.body]
        if self.printed is not None and not self.dateline <= self.printed.start < self.dateline_end:
            start = self.text.rfind("\n", 0, self.printed.start) + 1
            end = self.text.find("\n", self.printed.end)
            out += [start, end if end >= 0 else len(self.text)]
        if self.dateline_end:
            out.append(self.dateline_end)
        return tuple(out)

    def line(self, place: int) -> int:
        """Number of the line that a character stands on."""
        return self.text.count("\n", 0, place) + 1


def read_article(path: Path) -> Article:
    """Read and take apart the article in a file.

    Raises
    ------
    EventError
        When it is not there, larger than `LARGEST`, not UTF-8 text, or empty.
    """
    text = html.unescape(_checked_text(path)).replace("\r\n", "\n").replace("\r", "\n")
    name = name_of(path)
    if not re.search(r"\w", text):
        raise EventError("holds no text", where=name, remedy="save the article as plain text")
    if found := _MARKUP.match(text):
        what = "a document of a word processor" if found["rtf"] else "a web page"
        raise EventError(f"is {what}, not plain text", where=name, remedy="copy the article's own text into a file")
    odd = sum(1 for c in text if unicodedata.category(c) == "Cc" and c not in "\n\t\f")
    if odd > 8 + len(text) // 100:
        raise EventError("is not text", where=name, remedy="save the article as plain text")
    return take_apart(text, name)


def _checked_text(path: Path) -> str:
    """The text of a file that is no larger than an article."""
    if path.is_file() and path.stat().st_size > LARGEST:
        raise EventError(
            f"larger than the {LARGEST // 1000} kB of a long article",
            where=name_of(path),
            remedy="keep the article, and leave out what stands around it",
        )
    return read_text(path, LARGEST)


def take_apart(text: str, name: str) -> Article:
    """The article that a text is."""
    lines = [(match.start(), match[0]) for match in re.finditer(r"[^\n]*\S[^\n]*", text)]
    start, first = lines[0]
    if len(lines) > 1 and _RUBRIC.fullmatch(first.strip()):
        start, first = lines.pop(1) if not _is_date_line(lines[1][1]) else lines[0]
    opening = _DATELINE.match(first)
    is_lead = opening is not None and zone_of(opening["place"]) is not None
    is_lead = is_lead or (len(lines) == 1 and len(first) > LONGEST_TITLE)
    if not is_lead and _DATE_LINE.match(first.strip()) and len(lines) > 1 and next(full_dates(first), None):
        start, first = lines[1]
    title = _LABEL.sub("", first.strip(), count=1).strip() if not is_lead else _sentence(first)
    body = start if is_lead else start + len(first)
    head = [line for line in lines if line[0] >= start + (0 if is_lead else 1)][:_HEAD_LINES]
    place, zone, day, dateline = _dateline(head)
    printed, stamp = _printed(text, [line for line in lines[:_HEAD_LINES] if line[0] != start or is_lead], dateline)
    if not zone and printed is not None:
        start = text.rfind("\n", 0, printed.start) + 1
        city = _CITY.match(text, start)
        place = city[1] if city and zone_of(city[1]) else _place_after(text[start:].partition("\n")[0])
        zone = zone_of(place) or ""
    if not zone:
        place, zone = _byline([line for _, line in lines[:_HEAD_LINES]])
    if not zone and stamp is not None and "/" in stamp.zone:
        zone = stamp.zone  # "6:15 PM EDT" tells whose day it is
    return Article(
        name=name,
        text=text,
        title=clean(title)[:LONGEST_TITLE] or name,
        title_line=text.count("\n", 0, start) + 1,
        place=place,
        zone=zone,
        printed=printed,
        day=day,
        stamp=stamp,
        body=body,
        dateline=dateline[0],
        dateline_end=dateline[1],
    )


def clean(text: str) -> str:
    """`text` in one line, without characters that steer a terminal or turn the direction of writing."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _sentence(line: str) -> str:
    """The first sentence of a lead, without its dateline: the title of an article that has none."""
    lead = line[match.end() :] if (match := _DATELINE.match(line)) else line
    return re.split(r"(?<=[a-z\d)\"”])[.!?](?:\s|$)", lead.strip(), maxsplit=1)[0]


def _dateline(head: list[tuple[int, str]]) -> tuple[str, str, tuple[int, int] | None, tuple[int, int]]:
    """City, zone, day without a year, and where the dateline stands."""
    for start, line in head:
        match = _DATELINE.match(line)
        place = match["place"] if match else ""
        zone = zone_of(place)
        if match is None or zone is None:
            continue
        day = next(((month, first) for _, month, first, _ in days_of_months(match["rest"] or "")), None)
        return place.title() if place.isupper() else place, zone, day, (start, start + match.end())
    return "", "", None, (0, 0)


def _printed(text: str, lines: list[tuple[int, str]], dateline: tuple[int, int]) -> tuple[Span | None, Stamp | None]:
    """The date on the article: of its dateline, or of a line that is made of one."""
    places = [dateline] if dateline[1] else []
    places += [(start, start + len(line)) for start, line in lines if _is_date_line(line)]
    for start, end in places:
        piece = text[start:end]
        found = next((span for span in sorted(full_dates(piece), key=lambda s: s.start) if span.is_day), None)
        if found is not None:
            moved = Span(
                start=found.start + start,
                end=found.end + start,
                text=found.text,
                first=found.first,
                last=found.last,
                how=found.how,
            )
            return moved, next(iter(find_times(piece, start)), None)
    return None, None


def _byline(lines: list[str]) -> tuple[str, str]:
    """City and zone of a line such as "By A. Writer in Budapest"."""
    for line in lines:
        if len(line) < _SHORT and re.match(r"[*_\s]*(?:[Bb]y|BY|[Vv]on)\s", line):
            for found in re.finditer(r"\b(?:in|,)\s+([A-ZÀ-Ý][\w.]+(?: [A-ZÀ-Ý][\w.]+)?)", line):
                zone = zone_of(found[1])
                if zone:
                    return found[1], zone
    return "", ""


def _place_after(line: str) -> str:
    """The city that ends a line right after its date, as in "February 8, 2024. Washington."; empty for none."""
    day = next((span for span in full_dates(line) if span.is_day), None)
    found = _PLACE_AFTER.fullmatch(line, day.end) if day else None
    return found[1] if found and zone_of(found[1]) else ""


def _is_date_line(line: str) -> bool:
    """Whether a line of the head is there for its date: "Published: …", "Tokyo -- August 5, 2024"."""
    city = _CITY.match(line)
    if len(line) < _SHORT and _place_after(line):
        return True
    if len(line) >= _SHORT or line.rstrip().endswith("."):
        return False
    if _DATE_LINE.match(line.strip()) or (city is not None and zone_of(city[1]) is not None):
        return True
    return len(re.findall(r"[^\W\d]{2,}", line)) <= _FEW_WORDS and next(full_dates(line), None) is not None


def on_printed_day(article: Article, near: dt.date) -> dt.date | None:
    """The day of a dateline without a year, in the year in which it is nearest to another."""
    if article.day is None:
        return None
    found = []
    for year in (near.year - 1, near.year, near.year + 1):
        try:
            found.append(dt.date(year, *article.day))
        except ValueError:
            continue
    return min(found, key=lambda day: abs(day - near), default=None)
