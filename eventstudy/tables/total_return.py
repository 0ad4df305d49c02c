"""Total-return prices: what closes and dividends together earned."""

from __future__ import annotations

import numpy as np

from eventstudy.records import Float64Array

LARGEST = 0.5  # of the price: a payment beyond is a split that one of the two columns has and the other has not
DECIMALS = 8


def total_return_prices(close: Float64Array, dividends: Float64Array) -> Float64Array:
    """Prices whose returns include dividends: P_t/P_{t-1} = (close_t + dividend_t)/close_{t-1}.

    The last price equals the last close; earlier ones are scaled down by what was paid since. Without dividends
    the closes are returned as they are; a dividend that is negative or missing counts as none.
    """
    dividends = np.where(dividends > 0, dividends, 0.0)
    if not dividends.any():
        return close
    # a dividend on a day without a price is measured against the last one
    last = np.maximum.accumulate(np.where(np.isnan(close), 0, np.arange(close.size)))
    filled = close[last]
    factor = np.ones(close.size)
    with np.errstate(all="ignore"):  # prices that cannot be give no factor
        factor[1:] = filled[1:] / (filled[1:] + dividends[1:])
        later = np.append(np.cumprod(np.where(np.isfinite(factor), factor, 1.0)[::-1])[::-1][1:], 1.0)
        adjusted: Float64Array = close * later
    return adjusted


def implied_dividends(close: Float64Array, adjusted: Float64Array) -> Float64Array | None:
    """Dividends that make `close` earn what `adjusted` does, up to the rounding of both; shape (n,).

    None where they differ by more than dividends: one is adjusted for splits, and the other is not.
    """
    known = np.flatnonzero(np.isfinite(close) & np.isfinite(adjusted) & (close > 0) & (adjusted > 0))
    out = np.zeros(close.size)
    if known.size < 2:
        return out
    price, theirs = close[known], adjusted[known]
    error = sum(_unit(column) * (1 / column[1:] + 1 / column[:-1]) for column in (price, theirs))
    paid = price[:-1] * theirs[1:] / theirs[:-1] - price[1:]
    share = paid / price[:-1]
    is_paid = np.abs(share) > error
    if (share[is_paid] < 0).any() or (share[is_paid] > LARGEST).any():
        return None
    out[known[1:][is_paid]] = paid[is_paid]
    return out


def _unit(column: Float64Array) -> float:
    """The last decimal to which a column is written."""
    for digits in range(DECIMALS):
        if np.allclose(column, np.round(column, digits), rtol=1e-12, atol=1e-9):
            return float(10.0**-digits)
    return float(10.0**-DECIMALS)
