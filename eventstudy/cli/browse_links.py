"""How Datasette shows a cell, as a plug-in of it: from an announcement to its reactions and its page."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Collection
from pathlib import Path
from typing import Any

from datasette import hookimpl
from markupsafe import Markup

PAGES = "pages"  # where the pages are served
# What columns mean stands above the rows, a screen or two of it, and on a telephone so do the counts: folded until
# somebody wants them. A title is the one text that is long. What goes over all rows, the counts, is asked for once
# the first rows are there.
_SCRIPT = """\
const fold = (selector, words) => {
  for (const list of document.querySelectorAll(selector)) {
    const details = document.createElement("details"), summary = document.createElement("summary");
    summary.textContent = words;
    list.before(details);
    details.append(summary, list);
  }
};
const foldCounts = () => {
  if (matchMedia("(max-width: 576px)").matches) fold("div.facet-results", "Narrow by count");
};
const uncounted = ["_nofacet", "_nocount"];
const openUncounted = (part) => {
  for (const link of part.querySelectorAll("a[href]")) {
    const address = new URL(link.href, location);
    if (address.origin !== location.origin || !counted.includes(address.pathname.split("/").pop())) continue;
    for (const name of uncounted) address.searchParams.set(name, 1);
    link.href = address;
  }
};
const count = async () => {
  const address = new URL(location);
  for (const name of uncounted) address.searchParams.delete(name);
  const page = new DOMParser().parseFromString(await (await fetch(address)).text(), "text/html");
  const heading = page.querySelector(".page-header ~ h3"), facets = page.querySelector("div.facet-results");
  if (heading !== null) document.querySelector(".page-header ~ h3")?.replaceWith(heading);
  if (facets !== null) {
    openUncounted(facets);
    document.querySelector("p.export-links").after(facets);
    foldCounts();
  }
};
fold("dl.column-descriptions", "What the columns mean");
if (matchMedia("(min-width: 577px)").matches)
  for (const title of document.querySelectorAll("td.col-title")) title.style.minWidth = "18em";
foldCounts();
openUncounted(document);
if (uncounted.every(name => new URLSearchParams(location.search).has(name))) count();
"""


class Links:
    """The plug-in.

    Parameters
    ----------
    pages : Path or None
        The folder of the pages, which are served under `PAGES`.
    counted : collection of str
        Tables and views beside whose rows counts stand.
    """

    __name__ = "eventstudy-links"  # under which Datasette lists it

    def __init__(self, pages: Path | None, counted: Collection[str]) -> None:
        self._pages = pages
        self._script = f"const counted = {json.dumps(sorted(counted))};\n{_SCRIPT}"

    @hookimpl  # type: ignore[untyped-decorator]  # pluggy has no types
    def extra_body_script(self) -> str:
        """Fold what stands above the rows, and count them once they are shown."""
        return self._script

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
