"""Studies of many events on files and frames: the contract of design 8.1 and 8.2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack, overload

import pandas as pd

from eventstudy.errors import InputError
from eventstudy.spec import StudySpec
from eventstudy.study.clock.result import ClockResult, run_by_clock
from eventstudy.study.clock.spec import ClockSpec
from eventstudy.study.cross_section import regressions
from eventstudy.study.doubts import examined, used_columns
from eventstudy.study.from_table import samples_of_table
from eventstudy.study.many import study_samples, wants_placebos
from eventstudy.study.options import BY_CLOCK_TOO, Options, StudyOptions
from eventstudy.study.prepared import Prepared, prepared
from eventstudy.study.result import StudyResult
from eventstudy.study.robust.found import robust
from eventstudy.study.room import Room, room_in
from eventstudy.study.spread.filed import looked_through, may_stay, names_of
from eventstudy.study.spread.parquet import PriceFiles, is_many, price_files, tables_of
from eventstudy.study.spread.prices import HeldPrices, Prices
from eventstudy.study.spread.run import Spread, study_on, task_of
from eventstudy.study.spread.workers import Progress, workers
from eventstudy.tables.arrow import ArrowTable, taken
from eventstudy.tables.options import Options as TableOptions
from eventstudy.tables.reading import read_table
from eventstudy.tables.shapes import joined
from eventstudy.tables.table import Table

if TYPE_CHECKING:
    from distributed import Client

__all__ = ["ClockResult", "ClockSpec", "StudyResult", "run_study"]


@overload
def run_study(
    prices: pd.DataFrame | ArrowTable | Table | Path | str,
    events: pd.DataFrame | ArrowTable | Table,
    spec: ClockSpec,
    *,
    cluster: str | Client | None = None,
    parts: int | None = None,
    progress: Progress | None = None,
    folder: Path | None = None,
    resume: bool = False,
    **options: Any,
) -> ClockResult: ...


@overload
def run_study(
    prices: pd.DataFrame | ArrowTable | Table | Path | str,
    events: pd.DataFrame | ArrowTable | Table,
    spec: None = None,
    *,
    bar: str,
    cluster: str | Client | None = None,
    parts: int | None = None,
    progress: Progress | None = None,
    folder: Path | None = None,
    resume: bool = False,
    **options: Any,
) -> ClockResult: ...


@overload
def run_study(
    prices: pd.DataFrame | ArrowTable | Table | PriceFiles | Path | str,
    events: pd.DataFrame | ArrowTable | Table,
    spec: StudySpec | None = None,
    *,
    cluster: str | Client | None = None,
    parts: int | None = None,
    with_events: bool = True,
    progress: Progress | None = None,
    folder: Path | None = None,
    resume: bool = False,
    **options: Unpack[Options],
) -> StudyResult: ...


def run_study(
    prices: pd.DataFrame | ArrowTable | Table | PriceFiles | Path | str,
    events: pd.DataFrame | ArrowTable | Table,
    spec: StudySpec | ClockSpec | None = None,
    *,
    bar: str | None = None,
    cluster: str | Client | None = None,
    parts: int | None = None,
    with_events: bool = True,
    progress: Progress | None = None,
    folder: Path | None = None,
    resume: bool = False,
    **options: Any,
) -> StudyResult | ClockResult:
    """Study many events: abnormal returns, their averages, and every test that the design allows.

    With `bar` the study is one by the minute: `prices` are bars, or the path of Parquet files with bars, and events
    have ``announced_at``, or ``earliest`` and ``latest``.

    Parameters
    ----------
    prices : DataFrame, ArrowTable or Table
        Of pandas, polars or pyarrow, or whatever exports the Arrow C stream, which pyarrow reads. A column ``date``
        first (or dates as the index), then one column per asset; blank = missing. The long shape and the columns of
        ``yfinance.download`` are recognised. A file is read with `eventstudy.tables.read_table`. Columns
        of a factor model are returns, so they need ``values="returns"`` or `factor_returns`. Or a folder of Parquet
        files, a pattern or an address of fsspec, of which the symbols that the study names are read, a part at a time.
    events : DataFrame, ArrowTable or Table
        ``event_id, asset, date`` or ``event_id, asset, announced_at, calendar``; optionally ``group, weight,
        benchmark``. A date that is no session moves to the next one, never back.
    spec : StudySpec, optional
        Windows, model and all other settings; its defaults when None.
    bar : str, optional
        Size of a bar, for example ``5m``; that of `spec` where it is a ``ClockSpec``. Of the settings below
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
    folder : Path, optional
        Where large arrays of the study lie until they are read, in files without a name, so that memory grows with the
        events by little more than their names and notes. With `cluster`, or prices in a folder, also where each part is
        written when it is finished, for `resume`, and with it the windows and days of its events, of which no more
        comes back than tests read. All workers see it under this name.
    resume : bool
        Whether the parts that are in `folder` are taken: those of the same study.
    **options
        Those below; with `bar` the fields of ``ClockSpec`` too, for example ``windows=["0m:30m", "0m:close"]``.

    Other Parameters
    ----------------
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
    factor_returns : DataFrame, ArrowTable or Table, optional
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
    if resume and (folder is None or (bar is not None and cluster is None)):
        raise _nothing_to_resume()
    if bar is not None:
        assert not isinstance(prices, PriceFiles)
        bars = prices if isinstance(prices, (str, Path)) else taken(prices, "prices")
        how = Spread(cluster=cluster, parts=parts, progress=progress, folder=folder, resume=resume)
        return _by_the_minute(bars, taken(events, "events"), spec, bar, options, None if cluster is None else how)
    of_minutes = {field.name for field in fields(ClockSpec)} - {field.name for field in fields(StudyOptions)}
    if isinstance(prices, (str, Path)) and is_many(str(prices)):
        prices = price_files(str(prices), TableOptions(voice="frame")) or _joined(str(prices), options)
    if of_minutes.intersection(options) or isinstance(prices, (str, Path)):
        raise InputError(
            "bars, and settings of a study by the minute, need the size of a bar",
            where="bar",
            remedy='write for example bar="5m", or give prices of days as a table',
        )
    if options.get("factor_returns") is not None:
        options["factor_returns"] = taken(options["factor_returns"], "factor_returns")
    asked = StudyOptions.of(options)
    assert not isinstance(spec, ClockSpec)  # which has a bar
    if isinstance(prices, PriceFiles) and not may_stay(asked):
        prices = prices.read()
    if not isinstance(prices, PriceFiles):
        if resume and cluster is None:
            raise _nothing_to_resume()
        prices = taken(prices, "prices")
    events = taken(events, "events")
    if cluster is None and not isinstance(prices, PriceFiles):
        study = prepared(prices, events, spec or StudySpec(), asked)
        found = _here(study, asked, room_in(folder))
    else:
        spread = Spread(
            cluster=cluster,
            parts=parts,
            progress=progress,
            with_events=with_events,
            folder=folder,
            resume=resume,
            is_light=folder is not None and asked.robustness is None,
        )
        study, found = _spread(prices, events, spec or StudySpec(), asked, spread)
    if asked.robustness is not None:
        # what it has computed by now stays with it
        vars(found)["robust"] = robust(found, study.market, asked.robustness)
    return found


