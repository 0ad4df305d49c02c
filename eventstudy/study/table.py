"""Studies of many events on files and frames: the contract of design 8.1 and 8.2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from eventstudy.errors import DataError, InputError
from eventstudy.inference.cross_section import Covariance
from eventstudy.inference.panel import Panel, build_panels
from eventstudy.records import Int64Array
from eventstudy.registry.models import MODELS
from eventstudy.registry.tests import TESTS, group_tests
from eventstudy.spec import Missing, StudySpec
from eventstudy.study.averages import GroupResult
from eventstudy.study.contrasts import regressions
from eventstudy.study.factors import resolve_factors, with_factors
from eventstudy.study.fitting import Fitted, fit_samples, has_placebos, placebo_cars
from eventstudy.study.frame import Market, read_market
from eventstudy.study.from_table import samples_of_table
from eventstudy.study.placing import Placed, place_events
from eventstudy.study.result import StudyResult
from eventstudy.study.samples import Samples
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
    missing: Missing | None = None,
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
    missing : {"drop", "lump"}, optional
        What a day without a price does to returns; overrides ``spec.missing``.
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
    spec = replace(spec, benchmark=benchmark or spec.benchmark, missing=missing or spec.missing)
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
    is_shifted = _wants_placebo(spec, usable.size)
    samples = samples_of_table(market, placed, spec, usable, is_shifted=is_shifted)
    fitted = fit_samples(samples, spec)
    cumulated = fitted.cumulated
    if values == "volume":
        cumulated = tuple(replace(found, bhar=np.full_like(found.bhar, np.nan)) for found in cumulated)
    fitted = replace(fitted, cumulated=cumulated, placebos=placebo_cars(samples, spec) if is_shifted else None)
    result = StudyResult(
        spec=spec,
        settings={
            **spec.to_dict(),
            "min_estimation": spec.required_estimation,
            "values": values,
            "drop_overlapping": drop_overlapping,
            "equivalence": equivalence,
            "regress": list(regress),
            "covariance": covariance,
        },
        market=market,
        placed=placed,
        usable=usable,
        samples=samples,
        fit=fitted.fit,
        daily=fitted.daily,
        cumulated=fitted.cumulated,
        placebos=fitted.placebos,
        groups=_groups(placed, usable, fitted),
        warnings=(
            *market.warnings,
            *placed.notes,
            *_treated_benchmark(placed, spec, usable),
            *_past_the_data(samples, spec),
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


def _groups(placed: Placed, usable: Int64Array, fitted: Fitted) -> tuple[GroupResult, ...]:
    """The group of all events, then each group of the table by name."""
    spec, samples, cumulated = fitted.spec, fitted.samples, fitted.cumulated
    labels = np.array([placed.groups[i] or "" for i in usable.tolist()], dtype=object)
    is_small = usable.size * samples.tau.size * (1 + samples.x_at.shape[1]) <= SAMPLE_LIMIT
    sample = samples.sample(slice(None)) if samples.has_common_date and is_small else None
    weights = None if placed.weights is None else placed.weights[usable]
    names = tuple(name for name in group_tests() if spec.tests is None or name in spec.tests)
    out = []
    for name in ("all", *sorted({label for label in labels.tolist() if label})):
        members = np.ones(usable.size, dtype=bool) if name == "all" else labels == name
        panels: tuple[Panel, ...] = build_panels(
            spec,
            fitted.fit,
            fitted.daily,
            cumulated,
            tau=samples.tau,
            days=samples.day_table,
            sample=sample,
            members=members,
            placebos=fitted.placebos,
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


def _check(spec: StudySpec, equivalence: float | None) -> None:
    for name in spec.tests or ():
        TESTS.check(name, "tests")
    if equivalence is not None and not 0 < equivalence < np.inf:
        raise InputError("must be above zero", where="equivalence", value=equivalence, remedy="write for example 0.01")


def _wants_placebo(spec: StudySpec, n: int) -> bool:
    return n > 0 and (spec.tests is not None or n <= PLACEBO_LIMIT) and has_placebos(spec)


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


def _past_the_data(samples: Samples, spec: StudySpec) -> tuple[str, ...]:
    """Say how many events a window is refused to, because the data end before it does."""
    counts = [(window, int(samples.runs_past(window).sum())) for window in spec.windows]
    return tuple(
        f"the window {w.label} runs past the data for {n} {'event' if n == 1 else 'events'}: no number for it there"
        for w, n in counts
        if n
    )
