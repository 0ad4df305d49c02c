"""Sums over blocks of events, made by the workers that have their residuals, and added up here in the same order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eventstudy.compiled import loops
from eventstudy.inference.batch import Batch, Written
from eventstudy.inference.correlation import added_by_date
from eventstudy.inference.daily import BLOCK
from eventstudy.records import Float64Array, Int64Array, Window
from eventstudy.study.samples import CompiledResiduals, Rows
from eventstudy.study.spread.part import Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Tail:
    """Rows of a part that belong to the last block of the part before it."""

    residuals: Float64Array | CompiledResiduals
    leverage: Float64Array
    s2: Float64Array
    ar: Float64Array
    sar: Float64Array


class Joined:
    """Rows of several arrays, one after the other."""

    def __init__(self, pieces: Sequence[Any]) -> None:
        self._pieces = list(pieces)
        self._starts = np.cumsum([0, *(piece.shape[0] for piece in pieces)])

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows, and of columns."""
        return int(self._starts[-1]), self._pieces[0].shape[1]

    def __getitem__(self, rows: Rows, /) -> Float64Array:
        events = np.arange(self.shape[0])[rows]
        return np.concatenate([piece[own] for piece, own, _ in self._by_piece(events)])

    def _by_piece(self, events: Int64Array) -> list[tuple[Any, Int64Array, slice]]:
        """Pieces with rows of theirs, and which of the ascending `events` these are."""
        cuts = np.searchsorted(events, self._starts)
        found = zip(self._pieces, self._starts.tolist(), cuts[:-1].tolist(), cuts[1:].tolist(), strict=False)
        return [(piece, events[low:high] - start, slice(low, high)) for piece, start, low, high in found if low < high]


class JoinedWritten(Joined, Written):
    """The same of residuals that are made where they are wanted."""

    def write(self, events: Int64Array, out: Float64Array) -> None:
        """Write the residuals of some rows into the first columns of `out`."""
        for piece, own, here in self._by_piece(events):
            piece.write(own, out[here])

    def standardised(self, events: Int64Array, out: Float64Array) -> None:
        """Write e / (s √(1 - h)) of some rows into the first columns of `out`."""
        for piece, own, here in self._by_piece(events):
            piece.standardised(own, out[here])


def tail_of(part: Part, rows: Int64Array) -> Tail:
    """Some rows of a part."""
    fit, daily = part.result.fit, part.result.daily
    residuals = fit.residuals
    return Tail(
        residuals=residuals.take(rows) if isinstance(residuals, CompiledResiduals) else np.asarray(residuals[rows]),
        leverage=np.array(fit.leverage[rows]),
        s2=fit.s2[rows],
        ar=daily.ar[rows],
        sar=daily.sar[rows],
    )


def block_sums(
    work: Callable[..., Any],
    part: Part,
    rows: Int64Array,
    tails: Sequence[Tail],
    scores: dict[Window, Float64Array],
    along: Sequence[NDArray[Any]],
    whole: int,
) -> list[Any]:
    """Results of `work` on consecutive blocks of some rows of a part, and then of all of the `tails`.

    Parameters
    ----------
    scores, along
        Of these rows.
    whole : int
        Rows of the group.
    """
    result = part.result
    fit, daily = result.fit, result.daily
    if tails:
        residuals = [fit.residuals, *(tail.residuals for tail in tails)]
        is_written = all(isinstance(piece, Written) for piece in residuals)
        fit = replace(
            fit,
            residuals=JoinedWritten(residuals) if is_written else Joined(residuals),
            leverage=Joined([fit.leverage, *(tail.leverage for tail in tails)]),
            s2=np.concatenate([fit.s2, *(tail.s2 for tail in tails)]),
        )
        ar, sar = ([getattr(found, name) for found in (daily, *tails)] for name in ("ar", "sar"))
        daily = replace(daily, ar=np.concatenate(ar), sar=np.concatenate(sar))
        rows = np.concatenate([rows, np.arange(result.samples.n, fit.s2.size)])
    batch = Batch(
        spec=result.spec,
        fit=fit,
        abnormal=daily,
        rows=rows,
        tau=result.samples.tau,
        days=np.empty((fit.s2.size, 0), dtype=np.int64),
        scores=scores,
        whole=whole,
    )
    blocks = [slice(start, start + BLOCK) for start in range(0, rows.size, BLOCK)]
    return [work(batch, block, *(values[block] for values in along)) for block in blocks]


def date_sums(
    places: Sequence[Int64Array],
    pieces: Sequence[Float64Array],
    days: NDArray[np.integer[Any]],
    starts: Int64Array,
    whole: int,
) -> tuple[Int64Array, Float64Array]:
    """First days and moments of some dates, from residuals of all parts.

    Parameters
    ----------
    places, pieces
        Where among the events of these dates the residuals of each part belong, and these.
    days, starts
        See `added_by_date`.
    """
    residuals = np.empty((sum(place.size for place in places), pieces[0].shape[1]))
    for place, piece in zip(places, pieces, strict=True):
        residuals[place] = piece
    return added_by_date(residuals, days, starts, loops(whole))
