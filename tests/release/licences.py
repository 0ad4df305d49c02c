"""Make docs/licences.md from the installed distributions: ``python -m tests.release.licences`` writes it."""

from __future__ import annotations

from pathlib import Path

from tests.release.closure import shipped

PAGE = Path(__file__).parents[2] / "docs" / "licences.md"

HEAD = """\
# Licences

eventstudy is under Apache-2.0; names of cities, countries and currencies in it come from Unicode CLDR, under
Unicode-3.0 (`eventstudy/gazetteer/LICENSE.unicode`). It contains no other code. An installation brings the
distributions below, each under the licence that its own metadata names, in the versions of `constraints.txt`. The list
is made from them (`python -m tests.release.licences`), and a test keeps it so.

| distribution | version | licence | with |
|---|---|---|---|
"""


def page() -> str:
    """The page as the installed distributions say it."""
    rows = (
        f"| {one.name} | {one.version} | {one.licence} | {one.extra and f'`[{one.extra}]`'} |\n" for one in shipped()
    )
    return HEAD + "".join(rows)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
