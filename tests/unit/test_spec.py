"""Windows and study settings: what is taken, and what is refused before anything is computed."""

from __future__ import annotations

import json

import numpy as np
import pytest

from eventstudy.errors import InputError
from eventstudy.spec import StudySpec, Window


@pytest.mark.parametrize(
    "written", ["-1:1", " -1 : +1 ", "-1,1", "[-1,1]", (-1, 1), [-1, 1], np.array([-1, 1]), Window(-1, 1)]
)
def test_a_window_can_be_written_in_these_ways(written: object) -> None:
    assert Window.parse(written) == Window(-1, 1)


@pytest.mark.parametrize(
    "written", ["", "1", "1:2:3", "a:b", "0.5:1", "1:", (1,), (0, 1, 2), (0.0, 1.0), (True, True), 5, None, {}]
)
def test_these_are_no_windows(written: object) -> None:
    with pytest.raises(InputError, match="not a window of two whole numbers"):
        Window.parse(written)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"estimation": (-250, -10)}, r"overlaps the event window .*end it at -11"),
        ({"estimation": (20, 270)}, "overlaps the event window"),
        ({"windows": [(0, 0), (0, 11)]}, r"\[0,11\] is not inside the event window"),
        ({"windows": [(-20, 0)]}, "overlaps the estimation window"),
        ({"windows": []}, "no window to test"),
        ({"windows": [(1, 0)]}, "write 0:1"),
        ({"estimation": (-(10**30), -11)}, "no price series is that long"),
        ({"event_window": (-10, 10**9)}, "no price series is that long"),
        ({"returns": "percent"}, "simple or log"),
        ({"alternative": "both"}, "two-sided"),
        ({"alpha": 0.0}, "between 0 and 1"),
        ({"alpha": float("nan")}, "between 0 and 1"),
        ({"power": 1.0}, "between 0 and 1"),
    ],
)
def test_settings_that_cannot_be_are_refused(given: dict[str, object], problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        StudySpec(**given)


def test_every_setting_is_spelled_out_and_reads_back() -> None:
    written = StudySpec(windows="0:1", factors=["A", "B"]).to_dict()
    assert written == json.loads(json.dumps(written))
    assert written["windows"] == [[0, 1]]
    assert StudySpec(**written).to_dict() == written


def test_a_window_that_is_named_twice_counts_once() -> None:
    assert StudySpec(windows=["0:1", (0, 1), Window(0, 0)]).windows == (Window(0, 1), Window(0, 0))


def test_a_gap_between_the_two_windows_is_allowed_and_adjacent_ones_too() -> None:
    assert StudySpec(estimation=(-250, -30)).estimation.length == 221
    assert StudySpec(estimation=(-250, -11)).required_estimation == 100
    assert StudySpec(estimation=(-50, -11)).required_estimation == 40
