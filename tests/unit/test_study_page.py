"""The page of many events, from the document that other programs read."""

from __future__ import annotations

import copy
import re
import subprocess
import sys
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.report.study.answer import answer, window_verdict
from eventstudy.report.study.page import render_study
from eventstudy.report.study.path import critical_value, mean_path
from eventstudy.report.study.tables import Table, interval, invalid_tests
from eventstudy.report.study.words import method, when
from eventstudy.report.table_html import table
from eventstudy.report.text import MINUS, share
from eventstudy.study.plot import caar_path

DATES = pd.bdate_range("2020-01-01", periods=400)
SPEC = es.StudySpec(returns="simple", estimation=(-250, -11), event_window=(-5, 5), windows=[(0, 0), (0, 1)])


def study(effect: float, n: int = 24, *, spec: es.StudySpec = SPEC, names: str = "A", **extra: Any) -> es.StudyResult:
    """`n` events of known effect on day 0, and one of an asset that is not there; `extra` are columns of the events."""
    rng = np.random.default_rng(5)
    market = rng.normal(0, 0.01, 400)
    columns = {f"{names}{i}": market + rng.normal(0, 0.01, 400) for i in range(n)}
    days = rng.integers(300, 390, n)
    if extra.pop("one_date", False):
        days[:] = 350
    for i, day in enumerate(days):
        columns[f"{names}{i}"][day] += effect
    events = pd.DataFrame({"event_id": [f"e{i}" for i in range(n)], "asset": list(columns), "date": DATES[days]})
    settings = {name: extra.pop(name) for name in ("equivalence", "regress") if name in extra}
    for name, values in extra.items():
        events[name] = values
    events = pd.concat([events, events.iloc[:1].assign(event_id="gone", asset="nowhere")])
    frame = pd.DataFrame({"date": DATES, "MKT": market, **columns})
    return es.run_study(frame, events, spec, benchmark="MKT", values="returns", **settings)


def document(effect: float, **options: Any) -> dict[str, Any]:
    return study(effect, **options).to_dict()


def words(page: str) -> str:
    plain = re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", unescape(plain))


# --- the answer -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("effect", "word"), [(0.0, "No detectable reaction"), (-0.03, "Strong reaction")])
def test_it_opens_with_the_answer(effect: float, word: str) -> None:
    found = document(effect)
    said = words(render_study(found, title="T"))
    assert said.index(word) < said.index("All events")
    caar = found["aggregate"][0]["windows"][0]["caar"]
    way = "above" if caar > 0 else "below"
    size = f"{100 * abs(caar):.2f} percentage points {way}"
    assert f"On the event day, the 24 events' assets came out on average {size} what the benchmark explains." in said
    assert "One event could not be studied; the reason stands below." in said
    assert "There is no column 'nowhere'" in said
    assert ("would be found four times out of five" in said) == (effect == 0.0)


def test_a_verdict_takes_the_test_and_the_placebo_days() -> None:
    def window(p: float | None, placebo: float | None, valid: bool = True) -> dict[str, Any]:
        shared = {"is_valid": valid, "reason": None}
        tests = [{"name": "cross_sectional_t", "p_value": 1e-9, "is_valid": False, "reason": None}]
        tests += [{"name": "adjusted_bmp_t", "p_value": p, **shared}] if p is not None else []
        tests += [{"name": "placebo", "p_value": placebo, **shared}] if placebo is not None else []
        return {"tests": tests}

    assert window_verdict(window(0.001, 0.01), 0.05) == "strong"
    assert window_verdict(window(0.03, 0.01), 0.05) == "moderate"
    assert window_verdict(window(0.001, 0.40), 0.05) == "weak"
    assert window_verdict(window(0.60, 0.01), 0.05) == "weak"
    assert window_verdict(window(0.60, 0.40), 0.05) == "none"
    assert window_verdict(window(0.001, None), 0.05) == "strong"
    assert window_verdict(window(0.001, 0.01, valid=False), 0.05) == "not computable"


