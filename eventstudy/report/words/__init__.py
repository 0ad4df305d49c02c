"""Every word that pages, digests and answers say, by key: nothing else in `report` holds prose.

A phrase has named slots, ``{asset}``; of a pair the first is for one, the second for any other number `n`. What stands
in a slot is printed as it is: markup is escaped by whoever makes HTML.
"""

from __future__ import annotations

from eventstudy.report.words.english import CURRENCIES, INDICES, NAMES, PHRASES, PLURALS

__all__ = ["CURRENCIES", "INDICES", "PLURALS", "count", "known", "name", "say"]


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
    phrase = PHRASES[key]
    if not isinstance(phrase, str):
        phrase = phrase[slots["n"] != 1]
    return phrase.format(**slots) if slots else phrase


def known(key: str, default: str) -> str:
    """The phrase of a key, or `default` where the table has none."""
    phrase = PHRASES.get(key, default)
    assert isinstance(phrase, str)
    return phrase


def count(n: int) -> str:
    """A small number as a word, a large one in figures."""
    numbers = NAMES["numbers"]
    return numbers[n] if 0 <= n < len(numbers) else str(n)


def name(of: str, n: int) -> str:
    """A name of a calendar, such as that of a month: counted from 0."""
    return NAMES[of][n]
