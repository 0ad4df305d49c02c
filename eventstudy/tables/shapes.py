"""The shapes that tables of prices come in, made into one: a date, and a column of numbers per symbol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.errors import DataError
from eventstudy.records import Float64Array, SessionArray
from eventstudy.tables import numbers as cells_of
from eventstudy.tables.bars import Fields, bars_of
from eventstudy.tables.dates import Stamps
from eventstudy.tables.minutes import refuse_bars
from eventstudy.tables.reading import of_frame
from eventstudy.tables.roles import BESIDE, FIELDS, plain, role_of
from eventstudy.tables.table import Table
from eventstudy.tables.total_return import holds_dividends, total_return_prices

Values = Literal["prices", "returns", "volume", "changes"]
NOT_HELD: tuple[Values, ...] = ("volume", "changes")  # what nobody buys and holds, and rules of prices do not know
# The field that holds what is asked for, the best first.
WANTED: dict[str, tuple[str, ...]] = {
    "prices": ("adjusted", "close"),
    "returns": ("return",),
    "volume": ("turnover", "volume"),
    "changes": ("close",),
}
CRSP_NEGATIVE = "negative prices of CRSP are bid-ask averages; their size is taken, 0 is none"
ALONE = ("close", "price", "adj close", "schlusskurs", "px_last", "prc")  # no symbol, where it is the only column
TIME = r"\d{1,2}:\d\d(:\d\d)?( ?[AaPp]\.?[Mm]\.?)?"
LETTERS = 0.5  # of a column with letters in place of returns, the share of the rest that are numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Wide:
    """Numbers by day and symbol.

    Attributes
    ----------
    days : SessionArray
        Shape (n,), as they stand.
    names : tuple of str
    numbers : Float64Array
        Shape (n, symbols); NaN = missing.
    notes : tuple of str
        What was recognised.
    bars : mapping of str to (SessionArray, mapping of str to Float64Array)
        Of a symbol with more than a price: its days, and its fields on them; see `eventstudy.tables.bars`.
    """

    days: SessionArray
    names: tuple[str, ...]
    numbers: Float64Array
    notes: tuple[str, ...]
    bars: Mapping[str, tuple[SessionArray, Fields]] = field(default_factory=dict)


def shape_of(table: Table) -> Literal["wide", "long", "fields"]:
    """A column per symbol; a line per date and symbol; or a column per field of a symbol."""
    if table.owners:
        return "fields"
    roles = table.roles()
    if "symbol" in roles and any(role in roles for role in FIELDS):
        return "long"
    date = table.date_column()
    rest = [name for i, name in enumerate(table.header) if i != date]
    given = [role_of(name) for name in rest]
    fields = [role for role in given if role in FIELDS]
    others = [name for name, role in zip(rest, given, strict=True) if role not in FIELDS and plain(name) not in BESIDE]
    is_bar = {"close", "high", "low"} <= set(fields)  # of one symbol, whatever else stands there: indicators, turnover
    is_quote = is_bar or (any(role in fields for role in ("close", "adjusted")) and not others)
    prices = [plain(name) for name, role in zip(rest, given, strict=True) if role in FIELDS and role != "volume"]
    is_quote &= len(set(prices)) == len(prices)  # Close (AAPL) and Close (MSFT) are of two symbols
    if is_quote and (len(fields) > 1 or table.is_named or plain(rest[0]) in ALONE):
        return "fields"
    return "wide"


def wide(table: Table, values: Values = "prices") -> Wide:
    """A table of any shape, by day and symbol.

    Raises
    ------
    DataError
        When there is no column of dates or of numbers, and for cells that are neither; names the line.
    """
    table.check_names()
    refuse_bars(table)
    date = table.date_column()
    if table.frame.shape[1] < 2 or not len(table):
        raise DataError("there is no number", where=table.name, remedy="give a date column and one column per asset")
    table = table.without_footer(date)
    shape = shape_of(table)
    if values == "returns":
        table = _without_letters(table, date)
    if shape == "long":
        return _long(table, values, date)
    if shape == "wide":
        table = without_times(table, date)
        date = table.date_column()
    stamps = table.stamps(date)
    said = [*table.notes, *(f"{table.name}: {note}" for note in stamps.notes), *_times(table, stamps)]
    rest = [i for i in range(len(table.header)) if i != date and table.header[i]]
    if len(rest) < len(table.header) - 1:
        said.append(f"{table.name}: a column without a name is left out")
    if shape == "wide":
        numbers = table.numbers(rest, percent=values == "returns")
        names = tuple(table.header[i] for i in rest)
        said += [f"{table.name}: read as Bloomberg's"] if all(_is_bloomberg(name) for name in names) else []
        return Wide(days=stamps.days, names=names, numbers=numbers, notes=tuple(said), bars=table.bars)
    owners = table.owners or (table.symbol,) * len(table.header)
    names = tuple(dict.fromkeys(owners[i] for i in rest))
    chosen: list[int] = []
    paid: list[int | None] = []
    bars: dict[str, tuple[SessionArray, Fields]] = {}
    for name in names:
        fields = {role_of(table.header[i]): i for i in reversed(rest) if owners[i] == name}
        if not table.owners:
            fields |= {role: table.header.index(column) for role, column in table.roles().items()}
        role = _field(table, values, [role for role in fields if role])
        chosen.append(fields[role])
        paid.append(fields.get("dividend") if role == "close" else None)
        if values == "prices" and (own := bars_of(table, {r: i for r, i in fields.items() if r}, role)):
            bars[name] = (stamps.days, own)
    numbers = table.numbers(chosen, percent=values == "returns")
    of_dividends = [(j, i) for j, i in enumerate(paid) if i is not None]
    numbers = np.array(numbers, order="F") if of_dividends else numbers
    held = []
    for j, i in of_dividends:
        numbers[:, j], is_held = _with_dividends(table, stamps.days, numbers[:, j], table.numbers([i])[:, 0])
        held += [names[j]] * is_held
    column = table.header[chosen[0]]
    shown = (
        f"the symbols {', '.join(names[:3])}{' …' if len(names) > 3 else ''}"
        if table.owners
        else f"the symbol {names[0]}"
    )
    column += _and_dividends(table, column, table.header[of_dividends[0][1]]) if of_dividends else ""
    said.append(f"{table.name}: read as {_vendor(table)}: {shown}; {values} are the column {column}")
    said += _held(table, held, table.header[of_dividends[0][1]]) if held else []
    bars = {name: (days, _without_paid(own, name in held)) for name, (days, own) in bars.items()}
    return Wide(days=stamps.days, names=names, numbers=numbers, notes=tuple(said), bars=bars)


def _without_letters(table: Table, date: int) -> Table:
    """The table with the letters that stand for a missing return taken out, and a note where they were."""
    frame, notes = table.frame, []
    symbol = table.roles().get("symbol")
    for i, (name, kind) in enumerate(zip(table.header, frame.dtypes, strict=True)):
        if i == date or name == symbol or (isinstance(kind, np.dtype) and kind.kind in "fiub"):
            continue
        cells = frame.iloc[:, i]
        is_letter = cells.isin(cells_of.NO_RETURN).to_numpy(dtype=bool)
        rest = cells[~is_letter].dropna()
        numeric = pd.to_numeric(rest.astype(str).str.rstrip(" %").str.replace(",", "."), errors="coerce")
        if not is_letter.any() or numeric.notna().mean() < LETTERS:  # names of share classes, and not of missing days
            continue
        rows = np.flatnonzero(is_letter)
        more = f" and {rows.size - 1} more" if rows.size > 1 else ""
        notes.append(
            f"{table.place(int(rows[0]))}, column {table.label(i)}: a vendor's letter for a missing return "
            f"({cells.iloc[rows[0]]}){more}; counted as missing"
        )
        frame = frame.copy(deep=False)
        frame.isetitem(i, cells.astype(object).mask(is_letter).to_numpy(dtype=object))
    return replace(table, frame=frame, notes=(*table.notes, *notes))


def _with_dividends(
    table: Table, days: SessionArray, close: Float64Array, dividends: Float64Array
) -> tuple[Float64Array, bool]:
    """Prices that have earned the dividends as well, in the order of the table; and whether they had already."""
    order = np.argsort(days, kind="stable")
    if "dividend" not in table.options.columns and holds_dividends(close[order], dividends[order]):
        return close, True
    out = np.empty_like(close)
    out[order] = total_return_prices(np.where(close > 0, close, np.nan)[order], dividends[order])
    return np.where(close > 0, out, close), False


def _held(table: Table, names: Sequence[str], dividends: str) -> list[str]:
    """What is said where prices hold their dividends already."""
    shown = f"{', '.join(names[:3])}{' …' if len(names) > 3 else ''}"
    remedy = table.options.mapping("dividend", dividends)
    what = f"the prices of {shown} hold their dividends, by which they do not fall"
    return [f"{table.name}: {what}; {dividends} is not added again ({remedy} to add it all the same)"]


def _without_paid(fields: Fields, is_held: bool) -> Fields:
    return {name: values for name, values in fields.items() if not (is_held and name == "dividend")}


def _and_dividends(table: Table, column: str, dividends: str) -> str:
    """What is said where dividends are added to prices."""
    return f" and the dividends of {dividends} ({table.options.mapping('adjusted', column)} if it has them already)"


def wide_frame(table: Table, values: Values) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """`wide` as a frame with a column ``date``, and its notes."""
    found = wide(table, values)
    return _frame(found), found.notes


def _frame(found: Wide) -> pd.DataFrame:
    frame = pd.DataFrame(found.numbers, columns=list(found.names))
    frame.insert(0, "date", found.days.astype("datetime64[s]"), allow_duplicates=True)
    return frame


def joined(tables: Sequence[Table], values: Values) -> Table:
    """Several tables as one, a row for every date that any of them has.

    Raises
    ------
    DataError
        When two of them have a symbol of the same name, or one has a date twice.
    """
    out: pd.DataFrame | None = None
    notes: list[str] = []
    bars: dict[str, tuple[SessionArray, Fields]] = {}
    for table in tables:
        found = wide(table, values)
        notes += found.notes
        bars |= found.bars
        frame = _frame(found).drop_duplicates()
        if frame["date"].duplicated().any():
            twice = frame["date"][frame["date"].duplicated()].iloc[0]
            raise DataError("a date stands twice", where=table.name, value=str(twice.date()), remedy="keep one")
        if out is None:
            out = frame
            continue
        clash = next((name for name in frame.columns[1:] if name in out.columns), None)
        if clash is not None:
            raise DataError("two files have this symbol", where=table.name, value=clash, remedy="rename one of the two")
        out = out.merge(frame, on="date", how="outer")
    assert out is not None  # there is at least one table
    name = ", ".join(table.name for table in tables)
    return replace(of_frame(out.sort_values("date", ignore_index=True), name), notes=tuple(notes), bars=bars)


def _field(table: Table, values: Values, roles: list[str]) -> str:
    mapped = next((role for role in WANTED[values] if role in table.options.columns), None)
    role = mapped or next((role for role in WANTED[values] if role in roles), None)
    if role is None:
        raise DataError(
            f"there is no column of {values}",
            where=table.name,
            value=", ".join(name for name in table.header if name),
            remedy=table.options.mapping(WANTED[values][-1], "NAME"),
        )
    return role


def _long(table: Table, values: Values, date: int) -> Wide:
    roles = table.roles()
    roles["symbol"] = _symbols(table, roles)
    role = _field(table, values, list(roles))
    symbols = symbols_of(table)
    stamps = table.stamps(date)
    _refuse_times(table, roles, pd.DataFrame({"symbol": symbols, "day": stamps.days}))
    column = table.header.index(roles[role])
    numbers = table.numbers([column], percent=values == "returns")[:, 0]
    what = f"column {roles[role]}"
    fields, held = {}, []
    if values == "prices" and not is_crsp(table):
        fields = bars_of(table, {found: table.header.index(name) for found, name in roles.items()}, role)
    groups = pd.Series(symbols).groupby(symbols).indices if fields else {}
    if role == "close" and values == "prices" and "dividend" in roles and not is_crsp(table):
        dividends = table.numbers([table.header.index(roles["dividend"])])[:, 0]
        numbers = numbers.copy()
        for name, own in groups.items():
            numbers[own], is_held = _with_dividends(table, stamps.days[own], numbers[own], dividends[own])
            held += [str(name)] * is_held
        what += _and_dividends(table, roles[role], roles["dividend"])
    said = [*table.notes, *(f"{table.name}: {note}" for note in stamps.notes), *_times(table, stamps)]
    if values == "prices" and is_crsp(table):
        had = (numbers < 0).any()
        numbers, divisor = crsp_prices(table, numbers)
        if had:
            said.append(f"{table.name}: {CRSP_NEGATIVE}")
        what += divisor and f" / {divisor}"
    said.append(
        f"{table.name}: read as {_vendor(table)}: symbols are the column {roles['symbol']}, {values} the {what}"
    )
    said += _held(table, held, roles["dividend"]) if held else []
    row, days = pd.factorize(stamps.days, sort=True)
    col, names = pd.factorize(symbols)
    out = np.full((len(days), len(names)), np.nan, order="F")
    key = row * len(names) + col
    order = np.argsort(key, kind="stable")
    same = np.flatnonzero(key[order][1:] == key[order][:-1])
    _dispute(table, order, same, numbers)
    out[row, col] = numbers
    bars = {
        str(name): (stamps.days[own], _without_paid({r: v[own] for r, v in fields.items()}, str(name) in held))
        for name, own in groups.items()
    }
    return Wide(
        days=np.asarray(days, dtype="datetime64[D]"),
        names=tuple(map(str, names)),
        numbers=out,
        notes=tuple(said),
        bars=bars,
    )


def _refuse_times(table: Table, roles: Mapping[str, str], keys: pd.DataFrame) -> None:
    """Refuse a column of times where a day has several rows."""
    if "time" not in roles or not keys.duplicated().any():
        return
    if table.cells(roles["time"]).dropna().astype(str).str.strip("0:. ").ne("").any():
        raise DataError(
            "a column of times: these are bars of less than a day", where=table.name, value=roles["time"],
            remedy="give daily data",
        )  # fmt: skip


def without_times(table: Table, date: int) -> Table:
    """A column per symbol, without the column of the times at which each day's prices were taken."""
    roles = table.roles()
    if "time" not in roles or not table.cells(roles["time"]).dropna().astype(str).str.fullmatch(TIME).all():
        return table
    _refuse_times(table, roles, pd.DataFrame({"day": table.stamps(date).days}))
    kept = [i for i, name in enumerate(table.header) if name != roles["time"]]
    note = f"{table.name}: the column {roles['time']} is left out, for a day has one row"
    return replace(table.only(kept), notes=(*table.notes, note))


