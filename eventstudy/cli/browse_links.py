"""How Datasette shows a cell, as a plug-in of it: from an announcement to its reactions and its page."""

from __future__ import annotations

import urllib.parse
from pathlib import Path
from typing import Any

from datasette import hookimpl
from markupsafe import Markup

PAGES = "pages"  # where the pages are served
# What columns mean stands above the rows, a screen or two of it, and on a telephone so do the counts: folded until
# somebody wants them. A title is the one text that is long.
_FOLD = """\
const fold = (selector, words) => {
  for (const list of document.querySelectorAll(selector)) {
    const details = document.createElement("details"), summary = document.createElement("summary");
    summary.textContent = words;
    list.before(details);
    details.append(summary, list);
  }
};
fold("dl.column-descriptions", "What the columns mean");
if (matchMedia("(max-width: 576px)").matches) fold("div.facet-results", "Narrow by count");
else for (const title of document.querySelectorAll("td.col-title")) title.style.minWidth = "18em";
"""


class Links:
    """The plug-in.

    Parameters
    ----------
    pages : Path or None
        The folder of the pages, which are served under `PAGES`.
    """

    __name__ = "eventstudy-links"  # under which Datasette lists it

    def __init__(self, pages: Path | None) -> None:
        self._pages = pages

    @hookimpl  # type: ignore[untyped-decorator]  # pluggy has no types
    def extra_body_script(self) -> str:
        """Fold what stands above the rows."""
        return _FOLD

    @hookimpl  # type: ignore[untyped-decorator]  # pluggy has no types
    def render_cell(self, value: Any, column: str, database: str, datasette: Any) -> Markup | None:
        """A cell with the id of an announcement or a collection as links; a fraction in six digits, with all on it."""
        if isinstance(value, float):
            return Markup('<span title="{}">{}</span>').format(repr(value), f"{value:.6g}")
        folder, view = {"event_id": (".", "reactions"), "collection_id": ("collections", "collections")}.get(
            column, ("", "")
        )
        if not view or not isinstance(value, str):
            return None
        query = urllib.parse.urlencode({column: value})
        found = Markup('<a href="{}">{}</a>').format(f"{datasette.urls.table(database, view)}?{query}", value)
        if self._pages is not None and (self._pages / folder / f"{value}.html").is_file():
            path = "/".join(part for part in (PAGES, folder.strip("."), urllib.parse.quote(f"{value}.html")) if part)
            found += Markup(' <a href="{}">page</a>').format(datasette.urls.path(f"/{path}"))
        return found
