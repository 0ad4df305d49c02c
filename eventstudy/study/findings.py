"""What a study of many events found, as frozen arrays: the ground for its frames, its document and its text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from eventstudy.inference.multiple import bh, by, holm
from eventstudy.records import Float64Array, Int64Array
from eventstudy.study.averages import GroupResult
from eventstudy.study.fitting import Fitted
from eventstudy.study.placing import Placed


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenRows:
    """Tables of windows and days that workers have written, a file for each part of the study.

    Attributes
    ----------
    folder : Path
        Has a folder for each table.
    rows : dict of str to int
        Name of a table → its rows.
    """

    folder: Path
    rows: dict[str, int]


@dataclass(frozen=True, kw_only=True)
class Findings(Fitted):
    """The numbers of a finished study.

    Attributes
    ----------
    settings : dict
        Every setting, defaults spelled out.
    placed : Placed
        All events of the table, the skipped ones with their reasons.
    usable : Int64Array
        Shape (n,), positions in the table of the events that could be placed, ordered by event and asset so that
        results do not depend on the order of the table; the samples, and what was fitted, follow it.
    groups : tuple of GroupResult
        All events, then each group of the table.
    warnings : tuple of str
    told : callable or None
        Gives the events of the document, where they are told elsewhere than here.
    written : WrittenRows or None
        Where the rows are, of which ``fit`` and ``daily`` then have no more than tests read.
    """

    settings: dict[str, Any]
    placed: Placed
    usable: Int64Array
    groups: tuple[GroupResult, ...]
    warnings: tuple[str, ...]
    told: Callable[[], list[dict[str, Any]]] | None = None
    written: WrittenRows | None = None

    @cached_property
    def reasons(self) -> tuple[str | None, ...]:
        """Why each event of the table was skipped; None for those with a result."""
        out = list(self.placed.reasons)
        is_filled = np.any([np.isfinite(found.car) for found in self.cumulated], axis=0).tolist()
        for i, position in enumerate(self.usable.tolist()):
            out[position] = self.fit.reasons[i] or (None if is_filled[i] else self.window_reason(i, 0))
        return tuple(out)

    @property
    def n_skipped(self) -> int:
        """Events of the table without a result."""
        return sum(reason is not None for reason in self.reasons)

    @cached_property
    def has_refusals(self) -> bool:
        """Whether a window of any event rests on a price in doubt, or misses a session of its calendar."""
        holes = {window for _, window in self.samples.refused}
        return any(window in holes or bool(self.samples.in_doubt(window).any()) for window in self.spec.windows)

    @cached_property
    def adjusted(self) -> tuple[dict[str, Float64Array], ...]:
        """Per window `p_values` adjusted for the number of events, by Holm, Benjamini-Hochberg and -Yekutieli."""
        return tuple({"p_holm": holm(p), "p_bh": bh(p), "p_by": by(p)} for p in self.p_values)

    def in_table(self, values: Float64Array) -> Float64Array:
        """Values of the usable events on the rows of the events table; NaN for events without a result."""
        out = np.full((len(self.placed.event_ids), *values.shape[1:]), np.nan)
        out[self.usable] = values
        out[[reason is not None for reason in self.reasons]] = np.nan
        return out
