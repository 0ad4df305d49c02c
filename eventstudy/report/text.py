"""All formatting of numbers, times and names. Decimals become percent here and nowhere else."""

from __future__ import annotations

import datetime as dt
import functools
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from zoneinfo import ZoneInfo

from eventstudy.instants import parse
from eventstudy.report.words import Language, in_language, known, language, name, say, speaking
from eventstudy.report.words.stored import translated

MINUS = "\u2212"
THIN = "\u202f"
MOST_LISTED = 12  # in a sentence
NONE = "\u2013"  # an en dash where there is no number

# Invisible characters that turn the reading direction of what follows, or end a line.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]+")
# A date, but for those in what is to be typed, and in what stands in a file.
_ISO_DATE = re.compile(r"`[^`]*`|\bwrite [^;]*|\(got [^)]*\)|(?<![\w-])(\d{4}-\d{2}-\d{2})(?![\w-])")

# The verdicts of a result, and `pending`, which only an announcement as a whole can be.
VERDICT_MARKS = {
    "strong": "\u25cf",
    "moderate": "\u25d5",
    "weak": "\u25d4",
    "none": "\u25cb",
    "confounded": "\u25c7",
    "not computable": NONE,
    "pending": "\u2026",
}


CALLED_OFF = "called off"  # how the stored reason of a retired event begins

_FIXED = ("%.0f", "%.1f", "%.2f", "%.3f")  # a page has hundreds: these take half the time of an f-string
_ZEROS = frozenset(("0", "0.0", "0.00", "0.000"))


def verdict_word(verdict: str, end: int = 0) -> str:
    """What a page calls a verdict over a window that ends at an offset: before the news, nothing is a reaction."""
    word = say(f"verdict.{verdict}")
    return known(f"verdict.before.{verdict}", word) if end < 0 else word


def percent(value: float | None, *, signed: bool = True, digits: int | None = None) -> str:
    """A decimal return as percent: 0.01 is ``+1.00 %``; an en dash for None."""
    if value is None:
        return NONE
    return _percent(value, signed, digits, language())


def percents(values: Iterable[float | None]) -> list[str]:
    """`percent` of each."""
    spoken = language()
    return [NONE if value is None else _percent(value, True, None, spoken) for value in values]


def _percent(value: float, signed: bool, digits: int | None, spoken: Language) -> str:
    scaled = value * 100.0
    size = abs(scaled)
    shown = _FIXED[digits if digits is not None else 3 if size < 1 else 2 if size < 10 else 1] % size
    sign = "" if not signed or shown in _ZEROS else "+" if scaled > 0 else MINUS
    if spoken.decimal != ".":
        shown = spoken.number(shown)
    return sign + shown + spoken.percent


def without_sign(percent: str) -> str:
    """A number of per cent without the sign that follows it."""
    return percent.removesuffix(language().percent)


def share(value: float, digits: int = 2) -> str:
    """A level or a share as percent, with no more digits than it needs."""
    spoken = language()
    return f"{spoken.number(f'{round(100 * value, digits):g}')}{spoken.percent}"


def spoken_percent(value: float) -> str:
    """The size of a move as a sentence says it: two digits behind the point, one from ten percent on."""
    return percent(value, signed=False, digits=1 if abs(value) >= 0.1 else 2)


def spoken_points(value: float) -> str:
    """The size of a difference between two moves, as a sentence says it."""
    return say("number.points", number=without_sign(spoken_percent(value)))


def interval(low: float | None, high: float | None) -> str:
    """A confidence interval."""
    if low is None or high is None:
        return NONE
    spoken, places = language(), 2 if max(abs(low), abs(high)) < 0.1 else 1
    start, end = _percent(low, True, places, spoken), _percent(high, True, places, spoken)
    return say("number.range", low=start.removesuffix(spoken.percent), high=end)


