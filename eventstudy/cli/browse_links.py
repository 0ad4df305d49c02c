"""Links in what Datasette shows, as a plug-in of it: from an announcement to its reactions and its page."""

from __future__ import annotations

import urllib.parse
from pathlib import Path
from typing import Any

from datasette import hookimpl
from markupsafe import Markup

PAGES = "pages"  # where the pages are served
# What columns mean stands above the rows, a screen or two of it: folded until somebody wants it.
_FOLD = """\
for (const list of document.querySelectorAll("dl.column-descriptions")) {
  const details = document.createElement("details"), summary = document.createElement("summary");
  summary.textContent = "What the columns mean";
  list.before(details);
  details.append(summary, list);
}
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
        """Fold what columns mean."""
        return _FOLD

    @hookimpl  # type: ignore[untyped-decorator]  # pluggy has no types
    def render_cell(self, value: Any, column: str, database: str, datasette: Any) -> Markup | None:
        """A cell with the id of an announcement, or of a collection, as links; other cells as they are."""
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
