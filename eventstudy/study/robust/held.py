"""Simple returns of every column of a market, as somebody who holds the asset has them."""

from __future__ import annotations

import numpy as np

from eventstudy.records import Float64Array
from eventstudy.study.frame import Market


def held_returns(market: Market) -> Float64Array:
    """Simple returns, shape (T, S): zero while the asset was closed, NaN before its first price and after its last.

    Of returns that were given a missing one stays missing.
    """
    if market.levels is None:
        return np.expm1(market.returns) if market.kind == "log" else market.returns
    levels = market.levels
    has_price = np.isfinite(levels)
    last = np.maximum.accumulate(np.where(has_price, np.arange(len(levels))[:, None], -1), axis=0)
    ends = len(levels) - 1 - np.argmax(has_price[::-1], axis=0)
    filled = np.where(last >= 0, np.take_along_axis(levels, np.maximum(last, 0), axis=0), np.nan)
    filled[np.arange(len(levels))[:, None] > ends] = np.nan
    out = np.full_like(filled, np.nan)
    out[1:] = filled[1:] / filled[:-1] - 1
    return out
