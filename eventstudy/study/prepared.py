"""A study on tables, read, checked and placed: what is there before anything is fitted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.config.calendar_names import resolved
from eventstudy.errors import DataError, InputError
from eventstudy.parallel import in_order
from eventstudy.records import Int64Array
from eventstudy.registry.models import MODELS
from eventstudy.registry.tests import TESTS
from eventstudy.spec import StudySpec
from eventstudy.study.cross_section import question_of
from eventstudy.study.factors import refuse_wild, resolve_factors, with_factors
from eventstudy.study.frame import ASSETS, Market, read_market
from eventstudy.study.many import usable_of
from eventstudy.study.options import StudyOptions
from eventstudy.study.own_sessions import on_calendars
from eventstudy.study.placing import Placed, place_events, rows_of
from eventstudy.study.units import Units, are_usual, growth_factors, refuse_other_units
from eventstudy.tables.table import Table

SIMPLE_FACTORS = (
    "the factors are taken for log returns, as the assets' are; Kenneth French's and most others are simple: "
    "with --returns simple both are alike"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What is fitted next.

    Attributes
    ----------
    spec : StudySpec
        With the benchmark, the factors and the rule for missing days that hold.
    market : Market
    placed : Placed
    usable : Int64Array
        Shape (n,), positions of the events that can be studied.
    settings : dict
        Beside `spec`, as the document says them.
    """

    spec: StudySpec
    market: Market
    placed: Placed
    usable: Int64Array
    settings: dict[str, Any]


def prepared(
    prices: pd.DataFrame | Table | Market, events: pd.DataFrame | Table, spec: StudySpec, asked: StudyOptions
) -> Prepared:
    """Read, check and place; of prices that stay in files, the market is what is known of them.

    Raises
    ------
    InputError
        When settings, prices or the events table as a whole cannot be used.
    """
    is_set = bool(MODELS.check(spec.model, "model").factors)
    factors = asked.factors or (spec.model if is_set else ())
    spec = replace(spec, model="factor") if is_set else spec
    spec = replace(spec, benchmark=asked.benchmark or spec.benchmark, missing=asked.missing or spec.missing)
    regress = (asked.regress,) if isinstance(asked.regress, str) else tuple(asked.regress)
    check(spec, asked.equivalence)
    question = question_of(regress, asked.formula, asked.covariance, asked.cluster_by)
    market, given = _read(prices, spec, asked)
    if spec.benchmark is not None:
        market.column(spec.benchmark, "benchmark")
    spec, market = resolve_factors(spec, factors, market)
    is_foreign = is_set or asked.factor_returns is not None
    if spec.returns == "log" and MODELS[spec.model].regressors == "factors" and is_foreign:
        market = replace(market, warnings=(*market.warnings, SIMPLE_FACTORS))
    table, rows = rows_of(events)
    if asked.calendar is not None:
        resolved(asked.calendar)
        rows["calendar"] = rows["calendar"].fillna(asked.calendar) if "calendar" in rows.columns else asked.calendar
    if market.levels is not None and "calendar" in rows.columns:
        market = on_calendars(market, rows["calendar"].dropna().astype(str).str.strip())
    placed = place_events(
        table,
        rows,
        market,
        spec,
        drop_overlapping=asked.drop_overlapping,
        mask_events=asked.mask_events,
        delisting_return=asked.delisting_return,
    )
    _refuse_units(market, placed, spec, given)
    factor_units = asked.factor_units or asked.units or "decimal"
    settings = {
        "values": asked.values,  # noqa: PD011  # no frame's
        "drop_overlapping": asked.drop_overlapping,
        "equivalence": asked.equivalence,
        "regress": list(regress),
        "formula": asked.formula,
        "covariance": question.covariance,
        "cluster_by": list(question.cluster_by),
        "calendar": asked.calendar,
        "mask_events": asked.mask_events,
        "delisting_return": asked.delisting_return,
        "units": asked.units or ("decimal" if given else None),
        "factor_units": factor_units if asked.factor_returns is not None else None,
        "confirm": list(asked.confirm),
    }
    usable = usable_of(placed, market.names)
    return Prepared(spec=spec, market=market, placed=placed, usable=usable, settings=settings)


def _read(
    prices: pd.DataFrame | Table | Market, spec: StudySpec, asked: StudyOptions
) -> tuple[Market, dict[str, Units | None]]:
    """The table with its factors, and the units of those of its columns that are returns."""
    kind = asked.values  # noqa: PD011  # no frame's
    market = prices if isinstance(prices, Market) else read_market(prices, kind, spec.returns, units=asked.units)
    given: dict[str, Units | None] = dict.fromkeys(market.names if kind == "returns" else (), asked.units)
    if asked.factor_returns is not None:
        units = asked.factor_units or asked.units
        own = read_market(asked.factor_returns, "returns", spec.returns, "factor-file", units)
        if units != "decimal":
            refuse_wild(own)
        return with_factors(market, own), given | dict.fromkeys(own.names, units)
    if kind == "prices" and MODELS[spec.model].regressors == "factors":
        raise DataError(
            "factors are returns, not prices", where="factors", remedy="use --values returns or --factor-file"
        )
    return market, given


def _refuse_units(market: Market, placed: Placed, spec: StudySpec, given: Mapping[str, Units | None]) -> None:
    """Refuse columns that the study uses and that are not what it was told they are; `given` are the returns."""
    assets = (market.names[j] for j in np.unique(placed.columns).tolist() if j >= 0)
    used = {*assets, *placed.benchmarks, *spec.explained_by}
    for name in market.names:
        if name in used and name in market.signed:
            raise DataError(
                f"the column {name} looks like returns, not prices: it changes its sign from day to day",
                where="prices",
                remedy="write --values returns",
            )
    for j in growth_factors(market.levels) if market.levels is not None else ():
        if market.names[j] in used:
            raise DataError(
                f"the column {market.names[j]} looks like growth factors, 1 + return, not prices: it keeps no level",
                where="prices",
                remedy="take 1 off, and write --values returns; prices that are near one: write them in hundredths",
            )
    asked = [j for j, name in enumerate(market.names) if name in used and name in given and given[name] != "decimal"]

    def look(start: int) -> None:
        some = asked[start : start + ASSETS]
        for j, spared in zip(some, are_usual(market.some_returns(some)), strict=True):
            if not spared:
                refuse_other_units(market.names[j], market.returns[:, j], market.sessions)

    for _ in in_order(look, range(0, len(asked), ASSETS)):
        pass


def check(spec: StudySpec, equivalence: float | None) -> None:
    """Refuse a test that there is not, and an equivalence that is no size.

    Raises
    ------
    InputError
    """
    for name in spec.tests or ():
        TESTS.check(name, "tests")
    if equivalence is not None and not 0 < equivalence < np.inf:
        raise InputError("must be above zero", where="equivalence", value=equivalence, remedy="write for example 0.01")
