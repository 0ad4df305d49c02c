"""Which prices an article speaks of, each with the reason, the surest first."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from eventstudy.draft.article import Article, clean
from eventstudy.draft.said import Said
from eventstudy.gazetteer.entry import PRICED, Entry, Found
from eventstudy.gazetteer.quotes import is_down_when_up, pair, yahoo
from eventstudy.gazetteer.tables import countries, currencies, entries

Sides = dict[int, Found | None]  # where a currency stands → the other side of its rate, or None for a second side
CLAIMED, NAMED, POINTED, ASIDE = 3, 2, 1, 0
_MOST_COUNTRIES = 3
_EXCERPT = 72  # characters of a sentence that a reason shows
# Between two currencies of one sentence: what makes the second the other side of the first.
_NO_STOP = r"(?:[^.;]|\.(?=\d))"
_SIDE = re.compile(
    r"[\s,]*(?:[/-]|(?:against|versus|vs\.?|per|to|in terms of|relative to)(?:\s+(?:the|a|its))?)\s*", re.IGNORECASE
)
_BEHIND = re.compile(
    rf"{_NO_STOP}{{0,90}}(?:\b(?:against|versus|vs\.?|relative to|in terms of)\s+(?:the|a|its|both the)?|"
    r"\d\s+(?:per|to the|to a|a)\b)\s*",
    re.IGNORECASE,
)
_AGAINST = re.compile(r"\b(?:against|versus|vs\.?)\s+(?:the\s+)?$", re.IGNORECASE)
_PRICED_IN = re.compile(
    rf"{_NO_STOP}{{0,90}}\b(?:to|at|near|around|above|below|past|of|from|by|under|over|buys?|bought|fetched|costs?)\s+"
    r"(?:about |almost |nearly |just |some |as much as |as low as |as high as )*[\d.,]+\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One price that the article speaks of, or points to.

    Attributes
    ----------
    entry : Entry
        Of kind ``pair`` for a rate; its key is the symbol as markets write it.
    rank : int
        `CLAIMED` where a move of it is claimed, `NAMED`, `POINTED` to by a country or bank of the title, else `ASIDE`.
    reason : str
    place : int
        Character of the text that it rests on.
    """

    entry: Entry
    rank: int
    reason: str
    place: int


def wanted(article: Article, said: Said) -> list[Wanted]:
    """The prices of an article, each once: by rank, then in the order in which they are named."""
    best: dict[str, Wanted] = {}
    sides = _sides(said)
    for one in (*_claimed(article, said, sides), *_named(article, said, sides), *_pointed(article, said)):
        known = best.get(one.entry.key)
        if known is None or one.rank > known.rank:
            best[one.entry.key] = one
    return sorted(best.values(), key=lambda one: (-one.rank, one.place))


def rate(code: str, other: str = "USD") -> Entry:
    """The exchange rate of two currencies; the dollar's own price is its index."""
    if code == other == "USD":
        return next(entry for entry in entries() if entry.key == "DXY")
    symbol = pair(code, other)
    known = currencies()
    unit = known[symbol[3:]].title.removeprefix("the ") if symbol[3:] in known else symbol[3:]
    many = f"{unit}s" if symbol[3:] in known and f"{unit}s" in known[symbol[3:]].names else unit
    return Entry(
        kind="pair",
        key=symbol,
        title=f"{known[symbol[:3]].title if symbol[:3] in known else symbol[:3]} in {many}",
        names=(),
        symbol=yahoo(symbol),
        note=f"up is {known[code].title if code in known else code} down" if is_down_when_up(symbol, code) else "",
    )


def _claimed(article: Article, said: Said, sides: Sides) -> Iterator[Wanted]:
    for claim in said.claims:
        name = said.name_at(claim.mention)
        if name is None or name.entry.kind not in PRICED or sides.get(name.start, name) is None:
            continue
        other = sides.get(name.start)
        entry = name.entry
        if entry.kind == "currency":
            entry = rate(entry.key, other.entry.key if other else "USD")
        if claim.against is not None and name.entry.kind == "currency" and claim.against.kind == "currency":
            entry = rate(name.entry.key, claim.against.key)
        yield Wanted(entry=entry, rank=CLAIMED, reason=_because(article, said, name), place=name.start)


