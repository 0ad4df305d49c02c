"""Factors by name, and joined from a file of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from eventstudy.errors import DataError
from eventstudy.prices.factors import looks_like_factors, read_factors, wild_day
from eventstudy.registry.models import MODELS
from eventstudy.spec import StudySpec
from eventstudy.study.frame import Market
from eventstudy.tables import dates
from eventstudy.tables.options import Options

# How Kenneth French's files, and others, spell the columns of a factor set.
SPELLINGS = {"mkt": ("mkt-rf", "mktrf", "mkt_rf", "mkt"), "mom": ("mom", "umd", "wml"), "rf": ("rf", "risk-free")}
HEAD = 16_384  # bytes of prose that his files are at most headed by, and more


def french_frame(path: Path) -> pd.DataFrame | None:
    """A file in Kenneth French's layout as a frame of decimals with a column ``date``; None when it is another table.

    Beside the factors of the file it has `Mkt`, the whole market, where the file has Mkt-RF and RF.

    Parameters
    ----------
    path : Path
        CSV or zip.

    Raises
    ------
    DataError
        When the file begins as his do, and then goes wrong; names the line.
    OSError
        When it cannot be read.
    """
    with path.open("rb") as file:
        if not looks_like_factors(file.read(HEAD)):
            return None
    table = read_factors(path.read_bytes(), path.name)
    return pd.DataFrame({"date": np.datetime_as_string(table.sessions), **table.returns})


def joined(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Several tables of factors as one, a row for every date that any of them has.

    Raises
    ------
    DataError
        When two of them have a factor of the same name, other than the risk-free rate, which the first gives.
    """
    if len(frames) == 1:
        return frames[0]
    dated = [frame.rename(columns={frame.columns[0]: "date"}) for frame in frames]
    out, *others = (
        frame.assign(date=dates.parse(frame["date"], Options()).days) for frame in dated
    )  # written in one way or another
    for more in others:
        shared = [name for name in more.columns if name in out.columns and name != "date"]
        clash = next((name for name in shared if name.lower() not in SPELLINGS["rf"]), None)
        if clash is not None:
            raise DataError("two factor files have this column", where="factor-file", value=clash, remedy="drop one")
        out = out.merge(more.drop(columns=shared), on="date", how="outer")
    return out.sort_values("date", ignore_index=True)


def refuse_wild(own: Market) -> None:
    """Refuse factors of which one moved as none does in a day."""
    if (wild := wild_day(100.0 * own.returns)) is not None:
        i, j = wild
        raise DataError(
            f"{own.names[j]} moved as no factor does in a day",
            where=f"factor-file, {own.sessions[i]}",
            value=f"{own.returns[i, j]:g}",
            remedy="correct it, or leave the cell blank; --units decimal where it is right",
        )


def resolve_factors(spec: StudySpec, factors: Sequence[str] | str, market: Market) -> tuple[StudySpec, Market]:
    """Names of factor sets replaced by the columns that hold them; returns in excess of a risk-free column, if any."""
    given = tuple(part.strip() for part in factors.split(",")) if isinstance(factors, str) else tuple(factors)
    given = tuple(name for name in given if name) or spec.factors
    named = MODELS.get(given[0].lower()) if len(given) == 1 else None
    if named is not None and named.factors:
        by_lower = {name.lower(): name for name in market.names}
        found = [_spelt(key, by_lower) for key in named.factors]
        risk_free = next((by_lower[s] for s in SPELLINGS["rf"] if s in by_lower), None)
        if risk_free is not None:
            market = _excess(market, risk_free, tuple(found))
        return replace(spec, factors=tuple(found)), market
    return replace(spec, factors=given), market


def _spelt(key: str, by_lower: dict[str, str]) -> str:
    for spelling in SPELLINGS.get(key, (key,)):
        if spelling in by_lower:
            return by_lower[spelling]
    raise DataError("the factor has no column", where="factors", value=key, remedy=f"columns are {', '.join(by_lower)}")


def _excess(market: Market, risk_free: str, factors: tuple[str, ...]) -> Market:
    """Returns of the assets less the risk-free return; factors are excess returns already."""
    keep = [market.column(name) for name in (*factors, risk_free)]
    excess = market.returns - market.returns[:, [market.column(risk_free)]]
    excess[:, keep] = market.returns[:, keep]
    note = f"returns are in excess of the column {risk_free}"
    return replace(market, returns=excess, risk_free=risk_free, warnings=(*market.warnings, note))


def with_factors(market: Market, factors: Market) -> Market:
    """`market` with the columns of `factors`, joined on the session; NaN where a factor has no such day."""
    clash = set(market.names) & set(factors.names)
    if clash:
        raise DataError("a factor has the name of an asset", where="factor-file", value=min(clash), remedy="rename one")
    rows = np.searchsorted(factors.sessions, market.sessions)
    safe = np.clip(rows, 0, factors.sessions.size - 1)
    known = (rows < factors.sessions.size) & (factors.sessions[safe] == market.sessions)
    values = np.where(known[:, None], factors.returns[safe], np.nan)
    levels = None if market.levels is None else np.column_stack([market.levels, np.full_like(values, np.nan)])
    is_bad = (
        np.column_stack([market.is_bad, np.zeros(values.shape, dtype=bool)]) if levels is not None else market.is_bad
    )
    notes = [f"{int((~known).sum())} sessions of the prices are not in the factor file"] if not known.all() else []
    return replace(
        market,
        names=(*market.names, *factors.names),
        returns=np.column_stack([market.returns, values]),
        levels=levels,
        is_bad=is_bad,
        warnings=(*market.warnings, *factors.warnings, *notes),
    )
