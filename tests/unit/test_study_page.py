"""The page of many events, from the document that other programs read."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest

import eventstudy as es
from eventstudy.report.study_page import render_study

DATES = pd.bdate_range("2020-01-01", periods=400)
SPEC = es.StudySpec(returns="simple", estimation=(-250, -11), event_window=(-5, 5), windows=[(0, 0), (0, 1)])


def document(effect: float, n: int = 24, groups: bool = False, names: str = "A") -> dict[str, object]:
    rng = np.random.default_rng(5)
    market = rng.normal(0, 0.01, 400)
    columns = {f"{names}{i}": market + rng.normal(0, 0.01, 400) for i in range(n)}
    days = rng.integers(300, 390, n)
    for i, day in enumerate(days):
        columns[f"{names}{i}"][day] += effect
    events = pd.DataFrame({"event_id": [f"e{i}" for i in range(n)], "asset": list(columns), "date": DATES[days]})
    if groups:
        events["group"] = ["x", "y"] * (n // 2)
    events.loc[n] = ["gone", "nowhere", DATES[300], *(["x"] if groups else [])]
    frame = pd.DataFrame({"date": DATES, "MKT": market, **columns})
    return es.run_study(frame, events, SPEC, benchmark="MKT", values="returns").to_dict()


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<style>.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL))


@pytest.mark.parametrize(("effect", "word"), [(0.0, "No detectable reaction"), (0.03, "Strong reaction")])
def test_it_opens_with_the_answer(effect: float, word: str) -> None:
    found = document(effect)
    said = words(render_study(found, title="T"))
    assert said.index(word) < said.index("All events")
    caar = found["aggregate"][0]["windows"][0]["caar"]
    assert f"{abs(caar):.2%}".replace("%", "") in said
    assert "1 more could not be studied" in said
    assert "there is no column 'nowhere'" in said.replace("&#39;", "'")


def test_tests_that_hold_stand_apart_from_those_that_do_not() -> None:
    found = document(0.0)
    page = render_study(found)
    valid, _, invalid = page.partition("do not hold here")
    tests = found["aggregate"][0]["windows"][0]["tests"]
    first = page[: page.index("Tests over [0,1]")]
    for test in tests:
        is_valid = test["is_valid"] and test["reason"] is None
        before, _, after = first.partition("<details>")
        assert (f">{test['name']}<" in before) == is_valid
        assert (f">{test['name']}<" in after) != is_valid
    assert valid
    assert invalid


def test_groups_and_their_difference() -> None:
    said = words(render_study(document(0.02, groups=True)))
    assert "Differences between groups" in said
    assert "x less y" in said


def test_hostile_names_come_out_harmless_and_nothing_is_asked_for() -> None:
    page = render_study(document(0.0, names="<script>alert(1)</script>"), title="<img src=x>", command="rm -rf '<b>'")
    assert "<script" not in page
    assert "<img" not in page
    assert not re.search(r'(src|href)="(?!data:,)', page)
    assert "default-src 'none'" in page


def test_equal_documents_give_equal_pages_that_are_well_formed() -> None:
    found = document(0.01)
    page = render_study(found)
    assert page == render_study(found)
    stack: list[str] = []

    class Parser(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002  # its shape
            if tag not in ("meta", "link", "br", "line", "rect", "path", "circle"):
                stack.append(tag)

        def handle_endtag(self, tag: str) -> None:
            if tag not in ("line", "rect", "path", "circle"):
                assert stack.pop() == tag

    Parser().feed(page)
    assert stack == []
    assert page.count("<h1>") == 1


def test_nothing_studied() -> None:
    frame = pd.DataFrame({"date": DATES, "MKT": 0.0, "A": 0.0})
    events = pd.DataFrame({"event_id": ["a"], "asset": ["B"], "date": [DATES[300]]})
    found = es.run_study(frame, events, SPEC, benchmark="MKT", values="returns").to_dict()
    assert "Not computable" in words(render_study(found))
