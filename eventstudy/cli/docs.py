"""``eventstudy docs``: the section of the documentation that a word is about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import click

from eventstudy.cli.common import emit_json, json_option, printable
from eventstudy.errors import InputError
from eventstudy.hints import hint

_HEADING = re.compile(r"^(#{1,6}) +(.+?) *$")
_RULE = re.compile(r"^\|[ :|-]+\|$")  # below the head of a table
_FENCE = re.compile(r"^(```|~~~)")
MOST_SHOWN = 8  # other sections that are named


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands below it, up to the next one."""

    page: Path
    heading: str
    level: int
    lines: tuple[str, ...]

    @property
    def anchor(self) -> str:
        """As hosts of Markdown make it of the heading."""
        return re.sub(r"[^\w\- ]", "", self.heading.lower()).strip().replace(" ", "-")

    @property
    def place(self) -> str:
        """Page and anchor."""
        return f"{self.page.name}#{self.anchor}"

    def rows(self) -> list[list[str]]:
        """The cells of its tables below their heads, without the marks of Markdown."""
        following = (*self.lines[1:], "")
        found = zip(self.lines, following, strict=True)
        lines = (
            line.strip().strip("|")
            for line, below in found
            if line.startswith("|") and not _RULE.match(line) and not _RULE.match(below)
        )
        return [[_plain(cell).strip() for cell in line.split(" | ")] for line in lines]


@click.command("docs")
@click.argument("word", nargs=-1)
@click.option("--open", "is_opened", is_flag=True, help="Open the page in the web browser, or what else shows it.")
@json_option
def command(word: tuple[str, ...], is_opened: bool, as_json: bool) -> None:
    """Show the section of the documentation that a word is about; without one, list the pages.

    WORD is a command, an option, a test, a column, a setting, or a word of the glossary.

    \b
    eventstudy docs placebo
    eventstudy docs revised_results
    """  # noqa: D301  # click wants the character itself
    found = sections(folder())
    text = " ".join(word).strip()
    if not text:
        pages = [section for section in found if section.level == 1]
        if as_json:
            emit_json(
                {"schema": "eventstudy.docs/1", "pages": [{"page": s.page.name, "title": s.heading} for s in pages]}
            )
            return
        for section in pages:
            click.echo(f"{section.page.stem:14}{section.heading}")
        return
    ranked = rank(found, text)
    if not ranked:
        words = [
            word for section in found for word in (section.page.stem, section.heading, *(r[0] for r in section.rows()))
        ]
        remedy = hint(text, words, "try a shorter one")
        raise InputError("the documentation has no such word", where="docs", value=text, remedy=remedy)
    first, *others = ranked
    if is_opened:
        click.launch(str(first.page))
        click.echo(first.place, err=True)
        return
    if as_json:
        told = {"place": first.place, "heading": first.heading, "text": "\n".join(first.lines)}
        emit_json({"schema": "eventstudy.docs/1", **told, "also": [s.place for s in others[:MOST_SHOWN]]})
        return
    row = [f"{' – '.join(cells)}\n" for cells in first.rows() if cells[0].lower() == text.lower()]
    body = "\n".join([first.place, "", *row, first.heading, "=" * len(first.heading), *first.lines]).rstrip()
    click.echo_via_pager("\n".join(map(printable, body.splitlines())) + "\n")
    if others:
        click.echo(f"Also: {', '.join(s.place for s in others[:MOST_SHOWN])}", err=True)


def folder() -> Path:
    """The pages: inside the wheel, or at the root of a checkout."""
    package = Path(__file__).resolve().parents[1]
    inside = package / "docs"
    return inside if inside.is_dir() else package.parent / "docs"


def sections(pages: Path) -> list[Section]:
    """Every section of every page, by the name of the page."""
    out = []
    for page in sorted(pages.glob("*.md")):
        heading, level, lines, is_code = page.stem, 0, list[str](), False
        for line in page.read_text("utf-8").splitlines():
            is_code ^= bool(_FENCE.match(line))
            found = None if is_code else _HEADING.match(line)
            if found is None:
                lines.append(line)
                continue
            if level:
                out.append(Section(page, heading, level, tuple(lines)))
            heading, level, lines = _plain(found[2]), len(found[1]), []
        if level:
            out.append(Section(page, heading, level, tuple(lines)))
    return out


def rank(found: list[Section], text: str) -> list[Section]:
    """Sections that have all of `text`, those that are about it first.

    A section is about the command of its heading, then what its heading says, then what its page is called, then what
    a row of a table in it begins with (a column, a setting), then what it has most often for its length; before all of
    them comes a word of the glossary.
    """
    wanted = re.compile(rf"(?<![\w-]){re.escape(text)}(?![\w-])", re.IGNORECASE)
    scored = []
    for n, section in enumerate(found):
        rows = [row[0] for row in section.rows()]
        count = len(wanted.findall(_plain("\n".join(section.lines))))
        points = (
            section.heading.lower() == text.lower(),
            any(row.partition("|")[0].strip().lower() == text.lower() for row in rows)
            and section.page.stem == "glossary",
            section.heading.lower() == f"eventstudy {text.lower()}",
            bool(wanted.search(section.heading)),
            section.level == 1 and section.page.stem == text.lower(),
            any(wanted.match(row) for row in rows),
            count / (20 + len(section.lines)),
        )
        if any(points):
            scored.append((points, -n, section))
    return [section for _, _, section in sorted(scored, key=lambda entry: entry[:2], reverse=True)]


def _plain(text: str) -> str:
    """Text without the marks of Markdown; names keep their underscores."""
    return re.sub(r"\]\([^)]*\.(md|py)[^)]*\)|[`*]|\[(?=[^]]*\]\()", "", text)
