"""Single events, told and written by the workers that have them."""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from eventstudy.records import Float64Array
from eventstudy.study.document import event_of, events_of
from eventstudy.study.result import StudyResult
from eventstudy.study.rows import OF_RESULTS, put_rows
from eventstudy.study.spread.part import Part
from eventstudy.study.spread.remote import Remote


def events_told(result: StudyResult, remote: Remote) -> list[dict[str, Any]]:
    """The events of the document, each told by the worker that has it."""
    out: list[dict[str, Any] | None] = [None] * len(result.placed.event_ids)
    packed = remote.workers.gather("events", _of_parts(remote.workers.submit, part_events, result, remote))
    told = (event for piece in packed for event in pickle.loads(zlib.decompress(piece)))  # noqa: S301  # our workers'
    for position, event in zip(result.usable.tolist(), told, strict=True):
        out[position] = event
    return [event_of(result, i, None) if event is None else event for i, event in enumerate(out)]


def tables_begun(result: StudyResult, remote: Remote, folder: Path) -> list[Any]:
    """Have every worker write the windows and days of its events when nothing else waits, a file a part.

    Returns
    -------
    list
        For each part what `part_tables` gives, not gathered.
    """
    n = len(remote.parts)
    return _of_parts(remote.workers.submit_later, part_tables, result, remote, [str(folder)] * n, range(n))


def tables_written(begun: Sequence[Any], remote: Remote) -> dict[str, int]:
    """Wait for the tables, and give the rows of each."""
    counts = remote.workers.gather("tables", begun)
    return {name: sum(found[name] for found in counts) for name in OF_RESULTS}


def _of_parts(
    submit: Callable[..., Any],
    work: Callable[..., Any],
    result: StudyResult,
    remote: Remote,
    *more: Sequence[Any],
) -> list[Any]:
    """What `work` will give of every part, with the adjusted p of its events and its elements of `more`."""
    cuts = [slice(int(low), int(high)) for low, high in zip(remote.offsets[:-1], remote.offsets[1:], strict=True)]
    adjusted = [[{name: p[cut] for name, p in found.items()} for found in result.adjusted] for cut in cuts]
    return [submit(work, *each) for each in zip(remote.parts, adjusted, *more, strict=True)]


def part_events(part: Part, adjusted: Sequence[dict[str, Float64Array]]) -> bytes:
    """The events of a part, packed.

    Parameters
    ----------
    adjusted : sequence of dict
        As of ``Findings``, whose numbers depend on all events.
    """
    return zlib.compress(pickle.dumps(list(events_of(_adjusted(part, adjusted)))), 1)


def part_tables(part: Part, adjusted: Sequence[dict[str, Float64Array]], folder: str, number: int) -> dict[str, int]:
    """Write the windows and days of the part `number` of a study into folders of these names."""
    result = _adjusted(part, adjusted)
    return {name: put_rows(result, name, Path(folder) / name / f"{number:05d}.parquet") for name in OF_RESULTS}


def _adjusted(part: Part, adjusted: Sequence[dict[str, Float64Array]]) -> StudyResult:
    """The result of a part, with p that depend on all events."""
    vars(part.result)["adjusted"] = tuple(adjusted)
    return part.result
