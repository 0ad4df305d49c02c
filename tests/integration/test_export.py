"""`eventstudy export`: whole tables as files, each with what its columns mean."""

from __future__ import annotations

import csv
import json
import re
import sqlite3
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from tests.integration.conftest import Demo
from tests.support.command import eventstudy
from tests.support.passes import run, write_config

VIEWS = {"reactions": "reactions", "daily": "daily_reactions", "collections": "collections"}


def written(database: Path, path: Path, what: str, *options: object) -> Path:
    done = eventstudy("export", what, *options, "--db", database, "-o", path)
    assert (done.code, done.out, done.err) == (0, "", "")
    return path


def whole(database: Path, view: str) -> pd.DataFrame:
    connection = sqlite3.connect(database)
    try:
        return pd.read_sql(f"select * from {view}", connection)
    finally:
        connection.close()


@pytest.mark.parametrize("what", VIEWS)
def test_a_file_has_every_row_and_column_of_the_view_and_says_what_they_mean(
    demo: Demo, tmp_path: Path, what: str
) -> None:
    frame = pd.read_parquet(written(demo.database, tmp_path / "x.parquet", what))
    view = whole(demo.database, VIEWS[what])
    assert list(frame.columns) == list(view.columns)
    assert len(frame) == len(view) > 20
    number = {"reactions": "car", "daily": "ar", "collections": "caar"}[what]
    np.testing.assert_array_equal(np.sort(frame[number]), np.sort(view[number]))
    about = pd.read_csv(tmp_path / "x.parquet.columns.csv", keep_default_na=False)
    assert list(about.column) == [*view.columns, "terms of use"]
    assert (about.meaning != "").all()
    assert dict(zip(about.column, about.unit, strict=True))[number] == "decimal"
    field = pq.read_schema(tmp_path / "x.parquet").field(number)
    assert field.metadata[b"unit"] == b"decimal"
    assert field.metadata[b"meaning"]


def test_a_workbook_has_the_meanings_on_a_sheet_of_its_own(demo: Demo, tmp_path: Path) -> None:
    book = written(demo.database, tmp_path / "x.xlsx", "reactions", "--asset", "dollar-index", "--since", 2022)
    sheets = pd.read_excel(book, sheet_name=None, engine="calamine")
    assert list(sheets) == ["answer", "columns"]
    assert set(sheets["answer"].asset) == {"dollar-index"}
    assert list(sheets["columns"].column) == [*sheets["answer"].columns, "terms of use"]
    assert [path.name for path in tmp_path.iterdir()] == ["x.xlsx"]


def test_prices_are_those_that_the_archive_reads(demo: Demo, tmp_path: Path) -> None:
    frame = pd.read_csv(written(demo.database, tmp_path / "x.csv", "prices"))
    symbols = set(frame.symbol)
    assert {"USDCNY", "EURCHF"} <= symbols
    for symbol in ("USDCNY", "EURCHF"):
        shown = eventstudy("prices", "export", symbol, "--db", demo.database).out.splitlines()
        ours = list(csv.DictReader(line for line in shown if not line.startswith("#")))
        mine = frame[frame.symbol == symbol]
        assert list(mine.session) == [row["date"] for row in ours]
        np.testing.assert_allclose(mine.close, [float(row["close"]) for row in ours], rtol=1e-14)
    about = pd.read_csv(tmp_path / "x.csv.columns.csv", keep_default_na=False)
    assert (about.meaning != "").all()


@pytest.mark.parametrize("suffix", ["csv", "jsonl", "md", "tex", "html", "parquet", "xlsx"])
def test_every_export_carries_the_terms_of_use_of_its_prices(demo: Demo, tmp_path: Path, suffix: str) -> None:
    path = written(demo.database, tmp_path / f"x.{suffix}", "reactions", "--asset", "dollar-index")
    terms = "free to use where the ECB is named as their source"
    if suffix == "xlsx":
        assert terms in pd.read_excel(path, sheet_name="columns", engine="calamine").iloc[-1].meaning
        return
    assert terms in (tmp_path / f"x.{suffix}.columns.csv").read_text("utf-8").splitlines()[-1]
    if suffix == "parquet":
        assert terms in pq.read_schema(path).metadata[b"terms of use"].decode()
    elif suffix in ("md", "tex", "html"):
        assert terms in path.read_text("utf-8").splitlines()[-1]


