"""Make the table of faults of docs/evidence.md: ``python -m tests.docs.fault_page`` writes it."""

from __future__ import annotations

import re
from pathlib import Path

from tests.support.fault_table import rows

PAGE = Path(__file__).parents[2] / "docs" / "evidence.md"
TABLE = re.compile(r"(<!-- made by python -m tests\.docs\.fault_page -->\n).*?(<!-- end -->)", re.DOTALL)


def page() -> str:
    """The text of the page with the table that it should have."""
    table = "\n".join(rows())
    return TABLE.sub(lambda found: f"{found[1]}{table}\n{found[2]}", PAGE.read_text("utf-8"))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
