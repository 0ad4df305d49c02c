"""What has to be known of prices that stay in their files: when there is one, what is wrong with it, and its hash."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from eventstudy.evidence.untraded import unmoved_rows
from eventstudy.records import Float64Array, Int64Array, SessionArray
from eventstudy.spec import Returns
from eventstudy.study.frame import (
    LEAP,
    Checked,
    Market,
    checked_prices,
    growth,
    of_leaps,
    of_weekends,
    repeats,
    traded_days,
)
from eventstudy.study.spread.parquet import PriceFiles
from eventstudy.tables.shapes import wide

Leap = tuple[str, np.datetime64]  # of an asset, and its day


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What is known of some assets.

    Attributes
    ----------
    names : tuple of str
    days : SessionArray
        Shape (t,), those of their lines.
    priced, bad, still : bytes
        Shape (t, names) each, in bits: where there is a price, where there was none that can be one, and where the
        price is that before it, whenever that was.
    repeated : SessionArray
        Days that have no other prices than the day before.
    leaps : tuple of (str, date)
        Where a price moved so much that it may be a split.
    signed : frozenset of str
    notes, infinite, impossible : tuple of str
        See ``Checked``.
    digests : dict
        Asset → hash of all that was read of it.
    """

    names: tuple[str, ...]
    days: SessionArray
    priced: bytes
    bad: bytes
    still: bytes
    repeated: SessionArray
    leaps: tuple[Leap, ...]
    signed: frozenset[str]
    notes: tuple[str, ...]
    infinite: tuple[str, ...]
    impossible: tuple[str, ...]
    digests: dict[str, str]


def survey(files: PriceFiles, symbols: Sequence[str], kind: Returns) -> Survey:
    """Read the prices of some symbols, as their files name them, and say what is known of them."""
    found = checked_prices(wide(files.read(symbols)))
    has_price = np.isfinite(found.numbers)
    rows = np.arange(1, found.sessions.size)
    same = repeats(found.numbers, found.is_bad, rows)
    return Survey(
        names=found.names,
        days=found.sessions,
        priced=np.packbits(has_price).tobytes(),
        bad=np.packbits(found.is_bad).tobytes(),
        still=np.packbits(_still(found.numbers, has_price)).tobytes(),
        repeated=found.sessions[rows[same]],
        leaps=tuple(leap for j in range(len(found.names)) for leap in _leaps(found, j, has_price[:, j], kind)),
        signed=found.signed,
        notes=found.notes,
        infinite=found.infinite,
        impossible=found.impossible,
        digests={name: _digest(found, j) for j, name in enumerate(found.names)},
    )


def _still(numbers: Float64Array, has_price: np.ndarray) -> np.ndarray:
    """Where the price of an asset is the one before it, whenever that was; shape (t, names)."""
    still = np.zeros(numbers.shape, dtype=bool)
    for j in range(numbers.shape[1]):
        known = np.flatnonzero(has_price[:, j])
        still[known[1:], j] = numbers[known[1:], j] == numbers[known[:-1], j]
    return still


def _leaps(found: Checked, j: int, has_price: np.ndarray, kind: Returns) -> list[Leap]:
    """Days on which an asset moved far from the price before, whenever that was."""
    known = np.flatnonzero(has_price)
    prices = found.numbers[known, j]
    far = np.abs(growth(prices[1:], prices[:-1], kind)) > LEAP
    return [(found.names[j], day) for day in found.sessions[known[1:][far]]]


def _digest(found: Checked, j: int) -> str:
    """Hash of the prices of an asset with their days, and of its bars."""
    hashed = hashlib.sha256(found.sessions.tobytes())
    hashed.update(np.ascontiguousarray(found.numbers[:, j]).tobytes())
    hashed.update(found.is_bad[:, j].tobytes())
    if found.names[j] in found.bars:
        days, fields = found.bars[found.names[j]]
        hashed.update(days.tobytes())
        for role, values in fields.items():
            hashed.update(role.encode() + values.tobytes())
    return hashed.hexdigest()


