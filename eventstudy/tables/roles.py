"""Which column of a table is what, by its name."""

from __future__ import annotations

import difflib
import functools
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence

from eventstudy.errors import DataError

# What each column is called where nobody says, without accents; the role itself is a name too. Words of other languages
# are those of Excel exports, exchanges and portals; px_last and its like Bloomberg's, prc and its like of CRSP,
# trdprc_1 and its like Refinitiv's.
ALIASES: dict[str, tuple[str, ...]] = {
    "date": (
        "datetime", "timestamp", "dates", "day", "session", "datum", "caldt", "dlycaldt", "datadate", "trade date",
        "tradedate", "exchange date", "dateadj", "dtyyyymmdd", "tag", "handelstag", "zeit",
    ),
    "time": ("uhrzeit",),
    "symbol": (
        "ticker", "asset", "sym", "instrument", "ric", "isin", "security", "wertpapier", "kurzel", "tic", "permno",
        "gvkey", "wkn", "cusip",
    ),
    "open": (
        "px_open", "dlyopen", "openprc", "price open", "eroffnung", "eroffn.", "erster", "first", "open price",
        "ouverture", "ouv.", "apertura", "abertura", "otwarcie", "oppning", "oppningskurs", "abning", "apning",
        "acılıs", "откр.", "открытие", "始値", "开盘", "开盘价", "시가",
    ),
    "high": (
        "px_high", "dlyhigh", "askhi", "price high", "hoch", "tageshoch", "high price", "plus haut", "maximo", "maxima",
        "massimo", "max.", "hoog", "hoogste", "najwyzszy", "hogst", "hogsta kurs", "højeste", "høj", "høy", "yuksek",
        "макс.", "максимум", "高値", "高", "最高", "最高价", "고가",
    ),
    "low": (
        "px_low", "dlylow", "bidlo", "price low", "tief", "tagestief", "low price", "plus bas", "minimo", "minima",
        "min.", "laag", "laagste", "najnizszy", "lagst", "lagsta kurs", "laveste", "lav", "dusuk", "мин.", "минимум",
        "安値", "低", "最低", "最低价", "저가",
    ),
    "close": (
        "price", "close/last", "last", "px_last", "prc", "dlyprc", "dlyclose", "prccd", "price close", "trdprc_1",
        "close price", "closing price", "last price", "schluss", "schlusskurs", "kurs", "trade close", "zuletzt",
        "cloture", "dernier", "cierre", "chiusura", "ultimo", "fechamento", "slot", "slotkoers", "laatste",
        "zamkniecie", "ostatnio", "stangning", "slutkurs", "stangningskurs", "senast", "senaste", "seneste",
        "sluttkurs", "siste", "simdi", "kapanıs", "цена", "закрытие", "終値", "收盘", "收盘价", "종가",
    ),
    "volume": (
        "vol", "vol.", "px_volume", "dlyvol", "acvol_uns", "volumen", "stuck", "stucke", "stuecke", "umsatz",
        "price volume", "number of shares", "wolumen", "wol.", "volym", "hacim", "hac.", "объем", "объем.", "出来高",
        "交易量", "成交量", "거래량",
    ),
    "adjusted": (
        "adj close", "adj. close", "adjclose", "adjusted close", "adj_price", "total return",
        "tot_return_index_gross_dvds", "total return index", "ri", "調整後終値",
    ),
    "dividend": ("dividends", "divamt", "dividende", "dividend amount", "divcash"),
    "split": ("splits", "stock splits", "split coefficient", "splitfactor"),
    "return": ("ret", "returns", "dlyret", "rendite", "retx", "dlyretx"),
    "turnover": (),
    "factor": ("cfacpr", "dlyfacprc"),
}  # fmt: skip
# Columns that stand beside prices in exports, and are none.
BESIDE = (
    "change", "change %", "% change", "chg", "chg%", "net change", "veranderung", "vwap", "currency", "wahrung",
    "openint", "per", "time", "comnam", "name", "shrout", "shrcd", "exchcd", "siccd", "bid", "ask", "numtrd",
    "trades", "cfacshr", "permco", "company name", "vwretd", "ewretd", "sprtrn", "turnover", "capital gains",
    "bezeichnung", "number of trades", "+/- %", "%chg", "net",
    "variation", "variation %", "% var.", "var. %", "var%", "verschil %",
    "zmiana%", *(f"{adj}{name}" for adj in ("adj", "adj ", "adj. ") for name in ("open", "high", "low", "volume")),
)  # fmt: skip
REMARKS = re.compile(r"time period|.+_flags", re.IGNORECASE)  # beside the values of central banks
FIELDS = ("open", "high", "low", "close", "volume", "adjusted", "dividend", "split", "return", "turnover", "factor")
BY_NAME = {name: role for role, aliases in ALIASES.items() for name in (role, *aliases)}
SHORT = 4  # letters by which an abbreviation is known: bench, and not b
NEAR = 0.84  # alike enough to be a slip: weights for weight, and not height


