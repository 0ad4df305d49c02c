"""Studies of many events on files and frames: the contract of design 8.1 and 8.2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from eventstudy.abnormal import Abnormal, Cumulated, cumulate
from eventstudy.errors import DataError
from eventstudy.inference import AGGREGATE_TESTS, SINGLE_TESTS
from eventstudy.inference.panel import Panel, Placebo, build_panels
from eventstudy.models import MODELS
from eventstudy.records import Fit, Int64Array
from eventstudy.spec import StudySpec, Window
from eventstudy.study.fitting import ITERATIVE, Grid, build_grid, fit_events, placebo_cars
from eventstudy.study.frame import Market, Missing, Values, read_market
from eventstudy.study.placing import Placed, place_events
from eventstudy.study.result import GroupResult, StudyResult

# Factor sets by name, as columns of Ken French's files; each may be spelt in several ways.
FACTOR_SETS = {
    "ff3": ("mkt", "smb", "hml"),
    "carhart": ("mkt", "smb", "hml", "mom"),
    "ff5": ("mkt", "smb", "hml", "rmw", "cma"),
}
SPELLINGS = {"mkt": ("mkt", "mkt-rf", "mktrf", "mkt_rf"), "mom": ("mom", "umd", "wml"), "rf": ("rf", "risk-free")}
# More events than this are not re-estimated on every placebo day unless the tests are asked for by name.
PLACEBO_LIMIT = 500
PLACEBO_TESTS = ("placebo", "max_t_placebo")


def run_study(
    prices: pd.DataFrame,
    events: pd.DataFrame,
    spec: StudySpec | None = None,
    *,
    benchmark: str | None = None,
    factors: Sequence[str] | str = (),
    values: Values = "prices",
    missing: Missing = "drop",
    drop_overlapping: bool = False,
    factor_returns: pd.DataFrame | None = None,
) -> StudyResult:
    """Study many events: abnormal returns, their averages, and every test that the design allows.

    Parameters
    ----------
    prices : DataFrame
        A column ``date`` first (or dates as the index), then one column per asset; blank = missing. Columns of a
        factor model are returns, so they need ``values="returns"`` or `factor_returns`.
    events : DataFrame
        ``event_id, asset, date`` or ``event_id, asset, announced_at, calendar``; optionally ``group, weight,
        benchmark``. A date that is no session moves to the next one, never back.
    spec : StudySpec, optional
        Windows, model and all other settings; its defaults when None.
    benchmark : str, optional
        Column of the benchmark; overrides ``spec.benchmark``.
    factors : sequence of str or str
        Columns of the factor or peer model, or one of ``ff3``, ``carhart``, ``ff5``; overrides ``spec.factors``.
    values : {"prices", "returns"}
        What the cells of `prices` are; returns are decimals.
    missing : {"drop", "lump"}
        ``drop``: a day without a price gives no return that day and the next. ``lump``: the day that ends the hole
        carries the whole return.
    drop_overlapping : bool
        Leave out an event whose window overlaps an earlier one of the same asset, instead of flagging it.
    factor_returns : DataFrame, optional
        Returns of factors, shaped like `prices`, joined on the date.

    Returns
    -------
    StudyResult
        Frozen; ``summary()`` for people, ``to_dict()`` for programs.

    Raises
    ------
    InputError
        When settings, prices or the events table as a whole cannot be used. One bad event never raises: it is
        skipped, with its reason.
    """
    spec = spec or StudySpec()
    if spec.model in FACTOR_SETS:
        spec, factors = replace(spec, model="factor"), factors or spec.model
    spec = replace(spec, benchmark=benchmark or spec.benchmark)
    if spec.model not in MODELS:
        raise DataError("unknown model", where="model", value=spec.model, remedy=f"known are {', '.join(MODELS)}")
    _check_tests(spec)
    market = read_market(prices, values, spec.returns)
    if factor_returns is not None:
        market = _with_factors(market, read_market(factor_returns, "returns", spec.returns))
    elif values == "prices" and (factors or spec.factors) and spec.model == "factor":
        raise DataError("factors are returns, not prices", where="factors", remedy="use --values returns or --factor-file")
    spec, market = _resolve_factors(spec, factors, market)
    placed = place_events(events, market, spec, drop_overlapping=drop_overlapping)
    usable = np.flatnonzero([reason is None for reason in placed.reasons])
    grid = build_grid(market, placed, spec, usable, missing)
    fit, abnormal = fit_events(grid, spec)
    cumulated = tuple(cumulate(fit, abnormal, window, is_log=spec.returns == "log") for window in spec.windows)
    placebos = placebo_cars(grid, spec) if _wants_placebo(spec, usable.size) else None
    days = _day_numbers(market, grid)
    return StudyResult(
        spec=spec,
        settings=_settings(spec, values, missing, drop_overlapping),
        market=market,
        placed=placed,
        usable=usable,
        fit=fit,
        abnormal=abnormal,
        cumulated=cumulated,
        placebos=placebos,
        groups=_groups(spec, placed, usable, fit, abnormal, cumulated, grid, days, placebos),
        warnings=(*market.warnings, *placed.notes, *_treated_benchmark(market, placed, spec, usable)),
    )


def _groups(
    spec: StudySpec,
    placed: Placed,
    usable: Int64Array,
    fit: Fit,
    abnormal: Abnormal,
    cumulated: Sequence[Cumulated],
    grid: Grid,
    days: Int64Array,
    placebos: dict[Window, Placebo] | None,
) -> tuple[GroupResult, ...]:
    """The group of all events, then each group of the table in the order of its first event."""
    labels = np.array([placed.groups[i] or "" for i in usable.tolist()], dtype=object)
    is_common = usable.size > 0 and bool((grid.rows == grid.rows[0]).all())
    sample = grid.sample(spec, slice(None)) if is_common else None
    names = tuple(AGGREGATE_TESTS) if spec.tests is None else tuple(t for t in AGGREGATE_TESTS if t in spec.tests)
    out = []
    for name in ("all", *dict.fromkeys(label for label in labels.tolist() if label)):
        members = np.ones(usable.size, dtype=bool) if name == "all" else labels == name
        panels: tuple[Panel, ...] = build_panels(
            spec, fit, abnormal, cumulated, tau=grid.tau, days=days, sample=sample, members=members, placebos=placebos
        )
        out.append(
            GroupResult(
                name=name,
                members=np.flatnonzero(members),
                panels=panels,
                tests=tuple(tuple(AGGREGATE_TESTS[test](panel) for test in names) for panel in panels),
                weights=None if placed.weights is None else placed.weights[usable[members]],
            )
        )
    return tuple(out)


def _day_numbers(market: Market, grid: Grid) -> Int64Array:
    """Days since 1970 of every event's sessions, -1 beyond the data; one broadcast row for one common date."""
    numbers = market.sessions.astype(np.int64)
    is_common = grid.rows.size > 0 and bool((grid.rows == grid.rows[0]).all())
    rows = grid.rows[:1] if is_common else grid.rows
    index = rows[:, None] + grid.tau[None, :]
    inside = (index >= 0) & (index < numbers.size)
    days = np.where(inside, numbers[np.clip(index, 0, numbers.size - 1)], -1).astype(np.int32)
    return np.broadcast_to(days, (grid.rows.size, grid.tau.size)) if is_common else days


