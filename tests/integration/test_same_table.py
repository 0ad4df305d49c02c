"""One table in CSV, a workbook, LaTeX and Parquet, read back equal by pandas, openpyxl, pdflatex and DuckDB."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pytest

from tests.support.command import eventstudy
from tests.support.holed import tables

TESTS = "cross_sectional_t,patell_z,bmp_t,sign_z,wilcoxon,portfolio_t"
ARGUMENTS = (
    "--benchmark",
    "MKT",
    "--window",
    "0:0",
    "--window",
    "-1:1",
    "--estimation",
    "-120:-11",
    "--stars",
    "--tests",
    TESTS,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("same")
    prices, events = tables(40, 6)
    prices.to_csv(folder / "prices.csv", index=False)
    events.assign(group=["5% & $_{}#"[: 5 + i % 6] for i in range(len(events))]).to_csv(
        folder / "events.csv", index=False
    )
    files = ("--prices", folder / "prices.csv", "--events", folder / "events.csv")
    for name in ("table.csv", "table.xlsx", "table.tex", "table.parquet"):
        done = eventstudy("study", *files, *ARGUMENTS, "-o", folder / name)
        assert done.code == 3, done.err
    return folder


@pytest.fixture(scope="module")
def table(folder: Path) -> pd.DataFrame:
    return pd.read_parquet(folder / "table.parquet")


def test_csv_by_pandas(folder: Path, table: pd.DataFrame) -> None:
    found = pd.read_csv(folder / "table.csv", keep_default_na=False, na_values={"p_value": ""})
    assert list(found.columns) == list(table.columns)
    assert len(found) == len(table) > 60
    assert found["p_value"].dropna().tolist() == table["p_value"].dropna().tolist()
    assert [text.lstrip("'") for text in found["group_name"]] == table["group_name"].tolist()
    about = pd.read_csv(folder / "table.csv.columns.csv", keep_default_na=False)
    assert about["column"].tolist() == list(table.columns)
    assert (about["meaning"] != "").all()


def test_the_workbook_by_openpyxl(folder: Path, table: pd.DataFrame) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.load_workbook(folder / "table.xlsx")
    sheet = book["answer"]
    head, *rows = sheet.iter_rows(values_only=True)
    assert list(head) == list(table.columns)
    assert sheet.freeze_panes == "A2"
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    place = head.index("p_value")
    found = pd.Series([row[place] for row in rows], dtype=float)
    pd.testing.assert_series_equal(found, table["p_value"], check_names=False, check_exact=True)
    assert all(isinstance(row[place], (int, float, type(None))) for row in rows)
    assert [row[0] for row in rows] == table["group_name"].tolist()


def test_parquet_by_duckdb(folder: Path, table: pd.DataFrame) -> None:
    duckdb = pytest.importorskip("duckdb")
    rows = duckdb.sql(f"select group_name, test, p_value from '{folder / 'table.parquet'}'").fetchall()
    assert [row[2] for row in rows] == [None if pd.isna(p) else p for p in table["p_value"]]
    assert [row[:2] for row in rows] == list(zip(table["group_name"], table["test"], strict=True))


@pytest.mark.skipif(
    not (shutil.which("pdflatex") and shutil.which("pdftotext")),
    reason="needs pdflatex (texlive) and pdftotext (poppler)",
)
def test_latex_compiles_and_says_the_same(folder: Path, table: pd.DataFrame) -> None:
    body = (folder / "table.tex").read_text("utf-8")
    document = (
        "\\documentclass{article}\\usepackage[T1]{fontenc}\\usepackage{booktabs,longtable}"
        "\\usepackage[paperwidth=120cm,paperheight=100cm,margin=1cm]{geometry}\\begin{document}\\setlength{\\LTleft}{0pt}\n"
        f"{body}\\end{{document}}\n"
    )
    (folder / "paper.tex").write_text(document, "utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Overfull" not in done.stdout
    subprocess.run(["pdftotext", "-layout", "paper.pdf"], cwd=folder, check=True)
    text = (folder / "paper.txt").read_text("utf-8").replace("\u2212", "-").replace("\u2013", "-")
    tests = set(table["test"])
    seen = [words for words in map(str.split, text.splitlines()) if tests & set(words)]
    assert len(seen) == len(table)
    for words, row in zip(seen, table.itertuples(), strict=True):
        assert {row.test, str(row.n_events), str(row.window_end)} <= set(words), words
        assert " ".join(words).startswith(row.group_name.strip())
        if pd.notna(row.p_value):
            assert f"{row.p_value:.6g}" in words, words
        assert words[-1] == row.stars or not row.stars
    assert "below 0.1, 0.05 and 0.01" in text
    assert "market model (least squares on MKT)" in text
