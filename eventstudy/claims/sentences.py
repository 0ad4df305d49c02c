"""Sentences of a text, with their place in it; typographic signs become plain ones of the same length."""

from __future__ import annotations

import re
from collections.abc import Iterator

_PLAIN = str.maketrans(
    {
        "\u2019": "'",
        "\u2018": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u2212": "-",
        "\u2010": "-",
        "\u2011": "-",
        "\u2013": "-",
        "\u2014": ";",
        "\u00a0": " ",
        "\u202f": " ",
        "\u2009": " ",
        "\uff05": "%",
        "\t": " ",
    }
)
_ABBREVIATED = re.compile(
    r"(?:\b(?:U\.S|U\.K|E\.U|a\.m|p\.m|A\.M|P\.M|vs|Inc|Corp|Co|Ltd|Plc|Bros|St|No|Mr|Mrs|Ms|Dr|Jr|approx|Jan|Feb|Mar|Apr|"
    r"Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec|pct)|\b[A-Z])$"
)


# A line of a list is a sentence of its own: one with a bullet, or a name, a colon and how it went.
_LIST = r"\n(?=[^\S\n]*(?:[*\u2022\u25aa-]\s|[A-Z][^\n:.]{0,60}:\s*(?:up|down|flat|[+-]?\W{0,4}\d)))"


def plain(text: str) -> str:
    """`text` with plain quotes, hyphens and blanks, as long as it was."""
    return text.translate(_PLAIN)


def sentences(text: str) -> Iterator[tuple[int, str]]:
    """Start and text of each sentence of a plain text."""
    start = 0
    for found in re.finditer(rf"[.!?][\"')\]]*(?=\s)|\n\s*\n|{_LIST}|\Z", text, re.IGNORECASE):
        sign = text[found.start() : found.end()]
        if sign.startswith(".") and not _ends(text, found.start(), found.end()):
            continue
        piece = text[start : found.end()]
        lead = len(piece) - len(piece.lstrip())
        if piece.strip():
            yield start + lead, piece.strip()
        start = found.end()


def _ends(text: str, dot: int, after: int) -> bool:
    """Whether a full stop ends a sentence: the next word is not in lower case, and the one before is not cut short."""
    following = text[after : after + 80].lstrip()
    if following[:1].islower():
        return False
    before = text[max(0, dot - 8) : dot]
    found = _ABBREVIATED.search(before)
    if found is None:
        return True
    # After "a.m." and "p.m." a capital may open a sentence, unless it is a zone or a place.
    return bool(re.search(r"[ap]\.m$", before)) and not re.match(
        r"in\b|[A-Z]{2,4}\b|[A-Z]\w+(?: [A-Z]\w+)? time\b", following
    )
