"""Abnormal volume: the same models and tests on the logarithm of turnover."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.errors import EventStudyError

DATES = pd.bdate_range("2022-01-03", periods=300)
SPEC = es.StudySpec(
    model="constant-mean", returns="log", estimation=(-150, -11), event_window=(-5, 5), windows=[(0, 0)]
)


def turnover() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    frame = pd.DataFrame({"date": DATES, "A": np.exp(rng.normal(-1, 0.3, 300)), "B": np.exp(rng.normal(-1, 0.3, 300))})
    frame.loc[200, ["A", "B"]] *= 8
    frame.loc[100, "A"] = 0.0  # a day without trade has a logarithm too
    return frame


EVENTS = pd.DataFrame({"event_id": ["x", "y"], "asset": ["A", "B"], "date": [DATES[200]] * 2})


def test_abnormal_volume_is_the_log_less_its_mean() -> None:
    frame = turnover()
    result = es.run_study(frame, EVENTS, SPEC, values="volume")
    logs = np.log(frame["A"].to_numpy() + 0.000255)
    past = logs[50:190]
    assert result.abnormal.loc["x"].iloc[0][0] == pytest.approx(logs[200] - past.mean(), rel=1e-12)
    document = result.to_dict()
    window = document["events"][0]["windows"][0]
    t = (logs[200] - past.mean()) / (past.std(ddof=1) * np.sqrt(1 + 1 / past.size))
    assert window["tests"][0]["statistic"] == pytest.approx(t, rel=1e-10)
    assert window["bhar"] is None
    assert document["aggregate"][0]["windows"][0]["mean_bhar"] is None


def test_negative_volume_counts_as_missing() -> None:
    frame = turnover()
    frame.loc[120, "A"] = -1.0
    result = es.run_study(frame, EVENTS, SPEC, values="volume")
    assert any("negative volume" in text for text in result.warnings)
    assert result.events["n_estimation"].tolist() == [139, 140]


def test_lumped_volume_is_refused() -> None:
    with pytest.raises(EventStudyError, match="need prices"):
        es.run_study(turnover(), EVENTS, SPEC, values="volume", missing="lump")
