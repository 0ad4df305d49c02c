"""Studies of many events on files and frames: the contract of design 8.1 and 8.2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np
import pandas as pd

from eventstudy.config.calendar_names import resolved
from eventstudy.errors import DataError, InputError
from eventstudy.inference.cross_section import Covariance
from eventstudy.registry.models import MODELS
from eventstudy.registry.tests import TESTS
from eventstudy.spec import Missing, StudySpec
from eventstudy.study.clock.result import ClockResult, run_by_clock
from eventstudy.study.clock.spec import ClockSpec
from eventstudy.study.cross_section import question_of, regressions
from eventstudy.study.doubts import examined, used_columns
from eventstudy.study.factors import resolve_factors, with_factors
from eventstudy.study.frame import Market, read_market
from eventstudy.study.from_table import samples_of_table
from eventstudy.study.many import study_samples, usable_of, wants_placebos
from eventstudy.study.own_sessions import on_calendars
from eventstudy.study.placing import Placed, place_events, rows_of
from eventstudy.study.result import StudyResult
from eventstudy.study.robust.asked import Robustness
from eventstudy.study.robust.found import robust
from eventstudy.study.spread.prices import HeldPrices
from eventstudy.study.spread.run import study_on, task_of
from eventstudy.study.spread.workers import Progress
from eventstudy.study.units import Units, refuse_other_units
from eventstudy.tables.shapes import Values
from eventstudy.tables.table import Table

if TYPE_CHECKING:
    from distributed import Client

SIMPLE_FACTORS = (
    "the factors are taken for log returns, as the assets' are; Kenneth French's and most others are simple: "
    "with --returns simple both are alike"
)

__all__ = ["ClockResult", "ClockSpec", "StudyResult", "run_study"]


@overload
def run_study(
    prices: pd.DataFrame | Table | Path | str,
    events: pd.DataFrame | Table,
    spec: ClockSpec,
    *,
    bar: str | None = None,
    **by_clock: Any,
) -> ClockResult: ...


@overload
def run_study(
    prices: pd.DataFrame | Table | Path | str,
    events: pd.DataFrame | Table,
    spec: None = None,
    *,
    bar: str,
    **by_clock: Any,
) -> ClockResult: ...


@overload
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
    regress: Sequence[str] | str = (),
    formula: str | None = None,
    covariance: Covariance = "HC3",
    cluster_by: Sequence[str] | str = (),
    units: Units | None = None,
    factor_units: Units | None = None,
    calendar: str | None = None,
    mask_events: bool = False,
    delisting_return: float | None = None,
    confirm: Sequence[str] = (),
    robustness: Robustness | None = None,
    bar: None = None,
    cluster: str | Client | None = None,
    parts: int | None = None,
    with_events: bool = True,
    progress: Progress | None = None,
) -> StudyResult: ...


def run_study(
    prices: pd.DataFrame | Table | Path | str,
    events: pd.DataFrame | Table,
    spec: StudySpec | ClockSpec | None = None,
    *,
    benchmark: str | None = None,
    factors: Sequence[str] | str = (),
    values: Values = "prices",
    missing: Missing | None = None,
    drop_overlapping: bool = False,
    factor_returns: pd.DataFrame | Table | None = None,
    equivalence: float | None = None,
    regress: Sequence[str] | str = (),
    formula: str | None = None,
    covariance: Covariance = "HC3",
    cluster_by: Sequence[str] | str = (),
    units: Units | None = None,
    factor_units: Units | None = None,
    calendar: str | None = None,
    mask_events: bool = False,
    delisting_return: float | None = None,
    confirm: Sequence[str] = (),
    robustness: Robustness | None = None,
    bar: str | None = None,
    cluster: str | Client | None = None,
    parts: int | None = None,
    with_events: bool = True,
    progress: Progress | None = None,
    **by_clock: Any,
) -> StudyResult | ClockResult:
    """Study many events: abnormal returns, their averages, and every test that the design allows.

    With `bar` the study is one by the minute: `prices` are bars, or the path of Parquet files with bars, and events
    have ``announced_at``, or ``earliest`` and ``latest``.

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
    values : {"prices", "returns", "volume", "changes"}
        What the cells of `prices` are; returns are decimals, volume is turnover in percent (abnormal volume, which
        has no BHAR); ``changes`` are levels, such as yields and spreads, whose change is studied: they need `units`.
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
    formula : str, optional
        A regression as ``car ~ surprise + C(sector)`` instead of `regress`.
    covariance : str
        Standard errors of that regression.
    cluster_by : sequence of str
        One or two of ``date``, ``asset``, ``event_id``, ``group`` and columns of `events`: errors clustered by them.
    units : {"decimal", "percent", "basis-points"}, optional
        Of levels (``values="changes"``), and of the returns that are given, factors included. Decimals, when None, and
        a column that the study uses and that looks like per cent, prices or another thing is an error; ``decimal``
        takes it all the same.
    factor_units : {"decimal", "percent", "basis-points"}, optional
        Of `factor_returns`; as `units` when None.
    calendar : str, optional
        Of the assets, such as ``XNYS``, ``ecb`` or ``fx``, for events that name none. Prices that are missing on one of
        its sessions refuse the windows that they belong to; without a calendar such a day is one on which the asset was
        closed.
    mask_events : bool
        Leave the days of other events of an asset, those of their event windows, out of the estimation window.
    delisting_return : float, optional
        Simple return of the session after an asset's last price, for events that have no ``delisting_return``: -0.3 is
        -30 %. A window that holds it counts in full.
    confirm : sequence of str
        ``ASSET:DATE`` of every price that is in doubt, and right all the same: a price in doubt is left out, and a
        window that rests on one is not computed.
    robustness : Robustness, optional
        Other ways to the same answer: alpha in calendar time, matched portfolios, synthetic controls; see
        ``StudyResult.robust``.
    bar : str, optional
        Size of a bar, for example ``5m``; that of `spec` where it is a ``ClockSpec``. Of the settings above
        `benchmark`, `factors`, `regress`, `covariance`, `calendar`, `mask_events` and `confirm` hold, and no other.
    cluster : str or distributed.Client, optional
        Who computes: ``local:4`` for processes of this machine, the address of a scheduler of dask, or a client. The
        numbers are the same, to the last bit. Needs ``pip install "eventstudy-service[cluster]"``.
    parts : int, optional
        With `cluster`: in how many parts.
    with_events : bool
        With `cluster`: whether ``to_dict()`` is to tell single events; False saves their way.
    progress : callable, optional
        With `cluster`: called with what is done, how many of them are, and of how many.
    **by_clock
        Fields of ``ClockSpec`` for a study by the minute, for example ``windows=["0m:30m", "0m:close"]``.

    Returns
    -------
    StudyResult or ClockResult
        Frozen; ``summary()`` for people, ``to_dict()`` for programs.

    Raises
    ------
    InputError
        When settings, prices or the events table as a whole cannot be used. One bad event never raises: it is
        skipped, with its reason.
    """
    if isinstance(spec, ClockSpec):
        bar = bar or spec.bar
    if bar is not None:
        of_days = {
            "drop_overlapping": drop_overlapping,
            "factor_returns": factor_returns,
            "equivalence": equivalence,
            "units": units,
            "factor_units": factor_units,
            "delisting_return": delisting_return,
            "missing": missing,
            "cluster": cluster,
            "formula": formula,
            "cluster_by": cluster_by or None,
            "robustness": robustness,
        }
        both = {
            "benchmark": benchmark,
            "factors": factors,
            "regress": regress,
            "calendar": calendar,
            "mask_events": mask_events,
            "confirm": confirm,
            "covariance": None if covariance == "HC3" else covariance,
        }
        settings = {name: value for name, value in both.items() if value} | by_clock
        return run_by_clock(prices, events, _clock_spec(spec, of_days), bar=bar, settings=settings)
    if by_clock or isinstance(spec, ClockSpec) or isinstance(prices, (str, Path)):
        raise InputError(
            "bars, and settings of a study by the minute, need the size of a bar",
            where="bar",
            remedy='write for example bar="5m", or give prices of days as a table',
        )
    spec = spec or StudySpec()
    is_set = bool(MODELS.check(spec.model, "model").factors)
    if is_set:
        spec, factors = replace(spec, model="factor"), factors or spec.model
    spec = replace(spec, benchmark=benchmark or spec.benchmark, missing=missing or spec.missing)
    regress = (regress,) if isinstance(regress, str) else tuple(regress)
    check(spec, equivalence)
    asked = question_of(regress, formula, covariance, cluster_by)
    market = read_market(prices, values, spec.returns, units=units)
    given: dict[str, Units | None] = dict.fromkeys(market.names if values == "returns" else (), units)
    if factor_returns is not None:
        own = read_market(factor_returns, "returns", spec.returns, "factor-file", factor_units or units)
        market = with_factors(market, own)
        given |= dict.fromkeys(own.names, factor_units or units)
    elif values == "prices" and MODELS[spec.model].regressors == "factors":
        raise DataError(
            "factors are returns, not prices", where="factors", remedy="use --values returns or --factor-file"
        )
    if spec.benchmark is not None:
        market.column(spec.benchmark, "benchmark")
    spec, market = resolve_factors(spec, factors, market)
    if spec.returns == "log" and MODELS[spec.model].regressors == "factors" and (is_set or factor_returns is not None):
        market = replace(market, warnings=(*market.warnings, SIMPLE_FACTORS))
    table, rows = rows_of(events)
    if calendar is not None:
        resolved(calendar)
        rows["calendar"] = rows["calendar"].fillna(calendar) if "calendar" in rows.columns else calendar
    if market.levels is not None and "calendar" in rows.columns:
        market = on_calendars(market, rows["calendar"].dropna().astype(str).str.strip())
    placed = place_events(
        table,
        rows,
        market,
        spec,
        drop_overlapping=drop_overlapping,
        mask_events=mask_events,
        delisting_return=delisting_return,
    )
    _refuse_units(market, placed, spec, given)
    usable = usable_of(placed, market.names)
    settings = {
        "values": values,
        "drop_overlapping": drop_overlapping,
        "equivalence": equivalence,
        "regress": list(regress),
        "formula": formula,
        "covariance": asked.covariance,
        "cluster_by": list(asked.cluster_by),
        "calendar": calendar,
        "mask_events": mask_events,
        "delisting_return": delisting_return,
        "units": units or ("decimal" if given else None),
        "factor_units": factor_units or units or "decimal" if factor_returns is not None else None,
        "confirm": list(confirm),
    }
    if cluster is not None:
        task = task_of(spec, settings, usable.size)
        prices_here = HeldPrices(market)
        done = study_on(cluster, task, prices_here, placed, usable, parts, progress, with_events=with_events)
        return held_against(done, market, robustness)
    doubts, notes = examined(market, used_columns(market, placed, spec, usable), values, confirm)
    is_shifted = wants_placebos(spec, usable.size)
    result = study_samples(
        samples_of_table(market, placed, spec, usable, is_shifted=is_shifted, doubts=doubts, mask_events=mask_events),
        placed,
        usable,
        spec,
        settings=settings,
        warnings=(*market.warnings, *notes),
    )
    regressions(result)  # a column that is not there is an error here, and not when somebody looks
    return held_against(result, market, robustness)


def held_against(result: StudyResult, market: Market, asked: Robustness | None) -> StudyResult:
    """`result` with other ways to the same answer, where they are asked for."""
    if asked is not None:
        vars(result)["robust"] = robust(result, market, asked)  # what it has computed by now stays with it
    return result


def _clock_spec(spec: StudySpec | ClockSpec | None, of_days: Mapping[str, object]) -> ClockSpec | None:
    """The settings of a study by the minute, once those of days alone are refused."""
    if isinstance(spec, StudySpec):
        remedy = 'give a ClockSpec, or settings by name, for example windows=["0m:30m"]'
        raise InputError("a study by the minute has settings of its own", where="spec", remedy=remedy)
    for name, value in of_days.items():
        if value is not None and value is not False:
            raise InputError("is of days, not of minutes", where=name, remedy="leave it out, or leave out bar")
    return spec


def _refuse_units(market: Market, placed: Placed, spec: StudySpec, given: Mapping[str, Units | None]) -> None:
    """Refuse columns that the study uses and that are not what it was told they are; `given` are the returns."""
    used = {*placed.assets, *placed.benchmarks, *spec.explained_by}.intersection(market.names)
    for name in market.names:
        if name in used and name in market.signed:
            raise DataError(
                f"the column {name} looks like returns, not prices: it changes its sign from day to day",
                where="prices",
                remedy="write --values returns",
            )
    for j, name in enumerate(market.names):
        if name in used and name in given and given[name] != "decimal":
            refuse_other_units(name, market.returns[:, j], market.sessions)


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
