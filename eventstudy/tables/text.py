"""Delimited text: where its columns, its names and its numbers begin, and which line a row stands in."""

from __future__ import annotations

import csv
import io
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from eventstudy.errors import DataError
from eventstudy.tables.dates import and_more, are_serial, looks_like_date

HEAD = 256 * 1024  # bytes that are looked at before the rest is read
LONGEST = 4 * 2**20  # bytes of the first line; a hundred thousand columns
LINES = 200
DELIMITERS = "\t;|,"
SERIALS = 5  # rows that make a column of numbers one of dates
PAYMENT = re.compile(rb"^[^\r\n]*[\t,;]\"?[\d.:/]+ (?:Dividend|Stock Splits?)\"?[\t,;]*(?=\r?$)", re.MULTILINE)
PROTECTED = re.compile(rb'"=""([^"\r\n]*)"""|="([^"\r\n]*)"')
FOOTER = 60  # lines at the end that are no rows of the table


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """The rows at the beginning of a text.

    Attributes
    ----------
    rows : list of list of str
        Cells, stripped, of every row that is not blank.
    starts, ends : list of int
        Physical line, from 1, at which each of them starts and ends.
    """

    rows: list[list[str]]
    starts: list[int]
    ends: list[int]


def head_of(data: bytes, name: str) -> str:
    """The beginning of a text, whole lines of it.

    Raises
    ------
    DataError
        When it is empty, or its first line is absurdly long.
    """
    head = data[:HEAD]
    if len(data) > HEAD:
        cut = max(data.find(b"\n", HEAD), data.find(b"\r", HEAD))
        cut = len(data) if cut < 0 else cut + 1
        end = min(x for x in (data.find(b"\n"), data.find(b"\r"), len(data)) if x >= 0)
        if end > LONGEST:
            raise DataError(
                f"a line of more than {LONGEST // 2**20} MB", where=f"{name}, line 1", remedy="give a table in lines"
            )
        head = data[: min(cut, HEAD + LONGEST)]
    text = head.decode("utf-8", "ignore")
    if not text.strip():
        raise DataError("the file is empty", where=name, remedy="give a line of names, and rows")
    return text


def without_payments(data: bytes) -> tuple[bytes, int]:
    """Text whose lines that tell of a dividend or split are empty, as pages of Yahoo's have them; and how many."""
    return PAYMENT.subn(rb"", data) if b" Dividend" in data or b" Stock Split" in data else (data, 0)


def unprotected(data: bytes) -> bytes:
    """Text whose cells such as ``="007"``, which tell a spreadsheet to leave them as they are, stand as they are."""
    return PROTECTED.sub(rb'"\1\2"', data) if b'="' in data else data


def delimiter_of(head: str) -> str:
    """The sign that cuts most lines into the same number of cells."""
    best, found = (0.0, 0), ","
    for sign in DELIMITERS:
        if sign not in head:
            continue
        counts = [len(row) for row in split(head, sign, most=LINES).rows]
        several = [count for count in counts if count > 1]
        if not several:
            continue
        usual = max(set(several), key=several.count)
        # names are the surest line: a sign that stands in them cuts the table, and a comma in 1,5 does not
        score = (counts.count(usual) / len(counts), usual)
        if score[0] > best[0]:
            best, found = score, sign
    return found


def by_tabs(data: bytes) -> bytes | None:
    """Text whose columns are cut by spaces, with tabs in their place; None where its lines do not agree."""
    lines = [line for line in data.splitlines()[:LINES] if line.strip()]
    counts = {len(line.split()) for line in lines}
    if len(lines) < 2 or len(counts) != 1 or counts == {1}:
        return None
    return re.sub(rb"[ \t]+", b"\t", re.sub(rb"^[ \t]+|[ \t]+$", b"", data, flags=re.MULTILINE))


def split(text: str, delimiter: str, most: int | None = None) -> Lines:
    """Rows and their lines; quotes that are broken are left as they are."""
    out = Lines(rows=[], starts=[], ends=[])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=delimiter != "\t")
    before = 0
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                out.rows.append([cell.strip() for cell in row])
                out.starts.append(before + 1)
                out.ends.append(reader.line_num)
            before = reader.line_num
            if most is not None and len(out.rows) >= most:
                break
    except csv.Error:
        pass  # the reading of the whole says what is wrong
    return out


def first_row(rows: Sequence[Sequence[object]]) -> int | None:
    """Position of the first row of a table of dates, whatever stands above it; None where no column holds dates."""
    width = max((len(row) for row in rows), default=0)
    best: tuple[int, int] | None = None
    for column in range(min(width, 40)):
        is_date = [len(row) > column and looks_like_date(row[column]) for row in rows]
        if True not in is_date:
            continue
        for first in (i for i, found in enumerate(is_date) if found):
            below = [found for found, row in zip(is_date[first:], rows[first:], strict=True) if len(row) > 1]
            if below and sum(below) >= 0.5 * len(below):
                if best is None or first < best[0]:
                    best = (first, column)
                break
    return _first_serial(rows) if best is None else best[0]


def _first_serial(rows: Sequence[Sequence[object]]) -> int | None:
    """Position of the first row whose date is a day number of Excel's, where something stands above the names."""
    return next((i for i in range(2, len(rows)) if are_serial([row[0] for row in rows[i : i + SERIALS]])), None)


