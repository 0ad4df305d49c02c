"""What an article says of prices: its names, its sentences, and the claims in them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from eventstudy.claims.claim import Claim
from eventstudy.claims.grammar import find_claims
from eventstudy.claims.names import Mention
from eventstudy.claims.sentences import plain, sentences
from eventstudy.gazetteer.entry import PRICED, Found
from eventstudy.gazetteer.find import find


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The names of a text, and what it claims.

    Attributes
    ----------
    found : tuple of Found
        Every name, in order.
    starts : tuple of int
        Where the sentences begin.
    sentences : tuple of str
    claims : tuple of Claim
    """

    found: tuple[Found, ...]
    starts: tuple[int, ...]
    sentences: tuple[str, ...]
    claims: tuple[Claim, ...]

    def sentence(self, place: int) -> int:
        """Number of the sentence that a character stands in."""
        return max(0, bisect_right(self.starts, place) - 1)

    def name_at(self, mention: Mention | None) -> Found | None:
        """What the gazetteer found where a claim names something."""
        if mention is None:
            return None
        return next((name for name in self.found if name.start == mention.start), None)


def read_said(text: str) -> Said:
    """Read the names, sentences and claims of a text."""
    found = find(text)
    pieces = list(sentences(plain(text)))
    return Said(
        found=tuple(found),
        starts=tuple(start for start, _ in pieces),
        sentences=tuple(text[start : start + len(piece)] for start, piece in pieces),
        claims=tuple(find_claims(text, lambda _text: mentions(found))),
    )


def mentions(found: Sequence[Found]) -> list[Mention]:
    """The names that have a price, as claims take them."""
    return [
        Mention(
            start=name.start,
            end=name.end,
            key=name.entry.key,
            kind="index" if name.entry.kind == "basket" else name.entry.kind,
            symbols=(name.entry.symbol,) if name.entry.symbol else (),
        )
        for name in found
        if name.entry.kind in PRICED and name.role not in ("amount", "attribute")
    ]
