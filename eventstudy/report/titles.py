"""What a sentence calls an asset: its name, what it is priced against, and the number of its verb."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from eventstudy.report.text import plain
from eventstudy.report.words import Language, language, say
from eventstudy.report.words.english import BRITISH

_PAIR = re.compile(r"([A-Z]{3})/?-?([A-Z]{3})(?:=X)?")
_QUOTED = re.compile(r"([A-Z]{3})=X")  # the dollar, in Yahoo's short hand
_SYMBOL = re.compile(r"[A-Z0-9^][A-Z0-9.^=:/-]*")
_ARTICLE = "the "  # with which titles of settings in English begin
_REMARK = re.compile(r" *\([^()]*\)$")


@dataclass(frozen=True, slots=True)
class Name:
    """A name in its parts: ``the pound``, ``the US dollar`` that it is priced against (or nothing), and its number."""

    head: str
    against: str
    is_plural: bool

    @property
    def owner(self) -> str:
        """The name as owner of what follows: ``the dollar's``, ``SAP shares'``, without a remark."""
        head = self.bare.removeprefix(say("name.symbol", symbol=""))
        return say("name.of_s" if head.endswith("s") else "name.of", name=head)

    @property
    def bare(self) -> str:
        """The name without a remark in brackets."""
        return _REMARK.sub("", self.head)

    @property
    def number(self) -> int:
        """1, or 2 where verbs take the plural."""
        return 2 if self.is_plural else 1


def titled(title: str) -> str:
    """The name of an asset, without characters that turn the reading direction; of a bare symbol what it stands for."""
    return _titled(plain(title), language())


@functools.lru_cache(maxsize=1024)
def _titled(title: str, spoken: Language) -> str:
    if title in spoken.titles:
        return spoken.titles[title]
    title = _code(title, spoken) or title
    if title in spoken.indices:
        return spoken.indices[title]
    if quoted := _QUOTED.fullmatch(title):
        title = f"USD{quoted[1]}"
    pair = _PAIR.fullmatch(title)
    if pair and pair[1] in spoken.currencies and pair[2] in spoken.counterparts:
        return say("name.pair", base=spoken.currencies[pair[1]], quote=spoken.counterparts[pair[2]])
    if title.startswith(_ARTICLE) and not _is_english(spoken):
        return say("name.foreign", title=title.removeprefix(_ARTICLE))
    is_symbol = _SYMBOL.fullmatch(title) and not title.isdigit()
    return say("name.symbol", symbol=title) if is_symbol else title


def _is_english(spoken: Language) -> bool:
    return spoken.code.startswith("en")


def _code(title: str, spoken: Language) -> str:
    """The symbol that a title of the settings stands for, where another language than its own has a name for it."""
    if _is_english(spoken):
        return ""
    indices = {words: symbol for symbol, words in BRITISH.indices.items()}
    if title in indices:
        return indices[title]
    codes = {words: code for code, words in BRITISH.currencies.items()}
    base, _, quote = title.partition(BRITISH.phrases["name.pair"].format(base="", quote=""))  # type: ignore[union-attr]
    return f"{codes[base]}{codes[quote]}" if base in codes and quote in codes else ""


def name_of(title: str) -> Name:
    """A name in its parts."""
    return _name_of(title, language())


@functools.lru_cache(maxsize=1024)
def _name_of(title: str, spoken: Language) -> Name:
    between = say("name.pair", base="\0", quote="\0").strip("\0")
    head, _, against = title.partition(between)
    last = _REMARK.sub("", head).rpartition(" ")[2].lower()
    return Name(head, against, last in spoken.plurals or head.lower().startswith(say("name.shares_of").lower()))