def statistic(value: float | None) -> str:
    """A t statistic or the like, two digits behind the point."""
    if value is None:
        return NONE
    shown = language().number(("%.2f" if abs(value) < 100 else "%.0f") % value)
    return shown.replace("-", MINUS if shown.strip("-0.,") else "") if shown[0] == "-" else shown


def p_value(value: float | None) -> str:
    """A p-value: three digits, ``<0.001`` below."""
    if value is None:
        return NONE
    return language().number("<0.001" if value < 0.001 else f"{value:.3f}")


def p_phrase(value: float) -> str:
    """``p = 0.79`` or ``p < 0.001``; never parted at the end of a line."""
    if value < 0.001:
        return say("number.p_below", p=language().number("0.001"))
    return say("number.p_is", p=language().number(f"{value:.{2 if value >= 0.1 else 3}f}"))


def price(value: float | None) -> str:
    """A price with six significant digits, zeros at the end included, and never an exponent."""
    if value is None:
        return NONE
    if value >= 1e6:
        shown = f"{value:,.0f}"
    else:
        shown = f"{value:#.6g}".rstrip(".") if value >= 1e-4 else f"{value:.9f}"
    return language().number(shown)


def number(value: float | None) -> str:
    """A coefficient with six significant digits."""
    return NONE if value is None else language().number(f"{value:.6g}").replace("-", MINUS)


def about(value: float) -> str:
    """A number that is expected, with one digit behind the point where it needs one."""
    return language().number(f"{value:.1f}".removesuffix(".0"))


@functools.cache  # of few sessions, on every page
def offset(tau: int) -> str:
    """A session by its distance from the first after the news: ``−1``."""
    return str(tau).replace("-", MINUS)


def day(value: str | dt.date, *, weekday: bool = False) -> str:
    """``17 March 2023`` or ``Friday 17 March 2023``."""
    date = value if isinstance(value, dt.date) else dt.date.fromisoformat(value)
    plain = say("date.day", day=date.day, month=name("months", date.month - 1), year=date.year)
    return say("date.weekday", weekday=name("weekdays", date.weekday()), date=plain) if weekday else plain


def short_day(value: str) -> str:
    """``17 Mar 2023``."""
    return _short("date.short", value, language())


def short_date(value: str) -> str:
    """``17 Mar``, where the year is told elsewhere."""
    return _short("date.day_month", value, language())


@functools.lru_cache(maxsize=4096)  # the days of an event stand in the tables and charts of all its assets
def _short(key: str, value: str, _: Language) -> str:
    date = dt.date.fromisoformat(value)
    return say(key, day=date.day, month=name("short_months", date.month - 1), year=date.year)


def moment(value: str) -> str:
    """A stored UTC instant as ``17 March 2023, 07:00 UTC``."""
    when = parse(value)
    return say("date.moment", date=day(when.date()), time=f"{when:%H:%M}")


def aside(event: Mapping[str, str | None]) -> str:
    """That an event was retired, or that its feed lost it, and when; empty otherwise."""
    if event.get("retired_at"):
        since, reason = day(str(event["retired_at"])[:10]), spoken(event["retired_reason"] or say("aside.no_reason"))
        how = "called_off" if reason.startswith(CALLED_OFF) else "taken_out"
        return say(f"aside.{how}", date=since, reason=reason)
    if event.get("missing_since"):
        return say("aside.lost", date=day(str(event["missing_since"])[:10]))
    return ""


