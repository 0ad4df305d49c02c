"""The commented example of the shipped settings works once its comment signs are gone."""

from __future__ import annotations

import re
from pathlib import Path

from eventstudy.config.load import load_config
from eventstudy.events.build import from_config

SHIPPED = Path(__file__).parents[2] / "config.yaml"
# A commented line of YAML, as against a sentence: a key and a colon, or a list item with a key.
EXAMPLE = re.compile(r"^(\s*)# ((?:\s*)(?:- )?\{?[A-Za-z][\w-]*: ?.*)$")
STARTS = ("yahoo:", "ICE-dollar-index:", "SP500:", "Gazprom-ADR:", "- id: shares", "feeds:")


def uncommented(text: str) -> str:
    out, is_inside = [], False
    for line in text.splitlines():
        found = EXAMPLE.match(line)
        words = found[2].strip() if found else ""
        is_inside = bool(found) and (is_inside or words.startswith(STARTS))
        out.append(f"{found[1]}{found[2]}" if found and is_inside else line)
    return "\n".join(out) + "\n"


def test_the_commented_example_is_right(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(uncommented(SHIPPED.read_text("utf-8")), encoding="utf-8")
    config = load_config(path, {})
    assert config.sources["yahoo"].kind == "yahoo"
    assert config.assets["SP500"].symbol == "^GSPC"
    assert config.assets["ICE-dollar-index"].symbol == "DX-Y.NYB"
    shares = next(study for study in config.studies if study.id == "shares")
    assert shares.benchmark == "SP500"
    kinds = {feed.id: feed.kind for feed in config.feeds}
    assert kinds == {"desk": "csv", "inbox": "folder", "calendar": "ics", "earnings": "yahoo-earnings"}
    assert len(from_config(config)) == len(load_config(SHIPPED, {}).events)
