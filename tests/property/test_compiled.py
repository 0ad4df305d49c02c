"""The compiled loops say what numpy says, whatever is missing or tied."""

from __future__ import annotations

import math
from typing import Any
from unittest import mock

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import eventstudy as es
from eventstudy import compiled
from eventstudy.registry.tests import group_tests
from eventstudy.study import grid

pytest.importorskip("numba")

SPEC = es.StudySpec(
    returns="simple",
    estimation=(-50, -6),
    event_window=(-5, 5),
    windows=[(0, 0), (0, 1), (-5, 5)],
    min_estimation=20,
    tests=tuple(name for name, test in group_tests().items() if not test.is_resampled),
)


@st.composite
def studies(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    sessions, assets, n = 150, draw(st.integers(4, 8)), draw(st.integers(1, 60))
    market = 0.01 * rng.standard_normal(sessions)
    returns = market[:, None] * rng.uniform(0.5, 1.5, assets) + 0.02 * rng.standard_t(3, (sessions, assets))
    if draw(st.booleans()):
        returns[rng.random(returns.shape) < 0.05] = np.nan
    if draw(st.booleans()):
        returns = np.round(returns, 2)  # ties in ranks
    names = [f"A{j}" for j in range(assets)]
    frame = pd.DataFrame(np.column_stack([market, returns]), columns=["MKT", *names])
    frame.insert(0, "date", pd.bdate_range("2020-01-01", periods=sessions))
    days = np.full(n, 90) if draw(st.booleans()) else rng.integers(20, sessions, n)
    events = {
        "event_id": np.arange(n).astype(str),
        "asset": rng.choice(names, n),
        "date": frame["date"].to_numpy()[days],
    }
    return frame, pd.DataFrame(events).drop_duplicates(["asset", "date"])


def found(frame: pd.DataFrame, events: pd.DataFrame, *, worth: int) -> dict[str, Any]:
    with mock.patch.object(compiled, "WORTH", worth), mock.patch.object(grid, "CHUNK", 16):
        return es.run_study(frame, events, SPEC, benchmark="MKT", values="returns").to_dict()


def differences(one: Any, other: Any, where: str = "") -> list[str]:
    if isinstance(one, dict):
        assert one.keys() == other.keys()
        return [line for key in one for line in differences(one[key], other[key], f"{where}.{key}")]
    if isinstance(one, list):
        assert len(one) == len(other), where
        pairs = enumerate(zip(one, other, strict=True))
        return [line for i, (a, b) in pairs for line in differences(a, b, f"{where}[{i}]")]
    if isinstance(one, float) and isinstance(other, float):
        return [] if math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12) else [f"{where}: {one} {other}"]
    return [] if one == other else [f"{where}: {one} {other}"]


@given(case=studies())
@settings(max_examples=20)
def test_compiled_and_plain_studies_are_equal(case: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    frame, events = case
    assert differences(found(frame, events, worth=0), found(frame, events, worth=10**9)) == []


def test_the_loops_are_for_many_events_only() -> None:
    assert compiled.loops(compiled.WORTH - 1) is None
    assert compiled.loops(compiled.WORTH) is not None


@given(case=studies(), chunk=st.integers(1, 40))
@settings(max_examples=5)
def test_the_size_of_the_chunks_changes_nothing(case: tuple[pd.DataFrame, pd.DataFrame], chunk: int) -> None:
    frame, events = case
    with mock.patch.object(compiled, "WORTH", 0):
        whole = es.run_study(frame, events, SPEC, benchmark="MKT", values="returns").to_dict()
        with mock.patch.object(grid, "CHUNK", chunk):
            assert es.run_study(frame, events, SPEC, benchmark="MKT", values="returns").to_dict() == whole


@given(case=studies(), cores=st.integers(2, 7))
@settings(max_examples=5)
def test_the_number_of_threads_changes_nothing(case: tuple[pd.DataFrame, pd.DataFrame], cores: int) -> None:
    frame, events = case
    with mock.patch("os.cpu_count", return_value=1):
        one = found(frame, events, worth=0)
    with mock.patch("os.cpu_count", return_value=cores):
        assert found(frame, events, worth=0) == one
