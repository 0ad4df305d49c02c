"""Studies of many events on files and frames: the contract of design 8.1 and 8.2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from eventstudy.abnormal import Abnormal, Cumulated
from eventstudy.errors import DataError, InputError
from eventstudy.inference.correlation import DayTable
from eventstudy.inference.cross_section import Covariance
from eventstudy.inference.panel import Panel, Placebo, build_panels
from eventstudy.records import Fit, Int64Array
from eventstudy.registry.models import MODELS
from eventstudy.registry.tests import TESTS, group_tests
from eventstudy.spec import StudySpec, Window
from eventstudy.study.averages import GroupResult
from eventstudy.study.contrasts import regressions
from eventstudy.study.factors import resolve_factors, with_factors
from eventstudy.study.fitting import build_grid, fit_events, placebo_cars, runs_past
from eventstudy.study.frame import Market, Missing, read_market
from eventstudy.study.grid import Grid
from eventstudy.study.placing import Placed, place_events
from eventstudy.study.result import StudyResult
from eventstudy.tables.shapes import Values
from eventstudy.tables.table import Table

__all__ = ["StudyResult", "run_study"]

# More events than this are not re-estimated on every placebo day unless the tests are asked for by name.
PLACEBO_LIMIT = 500
SAMPLE_LIMIT = 50_000_000  # numbers in the raw returns kept for the portfolio tests of one date, 400 MB


def run_study(
    prices: pd.DataFrame | Table,
    events: pd.DataFrame | Table,
    spec: StudySpec | None = None,
    *,
    benchmark: str | None = None,
    factors: Sequence[str] | str = (),
    values: Values = "prices",
    missing: Missing = "drop",
    drop_overlapping: bool = False,
    factor_returns: pd.DataFrame | Table | None = None,
    equivalence: float | None = None,
    regress: Sequence[str] = (),
    covariance: Covariance = "HC3",
) -> StudyResult:
    """Study many events: abnormal returns, their averages, and every test that the design allows.

    Parameters
    ----------
    prices : DataFrame or Table
        A column ``date`` first (or dates as the index), then one column per asset; blank = missing. The long shape and
        the columns of ``yfinance.download`` are recognised. A file is read with `eventstudy.tables.read_table`. Columns
        of a factor model are returns, so they need ``values="returns"`` or `factor_returns`.
    events : DataFrame or Table
        ``event_id, asset, date`` or ``event_id, asset, announced_at, calendar``; optionally ``group, weight,
        benchmark``. A date that is no session moves to the next one, never back.
    spec : StudySpec, optional
        Windows, model and all other settings; its defaults when None.
    benchmark : str, optional
        Column of the benchmark; overrides ``spec.benchmark``.
    factors : sequence of str or str
        Columns of the factor or peer model, or one of ``ff3``, ``carhart``, ``ff5``; overrides ``spec.factors``.
    values : {"prices", "returns", "volume"}
        What the cells of `prices` are; returns are decimals, volume is turnover in percent (abnormal volume, which
        has no BHAR).
    missing : {"drop", "lump"}
        ``drop``: a day without a price gives no return that day and the next. ``lump``: the day that ends the hole
        carries the whole return.
    drop_overlapping : bool
        Leave out an event whose window overlaps an earlier one of the same asset, instead of flagging it.
    factor_returns : DataFrame or Table, optional
        Returns of factors, shaped like `prices`, joined on the date.
    equivalence : float, optional
        Size of an effect that would not matter, decimal, fixed in advance: adds two one-sided tests of "no effect
        larger than this".
    regress : sequence of str
        Columns of `events` to explain the CARs with; see ``StudyResult.regress``.
    covariance : str
        Standard errors of that regression.

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
    if MODELS.check(spec.model, "model").factors:
        spec, factors = replace(spec, model="factor"), factors or spec.model
    spec = replace(spec, benchmark=benchmark or spec.benchmark)
    regress = (regress,) if isinstance(regress, str) else tuple(regress)
    _check(spec, equivalence)
    market = read_market(prices, values, spec.returns)
    if factor_returns is not None:
        market = with_factors(market, read_market(factor_returns, "returns", spec.returns, "factor-file"))
    elif values == "prices" and MODELS[spec.model].regressors == "factors":
        raise DataError(
            "factors are returns, not prices", where="factors", remedy="use --values returns or --factor-file"
        )
    if spec.benchmark is not None:
        market.column(spec.benchmark, "benchmark")
    spec, market = resolve_factors(spec, factors, market)
    placed = place_events(events, market, spec, drop_overlapping=drop_overlapping)
    usable = _usable(placed, market)
    has_placebos = _wants_placebo(spec, usable.size)
    grid = build_grid(market, placed, spec, usable, missing, has_placebos=has_placebos)
    fit, daily, cumulated = fit_events(grid, spec)
    if values == "volume":
        cumulated = tuple(replace(found, bhar=np.full_like(found.bhar, np.nan)) for found in cumulated)
    placebos = placebo_cars(grid, spec) if has_placebos else None
    result = StudyResult(
        spec=spec,
        settings={
            **spec.to_dict(),
            "min_estimation": spec.required_estimation,
            "values": values,
            "missing": missing,
            "drop_overlapping": drop_overlapping,
            "equivalence": equivalence,
            "regress": list(regress),
            "covariance": covariance,
        },
        market=market,
        placed=placed,
        usable=usable,
        fit=fit,
        daily=daily,
        cumulated=cumulated,
        placebos=placebos,
        groups=_groups(spec, placed, usable, fit, daily, cumulated, grid, placebos),
        warnings=(
            *market.warnings,
            *placed.notes,
            *_treated_benchmark(placed, spec, usable),
            *_past_the_data(grid, spec),
        ),
    )
    regressions(result)  # a column that is not there is an error here, and not when somebody looks
    return result


