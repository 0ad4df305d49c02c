"""Cells that are numbers, however they are written: decimal sign, thousands, currency, words for nothing."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.errors import DataError
from eventstudy.records import Float64Array
from eventstudy.tables.options import Options

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
# What vendors and programs write where there is no number.
MISSING = (
    "", "nan", "na", "n/a", "<na>", "none", "null", "nil", "-", "--", "---", ".", "..", "n.a.", "n.a", "n. a.",
    "k.a.", "k. a.", "n.v.", "n. v.", "n/v", "n.d.", "n/d", "s.o.", "b.d.", "#n/a", "#n/a n/a", "#nv", "#n/d",
    "#value!", "#div/0!", "nat", "not available", "no data", "–", "—", "#error", "nd",
)  # fmt: skip
# Bloomberg says why it has none, and a spreadsheet what went wrong, in its user's language: #REF!, #WERT!, #NAME?
_WHY = re.compile(r"#n/a .+|#[^\s\d][^\s]*[!?]|\$\$er.*", re.IGNORECASE)
SPELT = tuple(dict.fromkeys(form for word in MISSING for form in (word, word.upper(), word.title(), word.capitalize())))
SPELT = (*SPELT, "NaN", "#N/A N/A", "NaT")

# What CRSP writes in place of a return, as letters, and SAS and Stata as missing values of their own.
NO_RETURN = ("A", "B", "C", "D", "E", "P", "S", "T", ".A", ".B", ".C", ".D", ".E", ".P", ".S", ".T")

_SPACES = " \u00a0\u2009\u202f"
_SIGNS = "$€£¥₹₽₩₺₪฿₫₱₴₦"
_CODES = (
    "EUR USD GBP GBX GBp CHF JPY CAD AUD NZD SEK NOK DKK PLN CZK HUF CNY CNH HKD SGD INR BRL MXN ZAR TRY KRW "
    "US$ R$ A$ C$ HK$ S$ NT$ NZ$ zł kr kr. Kč Ft Rs Rs. TL"
)
_CODE = rf"(?:{'|'.join(re.escape(code) for code in _CODES.split())})"
_CURRENCY = re.compile(rf"^{_CODE}[{_SPACES}]*(?=[\d(+-])|(?<=[\d)-])[{_SPACES}]*{_CODE}$", re.ASCII)
_SIZES = {"K": 1e3, "k": 1e3, "M": 1e6, "Mio": 1e6, "B": 1e9, "Mrd": 1e9}
_SIZE = re.compile(rf"(?<=\d)\s?({'|'.join(_SIZES)})\.?$", re.ASCII)  # of volumes: 1.2M
_GROUPED = {
    ".": re.compile(
        rf"(?:\d{{1,3}}(?:([,'’{_SPACES}])\d{{3}})(?:\1\d{{3}})*|\d{{1,2}}(?:,\d\d)+,\d{{3}})(?:\.\d+)?", re.ASCII
    ),  # lakhs and crores too: 1,23,456.50
    ",": re.compile(rf"\d{{1,3}}(?:([.'’{_SPACES}])\d{{3}})(?:\1\d{{3}})*(?:,\d+)?", re.ASCII),
}
_COMMA = re.compile(r"\d+,\d*(?:[eE][+-]?\d+)?|,\d+", re.ASCII)
# One sign and three digits behind it may be thousands or a fraction; everything else says which.
_EITHER = re.compile(r"[1-9]\d{0,2}([.,])\d{3}", re.ASCII)
_IS_POINT = re.compile(
    rf"\d{{1,3}}(?:[,'’{_SPACES}]\d{{3}})*\.\d+|\d*\.\d+(?:[eE][+-]?\d+)?|\d{{1,3}}(?:,\d{{3}}){{2,}}", re.ASCII
)
_IS_COMMA = re.compile(rf"\d{{1,3}}(?:[.'’{_SPACES}]\d{{3}})*,\d+|\d*,\d+|\d{{1,3}}(?:\.\d{{3}}){{2,}}", re.ASCII)


def decimal_sign(cells: Iterable[str]) -> str | None:
    """The decimal sign that most cells prove, of those that prove one; None where none does."""
    point = comma = 0
    for cell in cells:
        text = _bare(cell)[0]
        if not _EITHER.fullmatch(text):
            point += _IS_POINT.fullmatch(text) is not None
            comma += _IS_COMMA.fullmatch(text) is not None
    return None if point == comma == 0 else "." if point >= comma else ","


def says_nothing(text: str) -> bool:
    """Whether a cell is a vendor's word for nothing; ``$$ER: …`` is Datastream's."""
    return text.lower() in MISSING or _WHY.fullmatch(text) is not None


def number(text: str, decimal: str | None, *, percent: bool = False) -> float | str:
    """A cell as a number, NaN where it says that there is none; else, in a word, what it is."""
    text = text.strip()
    if decimal != "," and NUMBER.fullmatch(text):
        return float(text)
    if says_nothing(text):
        return math.nan
    if text.lower().lstrip("+-") in ("inf", "infinity"):  # as R and pandas write it; who reads it takes no such price
        return float(text)
    bare, times, share = _bare(text)
    if share and not percent:
        return "text"
    value = _value(bare, decimal)
    if isinstance(value, str):
        return value
    return times * value / (100.0 if share else 1.0)


def _value(bare: str, decimal: str | None) -> float | str:
    if decimal is None and _EITHER.fullmatch(bare) and "," in bare:
        return "either"
    for sign in (".", ",") if decimal is None else (decimal,):
        plain = (
            NUMBER.fullmatch(bare) if sign == "." else _COMMA.fullmatch(bare) or re.fullmatch(r"\d+", bare, re.ASCII)
        )
        if plain:
            return float(bare.replace(",", "."))
        if _GROUPED[sign].fullmatch(bare):
            whole, point, rest = bare.partition(sign)
            return float(re.sub(r"\D", "", whole) + ("." + rest if point else ""))
    if any(form.fullmatch(bare) for form in (*_GROUPED.values(), _COMMA, NUMBER)):
        return "comma" if decimal == "." else "point"
    return "text"


def _bare(cell: str) -> tuple[str, float, bool]:
    """Digits and their signs, what the number they are is to be multiplied by, and whether it is a percentage."""
    text, sign = _CURRENCY.sub("", cell.strip().replace("\u2212", "-")), 1.0
    if text.endswith("-") and text[-2:-1].isdigit():  # as SAP writes it
        text = f"-{text[:-1]}"
    if text.startswith("(") and text.endswith(")"):
        text, sign = text[1:-1].strip(), -1.0
    share = text.endswith("%")
    text = text.removesuffix("%").strip()
    if size := _SIZE.search(text):
        text, sign = text[: size.start()], sign * _SIZES[size[1]]
    if text[:1] in ("+", "-"):
        text, sign = text[1:].strip(), -sign if text[0] == "-" else sign
    if text and (text[0] in _SIGNS) != (text[-1] in _SIGNS):
        text = text.strip(_SIGNS).strip()
    if text[:1] == "-" and cell.strip()[:1] in _SIGNS:
        text, sign = text[1:], -sign
    return text, sign, share


_WORDS = {
    "text": ("not a number", "write 1234.5; leave a missing value blank"),
    "bool": ("true and false are no numbers", "mend the column"),
    "comma": ("a decimal comma, or a thousands separator, among numbers with a decimal point", "write 1234.5"),
    "point": ("a decimal point, or a thousands separator, among numbers with a decimal comma", "write 1234,5"),
    "either": ("may be thousands or a decimal fraction", ""),
}

Wrong = tuple[int, str, str, object]  # row, kind, name of the column, and the cell


def column(
    cells: pd.Series, decimal: str | None, name: str, wrong: list[Wrong], *, percent: bool = False
) -> Float64Array:
    """The numbers of a column; NaN where there is none.

    Parameters
    ----------
    cells : Series
        Numbers, or text.
    decimal : str or None
        Sign of the table; None where nothing in it says which.
    name : str
        Of the column.
    wrong : list
        Takes the cells that are neither a number nor blank; see `refuse`.
    percent : bool
        Whether ``1.5 %`` is 0.015.
    """
    if pd.api.types.is_bool_dtype(cells.dtype):
        wrong.append((0, "bool", name, cells.iloc[0]))
        return np.full(len(cells), np.nan)
    if pd.api.types.is_numeric_dtype(cells.dtype) and not pd.api.types.is_complex_dtype(cells.dtype):
        return cells.to_numpy(dtype=float, na_value=np.nan)
    numbers = np.full(len(cells), np.nan)
    known: dict[object, float | str] = {}
    blank = cells.isna().to_numpy()
    for row, cell in enumerate(cells.tolist()):
        if blank[row]:
            continue
        key = (cell, isinstance(cell, bool))
        value = known.get(key)
        if value is None:
            value = known[key] = _of_cell(cell, decimal, percent)
        if isinstance(value, str):
            wrong.append((row, value, name, cell))
        else:
            numbers[row] = value
    return numbers


def _of_cell(cell: Any, decimal: str | None, percent: bool) -> float | str:
    if isinstance(cell, bool):
        return "bool"
    if isinstance(cell, (int, float, np.number, Decimal)):
        try:
            return float(cell)
        except OverflowError:
            return math.inf
    return number(cell, decimal, percent=percent) if isinstance(cell, str) else "text"


def refuse(wrong: Sequence[Wrong], place: Callable[[int], str], options: Options) -> None:
    """Refuse cells that are no numbers.

    Raises
    ------
    DataError
        One, for the first line of the first cause; it says how many more cells there are of each.
    """
    if not wrong:
        return
    first = min(wrong, key=lambda entry: entry[0])
    row, kind, name, cell = first
    same = sum(entry[1] == kind for entry in wrong) - 1
    problem, remedy = _WORDS[kind]
    problem += f", and so {_cells(same)}" if same else ""
    remedy = remedy or options.remedy("decimal", ",", ".")
    for other in dict.fromkeys(entry[1] for entry in wrong if entry[1] != kind):
        of_it = [entry for entry in wrong if entry[1] == other]
        remedy += f"; besides, {_cells(len(of_it))}: {_WORDS[other][0]}, first in {place(of_it[0][0])}"
    raise DataError(problem, where=f"{place(row)}, column {name}", value=cell, remedy=remedy)


def _cells(count: int) -> str:
    return "1 more cell" if count == 1 else f"{count} more cells"