@pytest.mark.parametrize(
    ("window", "said"),
    [
        ((0, 0), "On the event day"),
        ((1, 1), "One session after the event day"),
        ((-3, -3), "Three sessions before the event day"),
        ((0, 1), "Over the event day and the session after it"),
        ((-2, 0), "Over the event day and the two sessions before it"),
        ((-1, 1), "Over the three sessions from one session before to one session after the event day"),
        ((2, 6), "Over the five sessions from 2 to 6 after the event day"),
        ((-6, -2), "Over the five sessions from 2 to 6 before the event day"),
    ],
)
def test_windows_in_words(window: tuple[int, int], said: str) -> None:
    assert when(window) == said


def test_one_event_is_told_as_one_and_has_a_path() -> None:
    found = document(-0.08, n=1)
    page = render_study(found)
    said = words(page)
    assert "On the event day, A0 came out" in said
    assert "1 events on" not in said
    assert page.count("<svg") == 1


def test_assets_of_one_event() -> None:
    found = document(0.0, n=4, one_date=True, event_id="summit")
    assert "the 4 assets came out" in answer(found)[1][0]


def test_one_sided_numbers_say_so() -> None:
    spec = es.StudySpec(returns="simple", event_window=(-5, 5), windows=[(0, 0)], alternative="greater", alpha=0.025)
    found = document(0.0, spec=spec)
    said = words(render_study(found))
    assert "one-sided p" in said
    low, high = found["aggregate"][0]["windows"][0]["caar_ci"]
    assert high is None
    assert f"from {'+' if low > 0 else MINUS}{abs(low):.2%}".replace("%", " %") in said
    assert interval(None, 0.01).startswith("up to +1.00")
    assert "with its 95 % band" in said, "2.5 % on each side"
    assert "one-sided (a rise) tests at the 2.5 % level" in said


def test_nothing_studied() -> None:
    frame = pd.DataFrame({"date": DATES, "MKT": 0.0, "A": 0.0})
    events = pd.DataFrame({"event_id": ["a", "b"], "asset": ["B", "B"], "date": DATES[300]})
    found = es.run_study(frame, events, SPEC, benchmark="MKT", values="returns").to_dict()
    said = words(render_study(found))
    assert (
        "Not computable None of the 2 events could be studied. There is no column 'B' in the prices (2 events)" in said
    )
    assert "0 events" not in said
    assert "All events" not in said


def test_no_test_asked_for() -> None:
    spec = es.StudySpec(returns="simple", event_window=(-5, 5), windows=[(0, 0)], tests=("t",))
    assert "No test of the mean was asked for" in words(render_study(document(0.0, spec=spec)))


# --- the parts --------------------------------------------------------------------------------------------------------


def test_every_test_stands_once_with_those_that_hold_or_with_a_reason_why_not() -> None:
    found = document(0.0, one_date=True)
    window = found["aggregate"][0]["windows"][0]
    first = render_study(found).partition("<details>")[0]
    table, _, reasons = first.partition("\u2717")
    assert "do not hold for these events" in reasons
    assert {test["is_valid"] for test in window["tests"]} == {True, False}
    for test in window["tests"]:
        is_valid = test["is_valid"] and test["reason"] is None
        assert (f'<th scope="row">{test["name"]}</th>' in table) == is_valid
        shown = re.findall(rf"(?<!\w){test['name']}(?!\w)", reasons)
        assert len(shown) == (0 if is_valid else 1), test["name"]
        if not is_valid:
            assert (test["reason"] if test["is_valid"] else test["validity"])[1:] in unescape(reasons)
    assert sum(names.count(", ") + 1 for _, names in invalid_tests(window)) == sum(
        not (test["is_valid"] and test["reason"] is None) for test in window["tests"]
    )


def test_a_test_with_a_number_and_without_is_told_from_one_that_does_not_hold() -> None:
    one = {"name": "x_t", "p_value": 0.004, "is_valid": False, "validity": "events are correlated", "reason": None}
    two = {"name": "y_t", "p_value": None, "is_valid": False, "validity": "no dates", "reason": "no dates"}
    found = invalid_tests({"tests": [one, two]})
    assert found == (("Events are correlated", "x_t (p\u00a0=\u00a00.004)"), ("No dates", "y_t"))


