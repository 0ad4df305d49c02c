"""One table, wherever it came from: names, cells, and where each row stands."""

from __future__ import annotations

import datetime as dt
import io
import itertools
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.errors import DataError
from eventstudy.tables import dates, headings, numbers, text
from eventstudy.tables.content import Content, load
from eventstudy.tables.dates import Stamps
from eventstudy.tables.options import Options
from eventstudy.tables.roles import REMARKS, role_of, roles_of

SAMPLED = 5_000  # cells that are looked at for the decimal sign
CELLS = 400_000_000  # of a Parquet file, whose few bytes may stand for very many


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table as it stands.

    Attributes
    ----------
    name : str
        Names it in errors: a file, or ``prices``.
    frame : DataFrame
        Columns 0, 1, …; the index is the position of each row in the file.
    header : tuple of str
        Name of each column; of two lines of names the lower, where the upper says whose they are.
    owners : tuple of str
        Whose column it is, by an upper line of names; empty where there is one line.
    symbol : str
        Whose table it is, as said above it or by the name of the file.
    is_named : bool
        Whether that is said above it.
    decimal : str or None
        Decimal sign of cells that are text; None where nothing says which.
    options : Options
    notes : tuple of str
        What was recognised or guessed.
    bars : mapping
        As of `eventstudy.tables.shapes.Wide`, of the tables that this one is made of.
    lines : callable
        Positions of rows → words for where they stand.
    """

    name: str
    frame: pd.DataFrame
    header: tuple[str, ...]
    owners: tuple[str, ...] = ()
    symbol: str = ""
    is_named: bool = False
    decimal: str | None = None
    options: Options = field(default_factory=Options)
    notes: tuple[str, ...] = ()
    bars: Mapping[str, Any] = field(default_factory=dict, compare=False)
    lines: Callable[[int], str] = field(default=lambda row: f"row {row + 2}", repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.frame)

    def place(self, row: int) -> str:
        """Where a row stands: file and line."""
        return f"{self.name}, {self.lines(int(self.frame.index[row]))}"

    def where(self, rows: Any) -> Table:
        """The rows that a mask chooses."""
        return replace(self, frame=self.frame[rows])

    def cells(self, column: str) -> pd.Series:
        """A column by its name."""
        return self.frame.iloc[:, self.header.index(column)]

    def roles(self) -> dict[str, str]:
        """The column of each role; see `eventstudy.tables.roles.roles_of`."""
        return roles_of(self.options.columns, self.header, self.name)

    def roles_given(self) -> dict[str, str]:
        """The columns that the options map, and that are there."""
        return {role: name for role, name in self.options.columns.items() if name in self.header}

    def check_names(self) -> None:
        """Refuse two columns of one name, unless an upper line tells them apart.

        Raises
        ------
        DataError
        """
        names = (
            list(zip(self.owners, self.header, strict=True)) if self.owners else [(name, "") for name in self.header]
        )
        if len(set(names)) == len(names):
            return
        seen: set[tuple[str, str]] = set()
        for name in names:
            if name in seen and any(name):
                raise DataError(
                    "two columns have the same name",
                    where=self.name,
                    value=" ".join(filter(None, name)),
                    remedy="rename one",
                )
            seen.add(name)

    def date_column(self) -> int:
        """Position of the dates: the column of that role, else the first, if it holds dates.

        Raises
        ------
        DataError
            When there is none.
        """
        name = self.roles().get("date")
        if name is not None:
            return self.header.index(name)
        first = self.frame.iloc[:, 0] if self.frame.shape[1] else pd.Series(dtype=object)
        if len(first):
            is_number = pd.api.types.is_numeric_dtype(first.dtype)
            some = dates.parse(first.head(1000), self.options)
            order = some.days[~some.is_blank]
            rising = order.size > 1 and bool((order[1:] > order[:-1]).all() or (order[1:] < order[:-1]).all())
            readable = int((~some.is_blank & (~some.wrong | some.is_ambiguous)).sum())
            if readable and readable >= 0.5 * int((~some.is_blank).sum()) and (not is_number or rising):
                return 0
        first_name = self.header[0] if self.header else ""
        if sum(map(dates.looks_like_date, self.header)) > len(self.header) / 2:
            raise DataError(headings.TURNED, where=self.name, value=self.header[1], remedy=headings.TURN)
        if len(self.header) == 1:
            remedy = "give a table with a column of dates and one of numbers"
            raise DataError(
                "there is one column only, so it is no table", where=self.name, value=first_name, remedy=remedy
            )
        raise DataError(
            "there is no column of dates: none is called date, and the first holds none",
            where=self.name,
            value=first_name,
            remedy=self.options.mapping("date", "NAME"),
        )

    def stamps(self, column: int) -> Stamps:
        """A column as dates.

        Raises
        ------
        DataError
            When a cell is blank or no date.
        """
        cells = self.frame.iloc[:, column]
        found = dates.parse(cells, self.options)
        found = replace(found, wrong=found.wrong | found.is_blank)
        dates.refuse(found, cells, self.place, self.options, self.header[column])
        return found

    def without_footer(self, column: int) -> Table:
        """Without what stands at the end where a date should: totals, averages, sources."""
        cells, end = self.frame.iloc[:, column], len(self)
        while end > 1 and len(self) - end < text.FOOTER and self._is_footer(cells.iloc[end - 1], end - 1):
            end -= 1
        if end == len(self):
            return self
        note = f"{self.place(end)}: what stands at the end where a date should ({cells.iloc[end]}) is left out"
        return replace(self, frame=self.frame.iloc[:end], notes=(*self.notes, note))

    def _is_footer(self, cell: object, row: int) -> bool:
        if not isinstance(cell, str) or dates.looks_like_date(cell):
            return False
        return not any(map(str.isdigit, cell)) or bool(self.frame.iloc[row].isna().sum() == self.frame.shape[1] - 1)

    def numbers(self, columns: Sequence[int], *, percent: bool = False) -> np.ndarray:
        """Columns as numbers, shape (rows, columns), an asset side by side; NaN where there is none.

        Raises
        ------
        DataError
            One, however many cells are wrong.
        """
        if all(isinstance(kind, np.dtype) and kind.kind in "fiu" for kind in self.frame.dtypes.iloc[list(columns)]):
            return self.frame.iloc[:, list(columns)].to_numpy(dtype=float)  # at once: one at a time takes seconds
        wrong: list[numbers.Wrong] = []
        decimal = self.decimal or self._sign(columns)
        out = [numbers.column(self.frame.iloc[:, i], decimal, self.label(i), wrong, percent=percent) for i in columns]
        numbers.refuse(wrong, self.place, self.options)
        return np.column_stack(out) if out else np.empty((len(self), 0))

    def label(self, column: int) -> str:
        """A column as it is called in errors."""
        owner = f"{self.owners[column]} " if self.owners and self.owners[column] else ""
        return f"{owner}{self.header[column]}"

    def _sign(self, columns: Sequence[int]) -> str | None:
        """The decimal sign, by what stands in the columns."""
        frame = self.frame.iloc[:, list(columns)]
        if any(isinstance(kind, np.dtype) and kind.kind == "f" for kind in frame.dtypes) and any(
            (column.dropna() % 1 != 0).any() for _, column in frame.select_dtypes("float").items()
        ):
            return "."
        texts = (cell for _, column in frame.items() for cell in column.tolist() if isinstance(cell, str))
        return numbers.decimal_sign(texts)


def read_table(path: Path, options: Options | None = None, *, as_text: bool = False) -> Table:
    """A file as a table: delimited text, a workbook, Parquet or Stata, packed or not.

    Parameters
    ----------
    path : Path
    options : Options, optional
    as_text : bool
        Whether cells of text files stay text as written, as ids and tickers must; then the first line is the names.

    Raises
    ------
    DataError
        When it is no table; names the line.
    OSError
        When it cannot be read.
    """
    return table_of(load(path), options or Options(), symbol=_stem(path), as_text=as_text)


def table_of(content: Content, options: Options, *, symbol: str = "", as_text: bool = False) -> Table:
    """The table in the content of a file; see `read_table`."""
    if content.kind == "excel":
        return _of_workbook(content, options, symbol, as_text)
    if content.kind != "text":
        frame = _parquet(content) if content.kind == "parquet" else _stata(content)
        table = of_frame(frame, content.name, options)
        return replace(table, symbol=symbol, lines=lambda row: f"row {row + 1}")
    return _of_text(content, options, symbol, as_text)


def of_frame(frame: pd.DataFrame, name: str, options: Options | None = None) -> Table:
    """A frame of pandas' as a table; its index is a column of dates, or two of dates and symbols, where it is one."""
    index = frame.index
    if isinstance(index, pd.MultiIndex) or (
        not isinstance(index, pd.RangeIndex)
        and (isinstance(index, pd.DatetimeIndex | pd.PeriodIndex) or role_of(str(index.name)) == "date")
    ):
        names = [
            str(level) if level is not None else "date" if i == 0 else "symbol" for i, level in enumerate(index.names)
        ]
        levels = frame.columns.nlevels
        index = index.set_names(names)
        frame = frame.set_axis(index, axis=0).reset_index(col_level=levels - 1 if levels > 1 else 0)
    else:
        frame = frame.reset_index(drop=True)
    if isinstance(frame.columns, pd.MultiIndex):
        heads = [
            [str(cell).strip() for cell in frame.columns.get_level_values(i)] for i in range(frame.columns.nlevels)
        ]
        header, owners = headings.named(heads)
    else:
        header, owners = headings.named([frame.columns.tolist()])
    frame = frame.set_axis(range(frame.shape[1]), axis=1)
    return Table(
        name=name, frame=frame, header=header, owners=owners, options=options or Options(voice="frame"), symbol=name
    )


