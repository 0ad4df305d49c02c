"""Names in a text: the longest one at each place, with what it only counts or qualifies set apart."""

from __future__ import annotations

import functools
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from eventstudy.gazetteer.entry import Entry, Found, Role
from eventstudy.gazetteer.tables import countries, currencies, entries, main_index, metonyms
from eventstudy.gazetteer.zones import zone_of

_TOKEN = re.compile(r"(?:[A-Za-z]\.){2,}|[^\W_]+|[^\w\s]|_")
_HYPHENS = "-\u2010\u2011\u2013"
_QUOTES = str.maketrans("\u2019\u2018", "''")
# What may stand between the words of a name: a hyphen, blanks, one line break.
_GAP = re.compile(rf"[{_HYPHENS}]?[^\S\n]*\n?[^\S\n]*")
_NUMBER = re.compile(
    r"(?:\d[\d.,]*|million|billion|trillion|thousand|hundred|bn|mn|mln|tn|m|cents?|half|dozens?|few|several)",
    re.IGNORECASE,
)
_LONGEST_CODE = 3  # letters of a name that might be a word when a headline is all capitals
# After "oil" or "dollar" these make it the quality of something else.
_ATTRIBUTE = re.compile(
    r"(?:compan|giant|minist|major|sector|stock|share|produc|export|import|field|tanker|refin|bond|debt|loan|miner|"
    r"mine\b|medal|standard|rush|reserve|lining|pipeline|embargo|sanction|firm\b|group|industr|worker|spill|denominated|based|linked|backed|funded|"
    r"rich|well\b|wells\b|drill|funding|liquidity|leak|spill|product\b|products|deposit|amount|revenue|jewel|coin|bar\b|bars\b|facilit|shipment|"
    r"deliver|news\b|tv\b|televis|operator|car\b|network|supply|supplies|suppl|inventor|stockpile|output|demand|policy|cap\b|coast|terminal|store|bill|earner)",
    re.IGNORECASE,
)
_STREET = re.compile(r"(?:estimate|analyst|expectation|forecast|bank|firm|strateg|journal|giant|bonus)", re.IGNORECASE)
_PRICE_NOUN = re.compile(r"(?:price|future|stocks? (?:rose|fell))", re.IGNORECASE)
_AMERICAN = re.compile(r"treasur|\bu\.?s\b", re.IGNORECASE)
_BEFORE = 12  # characters before a yield in which its years may stand: "30-year JGBs"
_TENORS = {
    "2": "two",
    "3": "three",
    "5": "five",
    "7": "seven",
    "10": "ten",
    "20": "twenty",
    "30": "thirty",
    "40": "forty",
}
_TENOR = re.compile(r"\b(\d{1,2}|two|three|five|seven|ten|twenty|thirty|forty)-year", re.IGNORECASE)
_YIELDS = re.compile(r"(?:\s(?:note|bond|bill)s?\b)?(?:\s(?:bond )?yields?\b)?")
_YEARS_ALONE = re.compile(
    r"\bthe ((?:\d{1,2}|two|three|five|seven|ten|twenty|thirty)-year)(?=,? (?:was|were|rose|fell|climbed|dropped|slid|"
    r"jumped|added|shed|up|down|at|yielded)\b)"
)
_ENDS = re.compile(r"[.!?]\s|\n\s*\n")
_PREFIX = re.compile(r"[A-Z]{1,3}\$\d")
_MONEY = re.compile(r".*\b(?:to|at|of|by|from) (?:USD|EUR|GBP|CHF) \d", re.DOTALL)
# What a company's name goes on with, without being another's: "Nvidia Corp.", "Honda Motor", "Amazon.com Inc.".
_LEGAL = re.compile(
    r"(?:(?: [A-Z][\w&-]*){1,2},? (?:Inc|Corp|Ltd|Plc|PLC|plc|NV|AG|SE|SA)\b\.?)?"
    r"(?:\.com\b|,? (?:Inc|Corp|Co|Ltd|Cos|Bros)\b\.?|,? (?:Incorporated|Corporation|Company|Limited|Plc|PLC|plc|"
    r"AG|SE|SA|NV|SpA|AB|ASA|N\.V\.|S\.A\.|S\.p\.A\.|KGaA|Group|Holdings?|Motors?|Technolog(?:y|ies)|Communications|Electronics|Systems|"
    r"Pharmaceuticals?|Therapeutics|Entertainment|International|Industries|Financial|Bancorp|Stores|Semiconductor)\b)*"
)
# What shows that a word is the name of a company: "shares in Target", "Visa's stock", "Gap slid 4.5 per cent".
_OF_SHARES = re.compile(r"\b(?:shares|stock|stake) (?:in|of) \Z", re.IGNORECASE)
_AS_SHARES = re.compile(
    r"(?:['\u2019]s)?\s(?:shares|stock)\b|\s\([A-Z]|,\s(?:up|down|off)\s\d|"
    r"(?:\s(?!missed|set|met|hit|raised|lowered|cut|at|of|for|rate)[a-z]+){1,4}\s\d[\d.,]*\s?(?:%|per ?cent|pct)"
)
_MAIN = re.compile(
    r"\b(?P<whose>(?:[A-Z]\.){2}|[A-Z][\w]+(?: [A-Z]\w+)?)(?:['\u2019]s)?\s"
    r"(?:main|benchmark|leading|key|broad|headline|blue-chip)\s(?:(?:stock|share|equity|equities|blue-chip|market)\s)*(?:index|gauge|average)\b"
)
_OWNS = re.compile(r"(?:['\u2019]s?)?\s(?:benchmark |government )?", re.IGNORECASE)
_TICKER = re.compile(r"\((?:(?P<venue>NYSE|NASDAQ|Nasdaq|NasdaqGS)\s?:\s?)?(?P<plain>[A-Z]{1,5})(?:\.[A-Z]{1,2})?\)")


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class _Name:
    tokens: tuple[str, ...]
    owners: tuple[Entry, ...]
    is_metonym: bool = False
    is_word: bool = False


