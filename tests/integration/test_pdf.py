"""`--pdf`: sheets with page numbers, the words of the page, its colours in charts, and the same bytes every time."""

from __future__ import annotations

import io
import sys

import pytest

from eventstudy.errors import InputError
from eventstudy.report import paper
from tests.support.command import eventstudy
from tests.support.passes import rows, run, write_config

pypdf = pytest.importorskip("pypdf")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pdf")
    run(write_config(folder), only=["meeting"])
    return folder


@pytest.fixture(scope="module")
def made(folder):
    """The PDF of an event, once as the command wrote it."""
    try:
        paper.required()
    except InputError as error:
        pytest.skip(str(error))
    done = eventstudy("report", "--config", folder / "config.yaml", "meeting", "--pdf")
    assert (done.code, done.err) == (0, "")
    assert done.out.endswith(f"PDF:    {folder}/reports/meeting.pdf\n")
    return (folder / "reports" / "meeting.pdf").read_bytes()


def test_it_has_the_answer_and_numbered_sheets_under_the_title(folder, made):
    sheets = pypdf.PdfReader(io.BytesIO(made)).pages
    words = [" ".join(sheet.extract_text().split()) for sheet in sheets]
    assert "No detectable reaction" in words[0]
    title = words[0].partition(" Announced ")[0].removeprefix("DID MARKETS REACT? ")
    for n, said in enumerate(words, 1):
        assert f"{n} / {len(sheets)}" in said
        assert title in said, "the title stands over every sheet"
    assert "every window, test and day" not in " ".join(words), "what is closed on the page is not on paper"


def test_charts_have_the_colours_of_the_bright_page(made):
    drawn = b"".join(sheet.get_contents().get_data() for sheet in pypdf.PdfReader(io.BytesIO(made)).pages)
    # stroke and fill: the curve, the news, the band; and nothing of a dark page
    for colour, operator in (("0072b2", "RG"), ("b34700", "RG"), ("56b4e9", "rg")):
        assert f"{shares(colour)} {operator}\n".encode() in drawn, colour
    assert f"{shares('6db7f2')} RG".encode() not in drawn


def shares(colour):
    """A colour as a PDF has it: ``0 0.447059 0.698039``."""
    return " ".join(f"{round(int(colour[n : n + 2], 16) / 255, 6):g}" for n in (0, 2, 4))


def test_any_page_of_ours_is_printed_and_equal_ones_are_equal_and_nothing_else_is(folder, made, tmp_path):
    digest = folder / "reports" / "digest.html"
    done = eventstudy("report", "--pdf", tmp_path / "digest.pdf", digest)
    assert (done.code, done.out) == (0, f"PDF: {tmp_path}/digest.pdf\n")
    printed = (tmp_path / "digest.pdf").read_bytes()
    assert paper.as_pdf(digest.read_text("utf-8")) == printed
    date = next(other.stem for other in digest.parent.glob("digest-*.html")).removeprefix("digest-")
    for pdf, day in ((printed, date), (made, fetched(folder))):
        assert pypdf.PdfReader(io.BytesIO(pdf)).metadata.creation_date.date().isoformat() == day
    other = tmp_path / "other.html"
    other.write_text("<p>Something else</p>", "utf-8")
    done = eventstudy("report", digest, "--pdf", tmp_path / "dry.pdf", "--dry-run")
    assert (done.code, (tmp_path / "dry.pdf").exists()) == (2, False)
    done = eventstudy("report", other, "--pdf")
    assert (done.code, "is no page of a database" in done.err) == (1, True)


@pytest.mark.parametrize("option", [("--dry-run",), ("--format", "text"), ("--language", "de"), ("--out", "x.html")])
def test_a_page_that_is_there_is_printed_as_it_stands_or_not_at_all(folder, tmp_path, option):
    digest = folder / "reports" / "digest.html"
    done = eventstudy("report", digest, "--pdf", tmp_path / "digest.pdf", *option)
    assert (done.code, "takes the page alone" in done.err) == (2, True)
    assert not (tmp_path / "digest.pdf").exists()


def fetched(folder):
    """The day on which the prices were fetched."""
    return rows(folder / "es.db", "select substr(max(fetched_at), 1, 10) from snapshots")[0][0]


@pytest.mark.long
def test_equal_pages_give_equal_bytes_with_charts_too(folder, made):
    assert paper.as_pdf((folder / "reports" / "meeting.html").read_text("utf-8")) == made


def test_without_the_extra_the_error_says_what_to_install(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    done = eventstudy("report", "--config", folder / "config.yaml", "meeting", "--pdf")
    assert done.code == 1
    assert "pip install 'eventstudy-service[pdf]'" in done.err
    done = eventstudy("study", "--prices", "p.csv", "--events", "e.csv", "--report", "x.html", "--pdf")
    assert (done.code, "[pdf]" in done.err) == (1, True)


def test_a_study_needs_a_place_for_its_pdf():
    done = eventstudy("study", "--prices", "p.csv", "--events", "e.csv", "--pdf")
    assert (done.code, "--pdf: name a file" in done.err) == (2, True)
