"""What else a table says of a price: its whole bar, and what was paid, as far as it bears on whether it is right."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from eventstudy.errors import DataError
from eventstudy.records import Float64Array, SessionArray
from eventstudy.tables.table import Table
from eventstudy.tables.total_return import implied_payments

BAR = ("open", "high", "low", "volume")
SPLIT_MOVE = 0.35  # log of a move of closes that adjusted ones need not show: of a split, where they are as quoted
Fields = Mapping[str, Float64Array]  # role → numbers in the order of the rows


def bars_of(table: Table, columns: Mapping[str, int], role: str) -> dict[str, Float64Array]:
    """Numbers of every field that says something of the prices, which are those of `role`; columns by their role.

    Without one where there is nothing but a price, and where a field is not of numbers: no price rests on it.
    """
    if "close" not in columns or len(columns.keys() & {*BAR, "dividend", "split", "adjusted"}) == 0:
        return {}
    wanted = ("close", *BAR, *(("dividend", "split") if role == "close" else ("dividend", "adjusted")))
    out = {}
    for name in wanted:
        if name in columns:
            try:
                out[name] = table.numbers([columns[name]])[:, 0]
            except DataError:
                continue
    return out if "close" in out else {}


def by_day(fields: Fields, days: SessionArray, wanted: SessionArray) -> dict[str, Float64Array]:
    """The fields on the days `wanted`, NaN where there is none; of several rows of one day, the last counts."""
    order = np.argsort(days, kind="stable")
    place = np.searchsorted(days[order], wanted, side="right") - 1
    is_there = (place >= 0) & (days[order][place] == wanted)
    out = {name: np.where(is_there, values[order][place], np.nan) for name, values in fields.items()}
    if "adjusted" in out:
        out = _with_payments(out)
    return out


def _with_payments(fields: dict[str, Float64Array]) -> dict[str, Float64Array]:
    """What the adjusted prices say of dividends, where none is told; without them where they say more than that."""
    close, adjusted = fields["close"], fields["adjusted"]
    known = np.flatnonzero(np.isfinite(close) & np.isfinite(adjusted) & (close > 0) & (adjusted > 0))
    moves = np.abs(np.diff(np.log(close[known])) - np.diff(np.log(adjusted[known])))
    if (moves > SPLIT_MOVE).any():
        return {name: values for name, values in fields.items() if name not in ("adjusted", "dividend")}
    if "dividend" not in fields:
        fields["dividend"] = np.zeros(close.size)
        fields["dividend"][known[1:]] = implied_payments(close[known], adjusted[known])
    return fields
