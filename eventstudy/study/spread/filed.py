"""Prices that stay in their files: looked through by the workers, and read by each worker for its own parts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from eventstudy.errors import DataError
from eventstudy.hints import hint
from eventstudy.records import Int64Array, SessionArray
from eventstudy.registry.models import MODELS
from eventstudy.spec import Returns, StudySpec
from eventstudy.study.frame import Market, checked_prices, returns_of
from eventstudy.study.options import StudyOptions
from eventstudy.study.placing import rows_of
from eventstudy.study.spread.parquet import PriceFiles
from eventstudy.study.spread.survey import Survey, market_of_surveys, on_sessions, survey
from eventstudy.study.spread.workers import Workers
from eventstudy.tables.bars import by_day
from eventstudy.tables.shapes import wide
from eventstudy.tables.table import Table

TOGETHER = 128  # symbols that are looked through at once; 20 years of them are 0.6 million lines
FILES = 64  # whose symbols are asked for at once
LISTED = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledPart:
    """The market of a part, before it is read.

    Attributes
    ----------
    files : PriceFiles
    raw : mapping of str to tuple of str
        Name of a column → what its symbol is called in the files.
    sessions, kind, calendars, priced, unmoved
        See ``Market``.
    """

    files: PriceFiles
    raw: Mapping[str, tuple[str, ...]]
    sessions: SessionArray
    kind: Returns
    calendars: Mapping[str, SessionArray]
    priced: NDArray[np.bool_] | None
    unmoved: Int64Array

    def read(self) -> Market:
        """Read it; warnings were given before."""
        names = tuple(self.raw)
        found = checked_prices(wide(self.files.read([symbol for own in self.raw.values() for symbol in own])))
        levels, is_bad = on_sessions(found, names, self.sessions)
        return Market(
            sessions=self.sessions,
            names=names,
            returns=returns_of(levels, self.kind),
            levels=levels,
            kind=self.kind,
            warnings=(),
            is_bad=is_bad,
            calendars=self.calendars,
            priced=self.priced,
            unmoved=self.unmoved,
            bars={name: by_day(fields, days, self.sessions) for name, (days, fields) in found.bars.items()},
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledPrices:
    """Prices that stay in their files.

    Attributes
    ----------
    market : Market
        As of ``Prices``; with rows for calendars once it has been prepared.
    files : PriceFiles
    raw : mapping
        As of ``FiledPart``.
    digests : mapping of str to str
        Asset → hash of its prices.
    """

    market: Market
    files: PriceFiles
    raw: Mapping[str, tuple[str, ...]]
    digests: Mapping[str, str] = field(repr=False)

    def part(self, columns: Int64Array) -> FiledPart:
        """Some columns, for a worker to read."""
        market = self.market
        names = [market.names[j] for j in columns.tolist()]
        return FiledPart(
            files=self.files,
            raw={name: self.raw[name] for name in names},
            sessions=market.sessions,
            kind=market.kind,
            calendars=market.calendars,
            priced=market.is_priced if market.calendars else None,
            unmoved=market.unmoved,
        )

    def digest(self, column: int) -> str:
        """Hash of the prices of a column, from when they were looked through."""
        return self.digests[self.market.names[column]]


def may_stay(asked: StudyOptions) -> bool:
    """Whether prices can be left to the workers: prices that nothing but the study of each event reads."""
    return asked.values == "prices" and asked.factor_returns is None and asked.robustness is None  # noqa: PD011


def names_of(
    events: pd.DataFrame | Table, spec: StudySpec, asked: StudyOptions
) -> tuple[set[str] | None, tuple[str, ...]]:
    """Assets that a study names, None for every one; and those without which there is no study."""
    factors = asked.factors or spec.factors
    factors = (factors,) if isinstance(factors, str) else tuple(factors)
    model = MODELS.check(spec.model, "model")
    benchmark = asked.benchmark or spec.benchmark
    needed = (*(() if benchmark is None else (benchmark,)), *(factors if model.regressors == "peers" else ()))
    if model.regressors == "peers" and not factors:
        return None, needed
    rows = rows_of(events)[1]
    columns = [rows[name] for name in ("asset", "benchmark") if name in rows.columns]
    return {str(name).strip() for column in columns for name in column.dropna().unique()}, needed


def symbols_in(
    files: PriceFiles, wanted: Iterable[str] | None, needed: Sequence[str], workers: Workers
) -> dict[str, tuple[str, ...]]:
    """Assets of the files that a study reads → what they are called there; parameters as of `looked_through`.

    Raises
    ------
    DataError
        When there is none of what is needed.
    """
    ends = range(0, len(files.paths), FILES)
    asked = [workers.submit(PriceFiles.symbols_of, files, first, first + FILES) for first in ends]
    raw: dict[str, tuple[str, ...]] = {}
    for symbol in dict.fromkeys(s for found in workers.gather("lists of symbols", asked) for s in found):
        raw[symbol.strip()] = (*raw.get(symbol.strip(), ()), symbol)
    for name in needed:
        if name not in raw:
            shown = ", ".join(list(raw)[:LISTED]) + (" …" if len(raw) > LISTED else "")
            remedy = hint(name, raw, f"symbols are {shown}")
            raise DataError("there is no such column", where="prices", value=name, remedy=remedy)
    if wanted is not None:
        chosen = {*wanted, *needed}
        raw = {name: symbols for name, symbols in raw.items() if name in chosen} or dict(list(raw.items())[:1])
    return raw


def in_runs(names: Iterable[str]) -> list[list[str]]:
    """Assets that are looked through at once."""
    names = list(names)
    return [names[first : first + TOGETHER] for first in range(0, len(names), TOGETHER)]


def looked_through(
    files: PriceFiles, wanted: Iterable[str] | None, needed: Sequence[str], kind: Returns, workers: Workers
) -> FiledPrices:
    """What a study must know of the prices before it is laid out.

    Parameters
    ----------
    wanted : iterable of str or None
        Assets that the study names, whether there are prices of them or not; every asset when None.
    needed : sequence of str
        Those without which there is no study: the benchmark, and the factors.

    Raises
    ------
    DataError
        When there is none of what is needed, or no price at all.
    """
    raw = symbols_in(files, wanted, needed, workers)
    surveys: list[Survey] = workers.gather(
        "prices looked through",
        [workers.submit(survey, files, [s for name in run for s in raw[name]], kind) for run in in_runs(raw)],
    )
    return FiledPrices(
        market=market_of_surveys(surveys, list(raw), kind),
        files=files,
        raw=raw,
        digests={name: digest for found in surveys for name, digest in found.digests.items()},
    )
