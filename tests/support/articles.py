"""How many of the dates, prices and claims of the articles in ``tests/data/articles`` a draft gets right.

``python -m tests.support.articles`` prints the table of docs/draft.md, with ``-v`` what was missed, and puts the table
into the page with ``--write``.
"""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from eventstudy.claims.claim import Claim
from eventstudy.draft.document import document
from eventstudy.draft.draft import Draft, make_draft
from tests.support.readings import brief

DOCS = Path(__file__).parents[2] / "docs" / "draft.md"
FOLDER = Path(__file__).parents[1] / "data" / "articles"

# Words of a reading without which a claim is another one.
DECISIVE = {"week", "month", "year", "touched", "!", "not"}


@dataclass
class Score:
    """Right and all, by what was asked; and what was missed."""

    name: str
    counts: dict[str, tuple[int, int]] = field(default_factory=dict)
    missed: list[str] = field(default_factory=list)

    def take(self, what: str, is_right: bool, words: str) -> None:
        right, every = self.counts.get(what, (0, 0))
        self.counts[what] = (right + is_right, every + 1)
        if not is_right:
            self.missed.append(f"{self.name}: {what}: {words}")


@functools.cache
def truths() -> dict[str, Any]:
    """What a person says of each article, not to be changed: reading it takes half a second."""
    return yaml.safe_load((FOLDER / "truth.yaml").read_text("utf-8"))


def path_of(name: str) -> Path:
    return next(FOLDER.glob(f"{name}.[tm]*"))


def drafted(name: str, truth: dict[str, Any]) -> Draft:
    given = dict(zip(truth["options"][::2], truth["options"][1::2], strict=True))
    return make_draft(
        path_of(name),
        at=given.get("--at"),
        published=given.get("--published"),
        zone=given.get("--zone"),
        config=None,
        known=lambda _moment, _tags: (),
    )


def score(name: str, truth: dict[str, Any]) -> Score:
    """Compare a draft with what a person says of the article."""
    out = Score(name)
    draft = drafted(name, truth)
    got = document(draft)
    text = path_of(name).read_text("utf-8")
    out.take("day of print", got["resolved_against"]["day"] == str(truth["printed"]), str(got["resolved_against"]))
    span = [got["announced"]["earliest"], got["announced"]["latest"]]
    out.take("announcement", span == truth["announced"], f"{span} is not {truth['announced']}")
    for words, days in truth["dates"].items():
        place = text.index(words)
        first, _, last = str(days).partition("/")
        said = [d for d in got["dates"] if place - 12 <= d["start"] < place + len(words)]
        is_right = any((d["first"], d["last"]) == (first, last or first) for d in said)
        out.take("dates", is_right, f"{words}: {[(d['text'], d['first'], d['last']) for d in said]} is not {days}")
    keys = {{"BBDXY": "DXY"}.get(one["stands_for"], one["stands_for"]): one["because"] for one in got["assets"]}
    for key, weight in truth["assets"].items():
        if weight == "must":
            out.take("prices found", key in keys, f"{key} is not among {list(keys)}")
    for key, because in keys.items():
        out.take("prices fair", key in truth["assets"], f"{key} ({because}) is not asked for")
    for words, expected in truth["claims"].items():
        key, reading = expected if isinstance(expected, list) else (expected, None)
        said = _at(text, words, draft)
        known = [claim for claim in said if _key(claim) == key]
        out.take("claims", bool(known), f"{words}: {[(c.text, _key(c)) for c in said]} is not {key}")
        if reading is not None:
            read = [_reading(claim) for claim in known]
            out.take("claims read", reading in read, f"{words}: {read} is not {reading}")
            wrong = [_reading(one) for one in said if _is_misread(one, key, reading)] if reading not in read else []
            out.take("claims sound", not wrong, f"{words}: {wrong} is not {reading}")
    for words in truth.get("asides", ()):
        said = [claim for claim in _at(text, words, draft) if claim.mention is not None]
        out.take("claims read", not said, f"{words}: {[claim.text for claim in said]} is no claim")
        out.take("claims sound", all(claim.trouble for claim in said), f"{words}: is no claim")
    return out


def _at(text: str, words: str, draft: Draft) -> list[Claim]:
    """The claims that words of the article are part of."""
    place = text.index(words)
    return [claim for claim in draft.said.claims if claim.start < place + len(words) and place < claim.end]


def _key(claim: Claim) -> str | None:
    return claim.mention.key if claim.mention else None


def _reading(claim: Claim) -> str:
    """What it says of its asset; "!" where something makes it uncheckable."""
    said = brief(replace(claim, mention=None, trouble="")).removeprefix("? ")
    return f"{said} !" if claim.trouble else said


def _is_misread(claim: Claim, key: str | None, reading: str) -> bool:
    """Whether prices would be asked for something else than was said: more than is left out, or a day for a week."""
    if claim.trouble or claim.mention is None:
        return False
    told, meant = set(_reading(claim).split()), set(reading.split())
    return _key(claim) != key or bool(told - meant) or bool((meant - told) & DECISIVE)


def table(scores: list[Score]) -> Iterator[str]:
    """The table of the documentation."""
    kinds = (
        "day of print",
        "announcement",
        "dates",
        "prices found",
        "prices fair",
        "claims",
        "claims read",
        "claims sound",
    )
    yield f"| article | {' | '.join(kinds)} |"
    yield f"|---|{'---|' * len(kinds)}"
    for one in scores:
        cells = (f"{one.counts[kind][0]} of {one.counts[kind][1]}" if kind in one.counts else "" for kind in kinds)
        yield f"| {one.name} | {' | '.join(cells)} |"
    sums = {kind: [sum(one.counts.get(kind, (0, 0))[i] for one in scores) for i in (0, 1)] for kind in kinds}
    yield f"| all | {' | '.join(f'{right} of {every}, {right / every:.0%}' for right, every in sums.values())} |"


def main() -> None:
    scores = [score(name, truth) for name, truth in truths().items()]
    print("\n".join(table(scores)))
    if "--write" in sys.argv:
        said = DOCS.read_text("utf-8")
        DOCS.write_text(re.sub(r"\| article \|[^\0]*?\| all \|.*", "\n".join(table(scores)), said, count=1), "utf-8")
    if "-v" in sys.argv:
        print("\n".join(line for one in scores for line in one.missed))


if __name__ == "__main__":
    main()
