"""What each figure found, its title, and the numbers of its table."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from eventstudy.report.figures import of_event as event_charts
from eventstudy.report.figures import of_study as study_charts
from eventstudy.report.figures.drawn import Drawn, drawn
from eventstudy.report.figures.events import spread
from eventstudy.report.figures.facts import AssetFacts, EventFacts, GroupFacts
from eventstudy.report.figures.html import figure
from eventstudy.report.figures.price import prices_about

SPEC = {"alpha": 0.05, "alternative": "two-sided", "returns": "simple"}


def days(*returns: float | None, start: int = -1) -> list[dict[str, Any]]:
    return [
        {"tau": tau, "session": f"2023-03-{16 + tau:02d}", "return": move, "ar": move, "ar_se": 0.01, "car": move}
        for tau, move in enumerate(returns, start)
    ]


def asset(title: str = "the US dollar", *, car: float = -0.01, p: float = 0.4, **changes: Any) -> AssetFacts:
    window = {
        "window_start": 0, "window_end": 0, "price_before": 100.0, "price_at": 99.0, "car": car, "car_se": 0.01,
        "car_low": car - 0.02, "car_high": car + 0.02, "p": p, "p_adjusted": p, "verdict": "none", "placebo": (),
        "placebo_p": None,
    }  # fmt: skip
    return AssetFacts(title=title, days=days(0.02, car, 0.005), window={**window, **changes}, spec=SPEC, df=100.0)


def test_prices_are_those_stored_and_walk_by_the_returns_from_there() -> None:
    found, is_quoted = prices_about(days(0.02, -0.01, 0.005), asset().window, "simple")
    assert [(tau, round(price, 6)) for tau, _, price in found] == [(-1, 100.0), (0, 99.0), (1, 99.495)]
    assert is_quoted
    logs, _ = prices_about(days(0.0, np.log(0.99)), asset().window, "log")
    assert logs[-1][2] == pytest.approx(99.0)


def test_a_dividend_in_between_makes_them_no_quoted_prices() -> None:
    assert not prices_about(days(0.02, -0.01), asset(price_at=97.0).window, "simple")[1]
    shown = event_charts.price(asset(price_at=97.0))
    assert shown is not None
    assert "price, with dividends" in shown.svg


def test_prices_end_at_a_hole_in_the_returns() -> None:
    found, _ = prices_about(days(0.01, None, 0.02, -0.01, None, 0.01, start=-3), asset().window, "simple")
    assert [tau for tau, _, _ in found] == [-2, -1, 0], "the return of a session needs the price of the one before"


@pytest.mark.parametrize(
    ("verdict", "car", "title"),
    [
        ("none", -0.01, "The US dollar's fall was within its ordinary range"),
        ("weak", 0.01, "The US dollar's rise was unusual, but short of proof"),
        ("moderate", 0.01, "The US dollar's rise was clearly unusual"),
        ("strong", -0.01, "The US dollar's fall was far outside its ordinary range"),
        ("confounded", -0.01, "The US dollar's fall was unusual, but its cause is unclear"),
        ("none", 0.00001, "The US dollar hardly moved"),
    ],
)
def test_the_title_of_a_path_is_the_finding(verdict: str, car: float, title: str) -> None:
    chart = event_charts.path(asset(verdict=verdict, car=car))
    assert chart is not None
    assert chart.title == title


def test_the_title_of_a_price_is_the_move() -> None:
    chart = event_charts.price(asset())
    assert chart is not None
    assert chart.title == "The US dollar fell 1.00\u202f% on 16 March 2023"
    assert [row[2] for row in chart.rows] == ["100.000", "99.0000", "99.4950"]
    plural = event_charts.path(asset("shares of SAP"))
    assert plural is not None
    assert plural.title == "Shares of SAP's fall was within their ordinary range"


def test_the_title_of_the_placebo_days_counts_them() -> None:
    draws = tuple([0.001] * 15 + [0.03] * 5)
    chart = event_charts.placebo_days(asset(placebo=draws, placebo_p=6 / 21))
    assert chart is not None
    assert chart.title == "5 of 20 ordinary days strayed as far"
    assert sum(int(row[1]) for row in chart.rows) == 20
    assert sum(int(row[2]) for row in chart.rows) == 5
    (shown,) = (f for f in drawn(asset(placebo=draws, placebo_p=6 / 21)) if f.name == "placebo_days")
    assert "it strayed further than 75\u202f% of them" in shown.caption


def test_an_interval_that_allows_for_all_leaves_zero_out_exactly_where_holm_rejects() -> None:
    from scipy import stats

    rng = np.random.default_rng(4)
    for _ in range(40):
        cars = rng.normal(0, 0.02, 5)
        ps = 2 * stats.t.sf(np.abs(cars) / 0.01, 100)
        ordered = np.argsort(ps)
        holm = np.empty(5)
        holm[ordered] = np.minimum(1, np.maximum.accumulate(ps[ordered] * np.arange(5, 0, -1)))
        found = event_charts.intervals([asset(car=float(c), p=float(p)) for c, p in zip(cars, ps, strict=True)])
        assert [i.is_clear for i in found] == (holm <= 0.05).tolist()
        assert all(i.holm_low <= i.move <= i.holm_high for i in found)


def test_assets_together_are_counted_in_the_titles() -> None:
    facts = EventFacts(assets=[asset("A", car=0.05, p=0.000002, verdict="strong"), asset("B"), asset("<C>")])
    panels, forest = event_charts.panels(facts), event_charts.forest(facts)
    assert panels is not None
    assert forest is not None
    assert panels.title == "One of 3 assets moved beyond its ordinary range"
    assert forest.title == "One of 3 assets moved, with all of them allowed for"
    assert len(re.findall('class="curve"', panels.svg)) == 3
    assert [row[0] for row in forest.rows] == ["A", "B", "<C>"]
    assert event_charts.panels(EventFacts(assets=[asset()])) is None, "one alone has a path of its own"
    html = figure(drawn(facts)[1])
    assert "<C>" not in html
    assert "&lt;C&gt;" in html


def group(cars: list[float], **changes: Any) -> GroupFacts:
    members = [
        {
            "day0": f"20{10 + n // 2}-03-17",
            "windows": [{"car": car}],
            "days": [{"tau": 0, "ar": car}, {"tau": 1, "ar": 0.0}],
        }
        for n, car in enumerate(cars)
    ]
    spec = {**SPEC, "partial": "drop", "missing": "drop", "model": "market", "alpha": 0.05}
    whole = {"days": [{"tau": 0}, {"tau": 1}], "windows": [{"window": [0, 1], "caar": 0.0}]}
    return GroupFacts(title="All", group=whole, members=members, spec=spec, **changes)


def test_half_of_the_events_end_between_their_quartiles() -> None:
    chart = study_charts.every_path(group([0.0, 0.01, 0.02, 0.03, 0.04]))
    assert chart is not None
    assert chart.title == "Half of the events ended between +1.00\u202f% and +3.00\u202f%"
    assert [row[3] for row in chart.rows] == ["+2.00\u202f%", "+2.00\u202f%"]
    assert chart.svg.count('class="thread"') == 5


def test_the_calendar_names_the_day_on_which_most_events_fell() -> None:
    chart = study_charts.calendar(group([0.01, -0.02, 0.03]))
    assert chart is not None
    assert chart.title == "2 of 3 events fell on one day, 17 March 2010"
    assert [row[:3] for row in chart.rows] == [("2010", "2", "\u22120.500\u202f%"), ("2011", "1", "+3.00\u202f%")]
    assert chart.svg.count('class="speck"') == 3


def test_groups_are_compared_where_two_have_an_interval() -> None:
    def of(name: str, mean: float, low: float | None) -> dict[str, Any]:
        window = {"caar": mean, "caar_ci": [low, 0.02], "n": 9, "tests": [], "window": [0, 1]}
        return {"group": name, "windows": [window]}

    chart = study_charts.groups(group([0.0], groups=[of("x", 0.01, 0.0), of("<y>", -0.01, -0.03), of("z", 0, None)]))
    assert chart is not None
    assert chart.title == "The means run from \u22121.00\u202f% (<y>) to +1.00\u202f% (x)"
    assert "<y>" not in chart.svg
    assert study_charts.groups(group([0.0], groups=[of("x", 0.01, 0.0)])) is None


def test_many_are_thinned_evenly() -> None:
    assert spread(range(10), 5) == [0, 2, 4, 6, 8]
    assert spread(range(3), 5) == [0, 1, 2]


def test_a_small_p_in_the_table_of_a_figure_is_no_markup() -> None:
    html = figure(Drawn(name="x", caption="c", svg="", title="t", columns=("Asset", "p"), rows=(("A", "<0.001"),)))
    assert "<td>&lt;0.001</td>" in html