@functools.lru_cache(maxsize=16_384)  # the columns of a wide table are asked for several times
def plain(name: str) -> str:
    """A name without case, accents, angle brackets and stars of footnotes, and with one kind of space."""
    text = str(name).strip().strip("<>").rstrip("*").lower()
    if not text.isascii():
        text = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
        text = unicodedata.normalize("NFC", text)  # the syllables of Korean
    text = re.sub(r"[\s_]+", " ", text).strip()
    if text.endswith(")") and (bare := text.partition("(")[0].strip()) in BY_NAME:
        return bare  # Close price (GBX)
    return text if text in BY_NAME else text.replace(" ", "_") if text.replace(" ", "_") in BY_NAME else text


def role_of(name: str) -> str | None:
    """The role that a column of this name has; None where the name says nothing."""
    return BY_NAME.get(plain(name))


def roles_of(columns: Mapping[str, str], header: Sequence[str], where: str) -> dict[str, str]:
    """The column of each role: as it is mapped, else the first that has one of its names, the role's own before others.

    Raises
    ------
    DataError
        When a column that is mapped is not there.
    """
    found: dict[str, str] = {}
    by_plain: dict[str, str] = {}
    for name in header:
        if name:
            by_plain.setdefault(plain(name), name)
    for role, column in columns.items():
        exact = column if column in header else by_plain.get(plain(column))
        if exact is None:
            shown = ", ".join(name for name in header[:8] if name)
            raise DataError(
                "there is no such column", where=f"{where}, columns.{role}", value=column, remedy=f"columns are {shown}"
            )
        found[role] = exact
    taken = set(found.values())
    for role, aliases in ALIASES.items():
        names = (by_plain.get(alias) for alias in (role, *aliases))
        free = next((name for name in names if name is not None and name not in taken), None)
        if role not in found and free is not None:
            found[role] = free
            taken.add(free)
    return found


def understood(names: Sequence[str], known: Collection[str], where: str) -> dict[str, str]:
    """Name as written → the known name that it differs from in case and spaces alone.

    Raises
    ------
    DataError
        For a name that is nearly a known one which is not there otherwise.
    """
    by_key = {spelt_alike(name): name for name in known}
    found = {name: by_key[spelt_alike(name)] for name in names if spelt_alike(name) in by_key}
    there = set(found.values())
    for name in names:
        if name in found or not name:
            continue
        near = _nearly(spelt_alike(name), [key for key, own in by_key.items() if own not in there])
        if near:
            raise DataError(
                "a column that is nearly one that has a meaning",
                where=where,
                value=name,
                remedy=f"did you mean {by_key[near]}? If it is another thing, give it a name of its own",
            )
    return found


def _nearly(name: str, known: Sequence[str]) -> str | None:
    """The known name of which this is a slip: letters swapped, the end left off, or one letter of many."""
    for key in known:
        if sorted(key) in (sorted(name), sorted(name.removesuffix("s"))) or (
            len(name) >= SHORT and key.startswith(name)
        ):
            return key
    return next(iter(difflib.get_close_matches(name, known, 1, NEAR)), None)


def spelt_alike(name: str) -> str:
    """A name without case, spaces, hyphens and underscores: what two spellings of one name share."""
    return re.sub(r"[\s_\-]+", "", name.strip().lower())