def _dispute(table: Table, order: np.ndarray, same: np.ndarray, numbers: Float64Array) -> None:
    """Refuse a symbol that has two numbers on one day."""
    first, second = order[same], order[same + 1]
    differ = np.flatnonzero(
        ~((numbers[first] == numbers[second]) | (np.isnan(numbers[first]) & np.isnan(numbers[second])))
    )
    if differ.size:
        i = int(differ[0])
        raise DataError(
            "a symbol stands twice on one day, with different numbers",
            where=table.place(int(second[i])),
            value=float(numbers[second[i]]),
            remedy=f"see also {table.place(int(first[i]))}; keep one",
        )


def symbols_of(table: Table) -> NDArray[np.object_]:
    """The symbol of each row of a long table.

    Raises
    ------
    DataError
        When there is none in a row.
    """
    cells = table.cells(_symbols(table, table.roles()))
    blank = np.flatnonzero(cells.isna().to_numpy())
    if blank.size:
        more = f", and {blank.size - 1} more" if blank.size > 1 else ""
        where = table.place(int(blank[0]))
        raise DataError(f"a row without a symbol{more}", where=where, remedy="fill it in, or take the row out")
    return cells.map(_name_of).to_numpy(dtype=object)


def _symbols(table: Table, roles: dict[str, str]) -> str:
    """The column that names the symbols: of a ticker and an identity of CRSP's, the ticker where it stays the same."""
    column = roles["symbol"]
    identity = next((name for name in table.header if plain(name) == "permno"), None)
    if identity is None or identity == column or "symbol" in table.options.columns:
        return column
    pairs = pd.DataFrame({"a": table.cells(column), "b": table.cells(identity)}).drop_duplicates()
    return column if pairs["a"].is_unique and pairs["b"].is_unique and not pairs["a"].isna().any() else identity