def _resolve_factors(spec: StudySpec, factors: Sequence[str] | str, market: Market) -> tuple[StudySpec, Market]:
    """Names of factor sets replaced by the columns that hold them; returns in excess of a risk-free column, if any."""
    given = tuple(part.strip() for part in factors.split(",")) if isinstance(factors, str) else tuple(factors)
    given = tuple(name for name in given if name) or spec.factors
    if len(given) == 1 and given[0].lower() in FACTOR_SETS:
        by_lower = {name.lower(): name for name in market.names}
        found = [_spelt(key, by_lower) for key in FACTOR_SETS[given[0].lower()]]
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
    return replace(market, returns=excess, levels=None, warnings=(*market.warnings, note))


def _with_factors(market: Market, factors: Market) -> Market:
    clash = set(market.names) & set(factors.names)
    if clash:
        raise DataError("a factor has the name of an asset", where="factor-file", value=min(clash), remedy="rename one")
    rows = np.searchsorted(factors.sessions, market.sessions)
    safe = np.clip(rows, 0, factors.sessions.size - 1)
    known = (rows < factors.sessions.size) & (factors.sessions[safe] == market.sessions)
    values = np.where(known[:, None], factors.returns[safe], np.nan)
    levels = None if market.levels is None else np.column_stack([market.levels, np.full_like(values, np.nan)])
    return replace(
        market,
        names=(*market.names, *factors.names),
        returns=np.column_stack([market.returns, values]),
        levels=levels,
        warnings=(*market.warnings, *factors.warnings),
    )


def _check_tests(spec: StudySpec) -> None:
    for name in spec.tests or ():
        if name not in AGGREGATE_TESTS and name not in SINGLE_TESTS:
            known = ", ".join(dict.fromkeys((*SINGLE_TESTS, *AGGREGATE_TESTS)))
            raise DataError("unknown test", where="tests", value=name, remedy=f"known are {known}")


def _wants_placebo(spec: StudySpec, n: int) -> bool:
    if not n or (spec.tests is not None and not set(PLACEBO_TESTS) & set(spec.tests)):
        return False
    if spec.tests is not None:
        return True
    return n <= PLACEBO_LIMIT and spec.model not in ITERATIVE


def _treated_benchmark(market: Market, placed: Placed, spec: StudySpec, usable: Int64Array) -> tuple[str, ...]:
    """Say it when the benchmark is itself among the treated assets."""
    treated = {placed.assets[i] for i in usable.tolist()}
    both = sorted(treated & {spec.benchmark or "", *(placed.benchmarks[i] or "" for i in usable.tolist())} - {""})
    return tuple(f"{name} is both a treated asset and a benchmark: its effect is taken out of the others" for name in both)


def _settings(spec: StudySpec, values: Values, missing: Missing, drop_overlapping: bool) -> dict[str, Any]:
    return {
        **spec.to_dict(),
        "min_estimation": spec.required_estimation,
        "values": values,
        "missing": missing,
        "drop_overlapping": drop_overlapping,
    }