def market_of_surveys(surveys: Sequence[Survey], names: Sequence[str], kind: Returns) -> Market:
    """The market of some assets, in their order: 1 stands for a price, and there are no returns.

    Warnings and sessions are those of a table with the columns `names`.
    """
    days = np.unique(np.concatenate([found.days for found in surveys]))
    levels = np.full((days.size, len(names)), np.nan, dtype=np.float32, order="F")
    is_bad, is_still = (np.zeros(levels.shape, dtype=bool, order="F") for _ in range(2))
    place = {name: j for j, name in enumerate(names)}
    differs = np.zeros(days.size, dtype=bool)  # from the day before
    for found in surveys:
        rows, columns = np.searchsorted(days, found.days), np.array([place[name] for name in found.names])
        shape = (found.days.size, columns.size)
        priced, bad, still = (_unpacked(bits, shape) for bits in (found.priced, found.bad, found.still))
        levels[np.ix_(rows, columns)] = np.where(priced, np.float32(1), np.float32(np.nan))
        is_bad[np.ix_(rows, columns)] = bad
        is_still[np.ix_(rows, columns)] = still
        has_any = priced.any(axis=1) | bad.any(axis=1)
        differs[rows] |= has_any & ~np.isin(found.days, found.repeated)
    warnings = [*dict.fromkeys(note for found in surveys for note in found.notes)]
    warnings += [text for found in surveys for text in found.infinite]
    warnings += [text for found in surveys for text in found.impossible]
    has_price = np.isfinite(levels)
    kept = traded_days(days, np.asarray(has_price.any(axis=1)), np.asarray(is_bad.any(axis=1)), warnings)
    weekend = np.flatnonzero(kept & ~np.is_busday(days))
    weekend = weekend[weekend > 0]
    if weekend.size and not differs[weekend].any():
        kept[weekend] = False
        warnings.append(of_weekends(days[weekend]))
    sessions, levels, is_bad = days[kept], levels[kept], is_bad[kept]
    by_name: dict[str, list[int]] = {}
    for name, day in (leap for found in surveys for leap in found.leaps):
        row = int(np.searchsorted(sessions, day))
        # a price that is older makes no return
        if row < sessions.size and sessions[row] == day and row > 0 and np.isfinite(levels[row - 1, place[name]]):
            by_name.setdefault(name, []).append(row)
    warnings += [of_leaps(name, sessions[by_name[name]]) for name in names if name in by_name]
    return Market(
        sessions=sessions,
        names=tuple(names),
        returns=np.empty((sessions.size, 0)),
        levels=np.asfortranarray(levels),
        kind=kind,
        warnings=tuple(warnings),
        signed=frozenset().union(*(found.signed for found in surveys)),
        is_bad=np.asfortranarray(is_bad),
        unmoved=_unmoved(levels, is_still[kept]),
    )


def _unmoved(levels: np.ndarray, is_still: np.ndarray) -> Int64Array:
    """As `unmoved_rows` of the returns that the prices would make; a price that is older makes none."""
    moves = np.full(levels.shape, np.nan, dtype=np.float32, order="F")
    has_move = np.isfinite(levels[1:]) & np.isfinite(levels[:-1])
    moves[1:][has_move] = np.where(is_still[1:][has_move], np.float32(0), np.float32(1))
    return unmoved_rows(moves)


def _unpacked(bits: bytes, shape: tuple[int, int]) -> np.ndarray:
    count = shape[0] * shape[1]
    return np.unpackbits(np.frombuffer(bits, dtype=np.uint8), count=count).astype(bool).reshape(shape)


def on_sessions(found: Checked, names: Sequence[str], sessions: SessionArray) -> tuple[Float64Array, np.ndarray]:
    """Prices of `names` on `sessions`, and where there was none that can be one; shape (T, S) each."""
    rows: Int64Array = np.searchsorted(sessions, found.sessions)
    rows = np.minimum(rows, sessions.size - 1)
    there = sessions[rows] == found.sessions
    at = np.ix_(rows[there], [names.index(name) for name in found.names])
    levels = np.full((sessions.size, len(names)), np.nan, order="F")
    is_bad = np.zeros(levels.shape, dtype=bool, order="F")
    levels[at], is_bad[at] = found.numbers[there], found.is_bad[there]
    return levels, is_bad