def _stem(path: Path) -> str:
    stem = path.name
    for suffix in (".gz", ".zip", *path.suffixes[-1:]):
        stem = stem.removesuffix(suffix)
    return stem.partition(".csv")[0] if ".csv" in stem else stem


def _of_text(content: Content, options: Options, symbol: str, as_text: bool) -> Table:
    whole, payments = (content.data, 0) if as_text else text.without_payments(content.data)
    content = replace(content, data=whole)
    head = text.head_of(content.data, content.name)
    _refuse_other(head, content.name)
    if not any(sign in head for sign in text.DELIMITERS) and (spaced := text.by_tabs(content.data)) is not None:
        content = replace(content, data=spaced)
        head = text.head_of(spaced, content.name)
    delimiter = text.delimiter_of(head)
    lines = text.split(head, delimiter, most=text.LINES)
    top, first = (0, 1) if as_text else headings.find(lines.rows, lines.starts)
    header, owners = headings.named(lines.rows[top:first])
    width = len(header)
    seen = lines.rows[first:]
    usual = [len(row) for row in seen if len(row) > width]
    if usual and len(usual) == len(seen) and not any(any(row[width:]) for row in seen):
        pad = ("",) * (max(usual) - width)  # every line ends with a separator, and the names do not
        header, owners, width = (*header, *pad), (*owners, *pad) if owners else (), max(usual)
    start_line = (lines.ends[first - 1] + 1) if first else 1
    start = text.offset_of(content.data, start_line)
    decimal = options.decimal or _sign_of_head(seen)
    texts = _text_columns(header, options, content.name) if not as_text else list(range(width))
    body = text.Body(
        data=content.data, start=start, line=start_line, name=content.name, width=width, delimiter=delimiter,
        decimal=decimal if decimal == "," else ".", texts=tuple(texts), missing=("",) if as_text else numbers.SPELT,
    )  # fmt: skip
    frame, notes = body.frame()
    above = lines.rows[:top]
    named = next(
        (r[1] for r in above if len(r) > 1 and r[0].lower() in ("security", "ticker", "symbol", "ric", "instrument")),
        "",
    )
    said = [*content.notes, *notes]
    if payments:
        said.append(f"{content.name}: lines that tell of a dividend or a split are left out: {payments}")
    if decimal == "," and not options.decimal:
        said.append(f"{content.name}: read with a decimal comma")
    if top:
        said.append(
            f"{content.name}: the names are in line {lines.starts[first - 1]}; what stands above them is left out"
        )
    known: list[int] = []

    def where(row: int) -> str:
        if not known:
            known.extend(line for line, _ in body.rows())
        return f"line {known[row]}"

    table = Table(
        name=content.name, frame=frame, header=header, owners=owners, symbol=named or symbol, is_named=bool(named),
        decimal=decimal, options=options, notes=tuple(said), lines=where,
    )  # fmt: skip
    return table if as_text else _of_one_date(_trimmed(table))


