"""Total-return prices: what closes and dividends together earned."""

from __future__ import annotations

import numpy as np

from eventstudy.records import Float64Array


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
