"""Geometric baskets: an asset made of others."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np

from eventstudy.errors import CannotEstimate
from eventstudy.prices.source import UNASKED
from eventstudy.records import PriceSeries, SessionArray


def geometric_basket(
    asset: str, constant: float, weights: Mapping[str, float], parts: Mapping[str, PriceSeries]
) -> PriceSeries:
    """constant × Π price^weight over the sessions that all components share.

    A session on which a component has no price has none in the basket; the basket's instant is the latest of its
    components' instants, since it is not known before.

    Parameters
    ----------
    asset : str
        Name of the result.
    constant : float
    weights : mapping of str to float
        Exponent of each component.
    parts : mapping of str to PriceSeries

    Raises
    ------
    CannotEstimate
        When the components share no session.
    """
    series = [parts[name] for name in weights]
    sessions = series[0].sessions
    for part in series[1:]:
        sessions = np.intersect1d(sessions, part.sessions, assume_unique=True)
    if sessions.size == 0:
        raise CannotEstimate(f"the components of {asset} share no session")
    rows = [np.searchsorted(part.sessions, sessions) for part in series]
    log_price = np.full(sessions.size, math.log(constant))
    for part, row, weight in zip(series, rows, weights.values(), strict=True):
        log_price += weight * np.log(part.prices[row])
    prices = np.exp(log_price)
    prices[_after_gaps(sessions, series)] = np.nan
    return PriceSeries(
        asset=asset,
        source="+".join(sorted({part.source for part in series})),
        sessions=sessions,
        instants=np.max([part.instants[row] for part, row in zip(series, rows, strict=True)], axis=0),
        prices=prices,
        notes=tuple(dict.fromkeys(note for part in series for note in part.notes)),
        marks=tuple(dict.fromkeys(mark for part in series for mark in part.marks)),
        doubts=tuple(dict.fromkeys(doubt for part in series for doubt in part.doubts)),
    )


def _after_gaps(sessions: SessionArray, parts: Iterable[PriceSeries]) -> list[int]:
    """Positions whose shared session before lies beyond a gap that a component marks with a missing price.

    The archive gives no price to the first session after days that nobody asked for; where that session is not
    shared, the mark would be lost, and the return over the whole gap would pass for one of a session.
    """
    out = []
    for i in (np.flatnonzero(np.diff(sessions) > np.timedelta64(UNASKED, "D")) + 1).tolist():
        for part in parts:
            inside = (part.sessions > sessions[i - 1]) & (part.sessions < sessions[i])
            if np.isnan(part.prices[inside]).any():
                out.append(i)
    return out


def leave_out(
    asset: str, weights: Mapping[str, float], atoms: Mapping[str, frozenset[str]], excluded: frozenset[str]
) -> dict[str, float]:
    """Weights of the components that share nothing with `excluded`, scaled so that their sizes add up to one.

    A dollar factor must leave out the currency whose own return it explains, or the abnormal return is pulled
    towards zero by 1/N (methods.md B9).

    Parameters
    ----------
    asset : str
        Name of the basket, for the message.
    weights : mapping of str to float
    atoms : mapping of str to frozenset of str
        Each component and the currencies, or the symbol, that it is made of.
    excluded : frozenset of str
        Those of the asset under study.

    Raises
    ------
    CannotEstimate
        When nothing is left.
    """
    kept = {name: weight for name, weight in weights.items() if not atoms[name] & excluded}
    size = sum(map(abs, kept.values()))
    if size == 0:
        raise CannotEstimate(f"nothing is left of {asset} once the asset under study is taken out")
    return {name: weight / size for name, weight in kept.items()}