def _nothing_to_resume() -> InputError:
    remedy = "give the folder of its parts, and cluster or prices in a folder; leave resume out to begin anew"
    return InputError("a study that is not in parts has none to go on from", where="resume", value=True, remedy=remedy)


def _joined(address: str, options: Mapping[str, Any]) -> Table:
    """Files that are not in the long form, as one table."""
    tables = [read_table(path) for path in tables_of(address)]
    return joined(tables, options.get("values", "prices"))


def _spread(
    prices: pd.DataFrame | Table | PriceFiles,
    events: pd.DataFrame | Table,
    spec: StudySpec,
    asked: StudyOptions,
    spread: Spread,
) -> tuple[Prepared, StudyResult]:
    """Study in parts, and by the workers of a cluster where one is named."""
    with workers(spread.cluster, spread.progress) as by:
        if isinstance(prices, PriceFiles):
            filed = looked_through(prices, *names_of(events, spec, asked), spec.returns, by)
            study = prepared(filed.market, events, spec, asked)
            source: Prices = replace(filed, market=study.market)
        else:
            study = prepared(prices, events, spec, asked)
            source = HeldPrices(study.market)
        task = task_of(study.spec, study.settings, study.usable.size)
        return study, study_on(by, task, source, study.placed, study.usable, spread)


def _here(study: Prepared, asked: StudyOptions, room: Room) -> StudyResult:
    """Study in this process, whose large arrays are in `room`."""
    spec, market, placed, usable = study.spec, study.market, study.placed, study.usable
    doubts, notes = examined(market, used_columns(market, placed, spec, usable), asked.values, asked.confirm)
    is_shifted = wants_placebos(spec, usable.size)
    samples = samples_of_table(
        market,
        placed,
        spec,
        usable,
        is_shifted=is_shifted,
        doubts=doubts,
        mask_events=asked.mask_events,
        is_last=asked.robustness is None,
    )
    warnings = (*market.warnings, *notes)
    found = study_samples(samples, placed, usable, spec, settings=study.settings, warnings=warnings, room=room)
    regressions(found)  # a column that is not there is an error here, and not when somebody looks
    return found


def _by_the_minute(
    prices: pd.DataFrame | Table | Path | str,
    events: pd.DataFrame | Table,
    spec: StudySpec | ClockSpec | None,
    bar: str,
    options: Mapping[str, Any],
    spread: Spread | None,
) -> ClockResult:
    """Study bars by the clock, once the settings of days alone are refused."""
    if isinstance(spec, StudySpec):
        remedy = 'give a ClockSpec, or settings by name, for example windows=["0m:30m"]'
        raise InputError("a study by the minute has settings of its own", where="spec", remedy=remedy)
    names = {field.name for field in fields(StudyOptions)}
    changed = StudyOptions.of({name: value for name, value in options.items() if name in names}).changed
    for name in changed:
        if name not in BY_CLOCK_TOO:
            raise InputError("is of days, not of minutes", where=name, remedy="leave it out, or leave out bar")
    of_minutes = {name: value for name, value in options.items() if name not in names}
    return run_by_clock(prices, events, spec, bar=bar, settings=changed | of_minutes, spread=spread)
