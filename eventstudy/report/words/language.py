"""A language: its phrases, the names of things in it, and how it writes numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Phrases = Mapping[str, str | tuple[str, str]]


@dataclass(frozen=True, eq=False, kw_only=True)  # compared by identity, so that it can be the key of a cache
class Language:
    """One more language is one more of these, and its code in `CODES`.

    Attributes
    ----------
    code : str
        As the ``lang`` of a page says it, for example ``en-GB``.
    phrases : mapping
        By key; those that it lacks are said in the language that it was made from.
    names : mapping
        Of numbers, months, weekdays, each counted from 0.
    currencies, counterparts : mapping
        By ISO code: as a subject, and as what another is priced against.
    indices : mapping
        By Yahoo's symbol.
    titles : mapping
        Titles of the settings that come with the program, where the language has its own for them.
    stored : mapping
        Sentences of stored results, by the English ones that they are made from; see `eventstudy.report.words.stored`.
    plurals : frozenset of str
        Last words of names that take the plural.
    decimal, thousands, percent : str
        The point of a number, what parts its thousands, and what follows a number of per cent.
    """

    code: str
    phrases: Phrases
    names: Mapping[str, tuple[str, ...]]
    currencies: Mapping[str, str]
    counterparts: Mapping[str, str]
    indices: Mapping[str, str]
    titles: Mapping[str, str] = field(default_factory=dict)
    stored: Mapping[str, str] = field(default_factory=dict)
    plurals: frozenset[str] = frozenset()
    decimal: str = "."
    thousands: str = ","
    percent: str = "\u202f%"

    def number(self, shown: str) -> str:
        """A number as Python prints it, with the point and the commas of the language."""
        if self.decimal == ".":
            return shown
        return shown.translate({ord("."): self.decimal, ord(","): self.thousands})
