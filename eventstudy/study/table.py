"""Studies of many events on files and frames: the contract of design 8.1 and 8.2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from eventstudy.errors import DataError, InputError
from eventstudy.inference.cross_section import Covariance
from eventstudy.registry.models import MODELS
from eventstudy.registry.tests import TESTS
from eventstudy.spec import Missing, StudySpec
from eventstudy.study.contrasts import regressions
from eventstudy.study.doubts import examined, used_columns
from eventstudy.study.factors import resolve_factors, with_factors
from eventstudy.study.frame import read_market
from eventstudy.study.from_table import samples_of_table
from eventstudy.study.many import study_samples, usable_of, wants_placebos
from eventstudy.study.placing import place_events
from eventstudy.study.result import StudyResult
from eventstudy.tables.shapes import Values
from eventstudy.tables.table import Table

__all__ = ["StudyResult", "run_study"]


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
    confirm: Sequence[str] = (),
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
    confirm : sequence of str
        ``ASSET:DATE`` of every price that is in doubt, and right all the same: a price in doubt is left out, and a
        window that rests on one is not computed.

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
    check(spec, equivalence)
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
    usable = usable_of(placed, market.names)
    doubts, notes = examined(market, used_columns(market, placed, spec, usable), values, confirm)
    is_shifted = wants_placebos(spec, usable.size)
    result = study_samples(
        samples_of_table(market, placed, spec, usable, is_shifted=is_shifted, doubts=doubts),
        placed,
        usable,
        spec,
        settings={
            "values": values,
            "drop_overlapping": drop_overlapping,
            "equivalence": equivalence,
            "regress": list(regress),
            "covariance": covariance,
            "confirm": list(confirm),
        },
        warnings=(*market.warnings, *notes),
    )
    regressions(result)  # a column that is not there is an error here, and not when somebody looks
    return result


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