def _refuse_other(head: str, name: str) -> None:
    """Refuse text that is known to be no table."""
    begin = head.lstrip()[:100].lower()
    kind = "a web page (HTML)" if begin.startswith(("<!doctype html", "<html", "<table")) else ""
    kind = "JSON" if begin.startswith(("{", "[{", "[[")) else kind
    if kind:
        raise DataError(f"{kind}, and no table", where=name, remedy="open it, and save the table as CSV or xlsx")


def _sign_of_head(rows: Sequence[Sequence[str]]) -> str | None:
    """The decimal sign that the first rows prove; of a wide table, some of its columns."""
    step = 1 + sum(map(len, rows)) // SAMPLED
    return numbers.decimal_sign(cell for row in rows for cell in row[::step])


def _text_columns(header: Sequence[str], options: Options, name: str) -> list[int]:
    """Columns that pandas must not take for numbers: dates such as 20230317, and symbols such as 007."""
    roles = roles_of(options.columns, header, name)
    found = {header.index(roles[role]) for role in ("date", "symbol", "time") if role in roles}
    return sorted(found | {0} | {i for i, column in enumerate(header) if role_of(column) == "date"})


def _trimmed(table: Table) -> Table:
    """Without rows in which nothing stands, and without columns of nothing that have no name of their own."""
    frame = table.frame
    names = [table.label(i) for i in range(frame.shape[1])]
    first = {name: i for i, name in reversed(list(enumerate(names)))}
    series = table.owners or table.header
    failed = [i for i, name in enumerate(series) if i > 0 and name[:1] in ("#", "$") and numbers.says_nothing(name)]
    meant = table.options.columns.values()
    remarks = [i for i, name in enumerate(table.header) if i > 0 and name not in meant and REMARKS.fullmatch(name)]
    left = {*failed, *(i for i in remarks if not _has_numbers(frame.iloc[:, i]))}
    left |= {
        i
        for i, name in enumerate(names)
        if i > 0 and (not table.header[i] or first[name] != i) and frame.iloc[:, i].isna().all()
    }
    if left:
        table = _with_columns(table, [i for i in range(frame.shape[1]) if i not in left])
        frame = table.frame
    if failed:
        note = (
            f"{table.name}: a column called {names[failed[0]]}, as a vendor calls what it could not find, is left out"
        )
        table = replace(table, notes=(*table.notes, note))
    if len(frame) and frame.shape[1]:
        maybe = frame.iloc[:, 0].isna().to_numpy()
        if maybe.any():
            empty = np.zeros(len(frame), dtype=bool)
            empty[maybe] = frame[maybe].isna().all(axis=1)
            table = replace(table, frame=frame[~empty])
    return table