def _named(article: Article, said: Said, sides: Sides) -> Iterator[Wanted]:
    for name in said.found:
        if name.entry.kind not in PRICED or name.role in ("amount", "attribute"):
            continue
        if name.start in sides:
            other = sides[name.start]
            if other is not None:
                entry = rate(name.entry.key, other.entry.key)
                yield Wanted(entry=entry, rank=NAMED, reason=_because(article, said, name), place=name.start)
            continue
        entry = rate(name.entry.key) if name.entry.kind == "currency" else name.entry
        yield Wanted(entry=entry, rank=NAMED, reason=_because(article, said, name), place=name.start)


def _sides(said: Said) -> Sides:
    """Where a currency stands as one side of a rate: its place → the other side, or None for the second of the two."""
    money = [name for name in said.found if name.entry.kind == "currency" and name.role != "attribute"]
    out: Sides = {}
    for one, other in pairwise(money):
        if said.sentence(one.start) != said.sentence(other.start) or one.entry.key == other.entry.key:
            continue
        number = said.sentence(one.start)
        start = said.starts[number]
        gap = said.sentences[number][one.end - start : other.start - start]
        if _AGAINST.search(said.sentences[number][: one.start - start]):
            continue  # the other side of something before it
        is_side = not gap or _SIDE.fullmatch(gap) or _BEHIND.fullmatch(gap)
        is_amount = other.role == "amount" and _PRICED_IN.fullmatch(gap)
        if one.role != "amount" and one.start not in out and (is_side or is_amount):
            out[one.start] = other
            out.setdefault(other.start, None)
    for before, name in pairwise(money):
        number = said.sentence(name.start)
        lead = said.sentences[number][: name.start - said.starts[number]]
        if name.start in out or not _AGAINST.search(lead) or said.sentence(before.start) not in (number, number - 1):
            continue
        inside = [one for one in money if one.role == "name" and said.sentence(one.start) == number - 1]
        # "Against the euro it slipped": what the sentence before spoke of
        out[name.start] = inside[0] if inside and inside[0].entry.key != name.entry.key else None
    return out


def _pointed(article: Article, said: Said) -> Iterator[Wanted]:
    """Currencies of the countries, and of the central banks, that the title and the lead are about."""
    title_end = article.body
    counts: Counter[str] = Counter()
    first: dict[str, Found] = {}
    heads: set[str] = set()
    for name in said.found:
        if name.entry.kind == "institution" and name.entry.role == "oil":
            brent = next(entry for entry in entries() if entry.key == "BZ=F")
            rank = POINTED if name.start < title_end else ASIDE
            yield Wanted(entry=brent, rank=rank, reason=f"{name.entry.title} is named", place=name.start)
        elif name.entry.kind in ("country", "institution") and not _is_dateline(article, name):
            counts[name.entry.country] += 1
            first.setdefault(name.entry.country, name)
            if name.start < title_end:
                heads.add(name.entry.country)
    ranked = sorted(counts, key=lambda code: (code not in heads, -counts[code], first[code].start))
    for position, code in enumerate(ranked):
        country = countries().get(code)
        currency = country.currency if country else ""
        if country is None or not currency:
            continue
        name = first[code]
        is_head = code in heads and position < _MOST_COUNTRIES
        entry = rate(currency)
        reason = _pointing(name, country, counts[code], code in heads)
        yield Wanted(entry=entry, rank=POINTED if is_head else ASIDE, reason=reason, place=name.start)


def _is_dateline(article: Article, name: Found) -> bool:
    """Whether a capital is only where the article was written."""
    return article.dateline <= name.start < article.dateline_end


def _pointing(name: Found, country: Entry, count: int, is_head: bool) -> str:
    """Why a currency is suggested that nobody names."""
    where = "in the title" if is_head else f"named {count} times" if count > 1 else "named once"
    if name.entry.role == "central bank":
        return f"{name.entry.title} sets its rate, {where}"
    return f"currency of {country.title}: \u201c{clean(name.text)}\u201d, {where}"


def _because(article: Article, said: Said, name: Found) -> str:
    """The words around a name, and their line."""
    number = said.sentence(name.start)
    sentence = clean(said.sentences[number])
    place = sentence.find(clean(name.text))
    if len(sentence) > _EXCERPT:
        begin = max(0, min(place - 20, len(sentence) - _EXCERPT))
        begin = sentence.rfind(" ", 0, begin) + 1 if begin else 0
        cut = sentence[begin : begin + _EXCERPT].rsplit(" ", 1)[0]
        sentence = f"{'… ' if begin else ''}{cut} …"
    return f"line {article.line(name.start)}: \u201c{sentence}\u201d"
