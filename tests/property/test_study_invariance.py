"""What must not change a study, and what must change it by a known amount."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import eventstudy as es
from eventstudy.study import grid
from tests.support.studies import walk

PRICES = walk("ABCDE", 240)
DATES = PRICES["date"].tolist()
SPEC = es.StudySpec(estimation=(-60, -6), event_window=(-5, 5), windows=[(0, 0), (0, 2)], min_estimation=30, draws=99)


def table(days: list[int]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "event_id": [f"e{i}" for i in range(len(days))],
            "asset": [*"ABCDE"] * (len(days) // 5) + [*"ABCDE"][: len(days) % 5],
            "date": [DATES[day] for day in days],
            "group": ["x" if day % 2 else "y" for day in days],
        }
    )


def study(prices: pd.DataFrame, events: pd.DataFrame, spec: es.StudySpec = SPEC) -> es.StudyResult:
    return es.run_study(prices, events, spec, benchmark="MKT")


def by_event(result: es.StudyResult) -> tuple[dict[str, object], dict[str, object]]:
    document = result.to_dict()
    return {e["event_id"]: e for e in document["events"]}, {g["group"]: g for g in document["aggregate"]}


days = st.lists(st.integers(70, 230), min_size=2, max_size=8, unique=True)


@settings(max_examples=12)
@given(days, st.randoms(use_true_random=False))
def test_the_order_of_events_and_columns_changes_nothing(days: list[int], random: object) -> None:
    events = table(days)
    shuffled = events.sample(frac=1, random_state=random.randint(0, 9999))  # type: ignore[attr-defined]  # Random
    columns = ["date", "E", "MKT", "C", "A", "D", "B"]
    assert by_event(study(PRICES[columns], shuffled)) == by_event(study(PRICES, events))


@settings(max_examples=8)
@given(days, st.integers(1, 5))
@example([70, 71], 1)
def test_the_size_of_the_chunks_changes_nothing(days: list[int], chunk: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        whole = study(PRICES, table(days)).to_dict()
        patch.setattr(grid, "CHUNK", chunk)
        assert study(PRICES, table(days)).to_dict() == whole


@settings(max_examples=8)
@given(st.lists(st.integers(70, 230), min_size=2, max_size=12, unique=True), st.data())
@example([70, 71], None)
def test_other_events_change_nothing_about_an_event(days: list[int], data: st.DataObject | None) -> None:
    events = table(days)
    chosen = [0] if data is None else data.draw(st.lists(st.sampled_from(range(len(days))), min_size=1, unique=True))
    whole, some = by_event(study(PRICES, events))[0], by_event(study(PRICES, events.iloc[chosen]))[0]
    for found in [*some.values(), *(whole[name] for name in some)]:
        for window in found["windows"]:  # type: ignore[index]  # plain JSON
            for test in window["tests"]:
                for key in ("p_holm", "p_bh", "p_by"):  # adjusted for the number of events
                    test.pop(key, None)
    assert some == {name: whole[name] for name in some}


@pytest.mark.parametrize("cores", [1, 2, 7])
def test_the_number_of_threads_changes_nothing(cores: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grid, "CHUNK", 3)
    whole = study(PRICES, table(list(range(70, 230, 10)))).to_dict()
    monkeypatch.setattr("os.cpu_count", lambda: cores)
    assert study(PRICES, table(list(range(70, 230, 10)))).to_dict() == whole


@settings(max_examples=10)
@given(days, st.sampled_from([1e-6, 0.01, 37.0, 1e6]))
def test_the_currency_of_a_price_changes_nothing(days: list[int], factor: float) -> None:
    found = study(PRICES.assign(A=PRICES["A"] * factor, MKT=PRICES["MKT"] / factor), table(days))
    np.testing.assert_allclose(found.abnormal, study(PRICES, table(days)).abnormal, rtol=1e-8, atol=1e-14)


@settings(max_examples=10)
@given(st.integers(70, 230), st.floats(-0.2, 0.2))
def test_a_jump_on_day_0_moves_every_car_by_the_jump(day: int, jump: float) -> None:
    prices = PRICES.copy()
    prices.loc[day:, "A"] *= np.exp(jump)
    before, after = (study(p, table([day])).events.iloc[0] for p in (PRICES, prices))
    for window in ("[0,0]", "[0,2]"):
        assert after[f"car{window}"] - before[f"car{window}"] == pytest.approx(jump, abs=1e-12)
        assert after[f"car_se{window}"] == pytest.approx(before[f"car_se{window}"], rel=1e-9)


@settings(max_examples=10)
@given(days)
def test_windows_add_up(days: list[int]) -> None:
    spec = es.StudySpec(
        estimation=(-60, -6), event_window=(-5, 5), windows=[(-3, -1), (0, 4), (-3, 4)], min_estimation=30, tests=("t",)
    )
    found = study(PRICES, table(days), spec).events
    np.testing.assert_allclose(found["car[-3,-1]"] + found["car[0,4]"], found["car[-3,4]"], atol=1e-14)


@settings(max_examples=8)
@given(st.data())
def test_no_hole_anywhere_stops_a_study_or_gives_nan(data: st.DataObject) -> None:
    prices = PRICES.astype(object)
    for _ in range(data.draw(st.integers(1, 30))):
        row, column = data.draw(st.integers(0, 239)), data.draw(st.sampled_from(["MKT", *"ABCDE"]))
        prices.loc[row, column] = data.draw(st.sampled_from(["", "0", "-1", "inf", "nan"]))
    missing = data.draw(st.sampled_from(["drop", "lump"]))
    found = es.run_study(prices, table([75, 90, 120, 121, 180, 238]), SPEC, benchmark="MKT", missing=missing)
    for event in found.to_dict()["events"]:
        assert (event["status"] == "ok") == (event["reason"] is None)
        for window in event["windows"]:
            assert window["car"] is not None or window["reason"] is not None
            assert window["n_days"] == window["window"][1] + 1 or window["reason"] is not None