def find(text: str) -> list[Found]:
    """Every name in a text, in order; none overlaps another.

    A name that several things share is that of the one whose country the text speaks of most, else of the first.
    """
    tokens = _tokens(text)
    hits = _meant(text, tokens, list(_hits(text, tokens)))
    home = Counter(name.owners[0].country for _, _, name in hits if name.owners[0].kind in ("country", "institution"))
    out: list[Found] = []
    for first, last, name in hits:
        owner = max(name.owners, key=lambda entry: home[entry.country]) if len(name.owners) > 1 else name.owners[0]
        if not home[owner.country]:
            owner = name.owners[0]
        start, end = tokens[first].start, tokens[last].end
        if _PREFIX.match(text, start, end + 1) or _MONEY.match(text, max(0, start - 5), end + 2):
            continue  # "US$8" and "to USD 89.25" are amounts
        if owner.kind == "company":
            end = _LEGAL.match(text, end).end()  # type: ignore[union-attr]  # it matches nothing as well
        if owner.kind == "yield":
            if owner.country == "US":
                owner = _of_country(owner, text[start:end], out[-1] if out else None, text[:start])
            owner = _of_tenor(owner, text[max(0, start - _BEFORE) : end])
            end = _YIELDS.match(text, end).end()  # type: ignore[union-attr]
        role: Role = "metonym" if name.is_metonym else _role(owner, text, tokens, first, last)
        out.append(Found(start=start, end=end, text=text[start:end], entry=owner, role=role))
    venues = {match.start("venue") for match in _TICKER.finditer(text)}  # "(NASDAQ: MRVL)" says nothing of the index
    main = list(_main_indices(text))
    covered = {place for found in main for place in range(found.start, found.end)}
    out = [found for found in out if found.start not in venues and found.start not in covered]
    out += _tenors(text, out)
    return sorted([*main, *out, *_tickers(text, out)], key=lambda found: found.start)


def _meant(text: str, tokens: Sequence[_Token], hits: Sequence[tuple[int, int, _Name]]) -> list[tuple[int, int, _Name]]:
    """Without the words that are names of companies elsewhere: one that is shown to be one is so in all of a text."""
    shown = {
        name.owners[0].key
        for first, last, name in hits
        if not name.is_word
        or _OF_SHARES.search(text, 0, tokens[first].start)
        or _AS_SHARES.match(text, tokens[last].end)
    }
    return [hit for hit in hits if not hit[2].is_word or hit[2].owners[0].key in shown]


