"""Whether returns that were given are what they must be: decimals of one session each."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from eventstudy.errors import DataError
from eventstudy.evidence.scale import full_blocks, true_cells
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


def is_no_return(column: Float64Array) -> NDArray[np.bool_]:
    """Where a vendor's code for a missing return stands in a column, shape (T,)."""
    found = np.zeros(column.shape, dtype=bool)
    low = np.flatnonzero(column <= HIGHEST_CODE)
    rounded = np.round(column[low], 9)  # as -99.99 / 100 leaves it
    found[low] = np.isin(rounded, (*_WHOLE, *_SHARE))
    maybe = low[np.isin(rounded, _TWO_DIGITS)]
    if maybe.size:
        others = np.delete(column, maybe)
        others = others[np.isfinite(others) & (others != 0)]
        found[maybe] |= bool(
            others.size >= FEWEST and np.mean(np.abs(others * 100 - np.round(others * 100)) > 1e-9) > 0.5
        )
    return found


def are_usual(numbers: Float64Array) -> NDArray[np.bool_]:
    """Which columns are clearly decimal returns, as nearly every one is, told without a median; shape (N,)."""
    columns, rows = true_cells(~((numbers <= DAILY) & (numbers >= -DAILY)))  # large, or missing
    near = len(numbers) - np.bincount(columns, minlength=numbers.shape[1])
    is_large = ~np.isnan(numbers[rows, columns])
    is_usual: NDArray[np.bool_] = (2 * near > len(numbers)) & (np.fmin.reduce(numbers) < 0.0)
    is_usual[full_blocks(columns[is_large], rows[is_large], BLOCK, BLOCK // 2)[0]] = False
    return is_usual


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
    rows = np.flatnonzero(size > limit)
    for k in np.unique(full_blocks(np.zeros_like(rows), rows, BLOCK, BLOCK // 2)[1]).tolist():
        block = slice(k * BLOCK, (k + 1) * BLOCK)
        wild = float(np.median(size[block][size[block] > 0]))
        if wild > APART * usual:
            days = sessions[block]
            raise DataError(
                f"the column {name} seems to change its unit: half of its numbers from {days[0]} to {days[-1]} are "
                f"beyond ±{wild:.3g}, {wild / usual:.0f} times the usual one",
                where="returns",
                remedy="write all of it in one unit; --units decimal where they are decimals all the same",
            )
