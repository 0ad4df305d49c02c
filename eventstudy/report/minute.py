"""What another minute of an announcement's interval would lead to."""

from __future__ import annotations

from collections.abc import Sequence

from eventstudy.database.reading import Row
from eventstudy.report.titles import titled
from eventstudy.store.read import EventResults

Reading = tuple[Row, Row]  # an analysis, and its window


def readings(results: EventResults, lead: Sequence[Row]) -> tuple[list[Reading], list[str], list[str]]:
    """Readings of an uncertain time by the first study; the assets whose verdict depends on it; those with only one.

    Parameters
    ----------
    results : EventResults
    lead : sequence of Row
        The analyses that the answer is made of.
    """
    event = results.event
    unsure = {row["asset"] for row in lead if is_uncertain(event, row)}
    mine = [row for row in results.analyses if row["study_id"] == lead[0]["study_id"] and row["asset"] in unsure]
    found = [(row, day) for row in mine if (day := _first_session(results.windows(row["analysis_id"])))]
    verdicts: dict[str, list[str]] = {}
    for row, day in found:
        verdicts.setdefault(row["asset"], []).append(day["verdict"])
    titles = {row["asset"]: titled(row["asset_title"]) for row in mine}
    differing = [title for asset, title in titles.items() if len(set(verdicts.get(asset, ()))) > 1]
    alone = [title for asset, title in titles.items() if len(verdicts.get(asset, ())) < 2]
    return found, differing, alone


def is_uncertain(event: Row, row: Row) -> bool:
    """Whether some minute of the announcement's interval leads to another first session than the main one.

    The first price after the news is the stored one exactly for the minutes from `instant_before` up to, and without,
    `instant_at`.
    """
    if row["instant_at"] is None:
        return False
    return bool(event["earliest"] < row["instant_before"] or event["latest"] >= row["instant_at"])


def _first_session(windows: Sequence[Row]) -> Row | None:
    """The window [0,0] where the study has it, else the primary one; None without a number."""
    alone = [w for w in windows if w["window_start"] == w["window_end"] == 0]
    found = next(iter([*alone, *windows]), None)
    return found if found and found["p_adjusted"] is not None else None
