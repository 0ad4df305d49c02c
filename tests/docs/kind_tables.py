"""Make the tables of what registries hold in pages of the documentation: ``python -m tests.docs.kind_tables``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from eventstudy.config import feeds, sources
from eventstudy.registry.figures import FIGURES, Figure
from eventstudy.store.queries import QUERIES, NamedQuery

DOCS = Path(__file__).parents[2] / "docs"
TABLE = re.compile(r"(<!-- made by python -m tests\.docs\.kind_tables -->\n).*?(<!-- end -->)", re.DOTALL)


def named(keys: tuple[str, ...]) -> str:
    return ", ".join(f"`{key}`" for key in keys)


def source_table() -> str:
    rows = [f"| `{kind.name}` | {kind.words} | {named(kind.keys)} |" for kind in sources.KINDS.values()]
    return "\n".join(["| kind | what | settings |", "|---|---|---|", *rows])


def feed_table() -> str:
    rows = [f"| `{kind.name}` | {kind.words} | {named(kind.keys)} |" for kind in feeds.KINDS.values()]
    return "\n".join([f"| kind | what | settings beside {named(feeds.COMMON)} |", "|---|---|---|", *rows])


def figure_table(figures: Iterable[Figure] = FIGURES.ours) -> str:
    rows = [f"| `{figure.name}` | {figure.page} | {figure.words} |" for figure in figures]
    return "\n".join(["| figure | page | what it shows |", "|---|---|---|", *rows])


def query_table(queries: Iterable[NamedQuery] = QUERIES.ours) -> str:
    rows = [
        f"| `{query.name}` | {query.words} | {named(tuple('--' + name.replace('_', '-') for name in query.filters))} |"
        for query in queries
    ]
    return "\n".join(["| query | what it answers | options |", "|---|---|---|", *rows])


PAGES = {
    DOCS / "prices.md": source_table,
    DOCS / "events.md": feed_table,
    DOCS / "report.md": figure_table,
    DOCS / "asking.md": query_table,
}


def page(path: Path) -> str:
    """The text of the page with the table that it should have."""
    return TABLE.sub(lambda found: f"{found[1]}{PAGES[path]()}\n{found[2]}", path.read_text("utf-8"))


if __name__ == "__main__":
    for place in PAGES:
        place.write_text(page(place), encoding="utf-8")
