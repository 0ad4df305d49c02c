"""Numbers in sentences that lead to the row of the page on which they stand.

A sentence carries its links as characters of control, which `text.plain` takes out of everything that is not ours: no
title can pretend to be one. They are made into what a format has for links, or taken out, before anything is printed.
"""

from __future__ import annotations

import functools
import re
from urllib.parse import quote

from markupsafe import Markup, escape

from eventstudy.database.reading import Row
from eventstudy.report.text import MINUS

_LINK = re.compile("\x02([^\x02\x03\x1f]*)\x1f([^\x02\x03\x1f]*)\x03")
_NOT_PLAIN = re.compile(r"[^A-Za-z0-9.-]")
_NO_ID = re.compile(r"[^A-Za-z0-9-]")
_SPECIAL = re.compile(r"([\\`*_\[\]<>|#])")


def anchor(row: Row) -> str:
    """The id of the row of an analysis: of one study and asset, with nothing in it that an address cannot hold."""
    return f"{row['study_id']}.{_NOT_PLAIN.sub(lambda found: f'_{ord(found[0]):x}_', row['asset'])}"


@functools.lru_cache(maxsize=4096)  # the days of an asset have the same in every event
def row_id(table: str, first_cell: str) -> str:
    """The id of a row of a table by what stands first in it: ``-1`` of session −1, ``0m5m`` of the window [0m, 5m]."""
    return f"{table}.{_NO_ID.sub('', first_cell.replace(MINUS, '-'))}"


def linked(words: str, row: str) -> str:
    """Words that lead to a row, without what parts them from others; as they are where there is none."""
    link = words.lstrip(" ,;:")
    return f"{words[: len(words) - len(link)]}\x02{row}\x1f{link}\x03" if row else words


def bare(sentence: str) -> str:
    """A sentence without its links."""
    return _LINK.sub(lambda found: found[2], sentence)  # half the time of a template


def as_html(sentence: str) -> Markup:
    """A sentence, escaped, with its links."""
    html = _LINK.sub(lambda found: f'<a class="row" href="#{found[1]}">{found[2]}</a>', str(escape(sentence)))
    return Markup(html)  # noqa: S704  # escaped


def as_markdown(sentence: str, page: str) -> str:
    """A sentence as Markdown, with its links into a page; what is special in it is escaped."""
    return _LINK.sub(lambda found: f"[{found[2]}]({quote(page)}#{found[1]})", markdown(sentence))


def markdown(words: str) -> str:
    """Words as Markdown shows them, markup included."""
    return _SPECIAL.sub(r"\\\1", words)