def _main_indices(text: str) -> Iterator[Found]:
    """Find the first index of a country by what papers call it: "Canada's main stock index"."""
    for match in _MAIN.finditer(text):
        country = _home_of(match["whose"].replace(".", ""))
        entry = main_index(country) if country else None
        if entry is not None:
            yield Found(start=match.start(), end=match.end(), text=match[0], entry=entry)


def _tenors(text: str, found: Sequence[Found]) -> Iterator[Found]:
    """Yields that are named by their years alone, behind another: "while the 10-year was down 7 basis points"."""
    taken = {place for one in found for place in range(one.start, one.end)}
    for match in _YEARS_ALONE.finditer(text):
        before = next((one for one in reversed(found) if one.end <= match.start() and one.entry.kind == "yield"), None)
        if before is not None and match.start(1) not in taken:
            entry = _of_tenor(before.entry, match[1])
            yield Found(start=match.start(1), end=match.end(1), text=match[1], entry=entry)


def _home_of(place: str) -> str:
    """Country of a name, of a capital, or of a city with the clock of one."""
    if place in metonyms():
        return metonyms()[place].country
    named = next((entry for entry in countries().values() if place in entry.names), None)
    if named is None and (zone := zone_of(place)):
        named = next((entry for entry in countries().values() if entry.zone == zone), None)
    return named.country if named else ""


def _of_tenor(owner: Entry, words: str) -> Entry:
    """The yield of the years that are named: "30-year gilts" are not those of ten years."""
    years = _TENOR.findall(words)
    if not years:
        return owner
    tenor = _TENORS.get(years[-1].lower(), years[-1].lower())
    title = re.sub(r"^the \S+?-year", f"the {tenor}-year", owner.title)
    if title == owner.title:
        return owner
    known = next(
        (
            e
            for e in entries()
            if e.kind == "yield" and e.country == owner.country and e.title.startswith(f"the {tenor}-year")
        ),
        None,
    )
    return known or Entry(kind="yield", key=title, title=title, names=(), country=owner.country)


def _of_country(owner: Entry, name: str, before: Found | None, lead: str) -> Entry:
    """Whose yield it is: "Britain's 10-year yield" is not that of the Treasury, which is meant where none is named."""
    if before is None or before.entry.country in ("", "US") or _AMERICAN.search(name):
        return owner
    gap = lead[before.end :]
    if before.entry.kind == "yield" and not _ENDS.search(gap):
        return before.entry  # "Bunds rallied, pushing the 10-year yield down"
    if before.entry.kind != "country" or not _OWNS.fullmatch(gap):
        return owner
    tenor = owner.title.removeprefix("the ").partition(" ")[0]
    country = before.entry.country
    of_it = [e for e in entries() if e.kind == "yield" and e.country == country and f"the {tenor} " in e.title]
    title = f"the {tenor} yield of {before.entry.title}"
    return of_it[0] if of_it else Entry(kind="yield", key=title, title=title, names=(), country=country)


def _hits(text: str, tokens: Sequence[_Token]) -> Iterator[tuple[int, int, _Name]]:
    names = _names()
    place = 0
    while place < len(tokens):
        found = next(
            (
                (last, name)
                for name in names.get(tokens[place].text.casefold(), ())
                if (last := _matches(text, tokens, place, name.tokens)) is not None
            ),
            None,
        )
        if found is None:
            place += 1
        else:
            yield place, *found
            place = found[0] + 1


def _matches(text: str, tokens: Sequence[_Token], place: int, name: Sequence[str]) -> int | None:
    """Position of the last token of a name that begins at `place`."""
    last = place + len(name) - 1
    if last >= len(tokens):
        return None
    for i, wanted in enumerate(name):
        token = tokens[place + i]
        if i and not _GAP.fullmatch(text, tokens[place + i - 1].end, token.start):
            return None
        if not _same(token.text, wanted):
            return None
    return last


