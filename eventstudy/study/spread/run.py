"""A study in parts: laid out, fitted by workers, and averaged here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from eventstudy.records import Int64Array
from eventstudy.spec import StudySpec
from eventstudy.study.document import averaged
from eventstudy.study.doubts import summed_up
from eventstudy.study.many import finished
from eventstudy.study.placing import Placed
from eventstudy.study.result import StudyResult
from eventstudy.study.spread.brief import Brief, brief_of
from eventstudy.study.spread.events import events_told
from eventstudy.study.spread.part import Task, make_part, placed_part
from eventstudy.study.spread.prices import Prices, parts_of
from eventstudy.study.spread.remote import Remote
from eventstudy.study.spread.together import sample_of_all, together
from eventstudy.study.spread.workers import Progress, Workers
from eventstudy.study.spread.workers import workers as workers_of

if TYPE_CHECKING:
    from distributed import Client


def study_parts(
    task: Task,
    prices: Prices,
    placed: Placed,
    usable: Int64Array,
    workers: Workers,
    *,
    parts: int | None = None,
    warnings: Sequence[str] = (),
) -> tuple[StudyResult, Remote]:
    """Fit all parts, and average every group.

    Returns
    -------
    StudyResult
        As of one process, to the last bit. Its tests are computed when they are asked for, by the workers.
    Remote
        Where the parts are.
    """
    laid = parts_of(task, prices, placed, usable, workers.n, parts)
    made = [
        workers.submit(make_part, task, prices.part(columns), placed_part(placed, usable[cut], columns))
        for cut, columns in laid
    ]
    briefs: list[Brief] = workers.gather("parts", [workers.submit(brief_of, part) for part in made])
    offsets = np.array([0, *(cut.stop for cut, _ in laid)], dtype=np.int64)
    remote = Remote(workers, made, offsets, briefs[0].width)
    fitted = together(task, placed, usable, briefs, remote)
    told = {name: texts for brief in briefs for name, texts in brief.told.items()}
    confirmed = set().union(*(brief.confirmed for brief in briefs))
    in_order = [told[name] for name in prices.market.names if name in told]
    result = finished(
        fitted,
        placed,
        usable,
        sample_of_all(fitted.samples, remote),
        settings=task.settings,
        warnings=(*warnings, *summed_up(in_order, confirmed, task.confirm)),
        elsewhere=remote,
    )
    reasons = list(placed.reasons)
    for position, reason in zip(usable.tolist(), (r for brief in briefs for r in brief.reasons), strict=True):
        reasons[position] = reason
    windows = {
        (int(low) + i, position): why
        for low, brief in zip(offsets[:-1], briefs, strict=True)
        for (i, position), why in brief.window_reasons.items()
    }
    has_doubts = any(brief.has_doubts for brief in briefs)
    result = _knowing(result, reasons=tuple(reasons), window_reasons=windows, has_doubts=has_doubts)
    return result, remote


def task_of(spec: StudySpec, settings: dict[str, Any], n: int) -> Task:
    """What the parts of a study of `n` usable events have in common."""
    return Task(
        spec=spec,
        settings=settings,
        kind=settings["values"],
        confirm=tuple(settings["confirm"]),
        mask_events=settings["mask_events"],
        n=n,
    )


def study_on(
    cluster: str | Client,
    task: Task,
    prices: Prices,
    placed: Placed,
    usable: Int64Array,
    parts: int | None = None,
    progress: Progress | None = None,
    *,
    with_events: bool = True,
) -> StudyResult:
    """Study on a cluster, whole: nothing of the result is left to be asked of it."""
    with workers_of(cluster, progress) as workers:
        result, remote = study_parts(
            task, prices, placed, usable, workers, parts=parts, warnings=prices.market.warnings
        )
        averaged(result)  # every test, which the result then keeps
        if not with_events:
            return result
        events = events_told(result, remote)
        return replace_told(result, events)


def replace_told(result: StudyResult, events: list[dict[str, Any]]) -> StudyResult:
    """`result` with its events as the workers told them."""
    kept = vars(result)
    out = replace(result, told=lambda: events)
    vars(out).update({name: value for name, value in kept.items() if name not in type(result).__dataclass_fields__})
    return out


def _knowing(found: StudyResult, **values: Any) -> StudyResult:
    """The same, with properties that are known already."""
    vars(found).update(values)
    return found
