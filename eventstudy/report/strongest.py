"""Which assets of very many a page shows in full: the rest stand in its tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from eventstudy.database.reading import Row
from eventstudy.report.narrative import RANK
from eventstudy.report.words import say

# With charts and tables of their own; with a panel; with an interval. A page of 200 assets stays under 500 kB.
MOST_FULL, MOST_PANELS, MOST_INTERVALS = 8, 12, 20

Item = TypeVar("Item")


def strongest(items: Sequence[Item], windows: Sequence[Row], most: int) -> list[Item]:
    """All items in their order; of more than `most`, the clearest reactions first, and what the answer is about.

    Parameters
    ----------
    items : sequence
    windows : sequence of Row
        The primary window of each, which has a number.
    most : int
    """
    if len(items) <= most:
        return list(items)
    ranks = [RANK.index(w["verdict"]) if w["verdict"] in RANK else len(RANK) for w in windows]
    places = sorted(range(len(items)), key=lambda n: (ranks[n], -abs(windows[n]["t"] or 0.0)))
    if min(ranks) == len(RANK):  # the answer is about the first asset where none reacted
        places = [0, *(n for n in places if n)]
    return [items[n] for n in places[:most]]


def note(shown: int, total: int) -> str:
    """That there are more; empty where all are shown."""
    return say("figure.shown", shown=shown, total=total) if shown < total else ""