def announced(event: Mapping[str, str]) -> str:
    """When the news came out, as exactly as it is known."""
    start, end = (parse(event[k]) for k in ("earliest", "latest"))
    if start == end:
        local = start.astimezone(ZoneInfo(event["zone"] or "UTC"))
        utc = moment(event["announced_at"])
        there = {"time": f"{local:%H:%M}", "place": place(event["zone"])}
        return say("time.local", utc=utc, **there) if local.utcoffset() else utc
    if _is_whole_day(event):
        return say("time.hour_unknown", date=day(local_date(event)), place=place(event["zone"]))
    if start.date() == end.date():
        span = say("time.between_hours", start=f"{start:%H:%M}", end=f"{end:%H:%M}")
        is_stated = event["announced_at"] != event["earliest"]
        about = say("time.about_hour", time=event["announced_at"][11:16], span=span) if is_stated else span
        return say("time.on", date=day(start.date()), time=about)
    span = say("time.between", start=moment(event["earliest"]), end=moment(event["latest"]))
    is_earliest = event["announced_at"] == event["earliest"]
    return span if is_earliest else say("time.about", time=moment(event["announced_at"]), span=span)


def _is_whole_day(event: Mapping[str, str]) -> bool:
    """Whether the interval is one calendar day of the event's own zone, first second to last."""
    if not event["zone"]:
        return False
    zone = ZoneInfo(event["zone"])
    start, end = (parse(event[k]).astimezone(zone) for k in ("earliest", "latest"))
    return start.date() == end.date() and f"{start:%H%M%S}{end:%H%M%S}" == "000000235959"


def local_date(event: Mapping[str, str]) -> dt.date:
    """Date of the announcement where it was made."""
    when = parse(event["announced_at"])
    return when.astimezone(ZoneInfo(event["zone"] or "UTC")).date()


def place(zone: str) -> str:
    """``Asia/Shanghai`` as ``in Shanghai``; ``UTC`` and the like as they are."""
    city = zone.rsplit("/", 1)[-1].replace("_", " ")
    return say("time.in", city=city) if "/" in zone and not zone.startswith("Etc/") else city


def capital(text: str) -> str:
    """First letter large, the rest as it is."""
    return text[:1].upper() + text[1:]


def listed(items: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``; of very many the first, and how many others there are."""
    if len(items) > MOST_LISTED:
        items = [*items[: MOST_LISTED - 2], say("list.others", n=len(items) - MOST_LISTED + 2)]
    if len(items) < 2:
        return "".join(items)
    return say("list.and", first=say("list.comma").join(items[:-1]), last=items[-1])


def span(low: int, high: int) -> str:
    """``120``, or ``118 to 120`` where they differ."""
    return str(low) if low == high else say("number.range", low=low, high=high)


def plain(words: str) -> str:
    """Untrusted text as one line, without control characters and without marks that turn the reading direction."""
    if words.replace(THIN, "").isprintable():  # nearly all that a page prints
        return words.strip()
    return _UNSEEN.sub(" ", words).strip()


def given(title: str) -> str:
    """A title or a method: what comes with the program in the language of the page, any other as it is given."""
    return _given(title, language())


@functools.lru_cache(maxsize=4096)  # names of tests and of studies stand on every page
def _given(title: str, _: Language) -> str:
    words = plain(title)
    return translated(words) or words


def spoken(reason: str) -> str:
    """A stored reason as it stands in a sentence: in the language of the page if that has it, else as stored."""
    return _spoken(reason, language())


@functools.lru_cache(maxsize=4096)  # the notes of a series stand on every page of its asset
def _spoken(reason: str, spoken: Language) -> str:
    if (said := translated(plain(reason))) is not None:
        return said.rstrip(".")
    with speaking(spoken if spoken.code.startswith("en") else in_language("en-GB")):
        return _ISO_DATE.sub(lambda found: _day_or_same(found[1]) if found[1] else found[0], plain(reason).rstrip("."))


def notes(stored: str) -> tuple[str, ...]:
    """The notes of an analysis, which are stored as JSON, as sentences in the language of the page."""
    return _notes(stored, language())


@functools.lru_cache(maxsize=256)  # many analyses have the same
def _notes(stored: str, _: Language) -> tuple[str, ...]:
    return tuple(f"{capital(spoken(note))}." for note in json.loads(stored))


def _day_or_same(words: str) -> str:
    try:
        return day(words)
    except ValueError:
        return words
