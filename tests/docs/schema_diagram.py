"""Draw the tables and what their rows belong to: ``python -m tests.docs.schema_page`` writes docs/images/schema.svg.

Our own rather than Mermaid's, which needs a script from elsewhere to be seen. A section of ``schema.sql`` is a panel;
in it a table stands to the right of those that its rows belong to. An arrow leads to a neighbour, other references are
named.
"""

from __future__ import annotations

import re
import sqlite3
from html import escape
from pathlib import Path

IMAGE = Path(__file__).parents[2] / "docs" / "images" / "schema.svg"
SCHEMA = Path(__file__).parents[2] / "eventstudy" / "database" / "schema.sql"

BOX, LINE, GAP, BETWEEN = 196, 15, 12, 48
HEAD, EDGE = 30, 16  # the title of a panel, and the room around boxes
WIDTH = 4 * BOX + 3 * BETWEEN + 2 * EDGE
_SECTION = re.compile(r"^-- ([^:;\n]+).*\n(?:-- .*\n)*\n(?=create table)|^create table (\w+)", re.MULTILINE)

References = dict[str, list[str]]


def sections() -> dict[str, list[str]]:
    """Tables by the section of the schema that they stand in."""
    out: dict[str, list[str]] = {}
    for title, table in _SECTION.findall(SCHEMA.read_text("utf-8")):
        if title:
            out[title] = current = []
        else:
            current.append(table)
    return out


def references(connection: sqlite3.Connection, tables: list[str]) -> References:
    """The tables that the rows of each table belong to."""
    return {
        table: sorted({row[2] for row in connection.execute(f"pragma foreign_key_list({table})")}) for table in tables
    }


class Panel:
    """One section, laid out.

    Parameters
    ----------
    title : str
    found : mapping
        Its tables, with all that they refer to.
    """

    def __init__(self, title: str, found: References) -> None:
        self.title = title
        self._found = found
        self.layers: list[list[str]] = []
        depths: dict[str, int] = {}
        while len(depths) < len(found):
            layer = [
                table
                for table, to in found.items()
                if table not in depths and all(parent in depths for parent in to if parent in found and parent != table)
            ]
            depths |= dict.fromkeys(layer, len(self.layers))
            self.layers.append(self._ordered(layer))
        self._depths = depths
        self.width = len(self.layers) * (BOX + BETWEEN) - BETWEEN + 2 * EDGE
        self.height = HEAD + EDGE + max(sum(self._tall(t) + GAP for t in layer) - GAP for layer in self.layers)

    def _ordered(self, layer: list[str]) -> list[str]:
        """Beside what they belong to, those that do; the others below."""
        before = self.layers[-1] if self.layers else []
        place = {table: i for i, table in enumerate(before)}
        return sorted(layer, key=lambda t: min([place[p] for p in self._found[t] if p in place], default=len(place)))

    def _beside(self, table: str) -> list[str]:
        depth = self._depths[table]
        return [parent for parent in self._found[table] if self._depths.get(parent) == depth - 1]

    def _named(self, table: str) -> list[str]:
        """Lines of the names of tables that it refers to elsewhere."""
        lines: list[str] = []
        for name in sorted(set(self._found[table]) - set(self._beside(table))):
            if lines and len(lines[-1]) + len(name) < 28:
                lines[-1] += f", {name}"
            else:
                lines.append(f"→ {name}" if not lines else name)
        return lines

    def _tall(self, table: str) -> int:
        return 26 + LINE * len(self._named(table))

    def drawn(self, left: int, top: int) -> list[str]:
        """The pieces of the picture."""
        boxes: dict[str, tuple[int, int]] = {}
        for i, layer in enumerate(self.layers):
            y = top + HEAD
            for table in layer:
                boxes[table] = (left + EDGE + i * (BOX + BETWEEN), y)
                y += self._tall(table) + GAP
        out = [
            f'<rect x="{left}" y="{top}" width="{self.width}" height="{self.height}" class="panel"/>',
            f'<text x="{left + EDGE}" y="{top + 20}" class="title">{escape(self.title)}</text>',
        ]
        for table, (x, y) in boxes.items():
            for parent in self._beside(table):
                (px, py) = boxes[parent]
                out.append(_arrow(x, y + 13, px + BOX, py + 13))
        for table, (x, y) in boxes.items():
            out.append(f'<rect x="{x}" y="{y}" width="{BOX}" height="{self._tall(table)}" class="box"/>')
            out.append(f'<text x="{x + 8}" y="{y + 17}" class="name">{escape(table)}</text>')
            out += [
                f'<text x="{x + 8}" y="{y + 17 + LINE * n}" class="to">{escape(line)}</text>'
                for n, line in enumerate(self._named(table), 1)
            ]
        return out


def _arrow(x: int, y: int, to_x: int, to_y: int) -> str:
    middle = (x + to_x) // 2
    return (
        f'<path d="M{x} {y} C{middle} {y} {middle} {to_y} {to_x + 7} {to_y}" class="line"/>'
        f'<path d="M{to_x} {to_y} l8 -4 v8 Z" class="head"/>'
    )


STYLE = (
    "text{font-family:system-ui,sans-serif;fill:#1b2733}.title{font-size:14px;font-weight:600}"
    ".name{font:600 12.5px ui-monospace,Menlo,Consolas,monospace}.to{font-size:11.5px;fill:#50606f}"
    ".panel{fill:#f4f6f8;stroke:#d5dce3}.box{fill:#fff;stroke:#8fa1b3}"
    ".line{fill:none;stroke:#5b7893;stroke-width:1.3}.head{fill:#5b7893}"
)


def picture(connection: sqlite3.Connection) -> str:
    """The SVG, the same bytes every time."""
    panels = [Panel(title, references(connection, tables)) for title, tables in sections().items()]
    rows: list[list[Panel]] = []
    for panel in panels:
        fits = (row for row in rows if sum(p.width + GAP for p in row) + panel.width <= WIDTH)
        row = next(fits, None)
        if row is None:
            rows.append([panel])
        else:
            row.append(panel)
    parts, top = [], 0
    for row in rows:
        left = 0
        for panel in row:
            parts += panel.drawn(left, top)
            left += panel.width + GAP
        top += max(panel.height for panel in row) + GAP
    height = top - GAP
    return "\n".join(
        [
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-1 -1 {WIDTH + 2} {height + 2}" '
                f'width="{WIDTH + 2}" height="{height + 2}" role="img">'
            ),
            "<title>The tables of the results database, and what their rows belong to</title>",
            f"<style>{STYLE}</style>",
            f'<rect x="-1" y="-1" width="{WIDTH + 2}" height="{height + 2}" fill="#fff"/>',
            *parts,
            "</svg>",
            "",
        ]
    )
