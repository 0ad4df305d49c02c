"""Which of the stored assets a claim speaks of, and which way round it is quoted."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from eventstudy.claims.claim import Claim
from eventstudy.claims.names import Finder, Mention, finder
from eventstudy.claims.sentences import plain
from eventstudy.database.reading import Row
from eventstudy.gazetteer.entry import PRICED, Entry, Found
from eventstudy.gazetteer.find import find as find_known
from eventstudy.gazetteer.tables import currencies, entries

LONGEST_WORD = 3  # letters of a symbol that may be a word: ALL, CAT, ON
_PAIR = re.compile(r"([A-Z]{3})/?([A-Z]{3})(?:=X)?")
_SIDES = re.compile(r"\s?[/-]\s?|")  # between the two currencies of a pair: "USD/JPY", "EURUSD", "dollar-yen"
_YAHOO = re.compile(r"([A-Z]{3})=X")  # the currency in dollars: JPY=X is dollars in yen


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAsset:
    """An asset as the settings of the newest pass had it.

    Attributes
    ----------
    name, title : str
    settings : mapping
        As `eventstudy.config.model.AssetConfig` takes them.
    """

    name: str
    title: str
    settings: Mapping[str, Any]

    @property
    def symbol(self) -> str:
        """What its source calls it; empty for a basket."""
        return "" if self.settings.get("basket") else str(self.settings.get("symbol") or self.name)

    @property
    def pair(self) -> tuple[str, str] | None:
        """Currency that is priced, and the one in which it is; None for what is no rate."""
        if found := _YAHOO.fullmatch(self.symbol):
            return "USD", found[1]
        found = _PAIR.fullmatch(self.symbol)
        return (found[1], found[2]) if found and {found[1], found[2]} <= currencies().keys() else None

    @property
    def is_stand_in(self) -> bool:
        """Whether it says itself that it only stands for something: a basket, or a title with "proxy"."""
        return bool(self.settings.get("basket")) or "proxy" in self.title.lower()

    @property
    def names(self) -> tuple[str, ...]:
        """What people may call it."""
        rate = "/".join(self.pair) if self.pair else ""
        return tuple(dict.fromkeys(name for name in (self.name, _bare(self.title), self.symbol, rate) if name))

    def is_called(self, text: str) -> bool:
        """Whether `text` is its own name to the letter, so that nothing else can be meant."""
        return text in (self.name, self.symbol, self.title, re.sub(r"^(?:the|an?)\s", "", self.title))


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An asset that may tell whether a claim holds.

    Attributes
    ----------
    asset : StoredAsset
    is_inverted : bool
        Whether what the claim speaks of rises when the price falls: the yen in USDJPY.
    stands_for : str
        What it is only a proxy of; empty where it is the thing itself.
    """

    asset: StoredAsset
    is_inverted: bool = False
    stands_for: str = ""


def stored_assets(found: Sequence[Row]) -> dict[str, StoredAsset]:
    """The assets of a database, by name."""
    return {
        row["asset"]: StoredAsset(name=row["asset"], title=row["title"], settings=json.loads(row["settings"]))
        for row in found
    }


def names_of(assets: Mapping[str, StoredAsset], own: Sequence[str] = ()) -> Finder:
    """What finds the stored assets in a text by their own names, and all that the gazetteer knows by its.

    Those in `own`, the assets of the event, are found however their letters are written: "Brent" is then BRENT.
    """
    names = [(name, asset.name, "asset") for asset in assets.values() for name in asset.names]
    names += [(name.lower(), name, "asset") for name in own if len(name) > LONGEST_WORD]
    find_own = finder(names)

    def find(text: str) -> list[Mention]:
        found = [*mentions(text, find_known(text)), *find_own(text)]
        # of equal ones a name of the settings wins, but "the dollar index" is a thing of its own
        found.sort(
            key=lambda m: (m.start, -m.end, m.kind != "index" or m.key not in _dollar_indices(), m.kind != "asset")
        )
        out: list[Mention] = []
        for mention in found:
            if not out or mention.start >= out[-1].end:
                out.append(mention)
        return out

    return find


