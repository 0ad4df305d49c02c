"""A part of a study: some of its events with the prices that they need, fitted by one worker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd

from eventstudy.records import Float64Array, Int64Array, Sample
from eventstudy.spec import StudySpec
from eventstudy.study.doubts import examined_columns, used_columns
from eventstudy.study.fitting import Fitted
from eventstudy.study.frame import Market
from eventstudy.study.from_table import padding, samples_of_table
from eventstudy.study.many import fitted_rows, wants_placebos
from eventstudy.study.placing import Placed
from eventstudy.study.result import StudyResult
from eventstudy.study.samples import Rows
from eventstudy.tables.shapes import NOT_HELD, Values


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What all parts of a study have in common.

    Attributes
    ----------
    spec : StudySpec
    settings : dict
        Beside `spec`.
    kind : {"prices", "returns", "volume", "changes"}
        What the cells are.
    confirm : tuple of str
    mask_events : bool
    n : int
        Usable events of the whole study.
    """

    spec: StudySpec
    settings: dict[str, Any]
    kind: Values
    confirm: tuple[str, ...]
    mask_events: bool
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some events, fitted.

    Attributes
    ----------
    result : StudyResult
        Of these events alone, without groups.
    told : dict
        Column → warnings of its prices in doubt.
    confirmed : set of str
    shared : int
        How many of the first days of its samples are those of the table, and of every part.
    """

    result: StudyResult
    shared: int
    told: dict[str, tuple[str, ...]]
    confirmed: set[str]


class Unread(Protocol):
    """The market of a part that is read where it is needed."""

    def read(self) -> Market:
        """Read it."""
        ...


def make_part(task: Task, market: Market | Unread, placed: Placed) -> Part:
    """Fit the events of a part.

    Parameters
    ----------
    market : Market or Unread
        The columns that they need, at least.
    placed : Placed
        These events alone, all of which have a place.
    """
    market = market if isinstance(market, Market) else market.read()
    usable = np.arange(len(placed.event_ids))
    doubts, told, confirmed = examined_columns(
        market, used_columns(market, placed, task.spec, usable), task.kind, task.confirm
    )
    samples = samples_of_table(
        market,
        placed,
        task.spec,
        usable,
        is_shifted=wants_placebos(task.spec, task.n),
        doubts=doubts,
        mask_events=task.mask_events,
    )
    fitted = fitted_rows(samples, task.spec, has_bhar=task.kind not in NOT_HELD, whole=task.n)
    result = StudyResult(
        **{name: getattr(fitted, name) for name in Fitted.__dataclass_fields__},
        settings=task.settings,
        placed=placed,
        usable=usable,
        groups=(),
        warnings=(),
    )
    shared = market.sessions.size + 2 * padding(samples.tau)
    return Part(result=result, told=told, confirmed=confirmed, shared=shared)


def sample_of(part: Part) -> Sample:
    """The raw returns of a part's events."""
    return part.result.samples.sample(slice(None))


def some_residuals(part: Part, rows: Rows, length: int | None = None) -> Float64Array:
    """Residuals of some rows; of the first `length` days, where they are given."""
    found: Float64Array = np.asarray(part.result.fit.residuals[rows])
    return found if length is None else found[:, :length]


def some_leverage(part: Part, rows: Rows) -> Float64Array:
    """Hat diagonal of some rows."""
    return np.array(part.result.fit.leverage[rows])


def placed_part(placed: Placed, rows: Int64Array, columns: Int64Array) -> Placed:
    """Some of the events, on a market that has no more columns than `columns`, in their order."""
    some = rows.tolist()
    place = np.full(int(columns.max(initial=-1)) + 1, -1, dtype=np.int64)
    place[columns] = np.arange(columns.size)
    return Placed(
        event_ids=tuple(placed.event_ids[i] for i in some),
        assets=tuple(placed.assets[i] for i in some),
        groups=tuple(placed.groups[i] for i in some),
        weights=None if placed.weights is None else placed.weights[rows],
        characteristics=pd.DataFrame(index=range(len(some))),
        benchmarks=tuple(placed.benchmarks[i] for i in some),
        rows=placed.rows[rows],
        columns=place[placed.columns[rows]],
        reasons=(None,) * len(some),
        notes=(),
        calendars=tuple(placed.calendars[i] for i in some) if placed.calendars else (),
        delisting=tuple(placed.delisting[i] for i in some) if placed.delisting else (),
    )
