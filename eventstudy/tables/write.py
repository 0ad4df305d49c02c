"""Tables that leave: rows as CSV, JSON, JSON lines, Markdown, LaTeX, HTML, Parquet and a workbook, one at a time.

Standard library only, but for Parquet and workbooks, which are extras.
"""

from __future__ import annotations

import binascii
import io
import itertools
import json
import math
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from eventstudy.errors import InputError

Columns = Sequence[str]
Rows = Iterable[Sequence[Any]]
Kinds = Mapping[str, type]  # column → float, int or str, where it is known
About = Sequence[tuple[str, str, str]]  # name, unit and meaning of each column, then TERMS and theirs
TERMS = "terms of use"

# A spreadsheet takes a text that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_PARQUET_ROWS = 50_000
_SHEET_ROWS = 1_048_575  # below the header
_CELL_CHARACTERS = 32_767
# Ends of windows by the clock, which a column of one kind has as text: minutes, or words such as close.
MINUTES_OR_WORDS = frozenset({"window_start", "window_end"})
_EXACT = 2**53  # the largest whole number that a cell of a workbook holds exactly


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One way to write a table.

    Attributes
    ----------
    name : str
    suffixes : tuple of str
        Of files that are written so.
    pieces : callable, optional
        Columns and rows → pieces of text.
    save : callable, optional
        Columns, rows, kinds of the columns, a binary file and what the columns mean; where it is not text.
    note : callable, optional
        A sentence → the text that shows it under the table; where it is text.
    has_sheets : bool
        Whether there is a place in the file for what the columns mean.
    """

    name: str
    suffixes: tuple[str, ...]
    pieces: Callable[[Columns, Rows], Iterator[str]] | None = None
    save: Callable[[Columns, Rows, Kinds, BinaryIO, About], None] | None = None
    note: Callable[[str], str] | None = None
    has_sheets: bool = False

    def write(
        self, columns: Columns, rows: Rows, kinds: Kinds, file: BinaryIO, about: About = (), note: str = ""
    ) -> None:
        """Write the table to a binary file, and a `note` below it where there is room for one; text as UTF-8."""
        if self.save is not None:
            self.save(columns, rows, kinds, file, about)
        elif self.pieces is not None:
            file.writelines(piece.encode() for piece in self.pieces(columns, rows))
            if self.note is not None:
                file.writelines(self.note(words).encode() for words in (*filter(None, [note]), *terms_in(about)))


def terms_in(about: About) -> list[str]:
    """The terms of use that the data are under."""
    return [words for name, _, words in about if name == TERMS]


def shown(value: Any) -> str:
    """A value as text: bytes in base64."""
    return binascii.b2a_base64(value, newline=False).decode() if isinstance(value, bytes) else str(value)


def csv_pieces(columns: Columns, rows: Rows) -> Iterator[str]:
    """Comma-separated values: numbers in full, and an apostrophe before a text that a spreadsheet would compute."""
    import csv  # a table that is looked at needs none of them

    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    for row in itertools.chain([columns], rows):
        writer.writerow([_harmless(shown(value)) if isinstance(value, (str, bytes)) else value for value in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text


def json_pieces(columns: Columns, rows: Rows) -> Iterator[str]:
    """One object with the columns, and a row each as an object."""
    head = json.dumps({"schema": "eventstudy.query/1", "columns": list(columns)}, ensure_ascii=False, indent=2)
    yield f'{head[:-2]},\n  "rows": ['
    separator = "\n"
    for row in rows:
        yield separator + textwrap.indent(_object(columns, row, 2), "    ")
        separator = ",\n"
    yield "]\n}\n" if separator == "\n" else "\n  ]\n}\n"


def jsonl_pieces(columns: Columns, rows: Rows) -> Iterator[str]:
    """A line with an object for every row."""
    for row in rows:
        yield _object(columns, row, None) + "\n"


def _object(columns: Columns, row: Sequence[Any], indent: int | None) -> str:
    # SQLite knows infinity, JSON does not
    values = [None if value in (math.inf, -math.inf) else value for value in row]
    return json.dumps(dict(zip(columns, values, strict=True)), ensure_ascii=False, indent=indent, default=_in_json)


def _in_json(value: object) -> object:
    """What JSON has no form for; bytes as sqlite-utils writes and reads them."""
    if isinstance(value, bytes):
        return {"$base64": True, "encoded": shown(value)}
    return str(value)


def markdown_pieces(columns: Columns, rows: Rows) -> Iterator[str]:
    """A table of GitHub's Markdown."""
    yield _markdown_row(columns)
    yield f"|{'---|' * len(columns)}\n"
    for row in rows:
        yield _markdown_row(row)


