"""Columns of dates: every common way to write one, and never a guess which is the day and which the month."""

from __future__ import annotations

import datetime as dt
import functools
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.errors import DataError
from eventstudy.records import SessionArray
from eventstudy.tables.options import Options

REMEDY = "write the date as 2023-03-17"
YEARS = range(1700, 2200)  # a price before or after is a slip, and would not fit into nanoseconds
SERIALS = (20_000, 90_000)  # October 1954 to May 2146, as Excel counts days
MONDAY, SATURDAY, WEEKDAYS = 0, 5, 5
WEEKS = 32  # days between two rows of a table, at most, whose dates are known by nothing but their order
EPOCH = dt.date(1899, 12, 30)
UNIX = (10**8, 6 * 10**9)  # March 1973 to February 2160, as Unix counts seconds

_TIME = (
    r"(?:(?:\s*T\s*|\s+)(?P<hour>\d{1,2}):?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,]\d+)?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<zone>Z|UTC|GMT|[+-]\d\d(?::?\d\d)?(?::\d\d)?)?)?"
)
_YEAR_FIRST = re.compile(
    r"(?P<y>\d{4})(?:(?P<s>[-/.]) ?|年)(?P<m>\d{1,2})(?(s)(?P=s) ?|月)(?P<d>\d{1,2})(?(s)\.?|日)" + _TIME, re.ASCII
)
_COMPACT = re.compile(r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)(?:\.0)?" + _TIME, re.ASCII)
_NUMBERS = re.compile(r"(?P<a>\d{1,2})(?P<s>[-/.])\s?(?P<b>\d{1,2})(?P=s)\s?(?P<y>\d{4}|\d\d)" + _TIME, re.ASCII)
_WORDS = re.compile(
    r"(?:(?P<d>\d{1,2})(?:st|nd|rd|th|er)?[-./ ]*(?:de )?(?P<w>[^\W\d_]{3,10})\.?"
    r"|(?P<w2>[^\W\d_]{3,10})\.?[- ]+(?P<d2>\d{1,2})(?:st|nd|rd|th)?,?)[-.,/ ]*(?:de )?(?P<y>\d{4})" + _TIME
)
_SHORT_YEAR = re.compile(r"\d{1,2}(?P<s>[-/. ]?)(?:\d{1,2}|(?P<w>[A-Za-z]{3}))(?P=s)\d\d", re.ASCII)
_SERIAL = re.compile(r"\d{5}(?:\.0*)?", re.ASCII)
# In English, German, French, Spanish, Italian, Dutch, Portuguese, Swedish, Danish, Norwegian, Turkish and Polish (as
# behind a day), without accents; three letters of one will do.
_MONTHS = (
    "january januar janvier enero gennaio januari janeiro stycznia ocak",
    "february februar fevrier febrero febbraio februari fevereiro lutego subat",
    "march marz maerz mrz mars marzo maart mrt marco marca mart",
    "april avril abril aprile kwietnia nisan",
    "may mai mayo maggio mei maio maj maja mayıs",
    "june juni juin junio giugno junho czerwca haziran",
    "july juli juillet julio luglio julho lipca temmuz",
    "august aout agosto augustus augusti sierpnia agustos",
    "september septembre septiembre settembre setembro wrzesnia eylul",
    "october oktober octobre octubre ottobre outubro pazdziernika ekim",
    "november novembre noviembre novembro listopada kasım",
    "december dezember decembre diciembre dicembre dezembro desember grudnia aralık",
)
_WEEKDAYS = (
    "monday tuesday wednesday thursday friday saturday sunday",
    "montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag",
    "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "lunes martes miercoles jueves viernes sabado domingo",
    "lunedi martedi mercoledi giovedi venerdi sabato domenica",
    "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
)
_LED = re.compile(r"([^\W\d_]{2,10})\.?,?\s+(.+)")  # a weekday before a date


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamps:
    """A column of dates as written.

    Attributes
    ----------
    days : SessionArray
        Shape (n,): the day as written, in whatever zone; NaT where there is none.
    seconds : ndarray of int
        Shape (n,): time of day as written; 0 where none is.
    offsets : ndarray of object
        Shape (n,): offset from UTC in seconds; None where none is written.
    is_blank : ndarray of bool
    wrong : ndarray of bool
        Cells that are neither a date nor blank.
    is_ambiguous : bool
        Whether those that are wrong are so because the day and the month cannot be told apart.
    notes : tuple of str
    """

    days: SessionArray
    seconds: NDArray[np.int64]
    offsets: NDArray[np.object_]
    is_blank: NDArray[np.bool_]
    wrong: NDArray[np.bool_]
    is_ambiguous: bool = False
    notes: tuple[str, ...] = ()

    @property
    def are_dates(self) -> bool:
        """Whether every stamp is a midnight: how programs write a date."""
        return not self.seconds.any()

    def of(self, rows: NDArray[np.bool_]) -> Stamps:
        """The stamps of some rows."""
        return Stamps(
            days=self.days[rows],
            seconds=self.seconds[rows],
            offsets=self.offsets[rows],
            is_blank=self.is_blank[rows],
            wrong=self.wrong[rows],
            is_ambiguous=self.is_ambiguous,
            notes=self.notes,
        )


