"""Whether returns that were given are what they must be: decimals of one session each."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from eventstudy.errors import DataError
from eventstudy.records import Float64Array, SessionArray

Units = Literal["decimal", "percent", "basis-points"]
SCALE: dict[Units, float] = {"decimal": 1.0, "percent": 100.0, "basis-points": 10_000.0}

FEWEST = 10  # numbers by which a column is judged
DAILY = 0.05  # no asset moves by more on half of all days
STEADY = 0.003  # numbers above zero throughout, and half of them beyond this a day, are no returns, nor daily rates
BLOCK, APART = 10, 25.0  # days side by side, half of them so many times as large as usual, are in another unit
SESSIONS_A_DAY = 5 / 7
PERCENT = 20.0  # of a column in per cent half of all days stay below
NEAR_ONE = 0.05
FEWEST_PRICES = 100
RESTLESS, FORGETFUL = 0.002, 1.2  # a stable coin strays less; without memory the second is √2, of prices near 0

# What CRSP, Kenneth French and others write where there is no return: as such, and where everything was divided by 100.
_WHOLE = (-44.0, -55.0, -66.0, -77.0, -88.0, -99.0, -99.9, -99.99, -999.0, -999.9, -999.99, -9999.0, -99999.0)
_SHARE = (-0.9999, -9.99, -9.9999, -99.9999)
_TWO_DIGITS = (-0.66, -0.77, -0.88, -0.99)  # only among numbers that are written more finely
HIGHEST_CODE = max(_TWO_DIGITS)


def is_no_return(numbers: Float64Array) -> np.ndarray:
    """Where a vendor's code for a missing return stands, shape as `numbers`, one column per asset."""
    found = np.zeros(numbers.shape, dtype=bool)
    maybe = np.zeros(numbers.shape, dtype=bool)
    columns, rows = np.divmod(np.flatnonzero(numbers.T <= HIGHEST_CODE), len(numbers))
    if not rows.size:
        return found
    low = rows, columns
    rounded = np.round(numbers[low], 9)  # as -99.99 / 100 leaves it
    found[low], maybe[low] = np.isin(rounded, (*_WHOLE, *_SHARE)), np.isin(rounded, _TWO_DIGITS)
    for j in np.unique(columns[maybe[low]]).tolist():
        column = numbers[:, j]
        others = column[np.isfinite(column) & ~maybe[:, j] & (column != 0)]
        is_finer = others.size >= FEWEST and np.mean(np.abs(others * 100 - np.round(others * 100)) > 1e-9) > 0.5
        if is_finer:
            found[:, j] |= maybe[:, j]
    return found


def are_usual(numbers: Float64Array) -> NDArray[np.bool_]:
    """Which columns are clearly decimal returns, as nearly every one is, told without a median; shape (N,)."""
    near = np.count_nonzero((numbers <= DAILY) & (numbers >= -DAILY), axis=0)  # in half the time that sizes take
    is_part_large = (_large_in_blocks(numbers, DAILY) >= BLOCK // 2).any(axis=0)
    return np.asarray((2 * near > len(numbers)) & ~is_part_large & (numbers < 0.0).any(axis=0))


def _large_in_blocks(numbers: Float64Array, limit: float) -> NDArray[np.int8]:
    """How many of each `BLOCK` rows are beyond ± a limit, shape (blocks, …); the last block may be shorter."""
    is_large = ((numbers > limit) | (numbers < -limit)).view(np.int8)
    whole = len(numbers) // BLOCK * BLOCK
    blocks = is_large[:whole].reshape(-1, BLOCK, *numbers.shape[1:])
    return np.concatenate([blocks.sum(axis=1, dtype=np.int8), is_large[whole:].sum(axis=0, dtype=np.int8)[np.newaxis]])


def growth_factors(prices: Float64Array) -> list[int]:
    """Which columns of prices, shape (T, N), look like growth factors, 1 + return.

    They lie about one and keep no level: from day to day they differ by as much as they stray, as numbers without
    memory do, where prices, and pegs, stay near where they were. Medians, so that a bad tick makes no difference.
    """
    some = prices[:: max(1, len(prices) // FEWEST_PRICES)]
    near = np.flatnonzero(~(np.abs(some - 1.0) > 0.5).any(axis=0))  # most columns need no closer look
    return [j for j in near.tolist() if _keeps_no_level(prices[:, j])]


def _keeps_no_level(prices: Float64Array) -> bool:
    known = prices[np.isfinite(prices)]
    if known.size < FEWEST_PRICES or abs(middle := float(np.median(known)) - 1.0) > NEAR_ONE:
        return False
    strays = float(np.median(np.abs(known - 1.0 - middle)))
    return strays > RESTLESS and float(np.median(np.abs(np.diff(known)))) > FORGETFUL * strays


def refuse_other_units(name: str, numbers: Float64Array, sessions: SessionArray) -> None:
    """Refuse a column that looks like anything but decimal returns.

    Parameters
    ----------
    name : str
    numbers : Float64Array
        Shape (T,).
    sessions : SessionArray
        Shape (T,): of weekly and monthly returns more is to be expected.

    Raises
    ------
    DataError
    """
    known = numbers[np.isfinite(numbers)]
    if known.size < FEWEST:
        return
    days = max(1.0, float(np.median(np.diff(sessions).astype(np.int64))) * SESSIONS_A_DAY)
    limit = DAILY * days**0.5
    size, is_positive = float(np.median(np.abs(known))), bool((known > 0).all())
    if size <= (STEADY * days if is_positive else limit):
        _refuse_a_part(name, numbers, sessions, limit)
        return
    if is_positive and abs(size - 1.0) < NEAR_ONE:
        what, remedy = "growth factors, 1 + return", "take 1 off"
    elif is_positive:
        what, remedy = "prices", "leave out --values returns where they are"
    elif size <= PERCENT:
        what, remedy = "per cent", "write --units percent where they are"
    else:
        what, remedy = "basis points or another unit", "write --units basis-points where they are"
    raise DataError(
        f"the column {name} looks like {what}, not like returns in decimals (0.01 = 1 %): half of its numbers are "
        f"beyond {'' if is_positive else '±'}{size:.3g}",
        where="returns",
        remedy=f"{remedy}; --units decimal where they are decimals all the same",
    )


def _refuse_a_part(name: str, numbers: Float64Array, sessions: SessionArray, limit: float) -> None:
    """Refuse a column of which some days side by side are in another unit than the others."""
    size = np.abs(numbers)
    usual = float(np.median(size[size > 0])) if (size > 0).any() else 0.0
    for k in np.flatnonzero(_large_in_blocks(numbers, limit) >= BLOCK // 2).tolist():
        rows = slice(k * BLOCK, (k + 1) * BLOCK)
        wild = float(np.median(size[rows][size[rows] > 0]))
        if wild > APART * usual:
            days = sessions[rows]
            raise DataError(
                f"the column {name} seems to change its unit: half of its numbers from {days[0]} to {days[-1]} are "
                f"beyond ±{wild:.3g}, {wild / usual:.0f} times the usual one",
                where="returns",
                remedy="write all of it in one unit; --units decimal where they are decimals all the same",
            )