def mentions(text: str, found: Sequence[Found]) -> list[Mention]:
    """The names of the gazetteer that have a price of their own; "USD/JPY" is one name, of its first currency.

    What money is counted in is an ``amount``, and no "oil companies" are among them.
    """
    written, out = plain(text), list[Mention]()
    for name in found:
        entry = name.entry
        if entry.kind not in PRICED or name.role == "attribute":
            continue
        kind = "amount" if name.role == "amount" else "index" if entry.kind == "basket" else entry.kind
        symbols = tuple(one for one in (entry.symbol, _bare(entry.title), *entry.names) if one)
        mention = Mention(start=name.start, end=name.end, key=entry.key, kind=kind, symbols=symbols)
        is_second = bool(out) and kind == out[-1].kind == "currency" and entry.key != out[-1].key
        if is_second and _SIDES.fullmatch(written, out[-1].end, name.start):
            out[-1] = replace(out[-1], end=name.end, per=mention)
        else:
            out.append(mention)
    return out


@functools.cache
def _dollar_indices() -> dict[str, Entry]:
    return {entry.key: entry for entry in entries() if entry.kind == "basket"}


def _bare(title: str) -> str:
    """A title without its article and what stands in parentheses."""
    return re.sub(r"^(?:the|an?)\s", "", re.sub(r"\s*\(.*\)\s*$", "", title), flags=re.IGNORECASE)


def candidates(
    claim: Claim, assets: Mapping[str, StoredAsset], own: Sequence[str], *, chosen: str | None = None
) -> list[Candidate]:
    """Assets that may decide a claim: the best ones first, those of the event before others; none that is unlike.

    Parameters
    ----------
    claim : Claim
    assets : mapping
        By name.
    own : sequence of str
        Names of the assets of the event.
    chosen : str, optional
        The asset that a person says is meant, where the claim names none.
    """
    mention = claim.mention
    if mention is None:
        only = chosen or (own[0] if len(own) == 1 else None)
        return [Candidate(asset=assets[only])] if only is not None and only in assets and not claim.subject else []
    order = [*(name for name in own if name in assets), *(name for name in assets if name not in own)]
    for name in order:
        if assets[name].is_called(claim.subject):
            return [Candidate(asset=assets[name])]
    if mention.kind == "asset":
        asset = assets[mention.key]
        return [Candidate(asset=asset, stands_for=claim.subject if asset.is_stand_in else "")]
    if mention.kind == "currency" and (mention.key != "USD" or claim.against is not None):
        return list(_rates(claim, [assets[name] for name in order], own))
    if mention.key in _dollar_indices() or mention.key == "USD":
        return list(_dollar(claim, [assets[name] for name in order]))
    wanted = {name.casefold() for name in mention.symbols}
    called = [assets[name] for name in order if wanted & {own.casefold() for own in assets[name].names}]
    return [Candidate(asset=asset, stands_for=claim.subject if asset.is_stand_in else "") for asset in called]


def _rates(claim: Claim, assets: Sequence[StoredAsset], own: Collection[str]) -> Iterator[Candidate]:
    """Rates of the two currencies of a claim; of one alone, those in dollars, else the only one of the event."""
    assert claim.mention is not None
    code = claim.mention.key
    other = claim.against.key if claim.against is not None else "USD"
    both = [asset for asset in assets if asset.pair and set(asset.pair) == {code, other}]
    if not both and claim.against is None:
        both = [asset for asset in assets if asset.name in own and asset.pair and code in asset.pair]
        both = both if len(both) == 1 else []
    for asset in both:
        assert asset.pair is not None
        yield Candidate(asset=asset, is_inverted=asset.pair[1] == code)


def _dollar(claim: Claim, assets: Sequence[StoredAsset]) -> Iterator[Candidate]:
    """Indices of the dollar: the one that is named, else another in its place."""
    assert claim.mention is not None
    named = _dollar_indices().get(claim.mention.key)
    names = {name.casefold() for name in (named.symbol, *named.names) if name} if named else set()
    symbols = {entry.symbol for entry in _dollar_indices().values() if entry.symbol} | {"DX=F"}
    for is_stand_in in (False, True):
        for asset in assets:
            is_it = bool(names & {name.casefold() for name in asset.names}) and not asset.is_stand_in
            is_like = asset.symbol in symbols or re.search(
                r"\bdollar[ -](?:spot )?index\b", f"{asset.name} {asset.title}", re.IGNORECASE
            )
            if is_it != is_stand_in and (is_it or is_like):
                yield Candidate(asset=asset, stands_for="" if is_it else claim.subject)