def looks_like_date(cell: object) -> bool:
    """Whether a cell is a date in one of the common forms, numbers of Excel's left out."""
    if isinstance(cell, dt.date):
        return not pd.isna(cell)
    text = _without_weekday(str(cell).strip())
    return _is_date(text)


def is_weekday(text: str) -> bool:
    """Whether a text is the name of a day of the week, or two letters of it or more."""
    plain = without_accents(text.strip(" ."))
    return len(plain) > 1 and any(name.startswith(plain) for names in _WEEKDAYS for name in names.split())


def without_accents(text: str) -> str:
    """A text in small letters, as it is looked for in lists of names."""
    letters = unicodedata.normalize("NFKD", text.lower())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _without_weekday(text: str) -> str:
    led = _LED.fullmatch(text)
    return led[2] if led and is_weekday(led[1]) and _is_date(led[2]) else text


def _is_date(text: str) -> bool:
    return any(form.fullmatch(text) for form in (_YEAR_FIRST, _NUMBERS, _WORDS)) or (
        (found := _COMPACT.fullmatch(text)) is not None
        and int(found["y"]) in YEARS
        and 1 <= int(found["m"]) <= 12
        and 1 <= int(found["d"]) <= 31
    )


def are_serial(cells: Sequence[object]) -> bool:
    """Whether cells are day numbers of Excel's that rise, or fall, by a few days at a time."""
    texts = [_text(cell) for cell in cells]
    if len(texts) < 2 or not all(map(_is_serial, texts)):
        return False
    steps = np.diff([float(text) for text in texts])
    return bool((np.abs(steps) < WEEKS).all() and ((steps > 0).all() or (steps < 0).all()))


def parse(column: pd.Series, options: Options, *, may_be_serial: bool = True) -> Stamps:
    """Every cell of a column as a day and, where one is written, a time.

    Parameters
    ----------
    column : Series
        Text, dates, or numbers such as 20230317 and 45002 (days as Excel counts them).
    options : Options
        For ``date_format``.
    may_be_serial : bool
        Whether a column of such numbers alone is dates.
    """
    if isinstance(column.dtype, pd.PeriodDtype):
        column = column.dt.to_timestamp()
    if may_be_serial and (unit := _unix_unit(column)):
        moments = pd.to_datetime(pd.to_numeric(column), unit=unit, utc=True)
        return replace(_of_datetimes(moments), notes=("dates are read as Unix counts time, from 1970 on",))
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return _of_datetimes(column)
    codes, uniques = pd.factorize(column, use_na_sentinel=True)
    values = [_without_weekday(_text(value)) for value in uniques.tolist()]
    order, is_ambiguous = _order(values, options)
    serial = may_be_serial and bool(values) and all(_is_serial(value) for value in values if value)
    read = [_one(value, order, options.date_format, serial=serial) if value else None for value in values]
    if serial and _counts_otherwise(read):
        read = [None] * len(read)
    days = np.array([None if found is None else found[0] for found in read] + [None], dtype="datetime64[D]")
    seconds = np.array([0 if found is None else found[1] for found in read] + [0], dtype=np.int64)
    offsets = np.array([None if found is None else found[2] for found in read] + [None], dtype=object)
    blank = np.array([not value for value in values] + [True], dtype=bool)
    is_blank = blank[codes]
    notes = ("dates are read as the day numbers of Excel",) if serial else ()
    if order and not options.date_format:
        notes = (f"dates are read {order.replace('-', ' ')}",)
    return Stamps(
        days=days[codes],
        seconds=seconds[codes],
        offsets=offsets[codes],
        is_blank=is_blank,
        wrong=np.isnat(days[codes]) & ~is_blank,
        is_ambiguous=is_ambiguous,
        notes=notes,
    )


