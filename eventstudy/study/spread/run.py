"""A study in parts: laid out, fitted by workers, and put together here."""

from __future__ import annotations

import pickle
import zlib
from collections.abc import Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np

from eventstudy.abnormal import Abnormal, Cumulated
from eventstudy.inference.panel import Placebo
from eventstudy.records import Fit, Float64Array, Int64Array, Sample
from eventstudy.spec import StudySpec
from eventstudy.study.document import averaged, event_of, events_of
from eventstudy.study.doubts import summed_up, used_columns
from eventstudy.study.fitting import Fitted
from eventstudy.study.frame import Market
from eventstudy.study.many import SAMPLE_LIMIT, finished
from eventstudy.study.placing import Placed
from eventstudy.study.result import StudyResult
from eventstudy.study.samples import Samples
from eventstudy.study.spread.layout import layout
from eventstudy.study.spread.part import Brief, Part, Task, brief_of, make_part, placed_part, sample_of
from eventstudy.study.spread.remote import Remote
from eventstudy.study.spread.workers import Progress, Workers
from eventstudy.study.spread.workers import workers as workers_of

if TYPE_CHECKING:
    from distributed import Client

LEAN = 100_000  # events beyond which what is told of one event alone stays with the workers

Piece = TypeVar("Piece", Fit, Abnormal, Cumulated)


class Prices(Protocol):
    """Where the prices of a study come from.

    Attributes
    ----------
    market : Market
        All columns, on all sessions; whether there is a price is known, the price itself need not be.
    """

    market: Market

    def part(self, columns: Int64Array) -> Any:
        """The market of some columns, or what a worker will make of it."""
        ...


class HeldPrices:
    """Prices that are here."""

    def __init__(self, market: Market) -> None:
        self.market = market

    def part(self, columns: Int64Array) -> Market:
        """The market of some columns."""
        return self.market.part(columns)


def parts_of(
    task: Task, prices: Prices, placed: Placed, usable: Int64Array, n_workers: int, parts: int | None
) -> list[tuple[slice, Int64Array]]:
    """Rows of each part, and the columns that it needs."""
    columns = placed.columns[usable]
    is_bound = prices.market.with_own_sessions()[columns] | task.mask_events | bool(placed.delisting)
    cuts = layout(columns, n_workers, parts, is_bound)
    found = []
    for cut in cuts:
        used = used_columns(prices.market, placed_rows(placed, usable[cut]), task.spec, np.arange(usable[cut].size))
        found.append((cut, np.array(sorted(used), dtype=np.int64)))
    return found


def placed_rows(placed: Placed, rows: Int64Array) -> Placed:
    """Some of the events, on the same market."""
    return replace(placed, columns=placed.columns[rows], benchmarks=tuple(placed.benchmarks[i] for i in rows.tolist()))


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
    briefs: list[Brief] = workers.gather("parts", [workers.submit(_brief, part, task.n > LEAN) for part in made])
    offsets = np.array([0, *(cut.stop for cut, _ in laid)], dtype=np.int64)
    remote = Remote(workers, made, offsets, briefs[0].width)
    fitted = _together(task, placed, usable, briefs, remote)
    told = {name: texts for brief in briefs for name, texts in brief.told.items()}
    confirmed = set().union(*(brief.confirmed for brief in briefs))
    in_order = [told[name] for name in prices.market.names if name in told]
    result = finished(
        fitted,
        placed,
        usable,
        _sample(fitted.samples, remote),
        settings=task.settings,
        warnings=(*warnings, *summed_up(in_order, confirmed, task.confirm)),
        elsewhere=remote,
    )
    reasons = list(placed.reasons)
    for position, reason in zip(usable.tolist(), (r for brief in briefs for r in brief.reasons), strict=True):
        reasons[position] = reason
    result = _knowing(result, reasons=tuple(reasons), has_doubts=any(brief.has_doubts for brief in briefs))
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
) -> StudyResult:
    """Study on a cluster, whole: nothing of the result is left to be asked of it."""
    with workers_of(cluster, progress) as workers:
        result, remote = study_parts(
            task, prices, placed, usable, workers, parts=parts, warnings=prices.market.warnings
        )
        averaged(result)  # every test, which the result then keeps
        events = events_told(result, remote)
        return replace_told(result, events)


def replace_told(result: StudyResult, events: list[dict[str, Any]]) -> StudyResult:
    """`result` with its events as the workers told them."""
    kept = vars(result)
    out = replace(result, told=lambda: events)
    vars(out).update({name: value for name, value in kept.items() if name not in type(result).__dataclass_fields__})
    return out


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
    result = _knowing(part.result, adjusted=tuple(adjusted))
    return zlib.compress(pickle.dumps(list(events_of(result))), 1)


def _brief(part: Part, is_lean: bool) -> Brief:
    return brief_of(part, is_lean=is_lean)


def _knowing(found: StudyResult, **values: Any) -> StudyResult:
    """The same, with properties that are known already."""
    vars(found).update(values)
    return found


def _together(task: Task, placed: Placed, usable: Int64Array, briefs: Sequence[Brief], remote: Remote) -> Fitted:
    """The rows of all parts, without their returns and residuals."""
    fit = _joined([brief.fit for brief in briefs])
    fitted = Fitted(
        spec=task.spec,
        samples=_samples(task, placed, usable, briefs),
        fit=replace(
            fit,
            residuals=remote.residuals,
            leverage=remote.leverage,
            reasons=tuple(reason for brief in briefs for reason in brief.fit.reasons),
        ),
        daily=_joined([brief.daily for brief in briefs]),
        cumulated=tuple(_joined(found) for found in zip(*(brief.cumulated for brief in briefs), strict=True)),
        placebos=_placebos([brief.placebos for brief in briefs]),
    )
    whole = tuple(np.concatenate(found) for found in zip(*(brief.is_whole for brief in briefs), strict=True))
    vars(fitted)["is_whole"] = whole
    return fitted


def _joined(pieces: Sequence[Piece]) -> Piece:
    """Arrays of all pieces, one after the other."""
    first = pieces[0]
    arrays: dict[str, Any] = {
        field.name: np.concatenate([getattr(piece, field.name) for piece in pieces])
        for field in fields(first)
        if field.name != "tau" and isinstance(getattr(first, field.name), np.ndarray)
    }
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
        event_ids=tuple(placed.event_ids[i] for i in usable.tolist()),
        assets=tuple(placed.assets[i] for i in usable.tolist()),
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


def _sample(samples: Samples, remote: Remote) -> Sample | None:
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
