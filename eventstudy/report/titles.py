"""What a sentence calls an asset: its name, what it is priced against, and the number of its verb."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from eventstudy.report.text import plain
from eventstudy.report.words import Language, language, say

_PAIR = re.compile(r"([A-Z]{3})/?-?([A-Z]{3})(?:=X)?")
_QUOTED = re.compile(r"([A-Z]{3})=X")  # the dollar, in Yahoo's short hand
_SYMBOL = re.compile(r"[A-Z0-9^][A-Z0-9.^=:/-]*")
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
        head = _REMARK.sub("", self.head).removeprefix(say("name.symbol", symbol=""))
        return say("name.of_s" if head.endswith("s") else "name.of", name=head)


def titled(title: str) -> str:
    """The name of an asset, without characters that turn the reading direction; of a bare symbol what it stands for."""
    return _titled(plain(title), language())


@functools.lru_cache(maxsize=1024)
def _titled(title: str, spoken: Language) -> str:
    if title in spoken.titles:
        return spoken.titles[title]
    if title in spoken.indices:
        return spoken.indices[title]
    if quoted := _QUOTED.fullmatch(title):
        title = f"USD{quoted[1]}"
    pair = _PAIR.fullmatch(title)
    if pair and pair[1] in spoken.currencies and pair[2] in spoken.counterparts:
        return say("name.pair", base=spoken.currencies[pair[1]], quote=spoken.counterparts[pair[2]])
    is_symbol = _SYMBOL.fullmatch(title) and not title.isdigit()
    return say("name.symbol", symbol=title) if is_symbol else title


def name_of(title: str) -> Name:
    """A name in its parts."""
    return _name_of(title, language())


@functools.lru_cache(maxsize=1024)
def _name_of(title: str, spoken: Language) -> Name:
    between = say("name.pair", base="\0", quote="\0").strip("\0")
    head, _, against = title.partition(between)
    last = _REMARK.sub("", head).rpartition(" ")[2].lower()
    return Name(head, against, last in spoken.plurals or head.lower().startswith(say("name.shares_of")))
