"""Events of one asset that lie in each other's windows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress

import numpy as np

from eventstudy.order import stable_order
from eventstudy.records import Int64Array
from eventstudy.spec import StudySpec


def overlaps(
    rows: Int64Array,
    columns: Int64Array,
    event_ids: Sequence[str],
    reasons: list[str | None],
    notes: list[str],
    spec: StudySpec,
    drop: bool,
) -> None:
    """Flag, or drop, events of one asset whose event windows share a session."""
    order = without_reason(reasons)
    order = order[stable_order(columns[order] * (rows.max(initial=0) + 1) + rows[order])]
    tied = (np.diff(rows[order]) == 0) & (np.diff(columns[order]) == 0)
    for run in np.split(np.flatnonzero(tied), np.flatnonzero(np.diff(np.flatnonzero(tied)) > 1) + 1):
        if run.size:  # then the ids decide, not the table
            here = slice(run[0], run[-1] + 2)
            order[here] = sorted(order[here].tolist(), key=lambda i: event_ids[i])
    near = (columns[order[1:]] == columns[order[:-1]]) & (np.diff(rows[order]) < spec.event_window.length)
    later, earlier = order[1:][near].tolist(), order[:-1][near].tolist()
    if not drop:
        notes += [
            f"{event_ids[i]}: its event window overlaps that of {event_ids[j]} (same asset): the two are confounded"
            for i, j in zip(later, earlier, strict=True)
        ]
        return
    kept: int | None = None
    for i, before in zip(later, earlier, strict=True):
        # of a run of overlapping events the first stays, and the next that is clear of the last one kept
        kept = before if reasons[before] is None else kept
        assert kept is not None  # the first of a run is never dropped
        if rows[i] - rows[kept] < spec.event_window.length:
            reasons[i] = f"its event window overlaps that of {event_ids[kept]} (same asset); dropped as asked"


def in_estimation(
    rows: Int64Array,
    columns: Int64Array,
    event_ids: Sequence[str],
    reasons: Sequence[str | None],
    notes: list[str],
    spec: StudySpec,
) -> None:
    """Note events whose estimation window holds another event of their asset."""
    live = without_reason(reasons)
    far = int(rows.max(initial=0)) + abs(spec.estimation.start) + abs(spec.estimation.end) + 1
    place = columns[live] * 3 * far + far + rows[live]  # so that no window reaches another asset
    order = stable_order(place)
    ordered, known = live[order], place[order]  # one after another, each is found near the one before
    last = np.searchsorted(known, known + spec.estimation.end, side="right") - 1
    held = np.flatnonzero((last >= 0) & (known[last] >= known + spec.estimation.start))
    if held.size:
        is_held = np.zeros(len(event_ids), dtype=bool)
        is_held[ordered[held]] = True
        least = min(compress(event_ids, is_held))  # whatever the order of the table
        first = held[np.isin(ordered[held], [i for i, name in enumerate(event_ids) if name == least])][0]
        more = f", and of {held.size - 1} more events" if held.size > 1 else ""
        low = np.searchsorted(known, known[first] + spec.estimation.start, side="left")
        notes.append(
            f"{event_ids[ordered[first]]}: its estimation window{more} holds another event of the asset "
            f"({event_ids[ordered[low]]}); --mask-events leaves such days out"
        )


def without_reason(reasons: Sequence[str | None]) -> Int64Array:
    """Positions of the events that have no reason."""
    if reasons.count(None) == len(reasons):  # as nearly always, and found in a hundredth of the time
        return np.arange(len(reasons))
    return np.flatnonzero([reason is None for reason in reasons])