def offset_of(data: bytes, line: int) -> int:
    """Where the line with this number, from 1, begins."""
    at = 0
    for _ in range(line - 1):
        ends = [x for x in (data.find(b"\n", at), data.find(b"\r", at)) if x >= 0]
        if not ends:
            return len(data)
        at = min(ends) + 1
        if data[at - 1 : at + 1] == b"\r\n":
            at += 1
    return at


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """The rows of a text behind its names, and how they are written.

    Attributes
    ----------
    data : bytes
        The whole text, UTF-8.
    start, line : int
        Where the rows begin: in bytes, and in lines from 1.
    name : str
        Names the text in errors.
    width : int
        Number of columns.
    delimiter : str
    decimal : {".", ","}
    texts : tuple of int
        Columns that stay text.
    missing : tuple of str
        What counts as blank in the others.
    """

    data: bytes
    start: int
    line: int
    name: str
    width: int
    delimiter: str
    decimal: str
    texts: tuple[int, ...]
    missing: tuple[str, ...]

    def frame(self) -> tuple[pd.DataFrame, tuple[str, ...]]:
        """A frame with columns 0, 1, …, in which cells that are no numbers are text; and what was left out.

        Raises
        ------
        DataError
            For a row with too many or too few cells, and for quotes that do not end; names the line.
        """
        try:
            frame = self._read()
        except pd.errors.EmptyDataError:
            return pd.DataFrame({i: pd.Series(dtype=object) for i in range(self.width)}), ()
        except (pd.errors.ParserError, pd.errors.ParserWarning, ValueError, OverflowError):
            return self._row_by_row(None)
        return self._row_by_row(frame) if self._may_be_short(frame) else (frame, ())

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """First line and cells of every row that pandas takes for one.

        Raises
        ------
        DataError
            For broken quotes and a field that is too large.
        """
        lines = io.TextIOWrapper(self._bytes(), encoding="utf-8", newline="")
        reader = csv.reader(lines, delimiter=self.delimiter, strict=True, skipinitialspace=self.delimiter != "\t")
        before = 0
        try:
            for row in reader:
                if len(row) > 1 or (row and row[0].strip()):
                    yield self.line + before, [cell.strip() for cell in row]
                before = reader.line_num
        except csv.Error as error:
            raise DataError(
                f"not CSV ({error})",
                where=f"{self.name}, line {self.line + before}",
                remedy="mend the quotes of this line",
            ) from None

    def _bytes(self) -> io.BytesIO:
        out = io.BytesIO(self.data)
        out.seek(self.start)
        return out

    def _read(self, rows: int | None = None) -> pd.DataFrame:
        values: object = list(self.missing)
        if len(self.texts) > 1 and len(self.missing) > 1:  # by column, which is slow for thousands of them
            values = {i: [""] if i in self.texts else list(self.missing) for i in range(self.width)}
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)  # a row longer than the names would lose its end
            found: pd.DataFrame = pd.read_csv(  # type: ignore[call-overload]  # stubs want names of columns that are text
                self._bytes(),
                sep=self.delimiter,
                header=None,
                names=list(range(self.width)),
                index_col=False,
                dtype="str" if len(self.texts) >= self.width else dict.fromkeys(self.texts, "str"),
                keep_default_na=False,
                na_values=values,
                skipinitialspace=self.delimiter != "\t",
                encoding="utf-8",
                on_bad_lines="error",
                low_memory=False,
                decimal=self.decimal,
                nrows=rows,
            )
        return found

    def _may_be_short(self, frame: pd.DataFrame) -> bool:
        """Whether a row has fewer cells than there are names; pandas fills it up without a word."""
        if self.width == 1 or not len(frame) or not frame[self.width - 1].isna().any():
            return False
        if self.data.find(b'"', self.start) >= 0:
            return True
        return self.data.count(self.delimiter.encode(), self.start) != len(frame) * (self.width - 1)

    def _row_by_row(self, frame: pd.DataFrame | None) -> tuple[pd.DataFrame, tuple[str, ...]]:
        """Look at every row: name the one that is wrong, or leave out what stands below the table."""
        wrong: list[tuple[int, int, list[str]]] = []  # row, line, cells
        count = 0
        for line, cells in self.rows():
            if len(cells) != self.width:
                wrong.append((count, line, cells))
            count += 1
        if not wrong:
            return (self._read() if frame is None else frame), ()
        row, line, cells = wrong[0]
        if row > 0 and count - row == len(wrong) <= FOOTER and all(_is_prose(cells) for *_, cells in wrong):
            note = f"{self.name}: what stands below the table, from line {line} on, is left out"
            return self._read(row), (note,)
        cell, column = "cell" if len(cells) == 1 else "cells", "column" if self.width == 1 else "columns"
        remedy = "correct the line; put quotes around a text that holds the separator"
        if self.delimiter == "," and len(wrong) == count and len(cells) == 2 * self.width - 1:
            remedy = "these look like decimal commas: save the file with semicolons, or with quotes around numbers"
        raise DataError(
            f"{len(cells)} {cell} under {self.width} {column}{and_more(len(wrong))}",
            where=f"{self.name}, line {line}",
            remedy=remedy,
        )


def _is_prose(cells: Sequence[str]) -> bool:
    """Whether a line below a table is no row of it that was cut short."""
    return not looks_like_date(cells[0]) and (len(cells) <= 2 or not any(map(looks_like_number, cells)))


def looks_like_number(cell: str) -> bool:
    """Whether a cell begins as numbers do."""
    return cell.strip("+-($€ ")[:1].isdigit()
