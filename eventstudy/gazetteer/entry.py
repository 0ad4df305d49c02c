"""One thing that the gazetteer knows, and one mention of it in a text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "currency", "basket", "index", "commodity", "yield", "crypto", "company", "pair", "country", "institution"
]
Role = Literal["name", "amount", "attribute", "metonym"]

# What has a price of its own; the others only point to something that has.
PRICED = ("currency", "basket", "index", "commodity", "yield", "crypto", "company", "pair")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something that has names.

    Attributes
    ----------
    kind : str
    key : str
        Code of a currency or a country, symbol of what Yahoo quotes; unique within its kind.
    title : str
        As it stands in a sentence, article included.
    names : tuple of str
        A word in lower case is found however it is written; one with a capital only so, or in capitals throughout.
    words : tuple of str
        Names that are words as well, "Target" or "Visa": found where the text shows that the company is meant.
    country : str
        Code of the country that it belongs to; empty where there is none.
    symbol : str
        What Yahoo calls it; empty where no free source has it, and for currencies, whose symbol is a pair.
    currency : str
        Of a country: its money.
    zone : str
        Of a country: IANA name of its capital's clock.
    role : str
        Of an institution: ``central bank``, ``government``, ``person`` or ``oil``.
    note : str
    """

    kind: Kind
    key: str
    title: str
    names: tuple[str, ...]
    words: tuple[str, ...] = ()
    country: str = ""
    symbol: str = ""
    currency: str = ""
    zone: str = ""
    role: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A name in a text.

    Attributes
    ----------
    start, end : int
        Where it stands, in characters.
    text : str
        As written.
    entry : Entry
    role : str
        ``amount`` where it only counts money ("two billion dollars"), ``attribute`` where it only qualifies another
        noun ("oil companies"), ``metonym`` for a capital that stands for its country.
    """

    start: int
    end: int
    text: str
    entry: Entry
    role: Role = "name"
