"""`eventstudy docs WORD`: the section that a word is about."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eventstudy.cli import docs
from tests.support.command import eventstudy

PAGES = Path(__file__).parents[2] / "docs"


def test_every_page_is_listed_with_its_title() -> None:
    found = json.loads(eventstudy("docs", "--json").out)["pages"]
    assert {page["page"] for page in found} >= {page.name for page in PAGES.glob("*.md")}
    assert {"page": "schema.md", "title": "The results database"} in found


@pytest.mark.parametrize(
    ("word", "place"),
    [
        ("benchmark", "glossary.md#what-is-studied"),  # a word of the glossary
        ("revised_results", "schema.md#revised_results"),  # a heading
        ("Prices in doubt", "evidence.md#prices-in-doubt"),
        ("--into", "commands.md#eventstudy-study"),  # a row of the reference
    ],
)
def test_a_word_leads_to_the_section_that_is_about_it(word: str, place: str) -> None:
    done = eventstudy("docs", "--json", "--", word)
    found = json.loads(done.out)
    assert found["place"] == place
    page, _, _ = place.partition("#")
    assert found["text"].strip()
    assert all(line in (PAGES / page).read_text("utf-8") for line in found["text"].splitlines())


def test_the_meaning_of_a_word_comes_first() -> None:
    lines = eventstudy("docs", "factor").out.splitlines()
    assert lines[0] == "glossary.md#what-is-studied"
    assert lines[2] == "factor – One of several benchmarks used together."


def test_a_heading_within_code_is_none(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("# Title\n\n```sh\n# a comment\n```\n\n## Next `part`\n\ntext\n")
    assert [(s.heading, s.level, s.anchor) for s in docs.sections(tmp_path)] == [
        ("Title", 1, "title"),
        ("Next part", 2, "next-part"),
    ]


def test_a_word_that_is_nowhere_is_said_so() -> None:
    done = eventstudy("docs", "xyzzy")
    assert (done.code, done.out) == (1, "")
    assert "no such word (got 'xyzzy'); try a shorter one" in done.err
    assert "did you mean 'evidence'?" in eventstudy("docs", "evidense").err
