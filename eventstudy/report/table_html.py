"""Tables as HTML: in Python, since pages have many, and of most cells there is nothing to escape."""

from __future__ import annotations

import functools
import string
from collections.abc import Collection, Iterable, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from eventstudy.report import text
from eventstudy.report.linked import row_id
from eventstudy.report.study.tables import Table
from eventstudy.report.words import say

if TYPE_CHECKING:
    from eventstudy.report.view import AssetView


def plain(value: object) -> object:
    """Every text that a template prints, without characters that turn the reading direction; ours stay as they are."""
    return text.plain(value) if type(value) is str else value


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
    """A table that scrolls by itself on a narrow screen, by keyboard too.

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
    title = cell(caption)
    named = f"{cell(label)}: {title}" if label else title
    heads, line = lines_of(tuple(columns), tuple(left))
    if anchor:
        line = f'<tr id="%s"{line.removeprefix("<tr")}'
        rows = [(row_id(anchor, row[0]), *row) for row in rows]
    unseen = ' class="unseen"' if hidden else ""
    return Markup(  # noqa: S704  # every text went through cell
        f'<div class="scroll" tabindex="0" role="region" aria-label="{named}">\n<table>\n'
        f"<caption{unseen}>{title}</caption>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{filled(line, rows)}</tbody>\n"
        "</table>\n</div>\n"
    )


def table(item: Table, of: str = "") -> Markup:
    """A table of a study, some with a row for each of many events; `of` is what screen readers call it by."""
    title, names = cell(item.caption), item.columns
    styles = [item.css(n) for n in range(len(names))]
    heads = "".join(
        f'<th scope="col"{_LEFT if css else ""}>{cell(name)}</th>' for name, css in zip(names, styles, strict=True)
    )
    opened = [f'<td class="{css}"' if css else "<td" for css in styles]
    labels = _labels(names) if item.is_list else [""] * len(names)
    full = [f"{start}{label}><span>%s</span></td>" for start, label in zip(opened, labels, strict=True)][1:]
    empty = [f"{start}><span>%s</span></td>" for start in opened][1:]
    whole, lines = f'<tr><th scope="row">%s</th>{"".join(full)}</tr>\n', []
    for row in item.rows:
        cells = tuple(_cells(row))
        line = whole
        if "" in cells[1:]:
            chosen = (a if words else b for a, b, words in zip(full, empty, cells[1:], strict=True))
            line = f'<tr><th scope="row">%s</th>{"".join(chosen)}</tr>\n'
        lines.append(line % cells)
    note = f'<p class="fine">{cell(item.note)}</p>' if item.note else ""
    named = f"{cell(of)}: {title}" if of else title
    return Markup(  # noqa: S704  # every text went through cell
        f'<div class="scroll" tabindex="0" role="region" aria-label="{named}">\n<table class="{item.style}">\n'
        f"<caption>{title}</caption>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{''.join(lines)}</tbody>\n"
        f"</table>\n</div>\n{note}"
    )


def looked(lines: Sequence[tuple[str, str]]) -> Markup:
    """What was looked at: a list of terms and sentences."""
    terms = filled("<div><dt>%s</dt><dd>%s</dd></div>\n", lines)
    return Markup(f'<h2>{cell(say("looked.head"))}</h2>\n<dl class="looked">\n{terms}</dl>\n')  # noqa: S704  # escaped


def reactions(assets: Sequence[AssetView], heads: Sequence[str]) -> Markup:
    """The rows of what each asset did; `heads` name the cells where a phone shows a row as a list, else it is empty."""
    opening, tested, refused = _reaction_lines(tuple(heads))
    lines = []
    for a in assets:
        prices = f"<br><small>{cell(a.prices)}</small>" if a.status == "ok" else ""
        lines.append(opening % (*_cells((a.anchor, a.title, a.session)), prices))
        if a.has_number:
            numbers = _cells((a.move, a.car, a.interval, a.t, a.p_adjusted, a.placebo, a.mde))
            reason = f"<br><small>{cell(a.reason)}</small>" if a.reason else ""
            lines.append(tested % (*numbers, verdict(a.mark, a.word) + Markup(reason)))  # noqa: S704  # escaped
        else:
            lines.append(refused % cell(say("event.not_studied", reason=a.reason)))
    return Markup("".join(lines))  # noqa: S704  # every text went through cell


@functools.lru_cache(maxsize=64)
def _reaction_lines(heads: tuple[str, ...]) -> tuple[str, str, str]:
    """What a row begins with, how it goes on where there is a number, and where there is none."""
    first, move, *numbers, last = _labels(heads) or [""] * 9
    cells = [f'<td{move} class="key">%s</td>', *[f"<td{label}>%s</td>" for label in numbers]]
    verdict_cell = f'<td class="wrap verdict"{last}><span>%s</span></td>'
    return (
        f'<tr id="%s">\n<th scope="row">%s</th>\n<td{first}><span>%s%s</span></td>\n',
        "\n".join([*cells, verdict_cell, "</tr>\n"]),
        '<td class="wrap whole" colspan="8">%s</td>\n</tr>\n',
    )


def _labels(heads: Iterable[object]) -> list[str]:
    """What names the cells of a row that a phone shows as a list, in a line that is filled in with ``%``."""
    return [f' data-label="{cell(head).replace("%", "%%")}"' for head in heads]


def filled(line: str, rows: Sequence[Sequence[str]]) -> str:
    """A line for each row, filled with its cells as a template would print them."""
    return line * len(rows) % tuple(_cells(list(chain.from_iterable(rows))))


def _cells(row: Sequence[str]) -> Sequence[str]:
    """The cells of a row as a template would print them."""
    return row if _is_ordinary("".join(row)) else tuple(map(cell, row))


@functools.lru_cache(maxsize=256)  # the assets of a page, and those of other pages, have tables of the same columns
def lines_of(columns: tuple[object, ...], left: tuple[int, ...] = ()) -> tuple[str, str]:
    """The heads of a table, and a line of it with room for its cells."""
    heads = "".join(
        f'<th scope="col"{_LEFT if n in left else ""}>{cell(name)}</th>' for n, name in enumerate(columns, 1)
    )
    others = "".join(f"<td{_WRAP if n in left else ''}>%s</td>" for n in range(2, len(columns) + 1))
    return heads, f'<tr><th scope="row">%s</th>{others}</tr>\n'


_LEFT, _WRAP = ' class="left"', ' class="wrap"'


# Letters, figures and what stands between them, in bytes, which are looked through in a third of the time. Those of the
# minus, the dash and the narrow space make no character that must be escaped or taken out.
_ORDINARY = f"{string.ascii_letters}{string.digits} +.,:;()[]%_-{text.MINUS}{text.NONE}{text.THIN}".encode()


def _is_ordinary(words: str) -> bool:
    """Whether there is nothing to escape, as in nearly all of the hundred lines of a page."""
    return not words.encode("utf-8", "replace").translate(None, _ORDINARY)


@functools.lru_cache(maxsize=4096, typed=True)  # sources of tests stand on every page; marked up is another type
def cell(value: object) -> str:
    """A cell as a template would print it."""
    return str(escape(plain(value)))