def _same(token: str, wanted: str) -> bool:
    if wanted.islower() or not wanted.isalpha():
        return token.casefold() == wanted.casefold()
    return token == wanted or (len(wanted) > _LONGEST_CODE and token == wanted.upper())


def _tokens(text: str) -> list[_Token]:
    """Words and signs; hyphens are left out, "U.S." is the word "US"."""
    out = []
    for found in _TOKEN.finditer(text.translate(_QUOTES)):
        word = found[0]
        if len(word) == 6 and word.isupper() and {word[:3], word[3:]} <= currencies().keys():
            out += [
                _Token(found.start(), found.start() + 3, word[:3]),
                _Token(found.start() + 3, found.end(), word[3:]),
            ]
        elif word not in _HYPHENS:
            is_dotted = len(word) > 1 and word.endswith(".")
            out.append(_Token(found.start(), found.end(), word.replace(".", "").upper() if is_dotted else word))
    return out


@functools.cache
def _names() -> dict[str, tuple[_Name, ...]]:
    """Names by their first word, the longest ones first."""
    owners: dict[tuple[str, ...], list[Entry]] = defaultdict(list)
    for entry in entries():
        for name in entry.names:
            key = tuple(token.text for token in _tokens(name))
            if entry not in owners[key]:
                owners[key].append(entry)
    found = [_Name(tokens, tuple(owning)) for tokens, owning in owners.items()]
    found += [_Name((word,), (entry,), is_word=True) for entry in entries() for word in entry.words]
    found += [
        _Name(tuple(token.text for token in _tokens(name)), (country,), is_metonym=True)
        for name, country in metonyms().items()
    ]
    out: dict[str, list[_Name]] = defaultdict(list)
    for longest in sorted(found, key=lambda name: -len(name.tokens)):
        out[longest.tokens[0].casefold()].append(longest)
    return {first: tuple(names) for first, names in out.items()}


def _role(entry: Entry, text: str, tokens: Sequence[_Token], first: int, last: int) -> Role:
    """Whether a currency or a commodity is named for itself."""
    gap = text[tokens[first - 1].end : tokens[first].start] if first else "."
    is_next = not gap.strip(_HYPHENS).strip() and (
        gap.count("\n") == 0 or (gap.count("\n") == 1 and tokens[first].text.islower())
    )
    before = tokens[first - 1].text if is_next else ""  # "May 29 - Turkey's lira" counts nothing
    after = tokens[last + 1].text if last + 1 < len(tokens) else ""
    is_street = entry.kind == "index" and tokens[first].text == "Wall"
    if is_street and (_STREET.match(after) or (before.lower() == "on" and after == ",")):
        return "attribute"  # "Wall Street banks"; the place: "On Wall Street, the Dow fell"
    if entry.kind not in ("currency", "commodity"):
        return "name"
    if entry.key == "GBP" and before == "a":
        return "attribute"  # a weight: "$4.15 a pound"
    if entry.kind == "currency" and (_NUMBER.fullmatch(before) or before == "per"):
        return "amount"
    if _ATTRIBUTE.match(after) and not _PRICE_NOUN.match(after):
        return "attribute"
    return "name"


def _tickers(text: str, found: Sequence[Found]) -> Iterator[Found]:
    """Symbols in parentheses behind a name: "Palantir (NYSE: PLTR)"; one that no table has needs its exchange."""
    known = {entry.symbol: entry for entry in entries() if entry.kind == "company"}
    taken = {other.start for other in found}
    behind = {other.end for other in found if other.entry.kind == "company"}
    for match in _TICKER.finditer(text):
        start, end = match.span("plain")
        if start in taken:
            continue
        entry = known.get(match["plain"]) if len(match["plain"]) > 1 or match["venue"] else None
        if entry is None and match["venue"] and len(text[: match.start()].rstrip()) in behind:
            continue  # "Meta Platforms (NASDAQ: FB)": an older symbol of a company that the table has
        if entry is None and match["venue"]:
            entry = Entry(
                kind="company", key=match["plain"], title=match["plain"], names=(), country="US", symbol=match["plain"]
            )
        if entry is not None:
            yield Found(start=start, end=end, text=match["plain"], entry=entry)
