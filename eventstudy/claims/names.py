"""Names of assets in a text: who finds them, and how the assets of a database are found by their own names."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A name of something that has a price, where it stands in a text.

    Attributes
    ----------
    start, end : int
    key : str
        What it names, the same for all its names: an asset of the settings, or a name of a gazetteer such as ``JPY``.
    kind : str
        ``asset`` of the settings, ``currency`` (its key is the code), ``index``, ``commodity``, ``company``, ``yield``;
        ``amount`` for a currency that something is counted in.
    symbols : tuple of str
        What sources call it, where the names tell.
    per : Mention or None
        The other currency of a name that is a pair: "dollar/yen".
    """

    start: int
    end: int
    key: str
    kind: str
    symbols: tuple[str, ...] = ()
    per: Mention | None = None


Finder = Callable[[str], Sequence[Mention]]


def finder(names: Iterable[tuple[str, str, str]]) -> Finder:
    """What finds any of `names` in a text.

    Parameters
    ----------
    names : iterable of (str, str, str)
        Name, key and kind. A name of capitals and digits alone, such as a symbol, must be written so.

    Returns
    -------
    callable
        Text → mentions in order, which do not overlap: the longest name wins, and of equal ones the first.
    """
    plain: dict[str, tuple[str, str]] = {}
    exact: dict[str, tuple[str, str]] = {}
    for name, key, kind in names:
        if is_code(name):
            exact.setdefault(name, (key, kind))
        elif name:
            plain.setdefault(_folded(name), (key, kind))
    patterns = [(_pattern(exact, 0), exact), (_pattern(plain, re.IGNORECASE), plain)]

    def find(text: str) -> list[Mention]:
        found = [
            (match, *table[match[0] if table is exact else _folded(match[0])])
            for pattern, table in patterns
            if pattern is not None
            for match in pattern.finditer(text)
        ]
        found.sort(key=lambda item: (item[0].start(), -item[0].end()))
        out: list[Mention] = []
        for match, key, kind in found:
            if not out or match.start() >= out[-1].end:
                out.append(Mention(start=match.start(), end=match.end(), key=key, kind=kind))
        return out

    return find


def is_code(name: str) -> bool:
    """Whether a name is written in capitals and digits, so that "GOLD" is a symbol and "gold" is none."""
    return re.fullmatch(r"[A-Z0-9^][A-Z0-9.^=/_-]*", name) is not None and len(name) < 13


def _folded(name: str) -> str:
    """Lower case, with one blank for what stands between words."""
    return re.sub(r"[\s_-]+", " ", name.replace("\u2019", "'")).strip().lower()


def _pattern(table: Mapping[str, object], flags: int) -> re.Pattern[str] | None:
    if not table:
        return None
    longest_first = sorted(table, key=lambda name: (-len(name), name))
    gap = r"[\s_-]+"
    words = "|".join(gap.join(map(re.escape, name.split(" "))) for name in longest_first)
    return re.compile(rf"(?<![\w&])(?:{words})(?!\w)", flags)
