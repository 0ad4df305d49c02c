"""What is stored as an English sentence, said in the language of a page: by the sentence that it was made from.

A result keeps its reasons as text. Where a language has the sentence with its slots, it is said there with what stood
in them; what no sentence fits stays in English, whole.
"""

from __future__ import annotations

import datetime as dt
import functools
import re

from eventstudy.report.words import language, name, say
from eventstudy.report.words.english import BRITISH
from eventstudy.report.words.language import Language

_SLOT = re.compile(r"\\\{(\w+)\\\}")
_SENTENCES, _CLAUSES = re.compile(r"((?<=[.!?])\s+(?=[A-Z\u201c]))"), re.compile(r"(; )")
_MONTHS = BRITISH.names["months"]
_DAY = rf"\d{{1,2}} (?:{'|'.join(_MONTHS)}) \d{{4}}|\d{{4}}-\d\d-\d\d"
_NUMBER = r"[-\u2212]?\d[\d,]*(?:\.\d+)?(?:\s?%)?"
# What may stand in slots of these names; in any other anything but the end of a sentence.
_SHAPES = dict.fromkeys(("day", "first", "last", "since", "then"), _DAY)
_SHAPES |= dict.fromkeys(("move", "price", "other_price", "before", "furthest", "end", "n", "wanted", "limit"), _NUMBER)
_SHAPES |= {"time": r"\d\d:\d\d", "window": r"\[.+?\]"}
_QUOTED = "[^\u201c\u201d]+"  # between quotation marks: not as far as those of the next sentence
_ANYTHING = r"(?:(?![.!?] [A-Z\u201c]).)+?"
_FIGURES = re.compile(
    rf"(?P<day>\d{{1,2}}) (?P<month>{'|'.join(_MONTHS)}) (?P<year>\d{{4}})|(?P<iso>\d{{4}}-\d\d-\d\d)(?![\w-])|"
    r"(?<![\w.:,[-])(?P<number>\d[\d,]*(?:\.\d+)?)(?![\w:\]])(?P<percent>\s?%)?"
)


def translated(words: str) -> str | None:
    """A stored text in the language that is spoken; None where it has not all of its sentences."""
    spoken = language()
    return _translated(words, spoken) if spoken.stored else None


@functools.lru_cache(maxsize=4096)
def _translated(words: str, spoken: Language) -> str | None:
    whole = _sentence(words, spoken)
    if whole is not None:
        return whole
    for ends in (_SENTENCES, _CLAUSES):
        parts = ends.split(words)
        if len(parts) > 1:
            said = [part if i % 2 else _translated(part, spoken) for i, part in enumerate(parts)]
            return "".join(part for part in said if part is not None) if None not in said else None
    return None


def _sentence(words: str, spoken: Language) -> str | None:
    for pattern, template in _templates(spoken):
        if match := pattern.fullmatch(words):
            slots = {slot: _filled(value, spoken) for slot, value in match.groupdict().items()}
            said = template.format(**slots)
            said = said[0].upper() + said[1:] if words[0].isupper() else said
            return f"{said}." if words.endswith(".") else said
    return None


def _filled(value: str, spoken: Language) -> str:
    """What stood in a slot: a sentence or a title that the language has, else the same with its dates and numbers."""
    said = spoken.titles.get(value[:1].lower() + value[1:]) or _translated(value, spoken)
    if said is None and value.lower().startswith("the "):
        said = say("name.foreign", title=value[4:])
    return said or _FIGURES.sub(_figure, value)


def _figure(found: re.Match[str]) -> str:
    if found["number"]:
        return language().number(found["number"]) + (language().percent if found["percent"] else "")
    if found["iso"]:
        try:
            day = dt.date.fromisoformat(found["iso"])
        except ValueError:
            return found[0]
        return say("date.day", day=day.day, month=name("months", day.month - 1), year=day.year)
    month = name("months", _MONTHS.index(found["month"]))
    return say("date.day", day=int(found["day"]), month=month, year=found["year"])


@functools.cache
def _templates(spoken: Language) -> tuple[tuple[re.Pattern[str], str], ...]:
    """The sentences of a language, those with the most words of their own first."""
    order = sorted(spoken.stored.items(), key=lambda item: -len(_SLOT.sub("", re.escape(item[0]))))
    return tuple((_pattern(english.removesuffix(".")), template.removesuffix(".")) for english, template in order)


def _pattern(english: str) -> re.Pattern[str]:
    """A pattern that fits a sentence with anything in its slots; its first letter may be a capital."""
    seen: set[str] = set()

    def slot(found: re.Match[str]) -> str:
        again = found[1] in seen
        seen.add(found[1])
        shape = _QUOTED if found.string[: found.start()].endswith("\u201c") else _SHAPES.get(found[1], _ANYTHING)
        return f"(?P={found[1]})" if again else f"(?P<{found[1]}>{shape})"

    written = _SLOT.sub(slot, re.escape(english))
    head = f"[{english[0].upper()}{english[0].lower()}]" + written[1:] if english[0].isalpha() else written
    return re.compile(rf"{head}\.?")