def _has_numbers(cells: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(cells.dtype) and bool(cells.notna().any())


def _with_columns(table: Table, kept: list[int]) -> Table:
    frame = table.frame.iloc[:, kept].set_axis(range(len(kept)), axis=1)
    owners = tuple(table.owners[i] for i in kept) if table.owners else ()
    return replace(table, frame=frame, header=tuple(table.header[i] for i in kept), owners=owners)


def _of_one_date(table: Table) -> Table:
    """Of tables beside each other, each with dates of its own, one; a row for every date that any of them has.

    Raises
    ------
    DataError
        When one of them has a date twice.
    """
    if not headings.are_side_by_side(table.header) or "date" in table.options.columns:
        return table
    frame, width = table.frame, len(table.header)
    starts = [i for i, name in enumerate(table.header) if role_of(name) == "date"]
    parts, places = [], []
    for start, end in itertools.pairwise([*starts, width]):
        part = frame.iloc[:, start:end].dropna(subset=frame.columns[start])
        again = part.iloc[:, 0].duplicated().to_numpy()
        if again.any():
            row = part.index[again][0]
            where = f"{table.name}, {table.lines(int(row))}"
            raise DataError("a date stands twice", where=where, value=str(part.iloc[:, 0][row]), remedy="keep one")
        places.append(pd.Series(part.index, index=part.iloc[:, 0]))
        parts.append(part.set_index(part.columns[0]))
    whole = pd.concat(parts, axis=1)
    rows = pd.concat(places).groupby(level=0).first()[whole.index]
    whole = whole.reset_index(names=0).set_axis(rows.to_numpy(), axis=0)[[0, *whole.columns]]
    days = pd.Series(dates.parse(whole[0], table.options).days, index=whole[0].to_numpy())
    steps = [np.diff(days[part.index].to_numpy()).astype(float) for part in parts]
    if all(not (step <= 0).any() or not (step >= 0).any() for step in steps):  # else no order, which is refused later
        whole = whole.iloc[np.argsort(days.to_numpy(), kind="stable")]
    kept = [0, *(i for i in range(width) if i not in starts)]
    note = f"{table.name}: {len(starts)} tables beside each other, each with its dates, are joined by them"
    joined = _with_columns(replace(table, frame=frame.iloc[:0]), kept)
    return replace(joined, frame=whole.set_axis(range(len(kept)), axis=1), notes=(*table.notes, note))


def _of_workbook(content: Content, options: Options, symbol: str, as_text: bool) -> Table:
    """A sheet of a workbook: the one that is asked for, else the first that holds a table."""
    try:
        from python_calamine import CalamineError, CalamineWorkbook
    except ImportError:
        raise DataError(
            "workbooks need python-calamine, which is not installed",
            where=content.name,
            remedy='pip install "eventstudy-service[excel]", or save the sheet as CSV',
        ) from None
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content.data))
        names = list(book.sheet_names)
        if options.sheet and options.sheet not in names:
            raise DataError(
                "there is no such sheet",
                where=content.name,
                value=options.sheet,
                remedy=f"sheets are {', '.join(names)}",
            )
        sheets = {
            name: rows
            for name in ([options.sheet] if options.sheet else names)
            if (rows := book.get_sheet_by_name(name).to_python(skip_empty_area=False))
        }
    except (CalamineError, OSError, ValueError, zipfile.BadZipFile) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(
            f"not a workbook that can be read ({error})", where=content.name, remedy="save it again"
        ) from error
    if not sheets:
        raise DataError("the workbook is empty", where=content.name, remedy="give a line of names, and rows")
    name = next(
        (n for n, rows in sheets.items() if as_text or text.first_row(rows[: text.LINES]) is not None),
        next(iter(sheets)),
    )
    table = _of_rows(sheets[name], content, options, symbol, as_text)
    others = f" of {', '.join(sheets)}" if len(sheets) > 1 and not options.sheet else ""
    if others and any(n != name and text.first_row(rows[: text.LINES]) is not None for n, rows in sheets.items()):
        others += f"; to read another, {options.remedy('sheet', 'NAME')}"
    return replace(
        table, notes=(*table.notes, f"{content.name}: read from the sheet {name}{others}") if others else table.notes
    )


