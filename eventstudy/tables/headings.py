"""The lines of names above a table: where they are, and which column is whose."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from eventstudy.errors import DataError
from eventstudy.tables import dates, text
from eventstudy.tables.roles import FIELDS, plain, role_of

TURNED, TURN = "the dates stand in the first line", "turn the table: a line per date, and a column per symbol"
LABELS = (
    "ticker",
    "tickers",
    "symbol",
    "security",
    "name",
    "code",
    "ric",
    "instrument",
    "isin",
    "price",
    "dates",
    "date",
    "attributes",
)
JOINT = re.compile(r"', '|[ ._|:/-]")  # between a symbol and a field in one name; of tuples that pandas wrote, too
PASSED_OVER = (
    *("currency", "währung", "freq", "frequency", "period", "periodicity", "type", "datatype"),
    *("start", "start date", "end", "end date", "stand vom", "last update", "last updated"),
    *("unit", "units", "einheit", "dimension", "exchange", "börse", "country", "land", "source", "quelle"),
)
KNOWN = frozenset((*LABELS, *PASSED_OVER))
MOST = 8  # lines of names, with those that are passed over


def find(rows: Sequence[Sequence[object]], starts: Sequence[int]) -> tuple[int, int]:
    """First line of names, and first row behind them, of a table of dates."""
    first = text.first_row(rows)
    if first is None:
        return 0, 1
    if first == 0:
        if sum(map(dates.looks_like_date, rows[0])) > 2:
            raise DataError(TURNED, where="line 1", value=rows[0][1], remedy=TURN)
        raise DataError("there is no line of names", where="line 1", remedy="write date, then the name of each column")
    while first > 1 and _is_body(rows[first - 1]) and str(rows[first - 1][0]).strip().lower() not in PASSED_OVER:
        first -= 1  # a row whose date cannot be read is a row all the same
    width = len(rows[first])
    top = first - 1
    while top > 0 and first - top < MOST:
        below, above = rows[top], rows[top - 1]
        names = [str(cell).strip() for cell in below[1:]]
        label = str(above[0] or "").strip().lower()
        # of Bloomberg's and LSEG's, an empty line stands between whose each column is and what it holds
        touches = not starts or starts[top - 1] >= starts[top] - 1 or (label in KNOWN and len(above) > 2)
        is_second = (
            not any(names)
            or str(below[0] or "").strip().lower() in PASSED_OVER
            or (len(set(filter(None, names))) < len(names) or all(role_of(name) for name in names))
            or (str(below[0] or "").strip().lower() in ("code", "ticker", "symbol") and label in ("name", ""))
        )
        label = "" if are_side_by_side(below) else label  # whose the first columns are
        fits = len(above) == width or (len(above) >= 2 and len(above) <= width and not label)
        if not (touches and is_second and fits and (not label or label in KNOWN)):
            break
        if label not in PASSED_OVER and not any(str(cell or "").strip() for cell in above[1:]):
            break
        top -= 1
    return top, first


def _is_body(row: Sequence[object]) -> bool:
    """Whether a row holds numbers rather than names."""
    cells = [str(cell).strip() for cell in row[1:] if cell not in ("", None)]
    return bool(cells) and sum(map(text.looks_like_number, cells)) > len(cells) / 2


def named(levels: Sequence[Sequence[object]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Name, and owner, of each column out of one or several lines of names."""
    rows = [["" if cell is None or cell != cell else str(cell).strip() for cell in level] for level in levels]  # noqa: PLR0124  # NaN
    width = max((len(row) for row in rows), default=0)
    rows = [row + [""] * (width - len(row)) for row in rows]
    if len(rows) <= 1:
        return _apart(tuple(rows[0])) if rows else ((), ())
    firsts = [row[0].lower() for row in rows]
    kept = [row for row, first in zip(rows, firsts, strict=True) if any(row[1:]) and first not in PASSED_OVER]
    date = next((row[0] for row in reversed(rows) if role_of(row[0]) == "date"), "date")
    fields = next((row for row in kept if all(role_of(cell) or not cell for cell in row[1:])), None)
    owners = [row for row in kept if row is not fields]
    if not owners:  # nothing but one line of names, and a line with the name of the dates
        return (date, *kept[0][1:]), ()
    codes = next((row for row in owners if row[0].lower() in ("code", "ticker", "symbol", "ric")), owners[0])
    if fields is None:
        return (date, *(_code(cell) for cell in codes[1:])), ()
    return (date, *_filled(fields)[1:]), ("", *_filled(codes)[1:])


def symbol_of(above: Sequence[Sequence[object]]) -> str:
    """Whose table it is, as a line above the names says; empty where none does."""
    labels = ("security", "ticker", "symbol", "ric", "instrument")
    return next((str(row[1]) for row in above if len(row) > 1 and str(row[0]).strip().lower() in labels), "")


def are_side_by_side(names: Sequence[object]) -> bool:
    """Whether a line of names has a column of dates more than once: tables beside each other."""
    return sum(role_of(str(name)) == "date" for name in names) > 1 and role_of(str(names[0])) == "date"


def _apart(header: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names such as ``AAPL.Close``, ``Close_AAPL`` or ``Close (AAPL)`` as field and owner, if all are such."""
    names = header[1:]
    if len(names) < 2 or (any(map(role_of, names)) and len(set(map(plain, names))) == len(names)):
        return header, ()
    for is_owner_first in (True, False):
        pairs = list(itertools.takewhile(any, (_pair(name, is_owner_first) for name in names)))
        roles = {role_of(field) for field, _ in pairs}
        if len(pairs) == len(names) and len(roles) > 1 and roles & {"close", "adjusted"}:
            return (header[0], *(field for field, _ in pairs)), ("", *(owner for _, owner in pairs))
    return header, ()


def _pair(name: str, is_owner_first: bool) -> tuple[str, str]:
    """Field and owner, the longest field there is; empty where there is none."""
    text = name.strip("()'")
    cuts = list(JOINT.finditer(text))
    for cut in cuts if is_owner_first else reversed(cuts):
        before, after = text[: cut.start()], text[cut.end() :]
        owner, field = (before, after) if is_owner_first else (after, before)
        if owner and role_of(field) in FIELDS:
            return field, owner.strip("()'")
    return "", ""


def _filled(row: Sequence[str]) -> list[str]:
    """A line with merged cells: each counts for the empty ones behind it."""
    out: list[str] = []
    for cell in row:
        out.append(cell or (out[-1] if out else ""))
    return out


def _code(name: str) -> str:
    """A code of Datastream's without the datatype behind it: ``@AAPL(RI)``."""
    return name.partition("(")[0] if name.endswith(")") and name.startswith(("@", "U:")) else name
