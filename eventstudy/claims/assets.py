"""Which of the stored assets a claim speaks of, and which way round it is quoted."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eventstudy.claims.claim import Claim
from eventstudy.claims.currencies import AMBIGUOUS, DOLLAR_INDICES, NAMES
from eventstudy.claims.names import Finder, finder
from eventstudy.database.reading import Row

_PAIR = re.compile(r"([A-Z]{3})/?([A-Z]{3})(?:=X)?")
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
        return (found[1], found[2]) if found and {found[1], found[2]} & NAMES.keys() else None

    @property
    def is_stand_in(self) -> bool:
        """Whether it says itself that it only stands for something: a basket, or a title with "proxy"."""
        return bool(self.settings.get("basket")) or "proxy" in self.title.lower()

    @property
    def names(self) -> tuple[str, ...]:
        """What people may call it."""
        title = re.sub(r"^(?:the|an?)\s", "", re.sub(r"\s*\(.*\)\s*$", "", self.title), flags=re.IGNORECASE)
        return tuple(dict.fromkeys(name for name in (self.name, title, self.symbol) if name))

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


def names_of(assets: Mapping[str, StoredAsset]) -> Finder:
    """What finds the stored assets in a text, and currencies and dollar indices by the names that articles use."""
    names = [(name, key, "index") for key, (own, _) in DOLLAR_INDICES.items() for name in own]
    names += [(name, asset.name, "asset") for asset in assets.values() for name in asset.names]
    names += [
        (f"the {name}" if name in AMBIGUOUS else name, code, "currency") for code, own in NAMES.items() for name in own
    ]
    return finder(names)


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
    if mention.key in DOLLAR_INDICES or mention.key == "USD":
        return list(_dollar(claim, [assets[name] for name in order]))
    called = [assets[name] for name in order if assets[name].symbol in mention.symbols]
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
    named = DOLLAR_INDICES.get(claim.mention.key, ((), ()))
    for is_stand_in in (False, True):
        for asset in assets:
            is_it = asset.symbol in named[1] or any(
                name.lower() in (n.lower() for n in asset.names) for name in named[0]
            )
            is_it = is_it and not asset.is_stand_in
            is_like = any(asset.symbol in symbols for _, symbols in DOLLAR_INDICES.values()) or re.search(
                r"\bdollar[ -](?:spot )?index\b", f"{asset.name} {asset.title}", re.IGNORECASE
            )
            if is_it != is_stand_in and (is_it or is_like):
                yield Candidate(asset=asset, stands_for="" if is_it else claim.subject)