def test_groups_their_differences_and_regressions() -> None:
    found = document(0.02, group=["x", "y"] * 12, size=np.arange(24) * 1.0, equivalence=0.01, regress=["size"])
    page = render_study(found)
    said = words(page)
    assert "x less y" in said
    assert "<h3>Group x</h3>" in page
    assert "TOST p: that the mean is as large as 1.00" in said
    assert "CAR over [0,0], 24 events, HC3 standard errors; R² =" in said
    assert page.count('<th scope="row">size</th>') == 2
    charts = re.findall(
        r'aria-label="(?:All events|Group [xy]): cumulative abnormal returns of the events. (\d+)', page
    )
    assert charts == ["24", "12", "12"]


def test_many_groups_are_closed_and_without_charts() -> None:
    page = render_study(document(0.0, group=[f"g{i % 5}" for i in range(24)]))
    assert page.count("<summary>Group g") == 5 + 5 * 2, "the group, its second window and its sessions"
    figures = ("path", "every path", "distribution", "groups", "calendar")
    assert page.count("<svg") == len(figures), "those of all events"
    assert page.index("The groups over [0,0]") < page.index("<summary>Group g0</summary>")


def test_long_lists_are_cut_and_say_so() -> None:
    found = document(0.0)
    ok = next(event for event in found["events"] if event["status"] == "ok")
    gone = next(event for event in found["events"] if event["status"] != "ok")
    found["events"] = [ok] * 201 + [gone] * 202
    found["warnings"] = [f"warning {i}" for i in range(203)]
    said = words(render_study(found))
    assert "The first 200 of 201; --json has them all." in said
    assert "The first 200 of 202; --json has them all." in said
    assert "Warning 199 3 more; --json has them all." in said
    assert "Group" not in said, "no column for groups where there are none"


def test_method_line_names_every_convention() -> None:
    settings = {**document(0.0)["spec"], "alpha": 0.001}
    said = method(settings)
    for part in ("Market model on MKT", "simple returns as given", "[\u2212250,\u221211]", "100 days", "0.1\u202f%"):
        assert part in said
    assert "exact forecast-error variance" in said
    assert "exact" not in method({**settings, "model": "garch"})
    assert "2 lags" in method({**settings, "model": "dimson", "lags": 2})
    assert "left out" in method({**settings, "missing": "lump", "drop_overlapping": True})
    assert "log points" in method({**settings, "values": "volume"})


def test_shares_keep_the_digits_they_need() -> None:
    assert [share(v).replace("\u202f", " ") for v in (0.95, 1.0, 0.999, 0.0005, 0)] == [
        "95 %",
        "100 %",
        "99.9 %",
        "0.05 %",
        "0 %",
    ]


# --- the path ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one_date", "n", "tolerance"),
    # The error of a portfolio and of one event grows a little faster than the root of the days, L + L²/M; the
    # correlation of many dates is taken from the window of the table, not anew for every day.
    [(False, 24, 0.05), (True, 24, 0.06), (False, 1, 0.06)],
)
def test_the_path_is_that_of_plot_caar(one_date: bool, n: int, tolerance: float) -> None:
    """Against `plot_caar`, which cumulates anew for every day; the page has no more than the document."""
    window = es.StudySpec(returns="simple", estimation=(-250, -11), event_window=(-5, 5), windows=[(-5, 5)])
    result = study(0.01, n=n, one_date=one_date, spec=window)
    found = result.to_dict()
    group = found["aggregate"][0]
    path = mean_path(group, [event for event in found["events"] if event["status"] == "ok"])
    mean, low, high = caar_path(result, result.groups[0])
    np.testing.assert_allclose([day["car"] for day in path], mean, rtol=1e-9, atol=1e-12)
    half = critical_value(group) * np.array([day["car_se"] for day in path])
    np.testing.assert_allclose(half, (high - low) / 2, rtol=tolerance)
    np.testing.assert_allclose(half[-1], (high - low)[-1] / 2, rtol=1e-9)


