"""Every word that pages, digests and answers say, by key and language: nothing else in `report` holds prose.

A phrase has named slots, ``{asset}``; of a pair the first is for one, the second for any other number `n`. What stands
in a slot is printed as it is: markup is escaped by whoever makes HTML. A folder holds the tables of a language. Which
one is spoken is set once for a pass or a command (`speaking`), as a locale is: all in between is said in it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module

from eventstudy.report.words.english import BRITISH
from eventstudy.report.words.language import Language

__all__ = ["CODES", "Language", "count", "in_language", "known", "language", "name", "say", "speaking"]

# The module and the name of each language; those that are not spoken are not loaded.
CODES = {
    "en-GB": ("english", "BRITISH"),
    "en-US": ("english.american", "AMERICAN"),
    "de": ("german", "GERMAN"),
}
_SPOKEN: ContextVar[Language] = ContextVar("spoken", default=BRITISH)

# The language that is spoken now.
language = _SPOKEN.get


@functools.cache
def in_language(code: str) -> Language:
    """The language of a code of `CODES`."""
    module, name = CODES[code]
    found = getattr(import_module(f"{__name__}.{module}"), name)
    assert isinstance(found, Language)
    return found


@contextmanager
def speaking(one: Language) -> Iterator[None]:
    """Say everything in a language until the block ends."""
    before = _SPOKEN.set(one)
    try:
        yield
    finally:
        _SPOKEN.reset(before)


def say(key: str, /, **slots: object) -> str:
    """The phrase of a key with its slots filled.

    Parameters
    ----------
    key : str
    slots : object
        `n`, where the phrase is a pair, chooses between them.

    Raises
    ------
    KeyError
        When there is no such phrase, or a slot is left open.
    """
    phrase = _SPOKEN.get().phrases[key]
    if not isinstance(phrase, str):
        phrase = phrase[slots["n"] != 1]
    return phrase.format(**slots) if slots else phrase


def known(key: str, default: str) -> str:
    """The phrase of a key, or `default` where the table has none."""
    phrase = _SPOKEN.get().phrases.get(key, default)
    assert isinstance(phrase, str)
    return phrase


def count(n: int) -> str:
    """A small number as a word, a large one in figures."""
    numbers = _SPOKEN.get().names["numbers"]
    return numbers[n] if 0 <= n < len(numbers) else str(n)


def name(of: str, n: int) -> str:
    """A name of a calendar, such as that of a month: counted from 0."""
    return _SPOKEN.get().names[of][n]
