"""Total-return prices: what closes and dividends together earned."""

from __future__ import annotations

import numpy as np

from eventstudy.records import Float64Array

LARGEST = 0.5  # of the price: a payment beyond is a split that one of the two columns has and the other has not
DECIMALS = 8
EVIDENCE = 3.0  # log of the odds, from which closes that do not fall by their dividends are taken to hold them
OF_ONE = 2.0  # what one dividend may say: there may be news on its day
CENT, ROUNDED = 0.02, 0.8  # of a hundredth, by which a price may miss it; share of prices that are quoted in hundredths
SEEN = 1e-3  # of the price: a payment, and no rounding
FEWEST = 10  # returns, and prices, that tell what is usual


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


def holds_dividends(close: Float64Array, dividends: Float64Array) -> bool:
    """Whether closes hold their dividends already, as adjusted ones do; shape (n,) each, in order of time.

    Either they do not fall on the days on which these were paid, by the odds under normal returns; or those after the
    last of these are quoted in hundredths, and those before it, which a factor adjusted, are not.
    """
    known = np.flatnonzero(np.isfinite(close) & (close > 0))
    paid = np.where(dividends > 0, dividends, 0.0)[known]
    price = close[known]
    at = np.flatnonzero(paid[1:] > 0) + 1
    if not at.size or price.size <= FEWEST:
        return False
    moves = price[1:] / price[:-1] - 1.0
    usual = 1.4826 * float(np.median(np.abs(moves)))
    share = paid[at] / price[at - 1]
    if usual > 0:
        odds = float(np.clip(share * (2.0 * moves[at - 1] + share) / (2.0 * usual**2), -OF_ONE, OF_ONE).sum())
        if abs(odds) >= EVIDENCE:
            return odds > 0
    last = int(at[-1])
    if min(last, price.size - last) < FEWEST:
        return False
    cents = 100.0 * price
    is_quoted = np.abs(cents - np.round(cents)) <= np.maximum(CENT, 1e-6 * cents)
    return bool(is_quoted[last:].mean() > ROUNDED and is_quoted[:last].mean() < 1.0 - ROUNDED)


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


def implied_payments(close: Float64Array, adjusted: Float64Array) -> Float64Array:
    """What was paid on each day after the first, by prices that are all known; shape (n - 1,).

    None on two days in a row, nor where less than nothing: a false price makes such, and no company does.
    """
    error = SEEN + sum(_unit(column) * (1 / column[1:] + 1 / column[:-1]) for column in (close, adjusted))
    paid = close[:-1] * adjusted[1:] / adjusted[:-1] - close[1:]
    is_odd = np.abs(paid / close[:-1]) > error
    in_a_row = is_odd & (np.append(is_odd[1:], False) | np.append(False, is_odd[:-1]))
    out: Float64Array = np.where(in_a_row | (paid < 0), 0.0, paid)
    return out


def _unit(column: Float64Array) -> float:
    """The last decimal to which a column is written."""
    for digits in range(DECIMALS):
        if np.allclose(column, np.round(column, digits), rtol=1e-12, atol=1e-9):
            return float(10.0**-digits)
    return float(10.0**-DECIMALS)