def test_terms_of_yahoo_are_those_of_whatever_source_yfinance_answered_for(demo: Demo, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    with sqlite3.connect(demo.database) as source, sqlite3.connect(copy) as target:
        source.backup(target)
        target.execute("update snapshots set version = 'yfinance 0.2.66', source = 'desk' where symbol = 'EURCHF'")
        target.execute("update series set source = 'desk' where symbol = 'EURCHF'")
    done = eventstudy("prices", "export", "EURCHF", "--db", copy, "--output", tmp_path / "x.csv")
    assert done.err == (
        "Prices of Yahoo Finance: for personal use under Yahoo's terms, which passing them on may go beyond.\n"
    )


HOSTILE = r"=x & 50% of $y_1 {#} ~^\ <b>|[*"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    run(write_config(folder, ("title: A visit", f"title: '{HOSTILE}'")))
    return folder / "es.db"


def test_a_study_has_every_test_of_every_average_in_every_form(demo: Demo, tmp_path: Path) -> None:
    frame = pd.read_parquet(written(demo.database, tmp_path / "x.parquet", "study", "--stars"))
    stored = whole(demo.database, "collection_tests")
    assert len(frame) == len(stored) > 100
    np.testing.assert_array_equal(np.sort(frame["p_value"].dropna()), np.sort(stored["p_value"].dropna()))
    p = frame["p_value"]
    expected = np.select([p < 0.01, p < 0.05, p < 0.1], ["***", "**", "*"], "")
    assert frame["stars"].fillna("").tolist() == expected.tolist()
    assert {"**", "*", ""} <= set(expected)
    csv_file = written(demo.database, tmp_path / "x.csv", "study", "--stars")
    text = pd.DataFrame(list(csv.DictReader(csv_file.read_text("utf-8").splitlines())))
    book = pd.read_excel(written(demo.database, tmp_path / "x.xlsx", "study", "--stars"), engine="calamine")
    lines = written(demo.database, tmp_path / "x.tex", "study", "--stars").read_text("utf-8").splitlines()
    rows = [line.removesuffix(r" \\").split(" & ") for line in lines if line.count(" & ") == len(frame.columns) - 1][1:]
    assert len(text) == len(book) == len(rows) == len(frame)
    assert text["test"].tolist() == book["test"].tolist() == frame["test"].tolist()
    assert [row[11].replace(r"\_", "_") for row in rows] == frame["test"].tolist()
    np.testing.assert_array_equal([float(cell or "nan") for cell in text["p_value"]], p)
    np.testing.assert_allclose(book["p_value"], p, rtol=1e-15)  # a workbook has 16 digits


def test_stars_need_a_p(demo: Demo, tmp_path: Path) -> None:
    done = eventstudy("export", "daily", "--stars", "--db", demo.database, "-o", tmp_path / "x.csv")
    assert (done.code, (tmp_path / "x.csv").exists()) == (2, False)
    assert "--stars needs a column p_adjusted, p_value or p" in done.err


def test_no_title_is_a_command_of_latex(hostile: Path, tmp_path: Path) -> None:
    path = written(hostile, tmp_path / "x.tex", "reactions", "--event", "visit", "--columns", "title,car,window_start")
    text = path.read_text("utf-8")
    title = (
        r"=x \& 50\% of \$y\_1 \{\#\} \textasciitilde{}\textasciicircum{}\textbackslash{} \textless{}b\textgreater{}"
    )
    lines = [line for line in text.splitlines() if line.startswith("=x")]
    assert lines
    assert all(line.startswith(rf"{title}\textbar{{}}[* & ") for line in lines)
    assert all(len(re.findall(r"(?<!\\)&", line)) == 2 and line.endswith(r" \\") for line in lines)
    assert r"\begin{longtable}{lrr}" in text
    for rule in (r"\toprule", r"\midrule", r"\bottomrule"):
        assert text.count(rule) == 1
    written(hostile, path, "reactions", "--columns", "reason")  # no column before a text that begins with a bracket


class _Cells(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  # its shape
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_no_title_is_markup(hostile: Path, tmp_path: Path) -> None:
    cells = _Cells()
    cells.feed(written(hostile, tmp_path / "x.html", "reactions", "--event", "visit").read_text("utf-8"))
    assert HOSTILE in cells.texts
    assert cells.tags == {"meta", "title", "table", "thead", "tbody", "tr", "th", "td", "p"}
    book = written(hostile, tmp_path / "x.xlsx", "reactions", "--event", "visit")
    with zipfile.ZipFile(book) as parts:
        assert b"<f>" not in b"".join(parts.read(name) for name in parts.namelist() if "worksheets" in name)
    table = written(hostile, tmp_path / "x.md", "reactions", "--event", "visit", "--columns", "title,car").read_text()
    assert "<b>" not in table
    assert len(re.findall(r"(?<!\\)\|", table.splitlines()[2])) == 3


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["prices", "--asset", "x", "-o", "x.csv"], 2, "the query prices takes no --asset"),
        (["daily", "--min-t", "2", "-o", "x.csv"], 2, "the query daily takes no --min-t"),
        (["daily", "-o", "x.doc"], 2, "what is x.doc to be?"),
        (["daily", "--columns", "tau,nothing", "-o", "x.csv"], 1, "no such column (got 'nothing')"),
        (["studies", "-o", "x.csv"], 2, "'studies' is not one of"),
        (["daily"], 2, "Missing option '-o'"),
    ],
)
def test_a_wrong_export_is_one_line_and_leaves_no_file(
    demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], code: int, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = eventstudy("export", *arguments, "--db", demo.database)
    assert (done.code, done.out) == (code, "")
    assert words in done.err
    assert len(done.err.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_says_which_files_there_would_be_and_leaves_none(demo: Demo, tmp_path: Path) -> None:
    done = eventstudy("export", "reactions", "-o", tmp_path / "x.csv", "--db", demo.database, "--dry-run")
    assert (done.code, done.out) == (0, "")
    told = dict(line.removeprefix("would be written: ").split(", ") for line in done.err.splitlines())
    assert list(tmp_path.iterdir()) == []
    written(demo.database, tmp_path / "x.csv", "reactions")
    assert told == {str(path): f"{path.stat().st_size:,} bytes" for path in tmp_path.iterdir()}


def test_json_lines_have_numbers_as_numbers(demo: Demo, tmp_path: Path) -> None:
    path = written(demo.database, tmp_path / "x.jsonl", "daily", "--event", "brexit-vote-2016", "--study", "total")
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert {row["event_id"] for row in rows} == {"brexit-vote-2016"}
    assert all(isinstance(row["tau"], int) and isinstance(row["ar"], float) for row in rows)