def _usable(placed: Placed, market: Market) -> Int64Array:
    """Events that have a place, by asset and event: no sum and no draw depends on the order of the tables.

    By asset first, so that the returns of neighbours are read from the same piece of memory.
    """
    live = np.flatnonzero([reason is None for reason in placed.reasons])
    rank = np.empty(len(market.names), dtype=np.int64)
    rank[np.argsort(np.array(market.names, dtype=np.str_))] = np.arange(rank.size)
    live = live[np.argsort(np.array([placed.event_ids[i] for i in live.tolist()], dtype=np.str_), kind="stable")]
    return live[np.argsort(rank[placed.columns[live]], kind="stable")]


def _groups(
    spec: StudySpec,
    placed: Placed,
    usable: Int64Array,
    fit: Fit,
    abnormal: Abnormal,
    cumulated: Sequence[Cumulated],
    grid: Grid,
    placebos: dict[Window, Placebo] | None,
) -> tuple[GroupResult, ...]:
    """The group of all events, then each group of the table by name."""
    labels = np.array([placed.groups[i] or "" for i in usable.tolist()], dtype=object)
    days = _day_numbers(grid)
    is_small = usable.size * grid.tau.size * (1 + grid.factors.shape[1]) <= SAMPLE_LIMIT
    sample = grid.sample(spec, slice(None)) if grid.has_common_date and is_small else None
    weights = None if placed.weights is None else placed.weights[usable]
    names = tuple(name for name in group_tests() if spec.tests is None or name in spec.tests)
    out = []
    for name in ("all", *sorted({label for label in labels.tolist() if label})):
        members = np.ones(usable.size, dtype=bool) if name == "all" else labels == name
        panels: tuple[Panel, ...] = build_panels(
            spec, fit, abnormal, cumulated, tau=grid.tau, days=days, sample=sample, members=members, placebos=placebos
        )
        out.append(
            GroupResult(
                name=name,
                members=np.flatnonzero(members),
                panels=panels,
                names=names,
                bhar=tuple(c.bhar[panel.batch.rows] for c, panel in zip(cumulated, panels, strict=True)),
                weights=weights,
            )
        )
    return tuple(out)


def _day_numbers(grid: Grid) -> DayTable:
    """Days since 1970 of every event's sessions, -1 beyond the data."""
    margin = np.full(grid.tau.size, -1, dtype=np.int32)
    numbers = np.concatenate([margin, grid.market.sessions.astype(np.int64).astype(np.int32), margin])
    return DayTable(numbers=numbers, starts=grid.rows + int(grid.tau[0]) + grid.tau.size, width=grid.tau.size)


def _check(spec: StudySpec, equivalence: float | None) -> None:
    for name in spec.tests or ():
        TESTS.check(name, "tests")
    if equivalence is not None and not 0 < equivalence < np.inf:
        raise InputError("must be above zero", where="equivalence", value=equivalence, remedy="write for example 0.01")


def _wants_placebo(spec: StudySpec, n: int) -> bool:
    if n == 0:
        return False
    if spec.tests is not None:
        return any(TESTS[name].needs_placebos for name in spec.tests)
    return n <= PLACEBO_LIMIT and not MODELS[spec.model].is_iterative


def _treated_benchmark(placed: Placed, spec: StudySpec, usable: Int64Array) -> tuple[str, ...]:
    """Say it when the benchmark is itself among the treated assets."""
    if not MODELS[spec.model].needs_benchmark:
        return ()
    live = usable.tolist()
    if any(placed.benchmarks):
        benchmarks = {placed.benchmarks[i] or spec.benchmark for i in live}
    else:
        benchmarks = {spec.benchmark} if live else set()
    both = {placed.assets[i] for i in live} & benchmarks
    return tuple(
        f"{name} is both a treated asset and a benchmark: its effect is taken out of the others"
        for name in sorted(both)
    )


def _past_the_data(grid: Grid, spec: StudySpec) -> tuple[str, ...]:
    """Say how many events a window is refused to, because the data end before it does."""
    counts = [(window, int(runs_past(grid, window).sum())) for window in spec.windows]
    return tuple(
        f"the window {w.label} runs past the data for {n} {'event' if n == 1 else 'events'}: no number for it there"
        for w, n in counts
        if n
    )
