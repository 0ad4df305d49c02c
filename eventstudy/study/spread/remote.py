"""Residuals that stay with the workers: asked for by row, in blocks, or by date."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eventstudy.inference.batch import Batch
from eventstudy.inference.correlation import DateGroups, DayTable, date_groups, dates_of, whole_dates
from eventstudy.inference.daily import BLOCK
from eventstudy.records import Int64Array
from eventstudy.study.spread.blocks import block_sums, date_sums, tail_of
from eventstudy.study.spread.part import some_leverage, some_residuals
from eventstudy.study.spread.workers import Workers

BUNDLE = 32_768  # events whose residuals are brought together by date at a time, 64 MB


class RemoteRows:
    """Rows of residuals, or of the hat diagonal, that are brought here when they are asked for."""

    def __init__(self, remote: Remote, work: Callable[..., Any], width: int) -> None:
        self._remote, self._work, self._width = remote, work, width

    @property
    def shape(self) -> tuple[int, int]:
        """Number of rows, and of days."""
        return int(self._remote.offsets[-1]), self._width

    def __getitem__(self, key: Any, /) -> Any:
        if isinstance(key, tuple):  # all rows, of the first days
            return RemoteRows(self._remote, self._work, key[1].stop)
        events = np.atleast_1d(np.arange(self.shape[0])[key])
        out = np.empty((events.size, self._width))
        owner = self._remote.owner(events)
        places = [np.flatnonzero(owner == p) for p in np.unique(owner).tolist()]
        found = [self._remote.ask(self._work, int(owner[at[0]]), events[at]) for at in places]
        for at, rows in zip(places, self._remote.workers.gather("rows", found), strict=True):
            out[at] = rows[:, : self._width]
        return out


class Remote:
    """The parts of a study, where they are.

    Attributes
    ----------
    workers : Workers
    parts : list
        Their results, not gathered.
    offsets : Int64Array
        Shape (parts + 1,), the first row of each part, and the number of all.
    """

    def __init__(self, workers: Workers, parts: Sequence[Any], offsets: Int64Array, width: int) -> None:
        self.workers, self.parts, self.offsets = workers, list(parts), offsets
        self.residuals = RemoteRows(self, some_residuals, width)
        self.leverage = RemoteRows(self, some_leverage, width)

    def owner(self, rows: Int64Array) -> Int64Array:
        """The part of each row."""
        found: Int64Array = np.searchsorted(self.offsets, rows, side="right") - 1
        return found

    def ask(self, work: Callable[..., Any], part: int, rows: Int64Array, *more: Any) -> Any:
        """What `work` gives of some rows, counted through all parts."""
        return self.workers.submit(work, self.parts[part], rows - self.offsets[part], *more)

    def each_block(self, batch: Batch, work: Callable[..., Any], along: Sequence[NDArray[Any]]) -> list[Any]:
        """Results of `work` on consecutive blocks of the batch's events; each is made where it begins."""
        rows = batch.rows
        owner = self.owner(rows[::BLOCK])  # of the first row of each block
        found = []
        for part in np.unique(owner).tolist():
            blocks = np.flatnonzero(owner == part)
            here = slice(int(blocks[0]) * BLOCK, (int(blocks[-1]) + 1) * BLOCK)
            held = rows[here]
            theirs = self.owner(held)
            tails = [self.ask(tail_of, p, held[theirs == p]) for p in np.unique(theirs).tolist() if p != part]
            scores = {window: values[here] for window, values in batch.scores.items()}
            cut = [values[here] for values in along]
            own = held[theirs == part] - self.offsets[part]
            found.append(self.workers.submit(block_sums, work, self.parts[part], own, tails, scores, cut, rows.size))
        return [result for results in self.workers.gather("sums", found) for result in results]

    def by_date(self, batch: Batch) -> DateGroups:
        """Standardised residuals added up over the events of each date: those of some dates by one worker."""
        residuals, days = batch.dated_residuals()
        length = residuals.shape[1]
        table = days if isinstance(days, DayTable) and days.is_consecutive else None
        order, starts = dates_of(batch.day0)
        ends = np.append(starts[1:], order.size)
        found = []
        for dates in whole_dates(starts, order.size, BUNDLE):
            begin = starts[dates][0]
            held = batch.rows[order[begin : ends[dates][-1]]]
            owner = self.owner(held)
            parts = np.unique(owner).tolist()
            places = [np.flatnonzero(owner == part) for part in parts]
            pieces = [self.ask(some_residuals, part, held[at], length) for part, at in zip(parts, places, strict=True)]
            of_days = days[held] if table is None else table.starts[held]
            found.append(
                self.workers.submit(date_sums, places, pieces, of_days, starts[dates] - begin, batch.rows.size)
            )
        return date_groups(order, starts, self.workers.gather("dates", found))
