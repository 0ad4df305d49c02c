"""Put the first rows of each answer beneath the twelve questions: ``python -m tests.docs.answers``."""

from __future__ import annotations

import re
import shlex
import tempfile
from pathlib import Path

from tests.support.command import eventstudy

PAGE = Path(__file__).parents[2] / "docs" / "asking.md"
FIRST, LAST = "<!-- questions -->", "<!-- end of questions -->"
BLOCK = re.compile(r"```sh\n(eventstudy query [^\n]+)\n```\n(?:\n```text\n[^`]*```\n)?")
ROWS = 3
COLUMNS = {
    "strongest": "event_id asset day0 move car t verdict",
    "reactions": "study event_id asset window_end move car t p_adjusted verdict",
    "by-tag": "tag n median_car mean_car mean_low mean_high share_positive",
    "collections": "title study window_start window_end n_events caar test p verdict",
    "disagreements": "event_id asset study verdict t other_study other_verdict other_t",
    "before": "event_id study asset session car t",
    "by-year": "year n median_car mean_car mean_low mean_high share_positive",
    "by-weekday": "weekday asset n median_car mean_car share_positive",
    "failed": "event_id status reason",
}


def answer(command: str, database: Path) -> str:
    """The first rows of an answer of the demo's database, as the terminal shows them; empty for none."""
    words = shlex.split(command)[1:]
    if words[1] not in COLUMNS:
        return ""
    columns = COLUMNS[words[1]].replace(" ", ",")
    done = eventstudy(*words, "--limit", ROWS, "--columns", columns, "--format", "table", "--db", database)
    assert done.code == 0, done.err
    return "\n".join(line.rstrip() for line in done.out.rstrip().splitlines())


def page(text: str, database: Path) -> str:
    """The page with its answers made anew."""
    before, _, rest = text.partition(FIRST)
    asked, _, after = rest.partition(LAST)

    def with_answer(match: re.Match[str]) -> str:
        said = answer(match[1], database)
        return f"```sh\n{match[1]}\n```\n" + (f"\n```text\n{said}\n```\n" if said else "")

    return f"{before}{FIRST}{BLOCK.sub(with_answer, asked)}{LAST}{after}"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        done = eventstudy("demo", "--dir", folder)
        assert done.code == 0, done.err
        PAGE.write_text(page(PAGE.read_text("utf-8"), Path(folder) / "eventstudy.db"), encoding="utf-8")