def refuse(stamps: Stamps, column: pd.Series, place: Callable[[int], str], options: Options, name: str) -> None:
    """Refuse a column in which a cell is no date.

    Raises
    ------
    DataError
        One, with the first line and how many more there are.
    """
    bad = np.flatnonzero(stamps.wrong)
    if not bad.size:
        return
    value = column.iloc[int(bad[0])]
    more = and_more(bad.size)
    where = f"{place(int(bad[0]))}, column {name}"
    if not _text(value):
        raise DataError(f"not a date but a blank cell{more}", where=where, remedy=f"take the line out, or {REMEDY}")
    short = _SHORT_YEAR.fullmatch(_text(value))
    if short and (short["s"] or short["w"] or len(_text(value)) == 6):  # 2022 alone is a year
        sign = short["s"]
        forms = [f"%d{sign}%b{sign}%y"] if short["w"] else [f"%d{sign}%m{sign}%y", f"%m{sign}%d{sign}%y"]
        forms = [form for form in forms if _fits(form, column[stamps.wrong])] or forms
        raise DataError(
            f"a date of two-digit years that may mean several days{more}", where=where, value=value,
            remedy=options.remedy("date_format", *(f"{form!r}" if " " in form else form for form in forms)),
        )  # fmt: skip
    if stamps.is_ambiguous:
        raise DataError(
            f"a date whose day and month cannot be told apart{more}",
            where=where,
            value=value,
            remedy=options.remedy("date_format", "day-first", "month-first"),
        )
    if bad.size == len(column) and _is_serial(_text(value)):
        problem = "day numbers that are not Excel's: as such they would be of Tuesdays to Saturdays"
        raise DataError(problem, where=where, value=value, remedy=REMEDY)
    remedy = REMEDY if re.search(r"\d", _text(value)) else f"take the line out, or {REMEDY}"
    raise DataError(f"not a date{more}", where=where, value=value, remedy=remedy)


def _fits(form: str, cells: pd.Series) -> bool:
    """Whether all cells can be dates of a form."""
    try:
        for cell in cells.unique():
            _by_form(_text(cell), form)
    except ValueError:
        return False
    return True


def and_more(count: int) -> str:
    """Words for the lines behind the first of `count`."""
    return "" if count <= 1 else f", and so in {count - 1} more line{'' if count == 2 else 's'}"


def _of_datetimes(column: pd.Series) -> Stamps:
    zone = getattr(column.dtype, "tz", None)
    offsets = np.full(len(column), None, dtype=object)
    if zone is not None:
        away = [None if pd.isna(moment) else moment.utcoffset() for moment in column]
        offsets[:] = [None if span is None else int(span.total_seconds()) for span in away]
        column = column.dt.tz_localize(None)
    stamps = column.to_numpy().astype("datetime64[s]")
    days = stamps.astype("datetime64[D]")
    blank = np.isnat(days)
    seconds = np.where(blank, 0, (stamps - days).astype(np.int64))
    years = days.astype("datetime64[Y]").astype(np.int64) + 1970
    wrong = ~blank & ((years < YEARS.start) | (years >= YEARS.stop))
    days = np.where(wrong, np.datetime64("NaT", "D"), days)
    return Stamps(days=days, seconds=seconds, offsets=offsets, is_blank=blank, wrong=wrong)


def _text(value: Any) -> str:
    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float):
        return "" if value != value else str(int(value)) if value.is_integer() else str(value)  # noqa: PLR0124  # NaN
    return str(value).strip()


def _unix_unit(column: pd.Series) -> Literal["s", "ms"] | None:
    """What a column of Unix time counts; None where it is none."""
    first = _text(column.iloc[0]) if len(column) else ""
    if not first.isdigit() or len(first) not in (9, 10, 12, 13):
        return None
    numbers = pd.to_numeric(column, errors="coerce")
    for unit, size in (("s", 1), ("ms", 1000)):
        if ((numbers >= UNIX[0] * size) & (numbers < UNIX[1] * size)).all():
            return "s" if unit == "s" else "ms"
    return None


