"""The tables of the gazetteer, read: a file per kind, `|` between names. Edit the files, not this."""

from __future__ import annotations

import csv
import functools
import importlib.resources
from collections.abc import Iterator

from eventstudy.gazetteer.entry import Entry

# Nouns of which no currency is made: "Japan's currency".
_GENERIC = ("currency", "currency unit")


def rows(name: str) -> list[dict[str, str]]:
    """The rows of one table."""
    text = importlib.resources.files("eventstudy.gazetteer").joinpath(f"{name}.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


@functools.cache
def entries() -> tuple[Entry, ...]:
    """Everything that has a name; where two share one, the first is meant unless the text is about the other's home."""
    return (
        *_baskets(),
        *_currencies(),
        *_symbols("indices", "index"),
        *_symbols("commodities", "commodity"),
        *_rates(),
        *_symbols("companies", "company"),
        *_institutions(),
        *countries().values(),
    )


@functools.cache
def titles() -> dict[str, str]:
    """What Yahoo's symbols stand for, as a sentence calls it."""
    return {entry.symbol: entry.title for entry in reversed(entries()) if entry.symbol}


@functools.cache
def currencies() -> dict[str, Entry]:
    """Currencies by code: ours first, in the order of their table, then the rest of CLDR's."""
    return {entry.key: entry for entry in _currencies()}


@functools.cache
def countries() -> dict[str, Entry]:
    """Countries by code."""
    out = {}
    for row in rows("countries"):
        out[row["code"]] = Entry(
            kind="country",
            key=row["code"],
            title=row["title"],
            names=_names(row["names"]),
            country=row["code"],
            currency=row["currency"],
            zone=row["zone"],
        )
    for row in rows("cldr"):
        if row["kind"] == "country" and row["code"] not in out:
            out[row["code"]] = Entry(
                kind="country",
                key=row["code"],
                title=row["names"],
                names=(row["names"],),
                country=row["code"],
                currency=row["of"],
            )
    return out


@functools.cache
def metonyms() -> dict[str, Entry]:
    """Capitals and seats of government, and the country that each stands for."""
    return {name: countries()[row["code"]] for row in rows("countries") for name in _names(row["metonyms"])}


@functools.cache
def main_index(country: str) -> Entry | None:
    """The first index of a country in the table: the market that its shares are measured against."""
    return next((entry for entry in _symbols("indices", "index") if entry.country == country), None)


def _names(cell: str) -> tuple[str, ...]:
    return tuple(name for name in (part.strip() for part in cell.split("|")) if name)


@functools.cache
def _currencies() -> tuple[Entry, ...]:
    own = {row["code"]: row for row in rows("currencies")}
    listed = {row["code"]: row for row in rows("cldr") if row["kind"] == "currency"}
    out = []
    for code in dict.fromkeys((*own, *listed)):
        country = own[code]["country"] if code in own else listed[code]["of"]
        formal = _names(listed[code]["names"]) if code in listed else ()
        used = _names(own[code]["names"]) if code in own else ()
        names = dict.fromkeys((code, *used, *formal, *_of_home(country, code, (*used, *formal))))
        title = min((name for name in formal if name[-1] != "s"), key=str.swapcase, default=code)
        title = f"the {title}" if title != "Euro" else "the euro"
        out.append(Entry(kind="currency", key=code, title=title, names=tuple(names), country=country))
    return tuple(out)


def _of_home(country: str, code: str, names: tuple[str, ...]) -> Iterator[str]:
    """A country's names before its currency: "Japanese yen", "Japan's currency"."""
    home = countries().get(country)
    if home is None or home.currency != code:
        return
    nouns = {name.split()[-1] for name in names if name.split()[-1].islower() and name.split()[-1].isalpha()}
    for word in home.names:
        for noun in sorted(nouns | set(_GENERIC)):
            yield f"{word} {noun}"
            yield f"{word}'s {noun}"


@functools.cache
def _symbols(table: str, kind: str) -> tuple[Entry, ...]:
    return tuple(
        Entry(
            kind=kind,  # type: ignore[arg-type]  # the callers name kinds that there are
            key=row["symbol"],
            title=row["title"],
            names=_names(row["names"]),
            words=_names(row.get("words") or ""),
            country=row.get("country", ""),
            symbol=row["symbol"],
        )
        for row in rows(table)
    )


def _rates() -> Iterator[Entry]:
    for row in rows("rates"):
        yield Entry(
            kind=row["kind"],  # type: ignore[arg-type]  # a test reads every row
            key=row["symbol"],
            title=row["title"],
            names=_names(row["names"]),
            country=row["country"],
            symbol=row["symbol"],
        )
    for row in rows("elsewhere"):
        yield Entry(
            kind=row["kind"],  # type: ignore[arg-type]
            key=row["title"],
            title=row["title"],
            names=_names(row["names"]),
            country=row["country"],
            note="no free source has it",
        )


def _baskets() -> Iterator[Entry]:
    for row in rows("baskets"):
        yield Entry(
            kind="basket",
            key=row["key"],
            title=row["title"],
            names=_names(row["names"]),
            country="US",
            symbol=row["symbol"],
            note=row["note"],
        )


def _institutions() -> Iterator[Entry]:
    for row in rows("institutions"):
        yield Entry(
            kind="institution",
            key=row["title"],
            title=row["title"],
            names=_names(row["names"]),
            country=row["country"],
            role=row["role"],
        )