def _name_of(cell: object) -> str:
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()


def _times(table: Table, stamps: Stamps) -> list[str]:
    """What becomes of the time in a column of daily dates."""
    seconds, days = stamps.seconds, stamps.days
    if not seconds.any():
        return []
    weekday = (days.astype(np.int64) + 3) % 7  # 0 is Monday
    if days.size >= 10 and (weekday == 6).any() and not (weekday == 4).any():
        raise DataError(
            "days from Sunday to Thursday: these stamps are midnights of another zone",
            where=table.name,
            value=str(days[0]),
            remedy="write the dates of the sessions, without a time",
        )
    return (
        [f"{table.name}: the dates have a time of day; the day as written is the session"]
        if len(set(seconds.tolist())) > 2
        else []
    )


def is_crsp(table: Table) -> bool:
    """Whether a table has CRSP's names."""
    return any(plain(name) in ("permno", "prc", "dlyprc") for name in table.header)


def crsp_prices(table: Table, numbers: Float64Array) -> tuple[Float64Array, str]:
    """Prices as CRSP means them, and the column that they were divided by.

    Parameters
    ----------
    table : Table
        Of CRSP.
    numbers : Float64Array
        Shape (n,), a column of its prices as it stands: negative where it is the average of bid and ask, 0 for none.
    """
    found: Float64Array = np.where(numbers == 0, np.nan, np.abs(numbers))
    name = table.roles().get("factor")
    if name is None or "adjusted" in table.options.columns:
        return found, ""
    factor = table.numbers([table.header.index(name)])[:, 0]
    return found / np.where(factor > 0, factor, np.nan), name


def _is_bloomberg(name: str) -> bool:
    return name.rpartition(" ")[2].lower() in ("equity", "index", "curncy", "comdty", "corp", "govt")


def _vendor(table: Table) -> str:
    """Whose layout it is."""
    names = {plain(name) for name in table.header}
    raw = {name.strip().lower() for name in table.header}
    signs = {
        "Stooq's": bool(raw & {"<ticker>", "<date>"}),
        "CRSP's": is_crsp(table),
        "Refinitiv's": bool(names & {"ric", "trdprc_1", "instrument", "price close", "acvol_uns"}),
        "Bloomberg's": "px_last" in names or table.is_named or any(map(_is_bloomberg, table.owners)),
        "Yahoo's": "adj close" in names or (bool(table.owners) and "close" in names),
        "two lines of names": bool(table.owners),
        "long": "symbol" in table.roles(),
    }
    return next((vendor for vendor, is_it in signs.items() if is_it), "one symbol")
