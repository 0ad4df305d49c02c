"""Files and frames as tables."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from eventstudy.errors import DataError
from eventstudy.tables import headings, numbers, text
from eventstudy.tables.content import Content, load
from eventstudy.tables.options import Options
from eventstudy.tables.roles import role_of, roles_of
from eventstudy.tables.table import Table
from eventstudy.tables.tidy import tidy

SAMPLED = 5_000  # cells that are looked at for the decimal sign
CELLS = 400_000_000  # of a Parquet file, whose few bytes may stand for very many


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
    whole, payments = text.unprotected(content.data), 0
    if not as_text:
        whole, payments = text.without_payments(whole)
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
    named = headings.symbol_of(above)
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
    return table if as_text else tidy(table)


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
    named = headings.symbol_of(above)
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
    return table if as_text else tidy(table)


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