def _counts_otherwise(read: Sequence[Found | None]) -> bool:
    """Whether day numbers, as Excel's, fall on Tuesday to Saturday; SAS and Excel's 1904 count from other days."""
    shown = {found[0].weekday() for found in read if found}
    return SATURDAY in shown and MONDAY not in shown and len(shown) > WEEKDAYS - 2


def _is_serial(text: str) -> bool:
    return _SERIAL.fullmatch(text) is not None and SERIALS[0] <= float(text) < SERIALS[1]


def _order(values: Sequence[str], options: Options) -> tuple[str, bool]:
    """Which of day and month is first in dates such as 03/04/2023, and whether that cannot be known."""
    if options.date_format:
        return (options.date_format if "%" not in options.date_format else ""), False
    found = [match for value in values if (match := _NUMBERS.fullmatch(value))]
    if not found:
        return "", False
    if any(len(match["y"]) == 2 for match in found):
        return "", True
    if any(_YEAR_FIRST.fullmatch(value) or _COMPACT.fullmatch(value) for value in values):
        return "", False  # two forms in one column: a slip, or half of it changed by another program
    day_first = sum(int(match["a"]) > 12 for match in found)
    month_first = sum(int(match["b"]) > 12 for match in found)
    if day_first == month_first:
        return "", not day_first
    return ("day-first" if day_first > month_first else "month-first"), False  # the others are wrong, and are named


Found = tuple[dt.date, int, int | None]  # day, seconds since its midnight, offset


def _one(text: str, order: str, form: str, *, serial: bool) -> Found | None:
    if serial:
        return EPOCH + dt.timedelta(days=int(float(text))), 0, None
    try:
        if match := _YEAR_FIRST.fullmatch(text) or _COMPACT.fullmatch(text):
            return _made(match, int(match["y"]), int(match["m"]), int(match["d"]))
        if "%" in form:
            return _by_form(text, form)
        if match := _WORDS.fullmatch(text):
            month = _month(match["w"] or match["w2"])
            return _made(match, int(match["y"]), month, int(match["d"] or match["d2"]))
        match = _NUMBERS.fullmatch(text)
        return _by_order(match, order) if match and order else None
    except ValueError:
        return None


@functools.cache
def _month(word: str) -> int:
    """The number of the month that a word is the name of, or its beginning; 0 where it is none, or of two."""
    plain = without_accents(word)
    found = [i for i, names in enumerate(_MONTHS, start=1) if any(n.startswith(plain) for n in names.split())]
    return found[0] if len(found) == 1 else 0


def _by_form(text: str, form: str) -> Found:
    moment = dt.datetime.strptime(text, form)  # noqa: DTZ007  # a day as written has no zone
    offset = moment.utcoffset()
    seconds = moment.hour * 3600 + moment.minute * 60 + moment.second
    return moment.date(), seconds, None if offset is None else int(offset.total_seconds())


def _by_order(match: re.Match[str], order: str) -> Found | None:
    first, second, year = int(match["a"]), int(match["b"]), int(match["y"])
    if order == "year-first":
        return _made(match, 2000 + first, second, year) if year < 100 else None
    if len(match["y"]) == 2:
        year += 2000 if year < 69 else 1900  # as POSIX reads them
    day, month = (first, second) if order == "day-first" else (second, first)
    return _made(match, year, month, day)


def _made(match: re.Match[str], year: int, month: int, day: int) -> Found | None:
    if year not in YEARS:
        return None
    found = dt.date(year, month, day)
    if match["hour"] is None:
        return found, 0, None
    hour = int(match["hour"])
    if match["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match["half"].lower().startswith("p") else 0)
    time = dt.time(hour, int(match["minute"]), int(match["second"] or 0))
    return found, time.hour * 3600 + time.minute * 60 + time.second, _offset(match["zone"])


def _offset(text: str | None) -> int | None:
    if not text:
        return None
    if text in ("Z", "UTC", "GMT"):
        return 0
    digits = text[1:].replace(":", "").ljust(6, "0")
    size = int(digits[:2]) * 3600 + int(digits[2:4]) * 60 + int(digits[4:6])
    return -size if text[0] == "-" else size