def _of_rows(rows: list[list[Any]], content: Content, options: Options, symbol: str, as_text: bool) -> Table:
    filled = [i for i, row in enumerate(rows) if any(cell not in ("", None) for cell in row)]
    top, first = (
        (0, 1)
        if as_text
        else headings.find([rows[i] for i in filled[: text.LINES]], [i + 1 for i in filled[: text.LINES]])
    )
    heads = [rows[i] for i in filled[top:first]]
    header, owners = headings.named(heads)
    above = [rows[i] for i in filled[:top]]
    named = next(
        (
            str(r[1])
            for r in above
            if len(r) > 1 and str(r[0]).strip().lower() in ("security", "ticker", "symbol", "ric")
        ),
        "",
    )
    body = [rows[i] for i in filled[first:]]
    frame = pd.DataFrame(
        [[None if cell == "" else cell for cell in row] for row in body], columns=range(len(header)), dtype=object
    )
    frame = frame.set_axis(pd.Index(filled[first:]), axis=0)
    frame = frame.map(as_written) if as_text else frame.infer_objects()
    table = Table(
        name=content.name, frame=frame, header=header, owners=owners, symbol=named or symbol, is_named=bool(named),
        decimal=options.decimal or None, options=options, notes=content.notes, lines=lambda row: f"row {row + 1}",
    )  # fmt: skip
    return table if as_text else _of_one_date(_trimmed(table))


def as_written(cell: Any) -> str | None:
    """A cell of a workbook as it would stand in a CSV file."""
    if cell is None or cell is pd.NA or cell != cell:  # noqa: PLR0124  # NaN and NaT are not equal to themselves
        return None
    if isinstance(cell, dt.datetime) and cell.time() == dt.time() and cell.tzinfo is None:
        return cell.date().isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.isoformat() if isinstance(cell, dt.date) else str(cell).strip()


def _parquet(content: Content) -> pd.DataFrame:
    try:
        import pyarrow.parquet
    except ImportError:
        raise DataError(
            "Parquet needs pyarrow, which is not installed",
            where=content.name,
            remedy='pip install "eventstudy-service[parquet]", or give CSV',
        ) from None
    try:
        facts = pyarrow.parquet.ParquetFile(io.BytesIO(content.data)).metadata
        if facts.num_rows * facts.num_columns > CELLS:
            raise DataError(
                f"more than {CELLS:,} cells", where=content.name, remedy="give the columns and days that are studied"
            )
        return pd.read_parquet(io.BytesIO(content.data))
    except (ValueError, OSError, ImportError) as error:
        if isinstance(error, DataError):
            raise
        raise DataError(f"not a Parquet file ({error})", where=content.name, remedy="write it again") from error


def _stata(content: Content) -> pd.DataFrame:
    try:
        return pd.read_stata(io.BytesIO(content.data))
    except Exception as error:  # a damaged file raises whatever its bytes lead to
        raise DataError(
            f"not a Stata file that can be read ({error})", where=content.name, remedy="save it again"
        ) from error
