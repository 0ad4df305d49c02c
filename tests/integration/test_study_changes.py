"""Yields and spreads: the change of a level, in decimals, by the same models and tests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import EventStudyError
from tests.support.studies import run_cli

DATES = pd.bdate_range("2022-01-03", periods=300)
SPEC = es.StudySpec(model="market", estimation=(-150, -11), event_window=(-5, 5), windows=[(0, 1)], benchmark="US")
EVENTS = pd.DataFrame({"event_id": ["x"], "asset": ["IT"], "date": [DATES[200]]})


def levels() -> pd.DataFrame:
    """Yields in percent; the Italian one is negative for a while."""
    rng = np.random.default_rng(3)
    us = 4 + np.cumsum(rng.normal(0, 0.05, 300))
    return pd.DataFrame({"date": DATES, "US": us, "IT": us - 4.5 + np.cumsum(rng.normal(0, 0.03, 300))})


def test_the_abnormal_change_is_that_of_ordinary_least_squares_on_differences() -> None:
    frame = levels()
    assert frame["IT"].min() < 0
    found = es.run_study(frame, EVENTS, SPEC, values="changes", units="percent").to_dict()["events"][0]
    moves = frame[["US", "IT"]].diff().to_numpy() / 100
    x = np.column_stack([np.ones(140), moves[50:190, 0]])
    b = np.linalg.lstsq(x, moves[50:190, 1], rcond=None)[0]
    s2 = ((moves[50:190, 1] - x @ b) ** 2).sum() / 138
    w = np.array([2.0, moves[200:202, 0].sum()])
    car = moves[200:202, 1].sum() - w @ b
    window = found["windows"][0]
    assert window["car"] == pytest.approx(car, rel=1e-10)
    assert window["scar"] == pytest.approx(car / np.sqrt(s2 * (2 + w @ np.linalg.inv(x.T @ x) @ w)), rel=1e-9)
    assert window["bhar"] is None


def test_units_say_the_same_and_none_is_refused() -> None:
    frame = levels()
    points = frame.assign(US=frame["US"] * 100, IT=frame["IT"] * 100)
    cars = [
        es.run_study(table, EVENTS, SPEC, values="changes", units=units).events["car[0,1]"][0]
        for table, units in ((frame, "percent"), (points, "basis-points"))
    ]
    assert cars[0] == pytest.approx(cars[1], rel=1e-12)
    with pytest.raises(EventStudyError, match="changes of what"):
        es.run_study(frame, EVENTS, SPEC, values="changes")


def test_a_slip_of_the_pen_is_noted_and_an_empty_day_is_no_session() -> None:
    frame = levels()
    frame.loc[150, "IT"] *= 100
    frame.loc[160, ["US", "IT"]] = np.nan
    found = es.run_study(frame, EVENTS, SPEC, values="changes", units="percent")
    assert any("IT: a change beyond ±2%" in text for text in found.warnings)
    assert any("nothing has a level on" in text for text in found.warnings)
    assert found.events["n_estimation"].tolist() == [140]


def test_the_command_needs_units_and_says_what_percent_means(tmp_path: Path) -> None:
    options = ("--benchmark", "US", "--estimation=-150:-11", "--event-window=-5:5", "--values", "changes")
    table = EVENTS.to_csv(index=False)
    done = run_cli(tmp_path, levels(), table, *options)
    assert (done.exit_code, "--values changes needs --units" in done.stderr) == (2, True)
    done = run_cli(tmp_path, levels(), table, *options, "--units", "percent", json_wanted=False)
    assert "Changes, % are percentage points" in done.stdout