def _markdown_row(row: Sequence[Any]) -> str:
    return f"| {' | '.join(map(_markdown_cell, row))} |\n"


def _markdown_cell(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        return shown(value)
    for character, written in (("\\", "\\\\"), ("|", "\\|"), ("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        value = value.replace(character, written)
    for character in "`*[]":
        value = value.replace(character, f"\\{character}")
    return " ".join(value.split())


def html_pieces(columns: Columns, rows: Rows) -> Iterator[str]:
    """A page with one table."""
    import html

    yield '<!doctype html>\n<meta charset="utf-8">\n<title>eventstudy</title>\n<table>\n<thead>'
    yield f"<tr>{''.join(f'<th>{html.escape(name)}</th>' for name in columns)}</tr></thead>\n<tbody>\n"
    for row in rows:
        cells = ("" if value is None else html.escape(shown(value)) for value in row)
        yield f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>\n"
    yield "</tbody>\n</table>\n"


def _html_note(words: str) -> str:
    import html

    return f"<p>{html.escape(words)}</p>\n"


# Characters that LaTeX takes for commands.
_LATEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    **{character: f"\\{character}" for character in "{}&%$#_"},
}


def latex_pieces(columns: Columns, rows: Rows) -> Iterator[str]:
    """A table that breaks over pages, by the packages booktabs and longtable; numbers have six digits."""
    yield "% \\usepackage[T1]{fontenc}\n% \\usepackage{booktabs,longtable}\n"
    source = iter(rows)
    first = list(itertools.islice(source, 1))
    sides = "".join("r" if isinstance(value, (int, float)) else "l" for value in (first or [columns])[0])
    yield f"\\begin{{longtable}}{{{sides}}}\n\\toprule\n{_latex_row(columns)}\\midrule\n\\endhead\n"
    for row in itertools.chain(first, source):
        yield _latex_row(row)
    yield "\\bottomrule\n\\end{longtable}\n"


def _latex_row(row: Sequence[Any]) -> str:
    return f"{' & '.join(map(_latex_cell, row))} \\\\\n"


def _latex_cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, (int, float)):
        text = f"{value:.6g}"
        return f"$-${text[1:]}" if text.startswith("-") else text
    text = "".join(_LATEX.get(character, character) for character in " ".join(shown(value).split()))
    return f"{{}}{text}" if text.startswith(("[", "*")) else text  # after the end of a row these would be options


def save_parquet(columns: Columns, rows: Rows, kinds: Kinds, file: BinaryIO, about: About = ()) -> None:
    """Parquet, in groups of 50,000 rows; needs the extra `parquet`.

    Raises
    ------
    InputError
        When pyarrow is not installed, or a column holds numbers and text.
    """
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ModuleNotFoundError:
        raise _missing("Parquet", "pyarrow", "parquet") from None
    source = iter(rows)
    first = list(itertools.islice(source, _PARQUET_ROWS))
    meanings = {name: {"unit": unit, "meaning": words} for name, unit, words in about}
    schema = pa.schema(
        [
            pa.field(name, _arrow_type(pa, name, i, first, kinds), metadata=meanings.get(name))
            for i, name in enumerate(columns)
        ],
        metadata={TERMS: " ".join(terms_in(about))} if terms_in(about) else None,
    )
    with pq.ParquetWriter(file, schema) as writer:
        batch = first
        while True:
            arrays = [_arrow(pa, schema.field(i), [row[i] for row in batch]) for i in range(len(columns))]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
            batch = list(itertools.islice(source, _PARQUET_ROWS))
            if not batch:
                return


def _arrow_type(pa: Any, name: str, place: int, rows: Sequence[Sequence[Any]], kinds: Kinds) -> Any:
    """Type of a column: as it is known to be, else as its first values are."""
    found = {type(row[place]) for row in rows} - {type(None)}
    if not found:
        found = {kinds.get(name, str)}
    if found <= {int} and kinds.get(name) is not float:
        return pa.int64()
    if found <= {int, float}:
        return pa.float64()
    return pa.binary() if found == {bytes} else pa.string()


def _arrow(pa: Any, field: Any, values: list[Any]) -> Any:
    if field.name in MINUTES_OR_WORDS and field.type == pa.string():
        values = [None if value is None else str(value) for value in values]
    try:
        return pa.array(values, type=field.type)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        raise InputError(
            f"the column {field.name} holds several kinds of values, and a Parquet column holds one",
            where="query",
            remedy="use cast(… as text) or cast(… as real) in the statement",
        ) from None


def save_xlsx(columns: Columns, rows: Rows, kinds: Kinds, file: BinaryIO, about: About = ()) -> None:
    """A workbook with typed cells and a header that stays, and a sheet of what columns mean; needs the extra `excel`.

    Raises
    ------
    InputError
        When xlsxwriter is not installed, or there are more rows than a sheet has.
    """
    try:
        import xlsxwriter
    except ModuleNotFoundError:
        raise _missing("a workbook", "xlsxwriter", "excel") from None
    # texts stay texts: no formulas, no links, no numbers out of a hostile title
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        bold = book.add_format({"bold": True})
        _fill(book.add_worksheet("answer"), columns, rows, kinds, bold)
        if about:
            _fill(book.add_worksheet("columns"), ("column", "unit", "meaning"), about, {}, bold)


def _fill(sheet: Any, columns: Columns, rows: Rows, kinds: Kinds, bold: Any) -> None:
    for i, name in enumerate(columns):
        sheet.set_column(i, i, max(10, min(len(name) + 2, 30)) if kinds.get(name) in (int, float) else 20)
        sheet.write_string(0, i, name, bold)
    sheet.freeze_panes(1, 0)
    for n, row in enumerate(rows, 1):
        if n > _SHEET_ROWS:
            raise InputError(f"a sheet has {_SHEET_ROWS:,} rows", where="xlsx", remedy="ask for fewer, or write CSV")
        for i, value in enumerate(row):
            _write_cell(sheet, n, i, value)


class _Exact(float):
    """A number with all its digits in whatever form: xlsxwriter writes 16, and one in two needs the 17th."""

    def __format__(self, _form: str) -> str:
        return repr(float(self)).removesuffix(".0")


def _write_cell(sheet: Any, row: int, column: int, value: Any) -> None:
    if value is None:
        return
    if isinstance(value, (int, float)) and math.isfinite(value) and (isinstance(value, float) or abs(value) <= _EXACT):
        sheet.write_number(row, column, _Exact(value))
    else:
        sheet.write_string(row, column, shown(value)[:_CELL_CHARACTERS])


def _missing(what: str, library: str, extra: str) -> InputError:
    return InputError(
        f"{what} needs {library}, which is not installed",
        remedy=f'pip install "eventstudy-service[{extra}]", or use --format csv',
    )


FORMATS: dict[str, Format] = {
    found.name: found
    for found in (
        Format(name="csv", suffixes=(".csv",), pieces=csv_pieces),
        Format(name="json", suffixes=(".json",), pieces=json_pieces),
        Format(name="jsonl", suffixes=(".jsonl", ".ndjson"), pieces=jsonl_pieces),
        Format(
            name="markdown",
            suffixes=(".md", ".markdown"),
            pieces=markdown_pieces,
            note=lambda s: f"\n{_markdown_cell(s)}\n",
        ),
        Format(name="parquet", suffixes=(".parquet", ".pq"), save=save_parquet),
        Format(name="xlsx", suffixes=(".xlsx",), save=save_xlsx, has_sheets=True),
        Format(
            name="latex",
            suffixes=(".tex",),
            pieces=latex_pieces,
            note=lambda s: f"\n\\par\\noindent{{\\footnotesize {_latex_cell(s)}\\par}}\n",
        ),
        Format(
            name="html",
            suffixes=(".html", ".htm"),
            pieces=html_pieces,
            note=_html_note,
        ),
    )
}
