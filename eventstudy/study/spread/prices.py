"""Where the prices of a study come from, and which of them each part needs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from eventstudy.records import Int64Array
from eventstudy.study.doubts import used_columns
from eventstudy.study.frame import Market
from eventstudy.study.placing import Placed
from eventstudy.study.spread.layout import layout
from eventstudy.study.spread.part import Task


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
