"""Returns: never across a hole, never from a price of the future, the benchmark over the asset's own hours."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from eventstudy.calendars import Alignment
from eventstudy.errors import CannotEstimate
from eventstudy.records import PriceSeries
from eventstudy.returns import return_series
from eventstudy.spec import StudySpec
from eventstudy.study.from_archive import Aligned, samples_of_archive

DAYS = np.arange(np.datetime64("2023-01-02"), np.datetime64("2023-01-07"))


def series(prices: list[float], hour: int, name: str = "A", days: np.ndarray = DAYS) -> PriceSeries:
    instants = (days + np.timedelta64(hour, "h")).astype("datetime64[ns]")
    return PriceSeries(asset=name, source="s", sessions=days, instants=instants, prices=np.array(prices, dtype=float))


def test_a_hole_gives_no_return_on_either_side() -> None:
    found = return_series(series([100.0, 110.0, np.nan, 121.0, 121.0], 21), (), "simple").y
    assert np.isnan(found[[0, 2, 3]]).all()
    assert found[[1, 4]] == pytest.approx([0.1, 0.0])


def test_log_returns_add_up() -> None:
    prices = series([100.0, 104.0, 99.0, 120.0], 21, days=DAYS[:4])
    assert return_series(prices, (), "log").y[1:].sum() == pytest.approx(np.log(1.2))


def test_the_benchmark_is_taken_over_the_assets_hours() -> None:
    # Hong Kong closes at 8:00, New York at 21:00: what Hong Kong can know of New York is the evening before
    hong_kong = series([1, 1, 1, 1, 1], hour=8)
    new_york = series([100, 110, 121, 121, 242], hour=21)
    x = return_series(hong_kong, [new_york], "simple").x[:, 0]
    assert np.isnan(x[:2]).all()  # before New York's first close nothing is known
    assert x[2:] == pytest.approx([0.10, 0.10, 0.0])


def test_a_closed_benchmark_counts_as_zero_and_is_flagged_and_its_move_comes_later() -> None:
    asset = series([1, 1, 1, 1, 1], hour=21)
    benchmark = series([100, 110, 99, 99], hour=21, days=np.delete(DAYS, 2))
    found = return_series(asset, [benchmark], "simple")
    assert found.x[1:, 0] == pytest.approx([0.1, 0.0, -0.1, 0.0])
    assert found.stale.tolist() == [False, False, True, False, False]


def test_a_missing_price_of_the_benchmark_is_never_bridged() -> None:
    # its unit changes at the third price, which is why that is missing
    benchmark = series([100, 110, np.nan, 55, 56.1], hour=21)
    asset = series([1, 1, 1, 1, 1], hour=21)
    found = return_series(asset, [benchmark], "simple")
    assert found.x[:, 0] == pytest.approx([np.nan, 0.1, np.nan, np.nan, 0.02], nan_ok=True)
    assert not found.stale.any()
    # nor where the asset has no session of its own on that day
    gone = series([1, 1, 1, 1], hour=21, days=np.delete(DAYS, 2))
    x = return_series(gone, [benchmark], "simple").x[:, 0]
    assert x == pytest.approx([np.nan, 0.1, np.nan, 0.02], nan_ok=True)


def test_a_benchmark_of_other_hours_is_flagged() -> None:
    hong_kong, new_york = series([1, 1, 1, 1, 1], hour=8), series([100, 110, 121, 121, 242], hour=21, name="NY")
    assert any("NY is some 11 hours older" in note for note in return_series(hong_kong, [new_york], "simple").notes)
    assert return_series(new_york, [new_york], "simple").notes == ()


@pytest.mark.parametrize("bad", [0.0, -1.0, np.inf])
def test_prices_that_are_none_never_become_returns(bad: float) -> None:
    with pytest.raises(CannotEstimate, match="2023-01-04"):
        return_series(series([1, 1, bad, 1, 1], 21), (), "simple")
    with pytest.raises(CannotEstimate, match="2023-01-04"):
        return_series(series([1, 1, 1, 1, 1], 21), [series([1, 1, bad, 1, 1], 21)], "simple")


def test_sessions_out_of_order_are_refused() -> None:
    with pytest.raises(CannotEstimate, match="out of order"):
        return_series(series([1, 1, 1], 21, days=DAYS[[0, 2, 1]]), (), "simple")


def test_instants_out_of_order_are_refused() -> None:
    good = series([1, 2, 3], 21, days=DAYS[:3])
    for wrong in (
        good.instants[[0, 2, 1]],
        good.instants[[0, 0, 1]],
        np.array([good.instants[0], "NaT", "NaT"], "M8[ns]"),
    ):
        with pytest.raises(CannotEstimate, match="out of order"):
            return_series(dataclasses.replace(good, instants=wrong), (), "simple")


def test_beyond_the_benchmarks_last_price_nothing_is_invented() -> None:
    found = return_series(series([1, 1, 1, 1, 1], 21), [series([100, 110, 121], 21, days=DAYS[:3])], "simple")
    assert np.isnan(found.x[3:, 0]).all()


def test_a_sample_beyond_the_data_is_missing() -> None:
    spec = StudySpec(returns="simple", estimation=(-4, -3), event_window=(-1, 2), windows=[(0, 0)])
    found = return_series(series([1, 2, 4, 8, 16], 21), (), "simple")
    aligned = Aligned(event_id="e", alignment=Alignment(name="main", index=3, session=DAYS[3]), series=found)
    sample = samples_of_archive([aligned], spec).sample(slice(None))
    assert sample.tau.tolist() == [-4, -3, -2, -1, 0, 1, 2]
    assert sample.y[0].tolist()[2:6] == [1.0, 1.0, 1.0, 1.0]
    assert np.isnan(sample.y[0][[0, 1, 6]]).all()


def test_the_fingerprint_sees_every_number_and_no_unit() -> None:
    found = return_series(series([1, 2, 4, 8, 16], 21), (), "simple")
    same = return_series(series([1, 2, 4, 8, 16], 21, days=DAYS.astype("datetime64[D]")), (), "simple")
    other = return_series(series([1, 2, 4, 8, np.nextafter(16, 17)], 21), (), "simple")
    every = slice(None)
    assert found.fingerprint(every) == same.fingerprint(every) != other.fingerprint(every)
    assert found.fingerprint(slice(0, 4)) == other.fingerprint(slice(0, 4))


NO, ENDS, HOLE = np.nan, "price on 2023-01-06; the prices end on 2023-01-05", ", a session like any other"


@pytest.mark.parametrize(
    ("model", "asset", "others", "at_zero", "over_two"),
    [
        ("constant-mean", [1, 2, NO, 8, 9], [], *[f"A has no price on 2023-01-04{HOLE}"] * 2),
        ("market", [1, 2, 4, 8, 9], [[1, 2, 3, 4]], None, f"B has no {ENDS}"),
        ("market", [1, 2, 4, 8, 9], [[1, NO, 3, 4, 5]], None, None),  # the return of day 0 begins after the hole
        ("market", [1, 2, 4, 8, 9], [[1, 2, NO, 4, 5]], *[f"B has no return on 2023-01-05{HOLE}"] * 2),
        ("peer", [1, 2, 4, 8, 9], [[1, 2, 3, 4], [1, 2, 3, 4, 5]], None, None),
        ("peer", [1, 2, 4, 8, 9], [[1, 2, 3, 4], [1, 2, 3, 4]], None, f"no peer has a {ENDS}"),
        ("trade-to-trade", [1, 2, 4, 8, 9], [[1, 2, 3, 4]], None, f"B has no {ENDS}"),
        ("trade-to-trade", [1, 2, NO, 8, 9], [[1, 2, 3, 4, 5]], None, None),
    ],
)
def test_a_window_that_prices_do_not_fill_is_refused_with_the_session_that_lacks_one(
    model, asset, others, at_zero, over_two
):
    names = tuple("BC"[: len(others)])
    explained = {"factors": names} if model == "peer" else {"benchmark": "B"} if others else {}
    windows = [(0, 0), (0, 1)]
    spec = StudySpec(model=model, returns="log", estimation=(-3, -2), event_window=(0, 1), windows=windows, **explained)
    other = [series(prices, 21, name, DAYS[: len(prices)]) for name, prices in zip(names, others, strict=True)]
    found = return_series(series(asset, 21), other, "log", is_lumped=spec.is_lumped)
    rows = [Aligned(event_id="e", alignment=Alignment(name="main", index=3, session=DAYS[3]), series=found)]
    refused, kept = samples_of_archive(rows, spec), samples_of_archive(rows, spec, with_ended=True)
    assert [refused.refusal(0, window) for window in spec.windows] == [at_zero, over_two]
    assert (kept.refusal(0, spec.windows[1]) is None) == (over_two is None or ENDS in over_two)
