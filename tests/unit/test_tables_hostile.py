"""Tables as programs and people leave them: read with a note, or refused with the line and what works when typed."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xlsxwriter

from eventstudy.errors import DataError
from eventstudy.prices.files_read import read_sheet
from eventstudy.tables.options import Options
from eventstudy.tables.reading import read_table
from eventstudy.tables.shapes import Wide, wide

BASE = pd.read_csv(Path(__file__).parents[1] / "data" / "tables" / "base.csv").head(30)
LINES = BASE.to_csv(index=False).splitlines()
LAST = len(LINES) + 1  # the line behind the table


def read(path: Path, **options: str) -> Wide:
    return wide(read_table(path, Options(**options)))  # type: ignore[arg-type]


def write(folder: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path = folder / "prices.csv"
    path.write_bytes("\n".join([*lines, ""]).encode(encoding))
    return path


def dated(form: str) -> list[str]:
    days = pd.to_datetime(BASE["date"])
    text = (days.astype("int64") // 10**9).astype(str) if form == "unix" else days.dt.strftime(form)
    unit = days.astype("datetime64[s]").astype("int64") if form == "unix" else None
    return (BASE.assign(date=text if unit is None else unit)).to_csv(index=False).splitlines()


def changed(row: int, text: str) -> list[str]:
    return [text if i == row else line for i, line in enumerate(LINES)]


PRICED = [LINES[0], *(re.sub(r",([\d.]+)", r",EUR \1", line) for line in LINES[1:])]
INDEXED = ["," + LINES[0], *(f"{i},{line}" for i, line in enumerate(LINES[1:]))]


@pytest.mark.parametrize(
    ("lines", "encoding", "said"),
    [
        ([*LINES, "Total,9,9,9"], "utf-8", f"line {LAST}: what stands at the end where a date should (Total)"),
        ([*LINES, "", "Mittelwert,9,9,9"], "utf-8", "(Mittelwert)"),
        ([*LINES, "as of 28.11.2026,,,"], "utf-8", "(as of 28.11.2026)"),
        (INDEXED, "utf-8", "a column without a name is left out"),
        (PRICED, "utf-8", ""),
        ([line.replace(",", "   ") for line in LINES], "utf-8", ""),
        (dated("unix"), "utf-8", "dates are read as Unix counts time"),
        (LINES, "utf-16-le", ""),
    ],
    ids=["total", "mean", "source", "index", "currency", "spaces", "unix", "utf-16"],
)
def test_a_table_is_read_as_it_is_meant(tmp_path: Path, lines: list[str], encoding: str, said: str) -> None:
    found = read(write(tmp_path, *lines, encoding=encoding))
    assert found.names == ("MKT", "AAA", "BBB")
    np.testing.assert_array_equal(found.days, BASE["date"].to_numpy().astype("datetime64[D]"))
    np.testing.assert_allclose(found.numbers, BASE[["MKT", "AAA", "BBB"]], rtol=0, atol=1e-9)
    assert any(said in note for note in found.notes) if said else not found.notes


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (
            changed(7, "Total,1,2,3"),
            "line 8, column date: not a date (got 'Total'); take the line out, or",
        ),
        (changed(7, ",1,2,3"), "line 8, column date: not a date but a blank cell; take the line out, or"),
        (changed(7, "2019-02-30,1,2,3"), "line 8, column date: not a date"),
        (["symbol," + ",".join(BASE["date"]), "MKT" + ",1" * len(BASE)], "the dates stand in the first line"),
        (["<html><body>no</body></html>"], "a web page (HTML), and no table"),
        (['{"a": 1}'], "JSON, and no table"),
        (["not a table at all"], "there is one column only"),
        ([LINES[0], *(line.replace(".", ",") for line in LINES[1:])], "these look like decimal commas"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line_and_what_to_do(
    tmp_path: Path, lines: list[str], says: str
) -> None:
    with pytest.raises(DataError, match=re.escape(says)):
        read(write(tmp_path, *lines))


@pytest.mark.parametrize("form", ["%d.%m.%y", "%d/%m/%y", "%d-%b-%y", "%d %b %y", "%d%b%y"])
def test_the_remedy_for_years_of_two_digits_works_when_it_is_typed(tmp_path: Path, form: str) -> None:
    path = write(tmp_path, *dated(form))
    with pytest.raises(DataError, match="two-digit years") as caught:
        read(path)
    remedy = re.search(r"--date-format ('[^']+'|\S+)", str(caught.value))
    assert remedy is not None
    found = read(path, date_format=remedy[1].strip("'"))
    np.testing.assert_array_equal(found.days, BASE["date"].to_numpy().astype("datetime64[D]"))


def test_a_sheet_ends_where_its_dates_end_and_another_sheet_is_named(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "book.xlsx") as book:
        for name in ("Old", "New"):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["Portfolio of the desk"])
            sheet.write_row(2, 0, list(BASE))
            for i, row in enumerate(BASE.itertuples(index=False)):
                sheet.write_row(3 + i, 0, list(row))
            sheet.write_row(len(BASE) + 4, 0, ["Total", 1, 2, 3])
            sheet.write_row(len(BASE) + 5, 0, ["Source: desk"])
    found = read(tmp_path / "book.xlsx")
    np.testing.assert_allclose(found.numbers, BASE[["MKT", "AAA", "BBB"]], rtol=0, atol=1e-9)
    assert any(f"row {len(BASE) + 5}: what stands at the end" in note for note in found.notes)
    assert any("to read another, write --sheet NAME" in note for note in found.notes)
    assert not any("another" in note for note in read(tmp_path / "book.xlsx", sheet="New").notes)


def test_a_readme_packed_with_a_table_is_no_second_table(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "prices.zip", "w") as archive:
        archive.writestr("README.txt", "hello\n")
        archive.writestr("prices.csv", "\n".join(LINES))
    assert read(tmp_path / "prices.zip").names == ("MKT", "AAA", "BBB")


def test_the_files_of_a_source_are_read_alike_and_a_line_that_is_repeated_counts_once(tmp_path: Path) -> None:
    sheet = read_sheet(write(tmp_path, *LINES, LINES[-1], "Total,9,9,9"), Options(voice="key"), None)
    assert len(sheet.table) == len(BASE)
    assert any("the same line a second time; counts once" in note for note in sheet.notes)
    assert any("(Total) is left out" in note for note in sheet.notes)
