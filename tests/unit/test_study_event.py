"""One asset, one alignment: on made-up prices whose answer is known."""

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pytest

from eventstudy.errors import NoDataInRange, SourceDown
from eventstudy.records import Event, PriceSeries, StudySpec, Window
from eventstudy.returns import return_series
from eventstudy.study.event import Request, inputs_of, study_events

N = 200
SESSIONS = np.arange(np.datetime64("2022-01-03"), np.datetime64("2022-01-03") + N)
SPEC = StudySpec(
    model="constant-mean",
    returns="simple",
    estimation=Window(-60, -11),
    event_window=Window(-5, 5),
    windows=(Window(0, 0), Window(-1, 1), Window(-5, 5)),
    min_estimation=30,
)


def prices(asset="A", seed=1, hole=(), hour=16, n=N):
    values = 100 * np.cumprod(1 + np.random.default_rng(seed).normal(0, 0.01, N))
    values[list(hole)] = np.nan
    instants = SESSIONS.astype("datetime64[ns]") + np.timedelta64(hour, "h")
    return PriceSeries(asset=asset, source="made", sessions=SESSIONS[:n], instants=instants[:n], prices=values[:n])


def event(day=150, hour=12, until=0, assets=("A",)):
    moment = dt.datetime(2022, 1, 3, hour, tzinfo=dt.UTC) + dt.timedelta(days=day)
    return Event(event_id="e", title="E", earliest=moment, latest=moment + dt.timedelta(hours=until), assets=assets)


def study_event(the_event, study_id, spec, series, context=()):
    request = Request(event=the_event, study_id=study_id, spec=spec, series=series, context=context)
    (found,) = study_events([request])
    assert not isinstance(found, Exception)
    return found


def study(series, the_event=None, spec=SPEC):
    found = {s.asset: return_series(s, (), spec.returns) for s in series}
    return study_event(the_event or event(assets=tuple(found)), "s", spec, found)


def reaction(series, the_event=None, spec=SPEC):
    return study([series], the_event, spec).reactions[0]


def test_a_jump_on_the_day_is_found_there():
    series = prices()
    series.prices[150:] *= 1.1
    found = reaction(series)
    assert found.day0 == dt.date(2022, 1, 3) + dt.timedelta(days=150)
    assert found.windows[0].verdict == "strong"
    assert found.windows[0].car == pytest.approx(0.1, abs=0.04)
    assert found.status == "ok"


@pytest.mark.parametrize(("day", "what"), [(150, "the first session that could react"), (149, "the session before")])
def test_no_price_on_the_day_or_before_it_is_a_reason(day, what):
    found = reaction(prices(hole=[day]))
    assert found.status == "skipped"
    assert what in found.reason
    assert str(SESSIONS[day]) in found.reason
    assert found.windows == ()


def test_a_hole_elsewhere_is_left_out_and_counted():
    found = reaction(prices(hole=[152, 100]))
    assert [w.n_days for w in found.windows] == [1, 3, 9]
    assert found.n_estimation == 48
    assert found.df == 47


def test_a_window_that_is_not_over_has_a_reason_and_the_others_a_number():
    found = reaction(prices(n=153))
    assert [w.reason is None for w in found.windows] == [True, True, False]
    assert "not complete yet" in found.windows[2].reason
    assert found.windows[2].verdict == "not computable"
    assert (found.windows[2].car, found.windows[2].tests) == (None, ())
    assert len(found.days) == 8


def test_too_few_days_to_estimate_from_is_a_reason():
    found = reaction(prices(), event(day=30))
    assert found.status == "skipped"
    assert "30" in found.reason


@pytest.mark.parametrize("day", [0, 250])
def test_an_event_before_or_after_all_prices_is_a_reason(day):
    found = reaction(prices(), event(day=day, hour=12))
    assert (found.status, found.day0) == ("skipped", None)


def test_few_placebo_days_leave_the_t_test_to_decide():
    found = reaction(prices(), event(day=65))  # 65 days of returns: 14 placebo days have 30 before them
    placebo = next(test for test in found.windows[0].tests if test.name == "placebo")
    assert placebo.p_value is None
    assert "placebo dates" in placebo.reason
    assert found.windows[0].verdict != "not computable"


def test_an_interval_over_two_sessions_gives_both_and_is_judged_on_two_days():
    spec = StudySpec(**{**{n: getattr(SPEC, n) for n in SPEC.__slots__}, "windows": (Window(0, 0), Window(0, 1))})
    found = study([prices()], event(hour=12, until=10), spec).reactions
    assert [(r.alignment, (r.day0 - dt.date(2022, 1, 3)).days) for r in found] == [("main", 150), ("latest", 151)]
    assert [[w.is_primary for w in r.windows] for r in found] == [[False, True], [False, True]]


def test_flat_prices_have_no_standard_error_and_a_reason():
    series = prices()
    series.prices[:] = 100.0
    found = reaction(series)
    for window in found.windows:
        t = next((test for test in window.tests if test.name == "t"), None)
        assert t is None or (t.p_value is None and t.reason)
        assert window.verdict == "not computable"


def test_a_fault_is_failed_and_a_lack_of_data_is_skipped():
    found = study_event(
        event(assets=("down", "none", "A")),
        "s",
        SPEC,
        {
            "down": SourceDown("no route", source="made", symbol="down"),
            "none": NoDataInRange("nothing", source="made", symbol="none"),
            "A": return_series(prices(), (), "simple"),
        },
    )
    assert [r.status for r in found.reactions] == ["failed", "skipped", "ok"]
    (window, *_) = found.reactions[2].windows
    assert window.p_adjusted == next(test.p_value for test in window.tests if test.name == "t")


def test_equal_inputs_have_equal_hashes_and_a_price_that_counts_changes_it():
    def of(series, the_event=None, context=()):
        return inputs_of(the_event or event(), SPEC, {"A": return_series(series, (), "simple")}, context)

    same = of(prices())
    assert of(prices()) == same
    revised, after, before = prices(), prices(), prices()
    revised.prices[120] *= 1.0000001
    after.prices[170] *= 2
    before.prices[5] *= 2
    assert of(revised) != same
    assert of(after) == same  # beyond the event window
    assert of(before) == same  # before the first placebo day's estimation window
    assert of(prices(), event(hour=13)) != same
    assert of(prices(), context=[event(day=3)]) != same


def test_a_result_names_the_marked_bars_that_it_uses_and_no_others():
    series = prices()
    marks = tuple((SESSIONS[i], f"A: odd on {SESSIONS[i]}") for i in (20, 88, 89, 150, 156))
    found = reaction(dataclasses.replace(series, marks=marks))
    # from the price before the estimation window (150 - 60 - 1) to the end of the event window (150 + 5)
    assert [note for note in found.notes if "odd" in note] == [f"A: odd on {SESSIONS[i]}" for i in (89, 150)]


def test_many_marked_bars_are_counted_and_the_benchmarks_are_told_too():
    asset = dataclasses.replace(prices(), marks=tuple((SESSIONS[i], f"A: odd {i}") for i in range(100, 140)))
    benchmark = dataclasses.replace(prices("B", seed=2), marks=((SESSIONS[150], "B: odd"),))
    assert return_series(asset, [benchmark], "log").marks[-1] == (SESSIONS[150], "B: odd")
    found = reaction(asset)
    assert len(found.notes) == 6
    assert found.notes[-1] == "A: 35 more bars look wrong in these windows"
