"""What the parts of a study tell, put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from eventstudy.abnormal import Abnormal, Cumulated
from eventstudy.inference.panel import Placebo
from eventstudy.order import names_at
from eventstudy.records import Fit, Int64Array, Sample
from eventstudy.study.fitting import Fitted
from eventstudy.study.many import SAMPLE_LIMIT
from eventstudy.study.placing import Placed
from eventstudy.study.room import Room
from eventstudy.study.samples import Samples
from eventstudy.study.spread.brief import Brief
from eventstudy.study.spread.part import Task, sample_of
from eventstudy.study.spread.remote import Remote

Piece = TypeVar("Piece", Fit, Abnormal, Cumulated)


def together(
    task: Task, placed: Placed, usable: Int64Array, briefs: Sequence[Brief], remote: Remote, room: Room
) -> Fitted:
    """The rows of all parts, without their returns and residuals."""
    fit = _joined([brief.fit for brief in briefs], room)
    fitted = Fitted(
        spec=task.spec,
        samples=_samples(task, placed, usable, briefs),
        fit=replace(
            fit,
            residuals=remote.residuals,
            leverage=remote.leverage,
            reasons=tuple(reason for brief in briefs for reason in brief.fit.reasons),
        ),
        daily=_joined([brief.daily for brief in briefs], room),
        cumulated=tuple(_joined(found, room) for found in zip(*(brief.cumulated for brief in briefs), strict=True)),
        placebos=_placebos([brief.placebos for brief in briefs]),
    )
    whole = tuple(np.concatenate(found) for found in zip(*(brief.is_whole for brief in briefs), strict=True))
    vars(fitted)["is_whole"] = whole
    return fitted


def _joined(pieces: Sequence[Piece], room: Room) -> Piece:
    """Arrays of all pieces, one after the other."""
    first = pieces[0]
    arrays: dict[str, Any] = {}
    for field in fields(first):
        if field.name != "tau" and isinstance(getattr(first, field.name), np.ndarray):
            own: list[NDArray[Any]] = [getattr(piece, field.name) for piece in pieces]
            whole = room((sum(map(len, own)), *own[0].shape[1:]), own[0].dtype)
            arrays[field.name] = np.concatenate(own, out=whole)
    return replace(first, **arrays)


def _placebos(pieces: Sequence[dict[Any, Placebo] | None]) -> dict[Any, Placebo] | None:
    known = [piece for piece in pieces if piece is not None]
    if not known:
        return None
    return {
        window: Placebo(
            car=np.concatenate([piece[window].car for piece in known], axis=1),
            scar=np.concatenate([piece[window].scar for piece in known], axis=1),
        )
        for window in known[0]
    }


def _samples(task: Task, placed: Placed, usable: Int64Array, briefs: Sequence[Brief]) -> Samples:
    """Where the rows stand in the calendar; their returns are elsewhere."""
    first, shared = briefs[0], briefs[0].shared
    days, days_at, more = [first.days[:shared]], [], 0
    for brief in briefs:
        days_at.append(np.where(brief.days_at < shared, brief.days_at, brief.days_at + more))
        days.append(brief.days[shared:])
        more += brief.days.size - shared
    before = np.concatenate([brief.before for brief in briefs])
    return Samples(
        event_ids=names_at(placed.event_ids, usable),
        assets=names_at(placed.assets, usable),
        tau=first.tau,
        estimation=task.spec.estimation,
        event_window=task.spec.event_window,
        pool=np.empty(0),
        span=None,
        y_at=before,
        x_at=np.zeros((before.size, first.n_regressors), dtype=np.int64),
        begin=np.zeros_like(before),
        end=before + np.concatenate([brief.after for brief in briefs]),
        margin=0,
        days=np.concatenate(days),
        days_at=np.concatenate(days_at),
        regressor_names=first.regressor_names,
        benchmarks=None if first.benchmarks is None else tuple(b for brief in briefs for b in brief.benchmarks or ()),
        notes=tuple(note for brief in briefs for note in brief.notes),
    )


def sample_of_all(samples: Samples, remote: Remote) -> Sample | None:
    """Raw returns of all rows, where the tests of events of one date read them."""
    if not samples.has_common_date or samples.n * samples.tau.size * (1 + samples.x_at.shape[1]) > SAMPLE_LIMIT:
        return None
    found: list[Sample] = remote.workers.gather(
        "returns", [remote.workers.submit(sample_of, part) for part in remote.parts]
    )
    span = [sample.span for sample in found if sample.span is not None]
    return replace(
        found[0],
        y=np.concatenate([sample.y for sample in found]),
        x=np.concatenate([sample.x for sample in found]),
        span=np.concatenate(span) if span else None,
    )
