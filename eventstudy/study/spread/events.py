"""What is told of single events, by the workers that have them."""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Sequence
from typing import Any

from eventstudy.records import Float64Array
from eventstudy.study.document import event_of, events_of
from eventstudy.study.result import StudyResult
from eventstudy.study.spread.part import Part
from eventstudy.study.spread.remote import Remote


def events_told(result: StudyResult, remote: Remote) -> list[dict[str, Any]]:
    """The events of the document, each told by the worker that has it."""
    rows = [slice(int(low), int(high)) for low, high in zip(remote.offsets[:-1], remote.offsets[1:], strict=True)]
    asked = [
        remote.workers.submit(
            part_events, part, [{name: p[cut] for name, p in found.items()} for found in result.adjusted]
        )
        for part, cut in zip(remote.parts, rows, strict=True)
    ]
    out: list[dict[str, Any] | None] = [None] * len(result.placed.event_ids)
    packed = remote.workers.gather("events", asked)
    told = (event for piece in packed for event in pickle.loads(zlib.decompress(piece)))  # noqa: S301  # our workers'
    for position, event in zip(result.usable.tolist(), told, strict=True):
        out[position] = event
    return [event_of(result, i, None) if event is None else event for i, event in enumerate(out)]


def part_events(part: Part, adjusted: Sequence[dict[str, Float64Array]]) -> bytes:
    """The events of a part, packed.

    Parameters
    ----------
    adjusted : sequence of dict
        As of ``Findings``, whose numbers depend on all events.
    """
    result = part.result
    vars(result)["adjusted"] = tuple(adjusted)  # which depend on all events
    return zlib.compress(pickle.dumps(list(events_of(result))), 1)
