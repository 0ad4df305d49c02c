"""Never run, only type-checked: the documented ways to use the package are well typed, and a wrong one is not."""

from __future__ import annotations

from typing import assert_type

import pandas as pd
import polars as pl

import eventstudy as es

spec = es.StudySpec(model="market", returns="log", estimation=(-250, -11), event_window=(-10, 10), windows=[(0, 1)])
also = es.StudySpec(estimation="-250:-11", windows=["0:0", "0:1"])
assert_type(spec.estimation, es.Window)
assert_type(spec.windows, tuple[es.Window, ...])

frame = pd.DataFrame()
result = es.run_study(frame, frame, spec, benchmark="MKT", values="prices")
assert_type(result, es.StudyResult)
assert_type(result.events, pd.DataFrame)
assert_type(result.abnormal, pd.DataFrame)
assert_type(result.aggregate, pd.DataFrame)
assert_type(result.tests, pd.DataFrame)
assert_type(result.summary(), str)

es.StudySpec(returns="percent")  # type: ignore[arg-type]
es.run_study(frame, frame, spec, values="levels")  # type: ignore[call-overload]
assert_type(es.run_study(frame, frame, bar="5m", windows=["0m:30m"], calendar="XNYS"), es.ClockResult)
assert_type(es.run_study(frame, frame, es.ClockSpec(windows=["0m:30m"])), es.ClockResult)

results = es.open_results("es.db")
assert_type(results, es.Results[pd.DataFrame])
assert_type(results.reactions(asset="EURUSD", min_t=2, window=(0, 1)), pd.DataFrame)
assert_type(results.prices("EURUSD"), pd.DataFrame)
polars_results = es.open_results("es.db", frames="polars")
assert_type(polars_results.daily(), pl.DataFrame)
assert_type(es.run_study(polars_results.prices(), pl.DataFrame(), spec), es.StudyResult)
es.open_results("es.db", frames="dask")  # type: ignore[call-overload]
es.run_study([1], frame)  # type: ignore[call-overload]
results.reactions(assets="EURUSD")  # type: ignore[call-arg]
