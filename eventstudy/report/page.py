"""From the results database to HTML, through templates that escape everything."""

from __future__ import annotations

import base64
import functools
import hashlib
import re
import sqlite3
from collections.abc import Collection, Sequence

from jinja2 import Environment, PackageLoader, StrictUndefined
from jinja2.ext import Extension
from markupsafe import Markup, escape

from eventstudy import __version__
from eventstudy.report import text
from eventstudy.report.appearance import theme
from eventstudy.report.figure_html import figure
from eventstudy.report.linked import as_html, row_id
from eventstudy.report.schema_org import as_json_ld
from eventstudy.report.study_tables import Table, heads
from eventstudy.report.theme import STYLE
from eventstudy.report.view import event_view
from eventstudy.report.words import Language, language, say
from eventstudy.store.read import event as event_row

Answer = tuple[str, tuple[str, ...]]  # a verdict, and sentences


class _Folded(Extension):
    """Phrases without slots become part of the compiled template: a page says two hundred of them."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:  # noqa: ARG002  # of Jinja
        return _FIXED_PHRASE.sub(r"(\1 | say)", source)


_FIXED_PHRASE = re.compile(r'\bsay\(("[^"]*")\)')


def environment() -> Environment:
    """The templates in the language that is spoken, with what every page shares."""
    return _environment(language())


@functools.lru_cache(maxsize=4)  # with phrases of a theme every pass speaks a language of its own
def _environment(_spoken: Language) -> Environment:
    loader = PackageLoader("eventstudy.report", "templates")
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_plain,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[_Folded],
        auto_reload=False,  # else every page asks the disk whether its templates changed
    )
    # The policy of a page names this very style sheet and its very script, so that no other can be slipped in.
    environment.globals |= {"style": style, "style_hash": style_hash, "theme": theme, "version": __version__}
    for name in ("page", "index"):
        script, _, _ = loader.get_source(environment, f"{name}.js")
        environment.globals[f"{name}_source"] = Markup(script)  # noqa: S704  # our own file, not input
        environment.globals[f"{name}_hash"] = _digest(script)
    environment.globals |= {
        "figure": figure,
        "grid": grid,
        "heads": heads,
        "labelled": _labelled,
        "language": language,
        "marked": _marked,
        "row_id": row_id,
        "say": say,
        "table": table,
        "verdict": verdict,
    }
    environment.filters["say"] = say  # which Jinja works out once where the key is written out
    environment.filters["linked"] = as_html
    # made by eventstudy.report.schema_org, which escapes every text
    environment.filters["data"] = Markup
    return environment


def style() -> Markup:
    """The style sheet, with the colours of the theme: both were checked, neither is input."""
    return _styled(theme().css)[0]


def style_hash() -> str:
    """By which the policy names this very style sheet."""
    return _styled(theme().css)[1]


@functools.lru_cache(maxsize=8)
def _styled(own: str) -> tuple[Markup, str]:
    css = Markup(f"{STYLE}\n{own}\n" if own else STYLE)  # noqa: S704
    return css, _digest(css)


def _digest(source: str) -> str:
    return base64.b64encode(hashlib.sha256(source.encode()).digest()).decode()


def _plain(value: object) -> object:
    """Every text that a template prints, without characters that turn the reading direction; ours stay as they are."""
    return text.plain(value) if type(value) is str else value


def _marked(key: str, /, **slots: str) -> Markup:
    """A phrase as HTML, with what its slots hold as code."""
    code = {name: Markup("<code>{}</code>").format(value) for name, value in slots.items()}
    return Markup(escape(say(key, **{name: f"{{{name}}}" for name in slots}))).format(**code)  # noqa: S704  # escaped


def _labelled(heads: Sequence[str], is_stacked: bool) -> list[Markup]:
    """What names the cells of a row that a phone shows as a list; nothing in a table that stays one."""
    return [Markup(' data-label="{}"').format(head) if is_stacked else Markup() for head in heads]


@functools.lru_cache(maxsize=256)  # there are few verdicts
def verdict(mark: str, word: str) -> Markup:
    """A verdict: its mark, which a screen reader leaves out, and its word."""
    return Markup('<span class="mark" aria-hidden="true">{}</span>{}').format(mark, word)


def grid(
    caption: str,
    columns: Sequence[object],
    rows: Sequence[Sequence[str]],
    left: Collection[int] = (),
    hidden: bool = False,
    label: str = "",
    anchor: str = "",
) -> Markup:
    """A table that scrolls by itself on a narrow screen, by keyboard too; in Python, since pages have many.

    Parameters
    ----------
    caption : str
    columns : sequence
        Names of the columns.
    rows : sequence of sequence
        Cells; texts are escaped, what is marked up already stays.
    left : collection of int
        Numbers, from 1, of the columns that hold text.
    hidden : bool
        Whether the caption is for screen readers alone.
    label : str
        What tells the table from others of its caption, for screen readers.
    anchor : str
        Begins the id of each row, which its first cell ends (`row_id`); rows have none when it is empty.
    """
    title = _cell(caption)
    named = f"{_cell(label)}: {title}" if label else title
    heads, line = _lines(tuple(columns), tuple(left))
    lines = [line % (tuple(row) if _is_ordinary("".join(row)) else tuple(map(_cell, row))) for row in rows]
    if anchor:
        lines = [f'<tr id="{row_id(anchor, row[0])}"{line[3:]}' for row, line in zip(rows, lines, strict=True)]
    unseen = ' class="unseen"' if hidden else ""
    return Markup(  # noqa: S704  # every text went through _cell
        f'<div class="scroll" tabindex="0" role="region" aria-label="{named}">\n<table>\n'
        f"<caption{unseen}>{title}</caption>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{''.join(lines)}</tbody>\n"
        "</table>\n</div>\n"
    )


def table(item: Table, of: str = "") -> Markup:
    """A table of a study, some with a row for each of many events; `of` is what screen readers call it by."""
    title, names = _cell(item.caption), [_cell(name) for name in item.columns]
    styles = [item.css(n) for n in range(len(names))]
    heads = "".join(
        f'<th scope="col"{_LEFT if css else ""}>{name}</th>' for name, css in zip(names, styles, strict=True)
    )
    opened = [f'<td class="{css}"' if css else "<td" for css in styles]
    labels = [f' data-label="{name.replace("%", "%%")}"' if item.is_list else "" for name in names]
    full = [f"{start}{label}><span>%s</span></td>" for start, label in zip(opened, labels, strict=True)][1:]
    empty = [f"{start}><span>%s</span></td>" for start in opened][1:]
    whole, lines = f'<tr><th scope="row">%s</th>{"".join(full)}</tr>\n', []
    for row in item.rows:
        cells = tuple(row) if _is_ordinary("".join(row)) else tuple(map(_cell, row))
        line = whole
        if "" in cells[1:]:
            chosen = (a if cell else b for a, b, cell in zip(full, empty, cells[1:], strict=True))
            line = f'<tr><th scope="row">%s</th>{"".join(chosen)}</tr>\n'
        lines.append(line % cells)
    note = f'<p class="fine">{_cell(item.note)}</p>' if item.note else ""
    named = f"{_cell(of)}: {title}" if of else title
    return Markup(  # noqa: S704  # every text went through _cell
        f'<div class="scroll" tabindex="0" role="region" aria-label="{named}">\n<table class="{item.style}">\n'
        f"<caption>{title}</caption>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{''.join(lines)}</tbody>\n"
        f"</table>\n</div>\n{note}"
    )


@functools.lru_cache(maxsize=64)  # the assets of a page, and those of other pages, have tables of the same columns
def _lines(columns: tuple[object, ...], left: tuple[int, ...]) -> tuple[str, str]:
    """The heads of a table, and a line of it with room for its cells."""
    heads = "".join(
        f'<th scope="col"{_LEFT if n in left else ""}>{_cell(name)}</th>' for n, name in enumerate(columns, 1)
    )
    others = "".join(f"<td{_WRAP if n in left else ''}>%s</td>" for n in range(2, len(columns) + 1))
    return heads, f'<tr><th scope="row">%s</th>{others}</tr>\n'


_LEFT, _WRAP = ' class="left"', ' class="wrap"'


# Letters, figures and what stands between them: nothing to escape. Of the hundred lines of a page nearly all are such.
_is_ordinary = re.compile("[\\w +.,:;()\\[\\]%\u2212\u202f\u2013-]*").fullmatch


@functools.lru_cache(maxsize=4096, typed=True)  # sources of tests stand on every page; marked up is another type
def _cell(value: object) -> str:
    """A cell as a template would print it."""
    return str(escape(_plain(value)))


def render_event(connection: sqlite3.Connection, event_id: str) -> tuple[str, Answer]:
    """The page of one stored event, and its verdict and sentences: equal results, equal bytes."""
    view = event_view(connection, event_id)
    facts = as_json_ld(view, event_row(connection, event_id))
    return environment().get_template("event.html.j2").render(event=view, facts=facts), view.answer
