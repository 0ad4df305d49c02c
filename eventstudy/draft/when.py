"""When the news came: as given, else as the article lets one guess; every guess with its reason."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from eventstudy.draft.article import Article, on_printed_day
from eventstudy.draft.clock import find_times
from eventstudy.draft.dates import find_dates
from eventstudy.draft.said import Said
from eventstudy.draft.span import Span
from eventstudy.draft.written import full_dates
from eventstudy.errors import EventError
from eventstudy.events.build import parse_when
from eventstudy.instants import stamp

_DONE = (
    r"announc|statement|releas|publish|decid|decision|raised|cut\b|unveil|report|confirm|declar|voted|abandon|scrap|devalu|"
    r"approv|resign|agreed|sign|launch|invad|kept|left|delivered|warned|filed|collapsed|struck|inform|interven|resum|halt|"
    r"\bset\b|forecast|introduc|suspend|\bban|impos|order|\bwon\b|seiz|nationali|acquir|reject|block|attack|elected|stunned|surpris"
)
_TOLD = re.compile(rf"\b(?:{_DONE}|said|says|told|posted)", re.IGNORECASE)
_OFFICIAL = re.compile(
    rf"\b(?:{_DONE})|\b(?:department|ministry|minister|bank|government|office|company|agency|committee|commission|council|"
    r"president|treasury|regulator|bureau)\b[^.]{0,40}\b(?:said|says|told)\b",
    re.IGNORECASE,
)
# A time that is still to come: "said it would meet at 9 a.m.", "is due to speak at 1400 GMT".
_AHEAD = re.compile(
    r"\b(?:would|will|shall|due|to (?:meet|speak|decide|publish|announce|hold|brief|begin|start))\b[^.;]{0,60}$",
    re.IGNORECASE,
)
_DAY_AFTER = re.compile(r"\b(?:a|one|the) day after\b", re.IGNORECASE)
# "on Wednesday, a day after it said so"
_NEXT_DAY = re.compile(r",?\s(?:a|one|the) day after\b([^.]*)", re.IGNORECASE)
_CLOSED = re.compile(r",?\s(?:after|following) the (?:(?:market|closing) )?(?:close|bell)\b", re.IGNORECASE)
_LEAD = 4  # sentences in which the news is told
_FAR = 12  # sentences in which a time of day is the time of the news, if the news is told there
_BESIDE = 20  # characters from a time to the day behind it
_RECENT = 6  # days between the news and the article
_NEAR_GIVEN = dt.timedelta(days=45)  # farther from --at, a printed date is that of another article


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """Time of the announcement, as the settings write it.

    Attributes
    ----------
    said : dict
        ``announced_at``, ``announced_between`` and ``zone``, those that there are.
    reasons : tuple of str
    is_given : bool
        Whether a person gave it.
    earliest, latest : datetime
        UTC.
    """

    said: dict[str, str | list[str]]
    reasons: tuple[str, ...]
    is_given: bool
    earliest: dt.datetime
    latest: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """The day against which relative dates are resolved.

    Attributes
    ----------
    day : date
    zone : str
    reason : str
        Where the day is from, and whose day it is.
    """

    day: dt.date
    zone: str
    reason: str


def printed_day(article: Article, at: str | None, published: str | None, zone: str | None) -> Printed:
    """The day on which an article was written, in the place where it was.

    Raises
    ------
    EventError
        Where no date is given, and none is printed; or one that is given cannot be read.
    """
    place = zone or article.zone
    whose = f"in {article.place}" if article.place and not zone else f"in {place}" if place else ""
    whose = whose or "in UTC, for want of a city in the dateline"
    tz = place or "UTC"
    if published:
        return Printed(day=_day(published, tz, "--published"), zone=tz, reason=f"--published, {whose}")
    given = _day(at, tz, "--at") if at else None
    if article.printed is not None and (given is None or abs(article.printed.first - given) <= _NEAR_GIVEN):
        line = article.line(article.printed.start)
        return Printed(day=article.printed.first, zone=tz, reason=f"printed on line {line}, {whose}")
    if given is not None:
        near = on_printed_day(article, given)
        if near is not None and abs(near - given) <= _NEAR_GIVEN:
            return Printed(day=near, zone=tz, reason=f"the dateline's day in the year of --at, {whose}")
        return Printed(day=given, zone=tz, reason=f"--at, {whose}")
    days = [span for span in full_dates(article.text) if span.is_day]
    if days:
        first = min(days, key=lambda span: span.start)
        line = article.line(first.start)
        return Printed(day=first.first, zone=tz, reason=f"the first full date of the text, line {line}, {whose}")
    problem = "no date is printed on it"
    if article.day is not None:
        problem = f"its dateline says {dt.date(2000, *article.day):%-d %B}, and no year is printed"
    raise EventError(
        problem,
        where=article.name,
        remedy='give --published 2023-03-17, the day it was written; or --at "2023-03-17T07:00Z", when the news came',
    )


def announced(article: Article, said: Said, printed: Printed, at: str | None, zone: str | None) -> When:
    """When the news came."""
    if at:
        return _given(article, at, zone)
    day, reason = _day_of_news(article, said, printed)
    exact = _time_of_news(article, said, printed)
    if exact is not None:
        return exact
    first, last = parse_when(day.isoformat(), printed.zone, "")
    late = article.stamp.on(article.printed.first, printed.zone) if article.stamp and article.printed else None
    if late is not None and first <= late < last:
        printed_at = f"before {article.stamp.text.strip()} of that day, which is printed on it" if article.stamp else ""
        return When(
            said={"announced_between": [stamp(first), stamp(late)], "zone": printed.zone},
            reasons=(reason, printed_at),
            is_given=False,
            earliest=first,
            latest=late,
        )
    return When(
        said={"announced_at": day.isoformat(), "zone": printed.zone},
        reasons=(reason, "no time is told: the whole of that day counts"),
        is_given=False,
        earliest=first,
        latest=last,
    )


def _given(article: Article, at: str, zone: str | None) -> When:
    is_date = re.fullmatch(r"\d{4}-\d\d-\d\d", at.strip()) is not None
    place = zone or (article.zone if is_date else None) or None
    first, last = parse_when(at, place, "--at")
    if first == last:
        said: dict[str, str | list[str]] = {"announced_at": stamp(first)}
        said |= {"zone": zone} if zone else {}
        return When(said=said, reasons=(), is_given=True, earliest=first, latest=last)
    reasons = () if zone else (f"the day of {article.place}, the city of the dateline",)
    said = {"announced_at": at.strip(), "zone": str(place)}
    return When(said=said, reasons=reasons, is_given=True, earliest=first, latest=last)


def _day_of_news(article: Article, said: Said, printed: Printed) -> tuple[dt.date, str]:
    """The day that the lead tells the news of, else the day of the article.

    The first day in the lead before which the clause has a verb of telling; else the first one without a claim.
    """
    lead = _lead(article, said)
    priced = {said.sentence(claim.start) for claim in said.claims}
    recent: list[Span] = []
    otherwise: list[Span] = []
    end = article.body
    spans = find_dates(article.text, printed.day)
    for span in spans:
        number = said.sentence(span.start)
        before = article.text[max(end, said.starts[number]) : span.start]
        end = span.end
        if number not in lead or not span.is_day or _is_printed(article, span.start):
            continue
        if 0 <= (printed.day - span.first).days <= _RECENT:
            if (behind := _NEXT_DAY.match(article.text, span.end)) and _TOLD.search(behind[1]):
                recent.insert(0, _day_before(span))
            elif _TOLD.search(before):
                recent.append(span)
            elif number not in priced or _TOLD.search(said.sentences[number]):
                otherwise.append(span)
    for span in (*recent, *_after_close(spans, article, said, printed), *otherwise):
        where = f"line {article.line(span.start)}: \u201c{span.text}\u201d"
        return span.first, f"{where}, {span.how}" if span.how != "as written" else where
    return printed.day, f"the day of the article: {printed.reason}"


def _day_before(span: Span) -> Span:
    day = span.first - dt.timedelta(days=1)
    return replace(span, first=day, last=day, how=f"a day before {span.first:%A %-d %B %Y}")


def _after_close(spans: Sequence[Span], article: Article, said: Said, printed: Printed) -> list[Span]:
    """Days of results: "said Thursday after the close", wherever it stands among the first sentences."""
    near = _lead(article, said, _FAR)
    return [
        span
        for span in spans
        if span.is_day and said.sentence(span.start) in near and 0 <= (printed.day - span.first).days <= _RECENT
        if _CLOSED.match(article.text, span.end) and _TOLD.search(article.text, max(0, span.start - 40), span.start)
    ]


def _time_of_news(article: Article, said: Said, printed: Printed) -> When | None:
    """A time in a sentence of the lead that tells the news."""
    lead = _lead(article, said, _FAR)
    spans = [span for span in find_dates(article.text, printed.day) if span.is_day]
    for time in find_times(article.text):
        number = said.sentence(time.start)
        if number not in lead or not _OFFICIAL.search(said.sentences[number]) or _is_printed(article, time.start):
            continue
        if any(claim.mention and claim.minute and claim.minute.time == time.time for claim in said.claims):
            continue  # of a price
        if _AHEAD.search(article.text[said.starts[number] : time.start]):
            continue
        before = [span for span in spans if said.sentence(span.start) == number and span.start < time.start]
        after = [
            span for span in spans if 0 <= span.start - time.end <= _BESIDE and said.sentence(span.start) == number
        ]
        day = before[-1].first if before else after[0].first if after else _day_of_news(article, said, printed)[0]
        if before and _DAY_AFTER.search(article.text[before[-1].end : time.start]):
            day -= dt.timedelta(days=1)
        if not 0 <= (printed.day - day).days <= _RECENT:
            continue
        moment = time.on(day, printed.zone)
        clock = "" if time.zone else f", on the clock of {printed.zone}"
        reason = f"line {article.line(time.start)}: \u201c{time.text}\u201d on {day:%-d %B %Y}{clock}"
        return When(
            said={"announced_at": stamp(moment)}, reasons=(reason,), is_given=False, earliest=moment, latest=moment
        )
    return None


def _lead(article: Article, said: Said, count: int = _LEAD) -> set[int]:
    """The first sentences, the title among them."""
    first = said.sentence(article.body)
    return set(range(first + count + 1))


def _is_printed(article: Article, place: int) -> bool:
    """Whether something stands in the dateline, or on the line of the printed date."""
    if article.dateline <= place < article.dateline_end:
        return True
    if article.printed is None or article.dateline <= article.printed.start < article.dateline_end:
        return False
    return article.line(place) == article.line(article.printed.start)


def _day(text: str, zone: str, option: str) -> dt.date:
    """The local day of a date, or of an instant, that a person gave."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text.strip()):
        first, _ = parse_when(text, zone, option)
    else:
        first, _ = parse_when(text, None, option)
    return first.astimezone(ZoneInfo(zone)).date()