def test_the_path_meets_the_table_where_days_are_missing_and_ends_where_the_data_do() -> None:
    spec = es.StudySpec(returns="simple", event_window=(-5, 5), windows=[(0, 0), (-5, 3)])
    rng = np.random.default_rng(2)
    frame = pd.DataFrame(rng.normal(0, 0.01, (400, 7)), columns=["MKT", *"ABCDEF"]).assign(date=DATES)
    frame = frame[["date", "MKT", *"ABCDEF"]]
    frame.loc[348, "A"] = np.nan  # day -2 of A
    events = pd.DataFrame({"event_id": list("ABCDEF"), "asset": list("ABCDEF"), "date": DATES[[350, *[396] * 5]]})
    found = es.run_study(frame, events, spec, benchmark="MKT", values="returns").to_dict()
    group = found["aggregate"][0]
    assert group["days"][3]["n"] == 5
    path = {day["tau"]: day for day in mean_path(group, found["events"], whole=True)}
    np.testing.assert_allclose(path[3]["car"], group["windows"][1]["caar"], rtol=1e-12)
    assert max(path) == 3, "one event alone reaches day 4, and has no dispersion"
    assert all(day["car_se"] > 0 for day in path.values())


# --- safety -----------------------------------------------------------------------------------------------------------


def test_hostile_names_come_out_harmless_and_nothing_is_asked_for() -> None:
    evil = "<script>alert(1)</script>\u202e"
    found = document(0.0, names=evil, group=[evil, "<img src=y>"] * 12)
    found["warnings"] = ["<b>bold</b>"]
    page = render_study(found, title="<img src=x>", command="rm -rf '<b>'")
    assert page.count("<script") == page.count("</script") == 1, "ours alone"
    assert "<img" not in page
    assert "<b>" not in page
    assert "\u202e" not in page
    assert not re.search(r'(src|href)="(?!data:,)', page)
    assert "default-src 'none'" in page


def test_equal_documents_give_equal_pages_that_are_well_formed() -> None:
    found = document(0.01, group=["x", "y"] * 12)
    page = render_study(found)
    assert page == render_study(copy.deepcopy(found))
    void = ("meta", "link", "br", "line", "rect", "path", "circle")
    stack: list[str] = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  # its shape
            if tag not in void:
                stack.append(tag)

        def handle_endtag(self, tag: str) -> None:
            if tag not in void:
                assert stack.pop() == tag

    Parser().feed(page)
    assert stack == []
    assert page.count("<h1 ") == 1
    assert not re.search(r"\b(nan|inf|None)\b", words(page))


def test_a_page_that_cannot_be_written_is_one_line_after_the_result(tmp_path: Path) -> None:
    too_long = tmp_path / f"{'x' * 300}.html"
    days = DATES.strftime("%Y-%m-%d")
    frame = pd.DataFrame({"date": days, "A": np.random.default_rng(1).normal(0, 0.01, len(days))})
    frame.to_csv(tmp_path / "p.csv", index=False)
    pd.DataFrame({"event_id": ["a"], "asset": ["A"], "date": [days[300]]}).to_csv(tmp_path / "e.csv", index=False)
    arguments = ["study", "--values", "returns", "--prices", str(tmp_path / "p.csv")]
    arguments += ["--events", str(tmp_path / "e.csv")]
    arguments += ["--returns", "simple", "--model", "constant-mean", "--report", str(too_long)]
    done = subprocess.run([sys.executable, "-m", "eventstudy", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Events: 1 studied" in done.stdout
    assert done.stderr.startswith("Error: --report: cannot be written")
    assert done.stderr.count("\n") == 1


def test_landmarks_of_a_study_have_names_of_their_own() -> None:
    import re

    names = re.findall(r'role="region" aria-label="([^"]*)"', render_study(document(0.03)))
    assert len(names) == len(set(names)) > 2


def test_a_table_escapes_what_it_shows_and_labels_only_cells_that_hold_something() -> None:
    shown = table(
        Table(caption="a < b", keys=("window", "interval"), level="95 %", rows=(("<x>", ""), ("y", "5 %"))), "A"
    )
    assert 'aria-label="A: a &lt; b"' in shown
    assert '<tr><th scope="row">&lt;x&gt;</th><td><span></span></td></tr>' in shown
    assert '<tr><th scope="row">y</th><td data-label="95 % interval"><span>5 %</span></td></tr>' in shown


def test_a_warning_begins_with_a_capital_and_a_name_keeps_its_letters() -> None:
    found = document(0.0)
    found["warnings"] = ["xi-visits-russia-2023: its window overlaps another", "two events share a day"]
    said = words(render_study(found))
    assert "xi-visits-russia-2023: its window" in said
    assert "Two events share a day" in said
