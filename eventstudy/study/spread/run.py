"""A study in parts: laid out, fitted by workers, and averaged here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from eventstudy.records import Int64Array
from eventstudy.spec import StudySpec
from eventstudy.study.document import averages
from eventstudy.study.doubts import summed_up
from eventstudy.study.findings import WrittenRows
from eventstudy.study.many import finished
from eventstudy.study.placing import Placed
from eventstudy.study.result import StudyResult
from eventstudy.study.room import room_in
from eventstudy.study.spread.brief import Brief, brief_of
from eventstudy.study.spread.events import events_told, tables_begun, tables_written
from eventstudy.study.spread.part import Task, make_part, placed_part
from eventstudy.study.spread.prices import Prices, columns_of, cuts_of, ingredients
from eventstudy.study.spread.remote import Remote
from eventstudy.study.spread.saved import Saved, begun, saved_part
from eventstudy.study.spread.together import sample_of_all, together
from eventstudy.study.spread.workers import Progress, Workers

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
    saved: Saved | None = None,
    is_light: bool = False,
    warnings: Sequence[str] = (),
) -> tuple[StudyResult, Remote]:
    """Fit all parts, and average every group.

    Parameters
    ----------
    saved : Saved or None
        Where each part is written when it is finished, and read from where it is already.
    is_light : bool
        See ``brief_of``.

    Returns
    -------
    StudyResult
        As of one process, to the last bit. Its tests are computed when they are asked for, by the workers.
    Remote
        Where the parts are.
    """
    cuts = cuts_of(task, prices, placed, usable, workers.n, parts) if saved is None else saved.cuts
    made = []
    for number, cut in enumerate(cuts):
        columns = columns_of(task, prices.market, placed, usable[cut])
        needs = task, prices.part(columns), placed_part(placed, usable[cut], columns)
        if saved is None:
            made.append(workers.submit(make_part, *needs))
        else:
            made.append(workers.submit(saved_part, str(saved.path(number)), make_part, *needs))
    tell = partial(brief_of, is_light=is_light)
    briefs: list[Brief] = workers.gather("parts", [workers.submit(tell, part) for part in made])
    offsets = np.array([0, *(cut.stop for cut in cuts)], dtype=np.int64)
    remote = Remote(workers, made, offsets, briefs[0].width)
    told = {name: texts for brief in briefs for name, texts in brief.told.items()}
    confirmed = set().union(*(brief.confirmed for brief in briefs))
    in_order = [told[name] for name in prices.market.names if name in told]
    reasons = list(placed.reasons)
    for position, reason in zip(usable.tolist(), (r for brief in briefs for r in brief.reasons), strict=True):
        reasons[position] = reason
    windows = {
        (int(low) + i, position): why
        for low, brief in zip(offsets[:-1], briefs, strict=True)
        for (i, position), why in brief.window_reasons.items()
    }
    has_refusals = any(brief.has_refusals for brief in briefs)
    room = room_in(None if saved is None else saved.folder)
    fitted = together(task, placed, usable, briefs, remote, room)
    del briefs  # whose rows are in it
    result = finished(
        fitted,
        placed,
        usable,
        sample_of_all(fitted.samples, remote),
        settings=task.settings,
        warnings=(*warnings, *summed_up(in_order, confirmed, task.confirm)),
        elsewhere=remote,
    )
    result = _knowing(result, reasons=tuple(reasons), window_reasons=windows, has_refusals=has_refusals)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How a study is spread.

    Attributes
    ----------
    cluster : str, Client or None
        See `eventstudy.study.spread.workers.workers`.
    parts : int or None
        How many; as many as are sensible when None.
    progress : callable or None
    with_events : bool
        Whether single events are to be told.
    folder : Path or None
        Where finished parts are left until the study is written.
    resume : bool
        Whether those that are there are taken.
    is_light : bool
        Whether workers write the rows of the study into `folder`, so that no more comes back than tests read.
    """

    cluster: str | Client | None = None
    parts: int | None = None
    progress: Progress | None = None
    with_events: bool = True
    folder: Path | None = None
    resume: bool = False
    is_light: bool = False


def study_on(
    workers: Workers, task: Task, prices: Prices, placed: Placed, usable: Int64Array, spread: Spread
) -> StudyResult:
    """Study on a cluster, whole: nothing of the result is left to be asked of it."""
    saved = None
    if spread.folder is not None:
        cuts = [] if spread.resume else cuts_of(task, prices, placed, usable, workers.n, spread.parts)
        plan = ingredients(task, prices, placed, usable)
        saved = begun(spread.folder, plan, [cut.stop for cut in cuts], resume=spread.resume)
    result, remote = study_parts(
        task,
        prices,
        placed,
        usable,
        workers,
        parts=spread.parts,
        saved=saved,
        is_light=spread.is_light,
        warnings=prices.market.warnings,
    )
    out, writing = result, []
    if saved is not None and spread.is_light:
        writing = tables_begun(result, remote, saved.folder)
    averages(result)  # every test, which the result then keeps
    if saved is not None and spread.is_light:
        out = replace(out, written=WrittenRows(folder=saved.folder, rows=tables_written(writing, remote)))
    if spread.with_events:
        events = events_told(result, remote)
        out = replace(out, told=lambda: events)
    known = {name: value for name, value in vars(result).items() if name not in type(result).__dataclass_fields__}
    return _knowing(out, **known)


def _knowing(found: StudyResult, **values: Any) -> StudyResult:
    """The same, with properties that are known already."""
    vars(found).update(values)
    return found
