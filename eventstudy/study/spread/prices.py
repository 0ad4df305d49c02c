"""Where the prices of a study come from, and which of them each part needs."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any, Protocol

import numpy as np

from eventstudy.records import Int64Array
from eventstudy.study.doubts import used_columns
from eventstudy.study.frame import Market
from eventstudy.study.many import spelt_out
from eventstudy.study.placing import Placed
from eventstudy.study.spread.layout import layout
from eventstudy.study.spread.part import Task, Unread


class Prices(Protocol):
    """Where the prices of a study come from."""

    @property
    def market(self) -> Market:
        """All columns, on all sessions; whether there is a price is known, the price itself need not be."""
        ...

    def part(self, columns: Int64Array) -> Market | Unread:
        """The market of some columns, or what a worker will make of it."""
        ...

    def digest(self, column: int) -> str:
        """Hash of the prices of a column."""
        ...


class HeldPrices:
    """Prices that are here."""

    def __init__(self, market: Market) -> None:
        self.market = market

    def part(self, columns: Int64Array) -> Market:
        """The market of some columns."""
        return self.market.part(columns)

    def digest(self, column: int) -> str:
        """Hash of the returns of a column, and of what they are made of."""
        market = self.market
        hashed = hashlib.sha256(np.ascontiguousarray(market.returns[:, column]).tobytes())
        if market.levels is not None:
            hashed.update(np.ascontiguousarray(market.levels[:, column]).tobytes())
        for role, values in market.bars.get(market.names[column], {}).items():
            hashed.update(role.encode() + values.tobytes())
        return hashed.hexdigest()


def cuts_of(
    task: Task, prices: Prices, placed: Placed, usable: Int64Array, n_workers: int, parts: int | None
) -> list[slice]:
    """Rows of each part."""
    columns = placed.columns[usable]
    is_bound = prices.market.with_own_sessions()[columns] | task.mask_events | bool(placed.delisting)
    return layout(columns, n_workers, parts, is_bound)


def columns_of(task: Task, market: Market, placed: Placed, rows: Int64Array) -> Int64Array:
    """The columns that some of the events need."""
    used = used_columns(market, placed_rows(placed, rows), task.spec, np.arange(rows.size))
    return np.array(sorted(used), dtype=np.int64)


def ingredients(task: Task, prices: Prices, placed: Placed, usable: Int64Array) -> dict[str, Any]:
    """What a study is made of: its settings, and hashes of its events and of all prices that it reads."""
    market = prices.market
    events = hashlib.sha256(np.ascontiguousarray(placed.rows).tobytes())
    for values in (placed.event_ids, placed.assets, placed.groups, placed.benchmarks, placed.reasons):
        events.update(json.dumps(values).encode())
    for more in (placed.calendars, placed.delisting, None if placed.weights is None else placed.weights.tolist()):
        events.update(json.dumps(more).encode())
    days = market.sessions
    return {
        "spec": spelt_out(task.spec, task.settings),
        "sessions": f"{days.size} from {days[0]} to {days[-1]}, {hashlib.sha256(days.tobytes()).hexdigest()[:12]}",
        "prices": {market.names[j]: prices.digest(j) for j in columns_of(task, market, placed, usable).tolist()},
        "events": events.hexdigest(),
    }


def placed_rows(placed: Placed, rows: Int64Array) -> Placed:
    """Some of the events, on the same market."""
    return replace(placed, columns=placed.columns[rows], benchmarks=tuple(placed.benchmarks[i] for i in rows.tolist()))
