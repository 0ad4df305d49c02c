"""What an article says of prices: its names, its sentences, and the claims in them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from eventstudy.claims.assets import mentions
from eventstudy.claims.claim import Claim
from eventstudy.claims.grammar import find_claims
from eventstudy.claims.names import Mention
from eventstudy.claims.sentences import plain, sentences
from eventstudy.gazetteer.entry import Found
from eventstudy.gazetteer.find import find


@dataclass(frozen=True, kw_only=True)
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

    @cached_property
    def by_start(self) -> dict[int, Found]:
        """The names by where they stand."""
        return {name.start: name for name in self.found}

    def sentence(self, place: int) -> int:
        """Number of the sentence that a character stands in."""
        return max(0, bisect_right(self.starts, place) - 1)

    def name_at(self, mention: Mention | None) -> Found | None:
        """What the gazetteer found where a claim names something."""
        return self.by_start.get(mention.start) if mention is not None else None


def read_said(text: str, breaks: Sequence[int] = ()) -> Said:
    """Read the names, sentences and claims of a text.

    Parameters
    ----------
    text : str
    breaks : sequence of int
        Characters at which a new piece begins whatever stands before it: behind the title, and behind the date.
    """
    found = find(text)
    named = mentions(text, found)
    ends = sorted({0, len(text), *breaks})
    starts: list[int] = []
    said: list[str] = []
    claims: list[Claim] = []
    for first, last in pairwise(ends):
        inside = [_moved(mention, -first) for mention in named if first <= mention.start < last]
        piece = text[first:last]
        for start, sentence in sentences(plain(piece)):
            starts.append(first + start)
            said.append(piece[start : start + len(sentence)])
        claims += [
            replace(
                claim,
                start=claim.start + first,
                end=claim.end + first,
                mention=_moved(claim.mention, first) if claim.mention else None,
                against=_moved(claim.against, first) if claim.against else None,
            )
            for claim in find_claims(piece, lambda _piece, inside=inside: inside)  # type: ignore[misc]
        ]
    return Said(found=tuple(found), starts=tuple(starts), sentences=tuple(said), claims=tuple(claims))


def _moved(mention: Mention, by: int) -> Mention:
    return replace(mention, start=mention.start + by, end=mention.end + by)
